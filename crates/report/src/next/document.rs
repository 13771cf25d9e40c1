//! Tests that could be run, as a page or a workbook: all of them, not only the
//! best of each channel.

use std::fmt::Write as _;

use outlay_scenario::next::{NextFile, NextTest, Verdict};

use super::{RANKS, advice, counts, design, done, gained, notes, tied, why};
use crate::blocks::{Block, Entry, Rows};
use crate::document::Document;
use crate::html::markup::escaped;
use crate::layout::{Align, visible};
use crate::number::{Kind, short, signed};

/// Which test to run, for a page or a workbook.
pub fn document(file: &NextFile) -> Document {
    let about: Vec<String> =
        file.currency.iter().map(|c| visible(c)).chain(["which test to run next".to_owned()]).collect();
    let mut out = vec![Block::Title(file.name.clone(), about.join(" · "))];
    let Some(best) = file.tests.first() else {
        let none = "No test was valued before the time was over: allow more with --time.";
        out.push(Block::Paragraph(none.to_owned()));
        return Document::new("Next test", out);
    };
    out.push(Block::Lines([advice(file, best), why(file, best)].into_iter().chain(tied(file)).collect()));
    out.push(Block::Picture(picture(file)));
    out.push(Block::Heading("Tests, the best first".to_owned()));
    out.push(Block::Table(tests(file)));
    let mut said = vec![RANKS.to_owned()];
    said.extend(notes(file));
    if best.verdict != Verdict::NotWorthIt {
        said.push(format!("To design it: {}", design(file, best)));
    }
    out.push(Block::Lines(said));
    Document::new("Next test", out)
}

fn tests(file: &NextFile) -> Rows {
    const RIGHT: Align = Align::Right;
    let mut rows = Rows::new(&[Align::Left, Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT]);
    rows.row(["channel", "test", "worth", "cost", "net", "±", "measured to", "rank"]);
    let kind = if counts(file) { Kind::Count } else { Kind::Money };
    for test in &file.tests {
        let worth = match test.net {
            Some(net) => Entry::figure(Kind::Money, Some(net + test.cost)),
            None => gained(file, test).into(),
        };
        rows.row([
            visible(&test.channel).into(),
            done(test).into(),
            worth,
            Entry::figure(Kind::Money, Some(test.cost)),
            Entry::moved(Kind::Money, test.net),
            Entry::figure(Kind::Money, test.net_error),
            Entry::figure(kind, Some(test.standard_error)),
            test.rank.to_string().into(),
        ]);
    }
    rows
}

/// Most tests in the picture.
const SHOWN: usize = 20;

/// What tests are worth less their cost, with the error of the estimate: a bar
/// and a whisker a test.
fn picture(file: &NextFile) -> String {
    const ROW: f64 = 22.0;
    const NAMES: f64 = 230.0;
    const WIDTH: f64 = 720.0;
    const FIGURES: f64 = 80.0;
    let whole = |t: &NextTest| Some((t.net?, t.net_error?));
    let shown: Vec<(&NextTest, (f64, f64))> =
        file.tests.iter().filter_map(|t| Some((t, whole(t)?))).take(SHOWN).collect();
    let ends = shown.iter().flat_map(|(_, (net, error))| [net - error, net + error]);
    let (low, high) = ends.fold((0.0f64, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
    if high <= low {
        return String::new();
    }
    let at = |v: f64| NAMES + (WIDTH - NAMES - FIGURES) * (v - low) / (high - low);
    let height = ROW * shown.len() as f64 + 4.0;
    let what = "Worth less cost of each test, with the standard error of the estimate";
    let mut out = format!(
        "<svg class=\"tests\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{what}\" data-chart=\"tests\">"
    );
    for (k, (test, (net, error))) in shown.into_iter().enumerate() {
        let (top, zero) = (ROW * k as f64 + 4.0, at(0.0));
        let middle = top + ROW / 2.0;
        let (left, right) = (zero.min(at(net)), zero.max(at(net)));
        let name = format!("{} ({})", visible(&test.channel), done(test));
        let figure = signed(Kind::Money, Some(net));
        let told = format!("{name}: net {figure}, give or take {}", short(Kind::Money, Some(error)));
        let _ = write!(
            out,
            "<g data-net=\"{net}\"><title>{}</title><text class=\"end\" x=\"{:.0}\" y=\"{:.1}\">{}</text>\
             <rect class=\"plan\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>\
             <path d=\"M{:.1} {middle:.1}L{:.1} {middle:.1}\"/>\
             <text class=\"end\" x=\"{:.0}\" y=\"{:.1}\">{}</text></g>",
            escaped(&told),
            NAMES - 8.0,
            middle + 4.0,
            escaped(&name),
            top + 4.0,
            right - left,
            ROW - 8.0,
            at(net - error),
            at(net + error),
            WIDTH - 2.0,
            middle + 4.0,
            escaped(&figure),
        );
    }
    out + "</svg>"
}
