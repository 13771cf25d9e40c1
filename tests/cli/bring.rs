//! What people bring: spreadsheets, libraries, models and plans of other
//! programs, from the file to a plan.

use std::fs;

use crate::common::{outlay_in, write};

const SHEET: &str = "\nQ3 media summary,,,
Channel,Line,Spend Q3,Revenue Q3
Meta,\"Meta, US\",\"$420,000\",\"$1,250,400\"
TV,Linear TV,\"$180,000\",\"$205,000\"
Total,,\"$600,000\",\"$1,455,400\"
";

#[test]
fn a_spreadsheet_becomes_a_plan_that_starts_from_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let sheet = write(folder.path(), "lines.csv", SHEET);
    let asked = outlay_in(folder.path(), &["run", &sheet]);
    assert_eq!(asked.code, 2);
    assert!(asked.stderr.contains("outlay new plan --from"), "{}", asked.stderr);
    let made = outlay_in(folder.path(), &["new", "plan", "--from", "lines.csv"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stderr.contains("row 6 `Total"), "{}", made.stderr);
    let ran = outlay_in(folder.path(), &["run", "plan/scenario.toml", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let result: serde_json::Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
    let today = result["reference"]["totals"]["revenue"].as_f64().unwrap();
    assert!((today - 1_455_400.0).abs() < 1.0, "{today}");
    assert!(result["value"].as_f64().unwrap() > 1_455_400.0);
    let shown = outlay_in(folder.path(), &["run", "plan/scenario.toml"]).stdout;
    assert!(
        shown.contains("Reported for today's spend: revenue 1.46M; by the curves 1.46M: they agree."),
        "{shown}"
    );
    assert!(shown.contains("Meta, US‡") && shown.contains("the curve is a judgement"), "{shown}");
    // Sales that would have come anyway: every format says what is no longer explained.
    let text = fs::read_to_string(folder.path().join("plan/scenario.toml")).unwrap();
    let lower = text.replace("ceiling = 2500800.0", "ceiling = 1250400.0");
    write(folder.path(), "plan/lower.toml", &lower);
    let differ = "1.46M; by the curves 830K (-43.0%), most in Meta, US (1.25M reported, 625K by its curve)";
    for format in ["table", "markdown"] {
        let shown = outlay_in(folder.path(), &["run", "plan/lower.toml", "--format", format]).stdout;
        assert!(shown.replace('\n', " ").contains(differ), "{shown}");
    }
    let saved = ["run", "plan/lower.toml", "--out", "out", "--html", "page.html"];
    assert_eq!(outlay_in(folder.path(), &saved).code, 0);
    assert!(fs::read_to_string(folder.path().join("page.html")).unwrap().contains(differ));
    let file = folder.path().join("out/lower.json");
    assert_eq!(outlay_in(folder.path(), &["verify", "out/lower.json"]).code, 0);
    let lie = fs::read_to_string(&file).unwrap().replacen("1250400", "1250401", 1);
    fs::write(&file, lie).unwrap();
    let refuted = outlay_in(folder.path(), &["verify", "out/lower.json"]);
    assert!(refuted.code != 0 && refuted.stdout.contains("reported"), "{}", refuted.stdout);
    let again = outlay_in(folder.path(), &["new", "plan", "--from", "lines.csv"]);
    assert!(again.code == 2 && again.stderr.contains("left as it is"), "{}", again.stderr);
}

#[test]
fn response_curves_are_imported_planned_with_and_a_foreign_plan_judged() {
    let folder = tempfile::tempdir().unwrap();
    let curves = "spend_multiplier,channel,metric,spend,incremental_outcome
0.0,tv,mean,0,0\n0.5,tv,mean,50,300\n1.0,tv,mean,100,400\n2.0,tv,mean,200,450
0.0,web,mean,0,0\n0.5,web,mean,20,90\n1.0,web,mean,40,170\n2.0,web,mean,80,300
1.0,All Channels,mean,140,570\n1.0,tv,ci_lo,100,200
";
    write(folder.path(), "curves.csv", curves);
    let run = |arguments: &[&str]| outlay_in(folder.path(), arguments);
    let imported = run(&["import", "curves.csv", "--out", "curves.json", "--currency", "EUR"]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    assert_eq!(run(&["new", "plan", "--from", "curves.json"]).code, 0);
    let text = fs::read_to_string(folder.path().join("plan/scenario.toml")).unwrap();
    assert!(text.contains("curves = \"../curves.json\""), "{text}");
    let ran = run(&["run", "plan/scenario.toml", "--format", "json"]);
    let result: serde_json::Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
    // 70 for each: tv gains 4 a unit up to 50, then web 4 up to 80; 2 a unit
    // between, so that tv gets 60 and web 80.
    assert!((result["value"].as_f64().unwrap() - 620.0).abs() < 1e-6, "{}", result["value"]);
    let optimised = "channel,metric,spend,pct_of_spend,incremental_outcome
tv,mean,90.0,0.64,380\ntv,median,90.0,0.64,380\nweb,mean,50.0,0.36,200\nweb,median,50.0,0.36,200
";
    write(folder.path(), "optimised.csv", optimised);
    let judged = run(&["check", "plan/scenario.toml", "--plan", "optimised.csv"]);
    assert_eq!(judged.code, 0, "{}{}", judged.stdout, judged.stderr);
    let foreign = run(&["import", "optimised.csv", "--out", "x.json"]);
    assert!(foreign.code == 2 && foreign.stderr.contains("Meridian response curves"), "{}", foreign.stderr);
    assert!(!folder.path().join("x.json").exists());
    let itself = run(&["import", "curves.csv", "--out", "curves.csv"]);
    assert_eq!(itself.code, 2);
    assert_eq!(fs::read_to_string(folder.path().join("curves.csv")).unwrap(), curves);
}
