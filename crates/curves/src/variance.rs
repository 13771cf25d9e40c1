//! Actual less plan, in parts that add up.
//!
//! A line's outcome is `R = g(x / (c q))`: its spend `x`, the price `c` of a
//! unit of media, its quality `q` (the price rises by `q` per unit that is
//! valid and seen), and the response `g`. Going from the plan to what happened
//! one cause at a time,
//!
//! ```text
//! spend    g(x' / (c q))    - g(x / (c q))      more or less money
//! rate     g(x' / (c' q))   - g(x' / (c q))     dearer or cheaper units
//! quality  g(x' / (c' q'))  - g(x' / (c' q))    more or less of them valid and seen
//! revision g'(x' / (c' q')) - g(x' / (c' q'))   the curve believed in now
//! unexplained  R' - g'(x' / (c' q'))            what no cause accounts for
//! ```
//!
//! the parts telescope to `R' - R`. The order is the auditable default;
//! [`Split::Shapley`] averages over all orders of the first four.

/// A cause of a difference between plan and actual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The money spent.
    Spend,
    /// The price of a unit.
    Rate,
    /// The share of units that are valid and seen.
    Quality,
    /// The curve believed in.
    Response,
}

impl Cause {
    /// All causes, in the order of [`Split::Sequential`].
    pub const ALL: [Cause; 4] = [Cause::Spend, Cause::Rate, Cause::Quality, Cause::Response];
}

/// Which causes are as they happened; the others are as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Happened(u8);

impl Happened {
    /// Everything as planned.
    pub const NOTHING: Happened = Happened(0);
    /// Every cause as it happened.
    pub const ALL: Happened = Happened(0b1111);

    /// True if a cause is as it happened.
    pub fn has(self, cause: Cause) -> bool {
        self.0 & (1 << cause as u8) != 0
    }

    /// The same with one more cause as it happened.
    pub fn with(self, cause: Cause) -> Self {
        Happened(self.0 | (1 << cause as u8))
    }
}

/// How a difference is split between causes that act together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Split {
    /// One after the other, in the order of [`Cause::ALL`].
    #[default]
    Sequential,
    /// The mean over all orders: no cause gains from coming first.
    Shapley,
}

/// Actual less plan in parts, in units of the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Variance {
    /// What the plan expected.
    pub plan: f64,
    /// From more or less money.
    pub spend: f64,
    /// From dearer or cheaper units.
    pub rate: f64,
    /// From more or less of the units being valid and seen.
    pub quality: f64,
    /// From the curve believed in now instead of the plan's.
    pub revision: f64,
    /// What no cause accounts for; 0 where nothing was measured.
    pub unexplained: f64,
    /// What happened: as measured, or where nothing was measured as believed
    /// now.
    pub actual: f64,
}

impl Variance {
    /// Splits the difference between plan and actual. `response` gives the
    /// outcome where some causes are as they happened and the others as
    /// planned; `measured` is the outcome that happened, if it is known.
    pub fn new(split: Split, measured: Option<f64>, response: impl Fn(Happened) -> f64) -> Self {
        let plan = response(Happened::NOTHING);
        let believed = response(Happened::ALL);
        let actual = measured.unwrap_or(believed);
        let [spend, rate, quality, revision] = match split {
            Split::Sequential => sequential(&response),
            Split::Shapley => shapley(&response),
        };
        Variance { plan, spend, rate, quality, revision, unexplained: actual - believed, actual }
    }

    /// Actual less plan.
    pub fn total(&self) -> f64 {
        self.actual - self.plan
    }

    /// The five parts, in the order in which they follow from each other.
    pub fn parts(&self) -> [f64; 5] {
        [self.spend, self.rate, self.quality, self.revision, self.unexplained]
    }

    /// The outcomes on the way from plan to actual: after no part, after the
    /// first, and so on; the last is `actual`. Rounded alike, their
    /// differences add up to the rounded total.
    pub fn steps(&self) -> [f64; 6] {
        let mut steps = [self.plan; 6];
        for (k, part) in self.parts().into_iter().enumerate() {
            steps[k + 1] = steps[k] + part;
        }
        steps[5] = self.actual;
        steps
    }
}

impl std::ops::Add for Variance {
    type Output = Variance;

    fn add(self, other: Variance) -> Variance {
        Variance {
            plan: self.plan + other.plan,
            spend: self.spend + other.spend,
            rate: self.rate + other.rate,
            quality: self.quality + other.quality,
            revision: self.revision + other.revision,
            unexplained: self.unexplained + other.unexplained,
            actual: self.actual + other.actual,
        }
    }
}

fn sequential(response: impl Fn(Happened) -> f64) -> [f64; 4] {
    let mut before = (Happened::NOTHING, response(Happened::NOTHING));
    Cause::ALL.map(|cause| {
        let so_far = before.0.with(cause);
        let after = response(so_far);
        let part = after - before.1;
        before = (so_far, after);
        part
    })
}

/// The Shapley value: a cause's step, averaged over the subsets of the other
/// causes that may have come before it, those of size `k` weighing
/// `k! (3 - k)! / 4!`.
fn shapley(response: impl Fn(Happened) -> f64) -> [f64; 4] {
    const WEIGHT: [f64; 4] = [6.0 / 24.0, 2.0 / 24.0, 2.0 / 24.0, 6.0 / 24.0];
    let values: Vec<f64> = (0..16).map(|set| response(Happened(set))).collect();
    Cause::ALL.map(|cause| {
        let mut part = 0.0;
        for set in (0..16u8).map(Happened).filter(|s| !s.has(cause)) {
            let step = values[usize::from(set.with(cause).0)] - values[usize::from(set.0)];
            part += WEIGHT[set.0.count_ones() as usize] * step;
        }
        part
    })
}
