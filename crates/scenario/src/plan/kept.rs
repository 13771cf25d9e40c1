//! Answers to questions with the proofs of their searches, so that they can be
//! saved and proven again.

use outlay_allocator::{Options, Recorded};

use crate::files::result::SearchFile;
use crate::plan::proofs::written;

/// What a question answers, and what its searches found and proved.
///
/// # Errors
/// What the question fails with.
pub fn kept<T, E>(
    options: &Options,
    question: impl FnOnce(&Options) -> Result<T, E>,
) -> Result<(T, Vec<SearchFile>), E> {
    let recorded = Recorded::default();
    let stop = || recorded.stop(options.stop);
    let answer = question(&Options { answers: Some(&recorded), stop: &stop, ..*options })?;
    Ok((answer, written(recorded)))
}
