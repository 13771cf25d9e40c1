//! `outlay check` as a program: answers, repairs, exit codes, hand-made plans.

use std::fs;

use serde_json::Value;

use crate::common::{SMALL, outlay, outlay_in, root, small, write};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Two limits that cannot hold together, one of them firm.
fn contradicting() -> String {
    small(|t| {
        t + r#"
# What finance wants.
[[limits]]
name = "CAC"       # blended
owner = "finance"
metric = "cac"
max = 3            # per customer

[[limits]]
name = "Volume"
owner = "sales"
metric = "customers"
min = 90
"#
    })
}

#[test]
fn the_shipped_contradiction_is_explained() {
    let ran = outlay(&["check", "scenarios/infeasible", "--width", "110"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("check_infeasible", ran.stdout);
    });
}

#[test]
fn what_can_hold_shows_its_room() {
    let ran = outlay(&["check", "scenarios/funnel.toml", "--width", "110"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("check_funnel", ran.stdout);
    });
}

/// Customers q of 500 spent on three Michaelis-Menten lines, per customer 10:
/// the closed form of the best split gives the lowest cost at any volume.
#[test]
fn the_answer_carries_conflict_reasons_and_repairs() {
    let here = folder();
    let path = write(here.path(), "plan.toml", contradicting());
    let ran = outlay(&["check", &path, "--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let answer = json(&ran.stdout);
    assert_eq!(answer["feasible"], false);
    let names: Vec<&str> =
        answer["conflict"].as_array().expect("a list").iter().filter_map(|m| m["name"].as_str()).collect();
    assert_eq!(names, ["CAC", "Volume"]);
    // With price p, x = sqrt(V k / p) - k; revenue 900 at the least spend.
    let curves = [(1000.0_f64, 400.0_f64), (600.0, 100.0), (300.0, 50.0)];
    let ceiling: f64 = curves.iter().map(|c| c.0).sum();
    let roots: f64 = curves.iter().map(|(v, k)| (v * k).sqrt()).sum();
    // revenue = sum V - sqrt(p) sum sqrt(V k), all lines on.
    let root_p = (ceiling - 900.0) / roots;
    let spend: f64 = curves.iter().map(|(v, k)| (v * k).sqrt() / root_p - k).sum();
    let lowest = spend / 90.0;
    let repair = &answer["repairs"][0];
    assert_eq!((repair["name"].as_str(), repair["field"].as_str()), (Some("CAC"), Some("max")));
    let to = repair["to"].as_f64().expect("a number");
    assert!((to - lowest).abs() <= 1e-6 * lowest, "{to} {lowest}");
    let cac = answer["extremes"]["cac_min"]["value"].as_f64().expect("a figure");
    assert!((cac - lowest).abs() <= 1e-6 * lowest, "{cac} {lowest}");
}

#[test]
fn many_scenarios_keep_their_order_whatever_the_threads() {
    let here = folder();
    let vary = "\n[[vary]]\nset = \"limits.CAC.max\"\nfrom = 2\nto = 8\nsteps = 7\n";
    let path = write(here.path(), "plan.toml", contradicting() + vary);
    let of = |jobs: &str| outlay(&["check", &path, "--jobs", jobs, "--format", "json"]);
    let (one, four) = (of("1"), of("4"));
    assert_eq!(one, four);
    assert_eq!((one.code, one.stdout.lines().count()), (1, 7));
    let feasible: Vec<bool> =
        one.stdout.lines().map(|l| json(l)["feasible"].as_bool().expect("decided")).collect();
    assert!(!feasible[0] && feasible[6] && feasible.windows(2).all(|w| w[0] <= w[1]), "{feasible:?}");
    let table = outlay(&["check", &path]);
    assert_eq!(table.stdout.lines().filter(|l| l.contains("CAC at most ")).count(), 7, "{}", table.stdout);
}

#[test]
fn wrong_input_says_where_and_prints_nothing() {
    let here = folder();
    let crossed = small(|t| t.replacen("current = 250", "current = 250, min = 9, max = 8", 1));
    let path = write(here.path(), "crossed.toml", crossed);
    let ran = outlay(&["check", &path]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("crossed.toml:10:") && ran.stderr.contains("min 9"), "{}", ran.stderr);
    let both =
        small(|t| t.replacen("name = \"A\"", "name = \"A\"\nrequires = [\"B\"]\nexcludes = [\"B\"]", 1));
    let path = write(here.path(), "both.toml", both);
    let ran = outlay(&["check", &path]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("both.toml:10:") && ran.stderr.contains("`B`"), "{}", ran.stderr);
    assert_eq!(outlay(&["check", here.path().join("none.toml").to_str().expect("UTF-8")]).code, 2);
    assert_eq!(outlay(&["check"]).code, 2);
    let path = write(
        here.path(),
        "crossed.toml",
        small(|t| t.replacen("current = 250", "current = 250, min = 9, max = 8", 1)),
    );
    let good = write(here.path(), "good.toml", SMALL);
    let both = outlay(&["check", &path, &good]);
    assert_eq!(both.code, 2);
    assert!(both.stdout.contains("Yes"), "{}", both.stdout);
}

#[test]
fn a_repair_is_written_into_the_file_and_holds() {
    let here = folder();
    let path = write(here.path(), "plan.toml", contradicting());
    let out = here.path().join("repaired.toml");
    let out = out.to_str().expect("UTF-8");
    let ran = outlay(&["check", &path, "--apply", "1", "--out", out]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let text = std::fs::read_to_string(out).expect("written");
    // One number differs; comments and layout stay.
    let differing: Vec<(String, String)> = contradicting()
        .lines()
        .zip(text.lines())
        .filter(|(a, b)| a != b)
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .collect();
    assert_eq!(differing.len(), 1, "{differing:?}");
    assert!(
        differing[0].1.starts_with("max = ") && differing[0].1.ends_with("# per customer"),
        "{differing:?}"
    );
    assert_eq!(outlay(&["check", out]).code, 0);
    assert_eq!(outlay(&["run", out]).code, 0);
    // Numbers there are not, and nothing to repair.
    let none = outlay(&["check", &path, "--apply", "7", "--out", out]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert!(none.stderr.contains("numbered 1 to"), "{}", none.stderr);
    assert_eq!(outlay(&["check", out, "--apply", "1", "--out", out]).code, 2);
    assert_eq!(outlay(&["check", &path, "--apply", "1"]).code, 2);
}

#[test]
fn a_repair_of_what_a_base_states_is_an_override() {
    let here = folder();
    std::fs::create_dir(here.path().join("deep")).expect("a folder");
    write(here.path(), "base.toml", contradicting());
    let own = write(here.path(), "own.toml", "outlay = 1\nextends = \"base.toml\"\n# mine\n");
    let json = write(here.path(), "own.json", "{\n  \"outlay\": 1,\n  \"extends\": \"base.toml\"\n}\n");
    for (path, name) in [(&own, "deep/own.toml"), (&json, "deep/own.json")] {
        for number in ["1", "2"] {
            let out = here.path().join(name);
            let out = out.to_str().expect("UTF-8");
            let ran = outlay(&["check", path, "--apply", number, "--out", out]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            let text = std::fs::read_to_string(out).expect("written");
            assert!(text.contains("../base.toml"), "{text}");
            assert_eq!(outlay(&["check", out]).code, 0, "{text}");
        }
    }
}

/// Spends by line as CSV.
fn table(spends: [f64; 3]) -> String {
    let rows: Vec<String> = ["A", "B", "C"].iter().zip(spends).map(|(n, x)| format!("{n},{x}")).collect();
    format!("line,spend\n{}\n", rows.join("\n"))
}

#[test]
fn a_plan_made_by_hand_is_judged() {
    let here = folder();
    let path = write(here.path(), "plan.toml", SMALL);
    let judged = |plan: &str, more: &[&str]| {
        let ran = outlay(&[&["check", &path, "--plan", plan, "--format", "json"], more].concat());
        (ran.code, json(&ran.stdout))
    };
    // Legal, and worse than the best split by a known amount.
    let even = write(here.path(), "even.csv", table([200.0, 200.0, 100.0]));
    let (code, answer) = judged(&even, &[]);
    assert_eq!((code, answer["legal"].as_bool()), (0, Some(true)));
    let curve = |v: f64, k: f64, x: f64| v * x / (k + x);
    let value = curve(1000.0, 400.0, 200.0) + curve(600.0, 100.0, 200.0) + curve(300.0, 50.0, 100.0);
    let stated = answer["value"].as_f64().expect("a value");
    assert!((stated - value).abs() < 1e-9 * value);
    // The best split's value, published with the closed form.
    let left = answer["left_on_table"]["found"].as_f64().expect("an amount");
    assert!((left - (947.849522 - value)).abs() < 1e-5, "{left}");
    assert!(answer["left_on_table"]["most"].as_f64().expect("a bound") >= left - 1e-9);
    // Too much by 100: legal again after moving 100, no less.
    let much = write(here.path(), "much.csv", table([300.0, 200.0, 100.0]));
    let (code, answer) = judged(&much, &["--max-change", "10%"]);
    assert_eq!((code, answer["legal"].as_bool()), (1, Some(false)));
    let number = |field: &str| answer["nearest"][field].as_f64().expect("an amount");
    assert!((number("moved") - 100.0).abs() < 1e-5 && (number("least") - 100.0).abs() < 1e-5);
    assert_eq!(answer["within"]["status"], "infeasible", "10% of 600 is 60");
    let (_, answer) = judged(&much, &["--max-change", "20%"]);
    let within = &answer["within"]["plan"];
    assert!(within["totals"]["spend"].as_f64().expect("spend") <= 500.0 * (1.0 + 1e-9));
    for (line, most) in within["lines"].as_array().expect("lines").iter().zip([300.0, 200.0, 100.0]) {
        let spend = line["spend"].as_f64().expect("a spend");
        assert!((0.8 * most - 1e-6..=1.2 * most + 1e-6).contains(&spend), "{spend}");
    }
}

/// What a plan must not leave to guesses: exit code 2, the row named.
#[test]
fn plans_that_would_have_to_be_guessed_are_refused() {
    let here = folder();
    let path = write(here.path(), "plan.toml", SMALL);
    let cases = [
        ("columns.csv", "name,money\nA,1\n", "`line` and `spend`"),
        ("unknown.csv", "line,spend\nA,1\nBB,2\nC,3\n", "row 3: unknown line `BB`"),
        ("twice.csv", "line,spend\nA,1\nB,2\nA,3\n", "row 4"),
        ("missing.csv", "line,spend\nA,1\nB,2\n", "no row for `C`"),
        ("text.csv", "line,spend\nA,1\nB,much\nC,3\n", "row 3, column `spend`: `much`"),
        ("negative.csv", "line,spend\nA,1\nB,-2\nC,3\n", "row 3"),
        ("empty.csv", "", ""),
        ("broken.xlsx", "PK\u{3}\u{4}not a workbook", ""),
    ];
    for (name, text, expected) in cases {
        let plan = write(here.path(), name, text);
        let ran = outlay(&["check", &path, "--plan", &plan]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(name) && ran.stderr.contains(expected), "{name}: {}", ran.stderr);
    }
    let nowhere = here.path().join("nowhere.csv");
    assert_eq!(outlay(&["check", &path, "--plan", nowhere.to_str().expect("UTF-8")]).code, 2);
}

/// What `run` writes is read back, as CSV and as a workbook, and found legal
/// with nothing left on the table.
#[test]
fn our_own_plans_are_read_back() {
    let here = folder();
    let path = write(here.path(), "plan.toml", SMALL);
    let book = here.path().join("plan.xlsx");
    let book = book.to_str().expect("UTF-8");
    let csv =
        write(here.path(), "plan.csv", outlay(&["run", &path, "--format", "csv", "--xlsx", book]).stdout);
    for plan in [&csv, book] {
        let ran = outlay(&["check", &path, "--plan", plan, "--format", "json"]);
        let answer = json(&ran.stdout);
        assert_eq!((ran.code, answer["legal"].as_bool()), (0, Some(true)), "{}", ran.stderr);
        assert!(answer["left_on_table"]["most"].as_f64().expect("a bound").abs() < 1e-4);
    }
}

#[test]
fn selections_beyond_the_first_sixty_are_said_to_be_left_out() {
    let here = folder();
    let mut text = String::from("outlay = 1\nbudget = { max = 300 }\n");
    for i in 0..63 {
        text += &format!(
            "[[lines]]\nname = \"L{i}\"\nspend = {{ current = 5 }}\noutcome = \"customers\"\nrevenue_per_customer = 9\n\
             curve = {{ family = \"michaelis_menten\", ceiling = {}, half_saturation = 20 }}\n",
            5 + i
        );
    }
    text += "[[limits]]\nname = \"Each\"\nby = \"name\"\nmetric = \"spend\"\nmax = 50\n";
    let path = write(here.path(), "many.toml", text);
    let ran = outlay(&["check", &path, "--format", "json"]);
    let answer = json(&ran.stdout);
    assert_eq!((ran.code, &answer["selections_left_out"]), (0, &Value::from(3)), "{}", ran.stderr);
    let table = outlay(&["check", &path]).stdout;
    assert!(table.contains("3 more selections of lines left out"), "{table}");
}

/// What two of three lines that draw on one pool return is not theirs alone: no
/// extreme is told for them.
#[test]
fn no_extreme_is_told_for_a_part_of_lines_that_meet() {
    let ran = outlay(&["check", "scenarios/halo.toml", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let answer = json(&ran.stdout);
    let search = &answer["by_selection"][0];
    assert_eq!(search["selection"], "channel=Search");
    assert_eq!(search["extremes"]["revenue_max"]["reason"], "meets");
    assert!(answer["extremes"]["revenue_max"]["value"].as_f64().is_some_and(|revenue| revenue > 1e6));
}

/// With pools too: every spend a multiple, the plan proven, and proven again.
#[test]
fn round_amounts_of_pools_are_planned_with_a_proof() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let out = out.to_str().expect("a path");
    let ran = outlay(&["run", "scenarios/halo.toml", "--round", "10000", "--out", out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let saved = format!("{out}/halo.json");
    let result = json(&std::fs::read_to_string(&saved).expect("a result"));
    let spends = result["lines"].as_array().expect("lines").iter().map(|l| l["spend"].as_f64().unwrap());
    assert!(spends.clone().count() == 5 && spends.clone().all(|x| (x / 1e4).fract() == 0.0));
    let costs = result["rounding"]["costs"].as_f64().expect("what rounding costs");
    assert!((0.0..1000.0).contains(&costs), "{costs}");
    let again = outlay(&["verify", &saved]);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    let ran = outlay(&["run", "scenarios/quarter.toml", "--round", "10000"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("by period --round needs geometric carry-over and no `smooth`"),
        "{}",
        ran.stderr
    );
}

/// With pools in total every point of a frontier is proven, and what lies between.
#[test]
fn a_frontier_of_pools_is_proven_between_its_points() {
    let over = ["--over", "budget.max", "--from", "1000000", "--to", "1010000", "--format", "json"];
    let ran = outlay(&[&["frontier", "scenarios/halo.toml"], &over[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found = json(&ran.stdout);
    let points = found["points"].as_array().expect("points");
    assert!(points.len() > 2 && found["certified"] == true);
    assert!(found["gap"].as_f64().is_some_and(|gap| gap <= 1e-5), "{}", found["gap"]);
    for point in points {
        let (value, bound) = (point["value"].as_f64().unwrap(), point["bound"].as_f64().unwrap());
        assert!(value <= bound && bound <= value * (1.0 + 1.1e-5), "{point}");
    }
}

/// Neither group can reach what the limit asks of each: one number in the file
/// has to be enough for both.
#[test]
fn a_repair_of_several_groups_writes_the_laxest() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |name: &str, stage: &str, ceiling: u32| {
        format!(
            "[[lines]]\nname = \"{name}\"\nstage = \"{stage}\"\noutcome = \"revenue\"\nspend = {{ current = 50 }}\n\
             curve = {{ family = \"michaelis_menten\", ceiling = {ceiling}, half_saturation = 20 }}\n"
        )
    };
    for (first, second) in [(60, 80), (80, 60)] {
        let text = format!(
            "outlay = 1\nbudget = {{ max = 150 }}\n{}{}[[limits]]\nname = \"Floor\"\nmetric = \"revenue\"\nby = \"stage\"\nmin = 100\n",
            line("A", "upper", first),
            line("B", "lower", second),
        );
        write(folder.path(), "s.toml", text);
        let ran = outlay_in(folder.path(), &["check", "s.toml", "--apply", "1", "--out", "r.toml"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(outlay_in(folder.path(), &["run", "r.toml"]).code, 0);
        fs::remove_file(folder.path().join("r.toml")).expect("it was written");
    }
}
