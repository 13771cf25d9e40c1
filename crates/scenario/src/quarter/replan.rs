//! The rest of a plan, planned again from what happened.
//!
//! The rest is an ordinary scenario: the plan's own, with what happened as the
//! `past` of its lines, the running plan as their `running` spend, prices as
//! they were paid, and a cost of moving money. So limits cover the whole horizon
//! with its past frozen, no rule is rewritten, and the result is solved, saved and re-proved like any other.

mod account;
mod asked;
mod elapsed;
mod file;
mod flight;
mod happened;
mod next;
mod past;
mod scene;

use std::path::{Path, PathBuf};

use outlay_allocator::certificate::judge;
use outlay_allocator::{Goal, Options, Plan, Solution, Terms};

use crate::files::inputs::InputsFile;
use crate::files::result::{Broken, ResultFile, Status};
use crate::files::storage::Files;
use crate::model::scenario::Scenario;
use crate::plan::lower::{Lowered, lower};
use crate::plan::ordered::{Served, serve};
use crate::plan::proofs::{asked, asked_of};
use crate::plan::solved::explain;
use crate::plan::uncertain;
use crate::read::load::Batch;
use crate::read::record::Record;

pub use account::{Account, Step, StepLine};
pub use asked::{ReplanError, Replanning, Scope};
pub use file::{Gain, ReplanFile, ReplanLine, Verdict};
pub use next::{Resetting, reset};

use past::{FlightPast, LinePast};

/// A plan planned again.
#[derive(Debug, Clone)]
pub struct Replanned {
    /// The new scenario, as a file.
    pub text: String,
    /// The new scenario.
    pub scenario: Scenario,
    /// The texts it is read from: its own first, then those of its libraries.
    pub inputs: InputsFile,
    /// The plan to go on with: the new one, or the running one where a change
    /// is not worth it; or why there is none.
    pub result: ResultFile,
    /// What changed, and what it gains.
    pub file: ReplanFile,
}

/// Plans the rest of a horizon again.
///
/// # Errors
/// See [`ReplanError`].
pub fn replan(replanning: &Replanning, options: &Options) -> Result<Replanned, ReplanError> {
    let planned = planned(replanning.record)?;
    if let Some(why) = replanning.record.scenario.not_followed() {
        return Err(ReplanError::Unsupported(why));
    }
    let by_period = replanning.record.scenario.calendar.is_some();
    if by_period && replanning.scope == Scope::Rest {
        return Err(ReplanError::Unsupported(
            "a plan by period has limits by period: `where = { period = [...] }` says what they cover",
        ));
    }
    let past = happened::past(replanning, planned)?;
    let text = scene::write(replanning, &past)?;
    let (scenario, inputs) = scenario(replanning.record.files(), replanning.at, &text)?;
    refuse_draws(&scenario)?;
    let lowered = lower(&scenario);
    let running = spread(&scenario, &lowered, &past, |p| p.path.clone(), |p| p.spend + p.left);
    let best = serve(&scenario, &lowered, &Options { start: Some(&running), ..*options })?;
    let (running, broken) = legal(&lowered, &best.first, running, options)?;
    let spent = spread(&scenario, &lowered, &past, FlightPast::spent, |p| p.spend);
    let gain = gain(replanning, (&scenario, &lowered), &best.first, (&spent, &running), broken.is_empty());
    if replanning.probability.is_some() && gain.is_some_and(|g| g.probability.is_none()) {
        return Err(ReplanError::Unsupported(
            "no curve has draws, so that no gain has a probability: give a library with draws by --curves, or leave --probability out",
        ));
    }
    let news = happened::news(replanning, &past, planned);
    let sure = |g: &Gain| g.asked.zip(g.probability).is_none_or(|(asked, p)| p >= asked);
    let worth = |g: &Gain| g.net > g.threshold && sure(g) && (news || replanning.least_gain == 0.0);
    let keep = gain.is_some_and(|g| g.kept_is_legal && !worth(&g));
    let chosen = if keep { Served::alone(kept(&lowered, &best.first, &running)) } else { best };
    let mut file = chosen.file(&scenario, &lowered, options.stop);
    explain(&mut file, &scenario, &lowered, options)?;
    file.source = asked_of(file.source, asked(options, None));
    let verdict = match (&chosen.first.plan, keep) {
        (None, _) if file.status == Status::Infeasible => Verdict::Infeasible,
        (None, _) => Verdict::Undetermined,
        (Some(_), true) => Verdict::Keep,
        (Some(_), false) => Verdict::Change,
    };
    let mut report = file::report(replanning, &scenario, (&past, &lowered), &chosen.first, gain, verdict);
    report.news = news;
    report.broken = broken.into_iter().map(|b| b.member.name).collect();
    Ok(Replanned { text, scenario, inputs, result: file, file: report })
}

/// Refuses what looks at the draws one by one: what each draw says of the past
/// is not known.
pub(crate) fn refuse_draws(scenario: &Scenario) -> Result<(), ReplanError> {
    if scenario.looks_at_draws() {
        return Err(ReplanError::Unsupported(
            "goals and limits over the draws (`worst`, `shortfall`, `regret`, `probability`) are not planned again: what each draw says of the past is not known. `--goal` gives a goal on the mean, `--set limits.NAME.probability=null` a limit on it",
        ));
    }
    Ok(())
}

/// The running plan with the rules it breaks; one that breaks them by what
/// sheets round gives way to the nearest plan that keeps them.
fn legal(
    lowered: &Lowered,
    best: &Solution,
    running: Vec<f64>,
    options: &Options,
) -> Result<(Vec<f64>, Vec<Broken>), ReplanError> {
    let broken = crate::plan::outcome::broken(lowered, &running);
    let rounding = |b: &Broken| b.excess.is_some_and(|excess| excess <= ROUNDED);
    if broken.is_empty() || !broken.iter().all(rounding) {
        return Ok((running, broken));
    }
    let money = lowered.layout.money();
    let near = |x: &Vec<f64>| {
        let each = || x.iter().zip(&running).zip(&money).filter(|(_, money)| **money);
        let (off, whole) = (each().map(|((x, y), _)| (x - y).abs()), each().map(|((_, y), _)| y));
        off.sum::<f64>() <= ROUNDED * whole.sum::<f64>()
    };
    if let Some(plan) = best.plan.as_ref().filter(|plan| near(&plan.spends)) {
        return Ok((plan.spends.clone(), Vec::new()));
    }
    let mut problem = lowered.problem.clone();
    problem.lines.iter_mut().zip(&running).for_each(|(line, x)| line.current = *x);
    let each = money.iter().map(|money| if *money { -1.0 } else { 0.0 });
    problem.goal = Goal::Maximize(Terms { moved: Some(each.collect()), ..Terms::default() });
    let nearest = outlay_allocator::solve(&problem, options)?.plan.map(|p| p.spends);
    Ok(match nearest.filter(near) {
        Some(spends) => (spends, Vec::new()),
        None => (running, broken),
    })
}

/// How far, relative, a plan is from a rule when it is kept but for rounding.
const ROUNDED: f64 = 1e-4;

pub(crate) fn planned(record: &Record) -> Result<&[crate::files::result::LineResult], ReplanError> {
    let lines = record.file.lines.as_deref();
    lines.ok_or_else(|| ReplanError::NoPlan { path: record.input.path.clone() })
}

pub(crate) fn scenario(files: &Files, at: &Path, text: &str) -> Result<(Scenario, InputsFile), ReplanError> {
    let batch = Batch::of_text(files, at, text.to_owned())?;
    Ok((batch.scenario(0)?, batch.inputs()))
}

/// The running plan, with what is proven of the best one as its bound.
fn kept(lowered: &Lowered, best: &Solution, running: &[f64]) -> Solution {
    let judged = judge(&lowered.problem, running);
    let mut certificate = best.certificate.clone();
    certificate.gap = judged.gap(certificate.bound);
    certificate.violation = judged.violation;
    let plan = Some(Plan { spends: running.to_vec(), value: judged.value });
    let close = certificate.gap <= certificate.asked;
    let status = if close { outlay_allocator::Status::Optimal } else { outlay_allocator::Status::WithinGap };
    Solution { status, plan, certificate }
}

/// Spends of the problem's lines, from those of the scenario's: by period, or
/// in total.
fn spread(
    scenario: &Scenario,
    lowered: &Lowered,
    past: &[LinePast],
    by_period: impl Fn(&FlightPast) -> Vec<f64>,
    in_total: impl Fn(&LinePast) -> f64,
) -> Vec<f64> {
    if !lowered.layout.is_by_period() {
        let mut spends: Vec<f64> = past.iter().map(in_total).collect();
        spends.resize(lowered.layout.names().len(), 0.0);
        lowered.problem.settle(&mut spends);
        return spends;
    }
    let lines = scenario.lines.iter().zip(past);
    let each =
        lines.filter_map(|(line, past)| Some((line.flight.as_deref()?, by_period(past.flight.as_ref()?))));
    let mut spends = lowered.layout.spread(each);
    lowered.problem.settle(&mut spends);
    spends
}

fn gain(
    replanning: &Replanning,
    (scenario, lowered): (&Scenario, &Lowered),
    best: &Solution,
    (spent, running): (&[f64], &[f64]),
    kept_is_legal: bool,
) -> Option<Gain> {
    let plan = best.plan.as_ref()?;
    let problem = &lowered.problem;
    let (kept, found) = (judge(problem, running), judge(problem, &plan.spends));
    // A ratio is not earned bit by bit: what is left of it is all of it.
    let (net, left) = match problem.goal {
        Goal::Maximize(_) => (found.value - kept.value, (kept.value - judge(problem, spent).value).abs()),
        Goal::MinimizeRatio { .. } => (kept.value - found.value, kept.value.abs()),
    };
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, c)| (x - c).abs()).sum::<f64>();
    let layout = &lowered.layout;
    let moved = if layout.is_by_period() {
        let (new, old) = (layout.by_period(&plan.spends), layout.by_period(running));
        new.iter().zip(&old).map(|(new, old)| distance(new, old)).sum()
    } else {
        distance(&layout.totals(&plan.spends), &layout.totals(running))
    };
    Some(Gain {
        net,
        relative: crate::plan::earned::finite(net / left),
        threshold: replanning.least_gain * left,
        moved,
        kept_is_legal,
        probability: positive(scenario, lowered, (&plan.spends, running), net),
        asked: replanning.probability,
    })
}

/// Share of the draws under which a plan gains on another, what the moves cost
/// taken off: that is what the mean over the draws exceeds the net gain by.
fn positive(scenario: &Scenario, lowered: &Lowered, plans: (&[f64], &[f64]), net: f64) -> Option<f64> {
    let each = uncertain::ahead(scenario, lowered, plans)?;
    let count = each.len() as f64;
    let cost = (each.iter().sum::<f64>() / count - net).max(0.0);
    Some(each.iter().filter(|gain| **gain > cost).count() as f64 / count)
}

/// Where a re-planned scenario and its result stand, and what they are called:
/// `<stem>-after-5.scenario.json` and `<stem>-after-5.json`.
pub fn names(folder: &Path, plan: &Path, after: &str) -> (PathBuf, PathBuf) {
    let stem = plan.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let stem = stem.rsplit_once("-after-").map_or(stem.as_str(), |(head, _)| head);
    let after: String = after.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let name = format!("{stem}-after-{after}");
    (folder.join(format!("{name}.scenario.json")), folder.join(format!("{name}.json")))
}
