//! The quarter as it runs: a saved plan, what happened, and the rest planned
//! again.

use std::path::Path;

use outlay_curves::variance::Split;
use outlay_scenario::actuals::{Actuals, read_actuals, read_typed};
use outlay_scenario::buy::{BuyRow, buy_sheet, keep};
use outlay_scenario::replan::{Replanned, Replanning, Resetting};
use outlay_scenario::track::{TrackFile, Tracking};
use outlay_scenario::{Data, Files, Record, ResultFile, Scenario};

use crate::effort::Effort;
use crate::error::Error;
use crate::fit::data;

/// A saved plan with its scenario, which must not have changed since; its proof
/// is redone.
///
/// # Errors
/// [`Error::Record`] for a result that cannot be read, whose scenario has
/// changed, or whose figures are not what its scenario gives.
pub fn record(files: &Files, path: impl AsRef<Path>) -> Result<Record, Error> {
    Ok(outlay_scenario::read_record(files, path.as_ref())?)
}

/// The buy sheet of a plan, one row a line and period, for [`crate::show`]'s
/// formats; `None` without a plan. What people wrote into earlier sheets of the
/// plan, `kept`, stands in it.
///
/// # Errors
/// [`Error::Actuals`] for a sheet that cannot be read.
pub fn buy(result: &ResultFile, scenario: &Scenario, kept: &[Data]) -> Result<Option<Vec<BuyRow>>, Error> {
    let Some(mut rows) = buy_sheet(result, scenario) else { return Ok(None) };
    for sheet in kept {
        keep(&mut rows, read_typed(sheet, scenario)?);
    }
    Ok(Some(rows))
}

/// What in a buy sheet's file would be lost if [`buy`] wrote a new one over it:
/// titles and notes around the table, and other sheets, in words.
///
/// # Errors
/// [`Error::Actuals`] for a sheet that cannot be read.
pub fn beside(sheet: &Data, scenario: &Scenario) -> Result<Vec<String>, Error> {
    Ok(outlay_scenario::actuals::beside(sheet, scenario)?)
}

/// What happened to a plan so far: its buy sheet with the `actual_` columns
/// filled in. Rows may be late, partial and revised.
///
/// # Errors
/// [`Error::Actuals`] with row and column.
pub fn actuals(data: &Data, record: &Record) -> Result<Actuals, Error> {
    let planned = record.file.lines.as_deref().unwrap_or_default();
    Ok(read_actuals(data, &record.scenario, planned)?)
}

/// A plan against what happened: by line, stage and period, how far each cause
/// (volume, price, quality, response) moved the outcome, and where the horizon is
/// heading. `curves` is the path of a library with the curves believed in now,
/// looked up where the plan was.
///
/// # Errors
/// [`Error::Rejected`] for the library; [`Error::Unsupported`] where the result
/// holds no plan, or one by period of lines that meet.
pub fn track(
    record: &Record,
    actuals: &Actuals,
    curves: Option<&Path>,
    split: Split,
) -> Result<TrackFile, Error> {
    if let Some(why) = record.scenario.not_followed() {
        return Err(Error::Unsupported(format!("{}: {why}", record.input.path)));
    }
    let now = curves.map(|path| record.refitted(path)).transpose()?;
    let curves = curves.map(|path| Ok::<_, Error>(data(record.files(), path)?.input())).transpose()?;
    let (plan, scenario) = (&record.file, &record.scenario);
    let tracking = Tracking { plan, scenario, now: now.as_ref(), actuals, split };
    let tracked = outlay_scenario::track::track(&tracking, record.input.clone(), curves);
    tracked.ok_or_else(|| {
        let path = &record.input.path;
        Error::Unsupported(format!("{path}: holds no plan that could be compared with anything"))
    })
}

/// The rest of a horizon, planned again from what happened: a scenario of its
/// own with its plan, or the running plan where a change is not worth it.
/// [`Replanning::new`] asks as the command line does.
///
/// # Errors
/// [`Error::Replan`] where there is nothing left to plan, [`Error::Rejected`] for
/// curves that cannot be used.
pub fn replan(replanning: &Replanning, effort: &Effort) -> Result<Replanned, Error> {
    let (done, _) = effort.spend(|options| outlay_scenario::replan::replan(replanning, options));
    Ok(done?)
}

/// The next horizon, planned from the last one's plan and what happened, with an
/// account of what each input changed.
///
/// # Errors
/// As [`replan`].
pub fn reset(resetting: &Resetting, effort: &Effort) -> Result<Replanned, Error> {
    let (done, _) = effort.spend(|options| outlay_scenario::replan::reset(resetting, options));
    Ok(done?)
}
