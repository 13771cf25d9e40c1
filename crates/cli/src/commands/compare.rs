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
    let written: Vec<PathBuf> = saved_as(arguments).into_iter().collect();
    if let Err(reason) = overwrite::refuse(&written, &arguments.results) {
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

/// Where the comparison is saved.
fn saved_as(arguments: &Compare) -> Option<PathBuf> {
    let stem = arguments.results.first().and_then(|p| p.file_stem()).unwrap_or_default();
    arguments.out.as_deref().map(|out| place(out, &stem.to_string_lossy(), "comparison", false))
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
    if let (Some(path), Some(out)) = (saved_as(arguments), &arguments.out) {
        let stem = arguments.results.first().and_then(|p| p.file_stem()).unwrap_or_default();
        let inputs = outlay::inputs(&files, &arguments.results)?;
        save(&path, &line(&whole).map_err(|e| lost(&e))?).map_err(|e| lost(&e))?;
        keep_inputs(&inputs_at(&path, out, &stem.to_string_lossy()), &inputs).map_err(|e| lost(&e))?;
    }
    terminal::print(&text).map_err(|e| lost(&e))
}
