//! Where a line's curve comes from, as far as a reader must know.

use crate::view::{LineRow, View};

/// Marks behind a line's name; [`footnotes`] says what they mean.
pub fn marks(line: &LineRow) -> &'static str {
    match (line.extrapolated, line.judgement.is_some()) {
        (true, true) => "†‡",
        (true, false) => "†",
        (false, true) => "‡",
        (false, false) => "",
    }
}

/// The same in words, for a cell of its own.
pub fn origin(line: &LineRow) -> &'static str {
    match (line.extrapolated, line.judgement.is_some()) {
        (true, true) => "judgement, extrapolated",
        (true, false) => "extrapolated",
        (false, true) => "judgement",
        (false, false) => "",
    }
}

/// What the marks of a plan mean.
pub fn footnotes(view: &View) -> Vec<String> {
    let mut all = Vec::new();
    if view.lines.iter().any(|l| l.extrapolated) {
        all.push("† outside the spend the curve was ever observed at: an extrapolation.".to_owned());
    }
    let mut sources: Vec<&str> = Vec::new();
    for source in view.lines.iter().filter_map(|l| l.judgement.as_deref()) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    if !sources.is_empty() {
        let sources = crate::layout::visible(&sources.join("; "));
        all.push(format!("‡ the curve is a judgement, not a fit; source: {sources}."));
    }
    all
}
