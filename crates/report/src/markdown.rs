//! Markdown for chat and pull requests.

use std::fmt::Write as _;

use crate::number::{Column, Kind, short, signed};
use crate::sentence;
use crate::table::allowed;
use crate::view::View;

/// One scenario as a section.
pub fn render(view: &View) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_view(&mut out, view);
    out
}

fn write_view(out: &mut String, view: &View) -> std::fmt::Result {
    writeln!(out, "## {}\n", escaped(&view.name))?;
    writeln!(out, "{}\n", escaped(&sentence::headline(view)))?;
    for warning in &view.warnings {
        writeln!(out, "> {}\n", escaped(&sentence::warned(warning)))?;
    }
    if view.has_plan() {
        figures(out, view)?;
        lines(out, view)?;
        flights(out, view)?;
        meeting(out, view)?;
    } else {
        conflict(out, view)?;
    }
    limits(out, view)?;
    for reconciled in sentence::reconciled(view) {
        writeln!(out, "{}\n", escaped(&reconciled))?;
    }
    if let Some(sure) = sentence::sure(view) {
        writeln!(out, "{}\n", escaped(&sure))?;
    }
    writeln!(out, "{}", escaped(&sentence::certificate(view)))
}

/// Lines that meet: alone, as counted, and taken away.
fn meeting(out: &mut String, view: &View) -> std::fmt::Result {
    let rows = sentence::met_rows(view);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "| lines that meet | alone | counted | taken away |\n|---|---:|---:|---:|")?;
    for r in rows {
        let [alone, counted, taken] = [r.alone, r.counted, r.taken_away].map(|v| short(r.kind, v));
        writeln!(out, "| {} | {alone} | {counted} | {taken} |", escaped(&r.line.name))?;
    }
    writeln!(out)?;
    for words in sentence::met(view) {
        writeln!(out, "- {}", escaped(&words))?;
    }
    writeln!(out)
}

/// The plan by period, lines down and periods across.
fn flights(out: &mut String, view: &View) -> std::fmt::Result {
    let Some(flights) = &view.flights else { return Ok(()) };
    write!(out, "| line |")?;
    for period in &flights.periods {
        write!(out, " {} |", escaped(&period.name))?;
    }
    writeln!(out, "\n|---|{}", "---:|".repeat(flights.periods.len()))?;
    for row in &flights.rows {
        write!(out, "| {} |", escaped(&row.line))?;
        for &spend in &row.spends {
            write!(out, " {} |", short(Kind::Money, Some(spend)))?;
        }
        writeln!(out)?;
    }
    writeln!(out)?;
    match sentence::apart(flights) {
        Some(words) => writeln!(out, "{}\n", escaped(&words)),
        None => Ok(()),
    }
}

fn figures(out: &mut String, view: &View) -> std::fmt::Result {
    writeln!(out, "| | today | plan | change |\n|---|---:|---:|---:|")?;
    for figure in &view.figures {
        let change = figure.change();
        let label = sentence::capital(figure.metric.label());
        let (today, plan) = (short(figure.kind, figure.today), short(figure.kind, figure.plan));
        writeln!(out, "| {} | {today} | {plan} | {} |", escaped(&label), signed(figure.kind, change))?;
    }
    writeln!(out)
}

fn lines(out: &mut String, view: &View) -> std::fmt::Result {
    let today = Column::new(&view.lines.iter().map(|l| l.current).collect::<Vec<_>>());
    let plan = Column::new(&view.lines.iter().map(|l| l.spend).collect::<Vec<_>>());
    writeln!(
        out,
        "| line | today | plan | change | share | iROAS | mROAS | |\n|---|---:|---:|---:|---:|---:|---:|---|"
    )?;
    for (i, line) in view.lines.iter().enumerate() {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            escaped(&line.name) + sentence::marks(line),
            today.part(i),
            plan.part(i),
            signed(Kind::Percent, line.change),
            short(Kind::Percent, Some(line.share)),
            short(Kind::Ratio, line.iroas),
            short(Kind::Ratio, line.mroas),
            sentence::held(line.at),
        )?;
    }
    writeln!(out, "| **Total** | {} | {} | | | | | |", today.total(), plan.total())?;
    if let Some((was, is)) = view.with_fees() {
        let (was, is) = (today.amount(was), plan.amount(is));
        writeln!(out, "| **Total with fees** | {was} | {is} | | | | | |")?;
    }
    writeln!(out)?;
    sentence::footnotes(view).iter().try_for_each(|note| writeln!(out, "{}\n", escaped(note)))
}

fn limits(out: &mut String, view: &View) -> std::fmt::Result {
    if view.limits.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| limit | owner | metric | allowed | plan | slack | price |\n|---|---|---|---:|---:|---:|---:|"
    )?;
    for limit in &view.limits {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            escaped(&limit.name),
            escaped(&limit.owner),
            escaped(limit.metric.label()),
            allowed(limit),
            short(limit.kind, limit.value),
            sentence::slack(limit),
            sentence::price(view, limit).unwrap_or_default(),
        )?;
    }
    let prices = sentence::prices(view);
    if !prices.is_empty() {
        writeln!(out, "\n{}", escaped(&prices))?;
    }
    writeln!(out)
}

fn conflict(out: &mut String, view: &View) -> std::fmt::Result {
    let mut list = |heading: &str, items: Vec<String>| -> std::fmt::Result {
        if items.is_empty() {
            return Ok(());
        }
        writeln!(out, "**{heading}**\n")?;
        for item in items {
            writeln!(out, "- {}", escaped(&item))?;
        }
        writeln!(out)
    };
    let repairs = |r: &[crate::view::Repair]| r.iter().map(sentence::change).collect();
    list("These cannot hold together", view.conflict.iter().map(|m| sentence::member(view, m)).collect())?;
    list("Any one of these resolves it", repairs(&view.repairs))?;
    list("The smallest changes that together resolve it", repairs(&view.cheapest_repair))
}

/// Text that Markdown shows as it is.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c if outlay_scenario::is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_plan_and_a_conflict() {
        insta::assert_snapshot!(render(&sample::plan()) + &render(&sample::infeasible()));
    }

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(escaped("a|b <script>\n# c"), "a\\|b \\<script\\> \\# c");
    }
}
