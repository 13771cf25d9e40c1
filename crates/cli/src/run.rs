//! Solving many scenarios at once and writing them in order.

mod items;
mod journal;
mod lots;
mod ordered;
mod plan;
mod render;
mod saved;
mod settle;
mod sinks;

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::thread;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use outlay::scenario::Batch;
use thiserror::Error;

use crate::exit::Exit;
use crate::terminal::{self, Output};

use items::Items;
use ordered::in_order;
use plan::{Done, Solved};

pub(crate) use items::Item;
pub(crate) use journal::Fresh;
pub(crate) use lots::{Lots, read_by};
pub(crate) use plan::Plan;
pub(crate) use render::warnings;
pub(crate) use saved::{inputs_at, keep_inputs, line, place, save};
pub(crate) use sinks::{SinkError, Sinks, fresh, whole};

/// Why a run cannot go on.
#[derive(Debug, Error)]
pub(crate) enum RunError {
    #[error("{0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Solves all scenarios and writes them in input order, whatever the number of
/// threads.
pub(crate) fn solve_all(plan: &Plan, mut sinks: Sinks) -> Result<Solved, RunError> {
    let lens: Vec<u64> = plan.lots.iter().map(|lot| lot.len).collect();
    let total = lens.iter().copied().fold(0, u64::saturating_add);
    let saved = sinks.saved().to_vec();
    let mut progress = Progress::new(total);
    let mut output = Output::new();
    let mut solved = Solved { exit: Exit::Solved, known: None };
    let mut warned = std::collections::HashSet::new();
    let wants_json = sinks.wants_json();
    let only_stdout = sinks.only_stdout() && plan.media.is_none();
    let work = |item: &mut Item| render::solve(plan, item, wants_json);
    let take = |item: Item, done: Done, idle: bool| {
        progress.count(&item, &done);
        if let Some(error) = &done.error {
            progress.bar.suspend(|| terminal::error(error));
        }
        for warning in &done.warnings {
            // What-ifs share most of theirs.
            if warned.insert(warning.clone()) {
                progress.bar.suspend(|| terminal::say(warning));
            }
        }
        solved.exit = solved.exit.max(done.exit);
        solved.known = done.known;
        output.write(&render::between(plan, &item))?;
        output.write(&done.text)?;
        let lot = &plan.lots[item.batch];
        sinks.take(lot, &item, done.kept, done.sheet)?;
        if let Some(rows) = done.buy {
            sinks.buy(lot, &rows)?;
        }
        if let (Some(bytes), Some((_, path))) = (&done.media, &plan.media) {
            sinks::whole(path, bytes)?;
        }
        if idle {
            output.flush()?;
        }
        let gone = output.closed() && only_stdout;
        Ok::<_, RunError>(if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let ran = in_order(threads(plan.jobs, total), Items::new(lens, &saved), work, take);
    sinks.settle()?;
    ran?;
    output.flush()?;
    progress.bar.finish_and_clear();
    sinks.close()?;
    if output.closed() && only_stdout {
        return Err(terminal::lost().into());
    }
    Ok(solved)
}

/// Works on all scenarios, several at once, and hands over what became of each
/// in input order until `take` says that nobody listens any more. The last
/// argument of `take` tells whether no further answer is ready yet.
pub(crate) fn for_each<R: Send>(
    batches: &[Batch],
    jobs: Option<usize>,
    work: impl Fn(&Item) -> R + Sync,
    mut take: impl FnMut(&Item, R, bool) -> Result<bool, RunError>,
) -> Result<(), RunError> {
    let lens: Vec<u64> = batches.iter().map(Batch::len).collect();
    let total = lens.iter().copied().fold(0, u64::saturating_add);
    let progress = Progress::new(total);
    let take = |item: Item, answer: R, idle: bool| {
        progress.bar.inc(1);
        let listening = progress.bar.suspend(|| take(&item, answer, idle))?;
        Ok::<_, RunError>(if listening { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    in_order(threads(jobs, total), Items::new(lens, &[]), |item: &mut Item| work(item), take)?;
    progress.bar.finish_and_clear();
    Ok(())
}

/// Threads are started only where there is more than one thing to do.
fn threads(jobs: Option<usize>, total: u64) -> usize {
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    jobs.unwrap_or_else(cores).min(usize::try_from(total).unwrap_or(usize::MAX))
}

/// How far a run has come: a bar on a terminal, nothing elsewhere.
struct Progress {
    bar: ProgressBar,
    planless: u64,
    failed: u64,
    resumed: bool,
}

impl Progress {
    fn new(total: u64) -> Self {
        let bar = if total < 2 || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(8))
        };
        let style =
            ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} scenarios{msg}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Progress { bar, planless: 0, failed: 0, resumed: false }
    }

    /// Counts a scenario once it is about to be written. What an earlier run
    /// finished says nothing about how long the rest will take.
    fn count(&mut self, item: &Item, done: &Done) {
        self.bar.inc(1);
        if item.saved.is_some() {
            self.resumed = true;
        } else if self.resumed {
            self.resumed = false;
            self.bar.reset_eta();
        }
        let counted = match done.exit {
            Exit::Solved => return,
            Exit::WrongInput => &mut self.failed,
            Exit::Refuted | Exit::Unproven => &mut self.planless,
        };
        *counted += 1;
        self.bar.set_message(outlay::report::sentence::progress(self.planless, self.failed));
    }
}
