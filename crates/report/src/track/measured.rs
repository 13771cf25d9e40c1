//! What of an outcome was measured, and what the curves expect.

use outlay_scenario::track::{Measure, TrackFile};

use crate::number::Kind;

/// What outcomes are called and how they are written.
pub(super) fn measure(file: &TrackFile) -> (&'static str, Kind) {
    match file.measure {
        Measure::Revenue => ("revenue", Kind::Money),
        Measure::Customers => ("new customers", Kind::Count),
    }
}

/// How much of the money spent has a measured outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    All,
    Some,
    None,
}

impl Measured {
    pub(super) fn of(file: &TrackFile) -> Self {
        let spent = || file.lines.iter().filter(|l| l.figures.spend.actual > 0.0);
        match () {
            () if spent().all(|l| l.measured >= 1.0) => Measured::All,
            () if spent().any(|l| l.measured > 0.0) => Measured::Some,
            () => Measured::None,
        }
    }

    /// What stands over outcomes: measured, or what the curves expect.
    pub(super) fn head(self) -> &'static str {
        if self == Measured::None { "expected" } else { "actual" }
    }
}

/// In front of a figure that is what the curves expect, wholly or in part.
pub(super) const EXPECTED: &str = "~";
