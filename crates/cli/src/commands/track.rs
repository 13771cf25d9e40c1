//! `outlay track`: a saved plan against what happened so far.

use outlay::{Actuals, Data, Error, Files, Format, Record, Split, show};

use crate::arguments::{self, SplitBy, Track, Width};
use crate::exit::Exit;
use crate::overwrite;
use crate::terminal::{self, told};

/// `outlay track`: a saved plan against what happened so far.
pub(crate) fn run(arguments: &Track) -> Exit {
    terminal::answer(report(arguments).map(|text| (text, Exit::Solved)))
}

fn report(arguments: &Track) -> Result<String, String> {
    let files = Files::disk();
    let record = outlay::record(&files, &arguments.under_way.plan).map_err(told)?;
    let mut read = arguments.under_way.paths();
    read.extend(arguments.curves.iter().cloned());
    read.extend(record.sources());
    overwrite::refuse(&arguments.written.paths(), &read)?;
    let data = outlay::data(&files, &arguments.under_way.actuals).map_err(told)?;
    let actuals = actuals(&data, &record).map_err(told)?;
    let curves = arguments.curves.as_deref();
    let file = outlay::track(&record, &actuals, curves, split(arguments.split)).map_err(told)?;
    if arguments.written.wanted() {
        arguments.written.write(&[show::tracking_document(&file)])?;
    }
    show::tracking(&file, format(arguments.format, arguments.width)).map_err(told)
}

/// What happened, with what a reader should know of the file on stderr.
pub(crate) fn actuals(data: &Data, record: &Record) -> Result<Actuals, Error> {
    let actuals = outlay::actuals(data, record)?;
    let path = data.path().display();
    if !actuals.unused.is_empty() {
        terminal::say(format_args!("note: {path}: not used: {}", actuals.unused.join(", ")));
    }
    for row in &actuals.totals {
        terminal::say(format_args!(
            "note: {path}: row {} holds totals and is not counted: {}",
            row.row, row.text
        ));
    }
    for line in actuals.lines.iter().filter(|l| !l.planned) {
        terminal::say(format_args!("note: {path}: {} is not in the plan", line.name));
    }
    Ok(actuals)
}

/// How an answer is printed.
pub(crate) fn format(format: arguments::Format, width: Width) -> Format {
    match format {
        arguments::Format::Table => Format::Page(terminal::page(width)),
        arguments::Format::Json => Format::Json,
        arguments::Format::Csv => Format::Csv,
        arguments::Format::Markdown => Format::Markdown,
    }
}

pub(crate) fn split(by: SplitBy) -> Split {
    match by {
        SplitBy::Sequential => Split::Sequential,
        SplitBy::Shapley => Split::Shapley,
    }
}
