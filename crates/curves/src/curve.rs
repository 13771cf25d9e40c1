//! A response curve of any family: one list of families, and what all of
//! them can be asked.

use std::sync::Arc;

use crate::error::positive;
use crate::families::{
    Exponential, Exposed, Hill, Linear, Log, Logistic, Mean, MichaelisMenten, Power, Reach, Response,
    Resumed, SLogistic, Sigmoid, Table, Tier, Tiered,
};
use crate::{CurveError, Point};

/// A response curve of any family.
///
/// Cloning is cheap: long tables are shared.
#[derive(Debug, Clone, PartialEq)]
pub enum Curve {
    /// `V x^a / (k^a + x^a)`.
    Hill(Hill),
    /// `V x / (k + x)`.
    MichaelisMenten(MichaelisMenten),
    /// `V (1 - e^(-x/k))`.
    Exponential(Exponential),
    /// `V tanh(x / 2k)`.
    Logistic(Logistic),
    /// `V [s(b (x - mu)) - s(-b mu)]`.
    SLogistic(SLogistic),
    /// `V x^a`.
    Power(Power),
    /// `V ln(1 + x/k)`.
    Log(Log),
    /// `r x`.
    Linear(Linear),
    /// `-V ln(1 - d r(x))` of a curve of reach.
    Exposed(Exposed),
    /// The mean of many curves.
    Mean(Mean),
    /// Straight lines between measured points.
    Table(Arc<Table>),
    /// Another curve bought through price tiers.
    Tiered(Arc<Tiered<Curve>>),
    /// Another curve from the point a horizon has reached.
    Resumed(Arc<Resumed<Curve>>),
}

/// A stretch of a curve on which it is smooth, convex up to `inflection` and
/// concave from there on; `from <= inflection <= to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Where the piece begins.
    pub from: f64,
    /// Where it turns concave.
    pub inflection: f64,
    /// Where it ends, possibly infinite.
    pub to: f64,
}

impl Piece {
    /// A spend strictly inside the piece. Its ends are rounded, so that what
    /// holds on the piece is read here and not there.
    fn inside(&self) -> f64 {
        if self.to.is_finite() { self.from + 0.5 * (self.to - self.from) } else { 2.0 * self.from + 1.0 }
    }
}

/// Evaluates an expression for whichever smooth family a curve is of.
macro_rules! smooth {
    ($curve:expr, $f:ident => $smooth:expr, $mean:ident => $on_mean:expr, $table:ident => $on_table:expr,
     $tiered:ident => $on_tiered:expr, $resumed:ident => $on_resumed:expr) => {
        match $curve {
            Curve::Hill($f) => $smooth,
            Curve::MichaelisMenten($f) => $smooth,
            Curve::Exponential($f) => $smooth,
            Curve::Logistic($f) => $smooth,
            Curve::SLogistic($f) => $smooth,
            Curve::Power($f) => $smooth,
            Curve::Log($f) => $smooth,
            Curve::Linear($f) => $smooth,
            Curve::Exposed($f) => $smooth,
            Curve::Mean($mean) => $on_mean,
            Curve::Table($table) => $on_table,
            Curve::Tiered($tiered) => $on_tiered,
            Curve::Resumed($resumed) => $on_resumed,
        }
    };
}

/// The same, giving back a curve of the same family.
macro_rules! same_family {
    ($curve:expr, $f:ident => $smooth:expr) => {
        match $curve {
            Curve::Hill($f) => Curve::Hill($smooth),
            Curve::MichaelisMenten($f) => Curve::MichaelisMenten($smooth),
            Curve::Exponential($f) => Curve::Exponential($smooth),
            Curve::Logistic($f) => Curve::Logistic($smooth),
            Curve::SLogistic($f) => Curve::SLogistic($smooth),
            Curve::Power($f) => Curve::Power($smooth),
            Curve::Log($f) => Curve::Log($smooth),
            Curve::Linear($f) => Curve::Linear($smooth),
            Curve::Exposed($f) => Curve::Exposed($smooth),
            Curve::Mean($f) => Curve::Mean($smooth),
            Curve::Table($f) => Curve::Table(Arc::new($smooth)),
            Curve::Tiered($f) => Curve::Tiered(Arc::new($smooth)),
            Curve::Resumed($f) => Curve::Resumed(Arc::new($smooth)),
        }
    };
}

impl Curve {
    /// Hill curve; see [`Hill`].
    pub fn hill(ceiling: f64, half_saturation: f64, shape: f64) -> Result<Self, CurveError> {
        Hill::new(ceiling, half_saturation, shape).map(Curve::Hill)
    }

    /// Michaelis-Menten curve; see [`MichaelisMenten`].
    pub fn michaelis_menten(ceiling: f64, half_saturation: f64) -> Result<Self, CurveError> {
        MichaelisMenten::new(ceiling, half_saturation).map(Curve::MichaelisMenten)
    }

    /// Negative exponential curve; see [`Exponential`].
    pub fn exponential(ceiling: f64, scale: f64) -> Result<Self, CurveError> {
        Exponential::new(ceiling, scale).map(Curve::Exponential)
    }

    /// Logistic saturation curve; see [`Logistic`].
    pub fn logistic(ceiling: f64, scale: f64) -> Result<Self, CurveError> {
        Logistic::new(ceiling, scale).map(Curve::Logistic)
    }

    /// Shifted logistic curve; see [`SLogistic`].
    pub fn s_logistic(ceiling: f64, midpoint: f64, steepness: f64) -> Result<Self, CurveError> {
        SLogistic::new(ceiling, midpoint, steepness).map(Curve::SLogistic)
    }

    /// Power curve; see [`Power`].
    pub fn power(coefficient: f64, exponent: f64) -> Result<Self, CurveError> {
        Power::new(coefficient, exponent).map(Curve::Power)
    }

    /// Logarithmic curve; see [`Log`].
    pub fn log(coefficient: f64, scale: f64) -> Result<Self, CurveError> {
        Log::new(coefficient, scale).map(Curve::Log)
    }

    /// Straight line; see [`Linear`].
    pub fn linear(rate: f64) -> Result<Self, CurveError> {
        Linear::new(rate).map(Curve::Linear)
    }

    /// Table of `(spend, outcome)` points; see [`Table`].
    pub fn table(points: &[(f64, f64)]) -> Result<Self, CurveError> {
        Table::new(points).map(|t| Curve::Table(Arc::new(t)))
    }

    /// This curve bought through price tiers; see [`Tiered`].
    pub fn tiered(self, tiers: &[Tier]) -> Result<Self, CurveError> {
        Tiered::new(self, tiers).map(|t| Curve::Tiered(Arc::new(t)))
    }

    /// This curve for what is spent beyond `past`, which has earned `outcome`;
    /// see [`Resumed`].
    pub fn resumed(self, past: f64, outcome: f64) -> Result<Self, CurveError> {
        positive("past", "spend", past)?;
        if !outcome.is_finite() {
            let allowed = "a finite number";
            return Err(CurveError::Parameter {
                family: "past",
                parameter: "outcome",
                value: outcome,
                allowed,
            });
        }
        Ok(Curve::Resumed(Arc::new(Resumed::new(past, outcome, self))))
    }

    /// This curve of reach, a share of a population, as what adds up over lines:
    /// `-ln(1 - duplication f(x))`. A table keeps its points. `None` for curves
    /// that do not level off, or are not one curve of a family.
    pub fn exposed(&self, duplication: f64) -> Option<Self> {
        let made = |reach| Some(Curve::Exposed(Exposed::new(reach, duplication)));
        match self {
            Curve::Hill(f) => made(Reach::Hill(*f)),
            Curve::MichaelisMenten(f) => made(Reach::MichaelisMenten(*f)),
            Curve::Exponential(f) => made(Reach::Exponential(*f)),
            Curve::Logistic(f) => made(Reach::Logistic(*f)),
            Curve::SLogistic(f) => made(Reach::SLogistic(*f)),
            Curve::Table(t) => {
                let point = |&x: &f64| (x, -(-duplication * t.point(x).value).ln_1p());
                Curve::table(&t.spends().iter().map(point).collect::<Vec<_>>()).ok()
            }
            Curve::Linear(_)
            | Curve::Power(_)
            | Curve::Log(_)
            | Curve::Tiered(_)
            | Curve::Resumed(_)
            | Curve::Mean(_)
            | Curve::Exposed(_) => None,
        }
    }

    /// Incremental outcome `f(x)` of spend `x >= 0`.
    #[inline]
    pub fn value(&self, x: f64) -> f64 {
        smooth!(self, f => f.value(x), m => m.point(x).value, t => t.point(x).value, t => t.point(x).value, r => r.point(x).value)
    }

    /// Slope `f'(x)`; at a kink the slope to the right.
    #[inline]
    pub fn marginal(&self, x: f64) -> f64 {
        smooth!(self, f => f.marginal(x), m => m.point(x).marginal, t => t.point(x).marginal, t => t.point(x).marginal, r => r.point(x).marginal)
    }

    /// What the last unit of spend `x` earned: the slope `f'(x)`, at a kink the
    /// slope to the left. A spend within one part in 10^9 of a kink is at it.
    pub fn marginal_before(&self, x: f64) -> f64 {
        const NEAR: f64 = 1e-9;
        let kink = self.breaks().into_iter().find(|b| (x - b).abs() <= NEAR * b.abs());
        self.marginal(kink.map_or(x, |b| b * (1.0 - 2.0 * NEAR)))
    }

    /// Value, slope and second derivative at `x >= 0`.
    #[inline]
    pub fn point(&self, x: f64) -> Point {
        smooth!(self, f => f.point(x), m => m.point(x), t => t.point(x), t => t.point(x), r => r.point(x))
    }

    /// Least upper bound of the outcome: the ceiling, the last point of a
    /// table, or infinity.
    pub fn ceiling(&self) -> f64 {
        smooth!(self, f => f.ceiling(), m => m.ceiling(), t => t.last_outcome(), t => t.base().ceiling(), r => r.value() + r.rest().ceiling())
    }

    /// A spend at which the curve visibly bends, for scaling only.
    pub fn typical_spend(&self) -> f64 {
        smooth!(self, f => f.typical_spend(), m => m.typical_spend(), t => t.last_spend(), t => t.base().typical_spend(),
            r => r.from() + r.rest().typical_spend())
    }

    /// True if the curve bends at spends of its own; powers and straight lines
    /// look the same at every spend.
    pub fn has_scale(&self) -> bool {
        match self {
            Curve::Power(_) | Curve::Linear(_) => false,
            Curve::Tiered(t) => t.base().has_scale(),
            Curve::Resumed(r) => r.rest().has_scale(),
            _ => true,
        }
    }

    /// Largest spend the curve is defined for: a table's last point,
    /// otherwise infinity.
    pub fn last_spend(&self) -> f64 {
        match self {
            Curve::Table(t) => t.last_spend(),
            Curve::Tiered(t) => t.spend_for(t.base().last_spend()),
            Curve::Resumed(r) => r.from() + r.rest().last_spend(),
            _ => f64::INFINITY,
        }
    }

    /// The curve `x -> outcome * f(x / spend)`: `spend` stretches the spend
    /// axis (a price that doubles stretches it by 2), `outcome` the outcome
    /// axis. A curve fitted per week covers T weeks when both are T.
    pub fn stretched(&self, spend: f64, outcome: f64) -> Self {
        same_family!(self, f => f.stretched(spend, outcome))
    }

    /// True if returns diminish everywhere (the curve is concave); of a
    /// resumed curve, everywhere that can still be chosen.
    pub fn is_concave(&self) -> bool {
        match self {
            Curve::Table(t) => {
                let slopes: Vec<f64> = t.spends().windows(2).map(|w| t.point(w[0]).marginal).collect();
                slopes.windows(2).all(|w| w[1] <= w[0])
            }
            Curve::Tiered(t) => {
                let rising = self.breaks().iter().any(|&x| t.units(x) > t.units(x * (1.0 - 1e-12)));
                t.base().is_concave() && !rising
            }
            Curve::Resumed(r) => r.rest().is_concave(),
            smooth => {
                let mut concave = true;
                smooth.for_each_piece(0.0, f64::INFINITY, |p| concave &= p.inflection <= p.from);
                concave
            }
        }
    }

    /// True if the curve is made of straight lines between points: a table, or
    /// one bought through tiers or resumed.
    pub fn is_table(&self) -> bool {
        match self {
            Curve::Table(_) => true,
            Curve::Tiered(t) => t.base().is_table(),
            Curve::Resumed(r) => r.rest().is_table(),
            _ => false,
        }
    }

    /// Spends at which the slope jumps, in increasing order.
    pub(crate) fn breaks(&self) -> Vec<f64> {
        match self {
            Curve::Table(t) => t.spends()[1..].to_vec(),
            Curve::Tiered(t) => t.breaks(),
            Curve::Resumed(r) => {
                let rest = r.rest().breaks();
                std::iter::once(r.from()).chain(rest.into_iter().map(|x| r.from() + x)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Calls `visit` for the smooth pieces of the curve on `[from, to]`, in
    /// increasing order; they share their end points.
    #[inline]
    pub fn for_each_piece(&self, from: f64, to: f64, mut visit: impl FnMut(Piece)) {
        let mut visit = |p: Piece| visit(Piece { inflection: p.inflection.clamp(p.from, p.to), ..p });
        let mut piece = |from: f64, to: f64, inflection: f64| visit(Piece { from, to, inflection });
        smooth!(self,
            f => piece(from, to, f.inflection()),
            m => m.for_each_piece(from, to, &mut |from, turn, to| piece(from, to, turn)),
            t => between(t.spends(), from, to, |a, b| piece(a, b, a)),
            t => between(&t.breaks(), from, to, |a, b| match t.base() {
                Curve::Table(_) | Curve::Tiered(_) | Curve::Resumed(_) => piece(a, b, a),
                Curve::Mean(mean) => {
                    let (first, last) = (t.effective(a), t.effective(a) + t.units(a) * (b - a));
                    // The ends are the tier's, to the last bit.
                    let at = |u: f64| match () {
                        () if u == first => a,
                        () if u == last => b,
                        () => (a + (u - first) / t.units(a)).clamp(a, b),
                    };
                    mean.for_each_piece(first, last, &mut |from, turn, to| piece(at(from), at(to), at(turn)));
                }
                smooth => piece(a, b, t.spend_for(smooth.inflection())),
            }),
            r => {
                let past = r.from();
                if from < past {
                    piece(from, to.min(past), from);
                }
                if to > past || from >= past {
                    let (start, end) = ((from - past).max(0.0), to - past);
                    // The ends are the caller's, to the last bit.
                    let at = |x: f64| match () {
                        () if x == start => from.max(past),
                        () if x == end => to,
                        () => past + x,
                    };
                    let mut shifted = |p: Piece| piece(at(p.from), at(p.to), at(p.inflection));
                    r.rest().for_each_piece(start, end, &mut shifted as &mut dyn FnMut(Piece));
                }
            }
        );
    }

    fn inflection(&self) -> f64 {
        smooth!(self, f => f.inflection(), _m => 0.0, _t => 0.0, _t => 0.0, _r => 0.0)
    }

    /// The spend in the concave part `[inflection, to]` of a piece at which
    /// the slope is `marginal`, or the end of that part nearest to it: the
    /// maximiser of `f(x) - marginal x` there. Infinite if the piece has no
    /// end and the slope never falls that low.
    #[inline]
    pub fn spend_at_marginal(&self, marginal: f64, piece: Piece) -> f64 {
        let x = smooth!(self,
            f => f.spend_at_marginal(marginal),
            m => m.spend_at_marginal(marginal, piece.inflection, piece.to),
            t => if t.point(piece.inside()).marginal > marginal { piece.to } else { piece.from },
            t => {
                let units = t.units(piece.inside());
                let base = Piece {
                    from: t.effective(piece.from),
                    inflection: t.effective(piece.from) + units * (piece.inflection - piece.from),
                    to: t.effective(piece.from) + units * (piece.to - piece.from),
                };
                let u = t.base().spend_at_marginal(marginal / units, base);
                piece.from + (u - base.from) / units
            },
            r => {
                let past = r.from();
                if piece.inside() < past {
                    if r.point(piece.inside()).marginal > marginal { piece.to } else { piece.from }
                } else {
                    let rest = Piece {
                        from: (piece.from - past).max(0.0),
                        inflection: (piece.inflection - past).max(0.0),
                        to: piece.to - past,
                    };
                    past + r.rest().spend_at_marginal(marginal, rest)
                }
            }
        );
        x.clamp(piece.inflection, piece.to)
    }

    /// The spend in the convex part `[from, inflection]` of a piece at which
    /// the slope is `marginal`, or the end nearest to it: the minimiser of
    /// `f(x) - marginal x` there, by bisection to the last bit.
    pub fn convex_spend_at_marginal(&self, marginal: f64, piece: Piece) -> f64 {
        const HALVINGS: usize = 1100;
        let (mut low, mut high) = (piece.from, piece.inflection);
        for _ in 0..HALVINGS {
            let middle = low + 0.5 * (high - low);
            if middle <= low || middle >= high {
                break;
            }
            if self.marginal(middle) < marginal { low = middle } else { high = middle }
        }
        low
    }
}

/// Calls `visit` for the stretches of `[from, to]` between sorted breaks.
fn between(breaks: &[f64], from: f64, to: f64, mut visit: impl FnMut(f64, f64)) {
    let mut start = from;
    for &b in &breaks[breaks.partition_point(|&b| b <= from)..] {
        if b >= to {
            break;
        }
        visit(start, b);
        start = b;
    }
    visit(start, to);
}

impl Response for Curve {
    fn point(&self, x: f64) -> Point {
        Curve::point(self, x)
    }

    fn breaks(&self) -> Vec<f64> {
        Curve::breaks(self)
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Curve::stretched(self, spend, outcome)
    }
}
