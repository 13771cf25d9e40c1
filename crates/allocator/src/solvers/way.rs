//! The way that a step leads down, across kinks: an exact line search on a
//! piecewise quadratic function.
//!
//! Words: kinks are breakpoints.

use super::gather::Gather;
use super::kinks::{Kink, Kinks, Of, Place};
use super::program::{Program, Variable};

/// A change of what a unit earns below this share of its terms is none.
const NOISE: f64 = 1e-11;

/// How far along a step the way leads down.
pub(super) struct Way {
    to: f64,
    /// How far down.
    pub(super) down: f64,
    /// Number of kinks crossed.
    crossed: usize,
    /// The kink that ends it.
    end: Option<Of>,
}

impl Way {
    /// True if it is the whole step.
    pub(super) fn is_whole(&self) -> bool {
        self.crossed == 0 && self.end.is_none()
    }
}

impl Kinks {
    /// How far the step leads down, kinks included.
    pub(super) fn look_ahead(&mut self, program: &Program) -> Way {
        self.find(program);
        let mut curve: f64 = self.moved.iter().zip(&self.step).map(|(a, b)| a * b).sum();
        let lacking = self.rows.iter().zip(&self.step).map(|(row, step)| row.lacking() * step);
        let mut slope = -lacking.sum::<f64>();
        let fall =
            |slope: f64, curve: f64, from: f64, to: f64| (from - to) * (slope + 0.5 * (from + to) * curve);
        let mut way = Way { to: 0.0, down: 0.0, crossed: 0, end: None };
        for kink in &self.ahead {
            if slope + kink.at * curve >= 0.0 {
                break;
            }
            way.down += fall(slope, curve, way.to, kink.at);
            way.to = kink.at;
            if slope + kink.at * curve + kink.turn >= 0.0 {
                way.end = Some(kink.of);
                return way;
            }
            slope += kink.turn - kink.at * kink.bend;
            curve += kink.bend;
            way.crossed += 1;
        }
        let least = if way.crossed == 0 || curve <= 0.0 { 1.0 } else { (-slope / curve).min(1.0) };
        let to = least.max(way.to);
        way.down += fall(slope, curve, way.to, to);
        way.to = to;
        way
    }

    /// The kinks on the way, by where they are.
    fn find(&mut self, program: &Program) {
        let Kinks { straights, resting, rows, total, step, ahead, way, .. } = self;
        ahead.clear();
        for (r, row) in rows.iter().enumerate() {
            let towards = match row.place {
                Place::High => step[r] < 0.0,
                Place::Low => step[r] > 0.0,
                Place::Free => false,
            };
            let at = -(row.price + total[r]) / step[r];
            if towards && !row.fixed() && at <= 1.0 {
                let turn = (row.high - row.low) * step[r].abs();
                ahead.push(Kink { at: at.max(0.0), turn, bend: 0.0, of: Of::Row(r) });
            }
        }
        for (k, straight) in straights.iter().enumerate() {
            let v = program.variable(straight.variable as usize);
            let falls = falls(&v, straight.slope, way);
            let towards = match straight.place {
                Place::High => falls > 0.0,
                Place::Low => falls < 0.0,
                Place::Free => false,
            };
            let at = straight.reduced / falls;
            if towards && at <= 1.0 {
                let turn = v.length() * falls.abs();
                ahead.push(Kink { at: at.max(0.0), turn, bend: 0.0, of: Of::Straight(k) });
            }
        }
        for (k, resting) in resting.iter().enumerate() {
            let falls = falls(&program.variable(resting.variable as usize), resting.slope, way);
            let towards = if resting.high == resting.moves { falls < 0.0 } else { falls > 0.0 };
            let at = resting.reduced / falls;
            if towards && at <= 1.0 {
                let bend = resting.inverse * falls * falls * if resting.moves { -1.0 } else { 1.0 };
                ahead.push(Kink { at: at.max(0.0), turn: 0.0, bend, of: Of::Resting(k) });
            }
        }
        ahead.sort_by(|a, b| a.at.total_cmp(&b.at));
    }

    /// Goes the way; kinks that it crosses turn, the one at its end joins the
    /// working set. What that changes is left in the columns.
    pub(super) fn walk(&mut self, program: &Program, gather: &Gather, way: &Way, columns: &mut [f64]) {
        for (r, row) in self.rows.iter_mut().enumerate() {
            self.total[r] += way.to * self.step[r];
            row.activity -= way.to * self.moved[r];
        }
        let earns = |variable: u32, slope: f64| {
            let (linear, curved) = program.variable(variable as usize).dot(&self.way);
            way.to * (linear + curved * slope)
        };
        for straight in &mut self.straights {
            straight.reduced -= earns(straight.variable, straight.slope);
        }
        for resting in &mut self.resting {
            resting.reduced -= earns(resting.variable, resting.slope);
        }
        let turning: Vec<usize> = self.ahead[..way.crossed].iter().filter_map(Kink::resting).collect();
        turning.iter().for_each(|&k| self.bend(program, gather, k, columns));
        columns.fill(0.0);
        turning.iter().for_each(|&k| self.set_going(program, k, columns));
        for index in 0..way.crossed {
            match self.ahead[index].of {
                Of::Row(r) => self.rows[r].place = self.rows[r].place.other(),
                Of::Straight(k) => {
                    let to = self.straights[k].place.other();
                    self.put(program, Of::Straight(k), to, columns);
                }
                Of::Resting(_) => {}
            }
        }
        if let Some(of) = way.end {
            self.put(program, of, Place::Free, columns);
        }
    }

    /// Adds the curvature of a variable that was at rest to the matrix, or
    /// takes it off.
    fn bend(&mut self, program: &Program, gather: &Gather, k: usize, columns: &mut [f64]) {
        let resting = &mut self.resting[k];
        resting.moves = !resting.moves;
        columns.fill(0.0);
        let v = program.variable(resting.variable as usize);
        v.each(1.0, resting.slope, |column, slope| columns[column] = slope);
        let inverse = if resting.moves { resting.inverse } else { -resting.inverse };
        for r in 0..self.rows.len() {
            let slope = gather.sum(r, columns);
            for s in 0..=r {
                self.matrix.set(r, s, self.matrix.get(r, s) + inverse * slope * gather.sum(s, columns));
            }
        }
    }

    /// What a variable has moved by since its kink, or has not.
    fn set_going(&mut self, program: &Program, k: usize, columns: &mut [f64]) {
        let resting = &self.resting[k];
        let since = resting.inverse * resting.reduced;
        let change = if resting.moves { since } else { -since };
        let v = program.variable(resting.variable as usize);
        v.each(change, resting.slope * change, |column, change| columns[column] += change);
    }

    /// Puts a straight or a slack at a place. What that changes is added to the
    /// columns.
    pub(super) fn put(&mut self, program: &Program, of: Of, place: Place, columns: &mut [f64]) {
        match of {
            Of::Row(r) => self.rows[r].place = place,
            Of::Straight(k) => {
                let straight = &mut self.straights[k];
                let v = program.variable(straight.variable as usize);
                let full = |place: Place| if place == Place::High { v.length() } else { 0.0 };
                let change = full(place) - full(straight.place);
                straight.place = place;
                v.each(change, straight.slope * change, |column, change| columns[column] += change);
            }
            Of::Resting(_) => {}
        }
    }
}

impl Kink {
    fn resting(&self) -> Option<usize> {
        if let Of::Resting(k) = self.of { Some(k) } else { None }
    }
}

/// How fast what a unit of a variable earns falls along a way; 0 if that is
/// nothing but noise.
#[inline]
fn falls(v: &Variable, slope: f64, way: &[f64]) -> f64 {
    let (linear, curved) = v.dot(way);
    let curved = curved * slope;
    let falls = linear + curved;
    if falls.abs() > NOISE * (linear.abs() + curved.abs()) { falls } else { 0.0 }
}
