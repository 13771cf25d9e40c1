//! Every scalar of every saved file is a claim: changed, left out or swapped
//! with another, it is refuted.

use std::fs;
use std::path::{Path, PathBuf};

use outlay::scenario::{Files, verify};
use serde_json::{Value, json};

use crate::common::{SMALL, outlay_in, root, small, write};
use crate::loops::{FIVE_WEEKS, planned};

/// What carries no claim, as docs/outputs.md lists it: the program's version,
/// what the search took, and where files stood.
const NO_CLAIM: [&str; 3] = ["version", "nodes", "path"];

/// Edits of each kind tried on a file in the ordinary suite.
const SAMPLE: usize = 50;

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
        _ => {
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
    }
    Some(told)
}

/// True for the same figure: sums may be added up in another order.
fn same(a: &Value, b: &Value) -> bool {
    let near = |(a, b): (f64, f64)| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    a == b || a.as_f64().zip(b.as_f64()).is_some_and(near)
}

fn stands(path: &Path) -> bool {
    verify(&Files::disk(), path, None).iter().all(|v| v.as_ref().is_ok_and(|v| v.differences.is_empty()))
}

/// Tells lies about a saved file, every one or a fixed sample of each kind.
fn every_lie_is_refuted(name: &str, path: &Path, most: usize) {
    let text = fs::read_to_string(path).expect("saved");
    assert!(stands(path), "{}: {:?}", path.display(), verify(&Files::disk(), path, None));
    let honest: Value = serde_json::from_str(&text).expect("JSON");
    let all = claims(&honest);
    assert!(all.len() > 40, "{name}: {} claims", all.len());
    let lies = path.with_file_name("lie.json");
    let (mut told, mut believed) = (0, Vec::new());
    for kind in 0..3 {
        // A stride that shares no factor with the number of claims visits them evenly.
        let stride = (all.len() / most).max(1) | 1;
        for place in all.iter().skip(kind % stride).step_by(stride) {
            let Some(false_one) = lie(&honest, place, kind, &all) else { continue };
            fs::write(&lies, false_one.to_string()).expect("written");
            told += 1;
            if stands(&lies) {
                believed.push(format!("{kind} {place:?}"));
            }
        }
    }
    assert!(believed.is_empty(), "{} of {told} lies about {name} stand: {believed:#?}", believed.len());
    assert!(told > 60, "{name}: {told} lies");
}

struct Kind {
    _folder: tempfile::TempDir,
    files: Vec<PathBuf>,
}

/// Runs commands on a scenario in a folder of its own; the files they save.
fn saved(scenario: &str, commands: &[&[&str]], files: &[&str]) -> Kind {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", scenario);
    for command in commands {
        let ran = outlay_in(folder.path(), command);
        assert!([0, 1, 3].contains(&ran.code), "{command:?}: {}", ran.stderr);
    }
    let files = files.iter().map(|f| folder.path().join(f)).collect();
    Kind { _folder: folder, files }
}

const SHAPED: &str = r#"
outlay = 1
budget = { max = 60 }
lines = [
    { name = "A", spend = { current = 10 }, outcome = "revenue", curve = { family = "hill", ceiling = 100, half_saturation = 40, shape = 3 } },
    { name = "B", spend = { current = 20 }, outcome = "revenue", curve = { family = "hill", ceiling = 80, half_saturation = 30, shape = 2.5 } },
    { name = "C", spend = { current = 5 }, outcome = "revenue", curve = { family = "hill", ceiling = 60, half_saturation = 20, shape = 4 } },
]
[[limits]]
name = "No more of A"
metric = "spend"
where = { name = "A" }
max = 50
"#;

const MEETING: &str = r#"
outlay = 1
budget = { max = 100 }
lines = [
    { name = "TV", spend = { current = 30 }, outcome = "revenue", curve = { family = "hill", ceiling = 200, half_saturation = 40, shape = 1.5 } },
    { name = "Video", spend = { current = 20 }, outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 90, half_saturation = 30 } },
    { name = "Search", spend = { current = 15 }, outcome = "revenue", curve = { family = "exponential", ceiling = 0.6, scale = 20 } },
    { name = "Social", spend = { current = 5 }, outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 60, half_saturation = 20 } },
]
[[audiences]]
name = "Viewers"
lines = ["TV", "Video"]
curve = { family = "exponential", ceiling = 220, scale = 220 }
source = "judged"
[[demand]]
name = "Looking"
base = 40
makes = { name = ["TV", "Video"] }
harvests = { name = "Search" }
"#;

const SHARE: &str = "\n[[limits]]\nname = \"Upper\"\nmetric = \"spend_share\"\nwhere = { stage = \"upper\" }\nmax = 0.75\nmin = 0.1\n";
const OPPOSED: &str =
    "\n[[limits]]\nname = \"Revenue\"\nowner = \"finance\"\nmetric = \"revenue\"\nmin = 2000\n";
const GOALS: &str = "goal = [{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.01 }]";

/// A saved file, or several, of every kind.
fn kinds() -> Vec<(&'static str, Kind)> {
    let limited = small(|t| t + SHARE);
    let run: &[&str] = &["run", "plan.toml", "--out", "."];
    let goals = limited.replace("goal = { maximize = \"revenue\" }", GOALS);
    let by_hand = "line,spend\nA,200\nB,180\nC,130\n";
    let judged = {
        let kind = saved(&limited, &[], &["plan.judgement.json"]);
        write(kind._folder.path(), "hand.csv", by_hand);
        let judge = ["check", "plan.toml", "--plan", "hand.csv", "--max-change", "10%", "--out", "."];
        assert_eq!(outlay_in(kind._folder.path(), &judge).code, 1);
        kind
    };
    let replanned = {
        let folder = planned();
        write(folder.path(), "actuals.csv", FIVE_WEEKS);
        let replan = ["replan", "quarter.json", "actuals.csv", "--least-gain", "0.001", "--out", "next"];
        assert_eq!(outlay_in(folder.path(), &replan).code, 0);
        let files = vec![folder.path().join("next/quarter-after-5.json")];
        Kind { _folder: folder, files }
    };
    let by_period = {
        let text = fs::read_to_string(root().join("scenarios/quarter.toml")).expect("shipped");
        saved(&text, &[run], &["plan.json"])
    };
    let frontier: &[&str] = &[
        "frontier",
        "plan.toml",
        "--over",
        "budget.max",
        "--from",
        "300",
        "--to",
        "700",
        "--gap",
        "0.01",
        "--until",
        "revenue>=900",
        "--limit",
        "mroas>=0.1",
        "--out",
        ".",
    ];
    let cheaper: &[&str] = &["run", "plan.toml", "--set", "budget.max=400", "--out", "p"];
    let compare: &[&str] = &["compare", "plan.json", "p/plan.json", "--out", "."];
    vec![
        ("optimal", saved(&limited, &[run], &["plan.json"])),
        (
            "within gap",
            saved(
                SHAPED,
                &[&["run", "plan.toml", "--nodes", "3", "--gap", "1e-9", "--out", "."]],
                &["plan.json"],
            ),
        ),
        ("infeasible", saved(&small(|t| t + SHARE + OPPOSED), &[run], &["plan.json"])),
        ("rounded", saved(&limited, &[&["run", "plan.toml", "--round", "30", "--out", "."]], &["plan.json"])),
        ("lines that meet", saved(MEETING, &[run], &["plan.json"])),
        ("several goals", saved(&goals, &[run], &["plan.json"])),
        ("by period", by_period),
        ("re-planned", replanned),
        ("judged", judged),
        ("checked", saved(&limited, &[&["check", "plan.toml", "--out", "."]], &["plan.check.json"])),
        (
            "refuted",
            saved(
                &small(|t| t + SHARE + OPPOSED),
                &[&["check", "plan.toml", "--out", "."]],
                &["plan.check.json"],
            ),
        ),
        ("frontier", saved(&limited, &[frontier], &["plan.frontier.json"])),
        ("comparison", saved(&limited, &[run, cheaper, compare], &["plan.comparison.json"])),
    ]
}

#[test]
fn a_sample_of_lies_about_every_kind_of_file_is_refuted() {
    for (kind, saved) in kinds() {
        for path in &saved.files {
            assert!(path.exists(), "{kind}");
            every_lie_is_refuted(kind, path, SAMPLE);
        }
    }
}

#[test]
#[ignore = "every scalar of every kind of file: minutes"]
fn every_lie_about_every_kind_of_file_is_refuted() {
    for (kind, saved) in kinds() {
        saved.files.iter().for_each(|path| every_lie_is_refuted(kind, path, usize::MAX));
    }
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
