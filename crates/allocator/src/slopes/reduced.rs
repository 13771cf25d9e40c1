//! Slopes in what can be chosen alone: a stock follows from spends by its
//! equation, so what the stock earns is earned by the spends.

use crate::{Coefficients, Line, Problem, Terms};

/// Slopes of one quantity, line by line, and the sums of their absolute parts.
pub(super) struct Slopes {
    pub(super) slope: Vec<f64>,
    pub(super) size: Vec<f64>,
}

/// One equation at a plan: what its line changes by for a unit of each other.
struct Equation {
    given: usize,
    from: Vec<(usize, f64)>,
}

/// Equations at a plan that are solved for the line which each gives.
pub(super) struct Equations(Vec<Equation>);

impl Equations {
    /// The equations whose lines can follow, being `free`; and whether each
    /// limit is one of them.
    pub(super) fn find(problem: &Problem, spends: &[f64], free: &[bool]) -> (Self, Vec<bool>) {
        let mut own = vec![false; problem.limits.len()];
        let mut found: Vec<Equation> = Vec::new();
        let mut given_by = vec![false; problem.lines.len()];
        for (r, limit) in problem.limits.iter().enumerate() {
            let Some((_, (given, last), rest)) = limit.gives() else { continue };
            let at = |i: usize, c: &Coefficients| slope(&problem.lines[i], spends[i], c);
            let by = at(*given, last);
            if by == 0.0 || !free[*given] || given_by[*given] {
                continue;
            }
            (own[r], given_by[*given]) = (true, true);
            found.push(Equation {
                given: *given,
                from: rest.iter().map(|(i, c)| (*i, -at(*i, c) / by)).collect(),
            });
        }
        // An equation gives its last line: the later ones first.
        found.sort_by_key(|e| std::cmp::Reverse(e.given));
        (Equations(found), own)
    }

    /// The slopes of a quantity with stocks following.
    pub(super) fn slopes(&self, problem: &Problem, spends: &[f64], terms: &Terms) -> Slopes {
        let parts = |(i, (line, &x)): (usize, (&Line, &f64))| {
            let c = terms.of(i);
            (slope(line, x, &c), size(line, x, &c))
        };
        let (mut slope, mut size): (Vec<f64>, Vec<f64>) =
            problem.lines.iter().zip(spends).enumerate().map(parts).unzip();
        for equation in &self.0 {
            let (pull, all) = (slope[equation.given], size[equation.given]);
            for &(i, by) in &equation.from {
                slope[i] += pull * by;
                size[i] += all * by.abs();
            }
        }
        Slopes { slope, size }
    }

    /// True for lines that an equation gives.
    pub(super) fn give(&self, line: usize) -> bool {
        self.0.binary_search_by_key(&std::cmp::Reverse(line), |e| std::cmp::Reverse(e.given)).is_ok()
    }
}

fn parts(line: &Line, x: f64, c: &Coefficients) -> [f64; 3] {
    let earned = if c.response == 0.0 { 0.0 } else { c.response * line.curve.marginal(x) };
    [c.spend, earned, c.moved * if x < line.current { -1.0 } else { 1.0 }]
}

/// A quantity's slope in one line's spend.
pub(super) fn slope(line: &Line, x: f64, c: &Coefficients) -> f64 {
    parts(line, x, c).iter().sum()
}

/// The sum of the absolute parts of that.
pub(super) fn size(line: &Line, x: f64, c: &Coefficients) -> f64 {
    parts(line, x, c).iter().map(|part| part.abs()).sum()
}
