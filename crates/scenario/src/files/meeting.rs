//! Lines that meet, as results state them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::result::Earnings;

/// What the lines that meet return together at the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeetingResult {
    /// True where every line's figures are its Shapley value, the mean of what
    /// it adds over all orders of the lines it meets; false where more than
    /// eight lines meet and theirs is the continuous form (Aumann and Shapley).
    pub by_order: bool,
    /// Share of the horizon that audiences and pools are about, where part of it
    /// is over: what is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<f64>,
    /// Shared audiences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<AudienceResult>,
    /// Pools of demand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demand: Vec<DemandResult>,
}

/// One audience at the plan, in units of its lines' outcome (of harvesters:
/// shares of the demand).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudienceResult {
    /// Its name.
    pub name: String,
    /// Its lines and audiences.
    pub lines: Vec<String>,
    /// What they would return one without the other, added up.
    pub apart: f64,
    /// What they return together.
    pub together: f64,
    /// `1 - together / apart`.
    pub overlap: Option<f64>,
    /// Part of the next unit that a member returns which is new.
    pub next: f64,
    /// Where the figure comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One pool of demand at the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DemandResult {
    /// Its name.
    pub name: String,
    /// The lines and audiences that make demand.
    pub makes: Vec<String>,
    /// The lines and audiences that harvest it.
    pub harvests: Vec<String>,
    /// Demand without the makers.
    pub base: f64,
    /// Demand the makers add.
    pub made: f64,
    /// `base + made`.
    pub level: f64,
    /// Share of the demand that is harvested.
    pub share: f64,
    /// `level` times `share`.
    pub harvested: Earnings,
    /// `made` times `share`: what the harvesters owe to the makers.
    pub halo: Earnings,
    /// What one more unit of demand is worth in this plan; by period, made
    /// evenly over the horizon.
    pub next: Earnings,
    /// Level and share of every period, in a plan by period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<DemandPeriod>,
    /// Where the figures come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A pool in one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DemandPeriod {
    /// The period: its first day, or how long after the horizon.
    pub name: String,
    /// The level.
    pub level: f64,
    /// The share that is harvested.
    pub share: f64,
}

/// A line beside the lines it meets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineMeeting {
    /// What it would earn without the others.
    pub alone: Earnings,
    /// What the plan would lose without it.
    pub taken_away: Earnings,
}
