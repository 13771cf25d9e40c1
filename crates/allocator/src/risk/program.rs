//! The concave program of one region: rows, groups of draws, bounds.

use super::{Measure, Risky};
use crate::{Coefficients, Goal, Terms};

/// `constant + sum_i spend_i x_i + response_i f_i(x_i)`, to be at least 0 (a
/// row) or as large as possible (the goal).
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) constant: f64,
    pub(super) of: Vec<Coefficients>,
    /// Limit and side (true: `max`) behind it.
    pub(super) limit: Option<(usize, bool)>,
    /// Of an equation of two rows: limit and side behind the other.
    pub(super) opposite: Option<(usize, bool)>,
}

/// A quantity under every draw whose worst are looked at.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) row: Row,
    /// What each draw is measured against.
    pub(super) base: Option<std::sync::Arc<[f64]>>,
    /// `1 / (share D)`, or `1 / D` for a shortfall.
    pub(super) most: f64,
    pub(super) role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// In the goal, with this weight.
    Goal(f64),
    /// In the goal, below a target.
    Below,
    /// Its tail is at least 0.
    Limit,
}

/// Everything but the curves and the region.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) goal: Row,
    pub(super) rows: Vec<Row>,
    /// Equations of spends: the row is 0.
    pub(super) equations: Vec<Row>,
    pub(super) groups: Vec<Group>,
}

impl Row {
    fn new(lines: usize, terms: &Terms, sign: f64) -> Self {
        let of = (0..lines).map(|i| Coefficients::default().plus(sign, terms.of(i))).collect();
        Row { constant: sign * terms.constant, of, limit: None, opposite: None }
    }

    /// True if the other row is this one the other way round: both hold at one
    /// number alone.
    fn is_opposite(&self, other: &Row) -> bool {
        self.constant == -other.constant
            && self.of.iter().zip(&other.of).all(|(a, b)| *a == Coefficients::default().plus(-1.0, *b))
    }

    /// The row, given spends and what the lines return.
    pub(super) fn value(&self, x: &[f64], returned: &[f64]) -> f64 {
        let terms = self.of.iter().zip(x.iter().zip(returned));
        self.constant + terms.map(|(c, (x, f))| c.spend * x + c.response * f).sum::<f64>()
    }
}

impl Program {
    /// The program of a problem; with `elastic` limits that can only hold at
    /// one number are two rows.
    pub(super) fn new(risky: &Risky, elastic: bool) -> Self {
        let problem = &risky.problem;
        let lines = problem.lines.len();
        let count = risky.draws.count as f64;
        let goal = match &problem.goal {
            Goal::Maximize(terms) => Row::new(lines, terms, 1.0),
            Goal::MinimizeRatio { numerator, .. } => Row::new(lines, numerator, -1.0),
        };
        let mut program = Program { goal, rows: Vec::new(), equations: Vec::new(), groups: Vec::new() };
        for (index, limit) in problem.limits.iter().enumerate() {
            let row = |number: f64, sign: f64, most: bool| {
                let signed = Terms::default().plus(sign, &limit.numerator);
                let terms = match &limit.denominator {
                    Some(denominator) => signed.plus(-sign * number, denominator),
                    None => signed.plus(-sign * number, &Terms::constant(1.0)),
                };
                let row = Row::new(lines, &terms, 1.0);
                Row { limit: Some((index, most)), ..row }
            };
            if limit.min.is_some() && limit.min == limit.max && !elastic {
                program.equations.extend(limit.max.map(|number| row(number, -1.0, true)));
                continue;
            }
            program.rows.extend(limit.max.map(|number| row(number, -1.0, true)));
            program.rows.extend(limit.min.map(|number| row(number, 1.0, false)));
        }
        if !elastic && problem.is_linked() {
            program.fold();
        }
        if let Some(tail) = risky.goal.as_ref().filter(|_| !elastic) {
            let (most, role) = match tail.measure {
                Measure::Worst { share, weight } => (1.0 / (share * count), Role::Goal(weight)),
                Measure::Below => (1.0 / count, Role::Below),
            };
            let row = Row::new(lines, &tail.terms, 1.0);
            program.groups.push(Group { row, base: tail.base.clone(), most, role });
        }
        for limit in &risky.limits {
            let row = Row::new(lines, &limit.terms(0.0), 1.0);
            let most = 1.0 / (limit.share * count);
            program.groups.push(Group { row, base: None, most, role: Role::Limit });
        }
        program
    }

    /// Makes equations of neighbouring rows that are each other's opposite.
    fn fold(&mut self) {
        let mut rows = std::mem::take(&mut self.rows).into_iter().peekable();
        while let Some(row) = rows.next() {
            match rows.next_if(|next| row.is_opposite(next)) {
                Some(next) => self.equations.push(Row { opposite: next.limit, ..row }),
                None => self.rows.push(row),
            }
        }
    }
}
