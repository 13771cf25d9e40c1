//! The metrics that limits and goals name.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares the metrics once: what each is, its name in files, and what a limit
/// on it may be.
macro_rules! metrics {
    ($($(#[$about:meta])* $metric:ident = $name:literal, $allowed:ident;)*) => {
        /// What a limit limits, over the lines it selects. `x` is the spend of a line,
        /// `q` its outcome in customers, `R` its revenue, `S` the sum of `x (1 + fee)`.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum Metric {
            $($(#[$about])* $metric,)*
            /// Sum of `x` times the lines' attribute of this name.
            Attribute(String),
        }

        /// Names of all metrics but the attributes.
        pub const BUILT_IN_METRICS: &[&str] = &[$($name,)* "attribute.NAME"];

        impl Metric {
            /// What numbers a limit on it may have.
            pub fn allowed(&self) -> Allowed {
                match self {
                    $(Metric::$metric => Allowed::$allowed,)*
                    Metric::Attribute(_) => Allowed::Any,
                }
            }

            /// The metric as written in files.
            pub fn name(&self) -> Cow<'static, str> {
                match self {
                    $(Metric::$metric => Cow::Borrowed($name),)*
                    Metric::Attribute(name) => Cow::Owned(format!("attribute.{name}")),
                }
            }

            /// The metric of that name.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Metric::$metric),)*
                    _ => name.strip_prefix("attribute.").map(|a| Metric::Attribute(a.to_owned())),
                }
            }
        }
    };
}

metrics! {
    /// `S`.
    Spend = "spend", Positive;
    /// Sum of `R`.
    Revenue = "revenue", Positive;
    /// `N`, the sum of `new_customer_share q`.
    Customers = "customers", Positive;
    /// `L`, the sum of `lifetime_value q`.
    LifetimeValue = "lifetime_value", Any;
    /// Sum of `margin R`, less `S`.
    Profit = "profit", Any;
    /// `(S + other_cost) / (N + baseline customers)`.
    Cac = "cac", Positive;
    /// `(R + baseline revenue) / (S + other_cost)`.
    Mer = "mer", Positive;
    /// `R / S`.
    Iroas = "iroas", Positive;
    /// `L / S`.
    LtvToCac = "ltv_to_cac", Any;
    /// `S` of the selection over `S` of all lines, or of `of`.
    SpendShare = "spend_share", Share;
    /// Sum of `x` over the sum of today's `x`, minus 1.
    Change = "change", Change;
    /// Revenue of the last unit of spend of every selected line that is on.
    Mroas = "mroas", Positive;
    /// Selected lines with spend above 0.
    ActiveLines = "active_lines", Positive;
    /// Effective media units.
    Units = "units", Positive;
}

/// What numbers a limit may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Any.
    Any,
    /// At least 0.
    Positive,
    /// From 0 to 1.
    Share,
    /// At least -1.
    Change,
}

impl Allowed {
    /// The least and the largest.
    pub fn range(self) -> (f64, f64) {
        match self {
            Allowed::Any => (f64::NEG_INFINITY, f64::INFINITY),
            Allowed::Positive => (0.0, f64::INFINITY),
            Allowed::Share => (0.0, 1.0),
            Allowed::Change => (-1.0, f64::INFINITY),
        }
    }

    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Allowed::Any => "any number",
            Allowed::Positive => "at least 0",
            Allowed::Share => "a share from 0 to 1",
            Allowed::Change => "a change of at least -1",
        }
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
