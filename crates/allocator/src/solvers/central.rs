//! Where the interior-point method begins on majorants with straight parts: a
//! point near its central path.
//!
//! For given prices and a barrier every variable has an answer of its own. What
//! they yield, summed up with the barriers of the rows' slacks, is convex in the
//! prices, and its least point is on the central path. Newton's method in the
//! prices alone has the matrix of the interior-point method, and no variable
//! can shorten its steps: from a poor start the joint method stalls on chords,
//! whose missing curvature lets one variable block all others.

use super::answer::{Answer, bent, straight};
use super::interior::State;
use super::slot::Slot;

/// Passes over the variables after which the path counts as out of reach.
const PASSES: usize = 40;

/// The barrier falls by this at once.
const SHRINK: f64 = 0.1;

/// The barrier at the end, in units of the one at the start, times the number
/// of variables: where they are many, more of the path is smooth.
const END: f64 = 4.0;

/// A price beyond this, in units of the goal per relative excess, shows that the
/// limits leave next to nothing inside: the path has no end worth reaching.
const BEYOND: f64 = 100.0;

/// Squared length of a Newton step per bound, at which a point is near the path.
const NEAR: f64 = 0.05;

/// Share of a decrease that a step may lose by going too far.
const OVERSHOT: f64 = 0.7;

/// A price above this, in units of the goal per relative excess, is not scaled
/// to 0 by itself: it holds the others.
const MATTERS: f64 = 0.02;

/// Least share of a price that a step leaves.
const LEFT: f64 = 0.02;

/// Least share of its old spend that a variable falls to where its curve bends.
const FALL: f64 = 0.2;

/// Most evaluations of a curve for one answer.
const ROUNDS: usize = 4;

/// Squared error of an answer, in units of the barrier, that the Newton step
/// makes up for.
const ROUGH: f64 = 0.01;

/// Longest stretch without an end, in units of where its variable starts.
const FAR: f64 = 1e4;

/// Slope and curvature beyond which a curve's infinite slope at 0 is cut off.
pub(super) const STEEP: f64 = 1e150;

/// A scaled row on the path.
#[derive(Debug, Clone, Copy, Default)]
struct End {
    low: f64,
    high: f64,
    price: f64,
    activity: f64,
    slack: f64,
    /// How the slack moves with the price, and with the barrier.
    per_price: f64,
    per_mu: f64,
}

struct Central<'s, 'p, 'a> {
    state: &'s mut State<'p, 'a>,
    ends: Vec<End>,
    curvatures: Vec<f64>,
    /// Prices and what rows lacked before a step.
    before: Vec<(f64, f64)>,
    /// Number of bounds.
    count: f64,
    passes: usize,
}

/// Takes the state near its central path. The barrier there, or `None` if the
/// path was not reached: limits that contradict each other have none.
pub(super) fn follow(state: &mut State) -> Option<f64> {
    let mut central = Central::new(state);
    let start = 1.0 / central.count;
    let end = start * (END / central.state.slots.len() as f64).min(1.0);
    let mut mu = start;
    central.answer(mu)?;
    while central.passes < PASSES && central.ends.iter().all(|end| end.price.abs() <= BEYOND) {
        let decrement = central.newton()?;
        let mut next = mu;
        if decrement <= NEAR * mu * central.count {
            if mu <= end {
                central.hand_over(mu);
                return Some(mu);
            }
            next = (SHRINK * mu).max(end);
            central.predict(next - mu);
        }
        mu = central.go(mu, next)?;
    }
    None
}

impl<'s, 'p, 'a> Central<'s, 'p, 'a> {
    fn new(state: &'s mut State<'p, 'a>) -> Self {
        let program = state.program;
        let mut count: usize = state.slots.iter().map(|s| 1 + usize::from(s.bounded())).sum();
        let mut ends = Vec::with_capacity(state.rows.len());
        for (r, row) in state.rows.iter().enumerate() {
            let (low, high) = (program.lower[r] * state.scales[r], program.upper[r] * state.scales[r]);
            if low < high {
                count += usize::from(low.is_finite()) + usize::from(high.is_finite());
            }
            ends.push(End { low, high, price: row.price, ..End::default() });
        }
        let count = count.max(1) as f64;
        for (end, row) in ends.iter_mut().zip(&state.rows) {
            end.begin(row.activity, 1.0 / count);
        }
        let curvatures = vec![f64::NAN; state.slots.len()];
        Central { state, before: Vec::with_capacity(ends.len()), ends, curvatures, count, passes: 0 }
    }

    /// Every variable's and slack's answer to the prices; what the rows lack
    /// and the matrix. `None` if a variable would grow for ever.
    fn answer(&mut self, mu: f64) -> Option<()> {
        self.passes += 1;
        let State { program, slots, gather, net, columns, barrier, base, matrix, goal_scale, .. } =
            &mut *self.state;
        let ends = &self.ends;
        gather.net(&program.goal, *goal_scale, |r| ends[r].price, net);
        columns.fill(0.0);
        barrier.fill(0.0);
        gather.clear();
        for (j, (slot, curvature)) in slots.iter_mut().zip(&mut self.curvatures).enumerate() {
            let v = program.variable(j);
            let (linear, worth) = v.dot(net);
            let worth = worth.max(0.0);
            let mut length = v.length();
            let mut reduced = linear + worth * slot.slope;
            let (answer, risen, bend);
            if let Some(line) = v.arc {
                if length == f64::INFINITY {
                    length = FAR * program.starts[j].max(v.segment.from);
                }
                let mut rounds = 0;
                (answer, risen, bend) = loop {
                    let answer = on_arc(slot, worth * -*curvature, reduced, length, mu);
                    let point = line.curve.point(v.segment.from + answer.y);
                    slot.y = answer.y;
                    slot.slope = point.marginal.min(STEEP);
                    *curvature = point.curvature.clamp(-STEEP, 0.0);
                    reduced = linear + worth * slot.slope;
                    rounds += 1;
                    let bend = worth * -*curvature;
                    let error = reduced + mu / answer.y - mu / answer.room;
                    let stiff = bend + mu / (answer.y * answer.y) + mu / (answer.room * answer.room);
                    if rounds == ROUNDS || error * error <= ROUGH * mu * stiff {
                        break (answer, point.value - slot.base, bend);
                    }
                };
            } else {
                if length == f64::INFINITY && reduced >= 0.0 {
                    return None;
                }
                answer = straight(reduced, length, mu);
                slot.y = answer.y;
                (risen, bend) = (slot.slope * answer.y, 0.0);
            }
            let (per_y, per_room) = (1.0 / answer.y, 1.0 / answer.room);
            let inverse = 1.0 / (bend + mu * per_y * per_y + mu * per_room * per_room);
            let missed = if v.arc.is_some() { reduced + mu * per_y - mu * per_room } else { 0.0 };
            let per_mu = (per_y - per_room) * inverse;
            v.each(slot.y, risen, |column, change| columns[column] += change);
            v.each(per_mu, per_mu * slot.slope, |column, change| barrier[column] += change);
            gather.add(&v, slot.slope, missed * inverse, inverse);
        }
        gather.expand(base, matrix);
        for (r, end) in self.ends.iter_mut().enumerate() {
            end.answer(mu);
            end.activity = gather.sum(r, columns);
            base[r] += end.activity - end.slack;
        }
        Some(())
    }

    /// The step to the path at the present barrier. Its squared length in units
    /// of what it moves; `None` if it cannot be worked out.
    fn newton(&mut self) -> Option<f64> {
        let State { matrix, rhs, base, .. } = &mut *self.state;
        for (r, end) in self.ends.iter().enumerate() {
            matrix.add_diagonal(r, end.per_price);
        }
        if !matrix.factor() {
            return None;
        }
        rhs.copy_from_slice(base);
        matrix.solve(rhs);
        let decrement: f64 = rhs.iter().zip(base.iter()).map(|(step, lacking)| step * lacking).sum();
        decrement.is_finite().then_some(decrement)
    }

    /// The step along the path as the barrier changes.
    fn predict(&mut self, change: f64) {
        let State { matrix, rhs, base, gather, barrier, .. } = &mut *self.state;
        for (r, end) in self.ends.iter().enumerate() {
            rhs[r] = base[r] + change * (gather.sum(r, barrier) - end.per_mu);
        }
        matrix.solve(rhs);
    }

    /// Takes the step, as much of it as leaves prices of one sign and, at the
    /// same barrier, does not go too far. The barrier it reaches.
    fn go(&mut self, mu: f64, next: f64) -> Option<f64> {
        let lacking = self.state.base.iter().copied();
        self.before.clear();
        self.before.extend(self.ends.iter().map(|e| e.price).zip(lacking));
        let step = self.state.rhs.clone();
        let promise: f64 = step.iter().zip(&self.before).map(|(step, (_, lacking))| step * lacking).sum();
        let mut length = self.ends.iter().zip(&step).fold(1.0, |most, (end, &step)| end.reach(step, most));
        while self.passes < PASSES {
            for ((end, &step), &(price, _)) in self.ends.iter_mut().zip(&step).zip(&self.before) {
                end.price = end.within(price + length * step, LEFT * price);
            }
            let reached = mu + length * (next - mu);
            if self.answer(reached).is_none() {
                length *= 0.3;
                continue;
            }
            let moved = self.ends.iter().zip(&self.before).map(|(end, (price, _))| end.price - price);
            let after: f64 = moved.zip(&self.state.base).map(|(moved, lacking)| moved * lacking).sum();
            if next < mu || after >= -OVERSHOT * promise * length {
                return Some(reached);
            }
            length *= (promise / (promise - after / length)).sqrt().clamp(0.1, 0.7);
        }
        None
    }

    /// Leaves slots and rows as the interior-point method wants them.
    fn hand_over(&mut self, mu: f64) {
        let State { program, slots, rows, .. } = &mut *self.state;
        for (j, slot) in slots.iter_mut().enumerate() {
            slot.restart(program.variable(j).length());
        }
        for (row, end) in rows.iter_mut().zip(&self.ends) {
            row.activity = end.activity;
            row.begin(end.low, end.high, end.slack, end.price, mu);
        }
    }
}

/// A variable's answer where its curve has the slope and curvature found last;
/// `reduced` is what it earns there.
#[inline]
fn on_arc(slot: &Slot, bend: f64, reduced: f64, length: f64, mu: f64) -> Answer {
    if bend.is_nan() {
        return Answer { y: slot.y, room: length - slot.y };
    }
    if bend == 0.0 {
        return straight(reduced, length, mu);
    }
    let answer = bent(reduced + bend * slot.y, bend, length, mu, slot.y);
    if answer.y >= FALL * slot.y {
        return answer;
    }
    // Slopes fall more and more slowly: it cannot fall below what it would at a fixed one.
    let least = straight(reduced, length, mu);
    let y = answer.y.max(least.y);
    let y = if y > 2.0 * least.y { y.max(FALL * slot.y) } else { y };
    Answer { y, room: length - y }
}

impl End {
    fn one_sided(&self) -> bool {
        self.low < self.high && (self.low.is_infinite() || self.high.is_infinite())
    }

    /// A price of the right sign to begin with.
    fn begin(&mut self, activity: f64, mu: f64) {
        let least = |distance: f64| mu / distance.max(0.1);
        if self.low == f64::NEG_INFINITY {
            self.price = self.price.max(least(self.high - activity));
        } else if self.high == f64::INFINITY {
            self.price = self.price.min(-least(activity - self.low));
        }
    }

    /// The slack that answers the price.
    fn answer(&mut self, mu: f64) {
        let End { low, high, price, .. } = *self;
        if low >= high {
            (self.slack, self.per_price, self.per_mu) = (low, 0.0, 0.0);
        } else if self.one_sided() {
            let end = if high.is_finite() { high } else { low };
            self.slack = end - mu / price;
            (self.per_price, self.per_mu) = (mu / (price * price), -1.0 / price);
        } else {
            let Answer { y, room } = straight(price, high - low, mu);
            self.slack = if y < room { low + y } else { high - room };
            self.per_price = 1.0 / (mu / (y * y) + mu / (room * room));
            self.per_mu = (1.0 / y - 1.0 / room) * self.per_price;
        }
    }

    /// A price as near to `wanted` as its sign allows; at least `least` is left.
    fn within(&self, wanted: f64, least: f64) -> f64 {
        match self.one_sided() {
            true if self.low == f64::NEG_INFINITY => wanted.max(least),
            true => wanted.min(least),
            false => wanted,
        }
    }

    /// How much of a step the price allows.
    fn reach(&self, step: f64, most: f64) -> f64 {
        let towards = self.one_sided() && step * self.price < 0.0;
        if towards && self.price.abs() > MATTERS { most.min(0.95 * (self.price / step).abs()) } else { most }
    }
}
