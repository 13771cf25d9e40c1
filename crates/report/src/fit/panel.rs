//! What a fit of several markets says: marginal returns three ways.

use outlay_scenario::library::{LibraryCurve, LibraryFile};

use super::words::warning;
use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{Kind, short};
use crate::table::Page;

/// Whether a curve is one market's.
pub(super) fn is_market(curve: &LibraryCurve) -> bool {
    curve.observed.is_some() && curve.quality.is_empty()
}

/// The three ways side by side, and what to make of them.
pub(super) fn told(text: &mut String, library: &LibraryFile, page: Page) {
    let unit = library.unit.as_deref().unwrap_or("period");
    let figure = |curve: &LibraryCurve, name: &str| curve.quality.get(name).copied().flatten();
    let panels: Vec<&LibraryCurve> =
        library.curves.iter().filter(|c| figure(c, "marginal_panel").is_some()).collect();
    let Some(first) = panels.first() else { return };
    let ratio = |v: Option<f64>| short(Kind::Ratio, v);
    let mut grid = Grid::new(&[Align::Left, Align::Right, Align::Right, Align::Right]);
    grid.row(["marginal, from", "their sum", &format!("within {unit}s"), "panel"]);
    for curve in &panels {
        let cell = |name: &str| {
            let end = |end: &str| ratio(figure(curve, &format!("{name}{end}")));
            format!("{} ({} to {})", end(""), end("_low"), end("_high"))
        };
        grid.row([
            visible(&curve.name),
            cell("marginal_summed"),
            cell("marginal_within"),
            cell("marginal_panel"),
        ]);
    }
    grid.lines(page.width).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
    let legend = format!(
        "{} markets. their sum: as one history. within {unit}s: only what markets do differently in the same {unit} ({unit} fixed effects). panel: both, weighed; effects per head differ between markets by {}.",
        short(Kind::Count, figure(first, "markets")),
        short(Kind::Percent, figure(first, "between_markets")),
    );
    paragraph(text, &legend, page);
    let chance = short(Kind::Percent, figure(first, "agreement"));
    let contradiction = first.warnings.iter().find(|w| w.code == "markets_contradict");
    if let Some(found) = contradiction {
        let loud = format!("CONTRADICTION: {}", warning(found));
        paragraph(text, &loud, page);
    } else {
        let agree = format!(
            "sum and differences agree (a distance like theirs has probability {chance} if both are right): the curves are the panel's."
        );
        paragraph(text, &agree, page);
        if idle(&panels, figure) {
            paragraph(
                text,
                "the markets have little to add to their sum: spend per head moves nearly alike in all of them.",
                page,
            );
        }
    }
    text.push('\n');
}

/// Whether the panel knows hardly more than the sum.
fn idle(panels: &[&LibraryCurve], figure: impl Fn(&LibraryCurve, &str) -> Option<f64>) -> bool {
    const HARDLY: f64 = 0.8;
    let width = |curve: &LibraryCurve, name: &str| {
        let end = |end: &str| figure(curve, &format!("{name}{end}"));
        Some((end("_high")? / end("_low")?).ln())
    };
    let narrower = |c: &&&LibraryCurve| {
        let widths = width(c, "marginal_panel").zip(width(c, "marginal_summed"));
        widths.is_some_and(|(panel, summed)| panel < HARDLY * summed)
    };
    2 * panels.iter().filter(narrower).count() < panels.len()
}

fn paragraph(text: &mut String, sentence: &str, page: Page) {
    wrap(sentence, page.width, 0).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
}
