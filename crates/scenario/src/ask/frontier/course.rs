//! What is traced, and why it may not be.

use outlay_allocator::{Options, ProblemError};
use thiserror::Error;

use crate::files::diagnostic::Rejected;
use crate::files::result::Asked;
use crate::plan::proofs;

/// What to trace.
#[derive(Clone, Copy)]
pub struct Course<'a> {
    /// Path of the field, as in `vary`.
    pub over: &'a str,
    /// First number.
    pub from: f64,
    /// Last number.
    pub to: f64,
    /// Largest relative distance from the straight line between points.
    pub gap: f64,
    /// For every solve.
    pub options: Options<'a>,
}

/// What was asked for, as the file keeps it.
pub(super) fn asked(options: &Options, gap: f64) -> Asked {
    Asked { gap: Some(gap), ..proofs::asked(options, None) }
}

/// Why there is no frontier.
#[derive(Debug, Error)]
pub enum FrontierError {
    /// A number of the range makes a wrong scenario, or the path leads nowhere.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The problem makes no sense.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// No best plan at one end of the range.
    #[error("{over} = {at}: {problem}")]
    At {
        /// The field.
        over: String,
        /// Its number.
        at: f64,
        /// What is wrong there.
        problem: ProblemError,
    },
    /// A condition on a marginal value that is not known.
    #[error("the marginal value over {over} is not known: the field enters otherwise than linearly")]
    NoMarginal {
        /// The field.
        over: String,
    },
}
