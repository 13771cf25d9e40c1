//! How hard a command tries, with its clock.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// When the program began: what `--time` counts from where there is one answer,
/// so that reading counts. Asked first in `main`.
pub(crate) fn began() -> Instant {
    *BEGAN.get_or_init(Instant::now)
}

/// When to stop, for every scenario of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effort {
    pub(crate) gap: Option<f64>,
    pub(crate) nodes: Option<usize>,
    pub(crate) time: Option<Duration>,
    /// When the time began; `None` for where it is spent.
    pub(crate) since: Option<Instant>,
    /// Every spend a multiple of this.
    pub(crate) round: Option<f64>,
}

impl Effort {
    /// The effort for each of so many scenarios: the time of one alone counts from
    /// the program's beginning, that of several from where each is begun.
    pub(crate) fn each(self, scenarios: u64) -> Effort {
        Effort { since: (scenarios == 1).then(began), ..self }
    }

    /// The effort of an answer of several steps, whose time has begun by now.
    pub(crate) fn begun(self) -> Effort {
        Effort { since: self.since.or_else(|| Some(Instant::now())), ..self }
    }

    /// Runs something within the time.
    pub(crate) fn spend<T>(&self, run: impl FnOnce(&outlay::Effort) -> T) -> T {
        let deadline = self.deadline();
        let late = || deadline.is_some_and(|d| Instant::now() >= d);
        run(&outlay::Effort::default().gap(self.gap).nodes(self.nodes).round(self.round).cancel(&late))
    }

    /// When the time is up, if that ever comes.
    fn deadline(&self) -> Option<Instant> {
        self.since.unwrap_or_else(Instant::now).checked_add(self.time?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_has_its_time_from_the_beginning_and_each_of_several_its_own() {
        let (time, start) = (Duration::from_secs(5), began());
        let effort = Effort { time: Some(time), ..Effort::default() };
        assert_eq!(effort.each(1).deadline(), Some(start + time));
        assert_eq!(effort.each(1).begun().deadline(), Some(start + time));
        std::thread::sleep(Duration::from_millis(2));
        let own = effort.each(2).begun();
        assert!(own.deadline() > Some(start + time));
        // Steps of one answer share its time.
        let first = own.deadline();
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(own.deadline(), first);
        assert_eq!(Effort::default().each(1).deadline(), None);
    }
}
