//! The classes of plans that are timed, all from the generator of the tests.

use outlay_allocator::{Deal, Fact, Limit, Line, Options, Problem, Terms, solve};
use outlay_curves::Curve;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::plans::{cap_cac, draw};

/// What a plan consists of. Four stages with share floors and caps, a budget
/// and a binding blended CAC in every class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Hill curves with shapes 0.6 to 1.
    Concave,
    /// 60% of the Hill curves with shapes 1.2 to 3.5.
    SShaped,
    /// Nine families in turn, three of them S-shaped or tabulated.
    Mixed,
    /// Concave Hill lines, every fifth a flat price, a least buy or lots.
    Deals,
    /// Concave Hill lines with 44 more limits on spend by overlapping groups.
    FiftyLimits,
}

/// All of them, in the order of the tables.
pub(crate) const CLASSES: [Class; 5] =
    [Class::Concave, Class::SShaped, Class::Mixed, Class::Deals, Class::FiftyLimits];

impl Class {
    /// Its name in tables and on command lines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Concave => "concave",
            Class::SShaped => "s-shaped",
            Class::Mixed => "mixed",
            Class::Deals => "deals",
            Class::FiftyLimits => "50 limits",
        }
    }

    /// Groups of a fifth of the lines limit little when there are few.
    pub(crate) fn makes_sense_at(self, lines: usize) -> bool {
        self != Class::FiftyLimits || lines >= 100
    }

    /// A random plan of this class.
    pub(crate) fn problem(self, lines: usize, seed: u64) -> Problem {
        match self {
            Class::Concave => draw(lines, 0.0, seed).problem(),
            Class::SShaped => draw(lines, 0.6, seed).problem(),
            Class::Mixed => cap_cac(with_lines(draw(lines, 0.0, seed).without_cac(), mixed)),
            Class::Deals => cap_cac(with_lines(draw(lines, 0.0, seed).without_cac(), sold)),
            Class::FiftyLimits => cap_cac(with_groups(draw(lines, 0.0, seed).without_cac(), seed)),
        }
    }
}

fn with_lines(mut problem: Problem, change: impl Fn(usize, &Line) -> Line) -> Problem {
    problem.lines = problem.lines.iter().enumerate().map(|(i, line)| change(i, line)).collect();
    problem
}

/// The line with a curve of another family, of the same ceiling and scale.
fn mixed(index: usize, line: &Line) -> Line {
    let (v, k) = (line.curve.ceiling(), line.current / 0.8);
    let curve = match index % 9 {
        0 => Curve::michaelis_menten(v, k),
        1 => Curve::exponential(v, 1.5 * k),
        2 => Curve::logistic(v, 0.8 * k),
        3 => Curve::s_logistic(v, k, 4.0 / k),
        4 => Curve::power(0.5 * v / k.powf(0.6), 0.6),
        5 => Curve::log(0.7 * v, k),
        6 => Curve::table(&measured(v, k)),
        7 => Curve::hill(v, k, 2.0),
        _ => return line.clone(),
    };
    curve.map_or_else(|_| line.clone(), |curve| Line::new(curve, line.current, line.facts.clone()))
}

/// An S-shaped curve measured at twelve spends up to the line's maximum.
fn measured(v: f64, k: f64) -> Vec<(f64, f64)> {
    let at = |i: u32| 2.5 * k * f64::from(i) / 12.0;
    (1..=12).map(|i| (at(i), v * at(i).powi(2) / (k * k + at(i).powi(2)))).collect()
}

/// Every fifth line as a deal.
fn sold(index: usize, line: &Line) -> Line {
    let k = line.current / 0.8;
    let deal = match index % 15 {
        0 => Deal::Flat(0.8 * k),
        5 => Deal::AtLeast(0.5 * k),
        10 => Deal::Lots(0.25 * k),
        _ => return line.clone(),
    };
    line.with_facts(vec![Fact::Max(2.5 * k), Fact::Deal(deal)])
}

/// Limits on the spend of 44 random groups around a plan without them: the
/// first half capped a little below it, the others with a floor far below.
fn with_groups(mut problem: Problem, seed: u64) -> Problem {
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x5eed);
    let cac = problem.limits.pop();
    let options = Options { gap: Some(1e-3), ..Options::default() };
    let free = solve(&problem, &options).ok().and_then(|s| s.plan).map(|p| p.spends).unwrap_or_default();
    for group in 0..44 {
        let members: Vec<f64> =
            problem.lines.iter().map(|_| f64::from(u8::from(rng.random::<f64>() < 0.2))).collect();
        let spent: f64 = members.iter().zip(&free).map(|(m, x)| m * x).sum();
        let (min, max) = if group < 22 { (None, Some(0.97 * spent)) } else { (Some(0.6 * spent), None) };
        problem.limits.push(Limit::on(Terms::default().with_spend(members), min, max));
    }
    problem.limits.extend(cac);
    problem
}
