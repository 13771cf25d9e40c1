//! A plan planned again: what to change, what it gains, and why.

use outlay_scenario::replan::{Account, Gain, ReplanFile, ReplanLine, Verdict};

use crate::blocks::{self, Block, Entry, Rows};
use crate::csv::{number, record, text};
use crate::document::Document;
use crate::layout::{Align, visible};
use crate::number::{Column, Kind, short, signed};
use crate::sentence;
use crate::sentence::{capital, certificate};
use crate::sheet::Sheet;
use crate::table::Page;
use crate::view::View;

const RIGHT: Align = Align::Right;

/// The report on a terminal. `view` is that of the new plan.
pub fn table(file: &ReplanFile, view: &View, page: Page) -> String {
    let text = blocks::text(&all(file, view), page);
    if view.has_plan() { text } else { text + &crate::table::render(view, page) }
}

/// The report for chat and pull requests.
pub fn markdown(file: &ReplanFile, view: &View) -> String {
    blocks::markdown(&all(file, view))
}

/// The report for a page or a workbook, the new plan after it.
pub fn document(file: &ReplanFile, plan: Sheet) -> Document {
    Document::new("Re-plan", all(file, &plan.view)).with(plan)
}

fn all(file: &ReplanFile, view: &View) -> Vec<Block> {
    let mut out =
        vec![Block::Title(file.scenario.clone(), about(file)), Block::Paragraph(headline(file, view))];
    if !view.has_plan() {
        return out;
    }
    let title = if file.account.is_some() { "Next" } else { "What is left" };
    out.extend([Block::Heading(title.to_owned()), Block::Table(lines(file))]);
    if let Some(account) = &file.account {
        out.extend([
            Block::Heading(format!("{}, from the last plan to the next", goal(view))),
            Block::Table(worth(account, view)),
            Block::Heading("Money moved, by cause".to_owned()),
            Block::Table(moved(account)),
        ]);
    }
    let notes = notes(file, view);
    if !notes.is_empty() {
        out.push(Block::Lines(notes));
    }
    out.push(Block::Proof(proof(file, view)));
    out
}

fn goal(view: &View) -> String {
    capital(view.goal.metric.label())
}

fn about(file: &ReplanFile) -> String {
    let mut about: Vec<String> = file.currency.iter().map(|c| visible(c)).collect();
    match file.elapsed {
        Some(elapsed) => {
            about.push(format!("{} of the horizon left", short(Kind::Percent, Some(1.0 - elapsed))));
            let over =
                if file.limits == "rest" { "what is left" } else { "the whole horizon, past included" };
            about.push(format!("limits over {over}"));
        }
        None => about.push("the next horizon".to_owned()),
    }
    about.join(" · ")
}

/// What to do, in one sentence or two.
pub fn headline(file: &ReplanFile, view: &View) -> String {
    let kind = view.goal.metric.kind();
    match (file.verdict, &file.gain, &file.account) {
        (Verdict::Infeasible | Verdict::Undetermined, ..) => sentence::headline(view),
        (_, _, Some(account)) => {
            let change = account.after - account.before;
            let last = short(kind, Some(account.before));
            let next = short(kind, Some(account.after));
            format!(
                "The next plan: {} {next}, {} against the last plan's {last}.",
                view.goal.metric.label(),
                signed(kind, Some(change))
            )
        }
        (Verdict::Keep, Some(gain), _) if gain.asked.zip(gain.probability).is_some_and(|(a, p)| p < a) => {
            format!(
                "Keep the plan: a new one would gain {}{} on the mean, but gains at all with a probability of {} only; {} is asked for.",
                short(kind, Some(gain.net)),
                percent(gain),
                short(Kind::Percent, gain.probability),
                short(Kind::Percent, gain.asked)
            )
        }
        (Verdict::Keep, Some(gain), _) if gain.net > gain.threshold => {
            let would = short(kind, Some(gain.net));
            format!(
                "Keep the plan: everything ran as planned. Planned anew, what is left would gain {would}{}, because rules over the whole horizon leave its rest more room; `--least-gain 0` takes it.",
                percent(gain)
            )
        }
        (Verdict::Keep, Some(gain), _) => {
            let would = short(kind, Some(gain.net.max(0.0)));
            let least = short(kind, Some(gain.threshold));
            format!(
                "Keep the plan: a new one would gain {would}{}, and less than {least} is noise.",
                percent(gain)
            )
        }
        (_, Some(gain), _) => changed(file, gain, view, kind),
        (_, None, _) => sentence::headline(view),
    }
}

fn percent(gain: &Gain) -> String {
    gain.relative
        .map_or(String::new(), |r| format!(" ({} of what is left)", short(Kind::Percent, Some(r.max(0.0)))))
}

fn changed(file: &ReplanFile, gain: &Gain, view: &View, kind: Kind) -> String {
    let sum = |of: fn(&ReplanLine) -> f64| {
        short(Kind::Money, Some(file.lines.iter().map(|l| of(l).max(0.0)).sum()))
    };
    let (cut, added) = (sum(|l| l.running - l.rest), sum(|l| l.rest - l.running));
    let name = view.goal.metric.label();
    let by = signed(kind, Some(if view.goal.maximize { gain.net } else { -gain.net }));
    let why = if gain.kept_is_legal {
        format!("{by} {name}{} over keeping it, the cost of moving taken off", percent(gain))
    } else {
        let mut broken: Vec<String> = Vec::new();
        for name in &file.broken {
            let name = visible(name);
            if !broken.contains(&name) {
                broken.push(name);
            }
        }
        let broken = broken.join(", ");
        format!("keeping it breaks {broken}; {by} {name} against it")
    };
    let sure = gain.probability.map_or_else(String::new, |p| {
        format!(" Over the draws of the curves it gains with probability {}.", short(Kind::Percent, Some(p)))
    });
    format!("Change the plan: {why}. {cut} is cut and {added} added.{sure}")
}

/// Money by line: spent, running plan, new plan.
fn lines(file: &ReplanFile) -> Rows {
    let next = file.account.is_some();
    let priced = file.lines.iter().any(|l| l.price.is_some());
    let mut columns = vec![Align::Left, RIGHT, RIGHT, RIGHT, RIGHT];
    let mut heads = match next {
        true => vec!["line", "last spent", "next", "change", ""],
        false => vec!["line", "spent", "as planned", "now", "change"],
    };
    if priced {
        columns.push(RIGHT);
        heads.push("price");
    }
    let mut rows = Rows::new(&columns);
    rows.row(heads);
    let of = |of: fn(&ReplanLine) -> f64| Amounts::new(file.lines.iter().map(of).collect());
    let (spent, running, rest) = (of(|l| l.spent), of(|l| l.running), of(|l| l.rest));
    for (i, line) in file.lines.iter().enumerate() {
        let change = Entry::moved(Kind::Percent, Some(line.rest / line.running - 1.0));
        let name = Entry::from(line.name.clone());
        let mut row = match next {
            true => vec![name, running.part(i), rest.part(i), change, Entry::default()],
            false => vec![name, spent.part(i), running.part(i), rest.part(i), change],
        };
        if priced {
            let price = |p| Entry::moved(Kind::Percent, Some(p - 1.0));
            row.push(line.price.map_or_else(Entry::default, price));
        }
        rows.row(row);
    }
    rows.total(match next {
        true => vec!["Total".into(), running.total(), rest.total()],
        false => vec!["Total".into(), spent.total(), running.total(), rest.total()],
    });
    rows
}

/// Amounts that are read together with their total.
struct Amounts {
    exact: Vec<f64>,
    shown: Column,
}

impl Amounts {
    fn new(exact: Vec<f64>) -> Self {
        Amounts { shown: Column::new(&exact), exact }
    }

    fn part(&self, i: usize) -> Entry {
        Entry::written(self.shown.part(i), Kind::Money, self.exact.get(i).copied())
    }

    fn total(&self) -> Entry {
        Entry::written(self.shown.total(), Kind::Money, Some(self.exact.iter().sum()))
    }
}

/// The goal step by step, in figures that add up as printed.
fn worth(account: &Account, view: &View) -> Rows {
    let mut rows = Rows::new(&[Align::Left, RIGHT, RIGHT]);
    let goal = view.goal.metric.label();
    rows.row(["", "change", goal]);
    let kind = view.goal.metric.kind();
    let size = account.before.abs().max(account.after.abs());
    let column = Column::sized(size, &[]);
    let small = !matches!(kind, Kind::Money | Kind::Count);
    let write = |units: i64, value: f64| {
        let text = if small { short(kind, Some(value)) } else { column.write(units) };
        Entry::written(text, kind, Some(value))
    };
    let mut at = column.units(account.before);
    let mut was = account.before;
    rows.row(["the last plan".into(), Entry::default(), write(at, account.before)]);
    for step in &account.steps {
        let Some(value) = step.value else {
            rows.row([cause(&step.cause), "no plan".to_owned(), String::new()]);
            continue;
        };
        let now = column.units(value);
        let text = if small { signed(kind, step.change) } else { with_sign(&column, now - at) };
        let change = Entry { moved: true, ..Entry::written(text, kind, Some(value - was)) };
        rows.row([cause(&step.cause).into(), change, write(now, value)]);
        (at, was) = (now, value);
    }
    rows.total(["the next plan".into(), Entry::default(), write(at, account.after)]);
    rows
}

fn with_sign(column: &Column, units: i64) -> String {
    if units > 0 { format!("+{}", column.write(units)) } else { column.write(units) }
}

fn cause(cause: &str) -> String {
    match cause {
        "curves" => "curves refitted",
        "prices" => "prices as paid",
        "limits" => "lines and limits",
        "budget" => "budget",
        other => other,
    }
    .to_owned()
}

/// Which cause moves how much money of which line.
fn moved(account: &Account) -> Rows {
    let shown: Vec<_> = account.steps.iter().filter(|s| s.value.is_some()).collect();
    let mut columns = vec![Align::Left, RIGHT];
    columns.extend(shown.iter().map(|_| RIGHT));
    columns.push(RIGHT);
    let mut rows = Rows::new(&columns);
    let mut heads = vec!["line".to_owned(), "last plan".to_owned()];
    heads.extend(shown.iter().map(|s| s.cause.clone()));
    heads.push("next plan".to_owned());
    rows.row(heads);
    let mut names: Vec<&str> = Vec::new();
    for line in shown.iter().flat_map(|s| &s.lines) {
        if !names.contains(&line.name.as_str()) {
            names.push(&line.name);
        }
    }
    let spends = |name: &str| -> Vec<f64> {
        let of = |k: usize| shown.get(k).and_then(|s| s.lines.iter().find(|l| l.name == name));
        let first = of(0).map_or(0.0, |l| l.before);
        std::iter::once(first).chain((0..shown.len()).map(|k| of(k).map_or(0.0, |l| l.after))).collect()
    };
    let all: Vec<Vec<f64>> = names.iter().map(|n| spends(n)).collect();
    let column = Column::sized(all.iter().filter_map(|s| s.last()).sum(), &[]);
    let row = |name: &str, units: &[i64], exact: &[f64]| {
        let figure = |text: String, value: f64| Entry::written(text, Kind::Money, Some(value));
        let ends = |k: usize| {
            figure(column.write(units.get(k).copied().unwrap_or(0)), exact.get(k).copied().unwrap_or(0.0))
        };
        let mut cells = vec![Entry::from(name), ends(0)];
        cells.extend(
            units
                .windows(2)
                .zip(exact.windows(2))
                .map(|(u, e)| Entry { moved: true, ..figure(with_sign(&column, u[1] - u[0]), e[1] - e[0]) }),
        );
        cells.push(ends(units.len().saturating_sub(1)));
        cells
    };
    let (mut total, mut sum) = (vec![0; shown.len() + 1], vec![0.0; shown.len() + 1]);
    for (name, spends) in names.iter().zip(&all) {
        let units: Vec<i64> = spends.iter().map(|&x| column.units(x)).collect();
        total.iter_mut().zip(&units).for_each(|(t, u)| *t += u);
        sum.iter_mut().zip(spends).for_each(|(t, x)| *t += x);
        rows.row(row(name, &units, spends));
    }
    rows.total(row("Total", &total, &sum));
    rows
}

/// What a careful reader should know.
fn notes(file: &ReplanFile, view: &View) -> Vec<String> {
    let mut notes = Vec::new();
    if file.move_cost > 0.0 {
        notes.push(format!(
            "Moving money costs {} {} for each unit moved, so that noise moves nothing.",
            short(Kind::Ratio, Some(file.move_cost)),
            view.goal.metric.label()
        ));
    }
    let assumed: Vec<String> =
        file.lines.iter().filter(|l| l.assumed > 0.0).map(|l| visible(&l.name)).collect();
    if !assumed.is_empty() {
        notes.push(format!("Late, taken as planned until reported: {}.", assumed.join(", ")));
    }
    if file.outside > 0.0 {
        notes.push(format!(
            "{} spent on lines outside the plan is taken off the budget.",
            short(Kind::Money, Some(file.outside))
        ));
    }
    let bound: f64 = file.lines.iter().map(|l| l.committed).sum();
    if bound > 0.0 && file.account.is_none() {
        notes.push(format!("Still due under least spends and orders: {}.", short(Kind::Money, Some(bound))));
    }
    notes
}

/// What is proven: of a plan that is kept, how little a better one gains.
fn proof(file: &ReplanFile, view: &View) -> String {
    match (file.verdict, view.proof()) {
        (Verdict::Keep, Some(proof)) => format!(
            "Proven: within these limits no plan is better by more than {} (gap {}).",
            // Rounded up, so that it stays true.
            short(Kind::Percent, Some((proof.gap * 1e3).ceil().max(1.0) / 1e3)),
            sentence::gap(proof.gap)
        ),
        _ => certificate(view),
    }
}

/// Unrounded figures: a row per line.
pub fn csv(file: &ReplanFile) -> String {
    let heads = ["line", "verdict", "spent", "assumed", "running", "rest", "committed", "price"];
    let mut out = record(heads.map(str::to_owned));
    let verdict = match file.verdict {
        Verdict::Keep => "keep",
        Verdict::Change => "change",
        Verdict::Infeasible => "infeasible",
        Verdict::Undetermined => "undetermined",
    };
    for line in &file.lines {
        let money = [line.spent, line.assumed, line.running, line.rest, line.committed];
        let mut cells = vec![text(&line.name), verdict.to_owned()];
        cells.extend(money.map(|v| number(Some(v))));
        cells.push(number(line.price));
        out.push_str(&record(cells));
    }
    out
}
