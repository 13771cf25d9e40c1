//! How channels meet, as a fit found it: part of a curve library.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An overlap or a pool of demand that was estimated with the curves. The
/// curves of the library are what each channel earns beside the others as
/// usual; a scenario that names the meeting (`fitted`) plans with how that
/// changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FittedMeeting {
    /// What scenarios call it.
    pub name: String,
    /// Channels that overlap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Channels that make demand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub makes: Vec<String>,
    /// Channels that harvest it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub harvests: Vec<String>,
    /// Of an overlap: the curves times `steeper` add up, and together return
    /// `ceiling (1 - e^(-sum/ceiling))` a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steeper: Option<f64>,
    /// Largest outcome of the audience, per period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<f64>,
    /// Of a pool: demand a period without the makers. Its unit is chosen so that
    /// all that could ever be harvested is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<f64>,
    /// Demand that makers make per unit of their curves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<f64>,
    /// Share of the demand made that sells without a harvester.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organic: Option<f64>,
    /// What was estimated: part of the sum one by one that is lost together, or
    /// part of what makers earn that runs through harvesters; its median.
    pub share: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Of a pool: part of what is harvested that makers made, with its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harvested: Option<[f64; 3]>,
    /// Probability that the intervals claim.
    pub level: f64,
    /// The interval of `share` if they meet at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<[f64; 2]>,
    /// Probability of the data if they meet over that if they do not.
    pub odds: Option<f64>,
    /// Part of what is known of the number, if they meet, that is the data's.
    pub rests_on_data: f64,
    /// Error on periods unseen, over the mean outcome, with the meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_out_error: Option<f64>,
    /// The same without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_out_error_without: Option<f64>,
    /// `[steeper, ceiling]` or `[made, organic]` of every draw of the curves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<[f64; 2]>,
}
