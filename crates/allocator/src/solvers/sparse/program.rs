//! The program that the sparse interior point solves: variables with their
//! entries, rows with their ranges and blocks.

use outlay_curves::Curve;

use crate::solvers::blocks::Role;

/// One variable: money on a stretch of one line's curve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable<'a> {
    /// The curve and where on it the variable starts, for a curved stretch.
    pub(crate) arc: Option<(&'a Curve, f64)>,
    /// Largest value, possibly infinite.
    pub(crate) length: f64,
    /// Goal per unit of the variable.
    pub(crate) goal: f64,
    /// Goal per unit of the curve.
    pub(crate) worth: f64,
    /// Where to start, strictly inside.
    pub(crate) start: f64,
}

/// A program; entries of variable `j` are `start[j]..start[j + 1]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program<'a> {
    pub(crate) variables: Vec<Variable<'a>>,
    /// What each variable is to the blocks.
    pub(crate) roles: Vec<Role>,
    pub(crate) start: Vec<usize>,
    pub(crate) rows: Vec<usize>,
    pub(crate) linear: Vec<f64>,
    pub(crate) curved: Vec<f64>,
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    /// The block a row belongs to; `None` for rows over several blocks.
    pub(crate) blocks: Vec<Option<usize>>,
}

impl<'a> Program<'a> {
    /// Adds a variable with its entries `(row, linear, curved)`.
    pub(crate) fn push(
        &mut self,
        variable: Variable<'a>,
        role: Role,
        entries: impl Iterator<Item = (usize, f64, f64)>,
    ) {
        if self.start.is_empty() {
            self.start.push(0);
        }
        for (row, linear, curved) in entries {
            self.rows.push(row);
            self.linear.push(linear);
            self.curved.push(curved);
        }
        self.start.push(self.rows.len());
        self.variables.push(variable);
        self.roles.push(role);
    }

    /// Entries of a variable: row, linear, curved.
    pub(crate) fn entries(&self, j: usize) -> impl Iterator<Item = (usize, f64, f64)> + '_ {
        let own = self.start[j]..self.start[j + 1];
        own.map(|k| (self.rows[k], self.linear[k], self.curved[k]))
    }

    /// The rows that give stocks: these stay as they are.
    pub(crate) fn firm(&self) -> Vec<bool> {
        let mut firm = vec![false; self.lower.len()];
        for role in &self.roles {
            if let Role::Stock { row, .. } = role {
                firm[*row] = true;
            }
        }
        firm
    }
}
