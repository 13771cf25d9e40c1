//! `outlay run`: solves every scenario.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use outlay::scenario::inputs_path;
use outlay::{Data, Files};

use crate::arguments::Run;
use crate::ask;
use crate::exit::Exit;
use crate::foreign;
use crate::hint;
use crate::overwrite;
use crate::run::{Fresh, Lots, Plan, Sinks, read_by, solve_all};
use crate::solve::Effort;
use crate::terminal;

/// `outlay run`: solves every scenario; a bad one never stops the others.
pub(crate) fn run(arguments: &Run) -> Exit {
    let set = ask::set(&arguments.ask);
    let (mut lots, mut unfit) = (Lots::new(set.clone()), Vec::new());
    let loaded = outlay::read_each(&Files::disk(), &arguments.paths, |batch| {
        match if set.is_empty() { Ok(batch) } else { batch.asked(&set) } {
            Ok(asked) => lots.push(asked),
            Err(rejected) => unfit.push(rejected),
        }
    });
    let named = loaded.rejected.iter().map(|r| &r.path).filter(|path| arguments.paths.contains(path));
    let foreign: Vec<String> = named.filter_map(|path| foreign::advice(path)).collect();
    if !foreign.is_empty() {
        foreign.iter().for_each(terminal::error);
        return Exit::WrongInput;
    }
    for skipped in &loaded.skipped {
        terminal::say(format_args!("note: {}: not a scenario, skipped", skipped.path.display()));
    }
    let mut exit = Exit::Solved;
    for rejected in loaded.rejected.iter().chain(&unfit) {
        terminal::error(rejected);
        exit = Exit::WrongInput;
    }
    if arguments.buy.is_some() {
        exit = exit.max(refuse_many(&mut lots, "--buy needs one plan"));
    }
    if arguments.embed {
        exit = exit.max(refuse_many(&mut lots, "--embed puts the scenario within one result"));
    }
    if arguments.media_plan.is_some() {
        exit = exit.max(refuse_many(&mut lots, "--media-plan needs one plan"));
        if lots.len() > 1 {
            terminal::error("--media-plan takes one scenario: each would write into the same copy");
            return Exit::WrongInput;
        }
    }
    if arguments.out.is_some() || arguments.buy.is_some() {
        exit = exit.max(refuse_equal(&mut lots));
    }
    if lots.is_empty() {
        return exit.max(Exit::WrongInput);
    }
    lots.once();
    let mut read = read_by(&lots);
    read.extend(arguments.media_plan.clone());
    let media = match media_plan(arguments) {
        Ok(media) => media,
        Err(reason) => {
            terminal::error(reason);
            return Exit::WrongInput;
        }
    };
    if let Err(reason) = overwrite::refuse(&written(arguments, &lots), &read) {
        terminal::error(reason);
        return Exit::WrongInput;
    }
    let plan = Plan {
        lots: &lots,
        effort: Effort {
            gap: arguments.gap,
            nodes: arguments.nodes.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
            time: arguments.time.map(Duration::from_secs_f64),
            round: arguments.round,
            since: None,
        }
        .each(lots.iter().map(|lot| lot.len).sum()),
        embed: arguments.embed,
        jobs: arguments.jobs.map(usize::from),
        format: arguments.format,
        page: terminal::page(arguments.width),
        sheets: arguments.html.is_some() || arguments.xlsx.is_some(),
        buy: arguments.buy.clone(),
        media,
    };
    let sinks = match Sinks::open(arguments, &plan) {
        Ok((sinks, fresh)) => {
            if let Some(fresh) = fresh {
                terminal::say(restarted(&fresh));
            }
            sinks
        }
        Err(error) => {
            terminal::error(error);
            return Exit::WrongInput;
        }
    };
    match solve_all(&plan, sinks) {
        Ok(solved) => {
            let exit = exit.max(solved.exit);
            if let (Some(known), [lot]) = (solved.known, &lots[..]) {
                hint::after_run(arguments, &lot.path, known, exit);
            }
            exit
        }
        Err(error) => {
            terminal::error(error);
            exit.max(Exit::WrongInput)
        }
    }
}

/// The media plan to write into, and where its copy goes: into the folder of
/// `--out` under its own name, or beside it under another.
fn media_plan(arguments: &Run) -> Result<Option<(Data, PathBuf)>, String> {
    let Some(path) = &arguments.media_plan else { return Ok(None) };
    let data = outlay::data(&Files::disk(), path).map_err(|e| e.to_string())?;
    Ok(Some((data, media_copy(arguments, path))))
}

fn media_copy(arguments: &Run, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    if let Some(folder) = &arguments.out {
        return folder.join(name);
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
    path.with_file_name(format!("{stem}-planned{ending}"))
}

/// Every file the run will write.
fn written(arguments: &Run, lots: &Lots) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = arguments.html.iter().chain(&arguments.xlsx).cloned().collect();
    files.extend(arguments.media_plan.iter().map(|path| media_copy(arguments, path)));
    for lot in lots.iter() {
        files.extend(arguments.out.iter().map(|folder| folder.join(lot.result_name())));
        files.extend(arguments.out.iter().map(|folder| inputs_path(folder, &lot.stem)));
        for ending in ["csv", "xlsx"] {
            let name = format!("{}.{ending}", lot.stem);
            files.extend(arguments.buy.iter().map(|folder| folder.join(&name)));
        }
    }
    files
}

/// Leaves out scenarios with what-ifs, where one plan is needed.
fn refuse_many(lots: &mut Lots, why: &str) -> Exit {
    let mut exit = Exit::Solved;
    lots.retain(|lot| {
        if lot.varies {
            let path = lot.path.display();
            terminal::error(format_args!(
                "{path}: {why}, and `vary` makes {}; give a scenario without `vary`",
                lot.len
            ));
            exit = Exit::WrongInput;
        }
        !lot.varies
    });
    exit
}

/// Why `--resume` starts from the beginning.
fn restarted(fresh: &Fresh) -> String {
    use outlay::report::sentence::{Restart, restart};
    restart(match fresh {
        Fresh::Nothing => Restart::Nothing,
        Fresh::Options => Restart::Options,
        Fresh::Program => Restart::Program,
        Fresh::Input(path) => Restart::Input(path),
    })
}

/// Leaves out scenarios whose file in the output folder is taken by an earlier
/// one; equal names are refused when they are read.
fn refuse_equal(lots: &mut Lots) -> Exit {
    let mut stems = BTreeMap::new();
    let mut exit = Exit::Solved;
    lots.retain(|lot| {
        let path = lot.path.display().to_string();
        if let Some(first) = stems.get(&lot.stem) {
            terminal::error(format_args!(
                "{path}: its result would overwrite that of {first}; rename the file"
            ));
            exit = Exit::WrongInput;
            return false;
        }
        stems.insert(lot.stem.clone(), path);
        true
    });
    exit
}
