//! What `design` shows: markets to treat, what the test would show, and what it
//! costs.

use outlay_scenario::designed::{DesignCell, DesignFile, DesignPower};

use crate::csv;
use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{Kind, short, signed};
use crate::table::Page;

/// Designs on a terminal.
pub fn table(file: &DesignFile, page: Page) -> String {
    let mut text = String::new();
    let change = file.designs.first().map_or(0.0, |d| d.change);
    let what = if change <= -1.0 {
        "Go dark: no spend".to_owned()
    } else {
        format!("Spend {}", signed(Kind::Percent, Some(change)))
    };
    let weeks = file.designs.first().map_or(0, |d| d.chosen.weeks);
    let unit = if file.unit == "month" { "months" } else { "weeks" };
    paragraph(&mut text, &format!("{what} in the treated markets for {weeks} {unit}"), page);
    for (index, design) in file.designs.iter().enumerate() {
        if file.designs.len() > 1 {
            text.push_str(&format!("\nGroup {}\n", index + 1));
        }
        cell(&mut text, file, design, unit, page);
    }
    text.push('\n');
    let how = format!(
        "{} assignments were drawn, one market out of each of several strata of like size; the {} with the least error were screened in, and the design was drawn among these (seed {}). Errors include a factor of {:.2}: what screened assignments claim beyond what they keep.",
        file.drawn, file.screened, file.seed, file.optimism
    );
    paragraph(&mut text, &how, page);
    if let Some(design) = file.designs.first() {
        text.push_str("\nControl markets\n");
        paragraph(&mut text, &list(&design.control), page);
    }
    text
}

fn cell(text: &mut String, file: &DesignFile, design: &DesignCell, unit: &str, page: Page) {
    let chosen = &design.chosen;
    let share = short(Kind::Percent, Some(design.share));
    let effect = short(Kind::Percent, Some(chosen.relative_effect));
    let power = short(Kind::Percent, Some(file.target_power));
    text.push('\n');
    let mut sentence = format!(
        "{} markets, {share} of the outcome. A lift of {effect} or more is seen with a probability of {power}",
        design.treated.len()
    );
    if let Some(least) = chosen.minimum_return {
        let what = if file.customers { "customers per unit of spend" } else { "a return (iROAS)" };
        sentence.push_str(&format!(": {what} of {}", short(Kind::Ratio, Some(least))));
    }
    sentence.push('.');
    if let (Some(power), Some(money)) = (chosen.power, chosen.money) {
        let worth = short(Kind::Ratio, Some(file.worth));
        sentence.push_str(&format!(
            " If a unit of spend is worth {worth}, the test sees it with a probability of {}; it moves {} of spend and {} of outcome.",
            short(Kind::Percent, Some(power)),
            signed(Kind::Money, Some(money.spend)),
            signed(if file.customers { Kind::Count } else { Kind::Money }, Some(money.outcome)),
        ));
    }
    paragraph(text, &sentence, page);
    text.push_str("\nTreated markets\n");
    paragraph(text, &list(&design.treated), page);
    text.push('\n');
    let mut grid = Grid::new(&[Align::Right, Align::Right, Align::Right, Align::Right, Align::Right]);
    grid.row([unit, "least lift", "least return", "power", "spend moved"]);
    for power in &design.durations {
        grid.row(row(power));
    }
    for line in grid.lines(page.width) {
        text.extend([line.as_str(), "\n"]);
    }
}

fn row(power: &DesignPower) -> [String; 5] {
    [
        power.weeks.to_string(),
        short(Kind::Percent, Some(power.relative_effect)),
        short(Kind::Ratio, power.minimum_return),
        short(Kind::Percent, power.power),
        signed(Kind::Money, power.money.map(|m| m.spend)),
    ]
}

/// The market lists for buyers, `group,market`.
pub fn csv(file: &DesignFile) -> String {
    let mut text = "group,market\n".to_owned();
    for (index, design) in file.designs.iter().enumerate() {
        let group = if file.designs.len() > 1 { format!("treated {}", index + 1) } else { "treated".into() };
        for market in &design.treated {
            text.push_str(&csv::record([group.clone(), csv::text(market)]));
        }
    }
    for market in file.designs.first().iter().flat_map(|d| &d.control) {
        text.push_str(&csv::record(["control".to_owned(), csv::text(market)]));
    }
    text
}

fn list(markets: &[String]) -> String {
    markets.iter().map(|m| visible(m)).collect::<Vec<_>>().join(", ")
}

fn paragraph(text: &mut String, sentence: &str, page: Page) {
    for line in wrap(sentence, page.width, 0) {
        text.extend([line.as_str(), "\n"]);
    }
}
