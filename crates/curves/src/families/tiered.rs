//! Curves bought at prices that change with volume.

use super::Response;
use crate::{CurveError, Point};

/// A price that changes with volume: money above `from` buys `units` times as
/// much response as money at the base price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// Spend, per horizon, from which the tier's price applies.
    pub from: f64,
    /// Effective money per unit of spend above `from`: 1 at the price the
    /// curve was fitted at, 1.25 at a price 20% lower.
    pub units: f64,
}

/// A curve bought through price tiers: `f(u(x))`, where `u` is the effective
/// money, the integral of the tiers' `units` from 0 to `x`. Each stretch
/// between two tiers is a piece of the base curve; a lower price at higher
/// volume bends the whole upwards at the tier's start.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiered<C> {
    base: C,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    from: f64,
    effective: f64,
    units: f64,
}

impl<C: Response> Tiered<C> {
    /// `tiers` in increasing order of `from`; below the first the base price
    /// (1 unit) applies.
    pub fn new(base: C, tiers: &[Tier]) -> Result<Self, CurveError> {
        let mut steps = vec![Step { from: 0.0, effective: 0.0, units: 1.0 }];
        for (index, tier) in tiers.iter().enumerate() {
            let last = steps[steps.len() - 1];
            let parameter = |parameter, value, allowed| CurveError::Parameter {
                family: "tiers",
                parameter,
                value,
                allowed,
            };
            if !(tier.units.is_finite() && tier.units > 0.0) {
                return Err(parameter("units", tier.units, "a finite number above 0"));
            }
            if !(tier.from.is_finite() && tier.from >= 0.0) {
                return Err(parameter("from", tier.from, "a finite number of at least 0"));
            }
            if tier.from == 0.0 && index == 0 {
                steps[0].units = tier.units;
                continue;
            }
            if tier.from <= last.from {
                return Err(CurveError::TierOrder { index, spend: tier.from });
            }
            let effective = last.effective + last.units * (tier.from - last.from);
            steps.push(Step { from: tier.from, effective, units: tier.units });
        }
        Ok(Tiered { base, steps })
    }

    /// The curve at the base price.
    pub fn base(&self) -> &C {
        &self.base
    }

    /// Where each price begins to apply, from 0 on.
    pub fn tiers(&self) -> Vec<Tier> {
        self.steps.iter().map(|s| Tier { from: s.from, units: s.units }).collect()
    }

    fn step(&self, x: f64) -> &Step {
        let above = self.steps.partition_point(|s| s.from <= x).max(1);
        &self.steps[above - 1]
    }

    /// Money at the base price that buys what spend `x` buys.
    pub fn effective(&self, x: f64) -> f64 {
        let step = self.step(x);
        step.effective + step.units * (x - step.from)
    }

    /// Value and right-hand derivatives.
    pub fn point(&self, x: f64) -> Point {
        let units = self.step(x).units;
        let p = self.base.point(self.effective(x));
        Point { value: p.value, marginal: p.marginal * units, curvature: p.curvature * units * units }
    }

    /// Boundaries between smooth pieces, tiers and the base's own breaks.
    pub(crate) fn breaks(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.steps[1..].iter().map(|s| s.from).collect();
        for u in self.base.breaks() {
            all.push(self.spend_for(u));
        }
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    }

    /// Spend that buys effective money `u`.
    pub fn spend_for(&self, u: f64) -> f64 {
        let above = self.steps.partition_point(|s| s.effective <= u).max(1);
        let step = self.steps[above - 1];
        step.from + (u - step.effective) / step.units
    }

    /// The price ratio in force on the piece that begins at `x`.
    pub(crate) fn units(&self, x: f64) -> f64 {
        self.step(x).units
    }

    /// The tiered curve with spends and outcomes multiplied.
    pub fn stretched(&self, spend: f64, outcome: f64) -> Self {
        let steps = self.steps.iter().map(|s| Step {
            from: s.from * spend,
            effective: s.effective * spend,
            units: s.units,
        });
        Tiered { base: self.base.stretched(spend, outcome), steps: steps.collect() }
    }
}
