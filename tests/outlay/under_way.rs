//! Plans by period that are under way, against their books: what was spent and
//! measured as it is on the sheet, the rest by the curves, all added up here.
//!
//! `SCENARIOS=200 cargo test -p outlay --test outlay under_way -- --nocapture`
//! draws that many.
#![allow(clippy::print_stdout, reason = "the counts are for reading")]

use std::collections::HashMap;
use std::path::Path;

use outlay::{Column, Data, Effort, Files, Format, Replanned, Replanning, Status, show};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

const WEEKS: usize = 6;
const DAYS: [&str; WEEKS] =
    ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02", "2026-02-09"];

fn scenarios() -> u64 {
    std::env::var("SCENARIOS").ok().and_then(|n| n.parse().ok()).unwrap_or(8)
}

fn within(draw: &mut Pcg64, from: f64, to: f64) -> f64 {
    draw.random_range(from..to)
}

fn one<T: Copy>(draw: &mut Pcg64, of: &[T]) -> T {
    of[draw.random_range(0..of.len())]
}

/// Lines of two stages that earn revenue and customers, with carry-over, and
/// limits on them all, on some, by line and by month, in every metric of what is
/// earned. The numbers of the limits are written by `limited`.
fn scenario(draw: &mut Pcg64) -> Value {
    let line = |i: usize, draw: &mut Pcg64| {
        let now = within(draw, 2e4, 6e4).round();
        let mut flight = json!({});
        if draw.random_range(0..3) == 0 {
            flight["opening"] = json!(within(draw, 0.0, 5e3));
        }
        if draw.random_range(0..3) == 0 {
            flight["demand"] = (0..WEEKS).map(|_| within(draw, 0.7, 1.4)).collect();
        }
        json!({ "name": format!("Line {i}"), "stage": if i.is_multiple_of(2) { "awareness" } else { "conversion" },
            "spend": { "current": now, "max": now * 2.0 }, "outcome": "revenue", "fee": one(draw, &[0.0, 0.1]),
            "revenue_per_customer": one(draw, &[40.0, 70.0]), "lifetime_value": one(draw, &[90.0, 160.0]),
            "margin": one(draw, &[0.3, 0.6]), "new_customer_share": one(draw, &[1.0, 0.5]),
            "curve": { "family": "hill", "ceiling": now * within(draw, 3.0, 9.0),
                "half_saturation": now * within(draw, 0.5, 2.0), "shape": within(draw, 0.7, 1.0) },
            "adstock": { "kind": "geometric", "retention": one(draw, &[0.0, 0.4, 0.8]) }, "flight": flight })
    };
    let lines: Vec<Value> = (0..draw.random_range(2..5)).map(|i| line(i, draw)).collect();
    let total: f64 = lines.iter().map(|l| l["spend"]["current"].as_f64().unwrap()).sum();
    let goal = one(draw, &["revenue", "profit", "customers"]);
    let mut file = json!({ "outlay": 1, "name": "Plan", "currency": "USD", "goal": { "maximize": goal },
        "horizon": { "start": DAYS[0], "periods": WEEKS, "unit": "week", "plan": "by_period" },
        "budget": { "max": total * within(draw, 0.8, 1.3) }, "lines": lines });
    if draw.random_bool(0.5) {
        file["baseline"] = json!({ "revenue": total * 0.3, "customers": total * 0.01, "other_cost": 500 });
    }
    file
}

const METRICS: [(&str, bool); 8] = [
    ("revenue", true),
    ("customers", true),
    ("profit", true),
    ("cac", false),
    ("mer", true),
    ("iroas", true),
    ("lifetime_value", true),
    ("ltv_to_cac", true),
];

/// Limits whose numbers are a share of what a plan without them has.
fn limited(file: &mut Value, draw: &mut Pcg64, plan: &Books) {
    let mut limits = Vec::new();
    for k in 0..draw.random_range(2..6) {
        let (metric, floor) = METRICS[draw.random_range(0..METRICS.len())];
        let mut limit = json!({ "name": format!("L{k}"), "metric": metric });
        let mut chosen = plan.lines.clone();
        if draw.random_bool(0.6) {
            let stage = one(draw, &["awareness", "conversion"]);
            limit["where"] = json!({ "stage": stage });
            chosen.retain(|i| i.is_multiple_of(2) == (stage == "awareness"));
        }
        let months = draw.random_bool(0.3);
        let number = if months {
            let month = one(draw, &["2026-01", "2026-02"]);
            limit["where"]["period"] = json!(month);
            plan.metric(metric, &chosen, Some(month))
        } else {
            plan.metric(metric, &chosen, None)
        };
        if !(number.is_finite() && number > 0.0) {
            continue;
        }
        let (side, share) =
            if floor { ("min", within(draw, 0.5, 0.95)) } else { ("max", within(draw, 1.05, 1.6)) };
        limit[side] = json!(number * share);
        limits.push(limit);
    }
    file["limits"] = limits.into();
}

/// What was spent and earned by line and week, the weeks after the last in one.
struct Books {
    file: Value,
    lines: Vec<usize>,
    spend: Vec<Vec<f64>>,
    outcome: Vec<Vec<f64>>,
}

impl Books {
    /// Of spends by line and week; what was measured is by line and week too.
    fn new(file: &Value, spend: Vec<Vec<f64>>, measured: &HashMap<(usize, usize), f64>) -> Self {
        let lines = file["lines"].as_array().unwrap();
        let outcome = lines.iter().zip(&spend).enumerate().map(|(i, (line, spend))| {
            let of = |field: &str| line["curve"][field].as_f64().unwrap();
            let (ceiling, half, shape) = (of("ceiling"), of("half_saturation"), of("shape"));
            // The curve of one week.
            let f = |a: f64| {
                let x = a * WEEKS as f64;
                ceiling * x.powf(shape) / (half.powf(shape) + x.powf(shape)) / WEEKS as f64
            };
            let r = line["adstock"]["retention"].as_f64().unwrap();
            let opening = line["flight"]["opening"].as_f64().unwrap_or(0.0);
            let (mut stock, mut before, mut after) = (opening, opening, 0.0);
            let mut weeks = Vec::new();
            // Until a millionth is left.
            let tail = if r > 0.0 { (1e-6_f64.ln() / f64::ln(r)).ceil() as usize } else { 0 };
            for t in 0..WEEKS + tail {
                let price = line["flight"]["price"].get(t).and_then(Value::as_f64).unwrap_or(1.0);
                let demand = line["flight"]["demand"].get(t).and_then(Value::as_f64).unwrap_or(1.0);
                stock = r * stock + (1.0 - r) * spend.get(t).map_or(0.0, |x| x / price);
                before *= r;
                let earned = demand * (f(stock) - f(before));
                match t < WEEKS {
                    true => weeks.push(measured.get(&(i, t)).copied().unwrap_or(earned)),
                    false => after += earned,
                }
            }
            weeks.push(after);
            weeks
        });
        let outcome = outcome.collect();
        Books { file: file.clone(), lines: (0..lines.len()).collect(), spend, outcome }
    }

    fn metric(&self, metric: &str, lines: &[usize], month: Option<&str>) -> f64 {
        let whole = month.is_none() && lines.len() == self.lines.len();
        let base = |field: &str| {
            let stated = self.file["baseline"].get(field).and_then(Value::as_f64);
            stated.filter(|_| whole).unwrap_or(0.0)
        };
        let counts = |t: usize| match (month, DAYS.get(t)) {
            (None, _) => true,
            (Some(month), Some(day)) => day.starts_with(month),
            (Some(_), None) => false,
        };
        let sum = |each: &dyn Fn(usize) -> f64| lines.iter().map(|i| each(*i)).sum::<f64>();
        let of = |i: usize, field: &str| self.file["lines"][i][field].as_f64().unwrap();
        let earned = |i: usize| {
            let weeks = self.outcome[i].iter().enumerate().filter(|(t, _)| counts(*t));
            weeks.map(|(_, o)| o).sum::<f64>()
        };
        let spent = |i: usize| {
            let weeks = self.spend[i].iter().enumerate().filter(|(t, _)| counts(*t));
            weeks.map(|(_, x)| x).sum::<f64>()
        };
        let cost = sum(&|i| spent(i) * (1.0 + of(i, "fee")));
        let revenue = sum(&earned);
        let bought = |i: usize| earned(i) / of(i, "revenue_per_customer");
        let customers = sum(&|i| bought(i) * of(i, "new_customer_share"));
        let value = sum(&|i| bought(i) * of(i, "lifetime_value"));
        match metric {
            "revenue" => revenue,
            "customers" => customers,
            "lifetime_value" => value,
            "profit" => sum(&|i| earned(i) * of(i, "margin")) - cost,
            "cac" => (cost + base("other_cost")) / (customers + base("customers")),
            "mer" => (revenue + base("revenue")) / (cost + base("other_cost")),
            "iroas" => revenue / cost,
            "ltv_to_cac" => value / cost,
            _ => unreachable!(),
        }
    }
}

fn spends(result: &Value) -> Vec<Vec<f64>> {
    let each = |line: &Value| {
        let weeks = line["flight"]["periods"].as_array().unwrap();
        weeks.iter().map(|w| w["spend"].as_f64().unwrap()).collect()
    };
    result["lines"].as_array().unwrap().iter().map(each).collect()
}

fn solved(file: &Value) -> Option<(Files, Value)> {
    let text = file.to_string();
    let files = Files::memory([("plan.json", text.as_str())]);
    let scenario = outlay::read(&files, "plan.json").unwrap().scenario(0).unwrap();
    let result = outlay::solve(&scenario, &Effort::default()).unwrap().result;
    if result.status != Status::Optimal {
        return None;
    }
    let json = show::plan(&result, &scenario, Format::Json).unwrap();
    let value = serde_json::from_str(&json).unwrap();
    Some((files.with([("result.json", json.as_str())]), value))
}

/// What is on a sheet: line, week, spend, and revenue where it was measured.
type Row = (usize, usize, f64, Option<f64>);

fn replanned(files: &Files, plan: &str, rows: &[Row], at: &str, set: &Value) -> Replanned {
    let columns = [
        ("line", Column::Texts(rows.iter().map(|r| format!("Line {}", r.0)).collect())),
        ("period", Column::Texts(rows.iter().map(|r| DAYS[r.1].to_owned()).collect())),
        ("actual_spend", Column::Numbers(rows.iter().map(|r| r.2).collect())),
        (
            "actual_revenue",
            Column::Texts(rows.iter().map(|r| r.3.map_or(String::new(), |x| x.to_string())).collect()),
        ),
    ];
    let record = outlay::record(files, plan).unwrap();
    let actuals = outlay::actuals(&Data::columns("sheet", columns), &record).unwrap();
    let asked = set.as_object().unwrap().iter().map(|(path, value)| (path.clone(), value.clone())).collect();
    let asking = Replanning { asked: &asked, ..Replanning::new(&record, &actuals, Path::new(at)) };
    outlay::replan(&asking, &Effort::default()).unwrap()
}

fn close(told: &Value, books: f64, place: &str) {
    let told = told.as_f64().unwrap_or(f64::NAN);
    assert!((told - books).abs() <= 1e-7 * books.abs().max(1e-3), "{place}: {told}, in the books {books}");
}

/// Every figure of the new plan is what the books say.
fn audit(seed: u64, next: &Replanned, measured: &HashMap<(usize, usize), f64>) -> bool {
    let result: Value = serde_json::to_value(&next.result).unwrap();
    if result["lines"].is_null() {
        return false;
    }
    let file: Value = serde_json::from_str(&next.text).unwrap();
    let books = Books::new(&file, spends(&result), measured);
    let all = books.lines.clone();
    for metric in ["revenue", "customers", "profit", "cac", "mer", "iroas", "ltv_to_cac"] {
        let told = &result["totals"][metric];
        close(told, books.metric(metric, &all, None), &format!("seed {seed}: {metric}"));
    }
    let goal = file["goal"]["maximize"].as_str().unwrap();
    close(&result["value"], books.metric(goal, &all, None), &format!("seed {seed}: goal"));
    for (i, line) in result["lines"].as_array().unwrap().iter().enumerate() {
        close(&line["revenue"], books.metric("revenue", &[i], None), &format!("seed {seed}: line {i}"));
    }
    for (t, period) in result["periods"].as_array().unwrap().iter().enumerate() {
        let week: f64 = all.iter().map(|i| books.outcome[*i][t]).sum();
        close(&period["revenue"], week, &format!("seed {seed}: week {t}"));
    }
    let told = result["limits"].as_array().unwrap();
    for limit in file["limits"].as_array().unwrap() {
        let name = limit["name"].as_str().unwrap();
        let mut lines = all.clone();
        if let Some(stage) = limit["where"]["stage"].as_str() {
            lines.retain(|i| file["lines"][*i]["stage"] == stage);
        }
        let figure =
            books.metric(limit["metric"].as_str().unwrap(), &lines, limit["where"]["period"].as_str());
        let told = told.iter().find(|l| l["name"] == name).unwrap();
        close(&told["value"], figure, &format!("seed {seed}: {limit}"));
        for (side, sign) in [("min", 1.0), ("max", -1.0)] {
            if let Some(number) = limit[side].as_f64() {
                assert!(
                    sign * (figure - number) >= -1e-7 * number,
                    "seed {seed}: {limit}, in the books {figure}"
                );
            }
        }
    }
    true
}

#[test]
fn every_figure_of_a_plan_under_way_is_in_the_books() {
    let (mut tried, mut audited, mut limits) = (0, 0, 0);
    for seed in 0..scenarios() {
        let mut draw = Pcg64::seed_from_u64(7000 + seed);
        let mut file = scenario(&mut draw);
        let Some((_, free)) = solved(&file) else { continue };
        let books = Books::new(&file, spends(&free), &HashMap::new());
        limited(&mut file, &mut draw, &books);
        let Some((files, plan)) = solved(&file) else { continue };
        tried += 1;
        limits += file["limits"].as_array().unwrap().len();
        let mut measured = HashMap::new();
        let planned = spends(&plan);
        let mut week = |draw: &mut Pcg64, t: usize, spends: &[Vec<f64>]| -> Vec<Row> {
            let row = |(i, weeks): (usize, &Vec<f64>)| {
                let spend = (weeks[t] * within(draw, 0.8, 1.2) * 100.0).round() / 100.0;
                let told = draw.random_bool(0.7).then(|| (spend * within(draw, 1.0, 4.0)).round());
                measured.extend(told.map(|told| ((i, t), told)));
                (i, t, spend, told)
            };
            spends.iter().enumerate().map(row).collect()
        };
        let mut rows: Vec<Row> = (0..2).flat_map(|t| week(&mut draw, t, &planned)).collect();
        let first = replanned(&files, "result.json", &rows, "rest.json", &json!({}));
        // Two weeks on, on a sheet of its own or one that was kept, and with a
        // curve that is believed to be lower.
        let result: Value = serde_json::to_value(&first.result).unwrap();
        let now = if result["lines"].is_null() { planned } else { spends(&result) };
        let later: Vec<Row> = (2..4).flat_map(|t| week(&mut draw, t, &now)).collect();
        let early: HashMap<_, _> =
            measured.iter().filter(|((_, t), _)| *t < 2).map(|(k, v)| (*k, *v)).collect();
        if !audit(seed, &first, &early) {
            continue;
        }
        let files =
            files.with([("rest.json", first.text.as_str()), ("kept.json", result.to_string().as_str())]);
        let verdict = outlay::verify(&files, "kept.json", None).remove(0).unwrap();
        assert_eq!(verdict.differences, [], "seed {seed}");
        match seed % 2 {
            0 => rows = later,
            _ => rows.extend(later),
        }
        let ceiling = file["lines"][0]["curve"]["ceiling"].as_f64().unwrap();
        let set = match seed % 3 {
            0 => json!({ "lines.Line 0.curve.ceiling": ceiling * 0.8 }),
            _ => json!({}),
        };
        let second = replanned(&files, "kept.json", &rows, "second.json", &set);
        audited += usize::from(audit(seed, &second, &measured));
    }
    println!("{tried} plans with {limits} limits, {audited} audited twice");
    assert!(audited * 3 > tried && tried * 2 > scenarios() as usize, "{audited} of {tried}");
}
