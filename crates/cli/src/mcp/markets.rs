//! Tools for tests in markets: lift, design.

use outlay::{Chosen, DesignAsk, Effort, Error, Format, LiftAsk, NextAsk, PanelFile, show};

use super::answer::Answer;
use super::arguments::{Design, Lift, Next};
use crate::folder::Folder;
use crate::stop::Stop;

fn panel(folder: &Folder, name: &str, exclude: &[String]) -> Result<PanelFile, String> {
    let told = |e: Error| e.to_string();
    let mut file = outlay::panel(&folder.data(name)?, &Chosen::default(), None).map_err(told)?;
    outlay::leave_out(&mut file, exclude).map_err(told)?;
    Ok(file)
}

pub(super) fn lift(folder: &Folder, ask: &Lift, _: &Stop) -> Result<Answer, String> {
    let days = |field: &str, text: &str| outlay::days(text).map_err(|e| format!("{field}: {e}"));
    let (start, end) = (days("start", &ask.start)?.0, days("end", &ask.end)?.1);
    let level = probability("level", ask.level, 0.9)?;
    let mut file = panel(folder, &ask.panel, &ask.exclude)?;
    if !ask.treated.is_empty() {
        file.treated.clear();
    }
    let channel = ask.channel.as_deref().unwrap_or("channel");
    let asked = LiftAsk { start, end, treated: &ask.treated, channel, level };
    let read = outlay::lift(&file, &asked).map_err(|e| e.to_string())?;
    let text = show::lift(&read, Format::Table).map_err(|e| e.to_string())?;
    Answer::new(show::panel(&file) + "\n" + &text, &read)
}

pub(super) fn design(folder: &Folder, ask: &Design, _: &Stop) -> Result<Answer, String> {
    let usual = DesignAsk::default();
    let change = ask.change.unwrap_or(usual.change);
    if !(-1.0..=20.0).contains(&change) || change == 0.0 {
        return Err(format!("change: {change} is not between -1 (go dark) and 20, and not 0"));
    }
    let share = ask.share.unwrap_or(usual.share);
    if !(share > 0.0 && share <= 0.6) {
        return Err(format!("share: {share} is not above 0 and at most 0.6"));
    }
    let worth = ask.worth.unwrap_or(usual.worth);
    if !(worth.is_finite() && worth > 0.0) {
        return Err(format!("worth: {worth} is not above 0"));
    }
    let whole = |field: &str, value: Option<u16>, usual: usize, most: u16| match value {
        Some(n) if n == 0 || n > most => Err(format!("{field}: {n} is not between 1 and {most}")),
        value => Ok(value.map_or(usual, usize::from)),
    };
    let file = panel(folder, &ask.panel, &ask.exclude)?;
    let weeks = ask.weeks.map(|n| whole("weeks", Some(n), 1, 104)).transpose()?;
    let asked = DesignAsk {
        weeks,
        change,
        cells: whole("cells", ask.cells, usual.cells, 20)?,
        share,
        worth,
        level: probability("level", ask.level, usual.level)?,
        power: probability("power", ask.power, usual.power)?,
        ..usual.clone()
    };
    let found = outlay::design(&file, &ask.treated, &asked).map_err(|e| e.to_string())?;
    let text = show::design(&found, Format::Table).map_err(|e| e.to_string())?;
    Answer::new(show::panel(&file) + "\n" + &text, &found)
}

pub(super) fn next(folder: &Folder, ask: &Next, stop: &Stop) -> Result<Answer, String> {
    folder.existing(&ask.scenario)?;
    let files = folder.files();
    let batch = outlay::read(&files, &ask.scenario).map_err(|e| e.to_string())?;
    let scenario = batch.scenario(0).map_err(|e| e.to_string())?;
    let read = |name: &Option<String>| name.as_ref().map(|name| folder.data(name)).transpose();
    let (tests, panel) = (read(&ask.tests)?, read(&ask.panel)?);
    let asked = NextAsk { tests: tests.as_ref(), panel: panel.as_ref(), files: &files };
    let cancel = || stop.now();
    let found = outlay::next(&scenario, &asked, &Effort::default().cancel(&cancel));
    let found = found.map_err(|e| format!("{}: {e}", ask.scenario))?;
    let text = show::next(&found, Format::Table).map_err(|e| e.to_string())?;
    Answer::new(text, &found)
}

fn probability(field: &str, stated: Option<f64>, usual: f64) -> Result<f64, String> {
    let value = stated.unwrap_or(usual);
    let allowed = value > 0.0 && value < 1.0;
    allowed.then_some(value).ok_or_else(|| format!("{field}: {value} is not above 0 and below 1"))
}
