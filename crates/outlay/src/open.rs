//! From files, texts and values to scenarios.

use std::path::{Path, PathBuf};

use outlay_scenario::spec::ScenarioFile;
use outlay_scenario::{Batch, Files, Loaded, load, load_each};

use crate::error::Error;

/// The scenario in a text: JSON where it begins with `{`, TOML otherwise. It
/// stands alone: a curve library or a file it extends would have to be read, so
/// give such scenarios to [`read`] with their [`Files`].
///
/// # Errors
/// [`Error::Rejected`] with everything wrong, by line, column and field.
pub fn parse(text: &str) -> Result<Batch, Error> {
    let name = if text.trim_start().starts_with('{') { "scenario.json" } else { "scenario.toml" };
    let nothing = Files::memory::<&str, &str>([]);
    Ok(Batch::of_text(&nothing, Path::new(name), text.to_owned())?)
}

/// The scenario of a value built in code; what it names is read from `files`.
///
/// # Errors
/// [`Error::Rejected`] as for a file of the same content.
pub fn build(scenario: &ScenarioFile, files: &Files) -> Result<Batch, Error> {
    let text = serde_json::to_string_pretty(scenario)?;
    Ok(Batch::of_text(files, Path::new("scenario.json"), text)?)
}

/// One scenario file with what it names: `.json` is JSON, anything else TOML.
///
/// ```
/// use outlay::Files;
///
/// let files = Files::memory([
///     ("summer.toml", "extends = \"base.toml\"\nbudget.max = 500\n"),
///     ("base.toml", "outlay = 1\nbudget.max = 100\nlines = [{ name = \"tv\", outcome = \"revenue\", curve = { family = \"power\", coefficient = 9, exponent = 0.5 } }]\n"),
/// ]);
/// let scenario = outlay::read(&files, "summer.toml")?.scenario(0)?;
/// assert_eq!(scenario.budget.and_then(|b| b.max), Some(500.0));
/// # Ok::<(), outlay::Error>(())
/// ```
///
/// # Errors
/// [`Error::Rejected`] with everything wrong, by file, line, column and field.
pub fn read(files: &Files, path: impl AsRef<Path>) -> Result<Batch, Error> {
    let Loaded { mut batches, mut rejected, .. } = load(files, &[path.as_ref().to_owned()]);
    match (rejected.pop(), batches.pop()) {
        (Some(rejected), _) => Err(rejected.into()),
        (None, Some(batch)) if batches.is_empty() => Ok(batch),
        (None, _) => {
            let path = path.as_ref().display();
            Err(Error::Unsupported(format!("{path}: holds several scenarios; give the file of one")))
        }
    }
}

/// Scenario files and folders of them, in the order given; files of a folder by
/// name. What is wrong with one does not stop the others: see
/// [`Loaded::rejected`].
pub fn read_all(files: &Files, paths: &[PathBuf]) -> Loaded {
    load(files, paths)
}

/// As [`read_all`], for more files than memory holds: each is handed over as soon
/// as it is read, and [`Loaded::batches`] of the answer is empty.
pub fn read_each(files: &Files, paths: &[PathBuf], mut take: impl FnMut(Batch)) -> Loaded {
    load_each(files, paths, &mut take)
}
