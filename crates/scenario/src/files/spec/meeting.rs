//! Lines that meet: shared audiences, and pools of demand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CurveSpec, Selection};

/// Lines that reach the same people: together they return `G` of the sum of
/// what their curves return, or the reach of all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceSpec {
    /// Its name, unique among audiences and lines.
    pub name: String,
    /// The lines by name; an audience's name stands for all of its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<String>>,
    /// The lines by tag, instead of by name.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// `G`: concave, with slope 1 at 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<CurveSpec>,
    /// Instead of `curve`: the lines' curves are reach, as shares of the
    /// population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<ReachSpec>,
    /// Instead of both: an overlap in the curve library, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<String>,
    /// Where the figure comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Reach of several lines: `(1 - prod(1 - d r_i)) / d` of the population, each
/// worth `value`; `d = 1` is duplication by chance, `d = 0` none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachSpec {
    /// Number of people.
    pub population: f64,
    /// Outcome of one person reached.
    pub value: f64,
    /// `d`, from 0 to 1; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplication: Option<f64>,
}

/// Demand that some lines make and others harvest: a harvester returns the
/// level of the pool times its curve, a share of at most 1; the level is `base`
/// and what the curves of the makers return.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandSpec {
    /// Its name, unique among pools and lines.
    pub name: String,
    /// Demand that is there without the lines that make it, in units of the
    /// harvesters' outcome over the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<f64>,
    /// Instead of `base` and `organic`: a pool in the curve library, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<String>,
    /// The lines whose curves are demand made.
    pub makes: Selection,
    /// The lines whose curves are shares of the demand.
    pub harvests: Selection,
    /// Share of the demand made, from 0 to 1, that sells without a harvester; 0
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organic: Option<f64>,
    /// By period: the part of the demand that was made which is still there a
    /// period later, from 0 to 0.97; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<f64>,
    /// Where the figures come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
