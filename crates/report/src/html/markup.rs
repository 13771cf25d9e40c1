//! The few pieces of markup that every part of the page is made of.

use std::borrow::Cow;
use std::fmt::Write as _;

use outlay_scenario::is_hidden;

use crate::layout::visible;
use crate::number::{Kind, full, short};

/// A part of a scenario's article under its own heading.
pub(crate) struct Part {
    /// The part's name, as `data-part`.
    pub(crate) key: &'static str,
    /// Empty for none.
    pub(crate) heading: String,
    /// Markup, safe to show.
    pub(crate) body: String,
}

impl Part {
    pub(crate) fn new(key: &'static str, heading: impl Into<String>, body: String) -> Option<Self> {
        (!body.is_empty()).then(|| Part { key, heading: heading.into(), body })
    }
}

/// A table cell.
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// A figure as shown and in full, for sorting and for reading back.
    Figure { text: String, exact: String },
    /// A figure followed by markup.
    Marked { text: String, exact: String, mark: &'static str },
    /// Markup that is already safe.
    Safe(String),
}

impl Cell {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Cell::Text(visible(text.as_ref()))
    }

    pub(crate) fn figure(kind: Kind, value: Option<f64>) -> Self {
        Cell::written(short(kind, value), value)
    }

    /// A figure that is written in its own way.
    pub(crate) fn written(text: String, value: Option<f64>) -> Self {
        Cell::Figure { text, exact: exact(value) }
    }
}

/// A column: its name for programs and for people.
pub(crate) struct Head {
    pub(crate) key: Cow<'static, str>,
    pub(crate) label: String,
    pub(crate) numeric: bool,
}

pub(crate) fn words(key: &'static str, label: impl Into<String>) -> Head {
    Head { key: key.into(), label: label.into(), numeric: false }
}

pub(crate) fn figures(key: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Head {
    Head { key: key.into(), label: label.into(), numeric: true }
}

/// A table that scrolls by itself and can be sorted.
pub(crate) struct Table {
    pub(crate) key: &'static str,
    pub(crate) label: String,
    pub(crate) sortable: bool,
    pub(crate) heads: Vec<Head>,
    /// Cells by row; the first names the row.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Rows below the rule.
    pub(crate) foot: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn render(&self) -> String {
        let mut out = format!(
            "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table data-table=\"{}\"{}><thead><tr>",
            escaped(&self.label),
            self.key,
            if self.sortable { " class=\"sortable\"" } else { "" }
        );
        for head in &self.heads {
            let class = if head.numeric { " class=\"n\"" } else { "" };
            let _ = write!(
                out,
                "<th scope=\"col\" data-key=\"{}\"{class}>{}</th>",
                head.key,
                escaped(&head.label)
            );
        }
        out.push_str("</tr></thead><tbody>");
        self.rows.iter().for_each(|r| row(&mut out, r));
        out.push_str("</tbody>");
        if !self.foot.is_empty() {
            out.push_str("<tfoot>");
            self.foot.iter().for_each(|r| row(&mut out, r));
            out.push_str("</tfoot>");
        }
        out.push_str("</table></div>");
        out
    }
}

fn row(out: &mut String, cells: &[Cell]) {
    out.push_str("<tr>");
    for (i, cell) in cells.iter().enumerate() {
        let (open, close) = if i == 0 { ("<th scope=\"row\"", "</th>") } else { ("<td", "</td>") };
        out.push_str(open);
        let _ = match cell {
            Cell::Text(text) => write!(out, ">{}", escaped(text)),
            Cell::Figure { text, exact } => write!(out, " data-value=\"{exact}\">{}", escaped(text)),
            Cell::Marked { text, exact, mark } => {
                write!(out, " data-value=\"{exact}\">{}{mark}", escaped(text))
            }
            Cell::Safe(markup) => write!(out, ">{markup}"),
        };
        out.push_str(close);
    }
    out.push_str("</tr>\n");
}

/// Items as a list.
pub(crate) fn list(items: &[String]) -> String {
    let mut out = String::from("<ul>");
    for item in items {
        let _ = write!(out, "<li>{}</li>", escaped(item));
    }
    out + "</ul>"
}

/// A remark in small type.
pub(crate) fn note(text: &str) -> String {
    format!("<p class=\"note\">{}</p>", escaped(text))
}

/// The unrounded figure.
pub(crate) fn exact(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map(|v| v.to_string()).unwrap_or_default()
}

/// A figure in full, for the titles of marks.
pub(crate) fn title(value: f64) -> String {
    full(value, if value.abs() < 100.0 { 2 } else { 0 })
}

/// Text that is safe in markup and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Where a scenario stands on the page.
pub(crate) fn id(index: usize) -> String {
    format!("s{}", index + 1)
}
