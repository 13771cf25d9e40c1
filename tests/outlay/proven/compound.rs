//! Edits of several figures at once that agree with each other.

use super::*;

/// Seals what was edited, as whoever edits it may.
fn resealed(mut told: Value) -> Value {
    let seal = |proof: &mut Value| {
        let Ok(mut search) = serde_json::from_value::<outlay::scenario::result::SearchFile>(proof.clone())
        else {
            return;
        };
        search.sha256 = String::new();
        let mut hash = sha256(&serde_json::to_vec(&search).expect("JSON"));
        hash.truncate(32);
        proof["sha256"] = json!(hash);
    };
    for proof in told["proofs"].as_array_mut().into_iter().flatten() {
        seal(proof);
    }
    told
}

/// True for two spellings of one figure, or of its negative: a bound that is the
/// value, a total that is the line's, what a cost is of a goal that is made small.
fn alike(a: f64, b: f64) -> bool {
    (a.abs() - b.abs()).abs() <= 1e-9 * b.abs()
}

/// A figure and all others of its size in a file, changed alike.
fn everywhere(value: &mut Value, figure: f64, times: f64, changed: &mut usize) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| everywhere(field, figure, times, changed))
        }
        Value::Array(items) => items.iter_mut().for_each(|item| everywhere(item, figure, times, changed)),
        other => {
            if let Some(own) = other.as_f64().filter(|own| !other.is_u64() && alike(*own, figure)) {
                *other = json!(own * times);
                *changed += 1;
            }
        }
    }
}

/// Distinct figures of a file other than 0 that claim something. Digits of a
/// search's proof do not: what they prove is claimed, and another proof of it
/// is no lie.
fn figures(value: &Value) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::new();
    for at in claims(value).iter().filter(|at| !free(at) && !at.starts_with("/proofs/")) {
        let scalar = value.pointer(at).expect("it is there");
        let Some(own) = scalar.as_f64().filter(|x| *x != 0.0 && !scalar.is_u64()) else { continue };
        if !all.iter().any(|known| alike(*known, own)) {
            all.push(own);
        }
    }
    all
}

/// Whoever changes a figure wherever it stands, with what was searched for and its
/// hash, is refuted all the same.
#[test]
fn a_figure_changed_wherever_it_stands_is_refuted() {
    const MOST: usize = 12;
    let (mut told, mut several) = (0, 0);
    for (name, saved) in kinds() {
        let honest = saved.value();
        let all = figures(&honest);
        for figure in all.iter().step_by((all.len() / MOST).max(1)) {
            for times in [1.0 + 1e-6, 1.25] {
                let (mut lie, mut changed) = (honest.clone(), 0);
                everywhere(&mut lie, *figure, times, &mut changed);
                assert!(!saved.told(&resealed(lie)).stands(), "{name}: {figure} {changed} times");
                told += 1;
                several += usize::from(changed > 1);
            }
        }
    }
    assert!(told > 300 && several > 100, "{told} told, {several} of them in several places");
}

/// What a kind of file claims, told more favourably in all the places that have
/// to agree.
#[test]
fn claims_that_agree_with_each_other_are_refuted() {
    type Tell = fn(&mut Value);
    let kinds = kinds();
    let told = |kind: &str, tell: Tell| {
        let (_, saved) = kinds.iter().find(|(name, _)| *name == kind).expect("a kind");
        let mut lie = saved.value();
        tell(&mut lie);
        assert_ne!(lie, saved.value(), "{kind}: nothing is told");
        let found = saved.told(&resealed(lie)).refuted();
        assert!(!found.is_empty(), "{kind}");
    };
    let closer: Tell = |r| {
        let value = r["value"].clone();
        (r["certificate"]["bound"], r["certificate"]["gap"]) = (value, json!(0.0));
        r["status"] = json!("optimal");
    };
    let asked: Tell = |r| {
        let gap = json!(0.9);
        (r["certificate"]["asked"], r["source"]["asked"]["gap"]) = (gap.clone(), gap);
        r["status"] = json!("optimal");
    };
    let impossible: Tell = |r| {
        r["status"] = json!("infeasible");
        for field in ["lines", "totals", "value", "limits"] {
            r[field] = Value::Null;
        }
    };
    // Bound, gap and status.
    for kind in ["within gap", "regret, to a gap", "probable"] {
        told(kind, closer);
    }
    for kind in ["within gap", "leaves", "rounded", "least cost", "worst draws", "probable"] {
        told(kind, asked);
        told(kind, impossible);
    }
    // A plan that is worth more: value, total, lines and bound.
    told("optimal", |r| {
        let value = r["value"].as_f64().expect("a plan");
        let revenue = |r: &Value| r["revenue"].as_f64().expect("a line");
        let lines = r["lines"].as_array_mut().expect("lines");
        lines.iter_mut().for_each(|line| line["revenue"] = json!(revenue(line) * 1.1));
        (r["value"], r["totals"]["revenue"], r["certificate"]["bound"]) =
            (json!(value * 1.1), json!(value * 1.1), json!(value * 1.1));
    });
    // Fewer members, and of the repairs those of the others.
    let fewer: Tell = |r| {
        let gone = r["conflict"].as_array_mut().and_then(Vec::pop).expect("a conflict");
        let repairs = r["repairs"].as_array_mut().expect("repairs");
        repairs.retain(|repair| repair["name"] != gone["name"]);
    };
    told("infeasible", fewer);
    told("infeasible, to a gap", fewer);
    told("infeasible", |r| {
        for field in ["conflict", "repairs", "cheapest_repair", "proofs"] {
            r[field] = json!([]);
        }
    });
    // Feasible after all.
    told("refuted", |r| {
        r["feasible"] = json!(true);
        for field in ["conflict", "repairs", "cheapest_repair"] {
            r[field] = json!([]);
        }
    });
    // A legal plan that leaves nothing on the table.
    told("judged", |r| {
        let value = r["value"].clone();
        (r["best"]["value"], r["best"]["bound"]) = (value.clone(), value);
        (r["left_on_table"]["found"], r["left_on_table"]["most"]) = (json!(0.0), json!(0.0));
    });
    told("judged", |r| {
        (r["legal"], r["broken"]) = (json!(true), json!([]));
        r["lines"][0]["spend"] = json!(100.0);
    });
    // A frontier that is closer than it is, and one whose points are all better.
    told("traced", |r| {
        r["gap"] = json!(1e-9);
        r["source"]["asked"]["gap"] = json!(1e-9);
    });
    told("traced", |r| {
        for point in r["points"].as_array_mut().expect("points") {
            let value = point["value"].as_f64().expect("a plan") * 1.01;
            (point["value"], point["bound"], point["totals"]["revenue"]) =
                (json!(value), json!(value), json!(value));
        }
    });
    // One result fewer, with its column.
    told("compared", |r| {
        r["results"].as_array_mut().map(Vec::pop);
        r["columns"].as_array_mut().map(Vec::pop);
    });
    // Intervals and probabilities.
    told("mean of draws", |r| {
        let better = &mut r["uncertainty"]["against_today"]["revenue"];
        better["low"] = json!(better["high"].as_f64().expect("an interval") * 0.9);
        r["uncertainty"]["probability_better"] = json!(1.0 - 1e-9);
    });
    told("probable", |r| {
        let limit = &mut r["limits"].as_array_mut().expect("limits")[1]["uncertainty"];
        (limit["probability"], limit["low"]) = (json!(1.0), limit["high"].clone());
    });
    told("worst draws", |r| {
        let mean = r["uncertainty"]["goal"]["mean"].clone();
        (r["uncertainty"]["goal"]["worst"], r["value"], r["certificate"]["bound"]) =
            (mean.clone(), mean.clone(), mean);
    });
    // What rounding costs nothing.
    told("rounded", |r| {
        (r["rounding"]["costs"], r["rounding"]["unrounded"]) = (json!(0.0), r["value"].clone());
    });
    // The later goal as good as it could be alone.
    told("several goals", |r| {
        let first = r["goals"][0]["value"].clone();
        r["goals"][0]["best"] = first;
        let second = r["goals"][1]["value"].clone();
        (r["goals"][1]["best"], r["goals"][1]["certificate"]["bound"]) = (second.clone(), second);
        r["goals"][1]["certificate"]["gap"] = json!(0.0);
    });
}

/// Whatever is made of a result is made of proven figures: edits that agree with
/// each other are refused where it is read.
#[test]
fn nothing_is_made_of_figures_that_agree_and_are_not_proven() {
    let saved = solved(&plain(), &Effort::default());
    let mut lie = saved.value();
    let value = lie["value"].as_f64().expect("a plan");
    let mut changed = 0;
    everywhere(&mut lie, value, 1.5, &mut changed);
    assert!(changed > 2, "{changed} places");
    let told = saved.told(&lie);
    let of_record = outlay::record(&told.files(), "result.json").unwrap_err().to_string();
    let paths: [PathBuf; 2] = ["result.json".into(), "result.json".into()];
    let of_results = outlay::compare(&told.files(), &paths, &Effort::default()).unwrap_err().to_string();
    for error in [of_record, of_results] {
        assert!(error.contains("the proof fails"), "{error}");
    }
}
