//! Edited files, each told what is wrong with it.

use super::*;

/// Whoever tells a lie is told what is wrong with it.
#[test]
fn lies_are_told_by_what_they_are_about() {
    let saved = solved(&plain(), &Effort::default());
    let lie = |saved: &Saved, tell: &dyn Fn(&mut Value)| {
        let mut lie = saved.value();
        tell(&mut lie);
        saved.told(&lie).verdict(None).unwrap().differences
    };
    let has = |all: &[outlay::scenario::Difference], field: &str, says: &str| {
        let found = all
            .iter()
            .any(|d| d.field.contains(field) && (d.recomputed.contains(says) || d.stated.contains(says)));
        assert!(found, "{field} {says}: {all:?}");
    };
    let prices = saved.value()["certificate"]["leaves"][0]["prices"].clone();
    let key = prices.as_object().and_then(|p| p.keys().next()).expect("a price").clone();
    let at = "certificate.leaves.0.prices";
    let found = lie(&saved, &|r| r["certificate"]["leaves"][0]["prices"][&key] = json!(-0.5));
    has(&found, at, "a price of at least 0");
    has(
        &lie(&saved, &|r| r["certificate"]["leaves"][0]["prices"]["nobody"] = json!(0.5)),
        at,
        "no such limit",
    );
    has(&lie(&saved, &|r| r["certificate"]["leaves"] = json!([])), "certificate.leaves", "a proof");
    has(&lie(&saved, &|r| r["certificate"] = json!(null)), "certificate", "a certificate");
    has(&lie(&saved, &|r| r["lines"].as_array_mut().expect("lines").reverse()), "lines", "A, B");
    let trap = solved(TRAP, &Effort::default());
    let cut = trap.value()["certificate"]["leaves"][0]["cuts"][0]["line"].clone();
    assert!(cut.is_string());
    let found = lie(&trap, &|r| r["certificate"]["leaves"][0]["cuts"][0]["line"] = json!("Nobody"));
    has(&found, "certificate.leaves.0.cuts", "no such line");
    // A plan of more money than there is, told consistently.
    let rich = solved(&text("{ maximize = \"revenue\" }", "{ max = 900 }", SHARE), &Effort::default());
    let found = lie(&saved, &|r| {
        let source = r["source"].clone();
        *r = rich.value();
        r["source"] = source;
    });
    has(&found, "certificate.violation", "at most 0.000000001");
    assert_eq!(found.iter().filter(|d| d.recomputed.starts_with("at most")).count(), 1);
    let found = lie(&saved, &|r| r["status"] = json!("within_gap"));
    assert_eq!((found.len(), found[0].field.as_str()), (1, "status"));
    let wide = solved(TRAP, &Effort::default().gap(1e-12).nodes(1));
    assert_eq!(wide.value()["status"], "within_gap");
    let found = lie(&wide, &|r| r["status"] = json!("optimal"));
    assert_eq!((found.len(), found[0].field.as_str()), (1, "status"));
    let none = solved(&(plain() + REVENUE), &Effort::default());
    for status in ["undetermined", "optimal", "within_gap"] {
        let found = lie(&none, &|r| r["status"] = json!(status));
        assert!(
            found.iter().any(|d| d.field == "status" && d.recomputed.contains("infeasible")),
            "{found:?}"
        );
    }
    // Prices that prove nothing make no plan impossible.
    let found = lie(&none, &|r| r["certificate"]["leaves"][0]["prices"] = json!({}));
    has(&found, "certificate.leaves", "a proof");
    // A ratio is proven by what is stated, or not at all.
    let cac = solved(&text("{ minimize = \"cac\" }", "{ min = 300 }", SHARE), &Effort::default());
    assert_eq!(cac.value()["status"], "optimal");
    let found =
        lie(&cac, &|r| r["certificate"]["bound"] = json!(r["certificate"]["bound"].as_f64().unwrap() * 1.01));
    has(&found, "certificate.bound", "null");
    let found = lie(&cac, &|r| r["certificate"]["bound"] = json!(null));
    assert!(!found.is_empty());
    // A lower ratio is proven as well, and no longer as good.
    let found =
        lie(&cac, &|r| r["certificate"]["bound"] = json!(r["certificate"]["bound"].as_f64().unwrap() * 0.9));
    has(&found, "status", "within_gap");
}

/// What is compared is proven on the way, and told by its place.
#[test]
fn a_comparison_of_lies_is_one() {
    let saved = compared();
    let mut lie = saved.value();
    lie["results"][1]["value"] = json!(1.0);
    assert!(saved.told(&lie).refuted().contains(&"results.1.value".to_owned()));
    let verified = saved.verdict(None).unwrap();
    assert_eq!(verified.scenario, "Plan, Plan");
    let mut columns = saved.value();
    columns["columns"][1]["value"] = json!(1.0);
    assert_eq!(saved.told(&columns).refuted().len(), 1);
    // Rounded ones, and what lies between them, are those that rounding made.
    let unit = Effort::default().proofs(true).round(30.0);
    let first = solved(&plain(), &unit);
    let other = text("{ maximize = \"revenue\" }", "{ max = 610 }", &SHARE.replace("0.6", "0.5"));
    let both = first.with("more.toml", other);
    let batch = outlay::read(&both.files(), "more.toml").unwrap();
    let result = outlay::solve(&batch.scenario(0).unwrap(), &unit).unwrap().result;
    let both = both.with("more.json", serde_json::to_string(&result).unwrap());
    let paths: [PathBuf; 2] = ["result.json".into(), "more.json".into()];
    let answer = outlay::compare(&both.files(), &paths, &Effort::default().proofs(true)).unwrap();
    assert!(!answer.proofs.is_empty());
    let rounded =
        Saved { at: "answer.json", ..both }.with("answer.json", serde_json::to_string(&answer).unwrap());
    assert_eq!(rounded.refuted(), Vec::<String>::new());
    assert_eq!(Status::Optimal, answer.results[0].status);
}
