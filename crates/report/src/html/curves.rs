//! Every line's response curve with today, the plan, the bounds, what was
//! observed and how sure the curve is.

use std::fmt::Write as _;

use crate::curve::CurveView;
use crate::html::lines::largest;
use crate::html::markup::{Part, escaped, note, title};
use crate::html::room::Room;
use crate::number::{Kind, short};
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::LineRow;

/// With more lines than this, curves are shown for the ones with most money.
const MOST: usize = 60;
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;
const RIGHT: f64 = 12.0;
const FLOOR: f64 = HEIGHT - BOTTOM;

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
        let Some(axes) = Axes::of(&curve) else { continue };
        level = level.or((!curve.band.is_empty()).then_some(curve.level));
        observed |= curve.observed.is_some();
        let _ = writeln!(
            pictures,
            "<figure data-line=\"{0}\"><figcaption><b>{0}</b>{1}</figcaption>{2}</figure>",
            escaped(&line.name),
            line.mroas.map_or_else(String::new, |m| format!(" mROAS {}", short(Kind::Ratio, Some(m)))),
            draw(line, &curve, &axes),
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

/// Where figures stand in the picture.
struct Axes {
    far: f64,
    high: f64,
}

impl Axes {
    fn of(curve: &CurveView) -> Option<Self> {
        let (far, _) = *curve.points.last()?;
        let top = curve.points.iter().map(|p| p.1).fold(0.0, f64::max);
        // A wild draw must not flatten the curve.
        let band = curve.band.iter().map(|b| b.1).fold(0.0, f64::max).min(1.6 * top);
        let high = top.max(band);
        (far > 0.0 && high > 0.0 && far.is_finite() && high.is_finite()).then_some(Axes { far, high })
    }

    fn x(&self, spend: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (spend / self.far).clamp(0.0, 1.0)
    }

    fn y(&self, outcome: f64) -> f64 {
        FLOOR - (FLOOR - TOP) * (outcome / self.high).clamp(0.0, 1.0)
    }

    /// A path through points.
    fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut out = String::new();
        for (i, (spend, outcome)) in points.enumerate() {
            let _ =
                write!(out, "{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, self.x(spend), self.y(outcome));
        }
        out
    }
}

fn draw(line: &LineRow, curve: &CurveView, axes: &Axes) -> String {
    let mut svg = format!(
        "<svg class=\"curve\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\" data-far=\"{}\" data-high=\"{}\">",
        escaped(&sentence::curve(line, curve)),
        axes.far,
        axes.high
    );
    if let Some((low, most)) = curve.observed {
        let _ = write!(
            svg,
            "<rect class=\"observed\" x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"><title>observed: {} to {}</title></rect>",
            axes.x(low),
            axes.x(most) - axes.x(low),
            FLOOR - TOP,
            title(low),
            title(most)
        );
    }
    if !curve.band.is_empty() {
        let spends = || curve.points.iter().map(|p| p.0);
        let upper = spends().zip(curve.band.iter().map(|b| b.1));
        let lower = spends().zip(curve.band.iter().map(|b| b.0));
        let around = upper.chain(lower.collect::<Vec<_>>().into_iter().rev());
        let _ = write!(svg, "<path class=\"band\" d=\"{}Z\"/>", axes.path(around));
    }
    bounds(&mut svg, curve, axes);
    let _ = write!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}V{FLOOR}H{0}\"/><text x=\"{0}\" y=\"{1}\" class=\"tick end\">{2}</text>\
         <text x=\"{3}\" y=\"{4}\" class=\"tick end\">{5}</text><text x=\"{LEFT}\" y=\"{1}\" class=\"tick\">0</text>\
         <path class=\"line\" d=\"{6}\"/>",
        WIDTH - RIGHT,
        HEIGHT - 8.0,
        short(Kind::Money, Some(axes.far)),
        LEFT - 5.0,
        TOP + 8.0,
        short(curve.outcome, Some(axes.high)),
        axes.path(curve.points.iter().copied()),
    );
    let (x, y) = (axes.x(curve.today.0) - 4.0, axes.y(curve.today.1) - 4.0);
    let today = format!("<rect class=\"today\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"8\" height=\"8\"");
    mark(&mut svg, &today, "rect", "today", curve.today, curve.outcome);
    let (x, y) = (axes.x(curve.plan.0), axes.y(curve.plan.1));
    let plan = format!("<circle class=\"plan\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"");
    mark(&mut svg, &plan, "circle", "planned", curve.plan, curve.outcome);
    svg + "</svg>"
}

fn bounds(svg: &mut String, curve: &CurveView, axes: &Axes) {
    for (bound, name) in [(Some(curve.bounds.0).filter(|m| *m > 0.0), "min"), (curve.bounds.1, "max")] {
        if let Some(bound) = bound.filter(|b| *b <= axes.far) {
            let _ = write!(
                svg,
                "<line class=\"bound\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{TOP}\" y2=\"{FLOOR}\" data-bound=\"{bound}\"><title>{name} {1}</title></line>",
                axes.x(bound),
                title(bound)
            );
        }
    }
}

fn mark(svg: &mut String, shape: &str, tag: &str, name: &str, (spend, outcome): (f64, f64), kind: Kind) {
    let _ = write!(
        svg,
        "{shape} data-spend=\"{spend}\" data-outcome=\"{outcome}\"><title>{name}: {} earns {}</title></{tag}>",
        title(spend),
        short(kind, Some(outcome))
    );
}
