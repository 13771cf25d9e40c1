//! One self-contained page with a picture per channel.

use std::fmt::Write as _;

use outlay_curves::fit::{ChannelFit, Fit};
use outlay_scenario::library::{LibraryCurve, LibraryFile};

use crate::number::{Kind, short};

use super::warning;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;
/// Points of a drawn curve.
const POINTS: usize = 40;

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1b2430;background:#fff}\
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:0 0 .3rem}.all{display:grid;grid-template-columns:repeat(auto-fit,minmax(21rem,1fr));gap:1.5rem}\
section{border:1px solid #d8dee6;border-radius:8px;padding:1rem}svg{width:100%;height:auto}\
.band{fill:#2f6fde;opacity:.16}.line{fill:none;stroke:#2f6fde;stroke-width:2.2}.point{fill:#1b2430;opacity:.33}\
.seen{fill:#8a94a3;opacity:.10}.now{stroke:#d2541b;stroke-width:1.6;stroke-dasharray:4 3}.axis{fill:none;stroke:#8a94a3}\
text{font-size:11px;fill:#5a6675}.end{text-anchor:end}.mid{text-anchor:middle}.now-label{fill:#b3430f}\
p{margin:.4rem 0}ul{margin:.4rem 0;padding-left:1.1rem;font-size:.88rem;color:#5a4a12}.legend{color:#5a6675;font-size:.9rem}";

/// The page: points, curve, band, current spend and observed range of every
/// channel, with its warnings.
pub fn html(library: &LibraryFile, fit: &Fit) -> String {
    let mut page = String::from("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Response curves</title>");
    let _ = write!(page, "<style>{STYLE}</style></head><body><h1>Response curves</h1>");
    let unit = escaped(library.unit.as_deref().unwrap_or("period"));
    let _ = write!(
        page,
        "<p class=\"legend\">Outcome per {unit} at steady spend per {unit}. Dots: the periods observed, after carry-over, \
         less everything other than the channel (at the edge: beyond it). Band: where the curve lies with the stated probability. \
         Grey: spend observed. Dashed: mean spend. Beyond the grey area the curve is extrapolation.</p><div class=\"all\">"
    );
    for (curve, channel) in library.curves.iter().filter_map(|c| Some((c, named(fit, &c.name)?))) {
        section(&mut page, curve, channel);
    }
    page.push_str("</div></body></html>\n");
    page
}

fn named<'a>(fit: &'a Fit, name: &str) -> Option<&'a ChannelFit> {
    fit.channels.iter().find(|c| c.name == name)
}

fn section(page: &mut String, curve: &LibraryCurve, channel: &ChannelFit) {
    let _ = write!(page, "<section><h2>{}</h2>", escaped(&curve.name));
    picture(page, curve, channel);
    if let Some(m) = curve.marginal {
        let ratio = |v| short(Kind::Ratio, Some(v));
        let _ = write!(
            page,
            "<p>The next unit of spend at {} earns <b>{}</b> ({} to {} with probability {}).</p>",
            short(Kind::Money, Some(m.at)),
            ratio(m.value),
            ratio(m.low),
            ratio(m.high),
            short(Kind::Percent, Some(m.level))
        );
    }
    if !curve.warnings.is_empty() {
        page.push_str("<ul>");
        for w in &curve.warnings {
            let _ = write!(page, "<li>{}</li>", escaped(&warning(w)));
        }
        page.push_str("</ul>");
    }
    page.push_str("</section>");
}

fn picture(page: &mut String, curve: &LibraryCurve, channel: &ChannelFit) {
    let level = curve.marginal.map_or(0.9, |m| m.level);
    let Some(observed) = curve.observed else { return };
    let far = 1.25 * observed.max;
    let at = |i: usize| far * (i as f64 / (POINTS - 1) as f64).powf(1.4);
    let bands: Vec<_> = (0..POINTS).map(|i| (at(i), channel.response(at(i), level))).collect();
    let highest = bands.iter().map(|b| b.1.high).fold(0.0, f64::max);
    let mut seen: Vec<f64> = channel.points.iter().map(|p| p.1).collect();
    seen.sort_by(f64::total_cmp);
    // A few wild periods must not flatten the curve.
    let upper = seen.get(seen.len() * 49 / 50).copied().unwrap_or(0.0);
    let lower = seen.get(seen.len() / 50).copied().unwrap_or(0.0).min(0.0);
    let high = highest.max(upper.min(4.0 * highest));
    let low = lower.max(-high);
    if !(far > 0.0 && high > low && far.is_finite() && high.is_finite()) {
        return;
    }
    let x = |v: f64| LEFT + (WIDTH - LEFT - RIGHT) * (v / far).clamp(0.0, 1.0);
    let y = |v: f64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * ((v - low) / (high - low)).clamp(0.0, 1.0);
    let _ = write!(
        page,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Response curve of {}\">",
        escaped(&curve.name)
    );
    let floor = HEIGHT - BOTTOM;
    let _ = write!(
        page,
        "<rect class=\"seen\" x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"/>",
        x(observed.min),
        x(observed.max) - x(observed.min),
        floor - TOP
    );
    for (spend, outcome) in &channel.points {
        let _ = write!(
            page,
            "<circle class=\"point\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\"/>",
            x(*spend),
            y(*outcome)
        );
    }
    page.push_str("<path class=\"band\" d=\"");
    let edge = bands.iter().map(|b| (b.0, b.1.high)).chain(bands.iter().rev().map(|b| (b.0, b.1.low)));
    trace(page, edge.map(|(a, b)| (x(a), y(b))));
    page.push_str("Z\"/><path class=\"line\" d=\"");
    trace(page, bands.iter().map(|b| (x(b.0), y(b.1.median))));
    let _ = write!(
        page,
        "\"/><line class=\"now\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{TOP}\" y2=\"{floor}\"/>\
         <path class=\"axis\" d=\"M{LEFT} {TOP}V{floor}H{1}\"/><text class=\"end\" x=\"{2}\" y=\"{3}\">{4}</text>\
         <text class=\"end\" x=\"{2}\" y=\"{5:.1}\">0</text><text class=\"end\" x=\"{1}\" y=\"{6}\">{7}</text>\
         <text class=\"mid now-label\" x=\"{0:.1}\" y=\"{6}\">{8}</text></svg>",
        x(observed.mean),
        WIDTH - RIGHT,
        LEFT - 5.0,
        TOP + 9.0,
        short(Kind::Money, Some(high)),
        y(0.0),
        HEIGHT - 16.0,
        short(Kind::Money, Some(far)),
        short(Kind::Money, Some(observed.mean)),
    );
}

fn trace(page: &mut String, points: impl Iterator<Item = (f64, f64)>) {
    for (i, (x, y)) in points.enumerate() {
        let _ = write!(page, "{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' });
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
