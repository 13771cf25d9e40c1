//! The metrics that limits and goals name.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a limit limits, over the lines it selects. `x` is the spend of a line,
/// `q` its outcome in customers, `R` its revenue, `S` the sum of `x (1 + fee)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Metric {
    /// `S`.
    Spend,
    /// Sum of `R`.
    Revenue,
    /// `N`, the sum of `new_customer_share q`.
    Customers,
    /// `L`, the sum of `lifetime_value q`.
    LifetimeValue,
    /// Sum of `margin R`, less `S`.
    Profit,
    /// `(S + other_cost) / (N + baseline customers)`.
    Cac,
    /// `(R + baseline revenue) / (S + other_cost)`.
    Mer,
    /// `R / S`.
    Iroas,
    /// `L / S`.
    LtvToCac,
    /// `S` of the selection over `S` of all lines, or of `of`.
    SpendShare,
    /// Sum of `x` over the sum of today's `x`, minus 1.
    Change,
    /// Revenue of the last unit of spend of every selected line that is on.
    Mroas,
    /// Selected lines with spend above 0.
    ActiveLines,
    /// Effective media units.
    Units,
    /// Sum of `x` times the lines' attribute of this name.
    Attribute(String),
}

/// Names of all metrics but the attributes.
pub const BUILT_IN_METRICS: &[&str] = &[
    "spend",
    "revenue",
    "customers",
    "lifetime_value",
    "profit",
    "cac",
    "mer",
    "iroas",
    "ltv_to_cac",
    "spend_share",
    "change",
    "mroas",
    "active_lines",
    "units",
    "attribute.NAME",
];

impl Metric {
    /// The least and the largest number that a limit on it may have.
    pub fn range(&self) -> (f64, f64) {
        match self {
            Metric::SpendShare => (0.0, 1.0),
            Metric::Profit | Metric::Attribute(_) | Metric::LifetimeValue | Metric::LtvToCac => {
                (f64::NEG_INFINITY, f64::INFINITY)
            }
            Metric::Change => (-1.0, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// The metric as written in files.
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Metric::Spend => "spend",
            Metric::Revenue => "revenue",
            Metric::Customers => "customers",
            Metric::LifetimeValue => "lifetime_value",
            Metric::Profit => "profit",
            Metric::Cac => "cac",
            Metric::Mer => "mer",
            Metric::Iroas => "iroas",
            Metric::LtvToCac => "ltv_to_cac",
            Metric::SpendShare => "spend_share",
            Metric::Change => "change",
            Metric::Mroas => "mroas",
            Metric::ActiveLines => "active_lines",
            Metric::Units => "units",
            Metric::Attribute(name) => return Cow::Owned(format!("attribute.{name}")),
        })
    }

    /// The metric of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "spend" => Metric::Spend,
            "revenue" => Metric::Revenue,
            "customers" => Metric::Customers,
            "lifetime_value" => Metric::LifetimeValue,
            "profit" => Metric::Profit,
            "cac" => Metric::Cac,
            "mer" => Metric::Mer,
            "iroas" => Metric::Iroas,
            "ltv_to_cac" => Metric::LtvToCac,
            "spend_share" => Metric::SpendShare,
            "change" => Metric::Change,
            "mroas" => Metric::Mroas,
            "active_lines" => Metric::ActiveLines,
            "units" => Metric::Units,
            _ => return name.strip_prefix("attribute.").map(|a| Metric::Attribute(a.to_owned())),
        })
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Metric;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a metric")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Metric, E> {
                Metric::parse(name).ok_or_else(|| E::unknown_variant(name, BUILT_IN_METRICS))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

impl JsonSchema for Metric {
    fn schema_name() -> Cow<'static, str> {
        "Metric".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let built_in = &BUILT_IN_METRICS[..BUILT_IN_METRICS.len() - 1];
        json_schema!({
            "description": "A metric; `attribute.NAME` for an attribute of the lines.",
            "anyOf": [{ "enum": built_in }, { "type": "string", "pattern": "^attribute\\." }]
        })
    }
}
