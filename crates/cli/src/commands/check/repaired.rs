//! `outlay check --apply N --out FILE`: a repair written, read again and solved.

use std::fmt::Display;
use std::path::Path;

use outlay::report::check as show;
use outlay::scenario::apply;
use outlay::scenario::result::Repair;
use outlay::{Batch, Files};

use crate::arguments::Check;
use crate::exit::Exit;
use crate::overwrite;
use crate::run::whole;
use crate::terminal;

/// Writes the scenario with repair `number` applied to `out`.
pub(super) fn write(arguments: &Check, batches: &[Batch], number: usize, out: &Path) -> Exit {
    match repaired(arguments, batches, number, out) {
        Ok(()) => {
            terminal::say(format_args!("wrote {}; its limits can all hold", out.display()));
            Exit::Solved
        }
        Err((exit, error)) => {
            terminal::error(error);
            exit
        }
    }
}

type Failure = (Exit, String);

fn wrong(error: impl Display) -> Failure {
    (Exit::WrongInput, error.to_string())
}

fn repaired(arguments: &Check, batches: &[Batch], number: usize, out: &Path) -> Result<(), Failure> {
    let [batch] = batches else { return Err(wrong("--apply repairs one scenario at a time")) };
    let path = batch.path();
    let read = [overwrite::read_by(batches), arguments.plan.iter().cloned().collect()].concat();
    overwrite::refuse(&[out.to_owned()], &read).map_err(wrong)?;
    if batch.varies() {
        let reason = "it has what-ifs (`vary`); --apply repairs a file with one scenario";
        return Err(wrong(format_args!("{}: {reason}", path.display())));
    }
    let scenario = batch.scenario(0).map_err(wrong)?;
    let file = arguments.bounds.effort().spend(|effort| outlay::check(&scenario, effort)).map_err(wrong)?;
    if file.feasible == Some(true) {
        return Err(wrong(format_args!(
            "{}: all limits can hold; there is nothing to repair",
            path.display()
        )));
    }
    let menu = file.menu();
    let chosen = number.checked_sub(1).and_then(|k| menu.get(k)).ok_or_else(|| {
        let there = match menu.len() {
            0 => "there is no repair".to_owned(),
            n => format!("the repairs are numbered 1 to {n}"),
        };
        wrong(format_args!("--apply {number}: {there}"))
    })?;
    let short: Vec<Repair> = chosen.iter().map(|r| show::rounded(r, &scenario)).collect();
    // Numbers as they are shown, or in full where rounding takes too much away.
    for changes in [&short, chosen] {
        let text = apply(batch, &scenario, changes, out)
            .map_err(|e| wrong(format_args!("{}: {e}", path.display())))?;
        if holds(arguments, &text, path, out)? {
            return whole(out, text.as_bytes()).map_err(wrong);
        }
    }
    Err((
        Exit::Unproven,
        format!("{}: the repaired scenario was not proven to hold; nothing is written", path.display()),
    ))
}

/// True if the text, read as a file beside `out`, has a plan.
fn holds(arguments: &Check, text: &str, path: &Path, out: &Path) -> Result<bool, Failure> {
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let ending = path.extension().map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
    let trial = folder.join(format!(".repaired{ending}"));
    let files = Files::disk().with([(&trial, text)]);
    let Ok(batch) = outlay::read(&files, &trial) else { return Ok(false) };
    let scenario = batch.scenario(0).map_err(wrong)?;
    arguments
        .bounds
        .effort()
        .spend(|effort| outlay::feasible(&scenario, effort))
        .map_err(wrong)
        .map(|f| f == Some(true))
}
