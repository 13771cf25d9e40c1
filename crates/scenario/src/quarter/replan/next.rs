//! The next horizon, from the last one's plan and actuals.

use std::path::Path;

use outlay_allocator::{Options, Solution};
use serde_json::{Map, Value};

use super::account::{Account, Step, StepLine};
use super::asked::{ReplanError, pretty};
use super::file::{ReplanFile, ReplanLine, Verdict};
use super::scene::{forget_hold, reprice};
use super::{Replanned, planned, refuse_draws, scenario};
use crate::files::diagnostic::Rejected;
use crate::files::result::Status;
use crate::files::result::{FORMAT, InputFile};
use crate::files::storage::Files;
use crate::model::scenario::Scenario;
use crate::model::window::Window;
use crate::plan::lower::lower;
use crate::plan::ordered::serve;
use crate::plan::proofs::{asked, asked_of};
use crate::plan::solved::explain;
use crate::quarter::actuals::Actuals;
use crate::quarter::refitted::{lines, take_curves};
use crate::quarter::track::{PlanRef, Ratio, Tracking, happenings, measure};
use crate::read::load::load;
use crate::read::record::Record;
use crate::read::written::figure;

/// What the next horizon's plan starts from.
#[derive(Debug, Clone, Copy)]
pub struct Resetting<'a> {
    /// The last plan.
    pub record: &'a Record,
    /// What happened.
    pub actuals: &'a Actuals,
    /// A library with the curves believed in now.
    pub curves: Option<&'a Path>,
    /// The next horizon's scenario, where it is another than the last one's.
    pub next: Option<&'a Path>,
    /// Prices as they were paid, rather than as planned.
    pub paid_prices: bool,
    /// Where the new scenario is to stand.
    pub at: &'a Path,
}

impl<'a> Resetting<'a> {
    /// The next horizon under the last one's limits and budget, on its curves and
    /// the prices that were paid.
    pub fn new(record: &'a Record, actuals: &'a Actuals, at: &'a Path) -> Self {
        Resetting { record, actuals, curves: None, next: None, paid_prices: true, at }
    }
}

type File = Map<String, Value>;

/// Spend and prices of a line over the last horizon.
struct Last {
    name: String,
    spend: f64,
    ratio: Option<Ratio>,
}

/// Plans the next horizon: new curves, prices as paid, today's spend as it was
/// spent, and the limits and budget of the next scenario; with an account of
/// what each of them changed.
///
/// # Errors
/// See [`ReplanError`].
pub fn reset(resetting: &Resetting, options: &Options) -> Result<Replanned, ReplanError> {
    let planned = planned(resetting.record)?;
    let by_period = resetting.record.scenario.calendar.is_some();
    if by_period && resetting.next.is_none() {
        return Err(ReplanError::Unsupported(
            "a plan by period has dates: give the next horizon's scenario with `--scenario`",
        ));
    }
    let last = last(resetting, planned);
    let stages = stages(resetting, &last)?;
    let mut before: Vec<(String, f64)> = planned.iter().map(|l| (l.name.clone(), l.spend)).collect();
    let first = resetting.record.file.value.unwrap_or(0.0);
    let mut value = Some(first);
    let mut steps = Vec::new();
    let mut final_stage = None;
    for (cause, file) in stages {
        let text = pretty(&Value::Object(file));
        let (scenario, inputs) = scenario(resetting.record.files(), resetting.at, &text)?;
        refuse_draws(&scenario)?;
        let served = serve(&scenario, &lower(&scenario), options)?;
        let step = step(cause, &scenario, &served.first, (&mut value, &mut before));
        steps.push(step);
        final_stage = Some((text, scenario, inputs, served));
    }
    let Some((text, scenario, inputs, served)) = final_stage else {
        return Err(ReplanError::Unsupported("nothing to plan"));
    };
    let lowered = lower(&scenario);
    let mut file = served.file(&scenario, &lowered, options.stop);
    explain(&mut file, &scenario, &lowered, options)?;
    file.source = asked_of(file.source, asked(options, None));
    let account = Account { before: first, after: file.value.unwrap_or(f64::NAN), steps };
    let account = file.value.map(|_| account);
    let report = report(resetting, &scenario, &last, &served.first, (&file.status, account));
    Ok(Replanned { text, scenario, inputs, result: file, file: report })
}

/// What was spent on every line, periods that are not reported taken as
/// planned.
fn last(resetting: &Resetting, planned: &[crate::files::result::LineResult]) -> Vec<Last> {
    let Resetting { record, actuals, .. } = *resetting;
    let tracking = Tracking {
        plan: &record.file,
        scenario: &record.scenario,
        now: None,
        actuals,
        split: Default::default(),
    };
    let measure = measure(record.file.goal, &record.scenario);
    let one = |happening: &crate::quarter::track::Happening| {
        let line = happening.line?;
        let reports = &happening.reported.reports;
        if let Some(course) = happening.course(line) {
            let spend = course.happened().iter().sum();
            let ratio = happening.ratio(line).filter(|_| resetting.paid_prices);
            return Some(Last { name: line.name.clone(), spend, ratio });
        }
        let covered = reports
            .iter()
            .map(|r| crate::quarter::track::window(line, r, happening.periods.len()))
            .fold(Window::default(), Window::and);
        let left = covered.left(line).planned(line, happening.spend);
        let ratio = happening.ratio(line).filter(|_| resetting.paid_prices);
        let spend = reports.iter().map(|r| r.spend).sum::<f64>() + left;
        Some(Last { name: line.name.clone(), spend, ratio })
    };
    happenings(&tracking, planned, measure).iter().filter_map(one).collect()
}

/// The scenarios on the way from the last plan to the next.
fn stages(resetting: &Resetting, last: &[Last]) -> Result<Vec<(&'static str, File)>, ReplanError> {
    let Resetting { record, curves, next, at, .. } = *resetting;
    let beside = at.parent().unwrap_or(Path::new(""));
    let mut file = record.batch.written(&record.file.source.set, beside)?;
    forget(&mut file);
    if let Some(name) = file.get("name").and_then(Value::as_str) {
        let plain = name.split(", after ").next().unwrap_or(name);
        let plain = plain.trim_end_matches(", next");
        let name = format!("{plain}, next");
        file.insert("name".to_owned(), Value::String(name));
    }
    let mut stages = Vec::new();
    if let Some(curves) = curves {
        take_curves(record.files(), &mut file, curves, beside)?;
        stages.push(("curves", file.clone()));
    }
    // A change of prices is one against what the scenario says the curve was
    // fitted at.
    let repriced = |file: &mut File| {
        for line in lines(file) {
            let name = line.get("name").and_then(Value::as_str).unwrap_or_default();
            if let Some(ratio) = last.iter().find(|l| l.name == name).and_then(|l| l.ratio) {
                reprice(line, ratio);
            }
        }
    };
    if last.iter().any(|l| l.ratio.is_some()) {
        repriced(&mut file);
        stages.push(("prices", file.clone()));
    }
    let mut coming = match next {
        None => file.clone(),
        Some(path) => {
            let mut coming = read(record.files(), path, beside)?;
            if let Some(curves) = curves {
                take_curves(record.files(), &mut coming, curves, beside)?;
            }
            repriced(&mut coming);
            let budget = coming.get("budget").cloned();
            if let Some(old) = file.get("budget").cloned() {
                coming.insert("budget".to_owned(), old);
            }
            set_current(&mut coming, last);
            stages.push(("limits", coming.clone()));
            match budget {
                Some(budget) => drop(coming.insert("budget".to_owned(), budget)),
                None => drop(coming.remove("budget")),
            }
            coming
        }
    };
    set_current(&mut coming, last);
    if next.is_some() {
        stages.push(("budget", coming));
    } else {
        // What was spent is where the next horizon starts from: `change`
        // limits hold against it.
        stages.push(("limits", coming));
    }
    Ok(stages)
}

/// The next scenario as a complete file.
fn read(files: &Files, path: &Path, beside: &Path) -> Result<File, ReplanError> {
    let loaded = load(files, &[path.to_owned()]);
    match (loaded.batches.into_iter().next(), loaded.rejected.into_iter().next()) {
        (Some(batch), _) => Ok(batch.written(&indexmap::IndexMap::new(), beside)?),
        (None, Some(rejected)) => Err(rejected.into()),
        (None, None) => Err(Rejected { path: path.to_owned(), diagnostics: Vec::new() }.into()),
    }
}

/// Nothing has happened yet in the next horizon, and nothing is charged for
/// moving away from it.
fn forget(file: &mut File) {
    for line in lines(file) {
        line.remove("past");
        for (within, field) in [("flight", "past"), ("spend", "running")] {
            if let Some(table) = line.get_mut(within).and_then(Value::as_object_mut) {
                table.remove(field);
            }
        }
    }
    if let Some(budget) = file.get_mut("budget").and_then(Value::as_object_mut) {
        budget.remove("outside");
    }
    forget_hold(file);
    let first = match file.get_mut("goal") {
        Some(Value::Array(goals)) => goals.first_mut(),
        goal => goal,
    };
    if let Some(goal) = first.and_then(Value::as_object_mut) {
        goal.remove("move_cost");
    }
}

fn set_current(file: &mut File, last: &[Last]) {
    for line in lines(file) {
        let name = line.get("name").and_then(Value::as_str).unwrap_or_default();
        let Some(last) = last.iter().find(|l| l.name == name) else { continue };
        let spend = line.entry("spend").or_insert_with(|| Value::Object(Map::new()));
        if let Some(spend) = spend.as_object_mut() {
            spend.insert("current".to_owned(), figure(last.spend));
        }
    }
}

fn step(
    cause: &str,
    scenario: &Scenario,
    solution: &Solution,
    (value, before): (&mut Option<f64>, &mut Vec<(String, f64)>),
) -> Step {
    let sign = crate::plan::outcome::Sense::new(scenario.goals.first(), &lower(scenario).problem).sign;
    let now = solution.plan.as_ref().map(|p| sign * p.value);
    let change = now.zip(*value).map(|(now, before)| now - before);
    let mut moved = Vec::new();
    if let Some(plan) = &solution.plan {
        let totals = lower(scenario).layout.totals(&plan.spends);
        let after: Vec<(String, f64)> =
            scenario.lines.iter().zip(totals).map(|(l, x)| (l.name.clone(), x)).collect();
        let of = |list: &[(String, f64)], name: &str| {
            list.iter().find(|(n, _)| n == name).map_or(0.0, |(_, x)| *x)
        };
        let gone = before.iter().filter(|(n, _)| !after.iter().any(|(m, _)| m == n));
        let names: Vec<&String> = after.iter().chain(gone).map(|(n, _)| n).collect();
        moved.extend(names.into_iter().map(|name| StepLine {
            name: name.clone(),
            before: of(before, name),
            after: of(&after, name),
        }));
        *before = after;
    }
    *value = now;
    let gap = crate::plan::earned::finite(solution.certificate.gap);
    Step { cause: cause.to_owned(), value: now, change, gap, lines: moved }
}

fn report(
    resetting: &Resetting,
    scenario: &Scenario,
    last: &[Last],
    solution: &Solution,
    (status, account): (&Status, Option<Account>),
) -> ReplanFile {
    let Resetting { record, actuals, .. } = *resetting;
    let spends = solution.plan.as_ref().map(|p| lower(scenario).layout.totals(&p.spends));
    let line = |(i, line): (usize, &std::sync::Arc<crate::model::scenario::ScenarioLine>)| {
        let known = last.iter().find(|l| l.name == line.name);
        ReplanLine {
            name: line.name.clone(),
            spent: 0.0,
            assumed: 0.0,
            running: known.map_or(0.0, |l| l.spend),
            rest: spends.as_ref().and_then(|s| s.get(i)).copied().unwrap_or(0.0),
            committed: line.min.unwrap_or(0.0),
            price: known.and_then(|l| l.ratio).map(|r| r.rate * r.quality),
        }
    };
    let InputFile { path, sha256 } = record.input.clone();
    ReplanFile {
        outlay: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        plan: PlanRef { scenario: record.file.scenario.clone(), path, sha256 },
        verdict: match status {
            Status::Infeasible => Verdict::Infeasible,
            Status::Undetermined => Verdict::Undetermined,
            Status::Optimal | Status::WithinGap => Verdict::Change,
        },
        currency: scenario.currency.clone(),
        elapsed: None,
        through: actuals.through().and_then(|p| actuals.periods.get(p)).map(|p| p.name.clone()),
        limits: "whole".to_owned(),
        move_cost: 0.0,
        gain: None,
        news: true,
        broken: Vec::new(),
        lines: scenario.lines.iter().enumerate().map(line).collect(),
        outside: 0.0,
        account,
    }
}
