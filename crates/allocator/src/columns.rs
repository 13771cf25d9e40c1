//! The coefficients of a goal and of limits, line by line.
//!
//! Limits repeat themselves: four stage shares are ratios over the same total
//! spend, and both sides of a share are made of the same two quantities. So
//! each coefficient vector is kept once, as a column (a shared coefficient
//! vector), and what is limited is a
//! [`Combination`] of columns; a line keeps its coefficients other than 0.

use std::sync::Arc;

use crate::{Line, Terms};

/// What a coefficient multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Feature {
    /// The spend.
    Spend,
    /// 1 when the line is on.
    Active,
    /// Distance from today's spend.
    Moved,
    /// The outcome of the line's curve.
    Response,
}

/// A line's coefficient in a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) coefficient: f64,
    pub(crate) column: u32,
    pub(crate) feature: Feature,
}

/// Columns with their weights, in increasing order of the columns.
pub(crate) type Combination = Vec<(usize, f64)>;

/// The coefficients of every line: those on its curve last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    features: Vec<Feature>,
    /// Two per line: where its entries begin, and where those on its curve do.
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

impl Columns {
    /// Number of columns.
    pub(crate) fn len(&self) -> usize {
        self.features.len()
    }

    /// Feature of every column.
    pub(crate) fn features(&self) -> &[Feature] {
        &self.features
    }

    /// True if spend and response are all that counts.
    pub(crate) fn are_plain(&self) -> bool {
        self.entries.iter().all(|e| matches!(e.feature, Feature::Spend | Feature::Response))
    }

    /// Coefficients of line `i`, zeros left out: on spend, activity and
    /// movement, and on its curve.
    #[inline]
    pub(crate) fn of(&self, i: usize) -> (&[Entry], &[Entry]) {
        let (start, curved, end) = (self.starts[2 * i], self.starts[2 * i + 1], self.starts[2 * i + 2]);
        (&self.entries[start..curved], &self.entries[curved..end])
    }

    /// Adds what line `i` contributes to every column at spend `x`.
    pub(crate) fn add_at(&self, totals: &mut [f64], i: usize, line: &Line, x: f64) {
        let on = if x > 0.0 { 1.0 } else { 0.0 };
        let (linear, curved) = self.of(i);
        for e in linear {
            let figure = match e.feature {
                Feature::Spend => x,
                Feature::Active => on,
                Feature::Moved => (x - line.current).abs(),
                Feature::Response => 0.0,
            };
            totals[e.column as usize] += e.coefficient * figure;
        }
        if x > 0.0 && !curved.is_empty() {
            let value = line.curve.value(x);
            curved.iter().for_each(|e| totals[e.column as usize] += e.coefficient * value);
        }
    }
}

/// Collects the distinct coefficient vectors of quantities.
#[derive(Default)]
pub(crate) struct Collector<'a> {
    vectors: Vec<(Feature, &'a Arc<[f64]>)>,
}

impl<'a> Collector<'a> {
    /// Adds `weight * terms` to a combination; constants are the caller's.
    pub(crate) fn add(&mut self, terms: &'a Terms, weight: f64, to: &mut Combination) {
        let parts = [
            (Feature::Spend, &terms.spend),
            (Feature::Response, &terms.response),
            (Feature::Active, &terms.active),
            (Feature::Moved, &terms.moved),
        ];
        for (feature, vector) in parts {
            let Some(vector) = vector else { continue };
            let column = self.column(feature, vector);
            match to.binary_search_by_key(&column, |(c, _)| *c) {
                Ok(at) => to[at].1 += weight,
                Err(at) => to.insert(at, (column, weight)),
            }
        }
        to.retain(|(_, weight)| *weight != 0.0);
    }

    fn column(&mut self, feature: Feature, vector: &'a Arc<[f64]>) -> usize {
        let same = |(f, v): &(Feature, &Arc<[f64]>)| {
            *f == feature && (Arc::ptr_eq(v, vector) || v[..] == vector[..])
        };
        self.vectors.iter().position(same).unwrap_or_else(|| {
            self.vectors.push((feature, vector));
            self.vectors.len() - 1
        })
    }

    /// The columns of all quantities added.
    pub(crate) fn columns(&self, lines: usize) -> Columns {
        let filled = self.vectors.iter().map(|(_, v)| v.iter().filter(|c| **c != 0.0).count()).sum();
        let mut columns = Columns {
            features: self.vectors.iter().map(|(feature, _)| *feature).collect(),
            starts: Vec::with_capacity(2 * lines + 1),
            entries: Vec::with_capacity(filled),
        };
        columns.starts.push(0);
        for i in 0..lines {
            for curves in [false, true] {
                let wanted =
                    self.vectors.iter().zip(0..).filter(|((f, _), _)| (*f == Feature::Response) == curves);
                let each = wanted.map(|(&(feature, vector), column)| Entry {
                    coefficient: vector[i],
                    column,
                    feature,
                });
                columns.entries.extend(each.filter(|e| e.coefficient != 0.0));
                columns.starts.push(columns.entries.len());
            }
        }
        columns
    }
}
