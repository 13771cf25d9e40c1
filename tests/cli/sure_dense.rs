//! Plans on the compressed mean of draws against the mean over all draws, on a
//! dense grid: three lines, S-shaped ones, prices that fall and deals.

use serde_json::{Value, json};

use crate::common::outlay_in;
use crate::sure::{Random, entry, hills, number, run, value};

const WEEKS: f64 = 13.0;
const COUNT: usize = 300;
const STEPS: usize = 600;
const BUDGET: f64 = 4800.0;
const FROM: f64 = 900.0;
const DISCOUNT: f64 = 0.2;
const LEAST: f64 = 700.0;

/// What money buys where that above an amount is cheaper.
fn bought(x: f64) -> f64 {
    x.min(FROM) + (x - FROM).max(0.0) / (1.0 - DISCOUNT)
}

/// The mean over the draws of what a spend returns.
fn mean(draws: &[[f64; 3]], x: f64) -> f64 {
    draws.iter().map(|&d| WEEKS * value(d, x / WEEKS)).sum::<f64>() / draws.len() as f64
}

#[test]
fn three_lines_with_tiers_and_deals_are_planned_as_the_mean_of_all_draws() {
    for (seed, shapes) in [(3, [1.9, 2.4, 0.8]), (4, [0.9, 2.2, 1.7]), (5, [2.6, 1.6, 2.0])] {
        let mut random = Random(seed);
        let mut own = |ceiling: f64, half: f64, shape: f64| hills([ceiling, half, shape], COUNT, &mut random);
        let (a, b, c) =
            (own(1000.0, 110.0, shapes[0]), own(800.0, 90.0, shapes[1]), own(700.0, 60.0, shapes[2]));
        let line = |name: &str, deal: Value| {
            let mut line =
                json!({"name": name, "spend": {"current": BUDGET / 3.0}, "revenue_per_customer": 5});
            if !deal.is_null() {
                line["deal"] = deal;
            }
            line
        };
        let scenario = json!({
            "outlay": 1, "curves": "c.json", "horizon": {"periods": 13, "unit": "week"},
            "goal": {"maximize": "revenue"}, "budget": {"max": BUDGET},
            "lines": [
                line("A", json!({"tiers": [{"from": FROM, "discount": DISCOUNT}]})),
                line("B", json!({"at_least": LEAST})),
                line("C", Value::Null),
            ],
        });
        let folder = tempfile::tempdir().expect("a folder");
        let library = vec![entry("A", &a), entry("B", &b), entry("C", &c)];
        let (result, _) = run(folder.path(), library, scenario);
        assert_eq!(result["status"], "optimal");
        let spend = |i: usize| number(&result["lines"][i]["spend"]);
        let (x, y, z) = (spend(0), spend(1), spend(2));
        let planned = mean(&a, bought(x)) + mean(&b, y) + mean(&c, z);
        let best = number(&result["value"]);
        assert!((best / planned - 1.0).abs() < 4e-9, "seed {seed}: {best} is not {planned}");
        let at = |k: usize| BUDGET * k as f64 / STEPS as f64;
        let each = |f: &dyn Fn(f64) -> f64| -> Vec<f64> { (0..=STEPS).map(|k| f(at(k))).collect() };
        let of_a = each(&|x| mean(&a, bought(x)));
        let of_b = each(&|x| if x > 0.0 && x < LEAST { f64::NEG_INFINITY } else { mean(&b, x) });
        let of_c = each(&|x| mean(&c, x));
        let mut most = f64::NEG_INFINITY;
        for i in 0..=STEPS {
            for j in 0..=STEPS - i {
                most = most.max(of_a[i] + of_b[j] + of_c[STEPS - i - j]);
            }
        }
        assert!(most <= best * (1.0 + 1e-8), "seed {seed}: {most} beats {best}");
        assert!(most >= best * (1.0 - 1e-4), "seed {seed}: the grid is near: {most}, {best}");
        let bound = number(&result["certificate"]["bound"]);
        assert!(most <= bound * (1.0 + 4e-9), "seed {seed}: the bound {bound} is below {most}");
        let verified = outlay_in(folder.path(), &["verify", "out/s.json"]);
        assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    }
}
