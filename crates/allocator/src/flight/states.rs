//! What on/off rules remember of a flight, as states beside its stock.

use super::Flight;

/// What on/off rules remember: periods that a burst still has to last, one
/// more while it is on, bursts that may still begin or periods that may still
/// be on, and whether any was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Memory {
    pub(super) on: bool,
    owed: usize,
    left: usize,
    pub(super) ever: bool,
}

/// The states of a flight and the moves from one to the next.
pub(super) struct States {
    pub(super) list: Vec<Memory>,
    run: usize,
    /// What counts towards the most that is left: beginnings, or all periods.
    beginnings: bool,
    periods: bool,
    pub(super) used: bool,
    pub(super) plain: bool,
}

impl States {
    pub(super) fn new(flight: &Flight) -> Self {
        let (beginnings, used) = (flight.starts.is_some(), flight.used.is_some());
        let periods = flight.times.is_some() && !beginnings;
        let plain = flight.run <= 1 && !beginnings && !periods && !used;
        let most = flight.starts.or(flight.times).unwrap_or(0);
        let mut list = Vec::new();
        for left in 0..=most {
            for ever in [true, false].into_iter().filter(|ever| used || !ever) {
                list.push(Memory { on: false, owed: 0, left, ever });
                if !plain && ever == used {
                    list.extend((0..flight.run.max(1)).map(|owed| Memory { on: true, owed, left, ever }));
                }
            }
        }
        States { list, run: flight.run.max(1), beginnings, periods, used, plain }
    }

    pub(super) fn first(&self) -> usize {
        self.list.iter().rposition(|m| !m.on && !m.ever).unwrap_or(0)
    }

    fn index(&self, memory: Memory) -> Option<usize> {
        self.list.iter().position(|m| *m == memory)
    }

    /// The state after a period that is off, and after one that is on.
    pub(super) fn moves(&self, state: usize) -> (Option<usize>, Option<usize>) {
        if self.plain {
            return (Some(0), Some(0));
        }
        let now = self.list[state];
        let off = (now.owed == 0).then_some(Memory { on: false, owed: 0, ..now });
        let counts = self.periods || self.beginnings && !now.on;
        let left = if counts { now.left.checked_sub(1) } else { Some(now.left) };
        let owed = if now.on { now.owed.saturating_sub(1) } else { self.run - 1 };
        let on = left.map(|left| Memory { on: true, owed, left, ever: self.used });
        (off.and_then(|m| self.index(m)), on.and_then(|m| self.index(m)))
    }
}
