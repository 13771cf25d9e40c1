mod effort;
mod judged;
mod repaired;

use outlay_report::{check as show, table};
use outlay_scenario::check::CheckFile;
use outlay_scenario::{Batch, load};

use crate::arguments::{Check, CheckFormat};
use crate::exit::Exit;
use crate::run::{Item, RunError, for_each, warnings};
use crate::terminal::{self, Output};
use effort::{effort, solve};

/// `outlay check`: can all limits hold? A bad scenario never stops the others.
pub(crate) fn run(arguments: &Check) -> Exit {
    let loaded = load(&arguments.paths);
    for skipped in &loaded.skipped {
        terminal::say(format_args!("note: {}: not a scenario, skipped", skipped.path.display()));
    }
    let mut exit = Exit::Solved;
    for rejected in &loaded.rejected {
        terminal::error(rejected);
        exit = Exit::WrongInput;
    }
    if loaded.batches.is_empty() {
        return exit.max(Exit::WrongInput);
    }
    if let (Some(number), Some(out)) = (arguments.apply, &arguments.out) {
        return exit.max(repaired::write(arguments, &loaded.batches, usize::from(number), out));
    }
    match check_all(arguments, &loaded.batches) {
        Ok(found) => exit.max(found),
        Err(error) => {
            terminal::error(error);
            exit.max(Exit::WrongInput)
        }
    }
}

/// What became of one scenario.
struct Done {
    exit: Exit,
    text: String,
    error: Option<String>,
    warnings: Vec<String>,
}

fn check_all(arguments: &Check, batches: &[Batch]) -> Result<Exit, RunError> {
    let mut output = Output::new();
    let mut exit = Exit::Solved;
    let mut warned = std::collections::HashSet::new();
    let work = |item: &Item| answer(arguments, batches, item);
    for_each(batches, arguments.jobs.map(usize::from), work, |item, done, idle| {
        if let Some(error) = &done.error {
            terminal::error(error);
        }
        for warning in &done.warnings {
            if warned.insert(warning.clone()) {
                terminal::say(warning);
            }
        }
        exit = exit.max(done.exit);
        output.write(&between(arguments, batches, item))?;
        output.write(&done.text)?;
        if idle {
            output.flush()?;
        }
        Ok(!output.closed())
    })?;
    output.flush()?;
    Ok(exit)
}

fn answer(arguments: &Check, batches: &[Batch], item: &Item) -> Done {
    let batch = &batches[item.batch];
    let failed = |error: String| Done {
        exit: Exit::WrongInput,
        text: String::new(),
        error: Some(error),
        warnings: Vec::new(),
    };
    let scenario = match batch.scenario(item.index) {
        Ok(scenario) => scenario,
        Err(rejected) => return failed(rejected.to_string()),
    };
    let named =
        |error: &dyn std::fmt::Display| format!("{}: {}: {error}", batch.path().display(), scenario.name);
    if let Some(plan) = &arguments.plan {
        return match judged::judge(arguments, &scenario, plan) {
            Ok((exit, text)) => Done { exit, text, error: None, warnings: Vec::new() },
            Err(error) => failed(error),
        };
    }
    let file = match solve(&scenario, &effort(arguments)) {
        Ok(file) => file,
        Err(error) => return failed(named(&error)),
    };
    let page = terminal::page(arguments.width);
    let text = match arguments.format {
        CheckFormat::Json => match serde_json::to_string(&file) {
            Ok(json) => json + "\n",
            Err(error) => return failed(named(&error)),
        },
        CheckFormat::Markdown => show::markdown(&file, &scenario),
        CheckFormat::Table if batch.varies() => show::row(&file, &scenario, page),
        CheckFormat::Table => show::table(&file, &scenario, page),
    };
    let silent = arguments.format == CheckFormat::Json || batch.varies();
    let warnings = if silent { warnings(batch.path(), &scenario) } else { Vec::new() };
    Done { exit: exit(&file), text, error: None, warnings }
}

fn exit(file: &CheckFile) -> Exit {
    match file.feasible {
        Some(true) => Exit::Solved,
        Some(false) => Exit::Refuted,
        None => Exit::Unproven,
    }
}

/// What stands before a scenario's text.
fn between(arguments: &Check, batches: &[Batch], item: &Item) -> String {
    let batch = &batches[item.batch];
    let very_first = item.batch == 0 && item.first;
    let page = terminal::page(arguments.width);
    match arguments.format {
        CheckFormat::Json => String::new(),
        CheckFormat::Markdown if very_first => String::new(),
        CheckFormat::Markdown => "\n".to_owned(),
        CheckFormat::Table if arguments.plan.is_some() && very_first => String::new(),
        CheckFormat::Table if arguments.plan.is_some() => table::between(page),
        CheckFormat::Table if batch.varies() && !item.first => String::new(),
        CheckFormat::Table => {
            let rule = if very_first { String::new() } else { table::between(page) };
            rule + &if batch.varies() { show::heading(batch.name(), page) } else { String::new() }
        }
    }
}
