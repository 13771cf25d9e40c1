//! The least point of a convex function that is quadratic but for kinks (the
//! breakpoints of its slope), by a working set (active set method: Nocedal and
//! Wright, Numerical Optimization, 2006, chapter 16).
//!
//! Prices are free to move, except that members of the working set stay on
//! their kinks: a straight variable whose unit earns nothing, a row without a
//! price. A step leads to the least point of the quadratic under that; on the
//! way kinks are crossed as long as that leads down, and the one where it no
//! longer does joins the set. A curved variable at an end of its stretch has a
//! kink as well: behind it, it moves and adds to the curvature. Once a step is
//! taken as a whole, the member whose share (its multiplier) is furthest out of
//! its range leaves the set.

use super::dense::{Dense, eliminate};
use super::gather::Gather;
use super::program::Program;

/// Most changes of the working set in one step.
const CHANGES: usize = 60;

/// Curvature that every direction has at least: in the first step, by how much
/// it falls from one to the next, and in the last.
const FLOOR: f64 = 1e-6;
const FALL: f64 = 0.1;
const LEAST_FLOOR: f64 = 1e-16;

/// Share of its range, or of a row's terms, by which a member of the working
/// set may leave its range.
const OUT: f64 = 1e-12;

/// Where a straight variable or a row's slack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Low,
    High,
    /// In between: its kink is in the working set.
    Free,
}

impl Place {
    pub(super) fn other(self) -> Place {
        if self == Place::High { Place::Low } else { Place::High }
    }
}

/// A variable with the same slope all along.
#[derive(Debug, Clone, Copy)]
pub(super) struct Straight {
    pub(super) variable: u32,
    pub(super) place: Place,
    pub(super) slope: f64,
    /// What a unit earns at the prices.
    pub(super) reduced: f64,
}

impl Straight {
    pub(super) fn new(variable: usize, slope: f64) -> Self {
        Straight { variable: variable as u32, place: Place::Low, slope, reduced: 0.0 }
    }
}

/// A curved variable at an end of its stretch, which it leaves as soon as a unit
/// earns something (at its lower end) or costs something (at its upper).
#[derive(Debug, Clone, Copy)]
pub(super) struct Resting {
    pub(super) variable: u32,
    pub(super) high: bool,
    pub(super) slope: f64,
    /// What a unit earns at the prices.
    pub(super) reduced: f64,
    /// One over how fast that falls along the variable.
    pub(super) inverse: f64,
    /// True if the step so far makes it move.
    pub(super) moves: bool,
}

/// A row, scaled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) price: f64,
    pub(super) place: Place,
    /// What the variables make of it, free ones left out.
    pub(super) activity: f64,
}

impl Row {
    pub(super) fn new(low: f64, high: f64, price: f64) -> Self {
        let mut row = Row { low, high, price, place: Place::Free, activity: 0.0 };
        row.settle();
        row
    }

    pub(super) fn fixed(&self) -> bool {
        self.low >= self.high
    }

    /// Puts the slack where the price says; prices of the wrong sign are dropped.
    fn settle(&mut self) {
        if !self.fixed()
            && (self.price > 0.0 && self.high.is_infinite() || self.price < 0.0 && self.low.is_infinite())
        {
            self.price = 0.0;
        }
        self.place = match self.price {
            _ if self.fixed() => Place::Low,
            price if price > 0.0 => Place::High,
            price if price < 0.0 => Place::Low,
            _ => Place::Free,
        };
    }

    /// The slack that answers the price; that of a free row does not matter.
    pub(super) fn slack(&self) -> f64 {
        match self.place {
            Place::Low => self.low,
            Place::High => self.high,
            Place::Free => 0.0,
        }
    }

    pub(super) fn lacking(&self) -> f64 {
        self.activity - self.slack()
    }
}

/// What a kink is of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    Straight(usize),
    Resting(usize),
    Row(usize),
}

/// A kink on the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kink {
    pub(super) at: f64,
    /// How much less steeply the way leads down behind it: at once, and for
    /// each unit of the way.
    pub(super) turn: f64,
    pub(super) bend: f64,
    pub(super) of: Of,
}

#[derive(Debug)]
pub(super) struct Kinks {
    pub(super) straights: Vec<Straight>,
    pub(super) resting: Vec<Resting>,
    pub(super) rows: Vec<Row>,
    /// Curvature of the function over the rows' prices.
    pub(super) matrix: Dense,
    /// Least curvature in any direction: in the next step, and in the last.
    floor: f64,
    used: f64,
    /// Rows outside the working set; straights in it, their slopes by row and their shares.
    active: Vec<usize>,
    free: Vec<usize>,
    slopes: Vec<f64>,
    system: Vec<f64>,
    solution: Vec<f64>,
    /// By row: the step so far, the one being taken, and what that takes off activities.
    pub(super) total: Vec<f64>,
    pub(super) step: Vec<f64>,
    pub(super) moved: Vec<f64>,
    pub(super) ahead: Vec<Kink>,
    /// The step being taken, by column.
    pub(super) way: Vec<f64>,
}

impl Kinks {
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        Kinks {
            straights: Vec::new(),
            resting: Vec::new(),
            rows: Vec::with_capacity(rows),
            matrix: Dense::new(rows),
            floor: FLOOR,
            used: FLOOR,
            active: Vec::with_capacity(rows),
            free: Vec::new(),
            slopes: Vec::new(),
            system: Vec::new(),
            solution: Vec::new(),
            total: vec![0.0; rows],
            step: vec![0.0; rows],
            moved: vec![0.0; rows],
            ahead: Vec::new(),
            way: vec![0.0; columns],
        }
    }

    /// Forgets rows and straights.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.straights.clear();
        self.floor = FLOOR;
    }

    /// Works out the step to the least point. How far down that leads; `None`
    /// if it cannot be found. `columns` is room for a figure per column.
    pub(super) fn minimise(
        &mut self,
        program: &Program,
        gather: &Gather,
        columns: &mut [f64],
    ) -> Option<f64> {
        self.total.fill(0.0);
        self.used = self.floor;
        let mut down = 0.0;
        for _ in 0..CHANGES {
            if program.stop.now() {
                return None;
            }
            self.aim(program, gather, columns)?;
            let way = self.look_ahead(program);
            down += way.down;
            self.walk(program, gather, &way, columns);
            if way.is_whole() && !self.release(program, columns) {
                self.floor = (FALL * self.floor).max(LEAST_FLOOR);
                return Some(down);
            }
            self.rows.iter_mut().enumerate().for_each(|(r, row)| row.activity += gather.sum(r, columns));
        }
        None
    }

    /// Most that the step moves a row's activity by.
    pub(super) fn moves(&self) -> f64 {
        let moved = |r: usize| dot_row(&self.matrix, r, &self.total).abs();
        (0..self.rows.len()).map(moved).fold(0.0, f64::max)
    }

    /// Most that the step leaves rows lacking, since curvature is never below the
    /// floor.
    pub(super) fn leaves(&self) -> f64 {
        self.used * self.total.iter().fold(0.0, |most: f64, change| most.max(change.abs()))
    }

    /// Moves prices by a share of the step.
    pub(super) fn step(&mut self, share: f64) {
        for (row, change) in self.rows.iter_mut().zip(&self.total) {
            let stays = share == 1.0 && row.place == Place::Free;
            row.price = if stays { 0.0 } else { row.price + share * change };
        }
    }

    /// Empties the working set, but for rows without a price.
    pub(super) fn forget(&mut self) {
        self.rows.iter_mut().for_each(Row::settle);
        self.straights.iter_mut().for_each(|straight| straight.place = Place::Low);
    }

    /// Sets the straight variables among a program's.
    pub(super) fn fill(&self, program: &Program, y: &mut [f64]) {
        for straight in self.straights.iter().filter(|straight| straight.place == Place::High) {
            let j = straight.variable as usize;
            y[j] = program.variable(j).length();
        }
        for (&k, &share) in self.free.iter().zip(&self.solution[self.active.len()..]) {
            let j = self.straights[k].variable as usize;
            y[j] = (-share).clamp(0.0, program.variable(j).length());
        }
    }

    /// Works out the step that leads to the least point with the working set on
    /// its kinks, and the shares of its members there (with their signs changed).
    fn aim(&mut self, program: &Program, gather: &Gather, columns: &mut [f64]) -> Option<()> {
        let m = self.rows.len();
        self.active.clear();
        self.active.extend((0..m).filter(|&r| self.rows[r].place != Place::Free));
        self.free.clear();
        self.free.extend((0..self.straights.len()).filter(|&k| self.straights[k].place == Place::Free));
        self.slopes.clear();
        for &k in &self.free {
            let straight = &self.straights[k];
            columns.fill(0.0);
            let v = program.variable(straight.variable as usize);
            v.each(1.0, straight.slope, |column, slope| columns[column] = slope);
            self.slopes.extend((0..m).map(|r| gather.sum(r, columns)));
        }
        let (a, n) = (self.active.len(), self.active.len() + self.free.len());
        self.system.clear();
        self.system.resize(n * n, 0.0);
        self.solution.clear();
        for (at, &r) in self.active.iter().enumerate() {
            for (other, &s) in self.active[..=at].iter().enumerate() {
                let entry = self.matrix.get(r, s);
                (self.system[at * n + other], self.system[other * n + at]) = (entry, entry);
            }
            self.system[at * n + at] += self.floor;
            for (k, slopes) in self.slopes.chunks_exact(m.max(1)).enumerate() {
                let slope = slopes[r];
                (self.system[at * n + a + k], self.system[(a + k) * n + at]) = (slope, slope);
            }
            self.solution.push(self.rows[r].lacking());
        }
        self.solution.extend(self.free.iter().map(|&k| self.straights[k].reduced));
        eliminate(&mut self.system, &mut self.solution, program.stop)?;
        self.step.fill(0.0);
        self.active.iter().zip(&self.solution).for_each(|(&r, &change)| self.step[r] = change);
        for (r, moved) in self.moved.iter_mut().enumerate() {
            *moved = dot_row(&self.matrix, r, &self.step);
        }
        self.way.fill(0.0);
        gather.charge(|r| self.step[r], 1.0, &mut self.way);
        Some(())
    }

    /// Takes the member furthest out of its range off the working set; false if
    /// there is none. What that changes is left in the columns.
    fn release(&mut self, program: &Program, columns: &mut [f64]) -> bool {
        let m = self.rows.len();
        let mut worst = (OUT, None);
        let mut offer = |excess: f64, of: Of, to: Place| {
            if excess > worst.0 {
                worst = (excess, Some((of, to)));
            }
        };
        let shares = &self.solution[self.active.len()..];
        for (&k, share) in self.free.iter().zip(shares) {
            let length = program.variable(self.straights[k].variable as usize).length();
            offer(share / length, Of::Straight(k), Place::Low);
            offer(-share / length - 1.0, Of::Straight(k), Place::High);
        }
        for (r, row) in self.rows.iter().enumerate().filter(|(_, row)| row.place == Place::Free) {
            let slopes = self.slopes.iter().skip(r).step_by(m);
            let activity = row.activity - slopes.zip(shares).map(|(slope, share)| slope * share).sum::<f64>();
            offer(row.low - activity, Of::Row(r), Place::Low);
            offer(activity - row.high, Of::Row(r), Place::High);
        }
        let Some((of, to)) = worst.1 else { return false };
        columns.fill(0.0);
        self.put(program, of, to, columns);
        true
    }
}

/// A row of a symmetric matrix times a vector.
fn dot_row(matrix: &Dense, r: usize, x: &[f64]) -> f64 {
    (0..x.len()).map(|s| matrix.get(r.max(s), r.min(s)) * x[s]).sum()
}
