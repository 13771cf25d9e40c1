//! Goals and limits over draws where spends are planned by period, against flights
//! flown draw by draw.

use serde_json::{Value, json};

use crate::common::{outlay_in, write};
use crate::sure::{Random, entry, hills, number, run, same};
use crate::sure_by_period::earned;

const DRAWS: usize = 60;
const KEPT: f64 = 0.5;
const OPENING: f64 = 40.0;
const DEMAND: [f64; 4] = [1.0, 1.4, 0.8, 1.0];
const BUDGET: f64 = 400.0;

struct Case {
    a: Vec<[f64; 3]>,
    b: Vec<[f64; 3]>,
    folder: tempfile::TempDir,
}

impl Case {
    fn new(shape: f64) -> Self {
        let mut random = Random(17);
        let mut own = |median: [f64; 3]| {
            let all = hills(median, DRAWS, &mut random);
            let bent = |s: f64| if shape < 1.0 { s.min(1.0) } else { s.max(1.2) };
            all.into_iter().map(|[c, k, s]| [c, k, bent(s)]).collect()
        };
        let (a, b) = (own([1000.0, 100.0, shape]), own([800.0, 60.0, shape]));
        Case { a, b, folder: tempfile::tempdir().expect("a folder") }
    }

    fn solved(&self, goal: Value, (smooth, limits): (Option<f64>, Value)) -> (Value, String) {
        let mut carries = entry("A", &self.a);
        carries["adstock"] = json!({"kind": "geometric", "retention": KEPT});
        let mut first = json!({"opening": OPENING});
        let mut second = json!({"demand": DEMAND});
        for flight in [&mut first, &mut second] {
            if let Some(smooth) = smooth {
                flight["smooth"] = json!(smooth);
            }
        }
        let scenario = json!({
            "outlay": 1, "curves": "c.json", "goal": goal, "limits": limits,
            "horizon": {"start": "2026-01-05", "periods": 4, "unit": "week", "plan": "by_period"},
            "budget": {"max": BUDGET},
            "lines": [
                {"name": "A", "spend": {"current": 200}, "revenue_per_customer": 5, "flight": first},
                {"name": "B", "spend": {"current": 200}, "revenue_per_customer": 5, "flight": second},
            ],
        });
        let (result, ran) = run(self.folder.path(), vec![carries, entry("B", &self.b)], scenario);
        (result, ran.stdout.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Revenue under every draw of eight spends.
    fn revenues(&self, x: &[f64]) -> Vec<f64> {
        let one = |(a, b): (&[f64; 3], &[f64; 3])| {
            earned(*a, &x[..4], (KEPT, OPENING), &[]) + earned(*b, &x[4..], (0.0, 0.0), &DEMAND)
        };
        self.a.iter().zip(&self.b).map(one).collect()
    }

    /// The largest figure that small moves of money between the periods find
    /// from many starts, of plans that are allowed.
    fn climbed(&self, figure: &dyn Fn(&[f64]) -> f64, starts: &[Vec<f64>]) -> f64 {
        let mut best = f64::NEG_INFINITY;
        for start in starts {
            let (mut x, mut step) = (start.clone(), 40.0);
            let mut own = figure(&x);
            while step > 0.02 {
                let mut moved = false;
                for (i, j) in (0..8).flat_map(|i| (0..8).map(move |j| (i, j))) {
                    let by = x[i].min(step);
                    let mut other = x.clone();
                    other[i] -= by;
                    other[j] += by;
                    let value = figure(&other);
                    if i != j && value > own {
                        (x, own, moved) = (other, value, true);
                    }
                }
                if !moved {
                    step *= 0.5;
                }
            }
            best = best.max(own);
        }
        best
    }

    fn verified(&self) {
        let verified = outlay_in(self.folder.path(), &["verify", "out/s.json"]);
        assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    }
}

fn spends(result: &Value) -> Vec<f64> {
    let each = (0..2).flat_map(|i| result["lines"][i]["flight"]["periods"].as_array().expect("periods"));
    each.map(|p| number(&p["spend"])).collect()
}

/// The mean of the worst tenth: six of sixty.
fn worst(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[..DRAWS / 10].iter().sum::<f64>() / (DRAWS / 10) as f64
}

fn starts(random: &mut Random, own: Vec<f64>) -> Vec<Vec<f64>> {
    let any = |random: &mut Random| {
        let all: Vec<f64> = (0..8).map(|_| random.unit()).collect();
        let sum: f64 = all.iter().sum();
        all.into_iter().map(|x| BUDGET * x / sum).collect()
    };
    let mut starts: Vec<Vec<f64>> = (0..2).map(|_| any(random)).collect();
    starts.push(own);
    starts
}

#[test]
fn the_worst_tenth_of_flights_is_counted_and_never_beaten() {
    let (case, gap) = (Case::new(0.8), 1e-4);
    let goal = json!({"maximize": "revenue", "worst": 0.1});
    let (result, text) = case.solved(goal, (None, json!([])));
    let x = spends(&result);
    let value = number(&result["value"]);
    same(&result["value"], worst(case.revenues(&x)));
    same(&result["uncertainty"]["goal"]["worst"], worst(case.revenues(&x)));
    same(&result["reference"]["value"], worst(case.revenues(&[50.0; 8])));
    let proven = number(&result["certificate"]["gap"]);
    assert!(proven <= gap, "{proven}");
    let other = case.climbed(&|x| worst(case.revenues(x)), &starts(&mut Random(5), x));
    assert!(other <= value * (1.0 + 1.01 * proven.max(1e-7)), "{other} beats {value}, {proven}");
    assert!(number(&result["certificate"]["bound"]) >= other);
    assert!(text.contains("Mean revenue of the worst 10.0% of draws"), "{text}");
    case.verified();
    let mut forged = result.clone();
    let first = &mut forged["certificate"]["leaves"][0]["draws"]["at"][2];
    *first = json!(number(first) * 1.5 + 1.0);
    write(case.folder.path(), "out/s.json", forged.to_string());
    assert_eq!(outlay_in(case.folder.path(), &["verify", "out/s.json"]).code, 1);
}

#[test]
fn the_same_in_every_period_is_no_more_than_an_equation() {
    let case = Case::new(0.8);
    let goal = json!({"maximize": "revenue", "worst": 0.1});
    let (result, _) = case.solved(goal, (Some(0.0), json!([])));
    assert_eq!(result["status"], "optimal", "{}", result["certificate"]["gap"]);
    let x = spends(&result);
    let even = |share: f64| -> Vec<f64> {
        let part = |k: usize| BUDGET / 4.0 * if k < 4 { share } else { 1.0 - share };
        (0..8).map(part).collect()
    };
    let best = (0..=2000).map(|k| worst(case.revenues(&even(f64::from(k) / 2000.0)))).fold(0.0, f64::max);
    let found = number(&result["value"]);
    same(&result["value"], worst(case.revenues(&x)));
    assert!((found / best - 1.0).abs() < 1e-4 && found >= best * (1.0 - 1e-4), "{found}, {best}");
    case.verified();
}

#[test]
fn goals_over_draws_by_period_are_what_they_say() {
    let case = Case::new(0.8);
    let mean = |all: Vec<f64>| all.iter().sum::<f64>() / all.len() as f64;
    let none = || (None, json!([]));
    let goal = json!({"maximize": "revenue", "worst": 0.1, "weight": 0.4});
    let (result, _) = case.solved(goal, none());
    let all = case.revenues(&spends(&result));
    let mixed = 0.6 * mean(all.clone()) + 0.4 * worst(all);
    assert!((number(&result["value"]) / mixed - 1.0).abs() < 1e-7, "{mixed}");
    case.verified();
    let target = 1.05 * mean(case.revenues(&spends(&result)));
    let (result, _) = case.solved(json!({"maximize": "revenue", "shortfall": target}), none());
    let below = |x: &[f64]| mean(case.revenues(x).into_iter().map(|r| (target - r).max(0.0)).collect());
    let x = spends(&result);
    same(&result["value"], below(&x));
    let other = -case.climbed(&|x| -below(x), &starts(&mut Random(6), x));
    assert!(other >= number(&result["value"]) * (1.0 - 2e-4), "{other}");
    case.verified();
    let cap = 0.8;
    let cac = json!([{"name": "CAC", "metric": "cac", "max": cap, "probability": 0.9}]);
    let (result, _) = case.solved(json!({"maximize": "revenue"}), (None, cac));
    let x = spends(&result);
    let spent: f64 = x.iter().sum();
    let room = worst(case.revenues(&x).iter().map(|r| cap * r / 5.0 - spent).collect());
    assert!((-1e-6..1.0).contains(&room), "the limit binds: {room}");
    let held = case.revenues(&x).iter().filter(|r| spent / (**r / 5.0) <= cap * (1.0 + 1e-9)).count();
    assert!(held * 10 >= DRAWS * 9);
    same(&result["limits"][1]["uncertainty"]["probability"], held as f64 / DRAWS as f64);
    case.verified();
}

/// A plan made by hand is judged by the goal over the draws, and so is a limit.
#[test]
fn a_plan_made_by_hand_is_judged_over_the_draws() {
    let case = Case::new(0.8);
    let cap = 0.8;
    let cac = json!([{"name": "CAC", "metric": "cac", "max": cap, "probability": 0.9, "owner": "finance"}]);
    let goal = json!({"maximize": "revenue", "worst": 0.1});
    let (best, _) = case.solved(goal, (None, cac));
    let folder = case.folder.path();
    for (a, b, legal) in [(100.0, 60.0, true), (200.0, 200.0, false)] {
        write(folder, "plan.csv", format!("line,spend\nA,{a}\nB,{b}\n"));
        let judged = outlay_in(folder, &["check", "s.json", "--plan", "plan.csv", "--format", "json"]);
        let file: Value = serde_json::from_str(&judged.stdout).expect("JSON");
        let x: Vec<f64> = [[a / 4.0; 4], [b / 4.0; 4]].concat();
        let all = case.revenues(&x);
        let room = worst(all.iter().map(|r| cap * r / 5.0 - a - b).collect());
        assert_eq!(room >= 0.0, legal, "the case: {room}");
        assert_eq!(
            (file["legal"].as_bool(), judged.code),
            (Some(legal), i32::from(!legal)),
            "{}",
            file["broken"]
        );
        same(&file["value"], worst(all.clone()));
        same(&file["uncertainty"]["goal"]["worst"], worst(all));
        assert_eq!(file["limits"][1]["uncertainty"]["asked"], 0.9);
        same(&file["best"]["value"], number(&best["value"]));
        let left = number(&file["left_on_table"]["found"]);
        assert!(
            (left - (number(&best["value"]) - number(&file["value"]))).abs() < 1e-9 * left.abs().max(1.0)
        );
        if !legal {
            let broken = &file["broken"][0];
            assert_eq!((&broken["name"], &broken["number"]), (&json!("CAC"), &json!(cap)));
            assert!(number(&broken["value"]) > cap, "{broken}");
        }
        let text = outlay_in(folder, &["check", "s.json", "--plan", "plan.csv"]).stdout;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in
            ["asked: 90.0%", "mean revenue of the worst 10.0% of draws", "In the worst 10.0% of draws"]
        {
            assert!(text.contains(words), "{words}: {text}");
        }
        let kept = ["check", "s.json", "--plan", "plan.csv", "--out", "judged.json"];
        assert_eq!(outlay_in(folder, &kept).code, i32::from(!legal));
        let verified = outlay_in(folder, &["verify", "judged.json"]);
        assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
        let text = std::fs::read_to_string(folder.join("judged.json")).expect("the judgement");
        let stated = file["uncertainty"]["goal"]["worst"].to_string();
        assert!(text.contains(&stated));
        write(folder, "judged.json", text.replacen(&stated, "1.5", 1));
        assert_eq!(outlay_in(folder, &["verify", "judged.json"]).code, 1);
        std::fs::remove_file(folder.join("judged.json")).expect("gone");
    }
}

/// The mean is planned on one compressed curve a line; it is that of the draws.
#[test]
fn the_mean_of_flights_is_that_of_their_draws() {
    let mean = |all: Vec<f64>| all.iter().sum::<f64>() / all.len() as f64;
    for shape in [0.8, 1.8] {
        let case = Case::new(shape);
        let (result, _) = case.solved(json!({"maximize": "revenue"}), (None, json!([])));
        let (x, value) = (spends(&result), number(&result["value"]));
        let counted = mean(case.revenues(&x));
        assert!((value / counted - 1.0).abs() < 1e-8, "{value} is not {counted}");
        let other = case.climbed(&|x| mean(case.revenues(x)), &starts(&mut Random(7), x));
        assert!(other <= value * (1.0 + 2e-6), "{other} beats {value}");
        case.verified();
    }
}
