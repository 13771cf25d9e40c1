//! `outlay compare`: saved results side by side.

use std::path::PathBuf;

use outlay::scenario::RecordError;
use outlay::{ComparisonFile, Error, Files, Format, show};

use crate::arguments::{Compare, FrontierFormat};
use crate::exit::Exit;
use crate::overwrite;
use crate::run::{inputs_at, keep_inputs, line, place, save};
use crate::terminal;

/// `outlay compare`: saved results side by side, and why they differ.
pub(crate) fn run(arguments: &Compare) -> Exit {
    let refused = saved_as(arguments)
        .and_then(|(at, inputs)| overwrite::refuse(&[at, inputs], &read(&arguments.results)).err());
    if let Some(reason) = refused {
        terminal::error(reason);
        return Exit::WrongInput;
    }
    match answer(arguments) {
        Ok(()) => Exit::Solved,
        Err(error) => {
            terminal::error(&error);
            match error {
                Error::Record(RecordError::Changed { .. } | RecordError::Refuted { .. }) => Exit::Refuted,
                _ => Exit::WrongInput,
            }
        }
    }
}

/// The results, and what those that can be read were made from.
fn read(results: &[PathBuf]) -> Vec<PathBuf> {
    let files = Files::disk();
    let records = results.iter().filter_map(|path| outlay::record(&files, path).ok());
    records.flat_map(|record| record.sources()).chain(results.iter().cloned()).collect()
}

/// Where the comparison is saved, and what it was made from: under its own name,
/// since what each result was made from may be kept in the same folder.
fn saved_as(arguments: &Compare) -> Option<(PathBuf, PathBuf)> {
    let stem = arguments.results.first().and_then(|p| p.file_stem()).unwrap_or_default().to_string_lossy();
    let out = arguments.out.as_deref()?;
    let at = place(out, &stem, "comparison", false);
    let inputs = inputs_at(&at, &at, "");
    Some((at, inputs))
}

fn answer(arguments: &Compare) -> Result<(), Error> {
    let files = Files::disk();
    let whole = arguments.bounds.effort().spend(|effort| {
        outlay::compare(&files, &arguments.results, &effort.proofs(arguments.out.is_some()))
    })?;
    let file = ComparisonFile { results: Vec::new(), proofs: Vec::new(), ..whole.clone() };
    let format = match arguments.format {
        FrontierFormat::Table => Format::Page(terminal::page(arguments.width)),
        FrontierFormat::Csv => Format::Csv,
        FrontierFormat::Json => Format::Json,
    };
    let text = show::comparison(&file, format)?;
    let lost = |e: &dyn std::fmt::Display| Error::Render(e.to_string());
    if let Some((path, kept)) = saved_as(arguments) {
        let inputs = outlay::inputs(&files, &arguments.results)?;
        save(&path, &line(&whole).map_err(|e| lost(&e))?).map_err(|e| lost(&e))?;
        keep_inputs(&kept, &inputs).map_err(|e| lost(&e))?;
    }
    terminal::print(&text).map_err(|e| lost(&e))
}
