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

/// Where the numbers are that a result states. The gap asked for and the number
/// of nodes say what the solver was told and how
/// long the solver took, and proves nothing.
fn numbers(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Number(_) if !at.ends_with("/nodes") && !at.ends_with("/asked") => out.push(at),
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
