//! The variance rounded so that every row and every column adds up as printed.
//!
//! The outcomes of a line after each cause are rounded, each on its own, so
//! that a cause that changes nothing shows nothing; what a cause accounts for is
//! the difference of two of them, and totals are sums of what is printed.

use outlay_curves::Variance;
use outlay_scenario::track::{Figures, TrackFile, TrackLine};

use super::measured::{EXPECTED, measure};
use crate::blocks::Entry;
use crate::number::{Column, Kind};

/// A variance as text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) plan: Entry,
    /// Spend, price, quality, curve, rest.
    pub(super) parts: [Entry; 5],
    /// The whole difference.
    pub(super) difference: String,
    pub(super) actual: Entry,
}

/// All rows of a report.
pub(super) struct Rounded {
    pub(super) lines: Vec<Row>,
    pub(super) stages: Vec<Row>,
    pub(super) total: Row,
}

impl Rounded {
    pub(super) fn new(file: &TrackFile) -> Self {
        let steps = |f: &Figures| Variance::from(f.variance).steps();
        let kind = measure(file).1;
        let lines: Vec<[f64; 6]> = file.lines.iter().map(|l| steps(&l.figures)).collect();
        let column = Column::sized(size(&file.total, &lines), &[]);
        let units: Vec<[i64; 6]> = lines.iter().map(|s| s.map(|v| column.units(v))).collect();
        let sum = |of: &dyn Fn(usize) -> bool| {
            let mut sum = [0; 6];
            for (_, line) in units.iter().enumerate().filter(|(i, _)| of(*i)) {
                sum.iter_mut().zip(line).for_each(|(s, u)| *s += u);
            }
            sum
        };
        let stage_of =
            |i: usize| file.lines.get(i).and_then(|l| l.tags.get("stage")).map_or("", String::as_str);
        let stage_name = |name: &str| if name.is_empty() { "(none)".to_owned() } else { name.to_owned() };
        let exactly = |of: &dyn Fn(usize) -> bool| {
            let mut sum = [0.0; 6];
            for (_, line) in lines.iter().enumerate().filter(|(i, _)| of(*i)) {
                sum.iter_mut().zip(line).for_each(|(s, v)| *s += v);
            }
            (kind, sum)
        };
        let stage = |name: &str| {
            let of = |i: usize| stage_of(i) == name;
            row(&column, &stage_name(name), sum(&of), exactly(&of))
        };
        Rounded {
            lines: file
                .lines
                .iter()
                .zip(units.iter().zip(&lines))
                .map(|(l, (u, exact))| expected(l, row(&column, &l.name, *u, (kind, *exact))))
                .collect(),
            stages: file.stages.iter().map(|s| stage(&s.name)).collect(),
            total: row(&column, "Total", sum(&|_| true), exactly(&|_| true)),
        }
    }
}

/// Marks an outcome that nobody measured, or not for all periods.
fn expected(line: &TrackLine, row: Row) -> Row {
    if line.measured >= 1.0 || line.figures.spend.actual <= 0.0 {
        return row;
    }
    let text = format!("{EXPECTED}{}", row.actual.text);
    Row { actual: Entry { text, ..row.actual }, ..row }
}

/// What the last printed digit is chosen by: outcomes, unless the differences
/// are so much smaller that they would vanish.
fn size(total: &Figures, lines: &[[f64; 6]]) -> f64 {
    let outcome: f64 = total.variance.plan.abs().max(total.variance.actual.abs());
    let moved: f64 = lines.iter().flat_map(|s| s.windows(2).map(|w| (w[1] - w[0]).abs())).sum();
    // What amounts rounded to cents move is no difference.
    const NOTHING: f64 = 1e-5;
    if moved > NOTHING * outcome { outcome.min(30.0 * moved) } else { outcome }
}

fn row(column: &Column, name: &str, units: [i64; 6], (kind, exact): (Kind, [f64; 6])) -> Row {
    let signed =
        |units: i64| if units > 0 { format!("+{}", column.write(units)) } else { column.write(units) };
    let figure = |k: usize| Entry::written(column.write(units[k]), kind, Some(exact[k]));
    let part =
        |k: usize| Entry::written(signed(units[k + 1] - units[k]), kind, Some(exact[k + 1] - exact[k]));
    Row {
        name: name.to_owned(),
        plan: figure(0),
        parts: [0, 1, 2, 3, 4].map(part),
        difference: signed(units[5] - units[0]),
        actual: figure(5),
    }
}
