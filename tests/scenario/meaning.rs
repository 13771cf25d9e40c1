//! What files mean, against closed forms, grids and small cases done by hand.

use approx::assert_relative_eq;
use indexmap::IndexMap;
use outlay_allocator::Options;
use outlay_scenario::spec::Metric;
use outlay_scenario::{HandPlan, LimitGroup, ResultFile, Scenario, Status, Warning, judge_plan, lower};
use serde_json::{Value, json};

use crate::support::{Folder, batch, proven, rejected, rejected_at, scenario, solved, verified};

/// A library of one Michaelis-Menten curve with half-saturation 50.
fn library(ceiling: f64) -> String {
    json!({ "outlay": 1, "currency": "USD", "unit": "week", "curves": [{ "name": "A", "outcome": "revenue",
        "curve": { "family": "michaelis_menten", "ceiling": ceiling, "half_saturation": 50 } }] })
    .to_string()
}

const LIBRARY: &str = r#"
outlay = 1
currency = "USD"
curves = "curves.json"
horizon = { periods = 1, unit = "week" }
budget = { max = 50 }
lines = [{ name = "A", spend = { current = 10 } }]
"#;

fn values(path: &std::path::Path) -> Vec<f64> {
    let batch = batch(path);
    (0..batch.len()).map(|i| proven(&batch.scenario(i).unwrap()).value.unwrap()).collect()
}

#[test]
fn every_library_of_a_what_if_is_the_one_it_names() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("archive/old")).unwrap();
    folder.write("curves.json", library(1000.0));
    folder.write("archive/curves.json", library(5000.0));
    folder.write("archive/old/curves.json", library(9000.0));
    let vary = |names: &str| format!("{LIBRARY}[[vary]]\nset = \"curves\"\nvalues = [{names}]\n");
    let all = r#""archive/curves.json", "curves.json", "archive/old/curves.json""#;
    let path = folder.write("s.toml", vary(all));
    // At half saturation a curve earns half its ceiling.
    for (found, right) in values(&path).into_iter().zip([2500.0, 500.0, 4500.0]) {
        assert_relative_eq!(found, right, max_relative = 1e-9);
    }
    // The same names from a base in another folder lead elsewhere.
    folder.write("archive/base.toml", vary(r#""curves.json", "old/curves.json""#));
    let child =
        folder.write("child.toml", "outlay = 1\nextends = \"archive/base.toml\"\ncurves = \"curves.json\"\n");
    assert_eq!(values(&child).iter().map(|v| v.round()).collect::<Vec<_>>(), [2500.0, 4500.0]);
    for i in 0..2 {
        let result = proven(&batch(&child).scenario(i).unwrap());
        verified(&folder, &result);
    }
}

#[test]
fn a_library_that_is_asked_for_is_read_and_recorded() {
    let folder = Folder::new();
    folder.write("curves.json", library(1000.0));
    folder.write("b.json", library(4000.0));
    let path = folder.write("s.toml", LIBRARY);
    let set: IndexMap<String, Value> = [("curves".to_owned(), json!("b.json"))].into_iter().collect();
    let asked = batch(&path).asked(&set).unwrap();
    let result = solved(&asked.scenario(0).unwrap());
    assert_relative_eq!(result.value.unwrap(), 2000.0, max_relative = 1e-9);
    assert_eq!(result.source.inputs.len(), 2, "{:?}", result.source.inputs);
    verified(&folder, &result);
    let none: IndexMap<String, Value> = [("curves".to_owned(), json!("c.json"))].into_iter().collect();
    let error = batch(&path).asked(&none).unwrap_err().to_string();
    assert!(error.contains("c.json"), "{error}");
}

#[test]
fn what_is_wrong_with_a_library_is_said_once() {
    let folder = Folder::new();
    folder.write("curves.json", library(1000.0));
    let many: String = (0..15).map(|i| format!("[[lines]]\nname = \"L{i}\"\ncurve = \"A\"\n")).collect();
    let text = LIBRARY.replace("lines = [{ name = \"A\", spend = { current = 10 } }]", &many);
    let months = folder.write("m.toml", text.replace("\"week\"", "\"month\""));
    let told = rejected_at(&months);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("m.toml:4:10: curves: unit is month here and week in"), "{told}");
    let euro = folder.write("e.toml", text.replace("\"USD\"", "\"EUR\""));
    assert_eq!(rejected_at(&euro).lines().count(), 1, "{}", rejected_at(&euro));
}

pub(crate) fn limit<'a>(result: &'a ResultFile, name: &str) -> &'a outlay_scenario::result::LimitResult {
    result.limits.iter().flatten().find(|l| l.name == name).unwrap()
}

/// Two lines by week, one of them fixed in total.
const WEEKS: &str = r#"
outlay = 1
currency = "USD"
budget = { max = 100_000 }
horizon = { start = 2026-01-05, periods = 4, unit = "week", plan = "by_period" }
[[lines]]
name = "Fixed"
outcome = "revenue"
spend = { current = 80_000, min = 40_000, max = 40_000 }
curve = { family = "michaelis_menten", ceiling = 200_000, half_saturation = 50_000 }
[[lines]]
name = "Free"
outcome = "revenue"
spend = { current = 60_000 }
curve = { family = "michaelis_menten", ceiling = 200_000, half_saturation = 50_000 }
"#;

fn judged(scenario: &Scenario, spends: [f64; 2]) -> outlay_scenario::judged::JudgedFile {
    let plan = HandPlan {
        path: "plan.csv".into(),
        sha256: String::new(),
        spends: spends.to_vec(),
        flights: Vec::new(),
    };
    judge_plan(scenario, &lower(scenario), &plan, None, &Options::default()).unwrap()
}

#[test]
fn spreading_evenly_moves_no_money_to_please_a_bound() {
    let scenario = scenario(WEEKS);
    let whole = |x: f64| 200_000.0 * x / (50_000.0 + x);
    let file = judged(&scenario, [80_000.0, 60_000.0]);
    assert!(!file.legal);
    let broken: Vec<&str> = file.broken.iter().map(|b| b.member.name.as_str()).collect();
    assert_eq!(
        broken,
        ["budget", "Fixed"].map(|n| if n == "budget" { n } else { "Fixed" }),
        "{:?}",
        file.broken
    );
    assert_eq!(file.totals.spend, Some(140_000.0));
    assert_relative_eq!(file.totals.revenue.unwrap(), whole(80e3) + whole(60e3), max_relative = 1e-12);
    let result = solved(&scenario);
    assert_eq!(result.status, Status::Optimal);
    let today = result.reference.as_ref().unwrap();
    assert_eq!((today.totals.spend, today.broken.len()), (Some(140_000.0), 2));
    assert_relative_eq!(result.value.unwrap(), whole(40e3) + whole(60e3), max_relative = 1e-6);
    let flight = result.lines.as_ref().unwrap()[0].flight.as_ref().unwrap();
    assert!(flight.periods.iter().all(|p| (p.spend - 10_000.0).abs() < 1.0), "{flight:?}");
    assert!(judged(&scenario, [40_000.0, 60_000.0]).legal);
    assert!(!judged(&scenario, [39_000.0, 60_000.0]).legal, "too little is broken as well");
}

#[test]
fn nothing_but_rounding_noise_is_nothing() {
    for (kind, opening) in
        [("geometric", "10_000"), ("geometric", "[3_000, 7_777.7, 123.45]"), ("delayed", "9_999")]
    {
        let text = format!(
            r#"
outlay = 1
budget = {{ max = 20_000 }}
horizon = {{ start = 2026-03-02, periods = 6, unit = "week", plan = "by_period" }}
limits = [{{ name = "CAC", metric = "cac", max = 1000 }}]
[[lines]]
name = "Video"
outcome = "revenue"
revenue_per_customer = 30
curve = {{ family = "exponential", ceiling = 80_000, scale = 30_000 }}
adstock = {{ kind = "{kind}", retention = 0.7, delay = 2 }}
flight = {{ opening = {opening} }}
"#
        );
        let scenario = scenario(&text.replace("max = 20_000", "max = 0"));
        let result = outlay_scenario::result(&scenario, &lower(&scenario), &nothing_spent(&scenario));
        let today = result.reference.unwrap();
        assert_eq!((today.value, today.totals.revenue), (Some(0.0), Some(0.0)), "{kind} {opening}");
        assert_eq!(result.value, Some(0.0), "{kind} {opening}");
        let cac = result.limits.unwrap().into_iter().find(|l| l.name == "CAC").unwrap();
        assert_eq!((cac.value, cac.reference), (None, None), "nothing over nothing is no cost");
    }
}

/// A solution that spends nothing, with the stocks that follow.
fn nothing_spent(scenario: &Scenario) -> outlay_allocator::Solution {
    let lowered = lower(scenario);
    let mut solution =
        outlay_allocator::solve(&lowered.problem, &Options { nodes: 1, ..Options::default() }).unwrap();
    let mut spends = vec![0.0; lowered.problem.lines.len()];
    lowered.problem.settle(&mut spends);
    let value = outlay_allocator::certificate::judge(&lowered.problem, &spends).value;
    solution.plan = Some(outlay_allocator::Plan { spends, value });
    solution
}

const ZERO: &str = r#"
outlay = 1
budget = { max = 900 }
[[lines]]
name = "Radio"
stage = "offline"
spend = { current = 200 }
outcome = "revenue"
curve = { family = "michaelis_menten", ceiling = 2000, half_saturation = 300 }
[[lines]]
name = "TV"
stage = "new"
spend = { current = 0 }
outcome = "revenue"
curve = { family = "michaelis_menten", ceiling = 9000, half_saturation = 300 }
[[limits]]
name = "Change"
metric = "change"
by = "stage"
min = -0.5
max = 0.25
"#;

#[test]
fn a_change_of_nothing_is_nothing() {
    let result = solved(&scenario(ZERO));
    let spends: Vec<f64> = result.lines.iter().flatten().map(|l| l.spend).collect();
    assert_eq!((result.status, spends[1]), (Status::Optimal, 0.0));
    assert_relative_eq!(spends[0], 250.0, max_relative = 1e-9);
    let still = limit(&result, "Change: new");
    assert_eq!((&still.metric, still.value, still.reference), (&Metric::Change, Some(0.0), Some(0.0)));
    assert_eq!(still.shadow_price, None, "no percentage of nothing is worth anything");
    // A floor alone holds nothing back: 90% of nothing is nothing.
    let floor = ZERO.replace("max = 0.25\n", "").replace("min = -0.5", "min = 0.5");
    assert!(solved(&scenario(&floor)).lines.unwrap()[1].spend > 100.0);
    // Zero that nobody wrote is no rule.
    let text = ZERO.replace("spend = { current = 0 }\n", "");
    assert!(
        rejected(&text).contains("`lines.TV.spend.current` is missing: a change of Change: new"),
        "{}",
        rejected(&text)
    );
    // A plan that breaks it is told so, without a percentage.
    let file = judged(&scenario(ZERO), [250.0, 10.0]);
    let broken = &file.broken[0];
    assert_eq!((broken.member.name.as_str(), broken.value, broken.number), ("Change: new", None, Some(0.0)));
    // What contradicts it is repaired elsewhere.
    let forced = ZERO.replace("current = 0 }", "current = 0, min = 50 }");
    let check =
        outlay_scenario::check(&scenario(&forced), &lower(&scenario(&forced)), &Options::default()).unwrap();
    assert_eq!(check.feasible, Some(false));
    assert!(check.repairs.iter().all(|r| r.name == "TV"), "{:?}", check.repairs);
    assert!(!check.repairs.is_empty());
}

const RATED: &str = r#"
outlay = 1
budget = { max = 600 }
[[lines]]
name = "A"
outcome = "revenue"
curve = { family = "michaelis_menten", ceiling = 2000, half_saturation = 150 }
rate = %
[[lines]]
name = "B"
outcome = "revenue"
curve = { family = "michaelis_menten", ceiling = 2000, half_saturation = 150 }
"#;

#[test]
fn a_price_that_is_set_or_extended_needs_what_it_changes_from() {
    let folder = Folder::new();
    let path = folder.write("base.toml", RATED.replace('%', "{ cpm = 4.5, viewability = 0.6 }"));
    let ask = |pairs: &[(&str, Value)]| {
        let set = pairs.iter().map(|(p, v)| ((*p).to_owned(), v.clone())).collect();
        batch(&path).asked(&set).and_then(|asked| asked.scenario(0))
    };
    let told = |pairs: &[(&str, Value)]| ask(pairs).unwrap_err().to_string();
    let cpm = ("lines.A.rate.cpm", json!(9));
    assert!(told(std::slice::from_ref(&cpm)).contains("`rate.fitted_at` is missing"));
    assert!(told(std::slice::from_ref(&cpm)).contains("set `rate.fitted_at` to 4.5 as well"));
    assert!(
        told(&[("lines.A.rate.viewability", json!(0.9))]).contains("set `rate.fitted_viewability` to 0.6")
    );
    assert!(told(&[("lines.A.rate.discount", json!(0.1))]).contains("set `rate.fitted_discount` as well"));
    assert!(told(&[("lines.A.rate", json!({ "cpm": 9 }))]).contains("`rate.fitted_at` is missing"));
    assert!(told(&[("lines.B.rate.cpm", json!(9))]).contains("`rate.fitted_at` is missing"));
    // With it twice the price stretches the curve to twice the spend.
    let right = ask(&[cpm, ("lines.A.rate.fitted_at", json!(4.5))]).unwrap();
    assert_relative_eq!(right.lines[0].curve.value(300.0), 1000.0, max_relative = 1e-12);
    let child = |rate: &str| {
        folder.write(
            "c.toml",
            format!("outlay = 1\nextends = \"base.toml\"\n[[lines]]\nname = \"A\"\nrate = {rate}\n"),
        )
    };
    assert!(
        rejected_at(&child("{ cpm = 9, viewability = 0.6 }"))
            .contains("c.toml:5:16: lines.A.rate.cpm: `rate.fitted_at` is missing")
    );
    let path = child("{ cpm = 9, fitted_at = 4.5, viewability = 0.6 }");
    assert_relative_eq!(
        batch(&path).scenario(0).unwrap().lines[0].curve.value(300.0),
        1000.0,
        max_relative = 1e-12
    );
    assert_eq!(rejected_at(&child("{ cpm = 4.5, viewability = 0.6 }")), "", "the same price changes nothing");
    // What the base knows of the fit stays known where the rate is replaced.
    folder.write("base.toml", RATED.replace('%', "{ cpm = 4.5, fitted_at = 3 }"));
    let path = child("{ cpm = 9 }");
    assert_relative_eq!(
        batch(&path).scenario(0).unwrap().lines[0].curve.value(450.0),
        1000.0,
        max_relative = 1e-12
    );
    // Another kind of price is not the one that was fitted.
    assert!(rejected_at(&child("{ cpc = 9 }")).contains("`rate.fitted_at` is missing"));
}

fn warned(text: &str) -> Vec<Warning> {
    scenario(text).warnings
}

#[test]
fn what_is_probably_not_meant_is_told() {
    let tagged = |stages: [&str; 3]| {
        let line = |(i, stage): (usize, &&str)| {
            format!(
                "[[lines]]\nname = \"L{i}\"\nstage = \"{stage}\"\noutcome = \"revenue\"\nspend = {{ current = 9 }}\ncurve = {{ family = \"linear\", rate = 2 }}\n"
            )
        };
        format!(
            "outlay = 1\nbudget = {{ max = 9 }}\n{}",
            stages.iter().enumerate().map(line).collect::<String>()
        )
    };
    let near = |stages| match warned(&tagged(stages)).as_slice() {
        [] => None,
        [Warning::NearTag { line, value, near, .. }] => Some((line.clone(), value.clone(), near.clone())),
        other => panic!("{other:?}"),
    };
    let found =
        |line: &str, value: &str, near: &str| Some((line.to_owned(), value.to_owned(), near.to_owned()));
    assert_eq!(near(["Awareness", "Awareness", "Awarness"]), found("L2", "Awarness", "Awareness"));
    assert_eq!(near(["Awareness", "Awraeness", "Awareness"]), found("L1", "Awraeness", "Awareness"));
    assert_eq!(near(["upper", "Upper ", "upper"]), found("L1", "Upper ", "upper"));
    for apart in [
        ["US", "UK", "US"],
        ["Phase 1", "Phase 2", "Phase 1"],
        ["Group A", "Group B", "Group A"],
        ["upper", "lower", "upper"],
    ] {
        assert_eq!(near(apart), None, "{apart:?}");
    }
    assert_eq!(
        near(["Awareness", "Awarness", "Conversion"]).map(|n| n.0),
        Some("L0".to_owned()),
        "told once"
    );

    let change = |max: &str| {
        format!("{}[[limits]]\nname = \"C\"\nmetric = \"change\"\nmax = {max}\n", tagged(["a", "b", "c"]))
    };
    assert_eq!(warned(&change("50")), [Warning::LargeFraction { field: "limits.C.max".into(), value: 50.0 }]);
    assert_eq!(warned(&change("0.5")), []);

    let deal = |spend: &str, deal: &str| {
        let old = "spend = { current = 9 }";
        tagged(["a", "b", "c"]).replacen(old, &format!("spend = {spend}\ndeal = {deal}"), 1)
    };
    let never = |deal: &str, least| {
        [Warning::NeverBought { line: "L0".into(), deal: deal.into(), least, most: 100.0 }]
    };
    assert_eq!(warned(&deal("{ max = 100 }", "{ flat = 150 }")), never("deal.flat", 150.0));
    assert_eq!(warned(&deal("{ max = 100 }", "{ at_least = 101 }")), never("deal.at_least", 101.0));
    assert_eq!(warned(&deal("{ max = 100 }", "{ lots = 120 }")), never("deal.lots", 120.0));
    assert_eq!(warned(&deal("{ max = 100 }", "{ flat = 100 }")), []);
    assert_eq!(warned(&deal("{ max = 0 }", "{ flat = 150 }")), [], "off on purpose");
    let by_week =
        WEEKS.replace("spend = { current = 60_000 }", "spend = { max = 100 }\nflight = { at_least = 150 }");
    assert!(
        matches!(warned(&by_week).as_slice(), [Warning::NeverBought { deal, .. }] if deal == "flight.at_least")
    );
    // A warning is part of the result, and re-proven with it.
    let folder = Folder::new();
    let path = folder.write("s.toml", change("50"));
    let result = solved(&batch(&path).scenario(0).unwrap());
    assert_eq!(result.warnings.len(), 1);
    verified(&folder, &result);
}

#[test]
fn a_value_of_the_wrong_kind_says_what_to_write() {
    let told = |old: &str, new: &str| rejected(&WEEKS.replace(old, new));
    let budget = told("budget = { max = 100_000 }", "budget = 2_500_000");
    assert!(
        budget.contains("the number 2500000 where a table is expected: write { max = 2500000 }"),
        "{budget}"
    );
    let text = told("max = 100_000", "max = \"15%\"");
    assert!(
        text.contains("budget.max: the text \"15%\" where a number is expected: write 0.15, without quotes"),
        "{text}"
    );
    let money = told("max = 100_000", "max = \"$2.1M\"");
    assert!(money.contains("write 2100000, without quotes"), "{money}");
    let goal = rejected(&format!("goal = \"max profit\"\n{WEEKS}"));
    assert!(goal.contains("write { maximize = "), "{goal}");
    let spend = told("spend = { current = 60_000 }", "spend = 60_000");
    assert!(spend.contains("{ current = 60000 }"), "{spend}");
    for (old, new) in [
        ("periods = 4", "periods = \"four\""),
        ("budget = { max = 100_000 }", "budget = true"),
        ("curve = {", "rate = 5\ncurve = {"),
        ("curve = {", "deal = \"flat\"\ncurve = {"),
        ("curve = {", "adstock = 0.7\ncurve = {"),
        ("curve = {", "long_term = 1.5\ncurve = {"),
        ("[[lines]]", "[[limits]]\nmetric = 3\nmax = 1\n[[lines]]"),
        ("outlay = 1", "outlay = 1\nvary = [3]"),
        ("outlay = 1", "outlay = 1\nbaseline = 3"),
    ] {
        let message = told(old, new);
        assert!(message.contains("expected"), "{new}: {message}");
        for inside in ["struct", "f64", "u32", "Spec", "sequence", "a map", "tuple", "string"] {
            assert!(!message.contains(inside), "{new}: {message}");
        }
    }
}

#[test]
fn groups_have_their_own_names() {
    let names: Vec<String> =
        scenario(ZERO).limits[0].groups.iter().map(|g: &LimitGroup| g.name.clone()).collect();
    assert_eq!(names, ["Change: offline", "Change: new"]);
}
