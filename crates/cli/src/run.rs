//! Solving many scenarios at once and writing them in order.

mod render;
mod sinks;

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use outlay_report::Sheet;
use outlay_report::table::Page;
use outlay_scenario::Batch;
use outlay_scenario::buy::BuyRow;
use rayon::prelude::*;
use thiserror::Error;

use crate::arguments::Format;
use crate::exit::Exit;
use crate::solve::Effort;
use crate::terminal::{self, Output};

pub(crate) use sinks::{SinkError, Sinks, whole};

/// What a run solves and how it shows it.
pub(crate) struct Plan<'a> {
    pub(crate) batches: &'a [Batch],
    pub(crate) effort: Effort,
    /// Scenarios at once; `None` means one per core.
    pub(crate) jobs: Option<usize>,
    pub(crate) format: Format,
    pub(crate) page: Page,
    /// Keep what reports over all scenarios need.
    pub(crate) sheets: bool,
    /// Make buy sheets.
    pub(crate) buy: bool,
}

/// Why a run cannot go on.
#[derive(Debug, Error)]
pub(crate) enum RunError {
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// One scenario of one batch.
#[derive(Clone, Copy)]
struct Item {
    batch: usize,
    index: u64,
    /// First or last of its batch.
    first: bool,
    last: bool,
}

/// What became of one scenario.
#[derive(Default)]
struct Done {
    exit: Exit,
    /// For standard output.
    text: String,
    /// For standard error.
    error: Option<String>,
    /// The result file's line.
    json: Option<String>,
    sheet: Option<Sheet>,
    /// The plan as it is to be bought.
    buy: Option<Vec<BuyRow>>,
}

/// Scenarios in memory at once: enough that threads seldom wait for the
/// writer, and independent of how many there are.
const CHUNK: usize = 512;

/// Solves all scenarios and writes them in input order, whatever the number of
/// threads.
pub(crate) fn solve_all(plan: &Plan, mut sinks: Sinks) -> Result<Exit, RunError> {
    let total = plan.batches.iter().map(Batch::len).fold(0, u64::saturating_add);
    let pool = threads(plan, total)?;
    let progress = progress(total);
    let mut output = Output::new();
    let mut exit = Exit::Solved;
    let mut items = items(plan.batches).peekable();
    while items.peek().is_some() && !(output.closed() && sinks.only_stdout()) {
        let chunk: Vec<Item> = items.by_ref().take(CHUNK).collect();
        let work = |item: &Item| {
            let done = render::solve(plan, *item, sinks.wants_json());
            progress.inc(1);
            done
        };
        let done: Vec<Done> = match &pool {
            Some(pool) => pool.install(|| chunk.par_iter().map(work).collect()),
            None => chunk.iter().map(work).collect(),
        };
        for (item, done) in chunk.iter().zip(done) {
            if let Some(error) = &done.error {
                progress.suspend(|| terminal::error(error));
            }
            exit = exit.max(done.exit);
            output.write(&render::between(plan, *item))?;
            output.write(&done.text)?;
            let batch = &plan.batches[item.batch];
            sinks.take(batch, done.json, done.sheet, item.first, item.last)?;
            if let Some(rows) = done.buy {
                sinks.buy(batch, &rows)?;
            }
        }
        output.flush()?;
    }
    progress.finish_and_clear();
    sinks.close()?;
    Ok(exit)
}

fn items(batches: &[Batch]) -> impl Iterator<Item = Item> + '_ {
    let of = |(batch, b): (usize, &Batch)| {
        let len = b.len();
        (0..len).map(move |index| Item { batch, index, first: index == 0, last: index + 1 == len })
    };
    batches.iter().enumerate().flat_map(of)
}

/// Threads are started only where there is more than one thing to do.
fn threads(plan: &Plan, total: u64) -> Result<Option<rayon::ThreadPool>, RunError> {
    if total < 2 || plan.jobs == Some(1) {
        return Ok(None);
    }
    let jobs = plan.jobs.unwrap_or(0).min(usize::try_from(total).unwrap_or(usize::MAX));
    Ok(Some(rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?))
}

/// A bar on a terminal, nothing elsewhere.
fn progress(total: u64) -> ProgressBar {
    if total < 2 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(8));
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} scenarios, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
