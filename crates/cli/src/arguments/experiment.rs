//! What can be typed after `outlay next`, `outlay design` and `outlay lift`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::number::{change, level, seconds, share, worth};
use super::{Ask, Columns, FrontierFormat, Width, Written};
use crate::periods::{first_day, last_day};

/// The panel and what its columns hold.
#[derive(Debug, Clone, Args)]
pub(crate) struct PanelColumns {
    /// Outcome (and spend) by market and period, as CSV or Excel
    #[arg(value_name = "PANEL")]
    pub(crate) panel: PathBuf,
    #[command(flatten)]
    pub(crate) columns: Columns,
    /// Markets to leave out, separated by commas; may be repeated
    #[arg(long, value_name = "MARKETS", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    /// Probability of the intervals
    #[arg(long, default_value_t = 0.9, value_parser = level)]
    pub(crate) level: f64,
    /// Most seconds, reading included; without an answer by then there is none
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time: Option<f64>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = ExperimentFormat::Table)]
    pub(crate) format: ExperimentFormat,
    #[command(flatten)]
    pub(crate) width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExperimentFormat {
    /// For reading
    Table,
    /// One object, unrounded
    Json,
    /// The row for `fit --lift-tests`, or the list of markets
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Next {
    /// The scenario file; its curves come with draws
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: PathBuf,
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// Tests that could be run: channel, change, weeks, error or panel, and if wanted cost, periods, share
    /// [default: more, less and no spend in every channel, for 4 and for 8 weeks]
    #[arg(long, value_name = "FILE")]
    pub(crate) tests: Option<PathBuf>,
    /// Outcome by market and period, for how precisely a test would measure
    #[arg(long, value_name = "PANEL")]
    pub(crate) panel: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = FrontierFormat::Table)]
    pub(crate) format: FrontierFormat,
    #[command(flatten)]
    pub(crate) written: Written,
    /// Most subproblems to solve per plan
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) nodes: Option<u16>,
    /// Most seconds, reading included; tests that are not reached are left out
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time: Option<f64>,
    /// Tests valued at once [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    #[command(flatten)]
    pub(crate) width: Width,
}

#[derive(Debug, Args)]
pub(crate) struct Lift {
    #[command(flatten)]
    pub(crate) panel: PanelColumns,
    /// The test's first day, week or month: 2026-03-02, 2026-W10, 2026-03
    #[arg(long, value_name = "DATE", value_parser = first_day)]
    pub(crate) start: Date,
    /// The test's last day, week or month
    #[arg(long, value_name = "DATE", value_parser = last_day)]
    pub(crate) end: Date,
    /// Treated markets, separated by commas; may be repeated [default: those that a column marks]
    #[arg(long, value_name = "MARKETS", value_delimiter = ',')]
    pub(crate) treated: Vec<String>,
    /// The column that marks treated markets, by 1 and 0 or yes and no [default: `treated` and the like]
    #[arg(long, value_name = "COLUMN", conflicts_with = "treated")]
    pub(crate) treated_column: Option<String>,
    /// The channel tested, as the history calls it, for the row that a fit takes
    #[arg(long, value_name = "NAME", default_value = "channel")]
    pub(crate) channel: String,
}

#[derive(Debug, Args)]
pub(crate) struct Design {
    #[command(flatten)]
    pub(crate) panel: PanelColumns,
    /// Length of the test in weeks (months, where the panel is monthly) [default: the shortest with the power asked for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=104))]
    pub(crate) weeks: Option<u16>,
    /// Change of spend in the treated markets: +50%, -30%, -100% to go dark
    #[arg(long, value_name = "PERCENT", default_value = "+50%", allow_hyphen_values = true, value_parser = change)]
    pub(crate) change: f64,
    /// Treated groups, each against the same control markets
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=20))]
    pub(crate) cells: u16,
    /// Share of the markets that a group treats
    #[arg(long, value_name = "SHARE", default_value = "30%", value_parser = share)]
    pub(crate) share: f64,
    /// Markets that must be treated, separated by commas; may be repeated
    #[arg(long, value_name = "MARKETS", value_delimiter = ',')]
    pub(crate) treated: Vec<String>,
    /// Outcome per unit of spend that power is reckoned for
    #[arg(long, value_name = "RETURN", default_value_t = 1.0, value_parser = worth)]
    pub(crate) worth: f64,
    /// Probability with which an effect should be seen
    #[arg(long, default_value_t = 0.8, value_parser = level)]
    pub(crate) power: f64,
    /// Seed of the draw; the same seed gives the same markets
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}
