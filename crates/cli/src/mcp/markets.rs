//! Tools for tests in markets: lift, design.

use jiff::civil::Date;
use outlay::Page;
use outlay::report::{design as designs_shown, lift as shown};
use outlay::scenario::designed::designs;
use outlay::scenario::history::{Chosen, PanelFile, read_panel};
use outlay::scenario::lifted;
use outlay_experiments::Ask;

use super::answer::Answer;
use super::arguments::{Design, Lift};
use super::scenarios::inside;
use super::tool::Stop;
use crate::folder::Folder;

fn panel(folder: &Folder, name: &str, exclude: &[String]) -> Result<PanelFile, String> {
    let named = |e: &dyn std::fmt::Display| format!("{name}: {}", inside(folder, &e.to_string()));
    let path = folder.existing(name)?;
    let mut file = read_panel(&path, &Chosen::default(), None).map_err(|e| named(&e))?;
    let out = lifted::markets(&file, exclude).map_err(|e| named(&e))?;
    file.leave_out(&out);
    Ok(file)
}

pub(super) fn lift(folder: &Folder, ask: &Lift, _: &Stop) -> Result<Answer, String> {
    let date = |field: &str, text: &str| {
        text.parse::<Date>().map_err(|_| format!("{field}: `{text}` is not a date like 2026-03-02"))
    };
    let (start, end) = (date("start", &ask.start)?, date("end", &ask.end)?);
    let level = probability("level", ask.level, 0.9)?;
    let mut file = panel(folder, &ask.panel, &ask.exclude)?;
    if !ask.treated.is_empty() {
        file.treated.clear();
    }
    let channel = ask.channel.as_deref().unwrap_or("channel");
    let read = lifted::lift(&file, start, end, &ask.treated, channel, level);
    let read = read.map_err(|e| format!("{}: {e}", ask.panel))?;
    Answer::new(shown::columns(&file) + "\n" + &shown::table(&read, Page::default()), &read)
}

pub(super) fn design(folder: &Folder, ask: &Design, _: &Stop) -> Result<Answer, String> {
    let usual = Ask::default();
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
    let asked = Ask {
        weeks,
        change,
        cells: whole("cells", ask.cells, usual.cells, 20)?,
        share,
        forced: lifted::markets(&file, &ask.treated).map_err(|e| format!("{}: {e}", ask.panel))?,
        excluded: Vec::new(),
        worth,
        level: probability("level", ask.level, usual.level)?,
        power: probability("power", ask.power, usual.power)?,
        seed: usual.seed,
    };
    let found = designs(&file, &asked).map_err(|e| format!("{}: {e}", ask.panel))?;
    Answer::new(shown::columns(&file) + "\n" + &designs_shown::table(&found, Page::default()), &found)
}

fn probability(field: &str, stated: Option<f64>, usual: f64) -> Result<f64, String> {
    let value = stated.unwrap_or(usual);
    let allowed = value > 0.0 && value < 1.0;
    allowed.then_some(value).ok_or_else(|| format!("{field}: {value} is not above 0 and below 1"))
}
