//! A plan planned again: what to change, what it gains, and why.

use outlay_scenario::replan::{Account, Gain, ReplanFile, ReplanLine, Verdict};

use crate::csv::{number, record, text};
use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{Column, Kind, short, signed};
use crate::sentence::{capital, certificate};
use crate::table::Page;
use crate::view::View;
use crate::{metric, sentence};

const RIGHT: Align = Align::Right;

/// The report on a terminal. `view` is that of the new plan.
pub fn table(file: &ReplanFile, view: &View, page: Page) -> String {
    let mut text = format!("{}\n{}\n\n", bold(&visible(&file.scenario), page), about(file));
    paragraph(&mut text, &headline(file, view), page);
    if !view.has_plan() {
        return text + &crate::table::render(view, page);
    }
    let title = if file.account.is_some() { "Next" } else { "What is left" };
    text.push_str(&format!("\n{}\n", bold(title, page)));
    grid(&mut text, &lines(file), page);
    if let Some(account) = &file.account {
        text.push_str(&format!(
            "\n{}\n",
            bold(&format!("{}, from the last plan to the next", goal(view)), page)
        ));
        grid(&mut text, &worth(account, view), page);
        text.push_str(&format!("\n{}\n", bold("Money moved, by cause", page)));
        grid(&mut text, &moved(account), page);
    }
    text.push('\n');
    for note in notes(file, view) {
        paragraph(&mut text, &note, page);
    }
    paragraph(&mut text, &proof(file, view), page);
    text
}

fn bold(text: &str, page: Page) -> String {
    if page.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

fn paragraph(text: &mut String, words: &str, page: Page) {
    for line in wrap(words, page.width.max(40), 0) {
        text.extend([line.as_str(), "\n"]);
    }
}

fn grid(text: &mut String, grid: &Grid, page: Page) {
    for line in grid.lines(page.width) {
        text.extend([line.as_str(), "\n"]);
    }
}

fn goal(view: &View) -> String {
    capital(metric::label(&view.goal.metric))
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
    let kind = metric::kind(&view.goal.metric);
    match (file.verdict, &file.gain, &file.account) {
        (Verdict::Infeasible | Verdict::Undetermined, ..) => sentence::headline(view),
        (_, _, Some(account)) => {
            let change = account.after - account.before;
            let last = short(kind, Some(account.before));
            let next = short(kind, Some(account.after));
            format!(
                "The next plan: {} {next}, {} against the last plan's {last}.",
                metric::label(&view.goal.metric),
                signed(kind, Some(change))
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
    let name = metric::label(&view.goal.metric);
    let why = if gain.kept_is_legal {
        format!(
            "{} {name}{} over keeping it, the cost of moving taken off",
            signed(kind, Some(gain.net)),
            percent(gain)
        )
    } else {
        let mut broken: Vec<String> = Vec::new();
        for name in &file.broken {
            let name = visible(name);
            if !broken.contains(&name) {
                broken.push(name);
            }
        }
        let broken = broken.join(", ");
        format!("keeping it breaks {broken}; {} {name} against it", signed(kind, Some(gain.net)))
    };
    format!("Change the plan: {why}. {cut} is cut and {added} added.")
}

/// Money by line: spent, running plan, new plan.
fn lines(file: &ReplanFile) -> Grid {
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
    let mut grid = Grid::new(&columns);
    grid.row(heads);
    let of = |of: fn(&ReplanLine) -> f64| Column::new(&file.lines.iter().map(of).collect::<Vec<_>>());
    let (spent, running, rest) = (of(|l| l.spent), of(|l| l.running), of(|l| l.rest));
    for (i, line) in file.lines.iter().enumerate() {
        let change = signed(Kind::Percent, Some(line.rest / line.running - 1.0));
        let mut row = match next {
            true => vec![line.name.clone(), running.part(i), rest.part(i), change, String::new()],
            false => vec![line.name.clone(), spent.part(i), running.part(i), rest.part(i), change],
        };
        if priced {
            row.push(line.price.map_or(String::new(), |p| signed(Kind::Percent, Some(p - 1.0))));
        }
        grid.row(row);
    }
    grid.rule();
    grid.row(match next {
        true => vec!["Total".to_owned(), running.total(), rest.total()],
        false => vec!["Total".to_owned(), spent.total(), running.total(), rest.total()],
    });
    grid
}

/// The goal step by step, in figures that add up as printed.
fn worth(account: &Account, view: &View) -> Grid {
    let mut grid = Grid::new(&[Align::Left, RIGHT, RIGHT]);
    let kind = metric::kind(&view.goal.metric);
    let size = account.before.abs().max(account.after.abs());
    let column = Column::sized(size, &[]);
    let small = !matches!(kind, Kind::Money | Kind::Count);
    let write = |units: i64, value: f64| if small { short(kind, Some(value)) } else { column.write(units) };
    let mut at = column.units(account.before);
    grid.row(["the last plan".to_owned(), String::new(), write(at, account.before)]);
    for step in &account.steps {
        let Some(value) = step.value else {
            grid.row([cause(&step.cause), "no plan".to_owned(), String::new()]);
            continue;
        };
        let now = column.units(value);
        let change = if small { signed(kind, step.change) } else { with_sign(&column, now - at) };
        grid.row([cause(&step.cause), change, write(now, value)]);
        at = now;
    }
    grid.rule();
    grid.row(["the next plan".to_owned(), String::new(), write(at, account.after)]);
    grid
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
fn moved(account: &Account) -> Grid {
    let shown: Vec<_> = account.steps.iter().filter(|s| s.value.is_some()).collect();
    let mut columns = vec![Align::Left, RIGHT];
    columns.extend(shown.iter().map(|_| RIGHT));
    columns.push(RIGHT);
    let mut grid = Grid::new(&columns);
    let mut heads = vec!["line".to_owned(), "last plan".to_owned()];
    heads.extend(shown.iter().map(|s| s.cause.clone()));
    heads.push("next plan".to_owned());
    grid.row(heads);
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
    let mut total = vec![0; shown.len() + 1];
    let mut row = |name: &str, units: &[i64]| {
        let mut cells = vec![name.to_owned(), column.write(units.first().copied().unwrap_or(0))];
        cells.extend(units.windows(2).map(|w| with_sign(&column, w[1] - w[0])));
        cells.push(column.write(units.last().copied().unwrap_or(0)));
        grid.row(cells);
    };
    for (name, spends) in names.iter().zip(&all) {
        let units: Vec<i64> = spends.iter().map(|&x| column.units(x)).collect();
        total.iter_mut().zip(&units).for_each(|(t, u)| *t += u);
        row(name, &units);
    }
    row("Total", &total);
    grid
}

/// What a careful reader should know.
fn notes(file: &ReplanFile, view: &View) -> Vec<String> {
    let mut notes = Vec::new();
    if file.move_cost > 0.0 {
        notes.push(format!(
            "Moving money costs {} {} for each unit moved, so that noise moves nothing.",
            short(Kind::Ratio, Some(file.move_cost)),
            metric::label(&view.goal.metric)
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
            "Proven: within these limits no plan earns more than {} over this one.",
            sentence::gap(proof.gap)
        ),
        _ => certificate(view),
    }
}

/// The report for chat and pull requests.
pub fn markdown(file: &ReplanFile, view: &View) -> String {
    let escaped = crate::markdown::escaped;
    let mut out = format!(
        "## {}\n\n{}\n\n{}\n\n",
        escaped(&file.scenario),
        escaped(&about(file)),
        escaped(&headline(file, view))
    );
    if view.has_plan() {
        out.push_str("| line | spent | as planned | now | change |\n|---|---:|---:|---:|---:|\n");
        for line in &file.lines {
            let money = |v: f64| short(Kind::Money, Some(v));
            out.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                escaped(&line.name),
                money(line.spent),
                money(line.running),
                money(line.rest),
                signed(Kind::Percent, Some(line.rest / line.running - 1.0))
            ));
        }
        if let Some(account) = &file.account {
            let kind = metric::kind(&view.goal.metric);
            out.push_str(&format!(
                "\n| | {} | |\n|---|---:|---:|\n",
                escaped(metric::label(&view.goal.metric))
            ));
            out.push_str(&format!("| the last plan | {} | |\n", short(kind, Some(account.before))));
            for step in &account.steps {
                out.push_str(&format!(
                    "| {} | {} | {} |\n",
                    cause(&step.cause),
                    short(kind, step.value),
                    signed(kind, step.change)
                ));
            }
        }
    }
    for note in notes(file, view) {
        out.push_str(&format!("\n{}\n", escaped(&note)));
    }
    out.push_str(&format!("\n{}\n", escaped(&proof(file, view))));
    out
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
