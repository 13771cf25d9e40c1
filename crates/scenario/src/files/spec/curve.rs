//! Response curves as written: one list of families for file, reader and
//! schema.

use outlay_curves::{Curve, CurveError, families};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// What a curve returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Revenue, in the scenario's currency.
    Revenue,
    /// Customers.
    Customers,
}

/// One measured point of a `table`: spend, then outcome.
pub type Point = (f64, f64);

/// Declares the curve families once: their fields, the tagged form in files
/// and the untagged form the reader uses.
macro_rules! families {
    ($( $(#[$doc:meta])* $variant:ident = $tag:literal { $( $(#[$field_doc:meta])* $field:ident: $type:ty ),* } )*) => {
        /// A response curve as written: `family` and its parameters.
        #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
        #[serde(tag = "family", rename_all = "snake_case", deny_unknown_fields)]
        pub enum CurveSpec {
            $( $(#[$doc])* $variant { $( $(#[$field_doc])* $field: $type ),* }, )*
        }

        /// The reader hands over the family's name as the variant.
        #[derive(Deserialize)]
        #[serde(rename = "outlay::family", rename_all = "snake_case", deny_unknown_fields)]
        enum Untagged {
            $( $variant { $( $field: $type ),* }, )*
        }

        impl From<Untagged> for CurveSpec {
            fn from(curve: Untagged) -> Self {
                match curve {
                    $( Untagged::$variant { $( $field ),* } => CurveSpec::$variant { $( $field ),* }, )*
                }
            }
        }

        /// Names of the curve families.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Family;

        impl Family {
            /// Every family's name, as written in files.
            pub const NAMES: &'static [&'static str] = &[ $( $tag ),* ];
        }
    };
}

families! {
    /// `V x^a / (k^a + x^a)`.
    Hill = "hill" {
        /// `V`: outcome at unlimited spend.
        ceiling: f64,
        /// `k`: spend that earns half the ceiling.
        half_saturation: f64,
        /// `a`: above 1 the curve is S-shaped.
        shape: f64
    }
    /// `V x / (k + x)`.
    MichaelisMenten = "michaelis_menten" {
        /// `V`: outcome at unlimited spend.
        ceiling: f64,
        /// `k`: spend that earns half the ceiling.
        half_saturation: f64
    }
    /// `V (1 - e^(-x/k))`.
    Exponential = "exponential" {
        /// `V`: outcome at unlimited spend.
        ceiling: f64,
        /// `k`: spend that earns 63% of the ceiling.
        scale: f64
    }
    /// `V tanh(x / 2k)`.
    Logistic = "logistic" {
        /// `V`: outcome at unlimited spend.
        ceiling: f64,
        /// `k`: scale of spend.
        scale: f64
    }
    /// `V [s(b (x - mu)) - s(-b mu)]`, S-shaped.
    SLogistic = "s_logistic" {
        /// `V`: outcome at unlimited spend, before subtracting that at 0.
        ceiling: f64,
        /// `mu`: spend at the steepest point.
        midpoint: f64,
        /// `b`: steepness per unit of spend.
        steepness: f64
    }
    /// `V x^a`.
    Power = "power" {
        /// `V`: outcome of one unit of spend.
        coefficient: f64,
        /// `a`: above 0, below 1.
        exponent: f64
    }
    /// `V ln(1 + x/k)`.
    Log = "log" {
        /// `V`.
        coefficient: f64,
        /// `k`: scale of spend.
        scale: f64
    }
    /// Straight lines between measured points; (0, 0) is implied.
    Table = "table" {
        /// `[spend, outcome]` pairs: spends strictly increasing, outcomes never falling.
        points: Vec<Point>
    }
    /// Little's ADBUDG from a planner's answers about today's spend.
    Adbudg = "adbudg" {
        /// Outcome at no spend.
        min: f64,
        /// Outcome at unlimited spend.
        max: f64,
        /// Outcome at today's spend.
        at_current: f64,
        /// Outcome at one and a half times today's spend.
        at_150_percent: f64
    }
    /// `r x`.
    Linear = "linear" {
        /// `r`: outcome per unit of spend.
        rate: f64
    }
}

impl<'de> Deserialize<'de> for CurveSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Untagged::deserialize(deserializer).map(CurveSpec::from)
    }
}

/// A curve of the library by name, or a curve written in place.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CurveRef {
    /// Name of a curve in the library.
    Name(String),
    /// The curve itself, over the whole horizon.
    Curve(CurveSpec),
}

/// The reader chooses the variant by whether the value is text.
#[derive(Deserialize)]
#[serde(rename = "outlay::text_or")]
enum TextOr {
    #[serde(rename = "text")]
    Text(String),
    #[serde(rename = "other")]
    Other(CurveSpec),
}

impl<'de> Deserialize<'de> for CurveRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match TextOr::deserialize(deserializer)? {
            TextOr::Text(name) => CurveRef::Name(name),
            TextOr::Other(curve) => CurveRef::Curve(curve),
        })
    }
}

impl CurveSpec {
    /// The curve it describes; `current` is today's spend, for `adbudg`.
    ///
    /// # Errors
    /// Parameters outside their range.
    pub fn made(&self, current: f64) -> Result<Curve, CurveError> {
        match self {
            CurveSpec::Hill { ceiling, half_saturation, shape } => {
                Curve::hill(*ceiling, *half_saturation, *shape)
            }
            CurveSpec::MichaelisMenten { ceiling, half_saturation } => {
                Curve::michaelis_menten(*ceiling, *half_saturation)
            }
            CurveSpec::Exponential { ceiling, scale } => Curve::exponential(*ceiling, *scale),
            CurveSpec::Logistic { ceiling, scale } => Curve::logistic(*ceiling, *scale),
            CurveSpec::SLogistic { ceiling, midpoint, steepness } => {
                Curve::s_logistic(*ceiling, *midpoint, *steepness)
            }
            CurveSpec::Power { coefficient, exponent } => Curve::power(*coefficient, *exponent),
            CurveSpec::Log { coefficient, scale } => Curve::log(*coefficient, *scale),
            CurveSpec::Table { points } => Curve::table(points),
            CurveSpec::Adbudg { min, max, at_current, at_150_percent } => {
                families::adbudg(*min, *max, *at_current, *at_150_percent, current).map(Curve::Hill)
            }
            CurveSpec::Linear { rate } => Curve::linear(*rate),
        }
    }

    /// A fitted curve as written in files; `None` for families no fit produces.
    pub(crate) fn of(curve: &Curve) -> Option<CurveSpec> {
        match curve {
            Curve::Hill(h) => {
                let (ceiling, half_saturation, shape) = h.parameters();
                Some(CurveSpec::Hill { ceiling, half_saturation, shape })
            }
            Curve::MichaelisMenten(m) => {
                let (ceiling, half_saturation) = m.parameters();
                Some(CurveSpec::MichaelisMenten { ceiling, half_saturation })
            }
            Curve::Exponential(e) => {
                let (ceiling, scale) = e.parameters();
                Some(CurveSpec::Exponential { ceiling, scale })
            }
            _ => None,
        }
    }
}
