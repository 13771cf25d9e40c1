//! From spends that break limits to near ones that keep them, on the curves
//! themselves: where a limit caps what curves return, no concave stretch is on
//! its safe side, and rounding to stretches finds no plan.

use crate::options::Stop;
use crate::region::Region;
use crate::solvers::dense::Dense;
use crate::terms::Evaluated;
use crate::{Limit, Line, Problem, Terms};

/// Steps towards the limits that are broken.
const STEPS: usize = 25;
/// Lines times limits of a problem whose plans are mended, at most.
const WORK: usize = 100_000;
/// Lines times limits squared, which is what a step costs, over a search.
const EFFORT: usize = 200_000_000;
/// What a limit is to be kept by, of its terms.
const INSIDE: f64 = 1e-11;
/// Attempts of one search, at most.
const ATTEMPTS: usize = 400;

/// A side of a limit.
#[derive(Clone, Copy)]
struct Side<'p> {
    limit: &'p Limit,
    number: f64,
    /// 1 for a largest number, -1 for a least.
    sign: f64,
}

impl Side<'_> {
    /// By how much the side is broken (below 0: kept), in units of its terms.
    fn broken(&self, outcome: &Evaluated) -> f64 {
        let (value, size) = self.limit.numerator.measure_in(outcome);
        let (below, base) = self.limit.denominator.as_ref().map_or((1.0, 1.0), |d| d.measure_in(outcome));
        let scale = 0.5 * (size + self.number.abs() * base);
        let excess = self.sign * (value - self.number * below);
        if scale > 0.0 { excess / scale + INSIDE } else { excess }
    }

    /// The slope of that in one line's spend, in units of `scale`.
    fn slope(&self, i: usize, line: &Line, x: f64) -> f64 {
        let c = self.limit.numerator.of(i);
        let d = self.limit.denominator.as_ref().map_or_else(Default::default, |d| d.of(i));
        let (spend, response) = (c.spend - self.number * d.spend, c.response - self.number * d.response);
        let earned = if response == 0.0 { 0.0 } else { response * line.curve.marginal(x) };
        self.sign * (spend + earned)
    }

    fn scale(&self, outcome: &Evaluated) -> f64 {
        let base = self.limit.denominator.as_ref().map_or(1.0, |d| d.measure_in(outcome).1);
        0.5 * (self.limit.numerator.measure_in(outcome).1 + self.number.abs() * base)
    }
}

/// True if a limit caps what lines return, so that near plans are to be looked for.
fn caps_outcomes(problem: &Problem) -> bool {
    let lines = 0..problem.lines.len();
    let earns = |t: &Terms| t.response.is_some() || t.few().iter().any(|(_, c)| c.response != 0.0);
    let counted = |l: &Limit, sign: f64, number: f64| {
        lines.clone().any(|i| {
            let below = l.denominator.as_ref().map_or(0.0, |d| d.of(i).response);
            sign * (l.numerator.of(i).response - number * below) > 0.0
        })
    };
    problem.limits.iter().filter(|l| earns(&l.numerator) || l.denominator.as_ref().is_some_and(earns)).any(
        |l| l.max.is_some_and(|max| counted(l, 1.0, max)) || l.min.is_some_and(|min| counted(l, -1.0, min)),
    )
}

/// Looks for plans near spends that are none, some times over a search.
pub(super) struct Mend {
    left: usize,
}

impl Mend {
    /// No attempt is made where rounding to stretches finds plans.
    pub(super) fn new(problem: &Problem) -> Self {
        let (lines, limits) = (problem.lines.len(), problem.limits.len());
        let left = if lines * limits <= WORK && caps_outcomes(problem) {
            (EFFORT / (lines * limits * limits).max(1)).clamp(1, ATTEMPTS)
        } else {
            0
        };
        Mend { left }
    }

    /// A plan near spends that are none, if there are attempts left.
    pub(super) fn near(&mut self, problem: &Problem, region: &Region, spends: &[f64]) -> Option<Vec<f64>> {
        self.left = self.left.checked_sub(1)?;
        near(problem, region, spends)
    }
}

/// Spends near others at which every limit is kept: the shortest way to where
/// the limits broken so far are met, step by step.
fn near(problem: &Problem, region: &Region, spends: &[f64]) -> Option<Vec<f64>> {
    let lines = &problem.lines;
    let side = |limit, number, sign| Side { limit, number, sign };
    let sides: Vec<Side> = problem
        .limits
        .iter()
        .flat_map(|l| [l.max.map(|n| side(l, n, 1.0)), l.min.map(|n| side(l, n, -1.0))])
        .flatten()
        .collect();
    let mut x: Vec<f64> = lines.iter().zip(spends).map(|(line, &x)| line.domain().nearest(x)).collect();
    // Where each line may go without a jump.
    let room: Vec<(f64, f64)> = (0..x.len())
        .map(|i| {
            let spans = lines[i].domain().spans();
            let own = spans.iter().find(|s| s.step == 0.0 && s.from <= x[i] && x[i] <= s.to);
            let (low, high) = own.map_or((x[i], x[i]), |s| (s.from, s.to));
            (low.max(region.low[i]).min(x[i]), high.min(region.high[i]).max(x[i]))
        })
        .collect();
    let all: f64 = x.iter().sum();
    let reach = |i: usize| {
        let wide = room[i].1 - room[i].0;
        wide.min(all + lines[i].typical_spend())
    };
    let mut met = vec![false; sides.len()];
    for _ in 0..STEPS {
        let outcome = Evaluated::new(lines, &x);
        let broken: Vec<f64> = sides.iter().map(|side| side.broken(&outcome)).collect();
        if broken.iter().all(|b| *b <= INSIDE) {
            return Some(x);
        }
        met.iter_mut().zip(&broken).for_each(|(met, b)| *met |= *b > INSIDE);
        // A limit met before and kept by far now is no longer in the way.
        let rows: Vec<usize> = (0..sides.len()).filter(|&r| met[r] && broken[r] > -1e-3).collect();
        let scales: Vec<f64> = rows.iter().map(|&r| sides[r].scale(&outcome)).collect();
        let mut held = vec![false; x.len()];
        let mut step = vec![0.0; x.len()];
        // Lines that would leave their room stay where they are, once more without them.
        for _ in 0..3 {
            let weight = |i: usize| if held[i] { 0.0 } else { reach(i).powi(2) };
            let slopes: Vec<Vec<f64>> = rows
                .iter()
                .zip(&scales)
                .map(|(&r, scale)| (0..x.len()).map(|i| sides[r].slope(i, &lines[i], x[i]) / scale).collect())
                .collect();
            let mut matrix = Dense::new(rows.len());
            for a in 0..rows.len() {
                for b in 0..=a {
                    let sum: f64 = (0..x.len()).map(|i| slopes[a][i] * slopes[b][i] * weight(i)).sum();
                    matrix.set(a, b, if a == b { sum * (1.0 + 1e-12) + 1e-12 } else { sum });
                }
            }
            let mut pull: Vec<f64> = rows.iter().map(|&r| -broken[r]).collect();
            if !matrix.factor(Stop::NEVER) {
                return None;
            }
            matrix.solve(&mut pull);
            step = (0..x.len())
                .map(|i| weight(i) * slopes.iter().zip(&pull).map(|(row, p)| row[i] * p).sum::<f64>())
                .collect();
            let leaves = |i: usize| step[i] < 0.0 && x[i] <= room[i].0 || step[i] > 0.0 && x[i] >= room[i].1;
            let out: Vec<usize> = (0..x.len()).filter(|&i| !held[i] && leaves(i)).collect();
            if out.is_empty() {
                break;
            }
            out.into_iter().for_each(|i| held[i] = true);
        }
        if step.iter().any(|s| !s.is_finite()) || step.iter().all(|s| *s == 0.0) {
            return None;
        }
        for (i, x) in x.iter_mut().enumerate() {
            *x = (*x + step[i].clamp(-0.3 * reach(i), 0.3 * reach(i))).clamp(room[i].0, room[i].1);
        }
    }
    None
}
