//! Plans over draws: the mean, the intervals, and that they are re-derived.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::{Ran, outlay_in, write};

/// Numbers in (0, 1), the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn spread(&mut self, by: f64) -> f64 {
        (by * (2.0 * self.unit() - 1.0)).exp()
    }
}

/// Ceiling, half-saturation and shape of every draw.
pub(crate) fn hills(median: [f64; 3], count: usize, random: &mut Random) -> Vec<[f64; 3]> {
    (0..count)
        .map(|_| {
            [median[0] * random.spread(0.5), median[1] * random.spread(0.7), median[2] * random.spread(0.3)]
        })
        .collect()
}

pub(crate) fn value([ceiling, half, shape]: [f64; 3], x: f64) -> f64 {
    if x > 0.0 { ceiling / (1.0 + (half / x).powf(shape)) } else { 0.0 }
}

pub(crate) fn entry(name: &str, draws: &[[f64; 3]]) -> Value {
    let hill = |[ceiling, half, shape]: [f64; 3]| json!({"family": "hill", "ceiling": ceiling, "half_saturation": half, "shape": shape});
    let all: Vec<Value> = draws.iter().copied().map(hill).collect();
    json!({"name": name, "outcome": "revenue", "curve": hill([900.0, 90.0, 1.0]), "draws": all})
}

pub(crate) fn run(folder: &Path, library: Vec<Value>, scenario: Value) -> (Value, Ran) {
    write(folder, "c.json", json!({"outlay": 1, "unit": "week", "curves": library}).to_string());
    write(folder, "s.json", scenario.to_string());
    let table = outlay_in(folder, &["run", "s.json", "--out", "out"]);
    assert_eq!(table.code, 0, "{}", table.stderr);
    let text = std::fs::read_to_string(folder.join("out/s.json")).expect("the result");
    (serde_json::from_str(&text).expect("JSON"), table)
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The middle 90%, linear between the order statistics.
pub(crate) fn middle(mut all: Vec<f64>) -> (f64, f64) {
    all.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (all.len() - 1) as f64;
        let (low, high) = (all[place.floor() as usize], all[place.ceil() as usize]);
        low + (high - low) * place.fract()
    };
    (at(0.05), at(0.95))
}

pub(crate) fn same(found: &Value, expected: f64) {
    assert!((number(found) - expected).abs() <= 1e-9 * expected.abs(), "{found} is not {expected}");
}

/// S-shaped and concave draws of two lines: the plan is the best of the mean
/// over the draws on a fine grid, its value is that mean, and every interval
/// and probability is what a count over the draws gives.
#[test]
fn a_plan_is_made_and_judged_over_all_draws() {
    const WEEKS: f64 = 13.0;
    let mut random = Random(21);
    let (a, b) = (hills([1000.0, 100.0, 1.8], 200, &mut random), hills([800.0, 60.0, 0.9], 200, &mut random));
    let (budget, today) = (3000.0, 1300.0);
    let cap = 1.15;
    let line = |name: &str| json!({"name": name, "spend": {"current": today}, "revenue_per_customer": 5});
    let scenario = json!({
        "outlay": 1, "curves": "c.json", "horizon": {"periods": 13, "unit": "week"},
        "budget": {"max": budget}, "lines": [line("A"), line("B")],
        "limits": [{"name": "CAC", "metric": "cac", "max": cap}],
    });
    let folder = tempfile::tempdir().expect("a folder");
    let (result, table) = run(folder.path(), vec![entry("A", &a), entry("B", &b)], scenario);

    let revenue = |d: usize, x: f64, y: f64| WEEKS * (value(a[d], x / WEEKS) + value(b[d], y / WEEKS));
    let over = |x: f64, y: f64| -> Vec<f64> { (0..200).map(|d| revenue(d, x, y)).collect() };
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let spend = |i: usize| number(&result["lines"][i]["spend"]);
    let (x, y) = (spend(0), spend(1));
    let planned = over(x, y);
    assert_eq!(result["status"], "optimal");
    let best = number(&result["value"]);
    assert!((best / mean(&planned) - 1.0).abs() < 4e-9, "the value is the mean");
    for i in 0..=1000 {
        let x = budget * f64::from(i) / 1000.0;
        let other = mean(&over(x, budget - x));
        assert!(other <= best * (1.0 + 1e-6), "{other} at {x} beats {best}");
    }

    let sure = &result["uncertainty"];
    assert_eq!(sure["draws"], 200);
    let (low, high) = middle(planned.clone());
    same(&sure["totals"]["revenue"]["low"], low);
    same(&sure["totals"]["revenue"]["high"], high);
    let was = over(today, today);
    let (low, high) = middle(planned.iter().zip(&was).map(|(p, t)| p - t).collect());
    same(&sure["against_today"]["revenue"]["low"], low);
    same(&sure["against_today"]["revenue"]["high"], high);
    let better = planned.iter().zip(&was).filter(|(p, t)| p > t).count();
    same(&sure["probability_better"], better as f64 / 200.0);
    let (low, high) = middle(b.iter().map(|&d| WEEKS * value(d, y / WEEKS)).collect());
    same(&result["lines"][1]["uncertainty"]["revenue"]["low"], low);
    same(&result["lines"][1]["uncertainty"]["iroas"]["high"], high / y);
    let cac = |r: &f64| (x + y) / (r / 5.0);
    let limit = &result["limits"][1]["uncertainty"];
    let kept = planned.iter().filter(|r| cac(r) <= cap * (1.0 + 1e-9)).count();
    assert!(kept > 10 && kept < 190, "the limit is in doubt: {kept}");
    same(&limit["probability"], kept as f64 / 200.0);
    same(&limit["high"], middle(planned.iter().map(cac).collect()).1);

    let text = table.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["Proven optimal, if these curves are right", "with probability 90.0%", "\"CAC\" holds with"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let verified = outlay_in(folder.path(), &["verify", "out/s.json"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    let claims = [
        "/uncertainty/probability_better",
        "/uncertainty/totals/revenue/low",
        "/lines/1/uncertainty/iroas/high",
        "/limits/1/uncertainty/probability",
    ];
    for claim in claims {
        let mut forged = result.clone();
        let stated = forged.pointer_mut(claim).expect("a figure");
        *stated = json!(number(stated) * 0.99);
        write(folder.path(), "out/forged.json", forged.to_string());
        let verified = outlay_in(folder.path(), &["verify", "out/forged.json"]);
        assert_eq!(verified.code, 1, "{claim}: {}", verified.stdout);
    }
}

/// Lines without draws and with fewer draws are named; draws of a family
/// without a ceiling leave the plan on the library's curve, and that is said.
#[test]
fn what_the_intervals_leave_out_is_said() {
    let mut random = Random(5);
    let mut power = entry("P", &[]);
    let draw = |c: f64| json!({"family": "power", "coefficient": c, "exponent": 0.5});
    power["curve"] = draw(10.0);
    power["draws"] = json!([draw(5.0), draw(15.0)]);
    let library = vec![
        entry("A", &hills([1000.0, 100.0, 1.0], 90, &mut random)),
        entry("B", &hills([800.0, 60.0, 1.0], 40, &mut random)),
        entry("C", &[]),
        power,
    ];
    let line = |name: &str| json!({"name": name, "spend": {"current": 500}});
    let scenario = json!({
        "outlay": 1, "curves": "c.json", "horizon": {"periods": 4, "unit": "week"},
        "budget": {"max": 2000}, "lines": [line("A"), line("B"), line("C"), line("P")],
    });
    let folder = tempfile::tempdir().expect("a folder");
    let (result, table) = run(folder.path(), library, scenario);
    let sure = &result["uncertainty"];
    assert_eq!(sure["draws"], 90);
    assert_eq!(sure["certain"], json!(["C"]));
    assert_eq!(sure["shuffled"], json!(["B", "P"]));
    assert_eq!(sure["not_averaged"], json!(["P"]));
    assert!(result["lines"][2].get("uncertainty").is_none());
    let text = table.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["come without draws: C.", "since their draws are fewer: B, P.", "mean of their draws: P."] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let verified = outlay_in(folder.path(), &["verify", "out/s.json"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
}

/// What certainty costs: a safe line and a bold one that earns more on the mean.
/// Every plan is as good as a grid of splits allows at its weight, no split of the
/// grid is above what is proven, and the file proves itself.
#[test]
fn the_mean_is_traded_for_the_worst_draws() {
    let mut random = Random(7);
    let draws = |ceiling: f64, by: f64, random: &mut Random| -> Vec<[f64; 3]> {
        (0..200).map(|_| [ceiling * random.spread(by), 60.0, 1.0]).collect()
    };
    let (safe, bold) = (draws(800.0, 0.05, &mut random), draws(900.0, 1.2, &mut random));
    let folder = tempfile::tempdir().expect("a folder");
    let library =
        json!({"outlay": 1, "unit": "week", "curves": [entry("safe", &safe), entry("bold", &bold)]});
    write(folder.path(), "c.json", library.to_string());
    let scenario = json!({
        "outlay": 1, "name": "split", "curves": "c.json", "horizon": {"periods": 1, "unit": "week"},
        "budget": {"max": 200}, "goal": {"maximize": "revenue", "worst": 0.1},
        "lines": [{"name": "safe", "spend": {"current": 100}}, {"name": "bold", "spend": {"current": 100}}],
    });
    write(folder.path(), "s.json", scenario.to_string());
    let asked = ["frontier", "s.json", "--over", "goal.weight", "--from", "0.01", "--to", "1"];
    let run = outlay_in(folder.path(), &[&asked[..], &["--out", "out", "--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let file: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let gap = number(&file["gap"]);
    assert!(file["certified"] == true && file["complete"] == true && gap <= 2e-4, "{gap}");
    // Mean and worst tenth of a split, from the draws alone.
    let judged = |x: f64| {
        let mut all: Vec<f64> =
            safe.iter().zip(&bold).map(|(s, b)| value(*s, x) + value(*b, 200.0 - x)).collect();
        all.sort_by(f64::total_cmp);
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        (mean(&all), mean(&all[..20]))
    };
    let grid: Vec<(f64, f64)> = (0..=2000).map(|k| judged(0.1 * f64::from(k))).collect();
    let points = file["points"].as_array().expect("points");
    let known: Vec<[f64; 3]> = points
        .iter()
        .map(|p| [number(&p["at"]), number(&p["draws"]["mean"]), number(&p["draws"]["worst"])])
        .collect();
    assert!(known.len() >= 4, "{known:?}");
    for (point, [at, mean, worst]) in points.iter().zip(&known) {
        let (m, w) = judged(number(&point["spends"][0]));
        assert!((m - mean).abs() < 1e-6 * mean && (w - worst).abs() < 1e-6 * worst, "{m} {mean} {w} {worst}");
        same(&point["value"], (1.0 - at) * mean + at * worst);
    }
    // In between, the better of the neighbours is within the gap of every split.
    for k in 1..100 {
        let at = 0.01 + 0.0099 * f64::from(k);
        let worth = |(m, w): (f64, f64)| (1.0 - at) * m + at * w;
        let best = grid.iter().map(|&s| worth(s)).fold(0.0, f64::max);
        let ours = known.iter().map(|[_, m, w]| worth((*m, *w))).fold(0.0, f64::max);
        assert!(best <= ours * (1.0 + gap), "{at}: {best} {ours}");
    }
    // More weight on the worst draws: a higher worst tenth, a lower mean.
    assert!(known.windows(2).all(|k| k[1][1] <= k[0][1] + 1e-3 && k[1][2] >= k[0][2] - 1e-3), "{known:?}");
    assert!(known[known.len() - 1][2] > 1.04 * known[0][2], "{known:?}");
    let verified = outlay_in(folder.path(), &["verify", "out/s.frontier.json"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    let lie = std::fs::read_to_string(folder.path().join("out/s.frontier.json")).expect("the file");
    let mean = format!("{}", known[1][1]);
    assert!(lie.contains(&mean), "{mean}");
    write(folder.path(), "out/s.frontier.json", lie.replace(&mean, &format!("{}", 1.01 * known[1][1])));
    assert_ne!(outlay_in(folder.path(), &["verify", "out/s.frontier.json"]).code, 0);
    let table = outlay_in(folder.path(), &asked);
    assert!(
        table.stdout.contains("of the mean buys") && table.stdout.contains("worst gained"),
        "{}",
        table.stdout
    );
    let csv = outlay_in(folder.path(), &[&asked[..], &["--format", "csv"]].concat()).stdout;
    assert!(csv.lines().next().expect("a heading").contains(",mean,worst"), "{csv}");
    let until = outlay_in(folder.path(), &[&asked[..], &["--until", "revenue>=100"]].concat());
    assert!(until.code == 2 && until.stderr.contains("goal.weight"), "{}", until.stderr);
}

/// A return that the fit knows from its prior is named where draws are spoken of.
#[test]
fn what_rests_on_the_prior_is_said() {
    let mut random = Random(11);
    let folder = tempfile::tempdir().expect("a folder");
    let known = |name: &str, prior: f64, random: &mut Random| {
        let mut entry = entry(name, &hills([800.0, 60.0, 1.0], 100, random));
        entry["quality"] = json!({"rests_on_history": 1.0 - prior, "rests_on_prior": prior});
        entry
    };
    let library = vec![known("seen", 0.05, &mut random), known("guessed", 0.6, &mut random)];
    let scenario = json!({
        "outlay": 1, "name": "s", "curves": "c.json", "horizon": {"periods": 1, "unit": "week"},
        "budget": {"max": 200},
        "lines": [{"name": "seen", "spend": {"current": 100}}, {"name": "guessed", "spend": {"current": 100}}],
    });
    let (file, table) = run(folder.path(), library, scenario);
    assert_eq!(file["uncertainty"]["on_prior"], json!({"guessed": 0.6}));
    let text = table.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Known in part from the fit's prior, not from data: guessed (60.0%)."), "{text}");
    assert_eq!(outlay_in(folder.path(), &["verify", "out/s.json"]).code, 0);
}
