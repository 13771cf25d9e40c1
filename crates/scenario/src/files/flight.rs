//! Plans by period in a result: totals of a period, and a line's flight.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is earned apart from the periods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Earnings {
    /// Incremental revenue.
    pub revenue: Option<f64>,
    /// New customers.
    pub customers: Option<f64>,
}

/// Totals of one period over all lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PeriodResult {
    /// Its name: its first day.
    pub name: String,
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
    /// Spend with fees.
    pub spend: Option<f64>,
    /// Incremental revenue earned in the period.
    pub revenue: Option<f64>,
    /// New customers won in the period.
    pub customers: Option<f64>,
}

/// A line's spend by period and what it earns when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlightResult {
    /// One entry per period.
    pub periods: Vec<FlightPeriod>,
    /// Earned after the last period; part of the line's figures.
    pub tail: Earnings,
    /// Earned by spend before the first period; in no other figure.
    pub carried_in: Earnings,
}

/// One period of a flight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlightPeriod {
    /// The period.
    pub name: String,
    /// Planned spend, without fees.
    pub spend: f64,
    /// Effective spend at work: what is spent and what carries over.
    pub stock: f64,
    /// Incremental revenue earned in the period.
    pub revenue: Option<f64>,
    /// New customers won in the period.
    pub customers: Option<f64>,
}
