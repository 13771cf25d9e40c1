//! Tools that ask saved results: compare, verify.

use std::path::PathBuf;

use outlay::{Effort, Format, show};
use serde_json::json;

use super::answer::Answer;
use super::arguments::{Compare, Verify};
use crate::folder::Folder;
use crate::stop::Stop;

/// Most files in one call.
const MOST: usize = 24;

fn named(folder: &Folder, results: &[String]) -> Result<Vec<PathBuf>, String> {
    if results.is_empty() || results.len() > MOST {
        return Err(format!("results: give one to {MOST} files"));
    }
    results.iter().map(|name| folder.existing(name).map(|_| PathBuf::from(name))).collect()
}

pub(super) fn compare(folder: &Folder, ask: &Compare, stop: &Stop) -> Result<Answer, String> {
    let paths = named(folder, &ask.results)?;
    let cancel = || stop.now();
    let effort = Effort::default().cancel(&cancel);
    let answer = outlay::compare(&folder.files(), &paths, &effort).map_err(|e| e.to_string())?;
    let text = show::comparison(&answer, Format::Table).map_err(|e| e.to_string())?;
    Answer::new(text, &answer)
}

pub(super) fn verify(folder: &Folder, ask: &Verify, stop: &Stop) -> Result<Answer, String> {
    let (mut text, mut verdicts) = (String::new(), Vec::new());
    for path in named(folder, &ask.results)? {
        if stop.now() {
            return Err(
                "time was up before all results were proven again; ask with more `seconds` or fewer results"
                    .to_owned(),
            );
        }
        for verdict in outlay::verify(&folder.files(), &path, ask.gap) {
            let (holds, sentence) = match verdict {
                Ok(verified) => (verified.differences.is_empty(), show::verdict(&verified)),
                Err(error) => (false, format!("{error}\n")),
            };
            verdicts.push(json!({ "result": path, "holds": holds, "sentence": sentence }));
            text.push_str(&sentence);
        }
    }
    let holds = verdicts.iter().all(|v| v["holds"] == true);
    Answer::new(text, &json!({ "holds": holds, "verdicts": verdicts }))
}
