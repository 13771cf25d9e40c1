//! Where a table was found and which of its rows are no data, in words.

use outlay_scenario::history::{Skipped, Source, Why};

use crate::layout::visible;

/// Sentences about a table: its sheet, its heading, what was skipped.
pub fn source(source: &Source) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(sheet) = source.sheet.as_ref().filter(|_| source.sheets.len() > 1) {
        let others: Vec<String> =
            source.sheets.iter().filter(|s| *s != sheet).map(|s| format!("`{}`", visible(s))).collect();
        lines.push(format!(
            "sheet `{}`, of {} too; another one is read with --sheet",
            visible(sheet),
            others.join(", ")
        ));
    }
    if let Some(encoding) = source.encoding {
        lines.push(format!("read as {encoding}"));
    }
    if source.heading > 1 {
        lines.push(format!("the heading is row {}", source.heading));
    }
    lines.extend(left_out(&source.skipped));
    lines
}

/// Sentences about rows of a table that are no data, one a reason.
pub fn left_out(rows: &[Skipped]) -> Vec<String> {
    let mut kinds: Vec<Why> = rows.iter().map(|s| s.why).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of = |why: Why| skipped(why, &rows.iter().filter(|s| s.why == why).collect::<Vec<_>>());
    kinds.into_iter().map(of).collect()
}

/// One sentence about rows of a file that are left out for one reason.
fn skipped(why: Why, rows: &[&Skipped]) -> String {
    const SHOWN: usize = 3;
    const WIDTH: usize = 48;
    let what = match why {
        Why::Above => "above the heading",
        Why::Total => "a total",
        Why::Title => "a title or units",
        Why::HeadingAgain => "the heading again",
        Why::Footer => "below the table",
    };
    let cut = |text: &str| match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{} ...", &text[..at]),
        None => text.to_owned(),
    };
    let each = rows.iter().take(SHOWN).map(|r| format!("row {} `{}`", r.row, visible(&cut(&r.text))));
    let each: Vec<String> = each.collect();
    let more = rows.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("not data, {what}: {}{more}", each.join(", "))
}
