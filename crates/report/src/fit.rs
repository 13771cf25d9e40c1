//! What `fit` shows: a table, the warnings in words, and a picture per
//! channel.

mod meeting;
mod panel;
mod picture;
mod words;

use outlay_curves::fit::{Fit, Outcome as Explained};
use outlay_scenario::history::{Decimal, HistoryFile, LiftTests, Order, Role};
use outlay_scenario::library::{LibraryCurve, LibraryFile};
use outlay_scenario::moved::Refit;
use outlay_scenario::spec::Outcome;

use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{Kind, short, signed};
use crate::table::Page;

pub use picture::document;
pub use words::warning;

/// The columns of a history file and what they were taken for.
pub fn columns(file: &HistoryFile) -> String {
    let word = |role: &Role| match role {
        Role::Date => "date".to_owned(),
        Role::Channel => "channel".to_owned(),
        Role::Market => "market".to_owned(),
        Role::Spend { channel } => format!("spend of {channel}"),
        Role::Outcome { customers: true } => "outcome (count)".to_owned(),
        Role::Outcome { customers: false } => "outcome (money)".to_owned(),
        Role::Added => "outcome (money), added to the other part".to_owned(),
        Role::RevenuePerOutcome => "money per outcome".to_owned(),
        Role::Exposure { channel } => format!("exposure of {channel}: its effect runs through it"),
        Role::Size => "size of the market".to_owned(),
        Role::Control => "control".to_owned(),
        Role::Costless => {
            "no cost beside it: a control, so that its effect is not read as another's".to_owned()
        }
        Role::Calendar => "not used: the dates say it already".to_owned(),
        Role::Ignored => "not used".to_owned(),
    };
    let mut grid = Grid::new(&[Align::Left, Align::Left]);
    for (name, role) in &file.columns {
        grid.row([name.clone(), word(role)]);
    }
    let pooled = if file.pooled > 1 {
        format!(", up to {} rows summed per period", file.pooled)
    } else {
        String::new()
    };
    let periods = file.history.periods();
    let unit = file.unit.name();
    let commas = if file.decimal == Decimal::Comma { ", decimal commas" } else { "" };
    let days = if file.order == Order::DayFirst { ", day before month" } else { "" };
    let mut text = format!("{periods} {unit}s from {} to {}{pooled}{commas}{days}\n", file.first, file.last);
    if file.zeros > 0 {
        text.push_str(&format!("{} cells or rows that the export leaves out are zero\n", file.zeros));
    }
    crate::source(&file.source).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
    grid.lines(80).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
    for note in &file.notes {
        wrap(&words::note(note, unit), 80, 0).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
    }
    text
}

/// Where lift tests were found, and which rows of their file are none; empty
/// where all are.
pub fn tests_found(read: &LiftTests) -> String {
    let path = read.path.display().to_string();
    crate::source(&read.source).iter().map(|line| format!("{}: {line}\n", visible(&path))).collect()
}

/// The table of curves with their warnings.
pub fn table(library: &LibraryFile, fit: &Fit, refit: Option<&Refit>, page: Page) -> String {
    let unit = library.unit.as_deref().unwrap_or("period");
    let level = library.curves.iter().find_map(|c| c.marginal).map_or(0.9, |m| m.level);
    let mut grid = Grid::new(&[
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
    ]);
    let spend = format!("spend/{unit}");
    let interval = format!("{} interval", short(Kind::Percent, Some(level)));
    grid.row(["channel", &spend, "average", "marginal", &interval, "carried", "curve"]);
    for curve in &library.curves {
        grid.row(row(curve));
    }
    let named = library.curves.iter().map(|c| visible(&c.name).chars().count()).max().unwrap_or(0);
    if named + grid.rest() > page.width {
        // Channels must be told apart; families are named below as well.
        grid.drop_last();
    }
    let mut text = grid.lines(page.width).join("\n");
    text.push_str("\n\n");
    let returns = match library.curves.first().map(|c| c.outcome) {
        Some(Outcome::Customers) => "customers",
        Some(Outcome::Revenue) | None => "revenue",
    };
    let legend = format!(
        "average: {returns} per unit of all spend, as it was spent. marginal: per unit of the next spend, at mean spend held steady (in flights: at the mean of a flight). carried: share of an effect that works in the {unit} after."
    );
    paragraph(&mut text, &legend, page, 0);
    text.push('\n');
    rests(&mut text, library, page);
    panel::told(&mut text, library, page);
    meeting::told(&mut text, library, page);
    for line in whole(fit) {
        paragraph(&mut text, &line, page, 0);
    }
    if !fit.tests.is_empty() {
        text.push('\n');
        tests(&mut text, fit, page);
    }
    if let Some(refit) = refit {
        text.push('\n');
        words::refit(refit, unit).iter().for_each(|s| paragraph(&mut text, s, page, 0));
    }
    let mut shared: Vec<String> = Vec::new();
    for curve in &library.curves {
        let sentences: Vec<String> = curve.warnings.iter().map(warning).collect();
        for sentence in sentences.iter().filter(|s| is_shared(library, s)) {
            if !shared.contains(sentence) {
                shared.push(sentence.clone());
            }
        }
        let own: Vec<&String> = sentences.iter().filter(|s| !is_shared(library, s)).collect();
        if !own.is_empty() {
            text.push_str(&format!("\n{}\n", visible(&curve.name)));
            own.iter().for_each(|s| paragraph(&mut text, s, page, 2));
        }
    }
    if !shared.is_empty() {
        text.push_str("\nall fitted channels\n");
        shared.iter().for_each(|s| paragraph(&mut text, s, page, 2));
    }
    text
}

/// What each curve rests on, and the average return of steady spend.
fn rests(text: &mut String, library: &LibraryFile, page: Page) {
    let mut grid =
        Grid::new(&[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right]);
    grid.row(["rests on", "history", "tests", "prior", "judgement", "average if steady"]);
    for curve in library.curves.iter().filter(|c| !panel::is_market(c)) {
        let figure = |name: &str| curve.quality.get(name).copied().flatten();
        let share = |name| short(Kind::Percent, figure(name));
        let judged = if curve.judgement().is_some() { 1.0 } else { 0.0 };
        grid.row([
            visible(&curve.name),
            share("rests_on_history"),
            share("rests_on_tests"),
            share("rests_on_prior"),
            short(Kind::Percent, Some(judged)),
            short(Kind::Ratio, figure("steady_return")),
        ]);
    }
    grid.lines(page.width).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
    text.push('\n');
}

/// A sentence that every channel gets is said once.
fn is_shared(library: &LibraryFile, sentence: &str) -> bool {
    let mut fitted = library.curves.iter().filter(|c| c.observed.is_some() && !panel::is_market(c));
    library.curves.len() > 1 && fitted.all(|c| c.warnings.iter().any(|w| warning(w) == sentence))
}

fn paragraph(text: &mut String, sentence: &str, page: Page, indent: usize) {
    for line in wrap(sentence, page.width, indent) {
        text.extend([line.as_str(), "\n"]);
    }
}

fn row(curve: &LibraryCurve) -> [String; 7] {
    let ratio = |v: Option<f64>| short(Kind::Ratio, v);
    let figure = |name: &str| curve.quality.get(name).copied().flatten();
    let m = curve.marginal;
    let interval = m.map_or(String::new(), |m| format!("{} to {}", ratio(Some(m.low)), ratio(Some(m.high))));
    let carried = curve.adstock.as_ref().map(|a| a.retention.unwrap_or(0.0));
    [
        curve.name.clone(),
        short(Kind::Money, curve.observed.map(|o| o.mean).or_else(|| figure("judged_at"))),
        ratio(figure("return")),
        ratio(m.map(|m| m.value).or_else(|| figure("judged_marginal"))),
        interval,
        short(Kind::Percent, carried),
        words::family(&curve.curve).to_owned(),
    ]
}

/// Lift tests beside what was to be expected of them.
fn tests(text: &mut String, fit: &Fit, page: Page) {
    let several = fit.tests.iter().any(|t| t.others.is_some());
    let columns = if several { 6 } else { 4 };
    let mut align = vec![Align::Left];
    align.resize(columns, Align::Right);
    let mut grid = Grid::new(&align);
    let heading = ["lift test of", "measured", "history says", "apart", "other tests say", "apart"];
    grid.row(heading.into_iter().take(columns));
    let figure =
        |v: f64, error: f64| format!("{} ± {}", short(Kind::Money, Some(v)), short(Kind::Money, Some(error)));
    let apart = |z: f64| format!("{} sd", signed(Kind::Ratio, Some(z)));
    for t in &fit.tests {
        let mut cells = vec![
            t.channel.clone(),
            figure(t.measured, t.standard_error),
            figure(t.history.value, t.history.deviation),
            apart(t.history.z),
        ];
        if let Some(others) = t.others.filter(|_| several) {
            cells.extend([figure(others.value, others.deviation), apart(others.z)]);
        }
        cells.resize(columns, String::new());
        grid.row(cells);
    }
    grid.lines(page.width).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
}

/// What holds for every outcome as a whole.
fn whole(fit: &Fit) -> Vec<String> {
    let named = |i: usize| match fit.is_joint() {
        true => String::new(),
        false => fit.channels.get(i).map_or(String::new(), |c| format!("{}, ", visible(&c.name))),
    };
    let mut all = Vec::new();
    for (i, outcome) in fit.outcomes.iter().enumerate() {
        let name = named(i);
        all.extend(hold_out(outcome).map(|s| format!("{name}{s}")));
        all.push(format!("{name}{}", families(outcome)));
    }
    let worst = |of: fn(&Explained) -> f64| fit.outcomes.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    all.push(format!(
        "sampling: R-hat {:.3} (1 is best), {:.0} effective draws, {} divergent.",
        worst(|o| o.convergence.r_hat),
        -worst(|o| -o.convergence.effective),
        short(Kind::Percent, Some(worst(|o| o.convergence.divergent)))
    ));
    all
}

fn hold_out(outcome: &Explained) -> Option<String> {
    let h = outcome.hold_out?;
    let percent = |v| short(Kind::Percent, Some(v));
    Some(format!(
        "hold-out: the last {} periods, unseen, are predicted to {} of mean outcome; repeating last year misses by {}.",
        h.periods,
        percent(h.error),
        percent(h.naive)
    ))
}

fn families(outcome: &Explained) -> String {
    let best = outcome.models.iter().map(|m| m.aicc).fold(f64::INFINITY, f64::min);
    let one = |m: &outlay_curves::fit::ModelScore| {
        let ahead = m.ahead.map_or(String::new(), |e| format!(", ahead {}", short(Kind::Percent, Some(e))));
        let aicc = short(Kind::Ratio, Some(m.aicc - best));
        let weight = short(Kind::Percent, Some(m.weight));
        format!("{} {weight} (AICc +{aicc}{ahead})", m.family.name().replace('_', "-"))
    };
    let all: Vec<String> = outcome.models.iter().map(one).collect();
    let lines = outcome.lines.map_or(String::new(), |odds| {
        format!(" Straight lines instead: odds of {} to 1.", short(Kind::Ratio, Some(odds)))
    });
    format!("curve families, by probability: {}.{lines}", all.join("; "))
}
