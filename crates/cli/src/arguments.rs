//! What can be typed after `outlay`.

mod bounds;
mod check;
mod documents;
mod experiment;
mod fit;
mod number;
mod quarter;
mod server;
mod shared;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use outlay::scenario::frontier::Condition;
use outlay::{SchemaKind, question};
use serde_json::Value;

pub(crate) use bounds::Bounds;
pub(crate) use check::{Check, CheckFormat};
pub(crate) use documents::{Completions, Man};
pub(crate) use experiment::{Design, ExperimentFormat, Lift, Next, PanelColumns};
pub(crate) use fit::{BlankName, By, Fit, MarketsName};
use number::{amount, gap, seconds, unit};
pub(crate) use quarter::{Over, Replan, SplitBy, Track};
pub(crate) use server::{Mcp, Serve};
pub(crate) use shared::{Columns, UnderWay, Width};

/// Allocates a marketing budget so that incremental revenue is provably the
/// most the money can buy under every limit.
#[derive(Debug, Parser)]
#[command(name = "outlay", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes, the highest wins:
  0  every scenario solved and certified
  1  no plan exists, or a proof does not hold
  2  wrong input
  3  stopped before the proof closed";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the best plan of every scenario, with its proof
    Run(Run),
    /// Say whether all limits can hold: what contradicts what, and what would fix it
    Check(Check),
    /// Fit response curves to history and lift tests
    Fit(Box<Fit>),
    /// Say which test to run next: what it would be worth, and what it would cost
    Next(Next),
    /// Read a test in some of the markets: its lift, with an interval
    Lift(Box<Lift>),
    /// Design a test: which markets to treat, how long, what it would show
    Design(Box<Design>),
    /// Trace the best value over a budget, a limit or any other field
    Frontier(Frontier),
    /// Compare saved results: what moved, and which input moved it
    Compare(Compare),
    /// Re-prove saved results from their scenarios alone
    Verify(Verify),
    /// Compare a saved plan with what happened so far
    Track(Track),
    /// Plan the rest of a horizon, or the next one, from what happened
    Replan(Replan),
    /// Print the JSON Schema of a file format, for editors
    Schema(Schema),
    /// Print what completes commands and options in a shell
    Completions(Completions),
    /// Write the manual pages, one a command
    Man(Man),
    /// Read the curves of a model that another program fitted
    Import(Import),
    /// Write a commented scenario: to start from, or from a spreadsheet, curves or a media plan
    New(New),
    /// Open a page on this machine that answers every change at once, with its proof
    Serve(Serve),
    /// Offer an assistant tools within one folder (Model Context Protocol, standard input)
    Mcp(Mcp),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Save each result as JSON in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Put the scenario and every file it reads within the result too, which then stands alone
    #[arg(long, requires = "out")]
    pub(crate) embed: bool,
    /// Go on where an interrupted run into the same folder stopped
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Write a report to open in a browser
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write a workbook with live formulas
    #[arg(long, value_name = "FILE")]
    pub(crate) xlsx: Option<PathBuf>,
    /// Write each plan's buy sheet, as CSV and Excel, in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) buy: Option<PathBuf>,
    /// Write the plan into a copy of this media plan (JSON, Excel), in the folder of --out or beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) media_plan: Option<PathBuf>,
    /// Every spend a multiple of this, proven to a gap of 1e-4 (by period 1e-3) unless --gap says otherwise
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    pub(crate) round: Option<f64>,
    /// Relative gap to prove [default: 1e-8 for concave scenarios, else 1e-6]
    #[arg(long, value_parser = gap)]
    pub(crate) gap: Option<f64>,
    /// Most subproblems to solve per scenario
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) nodes: Option<u64>,
    /// Most seconds per scenario, the reading of one alone included; results may then differ from run to run
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time: Option<f64>,
    /// Scenarios solved at once [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    #[command(flatten)]
    pub(crate) width: Width,
}

/// A question that the scenario file does not ask.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// Another goal than the file's: "minimize spend", "maximize profit" ...
    #[arg(long, value_parser = question::goal)]
    pub(crate) goal: Option<Value>,
    /// One more limit over all lines: customers>=10000, cac<=60, mroas>=1.5; may be repeated
    #[arg(long = "limit", value_name = "LIMIT", value_parser = question::limit)]
    pub(crate) limits: Vec<(String, Value)>,
    /// Another value for a field, by path: budget.max=2000000, budget=null; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = question::setting)]
    pub(crate) set: Vec<(String, Value)>,
}

/// The same report for others, besides what is printed.
#[derive(Debug, Args)]
pub(crate) struct Written {
    /// Write the report as a page to open in a browser
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the report as a workbook
    #[arg(long, value_name = "FILE")]
    pub(crate) xlsx: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For reading
    Table,
    /// One result per line (JSON Lines), unrounded
    Json,
    /// One row per line of every plan, unrounded
    Csv,
    /// For chat and pull requests
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Frontier {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: PathBuf,
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// The field that varies, by path: budget.max, limits.Blended CAC.max ...
    #[arg(long, value_name = "PATH")]
    pub(crate) over: String,
    /// First number
    #[arg(long, value_name = "A", value_parser = amount, allow_negative_numbers = true)]
    pub(crate) from: f64,
    /// Last number
    #[arg(long, value_name = "B", value_parser = amount, allow_negative_numbers = true)]
    pub(crate) to: f64,
    /// Where a condition begins or ceases to hold: customers>=10000, marginal>=1.5
    #[arg(long, value_name = "CONDITION", value_parser = question::condition)]
    pub(crate) until: Option<Condition>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = FrontierFormat::Table)]
    pub(crate) format: FrontierFormat,
    /// Largest relative distance of the best value from the line between points [default: 1e-5, by period 1e-3]
    #[arg(long, value_parser = gap)]
    pub(crate) gap: Option<f64>,
    #[command(flatten)]
    pub(crate) bounds: Bounds,
    /// Save the answer with its proofs in this folder, or `.json` file
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FrontierFormat {
    /// For reading
    Table,
    /// One object, unrounded
    Json,
    /// Rows, unrounded
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Results saved by `outlay run --out`; the first is what the others are compared with
    #[arg(required = true, value_name = "RESULT")]
    pub(crate) results: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) bounds: Bounds,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = FrontierFormat::Table)]
    pub(crate) format: FrontierFormat,
    /// Save the answer with its proofs in this folder, or `.json` file
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) width: Width,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// What `--out` of run, check, frontier, compare or replan saved, or `run --format json` printed
    #[arg(required = true, value_name = "RESULT")]
    pub(crate) results: Vec<PathBuf>,
    /// Largest gap to accept, whatever was asked of the run
    #[arg(long, value_parser = gap)]
    pub(crate) gap: Option<f64>,
    /// Most seconds, reading included; results that are not re-proved by then are said to be open
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Which file
    #[arg(value_parser = PossibleValuesParser::new(SchemaKind::ALL.map(offered)).map(|name| named(&name)))]
    pub(crate) kind: SchemaKind,
}

fn offered(kind: SchemaKind) -> PossibleValue {
    PossibleValue::new(kind.name()).help(kind.about())
}

/// Only names that are offered come here.
fn named(name: &str) -> SchemaKind {
    SchemaKind::named(name).unwrap_or(SchemaKind::Scenario)
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// Where to write it; created if needed
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// A spreadsheet of lines, a curve library, a history, or a media plan
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The sheet of a workbook [default: the first that fits]
    #[arg(long, value_name = "NAME", requires = "from")]
    pub(crate) sheet: Option<String>,
    /// The column of the lines' names
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub(crate) line: Option<String>,
    /// The column of last period's spend
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub(crate) spend: Option<String>,
    /// The column of last period's revenue
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub(crate) revenue: Option<String>,
    /// What empty cells of spend in a history are [default: an error]
    #[arg(long, value_enum, value_name = "WHAT", requires = "from")]
    pub(crate) blank: Option<BlankName>,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// pymc-marketing .nc, Meridian .binpb or response curves (.nc, .csv), Robyn RobynModel-*.json
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write the curve library
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Currency of the model's money, kept in the library
    #[arg(long)]
    pub(crate) currency: Option<String>,
    /// Revenue of one unit of the model's outcome, where that is not revenue
    #[arg(long, value_name = "AMOUNT", value_parser = unit)]
    pub(crate) revenue_per_outcome: Option<f64>,
    /// Periods that the model's totals cover, to make them curves per period
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), requires = "unit")]
    pub(crate) periods: Option<u32>,
    /// Length of a period
    #[arg(long, value_enum)]
    pub(crate) unit: Option<UnitName>,
    /// Meridian: curves at the same spend in every period, for plans by period, instead of as flown
    #[arg(long)]
    pub(crate) steady: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnitName {
    /// A day
    Day,
    /// Seven days
    Week,
    /// A calendar month
    Month,
}

impl UnitName {
    /// As files write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            UnitName::Day => "day",
            UnitName::Week => "week",
            UnitName::Month => "month",
        }
    }
}
