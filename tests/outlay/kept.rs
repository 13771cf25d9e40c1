//! A plan that runs as planned is kept, and a sheet that is kept over the weeks
//! tells one story: nothing is counted twice, nothing lost.
//!
//! `SCENARIOS=200 cargo test -p outlay --test outlay kept -- --nocapture` draws
//! that many of each kind.
#![allow(clippy::print_stdout, reason = "the counts are for reading")]

use std::path::Path;

use outlay::{Column, Data, Effort, Files, Format, Replanned, Replanning, Status, show};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

fn scenarios() -> u64 {
    std::env::var("SCENARIOS").ok().and_then(|n| n.parse().ok()).unwrap_or(40)
}

struct Draw(Pcg64);

impl Draw {
    fn chance(&mut self, p: f64) -> bool {
        self.0.random_range(0.0..1.0) < p
    }

    fn within(&mut self, from: f64, to: f64) -> f64 {
        self.0.random_range(from..to)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len())].clone()
    }
}

/// A money figure as people write it.
fn money(x: f64) -> f64 {
    if x > 1000.0 { x.round() } else { (x * 100.0).round() / 100.0 }
}

/// Lines with least, largest and fixed spends, fees, rates, deals and flights,
/// under a budget and limits on stages, outcomes and moves.
fn scenario(draw: &mut Draw, by_period: bool) -> Value {
    let scale = draw.one(&[1e3, 1e4, 1e6]);
    let periods = draw.one(if by_period { &[4, 6] } else { &[4, 12, 13] });
    let mut lines = Vec::new();
    let mut limits = Vec::new();
    let mut total = 0.0;
    for i in 0..draw.0.random_range(2..6) {
        let now = money(scale * draw.within(0.2, 3.0) * draw.one(&[1.0, 1.0, 0.1]));
        total += now;
        let name = format!("Line {i}");
        let (ceiling, half) = (scale * draw.within(2.0, 12.0), scale * draw.within(0.3, 3.0));
        let s_shaped = !by_period && draw.chance(0.3);
        let shape = if s_shaped { draw.within(1.1, 2.5) } else { draw.within(0.6, 1.0) };
        let curve = json!({ "family": "hill", "ceiling": ceiling, "half_saturation": half, "shape": shape });
        let mut line = json!({ "name": name, "outcome": "revenue", "spend": { "current": now }, "curve": curve,
            "stage": if i % 2 == 0 { "awareness" } else { "conversion" } });
        match draw.0.random_range(0..8) {
            0 => line["spend"]["min"] = json!(money(now * draw.within(0.2, 1.0))),
            1 => line["spend"] = json!({ "current": now, "min": now, "max": now }),
            2 => line["spend"]["max"] = json!(now * draw.within(1.0, 2.0)),
            3 => limits
                .push(json!({ "name": format!("Moves {i}"), "metric": "change", "where": { "name": name },
                "min": -0.25, "max": 0.25 })),
            _ => {}
        }
        let free = line["spend"].as_object().unwrap().len() == 1;
        if by_period {
            line["adstock"] = json!({ "kind": "geometric", "retention": draw.one(&[0.0, 0.3, 0.7]) });
            let mut flight = json!({});
            if draw.chance(0.2) {
                flight["smooth"] = json!(0.2);
            } else if free && draw.chance(0.2) {
                flight["at_least"] = json!(money(now / f64::from(periods) * 0.3));
            } else if draw.chance(0.2) {
                flight["max"] = json!(now / f64::from(periods) * 2.0);
            }
            if draw.chance(0.3) {
                let prices = (0..periods).map(|_| draw.within(0.8, 1.3));
                flight["price"] = prices.collect::<Vec<f64>>().into();
            }
            line["flight"] = flight;
        } else if free && draw.chance(0.5) {
            line["deal"] = match draw.0.random_range(0..4) {
                0 => json!({ "flat": now }),
                1 => json!({ "at_least": money(now * 0.4) }),
                2 => json!({ "lots": money(now / 4.0) }),
                _ => json!({ "tiers": [{ "from": money(now * 0.7), "discount": 0.1 }] }),
            };
        }
        if draw.chance(0.4) {
            line["rate"] =
                json!({ "cpm": draw.within(2.0, 30.0), "viewability": 0.7, "invalid_traffic": 0.05 });
        }
        if draw.chance(0.35) {
            line["fee"] = json!(draw.one(&[0.05, 0.15]));
        }
        lines.push(line);
    }
    match draw.0.random_range(0..4) {
        0 => limits.push(json!({ "name": "Floor", "metric": "spend", "where": { "stage": "awareness" },
            "min": money(total * 0.1) })),
        1 => limits.push(json!({ "metric": "spend_share", "where": { "stage": "awareness" }, "max": 0.8 })),
        2 => limits.push(json!({ "metric": "mer", "min": draw.within(0.8, 1.6) })),
        _ => {}
    }
    let budget = money(total * draw.within(0.95, 1.4));
    let kind = draw.one(&["max", "max", "exact"]);
    let mut horizon = json!({ "start": "2026-01-05", "periods": periods, "unit": "week" });
    if by_period {
        horizon["plan"] = json!("by_period");
    }
    let goal = match draw.chance(0.15) {
        true => json!([{ "maximize": "revenue" }, { "minimize": "spend", "within": 0.002 }]),
        false => json!({ "maximize": "revenue" }),
    };
    json!({ "outlay": 1, "name": "Plan", "currency": "USD", "goal": goal, "horizon": horizon,
        "budget": { kind: budget }, "lines": lines, "limits": limits })
}

/// How the lines of a plan meet.
#[derive(Clone, Copy, PartialEq)]
enum Meeting {
    Audience,
    Reach,
    Pool,
}

/// Lines of the plan share an audience, or one stage makes demand that the other
/// harvests.
fn met(file: &mut Value, draw: &mut Draw, meeting: Meeting) {
    let total: f64 = lines(file).iter().map(|l| l["curve"]["ceiling"].as_f64().unwrap()).sum();
    let stages = [json!({ "stage": "awareness" }), json!({ "stage": "conversion" })];
    let share = |line: &mut Value, most: f64| {
        let scale = line["curve"]["half_saturation"].clone();
        line["curve"] = json!({ "family": "exponential", "ceiling": most, "scale": scale });
    };
    let harvesters = lines(file).len() / 2;
    match meeting {
        Meeting::Audience => {
            let room = total * draw.within(0.3, 2.0);
            let curve = json!({ "family": "exponential", "ceiling": room, "scale": room });
            file["audiences"] = json!([{ "name": "Viewers", "where": draw.one(&stages), "curve": curve }]);
        }
        Meeting::Reach => {
            let everybody = json!({ "population": total, "value": draw.within(0.5, 2.0), "duplication": 1 });
            let all: Vec<Value> = lines(file).iter().map(|line| line["name"].clone()).collect();
            file["audiences"] = json!([{ "name": "Viewers", "lines": all, "reach": everybody }]);
            let each = file["lines"].as_array_mut().unwrap().iter_mut();
            each.for_each(|line| {
                // Reach knows no prices that fall with the amount.
                line.as_object_mut().unwrap().remove("deal");
                share(line, draw.within(0.3, 0.9));
            });
        }
        Meeting::Pool => {
            let [makes, harvests] = stages;
            file["demand"] = json!([{ "name": "Demand", "base": money(total * draw.within(0.1, 1.0)),
                "makes": makes, "harvests": harvests }]);
            let each = file["lines"].as_array_mut().unwrap().iter_mut();
            let each = each.filter(|line| line["stage"] == "conversion");
            each.for_each(|line| share(line, draw.within(0.3, 0.9) / harvesters as f64));
        }
    }
}

fn lines(file: &Value) -> &[Value] {
    file["lines"].as_array().unwrap()
}

/// A plan with the files it stands in.
struct Planned {
    files: Files,
    rows: Vec<(String, String, f64, Option<f64>)>,
}

fn planned(file: &Value) -> Option<Planned> {
    let text = file.to_string();
    let files = Files::memory([("plan.json", text.as_str())]);
    let scenario = outlay::read(&files, "plan.json").unwrap().scenario(0).unwrap();
    let result = outlay::solve(&scenario, &Effort::default()).unwrap().result;
    if result.status != Status::Optimal {
        return None;
    }
    let rows = outlay::buy(&result, &scenario, &[]).unwrap().unwrap();
    let row = |r: outlay::BuyRow| (r.line, r.period, r.budget, r.media.map(|m| m.units));
    let rows = rows.into_iter().map(row).collect();
    let json = show::plan(&result, &scenario, Format::Json).unwrap();
    Some(Planned { files: files.with([("result.json", json.as_str())]), rows })
}

/// What is filled in of a sheet.
#[derive(Default)]
struct Sheet {
    line: Vec<String>,
    period: Vec<String>,
    spend: Vec<f64>,
    units: Vec<Option<f64>>,
    revenue: Vec<Option<f64>>,
}

impl Sheet {
    fn push(&mut self, (line, period): (&str, &str), spend: f64, units: Option<f64>, revenue: Option<f64>) {
        self.line.push(line.to_owned());
        self.period.push(period.to_owned());
        self.spend.push(spend);
        self.units.push(units.filter(|u| *u > 0.0));
        self.revenue.push(revenue);
    }

    fn data(&self) -> Data {
        let known = |list: &[Option<f64>]| {
            Column::Texts(list.iter().map(|u| u.map_or(String::new(), |u| u.to_string())).collect())
        };
        let columns = [
            ("line", Column::Texts(self.line.clone())),
            ("period", Column::Texts(self.period.clone())),
            ("actual_spend", Column::Numbers(self.spend.clone())),
            ("actual_units", known(&self.units)),
            ("actual_revenue", known(&self.revenue)),
        ];
        Data::columns("sheet", columns)
    }
}

fn replanned(files: &Files, plan: &str, sheet: &Sheet, at: &str) -> Replanned {
    let record = outlay::record(files, plan).unwrap();
    let actuals = outlay::actuals(&sheet.data(), &record).unwrap();
    outlay::replan(&Replanning::new(&record, &actuals, Path::new(at)), &Effort::default()).unwrap()
}

#[test]
fn a_plan_that_runs_as_planned_is_kept() {
    let (mut tried, mut meeting) = (0, 0);
    for seed in 0..scenarios() {
        let mut draw = Draw(Pcg64::seed_from_u64(seed));
        let by_period = seed % 4 == 3;
        let mut file = scenario(&mut draw, by_period);
        let meets = match seed % 8 {
            1 => Some(Meeting::Audience),
            2 => Some(Meeting::Reach),
            5 | 6 => Some(Meeting::Pool),
            _ => None,
        };
        meets.into_iter().for_each(|kind| met(&mut file, &mut draw, kind));
        let Some(Planned { files, rows }) = planned(&file) else { continue };
        let mut periods: Vec<&String> = rows.iter().map(|r| &r.1).filter(|p| !p.is_empty()).collect();
        periods.sort();
        periods.dedup();
        let over = draw.0.random_range(1..periods.len().max(2));
        let units = draw.chance(0.5);
        let whole = draw.chance(0.3);
        let mut sheet = Sheet::default();
        let mut late = (String::new(), 0);
        for (line, period, budget, bought) in &rows {
            if *line != late.0 {
                late = (line.clone(), draw.one(&[0, 0, 1, 2, 99]));
            }
            let at = periods.iter().position(|p| *p == period);
            let reported = at.map_or_else(|| draw.chance(0.5), |k| k + late.1 < over);
            if reported {
                let rounded = if whole && *budget > 100.0 { budget.round() } else { *budget };
                sheet.push((line, period), rounded, bought.filter(|_| units), None);
            }
        }
        if !sheet.period.iter().any(|p| !p.is_empty()) {
            continue;
        }
        tried += 1;
        meeting += usize::from(meets.is_some());
        let next = replanned(&files, "result.json", &sheet, "rest.json");
        let told = show::replanned(&next, Format::Table).unwrap();
        assert!(told.contains("Keep the plan"), "seed {seed}\n{told}");
        let files = files.with([
            ("rest.json", next.text.as_str()),
            ("kept.json", serde_json::to_string(&next.result).unwrap().as_str()),
        ]);
        let verdict = outlay::verify(&files, "kept.json", None).remove(0).unwrap();
        assert_eq!(verdict.differences, [], "seed {seed}");
    }
    println!("{tried} kept, in {meeting} of them lines meet");
    assert!(tried * 10 > scenarios() * 6 && meeting * 4 > scenarios() as usize, "{tried}, {meeting}");
}

/// Planned again every week from a sheet that is kept, the past is what it is
/// when it is read at once: each amount and outcome once, money outside the
/// plan and outcomes that were measured included.
#[test]
fn a_sheet_kept_over_the_weeks_tells_one_story() {
    let mut tried = 0;
    for seed in 0..scenarios().div_ceil(5) {
        let mut draw = Draw(Pcg64::seed_from_u64(1000 + seed));
        let by_period = seed % 4 == 3;
        let mut file = scenario(&mut draw, by_period);
        file["baseline"] = json!({ "revenue": 1000 });
        // Room for what is off plan, and no deal that happens at once.
        file["budget"] = json!({ "max": 1e9 });
        file["limits"] = json!([]);
        for line in file["lines"].as_array_mut().unwrap() {
            let now = line["spend"]["current"].as_f64().unwrap();
            line["spend"] = json!({ "current": now, "max": now });
            line.as_object_mut().unwrap().remove("deal");
            line.as_object_mut().unwrap().remove("rate");
        }
        let Some(Planned { files, rows }) = planned(&file) else { continue };
        let mut periods: Vec<&String> = rows.iter().map(|r| &r.1).collect();
        periods.sort();
        periods.dedup();
        let (mut sheet, mut waiting) = (Sheet::default(), Vec::<(String, f64)>::new());
        let (mut files, mut plan) = (files, "result.json".to_owned());
        let mut last = None;
        for (k, period) in periods.iter().take(4.min(periods.len() - 1)).enumerate() {
            for (line, spend) in waiting.drain(..) {
                sheet.push((&line, periods[k - 1]), spend, None, None);
            }
            for (line, _, budget, _) in rows.iter().filter(|r| r.1 == **period) {
                let spend = money(budget * draw.within(0.7, 1.2));
                let revenue = draw.chance(0.3).then(|| money(spend * draw.within(0.5, 3.0)));
                match k < 3 && draw.chance(0.2) {
                    true => waiting.push((line.clone(), spend)),
                    false => sheet.push((line, period), spend, None, revenue),
                }
            }
            if k == 1 {
                sheet.push(("Somebody's podcast", period), 50.0, None, None);
            }
            // Everything of the first week may be late.
            if sheet.line.is_empty() {
                continue;
            }
            let at = format!("after-{k}.json");
            let next = replanned(&files, &plan, &sheet, &at);
            plan = format!("result-{k}.json");
            files = files.with([
                (at.as_str(), next.text.as_str()),
                (plan.as_str(), serde_json::to_string(&next.result).unwrap().as_str()),
            ]);
            last = Some(next);
        }
        let Some(last) = last.filter(|_| waiting.is_empty()) else { continue };
        tried += 1;
        let at_once = replanned(&files, "result.json", &sheet, "at-once.json");
        let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        let (step, once) = (read(&last.text), read(&at_once.text));
        assert_eq!(step["budget"], once["budget"], "seed {seed}");
        assert_eq!(step["budget"]["outside"][0]["spend"], 50.0);
        near(&step["baseline"], &once["baseline"], &format!("seed {seed}: baseline"));
        for (a, b) in step["lines"].as_array().unwrap().iter().zip(once["lines"].as_array().unwrap()) {
            let reported = sheet.line.iter().zip(&sheet.spend).filter(|(l, _)| a["name"] == ***l);
            let reported: f64 = reported.map(|(_, x)| x).sum();
            if by_period {
                near(&a["flight"]["past"], &b["flight"]["past"], &format!("seed {seed}: {}", a["name"]));
                continue;
            }
            near(&a["past"], &b["past"], &format!("seed {seed}: {}", a["name"]));
            let spent = a["past"]["spend"].as_f64().unwrap();
            assert!((spent - reported).abs() <= 1e-4 * reported, "seed {seed}: {spent} of {reported}");
        }
    }
    println!("{tried} stories");
    assert!(tried > 0);
}

/// Equal but for the last digits.
fn near(a: &Value, b: &Value, place: &str) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            assert!(x.keys().eq(y.keys()), "{place}: {a} against {b}");
            x.iter().zip(y.values()).for_each(|((k, x), y)| near(x, y, &format!("{place}, {k}")));
        }
        (Value::Array(x), Value::Array(y)) => {
            assert_eq!(x.len(), y.len(), "{place}");
            x.iter().zip(y).for_each(|(x, y)| near(x, y, place));
        }
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            assert!((x - y).abs() <= 1e-4 * x.abs().max(y.abs()).max(1e-3), "{place}: {x} against {y}");
        }
        _ => assert_eq!(a, b, "{place}"),
    }
}
