//! A line's response curve with today, the plan, the bounds and what was
//! observed.

use std::fmt::Write as _;

use outlay_curves::Curve;

use crate::html::title;
use crate::number::{Kind, short};

/// A curve sampled for drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveView {
    /// Spend and outcome, spends increasing from 0.
    pub points: Vec<(f64, f64)>,
    /// Today's spend and outcome.
    pub today: (f64, f64),
    /// The plan's.
    pub plan: Option<(f64, f64)>,
    /// Least and largest spend allowed.
    pub bounds: (f64, Option<f64>),
    /// Least and largest spend observed.
    pub observed: Option<(f64, f64)>,
    /// How outcomes are written.
    pub outcome: Kind,
}

/// Points of a drawn curve.
const POINTS: usize = 48;

impl CurveView {
    /// Samples a curve over the spends that matter for a line.
    pub fn new(
        curve: &Curve,
        today: f64,
        plan: Option<f64>,
        bounds: (f64, Option<f64>),
        outcome: Kind,
    ) -> Self {
        let spends = [today, plan.unwrap_or(0.0), bounds.0];
        let mut reach = spends.into_iter().fold(0.0, f64::max) * 1.25;
        if let Some(max) = bounds.1.filter(|m| m.is_finite()) {
            reach = if reach > 0.0 { reach.max(max.min(3.0 * reach)) } else { max };
        }
        if reach <= 0.0 || !reach.is_finite() {
            reach = curve.typical_spend().clamp(1.0, 1e12);
        }
        reach = reach.min(curve.last_spend());
        // Denser where curves bend: near zero.
        let at = |i: usize| reach * (i as f64 / (POINTS - 1) as f64).powf(1.5);
        let points = (0..POINTS).map(|i| (at(i), curve.value(at(i)))).collect();
        let mark = |x: f64| (x, curve.value(x));
        CurveView { points, today: mark(today), plan: plan.map(mark), bounds, observed: None, outcome }
    }
}

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;
const RIGHT: f64 = 12.0;

pub(super) fn render(curve: &CurveView) -> String {
    let (far, _) = curve.points.last().copied().unwrap_or((0.0, 0.0));
    let high = curve.points.iter().map(|p| p.1).fold(0.0, f64::max);
    if far <= 0.0 || high <= 0.0 || !far.is_finite() || !high.is_finite() {
        return String::new();
    }
    let x = |v: f64| LEFT + (WIDTH - LEFT - RIGHT) * (v / far).clamp(0.0, 1.0);
    let y = |v: f64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (v / high).clamp(0.0, 1.0);
    let mut svg = format!(
        "<svg class=\"curve\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Response curve\">"
    );
    let floor = HEIGHT - BOTTOM;
    if let Some((low, most)) = curve.observed {
        let _ = write!(
            svg,
            "<rect class=\"observed\" x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"><title>observed</title></rect>",
            x(low),
            x(most) - x(low),
            floor - TOP
        );
    }
    for (bound, name) in [(Some(curve.bounds.0).filter(|m| *m > 0.0), "min"), (curve.bounds.1, "max")] {
        if let Some(bound) = bound.filter(|b| *b <= far) {
            let _ = write!(
                svg,
                "<line class=\"bound\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{TOP}\" y2=\"{floor}\"><title>{name} {1}</title></line>",
                x(bound),
                title(bound)
            );
        }
    }
    let _ = write!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}V{floor}H{}\"/><text x=\"{}\" y=\"{}\" class=\"tick end\">{}</text>\
         <text x=\"{}\" y=\"{}\" class=\"tick end\">{}</text><text x=\"{LEFT}\" y=\"{1}\" class=\"tick\">0</text><path class=\"line\" d=\"",
        WIDTH - RIGHT,
        WIDTH - RIGHT,
        HEIGHT - 8.0,
        short(Kind::Money, Some(far)),
        LEFT - 5.0,
        TOP + 8.0,
        short(curve.outcome, Some(high)),
    );
    for (i, &(spend, outcome)) in curve.points.iter().enumerate() {
        let _ = write!(svg, "{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, x(spend), y(outcome));
    }
    svg.push_str("\"/>");
    mark(&mut svg, "today", curve.today, (x(curve.today.0), y(curve.today.1)), curve.outcome);
    if let Some(plan) = curve.plan {
        mark(&mut svg, "plan", plan, (x(plan.0), y(plan.1)), curve.outcome);
    }
    svg.push_str("</svg>");
    svg
}

fn mark(svg: &mut String, class: &str, (spend, outcome): (f64, f64), (x, y): (f64, f64), kind: Kind) {
    let name = if class == "plan" { "planned" } else { "today" };
    let shape = if class == "plan" {
        format!("<circle class=\"plan\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"")
    } else {
        format!("<rect class=\"today\" x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\"", x - 4.0, y - 4.0)
    };
    let tag = if class == "plan" { "circle" } else { "rect" };
    let _ = write!(
        svg,
        "{shape} data-spend=\"{spend}\" data-outcome=\"{outcome}\"><title>{name}: {} earns {}</title></{tag}>",
        title(spend),
        short(kind, Some(outcome))
    );
}
