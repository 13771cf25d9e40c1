//! From the columns that a variable enters to the rows that it enters.
//!
//! The matrix `J W J'` of a step is summed up over a basis that each variable
//! enters in few places, and expanded to the rows once: a row over one feature
//! is a combination of columns of that feature. A row over several features,
//! like cost less a limit times customers, is a member of the basis itself:
//! near an optimum its slopes are small differences of large terms, and those
//! must be taken before they are squared.
//!
//! Words: columns are coefficient vectors that rows share.

use super::dense::Dense;
use super::program::Variable;
use crate::columns::{Columns, Combination, Entry, Feature};

#[derive(Debug)]
pub(crate) struct Gather {
    rows: Vec<Combination>,
    /// The rows over the basis.
    expanded: Vec<Combination>,
    /// What each entry of the rows' matrix is made of, for row after row, and
    /// where the next entry begins.
    products: Vec<(u32, f64)>,
    ends: Vec<usize>,
    /// For each column its members: itself, if a row of one feature needs it,
    /// and rows of several features, each with the column's weight.
    members: Vec<Members>,
    mixed: Vec<(u32, f64)>,
    /// Where a variable enters the basis, and how steeply.
    slopes: Vec<(u32, f64)>,
    /// Slopes of the rows of several features.
    sums: Vec<f64>,
    columns: usize,
    /// The sum so far: lower triangle, `size` per member.
    square: Vec<f64>,
    linear: Vec<f64>,
    size: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Members {
    alone: bool,
    from: usize,
    to: usize,
}

impl Gather {
    /// For rows over columns of these features.
    pub(crate) fn new(rows: &[Combination], features: &[Feature]) -> Self {
        let columns = features.len();
        let pure = |row: &Combination| row.windows(2).all(|w| features[w[0].0] == features[w[1].0]);
        let mut members = vec![Members::default(); columns];
        let mut mixed_rows: Vec<&Combination> = Vec::new();
        let mut expanded = Vec::with_capacity(rows.len());
        for row in rows {
            if pure(row) {
                row.iter().for_each(|&(column, _)| members[column].alone = true);
                expanded.push(row.clone());
            } else {
                expanded.push(vec![(columns + mixed_rows.len(), 1.0)]);
                mixed_rows.push(row);
            }
        }
        let mut mixed = Vec::new();
        for (column, member) in members.iter_mut().enumerate() {
            member.from = mixed.len();
            for (row, index) in mixed_rows.iter().zip(0..) {
                if let Ok(at) = row.binary_search_by_key(&column, |(c, _)| *c) {
                    mixed.push((index, row[at].1));
                }
            }
            member.to = mixed.len();
        }
        let size = columns + mixed_rows.len();
        Gather {
            rows: rows.to_vec(),
            expanded,
            products: Vec::new(),
            ends: Vec::new(),
            members,
            mixed,
            slopes: Vec::with_capacity(size),
            sums: vec![0.0; mixed_rows.len()],
            columns,
            square: vec![0.0; size * size],
            linear: vec![0.0; size],
            size,
        }
    }

    /// Multiplies every row by its scale; only then rows can be expanded.
    pub(crate) fn scale(&mut self, scales: &[f64]) {
        for rows in [&mut self.rows, &mut self.expanded] {
            for (row, scale) in rows.iter_mut().zip(scales) {
                row.iter_mut().for_each(|(_, weight)| *weight *= scale);
            }
        }
        for (r, row) in self.expanded.iter().enumerate() {
            for other in &self.expanded[..=r] {
                for &(k, weight) in row {
                    let place = |l: usize| (k.max(l) * self.size + k.min(l)) as u32;
                    self.products.extend(other.iter().map(|&(l, w)| (place(l), weight * w)));
                }
                self.ends.push(self.products.len());
            }
        }
    }

    /// A row at figures per column.
    pub(crate) fn sum(&self, r: usize, columns: &[f64]) -> f64 {
        self.rows[r].iter().map(|&(column, weight)| weight * columns[column]).sum()
    }

    /// Adds `factor` times a figure per row to the columns the row is made of.
    pub(crate) fn charge(&self, of: impl Fn(usize) -> f64, factor: f64, columns: &mut [f64]) {
        for (r, row) in self.rows.iter().enumerate() {
            let figure = factor * of(r);
            row.iter().for_each(|&(column, weight)| columns[column] += figure * weight);
        }
    }

    /// The slope of the Lagrangian per unit of every column: the goal, scaled,
    /// less the price of every row.
    pub(crate) fn net(&self, goal: &Combination, scale: f64, price: impl Fn(usize) -> f64, net: &mut [f64]) {
        net.fill(0.0);
        goal.iter().for_each(|&(column, weight)| net[column] = weight * scale);
        self.charge(price, -1.0, net);
    }

    /// Forgets the sums.
    pub(crate) fn clear(&mut self) {
        self.square.fill(0.0);
        self.linear.fill(0.0);
    }

    /// Adds `linear` times a variable's slopes and `square` times their square.
    #[inline]
    pub(crate) fn add(&mut self, v: &Variable, slope: f64, linear: f64, square: f64) {
        self.slopes.clear();
        for e in v.linear {
            self.enter(e, e.coefficient * v.factor(e.feature));
        }
        for e in v.curved {
            self.enter(e, e.coefficient * slope);
        }
        for (k, sum) in self.sums.iter_mut().enumerate() {
            if *sum != 0.0 {
                self.slopes.push(((self.columns + k) as u32, *sum));
                *sum = 0.0;
            }
        }
        for (at, &(k, u)) in self.slopes.iter().enumerate() {
            self.linear[k as usize] += linear * u;
            let factor = square * u;
            let row = &mut self.square[k as usize * self.size..][..self.size];
            for &(l, other) in &self.slopes[..=at] {
                row[l as usize] += factor * other;
            }
        }
    }

    #[inline]
    fn enter(&mut self, e: &Entry, u: f64) {
        let members = self.members[e.column as usize];
        if members.alone {
            self.slopes.push((e.column, u));
        }
        for &(k, weight) in &self.mixed[members.from..members.to] {
            self.sums[k as usize] += weight * u;
        }
    }

    /// The sums so far, row by row.
    pub(crate) fn expand(&self, linear: &mut [f64], square: &mut Dense) {
        let mut ends = self.ends.iter();
        let mut from = 0;
        for (r, row) in self.expanded.iter().enumerate() {
            linear[r] = row.iter().map(|&(k, weight)| weight * self.linear[k]).sum();
            for (s, &to) in (0..=r).zip(&mut ends) {
                let products = &self.products[from..to];
                square.set(
                    r,
                    s,
                    products.iter().map(|&(at, weight)| weight * self.square[at as usize]).sum(),
                );
                from = to;
            }
        }
    }
}

/// The feature of every column of a program, those of its elastic variables
/// included.
pub(crate) fn features(columns: &Columns, elastic: usize) -> Vec<Feature> {
    let mut features = columns.features().to_vec();
    features.resize(columns.len() + elastic, Feature::Spend);
    features
}
