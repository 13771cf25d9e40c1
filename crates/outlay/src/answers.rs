//! Questions about a scenario, and about results of it.

use std::path::{Path, PathBuf};

use outlay_allocator::{Feasibility, feasibility};
use outlay_scenario::check::{CheckFile, Reason};
use outlay_scenario::comparison::{ComparisonFile, comparison};
use outlay_scenario::frontier::{Condition, Course, FrontierFile};
use outlay_scenario::judged::JudgedFile;
use outlay_scenario::result::Repair;
use outlay_scenario::{
    Batch, Files, HandPlan, InputsFile, ResultFile, Scenario, Status, Verified, judge_plan, lower,
    read_results, reasons_of, repair_settings,
};

use crate::effort::Effort;
use crate::error::Error;

/// Can all limits hold? If so, how far they let the plan go; if not, which
/// contradict each other, how far each misses, and what would reconcile them.
///
/// # Errors
/// [`Error::Problem`] when the problem makes no sense whatever its numbers.
pub fn check(scenario: &Scenario, effort: &Effort) -> Result<CheckFile, Error> {
    let answer = effort.ask(|options| outlay_scenario::check(scenario, &lower(scenario), options));
    let (file, proofs) = answer?;
    Ok(CheckFile { proofs, ..file })
}

/// Why the limits of a result without a plan contradict each other: how far each
/// figure can go under the others; empty where a plan exists.
///
/// # Errors
/// [`Error::Problem`] when the problem makes no sense whatever its numbers.
pub fn reasons(scenario: &Scenario, result: &ResultFile, effort: &Effort) -> Result<Vec<Reason>, Error> {
    if result.conflict.is_empty() {
        return Ok(Vec::new());
    }
    let lowered = lower(scenario);
    let (answer, _) = effort.spend(|options| reasons_of(scenario, &lowered, &result.conflict, options));
    Ok(answer?)
}

/// The plan that comes closest to limits which cannot all hold: the best one
/// once the changes of [`CheckFile::closest_repair`] are made, with the scenario
/// so changed. `None` where no such change is known.
///
/// # Errors
/// [`Error::Problem`] when the problem makes no sense whatever its numbers.
pub fn closest(
    batch: &Batch,
    scenario: &Scenario,
    answer: &CheckFile,
    effort: &Effort,
) -> Result<Option<(ResultFile, Scenario)>, Error> {
    let shown: Vec<Repair> =
        answer.closest_repair().iter().map(|r| outlay_report::check::rounded(r, scenario)).collect();
    // Rounded as they are shown where that still suffices, else in full.
    for changes in [&shown[..], answer.closest_repair()] {
        let Some(changes) = repair_settings(scenario, changes).filter(|c| !c.is_empty()) else { continue };
        let mut set = scenario.source.set.clone();
        set.extend(changes);
        let changed = batch.with(&set)?;
        let result = crate::solve(&changed, effort)?.result;
        if matches!(result.status, Status::Optimal | Status::WithinGap) {
            return Ok(Some((result, changed)));
        }
    }
    Ok(None)
}

/// Whether any plan keeps all limits, without saying how far they go or what
/// contradicts what; `None` where the effort ends before that is known.
///
/// # Errors
/// [`Error::Problem`] when the problem makes no sense whatever its numbers.
pub fn feasible(scenario: &Scenario, effort: &Effort) -> Result<Option<bool>, Error> {
    let problem = lower(scenario).problem;
    let (answer, _) = effort.spend(|options| feasibility(&problem, options));
    Ok(match answer? {
        Feasibility::Feasible(_) => Some(true),
        Feasibility::Infeasible(_) => Some(false),
        Feasibility::Undetermined(_) => None,
    })
}

/// A plan made by hand against a scenario: which rules it breaks, what it
/// earns, and how much better the best plan is. With `max_change` also the best
/// plan in which no line moves by more than this fraction of its spend.
///
/// # Errors
/// [`Error::Problem`] when the problem makes no sense whatever its numbers.
pub fn judge(
    scenario: &Scenario,
    plan: &HandPlan,
    max_change: Option<f64>,
    effort: &Effort,
) -> Result<JudgedFile, Error> {
    let lowered = lower(scenario);
    let answer = effort.ask(|options| judge_plan(scenario, &lowered, plan, max_change, options));
    let (file, proofs) = answer?;
    Ok(JudgedFile { proofs, ..file })
}

/// The field a frontier varies, and how far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range<'a> {
    /// Path of the field, as in `vary`: `budget.max`, `limits.CAC.max`.
    pub over: &'a str,
    /// Least number.
    pub from: f64,
    /// Largest number.
    pub to: f64,
    /// Largest relative distance of the best value from the straight line
    /// between neighbouring points; otherwise 1e-5, and 1e-3 by period, where
    /// other weeks are filled from one number to the next.
    pub gap: Option<f64>,
}

/// How close the straight lines of a frontier are where nothing is asked for.
fn usual_gap(batch: &Batch) -> f64 {
    let by_period = batch.scenario(0).is_ok_and(|s| s.calendar.is_some());
    if by_period { 1e-3 } else { 1e-5 }
}

/// The best value as a function of one field, between its breakpoints within
/// `range.gap` of straight lines, and where a condition begins or ceases to
/// hold. What-ifs of the file are left out; of the effort, the gap and the
/// rounding are.
///
/// # Errors
/// [`Error::Rejected`] for a path that leads nowhere or a number that makes the
/// scenario wrong, [`Error::Frontier`] where the question has no answer.
pub fn frontier(
    batch: &Batch,
    range: &Range,
    until: Option<&Condition>,
    effort: &Effort,
) -> Result<FrontierFile, Error> {
    let answer = effort.gap(None).ask(|options| {
        let course = Course {
            over: range.over,
            from: range.from.min(range.to),
            to: range.from.max(range.to),
            gap: range.gap.unwrap_or_else(|| usual_gap(batch)),
            options: *options,
        };
        outlay_scenario::frontier::frontier(batch, &course, until)
    });
    let (file, proofs) = answer?;
    Ok(FrontierFile { proofs, ..file })
}

/// Saved results (`.json`, or `.jsonl` with one a line) side by side, and which
/// inputs moved the plan from the first to each of the others.
///
/// # Errors
/// [`Error::Record`] for a result that cannot be read, whose scenario has
/// changed since, or whose figures are not what its scenario gives.
pub fn compare(files: &Files, results: &[PathBuf], effort: &Effort) -> Result<ComparisonFile, Error> {
    let mut all = Vec::new();
    for path in results {
        all.extend(read_results(files, path)?);
    }
    let (file, proofs) = effort.ask(|options| comparison(&all, options))?;
    let results = if effort.keeps_proofs() { all.into_iter().map(|c| c.file).collect() } else { Vec::new() };
    Ok(ComparisonFile { results, proofs, ..file })
}

/// The texts that saved results were made from, those of a scenario once: kept
/// beside an answer about them ([`outlay_scenario::inputs_path`]) it can be
/// verified wherever both go.
///
/// # Errors
/// [`Error::Record`] for a result that cannot be read, or whose scenario is gone.
pub fn inputs(files: &Files, results: &[PathBuf]) -> Result<InputsFile, Error> {
    Ok(outlay_scenario::inputs_of(files, results)?)
}

/// Redoes the proof of every result in a file from its scenario alone: one
/// verdict a result. A result stands where [`Verified::differences`] is empty.
/// With `gap` each also has to be proven to be within it.
pub fn verify(files: &Files, results: impl AsRef<Path>, gap: Option<f64>) -> Vec<Result<Verified, Error>> {
    let verdicts = outlay_scenario::verify(files, results.as_ref(), gap);
    verdicts.into_iter().map(|verdict| verdict.map_err(Error::from)).collect()
}

/// The same, each verdict told as soon as it is known: a file may hold the
/// results of thousands of what-ifs.
pub fn verify_each(
    files: &Files,
    results: impl AsRef<Path>,
    gap: Option<f64>,
    mut tell: impl FnMut(Result<Verified, Error>),
) {
    outlay_scenario::verify_each(files, results.as_ref(), gap, &mut |verdict| {
        tell(verdict.map_err(Error::from));
    });
}
