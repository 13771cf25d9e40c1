//! What the tools can be asked, with a sentence on every argument.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A question that may say how long it is willing to wait.
pub(super) trait Bounded {
    /// What a call may take beyond its seconds: those that are told when time is
    /// up answer with what is known by then, the others are left.
    const GRACE: Duration = Duration::ZERO;

    /// Seconds, if stated.
    fn seconds(&self) -> Option<u64> {
        None
    }
}

macro_rules! bounded {
    ($grace:expr; $($name:ty),*) => {
        $(impl Bounded for $name {
            const GRACE: Duration = Duration::from_secs($grace);

            fn seconds(&self) -> Option<u64> {
                self.seconds
            }
        })*
    };
}

bounded!(20; Solve, Check, Frontier, Compare, Fit, Next);
bounded!(0; Verify, Lift, Design);

impl Bounded for List {}
impl Bounded for Schema {}

/// No arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct List {}

/// A scenario, and what to ask it that its file does not.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Solve {
    /// The scenario file, relative to the folder.
    pub(super) scenario: String,
    /// Other values for fields, by path, for example {"budget.max": 2000000,
    /// "limits.Blended CAC.max": 55, "lines.TV.spend.min": 300000}; a text like
    /// "+10%" changes what is written; null takes a field out.
    #[serde(default)]
    pub(super) set: Map<String, Value>,
    /// Another goal than the file's, for example "minimize spend" or "maximize profit".
    #[serde(default)]
    pub(super) goal: Option<String>,
    /// More limits over all lines, for example ["customers>=10000", "cac<=60"].
    #[serde(default)]
    pub(super) limits: Vec<String>,
    /// Which of the file's what-ifs, from 0; all (at most 24) when absent.
    #[serde(default)]
    pub(super) what_if: Option<u64>,
    /// Every spend a multiple of this.
    #[serde(default)]
    pub(super) round: Option<f64>,
    /// Relative gap to prove; the default is 1e-8 or 1e-6.
    #[serde(default)]
    pub(super) gap: Option<f64>,
    /// Keep the result in a new file of this name, ending in .json.
    #[serde(default)]
    pub(super) save: Option<String>,
    /// Most seconds, at most 300; 30 when absent.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// A scenario, or a plan made by hand for it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// The scenario file, relative to the folder.
    pub(super) scenario: String,
    /// Other values for fields, by path, as in `solve`.
    #[serde(default)]
    pub(super) set: Map<String, Value>,
    /// More limits over all lines, as in `solve`.
    #[serde(default)]
    pub(super) limits: Vec<String>,
    /// A plan made by hand (CSV or Excel with line and spend) to be judged instead.
    #[serde(default)]
    pub(super) plan: Option<String>,
    /// Most seconds, at most 300; 30 when absent.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// A number of a scenario, and how far to vary it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Frontier {
    /// The scenario file, relative to the folder.
    pub(super) scenario: String,
    /// The field that varies, by path: "budget.max", "limits.Blended CAC.max".
    pub(super) over: String,
    /// First number.
    pub(super) from: f64,
    /// Last number.
    pub(super) to: f64,
    /// Where a condition begins or ceases to hold, for example
    /// "customers>=10000" or "marginal>=1.5".
    #[serde(default)]
    pub(super) until: Option<String>,
    /// Other values for fields, by path, as in `solve`.
    #[serde(default)]
    pub(super) set: Map<String, Value>,
    /// Another goal than the file's, as in `solve`.
    #[serde(default)]
    pub(super) goal: Option<String>,
    /// More limits over all lines, as in `solve`.
    #[serde(default)]
    pub(super) limits: Vec<String>,
    /// Largest relative distance from the straight line between points; 0.001
    /// when absent.
    #[serde(default)]
    pub(super) gap: Option<f64>,
    /// Most seconds, at most 300; 30 when absent.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// Results to be set side by side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Compare {
    /// Files saved by `solve` or `outlay run --out`, the reference first.
    pub(super) results: Vec<String>,
    /// Most seconds, at most 300; 30 when absent.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// Results to be proven again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Verify {
    /// Files saved by `solve` or `outlay run --out`.
    pub(super) results: Vec<String>,
    /// Largest gap to accept, whatever was asked when it was solved.
    #[serde(default)]
    pub(super) gap: Option<f64>,
    /// Most seconds, at most 300; 30 when absent.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// A history, and what its columns hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fit {
    /// Spend and outcomes per day, week or month, as CSV or Excel.
    pub(super) history: String,
    /// Name of the new curve library, ending in .json.
    pub(super) out: String,
    /// Lift tests: channel, start, end, spend, delta_spend, lift, standard_error.
    #[serde(default)]
    pub(super) lift_tests: Option<String>,
    /// Currency of the history, such as "USD".
    #[serde(default)]
    pub(super) currency: Option<String>,
    /// The sheet of a workbook; the first when absent.
    #[serde(default)]
    pub(super) sheet: Option<String>,
    /// The date column; guessed when absent, like the others.
    #[serde(default)]
    pub(super) date: Option<String>,
    /// The column of channel names, one row per channel and period.
    #[serde(default)]
    pub(super) channel: Option<String>,
    /// The column of market names; three or more are fitted side by side.
    #[serde(default)]
    pub(super) market: Option<String>,
    /// The outcome column.
    #[serde(default)]
    pub(super) outcome: Option<String>,
    /// True if the outcome counts customers, false if it is money.
    #[serde(default)]
    pub(super) customers: Option<bool>,
    /// The spend columns, instead of those guessed.
    #[serde(default)]
    pub(super) spend: Vec<String>,
    /// Controls, besides those guessed.
    #[serde(default)]
    pub(super) control: Vec<String>,
    /// Columns to leave out.
    #[serde(default)]
    pub(super) ignore: Vec<String>,
    /// True if empty cells of spend are nothing spent; an error when absent.
    #[serde(default)]
    pub(super) blank_is_zero: bool,
    /// What becomes of markets; "together" when absent.
    #[serde(default)]
    pub(super) markets: MarketsName,
    /// Channels that may reach the same people: their overlap is estimated.
    #[serde(default)]
    pub(super) overlap: Vec<String>,
    /// Channels that may make demand which those in `harvests` harvest: estimated.
    #[serde(default)]
    pub(super) makes: Vec<String>,
    /// Channels that may harvest the demand that those in `makes` make.
    #[serde(default)]
    pub(super) harvests: Vec<String>,
    /// Probability of the intervals; 0.9 when absent.
    #[serde(default)]
    pub(super) level: Option<f64>,
    /// Most seconds, at most 300; 30 when absent. What there is by then is kept.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// What becomes of a history's markets.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MarketsName {
    /// As a panel: national curves from what markets share and do differently.
    #[default]
    Together,
    /// The same, and a curve of every channel in every market.
    Each,
    /// As one history: their sum.
    Summed,
}

/// A scenario whose curves are uncertain, and tests that could be run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Next {
    /// The scenario file, relative to the folder; its curves come with draws.
    pub(super) scenario: String,
    /// Tests that could be run (CSV or Excel): channel, change, weeks, error or
    /// panel; more, less and no spend in every channel when absent.
    #[serde(default)]
    pub(super) tests: Option<String>,
    /// Outcome by market and period, for how precisely a test would measure.
    #[serde(default)]
    pub(super) panel: Option<String>,
    /// Most seconds, at most 300; 30 when absent. Tests not reached are left out.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// A panel with a test in it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lift {
    /// Outcome and spend by market and period, as CSV or Excel.
    pub(super) panel: String,
    /// The test's first day, week or month: "2026-03-02", "2026-W10", "2026-03".
    pub(super) start: String,
    /// The test's last day, week or month.
    pub(super) end: String,
    /// Treated markets; those that a column marks when absent.
    #[serde(default)]
    pub(super) treated: Vec<String>,
    /// Markets to leave out.
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    /// The channel tested, as the history calls it.
    #[serde(default)]
    pub(super) channel: Option<String>,
    /// Probability of the intervals; 0.9 when absent.
    #[serde(default)]
    pub(super) level: Option<f64>,
    /// Most seconds, at most 300; 30 when absent.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// A panel, and what the test should be able to show.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Design {
    /// Outcome (and spend) by market and period, as CSV or Excel.
    pub(super) panel: String,
    /// Length in weeks (months of a monthly panel); the shortest with the power
    /// asked for when absent.
    #[serde(default)]
    pub(super) weeks: Option<u16>,
    /// Change of spend in the treated markets as a fraction: 0.5 for half as much
    /// again (the default), -1 to go dark.
    #[serde(default)]
    pub(super) change: Option<f64>,
    /// Treated groups against the same controls; 1 when absent.
    #[serde(default)]
    pub(super) cells: Option<u16>,
    /// Share of the markets that a group treats; 0.3 when absent.
    #[serde(default)]
    pub(super) share: Option<f64>,
    /// Markets that must be treated.
    #[serde(default)]
    pub(super) treated: Vec<String>,
    /// Markets to leave out.
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    /// Outcome per unit of spend that power is reckoned for; 1 when absent.
    #[serde(default)]
    pub(super) worth: Option<f64>,
    /// Probability with which the effect should be seen; 0.8 when absent.
    #[serde(default)]
    pub(super) power: Option<f64>,
    /// Probability of the intervals; 0.9 when absent.
    #[serde(default)]
    pub(super) level: Option<f64>,
    /// Most seconds, at most 300; 30 when absent.
    #[serde(default)]
    pub(super) seconds: Option<u64>,
}

/// A file format.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Schema {
    /// "scenario", "result", "curves", or the name of an answer: "check", "frontier",
    /// "comparison", "judgement", "track", "replan", "lift", "design", "next".
    pub(super) kind: String,
}
