//! What the server holds: the folder, scenarios as read, plans as solved.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use outlay::report::{Sheet, View};
use outlay::{Batch, Effort, Error, Files, FrontierFile, Range, ResultFile, Scenario};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::asked::{Set, json};
use super::shelf::{Shelf, told};
use crate::folder::Folder;
use crate::stop::Stop;

/// Plans remembered.
const MOST: usize = 64;
/// Requests in hand at most.
const VISITORS: usize = 64;
/// Largest distance of a frontier from the line between its points: a pixel.
const FRONTIER_GAP: f64 = 2e-3;

/// One solved state.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) batch: Arc<Batch>,
    pub(super) scenario: Scenario,
    pub(super) result: ResultFile,
    pub(super) sheet: Sheet,
    /// The scenario as one file, with what is set filled in; without, as filed.
    pub(super) written: Map<String, Value>,
    pub(super) filed: Map<String, Value>,
}

impl Plan {
    pub(super) fn view(&self) -> &View {
        &self.sheet.view
    }
}

pub(super) struct Desk {
    pub(super) folder: Folder,
    /// The file shown where an address names none.
    pub(super) first: Option<String>,
    pub(super) token: String,
    pub(super) port: u16,
    pub(super) shelf: Shelf,
    pub(super) visitors: Semaphore,
    /// Solves at once.
    pub(super) turns: Arc<Semaphore>,
    solved: Mutex<VecDeque<(String, Arc<Plan>)>>,
}

impl Desk {
    pub(super) fn new(folder: Folder, first: Option<String>, token: String, port: u16) -> Desk {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Desk {
            folder,
            first,
            token,
            port,
            shelf: Shelf::default(),
            visitors: Semaphore::new(VISITORS),
            turns: Arc::new(Semaphore::new(cores)),
            solved: Mutex::new(VecDeque::new()),
        }
    }

    /// The plan of a file with fields set, or what is wrong with it.
    pub(super) fn plan(&self, file: &str, set: &Set, stop: &Stop) -> Result<Arc<Plan>, Vec<String>> {
        let batch = self.shelf.batch(&self.folder, file)?;
        let source = batch.source();
        let hashes: String = source.inputs.iter().map(|i| i.sha256.as_str()).collect();
        let key = format!("{file}\n{}{hashes}\n{}", source.sha256, json(set));
        let mut solved = self.solved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = solved.iter().position(|(k, _)| *k == key) {
            let found = solved.remove(at).map(|(key, plan)| (key, Arc::clone(&plan)));
            if let Some((key, plan)) = found {
                solved.push_back((key, Arc::clone(&plan)));
                return Ok(plan);
            }
        }
        drop(solved);
        let plan = Arc::new(solve(batch, set, stop)?);
        // What was cut short is not the answer to anything.
        if !stop.now() {
            let mut solved = self.solved.lock().unwrap_or_else(PoisonError::into_inner);
            solved.push_back((key, Arc::clone(&plan)));
            if solved.len() > MOST {
                solved.pop_front();
            }
        }
        Ok(plan)
    }

    /// The best value over a field.
    pub(super) fn frontier(
        &self,
        file: &str,
        set: &Set,
        over: &str,
        ends: (f64, f64),
        stop: &Stop,
    ) -> Result<FrontierFile, Vec<String>> {
        let batch = self.shelf.batch(&self.folder, file)?;
        let batch = batch.asked(set).map_err(|e| told(&e.into()))?;
        let range = Range { over, from: ends.0, to: ends.1, gap: Some(FRONTIER_GAP) };
        let cancel = || stop.now();
        outlay::frontier(&batch, &range, None, &Effort::default().cancel(&cancel)).map_err(|e| told(&e))
    }
}

fn solve(batch: Arc<Batch>, set: &Set, stop: &Stop) -> Result<Plan, Vec<String>> {
    let rejected = |e| told(&Error::from(e));
    let scenario = batch.with(set).map_err(rejected)?;
    let beside = std::path::Path::new("");
    let written = batch.written(set, beside).map_err(rejected)?;
    let filed = batch.written(&Set::new(), beside).map_err(rejected)?;
    let cancel = || stop.now();
    let effort = Effort::default().cancel(&cancel);
    let result = outlay::solve(&scenario, &effort).map_err(|e| told(&e))?.result;
    let sheet = outlay::show::sheet(&result, &scenario, &effort);
    Ok(Plan { batch, scenario, result, sheet, written, filed })
}

/// A file of a dropped scenario is read from memory.
pub(super) fn in_memory(
    name: &str,
    text: String,
    more: Vec<(String, Vec<u8>)>,
) -> Result<Batch, Vec<String>> {
    let mut all = vec![(name.to_owned(), text.into_bytes())];
    all.extend(more);
    outlay::read(&Files::memory(all), name).map_err(|e| told(&e))
}
