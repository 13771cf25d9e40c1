//! The program that the interior point and the dual method solve.
//!
//! Words: columns are coefficient vectors that rows share; covers are concave
//! envelopes, or concave curves below.

use crate::Line;
use crate::columns::{Columns, Combination, Entry, Feature};
use crate::cover::Stretch;
use crate::hull::{Kind, Segment};
use crate::options::Stop;

/// A separable concave program with few coupling rows.
///
/// ```text
/// maximise    sum_j g_j(y_j)
/// subject to  lower_r <= sum_j h_rj(y_j) <= upper_r,   0 <= y_j <= length_j
/// ```
///
/// A variable is money on a stretch of one line's majorant, or what a row is
/// exceeded by; goal and rows are combinations of the columns it enters.
#[derive(Debug, Clone)]
pub(crate) struct Program<'a> {
    pub(crate) lines: &'a [Line],
    pub(crate) columns: &'a Columns,
    pub(crate) stretches: &'a [Stretch],
    /// True if no column counts activity or movement.
    pub(crate) plain: bool,
    pub(crate) goal: Combination,
    /// What the goal is worth before any variable rises, without its constant.
    pub(crate) base: f64,
    pub(crate) rows: Vec<Combination>,
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    /// What takes up a row's excess, at a price: columns of their own after
    /// those of the lines.
    pub(crate) elastic: Vec<[Entry; 2]>,
    /// Where every variable starts, strictly inside.
    pub(crate) starts: Vec<f64>,
    /// Ends its solution, whatever has been found.
    pub(crate) stop: Stop<'a>,
}

/// One variable of a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable<'a> {
    /// Entries other than those on the curve.
    pub(crate) linear: &'a [Entry],
    /// Entries on the curve.
    pub(crate) curved: &'a [Entry],
    /// The line whose curve it follows, if it does.
    pub(crate) arc: Option<&'a Line>,
    pub(crate) segment: Segment,
    active: f64,
    moved: f64,
}

const SLACK: Segment = Segment { from: 0.0, to: f64::INFINITY, kind: Kind::Chord(0.0) };

impl<'a> Program<'a> {
    /// Number of variables.
    pub(crate) fn len(&self) -> usize {
        self.stretches.len() + self.elastic.len()
    }

    /// True if the goal counts outcomes.
    pub(crate) fn values_outcomes(&self) -> bool {
        self.goal.iter().any(|&(column, _)| self.columns.features()[column] == Feature::Response)
    }

    /// The goal's size at the start, and every column's: sums of absolute terms.
    pub(crate) fn sizes(&self) -> (f64, Vec<f64>) {
        let mut sizes = vec![0.0; self.columns.len()];
        let mut goal = vec![0.0; self.columns.len()];
        self.goal.iter().for_each(|&(column, weight)| goal[column] = weight);
        let mut goal_size = 0.0;
        for (j, &start) in self.starts.iter().enumerate() {
            let v = self.variable(j);
            let risen = v.risen(start);
            let (linear, curved) = v.dot(&goal);
            goal_size += (linear * start + curved * risen).abs();
            v.each(start, risen, |column, change| sizes[column] += change.abs());
        }
        (goal_size, sizes)
    }

    /// A row's size where its columns have these; never 0 or infinite.
    pub(crate) fn row_size(&self, r: usize, sizes: &[f64]) -> f64 {
        let finite = |b: f64| if b.is_finite() { b.abs() } else { 0.0 };
        let terms: f64 = self.rows[r].iter().map(|&(c, weight)| weight.abs() * sizes[c]).sum();
        let size = terms.max(finite(self.lower[r])).max(finite(self.upper[r]));
        if size > 0.0 && size.is_finite() { size } else { 1.0 }
    }

    /// Columns that the elastic variables enter.
    pub(crate) fn extra(&self) -> usize {
        if self.elastic.is_empty() { 0 } else { self.rows.len() + 1 }
    }

    #[inline]
    pub(crate) fn variable(&self, j: usize) -> Variable<'_> {
        let Some(stretch) = self.stretches.get(j) else {
            let linear = &self.elastic[j - self.stretches.len()][..];
            return Variable { linear, curved: &[], arc: None, segment: SLACK, active: 0.0, moved: 0.0 };
        };
        let segment = stretch.segment;
        let line = &self.lines[stretch.line as usize];
        let chord = matches!(segment.kind, Kind::Chord(_));
        let (mut active, mut moved) = (0.0, 0.0);
        if !self.plain {
            active = if chord && segment.from == 0.0 { 1.0 / segment.to } else { 0.0 };
            moved = if segment.to <= line.current { -1.0 } else { 1.0 };
        }
        let (linear, curved) = self.columns.of(stretch.line as usize);
        Variable { linear, curved, arc: (!chord).then_some(line), segment, active, moved }
    }
}

impl<'a> Variable<'a> {
    /// A variable with these entries that follows a line's curve, if any.
    #[cfg(test)]
    pub(crate) fn on(
        linear: &'a [Entry],
        curved: &'a [Entry],
        arc: Option<&'a Line>,
        segment: Segment,
    ) -> Self {
        Variable { linear, curved, arc, segment, active: 0.0, moved: 0.0 }
    }

    /// Change of a feature other than the response per unit of the variable.
    #[inline]
    pub(crate) fn factor(&self, feature: Feature) -> f64 {
        match feature {
            Feature::Spend => 1.0,
            Feature::Active => self.active,
            Feature::Moved => self.moved,
            Feature::Response => 0.0,
        }
    }

    /// Largest value, possibly infinite.
    #[inline]
    pub(crate) fn length(&self) -> f64 {
        self.segment.to - self.segment.from
    }

    /// Rise of the majorant over the first `y` units.
    pub(crate) fn risen(&self, y: f64) -> f64 {
        match (self.arc, self.segment.kind) {
            (Some(line), _) => line.curve.value(self.segment.from + y) - line.curve.value(self.segment.from),
            (None, Kind::Chord(slope)) => slope * y,
            (None, Kind::Arc) => 0.0,
        }
    }

    /// Slope of the majorant at `y` units.
    pub(crate) fn slope(&self, y: f64) -> f64 {
        match (self.arc, self.segment.kind) {
            (Some(line), _) => line.curve.marginal(self.segment.from + y),
            (None, Kind::Chord(slope)) => slope,
            (None, Kind::Arc) => 0.0,
        }
    }

    /// Sums of the entries times a figure per column: per unit of the variable
    /// without its curve, and per unit of its curve.
    #[inline]
    pub(crate) fn dot(&self, columns: &[f64]) -> (f64, f64) {
        let linear = |e: &Entry| e.coefficient * self.factor(e.feature) * columns[e.column as usize];
        let curved = |e: &Entry| e.coefficient * columns[e.column as usize];
        (self.linear.iter().map(linear).sum(), self.curved.iter().map(curved).sum())
    }

    /// Calls `add` with the change of every column over `y` units, over which
    /// the curve rises by `risen`.
    #[inline]
    pub(crate) fn each(&self, y: f64, risen: f64, mut add: impl FnMut(usize, f64)) {
        for e in self.linear {
            add(e.column as usize, e.coefficient * self.factor(e.feature) * y);
        }
        for e in self.curved {
            add(e.column as usize, e.coefficient * risen);
        }
    }
}
