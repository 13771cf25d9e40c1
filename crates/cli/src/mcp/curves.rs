//! The tool that fits curves.

use std::path::Path;

use outlay::Page;
use outlay::curves::fit::{Options, fit_until};
use outlay::report::fit as show;
use outlay::scenario::fitted::library;
use outlay::scenario::history::{Chosen, read_history, read_tests_of};
use outlay::scenario::{Files, read_library_from};

use super::answer::Answer;
use super::arguments::Fit;
use super::scenarios::inside;
use super::tool::Stop;
use crate::folder::Folder;

pub(super) fn fit(folder: &Folder, ask: &Fit, stop: &Stop) -> Result<Answer, String> {
    folder.new_file(&ask.out, "json")?;
    let level = ask.level.unwrap_or(0.9);
    if !(level > 0.0 && level < 1.0) {
        return Err(format!("level: {level} is not a probability above 0 and below 1, such as 0.9"));
    }
    let chosen = Chosen {
        sheet: ask.sheet.clone(),
        date: ask.date.clone(),
        channel: ask.channel.clone(),
        market: ask.market.clone(),
        outcome: ask.outcome.clone(),
        customers: ask.customers,
        spend: ask.spend.clone(),
        control: ask.control.clone(),
        ignore: ask.ignore.clone(),
    };
    let named = |name: &str, e: &dyn std::fmt::Display| format!("{name}: {}", inside(folder, &e.to_string()));
    let history = folder.existing(&ask.history)?;
    let file = read_history(&history, &chosen).map_err(|e| named(&ask.history, &e))?;
    let tests = match &ask.lift_tests {
        Some(name) => read_tests_of(&folder.existing(name)?, &file).map_err(|e| named(name, &e))?,
        None => Vec::new(),
    };
    let options = Options { level, ..Options::default() };
    let found = fit_until(&file.history, &tests, &options, &|_| {}, &|| stop.now());
    let found = found.map_err(|e| named(&ask.history, &e))?;
    let curves = library(&file, &found, &ask.history, ask.currency.as_deref(), level);
    let text = serde_json::to_string_pretty(&curves).map_err(|e| e.to_string())? + "\n";
    // What cannot be read again is not written.
    let again = Files::memory([(&ask.out, text.clone())]);
    read_library_from(&again, Path::new(&ask.out)).map_err(|e| format!("{}: not written: {e}", ask.out))?;
    folder.create(&ask.out, "json", text.as_bytes())?;
    let table = show::columns(&file) + "\n" + &show::table(&curves, &found, None, Page::default());
    let mut data = serde_json::to_value(&curves).map_err(|e| e.to_string())?;
    for curve in data["curves"].as_array_mut().into_iter().flatten().filter_map(|c| c.as_object_mut()) {
        // Thousands of figures that stand in the file.
        curve.remove("draws");
    }
    Answer::new(format!("{table}\nWrote {}.\n", ask.out), &data)
}
