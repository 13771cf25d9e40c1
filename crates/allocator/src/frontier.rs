//! The best value as a function of one number of the problem.
//!
//! The number is sampled until the straight line between neighbouring samples
//! is proven to lie within the gap asked for, and wherever what holds the plan
//! in place changes, the change is cornered by bisection.

mod envelope;
mod hold;
mod marginal;
mod reach;
mod sweep;
mod wide;

pub use hold::{Hold, Shift, Side};
pub use sweep::Sweep;

use crate::{Options, Problem, ProblemError, Solution, Status, solve};
use envelope::deviation;
use hold::{Signature, shifts};
use marginal::marginal;

/// The value over a range of numbers.
#[derive(Debug, Clone)]
pub struct Frontier {
    /// Samples by rising number, each with its certificate.
    pub points: Vec<Point>,
    /// Where what holds the plan in place changes.
    pub breakpoints: Vec<Breakpoint>,
    /// Largest relative distance of the true value from the straight line
    /// between samples (apart from the breakpoints' own widths).
    pub gap: f64,
    /// Whether `gap` is proven. If the number enters otherwise than linearly it
    /// is an estimate from re-solving in between.
    pub certified: bool,
    /// Problems solved.
    pub solves: usize,
    /// False if the samples ran out before the gap was reached or a change was
    /// cornered.
    pub complete: bool,
}

/// The solution at one number.
#[derive(Debug, Clone)]
pub struct Point {
    /// The number.
    pub at: f64,
    /// What was found and proven there.
    pub solution: Solution,
    /// Change of the value per unit of the number, where it is known.
    pub marginal: Option<f64>,
    signature: Option<Signature>,
}

/// A change of what holds the plan in place, between two neighbouring numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakpoint {
    /// Before the change.
    pub low: f64,
    /// After it.
    pub high: f64,
    /// What changes.
    pub shifts: Vec<Shift>,
}

/// Samples to begin with.
const FIRST: usize = 33;
/// How closely a change is cornered, relative to the range.
const CORNER: f64 = 1e-9;
/// Changes closer than this, relative to the range, are told as one.
const MERGED: f64 = 1e-6;
/// Rounds of splitting; a change is cornered in 30.
const ROUNDS: usize = 100;
/// Stretches split in one round because they are not close enough.
const AT_ONCE: usize = 64;

/// Traces the value of the problems that `at` gives, from one number to another.
/// Where `watch` changes its mind is cornered like any other change.
///
/// # Errors
/// What `at` fails with.
pub fn frontier<E: From<ProblemError>>(
    at: impl Fn(f64) -> Result<Problem, E>,
    span: &Sweep,
    watch: impl Fn(&Point) -> bool,
) -> Result<Frontier, E> {
    let ends = [at(span.from)?, at(span.to)?];
    // Where time is up already nothing more can be proven.
    let certified = !(span.options.stop)() && envelope::is_affine(&at, span, &ends)?;
    let gap = span.options.gap.unwrap_or_else(|| match &ends[0] {
        flown if flown.is_flown() => flown.default_gap(),
        concave if concave.is_concave() => 1e-9,
        _ => 1e-7,
    });
    let options = Options { gap: Some(gap), ..span.options };
    let mut trace = Trace { at, watch, span, options, ends, certified, nodes: Vec::new(), solves: 0 };
    trace.begin()?;
    let complete = trace.refine()?;
    trace.thin();
    Ok(trace.finish(complete))
}

struct Trace<'a, F, W> {
    at: F,
    watch: W,
    span: &'a Sweep<'a>,
    options: Options<'a>,
    ends: [Problem; 2],
    certified: bool,
    nodes: Vec<Node>,
    solves: usize,
}

/// A sample, and what is known about the stretch up to the next one.
struct Node {
    point: Point,
    problem: Problem,
    watched: bool,
    deviation: f64,
}

impl<E: From<ProblemError>, F: Fn(f64) -> Result<Problem, E>, W: Fn(&Point) -> bool> Trace<'_, F, W> {
    fn node(&mut self, number: f64) -> Result<Node, E> {
        let problem = (self.at)(number)?;
        let solution = solve(&problem, &self.options)?;
        self.solves += 1;
        let signature = Signature::new(&problem, &solution);
        let marginal = if self.certified {
            marginal(&self.at, (&self.ends, self.span), (number, &problem), &solution)?
        } else {
            None
        };
        let point = Point { at: number, solution, marginal, signature };
        let watched = (self.watch)(&point);
        Ok(Node { point, problem, watched, deviation: f64::INFINITY })
    }

    /// Both ends, then what lies between at ever smaller steps, so that what is
    /// known when time runs out covers the whole range.
    fn begin(&mut self) -> Result<(), E> {
        let (from, to) = (self.span.from, self.span.to);
        let mut step = FIRST - 1;
        for k in [0, FIRST - 1] {
            let node = self.node(if k == 0 { from } else { to })?;
            self.nodes.push(node);
        }
        while step > 1 && !(self.options.stop)() {
            step /= 2;
            for k in (step..FIRST).step_by(2 * step) {
                if (self.options.stop)() {
                    break;
                }
                let share = k as f64 / (FIRST - 1) as f64;
                let node = self.node(from + (to - from) * share)?;
                let place = self.nodes.partition_point(|n| (n.point.at < node.point.at) == (from < to));
                self.nodes.insert(place, node);
            }
        }
        for k in 0..self.nodes.len() - 1 {
            self.nodes[k].deviation = self.deviation(k);
        }
        Ok(())
    }

    /// How far the value may be from the line to the next sample; where this
    /// cannot be proven, nothing is known before something is solved between.
    fn deviation(&self, k: usize) -> f64 {
        if self.certified { between(&self.nodes[k], &self.nodes[k + 1]) } else { f64::INFINITY }
    }

    /// Splits stretches until each is either close enough or too short to
    /// matter; false if the samples run out.
    fn refine(&mut self) -> Result<bool, E> {
        for _ in 0..ROUNDS {
            let wanting = self.most_wanting();
            if wanting.is_empty() {
                return Ok(true);
            }
            let old = std::mem::take(&mut self.nodes);
            let mut wanting = wanting.into_iter().peekable();
            let mut touched = Vec::new();
            let mut before: Option<f64> = None;
            for (k, node) in old.into_iter().enumerate() {
                if let Some(from) = before.take() {
                    if self.solves >= self.span.solves || (self.options.stop)() {
                        wanting.by_ref().for_each(drop);
                    } else {
                        let middle = self.node(from + 0.5 * (node.point.at - from))?;
                        touched.push(self.nodes.len());
                        self.nodes.push(middle);
                    }
                }
                if wanting.peek() == Some(&k) {
                    wanting.next();
                    before = Some(node.point.at);
                }
                self.nodes.push(node);
            }
            if touched.is_empty() {
                return Ok(false);
            }
            for k in touched {
                self.judge(k);
            }
        }
        Ok((0..self.nodes.len() - 1).all(|k| !self.wants_split(k)))
    }

    /// Updates the stretches on either side of a new sample.
    fn judge(&mut self, k: usize) {
        if self.certified {
            (self.nodes[k - 1].deviation, self.nodes[k].deviation) =
                (self.deviation(k - 1), self.deviation(k));
            return;
        }
        let value = |k: usize| self.nodes[k].point.solution.plan.as_ref().map(|p| p.value);
        let measured = match (value(k - 1), value(k), value(k + 1)) {
            (Some(a), Some(m), Some(b)) => (m - 0.5 * (a + b)).abs() / m.abs().max(f64::MIN_POSITIVE),
            _ => 0.0,
        };
        // The error of a chord falls to a quarter with half its length where the
        // value is smooth, and not at all at a jump.
        (self.nodes[k - 1].deviation, self.nodes[k].deviation) = (measured, measured);
    }

    /// The stretches to split next: all with a change to corner, and of the
    /// others those that are farthest off, so that where the gap cannot be
    /// reached it is at least the same everywhere.
    fn most_wanting(&self) -> Vec<usize> {
        let all = (0..self.nodes.len() - 1).filter(|&k| self.wants_split(k));
        let (mut wanting, mut far): (Vec<usize>, Vec<usize>) = all.partition(|&k| self.changes(k));
        far.sort_by(|&a, &b| self.nodes[b].deviation.total_cmp(&self.nodes[a].deviation).then(a.cmp(&b)));
        wanting.extend(far.into_iter().take(AT_ONCE));
        wanting.sort_unstable();
        wanting
    }

    fn width(&self, k: usize) -> f64 {
        self.nodes[k + 1].point.at - self.nodes[k].point.at
    }

    fn wants_split(&self, k: usize) -> bool {
        // No more samples help where the plans themselves are not proven closely.
        let own = self.own_gap(k).max(self.own_gap(k + 1));
        let far = self.nodes[k].deviation > self.span.gap.max(3.0 * own);
        self.width(k) > self.tiny() && (far || self.changes(k))
    }

    /// What is left to prove about a sample itself.
    fn own_gap(&self, k: usize) -> f64 {
        let solution = &self.nodes[k].point.solution;
        match solution.status {
            Status::Undetermined => f64::INFINITY,
            _ if solution.plan.is_some() => solution.certificate.gap,
            _ => 0.0,
        }
    }

    /// Whether something changes on the way to the next sample.
    fn changes(&self, k: usize) -> bool {
        let (a, b) = (&self.nodes[k], &self.nodes[k + 1]);
        a.point.signature != b.point.signature || a.watched != b.watched
    }

    /// Leaves out samples that the gap does not need: bisection makes many.
    fn thin(&mut self) {
        let step = (self.span.to - self.span.from) / (FIRST - 1) as f64;
        let needed = |k: usize| {
            let steps = (self.nodes[k].point.at - self.span.from) / step;
            let corner = (k > 0 && self.corners(k - 1)) || (k + 1 < self.nodes.len() && self.corners(k));
            corner || (steps - steps.round()).abs() < 1e-9
        };
        let needed: Vec<bool> = (0..self.nodes.len()).map(needed).collect();
        let mut k = 1;
        let mut kept: Vec<Node> = Vec::with_capacity(self.nodes.len());
        let mut old = std::mem::take(&mut self.nodes).into_iter();
        kept.extend(old.next());
        let mut rest = old.peekable();
        while let Some(node) = rest.next() {
            let spare = !needed.get(k).copied().unwrap_or(true) && self.certified;
            k += 1;
            if spare && let (Some(last), Some(next)) = (kept.last_mut(), rest.peek()) {
                let over = between(last, next);
                if over <= self.span.gap {
                    last.deviation = over;
                    continue;
                }
            }
            kept.push(node);
        }
        self.nodes = kept;
    }

    /// Whether a change or a jump was cornered between a sample and the next.
    fn corners(&self, k: usize) -> bool {
        let jump = self.width(k) <= self.tiny() && self.nodes[k].deviation > self.span.gap;
        self.changes(k) || jump
    }

    fn tiny(&self) -> f64 {
        CORNER * (self.span.to - self.span.from)
    }

    fn finish(self, complete: bool) -> Frontier {
        let near = MERGED * (self.span.to - self.span.from);
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut gap: f64 = 0.0;
        for k in 0..self.nodes.len().saturating_sub(1) {
            if self.width(k) > near {
                gap = gap.max(self.nodes[k].deviation);
            }
            if !self.corners(k) {
                continue;
            }
            match spans.last_mut() {
                Some(last) if self.nodes[k].point.at - self.nodes[last.1].point.at <= near => last.1 = k + 1,
                _ => spans.push((k, k + 1)),
            }
        }
        let point = |k: usize| &self.nodes[k].point;
        let breakpoint = |&(a, b): &(usize, usize)| {
            let mut shifts = shifts(point(a).signature.as_ref(), point(b).signature.as_ref());
            let jump = (a..b).any(|k| self.nodes[k].deviation > self.span.gap);
            if jump && shifts.is_empty() {
                shifts.push(Shift::Jump);
            }
            (!shifts.is_empty()).then(|| Breakpoint { low: point(a).at, high: point(b).at, shifts })
        };
        let breakpoints = spans.iter().filter_map(breakpoint).collect();
        let (certified, solves) = (self.certified, self.solves);
        let complete = complete && gap <= self.span.gap;
        let points = self.nodes.into_iter().map(|n| n.point).collect();
        Frontier { points, breakpoints, gap, certified, solves, complete }
    }
}

/// How far the value may be from the straight line between two samples.
fn between(a: &Node, b: &Node) -> f64 {
    deviation((&a.problem, &a.point.solution), (&b.problem, &b.point.solution))
}
