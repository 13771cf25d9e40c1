//! A picture per channel, for a page.

use std::fmt::Write as _;

use outlay_curves::fit::{ChannelFit, Fit};
use outlay_scenario::library::{LibraryCurve, LibraryFile};

use crate::blocks::Block;
use crate::document::Document;
use crate::html::chart::Frame;
use crate::html::markup::{escaped, list};
use crate::number::{Kind, short};
use crate::sentence::{exact, plural};

use super::warning;

/// Points of a drawn curve.
const POINTS: usize = 40;

/// The page: points, curve, band, current spend and observed range of every
/// channel, with its warnings.
pub fn document(library: &LibraryFile, fit: &Fit) -> Document {
    let unit = library.unit.as_deref().unwrap_or("period");
    let each = library.curves.iter().filter_map(|c| Some((c, named(fit, &c.name)?)));
    let figures: String = each.map(|(curve, channel)| figure(curve, channel)).collect();
    let about = [
        library.currency.as_deref().unwrap_or_default(),
        &format!("outcome per {unit} at steady spend per {unit}"),
    ];
    let about: Vec<&str> = about.into_iter().filter(|t| !t.is_empty()).collect();
    let count = library.curves.len();
    let headline = format!("{count} response {}.", plural(count, "curve", "curves"));
    let key = "<p class=\"key\"><i class=\"round point\"></i> a period observed, after carry-over, less everything other than the channel \
               <i class=\"band\"></i> where the curve lies with the stated probability \
               <i class=\"observed\"></i> spend observed; beyond it the curve is extrapolated \
               <i class=\"mean\"></i> mean spend</p>";
    Document::new(
        "Fit",
        vec![
            Block::Title("Response curves".to_owned(), about.join(" · ")),
            Block::Paragraph(headline),
            Block::Picture(format!("{key}<div class=\"fits\">{figures}</div>")),
        ],
    )
}

fn named<'a>(fit: &'a Fit, name: &str) -> Option<&'a ChannelFit> {
    fit.channels.iter().find(|c| c.name == name)
}

fn figure(curve: &LibraryCurve, channel: &ChannelFit) -> String {
    let mut out = format!("<figure><figcaption><b>{}</b></figcaption>", escaped(&curve.name));
    out.push_str(&picture(curve, channel).unwrap_or_default());
    if let Some(m) = curve.marginal {
        let ratio = |v| short(Kind::Ratio, Some(v));
        let _ = write!(
            out,
            "<p>The next unit of spend at {} earns <b>{}</b> ({} to {} with probability {}).</p>",
            short(Kind::Money, Some(m.at)),
            ratio(m.value),
            ratio(m.low),
            ratio(m.high),
            exact(Kind::Percent, m.level)
        );
    }
    let warnings: Vec<String> = curve.warnings.iter().map(warning).collect();
    if !warnings.is_empty() {
        out.push_str(&list(&warnings));
    }
    out + "</figure>\n"
}

fn picture(curve: &LibraryCurve, channel: &ChannelFit) -> Option<String> {
    let level = curve.marginal.map_or(0.9, |m| m.level);
    let observed = curve.observed?;
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
    let frame = Frame::medium((0.0, far), (lower.max(-high), high))?;
    let mut svg = frame.open("curve", &format!("Response curve of {}", curve.name), "");
    svg.push_str(&frame.stretch("observed", (observed.min, observed.max), "observed"));
    let dot = |p: &(f64, f64)| frame.dot("point", *p, 2.0, "", "");
    channel.points.iter().map(dot).for_each(|d| svg.push_str(&d));
    let edges: Vec<(f64, f64, f64)> = bands.iter().map(|b| (b.0, b.1.low, b.1.high)).collect();
    let median = bands.iter().map(|b| (b.0, b.1.median));
    let _ = write!(
        svg,
        "<path class=\"band\" d=\"{}\"/><path class=\"line\" d=\"{}\"/>",
        frame.area(&edges),
        frame.path(median)
    );
    let money = |v: f64| short(Kind::Money, Some(v));
    svg.push_str(&frame.upright("mean", observed.mean, "", &format!("mean spend {}", money(observed.mean))));
    svg.push_str(&frame.axes());
    svg.push_str(&frame.beside(high, &money(high)));
    svg.push_str(&frame.beside(0.0, "0"));
    for spend in [observed.mean, far] {
        svg.push_str(&frame.below(spend, &money(spend)));
    }
    Some(svg + "</svg>")
}
