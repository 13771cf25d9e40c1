//! `outlay verify` believes nothing that was edited by hand.

use std::fs;

use crate::common::{SMALL, outlay, outlay_in, small, write};
use serde_json::{Value, json};

struct Saved {
    folder: tempfile::TempDir,
    result: Value,
}

fn saved(text: &str) -> Saved {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", text);
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = fs::read_to_string(folder.path().join("plan.json")).expect("saved");
    Saved { folder, result: serde_json::from_str(&text).expect("JSON") }
}

impl Saved {
    fn verify(&self, edit: impl Fn(&mut Value)) -> crate::common::Ran {
        let mut result = self.result.clone();
        edit(&mut result);
        write(self.folder.path(), "plan.json", result.to_string());
        outlay_in(self.folder.path(), &["verify", "plan.json"])
    }
}

fn limited() -> String {
    small(|t| {
        t + "\n[[limits]]\nname = \"Upper\"\nmetric = \"spend_share\"\nwhere = { stage = \"upper\" }\nmax = 0.75\n"
    })
}

#[test]
fn an_untouched_result_stands() {
    let ran = saved(&limited()).verify(|_| {});
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("the proof holds"), "{}", ran.stdout);
}

/// Every number in the file is scaled by hand, one at a time, and caught.
#[test]
fn every_edited_number_is_caught() {
    let saved = saved(&limited());
    let mut paths = Vec::new();
    numbers(&saved.result, String::new(), &mut paths);
    assert!(paths.len() > 60, "{} numbers", paths.len());
    for path in paths {
        let ran = saved.verify(|r| {
            let value = r.pointer_mut(&path).expect("it is there");
            let number = value.as_f64().expect("a number");
            *value = json!(if number == 0.0 { 1.0 } else { number * 1.001 });
        });
        assert_ne!(ran.code, 0, "{path} can be edited unnoticed\n{}", ran.stdout);
    }
}

/// Where the numbers are that a result states. The number of nodes says how
/// long the solver took, and proves nothing.
fn numbers(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Number(_) if !at.ends_with("/nodes") => out.push(at),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| numbers(v, format!("{at}/{i}"), out))
        }
        Value::Object(fields) => fields
            .iter()
            .for_each(|(k, v)| numbers(v, format!("{at}/{}", k.replace('~', "~0").replace('/', "~1")), out)),
        _ => {}
    }
}

#[test]
fn claims_beyond_the_proof_are_caught() {
    let saved = saved(&limited());
    let no_leaves = saved.verify(|r| r["certificate"]["leaves"] = json!([]));
    assert_eq!(no_leaves.code, 1, "{}{}", no_leaves.stdout, no_leaves.stderr);
    let infeasible = saved.verify(|r| r["status"] = json!("infeasible"));
    assert_ne!(infeasible.code, 0);
}

#[test]
fn a_changed_scenario_is_said() {
    let saved = saved(SMALL);
    write(saved.folder.path(), "plan.toml", small(|t| t.replace("max = 500", "max = 501")));
    let ran = outlay_in(saved.folder.path(), &["verify", "plan.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("plan.toml"), "{}", ran.stderr);
}

#[test]
fn what_is_no_result_is_wrong_input() {
    let folder = tempfile::tempdir().expect("a folder");
    for text in ["", "{", "[]", "{\"outlay\": 1}", "\u{0}"] {
        let path = write(folder.path(), "plan.json", text);
        let ran = outlay(&["verify", &path]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{text:?}: {}", ran.stderr);
    }
    assert_eq!(outlay(&["verify", "nowhere.json"]).code, 2);
}

/// What is stated is changed by hand, and the proof fails.
fn refuted(folder: &std::path::Path, file: &str, lie: impl Fn(&mut Value)) {
    let text = fs::read_to_string(folder.join(file)).expect("saved");
    let mut result: Value = serde_json::from_str(&text).expect("JSON");
    lie(&mut result);
    assert_ne!(result.to_string(), serde_json::from_str::<Value>(&text).expect("JSON").to_string());
    write(folder, "lie.json", result.to_string());
    let ran = outlay_in(folder, &["verify", "lie.json"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
}

const OPPOSED: &str = "\n[[limits]]\nname = \"Little\"\nmetric = \"revenue\"\nmin = 2000\n";

#[test]
fn a_conflict_and_its_repairs_are_proven() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", small(|t| t + OPPOSED));
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--out", "."]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let ran = outlay_in(folder.path(), &["verify", "plan.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let refuted = |lie: &dyn Fn(&mut Value)| refuted(folder.path(), "plan.json", lie);
    refuted(&|r| r["conflict"] = json!([]));
    refuted(&|r| r["conflict"][0]["name"] = json!("Another"));
    refuted(&|r| r["repairs"] = json!([]));
    refuted(&|r| r["repairs"][0]["to"] = json!(1.0));
    refuted(&|r| r["cheapest_repair"] = json!([]));
    refuted(&|r| r["cheapest_repair"][0]["to"] = json!(1.0));
    refuted(&|r| r["proofs"] = json!([]));
    refuted(&|r| {
        let empty = ["conflict", "repairs", "cheapest_repair", "proofs"];
        empty.into_iter().for_each(|field| r[field] = json!([]));
    });
}

#[test]
fn what_rounding_costs_is_proven() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", SMALL);
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--round", "30", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = outlay_in(folder.path(), &["verify", "plan.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("every spend a multiple of 30"), "{}", ran.stdout);
    let refuted = |lie: &dyn Fn(&mut Value)| refuted(folder.path(), "plan.json", lie);
    refuted(&|r| r["rounding"]["costs"] = json!(0.0));
    refuted(&|r| r["rounding"]["unrounded"] = json!(9e9));
    refuted(&|r| r["rounding"] = Value::Null);
    refuted(&|r| (r["rounding"]["unit"], r["source"]["asked"]["round"]) = (json!(1.0), json!(1.0)));
    refuted(&|r| r["source"]["asked"] = json!({}));
}

#[test]
fn a_status_is_judged_by_what_was_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", SMALL);
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--gap", "0.01", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = outlay_in(folder.path(), &["verify", "plan.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("asked: a gap of at most 1.00%"), "{}", ran.stdout);
    assert!(ran.stdout.contains("SHA-256: "), "{}", ran.stdout);
    let ran = outlay_in(folder.path(), &["verify", "plan.json", "--gap", "1e-12"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    let refuted = |lie: &dyn Fn(&mut Value)| refuted(folder.path(), "plan.json", lie);
    refuted(&|r| r["certificate"]["asked"] = json!(0.9));
    refuted(&|r| r["source"]["asked"]["gap"] = json!(0.9));
    refuted(&|r| r["source"]["asked"] = json!({}));
}

#[test]
fn no_goal_is_evaded() {
    let folder = tempfile::tempdir().expect("a folder");
    let two = "goal = [{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.01 }]";
    write(folder.path(), "one.toml", SMALL);
    write(folder.path(), "plan.toml", SMALL.replace("goal = { maximize = \"revenue\" }", two));
    let ran = outlay_in(folder.path(), &["run", "one.toml", "plan.toml", "--out", "."]);
    assert_eq!((ran.code, ran.stderr.contains("DuplicateName")), (0, false), "{}", ran.stderr);
    let one = fs::read_to_string(folder.path().join("one.json")).expect("saved");
    let one: Value = serde_json::from_str(&one).expect("JSON");
    let ran = outlay_in(folder.path(), &["verify", "plan.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    // The first goal's own plan, as if it were the only goal.
    refuted(folder.path(), "plan.json", |r| {
        for field in ["value", "totals", "lines", "limits", "certificate"] {
            r[field] = one[field].clone();
        }
        r["goals"] = json!([]);
    });
    refuted(folder.path(), "plan.json", |r| r["goals"] = json!([]));
    refuted(folder.path(), "plan.json", |r| drop(r["goals"].as_array_mut().map(Vec::pop)));
}

/// A search that ends without a finite bound leaves a result that can be read.
#[test]
fn an_open_result_can_be_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", small(|t| t.replace("maximize = \"revenue\"", "minimize = \"moved\"")));
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--nodes", "1", "--out", "."]);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let ran = outlay_in(folder.path(), &["verify", "plan.json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

/// A result and the inputs beside it go anywhere, whatever becomes of the
/// scenario's own file.
#[test]
fn a_result_stands_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", limited());
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--out", "res"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    fs::rename(folder.path().join("res"), folder.path().join("else")).expect("moved");
    fs::rename(folder.path().join("plan.toml"), folder.path().join("renamed.toml")).expect("renamed");
    let away = tempfile::tempdir().expect("a folder");
    let result = folder.path().join("else/plan.json");
    let ran = outlay_in(away.path(), &["verify", result.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    // What stands beside it is known by its hash.
    let inputs = folder.path().join("else/inputs.plan.json");
    let text = fs::read_to_string(&inputs).expect("saved");
    fs::write(&inputs, text.replace("max = 500", "max = 900")).expect("written");
    let ran = outlay_in(away.path(), &["verify", result.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
}

/// What is not re-proved when time is up neither stands nor falls.
#[test]
fn time_is_up_at_once_where_there_is_none() {
    let saved = saved(&limited());
    let folder = saved.folder.path();
    let ran = outlay_in(folder, &["verify", "plan.json", "--time", "0.000001"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("0 of 1 files are done, at plan.json"), "{}", ran.stderr);
    let ran = outlay_in(folder, &["verify", "plan.json", "plan.json", "--time", "600"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("the proof holds").count(), 2, "{}", ran.stdout);
}
