//! The allocator judged by means that share no code with its solvers.

mod audiences;
mod certificates;
mod certified;
mod chosen;
mod classes;
mod conflict;
mod conformance;
mod degenerate;
mod drawn;
mod flights;
mod frontier;
mod groups;
mod infeasible;
mod laws;
mod least_moved;
mod many;
mod oracles;
mod plans;
mod pooled;
mod pools;
mod prices;
mod risk;
mod stopped;
mod sweeps;
mod tangents;

use outlay_allocator::{Deal, Fact, Goal, Limit, Line, Problem, Terms};

/// A quantity at the given spends and the sum of its absolute terms, as written.
fn measure(terms: &Terms, lines: &[Line], spends: &[f64]) -> (f64, f64) {
    let (mut total, mut size) = (terms.constant, terms.constant.abs());
    for (i, (line, &x)) in lines.iter().zip(spends).enumerate() {
        let c = terms.of(i);
        let mut term = c.spend * x + c.moved * (x - line.current).abs();
        if c.response != 0.0 {
            term += c.response * line.curve.value(x);
        }
        if x > 0.0 {
            term += c.active;
        }
        total += term;
        size += term.abs();
    }
    (total, size)
}

/// A quantity at the given spends.
pub(crate) fn evaluate(terms: &Terms, lines: &[Line], spends: &[f64]) -> f64 {
    measure(terms, lines, spends).0
}

/// The goal at the given spends: maximised, or a ratio to minimise.
pub(crate) fn worth(problem: &Problem, spends: &[f64]) -> f64 {
    match &problem.goal {
        Goal::Maximize(terms) => evaluate(terms, &problem.lines, spends),
        Goal::MinimizeRatio { numerator, denominator } => {
            evaluate(numerator, &problem.lines, spends) / evaluate(denominator, &problem.lines, spends)
        }
    }
}

/// Largest relative excess over any limit: over the limit itself or what cancels
/// in it, or, for a ratio or a limit of 0, over half the absolute terms.
pub(crate) fn excess(problem: &Problem, spends: &[f64]) -> f64 {
    let of = |limit: &Limit| -> f64 {
        let (value, size) = measure(&limit.numerator, &problem.lines, spends);
        let (base, base_size) =
            limit.denominator.as_ref().map_or((1.0, 1.0), |d| measure(d, &problem.lines, spends));
        let relative = |over: f64, number: f64| {
            let plain = limit.denominator.is_none() && number != 0.0;
            let scale = if plain {
                number.abs().max(0.5 * (size - value.abs()))
            } else {
                0.5 * (size + number.abs() * base_size)
            };
            if over <= 0.0 { 0.0 } else { over / scale }
        };
        let over = limit.max.map_or(0.0, |max| relative(value - max * base, max));
        over.max(limit.min.map_or(0.0, |min| relative(min * base - value, min)))
    };
    problem.limits.iter().map(of).fold(0.0, f64::max)
}

/// True if a spend obeys a line's facts to one part in 10^9.
pub(crate) fn obeys(line: &Line, x: f64) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    x >= 0.0
        && x.is_finite()
        && x <= line.curve.last_spend() * (1.0 + 1e-9)
        && line.facts.iter().all(|fact| match *fact {
            Fact::Min(min) => x >= min * (1.0 - 1e-9),
            Fact::Max(max) => x <= max.max(line.spent()) * (1.0 + 1e-9),
            Fact::Past { spent, over } => x >= spent && (!over || x == spent),
            Fact::Deal(Deal::Flat(price)) => x == 0.0 || near(x, price),
            Fact::Deal(Deal::AtLeast(least)) => x == 0.0 || x >= least * (1.0 - 1e-9),
            Fact::Deal(Deal::Lots(lot)) => near(x, (x / lot).round() * lot),
            Fact::Marginal { least, .. } => {
                let slope = |x: f64| line.curve.marginal(x);
                x == 0.0
                    || slope(x).max(slope(x * (1.0 - 1e-9))).max(slope(x * (1.0 + 1e-9)))
                        >= least * (1.0 - 1e-6)
            }
        })
}

/// How many seeds to draw: `usual`, times the environment's `OUTLAY_SEEDS`.
pub(crate) fn seeds(usual: u64) -> std::ops::Range<u64> {
    let times = std::env::var("OUTLAY_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    0..usual * times
}
