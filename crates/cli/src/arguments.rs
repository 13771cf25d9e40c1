//! What can be typed after `outlay`.

mod bounds;
mod check;
mod documents;
mod experiment;
mod server;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use outlay::curves::fit::HalfLife;
use outlay::question;
use outlay::scenario::frontier::Condition;
use serde_json::Value;

pub(crate) use bounds::Bounds;
pub(crate) use check::{Check, CheckFormat};
pub(crate) use documents::{Completions, Man};
pub(crate) use experiment::{Design, ExperimentFormat, Lift, Next, PanelColumns};
pub(crate) use server::{Mcp, Serve};

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
    /// Every spend a multiple of this, proven to a gap of 1e-4 unless --gap says otherwise
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    pub(crate) round: Option<f64>,
    /// Relative gap to prove [default: 1e-8 for concave scenarios, else 1e-6]
    #[arg(long, value_parser = gap)]
    pub(crate) gap: Option<f64>,
    /// Most subproblems to solve per scenario
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) nodes: Option<u64>,
    /// Most seconds per scenario; results may then differ from run to run
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time: Option<f64>,
    /// Scenarios solved at once [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
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

/// What days are summed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Seven days, from the first of the history
    Week,
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
    /// The sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// The date column
    #[arg(long, value_name = "COLUMN")]
    pub(crate) date: Option<String>,
    /// The column of channel names, one row per channel and period
    #[arg(long, value_name = "COLUMN")]
    pub(crate) channel: Option<String>,
    /// The column of market names, which are summed; one may begin late
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
    /// A control, besides those guessed; may be repeated
    #[arg(long, value_name = "COLUMN")]
    pub(crate) control: Vec<String>,
    /// A column to leave out; may be repeated
    #[arg(long, value_name = "COLUMN")]
    pub(crate) ignore: Vec<String>,
    /// Periods to leave out, such as 2020-03..2020-05; may be repeated
    #[arg(long, value_name = "FROM..TO", value_parser = crate::periods::span)]
    pub(crate) exclude: Vec<(Date, Date)>,
    /// Sum days to weeks before fitting
    #[arg(long, value_enum, value_name = "UNIT")]
    pub(crate) by: Option<By>,
    /// What is believed of a channel's half-life, in periods, with 90% probability; may be repeated
    #[arg(long, value_name = "CHANNEL=LOW..HIGH", value_parser = crate::periods::half_life)]
    pub(crate) half_life: Vec<(String, HalfLife)>,
    /// End after so many seconds with what there is by then
    #[arg(long, value_name = "SECONDS", value_parser = crate::periods::seconds)]
    pub(crate) time: Option<Duration>,
    /// Probability of the intervals
    #[arg(long, default_value_t = 0.9, value_parser = level)]
    pub(crate) level: f64,
    /// Seed of the sampler; the same seed gives the same curves
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeName {
    /// Money
    Revenue,
    /// New customers, orders, conversions
    Customers,
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
    /// Largest relative distance of the best value from the line between points
    #[arg(long, default_value_t = 1e-5, value_parser = gap)]
    pub(crate) gap: f64,
    #[command(flatten)]
    pub(crate) bounds: Bounds,
    /// Save the answer with its proofs in this folder, or `.json` file
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
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
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// What `--out` of run, check, frontier, compare or replan saved, or `run --format json` printed
    #[arg(required = true, value_name = "RESULT")]
    pub(crate) results: Vec<PathBuf>,
    /// Largest gap to accept, whatever was asked of the run
    #[arg(long, value_parser = gap)]
    pub(crate) gap: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct Track {
    /// A plan saved by `outlay run --out`
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// The buy sheet with its `actual_` columns filled in, CSV or Excel
    #[arg(value_name = "ACTUALS")]
    pub(crate) actuals: PathBuf,
    /// A refitted curve library: says how much of the difference is news about the curves
    #[arg(long, value_name = "FILE")]
    pub(crate) curves: Option<PathBuf>,
    /// How the difference is split between causes
    #[arg(long, value_enum, default_value_t = SplitBy::Sequential)]
    pub(crate) split: SplitBy,
    /// How the comparison is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct Replan {
    /// The running plan, saved by `outlay run --out` or `outlay replan --out`
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// The buy sheet with its `actual_` columns filled in, CSV or Excel
    #[arg(value_name = "ACTUALS")]
    pub(crate) actuals: PathBuf,
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
    /// Columns of the printed table [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=1000))]
    pub(crate) width: Option<u16>,
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

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Which file
    #[arg(value_enum)]
    pub(crate) kind: SchemaName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// The scenario file
    Scenario,
    /// The result file
    Result,
    /// The curve library
    Curves,
    /// What `outlay track` writes
    Track,
    /// What `outlay replan` writes
    Replan,
    /// What `outlay check` answers
    Check,
    /// What `outlay lift --format json` writes
    Lift,
    /// What `outlay design --format json` writes
    Design,
    /// What `outlay next --format json` writes
    Next,
    /// What `outlay check --plan` answers
    Judgement,
    /// What `outlay frontier --format json` writes
    Frontier,
    /// What `outlay compare --format json` writes
    Comparison,
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
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// pymc-marketing .nc, Meridian response curves .nc or .csv, Robyn RobynModel-*.json
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

fn gap(text: &str) -> Result<f64, String> {
    number(text, "a gap of at least 1e-12 and below 1, such as 1e-6", |g| (1e-12..1.0).contains(&g))
}

fn amount(text: &str) -> Result<f64, String> {
    number(&text.replace('_', ""), "a finite number", f64::is_finite)
}

fn unit(text: &str) -> Result<f64, String> {
    number(&text.replace('_', ""), "an amount above 0, such as 1000", |u| u.is_finite() && u > 0.0)
}

fn level(text: &str) -> Result<f64, String> {
    number(text, "a probability above 0 and below 1, such as 0.9", |p| p > 0.0 && p < 1.0)
}

fn factor(text: &str) -> Result<(String, f64, f64), String> {
    let parts = text.rsplit_once('=').and_then(|(name, rest)| Some((name, rest.split_once(':')?)));
    let found = parts.and_then(|(name, (factor, error))| {
        let factor = factor.parse::<f64>().ok().filter(|f| f.is_finite() && *f > 0.0)?;
        let error = error.parse::<f64>().ok().filter(|e| e.is_finite() && *e >= 0.0)?;
        Some((name.to_owned(), factor, error))
    });
    found.ok_or_else(|| "expected a channel, a factor above 0 and its standard error: search=0.6:0.1".into())
}

fn fraction(text: &str) -> Result<f64, String> {
    let expected = "a share of at least 0, such as 2% or 0.02";
    // Divided, so that 15% is 0.15 to the last digit.
    match text.strip_suffix('%') {
        Some(percent) => number(percent.trim(), expected, |p| (0.0..=1e8).contains(&p)).map(|p| p / 100.0),
        None => number(text, expected, |f| (0.0..=1e6).contains(&f)),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    number(text, "seconds above 0 and at most 1000000", |s| s > 0.0 && s <= 1e6)
}

fn number(text: &str, expected: &str, allowed: impl Fn(f64) -> bool) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|n| allowed(*n));
    number.ok_or_else(|| format!("expected {expected}"))
}
