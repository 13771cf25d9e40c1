//! Limits as rows over shared coefficient vectors.

use crate::columns::{Collector, Columns, Combination, Feature};
use crate::{Coefficients, Prices, Problem, Terms};

/// A goal, and the limits as rows `lower <= sum_i terms_i(x_i) <= upper`.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    origin: Vec<Origin>,
    /// What every row is made of.
    pub(crate) rows: Vec<Combination>,
    /// What the goal is made of.
    pub(crate) goal: Combination,
    pub(crate) columns: Columns,
    /// True if no column counts activity or movement.
    pub(crate) plain: bool,
    /// Rows that each column enters, with its weight.
    links: Vec<Vec<(usize, f64)>>,
    /// Coefficients of quantities of few lines: row and coefficients by line;
    /// empty if no row has any.
    few: Vec<Vec<(usize, Coefficients)>>,
}

/// Which side of which limit a row enforces.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// `min <= numerator <= max`.
    Plain(usize),
    /// `numerator - max * denominator <= 0`.
    Most(usize),
    /// `min * denominator - numerator <= 0`.
    Least(usize),
}

impl Rows {
    pub(crate) fn new(problem: &Problem, goal: &Terms) -> Self {
        Rows::loosened(problem, goal, 0.0)
    }

    /// With each limit's number loosened by the fraction `slack` of itself.
    pub(crate) fn loosened(problem: &Problem, goal: &Terms, slack: f64) -> Self {
        let mut draft = Draft { lines: problem.lines.len(), ..Draft::default() };
        for (index, limit) in problem.limits.iter().enumerate() {
            let numerator = &limit.numerator;
            let min = limit.min.map(|min| min - slack * min.abs());
            let max = limit.max.map(|max| max + slack * max.abs());
            let Some(denominator) = &limit.denominator else {
                if min.is_some() || max.is_some() {
                    let low = min.unwrap_or(f64::NEG_INFINITY);
                    let high = max.unwrap_or(f64::INFINITY);
                    draft.row(&[(numerator, 1.0)], low, high, Origin::Plain(index));
                }
                continue;
            };
            if let Some(max) = max {
                let terms = [(numerator, 1.0), (denominator, -max)];
                draft.row(&terms, f64::NEG_INFINITY, 0.0, Origin::Most(index));
            }
            if let Some(min) = min {
                let terms = [(numerator, -1.0), (denominator, min)];
                draft.row(&terms, f64::NEG_INFINITY, 0.0, Origin::Least(index));
            }
        }
        let mut combination = Combination::new();
        draft.collector.add(goal, 1.0, &mut combination);
        let columns = draft.collector.columns(problem.lines.len());
        let Draft { lower, upper, origin, rows, few, .. } = draft;
        let mut links = vec![Vec::new(); columns.len()];
        for (r, row) in rows.iter().enumerate() {
            row.iter().for_each(|&(column, weight)| links[column].push((r, weight)));
        }
        let plain = columns.are_plain();
        Rows { lower, upper, origin, rows, goal: combination, columns, plain, links, few }
    }

    pub(crate) fn len(&self) -> usize {
        self.lower.len()
    }

    /// Every row that a line enters, with the line's coefficients, by row.
    pub(crate) fn entries(&self, i: usize) -> Vec<(usize, Coefficients)> {
        let mut entries = self.few.get(i).cloned().unwrap_or_default();
        let (linear, curved) = self.columns.of(i);
        for e in linear.iter().chain(curved) {
            let mut own = Coefficients::default();
            *match e.feature {
                Feature::Spend => &mut own.spend,
                Feature::Response => &mut own.response,
                Feature::Active => &mut own.active,
                Feature::Moved => &mut own.moved,
            } = e.coefficient;
            for &(r, weight) in &self.links[e.column as usize] {
                add(&mut entries, r, weight, own);
            }
        }
        entries
    }

    /// Index of the limit behind every row.
    pub(crate) fn limits(&self) -> impl Iterator<Item = usize> {
        self.origin.iter().map(|origin| match *origin {
            Origin::Plain(limit) | Origin::Most(limit) | Origin::Least(limit) => limit,
        })
    }

    /// Prices of the limits' sides from signed prices of the rows (positive:
    /// the upper side). A sign that prices a side the row does not have is 0.
    pub(crate) fn prices(&self, signed: &[f64], limits: usize) -> Vec<Prices> {
        let mut prices = vec![Prices::default(); limits];
        for (r, (&origin, &p)) in self.origin.iter().zip(signed).enumerate() {
            if !p.is_finite() {
                continue;
            }
            match origin {
                Origin::Plain(limit) => {
                    if p > 0.0 && self.upper[r].is_finite() {
                        prices[limit].max = p;
                    }
                    if p < 0.0 && self.lower[r].is_finite() {
                        prices[limit].min = -p;
                    }
                }
                Origin::Most(limit) => prices[limit].max = p.max(0.0),
                Origin::Least(limit) => prices[limit].min = p.max(0.0),
            }
        }
        prices
    }

    /// Signed prices of the rows from prices of the limits' sides: the inverse
    /// of [`Rows::prices`].
    pub(crate) fn signed(&self, prices: &[Prices]) -> Vec<f64> {
        let of = |origin: &Origin| match *origin {
            Origin::Plain(limit) => prices[limit].max - prices[limit].min,
            Origin::Most(limit) => prices[limit].max,
            Origin::Least(limit) => prices[limit].min,
        };
        self.origin.iter().map(of).collect()
    }
}

/// Rows while they are collected.
#[derive(Default)]
struct Draft<'a> {
    lower: Vec<f64>,
    upper: Vec<f64>,
    origin: Vec<Origin>,
    rows: Vec<Combination>,
    few: Vec<Vec<(usize, Coefficients)>>,
    lines: usize,
    collector: Collector<'a>,
}

/// Adds `weight` times a line's coefficients in row `r`; entries increase.
fn add(entries: &mut Vec<(usize, Coefficients)>, r: usize, weight: f64, c: Coefficients) {
    match entries.binary_search_by_key(&r, |(row, _)| *row) {
        Ok(k) => entries[k].1 = entries[k].1.plus(weight, c),
        Err(k) => entries.insert(k, (r, Coefficients::default().plus(weight, c))),
    }
}

impl<'a> Draft<'a> {
    fn row(&mut self, terms: &[(&'a Terms, f64)], low: f64, high: f64, origin: Origin) {
        let mut combination = Combination::new();
        let mut constant = 0.0;
        for &(terms, weight) in terms {
            self.collector.add(terms, weight, &mut combination);
            constant += weight * terms.constant;
            if terms.few.is_some() {
                self.few.resize(self.lines, Vec::new());
            }
            for &(i, c) in terms.few() {
                add(&mut self.few[i], self.rows.len(), weight, c);
            }
        }
        self.lower.push(low - constant);
        self.upper.push(high - constant);
        self.origin.push(origin);
        self.rows.push(combination);
    }
}
