//! A saved answer stands alone: it is verified wherever it goes with what it was
//! made from, and an edited scenario is told apart by what changed.

use std::fs;
use std::path::Path;

use crate::common::{SMALL, outlay_in, write};

const LIBRARY: &str = r#"{ "outlay": 1, "unit": "week", "curves": [
    { "name": "A", "outcome": "revenue", "curve": { "family": "michaelis_menten", "ceiling": 1000, "half_saturation": 400 } }] }"#;

const BASED: &str = r#"
outlay = 1
extends = "base.toml"
curves = "curves.json"
horizon = { periods = 13, unit = "week" }

[[lines]]
name = "A"
curve = "A"
fee = 0.1
spend = { current = 2500, min = 100 }
"#;

/// A folder with a scenario that reads two other files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "base.toml", SMALL.replace("max = 500", "max = 5000"));
    write(folder.path(), "curves.json", LIBRARY);
    write(folder.path(), "plan.toml", BASED);
    folder
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let ran = outlay_in(folder, arguments);
    assert_eq!(ran.code, 0, "{arguments:?}\n{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// Verifies files in another folder, where nothing else is.
fn moved(folder: &Path, files: &[&str], verified: &str) -> (i32, String) {
    let else_where = tempfile::tempdir().expect("a folder");
    for file in files {
        let from = folder.join(file);
        fs::copy(&from, else_where.path().join(from.file_name().expect("a name"))).expect(file);
    }
    let ran = outlay_in(else_where.path(), &["verify", verified]);
    (ran.code, ran.stdout + &ran.stderr)
}

#[test]
fn a_result_with_its_scenario_within_is_verified_alone() {
    let folder = folder();
    done(folder.path(), &["run", "plan.toml", "--out", "out", "--embed"]);
    let path = folder.path().join("out/plan.json");
    let text = fs::read_to_string(&path).expect("a result");
    let result: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(result["inputs"]["files"].as_array().map(Vec::len), Some(3));
    assert_eq!(result["horizon"]["periods"], 13);
    let line = &result["lines"][0];
    assert_eq!(
        (&line["fee"], &line["min"], &line["max"]),
        (&0.1.into(), &100.0.into(), &serde_json::Value::Null)
    );
    let (code, told) = moved(folder.path(), &["out/plan.json"], "plan.json");
    assert_eq!(code, 0, "{told}");
    // Without what was put within it there is nothing to verify it by.
    done(folder.path(), &["run", "plan.toml", "--out", "bare"]);
    assert_eq!(moved(folder.path(), &["bare/plan.json"], "plan.json").0, 2);
    assert_eq!(moved(folder.path(), &["bare/plan.json", "bare/inputs.plan.json"], "plan.json").0, 0);
    for (from, to) in [
        ("ceiling = 600", "ceiling = 601"),
        ("\"fee\":0.1", "\"fee\":0.2"),
        ("\"min\":100.0", "\"min\":90.0"),
        ("\"periods\":13", "\"periods\":12"),
    ] {
        assert!(text.contains(from), "{from}");
        write(folder.path(), "out/plan.json", text.replace(from, to));
        let (code, told) = moved(folder.path(), &["out/plan.json"], "plan.json");
        assert_ne!(code, 0, "{from}: {told}");
    }
    let varied = format!("{BASED}\n[[vary]]\nset = \"budget.max\"\nvalues = [4000, 5000]\n");
    write(folder.path(), "varied.toml", varied);
    let ran = outlay_in(folder.path(), &["run", "varied.toml", "--out", "out", "--embed"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("`vary` makes 2"), "{}", ran.stderr);
}

#[test]
fn answers_are_saved_with_what_they_were_made_from() {
    let folder = folder();
    let at = folder.path();
    done(at, &["check", "plan.toml", "--out", "kept"]);
    done(
        at,
        &[
            "frontier",
            "plan.toml",
            "--over",
            "budget.max",
            "--from",
            "1000",
            "--to",
            "5000",
            "--out",
            "f.json",
        ],
    );
    done(at, &["run", "plan.toml", "--out", "runs", "--buy", "runs"]);
    write(at, "other.toml", BASED.replace("fee = 0.1", "fee = 0.3"));
    done(at, &["run", "other.toml", "--out", "runs"]);
    done(at, &["compare", "runs/plan.json", "runs/other.json", "--out", "c.json"]);
    let sheet = "line,period,actual_spend,actual_revenue\nA,1,250,130\nB,1,100,40\nC,1,50,15\n";
    write(at, "actuals.csv", sheet);
    let ran = outlay_in(at, &["replan", "runs/plan.json", "actuals.csv", "--out", "rest"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for (files, verified) in [
        (&["kept/plan.check.json", "kept/inputs.plan.json"][..], "plan.check.json"),
        (&["f.json", "inputs.f.json"], "f.json"),
        (&["c.json", "inputs.c.json"], "c.json"),
        (&["rest/plan-after-1.json", "rest/inputs.plan-after-1.json"], "plan-after-1.json"),
    ] {
        let (code, told) = moved(at, files, verified);
        assert_eq!(code, 0, "{verified}: {told}");
        assert_eq!(moved(at, &files[..1], verified).0, 2, "{verified}");
    }
}

/// A result whose scenario is gone is tracked with new curves from anywhere.
#[test]
fn a_moved_plan_is_tracked_with_curves_of_its_new_place() {
    let folder = folder();
    let at = folder.path();
    done(at, &["run", "plan.toml", "--out", "out"]);
    let sheet = "line,period,actual_spend,actual_revenue\nA,1,250,130\nB,1,100,40\nC,1,50,15\n";
    let place = tempfile::tempdir().expect("a folder");
    for file in ["plan.json", "inputs.plan.json"] {
        fs::copy(at.join("out").join(file), place.path().join(file)).expect(file);
    }
    write(place.path(), "actuals.csv", sheet);
    write(place.path(), "new.json", LIBRARY.replace("1000", "900"));
    let told = done(
        place.path(),
        &["track", "plan.json", "actuals.csv", "--curves", "new.json", "--format", "json"],
    );
    let file: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(file["curves"]["path"], "new.json");
}

#[test]
fn an_edited_scenario_is_told_by_what_changed() {
    let folder = folder();
    let at = folder.path();
    done(at, &["run", "plan.toml", "--out", "out"]);
    let verify = |said: &[&str]| {
        let ran = outlay_in(at, &["verify", "out/plan.json"]);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        for said in said {
            assert!(ran.stderr.contains(said), "{said}\n{}", ran.stderr);
        }
    };
    write(at, "plan.toml", BASED.replace("fee = 0.1", "fee = 0.2").replace("min = 100", "max = 900"));
    verify(&[
        "plan.toml has changed since the result was written: lines.A.fee was 0.1 and is 0.2; lines.A.spend.min is gone; lines.A.spend.max is new. Run it again",
    ]);
    write(at, "plan.toml", format!("# a remark\n{BASED}"));
    verify(&["only comments or layout are not"]);
    write(at, "plan.toml", BASED);
    write(at, "curves.json", LIBRARY.replace("400", "300"));
    verify(&["curves.json has changed", "curves.A.curve.half_saturation was 400 and is 300"]);
    fs::remove_file(at.join("out/inputs.plan.json")).expect("there");
    verify(&["what it was then is not kept beside the result"]);
}
