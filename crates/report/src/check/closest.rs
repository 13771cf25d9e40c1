//! The plan that comes closest to limits which cannot all hold.

use outlay_scenario::Scenario;
use outlay_scenario::check::CheckFile;

use super::words;
use crate::blocks::{Block, Entry, Rows};
use crate::layout::Align;
use crate::number::{Column, Kind};
use crate::sentence;
use crate::sheet::Sheet;
use crate::table::allowed;
use crate::view::repair_of;

/// The plan that comes closest to limits which cannot all hold: by line, and
/// what it makes of every limit as written.
pub(super) fn blocks(file: &CheckFile, scenario: &Scenario, sheet: &Sheet) -> Vec<Block> {
    let view = &sheet.view;
    let changes: Vec<String> =
        file.closest_repair().iter().map(|r| words::change(&repair_of(r, Some(scenario)))).collect();
    let mut lines = Rows::new(&[Align::Left, Align::Right, Align::Right, Align::Right]);
    lines.row(["line", "today", "closest plan", "change"]);
    let column = |of: &dyn Fn(usize) -> f64| Column::new(&(0..view.lines.len()).map(of).collect::<Vec<_>>());
    let today = column(&|i| view.lines[i].current);
    let plan = column(&|i| view.lines[i].spend);
    let money = |text: String, value: f64| Entry::written(text, Kind::Money, Some(value));
    for (i, line) in view.lines.iter().enumerate() {
        lines.row([
            line.name.clone().into(),
            money(today.part(i), line.current),
            money(plan.part(i), line.spend),
            Entry::moved(Kind::Percent, line.change),
        ]);
    }
    let sum = |of: &dyn Fn(usize) -> f64| (0..view.lines.len()).map(of).sum::<f64>();
    let (was, is) = (sum(&|i| view.lines[i].current), sum(&|i| view.lines[i].spend));
    lines.total([
        "Total".into(),
        money(today.total(), was),
        money(plan.total(), is),
        Entry::moved(Kind::Percent, (was > 0.0).then(|| is / was - 1.0)),
    ]);
    let mut limits = Rows::new(&[Align::Left, Align::Left, Align::Right, Align::Right, Align::Left]);
    limits.row(["limit", "owner", "asked for", "closest plan", ""]);
    for limit in &view.limits {
        let kept = match limit.slack {
            Some(slack) if slack < 0.0 => "broken",
            _ => "kept",
        };
        limits.row([
            limit.name.clone().into(),
            limit.owner.clone().into(),
            allowed(limit).into(),
            Entry::figure(limit.kind, limit.value),
            kept.into(),
        ]);
    }
    vec![
        Block::Heading("The closest plan".to_owned()),
        Block::Paragraph(format!(
            "The best plan once these change: {}. {}",
            sentence::listed(&changes),
            sentence::headline(view)
        )),
        Block::Table(lines),
        Block::Table(limits),
    ]
}
