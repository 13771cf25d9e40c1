//! Reach as what adds up over lines.

use super::{Exponential, Hill, Logistic, MichaelisMenten, SLogistic, Sigmoid};
use crate::Point;

/// `-V ln(1 - d r(x))` of a curve `r` of reach, a share of a population: what
/// adds up where people are reached by several lines, since
/// `prod(1 - d r_i) = exp(sum ln(1 - d r_i))`.
///
/// Of all families below the second derivative changes its sign once at most:
/// with `u = -ln(1 - d r)`, `u'' = (d r'' (1 - d r) + d^2 r'^2) / (1 - d r)^2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposed {
    reach: Reach,
    duplication: f64,
    height: f64,
    inflection: f64,
}

/// The families that reach can be of: those that level off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reach {
    /// Of any shape.
    Hill(Hill),
    /// Concave.
    MichaelisMenten(MichaelisMenten),
    /// Concave.
    Exponential(Exponential),
    /// Concave.
    Logistic(Logistic),
    /// S-shaped.
    SLogistic(SLogistic),
}

/// Evaluates an expression for whichever family reach is of.
macro_rules! of {
    ($reach:expr, $f:ident => $value:expr) => {
        match $reach {
            Reach::Hill($f) => $value,
            Reach::MichaelisMenten($f) => $value,
            Reach::Exponential($f) => $value,
            Reach::Logistic($f) => $value,
            Reach::SLogistic($f) => $value,
        }
    };
}

/// Most halvings and steps of a search for a spend.
const STEPS: usize = 200;

impl Exposed {
    /// `d` above 0 and at most 1, reach at most 1 everywhere.
    pub(crate) fn new(reach: Reach, duplication: f64) -> Self {
        let mut exposed = Exposed { reach, duplication, height: 1.0, inflection: 0.0 };
        exposed.inflection = exposed.turn();
        exposed
    }

    /// Where the second derivative changes its sign; 0 if it does not.
    fn turn(&self) -> f64 {
        let typical = self.typical_spend();
        let convex = |x: f64| self.point(x).curvature > 0.0;
        let mut low = 1e-9 * typical;
        if !convex(low) {
            return 0.0;
        }
        let mut high = low;
        for _ in 0..STEPS {
            high *= 2.0;
            if !convex(high) {
                break;
            }
            low = high;
        }
        for _ in 0..STEPS {
            let middle = low + 0.5 * (high - low);
            if middle <= low || middle >= high {
                break;
            }
            if convex(middle) { low = middle } else { high = middle }
        }
        high
    }
}

impl Sigmoid for Exposed {
    fn point(&self, x: f64) -> Point {
        let r = of!(self.reach, f => f.point(x));
        let (d, v) = (self.duplication, self.height);
        let left = (1.0 - d * r.value).max(f64::MIN_POSITIVE);
        let slope = d * r.marginal / left;
        let curvature = d * r.curvature / left + slope * slope;
        Point {
            value: -v * (-d * r.value).max(-1.0 + f64::EPSILON).ln_1p(),
            marginal: v * slope,
            curvature: if curvature.is_nan() { f64::NEG_INFINITY } else { v * curvature },
        }
    }

    fn inflection(&self) -> f64 {
        self.inflection
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        let least = self.inflection;
        if self.point(least).marginal <= marginal {
            return least;
        }
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        let (mut low, mut high) = (least, 2.0 * least.max(self.typical_spend()));
        for _ in 0..STEPS {
            if self.point(high).marginal < marginal {
                break;
            }
            (low, high) = (high, 4.0 * high);
        }
        let mut x = if low > 0.0 { low + 0.5 * (high - low) } else { 0.1 * high };
        for _ in 0..STEPS {
            let at = self.point(x);
            if at.marginal > marginal {
                low = x
            } else {
                high = x
            }
            // Newton's step on the logarithm of the slope, inside what is known.
            let step = x - at.marginal * (at.marginal / marginal).ln() / at.curvature;
            let next = if step > low && step < high { step } else { low + 0.5 * (high - low) };
            if (next - x).abs() <= 4.0 * f64::EPSILON * x {
                return next;
            }
            x = next;
        }
        x
    }

    fn ceiling(&self) -> f64 {
        let most = self.duplication * of!(self.reach, f => f.ceiling());
        if most < 1.0 { -self.height * (-most).ln_1p() } else { f64::INFINITY }
    }

    fn typical_spend(&self) -> f64 {
        of!(self.reach, f => f.typical_spend())
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        let reach = match self.reach {
            Reach::Hill(f) => Reach::Hill(f.stretched(spend, 1.0)),
            Reach::MichaelisMenten(f) => Reach::MichaelisMenten(f.stretched(spend, 1.0)),
            Reach::Exponential(f) => Reach::Exponential(f.stretched(spend, 1.0)),
            Reach::Logistic(f) => Reach::Logistic(f.stretched(spend, 1.0)),
            Reach::SLogistic(f) => Reach::SLogistic(f.stretched(spend, 1.0)),
        };
        Exposed { reach, height: self.height * outcome, inflection: self.inflection * spend, ..*self }
    }
}
