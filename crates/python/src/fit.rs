//! Curves from history.

use std::time::Instant;

use jiff::civil::Date;
use outlay::curves::fit::Meeting;
use outlay::scenario::Shown;
use outlay::{
    Blank, Chosen, Data, Error, FitOptions, Fitted, Format, HalfLife, HistoryFile, LiftTests, Markets, Page,
    show,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{argument, raised};
use crate::tables::data;
use crate::work::{Asked, wait};

/// What a fit is asked for, as given.
#[derive(FromPyObject)]
pub(crate) struct Wanted {
    #[pyo3(item)]
    sheet: Option<String>,
    #[pyo3(item)]
    date: Option<String>,
    #[pyo3(item)]
    channel: Option<String>,
    #[pyo3(item)]
    market: Option<String>,
    #[pyo3(item)]
    outcome: Option<String>,
    #[pyo3(item)]
    customers: Option<bool>,
    #[pyo3(item)]
    spend: Vec<String>,
    #[pyo3(item)]
    control: Vec<String>,
    #[pyo3(item)]
    ignore: Vec<String>,
    #[pyo3(item)]
    blank_is_zero: bool,
    #[pyo3(item)]
    markets: String,
    #[pyo3(item)]
    overlap: Vec<String>,
    #[pyo3(item)]
    makes: Vec<String>,
    #[pyo3(item)]
    harvests: Vec<String>,
    #[pyo3(item)]
    exclude: Vec<(String, String)>,
    #[pyo3(item)]
    by_week: bool,
    #[pyo3(item)]
    half_life: Vec<(String, f64, f64)>,
    #[pyo3(item)]
    incrementality: Vec<(String, f64, f64)>,
    #[pyo3(item)]
    currency: Option<String>,
    #[pyo3(item)]
    level: f64,
    #[pyo3(item)]
    seed: u64,
    #[pyo3(item)]
    time: Option<f64>,
}

impl Wanted {
    fn chosen(&self) -> Chosen {
        Chosen {
            sheet: self.sheet.clone(),
            date: self.date.clone(),
            channel: self.channel.clone(),
            market: self.market.clone(),
            outcome: self.outcome.clone(),
            customers: self.customers,
            spend: self.spend.clone(),
            control: self.control.clone(),
            ignore: self.ignore.clone(),
            blank: if self.blank_is_zero { Blank::Zero } else { Blank::Refused },
        }
    }

    /// What becomes of markets; the package has looked at the word.
    fn markets(&self) -> Markets {
        match self.markets.as_str() {
            "each" => Markets::Each,
            "summed" => Markets::Summed,
            _ => Markets::Together,
        }
    }

    /// How channels may meet.
    fn meeting(&self) -> PyResult<Option<Meeting>> {
        let asked = Meeting::among(&self.overlap, &self.makes, &self.harvests);
        asked.map_err(|e| argument("overlap", &e.to_string()))
    }

    /// The history with everything that is said of it.
    fn history(&self, data: &Data, spans: &[(Date, Date)]) -> Result<HistoryFile, Error> {
        let wrong = |error| Error::History {
            path: data.path().to_owned(),
            error: Box::new(error),
            shown: Shown::default(),
        };
        let mut file = outlay::history(data, &self.chosen())?;
        for (from, to) in spans {
            file.exclude(*from, *to).map_err(wrong)?;
        }
        if self.by_week {
            file = file.by_week();
        }
        for (name, factor, error) in &self.incrementality {
            file.set_incrementality(name, *factor, *error).map_err(wrong)?;
        }
        for (name, low, high) in &self.half_life {
            file.set_half_life(name, HalfLife { low: *low, high: *high }).map_err(wrong)?;
        }
        Ok(file)
    }

    fn checked(&self) -> PyResult<Vec<(Date, Date)>> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(argument(
                "level",
                &format!("{} is not a probability above 0 and below 1", self.level),
            ));
        }
        if let Some((name, ..)) =
            self.half_life.iter().find(|(_, low, high)| !(*low > 0.0 && low < high && high.is_finite()))
        {
            return Err(argument(
                "half_life",
                &format!("`{name}`: both ends must be above 0, the second above the first"),
            ));
        }
        if let Some((name, ..)) = self
            .incrementality
            .iter()
            .find(|(_, f, e)| !(*f > 0.0 && *e >= 0.0 && f.is_finite() && e.is_finite()))
        {
            return Err(argument(
                "incrementality",
                &format!("`{name}`: expected a factor above 0 and its standard error"),
            ));
        }
        let days = |text: &str| outlay::days(text).map_err(|problem| argument("exclude", &problem));
        self.exclude.iter().map(|(from, to)| Ok((days(from)?.0, days(to)?.1))).collect()
    }
}

/// A fit's library as text, how it is told, a page of pictures, and what was
/// read of the history; how curves moved since an earlier library where one is
/// given.
#[pyfunction]
#[pyo3(signature = (history, lift_tests, judgements, update, wanted, progress))]
pub(crate) fn fit<'py>(
    py: Python<'py>,
    history: Bound<'py, PyAny>,
    lift_tests: Option<Bound<'py, PyAny>>,
    judgements: Option<Bound<'py, PyAny>>,
    update: Option<String>,
    wanted: Wanted,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (spans, meeting) = (wanted.checked()?, wanted.meeting()?);
    Asked::new(None, None, None, wanted.time)?;
    let history = data(&history, "history")?;
    let tests = lift_tests.map(|t| data(&t, "lift_tests")).transpose()?;
    let judged = judgements.map(|t| data(&t, "judgements")).transpose()?;
    let told = wait(py, progress.as_ref(), move |wire| {
        let deadline = Asked::new(None, None, None, wanted.time).ok().and_then(|a| a.deadline());
        let file = wanted.history(&history, &spans)?;
        let tests = tests.map_or(Ok(LiftTests::default()), |tests| outlay::lift_tests(&tests, &file))?;
        let cancel = || wire.stopped() || deadline.is_some_and(|d| Instant::now() >= d);
        let percent = |share: f64| wire.at((100.0 * share.clamp(0.0, 1.0)) as u64);
        let options = FitOptions::default()
            .level(wanted.level)
            .seed(wanted.seed)
            .currency(wanted.currency.clone())
            .markets(wanted.markets())
            .meeting(meeting)
            .cancel(&cancel)
            .progress(&percent);
        let mut found = outlay::fit(&file, &tests.tests, &options)?;
        if let Some(judged) = judged {
            found.judge(&judged)?;
        }
        written(&found, &file, &tests, update.as_deref())
    })?;
    let (library, text, page, notes) = told.map_err(|e| raised(&e))?;
    let dict = PyDict::new(py);
    dict.set_item("library", library)?;
    dict.set_item("text", text)?;
    dict.set_item("page", page)?;
    dict.set_item("notes", notes)?;
    Ok(dict)
}

type Written = (String, String, String, String);

fn written(
    found: &Fitted,
    history: &HistoryFile,
    tests: &LiftTests,
    update: Option<&str>,
) -> Result<Written, Error> {
    let earlier = match update {
        Some(text) => {
            let name = "update.json";
            Some(outlay::library(&outlay::Files::memory([(name, text)]), name)?)
        }
        None => None,
    };
    let moved = earlier.map(|old| found.moved_from(&old, history));
    let text = show::fit(found, moved.as_ref(), Format::Page(Page::default()))?;
    let notes = show::history(history) + &show::lift_tests(tests);
    Ok((show::library(&found.library)?, text, show::fit_html(found)?, notes))
}
