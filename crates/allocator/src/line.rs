//! A line of the plan with its curve, bounds and deal.

use outlay_curves::{Curve, Piece};

use crate::{Domain, Span};

/// One line of the plan: what gets money.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Outcome per horizon as a function of spend per horizon.
    pub curve: Curve,
    /// Today's spend per horizon.
    pub current: f64,
    /// What is known about the spend; see [`Line::domain`].
    pub facts: Vec<Fact>,
    /// The line whose spend multiplies what this one returns: the level of a pool
    /// that it draws on. Such a line draws on none itself.
    pub pool: Option<usize>,
    domain: Domain,
}

/// Something that restricts the spend of one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact {
    /// Spend at least this much. A minimum above 0 commits a deal.
    Min(f64),
    /// Spend at most this much.
    Max(f64),
    /// What happened already: so much is spent and nothing takes it back, so
    /// that a `Max` below it, or a deal for less, leaves what is spent. No rule
    /// of anybody's.
    Past {
        /// Money spent, or bound so that it cannot be taken back.
        spent: f64,
        /// True if nothing can be added any more.
        over: bool,
    },
    /// How the line is sold.
    Deal(Deal),
    /// Off, or the last unit of spend earns at least `least` units of the
    /// curve's outcome (a floor on marginal return, from limit `limit`).
    Marginal {
        /// Least slope of the line's curve.
        least: f64,
        /// Index of the limit into the caller's list.
        limit: usize,
    },
}

/// How a line is sold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Deal {
    /// All or nothing at this price.
    Flat(f64),
    /// Nothing, or this much and more.
    AtLeast(f64),
    /// Whole multiples of this much.
    Lots(f64),
}

impl Line {
    /// A line and the domain its facts leave.
    pub fn new(curve: Curve, current: f64, facts: Vec<Fact>) -> Self {
        let mut domain = Domain::interval(0.0, curve.last_spend());
        let spent = spent(&facts);
        for fact in &facts {
            domain = domain.intersect(&fact.domain(&curve, spent));
        }
        Line { curve, current, facts, pool: None, domain }
    }

    /// The spends that all facts allow, within `[0, last spend of the curve]`.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// True if any spend between two is allowed, and the curve is concave.
    pub(crate) fn is_concave(&self) -> bool {
        let spans = self.domain.spans();
        spans.len() <= 1 && spans.iter().all(|s| s.step == 0.0) && self.curve.is_concave()
    }

    /// Money that is spent already, which no rule takes back.
    pub fn spent(&self) -> f64 {
        spent(&self.facts)
    }

    /// A spend at which the curve visibly bends, for scaling only; of a curve
    /// without a scale of its own, today's spend, or the largest or the least
    /// that is allowed.
    pub(crate) fn typical_spend(&self) -> f64 {
        let scale = |x: &f64| *x > 0.0 && x.is_finite();
        let known = [self.current, self.domain.largest(), self.domain.least()];
        match known.into_iter().find(scale) {
            Some(known) if !self.curve.has_scale() => known,
            _ => self.curve.typical_spend(),
        }
    }

    /// How far a spend is from the domain, relative to the spend; infinite if
    /// the domain is empty or the spend is not a number.
    pub fn distance(&self, x: f64) -> f64 {
        if !x.is_finite() {
            return f64::INFINITY;
        }
        if self.domain.is_empty() {
            return f64::INFINITY;
        }
        let gap = (x - self.domain.nearest(x)).abs();
        if gap == 0.0 { 0.0 } else { gap / x.abs().max(gap) }
    }

    /// The same line with other facts.
    pub fn with_facts(&self, facts: Vec<Fact>) -> Self {
        Line { pool: self.pool, ..Line::new(self.curve.clone(), self.current, facts) }
    }

    /// The same line allowed only what `domain` allows as well.
    pub fn within(&self, domain: &Domain) -> Self {
        Line { domain: self.domain.intersect(domain), ..self.clone() }
    }
}

/// Money that facts say is spent already.
fn spent(facts: &[Fact]) -> f64 {
    let each = facts.iter().map(|f| if let Fact::Past { spent, .. } = *f { spent } else { 0.0 });
    each.fold(0.0, f64::max)
}

impl Fact {
    /// The spends this fact alone allows a line that has spent `spent` already.
    fn domain(&self, curve: &Curve, spent: f64) -> Domain {
        let begun = spent > 0.0;
        match *self {
            Fact::Min(min) => Domain::interval(min, f64::INFINITY),
            Fact::Max(max) => Domain::interval(0.0, max.max(spent)),
            Fact::Past { spent, over: true } => Domain::new(vec![Span::point(spent)]),
            Fact::Past { spent, over: false } => Domain::interval(spent, f64::INFINITY),
            Fact::Deal(Deal::Flat(price)) if begun => Domain::new(vec![Span::point(price.max(spent))]),
            Fact::Deal(Deal::Flat(price)) => Domain::new(vec![Span::point(0.0), Span::point(price)]),
            Fact::Deal(Deal::AtLeast(least)) => {
                Domain::new(vec![Span::point(0.0), Span::interval(least, f64::INFINITY)])
            }
            Fact::Deal(Deal::Lots(lot)) => {
                resumed(Domain::new(vec![Span { from: 0.0, to: f64::INFINITY, step: lot }]), spent)
            }
            Fact::Marginal { least, .. } => resumed(steep_enough(curve, least), spent),
        }
    }
}

/// What a domain leaves a line that has begun: to go on within it, or to stop
/// where it is.
fn resumed(domain: Domain, spent: f64) -> Domain {
    if spent <= 0.0 || domain.contains(spent) {
        return domain;
    }
    let mut spans = vec![Span::point(spent)];
    spans.extend(domain.spans().iter().filter_map(|s| s.clip(spent, f64::INFINITY)));
    Domain::new(spans)
}

/// `{0}` and the spends at which the slope is at least `least`.
fn steep_enough(curve: &Curve, least: f64) -> Domain {
    let mut spans = vec![Span::point(0.0)];
    curve.for_each_piece(0.0, curve.last_spend(), |piece: Piece| {
        let peak = curve.marginal(piece.inflection);
        if peak < least {
            return;
        }
        let from = if curve.marginal(piece.from) >= least {
            piece.from
        } else {
            curve.convex_spend_at_marginal(least, piece)
        };
        let to = curve.spend_at_marginal(least, piece);
        match spans.last_mut() {
            Some(last) if last.to >= from => last.to = to,
            _ => spans.push(Span::interval(from, to)),
        }
    });
    Domain::new(spans)
}
