//! The concave relaxation of a region as a program over stretches.
//!
//! Words: columns are coefficient vectors that rows share; covers are concave
//! envelopes, or concave curves below.

use crate::Problem;
use crate::columns::{Combination, Entry, Feature};
use crate::cover::{Cover, bend};
use crate::options::Stop;
use crate::rows::Rows;
use crate::solvers::interior::Interior;
use crate::solvers::program::Program;
use crate::tolerance::KEPT;

/// A concave program that contains a region's plans: every line's curve is
/// replaced by its concave majorant, cut into stretches that are variables of
/// their own. Falling slopes make an optimum fill them in order.
pub(crate) struct Relaxation<'a> {
    pub(crate) program: Program<'a>,
    cover: &'a Cover,
}

/// What a relaxation looks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aim {
    /// The best plan within the limits.
    Best,
    /// The best plan where limits may be broken at this price, in units of the
    /// goal's size per relative excess.
    Elastic(f64),
    /// The least sum of relative excesses.
    Feasible,
}

impl<'a> Relaxation<'a> {
    /// The relaxation of a region given each line's stretches.
    pub(crate) fn new(problem: &'a Problem, rows: &'a Rows, cover: &'a Cover, aim: Aim) -> Self {
        let mut fixed = vec![0.0; rows.columns.len()];
        for (i, (line, base)) in problem.lines.iter().zip(&cover.base).enumerate() {
            if *base > 0.0 || !rows.plain {
                rows.columns.add_at(&mut fixed, i, line, *base);
            }
        }
        let sum = |row: &Combination| row.iter().map(|&(c, weight)| weight * fixed[c]).sum::<f64>();
        let goal = if aim == Aim::Feasible { Vec::new() } else { rows.goal.clone() };
        let base = sum(&goal);
        let fixed: Vec<f64> = rows.rows.iter().map(sum).collect();
        let less = |ends: &[f64]| ends.iter().zip(&fixed).map(|(end, fixed)| end - fixed).collect();
        let program = Program {
            lines: &problem.lines,
            columns: &rows.columns,
            stretches: &cover.stretches,
            plain: rows.plain,
            goal,
            base,
            rows: rows.rows.clone(),
            lower: less(&rows.lower),
            upper: less(&rows.upper),
            elastic: Vec::new(),
            starts: Vec::new(),
            stop: Stop::NEVER,
        };
        let mut relaxation = Relaxation { program, cover };
        relaxation.drop_idle_rows(&fixed);
        relaxation.choose_start();
        match aim {
            Aim::Best => {}
            Aim::Elastic(price) => relaxation.add_elastic(Some(price)),
            Aim::Feasible => relaxation.add_elastic(None),
        }
        relaxation
    }

    /// The same, ended when asked to.
    pub(crate) fn until(mut self, stop: Stop<'a>) -> Self {
        self.program.stop = stop;
        self
    }

    /// Frees rows that no variable enters and that are kept as they are: they
    /// have no interior to find.
    fn drop_idle_rows(&mut self, fixed: &[f64]) {
        let program = &mut self.program;
        let mut idle: Vec<usize> = (0..program.rows.len()).collect();
        let mut linear = vec![0.0; program.columns.len()];
        let mut curved = vec![0.0; program.columns.len()];
        for j in 0..program.stretches.len() {
            if idle.is_empty() {
                break;
            }
            let v = program.variable(j);
            v.each(1.0, 0.0, |column, slope| linear[column] = slope);
            v.each(0.0, 1.0, |column, slope| curved[column] = slope);
            let entered = |r: &usize| {
                let of = |part: &[f64]| program.rows[*r].iter().map(|&(c, w)| w * part[c]).sum::<f64>();
                of(&linear) != 0.0 || of(&curved) != 0.0
            };
            idle.retain(|r| !entered(r));
            v.each(0.0, 0.0, |column, _| (linear[column], curved[column]) = (0.0, 0.0));
        }
        for r in idle {
            let slack = KEPT * fixed[r].abs();
            let (low, high) = (&mut program.lower[r], &mut program.upper[r]);
            if *low <= slack && *high >= -slack {
                (*low, *high) = (-1.0 - slack, 1.0 + slack);
            }
        }
    }

    /// Starts every stretch at the same fraction of its length, chosen so that
    /// limits on money are kept where one fraction can keep them.
    fn choose_start(&mut self) {
        let program = &self.program;
        let reach = |j: usize| {
            let v = program.variable(j);
            let typical = v.arc.map_or(1.0, |line| bend(line, v.segment.from));
            v.length().min(4.0 * typical)
        };
        let reaches: Vec<f64> = (0..program.stretches.len()).map(reach).collect();
        // Per column: the sum at full reach, and whether terms of either sign or of curves enter.
        let mut full = vec![(0.0, false, false); program.columns.len()];
        for (j, reach) in reaches.iter().enumerate() {
            let v = program.variable(j);
            for e in v.linear {
                let slope = e.coefficient * v.factor(e.feature);
                let (sum, rises, falls) = &mut full[e.column as usize];
                *sum += slope * reach;
                *rises |= slope > 0.0;
                *falls |= slope < 0.0;
            }
            for e in v.curved {
                full[e.column as usize] = (0.0, true, true);
            }
        }
        let mut fraction: f64 = 0.5;
        for (row, upper) in program.rows.iter().zip(&program.upper) {
            let mixed = |&(c, w): &(usize, f64)| if w > 0.0 { full[c].2 } else { full[c].1 };
            let whole: f64 = row.iter().map(|&(c, w)| w * full[c].0).sum();
            if !row.iter().any(mixed) && whole > 0.0 && upper.is_finite() {
                fraction = fraction.min(0.95 * upper / whole);
            }
        }
        let fraction = fraction.max(0.02);
        self.program.starts = reaches;
        self.program.starts.iter_mut().for_each(|start| *start *= fraction);
    }

    /// Variables that take up what a row exceeds its ends by: at a price, or,
    /// without one, as all that is to be made small.
    fn add_elastic(&mut self, price: Option<f64>) {
        let program = &self.program;
        let columns = program.columns.len();
        let (goal_size, sizes) = program.sizes();
        let unit = price.map_or(1.0, |price| price * goal_size.max(f64::MIN_POSITIVE));
        let cost = columns + program.rows.len();
        let mut elastic = Vec::new();
        let mut starts = Vec::new();
        for r in 0..program.rows.len() {
            let (low, high) = (program.lower[r], program.upper[r]);
            let size = program.row_size(r, &sizes);
            for (end, sign) in [(high, -1.0), (low, 1.0)] {
                if end.is_finite() {
                    let entry = |column: usize, coefficient: f64| Entry {
                        coefficient,
                        column: column as u32,
                        feature: Feature::Spend,
                    };
                    elastic.push([entry(columns + r, sign), entry(cost, -unit / size)]);
                    starts.push(0.1 * size);
                }
            }
        }
        if elastic.is_empty() {
            return;
        }
        let program = &mut self.program;
        program.rows.iter_mut().enumerate().for_each(|(r, row)| row.push((columns + r, 1.0)));
        program.goal.push((cost, 1.0));
        program.elastic = elastic;
        program.starts.extend(starts);
    }

    /// Spend of every line when nothing varies.
    pub(crate) fn fixed_spends(&self) -> Vec<f64> {
        self.cover.base.clone()
    }

    /// Spend of every line at an interior point, with stretches that are all
    /// but empty or full taken as empty or full.
    pub(crate) fn spends(&self, interior: &Interior, snap: bool) -> Vec<f64> {
        const NEAR: f64 = 1e-9;
        let mut spends = self.cover.base.clone();
        for (stretch, y) in self.cover.stretches.iter().zip(&interior.y).filter(|(_, y)| y.is_finite()) {
            let (i, segment) = (stretch.line as usize, stretch.segment);
            let length = segment.to - segment.from;
            if snap && *y >= (1.0 - NEAR) * length {
                spends[i] = segment.to;
            } else if !snap || *y > NEAR * length.min(segment.to.abs().max(1.0)) || length.is_infinite() {
                spends[i] += y;
            }
        }
        spends
    }
}
