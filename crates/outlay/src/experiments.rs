//! Tests in some of the markets: which to run, how, and what one showed.

use jiff::civil::Date;
use outlay_experiments::Ask;
use outlay_scenario::designed::{DesignFile, designs};
use outlay_scenario::history::{Chosen, PanelFile, read_panel};
use outlay_scenario::lifted::{self, LiftError, LiftFile};
use outlay_scenario::next::{NextAsk, NextFile};
use outlay_scenario::{Data, Scenario};

use crate::effort::Effort;
use crate::error::Error;
use crate::fit::wrong;

/// Which test to run next, in money: for every candidate what the plan under its
/// limits is expected to gain from being made after the test (expected value of
/// sample information), and what the test costs. Without a gap or a number of
/// subproblems asked for, plans are made to 1e-6 and 2,000.
///
/// # Errors
/// [`Error::Next`] where the table of tests is wrong, or there is nothing that a
/// test could improve.
pub fn next(scenario: &Scenario, ask: &NextAsk, effort: &Effort) -> Result<NextFile, Error> {
    let gap = effort.asked_gap().unwrap_or(1e-6);
    let nodes = effort.asked_nodes().unwrap_or(2_000);
    let (file, _) =
        effort.gap(gap).nodes(nodes).spend(|options| outlay_scenario::next::next(scenario, ask, options));
    Ok(file?)
}

/// A panel: outcome, and spend where it is known, by market and period. `marked`
/// names the column that marks treated markets, where it is not called
/// `treated`, `group` or the like.
///
/// # Errors
/// [`Error::History`] with row and column.
pub fn panel(data: &Data, chosen: &Chosen, marked: Option<&str>) -> Result<PanelFile, Error> {
    read_panel(data, chosen, marked).map_err(|error| wrong(data, error))
}

/// Leaves markets out of a panel, by name.
///
/// # Errors
/// [`Error::Experiment`] for a name that no market has.
pub fn leave_out(panel: &mut PanelFile, markets: &[String]) -> Result<(), Error> {
    let out = lifted::markets(panel, markets).map_err(|error| refused(panel, error))?;
    panel.leave_out(&out);
    Ok(())
}

/// A test to read.
#[derive(Debug, Clone, PartialEq)]
pub struct LiftAsk<'a> {
    /// A day of the test's first period.
    pub start: Date,
    /// A day of its last period.
    pub end: Date,
    /// Treated markets; empty for those that a column of the panel marks.
    pub treated: &'a [String],
    /// The channel tested, for the row that a fit takes.
    pub channel: &'a str,
    /// Probability of the intervals, in (0, 1).
    pub level: f64,
}

/// What a test in some of the markets showed: the lift with its interval, what a
/// unit of spend returned, checks, and the row that [`crate::lift_tests`] reads.
///
/// # Errors
/// [`Error::Experiment`] where dates or markets do not belong to the panel, or
/// where there is nothing to compare.
pub fn lift(panel: &PanelFile, ask: &LiftAsk) -> Result<LiftFile, Error> {
    lifted::lift(panel, ask.start, ask.end, ask.treated, ask.channel, ask.level)
        .map_err(|error| refused(panel, error))
}

/// Which markets to treat and for how long, and what that would show. Markets in
/// `treated` are treated in any case (they replace [`Ask::forced`]).
///
/// # Errors
/// [`Error::Experiment`] where the panel has too few markets or periods.
pub fn design(panel: &PanelFile, treated: &[String], ask: &Ask) -> Result<DesignFile, Error> {
    let forced = lifted::markets(panel, treated).map_err(|error| refused(panel, error))?;
    designs(panel, &Ask { forced, ..ask.clone() }).map_err(|error| refused(panel, error.into()))
}

fn refused(panel: &PanelFile, error: LiftError) -> Error {
    Error::Experiment { path: panel.path.clone(), error }
}
