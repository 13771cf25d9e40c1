use crate::Line;
use crate::columns::{Columns, Combination, Entry, Feature};
use crate::cover::Stretch;
use crate::hull::{Kind, Segment};

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
    pub(crate) rows: Vec<Combination>,
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    /// What takes up a row's excess, at a price: columns of their own after
    /// those of the lines.
    pub(crate) elastic: Vec<[Entry; 2]>,
    /// Where every variable starts, strictly inside.
    pub(crate) starts: Vec<f64>,
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

    /// True if a variable follows a straight part of a majorant.
    pub(crate) fn has_chords(&self) -> bool {
        self.stretches.iter().any(|s| matches!(s.segment.kind, Kind::Chord(_)))
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

impl Variable<'_> {
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
