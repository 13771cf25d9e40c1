//! Rows of a program that say the same of the same sum, in either direction,
//! folded into one (duplicate rows, as presolve removes them): two rows that are
//! each other's opposite become an equation.

use std::collections::BTreeMap;

use super::sparse::Program;

/// A program with one row for every sum, and whose ends that row took over.
pub(crate) struct Folded<'a> {
    pub(crate) program: Program<'a>,
    folds: Vec<Fold>,
}

/// A row that stands for others.
struct Fold {
    row: usize,
    /// Whose end is the lower one, and how many times that row's sum the sum is.
    low: (usize, f64),
    high: (usize, f64),
}

/// Sums whose coefficients agree to this many steps of a double count as one.
const ALIKE: f64 = 1e-13;

impl<'a> Folded<'a> {
    pub(crate) fn new(program: &Program<'a>) -> Self {
        let mut folded = Folded { program: program.clone(), folds: Vec::new() };
        let sums = sums(program);
        let firm = program.firm();
        let mut alike: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (r, sum) in sums.iter().enumerate() {
            if let Some(sum) = sum.as_ref().filter(|sum| !sum.is_empty() && !firm[r]) {
                alike.entry(sum.iter().map(|(j, _)| *j).collect()).or_default().push(r);
            }
        }
        let mut gone = vec![false; sums.len()];
        for rows in alike.into_values().filter(|rows| rows.len() > 1) {
            for (at, &row) in rows.iter().enumerate() {
                if !gone[row] {
                    folded.fold(row, &rows[at + 1..], &sums, &mut gone);
                }
            }
        }
        if gone.contains(&true) {
            folded.drop(&gone);
        }
        folded
    }

    /// Takes over the ends of rows that are multiples of one.
    fn fold(&mut self, row: usize, others: &[usize], sums: &[Option<Sum>], gone: &mut [bool]) {
        let (mut low, mut high) = ((row, 1.0), (row, 1.0));
        let (mut from, mut to) = (self.program.lower[row], self.program.upper[row]);
        for &other in others {
            if gone[other] {
                continue;
            }
            let Some(times) = times(&sums[row], &sums[other]) else { continue };
            gone[other] = true;
            let ends = (self.program.lower[other] * times, self.program.upper[other] * times);
            let (least, most) = if times < 0.0 { (ends.1, ends.0) } else { ends };
            if least > from {
                (from, low) = (least, (other, times));
            }
            if most < to {
                (to, high) = (most, (other, times));
            }
        }
        // Ends that cross by rounding meet.
        if from > to && from - to <= ALIKE * from.abs().max(to.abs()) {
            to = from;
        }
        (self.program.lower[row], self.program.upper[row]) = (from, to);
        if low.0 != row || high.0 != row {
            self.folds.push(Fold { row, low, high });
        }
    }

    /// Leaves out what enters rows that are gone, and lets these rows be.
    fn drop(&mut self, gone: &[bool]) {
        let all = &self.program;
        let mut left = Program { blocks: all.blocks.clone(), ..Program::default() };
        for (j, v) in all.variables.iter().enumerate() {
            left.push(*v, all.roles[j], all.entries(j).filter(|(r, ..)| !gone[*r]));
        }
        let ends = |ends: &[f64], idle: f64| {
            ends.iter().zip(gone).map(|(&e, &g)| if g { idle } else { e }).collect()
        };
        left.lower = ends(&all.lower, -1.0);
        left.upper = ends(&all.upper, 1.0);
        self.program = left;
    }

    /// Prices of all rows from those of the rows that stand for them.
    pub(crate) fn unfold(&self, mut prices: Vec<f64>) -> Vec<f64> {
        for fold in &self.folds {
            let price = std::mem::take(&mut prices[fold.row]);
            let (owner, times) = if price > 0.0 { fold.high } else { fold.low };
            prices[owner] += price * times;
        }
        prices
    }
}

type Sum = Vec<(usize, f64)>;

/// The coefficients of every row by variable; none for rows that bend.
fn sums(program: &Program) -> Vec<Option<Sum>> {
    let mut sums: Vec<Option<Sum>> = vec![Some(Vec::new()); program.lower.len()];
    for j in 0..program.variables.len() {
        for (r, linear, curved) in program.entries(j) {
            if curved != 0.0 {
                sums[r] = None;
            } else if let Some(sum) = sums[r].as_mut().filter(|_| linear != 0.0) {
                sum.push((j, linear));
            }
        }
    }
    sums
}

/// How many times the other sum the first one is, if it is a multiple.
fn times(sum: &Option<Sum>, other: &Option<Sum>) -> Option<f64> {
    let (sum, other) = (sum.as_ref()?, other.as_ref()?);
    let times = sum.first()?.1 / other.first()?.1;
    let same = |((_, a), (_, b)): (&(usize, f64), &(usize, f64))| (a - times * b).abs() <= ALIKE * a.abs();
    sum.iter().zip(other).all(same).then_some(times)
}
