//! One question, one answer.

use std::path::PathBuf;

use outlay::report::visible;
use outlay::{Effort, Error, Files, Range, Scenario as Meant, SchemaKind, question, show};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::answer::{Answer, What};
use crate::error::{argument, raised};
use crate::scene::Scenario;
use crate::tables::data;
use crate::work::{Asked, caught, search, search_here, wait};

/// The certified plan of a scenario, or the proof that there is none.
#[pyfunction]
#[pyo3(signature = (scenario, gap, nodes, round, time, progress))]
pub(crate) fn solve(
    py: Python<'_>,
    scenario: &Scenario,
    gap: Option<f64>,
    nodes: Option<i64>,
    round: Option<f64>,
    time: Option<f64>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Answer> {
    let batch = scenario.one()?;
    let asked = Asked::new(gap, nodes, round, time)?;
    let meant = caught(py, || batch.scenario(0))?.map_err(|wrong| raised(&wrong.into()))?;
    let soon = progress.is_none() && soon_over(&meant);
    let ask = move |effort: &Effort<'_>| {
        let solved = outlay::solve(&meant, effort)?;
        Ok(Answer::new(What::Plan(Box::new(solved.result)), Some((batch, meant))))
    };
    if soon { search_here(py, asked, ask) } else { search(py, asked, progress.as_ref(), ask) }
}

/// True for a plan whose search asks often whether to stop: of few lines, in
/// total, on one curve each, and none that meet.
fn soon_over(meant: &Meant) -> bool {
    const FEW: usize = 100;
    meant.lines.len() <= FEW
        && meant.calendar.is_none()
        && meant.meeting.is_empty()
        && !meant.looks_at_draws()
}

/// Whether all limits can hold.
#[pyfunction]
#[pyo3(signature = (scenario, nodes, time, progress))]
pub(crate) fn check(
    py: Python<'_>,
    scenario: &Scenario,
    nodes: Option<i64>,
    time: Option<f64>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Answer> {
    let batch = scenario.one()?;
    let asked = Asked::new(None, nodes, None, time)?;
    search(py, asked, progress.as_ref(), move |effort| {
        let meant = batch.scenario(0)?;
        let file = outlay::check(&meant, effort)?;
        Ok(Answer::new(What::Check(Box::new(file)), Some((batch, meant))))
    })
}

/// A plan made by hand against a scenario.
#[pyfunction]
#[pyo3(signature = (scenario, plan, max_change, nodes, time, progress))]
pub(crate) fn judge(
    py: Python<'_>,
    scenario: &Scenario,
    plan: Bound<'_, PyAny>,
    max_change: Option<f64>,
    nodes: Option<i64>,
    time: Option<f64>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Answer> {
    let batch = scenario.one()?;
    if max_change.is_some_and(|m| !(0.0..=1e6).contains(&m)) {
        return Err(argument("max_change", "expected a fraction of at least 0, such as 0.2"));
    }
    let asked = Asked::new(None, nodes, None, time)?;
    let plan = data(&plan, "plan")?;
    search(py, asked, progress.as_ref(), move |effort| {
        let meant = batch.scenario(0)?;
        let plan = outlay::hand_plan(&plan, &meant)?;
        let file = outlay::judge(&meant, &plan, max_change, effort)?;
        Ok(Answer::new(What::Judgement(Box::new(file)), Some((batch, meant))))
    })
}

/// The best value over one field.
#[pyfunction]
#[pyo3(signature = (scenario, over, start, end, gap, until, nodes, time, progress))]
#[allow(clippy::too_many_arguments, reason = "as many as the command has options")]
pub(crate) fn frontier(
    py: Python<'_>,
    scenario: &Scenario,
    over: String,
    start: f64,
    end: f64,
    gap: Option<f64>,
    until: Option<&str>,
    nodes: Option<i64>,
    time: Option<f64>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Answer> {
    if !(start.is_finite() && end.is_finite() && start != end) {
        return Err(argument("end", "a frontier needs a range of two different finite numbers"));
    }
    let until = until.map(question::condition).transpose().map_err(|e| argument("until", &e))?;
    // The gap of a frontier is between its points, not that of a search.
    Asked::new(gap, None, None, None)?;
    let asked = Asked::new(None, nodes, None, time)?;
    let batch = std::sync::Arc::clone(&scenario.batch);
    search(py, asked, progress.as_ref(), move |effort| {
        let range = Range { over: &over, from: start, to: end, gap };
        let file = outlay::frontier(&batch, &range, until.as_ref(), effort)?;
        let meant = batch.scenario(0)?;
        Ok(Answer::new(What::Frontier(Box::new(file)), Some((batch, meant))))
    })
}

/// Saved results side by side; `files` are found before those of the disk.
#[pyfunction]
pub(crate) fn compare(
    py: Python<'_>,
    results: Vec<PathBuf>,
    files: Vec<(PathBuf, Vec<u8>)>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Answer> {
    search(py, Asked::default(), progress.as_ref(), move |effort| {
        let file = outlay::compare(&Files::disk().with(files), &results, effort)?;
        Ok(Answer::new(What::Comparison(Box::new(file)), None))
    })
}

/// Redoes the proofs of a saved file: a dictionary for each result in it.
#[pyfunction]
pub(crate) fn verify<'py>(
    py: Python<'py>,
    result: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    gap: Option<f64>,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    Asked::new(gap, None, None, None)?;
    let verdicts = wait(py, None, move |_| outlay::verify(&Files::disk().with(files), &result, gap))?;
    let mut all = Vec::new();
    for verdict in verdicts {
        let told = PyDict::new(py);
        match verdict {
            Ok(verified) => {
                told.set_item("scenario", &verified.scenario)?;
                told.set_item("stands", verified.differences.is_empty())?;
                told.set_item("figures", verified.figures)?;
                let differences = verified.differences.iter();
                let differences: Vec<(&str, &str, &str)> = differences
                    .map(|d| (d.field.as_str(), d.stated.as_str(), d.recomputed.as_str()))
                    .collect();
                told.set_item("differences", differences)?;
                told.set_item("text", visible(show::verdict(&verified).trim_end()).to_string())?;
            }
            // What its scenario has changed under is refuted; what cannot be
            // read is no result.
            Err(error) => match &error {
                Error::Record(outlay::scenario::RecordError::Changed { path, stated, found, .. }) => {
                    told.set_item("scenario", path.to_string_lossy())?;
                    told.set_item("stands", false)?;
                    told.set_item("figures", 0)?;
                    told.set_item("differences", vec![("source.sha256", stated.as_str(), found.as_str())])?;
                    told.set_item("text", error.to_string())?;
                }
                _ => return Err(raised(&error)),
            },
        }
        all.push(told);
    }
    Ok(all)
}

/// The JSON Schema of a file format.
#[pyfunction]
pub(crate) fn schema(kind: &str) -> PyResult<String> {
    let none = || argument("kind", &format!("`{kind}` is none of {}", SchemaKind::names()));
    let kind = SchemaKind::named(kind).ok_or_else(none)?;
    Ok(outlay::schema(kind).to_string())
}
