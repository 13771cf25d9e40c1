//! Rules on which lines are on: in a program a line that may be on or off is on
//! by the share of the spend that it would be switched on for; what a proof
//! charges for being on is weighed exactly.

use super::Risky;
use super::part::Part;
use super::program::{Program, Row};
use crate::{Limit, Prices};

/// A share of being on from which a line is taken for on.
const HALF: f64 = 0.5;

/// Limits that count lines that are on, with their coefficients.
pub(super) fn rules(risky: &Risky) -> impl Iterator<Item = (usize, &Limit, &[f64])> {
    let limits = risky.problem.limits.iter().enumerate();
    limits.filter_map(|(k, limit)| limit.numerator.active.as_deref().map(|active| (k, limit, active)))
}

/// Prices of a rule that no plan of a part keeps.
pub(super) fn broken(risky: &Risky, part: &Part) -> Option<Vec<Prices>> {
    for (k, limit, active) in rules(risky) {
        let Some((least, most)) = counted(limit, active, part) else { continue };
        let mut prices = vec![Prices::default(); risky.problem.limits.len()];
        if limit.max.is_some_and(|max| least > max) {
            prices[k].max = 1.0;
            return Some(prices);
        }
        if limit.min.is_some_and(|min| most < min) {
            prices[k].min = 1.0;
            return Some(prices);
        }
    }
    None
}

/// The least and the most that a rule counts in a part; nothing where it counts
/// more than lines that are on.
fn counted(limit: &Limit, active: &[f64], part: &Part) -> Option<(f64, f64)> {
    let terms = &limit.numerator;
    if terms.spend.is_some() || terms.response.is_some() || limit.denominator.is_some() {
        return None;
    }
    let mut range = (terms.constant, terms.constant);
    for (i, &c) in active.iter().enumerate() {
        let (off, on) = match part.is_on(i) {
            Some(false) => (0.0, 0.0),
            Some(true) => (c, c),
            None => (c.min(0.0), c.max(0.0)),
        };
        range = (range.0 + off, range.1 + on);
    }
    Some(range)
}

/// Which lines are on in a plan near a relaxed one, `share` saying by how much
/// each is on there: of lines that may be either, those least decided change
/// sides until the rules hold. Nothing where that leads nowhere.
pub(super) fn chosen(risky: &Risky, part: &Part, share: &[f64]) -> Option<Vec<bool>> {
    let mut on: Vec<bool> = (0..share.len()).map(|i| part.is_on(i).unwrap_or(share[i] >= HALF)).collect();
    let mut fixed: Vec<bool> = (0..share.len()).map(|i| !part.is_open(i)).collect();
    loop {
        let of =
            |active: &[f64]| active.iter().zip(&on).map(|(c, on)| if *on { *c } else { 0.0 }).sum::<f64>();
        let plain = rules(risky).filter(|(_, limit, _)| limit.denominator.is_none());
        let missed = plain.filter_map(|(_, limit, active)| {
            let counted = limit.numerator.constant + of(active);
            match () {
                () if limit.max.is_some_and(|max| counted > max) => Some((-1.0, active)),
                () if limit.min.is_some_and(|min| counted < min) => Some((1.0, active)),
                () => None,
            }
        });
        let Some((sign, active)) = missed.take(1).next() else { return Some(on) };
        let helps = |i: &usize| !fixed[*i] && sign * if on[*i] { -active[*i] } else { active[*i] } > 0.0;
        let cost = |i: usize| if on[i] { share[i] } else { 1.0 - share[i] };
        let flip = (0..on.len()).filter(helps).min_by(|&a, &b| cost(a).total_cmp(&cost(b)))?;
        on[flip] = !on[flip];
        fixed[flip] = true;
    }
}

impl Program {
    /// The program of a part, lines that may be on or off counted by their
    /// spend's share of `anchors`. A line that can be on for next to nothing
    /// serves rules that need it at once.
    pub(super) fn counted(&self, risky: &Risky, part: &Part, anchors: &[f64]) -> Program {
        let counted = |row: &Row, equation: bool| {
            let mut row = row.clone();
            for (i, c) in row.of.iter_mut().enumerate() {
                let free =
                    || risky.problem.lines[i].domain().spans().iter().any(|s| s.from == 0.0 && s.to > 0.0);
                match part.is_on(i) {
                    _ if c.active == 0.0 => {}
                    Some(false) => {}
                    Some(true) => row.constant += c.active,
                    None if c.active > 0.0 && !equation && free() => row.constant += c.active,
                    None => c.spend += c.active / anchors[i],
                }
                c.active = 0.0;
            }
            row
        };
        // Of a rule that is decided nothing is left to be solved.
        let open = |row: &Row| row.of.iter().any(|c| c.spend != 0.0 || c.response != 0.0);
        let all = |rows: &[Row], equation: bool| -> Vec<Row> {
            let whole = rows.iter().map(|row| (row, counted(row, equation)));
            whole
                .filter(|(row, new)| open(new) || !row.of.iter().any(|c| c.active != 0.0))
                .map(|(_, new)| new)
                .collect()
        };
        let (rows, equations) = (all(&self.rows, false), all(&self.equations, true));
        Program { goal: self.goal.clone(), rows, equations, groups: self.groups.clone() }
    }
}
