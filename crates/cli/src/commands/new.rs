use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use clap::Parser;
use outlay::exchange::{self, Columns, Draft};
use outlay_scenario::history::{Chosen, read_history};
use outlay_scenario::{Data, read_library};

use crate::arguments::{Arguments, Command, New};
use crate::exit::Exit;
use crate::terminal;

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
            Ok(draft) => draft.toml(),
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
            terminal::error(format_args!("{}: {error}", path.display()));
            Exit::WrongInput
        }
    }
}

fn write(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// The scenario that a file makes, whatever it is.
fn drafted(arguments: &New, from: &Path) -> Result<Draft, String> {
    let named = |e: &dyn std::fmt::Display| format!("{}: {e}", from.display());
    let bytes = fs::read(from).map_err(|e| named(&e))?;
    let stem = from.file_stem().map_or(String::new(), |s| s.to_string_lossy().into_owned());
    let json = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
    if json {
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| named(&e))?;
        if exchange::is_media_plan(&value) {
            return plan(&value, &stem).map_err(|e| named(&e));
        }
        return library(arguments, from, &stem);
    }
    if exchange::is_media_workbook(&bytes) {
        let value = exchange::workbook(&bytes).map_err(|e| named(&e))?;
        return plan(&value, &stem).map_err(|e| named(&e));
    }
    if from.extension().is_some_and(|e| e == "toml") {
        return library(arguments, from, &stem);
    }
    let chosen = Chosen { sheet: arguments.sheet.clone(), ..Chosen::default() };
    if arguments.line.is_none()
        && arguments.spend.is_none()
        && read_history(&Data::bytes(from, bytes.clone()), &chosen).is_ok()
    {
        return history(arguments, from);
    }
    let columns = Columns {
        sheet: arguments.sheet.clone(),
        line: arguments.line.clone(),
        spend: arguments.spend.clone(),
        revenue: arguments.revenue.clone(),
    };
    let (draft, table) = exchange::lines(&bytes, &stem, &columns).map_err(|e| named(&e))?;
    outlay_report::source(&table.source)
        .iter()
        .for_each(|note| terminal::say(format_args!("note: {}", outlay_report::visible(note))));
    draft.remarks.iter().for_each(|r| terminal::say(format_args!("note: {r}")));
    if let Some(remark) = &draft.horizon_remark {
        terminal::say(format_args!("note: horizon: {remark}"));
    }
    for line in draft.lines.iter().filter(|l| l.out) {
        terminal::say(format_args!(
            "note: `{}` has no spend or no outcome: it is written as a comment",
            line.name
        ));
    }
    Ok(draft)
}

fn plan(value: &serde_json::Value, stem: &str) -> Result<Draft, exchange::DraftError> {
    let (draft, notes) = exchange::media_plan(value, stem)?;
    notes.iter().for_each(|note| terminal::say(format_args!("note: {}", outlay_report::visible(note))));
    Ok(draft)
}

fn library(arguments: &New, from: &Path, stem: &str) -> Result<Draft, String> {
    let library = read_library(from).map_err(|e| e.to_string())?;
    Ok(exchange::library_lines(&library, &relative(from, &arguments.folder), stem))
}

/// Fits the history first, into the new folder.
fn history(arguments: &New, from: &Path) -> Result<Draft, String> {
    fs::create_dir_all(&arguments.folder).map_err(|e| format!("{}: {e}", arguments.folder.display()))?;
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
    let fit = match Arguments::try_parse_from(words).map(|a| a.command) {
        Ok(Command::Fit(fit)) => fit,
        _ => return Err(format!("{}: fit its curves first: outlay fit", from.display())),
    };
    match super::fit::run(&fit) {
        Exit::Solved => library(
            arguments,
            &curves,
            &from.file_stem().map_or(String::new(), |s| s.to_string_lossy().into_owned()),
        ),
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
