//! `outlay fit`: curves from history and lift tests.

use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use outlay::curves::fit::Meeting;
use outlay::{
    Blank, Chosen, Files, FitOptions, Fitted, Format, HistoryFile, LiftTests, Markets, Refit, show,
};

use crate::arguments::{BlankName, By, Fit, MarketsName};
use crate::exit::Exit;
use crate::hint;
use crate::overwrite;
use crate::run::whole;
use crate::solve::began;
use crate::terminal::{self, told};

/// `outlay fit`: curves from history and lift tests.
pub(crate) fn run(arguments: &Fit) -> Exit {
    let exit = quietly(arguments);
    if exit == Exit::Solved {
        hint::after_fit(&arguments.out);
    }
    exit
}

/// The same, without saying what comes next.
pub(crate) fn quietly(arguments: &Fit) -> Exit {
    terminal::done(fitted(arguments))
}

fn fitted(arguments: &Fit) -> Result<(), String> {
    let began = began();
    let path = &arguments.history;
    let others = [&arguments.lift_tests, &arguments.judgements, &arguments.update];
    let read: Vec<PathBuf> = others.into_iter().flatten().chain([path]).cloned().collect();
    let written: Vec<PathBuf> =
        [Some(arguments.out.clone()), arguments.pictures.clone()].into_iter().flatten().collect();
    overwrite::refuse(&written, &read)?;
    let history = history(arguments)?;
    let files = Files::disk();
    let before =
        arguments.update.as_ref().map(|old| outlay::library(&files, old)).transpose().map_err(told)?;
    let tests = match &arguments.lift_tests {
        Some(path) => {
            outlay::lift_tests(&outlay::data(&files, path).map_err(told)?, &history).map_err(told)?
        }
        None => LiftTests::default(),
    };
    let meeting = Meeting::among(&arguments.overlap, &arguments.makes, &arguments.harvests);
    let meeting = meeting.map_err(|e| e.to_string())?;
    terminal::tell(show::history(&history).trim_end());
    terminal::tell(show::lift_tests(&tests).trim_end());
    let bar = progress(&history);
    let share = |share| bar.set_position(percent(share));
    let late = || arguments.time.is_some_and(|time| began.elapsed() >= time);
    let options = FitOptions::default()
        .level(arguments.level)
        .seed(arguments.seed)
        .currency(arguments.currency.clone())
        .markets(markets(arguments.markets))
        .meeting(meeting)
        .progress(&share)
        .cancel(&late);
    let found = outlay::fit(&history, &tests.tests, &options);
    bar.finish_and_clear();
    let mut found = found.map_err(told)?;
    if let Some(path) = &arguments.judgements {
        found.judge(&outlay::data(&files, path).map_err(told)?).map_err(told)?;
    }
    let moved = before.map(|old| found.moved_from(&old, &history));
    deliver(arguments, &found, moved.as_ref())
}

/// The history with everything that is said of it on the command line.
fn history(arguments: &Fit) -> Result<HistoryFile, String> {
    let path = &arguments.history;
    let data = outlay::data(&Files::disk(), path).map_err(told)?;
    let mut file = outlay::history(&data, &chosen(arguments)).map_err(told)?;
    for &(from, to) in &arguments.exclude {
        file.exclude(from, to).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    if arguments.by == Some(By::Week) {
        file = file.by_week();
    }
    for (name, factor, error) in &arguments.incrementality {
        let stated = file.set_incrementality(name, *factor, *error);
        stated.map_err(|e| format!("--incrementality {e}"))?;
    }
    for (name, half_life) in &arguments.half_life {
        file.set_half_life(name, *half_life).map_err(|e| format!("--half-life {e}"))?;
    }
    Ok(file)
}

fn deliver(arguments: &Fit, found: &Fitted, moved: Option<&Refit>) -> Result<(), String> {
    let out = arguments.out.display();
    let text = show::library(&found.library).map_err(|e| format!("{out}: {e}"))?;
    whole(&arguments.out, text.as_bytes()).map_err(|e| e.to_string())?;
    if let Some(pictures) = &arguments.pictures {
        let page = show::fit_html(found).map_err(told)?;
        whole(pictures, page.as_bytes()).map_err(|e| e.to_string())?;
    }
    let page = Format::Page(terminal::page(arguments.width));
    terminal::print(&show::fit(found, moved, page).map_err(told)?).map_err(|e| e.to_string())?;
    terminal::say(format_args!("wrote {out}"));
    Ok(())
}

fn markets(named: MarketsName) -> Markets {
    match named {
        MarketsName::Together => Markets::Together,
        MarketsName::Each => Markets::Each,
        MarketsName::Summed => Markets::Summed,
    }
}

fn chosen(arguments: &Fit) -> Chosen {
    Chosen {
        channel: arguments.channel.clone(),
        control: arguments.control.clone(),
        ignore: arguments.ignore.clone(),
        blank: arguments.blank.map_or(Blank::Refused, |BlankName::Zero| Blank::Zero),
        ..arguments.columns.chosen()
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
