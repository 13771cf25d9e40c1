//! How far the value can be from the straight line between two samples.
//!
//! Let goal and limits depend linearly on the number `t`. For fixed prices and
//! cuts the certified bound is a maximum of functions linear in `t`, so it is
//! convex, and between two samples it lies below its chord: each sample's leaves
//! bound the value from above by a straight line. From below it is bounded by
//! plans. A plan that keeps the limits at both samples keeps them in between;
//! and where all lines stay on one concave stretch of their curves, the mixtures
//! of both plans do, weighted as in [`mixture`].

use outlay_curves::Curve;

use super::Sweep;
use crate::certificate::{KEPT, bound, judge, linear_goal, region_bound};
use crate::region::{Region, Twins};
use crate::{Goal, Leaf, Limit, Prices, Problem, Solution, Terms};

/// Where along the range linear dependence is tested.
const PROBES: [f64; 5] = [0.17, 0.38, 0.5, 0.61, 0.83];
/// Largest relative difference that counts as none there.
const SAME: f64 = 1e-9;

/// True if lines do not depend on the number, and goal and limits do so
/// linearly.
pub(super) fn is_affine<E>(
    at: &impl Fn(f64) -> Result<Problem, E>,
    span: &Sweep,
    [from, to]: &[Problem; 2],
) -> Result<bool, E> {
    if matches!(from.goal, Goal::MinimizeRatio { .. }) || !alike(from, to) {
        return Ok(false);
    }
    let (first, last) = (rows(from), rows(to));
    for share in PROBES {
        let problem = at(span.from + share * (span.to - span.from))?;
        if !alike(from, &problem) || !between(&first, &last, &rows(&problem), share) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True if two problems have the same lines and the same limits but for numbers.
fn alike(a: &Problem, b: &Problem) -> bool {
    let sides = |p: &Problem| p.limits.iter().map(|l| (l.min.is_some(), l.max.is_some())).collect::<Vec<_>>();
    a.lines == b.lines && sides(a) == sides(b)
}

/// The goal and every side of every limit as terms that are at most 0.
fn rows(problem: &Problem) -> Vec<Terms> {
    let goal = match &problem.goal {
        Goal::Maximize(terms) => terms.clone(),
        Goal::MinimizeRatio { .. } => Terms::default(),
    };
    let mut rows = vec![goal];
    for limit in &problem.limits {
        rows.extend(limit.max.map(|n| side(limit, n, 1.0)));
        rows.extend(limit.min.map(|n| side(limit, n, -1.0)));
    }
    rows
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
        line(a.constant, b.constant, m.constant) && (0..count).all(each)
    })
}

/// A problem and its solution.
type Sample<'a> = (&'a Problem, &'a Solution);

/// Largest distance, relative to the value, of the true value from the straight
/// line between two samples; infinite if nothing is proven.
pub(super) fn deviation(a: Sample, b: Sample) -> f64 {
    let (Some(plan_a), Some(plan_b)) = (&a.1.plan, &b.1.plan) else { return f64::INFINITY };
    let chord = Straight { start: plan_a.value, end: plan_b.value };
    let bounds = |leaves: Vec<Leaf>| Straight { start: proven(a.0, &leaves), end: proven(b.0, &leaves) };
    let above = chord.least_above(&bounds(bounding(a, b)), &bounds(bounding(b, a)));
    let kept = |problem: &Problem, spends: &[f64]| {
        let judgement = judge(problem, spends);
        if judgement.violation <= KEPT { judgement.value } else { f64::NEG_INFINITY }
    };
    let from_a = Straight { start: plan_a.value, end: kept(b.0, &plan_a.spends) };
    let from_b = Straight { start: kept(a.0, &plan_b.spends), end: plan_b.value };
    let below = chord.most_below(&from_a, &from_b);
    let mixed = mixture(a, b).map_or(f64::INFINITY, |m| m.late * (chord.end - chord.start).abs() + m.lost);
    let size = judge(a.0, &plan_a.spends).size.min(judge(b.0, &plan_b.spends).size);
    let scale = plan_a.value.abs().min(plan_b.value.abs()).max(size / 1000.0);
    let distance = above.max(below.min(mixed)) / scale;
    if distance.is_nan() { f64::INFINITY } else { distance }
}

/// What leaves prove about a problem.
fn proven(problem: &Problem, leaves: &[Leaf]) -> f64 {
    bound(problem, leaves, None).unwrap_or(f64::INFINITY)
}

/// The leaves of a sample as bounds on the goal, at prices that serve both
/// ends: those that prove a part empty know no goal. Added often enough to the
/// plan's own prices, they keep the part's bound below the plan's value
/// wherever the part is empty.
fn bounding(own: Sample, other: Sample) -> Vec<Leaf> {
    let (problem, solution) = own;
    let certificate = &solution.certificate;
    let value = solution.plan.as_ref().map_or(0.0, |plan| plan.value);
    let goal = linear_goal(&problem.goal, None);
    let twins = Twins::find(problem);
    let armed = |leaf: &Leaf| {
        if !leaf.empty {
            return leaf.clone();
        }
        let region = Region::of(problem, &leaf.cuts, &twins);
        let ends = [problem, other.0];
        let worth = ends.map(|p| region_bound(p, Some(&goal), &certificate.prices, &region));
        let margins = ends.map(|p| -region_bound(p, None, &leaf.prices, &region));
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
fn mixture(a: Sample, b: Sample) -> Option<Mixture> {
    let (plan_a, plan_b) = (a.1.plan.as_ref()?, b.1.plan.as_ref()?);
    let (rows_a, rows_b) = (rows(a.0), rows(b.0));
    let mut lost = vec![0.0; rows_a.len()];
    for (i, line) in a.0.lines.iter().enumerate() {
        let (low, high) = (plan_a.spends[i].min(plan_b.spends[i]), plan_a.spends[i].max(plan_b.spends[i]));
        let spans = line.domain().spans();
        let one = low == high || spans.iter().any(|s| s.step == 0.0 && s.from <= low && high <= s.to);
        let bends = |row: &Terms, sign: f64| {
            let c = row.of(i);
            let curved = sign * c.response > 0.0 || sign * c.moved < 0.0;
            curved || (c.active != 0.0 && (low > 0.0) != (high > 0.0))
        };
        let wrong = |rows: &[Terms]| {
            rows.iter().enumerate().any(|(r, row)| bends(row, if r == 0 { -1.0 } else { 1.0 }))
        };
        if !one || (low < high && (wrong(&rows_a) || wrong(&rows_b))) {
            return None;
        }
        let sag = sag(&line.curve, low, high);
        for ((lost, row_a), row_b) in lost.iter_mut().zip(&rows_a).zip(&rows_b) {
            *lost += sag * row_a.of(i).response.abs().max(row_b.of(i).response.abs());
        }
    }
    let (mut goal_moves, mut uneven) = (false, 0.0_f64);
    for (r, (row_a, row_b)) in rows_a.iter().zip(&rows_b).enumerate() {
        let change = row_b.plus(-1.0, row_a);
        let [w_a, w_b] = [plan_a, plan_b].map(|p| change.measure(&a.0.lines, &p.spends).0);
        if r > 0 && lost[r] > 0.0 {
            // Room that both plans leave makes up for it, if the limit does not move.
            let [left_a, left_b] = [plan_a, plan_b].map(|p| -row_a.measure(&a.0.lines, &p.spends).0);
            if w_a != 0.0 || w_b != 0.0 || left_a.min(left_b) < lost[r] {
                return None;
            }
        }
        if w_a == 0.0 && w_b == 0.0 {
            continue;
        }
        if r == 0 {
            goal_moves = true;
        } else if w_a * w_b <= 0.0 {
            return None;
        } else {
            let (a, b) = (w_a.abs().sqrt(), w_b.abs().sqrt());
            let this = (a - b) / (a + b) * w_a.signum();
            // Two limits that move at different rates would need two weights.
            if uneven != 0.0 && (uneven - this).abs() > 1e-9 {
                return None;
            }
            uneven = this;
        }
    }
    if goal_moves { None } else { Some(Mixture { late: uneven.abs(), lost: lost[0] }) }
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
