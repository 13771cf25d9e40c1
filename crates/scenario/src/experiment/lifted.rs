//! What `outlay lift` writes: a test read from a panel, and the row of it that
//! a fit takes.

use jiff::civil::Date;
use outlay_experiments::{Doubt, Estimate, ExperimentError, Options, Reading, Test, read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::history::PanelFile;
use crate::files::result::FORMAT;

/// A test, read. Outcomes are in the panel's units, spend in its currency; both
/// are totals of the treated markets over the test unless a field says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiftFile {
    /// Format version.
    pub outlay: u32,
    /// First day of the test.
    pub start: String,
    /// Last day of the test.
    pub end: String,
    /// Length of a period: day, week or month.
    pub unit: String,
    /// Whether outcomes count customers rather than money.
    pub customers: bool,
    /// Treated markets.
    pub treated: Vec<String>,
    /// Markets they are compared with.
    pub control: Vec<String>,
    /// Outcome beyond what was expected without the test.
    pub lift: Interval,
    /// What was expected without the test.
    pub counterfactual: f64,
    /// The same by period (days are told in weeks).
    pub periods: Vec<LiftPeriod>,
    /// Outcome per unit of spend moved; null where spend is not known or did not move.
    pub iroas: Option<Interval>,
    /// Spend of the treated markets; null where it is not known.
    pub spend: Option<LiftSpend>,
    /// The treated markets' share of the outcome before the test.
    pub share: f64,
    /// Tests of nothing before the test (A/A tests).
    pub placebo: PlaceboFile,
    /// A second method.
    pub cross_check: CrossCheck,
    /// What a careful reader should know.
    pub warnings: Vec<LiftWarning>,
    /// The test as a row for `outlay fit --lift-tests`, in national terms; null
    /// where spend is not known or did not move.
    pub row: Option<LiftRow>,
}

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Standard deviation of the estimate.
    pub standard_error: f64,
    /// Probability that the interval claims.
    pub level: f64,
}

/// One period of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiftPeriod {
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
    /// Outcome of the treated markets.
    pub earned: f64,
    /// Outcome beyond what was expected.
    pub lift: Interval,
}

/// Spend of the treated markets over the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiftSpend {
    /// What they spent.
    pub spent: f64,
    /// What they would have spent, by their ratio to the controls before.
    pub expected: f64,
    /// What all markets would have spent.
    pub national: f64,
}

/// Tests of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceboFile {
    /// Windows of the test's length read before it.
    pub windows: usize,
    /// Of them, those whose interval holds 0.
    pub covered: usize,
    /// Root mean square of what they showed, relative to what was expected.
    pub error: f64,
}

/// The lift by a second method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CrossCheck {
    /// Its name.
    pub method: String,
    /// Its estimate of the lift.
    pub value: f64,
    /// Whether the first method's interval holds it.
    pub inside: bool,
}

/// What a careful reader should know, by code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum LiftWarning {
    /// Markets without outcome in some periods.
    Zeros {
        /// The markets.
        markets: Vec<String>,
        /// Periods without outcome, all of them together.
        periods: usize,
    },
    /// Little time before the test.
    ShortBefore {
        /// Periods before it.
        periods: usize,
    },
    /// A market that makes up much of the treated outcome.
    Dominant {
        /// The market.
        market: String,
        /// Its share.
        share: f64,
    },
    /// Controls that moved in the test as never before.
    Contaminated {
        /// The markets.
        markets: Vec<String>,
        /// Their own lift, relative.
        lifts: Vec<f64>,
    },
    /// Spend moved in the controls too.
    ControlSpend {
        /// Relative change.
        change: f64,
    },
    /// Spend of the treated markets hardly moved.
    SpendStill {
        /// Relative change.
        change: f64,
    },
    /// Markets left out because they lack rows.
    Incomplete {
        /// The markets.
        markets: Vec<String>,
    },
    /// The second method disagrees.
    CrossCheck {
        /// Its estimate.
        value: f64,
    },
    /// Most tests of nothing showed something.
    Placebo {
        /// Windows read.
        windows: usize,
        /// Those whose interval held 0.
        covered: usize,
    },
    /// A national row would cut more than is spent: the treated markets spend
    /// more per outcome than the others.
    CutLimited {
        /// The cut per period that their share stands for.
        asked: f64,
    },
}

/// A row for `outlay fit --lift-tests`: spend and change per period, lift in
/// total over the window, all of them national.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiftRow {
    /// Channel.
    pub channel: String,
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
    /// National spend per period without the test.
    pub spend: f64,
    /// Change per period, over the treated share.
    pub delta_spend: f64,
    /// Lift over the treated share.
    pub lift: f64,
    /// Its standard error, with 5% of the lift for what other markets would
    /// have done differently.
    pub standard_error: f64,
}

/// What other markets may do differently from the treated ones, relative to the
/// lift: the error of carrying a test's lift over to the nation.
pub(super) const ELSEWHERE: f64 = 0.05;

/// Why a test cannot be read from a panel.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LiftError {
    /// A date outside the panel.
    #[error("{field} {date} belongs to no period of the panel, which runs from {first} to {last}")]
    Outside {
        /// Which date.
        field: &'static str,
        /// The date.
        date: String,
        /// First day of the panel.
        first: String,
        /// Last day of the panel.
        last: String,
    },
    /// The end before the start.
    #[error("the test ends on {end}, before it starts on {start}")]
    Backwards {
        /// Start.
        start: String,
        /// End.
        end: String,
    },
    /// A treated market that the panel does not have.
    #[error("no market `{name}`{}; markets: {}", nearest.as_ref().map_or(String::new(), |n| format!(", did you mean `{n}`?")), markets.join(", "))]
    UnknownMarket {
        /// The name given.
        name: String,
        /// The most similar there is.
        nearest: Option<String>,
        /// All markets.
        markets: Vec<String>,
    },
    /// The estimator refuses.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
}

/// Positions of markets by name.
///
/// # Errors
/// The first name that no market has.
pub fn markets(file: &PanelFile, names: &[String]) -> Result<Vec<usize>, LiftError> {
    let find = |name: &String| {
        let all = &file.panel.markets;
        all.iter().position(|m| m == name).ok_or_else(|| {
            let near = all.iter().map(|m| (strsim::damerau_levenshtein(m, name), m)).min();
            let nearest = near.filter(|(d, _)| *d <= 1 + name.chars().count() / 3).map(|(_, m)| m.clone());
            LiftError::UnknownMarket { name: name.clone(), nearest, markets: all.clone() }
        })
    };
    names.iter().map(find).collect()
}

/// Reads a test from a panel. `start` and `end` name periods that belong to it;
/// without `treated`, the panel's own marks say which markets were treated.
///
/// # Errors
/// [`LiftError`] where dates or markets do not belong to the panel, or where
/// there is nothing to compare.
pub fn lift(
    file: &PanelFile,
    start: Date,
    end: Date,
    treated: &[String],
    channel: &str,
    level: f64,
) -> Result<LiftFile, LiftError> {
    let period = |field: &'static str, date: Date| {
        file.period(date).ok_or_else(|| LiftError::Outside {
            field,
            date: date.to_string(),
            first: file.dates.first().map_or(String::new(), Date::to_string),
            last: file.last_day(file.dates.len().saturating_sub(1)).map_or(String::new(), |d| d.to_string()),
        })
    };
    let (from, to) = (period("start", start)?, period("end", end)?);
    if to < from {
        return Err(LiftError::Backwards { start: start.to_string(), end: end.to_string() });
    }
    let treated = if treated.is_empty() { file.treated.clone() } else { markets(file, treated)? };
    let test = Test { start: from, end: to + 1, treated };
    let reading = read(&file.panel, &test, &Options { level })?;
    Ok(written(file, &test, &reading, channel, level))
}

fn written(file: &PanelFile, test: &Test, reading: &Reading, channel: &str, level: f64) -> LiftFile {
    let interval = |e: &Estimate| Interval {
        value: e.value,
        low: e.low,
        high: e.high,
        standard_error: e.standard_error,
        level,
    };
    let first = |t: usize| file.dates.get(t).map_or(String::new(), Date::to_string);
    let last = |t: usize| file.last_day(t).map_or(String::new(), |d| d.to_string());
    let periods = reading.periods.iter().map(|((from, to), earned, estimate)| LiftPeriod {
        start: first(*from),
        end: last(to - 1),
        earned: *earned,
        lift: interval(estimate),
    });
    let name = |i: &usize| file.panel.markets[*i].clone();
    let control = (0..file.panel.markets.len()).filter(|i| !test.treated.contains(i));
    let lift = interval(&reading.lift);
    let inside = lift.low <= reading.synthetic && reading.synthetic <= lift.high;
    let (row, limited) = row(reading, test, channel, &first(test.start), &last(test.end - 1));
    let mut warnings: Vec<LiftWarning> = reading.doubts.iter().map(warning).collect();
    if !file.incomplete.is_empty() {
        let markets = file.incomplete.iter().map(|(m, _)| m.clone()).collect();
        warnings.push(LiftWarning::Incomplete { markets });
    }
    if !inside {
        warnings.push(LiftWarning::CrossCheck { value: reading.synthetic });
    }
    let placebo = reading.placebo;
    if placebo.windows >= 3 && 2 * placebo.covered < placebo.windows {
        warnings.push(LiftWarning::Placebo { windows: placebo.windows, covered: placebo.covered });
    }
    warnings.extend(limited.map(|asked| LiftWarning::CutLimited { asked }));
    LiftFile {
        outlay: FORMAT,
        start: first(test.start),
        end: last(test.end - 1),
        unit: file.unit.name().to_owned(),
        customers: file.customers,
        treated: test.treated.iter().map(name).collect(),
        control: control.map(|i| name(&i)).collect(),
        lift,
        counterfactual: reading.counterfactual,
        periods: periods.collect(),
        iroas: reading.spend.and_then(|s| s.iroas).map(|e| interval(&e)),
        spend: reading.spend.map(|s| LiftSpend {
            spent: s.spent,
            expected: s.expected,
            national: s.national,
        }),
        share: reading.share,
        placebo: PlaceboFile { windows: placebo.windows, covered: placebo.covered, error: placebo.error },
        cross_check: CrossCheck { method: "synthetic_control".to_owned(), value: reading.synthetic, inside },
        warnings,
        row,
    }
}

/// The row for a fit, and the cut asked for where it is more than is spent.
fn row(
    reading: &Reading,
    test: &Test,
    channel: &str,
    start: &str,
    end: &str,
) -> (Option<LiftRow>, Option<f64>) {
    let Some(moved) = reading.spend.filter(|s| s.iroas.is_some()) else { return (None, None) };
    let length = (test.end - test.start) as f64;
    let share = reading.share;
    let spend = moved.national / length;
    let asked = (moved.spent - moved.expected) / length / share;
    let delta_spend = asked.max(-spend);
    let lift = reading.lift.value / share;
    let standard_error = (reading.lift.standard_error / share).hypot(ELSEWHERE * lift);
    let (channel, start, end) = (channel.to_owned(), start.to_owned(), end.to_owned());
    let row = LiftRow { channel, start, end, spend, delta_spend, lift, standard_error };
    (Some(row), (asked < delta_spend).then_some(asked))
}

fn warning(doubt: &Doubt) -> LiftWarning {
    match doubt {
        Doubt::Zeros { markets } => LiftWarning::Zeros {
            markets: markets.iter().map(|(m, _)| m.clone()).collect(),
            periods: markets.iter().map(|(_, n)| n).sum(),
        },
        Doubt::Short { periods } => LiftWarning::ShortBefore { periods: *periods },
        Doubt::Dominant { market, share } => LiftWarning::Dominant { market: market.clone(), share: *share },
        Doubt::Contaminated { markets } => LiftWarning::Contaminated {
            markets: markets.iter().map(|(m, ..)| m.clone()).collect(),
            lifts: markets.iter().map(|(_, l, _)| *l).collect(),
        },
        Doubt::ControlSpend { change } => LiftWarning::ControlSpend { change: *change },
        Doubt::Still { change } => LiftWarning::SpendStill { change: *change },
    }
}
