use std::path::PathBuf;

use outlay_allocator::Options;
use outlay_report::frontier as report;
use outlay_scenario::frontier::{Course, FrontierFile, frontier};
use outlay_scenario::{kept, load};

use crate::arguments::{Frontier, FrontierFormat};
use crate::ask;
use crate::exit::Exit;
use crate::overwrite;
use crate::run::{line, place, save, warnings};
use crate::terminal;

/// `outlay frontier`: the best value over one field, with its breakpoints.
pub(crate) fn run(arguments: &Frontier) -> Exit {
    let mut loaded = load(std::slice::from_ref(&arguments.scenario));
    for rejected in &loaded.rejected {
        terminal::error(rejected);
    }
    if ask::put(&arguments.ask, &mut loaded) != Exit::Solved {
        return Exit::WrongInput;
    }
    let [batch] = loaded.batches.as_slice() else {
        if loaded.rejected.is_empty() {
            let path = arguments.scenario.display();
            terminal::error(format_args!("{path}: holds several scenarios; give the file of one"));
        }
        return Exit::WrongInput;
    };
    if !loaded.rejected.is_empty() {
        return Exit::WrongInput;
    }
    let saved_as = arguments.out.as_deref().map(|out| place(out, batch.stem(), "frontier", false));
    let written: Vec<PathBuf> = saved_as.iter().cloned().collect();
    if let Err(reason) = overwrite::refuse(&written, &overwrite::read_by(&loaded.batches)) {
        terminal::error(reason);
        return Exit::WrongInput;
    }
    let defaults = Options::default();
    let nodes = arguments.nodes.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    let course = Course {
        over: &arguments.over,
        from: arguments.from.min(arguments.to),
        to: arguments.from.max(arguments.to),
        gap: arguments.gap,
        options: Options { nodes: nodes.unwrap_or(defaults.nodes), ..defaults },
    };
    if course.from == course.to {
        terminal::error("--from and --to are the same number; a frontier needs a range");
        return Exit::WrongInput;
    }
    let ask = |options: &Options| {
        frontier(batch, &Course { options: *options, ..course }, arguments.until.as_ref())
    };
    let answered = match &arguments.out {
        Some(_) => kept(&course.options, ask),
        None => ask(&course.options).map(|file| (file, Vec::new())),
    };
    let (file, proofs) = match answered {
        Ok(answered) => answered,
        Err(error) => {
            terminal::error(error);
            return Exit::WrongInput;
        }
    };
    if let Ok(scenario) = batch.scenario(0) {
        warnings(batch.path(), &scenario).iter().for_each(terminal::say);
    }
    let text = match arguments.format {
        FrontierFormat::Table => report::table(&file, terminal::page(arguments.width)),
        FrontierFormat::Csv => report::csv(&file),
        FrontierFormat::Json => match serde_json::to_string(&file) {
            Ok(json) => json + "\n",
            Err(error) => {
                terminal::error(error);
                return Exit::WrongInput;
            }
        },
    };
    let exit = exit(&file);
    if let Some(path) = saved_as {
        let saved = line(&FrontierFile { proofs, ..file });
        if let Err(error) = saved.and_then(|text| save(&path, &text).map_err(|e| e.to_string())) {
            terminal::error(error);
            return Exit::WrongInput;
        }
    }
    match terminal::print(&text) {
        Ok(()) => exit,
        Err(error) => {
            terminal::error(error);
            Exit::WrongInput
        }
    }
}

/// Without a plan in the whole range, or a condition that is met nowhere in it,
/// the question has no answer.
fn exit(file: &FrontierFile) -> Exit {
    let none = file.points.iter().all(|p| p.value.is_none());
    let unmet = file.until.as_ref().is_some_and(|r| r.at.is_none() && !r.holds_first);
    match (none || unmet, file.complete) {
        (true, _) => Exit::Refuted,
        (false, true) => Exit::Solved,
        (false, false) => Exit::Unproven,
    }
}
