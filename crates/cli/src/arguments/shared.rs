//! Arguments that several commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use outlay::Chosen;

/// How wide a printed table is.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Width {
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
}

/// The columns of a history or a panel.
#[derive(Debug, Clone, Args)]
pub(crate) struct Columns {
    /// The sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// The date column
    #[arg(long, value_name = "COLUMN")]
    pub(crate) date: Option<String>,
    /// The column of market names; one may begin late
    #[arg(long, value_name = "COLUMN")]
    pub(crate) market: Option<String>,
    /// The outcome column
    #[arg(long, value_name = "COLUMN")]
    pub(crate) outcome: Option<String>,
    /// What the outcome counts [default: guessed from the column's name]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) outcome_is: Option<OutcomeName>,
    /// The spend columns, instead of those guessed; may be repeated
    #[arg(long, value_name = "COLUMN")]
    pub(crate) spend: Vec<String>,
}

impl Columns {
    pub(crate) fn chosen(&self) -> Chosen {
        Chosen {
            sheet: self.sheet.clone(),
            date: self.date.clone(),
            market: self.market.clone(),
            outcome: self.outcome.clone(),
            customers: self.outcome_is.map(|o| o == OutcomeName::Customers),
            spend: self.spend.clone(),
            ..Chosen::default()
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeName {
    /// Money
    Revenue,
    /// New customers, orders, conversions
    Customers,
}

/// A plan under way, and what happened to it.
#[derive(Debug, Args)]
pub(crate) struct UnderWay {
    /// The running plan, saved by `outlay run --out` or `outlay replan --out`
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// The buy sheet with its `actual_` columns filled in, CSV or Excel
    #[arg(value_name = "ACTUALS")]
    pub(crate) actuals: PathBuf,
}

impl UnderWay {
    /// Both files.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        vec![self.plan.clone(), self.actuals.clone()]
    }
}
