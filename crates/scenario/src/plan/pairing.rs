//! Which draw of one line belongs to which of another.

use std::sync::Arc;

use outlay_allocator::risk::{Drawn, Draws};

use crate::model::draws::COUNT;
use crate::model::scenario::ScenarioLine;
use crate::model::shuffle::shuffled;

/// The draws of the lines together. A
/// line without draws is certain; one with fewer repeats them, shuffled.
pub(crate) fn paired(lines: &[Arc<ScenarioLine>]) -> Draws {
    let count = count(lines);
    let each = lines.iter().enumerate().map(|(i, line)| {
        let curves = line.draws.sampled(count, i);
        let order = order(curves.len(), count, i).map(Into::into);
        let curves = if curves.is_empty() { [line.curve.clone()].into() } else { curves };
        Drawn { curves, order }
    });
    Draws { count, lines: each.collect() }
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
