use std::path::Path;

use outlay_curves::variance::Split;
use outlay_report::track as show;
use outlay_scenario::actuals::{Actuals, read_actuals};
use outlay_scenario::track::{Tracking, track};
use outlay_scenario::{Data, Files, InputFile, Record, read_record};

use crate::arguments::{Format, SplitBy, Track};
use crate::exit::Exit;
use crate::terminal;

/// `outlay track`: a saved plan against what happened so far.
pub(crate) fn run(arguments: &Track) -> Exit {
    match report(arguments) {
        Ok(text) => match terminal::print(&text) {
            Ok(()) => Exit::Solved,
            Err(error) => {
                terminal::error(error);
                Exit::WrongInput
            }
        },
        Err(message) => {
            terminal::error(message);
            Exit::WrongInput
        }
    }
}

fn report(arguments: &Track) -> Result<String, String> {
    let record = read_record(&arguments.plan).map_err(|e| e.to_string())?;
    let data = outlay::data(&Files::disk(), &arguments.actuals).map_err(|e| e.to_string())?;
    let actuals = actuals(&data, &record)?;
    let now = arguments.curves.as_ref().map(|path| record.refitted(path)).transpose();
    let now = now.map_err(|e| e.to_string())?;
    let tracking = Tracking {
        plan: &record.file,
        scenario: &record.scenario,
        now: now.as_ref(),
        actuals: &actuals,
        split: split(arguments.split),
    };
    let sources = [record.input.clone(), data.input()];
    let curves = arguments.curves.as_ref().map(|path| input(path)).transpose()?;
    let file = track(&tracking, sources, curves).ok_or_else(|| {
        format!("{}: holds no plan that could be compared with anything", arguments.plan.display())
    })?;
    Ok(match arguments.format {
        Format::Table => show::table(&file, terminal::page(arguments.width)),
        Format::Json => serde_json::to_string(&file).map_err(|e| e.to_string())? + "\n",
        Format::Csv => show::csv(&file),
        Format::Markdown => show::markdown(&file),
    })
}

/// What happened, with what a reader should know of the file on stderr.
pub(crate) fn actuals(data: &Data, record: &Record) -> Result<Actuals, String> {
    let path = data.path();
    let actuals = read_actuals(data, &record.scenario).map_err(|e| e.to_string())?;
    if !actuals.unused.is_empty() {
        terminal::say(format_args!("note: {}: not used: {}", path.display(), actuals.unused.join(", ")));
    }
    for line in actuals.lines.iter().filter(|l| !l.planned) {
        terminal::say(format_args!("note: {}: {} is not in the plan", path.display(), line.name));
    }
    Ok(actuals)
}

/// A file with its hash.
pub(crate) fn input(path: &Path) -> Result<InputFile, String> {
    Ok(outlay::data(&Files::disk(), path).map_err(|e| e.to_string())?.input())
}

pub(crate) fn split(by: SplitBy) -> Split {
    match by {
        SplitBy::Sequential => Split::Sequential,
        SplitBy::Shapley => Split::Shapley,
    }
}
