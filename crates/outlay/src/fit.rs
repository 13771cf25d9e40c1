//! Curves from history: read it, read tests and judgements, fit.

use std::fmt;
use std::path::Path;

use outlay_curves::fit::{Fit, FitError, LiftTest, Meeting, Options, Panel, Sampling, fit_panel, fit_until};
use outlay_scenario::history::{Chosen, Column, HistoryError, HistoryFile, LiftTests, Unit, read_history};
use outlay_scenario::library::LibraryFile;
use outlay_scenario::moved::Refit;
use outlay_scenario::spec::Outcome;
use outlay_scenario::{Data, Files, HandPlan, PlanError, Scenario, by_market};

use crate::error::Error;

/// A table to read from `files`: a history, lift tests, what happened.
///
/// # Errors
/// [`Error::Unreadable`].
pub fn data(files: &Files, path: impl AsRef<Path>) -> Result<Data, Error> {
    let path = path.as_ref();
    Data::read(files, path).map_err(|error| Error::Unreadable { path: path.to_owned(), error })
}

/// A history: spend by channel and an outcome, by day, week, month or quarter;
/// one row a period (wide) or one a period and channel (long). What is not
/// `chosen` is guessed from the columns' names; [`HistoryFile::columns`] and
/// [`HistoryFile::notes`] tell what was decided.
///
/// ```
/// use outlay::{Chosen, Column, Data, history};
/// use jiff::civil::date;
///
/// let weeks = (0..30).map(|week| date(2024, 1, 1).checked_add(jiff::Span::new().weeks(week)).ok());
/// let columns = [
///     ("week", Column::Dates(weeks.collect())),
///     ("revenue", Column::Numbers((0..30).map(|w| f64::from(1000 + 7 * w)).collect())),
///     ("tv_spend", Column::Numbers((0..30).map(|w| f64::from(100 + w % 5)).collect())),
/// ];
/// let read = history(&Data::columns("frame", columns), &Chosen::default())?;
/// assert_eq!((read.unit.name(), read.history.periods()), ("week", 30));
/// assert_eq!(read.history.channels[0].name, "tv");
/// # Ok::<(), outlay::Error>(())
/// ```
///
/// # Errors
/// [`Error::History`] with row and column.
pub fn history(data: &Data, chosen: &Chosen) -> Result<HistoryFile, Error> {
    read_history(data, chosen).map_err(|error| wrong(data, error))
}

/// Lift tests, brought to the scale of a history: columns `channel, start, end,
/// spend, delta_spend, lift, standard_error` and, where only some markets were
/// tested, `market_share`. Spend and its change are per period, the lift is the
/// total of the test.
///
/// # Errors
/// [`Error::History`] with every row that cannot be used or does not fit.
pub fn lift_tests(data: &Data, history: &HistoryFile) -> Result<LiftTests, Error> {
    outlay_scenario::history::read_lift_tests(data, history).map_err(|error| wrong(data, error))
}

/// A history's fault, with its file.
pub(crate) fn wrong(data: &Data, error: HistoryError) -> Error {
    let shown = data.shown(error.addresses());
    Error::History { path: data.path().to_owned(), error: Box::new(error), shown }
}

/// A plan made by hand, for [`crate::judge`]: columns `line` and `spend`, one row
/// for every line of the scenario; or what Meridian's optimizer arrived at
/// (`.csv`, `.nc`).
///
/// # Errors
/// [`Error::Plan`] with everything that would have to be guessed.
pub fn hand_plan(data: &Data, scenario: &Scenario) -> Result<HandPlan, Error> {
    let wrong = |error: PlanError| {
        let shown = data.shown(error.address());
        Error::Plan { path: data.path().to_owned(), error: Box::new(error), shown }
    };
    let Some(found) = outlay_exchange::optimized(&data.to_bytes()) else {
        return outlay_scenario::read_plan(data, scenario).map_err(wrong);
    };
    let found = found.map_err(|error| Error::Import { path: data.path().to_owned(), error })?;
    let (lines, spends) = found.into_iter().unzip();
    let table = [("line", Column::Texts(lines)), ("spend", Column::Numbers(spends))];
    let plan = outlay_scenario::read_plan(&Data::columns(data.path(), table), scenario).map_err(wrong)?;
    // The file that was read is the one that was given.
    Ok(HandPlan { sha256: data.input().sha256, ..plan })
}

/// What becomes of the markets of a history that names them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Markets {
    /// They are fitted side by side, as a panel; curves are the nation's. Fewer
    /// than three markets, days, and channels with an outcome of their own are
    /// summed.
    #[default]
    Together,
    /// The same, with a curve of every channel in every market as well.
    Each,
    /// They are summed and fitted as one history.
    Summed,
}

/// What a fit is asked for. The default gives intervals of 90%, samples with
/// seed 1, states no currency and is never stopped.
#[derive(Clone)]
pub struct FitOptions<'a> {
    options: Options,
    currency: Option<String>,
    markets: Markets,
    cancel: &'a (dyn Fn() -> bool + Sync),
    progress: &'a (dyn Fn(f64) + Sync),
}

impl Default for FitOptions<'_> {
    fn default() -> Self {
        let options = Options { sampling: Sampling { seed: 1, ..Sampling::default() }, ..Options::default() };
        let markets = Markets::Together;
        FitOptions { options, currency: None, markets, cancel: &|| false, progress: &|_| {} }
    }
}

impl fmt::Debug for FitOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("FitOptions");
        shown.field("options", &self.options).field("currency", &self.currency).finish_non_exhaustive()
    }
}

impl<'a> FitOptions<'a> {
    /// Probability of the intervals, in (0, 1).
    #[must_use]
    pub fn level(mut self, level: f64) -> Self {
        self.options.level = level;
        self
    }

    /// Seed of the sampler; the same seed gives the same curves.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.sampling.seed = seed;
        self
    }

    /// Currency of the history, for the library: `EUR`.
    #[must_use]
    pub fn currency(self, currency: impl Into<Option<String>>) -> Self {
        FitOptions { currency: currency.into(), ..self }
    }

    /// How some of the channels may meet, estimated with the curves: one overlap,
    /// or one pool of demand. A history of markets is summed for it
    /// ([`Markets::Summed`]).
    #[must_use]
    pub fn meeting(mut self, meeting: impl Into<Option<Meeting>>) -> Self {
        self.options.meeting = meeting.into();
        self
    }

    /// What becomes of a history's markets.
    #[must_use]
    pub fn markets(self, markets: Markets) -> Self {
        FitOptions { markets, ..self }
    }

    /// Asked now and then, from whichever thread fits; true ends the fit soon
    /// with fewer draws, down to the most probable curves and their normal
    /// approximation, and every curve says so (warning `cut_short`).
    #[must_use]
    pub fn cancel(self, cancel: &'a (dyn Fn() -> bool + Sync)) -> Self {
        FitOptions { cancel, ..self }
    }

    /// Told now and then which share of the fit is done, from 0 to 1.
    #[must_use]
    pub fn progress(self, progress: &'a (dyn Fn(f64) + Sync)) -> Self {
        FitOptions { progress, ..self }
    }
}

/// A fit and the curves it gives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fitted {
    /// The curve library, as `outlay fit --out` writes it; [`crate::show::library`]
    /// makes its text.
    pub library: LibraryFile,
    /// What it rests on: draws, baselines, models, warnings.
    pub fit: Fit,
    /// The outcome that the history counts.
    outcome: Outcome,
}

/// Fits a curve with carry-over to every channel of a history. Spend is per
/// period of the history and in its currency.
///
/// ```
/// # let mut text = String::from("week,revenue,tv_spend\n");
/// # for week in 0..40 {
/// #     let date = jiff::civil::date(2024, 1, 1).checked_add(jiff::Span::new().weeks(week)).unwrap();
/// #     let spend = 100 + 13 * (week * 7 % 11);
/// #     text += &format!("{date},{},{spend}\n", 1000.0 + 9.0 * f64::from(spend as i32).sqrt());
/// # }
/// use outlay::{Chosen, Data, FitOptions, fit, history};
///
/// let read = history(&Data::bytes("weeks.csv", text), &Chosen::default())?;
/// # let quick = || true; // documentation need not sample for seconds
/// # let options = FitOptions::default().cancel(&quick);
/// # let _ = stringify!(
/// let options = FitOptions::default().level(0.8);
/// # );
/// let fitted = fit(&read, &[], &options)?;
/// assert_eq!(fitted.library.curves[0].name, "tv");
/// # Ok::<(), outlay::Error>(())
/// ```
///
/// # Errors
/// [`Error::Fit`] where the history says too little or too much.
pub fn fit(history: &HistoryFile, tests: &[LiftTest], options: &FitOptions) -> Result<Fitted, Error> {
    let wrong = |error| Error::Fit { path: history.path.clone(), error };
    let heard = (options.progress, options.cancel);
    let (currency, level) = (options.currency.as_deref(), options.options.level);
    let (fit, library) = match panel(history, options.markets) {
        Some(_) if options.options.meeting.is_some() => {
            let reason =
                "how channels meet is not estimated from markets side by side; sum them: --markets summed";
            return Err(wrong(FitError::Meeting { reason: reason.to_owned() }));
        }
        Some(panel) => {
            let found = fit_panel(&history.history, panel, tests, &options.options, heard).map_err(wrong)?;
            let mut library = outlay_scenario::fitted::library(history, &found.fit, currency, level);
            by_market::compare(&mut library, &found);
            if options.markets == Markets::Each {
                by_market::add_markets(&mut library, history, &found, level);
            }
            (found.fit, library)
        }
        None => {
            let found = fit_until(&history.history, tests, &options.options, heard.0, heard.1);
            let fit = found.map_err(wrong)?;
            let library = outlay_scenario::fitted::library(history, &fit, currency, level);
            (fit, library)
        }
    };
    let outcome = if history.customers { Outcome::Customers } else { Outcome::Revenue };
    Ok(Fitted { library, fit, outcome })
}

/// The panel to fit, where there is one and it is wanted. The days of a week
/// are told apart for the sum alone.
fn panel(history: &HistoryFile, markets: Markets) -> Option<&Panel> {
    history.panel.as_ref().filter(|_| markets != Markets::Summed && history.unit != Unit::Day)
}

impl Fitted {
    /// Adds curves that rest on judgement: a planner's answers, a benchmark, or
    /// another channel's curve, one a row. None may replace a fitted one.
    ///
    /// # Errors
    /// [`Error::History`] with row and column.
    pub fn judge(&mut self, data: &Data) -> Result<(), Error> {
        let judged = outlay_scenario::history::read_judgements(data, self.outcome, &self.fit);
        for curve in judged.map_err(|error| wrong(data, error))? {
            if self.library.curves.iter().any(|c| c.name == curve.name) {
                return Err(wrong(data, HistoryError::Judged { channel: curve.name }));
            }
            self.library.curves.push(curve);
        }
        Ok(())
    }

    /// How the curves moved since an earlier library, and which moves are more
    /// than new data were expected to bring.
    pub fn moved_from(&self, earlier: &LibraryFile, history: &HistoryFile) -> Refit {
        outlay_scenario::moved::compare(earlier, &self.library, history)
    }
}

/// A curve library.
///
/// # Errors
/// [`Error::Rejected`] with everything wrong, by line, column and field.
pub fn library(files: &Files, path: impl AsRef<Path>) -> Result<LibraryFile, Error> {
    Ok(outlay_scenario::read_library(files, path.as_ref())?)
}
