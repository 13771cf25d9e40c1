//! Tests in some of the markets: one read, one designed, and the next one
//! chosen.

use jiff::civil::Date;
use outlay::{Chosen, Data, DesignAsk, Effort, Error, Files, LiftAsk, NextAsk, PanelFile, show};
use pyo3::prelude::*;

use crate::answer::{Answer, What};
use crate::error::argument;
use crate::scene::Scenario;
use crate::tables::data;
use crate::work::{Asked, search};

/// A panel, as given.
#[derive(FromPyObject)]
pub(crate) struct Columns {
    #[pyo3(item)]
    sheet: Option<String>,
    #[pyo3(item)]
    date: Option<String>,
    #[pyo3(item)]
    market: Option<String>,
    #[pyo3(item)]
    outcome: Option<String>,
    #[pyo3(item)]
    customers: Option<bool>,
    #[pyo3(item)]
    spend: Vec<String>,
    #[pyo3(item)]
    exclude: Vec<String>,
    #[pyo3(item)]
    level: f64,
}

impl Columns {
    fn checked(&self) -> PyResult<()> {
        probability(self.level, "level")
    }

    /// The panel without the markets to leave out, and what its columns were
    /// taken for.
    fn panel(
        &self,
        data: &Data,
        marked: Option<&str>,
        named: bool,
    ) -> Result<(PanelFile, Vec<String>), Error> {
        let chosen = Chosen {
            sheet: self.sheet.clone(),
            date: self.date.clone(),
            market: self.market.clone(),
            outcome: self.outcome.clone(),
            customers: self.customers,
            spend: self.spend.clone(),
            ..Chosen::default()
        };
        let mut file = outlay::panel(data, &chosen, marked)?;
        if named {
            file.treated.clear();
        }
        outlay::leave_out(&mut file, &self.exclude)?;
        let notes = show::panel(&file).lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect();
        Ok((file, notes))
    }
}

fn probability(value: f64, name: &str) -> PyResult<()> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    Err(argument(name, &format!("{value} is not a probability above 0 and below 1")))
}

fn days(text: &str, name: &str) -> PyResult<(Date, Date)> {
    outlay::days(text).map_err(|problem| argument(name, &problem))
}

/// What a test in some of the markets showed, and what was read of its panel.
#[pyfunction]
#[pyo3(signature = (panel, columns, start, end, treated, treated_column, channel))]
#[allow(clippy::too_many_arguments, reason = "as many as the command has options")]
pub(crate) fn lift(
    py: Python<'_>,
    panel: Bound<'_, PyAny>,
    columns: Columns,
    start: &str,
    end: &str,
    treated: Vec<String>,
    treated_column: Option<String>,
    channel: String,
) -> PyResult<(Answer, Vec<String>)> {
    columns.checked()?;
    let (start, end) = (days(start, "start")?.0, days(end, "end")?.1);
    if treated_column.is_some() && !treated.is_empty() {
        return Err(argument(
            "treated_column",
            "give either the treated markets or the column that marks them",
        ));
    }
    let panel = data(&panel, "panel")?;
    search(py, Asked::default(), None, move |_| {
        let (file, notes) = columns.panel(&panel, treated_column.as_deref(), !treated.is_empty())?;
        let ask = LiftAsk { start, end, treated: &treated, channel: &channel, level: columns.level };
        Ok((Answer::new(What::Lift(Box::new(outlay::lift(&file, &ask)?)), None), notes))
    })
}

/// Which test to design, as given.
#[derive(FromPyObject)]
pub(crate) struct Wanted {
    #[pyo3(item)]
    weeks: Option<usize>,
    #[pyo3(item)]
    change: f64,
    #[pyo3(item)]
    cells: usize,
    #[pyo3(item)]
    share: f64,
    #[pyo3(item)]
    treated: Vec<String>,
    #[pyo3(item)]
    worth: f64,
    #[pyo3(item)]
    power: f64,
    #[pyo3(item)]
    seed: u64,
}

impl Wanted {
    /// Refuses what the command line refuses.
    fn checked(&self) -> PyResult<()> {
        let within = |held: bool, name: &str, expected: &str| match held {
            true => Ok(()),
            false => Err(argument(name, &format!("expected {expected}"))),
        };
        within(self.weeks.is_none_or(|w| (1..=104).contains(&w)), "weeks", "1 to 104")?;
        within(
            (-1.0..=20.0).contains(&self.change) && self.change != 0.0,
            "change",
            "a change from -1 (go dark) to 20, other than 0: 0.5 for half as much again",
        )?;
        within((1..=20).contains(&self.cells), "cells", "1 to 20")?;
        within(self.share > 0.0 && self.share <= 0.6, "share", "a share above 0 and at most 0.6")?;
        within(
            self.worth > 0.0 && self.worth.is_finite(),
            "worth",
            "an outcome per unit of spend above 0, such as 1.5",
        )?;
        probability(self.power, "power")
    }
}

/// Which markets to treat and for how long, and what was read of the panel.
#[pyfunction]
pub(crate) fn design(
    py: Python<'_>,
    panel: Bound<'_, PyAny>,
    columns: Columns,
    wanted: Wanted,
) -> PyResult<(Answer, Vec<String>)> {
    columns.checked()?;
    wanted.checked()?;
    let panel = data(&panel, "panel")?;
    search(py, Asked::default(), None, move |_| {
        let (file, notes) = columns.panel(&panel, None, true)?;
        let ask = DesignAsk {
            weeks: wanted.weeks,
            change: wanted.change,
            cells: wanted.cells,
            share: wanted.share,
            worth: wanted.worth,
            level: columns.level,
            power: wanted.power,
            seed: wanted.seed,
            ..DesignAsk::default()
        };
        Ok((Answer::new(What::Design(Box::new(outlay::design(&file, &wanted.treated, &ask)?)), None), notes))
    })
}

/// Which test to run next, in money.
#[pyfunction]
#[pyo3(signature = (scenario, tests, panel, nodes, time, progress))]
pub(crate) fn next(
    py: Python<'_>,
    scenario: &Scenario,
    tests: Option<Bound<'_, PyAny>>,
    panel: Option<Bound<'_, PyAny>>,
    nodes: Option<i64>,
    time: Option<f64>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Answer> {
    let batch = scenario.one()?;
    let asked = Asked::new(None, nodes, None, time)?;
    let tests = tests.map(|t| data(&t, "tests")).transpose()?;
    let panel = panel.map(|p| data(&p, "panel")).transpose()?;
    search(py, asked, progress.as_ref(), move |effort: &Effort<'_>| {
        let meant = batch.scenario(0)?;
        let ask = NextAsk { tests: tests.as_ref(), panel: panel.as_ref(), files: &Files::disk() };
        let file = outlay::next(&meant, &ask, effort)?;
        Ok(Answer::new(What::Next(Box::new(file)), None))
    })
}
