//! Saved files of every kind, proven again in memory: what stands, what is
//! refuted, and what is refused.

mod compound;
mod kinds;
mod lies;
mod order;
mod stopped;

use std::path::PathBuf;

use outlay::scenario::{RecordError, Verified, sha256};
use outlay::{Effort, Error, Status};
use serde_json::{Value, json};

use kinds::*;

/// Scalars of a file, without those that carry no claim.
fn scalars(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                scalars(field, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(k, v)| scalars(v, format!("{at}/{k}"), all))
        }
        _ => all.push(at),
    }
}

fn claims(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    scalars(value, String::new(), &mut all);
    all.retain(|at| !at.ends_with("certificate/nodes"));
    all
}

#[test]
fn every_kind_stands_and_all_its_figures_are_compared() {
    for (name, saved) in kinds() {
        let verified = saved.verdict(None).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(verified.differences, [], "{name}");
        let value = saved.value();
        // The results of a comparison are proven one by one as well.
        let parts = value["results"].as_array().map_or(0, |all| all.iter().map(|r| claims(r).len()).sum());
        assert_eq!(verified.figures, claims(&value).len() + parts, "{name}");
        assert_eq!(verified.source.sha256, sha256(saved.scenario().as_bytes()), "{name}");
    }
}

impl Saved {
    fn scenario(&self) -> String {
        let (_, text) = self.held.iter().find(|(name, _)| name.starts_with("plan.")).expect("a scenario");
        String::from_utf8(text.clone()).expect("text")
    }
}

/// What carries no claim (docs/outputs.md).
fn free(at: &str) -> bool {
    ["/version", "/nodes", "/path", "/source/proofs"].iter().any(|end| at.ends_with(end))
}

#[test]
fn every_figure_of_every_kind_is_held_to_its_last_digits() {
    let mut told = 0;
    for (name, saved) in kinds() {
        let value = saved.value();
        let all = claims(&value);
        let stride = (all.len() / 60).max(1);
        for at in all.iter().step_by(stride).filter(|at| !free(at)) {
            let mut lie = value.clone();
            let scalar = lie.pointer_mut(at).expect("it is there");
            let Some(old) = scalar.as_f64().filter(|x| *x != 0.0 && scalar.as_u64().is_none()) else {
                continue;
            };
            *scalar = json!(old * (1.0 + 4e-11));
            told += 1;
            assert!(!saved.told(&lie).stands(), "{name}: {at}");
        }
    }
    assert!(told > 150, "{told} told");
}

/// Sums may be added up in another order; nothing else.
#[test]
fn what_rounding_may_change_is_no_lie() {
    let saved = solved(&plain(), &Effort::default());
    let figures = [("/lines/0/revenue", "lines.A.revenue"), ("/totals/revenue", "totals.revenue")];
    for (at, field) in figures {
        let mut lie = saved.value();
        let scalar = lie.pointer_mut(at).unwrap_or_else(|| panic!("{at}"));
        let old = scalar.as_f64().expect("a number");
        *scalar = json!(old * (1.0 + 2e-13));
        assert!(*scalar != json!(old) && saved.told(&lie).stands(), "{at}");
        *lie.pointer_mut(at).expect("there") = json!(old * (1.0 + 4e-12));
        assert_eq!(saved.told(&lie).refuted(), [field]);
    }
    // What is empty may be left out, and the other way round; what is not, may not.
    let mut empty = saved.value();
    empty["proofs"] = json!([]);
    assert!(saved.told(&empty).stands());
    let rounded = solved(&plain(), &Effort::default().round(30.0));
    let mut emptied = rounded.value();
    emptied["proofs"] = json!([]);
    assert!(!rounded.told(&emptied).stands());
    let mut more = saved.value();
    more["lines"].as_array_mut().expect("lines").push(saved.value()["lines"][0].clone());
    assert!(saved.told(&more).refuted().contains(&"lines".to_owned()));
}

/// A file says what was asked; a reader may demand more.
#[test]
fn a_gap_may_be_demanded() {
    let wide = solved(TRAP, &Effort::default().gap(1e-12).nodes(1));
    let gap = wide.value()["certificate"]["gap"].as_f64().expect("a gap");
    assert!(gap > 1e-6, "{gap}");
    let demanded = |saved: &Saved, gap: f64| saved.verdict(Some(gap)).unwrap().differences;
    assert_eq!(demanded(&wide, gap), []);
    assert_eq!(demanded(&wide, 2.0 * gap), []);
    let refused = demanded(&wide, 0.999 * gap);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].field, "certificate.gap");
    // Where there is no plan there is no gap to demand.
    let none = solved(&(plain() + REVENUE), &Effort::default());
    assert_eq!(none.value()["status"], "infeasible");
    assert_eq!(demanded(&none, 0.0), []);
    let traced = traced();
    let gap = traced.value()["gap"].as_f64().expect("a gap");
    assert_eq!(demanded(&traced, gap), []);
    assert_eq!(demanded(&traced, 0.999 * gap)[0].field, "gap");
    // What was asked is told by the verdict.
    let asked = solved(TRAP, &Effort::default().gap(0.25).nodes(77)).verdict(None).unwrap().source.asked;
    assert_eq!((asked.gap, asked.nodes), (Some(0.25), Some(77)));
}

#[test]
fn several_results_are_proven_line_by_line() {
    let first = solved(&plain(), &Effort::default());
    let other = text("{ maximize = \"revenue\" }", "{ max = 400 }", SHARE);
    let second = solved(&other, &Effort::default());
    let second = second.text().replace("plan.toml", "other.toml");
    let both = first.with("other.toml", other);
    let both = Saved { at: "all.jsonl", ..both.with("all.jsonl", format!("{}\n\n{second}\n", first.text())) };
    let verdicts = both.verdicts(None);
    assert_eq!(verdicts.len(), 2);
    for verdict in verdicts {
        assert_eq!(verdict.unwrap().differences, []);
    }
    let paths = [PathBuf::from("all.jsonl")];
    let answer = outlay::compare(&both.files(), &paths, &Effort::default()).unwrap();
    assert_eq!(answer.columns.len(), 3);
    assert_eq!(outlay::inputs(&both.files(), &paths).unwrap().files.len(), 2);
    let empty = both.with("all.jsonl", "\n  \n");
    assert!(empty.verdicts(None)[0].as_ref().unwrap_err().to_string().contains("no result here"));
    assert!(outlay::compare(&empty.files(), &paths, &Effort::default()).is_err());
    // A lie in one of them is one in none of the others.
    let mut lie = first.value();
    lie["value"] = json!(9e9);
    let told = both.with("all.jsonl", format!("{lie}\n{second}\n"));
    let fields = |v: &Result<Verified, Error>| v.as_ref().unwrap().differences.len();
    assert_eq!(told.verdicts(None).iter().map(fields).collect::<Vec<_>>(), [1, 0]);
    let refused = outlay::compare(&told.files(), &paths, &Effort::default()).unwrap_err();
    assert!(refused.to_string().contains("the proof fails: value says"), "{refused}");
    // Alone, a record of several plans is none.
    let record = |saved: &Saved, at: &str| outlay::record(&saved.files(), at).map(|_| ());
    assert!(record(&both, "all.jsonl").unwrap_err().to_string().contains("holds 2 plans"));
    assert!(record(&both, "result.json").is_ok());
    let lines = first.with("result.json", serde_json::to_string_pretty(&first.value()).unwrap());
    assert!(record(&lines, "result.json").is_ok());
    let refused = record(&first.told(&lie), "result.json").unwrap_err().to_string();
    assert!(refused.contains("the proof fails: value says"), "{refused}");
}

#[test]
fn inputs_beside_a_result_are_what_their_hashes_say() {
    let saved = solved(&plain(), &Effort::default());
    let inputs =
        serde_json::to_value(outlay::inputs(&saved.files(), &["result.json".into()]).unwrap()).unwrap();
    let beside = |inputs: &Value| {
        outlay::verify(
            &saved.with("inputs.result.json", inputs.to_string()).files(),
            "inputs.result.json",
            None,
        )
    };
    assert!(beside(&inputs).is_empty());
    let mut edited = inputs.clone();
    edited["files"][0]["text"] = json!("outlay = 1");
    assert!(beside(&edited)[0].as_ref().unwrap_err().to_string().contains("another hash"));
    let mut other = inputs.clone();
    other["outlay"] = json!(2);
    assert!(beside(&other)[0].as_ref().unwrap_err().to_string().contains("of format 2, not 1"));
    // Within the result.
    let embedded = embedded();
    let lie = |tell: &dyn Fn(&mut Value)| {
        let mut lie = embedded.value();
        tell(&mut lie["inputs"]);
        embedded.told(&lie).refuted()
    };
    assert_eq!(lie(&|_| ()), Vec::<String>::new());
    assert_eq!(lie(&|i| i["outlay"] = json!(2)), ["inputs.outlay"]);
    assert_eq!(lie(&|i| i["files"][0]["text"] = json!("outlay = 1")), ["inputs.files.0"]);
    let again = |i: &mut Value| {
        let file = i["files"][0].clone();
        i["files"].as_array_mut().expect("files").push(file);
    };
    assert_eq!(lie(&again), ["inputs.files.1"]);
    // A text of its own hash that nothing was made from.
    let foreign = |i: &mut Value| {
        i["files"]
            .as_array_mut()
            .expect("files")
            .push(json!({"path": "x.toml", "sha256": sha256(b"x = 1"), "text": "x = 1"}));
    };
    assert_eq!(lie(&foreign), ["inputs.files.1"]);
    // A library is one of the files it was made from.
    let drawn = over_draws(json!({"maximize": "revenue"}), json!([]));
    let inputs = outlay::inputs(&drawn.files(), &["result.json".into()]).unwrap();
    assert_eq!(inputs.files.len(), 2);
    let mut whole = drawn.value();
    whole["inputs"] = serde_json::to_value(inputs).unwrap();
    assert_eq!(drawn.told(&whole).refuted(), Vec::<String>::new());
    // A scenario that is gone is read from there.
    let gone = Saved { held: vec![("result.json".to_owned(), embedded.text().into())], at: "result.json" };
    assert!(gone.stands());
    let bare = Saved { held: vec![("result.json".to_owned(), saved.text().into())], at: "result.json" };
    assert!(!bare.stands());
}

#[test]
fn results_know_their_scenario_by_its_hash_wherever_it_stands() {
    let saved = solved(&plain(), &Effort::default());
    let moved = Saved {
        held: vec![
            ("out/result.json".to_owned(), saved.text().into()),
            ("out/plan.toml".to_owned(), plain().into()),
        ],
        at: "out/result.json",
    };
    assert!(moved.stands());
    let edited = plain().replace("max = 500", "max = 501");
    let changed = saved.with("plan.toml", edited.clone());
    let error = changed.verdict(None).unwrap_err();
    let Error::Record(RecordError::Changed { stated, found, edits, .. }) = &error else { panic!("{error}") };
    assert_eq!((stated, found), (&sha256(plain().as_bytes()), &sha256(edited.as_bytes())));
    assert!(edits.is_none());
    let kept = outlay::inputs(&saved.files(), &["result.json".into()]).unwrap();
    let kept = changed.with("inputs.result.json", serde_json::to_string(&kept).unwrap());
    let error = kept.verdict(None).unwrap_err();
    assert!(error.to_string().contains("budget.max") && error.to_string().contains("501"), "{error}");
    // A library that changed, and one more.
    let drawn = over_draws(json!({"maximize": "revenue"}), json!([]));
    let library =
        String::from_utf8(drawn.held.iter().find(|(n, _)| n == "c.json").unwrap().1.clone()).unwrap();
    let other = drawn.with("c.json", library.replace("900", "901"));
    let error = other.verdict(None).unwrap_err().to_string();
    assert!(error.contains("c.json has changed"), "{error}");
    let mut fewer = drawn.value();
    fewer["source"]["inputs"] = json!([]);
    let error = drawn.told(&fewer).verdict(None).unwrap_err();
    let Error::Record(RecordError::Changed { stated, found, .. }) = &error else { panic!("{error}") };
    assert_eq!((stated.as_str(), found.as_str()), ("0 input files", "1 input files"));
}

/// Before results carried all their proofs.
#[test]
fn results_of_earlier_versions_are_refused_by_name() {
    let goals = "[{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.01 }]";
    let saved = solved(&text(goals, "{ max = 500 }", SHARE), &Effort::default());
    let refused = |tell: &dyn Fn(&mut Value)| {
        let mut earlier = saved.value();
        tell(&mut earlier);
        let told = saved.told(&earlier);
        let record = outlay::record(&told.files(), "result.json").unwrap_err().to_string();
        let error = told.verdict(None).unwrap_err();
        assert!(matches!(&error, Error::Record(RecordError::Earlier { .. })), "{error}");
        assert_eq!(record, error.to_string());
        record
    };
    let mine = saved.value()["version"].as_str().expect("a version").to_owned();
    let unsealed = refused(&|r| r["certificate"]["sha256"] = json!(""));
    assert!(unsealed.contains(&mine), "{unsealed}");
    let later = refused(&|r| {
        r["version"] = json!("0.0.7");
        r["goals"][1]["certificate"].as_object_mut().expect("a proof").remove("sha256");
    });
    assert!(later.contains("version 0.0.7"), "{later}");
    let unknown = refused(&|r| {
        r.as_object_mut().expect("a result").remove("version");
        r["certificate"]["sha256"] = json!("");
    });
    assert!(unknown.contains("unknown"), "{unknown}");
}

/// Large files are compared text by text first, whatever stands between the
/// figures.
#[test]
fn large_files_are_compared_part_by_part() {
    let saved = traced_to(2e-7);
    let value = saved.value();
    assert!(saved.text().len() > 3 << 16, "{}", saved.text().len());
    let figures = |saved: &Saved| {
        let verified = saved.verdict(None).unwrap();
        assert_eq!(verified.differences, []);
        verified.figures
    };
    let spaced = saved.with(saved.at, serde_json::to_string_pretty(&value).unwrap());
    assert_eq!([figures(&saved), figures(&spaced)], [claims(&value).len(); 2]);
    let lie = |tell: &dyn Fn(&mut Value)| {
        let mut lie = value.clone();
        tell(&mut lie);
        saved.told(&lie).refuted()
    };
    let last = value["points"].as_array().expect("points").len() - 1;
    assert!(last > 100, "{last}");
    let worth = value["points"][last]["value"].as_f64().expect("a plan");
    let told = |by: f64| lie(&|f| f["points"][last]["value"] = json!(worth * (1.0 + by)));
    assert_eq!(told(4e-12), [format!("points.{last}.value")]);
    assert_eq!(told(2e-13), Vec::<String>::new());
    assert_eq!(
        lie(&|f| f["points"][last]["status"] = json!("within_gap")),
        [format!("points.{last}.status")]
    );
    let again = |f: &mut Value| {
        let point = f["points"][last].clone();
        f["points"].as_array_mut().expect("points").push(point);
    };
    assert_eq!(lie(&again), ["points"]);
    assert_eq!(lie(&|f| drop(f["points"].as_array_mut().expect("points").pop())), ["points"]);
    let gone = |f: &mut Value| drop(f["points"][3].as_object_mut().expect("a point").remove("marginal"));
    assert_eq!(lie(&gone), ["points.3.marginal"]);
    assert_eq!(lie(&|f| f["claimed"] = json!(1.0)), ["claimed"]);
    assert_eq!(lie(&|f| f["claimed"] = json!([])), Vec::<String>::new());
    assert_eq!(
        lie(&|f| drop(f.as_object_mut().expect("a frontier").remove("currency"))),
        Vec::<String>::new()
    );
    assert_eq!(lie(&|f| f["points"][5]["spends"] = json!([])), ["points.5.spends"]);
    // A short list once more, and one entry less.
    let small = solved(&plain(), &Effort::default());
    let told = |tell: &dyn Fn(&mut Vec<Value>)| {
        let mut lie = small.value();
        tell(lie["limits"].as_array_mut().expect("limits"));
        small.told(&lie).refuted()
    };
    assert_eq!(told(&|limits| limits.push(limits[0].clone())), ["limits"]);
    assert_eq!(told(&|limits| drop(limits.pop())), ["limits"]);
}

/// The searches behind an answer stand in it, each with its hash.
#[test]
fn searches_are_sealed_and_used_to_the_last() {
    let checked = asked(&(plain() + REVENUE), |_, b| {
        outlay::check(&b.scenario(0).unwrap(), &Effort::default().proofs(true)).unwrap()
    });
    let rounded = solved(&plain(), &Effort::default().round(30.0));
    for saved in [checked, judged(), traced(), compared(), rounded] {
        let value = saved.value();
        let proofs = value["proofs"].as_array().unwrap_or_else(|| panic!("{}", saved.text())).len();
        assert!(proofs > 0);
        let lie = |tell: &dyn Fn(&mut Vec<Value>)| {
            let mut lie = value.clone();
            tell(lie["proofs"].as_array_mut().expect("proofs"));
            saved.told(&lie).refuted()
        };
        assert_eq!(lie(&|_| ()), Vec::<String>::new());
        assert_eq!(lie(&|p| p[0]["sha256"] = json!("0".repeat(32))), ["proofs.0.sha256"]);
        assert!(lie(&|p| p.push(p[0].clone())).contains(&"proofs".to_owned()));
        assert!(!lie(&|p| drop(p.pop())).is_empty());
    }
}

/// A plan made by hand is known by its file, which may stand beside the answer
/// or be gone.
#[test]
fn a_judged_plan_is_the_one_in_its_file() {
    let saved = judged();
    assert!(saved.stands() && saved.value()["best"]["status"] == "optimal", "{}", saved.value()["best"]);
    let edited = saved.with("sheets/hand.csv", "line,spend\nA,200\nB,181\n");
    assert_eq!(edited.refuted(), ["plan.sha256"]);
    let mut gone = judged();
    gone.held.retain(|(name, _)| name != "sheets/hand.csv");
    assert!(gone.stands());
    let beside = gone.with("hand.csv", "line,spend\nA,200\nB,181\n");
    assert_eq!(beside.refuted(), ["plan.sha256"]);
    let mut lie = saved.value();
    lie["lines"][0]["spend"] = json!(201.0);
    assert!(saved.told(&lie).refuted().len() > 1);
}

/// Of a ratio that counts nothing any number holds; where something has to be
/// spent, the tightest number is the least there is.
#[test]
fn a_ratio_of_nothing_has_no_tightest_number() {
    let cac = "\n[[limits]]\nname = \"CAC\"\nmetric = \"cac\"\nmax = 14\n";
    let room = |budget: &str| {
        let batch = outlay::parse(&text("{ maximize = \"revenue\" }", budget, cac)).unwrap();
        let answer = outlay::check(&batch.scenario(0).unwrap(), &Effort::default()).unwrap();
        let room = answer.room.into_iter().find(|r| r.name == "CAC").expect("a limit");
        (room.idle, room.tightest_max)
    };
    assert_eq!(room("{ max = 500 }"), (true, None));
    let (idle, tightest) = room("{ min = 300, max = 500 }");
    let cost = |a: f64, b: f64| (a + b) / (0.1 * (1000.0 * a / (400.0 + a) + 600.0 * b / (100.0 + b)));
    let least = (0..=3000).map(|k| cost(f64::from(k) / 10.0, 300.0 - f64::from(k) / 10.0));
    let least = least.fold(f64::INFINITY, f64::min);
    let tightest = tightest.expect("a number");
    assert!(
        !idle && tightest <= least * (1.0 + 1e-7) && tightest > least * (1.0 - 1e-5),
        "{tightest} {least}"
    );
}
