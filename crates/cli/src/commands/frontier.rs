//! `outlay frontier`: the best value over one field.

use std::path::PathBuf;

use outlay::{Format, FrontierFile, Range, show};

use crate::arguments::{Frontier, FrontierFormat};
use crate::ask;
use crate::exit::Exit;
use crate::overwrite;
use crate::run::{inputs_at, keep_inputs, line, place, save, warnings};
use crate::terminal;

/// `outlay frontier`: the best value over one field, with its breakpoints.
pub(crate) fn run(arguments: &Frontier) -> Exit {
    let Some(batch) = ask::one(&arguments.scenario, &arguments.ask) else { return Exit::WrongInput };
    let saved_as = arguments.out.as_deref().map(|out| place(out, batch.stem(), "frontier", false));
    let kept = saved_as.iter().zip(&arguments.out).map(|(at, out)| inputs_at(at, out, batch.stem()));
    let written: Vec<PathBuf> = saved_as.iter().cloned().chain(kept).collect();
    if let Err(reason) = overwrite::refuse(&written, &overwrite::read_by(std::slice::from_ref(&batch))) {
        terminal::error(reason);
        return Exit::WrongInput;
    }
    let range = Range { over: &arguments.over, from: arguments.from, to: arguments.to, gap: arguments.gap };
    if range.from == range.to {
        terminal::error("--from and --to are the same number; a frontier needs a range");
        return Exit::WrongInput;
    }
    let traced = arguments.bounds.effort().spend(|effort| {
        let effort = effort.proofs(arguments.out.is_some());
        outlay::frontier(&batch, &range, arguments.until.as_ref(), &effort)
    });
    let whole = match traced {
        Ok(whole) => whole,
        Err(error) => {
            terminal::error(error);
            return Exit::WrongInput;
        }
    };
    let file = FrontierFile { proofs: Vec::new(), ..whole.clone() };
    if let Ok(scenario) = batch.scenario(0) {
        warnings(batch.path(), &scenario).iter().for_each(terminal::say);
    }
    let format = match arguments.format {
        FrontierFormat::Table => Format::Page(terminal::page(arguments.width)),
        FrontierFormat::Csv => Format::Csv,
        FrontierFormat::Json => Format::Json,
    };
    let text = match show::frontier(&file, format) {
        Ok(text) => text,
        Err(error) => {
            terminal::error(error);
            return Exit::WrongInput;
        }
    };
    let exit = exit(&file);
    if let (Some(path), Some(out)) = (saved_as, &arguments.out) {
        let saved = line(&whole).and_then(|text| {
            save(&path, &text).map_err(|e| e.to_string())?;
            keep_inputs(&inputs_at(&path, out, batch.stem()), &batch.inputs()).map_err(|e| e.to_string())
        });
        if let Err(error) = saved {
            terminal::error(error);
            return Exit::WrongInput;
        }
    }
    terminal::answer(Ok::<_, String>((text, exit)))
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
