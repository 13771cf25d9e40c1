//! The quarter as it runs: a saved plan, what happened, and the rest planned
//! again.

use std::path::PathBuf;
use std::sync::Arc;

use outlay::scenario::replan::names;
use outlay::{Actuals, Data, Effort, Error, Files, Replanning, Resetting, Scope, Split};
use pyo3::prelude::*;

use crate::answer::{Answer, What};
use crate::error::argument;
use crate::scene::{Set, asked as question, of_inputs_file};
use crate::tables::data;
use crate::work::{Asked, search};

/// A plan against what happened so far, with what a reader should know of the
/// actuals.
#[pyfunction]
#[pyo3(signature = (plan, files, actuals, curves, split, progress))]
pub(crate) fn track(
    py: Python<'_>,
    plan: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    actuals: Bound<'_, PyAny>,
    curves: Option<PathBuf>,
    split: &str,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<(Answer, Vec<String>)> {
    let split = match split {
        "sequential" => Split::Sequential,
        "shapley" => Split::Shapley,
        other => return Err(argument("split", &format!("`{other}` is none of sequential, shapley"))),
    };
    let actuals = data(&actuals, "actuals")?;
    search(py, Asked::default(), progress.as_ref(), move |_| {
        let record = outlay::record(&Files::disk().with(files), &plan)?;
        let actuals = outlay::actuals(&actuals, &record)?;
        let file = outlay::track(&record, &actuals, curves.as_deref(), split)?;
        Ok((Answer::new(What::Track(Box::new(file)), None), notes(&actuals)))
    })
}

/// What happened that the plan knows nothing of.
fn notes(actuals: &Actuals) -> Vec<String> {
    let mut notes = Vec::new();
    if !actuals.unused.is_empty() {
        notes.push(format!("not used: {}", actuals.unused.join(", ")));
    }
    let foreign = actuals.lines.iter().filter(|l| !l.planned);
    notes.extend(foreign.map(|l| format!("{} is not in the plan", l.name)));
    notes
}

/// How the rest of a plan, or the next one, is planned again.
#[derive(FromPyObject)]
pub(crate) struct Wanted {
    #[pyo3(item)]
    curves: Option<PathBuf>,
    #[pyo3(item)]
    reset: bool,
    #[pyo3(item)]
    scenario: Option<PathBuf>,
    #[pyo3(item)]
    limits: String,
    #[pyo3(item)]
    friction: f64,
    #[pyo3(item)]
    least_gain: f64,
    #[pyo3(item)]
    most_change: Option<f64>,
    #[pyo3(item)]
    planned_prices: bool,
    #[pyo3(item)]
    gap: Option<f64>,
}

impl Wanted {
    /// Refuses what the command line refuses.
    fn scope(&self, asked: &Set) -> PyResult<Scope> {
        let fraction = |value: f64, name: &str| match value.is_finite() && value >= 0.0 {
            true => Ok(()),
            false => Err(argument(name, &format!("{value} is not a fraction of at least 0, such as 0.02"))),
        };
        fraction(self.friction, "friction")?;
        fraction(self.least_gain, "least_gain")?;
        fraction(self.most_change.unwrap_or(0.0), "most_change")?;
        if self.scenario.is_some() && !self.reset {
            return Err(argument("scenario", "it is the next horizon's: it goes with reset=True"));
        }
        if self.reset && !asked.is_empty() {
            let message = "set, limit and goal change the rest of a plan; give the next horizon's scenario with reset=True, scenario=...";
            return Err(argument("set", message));
        }
        match self.limits.as_str() {
            "whole" => Ok(Scope::Whole),
            "rest" => Ok(Scope::Rest),
            other => Err(argument("limits", &format!("`{other}` is none of whole, rest"))),
        }
    }

    fn plan(&self, given: &Given, scope: Scope, effort: &Effort<'_>) -> Result<Again, Error> {
        let record = outlay::record(&Files::disk().with(given.files.clone()), &given.plan)?;
        let actuals = outlay::actuals(&given.actuals, &record)?;
        let through = || actuals.through().and_then(|p| actuals.periods.get(p));
        let after = match self.reset {
            true => "all".to_owned(),
            false => through().map_or(String::new(), |p| p.name.clone()),
        };
        let (at, result) = names(&given.folder, &given.plan, &after);
        let curves = self.curves.as_deref();
        let paid_prices = !self.planned_prices;
        let done = if self.reset {
            let next = self.scenario.as_deref();
            let usual = Resetting::new(&record, &actuals, &at);
            outlay::reset(&Resetting { curves, next, paid_prices, ..usual }, effort)?
        } else {
            let replanning = Replanning {
                curves,
                scope,
                friction: self.friction,
                least_gain: self.least_gain,
                most_change: self.most_change,
                paid_prices,
                asked: &given.asked,
                ..Replanning::new(&record, &actuals, &at)
            };
            outlay::replan(&replanning, effort)?
        };
        let batch = Arc::new(of_inputs_file(done.inputs.clone())?);
        let plan = Answer::new(
            What::Plan(Box::new(done.result.clone())),
            Some((Arc::clone(&batch), done.scenario.clone())),
        );
        let places = [at, result].map(|path| path.to_string_lossy().into_owned());
        Ok(Again { account: Answer::again(done, batch), plan, places: places.into(), notes: notes(&actuals) })
    }
}

/// What is planned again, and where.
struct Given {
    plan: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    actuals: Data,
    asked: Set,
    folder: PathBuf,
}

/// The account of what changed, the plan to go on with, where both stand, and
/// what a reader should know of the actuals.
struct Again {
    account: Answer,
    plan: Answer,
    places: (String, String),
    notes: Vec<String>,
}

/// An account, the plan to go on with, the paths of its scenario and result, notes.
type Told = (Answer, Answer, (String, String), Vec<String>);

/// The rest of a plan, or the next horizon, planned again: the account, the plan
/// to go on with, the paths of the new scenario and its result, and notes.
#[pyfunction]
#[pyo3(signature = (plan, files, actuals, folder, goal, limit, set, wanted, time, progress))]
#[allow(clippy::too_many_arguments, reason = "as many as the command has options")]
pub(crate) fn replan(
    py: Python<'_>,
    plan: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    actuals: Bound<'_, PyAny>,
    folder: PathBuf,
    goal: Option<Bound<'_, PyAny>>,
    limit: Vec<Bound<'_, PyAny>>,
    set: Vec<(String, Bound<'_, PyAny>)>,
    wanted: Wanted,
    time: Option<f64>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Told> {
    let asked = question(goal.as_ref(), &limit, &set)?;
    let scope = wanted.scope(&asked)?;
    let effort = Asked::new(wanted.gap, None, None, time)?;
    let given = Given { plan, files, actuals: data(&actuals, "actuals")?, asked, folder };
    let again = search(py, effort, progress.as_ref(), move |effort| wanted.plan(&given, scope, effort))?;
    Ok((again.account, again.plan, again.places, again.notes))
}
