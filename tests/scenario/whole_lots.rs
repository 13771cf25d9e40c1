//! Plans of whole lots and flat prices by period against every combination of
//! them, worked out here.

use outlay_allocator::Options;
use outlay_scenario::{Files, Status, solved as solve, verify};
use serde_json::{Value, json};

use crate::support::{Folder, batch};

const WEEKS: usize = 4;

/// A line as the enumeration sees it.
struct Line {
    half: f64,
    shape: f64,
    ceiling: f64,
    retention: f64,
    /// Every week's amounts.
    amounts: Vec<f64>,
    /// In one week at most.
    once: bool,
    /// Another that has to be on.
    needs: Option<usize>,
}

impl Line {
    /// What a flight earns, what works on after it included.
    fn earns(&self, spends: &[f64], demand: &[f64]) -> f64 {
        let f = |a: f64| {
            let x = WEEKS as f64 * a;
            self.ceiling * x.powf(self.shape)
                / (x.powf(self.shape) + self.half.powf(self.shape))
                / WEEKS as f64
        };
        let (mut stock, mut earned) = (0.0, 0.0);
        for t in 0..WEEKS + 200 {
            let spend = spends.get(t).copied().unwrap_or(0.0);
            stock = self.retention * stock + (1.0 - self.retention) * spend;
            earned += demand.get(t).copied().unwrap_or(1.0) * if stock > 0.0 { f(stock) } else { 0.0 };
        }
        earned
    }
}

/// The best of all combinations within a budget and a cap of every week.
fn best(lines: &[Line], demand: &[f64], budget: f64, cap: f64) -> f64 {
    // By line: spends and what they earn.
    let flights: Vec<Vec<(Vec<f64>, f64)>> = lines
        .iter()
        .map(|line| {
            let mut all: Vec<Vec<f64>> = vec![Vec::new()];
            for _ in 0..WEEKS {
                let longer = |way: &Vec<f64>| {
                    let way = way.clone();
                    line.amounts.iter().map(move |x| [way.clone(), vec![*x]].concat())
                };
                all = all.iter().flat_map(longer).collect();
                all.retain(|way| {
                    way.iter().sum::<f64>() <= budget + 1e-9 && way.iter().all(|x| *x <= cap + 1e-9)
                });
                all.retain(|way| !line.once || way.iter().filter(|x| **x > 0.0).count() <= 1);
            }
            all.into_iter().map(|way| (way.clone(), line.earns(&way, demand))).collect()
        })
        .collect();
    let mut most = f64::NEG_INFINITY;
    for a in &flights[0] {
        for b in &flights[1] {
            let on = [&a.0, &b.0].map(|x| x.iter().any(|x| *x > 0.0));
            let legal = |i: usize| !on[i] || lines[i].needs.is_none_or(|k| on[k]);
            let sum: f64 = a.0.iter().chain(&b.0).sum();
            let weeks = (0..WEEKS).all(|t| a.0[t] + b.0[t] <= cap + 1e-9);
            if legal(0) && legal(1) && sum <= budget + 1e-9 && weeks {
                most = most.max(a.1 + b.1);
            }
        }
    }
    most
}

/// Numbers from 0 to 1 that are the same every time.
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn case(seed: u64) -> (Value, f64) {
    let mut r = numbers(seed);
    let demand: Vec<f64> = (0..WEEKS).map(|_| 0.8 + 0.4 * r()).collect();
    let budget = 150.0 + 130.0 * r();
    let cap = if r() < 0.5 { 60.0 + 60.0 * r() } else { budget };
    let mut lines = Vec::new();
    let mut written = Vec::new();
    for i in 0..2 {
        let flat = r() < 0.3;
        let amount = if flat { 50.0 + 60.0 * r() } else { [25.0, 30.0, 50.0][(3.0 * r()) as usize] };
        let most = if flat { 1 } else { (budget / amount + 1e-9) as usize };
        let line = Line {
            half: 50.0 + 150.0 * r(),
            shape: 0.8 + 2.0 * r(),
            ceiling: 300.0 + 500.0 * r(),
            retention: if r() < 0.3 { 0.0 } else { (70.0 * r()).round() / 100.0 },
            amounts: (0..=most).map(|k| k as f64 * amount).collect(),
            once: flat,
            needs: (i == 1 && r() < 0.5).then_some(0),
        };
        let mut own = json!({"name": format!("L{i}"), "stage": "s", "outcome": "revenue", "spend": {"current": 60},
            "curve": {"family": "hill", "ceiling": line.ceiling, "half_saturation": line.half, "shape": line.shape},
            "adstock": {"kind": "geometric", "retention": line.retention},
            "deal": if flat { json!({"flat": amount}) } else { json!({"lots": amount}) }});
        if line.needs.is_some() {
            own["requires"] = json!(["L0"]);
        }
        lines.push(line);
        written.push(own);
    }
    let mut scenario = json!({"outlay": 1, "name": "lots", "currency": "USD", "goal": {"maximize": "revenue"},
        "horizon": {"start": "2026-01-05", "periods": WEEKS, "unit": "week", "plan": "by_period", "demand": demand},
        "budget": {"max": budget}, "lines": written});
    if cap < budget {
        scenario["limits"] = json!([{"name": "cash", "metric": "spend", "by": "period", "max": cap}]);
    }
    let best = best(&lines, &demand, budget, cap);
    (scenario, best)
}

#[test]
fn no_whole_lots_earn_more_than_is_proven_and_most_plans_are_the_best() {
    let (cases, mut proven) = (24, 0);
    for seed in 1..=cases {
        let (scenario, best) = case(seed);
        let folder = Folder::new();
        let path = folder.write("s.json", scenario.to_string());
        let meant = batch(&path).scenario(0).unwrap_or_else(|e| panic!("{e}"));
        let result = solve(&meant, None, &Options { nodes: 2_000, ..Options::default() }).unwrap();
        let saved = folder.write("r.json", serde_json::to_string(&result).unwrap());
        assert_eq!(verify(&Files::disk(), &saved, None).remove(0).unwrap().differences, []);
        let value = result.value.unwrap_or(f64::NEG_INFINITY);
        let bound = result.certificate.as_ref().and_then(|c| c.bound).unwrap_or(f64::INFINITY);
        assert!(value <= best * (1.0 + 1e-6), "{seed}: {value} earns more than all plans, {best}");
        assert!(bound >= best * (1.0 - 1e-6), "{seed}: {bound} is proven and {best} can be had");
        assert!(value >= 0.97 * best, "{seed}: {value} where {best} can be had");
        if result.status == Status::Optimal {
            assert!((value - best).abs() <= 3e-6 * best, "{seed}: {value} is called best, {best} is");
            proven += 1;
        }
    }
    assert!(proven >= cases * 2 / 3, "{proven} of {cases} are proven");
}
