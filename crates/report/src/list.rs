//! What-ifs on a terminal: one row each, written as they come, so columns have
//! fixed widths.

use outlay_scenario::spec::Metric;
use unicode_width::UnicodeWidthStr;

use crate::layout::{fit, visible};
use crate::number::{Kind, short, signed};
use crate::sentence;
use crate::table::Page;
use crate::view::View;

const FIGURES: [usize; 6] = [9, 9, 8, 9, 7, 7];
const STATUS: usize = 12;
/// Narrower pages leave out iROAS.
const NARROW: usize = 90;
const IROAS: usize = 4;

/// Title and column heads.
pub fn heading(name: &str, page: Page) -> String {
    let title = visible(name);
    let title = if page.color { format!("\x1b[1m{title}\x1b[0m") } else { title };
    let cells = ["spend", "goal", "today", "CAC", "iROAS", "gap"].map(String::from);
    format!("{title}\n\n{}", line("what if", "", &cells, page))
}

/// One what-if.
pub fn row(view: &View, page: Page) -> String {
    let name = sentence::what_if(view);
    let plan = |metric: Metric| view.figure(metric).and_then(|f| f.plan);
    let goal = view.goal.metric.kind();
    let change =
        view.goal.value.zip(view.goal.today).filter(|(_, t)| *t != 0.0).map(|(v, t)| (v - t) / t.abs());
    let gap = view.proof().map(|p| p.gap);
    let cells = [
        short(Kind::Money, plan(Metric::Spend)),
        short(goal, view.goal.value),
        signed(Kind::Percent, change),
        short(Kind::Price, plan(Metric::Cac)),
        short(Kind::Ratio, plan(Metric::Iroas)),
        gap.map_or_else(|| crate::number::ABSENT.to_owned(), sentence::gap),
    ];
    line(&name, view.status(), &cells, page)
}

fn line(name: &str, status: &str, cells: &[String; 6], page: Page) -> String {
    let shown = |i: &usize| page.width >= NARROW || *i != IROAS;
    let taken: usize = (0..FIGURES.len()).filter(shown).map(|i| FIGURES[i]).sum::<usize>() + STATUS + 2;
    let room = page.width.max(80).saturating_sub(taken).min(60);
    // Settings differ at their end.
    let name = if visible(name).width() > room { tail(&visible(name), room) } else { fit(name, room) };
    let mut out = format!("  {name}{}", " ".repeat(room.saturating_sub(name.width())));
    for i in (0..FIGURES.len()).filter(shown) {
        out.push_str(&format!("{:>width$}", cells[i], width = FIGURES[i]));
    }
    out.push_str("  ");
    out.push_str(status);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// The last columns of a text.
fn tail(text: &str, width: usize) -> String {
    let mut start = text.len();
    for (at, _) in text.char_indices().rev() {
        if text[at..].width() + 1 > width {
            break;
        }
        start = at;
    }
    format!("…{}", &text[start..])
}
