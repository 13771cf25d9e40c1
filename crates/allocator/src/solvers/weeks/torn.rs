//! Flights that a mixture tears (branching candidates): what the mixture is worth beyond one that can
//! be had, and where to cut.

use super::{Column, Weeks};
use crate::region::Region;
use crate::solvers::master::Mixed;

/// Cuts keep this share of what a mixture spans to either side.
const EDGE: f64 = 0.2;

/// Weights below this do not count as part of a mixture.
const TRACE: f64 = 1e-4;

/// A flight's mixture.
pub(super) struct Torn {
    pub(super) mean: Vec<f64>,
    pub(super) heaviest: usize,
    pub(super) parts: Vec<(usize, f64)>,
    pub(super) alike: bool,
    pub(super) loss: f64,
}

impl Weeks<'_> {
    /// By flight: the mean of its mixture, and what the mixture is worth beyond
    /// a flight that can be had.
    pub(super) fn torn(&mut self, columns: &[usize], mixed: &Mixed, prices: &[f64]) -> Vec<Torn> {
        let mut parts: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.atoms.len()];
        for (&k, &w) in columns.iter().zip(&mixed.weights) {
            if w > TRACE {
                parts[self.columns[k].block].push((k, w));
            }
        }
        let mut torn = Vec::with_capacity(parts.len());
        for (block, mut parts) in parts.into_iter().enumerate() {
            let whole: f64 = parts.iter().map(|p| p.1).sum();
            parts.iter_mut().for_each(|p| p.1 /= whole);
            let count = parts.first().map_or(0, |&(k, _)| self.columns[k].spends.len());
            let mean: Vec<f64> =
                (0..count).map(|t| parts.iter().map(|&(k, w)| w * self.columns[k].spends[t]).sum()).collect();
            let heaviest = parts.iter().copied().fold((0, 0.0), |a, b| if b.1 > a.1 { b } else { a }).0;
            let alike = parts.iter().all(|&(k, _)| {
                let (a, b) = (&self.columns[k].spends, &self.columns[heaviest].spends);
                let used = |x: &[f64]| x.iter().any(|x| *x > 0.0);
                let same = self.flights.list[block].used.is_none() || used(a) == used(b);
                same && (!self.switched(block) || a.iter().zip(b).all(|(a, b)| (*a > 0.0) == (*b > 0.0)))
            });
            let earned: f64 = parts.iter().map(|&(k, w)| w * self.worth(&self.columns[k], prices)).sum();
            let spread =
                parts.iter().map(|&(k, w)| w * (self.columns[k].goal - self.columns[heaviest].goal).abs());
            let spread: f64 = spread.sum();
            let own = self.add(block, mean.clone());
            let whole = alike && !self.whole(block);
            let loss = if whole { earned - self.worth(&self.columns[own], prices) } else { spread };
            torn.push(Torn { mean, heaviest, parts, alike, loss });
        }
        torn
    }

    /// True if a flight has spends that are off or on with nothing between, or
    /// rules on being on.
    pub(super) fn switched(&self, block: usize) -> bool {
        let flight = &self.flights.list[block];
        let holed = |line: usize| self.problem.lines[line].domain().spans().len() > 1;
        flight.run > 1
            || flight.starts.is_some()
            || flight.times.is_some()
            || flight.steps.iter().filter_map(|s| s.spend).any(|spend| holed(spend.line))
    }

    /// True if a flight's spends are whole lots.
    pub(super) fn whole(&self, block: usize) -> bool {
        let lots = |line: usize| self.problem.lines[line].domain().spans().iter().any(|s| s.step > 0.0);
        self.flights.list[block].steps.iter().filter_map(|s| s.spend).any(|spend| lots(spend.line))
    }

    /// True if a known flight lies in a region.
    pub(super) fn inside(&self, region: &Region, column: &Column) -> bool {
        let near = |x: f64| 1e-9 * x.abs();
        self.atoms[column.block]
            .iter()
            .zip(&column.at)
            .all(|(atom, &x)| region.low[atom.line] <= x + near(x) && x <= region.high[atom.line] + near(x))
    }

    /// What a flight is worth at prices.
    pub(super) fn worth(&self, column: &Column, prices: &[f64]) -> f64 {
        column.goal - column.rows.iter().map(|&(r, a)| prices[r] * a).sum::<f64>()
    }

    /// The node of a known grid that is nearest to a stock.
    fn node(&self, block: usize, stock: f64, step: f64) -> f64 {
        let grid = self.grids.iter().find(|(known, _)| *known == step).map(|(_, grids)| &grids[block]);
        grid.map_or(stock, |grid| {
            let (k, part) = grid.cell(stock);
            grid.at[if part < 0.5 { k } else { k + 1 }]
        })
    }

    /// The line to cut, and where: of the flight that loses most, the week in
    /// which its parts are furthest from one another.
    pub(super) fn choose(&self, region: &Region, torn: &[Torn], step: f64) -> Option<(usize, f64)> {
        let most = torn.iter().enumerate().filter(|(_, t)| t.parts.len() > 1);
        let (block, torn) = most.fold(None, |best: Option<(usize, &Torn)>, (block, t)| match best {
            Some((_, old)) if old.loss >= t.loss => best,
            _ => Some((block, t)),
        })?;
        if let Some(used) = self.flights.list[block].used.filter(|u| region.low[*u] == 0.0) {
            let on = |&(k, _): &(usize, f64)| self.columns[k].spends.iter().any(|x| *x > 0.0);
            if region.high[used] >= 1.0 && torn.parts.iter().any(on) && !torn.parts.iter().all(on) {
                return Some((used, 0.0));
            }
        }
        let steps = self.flights.list[block].steps.iter();
        let places = steps.filter_map(|s| Some((s.spend?.line, s.stock)));
        let mut choice = (0.0, None);
        for (spend, stock) in places {
            let whole = self.problem.lines[spend].domain().spans().iter().find(|s| s.step > 0.0);
            let whole = whole.filter(|_| torn.alike);
            let line = if torn.alike && whole.is_none() { stock } else { spend };
            let Some(k) = self.atoms[block].iter().position(|atom| atom.line == line) else { continue };
            let of = |column: usize| {
                let x = self.columns[column].at[k];
                if torn.alike { x } else { f64::from(x > 0.0) }
            };
            let each = || torn.parts.iter().map(|&(c, w)| (of(c), w));
            let mean: f64 = each().map(|(x, w)| w * x).sum();
            let spread: f64 = each().map(|(x, w)| w * (x - mean).powi(2)).sum();
            let (least, most) = each().fold((f64::INFINITY, 0.0_f64), |(a, b), (x, _)| (a.min(x), b.max(x)));
            // A cut at a node costs the program nothing.
            let inside = mean.clamp(least + EDGE * (most - least), most - EDGE * (most - least));
            let at = match whole {
                Some(lots) => lots.lot_at_or_below(inside) + 0.5 * lots.step,
                None if torn.alike => self.node(block, inside, step),
                None => 0.0,
            };
            let (low, high) = (region.low[line], region.high[line]);
            if spread > choice.0 && (low < at || !torn.alike && low == 0.0) && at < high {
                choice = (spread, Some((line, at)));
            }
        }
        choice.1
    }
}
