//! Lines as written.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CurveRef, FlightSpec, Outcome};
use crate::files::library::Adstock;

/// Declares a line with its fixed tags, so that their list exists once.
macro_rules! line {
    ($( $(#[$doc:meta])* $tag:ident ),* ; $( $(#[$meta:meta])* pub $field:ident: $type:ty, )*) => {
        /// One line of the plan: what gets money.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct LineSpec {
            /// Its name, unique within the scenario.
            pub name: String,
            $( $(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $tag: Option<String>, )*
            $( $(#[$meta])* #[serde(default)] pub $field: $type, )*
        }

        impl LineSpec {
            /// Names of the tags that have a field of their own.
            pub const TAGS: &'static [&'static str] = &[ $( stringify!($tag) ),* ];

            /// The line's tags, its own first, then those in `tags`.
            pub fn all_tags(&self) -> IndexMap<String, String> {
                let mut tags = IndexMap::new();
                $( if let Some(value) = &self.$tag { tags.insert(stringify!($tag).to_owned(), value.clone()); } )*
                for (name, value) in &self.tags {
                    tags.entry(name.clone()).or_insert_with(|| value.clone());
                }
                tags
            }
        }
    };
}

line! {
    /// Where the money goes, for example `Meta`.
    channel,
    /// Stage of the funnel.
    stage,
    /// Part of the stage.
    substage,
    /// How it is bought, for example `programmatic` or `direct`.
    method,
    /// Who is addressed.
    audience,
    /// What is shown.
    creative,
    /// Country or region.
    market,
    /// What is sold.
    product,
    /// Who owns the line.
    owner,
    /// Who answers for it.
    accountable,
    /// Who is asked.
    consulted,
    /// Who is told.
    informed;

    /// Your own tags.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// Today's, least and largest spend over the horizon, without fees.
    pub spend: SpendSpec,
    /// The response curve: written here, or the name of one in the library;
    /// when absent, the one of the line's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<CurveRef>,
    /// What the curve returns; a library curve knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Where a curve written in place comes from, if it is a judgement rather
    /// than a fit; a library curve knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<String>,
    /// What the line was reported to have returned for `spend.current`, by a
    /// platform or the books, in what the curve returns. No plan depends on it:
    /// a run sets it beside what the curves say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<f64>,
    /// How sure the curve is, where it comes without draws: relative standard
    /// deviation of what it returns, 0.3 for a third more or less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<f64>,
    /// Revenue of one customer; converts between revenue and customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revenue_per_customer: Option<f64>,
    /// Share of the customers that are new; 1 when absent, 0 for retention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_customer_share: Option<f64>,
    /// Lifetime incremental value of one customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_value: Option<f64>,
    /// Margin on revenue, a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Agency fee or tax on top of spend, a fraction of it; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<f64>,
    /// Anything per unit of spend that can be limited as `attribute.NAME`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, f64>,
    /// How the line is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal: Option<Box<DealSpec>>,
    /// Price and quality of the media, against those the curve was fitted at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Box<RateSpec>>,
    /// What has happened already in this horizon. It cannot be changed any
    /// more: spend is at least this much, and the curve goes on from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past: Option<Box<PastSpec>>,
    /// Effect beyond the horizon; reported apart, in no other figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_term: Option<LongTermSpec>,
    /// How effect carries over to later periods; a library curve knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adstock: Option<Box<Adstock>>,
    /// How the spend may run over the periods, where they are planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flight: Option<Box<FlightSpec>>,
    /// Lines that must be on when this one is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// Lines that cannot be on when this one is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
}

/// What has happened to a line in this horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PastSpec {
    /// Fraction of the horizon that is over, below 1; 0 for what is bought at
    /// once and was not yet.
    pub share: f64,
    /// Money spent, without fees.
    pub spend: f64,
    /// What it earned, in what the curve returns.
    pub outcome: f64,
    /// Money bound by orders for the rest, beyond what is spent; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<f64>,
    /// The same by period, the last one as far as it is over; spread evenly
    /// when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<PastPeriod>,
}

/// What has happened to a line in one period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PastPeriod {
    /// Money spent, without fees.
    pub spend: f64,
    /// What it earned, in what the curve returns.
    pub outcome: f64,
}

/// Spend of a line over the horizon, without fees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpendSpec {
    /// Today's spend; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<f64>,
    /// What a plan that is under way spends, which moves are counted from;
    /// `current` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<f64>,
    /// Least spend; above 0 it commits the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest spend; when absent, the flat price of a deal, else the budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// How a line is sold: at most one of `flat`, `at_least` and `lots`, and price
/// tiers if there are any.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DealSpec {
    /// All or nothing at this price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat: Option<f64>,
    /// Nothing, or this much and more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Whole multiples of this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lots: Option<f64>,
    /// Prices that fall with volume; each applies to spend above its `from`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierSpec>,
}

/// A discount on the spend above a level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierSpec {
    /// Spend from which the discount applies.
    pub from: f64,
    /// Fraction off the price the curve was fitted at; below 1.
    pub discount: f64,
}

/// Price and quality of the media: one of `cpm`, `cpc`, `cpp` and
/// `cost_per_unit`. A factor without its `fitted_` counterpart is as it was
/// when the curve was fitted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateSpec {
    /// Cost per thousand impressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpm: Option<f64>,
    /// Cost per click.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpc: Option<f64>,
    /// Cost per rating point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpp: Option<f64>,
    /// Cost per unit of any other kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_unit: Option<f64>,
    /// The price the curve was fitted at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_at: Option<f64>,
    /// Fraction off the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<f64>,
    /// Fraction of the units that is invalid traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_traffic: Option<f64>,
    /// Fraction of the valid units that is viewable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewability: Option<f64>,
    /// `discount` when the curve was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_discount: Option<f64>,
    /// `invalid_traffic` when the curve was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_invalid_traffic: Option<f64>,
    /// `viewability` when the curve was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_viewability: Option<f64>,
}

/// Effect beyond the horizon, with where the figure comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongTermSpec {
    /// Revenue in the long run per unit of revenue within the horizon.
    pub multiplier: f64,
    /// Where the multiplier comes from.
    pub source: String,
}
