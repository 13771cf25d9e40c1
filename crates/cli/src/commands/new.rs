//! `outlay new`: a scenario to start from.

use std::path::{Component, Path, PathBuf};

use clap::Parser;
use outlay::exchange::{Columns, Draft};
use outlay::{Files, LibraryFile, Start};

use crate::arguments::{Arguments, Command, New};
use crate::exit::Exit;
use crate::made;
use crate::run::fresh;
use crate::terminal::{self, told};

const STARTER: &str = include_str!("../../starter/scenario.toml");
const NAME: &str = "scenario.toml";

/// `outlay new`: never overwrites what is there.
pub(crate) fn run(arguments: &New) -> Exit {
    let path = arguments.folder.join(NAME);
    if path.exists() {
        terminal::error(format_args!("{}: exists already and is left as it is", path.display()));
        return Exit::WrongInput;
    }
    let text = match &arguments.from {
        None => STARTER.to_owned(),
        Some(from) => match drafted(arguments, from) {
            Ok(draft) => match readable(&draft, (&path, from)) {
                Ok(text) => text,
                Err(message) => {
                    terminal::error(message);
                    return Exit::WrongInput;
                }
            },
            Err(message) => {
                terminal::error(message);
                return Exit::WrongInput;
            }
        },
    };
    match write(&arguments.folder, &path, &text) {
        Ok(()) => {
            let shown = path.display();
            terminal::say(format_args!("wrote {shown}; next: outlay run {shown}"));
            Exit::Solved
        }
        Err(error) => {
            terminal::error(error);
            Exit::WrongInput
        }
    }
}

/// A scenario that `run` can read, for what a file says may be out of every range;
/// one whose lines are all comments is for a person to finish.
fn readable(draft: &Draft, (path, from): (&Path, &Path)) -> Result<String, String> {
    let text = draft.toml();
    let files = Files::disk().with([(path, text.as_str())]);
    match outlay::read(&files, path) {
        Err(error) if draft.lines.iter().any(|line| !line.out) => Err(format!(
            "{}: what it says makes no scenario that can be read, and nothing was written: correct it there\n{error}",
            from.display()
        )),
        _ => Ok(text),
    }
}

fn write(folder: &Path, path: &Path, text: &str) -> Result<(), String> {
    made::folder(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    fresh(path, text.as_bytes()).map_err(|e| e.to_string())
}

/// The scenario that a file makes, whatever it is.
fn drafted(arguments: &New, from: &Path) -> Result<Draft, String> {
    let data = outlay::data(&Files::disk(), from).map_err(told)?;
    let columns = Columns {
        sheet: arguments.sheet.clone(),
        line: arguments.line.clone(),
        spend: arguments.spend.clone(),
        revenue: arguments.revenue.clone(),
    };
    match outlay::start(&data, &columns).map_err(told)? {
        Start::Scenario { draft, notes } => {
            notes.iter().for_each(|note| terminal::say(format_args!("note: {note}")));
            Ok(draft)
        }
        Start::Library(library) => Ok(started(arguments, &library, from, from)),
        Start::History(_) => history(arguments, from),
        _ => Err(format!("{}: no scenario can start from it", from.display())),
    }
}

/// A scenario over a library, named after the file it came from.
fn started(arguments: &New, library: &LibraryFile, at: &Path, from: &Path) -> Draft {
    let name = from.file_stem().map_or(String::new(), |s| s.to_string_lossy().into_owned());
    outlay::start_from_library(library, &relative(at, &arguments.folder), &name)
}

/// Fits the history first, into the new folder.
fn history(arguments: &New, from: &Path) -> Result<Draft, String> {
    made::folder(&arguments.folder).map_err(|e| format!("{}: {e}", arguments.folder.display()))?;
    let curves = arguments.folder.join("curves.json");
    if curves.exists() {
        return Err(format!("{}: exists already and is left as it is", curves.display()));
    }
    let mut words = vec![
        "outlay".into(),
        "fit".into(),
        from.as_os_str().to_owned(),
        "--out".into(),
        curves.clone().into_os_string(),
    ];
    if let Some(sheet) = &arguments.sheet {
        words.extend(["--sheet".into(), sheet.into()]);
    }
    if arguments.blank.is_some() {
        words.extend(["--blank".into(), "zero".into()]);
    }
    let fit = match Arguments::try_parse_from(words).map(|a| a.command) {
        Ok(Command::Fit(fit)) => fit,
        _ => return Err(format!("{}: fit its curves first: outlay fit", from.display())),
    };
    match super::fit::quietly(&fit) {
        Exit::Solved => {
            let library = outlay::library(&Files::disk(), &curves).map_err(told)?;
            Ok(started(arguments, &library, &curves, from))
        }
        _ => Err(format!("{}: no curves could be fitted", from.display())),
    }
}

/// A file's path as seen from a folder, with `/` between its parts.
fn relative(file: &Path, folder: &Path) -> String {
    let absolute = |p: &Path| std::path::absolute(p).unwrap_or_else(|_| p.to_owned());
    let (file, folder) = (absolute(file), absolute(folder));
    let (a, b): (Vec<Component>, Vec<Component>) =
        (file.components().collect(), folder.components().collect());
    let shared = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    if shared <= 1 {
        return file.to_string_lossy().replace('\\', "/");
    }
    let up = b[shared..].iter().map(|_| "..".to_owned());
    let down = a[shared..].iter().map(|c| PathBuf::from(c.as_os_str()).to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
