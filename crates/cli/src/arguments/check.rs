use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Bounds;

/// `10%` or `0.1`.
fn percent(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |n| (n, 0.01));
    let parsed = number.trim().parse::<f64>().ok().map(|n| n * unit);
    let allowed = parsed.filter(|n| *n > 0.0 && *n <= 1.0);
    allowed.ok_or_else(|| "expected a change above 0 and at most 100%, such as 10% or 0.1".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Judge this plan instead: CSV or Excel with `line` and `spend`
    #[arg(long, value_name = "PLAN", conflicts_with = "apply")]
    pub(crate) plan: Option<PathBuf>,
    /// With --plan: also the best plan that changes no line by more than this
    #[arg(long, value_name = "PERCENT", requires = "plan", value_parser = percent)]
    pub(crate) max_change: Option<f64>,
    /// Write the scenario with repair N, as numbered in the answer
    #[arg(long, value_name = "N", requires = "out", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) apply: Option<u16>,
    /// With --apply: where to write the repaired scenario; else the folder, or `.json` file, to save
    /// answers in with their proofs
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How answers are printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Table)]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) bounds: Bounds,
    /// Scenarios checked at once [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
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
