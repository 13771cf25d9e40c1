//! How a plan is to be planned again, and why it may not be.

use std::path::Path;
use std::sync::LazyLock;

use indexmap::IndexMap;
use outlay_allocator::ProblemError;
use outlay_table::escaped_json;
use serde_json::Value;
use thiserror::Error;

use crate::files::diagnostic::Rejected;
use crate::quarter::actuals::Actuals;
use crate::read::record::Record;

/// What the limits of a re-planned scenario cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The whole horizon, past and rest.
    #[default]
    Whole,
    /// What is left of it.
    Rest,
}

/// How a plan is to be planned again.
#[derive(Debug, Clone, Copy)]
pub struct Replanning<'a> {
    /// The running plan.
    pub record: &'a Record,
    /// What happened.
    pub actuals: &'a Actuals,
    /// A library with the curves believed in now.
    pub curves: Option<&'a Path>,
    /// What limits cover: the whole horizon, or what is left of it.
    pub scope: Scope,
    /// What moving one unit of money costs, as a fraction of what the running
    /// plan earns per unit of money.
    pub friction: f64,
    /// Least gain, as a fraction of what the rest of the running plan earns,
    /// that is worth a new plan.
    pub least_gain: f64,
    /// Least probability that the gain is above 0, over the draws of the curves;
    /// `None` asks for none.
    pub probability: Option<f64>,
    /// Largest change of what a line has left, as a fraction of it.
    pub most_change: Option<f64>,
    /// Prices as they were paid, rather than as planned.
    pub paid_prices: bool,
    /// What has changed besides: fields set and limits added by path, the goal
    /// under `goal`.
    pub asked: &'a IndexMap<String, Value>,
    /// Where the new scenario is to stand: its paths resolve from here.
    pub at: &'a Path,
}

static NOTHING: LazyLock<IndexMap<String, Value>> = LazyLock::new(IndexMap::new);

impl<'a> Replanning<'a> {
    /// The rest of a plan under its own limits over the whole horizon, on the
    /// curves it was made with and the prices that were paid: 2% of what money
    /// earns is what moving it costs, and a change has to gain half a percent of
    /// what is left to earn.
    pub fn new(record: &'a Record, actuals: &'a Actuals, at: &'a Path) -> Self {
        Replanning {
            record,
            actuals,
            curves: None,
            scope: Scope::Whole,
            friction: 0.02,
            least_gain: 0.005,
            probability: None,
            most_change: None,
            paid_prices: true,
            asked: &NOTHING,
            at,
        }
    }
}

/// Why a plan cannot be planned again.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ReplanError {
    /// The saved result holds no plan.
    #[error("{path}: holds no plan that could be changed")]
    NoPlan {
        /// The file.
        path: String,
    },
    /// There is nothing left to plan.
    #[error("the horizon is over; `--reset` plans the next one")]
    Over,
    /// Nothing says how much of the horizon is over.
    #[error("no row has a period, so nothing says how much of the horizon is over; give figures by period")]
    NoElapsed,
    /// The plan is one the method does not cover.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The scenario or the curves cannot be used.
    #[error(transparent)]
    Scenario(#[from] Rejected),
    /// The problem makes no sense.
    #[error(transparent)]
    Problem(#[from] ProblemError),
}

/// JSON as it is kept: readable, with a final newline.
pub(crate) fn pretty(value: &Value) -> String {
    let mut text = escaped_json(serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}
