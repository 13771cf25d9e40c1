//! What can be typed after `outlay track` and `outlay replan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::number::{fraction, gap};
use super::{Ask, Bounds, Format, UnderWay, Width, Written};

#[derive(Debug, Args)]
pub(crate) struct Track {
    #[command(flatten)]
    pub(crate) under_way: UnderWay,
    /// A refitted curve library: says how much of the difference is news about the curves
    #[arg(long, value_name = "FILE")]
    pub(crate) curves: Option<PathBuf>,
    /// How the difference is split between causes
    #[arg(long, value_enum, default_value_t = SplitBy::Sequential)]
    pub(crate) split: SplitBy,
    /// How the comparison is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) written: Written,
    #[command(flatten)]
    pub(crate) width: Width,
}

#[derive(Debug, Args)]
pub(crate) struct Replan {
    #[command(flatten)]
    pub(crate) under_way: UnderWay,
    /// Save the new scenario and its result in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write the buy sheet of the new plan, as CSV and Excel, in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) buy: Option<PathBuf>,
    /// A refitted curve library
    #[arg(long, value_name = "FILE")]
    pub(crate) curves: Option<PathBuf>,
    /// Plan the next horizon instead of the rest of this one
    #[arg(long)]
    pub(crate) reset: bool,
    /// The next horizon's scenario, with --reset [default: the last one's]
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// What limits cover
    #[arg(long = "limits", value_name = "WHAT", value_enum, default_value_t = Over::Whole)]
    pub(crate) cover: Over,
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// What moving a unit of money costs, as a fraction of what the plan earns per unit
    #[arg(long, value_name = "SHARE", default_value_t = 0.02, value_parser = fraction)]
    pub(crate) friction: f64,
    /// Least gain worth a change, as a fraction of what is left to earn
    #[arg(long, value_name = "SHARE", default_value_t = 0.005, value_parser = fraction)]
    pub(crate) least_gain: f64,
    /// Change only where the gain is above 0 with this probability, over the draws of the curves
    #[arg(long, value_name = "SHARE", value_parser = fraction)]
    pub(crate) probability: Option<f64>,
    /// Largest change of what a line has left, as a fraction of it
    #[arg(long, value_name = "SHARE", value_parser = fraction)]
    pub(crate) most_change: Option<f64>,
    /// Reckon with the plan's prices, not with those paid
    #[arg(long)]
    pub(crate) planned_prices: bool,
    /// Relative gap to prove [default: 1e-8 for concave scenarios, else 1e-6]
    #[arg(long, value_parser = gap)]
    pub(crate) gap: Option<f64>,
    #[command(flatten)]
    pub(crate) bounds: Bounds,
    /// How the new plan is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) written: Written,
    #[command(flatten)]
    pub(crate) width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Over {
    /// The whole horizon, with its past frozen
    Whole,
    /// What is left of it
    Rest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
    /// One cause after the other: spend, price, quality, curve
    Sequential,
    /// The mean over all orders of the causes
    Shapley,
}
