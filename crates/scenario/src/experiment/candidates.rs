//! Tests that could be run: from a file, or a usual few of each channel.

use std::collections::HashMap;
use std::path::PathBuf;

use outlay_experiments::{Ask, design};
use outlay_table::{CellReason, Skipped, Wanted, is_missing, plain};

use super::error::NextError;
use crate::files::data::Data;
use crate::files::diagnostic::nearest;
use crate::files::history::{Chosen, PanelFile, read_panel};
use crate::files::storage::Files;
use crate::model::names::LineNames;
use crate::model::scenario::Scenario;

/// Which tests could be run, and how precisely they would measure.
#[derive(Debug, Clone, Copy)]
pub struct NextAsk<'a> {
    /// A table of tests; without one, a usual few of every line with draws.
    pub tests: Option<&'a Data>,
    /// A panel to design tests on, where the table does not say how precisely
    /// they measure.
    pub panel: Option<&'a Data>,
    /// Where the panels that the table names are read from.
    pub files: &'a Files,
}

/// A test that could be run on one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// Position of the line.
    pub(super) line: usize,
    /// Change of spend relative to today's: -1 to go dark.
    pub(super) change: f64,
    /// Length in weeks (in periods, where the plan's are not days).
    pub(super) weeks: usize,
    /// How precisely it would measure.
    pub(super) precision: Precision,
    /// What it costs besides the spend moved and the outcome lost.
    pub(super) fixed_cost: f64,
    /// Periods of the plan that its result is used for; `None` for the horizon.
    pub(super) periods: Option<f64>,
    /// Share of the nation that is treated.
    pub(super) share: f64,
}

/// How precisely a test would measure the lift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Precision {
    /// Standard error of the lift over the whole test, in national terms.
    Given(f64),
    /// As a design on a panel shows: standard error relative to the outcome, and
    /// the outcome of all markets over the test.
    Designed {
        /// Relative standard error.
        relative: f64,
        /// Outcome of all markets over the test.
        outcome: f64,
    },
    /// Standard error over six weeks relative to the outcome of all markets,
    /// less for a longer test.
    Assumed(f64),
}

/// Share of the outcome that a test treats where nothing else is said, as in
/// `design`.
pub(super) const SHARE: f64 = 0.3;

/// Changes of spend that are looked at where no tests are named.
const CHANGES: [f64; 3] = [0.5, -0.5, -1.0];

/// Lengths of those, in weeks.
const WEEKS: [usize; 2] = [4, 8];

/// Standard error over six weeks where nothing else is known, relative to the
/// outcome: what `design` finds on panels of 40 markets.
const USUAL: f64 = 0.02;

/// Candidates of every line that has draws and spend: more, less and none, for
/// one and for two months.
pub(super) fn usual(
    scenario: &Scenario,
    tested: &[usize],
    ask: &NextAsk,
) -> Result<Vec<Candidate>, NextError> {
    let mut panels = Panels::default();
    let mut all = Vec::new();
    for &line in tested.iter().filter(|&&l| scenario.lines[l].current > 0.0) {
        for change in CHANGES {
            for weeks in WEEKS {
                let (precision, share) = match ask.panel {
                    Some(data) => panels.designed(data, weeks)?,
                    None => (Precision::Assumed(USUAL), SHARE),
                };
                let (fixed_cost, periods) = (0.0, None);
                all.push(Candidate { line, change, weeks, precision, fixed_cost, periods, share });
            }
        }
    }
    if all.is_empty() { Err(NextError::NoSpend) } else { Ok(all) }
}

/// Reads candidates: `channel`, `change` (`+50%`, `-100%`), `weeks`, `error` (the
/// lift's standard error over the test, national) or `panel` (a file to design
/// the test on), and if wanted `cost`, `periods` and `share`; and the rows that are
/// no tests.
pub(super) fn read(
    data: &Data,
    scenario: &Scenario,
    ask: &NextAsk,
) -> Result<(Vec<Candidate>, Vec<Skipped>), NextError> {
    let place = data.path().display().to_string();
    let wrong = |error: outlay_table::TableError| {
        let shown = data.shown(error.address());
        NextError::Tests { path: data.path().to_owned(), error: Box::new(error), shown }
    };
    let names = LineNames::new(scenario);
    let known = |name: &str| names.find(name).is_some();
    let fits = |header: &[String]| {
        ["change", "weeks"].iter().all(|name| header.iter().any(|h| plain(h).contains(name)))
    };
    let table = data.table(&Wanted { known: &known, fits: &fits, ..Wanted::default() }).map_err(wrong)?;
    let column = |name, others: &[&str]| table.column_like(name, others).map_err(wrong);
    let channel = column("channel", &["line"])?;
    let change = column("change", &["change of spend", "spend change"])?;
    let weeks = column("weeks", &["length", "weeks of the test"])?;
    let error = table.find("error", &["standard error", "std error", "se"]);
    let panels = table.find("panel", &[]);
    let cost = table.find("cost", &["fixed cost"]);
    let periods = table.find("periods", &["periods used", "used for"]);
    let share = table.find("share", &["treated share", "market share"]);
    let mut designed = Panels::default();
    let mut all = Vec::new();
    for row in 0..table.rows.len() {
        let text = |c: usize| table.text(row, c);
        let has = |c: Option<usize>| c.filter(|&c| !is_missing(text(c)));
        let refused = |c: usize, allowed| wrong(table.cell_error(row, c, CellReason::OutOfRange(allowed)));
        let name = text(channel);
        let line = names.find(name).ok_or_else(|| NextError::UnknownLine {
            path: place.clone(),
            row: table.number_of(row),
            name: name.to_owned(),
            nearest: nearest(name, scenario.lines.iter().map(|l| l.name.as_str())),
        })?;
        let change = table
            .value(row, change)
            .filter(|c| (-1.0..=20.0).contains(c) && *c != 0.0)
            .ok_or_else(|| refused(change, "a change from -100% (go dark) to +2000%, other than 0"))?;
        let length = table.number(row, weeks).map_err(wrong)?;
        if !(1.0..=520.0).contains(&length) || length.fract() != 0.0 {
            return Err(refused(weeks, "a whole number of weeks from 1 to 520"));
        }
        let length = length as usize;
        let (precision, usual_share) = match (has(error), has(panels), ask.panel) {
            (Some(c), ..) => {
                let error = table.amount(row, c).map_err(wrong)?;
                if error == 0.0 {
                    return Err(refused(c, "a standard error above 0: no measurement is exact"));
                }
                (Precision::Given(error), SHARE)
            }
            (None, Some(c), _) => {
                let file = data.path().with_file_name(text(c));
                let unread = |e: std::io::Error| NextError::Panel {
                    path: file.display().to_string(),
                    error: e.to_string(),
                };
                designed.designed(&Data::read(ask.files, &file).map_err(unread)?, length)?
            }
            (None, None, Some(panel)) => designed.designed(panel, length)?,
            (None, None, None) => (Precision::Assumed(USUAL), SHARE),
        };
        let number = |c: Option<usize>| has(c).map(|c| table.amount(row, c)).transpose().map_err(wrong);
        let share = match has(share) {
            Some(c) => table
                .value(row, c)
                .filter(|s| *s > 0.0 && *s <= 1.0)
                .ok_or_else(|| refused(c, "a share of the nation above 0 and at most 100%"))?,
            None => usual_share,
        };
        let (fixed_cost, periods) = (number(cost)?.unwrap_or(0.0), number(periods)?);
        all.push(Candidate { line, change, weeks: length, precision, fixed_cost, periods, share });
    }
    Ok((all, table.source.skipped))
}

/// Panels read, and the errors of designs on them.
#[derive(Default)]
struct Panels {
    files: HashMap<PathBuf, PanelFile>,
    errors: HashMap<(PathBuf, usize), (Precision, f64)>,
}

impl Panels {
    /// What a test of some length that `design` makes on a panel would measure,
    /// and the treated share.
    fn designed(&mut self, data: &Data, weeks: usize) -> Result<(Precision, f64), NextError> {
        let path = data.path();
        if let Some(found) = self.errors.get(&(path.to_owned(), weeks)) {
            return Ok(*found);
        }
        let wrong = |error: String| NextError::Panel { path: path.display().to_string(), error };
        if !self.files.contains_key(path) {
            let file = read_panel(data, &Chosen::default(), None).map_err(|e| wrong(e.to_string()))?;
            self.files.insert(path.to_owned(), file);
        }
        let panel = &self.files[path].panel;
        let designs = design(panel, &Ask { weeks: Some(weeks), ..Ask::default() });
        let designs = designs.map_err(|e| wrong(e.to_string()))?;
        let Some(cell) = designs.cells.first() else { return Err(wrong("no design".to_owned())) };
        let treated = cell.chosen.minimum_detectable_effect / cell.chosen.relative;
        let precision = Precision::Designed { relative: cell.chosen.error, outcome: treated / cell.share };
        self.errors.insert((path.to_owned(), weeks), (precision, cell.share));
        Ok((precision, cell.share))
    }
}
