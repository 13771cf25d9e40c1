use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use outlay_curves::fit::{Fit as Fitted, Incrementality, Options, Sampling, fit_until};
use outlay_report::fit as show;
use outlay_scenario::fitted::library;
use outlay_scenario::history::{Chosen, HistoryFile, read_history, read_judgements, read_tests_of};
use outlay_scenario::library::LibraryFile;
use outlay_scenario::moved::compare;
use outlay_scenario::spec::Outcome;
use outlay_scenario::{Files, read_library, read_library_from};

use crate::arguments::{By, Fit, OutcomeName};
use crate::exit::Exit;
use crate::overwrite;
use crate::run::whole;
use crate::terminal;

/// `outlay fit`: curves from history and lift tests.
pub(crate) fn run(arguments: &Fit) -> Exit {
    match fitted(arguments) {
        Ok(()) => Exit::Solved,
        Err(message) => {
            terminal::error(message);
            Exit::WrongInput
        }
    }
}

fn fitted(arguments: &Fit) -> Result<(), String> {
    let began = Instant::now();
    let path = &arguments.history;
    let read: Vec<PathBuf> = [Some(path.clone()), arguments.lift_tests.clone(), arguments.judgements.clone()]
        .into_iter()
        .flatten()
        .collect();
    let written: Vec<PathBuf> =
        [Some(arguments.out.clone()), arguments.pictures.clone()].into_iter().flatten().collect();
    overwrite::refuse(&written, &read)?;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut file = read_history(path, &chosen(arguments)).map_err(|e| named(&e))?;
    for &(from, to) in &arguments.exclude {
        file.exclude(from, to).map_err(|e| named(&e))?;
    }
    if arguments.by == Some(By::Week) {
        file = file.by_week();
    }
    credit(arguments, &mut file)?;
    remember(arguments, &mut file)?;
    let before = match &arguments.update {
        Some(old) => Some(read_library(old).map_err(|e| e.to_string())?),
        None => None,
    };
    let tests = match &arguments.lift_tests {
        Some(tests) => read_tests_of(tests, &file).map_err(|e| format!("{}: {e}", tests.display()))?,
        None => Vec::new(),
    };
    terminal::say(show::columns(&file).trim_end());
    let options = Options {
        level: arguments.level,
        sampling: Sampling { seed: arguments.seed, ..Sampling::default() },
        ..Options::default()
    };
    let bar = progress(&file);
    let told = |share| bar.set_position(percent(share));
    let late = || arguments.time.is_some_and(|time| began.elapsed() >= time);
    let found = fit_until(&file.history, &tests, &options, &told, &late);
    bar.finish_and_clear();
    let found = found.map_err(|e| named(&e))?;
    deliver(arguments, &file, &found, before.as_ref())
}

/// Factors from attributed to incremental outcome, for the channels named.
fn credit(arguments: &Fit, file: &mut HistoryFile) -> Result<(), String> {
    for (name, factor, standard_error) in &arguments.incrementality {
        let mut channels = file.history.channels.iter_mut();
        let channel = channels.find(|c| c.name == *name && c.outcome.is_some());
        let channel = channel.ok_or_else(|| {
            format!("--incrementality {name}: no such channel with an outcome of its own in the history")
        })?;
        channel.incrementality = Some(Incrementality { factor: *factor, standard_error: *standard_error });
    }
    Ok(())
}

/// What is believed of half-lives.
fn remember(arguments: &Fit, file: &mut HistoryFile) -> Result<(), String> {
    for (name, half_life) in &arguments.half_life {
        let channel = file.history.channels.iter_mut().find(|c| c.name == *name);
        let channel = channel.ok_or_else(|| format!("--half-life {name}: no such channel in the history"))?;
        channel.half_life = Some(*half_life);
    }
    Ok(())
}

fn deliver(
    arguments: &Fit,
    file: &HistoryFile,
    found: &Fitted,
    before: Option<&LibraryFile>,
) -> Result<(), String> {
    let source = arguments.history.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let mut curves = library(file, found, &source, arguments.currency.as_deref(), arguments.level);
    judge(arguments, file, found, &mut curves)?;
    let refit = before.map(|old| compare(old, &curves, file));
    let mut text = serde_json::to_string_pretty(&curves).map_err(|e| e.to_string())?;
    text.push('\n');
    // What cannot be read again is not written.
    let again = Files::memory([(&arguments.out, text.clone())]);
    read_library_from(&again, &arguments.out).map_err(|e| {
        format!(
            "{}: not written, because a curve came out with figures too large or too small to be kept:\n{e}",
            arguments.out.display()
        )
    })?;
    whole(&arguments.out, text.as_bytes()).map_err(|e| e.to_string())?;
    if let Some(pictures) = &arguments.pictures {
        whole(pictures, show::html(&curves, found).as_bytes()).map_err(|e| e.to_string())?;
    }
    let table = show::table(&curves, found, refit.as_ref(), terminal::page(arguments.width));
    terminal::print(&table).map_err(|e| e.to_string())?;
    terminal::say(format_args!("wrote {}", arguments.out.display()));
    Ok(())
}

/// Adds the curves that rest on judgement; none may replace a fitted one.
fn judge(
    arguments: &Fit,
    file: &HistoryFile,
    found: &Fitted,
    curves: &mut LibraryFile,
) -> Result<(), String> {
    let Some(path) = &arguments.judgements else { return Ok(()) };
    let outcome = if file.customers { Outcome::Customers } else { Outcome::Revenue };
    let judged = read_judgements(path, outcome, found).map_err(|e| format!("{}: {e}", path.display()))?;
    for curve in judged {
        if curves.curves.iter().any(|c| c.name == curve.name) {
            return Err(format!("{}: {} has a curve already", path.display(), curve.name));
        }
        curves.curves.push(curve);
    }
    Ok(())
}

fn chosen(arguments: &Fit) -> Chosen {
    Chosen {
        sheet: arguments.sheet.clone(),
        date: arguments.date.clone(),
        channel: arguments.channel.clone(),
        market: arguments.market.clone(),
        outcome: arguments.outcome.clone(),
        customers: arguments.outcome_is.map(|o| o == OutcomeName::Customers),
        spend: arguments.spend.clone(),
        control: arguments.control.clone(),
        ignore: arguments.ignore.clone(),
    }
}

/// Shown on a terminal only.
fn progress(file: &HistoryFile) -> ProgressBar {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {percent}% {elapsed}") {
        bar.set_style(style);
    }
    let channels = file.history.channels.len();
    bar.set_message(format!("fitting {channels} channels to {} periods", file.history.periods()));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn percent(share: f64) -> u64 {
    (100.0 * share.clamp(0.0, 1.0)) as u64
}
