//! From many curves to their mean: where it is cut so that polynomials follow
//! it within an error.

use crate::families::{Mean, Sigmoid};
use crate::{Curve, Point};

impl Curve {
    /// The mean of curves, `(1/D) sum_d f_d(x)`: exact for straight lines and a
    /// single curve, within [`Mean::ERROR`] of the mean ceiling for Hill,
    /// Michaelis-Menten, exponential and logistic ones; `None` for none at all
    /// and for other families.
    pub fn mean(curves: &[Curve]) -> Option<Self> {
        let rate = |c: &Curve| match c {
            Curve::Linear(line) => Some(line.parameters()),
            _ => None,
        };
        let rates: Option<Vec<f64>> = curves.iter().map(rate).collect();
        match (curves, rates) {
            ([only], _) => Some(only.clone()),
            ([], _) => None,
            (_, Some(rates)) => Curve::linear(rates.iter().sum::<f64>() / rates.len() as f64).ok(),
            _ => saturating(curves).map(Curve::Mean),
        }
    }
}

/// The mean of curves with ceilings.
fn saturating(curves: &[Curve]) -> Option<Mean> {
    /// Finer grids tried where concave curves have a mean that is not.
    const FINER: usize = 3;
    let mixture = Mixture::new(curves)?;
    let mut error = Mean::ERROR;
    for _ in 0..FINER {
        let mean = Mean::new(&knots(&mixture, error, None)?, mixture.ceiling, mixture.typical, mixture.ends)?;
        if !mixture.concave || mean.is_concave() {
            return Some(mean);
        }
        error /= 64.0;
    }
    None
}

/// Curves whose mean is taken, with what bounds its sixth derivative.
pub(crate) struct Mixture<'a> {
    curves: &'a [Curve],
    ceiling: f64,
    /// A spend at which the mean visibly bends.
    typical: f64,
    /// True if all curves are concave.
    concave: bool,
    /// True if no slope at 0 is infinite.
    ends: bool,
    /// Bounds `|x^6 f^(6)|` by so many times `x f'` for Hill curves.
    hill: f64,
    /// Mean of `V max_y |y^6 g^(6)(y)|` over exponential and logistic curves, and
    /// the largest.
    other: (f64, f64),
    /// Least and largest scale of those.
    scales: (f64, f64),
}

/// Knots of one mean, at most.
const MOST: usize = 20_000;

impl<'a> Mixture<'a> {
    pub(crate) fn new(curves: &'a [Curve]) -> Option<Self> {
        let count = curves.len() as f64;
        let mut all = Mixture {
            curves,
            ceiling: 0.0,
            typical: 0.0,
            concave: curves.iter().all(Curve::is_concave),
            ends: curves.iter().all(|c| c.marginal(0.0).is_finite()),
            // Of y^5 times the slope's part, for y below 1; see `other`.
            hill: 1.45,
            other: (0.0, 0.0),
            scales: (f64::INFINITY, 0.0),
        };
        for curve in curves {
            all.ceiling += curve.ceiling() / count;
            all.typical += curve.typical_spend().ln() / count;
            let (most, scale) = match curve {
                Curve::Hill(hill) => {
                    all.hill = all.hill.max(sixth(hill.parameters().2));
                    continue;
                }
                Curve::MichaelisMenten(_) => {
                    all.hill = all.hill.max(sixth(1.0));
                    continue;
                }
                // Of 1 - e^-y and tanh(y/2).
                Curve::Exponential(e) => (115.7, e.parameters().1),
                Curve::Logistic(l) => (205.7, l.parameters().1),
                _ => return None,
            };
            let own = most * curve.ceiling();
            all.other = (all.other.0 + own / count, all.other.1.max(own));
            all.scales = (all.scales.0.min(scale), all.scales.1.max(scale));
        }
        all.typical = all.typical.exp();
        (!curves.is_empty() && all.ceiling.is_finite() && all.typical.is_finite()).then_some(all)
    }

    /// A spend at which the mean visibly bends.
    pub(crate) fn typical(&self) -> f64 {
        self.typical
    }

    /// True if no slope at 0 is infinite.
    pub(crate) fn ends(&self) -> bool {
        self.ends
    }

    /// The mean at a spend.
    fn point(&self, x: f64) -> Point {
        let (mut value, mut marginal, mut curvature) = (0.0, 0.0, 0.0);
        for curve in self.curves {
            let p = match curve {
                Curve::Hill(hill) => hill.point(x),
                other => other.point(x),
            };
            value += p.value;
            marginal += p.marginal;
            curvature += p.curvature;
        }
        let count = self.curves.len() as f64;
        Point { value: value / count, marginal: marginal / count, curvature: curvature / count }
    }

    /// A bound on `|x^6 f^(6)|` from `x` to 1.6 times `x`: of the mean, whose
    /// slope is `marginal` at `x`, or of any of the curves.
    fn sixth(&self, x: f64, marginal: f64, any: bool) -> f64 {
        const REACH: f64 = 1.6;
        let (least, most) = self.scales;
        let fallen = x / most;
        let most_of = if any { self.other.1 } else { self.other.0 };
        let steepest = |slope: f64, c: &Curve| slope.max(c.marginal(x));
        let marginal = if any { self.curves.iter().fold(0.0, steepest) } else { marginal };
        let other = match () {
            () if x * REACH <= least => 0.0,
            // y^6 e^-y falls from 6 on; the logistic's is less than 6 times that.
            () if fallen >= 12.0 => most_of * (6.0 * (6.0 * fallen.ln() - fallen).exp()).min(1.0),
            () => most_of,
        };
        // `x f'` at most doubles on a step; see `knots`.
        2.0 * self.hill * x * marginal + other
    }

    /// The largest spend, to a factor of 1.4, at which `reached` still is false.
    fn edge(&self, mut reached: impl FnMut(f64, &Point) -> bool) -> f64 {
        let (mut low, mut high) = (-700.0_f64, 700.0_f64);
        while high - low > 0.3 {
            let middle = 0.5 * (low + high);
            if reached(middle.exp(), &self.point(middle.exp())) { high = middle } else { low = middle }
        }
        low.exp()
    }
}

/// Bounds `|x^6 f^(6)|` of a Hill curve of this shape by so many times `x f'`:
/// `x^6 d^6/dx^6` is `sum_m S(6, m) (x d/dx)^m` with Stirling's numbers, and the
/// logistic's derivatives are at most `s (1 - s)`, the sixth 1.815 times that.
fn sixth(shape: f64) -> f64 {
    const STIRLING: [f64; 6] = [120.0, 274.0, 225.0, 85.0, 15.0, 1.815];
    let mut sum = 0.0;
    let mut power = 1.0;
    for s in STIRLING {
        sum += s * power;
        power *= shape;
    }
    sum
}

/// The knots with the mean there, from where it is within the error of 0 to
/// where it is within the error of its ceiling, or to the first beyond `to`;
/// `None` if there are too many. With `to` they serve means of any weights.
pub(crate) fn knots(mixture: &Mixture, error: f64, to: Option<f64>) -> Option<Vec<(f64, Point)>> {
    /// Of Hermite interpolation: `(1/2)^6 / 6!`.
    const HERMITE: f64 = 46_080.0;
    let allowed = error * mixture.ceiling;
    // The tails may be off by all they hold; what continues a straight line by
    // its value and slope, by what is not straight.
    let mut x = match to {
        Some(_) if mixture.concave && mixture.ends => mixture.edge(|x, p| p.value - p.marginal * x > allowed),
        _ => mixture.edge(|_, p| p.value > allowed),
    };
    let far = mixture.edge(|_, p| mixture.ceiling - p.value <= 0.5 * allowed) * 1.4;
    let steepest = mixture.curves.iter().fold(1.0_f64, |most, c| match c {
        Curve::Hill(hill) => most.max(hill.parameters().2),
        _ => most,
    });
    // `x f'` of a Hill curve changes by at most its shape per unit of ln x.
    let widest = (0.65 / steepest).exp().min(1.6) - 1.0;
    let mut found = Vec::new();
    loop {
        let point = mixture.point(x);
        if !(point.value.is_finite() && point.marginal > 0.0 && point.curvature.is_finite()) {
            return None;
        }
        found.push((x, point));
        if found.len() > 1
            && (x >= far || mixture.ceiling - point.value <= 0.5 * allowed || to.is_some_and(|to| x >= to))
        {
            return Some(found);
        }
        if found.len() > MOST {
            return None;
        }
        let width = (HERMITE * allowed / mixture.sixth(x, point.marginal, to.is_some())).powf(1.0 / 6.0);
        x *= 1.0 + width.min(widest);
    }
}
