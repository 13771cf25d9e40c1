//! The tool that fits curves.

use outlay::curves::fit::Meeting;
use outlay::{Blank, Chosen, Error, FitOptions, Format, LiftTests, Markets, show};

use super::answer::Answer;
use super::arguments::{Fit, MarketsName};
use crate::folder::Folder;
use crate::stop::Stop;

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
        blank: if ask.blank_is_zero { Blank::Zero } else { Blank::Refused },
    };
    let markets = match ask.markets {
        MarketsName::Together => Markets::Together,
        MarketsName::Each => Markets::Each,
        MarketsName::Summed => Markets::Summed,
    };
    let told = |e: Error| e.to_string();
    let history = outlay::history(&folder.data(&ask.history)?, &chosen).map_err(told)?;
    let tests = match &ask.lift_tests {
        Some(name) => outlay::lift_tests(&folder.data(name)?, &history).map_err(told)?,
        None => LiftTests::default(),
    };
    let cancel = || stop.now();
    let options = FitOptions::default().level(level).currency(ask.currency.clone()).markets(markets);
    let meeting = Meeting::among(&ask.overlap, &ask.makes, &ask.harvests).map_err(|e| e.to_string())?;
    let options = options.meeting(meeting).cancel(&cancel);
    let found = outlay::fit(&history, &tests.tests, &options).map_err(told)?;
    let text = show::library(&found.library).map_err(|e| format!("{}: {e}", ask.out))?;
    folder.create(&ask.out, "json", text.as_bytes())?;
    let table = show::fit(&found, None, Format::Table).map_err(told)?;
    let table = show::history(&history) + &show::lift_tests(&tests) + "\n" + &table;
    let mut data = serde_json::to_value(&found.library).map_err(|e| e.to_string())?;
    for curve in data["curves"].as_array_mut().into_iter().flatten().filter_map(|c| c.as_object_mut()) {
        // Thousands of figures that stand in the file.
        curve.remove("draws");
    }
    if let Some(meeting) = data["meeting"].as_object_mut() {
        meeting.remove("draws");
    }
    Answer::new(format!("{table}\nWrote {}.\n", ask.out), &data)
}
