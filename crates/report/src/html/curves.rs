//! Every line's response curve with today, the plan, the bounds, what was
//! observed and how sure the curve is.

use std::fmt::Write as _;

use crate::curve::CurveView;
use crate::html::chart::Frame;
use crate::html::lines::largest;
use crate::html::markup::{Part, escaped, note, title};
use crate::html::room::Room;
use crate::number::{Kind, short};
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::LineRow;

/// With more lines than this, curves are shown for the ones with most money.
const MOST: usize = 60;

pub(super) fn part(sheet: &Sheet, room: &Room) -> Option<Part> {
    if !room.pictures {
        return None;
    }
    let (shown, rest) = largest(&sheet.view.lines, MOST);
    let mut pictures = String::new();
    let mut level = None;
    let mut observed = false;
    for (i, line) in sheet.view.lines.iter().enumerate() {
        if !shown.iter().any(|l| std::ptr::eq(*l, line)) {
            continue;
        }
        let Some(curve) = sheet.curve(i) else { continue };
        let Some(frame) = frame(&curve) else { continue };
        level = level.or((!curve.band.is_empty()).then_some(curve.level));
        observed |= curve.observed.is_some();
        let _ = writeln!(
            pictures,
            "<figure data-line=\"{0}\"><figcaption><b>{0}</b>{1}</figcaption>{2}</figure>",
            escaped(&line.name),
            line.mroas.map_or_else(String::new, |m| format!(" mROAS {}", short(Kind::Ratio, Some(m)))),
            draw(line, &curve, &frame),
        );
    }
    if pictures.is_empty() {
        return None;
    }
    let mut body = key(level, observed) + "<div class=\"curves\">" + &pictures + "</div>";
    if !rest.is_empty() {
        body.push_str(&note(&sentence::curves_left_out(MOST, rest.len())));
    }
    Part::new("curves", "Response curves", body)
}

fn key(level: Option<f64>, observed: bool) -> String {
    let mut out = String::from(
        "<p class=\"key\"><i class=\"round plan\"></i> plan <i class=\"today\"></i> today \
         <i class=\"bound\"></i> least and most allowed",
    );
    if observed {
        out.push_str(" <i class=\"observed\"></i> observed");
    }
    if let Some(level) = level {
        let level = sentence::exact(Kind::Percent, level);
        let _ = write!(out, " <i class=\"band\"></i> where the curve lies with probability {level}");
    }
    out + "</p>"
}

/// Where figures stand: all of the curve and of what it may be is inside.
fn frame(curve: &CurveView) -> Option<Frame> {
    let (far, _) = *curve.points.last()?;
    let values = curve.points.iter().map(|p| p.1).chain(curve.band.iter().map(|b| b.1));
    let ends = [curve.today, curve.plan].into_iter().map(|p| p.1);
    Frame::small((0.0, far), (0.0, values.chain(ends).fold(0.0, f64::max)))
}

fn draw(line: &LineRow, curve: &CurveView, frame: &Frame) -> String {
    let (far, high) = (frame.x.1, frame.y.1);
    let facts = format!("data-far=\"{far}\" data-high=\"{high}\"");
    let mut svg = frame.open("curve", &sentence::curve(line, curve), &facts);
    if let Some(seen) = curve.observed {
        let words = format!("observed: {} to {}", title(seen.0), title(seen.1));
        svg.push_str(&frame.stretch("observed", seen, &words));
    }
    if !curve.band.is_empty() {
        let spends = curve.points.iter().map(|p| p.0);
        let edges: Vec<(f64, f64, f64)> =
            spends.zip(&curve.band).map(|(x, (low, high))| (x, *low, *high)).collect();
        let _ = write!(svg, "<path class=\"band\" d=\"{}\"/>", frame.area(&edges));
    }
    for (bound, name) in [(Some(curve.bounds.0).filter(|m| *m > 0.0), "min"), (curve.bounds.1, "max")] {
        if let Some(bound) = bound.filter(|b| *b <= far) {
            let (fact, words) = (format!("data-bound=\"{bound}\""), format!("{name} {}", title(bound)));
            svg.push_str(&frame.upright("bound", bound, &fact, &words));
        }
    }
    svg.push_str(&frame.axes());
    for (spend, text) in [(0.0, "0".to_owned()), (far, short(Kind::Money, Some(far)))] {
        svg.push_str(&frame.below(spend, &text));
    }
    svg.push_str(&frame.beside(high, &short(curve.outcome, Some(high))));
    let _ = write!(svg, "<path class=\"line\" d=\"{}\"/>", frame.path(curve.points.iter().copied()));
    let said = |name: &str, (spend, outcome): (f64, f64)| {
        format!("{name}: {} earns {}", title(spend), short(curve.outcome, Some(outcome)))
    };
    let facts = |(spend, outcome): (f64, f64)| format!("data-spend=\"{spend}\" data-outcome=\"{outcome}\"");
    let _ = write!(
        svg,
        "<rect class=\"today\" x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\" {}><title>{}</title></rect>",
        frame.across(curve.today.0) - 4.0,
        frame.down(curve.today.1) - 4.0,
        facts(curve.today),
        said("today", curve.today)
    );
    svg.push_str(&frame.dot("plan", curve.plan, 5.0, &facts(curve.plan), &said("planned", curve.plan)));
    svg + "</svg>"
}
