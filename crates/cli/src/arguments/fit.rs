//! What can be typed after `outlay fit`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use outlay::curves::fit::HalfLife;

use super::number::{factor, level};
use super::{Columns, Width};

/// What days are summed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Seven days, from the first of the history
    Week,
}

/// What becomes of markets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MarketsName {
    /// As a panel: national curves from what markets share and do differently
    Together,
    /// The same, and a curve of every channel in every market
    Each,
    /// As one history: their sum
    Summed,
}

/// What an empty cell of spend is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BlankName {
    /// Nothing spent
    Zero,
}

#[derive(Debug, Args)]
pub(crate) struct Fit {
    /// Spend and outcomes per day, week or month, as CSV or Excel
    #[arg(value_name = "HISTORY")]
    pub(crate) history: PathBuf,
    /// Where to write the curve library
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Lift tests: channel, start, end, spend, delta_spend, lift, standard_error
    #[arg(long, value_name = "FILE")]
    pub(crate) lift_tests: Option<PathBuf>,
    /// Curves of channels without history, from answers, benchmarks or other channels
    #[arg(long, value_name = "FILE")]
    pub(crate) judgements: Option<PathBuf>,
    /// Incremental per attributed outcome of a channel with an outcome of its own; may be repeated
    #[arg(long, value_name = "CHANNEL=FACTOR:ERROR", value_parser = factor)]
    pub(crate) incrementality: Vec<(String, f64, f64)>,
    /// A library fitted before: says which curves moved, and whether that is news
    #[arg(long, value_name = "FILE")]
    pub(crate) update: Option<PathBuf>,
    /// Write a page with a picture per channel
    #[arg(long, value_name = "FILE")]
    pub(crate) pictures: Option<PathBuf>,
    /// Currency of the history, kept in the library
    #[arg(long)]
    pub(crate) currency: Option<String>,
    #[command(flatten)]
    pub(crate) columns: Columns,
    /// The column of channel names, one row per channel and period
    #[arg(long, value_name = "COLUMN")]
    pub(crate) channel: Option<String>,
    /// Fit markets together, give each its own curves as well, or sum them
    #[arg(long, value_enum, value_name = "HOW", default_value = "together")]
    pub(crate) markets: MarketsName,
    /// A control, besides those guessed; may be repeated
    #[arg(long, value_name = "COLUMN")]
    pub(crate) control: Vec<String>,
    /// A column to leave out; may be repeated
    #[arg(long, value_name = "COLUMN")]
    pub(crate) ignore: Vec<String>,
    /// What empty cells of spend are [default: an error]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) blank: Option<BlankName>,
    /// Periods to leave out, such as 2020-03..2020-05; may be repeated
    #[arg(long, value_name = "FROM..TO", value_parser = crate::periods::span)]
    pub(crate) exclude: Vec<(Date, Date)>,
    /// Sum days to weeks before fitting
    #[arg(long, value_enum, value_name = "UNIT")]
    pub(crate) by: Option<By>,
    /// What is believed of a channel's half-life, in periods, with 90% probability; may be repeated
    #[arg(long, value_name = "CHANNEL=LOW..HIGH", value_parser = crate::periods::half_life)]
    pub(crate) half_life: Vec<(String, HalfLife)>,
    /// Channels that may reach the same people: estimate their overlap; may be repeated
    #[arg(long, value_name = "CHANNEL,...", value_delimiter = ',', conflicts_with_all = ["makes", "harvests"])]
    pub(crate) overlap: Vec<String>,
    /// Channels that may make demand which --harvests harvest: estimate it; may be repeated
    #[arg(long, value_name = "CHANNEL,...", value_delimiter = ',', requires = "harvests")]
    pub(crate) makes: Vec<String>,
    /// Channels that may harvest the demand that --makes make; may be repeated
    #[arg(long, value_name = "CHANNEL,...", value_delimiter = ',', requires = "makes")]
    pub(crate) harvests: Vec<String>,
    /// End after so many seconds with what there is by then
    #[arg(long, value_name = "SECONDS", value_parser = crate::periods::seconds)]
    pub(crate) time: Option<Duration>,
    /// Probability of the intervals
    #[arg(long, default_value_t = 0.9, value_parser = level)]
    pub(crate) level: f64,
    /// Seed of the sampler; the same seed gives the same curves
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) width: Width,
}
