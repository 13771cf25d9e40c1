//! What `next` shows: which test to run, what it is worth, and how to go on.

use outlay_scenario::history::Skipped;
use outlay_scenario::next::{NextFile, NextTest, Verdict};
use outlay_scenario::spec::Maximize;

mod document;

use crate::csv;
use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{Kind, short, signed};
use crate::source::left_out;
use crate::table::Page;
pub use document::document;

/// What ranks and costs are.
const RANKS: &str = "Tests of one rank cannot be told apart. Cost: what the spend moved exceeds the outcome it brings by, in the treated markets, and fixed costs.";

/// Tests on a terminal: what to do and why, the best test of every channel, and
/// the command that goes on.
pub fn table(file: &NextFile, page: Page) -> String {
    let said = |sentence: &str| wrap(sentence, page.width, 0).join("\n") + "\n";
    let Some(best) = file.tests.first() else {
        return said("No test was valued before the time was over: allow more with --time.");
    };
    let mut text = said(&advice(file, best));
    text.extend(["\n", &said(&why(file, best))]);
    tied(file).iter().for_each(|sentence| text.extend(["\n", &said(sentence)]));
    text.push('\n');
    for line in grid(file).lines(page.width) {
        text.extend([line.as_str(), "\n"]);
    }
    text.push('\n');
    let mut channels: Vec<&str> = file.tests.iter().map(|t| t.channel.as_str()).collect();
    channels.sort_unstable();
    channels.dedup();
    text.push_str(&said(&format!(
        "The best test of each of {} channels out of {} tests; --format csv has all. {RANKS}",
        channels.len(),
        file.tests.len()
    )));
    notes(file).iter().for_each(|note| text.push_str(&said(note)));
    if best.verdict != Verdict::NotWorthIt {
        let what = if file.panel.is_some() { "" } else { " on a panel (outcome by market and week)" };
        text.push_str(&format!("\nTo design it{what}:\n  {}\n", design(file, best)));
    }
    text
}

/// The command that goes on from a test.
fn design(file: &NextFile, test: &NextTest) -> String {
    let panel = file.panel.as_deref().map_or("PANEL".to_owned(), visible);
    format!("outlay design {panel} --weeks {} --change {:+}%", test.weeks, 100.0 * test.change)
}

fn advice(file: &NextFile, best: &NextTest) -> String {
    let what = format!("{} ({})", visible(&best.channel), done(best));
    let Some((net, error)) = best.net.zip(best.net_error) else {
        return format!(
            "The plan would gain most from a test of {what}: {} a {}. What it is worth in money is not known: customers have no revenue to reckon with.",
            gained(file, best),
            period(file)
        );
    };
    let figures = format!(
        "it costs {}, and the plan made after it earns {} more over {}: net {}, give or take {}",
        money(best.cost),
        money(net + best.cost),
        periods(file, best.periods),
        signed(Kind::Money, Some(net)),
        money(error),
    );
    match best.verdict {
        Verdict::WorthIt => format!("Test {what} next: {figures}."),
        Verdict::Undecided => format!(
            "No test is clearly worth its cost at {} draws. The best is {what}: {figures}.",
            file.draws
        ),
        Verdict::NotWorthIt => {
            format!("No test is worth its cost. The least bad is {what}: {figures}.")
        }
    }
}

fn why(file: &NextFile, best: &NextTest) -> String {
    let kind = if counts(file) { Kind::Count } else { Kind::Money };
    let mut text = format!(
        "Why: the draws put what this test of {} would show at {}, give or take {}; the test measures it to {} (standard errors), and what it shows moves the plan.",
        visible(&best.channel),
        signed(kind, Some(best.lift)),
        short(kind, Some(best.lift_deviation)),
        short(kind, Some(best.standard_error)),
    );
    text.push_str(&format!(
        " To know every curve exactly would be worth {} a {} (EVPI, expected value of perfect information); this test brings {} of it (EVSI, of sample information).",
        short(kind, Some(file.evpi)),
        period(file),
        short(Kind::Percent, Some(best.evsi / file.evpi)),
    ));
    text
}

/// Tests of other channels that cannot be told from the best.
fn tied(file: &NextFile) -> Option<String> {
    let best = file.tests.first()?;
    let mut names: Vec<String> = Vec::new();
    for test in file.tests.iter().filter(|t| t.rank == 1 && t.channel != best.channel) {
        let name = visible(&test.channel);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let same = file.tests.iter().filter(|t| t.rank == 1 && t.channel == best.channel).count() - 1;
    let others = match (same, names.is_empty()) {
        (0, true) => return None,
        (0, false) => format!("tests of {}", names.join(", ")),
        (n, true) => format!("{n} other {} of {}", plural(n), visible(&best.channel)),
        (n, false) => {
            format!("{n} other {} of {}, and of {}", plural(n), visible(&best.channel), names.join(", "))
        }
    };
    Some(format!(
        "Not to be told apart from it at {} draws: {others}. Choose by what is easier to run.",
        file.draws
    ))
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "test" } else { "tests" }
}

/// The best test of every channel.
fn grid(file: &NextFile) -> Grid {
    const MOST: usize = 12;
    let mut grid = Grid::new(&[
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
    ]);
    grid.row(["channel", "test", "worth", "cost", "net", "±", "rank"]);
    let mut seen: Vec<&str> = Vec::new();
    for test in &file.tests {
        if seen.contains(&test.channel.as_str()) || seen.len() == MOST {
            continue;
        }
        seen.push(&test.channel);
        let worth = match test.net {
            Some(net) => short(Kind::Money, Some(net + test.cost)),
            None => gained(file, test),
        };
        grid.row([
            visible(&test.channel),
            done(test),
            worth,
            short(Kind::Money, Some(test.cost)),
            signed(Kind::Money, test.net),
            short(Kind::Money, test.net_error),
            test.rank.to_string(),
        ]);
    }
    grid
}

fn notes(file: &NextFile) -> Vec<String> {
    let mut all = Vec::new();
    if file.errors_assumed {
        let base = if file.baseline_assumed {
            " (taken for three times what the lines earn: `baseline` is not written)"
        } else {
            ""
        };
        all.push(format!(
            "Note: how precisely tests measure is assumed: 2% of the outcome{base} over six weeks. A panel of your markets tells: --panel FILE, or --tests FILE with a column `error`."
        ));
    }
    if file.later_goals > 0 {
        all.push(
            "Note: tests are valued in the first goal; later goals choose among plans that serve it alike."
                .to_owned(),
        );
    }
    if file.margin_assumed {
        all.push("Note: lines without `margin` count their revenue in full.".to_owned());
    }
    let list = |names: &[String]| names.iter().map(|n| visible(n)).collect::<Vec<_>>().join(", ");
    if !file.certain.is_empty() {
        all.push(format!("Note: curves without draws count as certain: {}.", list(&file.certain)));
    }
    if !file.not_averaged.is_empty() {
        all.push(format!(
            "Note: curves whose draws have no mean to plan on count as certain: {}.",
            list(&file.not_averaged)
        ));
    }
    if file.left_out > 0 {
        all.push(format!("Note: the time was over before {} tests were valued.", file.left_out));
    }
    let rows: Vec<Skipped> = file.rows_left_out.iter().map(Skipped::from).collect();
    all.extend(
        left_out(&rows).into_iter().map(|sentence| format!("Note: of the file of tests, {sentence}.")),
    );
    let unplanned = file.tests.iter().map(|t| t.unplanned).fold(0.0, f64::max);
    if unplanned > 0.005 {
        all.push(format!(
            "Note: after up to {} of the answers of a test no plan keeps all limits; the plan before it then stands.",
            short(Kind::Percent, Some(unplanned))
        ));
    }
    all
}

/// Every test, unrounded.
pub fn csv(file: &NextFile) -> String {
    let mut text = "rank,channel,change,weeks,evsi,error,effective_draws,cost,net,net_error,verdict,lift,lift_deviation,standard_error,share,fixed_cost,spend,outcome,periods\n".to_owned();
    for test in &file.tests {
        let verdict = match test.verdict {
            Verdict::WorthIt => "worth_it",
            Verdict::NotWorthIt => "not_worth_it",
            Verdict::Undecided => "undecided",
        };
        let number = |v: f64| csv::number(Some(v));
        text.push_str(&csv::record([
            test.rank.to_string(),
            csv::text(&test.channel),
            number(test.change),
            test.weeks.to_string(),
            number(test.evsi),
            number(test.error),
            number(test.effective_draws),
            number(test.cost),
            csv::number(test.net),
            csv::number(test.net_error),
            verdict.to_owned(),
            number(test.lift),
            number(test.lift_deviation),
            number(test.standard_error),
            number(test.share),
            number(test.fixed_cost),
            number(test.spend),
            number(test.outcome),
            number(test.periods),
        ]));
    }
    text
}

fn done(test: &NextTest) -> String {
    let change = match test.change {
        c if c <= -1.0 => "dark".to_owned(),
        c => format!("{:+}%", 100.0 * c),
    };
    format!("{change}, {} {}", test.weeks, if test.weeks == 1 { "week" } else { "weeks" })
}

fn counts(file: &NextFile) -> bool {
    file.goal == Maximize::Customers
}

fn gained(file: &NextFile, test: &NextTest) -> String {
    short(if counts(file) { Kind::Count } else { Kind::Money }, Some(test.evsi))
}

fn money(value: f64) -> String {
    short(Kind::Money, Some(value))
}

fn period(file: &NextFile) -> String {
    file.unit.clone().unwrap_or_else(|| "horizon".to_owned())
}

fn periods(file: &NextFile, count: f64) -> String {
    match &file.unit {
        Some(unit) => format!("{count} {unit}{}", if count == 1.0 { "" } else { "s" }),
        None => "the horizon".to_owned(),
    }
}
