//! What is earned at today's spend, and what that is worth.

use std::sync::Arc;

use crate::files::spec::{Maximize, Outcome};
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::plan::earned::finite;
use crate::plan::flown::flown;
use crate::plan::layout::Layout;
use crate::plan::lower::Lowered;
use crate::plan::met;

/// Periods of the plan; 1 without a horizon.
pub(super) fn periods(scenario: &Scenario) -> f64 {
    scenario.horizon.as_ref().map_or(1.0, |h| f64::from(h.periods))
}

/// What counts to each line over the horizon, in units of its curve, at the
/// spends of the problem's lines.
pub(super) fn outcomes(scenario: &Scenario, layout: &Layout, spends: &[f64]) -> Vec<f64> {
    if layout.is_by_period() {
        return flown(scenario, layout, spends).iter().map(|f| f.outcome()).collect();
    }
    let own = met::own(scenario, &layout.totals(spends));
    met::met(scenario, own).into_iter().map(|m| m.outcome).collect()
}

/// What is earned per period at today's spend, with what is earned without it.
pub(super) struct Today {
    revenue: f64,
    customers: f64,
    /// True where the baseline is not known.
    pub(super) assumed: bool,
}

impl Today {
    /// Without a baseline, the lines' outcome is taken for a third of all.
    const MEDIA: f64 = 1.0 / 3.0;

    pub(super) fn of(scenario: &Scenario, lowered: &Lowered) -> Today {
        let periods = periods(scenario);
        let earned = outcomes(scenario, &lowered.layout, &lowered.today(scenario));
        let sum = |each: &dyn Fn(&ScenarioLine) -> Option<f64>| {
            let one = |(l, outcome): (&Arc<ScenarioLine>, &f64)| each(l).map_or(0.0, |rate| rate * outcome);
            scenario.lines.iter().zip(&earned).map(one).sum::<f64>()
        };
        let all = |media: f64, base: Option<f64>| base.map_or(media / Self::MEDIA, |b| media + b) / periods;
        let base = &scenario.baseline;
        Today {
            revenue: all(sum(&|l| l.revenue_per_outcome), base.revenue),
            customers: all(sum(&|l| l.customers_per_outcome), base.customers),
            assumed: base.revenue.is_none() && base.customers.is_none(),
        }
    }

    pub(super) fn of_outcome(&self, outcome: Outcome) -> f64 {
        match outcome {
            Outcome::Revenue => self.revenue,
            Outcome::Customers => self.customers,
        }
    }
}

/// Money that a unit of the goal is worth at the plan, and whether a margin was
/// assumed for it.
pub(super) fn money(scenario: &Scenario, goal: Maximize, outcomes: &[f64]) -> Option<(f64, bool)> {
    let assumed = scenario.lines.iter().any(|l| l.margin.is_none());
    if goal == Maximize::Profit {
        return Some((1.0, false));
    }
    let (mut gross, mut whole) = (0.0, 0.0);
    for (line, &outcome) in scenario.lines.iter().zip(outcomes) {
        let revenue = outcome * line.revenue_per_outcome?;
        gross += revenue * line.margin.unwrap_or(1.0);
        let buyers = outcome * line.customers_per_outcome.unwrap_or(0.0);
        whole += match goal {
            Maximize::Revenue | Maximize::Profit => revenue,
            Maximize::Customers => buyers * line.new_customer_share,
            Maximize::LifetimeValue => buyers * line.lifetime_value.unwrap_or(0.0),
            Maximize::Spend => return None,
            Maximize::LongTermRevenue => revenue * line.long_term.as_ref().map_or(1.0, |l| l.0),
        };
    }
    finite(gross / whole).map(|money| (money, assumed))
}
