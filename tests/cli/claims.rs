//! Every scalar of every saved file is a claim: changed, left out or swapped
//! with another, it is refuted.

use std::fs;
use std::path::Path;

use outlay::scenario::{Files, verify};
use serde_json::{Value, json};

use crate::common::{SMALL, outlay_in, small, write};
use crate::kinds::{Kind, OPPOSED, SHARE, kinds, saved};
use crate::loops::{FIVE_WEEKS, planned};

/// What carries no claim, as docs/outputs.md lists it: the program's version,
/// what the search took, and where files stood.
const NO_CLAIM: [&str; 4] = ["version", "nodes", "path", "proofs"];

/// Edits of each kind tried on a file in the ordinary suite.
const SAMPLE: usize = 24;
/// Kinds of edits.
const KINDS: usize = 6;

/// A key or an index.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

type Place = Vec<Step>;

fn scalars(value: &Value, at: &Place, all: &mut Vec<Place>) {
    let inside = |step| [at.as_slice(), &[step]].concat();
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                scalars(field, &inside(Step::Key(key.clone())), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                scalars(item, &inside(Step::Index(index)), all);
            }
        }
        _ => all.push(at.clone()),
    }
}

fn claims(value: &Value) -> Vec<Place> {
    let mut all = Vec::new();
    scalars(value, &Vec::new(), &mut all);
    let free =
        |place: &Place| matches!(place.last(), Some(Step::Key(key)) if NO_CLAIM.contains(&key.as_str()));
    all.retain(|place| !free(place));
    all
}

fn get<'a>(value: &'a mut Value, place: &[Step]) -> &'a mut Value {
    place.iter().fold(value, |at, step| match step {
        Step::Key(key) => at.get_mut(key).expect("it is there"),
        Step::Index(index) => at.get_mut(index).expect("it is there"),
    })
}

fn changed(value: &Value) -> Value {
    match value {
        Value::Null => json!(1.0),
        Value::Bool(truth) => json!(!truth),
        Value::Number(number) => match number.as_u64() {
            Some(whole) => json!(whole + 1),
            None if number.as_f64() == Some(0.0) => json!(1.0),
            None => json!(number.as_f64().expect("finite") * 1.001),
        },
        Value::String(text) => json!(format!("{text}x")),
        other => panic!("{other} is no scalar"),
    }
}

/// One lie about a file; `None` where nothing else would be said.
fn lie(honest: &Value, place: &Place, kind: usize, all: &[Place]) -> Option<Value> {
    let mut told = honest.clone();
    let (last, before) = place.split_last().expect("a place");
    match kind {
        0 => {
            let scalar = get(&mut told, place);
            *scalar = changed(scalar);
        }
        1 => match (get(&mut told, before), last) {
            // What is null may as well be missing.
            (Value::Object(fields), Step::Key(key)) => drop(fields.remove(key).filter(|v| !v.is_null())?),
            (Value::Array(items), Step::Index(index)) => drop(items.remove(*index)),
            _ => unreachable!("a scalar is in something"),
        },
        2 => {
            // With the next scalar of the same name.
            let here = all.iter().position(|p| p == place)?;
            let other = all[here + 1..].iter().find(|p| p.last() == place.last())?;
            let one = get(&mut told, place).clone();
            let two = std::mem::replace(get(&mut told, other), one.clone());
            if same(&one, &two) {
                return None;
            }
            *get(&mut told, place) = two;
        }
        3 => *get(&mut told, place) = Value::Null,
        4 => {
            // A last digit or so.
            let scalar = get(&mut told, place);
            let figure = scalar.as_f64().filter(|x| *x != 0.0 && scalar.as_i64().is_none())?;
            *scalar = json!(figure * (1.0 + 1e-9));
        }
        _ => {
            // The last of a list once more.
            let list = before.iter().rposition(|step| matches!(step, Step::Index(_)))?;
            let items = get(&mut told, &before[..list]).as_array_mut()?;
            items.push(items.last()?.clone());
        }
    }
    (told != *honest).then_some(told)
}

/// True for the same figure: sums may be added up in another order.
fn same(a: &Value, b: &Value) -> bool {
    let near = |(a, b): (f64, f64)| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    a == b || a.as_f64().zip(b.as_f64()).is_some_and(near)
}

fn stands(path: &Path) -> bool {
    verify(&Files::disk(), path, None).iter().all(|v| v.as_ref().is_ok_and(|v| v.differences.is_empty()))
}

/// Tells lies about a saved file, every one or a fixed sample of each kind;
/// those that stand.
fn believed(name: &str, path: &Path, most: usize) -> Vec<String> {
    let text = fs::read_to_string(path).expect("saved");
    assert!(stands(path), "{}: {:?}", path.display(), verify(&Files::disk(), path, None));
    let honest: Value = serde_json::from_str(&text).expect("JSON");
    let all = claims(&honest);
    assert!(all.len() > 40, "{name}: {} claims", all.len());
    let lies = path.with_file_name("lie.json");
    let (mut told, mut believed) = (0, Vec::new());
    for kind in 0..KINDS {
        // A stride that shares no factor with the number of claims visits them evenly.
        let stride = (all.len() / most).max(1) | 1;
        for place in all.iter().skip(kind % stride).step_by(stride) {
            let Some(false_one) = lie(&honest, place, kind, &all) else { continue };
            fs::write(&lies, false_one.to_string()).expect("written");
            told += 1;
            if stands(&lies) {
                believed.push(format!("{name}: {kind} {place:?}"));
            }
        }
    }
    assert!(told > 60, "{name}: {told} lies");
    believed
}

fn every_lie_is_refuted(most: usize) {
    let mut stand = Vec::new();
    for (name, kind) in kinds() {
        for path in &kind.files {
            assert!(path.exists(), "{name}");
            stand.extend(believed(name, path, most));
        }
    }
    assert!(stand.is_empty(), "{} lies stand: {stand:#?}", stand.len());
}

#[test]
fn a_sample_of_lies_about_every_kind_of_file_is_refuted() {
    every_lie_is_refuted(SAMPLE);
}

#[test]
#[ignore = "every scalar of every kind of file, or LIES of each kind of lie: minutes"]
fn every_lie_about_every_kind_of_file_is_refuted() {
    let most = std::env::var("LIES").ok().map(|n| n.parse().expect("a number"));
    every_lie_is_refuted(most.unwrap_or(usize::MAX));
}

/// The proof of a search with its own hash, as the program writes it.
fn resealed(proof: &mut Value) {
    let mut search: outlay::scenario::result::SearchFile =
        serde_json::from_value(proof.clone()).expect("a proof");
    search.sha256 = String::new();
    let mut hash = outlay::scenario::sha256(&serde_json::to_vec(&search).expect("JSON"));
    hash.truncate(32);
    proof["sha256"] = json!(hash);
}

/// Whoever changes a figure changes what it follows from as well.
#[test]
fn lies_that_agree_with_each_other_are_refuted() {
    let scenario = small(|t| t + SHARE + OPPOSED);
    let run: &[&str] = &["run", "plan.toml", "--out", "."];
    let round: &[&str] = &["run", "plan.toml", "--round", "30", "--out", "."];
    let refuted = |kind: &Kind, tell: &dyn Fn(&mut Value)| {
        let honest = fs::read_to_string(&kind.files[0]).expect("saved");
        assert!(stands(&kind.files[0]), "{honest}");
        let mut told: Value = serde_json::from_str(&honest).expect("JSON");
        tell(&mut told);
        let lies = kind.files[0].with_file_name("lie.json");
        fs::write(&lies, told.to_string()).expect("written");
        assert!(!stands(&lies), "{told}");
    };
    let infeasible = saved(&scenario, &[run], &["plan.json"]);
    // Repairs that do not suffice, with the plans that are to show that they do.
    refuted(&infeasible, &|r| {
        r["repairs"][0]["to"] = json!(100.0);
        for proof in r["proofs"].as_array_mut().expect("proofs") {
            if let Some(spends) = proof.get_mut("spends") {
                spends.as_array_mut().expect("spends").iter_mut().for_each(|x| *x = json!(1e4));
            }
            resealed(proof);
        }
    });
    // A proof of every bound that anyone could wish for.
    refuted(&infeasible, &|r| {
        for proof in r["proofs"].as_array_mut().expect("proofs") {
            proof["leaves"] = json!([]);
            resealed(proof);
        }
    });
    refuted(&infeasible, &|r| {
        for field in ["conflict", "repairs", "cheapest_repair", "proofs"] {
            r[field] = json!([]);
        }
    });
    let rounded = saved(&small(|t| t + SHARE), &[round], &["plan.json"]);
    refuted(&rounded, &|r| {
        let value = r["value"].as_f64().expect("a plan");
        (r["rounding"]["unrounded"], r["rounding"]["costs"]) = (json!(value), json!(0.0));
        r["proofs"][0]["value"] = json!(value);
        resealed(&mut r["proofs"][0]);
    });
    let optimal = saved(SMALL, &[run], &["plan.json"]);
    refuted(&optimal, &|r| {
        r["certificate"]["asked"] = json!(0.9);
        r["certificate"]["leaves"] = json!([]);
        r["certificate"]["bound"] = Value::Null;
    });
    // A result of a laxer scenario of the same name, put in the place of this one.
    let lax = saved(&SMALL.replace("max = 500", "max = 900"), &[run], &["plan.json"]);
    let other: Value =
        serde_json::from_str(&fs::read_to_string(&lax.files[0]).expect("saved")).expect("JSON");
    refuted(&optimal, &|r| *r = other.clone());
    refuted(&optimal, &|r| {
        let source = r["source"].clone();
        *r = other.clone();
        r["source"] = source;
    });
}

/// What is made of a saved result rests on figures that were proven again.
#[test]
fn nothing_is_made_of_a_lie() {
    let folder = planned();
    write(folder.path(), "actuals.csv", FIVE_WEEKS);
    let path = folder.path().join("quarter.json");
    let mut result: Value = serde_json::from_str(&fs::read_to_string(&path).expect("saved")).expect("JSON");
    result["value"] = json!(9e9);
    fs::write(&path, result.to_string()).expect("written");
    let commands: [&[&str]; 3] = [
        &["compare", "quarter.json", "quarter.json"],
        &["track", "quarter.json", "actuals.csv"],
        &["replan", "quarter.json", "actuals.csv"],
    ];
    for command in commands {
        let ran = outlay_in(folder.path(), command);
        assert_ne!(ran.code, 0, "{command:?}\n{}", ran.stdout);
        assert!(ran.stderr.contains("the proof fails: value says"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "", "{command:?}");
    }
}
