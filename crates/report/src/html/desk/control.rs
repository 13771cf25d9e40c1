//! A number that can be changed: a field to type in and a slider.

use std::fmt::Write as _;

use serde::Serialize;

use crate::html::markup::escaped;
use crate::number::Kind;
use crate::sentence;

/// Where a control stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The budget.
    Budget,
    /// A side of a limit.
    Limit,
    /// A price of media.
    Price,
    /// The least spend of a line.
    Least,
    /// The largest spend of a line.
    Most,
}

/// A number of the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Where it stands in the scenario.
    pub path: String,
    /// What it is called: of a line, the line's name.
    pub label: String,
    /// Who set it; empty if not stated.
    pub owner: String,
    /// How it is written.
    pub kind: Kind,
    /// What it is; `None` where nothing is stated.
    pub value: Option<f64>,
    /// What the file says.
    pub filed: Option<f64>,
    /// Ends and step of the slider.
    pub low: f64,
    /// As `low`.
    pub high: f64,
    /// As `low`.
    pub step: f64,
    /// Where it stands on the page.
    pub place: Place,
}

/// What a control shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    path: String,
    text: String,
    value: Option<f64>,
    changed: bool,
}

impl Control {
    /// The number as it stands in its field.
    pub fn text(&self) -> String {
        self.value.map(|v| sentence::exact(self.kind, v)).unwrap_or_default()
    }

    /// What the script is told to show.
    pub fn shown(&self) -> Shown {
        let changed = self.value != self.filed;
        Shown { path: self.path.clone(), text: self.text(), value: self.value, changed }
    }

    /// The control with its name before it.
    pub(super) fn render(&self) -> String {
        let owner = if self.owner.is_empty() {
            String::new()
        } else {
            format!(" <small>{}</small>", escaped(&self.owner))
        };
        format!(
            "<div class=\"control\"{}><label><span>{}{owner}</span>{}</label>{}</div>\n",
            self.mark(),
            escaped(&self.label),
            self.field(""),
            self.slider()
        )
    }

    fn mark(&self) -> &'static str {
        if self.value == self.filed { "" } else { " data-changed" }
    }

    fn field(&self, name: &str) -> String {
        let label =
            if name.is_empty() { String::new() } else { format!(" aria-label=\"{}\"", escaped(name)) };
        format!(
            "<input type=\"text\" inputmode=\"decimal\" autocomplete=\"off\" spellcheck=\"false\" data-path=\"{}\" value=\"{}\"{label}>",
            escaped(&self.path),
            escaped(&self.text())
        )
    }

    /// Of a largest spend that is not stated the slider stands at its end.
    fn slider(&self) -> String {
        let open = self.value.is_none() && self.place == Place::Most;
        let value = if open { Some(self.high) } else { self.value };
        let (Some(value), true) = (value, self.low < self.high) else { return String::new() };
        format!(
            "<input type=\"range\" data-path=\"{0}\" min=\"{1}\" max=\"{2}\" step=\"{3}\" value=\"{value}\" aria-label=\"{4}\" aria-valuetext=\"{5}\">",
            escaped(&self.path),
            self.low,
            self.high,
            self.step,
            escaped(&if open { format!("Largest spend on {}", self.label) } else { self.label.clone() }),
            escaped(&if open { "no largest spend".to_owned() } else { self.text() })
        )
    }
}

/// The bounds of all lines as a table of fields.
pub(super) fn lines(controls: &[Control]) -> String {
    let of = |place: Place| controls.iter().filter(move |c| c.place == place);
    let mut out = String::new();
    for (least, most) in of(Place::Least).zip(of(Place::Most)) {
        let name = &least.label;
        let mark = if least.mark().is_empty() { most.mark() } else { least.mark() };
        let _ = writeln!(
            out,
            "<div class=\"control line\"{mark}><span>{}</span>{}{}{}</div>",
            escaped(name),
            least.field(&format!("Least spend on {name}")),
            most.field(&format!("Largest spend on {name}")),
            most.slider(),
        );
    }
    out
}
