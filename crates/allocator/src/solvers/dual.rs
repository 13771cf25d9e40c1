//! The dual function of a program, minimised over prices alone.
//!
//! At given prices every variable has a best answer of its own, and what the
//! answers are worth is convex in the prices and a bound on the goal wherever
//! it is evaluated. It bends where curved variables answer; it has kinks
//! (breakpoints) where straight ones turn from empty to full and rows from free
//! to priced (covers are concave envelopes). A step goes to the least point of its second-order model, which keeps all kinks
//! (see [`super::kinks`]), and is judged by the function itself: bounds only
//! fall. So a start near the end, as the prices of a similar program are, costs
//! few passes, and one pass is enough where its bound already decides. Like
//! all methods here it proposes; nothing it says is proven. (Boyd and
//! Vandenberghe, Convex Optimization, 2004, chapter 5; a step's promise is the
//! predicted decrease of trust regions, Conn, Gould and Toint 2000.)

use super::curved::Curved;
use super::gather::{Gather, features};
use super::interior::Interior;
use super::kinks::{Kinks, Place, Resting, Row, Straight};
use super::program::{Program, Variable};

/// Most evaluations of the function for one program.
const EVALUATIONS: usize = 25;

/// Share of a promised decrease that a step must keep.
const KEEP: f64 = 1e-4;

/// Rounding of the function's value, relative to it.
const ROUND_OFF: f64 = 1e-12;

/// What is left of a step that breaks its promise, time after time.
const RETREATS: [f64; 8] = [0.5, 0.25, 0.05, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8];

/// A scaled price below this does not count.
const NOTHING: f64 = 1e-9;

/// Share of its spend that a curved variable may lack of its answer.
const NEAR: f64 = 0.1;

/// The same for each unit of a step's promise, to the power of 2/3: what the
/// function misses by that is a third-order term, far less than it falls.
const NEARER: f64 = 2.0;

/// Share of a promise up to which the function may be missed.
const ROUGH: f64 = 0.1;

/// Largest activity that a last step may move, and largest share of its spend
/// that a variable may lack before it: what is left is the square of either.
const LAST: f64 = 4e-7;
const LACKING: f64 = 2e-6;

/// Largest share of its terms that a row may lack in the end.
const FEASIBLE: f64 = 2e-11;

/// How far below anything a plan can be worth the function must fall to show
/// that there is none, in units of the goal's size.
const HOPELESS: f64 = 1e-6;

/// Slope beyond which a curve's infinite slope at 0 is cut off.
const STEEP: f64 = 1e150;

/// What the minimisation came to.
#[derive(Debug)]
pub(crate) enum Found {
    /// An optimum of the program, or as near to one as could be.
    Point(Interior),
    /// Signed prices that bound the goal by the target, or below anything that
    /// a plan can be worth.
    Below(Vec<f64>),
}

/// The function, for programs of the same rows and columns.
#[derive(Debug)]
pub(crate) struct Dual {
    goal_scale: f64,
    scales: Vec<f64>,
    gather: Gather,
    /// Slope of the Lagrangian per unit of every column.
    net: Vec<f64>,
    columns: Vec<f64>,
    /// What variables lack of their answers, by row.
    lacking: Vec<f64>,
    curved: Vec<Curved>,
    /// What the function may miss since answers are near ones.
    missed: f64,
    /// Largest share of its spend that a variable lacks of its answer.
    share: f64,
    kinks: Kinks,
    evaluations: usize,
    /// Prices before a step.
    before: Vec<f64>,
}

impl Dual {
    /// With rows and goal scaled to the sizes of a program's start.
    pub(crate) fn new(program: &Program) -> Self {
        let (goal_size, sizes) = program.sizes();
        let features = features(program.columns, 0);
        let m = program.rows.len();
        let scales: Vec<f64> = (0..m).map(|r| 1.0 / program.row_size(r, &sizes)).collect();
        let mut gather = Gather::new(&program.rows, &features);
        gather.scale(&scales);
        Dual {
            goal_scale: if goal_size > 0.0 && goal_size.is_finite() { 1.0 / goal_size } else { 1.0 },
            scales,
            gather,
            net: vec![0.0; features.len()],
            columns: vec![0.0; features.len()],
            lacking: vec![0.0; m],
            curved: Vec::new(),
            missed: 0.0,
            share: 0.0,
            kinks: Kinks::new(m, features.len()),
            evaluations: 0,
            before: Vec::with_capacity(m),
        }
    }

    /// Solves a program up to a share `tolerance` of the goal's size, or shows
    /// that its goal is at most `target`; `None` if neither comes about.
    /// `prices` are signed prices to start from.
    pub(crate) fn solve(
        &mut self,
        program: &Program,
        prices: &[f64],
        tolerance: f64,
        target: f64,
    ) -> Option<Found> {
        if program.goal.is_empty() {
            return None;
        }
        self.begin(program, prices);
        let target = (target * self.goal_scale).max(self.least(program) - HOPELESS);
        let mut near = NEAR;
        let mut value = self.evaluate(program, near)?;
        loop {
            if value + self.missed <= target {
                return Some(Found::Below(self.prices()));
            }
            let promise = self.kinks.minimise(program, &self.gather, &mut self.columns)?;
            let settled =
                self.share <= LACKING && self.kinks.moves() <= LAST && self.kinks.leaves() <= FEASIBLE;
            if promise <= tolerance && self.missed <= tolerance && settled {
                return Some(Found::Point(self.optimum(program)));
            }
            if value <= target || self.missed > ROUGH * promise.max(0.1 * tolerance) {
                near *= 1e-2;
                self.kinks.forget();
                value = self.evaluate(program, near)?;
                continue;
            }
            near = NEAR.min(NEARER * promise.max(0.0).powf(2.0 / 3.0));
            value = self.go(program, value, promise, near)?;
        }
    }

    /// Signed prices that explain the goal's slopes at a program's start best,
    /// each variable weighted by its size.
    pub(crate) fn guess(&mut self, program: &Program) -> Vec<f64> {
        self.price_nothing(program);
        self.gather.clear();
        for (j, &y) in program.starts.iter().enumerate() {
            let v = program.variable(j);
            let slope = v.slope(y).min(STEEP);
            let (linear, curved) = v.dot(&self.net);
            let weight = y * y;
            self.gather.add(&v, slope, weight * (linear + slope * curved), weight);
        }
        let matrix = &mut self.kinks.matrix;
        self.gather.expand(&mut self.lacking, matrix);
        for r in 0..self.scales.len() {
            let diagonal = matrix.diagonal(r);
            matrix.add_diagonal(r, 0.1 * diagonal + f64::MIN_POSITIVE);
        }
        if !matrix.factor(program.stop) {
            return vec![0.0; self.scales.len()];
        }
        matrix.solve(&mut self.lacking);
        let finite = |price: f64| if price.is_finite() { price } else { 0.0 };
        let guesses = self.lacking.iter().zip(&self.scales);
        guesses.map(|(price, scale)| finite(*price) * scale / self.goal_scale).collect()
    }

    fn prices(&self) -> Vec<f64> {
        let rows = self.kinks.rows.iter().zip(&self.scales);
        rows.map(|(row, scale)| row.price * scale / self.goal_scale).collect()
    }

    fn begin(&mut self, program: &Program, prices: &[f64]) {
        self.evaluations = 0;
        self.curved.clear();
        self.kinks.clear();
        for j in 0..program.len() {
            let v = program.variable(j);
            match straight_slope(&v) {
                Some(slope) => self.kinks.straights.push(Straight::new(j, slope)),
                None => self.curved.push(Curved::new(j, program.starts[j], &v)),
            }
        }
        for (r, &scale) in self.scales.iter().enumerate() {
            let price = prices[r] * self.goal_scale / scale;
            let price = if price.abs() > NOTHING { price } else { 0.0 };
            self.kinks.rows.push(Row::new(program.lower[r] * scale, program.upper[r] * scale, price));
        }
    }

    /// The goal by itself as the slope of every column.
    fn price_nothing(&mut self, program: &Program) {
        self.gather.net(&program.goal, self.goal_scale, |_| 0.0, &mut self.net);
    }

    /// A figure that the goal does not fall below, whatever the variables are.
    fn least(&mut self, program: &Program) -> f64 {
        self.price_nothing(program);
        let least = |j: usize| {
            let v = program.variable(j);
            let (linear, worth) = v.dot(&self.net);
            let fallen = if worth < 0.0 { worth * v.risen(v.length()) } else { 0.0 };
            fallen + if linear < 0.0 { linear * v.length() } else { 0.0 }
        };
        (0..program.len()).map(least).sum()
    }

    /// The function at the rows' prices, its slopes, curvature and kinks; `None`
    /// if it has no value there or was evaluated too often.
    fn evaluate(&mut self, program: &Program, near: f64) -> Option<f64> {
        self.evaluations += 1;
        if self.evaluations > EVALUATIONS || program.stop.now() {
            return None;
        }
        let rows = &self.kinks.rows;
        self.gather.net(&program.goal, self.goal_scale, |r| rows[r].price, &mut self.net);
        self.columns.fill(0.0);
        self.gather.clear();
        self.kinks.resting.clear();
        let (mut total, mut missed, mut most) = (0.0, 0.0, 0.0_f64);
        let columns = &mut self.columns;
        for curved in &mut self.curved {
            let v = program.variable(curved.variable as usize);
            let (linear, worth) = v.dot(&self.net);
            let (reduced, inverse) = curved.respond(&v, linear, worth, near)?;
            let (y, risen) = (curved.y, curved.risen());
            let lacking = reduced * inverse;
            total += linear * y + worth * risen + 0.5 * reduced * lacking;
            v.each(y, risen, |column, change| columns[column] += change);
            if inverse > 0.0 {
                let share = (lacking / (v.segment.from + y).max(f64::MIN_POSITIVE)).abs();
                missed += (reduced * lacking).abs() * share;
                most = most.max(share);
                self.gather.add(&v, curved.slope(), lacking, inverse);
            } else {
                self.kinks.resting.extend(resting(curved, linear, worth));
            }
        }
        for straight in &mut self.kinks.straights {
            let v = program.variable(straight.variable as usize);
            let (linear, worth) = v.dot(&self.net);
            straight.reduced = linear + worth * straight.slope;
            if straight.place != Place::Free {
                straight.place = if straight.reduced > 0.0 { Place::High } else { Place::Low };
            }
            if straight.place == Place::High {
                let y = v.length();
                total += straight.reduced * y;
                v.each(y, straight.slope * y, |column, change| columns[column] += change);
            }
        }
        self.gather.expand(&mut self.lacking, &mut self.kinks.matrix);
        for (r, row) in self.kinks.rows.iter_mut().enumerate() {
            row.activity = self.gather.sum(r, &self.columns) + self.lacking[r];
            total += row.price * row.slack();
        }
        (self.missed, self.share) = (missed, most);
        total.is_finite().then_some(total)
    }

    /// Takes the model's step, as much of it as keeps its promise. The
    /// function's value there.
    fn go(&mut self, program: &Program, value: f64, promise: f64, near: f64) -> Option<f64> {
        self.before.clear();
        self.before.extend(self.kinks.rows.iter().map(|row| row.price));
        self.kinks.step(1.0);
        let keeps =
            |new: &f64, length: f64| *new <= value - KEEP * length * promise + ROUND_OFF * value.abs();
        if let Some(new) = self.evaluate(program, near).filter(|new| keeps(new, 1.0)) {
            return Some(new);
        }
        for length in RETREATS {
            for (row, &price) in self.kinks.rows.iter_mut().zip(&self.before) {
                row.price = price;
            }
            self.kinks.step(length);
            self.kinks.forget();
            if let Some(new) = self.evaluate(program, near).filter(|new| keeps(new, length)) {
                return Some(new);
            }
        }
        None
    }

    /// The program's optimum, to which the model's step leads.
    fn optimum(&mut self, program: &Program) -> Interior {
        self.kinks.step(1.0);
        let rows = &self.kinks.rows;
        self.gather.net(&program.goal, self.goal_scale, |r| rows[r].price, &mut self.net);
        let mut y = vec![0.0; program.len()];
        for curved in &self.curved {
            let j = curved.variable as usize;
            let v = program.variable(j);
            let (linear, worth) = v.dot(&self.net);
            y[j] = curved.after(&v, linear, worth);
        }
        self.kinks.fill(program, &mut y);
        Interior { y, prices: self.prices(), converged: true }
    }
}

/// A variable at an end of its stretch that may leave it.
fn resting(curved: &Curved, linear: f64, worth: f64) -> Option<Resting> {
    let (variable, slope, high) = (curved.variable, curved.slope(), curved.y > 0.0);
    let (reduced, inverse) = (linear + worth * slope, curved.inverse(worth));
    let rests = if high { reduced >= 0.0 } else { reduced <= 0.0 };
    (rests && inverse > 0.0).then_some(Resting { variable, high, slope, reduced, inverse, moves: false })
}

/// The slope of a variable that has the same all along.
fn straight_slope(v: &Variable) -> Option<f64> {
    let Some(line) = v.arc else { return Some(v.slope(0.0)) };
    let reach = v.length().min(line.typical_spend());
    let point = line.curve.point(v.segment.from + 0.5 * reach);
    (point.curvature == 0.0).then_some(point.marginal)
}

#[cfg(test)]
mod tests {
    use outlay_curves::Curve;
    use proptest::prelude::*;

    use super::*;
    use crate::certificate::region_bound;
    use crate::cover::Cover;
    use crate::hull::Hull;
    use crate::region::Region;
    use crate::relaxation::{Aim, Relaxation};
    use crate::rows::Rows;
    use crate::solvers::interior;
    use crate::{Fact, Goal, Limit, Line, Problem, Terms};

    const EXACT: f64 = 1e-10;

    /// Hill lines under a budget, a cap on the share of the first half, and a
    /// cap on what an outcome costs, in units of what it costs on the cheapest
    /// line of the second half.
    fn problem(lines: &[(f64, f64, f64)], budget: f64, share: f64, cost: f64) -> Problem {
        let line = |&(ceiling, k, shape): &(f64, f64, f64)| {
            Line::new(Curve::hill(ceiling, k, shape).unwrap(), 0.0, vec![Fact::Max(3.0 * k)])
        };
        let second = &lines[lines.len().div_ceil(2)..];
        let cheapest = second.iter().map(|(ceiling, k, _)| 2.0 * k / ceiling).fold(f64::INFINITY, f64::min);
        let lines: Vec<Line> = lines.iter().map(line).collect();
        let n = lines.len();
        let spend = Terms::default().with_spend(vec![1.0; n]);
        let first: Vec<f64> = (0..n).map(|i| f64::from(u8::from(2 * i < n))).collect();
        let response = Terms::default().with_response(vec![1.0; n]);
        let most: f64 = lines.iter().map(|l| l.domain().largest()).sum();
        let limits = vec![
            Limit::on(spend.clone(), None, Some(budget * most)),
            Limit::ratio(Terms::default().with_spend(first), spend.clone(), None, Some(share)),
            Limit::ratio(spend, response.clone(), None, Some(cost * cheapest)),
        ];
        Problem { lines, goal: Goal::Maximize(response), limits }
    }

    fn drawn() -> impl Strategy<Value = Problem> {
        let line = (1.0..10.0f64, 0.5..5.0f64, 0.6..3.0f64);
        let lines = prop::collection::vec(line, 2..9);
        (lines, 0.05..0.9f64, 0.3..0.9f64, 1.2..3.0f64)
            .prop_map(|(lines, budget, share, cost)| problem(&lines, budget, share, cost))
    }

    // One start in ten thousand leads nowhere, which the interior point makes up
    // for: other draws than the usual ones may fail here.

    /// Calls `with` with the relaxation of a problem's whole domain.
    fn relaxed<T>(problem: &Problem, with: impl FnOnce(&Relaxation) -> T) -> T {
        let Goal::Maximize(goal) = &problem.goal else { panic!("a goal to maximise") };
        let rows = Rows::new(problem, goal);
        let mut cover = Cover::with_capacity(problem.lines.len(), 2 * problem.lines.len());
        for line in &problem.lines {
            let range = (line.domain().least(), line.domain().largest());
            assert!(cover.push(&mut Hull::default(), line, range, None, None));
        }
        with(&Relaxation::new(problem, &rows, &cover, Aim::Best))
    }

    /// What a program's goal is worth at a point, and the largest relative excess of its rows.
    fn judged(program: &Program, y: &[f64]) -> (f64, f64) {
        let mut columns = vec![0.0; program.columns.len()];
        let mut sizes = columns.clone();
        for (j, &y) in y.iter().enumerate() {
            let v = program.variable(j);
            v.each(y, v.risen(y), |column, change| {
                columns[column] += change;
                sizes[column] += change.abs();
            });
        }
        let sum = |row: &[(usize, f64)]| row.iter().map(|&(c, w)| w * columns[c]).sum::<f64>();
        let excess = |r: usize| {
            let activity = sum(&program.rows[r]);
            (activity - program.upper[r]).max(program.lower[r] - activity) / program.row_size(r, &sizes)
        };
        (sum(&program.goal), (0..program.rows.len()).map(excess).fold(0.0, f64::max))
    }

    /// What signed prices prove of a problem by the lines' best responses.
    fn proven(problem: &Problem, signed: &[f64]) -> f64 {
        let Goal::Maximize(goal) = &problem.goal else { panic!("a goal to maximise") };
        let prices = Rows::new(problem, goal).prices(signed, problem.limits.len());
        region_bound(problem, Some(goal), &prices, &Region::whole(problem))
    }

    fn solved(dual: &mut Dual, program: &Program, prices: &[f64]) -> Interior {
        match dual.solve(program, prices, EXACT, f64::NEG_INFINITY) {
            Some(Found::Point(interior)) => interior,
            other => panic!("no optimum: {other:?}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn optima_are_proven_and_no_worse_than_the_interior_points(problem in drawn()) {
            relaxed(&problem, |relaxation| {
                let program = &relaxation.program;
                let mut dual = Dual::new(program);
                let start = dual.guess(program);
                let found = solved(&mut dual, program, &start);
                let (value, excess) = judged(program, &found.y);
                let (other, _) = judged(program, &interior::solve(program, 1e-9).y);
                prop_assert!(excess <= 1e-9, "excess {excess:e}");
                prop_assert!(value >= other * (1.0 - 1e-7), "{value}, less than {other}");
                let bound = proven(&problem, &found.prices);
                prop_assert!(bound <= value * (1.0 + 1e-7), "{bound} proven, {value} found");
                Ok(())
            })?;
        }

        #[test]
        fn what_is_below_a_target_is(problem in drawn(), share in 0.9..1.1f64) {
            relaxed(&problem, |relaxation| {
                let program = &relaxation.program;
                let mut dual = Dual::new(program);
                let start = dual.guess(program);
                let best = judged(program, &solved(&mut dual, program, &start).y).0;
                let target = share * best;
                match dual.solve(program, &start, EXACT, target) {
                    Some(Found::Below(prices)) => {
                        prop_assert!(best <= target * (1.0 + 1e-9), "{best} over {target}");
                        prop_assert!(prices.iter().all(|p| p.is_finite()));
                    }
                    Some(Found::Point(_)) => prop_assert!(best >= target * (1.0 - 1e-9)),
                    None => prop_assert!(false, "neither"),
                }
                Ok(())
            })?;
        }

        #[test]
        fn a_start_at_the_end_takes_next_to_nothing(problem in drawn()) {
            relaxed(&problem, |relaxation| {
                let program = &relaxation.program;
                let mut dual = Dual::new(program);
                let start = dual.guess(program);
                let first = solved(&mut dual, program, &start);
                let again = solved(&mut dual, program, &first.prices);
                prop_assert!(dual.evaluations <= 6, "{} evaluations", dual.evaluations);
                let (first, again) = (judged(program, &first.y).0, judged(program, &again.y).0);
                prop_assert!((first - again).abs() <= 1e-9 * first);
                Ok(())
            })?;
        }
    }

    #[test]
    fn contradictions_fall_below_anything_a_plan_is_worth() {
        // Two lines cannot both have more than half.
        let mut problem = problem(&[(5.0, 1.0, 2.0), (4.0, 1.0, 0.8)], 0.5, 0.4, 3.0);
        let spend = Terms::default().with_spend(vec![1.0; 2]);
        let second = Terms::default().with_spend(vec![0.0, 1.0]);
        problem.limits.push(Limit::ratio(second, spend.clone(), None, Some(0.4)));
        problem.limits.push(Limit::on(spend, Some(0.5), None));
        relaxed(&problem, |relaxation| {
            let program = &relaxation.program;
            let mut dual = Dual::new(program);
            let start = dual.guess(program);
            let found = dual.solve(program, &start, EXACT, f64::NEG_INFINITY);
            assert!(matches!(found, Some(Found::Below(_))), "{found:?}");
        });
    }
}
