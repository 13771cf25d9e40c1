//! Questions about a scenario, and about results of it.

use std::path::{Path, PathBuf};

use outlay_scenario::check::CheckFile;
use outlay_scenario::comparison::{ComparisonFile, comparison};
use outlay_scenario::frontier::{Condition, Course, FrontierFile};
use outlay_scenario::judgement::JudgementFile;
use outlay_scenario::{
    Batch, Files, HandPlan, Scenario, Verified, judge_plan, lower, read_results_from, verify_from,
};

use crate::effort::Effort;
use crate::error::Error;

/// Can all limits hold? If so, how far they let the plan go; if not, which
/// contradict each other, how far each misses, and what would reconcile them.
///
/// # Errors
/// [`Error::Problem`] when the problem makes no sense whatever its numbers.
pub fn check(scenario: &Scenario, effort: &Effort) -> Result<CheckFile, Error> {
    let (file, _) = effort.spend(|options| outlay_scenario::check(scenario, &lower(scenario), options));
    Ok(file?)
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
) -> Result<JudgementFile, Error> {
    let lowered = lower(scenario);
    let (file, _) = effort.spend(|options| judge_plan(scenario, &lowered, plan, max_change, options));
    Ok(file?)
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
    /// between neighbouring points; 1e-3 is what the command line asks for.
    pub gap: f64,
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
    let (file, _) = effort.gap(None).spend(|options| {
        let course = Course {
            over: range.over,
            from: range.from.min(range.to),
            to: range.from.max(range.to),
            gap: range.gap,
            options: *options,
        };
        outlay_scenario::frontier::frontier(batch, &course, until)
    });
    Ok(file?)
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
        all.extend(read_results_from(files, path)?);
    }
    let (file, _) = effort.spend(|options| comparison(&all, options));
    Ok(file?)
}

/// Redoes the proof of every result in a file from its scenario alone: one
/// verdict a result. A result stands where [`Verified::differences`] is empty.
/// With `gap` each also has to be proven to be within it.
pub fn verify(files: &Files, results: impl AsRef<Path>, gap: Option<f64>) -> Vec<Result<Verified, Error>> {
    let verdicts = verify_from(files, results.as_ref(), gap);
    verdicts.into_iter().map(|verdict| verdict.map_err(Error::from)).collect()
}
