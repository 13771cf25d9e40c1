//! Which draw of one line belongs to which of another.

use std::sync::Arc;

use outlay_allocator::risk::{Drawn, Draws};
use outlay_allocator::{Line, Problem};
use outlay_curves::Curve;

use crate::model::draws::COUNT;
use crate::model::scenario::ScenarioLine;
use crate::model::shuffle::shuffled;
use crate::plan::layout::{Layout, per_period};

/// The draws of the lines together. A
/// line without draws is certain; one with fewer repeats them, shuffled.
pub(crate) fn paired(lines: &[Arc<ScenarioLine>]) -> Draws {
    let count = count(lines);
    let each = lines.iter().enumerate().map(|(i, line)| {
        let curves = line.draws.sampled(count, i);
        let order = order(curves.len(), count, i).map(Into::into);
        let curves = if curves.is_empty() { [line.curve.clone()].into() } else { curves };
        Drawn { curves, order, less: None }
    });
    Draws { count, lines: each.collect() }
}

/// The same for the lines of the problem: by period a flight's spends are
/// certain, and its stocks return by the draws, less what earlier spend does.
pub(crate) fn laid_out(lines: &[Arc<ScenarioLine>], layout: &Layout, problem: &Problem) -> Draws {
    let draws = paired(lines);
    if !layout.is_by_period() {
        return draws;
    }
    let certain = |line: &Line| Drawn { curves: [line.curve.clone()].into(), order: None, less: None };
    let mut all: Vec<Drawn> = problem.lines.iter().map(certain).collect();
    for ((line, drawn), atoms) in lines.iter().zip(draws.lines).zip(layout.flights()) {
        let Some(flight) = line.flight.as_deref().filter(|_| !line.draws.is_empty()) else { continue };
        let expected = per_period(line, flight.periods());
        let share = 1.0 / flight.periods() as f64;
        let curves: Arc<[Curve]> = drawn.curves.iter().map(|c| c.stretched(share, share)).collect();
        for (stock, &opening) in atoms.stocks.clone().zip(&flight.opening) {
            let left = |curve: &Curve| curve.value(opening) - expected.value(opening);
            let less = (opening > 0.0).then(|| curves.iter().map(left).collect());
            all[stock] = Drawn { curves: curves.clone(), order: drawn.order.clone(), less };
        }
    }
    Draws { count: draws.count, lines: all }
}

/// Number of draws of a scenario: as many as the line with the most has, or
/// [`COUNT`] where spreads are stated alone.
pub(crate) fn count(lines: &[Arc<ScenarioLine>]) -> usize {
    let own = |line: &Arc<ScenarioLine>| match line.draws.stated {
        Some(_) => 0,
        None => line.draws.sampled(0, 0).len(),
    };
    match lines.iter().map(own).max() {
        Some(0) | None if lines.iter().all(|l| l.draws.is_empty()) => 1,
        Some(0) | None => COUNT,
        Some(most) => most,
    }
}

/// Which of a line's own draws belongs to each of `count`; nothing where it is
/// the draw of the same number, or the line is certain.
pub(crate) fn order(own: usize, count: usize, line: usize) -> Option<Vec<usize>> {
    (own > 1 && own != count).then(|| shuffled(own, count, line))
}
