//! Draws of one curve, kept so that their weighted means are cheap: what is
//! known of a curve before and after news of it.

use std::ops::Range;

use crate::dot::dot;
use crate::families::Mean;
use crate::mean::{Mixture, knots};
use crate::{Curve, Point};

/// Curves of which weighted means `sum_d w_d f_d(x) / sum_d w_d` are wanted, for
/// many weights: values, slopes and second derivatives at knots that serve any
/// weights, so that a mean costs three sums of products a knot.
///
/// ```
/// use outlay_curves::{Curve, Pool};
///
/// let draws = [Curve::exponential(10.0, 2.0)?, Curve::exponential(30.0, 5.0)?];
/// let pool = Pool::new(&draws, 100.0).expect("curves with a ceiling");
/// let mean = pool.mean(&pool.sum(0..2, &[3.0, 1.0])).expect("weights above 0");
/// let exact = 0.75 * draws[0].value(4.0) + 0.25 * draws[1].value(4.0);
/// assert!((mean.value(4.0) - exact).abs() < 1e-5);
/// # Ok::<(), outlay_curves::CurveError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pool {
    count: usize,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Linear(Vec<f64>),
    Saturating {
        at: Vec<f64>,
        /// Value, slope and second derivative of every draw at every knot, then
        /// the ceilings: rows of one number a draw.
        rows: Vec<f64>,
        typical: f64,
        ends: bool,
    },
}

/// Weighted sums over some of a pool's draws; two of other draws can be added.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolSum {
    /// Sum of the weights.
    pub weight: f64,
    rows: Vec<f64>,
}

impl PoolSum {
    /// The sums over both.
    #[must_use]
    pub fn plus(&self, other: &PoolSum) -> PoolSum {
        let rows = self.rows.iter().zip(&other.rows).map(|(a, b)| a + b).collect();
        PoolSum { weight: self.weight + other.weight, rows }
    }
}

impl Pool {
    /// Largest distance of a mean from the weighted mean of the curves, as a
    /// share of the mean ceiling, for spends up to the largest asked for.
    pub const ERROR: f64 = 1e-6;

    /// The draws of one curve, for means at spends up to `to`; `None` for none
    /// at all, and for families that have no mean in closed form or of knots
    /// (see [`Curve::mean`]).
    pub fn new(curves: &[Curve], to: f64) -> Option<Pool> {
        let count = curves.len();
        let rate = |c: &Curve| match c {
            Curve::Linear(line) => Some(line.parameters()),
            _ => None,
        };
        if let Some(rates) = curves.iter().map(rate).collect::<Option<Vec<f64>>>() {
            return (count > 0).then_some(Pool { count, kind: Kind::Linear(rates) });
        }
        let mixture = Mixture::new(curves)?;
        let at: Vec<f64> = knots(&mixture, Pool::ERROR, Some(to))?.iter().map(|k| k.0).collect();
        let mut rows = vec![0.0; (3 * at.len() + 1) * count];
        for (k, &x) in at.iter().enumerate() {
            for (d, curve) in curves.iter().enumerate() {
                let p = curve.point(x);
                let row = 3 * k * count + d;
                (rows[row], rows[row + count], rows[row + 2 * count]) = (p.value, p.marginal, p.curvature);
            }
        }
        let last = 3 * at.len() * count;
        curves.iter().zip(&mut rows[last..]).for_each(|(c, slot)| *slot = c.ceiling());
        let (typical, ends) = (mixture.typical(), mixture.ends());
        Some(Pool { count, kind: Kind::Saturating { at, rows, typical, ends } })
    }

    /// Number of draws.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Weighted sums over the draws in a range, one weight each.
    pub fn sum(&self, draws: Range<usize>, weights: &[f64]) -> PoolSum {
        let rows = match &self.kind {
            Kind::Linear(rates) => rates,
            Kind::Saturating { rows, .. } => rows,
        };
        let rows = rows.chunks_exact(self.count).map(|row| dot(&row[draws.clone()], weights)).collect();
        PoolSum { weight: weights.iter().sum(), rows }
    }

    /// The mean curve; `None` where no weight is above 0.
    pub fn mean(&self, sum: &PoolSum) -> Option<Curve> {
        let of = |k: usize| sum.rows[k] / sum.weight;
        if sum.weight.is_nan() || sum.weight <= 0.0 {
            return None;
        }
        match &self.kind {
            Kind::Linear(_) => Curve::linear(of(0)).ok(),
            Kind::Saturating { at, typical, ends, .. } => {
                let point =
                    |k: usize| Point { value: of(3 * k), marginal: of(3 * k + 1), curvature: of(3 * k + 2) };
                let knots: Vec<(f64, Point)> = at.iter().enumerate().map(|(k, &x)| (x, point(k))).collect();
                Mean::new(&knots, of(3 * at.len()), *typical, *ends).map(Curve::Mean)
            }
        }
    }
}
