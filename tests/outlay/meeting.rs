//! Lines that meet in a quarter under way, against the formulas as they are
//! written.

use std::path::Path;

use outlay::{
    Actuals, Column, Data, Effort, Files, Format, Record, Replanned, Replanning, Split, Status, show,
};

/// Viewers are reached twice, demand is harvested, social sells by itself.
const POOL: &str = r#"
outlay = 1
currency = "EUR"
horizon = { periods = 4, unit = "week" }
budget = { max = 400 }
lines = [
    { name = "tv", stage = "upper", outcome = "revenue", spend = { current = 100 }, curve = { family = "hill", ceiling = 900, half_saturation = 120, shape = 1.4 } },
    { name = "video", stage = "upper", outcome = "revenue", spend = { current = 100 }, curve = { family = "michaelis_menten", ceiling = 500, half_saturation = 90 } },
    { name = "search", stage = "lower", outcome = "revenue", spend = { current = 100 }, curve = { family = "exponential", ceiling = 0.6, scale = 50 } },
    { name = "social", stage = "social", outcome = "revenue", spend = { current = 100 }, curve = { family = "michaelis_menten", ceiling = 150, half_saturation = 40 } },
]
audiences = [{ name = "Viewers", lines = ["tv", "video"], curve = { family = "exponential", ceiling = 1000, scale = 1000 } }]
demand = [{ name = "Demand", base = 300, makes = { stage = "upper" }, harvests = { stage = "lower" } }]
limits = [{ name = "enough", metric = "mer", min = 1.2 }]
"#;

fn pool(x: &[f64]) -> f64 {
    let tv = if x[0] > 0.0 { 900.0 / (1.0 + (120.0 / x[0]).powf(1.4)) } else { 0.0 };
    let made = -1000.0 * (-(tv + 500.0 * x[1] / (90.0 + x[1])) / 1000.0).exp_m1();
    -(300.0 + made) * 0.6 * (-x[2] / 50.0).exp_m1()
}

/// Three lines reach the same 100 people, of whom each is worth 7.
const REACH: &str = r#"
outlay = 1
currency = "EUR"
horizon = { periods = 4, unit = "week" }
budget = { max = 300 }
lines = [
    { name = "tv", outcome = "revenue", spend = { current = 100 }, curve = { family = "hill", ceiling = 0.8, half_saturation = 120, shape = 1.4 } },
    { name = "video", outcome = "revenue", spend = { current = 100 }, curve = { family = "michaelis_menten", ceiling = 0.6, half_saturation = 90 } },
    { name = "radio", outcome = "revenue", spend = { current = 100 }, curve = { family = "exponential", ceiling = 0.5, scale = 50 } },
    { name = "social", outcome = "revenue", spend = { current = 100 }, curve = { family = "michaelis_menten", ceiling = 150, half_saturation = 40 } },
]
audiences = [{ name = "People", lines = ["tv", "video", "radio"], reach = { population = 100, value = 7 } }]
"#;

fn reach(x: &[f64]) -> f64 {
    let tv = if x[0] > 0.0 { 0.8 / (1.0 + (120.0 / x[0]).powf(1.4)) } else { 0.0 };
    let missed = (1.0 - tv) * (1.0 - 0.6 * x[1] / (90.0 + x[1])) * (1.0 + 0.5 * (-x[2] / 50.0).exp_m1());
    700.0 * (1.0 - missed)
}

fn social(x: f64) -> f64 {
    150.0 * x / (40.0 + x)
}

/// The mean over the orders of three lines of what each adds.
fn shapley(worth: fn(&[f64]) -> f64, x: &[f64]) -> [f64; 3] {
    let mut shares = [0.0; 3];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut now = [0.0; 3];
        for i in order {
            let before = worth(&now);
            now[i] = x[i];
            shares[i] += (worth(&now) - before) / 6.0;
        }
    }
    shares
}

fn near(told: f64, meant: f64) -> bool {
    (told - meant).abs() <= 1e-9 * meant.abs().max(1.0)
}

struct Quarter {
    files: Files,
    record: Record,
    spends: Vec<f64>,
    value: f64,
}

fn planned(text: &str) -> Quarter {
    let files = Files::memory([("plan.toml", text)]);
    let scenario = outlay::read(&files, "plan.toml").unwrap().scenario(0).unwrap();
    let result = outlay::solve(&scenario, &Effort::default()).unwrap().result;
    assert_eq!(result.status, Status::Optimal);
    let json = show::plan(&result, &scenario, Format::Json).unwrap();
    let files = files.with([("plan.json", json.as_str())]);
    let record = outlay::record(&files, "plan.json").unwrap();
    let spends = result.lines.iter().flatten().map(|l| l.spend).collect();
    Quarter { files, record, spends, value: result.value.unwrap() }
}

impl Quarter {
    /// The first week, each line having spent a multiple of its plan.
    fn week(&self, times: [f64; 4]) -> (Actuals, Vec<f64>) {
        let names: Vec<String> = self.record.scenario.lines.iter().map(|l| l.name.clone()).collect();
        let spent: Vec<f64> = self.spends.iter().zip(times).map(|(x, t)| t * x / 4.0).collect();
        let columns = [
            ("line", Column::Texts(names)),
            ("period", Column::Texts(vec!["1".into(); 4])),
            ("actual_spend", Column::Numbers(spent.clone())),
        ];
        (outlay::actuals(&Data::columns("week 1", columns), &self.record).unwrap(), spent)
    }

    fn replanned(&self, actuals: &Actuals) -> Replanned {
        let at = Path::new("rest.scenario.json");
        let rest = outlay::replan(&Replanning::new(&self.record, actuals, at), &Effort::default()).unwrap();
        let saved = serde_json::to_string(&rest.result).unwrap();
        let files =
            self.files.with([("rest.scenario.json", rest.text.as_str()), ("rest.json", saved.as_str())]);
        assert_eq!(outlay::verify(&files, "rest.json", None).remove(0).unwrap().differences, []);
        rest
    }
}

#[test]
fn a_quarter_of_lines_that_meet_is_tracked_and_planned_again() {
    for (text, worth) in [(POOL, pool as fn(&[f64]) -> f64), (REACH, reach)] {
        let quarter = planned(text);
        // Everything as planned: the plan is kept, and promises what it did.
        let (actuals, _) = quarter.week([1.0; 4]);
        let kept = quarter.replanned(&actuals);
        assert_eq!(kept.file.verdict, outlay::scenario::replan::Verdict::Keep);
        assert!(near(kept.result.totals.as_ref().unwrap().revenue.unwrap(), quarter.value));
        let tracked = outlay::track(&quarter.record, &actuals, None, Split::Sequential).unwrap();
        assert!(near(tracked.total.outcome.to_date, quarter.value / 4.0));
        assert!(near(tracked.total.outcome.plan, quarter.value));
        assert!(near(tracked.total.outcome.projected, quarter.value));

        // A quarter of the horizon at other rates, the rest planned again.
        let (actuals, spent) = quarter.week([0.5, 1.2, 1.1, 0.8]);
        let rates: Vec<f64> = spent.iter().map(|x| 4.0 * x).collect();
        let tracked = outlay::track(&quarter.record, &actuals, None, Split::Sequential).unwrap();
        let counted = shapley(worth, &rates).map(|x| x / 4.0);
        let was = shapley(worth, &quarter.spends).map(|x| x / 4.0);
        for (line, (now, was)) in tracked.lines.iter().zip(counted.iter().zip(was)) {
            assert!(near(line.figures.outcome.actual, *now), "{}", line.name);
            assert!(near(line.figures.variance.spend, now - was), "{}", line.name);
        }
        let rest = quarter.replanned(&actuals);
        assert_eq!(rest.result.status, Status::Optimal);
        let lines = rest.result.lines.as_ref().unwrap();
        let ahead: Vec<f64> = lines.iter().zip(&spent).map(|(l, x)| (l.spend - x) / 0.75).collect();
        let counts = shapley(worth, &ahead);
        for (i, line) in lines.iter().take(3).enumerate() {
            assert!(near(line.revenue.unwrap(), counted[i] + 0.75 * counts[i]), "{}", line.name);
        }
        let whole = |ahead: &[f64]| {
            counted.iter().sum::<f64>() + social(rates[3]) / 4.0 + 0.75 * (worth(ahead) + social(ahead[3]))
        };
        assert!(near(rest.result.totals.as_ref().unwrap().revenue.unwrap(), whole(&ahead)));
        // No other plan of what is left earns more than moving to it costs.
        let budget: f64 = ahead.iter().sum();
        for from in 0..4 {
            for to in 0..4 {
                let by = 0.02 * budget.min(ahead[from]);
                let mut other = ahead.clone();
                other[from] -= by;
                other[to] += by;
                assert!(whole(&other) <= whole(&ahead) + 0.75 * 2.0 * by * rest.file.move_cost + 1e-9);
            }
        }
    }
}

#[test]
fn lines_that_meet_go_on_together() {
    let text = POOL.replace(
        "{ name = \"tv\", stage",
        "{ name = \"tv\", past = { share = 0.25, spend = 20, outcome = 30 }, stage",
    );
    let files = Files::memory([("plan.toml", text)]);
    let error = outlay::read(&files, "plan.toml").map(|b| b.scenario(0).unwrap_err()).unwrap();
    assert!(error.to_string().contains("write the same `past.share` for both"), "{error}");
}
