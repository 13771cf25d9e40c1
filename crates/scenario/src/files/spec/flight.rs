//! Flights as written: spend by period.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;

/// How a line's spend may run over the periods of a horizon that is planned
/// `by_period`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlightSpec {
    /// Least spend in every period, or one number for each period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<OneOrMany<f64>>,
    /// Largest spend in every period, or one number for each period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<OneOrMany<f64>>,
    /// Periods without spend: first days of periods, months like `2026-02`,
    /// quarters like `2026-Q1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blackout: Option<OneOrMany<String>>,
    /// In every period nothing, or this much and more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Once on, on for at least this many periods in a row (or to the end).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_at_least: Option<u32>,
    /// At most this many bursts: runs of periods that are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bursts: Option<u32>,
    /// Largest change from one period to the next, a fraction of the former.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smooth: Option<f64>,
    /// Response of the same stock in each period, 1 being usual; multiplies
    /// that of the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Vec<f64>>,
    /// Price of media in each period, 1 being usual; multiplies that of the
    /// horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Vec<f64>>,
    /// What earlier spend has left: the spend of every period before, or a list
    /// of the last periods' spends, the latest last, after nothing. Nothing
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<OneOrMany<f64>>,
    /// What has happened in this horizon; no rule of the line holds for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<FlownSpec>,
}

/// What has happened to a line that is planned by period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlownSpec {
    /// Money spent in each period that is over, without fees.
    pub spend: Vec<f64>,
    /// Money spent so far in the period that is under way; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<f64>,
    /// What was measured in periods that are over; it counts in place of what
    /// the curve says of them. Nothing when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<MeasuredSpec>,
    /// What was measured so far in the period that is under way beyond what the
    /// curve says of it, in what the curve returns, below 0 where it is less; 0
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surplus: Option<f64>,
    /// Money bound by orders for the rest, beyond what is spent; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<f64>,
}

/// What a line was measured to earn in a period that is over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasuredSpec {
    /// First day of the period.
    pub period: String,
    /// Incremental outcome, in what the curve returns.
    pub outcome: f64,
}

/// How spends are planned over a horizon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanBy {
    /// One spend per line, spread evenly and for as long as it takes to work.
    #[default]
    Total,
    /// One spend per line and period, with what carries over between them.
    ByPeriod,
}
