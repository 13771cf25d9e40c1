use std::path::PathBuf;

use outlay_allocator::Options;
use outlay_report::compare as report;
use outlay_scenario::comparison::{Compared, ComparisonFile, comparison};
use outlay_scenario::{RecordError, kept, read_results};

use crate::arguments::{Compare, FrontierFormat};
use crate::exit::Exit;
use crate::overwrite;
use crate::run::{line, place, save};
use crate::terminal;

/// `outlay compare`: saved results side by side, and why they differ.
pub(crate) fn run(arguments: &Compare) -> Exit {
    let written: Vec<PathBuf> = saved_as(arguments).into_iter().collect();
    if let Err(reason) = overwrite::refuse(&written, &arguments.results) {
        terminal::error(reason);
        return Exit::WrongInput;
    }
    let mut all = Vec::new();
    for path in &arguments.results {
        match read_results(path) {
            Ok(results) => all.extend(results),
            Err(error) => {
                terminal::error(&error);
                return match error {
                    RecordError::Changed { .. } | RecordError::Refuted { .. } => Exit::Refuted,
                    _ => Exit::WrongInput,
                };
            }
        }
    }
    match answer(arguments, &all) {
        Ok(()) => Exit::Solved,
        Err(error) => {
            terminal::error(error);
            Exit::WrongInput
        }
    }
}

/// Where the comparison is saved.
fn saved_as(arguments: &Compare) -> Option<PathBuf> {
    let stem = arguments.results.first().and_then(|p| p.file_stem()).unwrap_or_default();
    arguments.out.as_deref().map(|out| place(out, &stem.to_string_lossy(), "comparison", false))
}

fn answer(arguments: &Compare, all: &[Compared]) -> Result<(), String> {
    let ask = |options: &Options| comparison(all, options);
    let options = Options::default();
    let answered = match &arguments.out {
        Some(_) => kept(&options, ask),
        None => ask(&options).map(|file| (file, Vec::new())),
    };
    let (file, proofs) = answered.map_err(|e| e.to_string())?;
    let text = match arguments.format {
        FrontierFormat::Table => report::table(&file, terminal::page(arguments.width)),
        FrontierFormat::Csv => report::csv(&file),
        FrontierFormat::Json => line(&file)?,
    };
    if let Some(path) = saved_as(arguments) {
        let results = all.iter().map(|c| c.file.clone()).collect();
        save(&path, &line(&ComparisonFile { results, proofs, ..file })?).map_err(|e| e.to_string())?;
    }
    terminal::print(&text).map_err(|e| e.to_string())
}
