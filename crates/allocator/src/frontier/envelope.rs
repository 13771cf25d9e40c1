//! How far the value can be from the straight line between two samples.
//!
//! Let goal and limits depend linearly on the number `t`. For fixed prices and
//! cuts what is proven is convex in `t` ([`Reach`]), so between two samples it
//! lies below its chord: each sample's leaves bound the value from above by a
//! straight line. From below it is bounded by plans. A plan that keeps the limits
//! at both samples keeps them in between; and where all lines stay on one concave
//! stretch of their curves, the mixtures of both plans do, weighted as in
//! [`mixture`].

use outlay_curves::Curve;

use super::reach::Reach;
use super::sweep::Sweep;
use crate::certificate::{judge, linear_goal};
use crate::solvers::flights::climbed;
use crate::tolerance::KEPT;
use crate::{Coefficients, Goal, Leaf, Limit, Plan, Prices, Problem, Solution, Terms};

/// Where along the range linear dependence is tested.
const PROBES: [f64; 5] = [0.17, 0.38, 0.5, 0.61, 0.83];
/// Largest relative difference that counts as none: there, and between rates at
/// which limits move.
const SAME: f64 = 1e-9;

/// True if lines do not depend on the number, and goal and limits do so
/// linearly; the denominator of a ratio to minimise not at all, nor quantities
/// of few lines. Of pools only the goal may count what is drawn from them.
pub(super) fn is_affine<E>(
    at: &impl Fn(f64) -> Result<Problem, E>,
    span: &Sweep,
    [from, to]: &[Problem; 2],
) -> Result<bool, E> {
    let pools = !from.is_pooled() || (!from.is_linked() && [from, to].into_iter().all(only_goal_draws));
    if !pools || (from.is_linked() && !from.is_flown()) || !alike(from, to) {
        return Ok(false);
    }
    let (first, last) = (every_row(from), every_row(to));
    for share in PROBES {
        let problem = at(span.from + share * (span.to - span.from))?;
        if !alike(from, &problem) || !between(&first, &last, &every_row(&problem), share) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True if no limit counts what lines draw from pools, and the goal is no ratio.
fn only_goal_draws(problem: &Problem) -> bool {
    let draws = |t: &Terms| {
        (0..problem.lines.len()).any(|i| problem.lines[i].pool.is_some() && t.of(i).response != 0.0)
    };
    let counted = |l: &Limit| draws(&l.numerator) || l.denominator.as_ref().is_some_and(draws);
    matches!(problem.goal, Goal::Maximize(_)) && !problem.limits.iter().any(counted)
}

/// True if two problems have the same lines, the same denominator of the goal
/// and the same limits but for numbers.
fn alike(a: &Problem, b: &Problem) -> bool {
    let sides = |p: &Problem| p.limits.iter().map(|l| (l.min.is_some(), l.max.is_some())).collect::<Vec<_>>();
    let denominators = match (&a.goal, &b.goal) {
        (Goal::Maximize(_), Goal::Maximize(_)) => true,
        (Goal::MinimizeRatio { denominator: a, .. }, Goal::MinimizeRatio { denominator: b, .. }) => a == b,
        _ => false,
    };
    denominators && a.lines == b.lines && sides(a) == sides(b)
}

/// The quantities of the goal that are to be large.
fn goals(problem: &Problem) -> Vec<Terms> {
    match &problem.goal {
        Goal::Maximize(terms) => vec![terms.clone()],
        Goal::MinimizeRatio { numerator, denominator } => {
            vec![Terms::default().plus(-1.0, numerator), denominator.clone()]
        }
    }
}

/// Every side of every limit as terms that are at most 0.
fn rows(problem: &Problem) -> Vec<Terms> {
    let mut rows = Vec::new();
    for limit in &problem.limits {
        rows.extend(limit.max.map(|n| side(limit, n, 1.0)));
        rows.extend(limit.min.map(|n| side(limit, n, -1.0)));
    }
    rows
}

fn every_row(problem: &Problem) -> Vec<Terms> {
    [goals(problem), rows(problem)].concat()
}

/// `sign * (numerator - number * denominator)`.
fn side(limit: &Limit, number: f64, sign: f64) -> Terms {
    let one = Terms::constant(1.0);
    let denominator = limit.denominator.as_ref().unwrap_or(&one);
    Terms::default().plus(sign, &limit.numerator).plus(-sign * number, denominator)
}

fn between(first: &[Terms], last: &[Terms], middle: &[Terms], share: f64) -> bool {
    let line =
        |a: f64, b: f64, m: f64| (a + share * (b - a) - m).abs() <= SAME * a.abs().max(b.abs()).max(m.abs());
    first.iter().zip(last).zip(middle).all(|((a, b), m)| {
        let count = [a, b, m].into_iter().flat_map(Terms::lengths).max().unwrap_or(0);
        let each = |i: usize| {
            let [a, b, m] = [a, b, m].map(|t| t.of(i));
            line(a.spend, b.spend, m.spend)
                && line(a.response, b.response, m.response)
                && line(a.active, b.active, m.active)
                && line(a.moved, b.moved, m.moved)
        };
        let few = a.few() == b.few() && a.few() == m.few();
        few && line(a.constant, b.constant, m.constant) && (0..count).all(each)
    })
}

/// A problem and its solution.
type Sample<'a> = (&'a Problem, &'a Solution);

/// Largest distance, relative to the value, of the true value from the straight
/// line between two samples; infinite if nothing is proven. Where neither has a
/// plan, 0 if it is proven that there is none in between either.
pub(super) fn deviation(a: Sample, b: Sample) -> f64 {
    let reach = Reach::new([a.0, b.0]);
    let (Some(plan_a), Some(plan_b)) = (&a.1.plan, &b.1.plan) else {
        let none = a.1.plan.is_none() && b.1.plan.is_none();
        let refuted = |s: Sample| reach.refuted(&s.1.certificate.leaves);
        return if none && (refuted(a) || refuted(b)) { 0.0 } else { f64::INFINITY };
    };
    // A ratio is the smaller the better: its negative is maximised.
    let sign = if matches!(a.0.goal, Goal::Maximize(_)) { 1.0 } else { -1.0 };
    let chord = Straight { start: sign * plan_a.value, end: sign * plan_b.value };
    let above = chord.least_above(&bounded(&reach, a, b, a), &bounded(&reach, a, b, b));
    let kept = |problem: &Problem, spends: &[f64]| {
        let judgement = judge(problem, spends);
        if judgement.violation <= KEPT { sign * judgement.value } else { f64::NEG_INFINITY }
    };
    let from_a = Straight { start: chord.start, end: kept(b.0, &plan_a.spends) };
    let from_b = Straight { start: kept(a.0, &plan_b.spends), end: chord.end };
    let below = chord.most_below(&from_a, &from_b);
    let mixed = mixture((a.0, plan_a), (b.0, plan_b));
    let mixed = mixed.map_or(f64::INFINITY, |m| m.late * (chord.end - chord.start).abs() + m.lost);
    let below = if below.min(mixed) > above && a.0.is_linked() {
        // Two plans may fill different weeks: each is carried on to the other end.
        let carried_a = carried((a.0, plan_a), b.0).unwrap_or(from_a);
        let carried_b = carried((b.0, plan_b), a.0).map(|c| Straight { start: c.end, end: c.start });
        below.min(chord.most_below(&carried_a, &carried_b.unwrap_or(from_b)))
    } else {
        below
    };
    let size = judge(a.0, &plan_a.spends).size.min(judge(b.0, &plan_b.spends).size);
    let scale = plan_a.value.abs().min(plan_b.value.abs()).max(size / 1000.0);
    let distance = above.max(below.min(mixed)) / scale;
    if distance.is_nan() { f64::INFINITY } else { distance }
}

/// A straight line that plans of the stretch reach: from a plan to the best near
/// it at the other end, through mixtures of both.
fn carried(own: (&Problem, &Plan), other: &Problem) -> Option<Straight> {
    let Goal::Maximize(goal) = &other.goal else { return None };
    let plan = climbed(other, goal, other.default_gap(), &own.1.spends)?;
    let mixed = mixture(own, (other, &plan))?;
    let loss = mixed.late * (plan.value - own.1.value).abs() + mixed.lost;
    Some(Straight { start: own.1.value - loss, end: plan.value - loss })
}

/// A straight line that no plan of the stretch lies above, by the leaves of one
/// of its samples.
fn bounded(reach: &Reach, a: Sample, b: Sample, own: Sample) -> Straight {
    let values = [a, b].map(|s| s.1.plan.as_ref().map_or(f64::NAN, |plan| plan.value));
    let Goal::MinimizeRatio { denominator, .. } = &own.0.goal else {
        let goals = [a, b].map(|s| linear_goal(&s.0.goal, None));
        let goals = [&goals[0], &goals[1]];
        let value = own.1.plan.as_ref().map_or(0.0, |plan| plan.value);
        let [start, end] = reach.bound(goals, &armed(reach, goals, own, value));
        return Straight { start, end };
    };
    // No plan has a ratio below a line `l(t)` where `l(t) d(x) - n(x, t)` is at
    // most 0, which is convex in `t` if the denominator does not depend on it.
    let per_ratio = own.1.plan.as_ref().map_or(0.0, |p| denominator.measure(&own.0.lines, &p.spends).0);
    let mut ratios = values;
    let mut stride = 1.01;
    for _ in 0..TRIALS {
        let goals = [0, 1].map(|end| linear_goal(&[a, b][end].0.goal, Some(ratios[end])));
        let goals = [&goals[0], &goals[1]];
        let excess = reach.bound(goals, &armed(reach, goals, own, 0.0));
        if excess.iter().all(|e| *e <= 0.0) {
            return Straight { start: -ratios[0], end: -ratios[1] };
        }
        for (ratio, excess) in ratios.iter_mut().zip(excess) {
            *ratio -= stride * excess.max(0.0) / per_ratio;
        }
        stride *= 2.0;
    }
    Straight { start: f64::INFINITY, end: f64::INFINITY }
}

/// Trials of a ratio that nothing undercuts.
const TRIALS: usize = 30;

/// The leaves of a sample as bounds on the goal, at prices that serve both
/// ends: those that prove a part empty know no goal. Added often enough to the
/// plan's own prices, they keep the part's bound below the plan's value
/// wherever the part is empty.
fn armed(reach: &Reach, goals: [&Terms; 2], own: Sample, value: f64) -> Vec<Leaf> {
    let certificate = &own.1.certificate;
    let armed = |leaf: &Leaf| {
        if !leaf.empty {
            return leaf.clone();
        }
        let worth = reach.of(Some(goals), leaf, &certificate.prices);
        let margins = reach.of(None, leaf, &leaf.prices).map(|bound| -bound);
        let least = margins.into_iter().filter(|m| *m > 0.0).fold(f64::INFINITY, f64::min);
        let times = 1.01 * (worth[0].max(worth[1]) - value).max(0.0) / least;
        let times = if times.is_finite() { times } else { 0.0 };
        let add =
            |(q, p): (&Prices, &Prices)| Prices { min: q.min + times * p.min, max: q.max + times * p.max };
        let prices = certificate.prices.iter().zip(&leaf.prices).map(add).collect();
        Leaf { prices, empty: false, ..leaf.clone() }
    };
    certificate.leaves.iter().map(armed).collect()
}

/// A straight line over a stretch; an end may be infinite where it means
/// nothing.
struct Straight {
    start: f64,
    end: f64,
}

impl Straight {
    fn at(&self, share: f64) -> f64 {
        self.start + share * (self.end - self.start)
    }

    fn is_finite(&self) -> bool {
        self.start.is_finite() && self.end.is_finite()
    }

    /// Where two lines cross inside the stretch.
    fn crossing(&self, other: &Straight) -> Option<f64> {
        let (start, end) = (self.start - other.start, self.end - other.end);
        let share = start / (start - end);
        (0.0..=1.0).contains(&share).then_some(share)
    }

    /// Largest height of the lower of two lines above this one.
    fn least_above(&self, a: &Straight, b: &Straight) -> f64 {
        let height = |share: f64| a.at(share).min(b.at(share)) - self.at(share);
        match (a.is_finite(), b.is_finite()) {
            (true, true) => {
                let inside = a.crossing(b).map_or(f64::NEG_INFINITY, height);
                height(0.0).max(height(1.0)).max(inside)
            }
            (true, false) => (a.start - self.start).max(a.end - self.end),
            (false, true) => (b.start - self.start).max(b.end - self.end),
            (false, false) => f64::INFINITY,
        }
    }

    /// Largest depth of the higher of two lines below this one.
    fn most_below(&self, a: &Straight, b: &Straight) -> f64 {
        let flip = |s: &Straight| Straight { start: -s.start, end: -s.end };
        flip(self).least_above(&flip(a), &flip(b))
    }
}

/// How mixtures of two plans fall short of the straight line between their
/// values.
struct Mixture {
    /// By this share of the difference of the values.
    late: f64,
    /// And by this much, where curves sag below their chords.
    lost: f64,
}

/// What mixtures of two plans earn at least.
///
/// Let `h(x, t) <= 0` be a limit, convex in `x`, that loosens by `w_a` at the
/// first plan over the whole stretch and by `w_b` at the second. At the share
/// `s` of the way the mixture with weight
/// `m = s w_a / (s w_a + (1 - s) w_b)` on the second plan keeps it, and earns at
/// least as much as the values so weighted; `s - m` is at most
/// `|sqrt w_a - sqrt w_b| / (sqrt w_a + sqrt w_b)`. Where a curve is not
/// concave between both spends, what it sags below its chord is lost. `None` if
/// this does not apply.
fn mixture(a: (&Problem, &Plan), b: (&Problem, &Plan)) -> Option<Mixture> {
    let (plan_a, plan_b) = (a.1, b.1);
    let (rows_a, rows_b) = (every_row(a.0), every_row(b.0));
    let wanted = goals(a.0).len();
    let mut lost = vec![0.0; rows_a.len()];
    let mut ends: Vec<Ends> = Vec::with_capacity(a.0.lines.len());
    for (i, line) in a.0.lines.iter().enumerate() {
        let (low, high) = (plan_a.spends[i].min(plan_b.spends[i]), plan_a.spends[i].max(plan_b.spends[i]));
        let spans = line.domain().spans();
        let one = low == high || spans.iter().any(|s| s.step == 0.0 && s.from <= low && high <= s.to);
        if !one {
            return None;
        }
        ends.push(Ends { low, high, sag: sag(&line.curve, low, high) });
    }
    products(a, b, &mut ends);
    for (r, (row_a, row_b)) in rows_a.iter().zip(&rows_b).enumerate() {
        let sign = if r < wanted { -1.0 } else { 1.0 };
        let mut add = |i: usize| {
            let (end, own) = (&ends[i], [row_a.of(i), row_b.of(i)]);
            lost[r] += end.sag * own[0].response.abs().max(own[1].response.abs());
            own.iter().any(|c| end.bends(*c, sign))
        };
        // Thousands of equations are over few lines each.
        let wrong = match row_a.is_sparse() {
            true => row_a.few().iter().any(|(i, _)| add(*i)),
            false => (0..ends.len()).any(&mut add),
        };
        if wrong {
            return None;
        }
    }
    // A ratio is weighted by its denominators as well.
    let mut weights = [1.0; 2];
    let mut moves: Option<[f64; 2]> = None;
    for (r, (row_a, row_b)) in rows_a.iter().zip(&rows_b).enumerate() {
        let change = row_b.plus(-1.0, row_a);
        let [w_a, w_b] = [plan_a, plan_b].map(|p| change.measure(&a.0.lines, &p.spends).0);
        if r < wanted {
            if w_a != 0.0 || w_b != 0.0 {
                return None;
            }
            if r == 1 {
                weights = [plan_b, plan_a].map(|p| row_a.measure(&a.0.lines, &p.spends).0);
                if lost[0] > 0.0 || lost[1] > 0.0 || weights.iter().any(|w| *w <= 0.0) {
                    return None;
                }
            }
            continue;
        }
        if lost[r] > 0.0 {
            // Room that both plans leave makes up for it, if the limit does not move.
            let [left_a, left_b] = [plan_a, plan_b].map(|p| -row_a.measure(&a.0.lines, &p.spends).0);
            if w_a != 0.0 || w_b != 0.0 || left_a.min(left_b) < lost[r] {
                return None;
            }
        }
        if w_a == 0.0 && w_b == 0.0 {
            continue;
        }
        // Two limits that move at different rates would need two weights.
        let other = moves.is_some_and(|m| (m[0] * w_b - m[1] * w_a).abs() > SAME * (m[0] * w_b).abs());
        if w_a * w_b <= 0.0 || other {
            return None;
        }
        moves = Some([w_a, w_b]);
    }
    if let Some(moves) = moves {
        weights = [0, 1].map(|end| weights[end] * moves[end].abs());
    }
    let [a, b] = weights.map(f64::sqrt);
    Some(Mixture { late: (a - b).abs() / (a + b), lost: lost[0] })
}

/// What lines that draw on pools return is a product of level and curve. At the
/// share `s` of the way between two plans it lies `s (1 - s)` times the product
/// of both changes below its chord, where they go the same way, and what the
/// curve sags times the level.
fn products(a: (&Problem, &Plan), b: (&Problem, &Plan), ends: &mut [Ends]) {
    for (i, line) in a.0.lines.iter().enumerate() {
        let Some(block) = line.pool else { continue };
        let levels = [a, b].map(|(_, plan)| plan.spends[block]);
        let shares = [a, b].map(|(_, plan)| line.curve.value(plan.spends[i]));
        let both = (levels[1] - levels[0]) * (shares[1] - shares[0]);
        ends[i].sag = levels[0].max(levels[1]) * ends[i].sag + 0.25 * both.max(0.0);
    }
}

/// A line's spends in two plans, the lesser first.
struct Ends {
    low: f64,
    high: f64,
    /// How far what it returns sags below its chord in between.
    sag: f64,
}

impl Ends {
    /// True if a quantity that is to be small (`sign` 1) or large (-1) is not
    /// convex or concave between the spends.
    fn bends(&self, c: Coefficients, sign: f64) -> bool {
        let curved = sign * c.response > 0.0 || sign * c.moved < 0.0;
        let switches = c.active != 0.0 && (self.low > 0.0) != (self.high > 0.0);
        self.low < self.high && (curved || switches)
    }
}

/// How far a curve sags below its chord between two spends.
fn sag(curve: &Curve, low: f64, high: f64) -> f64 {
    if low >= high || curve.is_concave() {
        return 0.0;
    }
    let (first, last) = (curve.value(low), curve.value(high));
    let slope = (last - first) / (high - low);
    let mut most: f64 = 0.0;
    let mut consider = |x: f64| {
        if (low..=high).contains(&x) {
            most = most.max(first + slope * (x - low) - curve.value(x));
        }
    };
    // Below its inflection a piece sags most where it runs parallel to the
    // chord; above, at one of its ends.
    curve.for_each_piece(low, high, |piece| {
        [piece.from, piece.inflection, piece.to].into_iter().for_each(&mut consider);
        if piece.inflection > piece.from {
            consider(curve.convex_spend_at_marginal(slope, piece));
        }
    });
    most
}

#[cfg(test)]
mod dense;
#[cfg(test)]
mod tests;
