//! What can be typed after `outlay check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::number::moved;
use super::{Ask, Bounds, Width, Written};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// Judge this plan instead: CSV or Excel with `line` and `spend`, or `share` of the budget
    #[arg(long, value_name = "PLAN", conflicts_with = "apply")]
    pub(crate) plan: Option<PathBuf>,
    /// With --plan: also the best plan that changes no line by more than this
    #[arg(long, value_name = "PERCENT", requires = "plan", value_parser = moved)]
    pub(crate) max_change: Option<f64>,
    /// Write the scenario with repair N, as numbered in the answer
    #[arg(long, value_name = "N", requires = "out", conflicts_with_all = ["goal", "limits", "set"], value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) apply: Option<u16>,
    /// With --apply: where to write the repaired scenario; else the folder, or `.json` file, to save
    /// answers in with their proofs
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) written: Written,
    /// How answers are printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Table)]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) bounds: Bounds,
    /// Scenarios checked at once [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    #[command(flatten)]
    pub(crate) width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For reading
    Table,
    /// One answer per line (JSON Lines), unrounded
    Json,
    /// For chat and pull requests
    Markdown,
}
