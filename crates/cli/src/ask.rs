//! Questions asked on the command line: `--goal`, `--limit`, `--set`.

use std::path::PathBuf;

use indexmap::IndexMap;
use outlay::Files;
use outlay::scenario::{Batch, Loaded};
use serde_json::Value;

use crate::arguments::Ask;
use crate::exit::Exit;
use crate::terminal;

/// The fields that a question sets, by path.
pub(crate) fn fields(ask: &Ask) -> Vec<(String, Value)> {
    let goal = ask.goal.iter().map(|goal| ("goal".to_owned(), goal.clone()));
    goal.chain(ask.limits.iter().cloned()).chain(ask.set.iter().cloned()).collect()
}

/// The same, as settings of a scenario.
pub(crate) fn set(ask: &Ask) -> IndexMap<String, Value> {
    fields(ask).into_iter().collect()
}

/// Asks every scenario the question; those it does not fit are left out.
pub(crate) fn put(ask: &Ask, loaded: &mut Loaded) -> Exit {
    let set = set(ask);
    if set.is_empty() {
        return Exit::Solved;
    }
    let mut exit = Exit::Solved;
    let batches: Vec<Batch> = std::mem::take(&mut loaded.batches);
    for batch in batches {
        match batch.asked(&set) {
            Ok(asked) => loaded.batches.push(asked),
            Err(rejected) => {
                terminal::error(rejected);
                exit = Exit::WrongInput;
            }
        }
    }
    exit
}

/// The one scenario file at a path, asked the question; what is wrong with it is
/// said.
pub(crate) fn one(path: &PathBuf, ask: &Ask) -> Option<Batch> {
    let mut loaded = outlay::read_all(&Files::disk(), std::slice::from_ref(path));
    loaded.rejected.iter().for_each(terminal::error);
    if put(ask, &mut loaded) != Exit::Solved || !loaded.rejected.is_empty() {
        return None;
    }
    let batch = loaded.batches.pop();
    if batch.is_none() || !loaded.batches.is_empty() {
        terminal::error(format_args!("{}: holds several scenarios; give the file of one", path.display()));
        return None;
    }
    batch
}
