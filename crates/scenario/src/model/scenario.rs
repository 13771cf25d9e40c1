//! A scenario as meant.

use std::sync::Arc;

use indexmap::IndexMap;
use outlay_allocator::Fact;
use outlay_curves::Curve;

use crate::files::result::Source;
use crate::files::spec::{BaselineSpec, BudgetSpec, DealSpec, GoalSpec, HorizonSpec, LimitSpec, Outcome};
use crate::files::warning::Warning;
use crate::model::calendar::Calendar;
use crate::model::draws::Draws;
use crate::model::flight::{Flight, Kernel};
use crate::model::meeting::Meeting;

/// A scenario that has been read and validated: every name resolved, every
/// input that its goals and limits need present.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name, with its settings if it is a what-if.
    pub name: String,
    /// Where it came from.
    pub source: Source,
    /// Currency of all money.
    pub currency: Option<String>,
    /// The time that spends cover.
    pub horizon: Option<HorizonSpec>,
    /// The periods, where spends are planned by period.
    pub calendar: Option<Arc<Calendar>>,
    /// Goals in order; at least one.
    pub goals: Vec<GoalSpec>,
    /// Money for all lines together.
    pub budget: Option<BudgetSpec>,
    /// What happens without the lines.
    pub baseline: BaselineSpec,
    /// The lines.
    pub lines: Vec<Arc<ScenarioLine>>,
    /// Audiences that lines share, and demand that they make and harvest.
    pub meeting: Arc<Meeting>,
    /// The limits.
    pub limits: Vec<Arc<ScenarioLimit>>,
    /// What in it is probably not meant.
    pub warnings: Vec<Warning>,
    /// Every spend without a deal of its own that fixes it is a multiple of this.
    pub round: Option<f64>,
}

impl Scenario {
    /// Why a plan cannot be compared with what happened or planned again, if it
    /// cannot: lines meet in it period by period.
    pub fn not_followed(&self) -> Option<&'static str> {
        (self.calendar.is_some() && !self.meeting.is_empty()).then_some(
            "lines that meet and are planned by period are not followed yet: what was measured of one line in a \
             period says nothing of what counted to the others; plan in total (`plan = \"total\"`) to track and \
             re-plan, or write `flight.past` yourself and plan the rest",
        )
    }

    /// True if a goal or a limit looks at the draws one by one.
    pub fn looks_at_draws(&self) -> bool {
        self.goals.iter().any(GoalSpec::is_risk) || self.limits.iter().any(|l| l.spec.probability.is_some())
    }

    /// True if whole amounts are planned: in total, or where stocks follow from
    /// the one before and no period's spend from another's.
    pub fn rounds(&self) -> bool {
        let plain = |f: &Flight| f.smooth.is_none() && matches!(f.kernel, Kernel::Geometric(_));
        self.lines.iter().all(|l| l.flight.as_deref().is_none_or(plain))
    }
}

/// A limit with the lines it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioLimit {
    /// Its name: as written, or the metric and selection.
    pub name: String,
    /// The limit as written.
    pub spec: LimitSpec,
    /// The lines it covers: one group, or with `by` one for every value.
    pub groups: Vec<LimitGroup>,
    /// For a share: the lines that are the whole; `None` for all.
    pub of: Option<Arc<[usize]>>,
}

/// The lines of a limit, or of one of its groups.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitGroup {
    /// Name of the limit, with the group's value where it has `by`.
    pub name: String,
    /// The lines, in order; `None` for all.
    pub lines: Option<Arc<[usize]>>,
    /// The periods, in order; `None` for all and what follows them.
    pub periods: Option<Arc<[usize]>>,
}

/// What a line's money buys.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    /// Effective units per unit of spend, before price tiers.
    pub units_per_spend: f64,
    /// Price of a thousand effective impressions, or of one effective unit.
    pub effective_price: f64,
    /// `impressions`, `clicks`, `points` or `units`.
    pub unit: String,
    /// How the price is given: `cpm`, `cpc`, `cpp` or `cost_per_unit`.
    pub priced_by: &'static str,
    /// Price after discount of `each` units as they are bought, valid and seen
    /// or not.
    pub price: f64,
    /// How many units the price is for.
    pub each: f64,
    /// Share of the units bought that are invalid.
    pub invalid_traffic: f64,
    /// Share of the valid units that are seen.
    pub viewability: f64,
}

/// What has happened to a line in this horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Past {
    /// Share of the horizon that is over, below 1.
    pub share: f64,
    /// Money spent, without fees.
    pub spend: f64,
    /// What it earned, in units of the curve.
    pub outcome: f64,
    /// Money bound by orders for the rest, beyond what is spent.
    pub committed: f64,
}

/// One line with its curve over the horizon at today's prices.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioLine {
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Arc<IndexMap<String, String>>,
    /// Today's spend; 0 when not written.
    pub current: f64,
    /// True where today's spend is written.
    pub current_written: bool,
    /// Spend before the plan, which `change` limits hold against; `current`,
    /// unless a plan is under way.
    pub before: f64,
    /// Least spend, as written.
    pub min: Option<f64>,
    /// Largest spend, as written.
    pub max: Option<f64>,
    /// How it is sold.
    pub deal: Option<Box<DealSpec>>,
    /// What the fields above say about the spend: `min`, `max`, `deal`.
    pub facts: Vec<Fact>,
    /// Outcome over the horizon by spend over the horizon, at the prices and
    /// tiers of the scenario: of a library's curve with draws, their mean.
    pub curve: Curve,
    /// What the curve returns.
    pub outcome: Outcome,
    /// Customers per unit of the curve; `None` if revenue cannot be converted.
    pub customers_per_outcome: Option<f64>,
    /// Revenue per unit of the curve; `None` if customers cannot be converted.
    pub revenue_per_outcome: Option<f64>,
    /// What it was reported to have returned at today's spend, in units of the
    /// curve.
    pub reported: Option<f64>,
    /// Share of the customers that are new.
    pub new_customer_share: f64,
    /// Lifetime value of one customer.
    pub lifetime_value: Option<f64>,
    /// Margin on revenue.
    pub margin: Option<f64>,
    /// Fee on top of spend, a fraction.
    pub fee: f64,
    /// Attributes per unit of spend.
    pub attributes: IndexMap<String, f64>,
    /// What the money buys, for a line with a `rate`.
    pub media: Option<Box<Media>>,
    /// Long-term multiplier on revenue and its source.
    pub long_term: Option<Box<(f64, String)>>,
    /// What has happened already; the curve goes on from there.
    pub past: Option<Past>,
    /// The same by period, spend and outcome, where that is known.
    pub happened: Arc<[(f64, f64)]>,
    /// Largest spend over the horizon that the curve was observed at.
    pub observed_max: Option<f64>,
    /// Least spend over the horizon that the curve was observed at.
    pub observed_min: Option<f64>,
    /// Mean spend over the horizon that the curve was observed at.
    pub observed_mean: Option<f64>,
    /// Periods of the library in the horizon; `None` for a curve written in
    /// place, which is over the horizon as it is.
    pub library_periods: Option<f64>,
    /// Source of a curve that is a judgement rather than a fit.
    pub judgement: Option<String>,
    /// Where else the curve may lie.
    pub draws: Arc<Draws>,
    /// Indices of the lines it needs.
    pub requires: Vec<usize>,
    /// Indices of the lines it cannot run with.
    pub excludes: Vec<usize>,
    /// How its spend may run over the periods, where they are planned.
    pub flight: Option<Arc<Flight>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::result::LineResult;
    use crate::files::spec::LineSpec;

    #[test]
    fn a_hundred_thousand_lines_fit_into_memory() {
        // What few lines state is held apart from them.
        use std::mem::size_of;
        let sizes = [size_of::<ScenarioLine>(), size_of::<LineResult>(), size_of::<LineSpec>()];
        assert!(sizes.iter().zip([600, 344, 1000]).all(|(size, most)| *size <= most), "{sizes:?}");
    }
}
