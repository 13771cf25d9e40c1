//! Where things stand in a chart: its margins, its axes, and paths through
//! points. Every picture with two axes is drawn in such a frame.

use std::fmt::Write as _;

use crate::html::markup::escaped;

/// A chart's size, its margins, and the figures at the ends of its axes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// Figures at the left and the right end.
    pub(crate) x: (f64, f64),
    /// Figures at the lower and the upper end.
    pub(crate) y: (f64, f64),
}

impl Frame {
    /// A small chart, several of which stand beside each other. `None` where
    /// an axis has no length.
    pub(crate) fn small(x: (f64, f64), y: (f64, f64)) -> Option<Self> {
        Frame { width: 300.0, height: 180.0, left: 46.0, right: 12.0, top: 10.0, bottom: 24.0, x, y }.sound()
    }

    /// A chart as wide as half a page.
    pub(crate) fn medium(x: (f64, f64), y: (f64, f64)) -> Option<Self> {
        Frame { width: 460.0, height: 260.0, left: 56.0, right: 12.0, top: 12.0, bottom: 34.0, x, y }.sound()
    }

    /// A chart as wide as the page.
    pub(crate) fn wide(x: (f64, f64), y: (f64, f64)) -> Option<Self> {
        Frame { width: 720.0, height: 280.0, left: 64.0, right: 24.0, top: 14.0, bottom: 34.0, x, y }.sound()
    }

    fn sound(self) -> Option<Self> {
        let ends = [self.x.0, self.x.1, self.y.0, self.y.1];
        (ends.iter().all(|v| v.is_finite()) && self.x.0 < self.x.1 && self.y.0 < self.y.1).then_some(self)
    }

    /// Where a figure of the horizontal axis stands; at an end what is beyond.
    pub(crate) fn across(&self, value: f64) -> f64 {
        let share = (value - self.x.0) / (self.x.1 - self.x.0);
        self.left + (self.width - self.left - self.right) * share.clamp(0.0, 1.0)
    }

    /// Where a figure of the vertical axis stands; at an end what is beyond.
    pub(crate) fn down(&self, value: f64) -> f64 {
        let share = (value - self.y.0) / (self.y.1 - self.y.0);
        self.floor() - (self.floor() - self.top) * share.clamp(0.0, 1.0)
    }

    /// The bottom of the space inside the axes.
    pub(crate) fn floor(&self) -> f64 {
        self.height - self.bottom
    }

    /// A path through points.
    pub(crate) fn path(&self, points: impl IntoIterator<Item = (f64, f64)>) -> String {
        let mut out = String::new();
        for (i, (x, y)) in points.into_iter().enumerate() {
            let step = if i == 0 { 'M' } else { 'L' };
            let _ = write!(out, "{step}{:.1} {:.1}", self.across(x), self.down(y));
        }
        out
    }

    /// The path around an area between two edges: spend, lower and upper end.
    pub(crate) fn area(&self, edges: &[(f64, f64, f64)]) -> String {
        let upper = edges.iter().map(|e| (e.0, e.2));
        let lower = edges.iter().rev().map(|e| (e.0, e.1));
        self.path(upper.chain(lower)) + "Z"
    }

    /// The start of the picture: who cannot see it is told `label`; `facts` are
    /// further attributes.
    pub(crate) fn open(&self, class: &str, label: &str, facts: &str) -> String {
        format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" {facts}>",
            self.width,
            self.height,
            escaped(label)
        )
    }

    /// Both axes as one line.
    pub(crate) fn axes(&self) -> String {
        let (left, top, floor, end) = (self.left, self.top, self.floor(), self.width - self.right);
        format!("<path class=\"axis\" d=\"M{left} {top}V{floor}H{end}\"/>")
    }

    /// A figure below the horizontal axis; at the ends it stays inside.
    pub(crate) fn below(&self, value: f64, text: &str) -> String {
        let class = match () {
            () if value <= self.x.0 => "tick",
            () if value >= self.x.1 => "tick end",
            () => "tick mid",
        };
        let (x, y) = (self.across(value), self.floor() + 16.0);
        format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y}\">{}</text>", escaped(text))
    }

    /// A figure left of the vertical axis.
    pub(crate) fn beside(&self, value: f64, text: &str) -> String {
        let (x, y) = (self.left - 5.0, self.down(value) + 4.0);
        format!("<text class=\"tick end\" x=\"{x}\" y=\"{y:.1}\">{}</text>", escaped(text))
    }

    /// A line from top to bottom at a figure of the horizontal axis.
    pub(crate) fn upright(&self, class: &str, value: f64, facts: &str, title: &str) -> String {
        format!(
            "<line class=\"{class}\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1}\" y2=\"{2}\" {facts}><title>{3}</title></line>",
            self.across(value),
            self.top,
            self.floor(),
            escaped(title)
        )
    }

    /// What lies between two figures of the horizontal axis, from top to bottom.
    pub(crate) fn stretch(&self, class: &str, (from, to): (f64, f64), title: &str) -> String {
        format!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}</title></rect>",
            self.across(from),
            self.top,
            self.across(to) - self.across(from),
            self.floor() - self.top,
            escaped(title)
        )
    }

    /// A cross at the foot, where there is no value.
    pub(crate) fn cross(&self, at: f64, title: &str) -> String {
        let (x, floor) = (self.across(at), self.floor());
        let (l, r, high) = (x - 4.0, x + 4.0, floor - 8.0);
        format!(
            "<path class=\"cross\" d=\"M{l:.1} {high}L{r:.1} {floor}M{l:.1} {floor}L{r:.1} {high}\"><title>{}</title></path>",
            escaped(title)
        )
    }

    /// A dot; `facts` are further attributes.
    pub(crate) fn dot(
        &self,
        class: &str,
        (x, y): (f64, f64),
        radius: f64,
        facts: &str,
        title: &str,
    ) -> String {
        format!(
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" {facts}>{}</circle>",
            self.across(x),
            self.down(y),
            if title.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(title)) }
        )
    }
}

/// The ends of an axis with some room around figures; `None` of no figure.
pub(crate) fn around(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let ends = values.into_iter().fold(None, |ends: Option<(f64, f64)>, v| {
        Some(ends.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
    });
    let (low, high) = ends?;
    let room = if high > low { 0.08 * (high - low) } else { 0.08 * high.abs().max(1.0) };
    Some((low - room, high + room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_inside_the_axes() {
        let frame = Frame::small((0.0, 10.0), (0.0, 4.0)).expect("a frame");
        assert_eq!((frame.across(0.0), frame.across(10.0)), (46.0, 288.0));
        assert_eq!((frame.down(0.0), frame.down(4.0)), (156.0, 10.0));
        assert_eq!(
            (frame.across(99.0), frame.down(-1.0)),
            (288.0, 156.0),
            "what is beyond stands at the end"
        );
        assert_eq!(frame.path([(0.0, 0.0), (10.0, 4.0)]), "M46.0 156.0L288.0 10.0");
        assert_eq!(frame.area(&[(0.0, 0.0, 4.0)]), "M46.0 10.0L46.0 156.0Z");
        assert!(
            Frame::wide((1.0, 1.0), (0.0, 1.0)).is_none()
                && Frame::wide((0.0, f64::NAN), (0.0, 1.0)).is_none()
        );
    }

    #[test]
    fn an_axis_has_room_around_its_figures() {
        assert_eq!(around([0.0, 100.0]), Some((-8.0, 108.0)));
        assert_eq!(around([50.0]), Some((46.0, 54.0)));
        assert_eq!(around([]), None);
    }
}
