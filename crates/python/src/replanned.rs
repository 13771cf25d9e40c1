//! The account of a plan that was planned again, as it is pickled.

use std::sync::Arc;

use outlay::scenario::InputsFile;
use outlay::scenario::replan::ReplanFile;
use outlay::{Batch, Error, Replanned, ResultFile};

use crate::scene::of_inputs_file;

/// The account with the plan it comes to.
#[derive(serde::Serialize, serde::Deserialize)]
struct State {
    text: String,
    file: ReplanFile,
    result: ResultFile,
}

/// The text from which [`replanned`] makes an account again.
pub(crate) fn state(done: &Replanned) -> Result<String, Error> {
    let Replanned { text, file, result, .. } = done.clone();
    Ok(serde_json::to_string(&State { text, file, result })?)
}

/// An account of its [`state`] and the texts that its scenario is read from.
pub(crate) fn replanned(state: &str, inputs: InputsFile) -> Result<(Replanned, Arc<Batch>), Error> {
    let State { text, file, result } = serde_json::from_str(state)?;
    let batch = Arc::new(of_inputs_file(inputs.clone())?);
    let scenario = batch.with(&result.source.set)?;
    Ok((Replanned { text, scenario, inputs, result, file }, batch))
}
