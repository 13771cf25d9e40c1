//! `outlay check`: can all limits hold, and if not, why.

mod effort;
mod judged;
mod repaired;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use outlay::report::{Document, check as show, table};
use outlay::scenario::InputsFile;
use outlay::{Batch, CheckFile, Error, Files, Scenario};

use crate::arguments::{Check, CheckFormat};
use crate::ask;
use crate::exit::Exit;
use crate::hint;
use crate::overwrite;
use crate::run::{Item, RunError, for_each, inputs_at, keep_inputs, line, place, save, warnings};
use crate::solve::Effort;
use crate::terminal::{self, Output};
use effort::asked;

/// `outlay check`: can all limits hold? A bad scenario never stops the others.
pub(crate) fn run(arguments: &Check) -> Exit {
    let mut loaded = outlay::read_all(&Files::disk(), &arguments.paths);
    for skipped in &loaded.skipped {
        terminal::say(format_args!("note: {}: not a scenario, skipped", skipped.path.display()));
    }
    let mut exit = Exit::Solved;
    for rejected in &loaded.rejected {
        terminal::error(rejected);
        exit = Exit::WrongInput;
    }
    exit = exit.max(ask::put(&arguments.ask, &mut loaded));
    if loaded.batches.is_empty() {
        return exit.max(Exit::WrongInput);
    }
    if let (Some(number), Some(out)) = (arguments.apply, &arguments.out) {
        return exit.max(repaired::write(arguments, &loaded.batches, usize::from(number), out));
    }
    let reports = arguments.written.paths();
    let written = saved_as(arguments, &loaded.batches);
    let read = [overwrite::read_by(&loaded.batches), arguments.plan.iter().cloned().collect()].concat();
    let refused = overwrite::refuse(&reports, &read).err();
    let refused =
        refused.or_else(|| written.into_iter().find_map(|path| overwrite::refuse(&[path], &read).err()));
    if let Some(reason) = refused {
        terminal::error(reason);
        return exit.max(Exit::WrongInput);
    }
    match check_all(arguments, &loaded.batches) {
        Ok(found) => exit.max(found),
        Err(error) => {
            terminal::error(error);
            exit.max(Exit::WrongInput)
        }
    }
}

/// What the answer to these arguments is called.
fn kind(arguments: &Check) -> &'static str {
    if arguments.plan.is_some() { "judgement" } else { "check" }
}

/// Where answers are saved, one a scenario file.
fn saved_as(arguments: &Check, batches: &[Batch]) -> Vec<PathBuf> {
    let Some(out) = &arguments.out else { return Vec::new() };
    batches.iter().map(|b| place(out, b.stem(), kind(arguments), b.varies())).collect()
}

/// What became of one scenario.
struct Done {
    exit: Exit,
    text: String,
    /// What is saved.
    saved: Option<String>,
    error: Option<String>,
    warnings: Vec<String>,
    /// For the page and the workbook.
    report: Option<Document>,
    /// How many repairs there are.
    repairs: usize,
}

impl Done {
    fn failed(error: String) -> Done {
        Done {
            exit: Exit::WrongInput,
            text: String::new(),
            saved: None,
            error: Some(error),
            warnings: Vec::new(),
            report: None,
            repairs: 0,
        }
    }
}

fn check_all(arguments: &Check, batches: &[Batch]) -> Result<Exit, RunError> {
    let mut output = Output::new();
    let mut exit = Exit::Solved;
    let mut kept = Kept::default();
    let (mut reports, mut repairs) = (Vec::new(), 0);
    let mut warned = std::collections::HashSet::new();
    let kept_elsewhere = arguments.out.is_some() || arguments.written.wanted();
    let work = |item: &Item| answer(arguments, batches, item);
    for_each(batches, arguments.jobs.map(usize::from), work, |item, mut done, idle| {
        reports.extend(done.report.take());
        repairs += done.repairs;
        if let Some(error) = &done.error {
            terminal::error(error);
        }
        for warning in &done.warnings {
            if warned.insert(warning.clone()) {
                terminal::say(warning);
            }
        }
        exit = exit.max(done.exit);
        if let (Some(saved), Some(out)) = (&done.saved, &arguments.out) {
            kept.add(arguments, &batches[item.batch], out, saved);
        }
        output.write(&between(arguments, batches, item))?;
        output.write(&done.text)?;
        if idle {
            output.flush()?;
        }
        Ok(!output.closed() || kept_elsewhere)
    })?;
    output.flush()?;
    if let Err(error) = arguments.written.write(&reports) {
        terminal::error(error);
        exit = exit.max(Exit::WrongInput);
    }
    if let ([batch], CheckFormat::Table) = (batches, arguments.format)
        && !batch.varies()
        && ask::set(&arguments.ask).is_empty()
    {
        hint::after_check(batch.path(), repairs);
    }
    let exit = exit.max(kept.write()?);
    if output.closed() && !kept_elsewhere {
        return Err(terminal::lost().into());
    }
    Ok(exit)
}

/// Answers on their way to their files.
#[derive(Default)]
struct Kept {
    files: BTreeMap<PathBuf, (PathBuf, String)>,
    /// What the scenarios were read from, by where it is kept.
    inputs: BTreeMap<PathBuf, InputsFile>,
    exit: Exit,
}

impl Kept {
    fn add(&mut self, arguments: &Check, batch: &Batch, out: &Path, saved: &str) {
        let path = place(out, batch.stem(), kind(arguments), batch.varies());
        let scenario = batch.path().to_owned();
        let (first, text) = self.files.entry(path.clone()).or_insert_with(|| (scenario, String::new()));
        if first == batch.path() {
            text.push_str(saved);
            self.inputs.entry(inputs_at(&path, out, batch.stem())).or_insert_with(|| batch.inputs());
            return;
        }
        terminal::error(format_args!(
            "{}: its answer would overwrite that of {} in {}; give `--out` a folder, or rename the file",
            batch.path().display(),
            first.display(),
            path.display()
        ));
        self.exit = Exit::WrongInput;
    }

    fn write(self) -> Result<Exit, RunError> {
        for (path, (_, text)) in self.files {
            save(&path, &text)?;
        }
        for (path, inputs) in self.inputs {
            keep_inputs(&path, &inputs)?;
        }
        Ok(self.exit)
    }
}

fn answer(arguments: &Check, batches: &[Batch], item: &Item) -> Done {
    let batch = &batches[item.batch];
    let failed = Done::failed;
    let effort = arguments.bounds.effort().each(batches.iter().map(Batch::len).sum()).begun();
    let scenario = match batch.scenario(item.index) {
        Ok(scenario) => scenario,
        Err(rejected) => return failed(rejected.to_string()),
    };
    let named =
        |error: &dyn std::fmt::Display| format!("{}: {}: {error}", batch.path().display(), scenario.name);
    if let Some(plan) = &arguments.plan {
        return match judged::judge(arguments, &scenario, plan, &effort) {
            Ok((exit, text, saved, report)) => {
                Done { exit, text, saved, error: None, warnings: Vec::new(), report, repairs: 0 }
            }
            Err(error) => failed(error),
        };
    }
    let (file, proofs) = match asked(arguments, &effort, |effort| outlay::check(&scenario, effort)) {
        Ok(file) => (CheckFile { proofs: Vec::new(), ..file.clone() }, file.proofs),
        Err(error) => return failed(named(&error)),
    };
    let page = terminal::page(arguments.width);
    let text = match arguments.format {
        CheckFormat::Json => match line(&file) {
            Ok(line) => line,
            Err(error) => return failed(named(&error)),
        },
        CheckFormat::Markdown => show::markdown(&file, &scenario),
        CheckFormat::Table if batch.varies() => show::row(&file, &scenario, page),
        CheckFormat::Table => show::table(&file, &scenario, page),
    };
    let silent = arguments.format == CheckFormat::Json || batch.varies();
    let warnings = if silent { warnings(batch.path(), &scenario) } else { Vec::new() };
    let (exit, repairs) = (exit(&file), file.menu().len());
    let report = match report(arguments, batch, &scenario, &file, &effort) {
        Ok(report) => report,
        Err(error) => return failed(named(&error)),
    };
    match arguments.out.is_some().then(|| line(&CheckFile { proofs, ..file })).transpose() {
        Ok(saved) => Done { exit, text, saved, error: None, warnings, report, repairs },
        Err(error) => failed(named(&error)),
    }
}

/// The report for the page and the workbook, with the plan that comes closest
/// where the limits contradict each other.
fn report(
    arguments: &Check,
    batch: &Batch,
    scenario: &Scenario,
    file: &CheckFile,
    effort: &Effort,
) -> Result<Option<Document>, Error> {
    if !arguments.written.wanted() {
        return Ok(None);
    }
    let closest = match file.feasible {
        Some(false) => effort.spend(|e| outlay::closest(batch, scenario, file, e))?,
        _ => None,
    };
    Ok(Some(outlay::show::check_document(file, scenario, closest.as_ref())))
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
