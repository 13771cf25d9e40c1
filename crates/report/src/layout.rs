//! Columns of text on a terminal.

use outlay_scenario::is_hidden;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// On which side a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells laid out in columns two blanks apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    columns: Vec<Align>,
    rows: Vec<Vec<String>>,
    rules: Vec<usize>,
}

/// Blank columns left of every grid.
const INDENT: usize = 2;
const BETWEEN: usize = 2;
/// The first column is not cut below this.
const NARROWEST: usize = 12;

impl Grid {
    /// An empty grid; the first row added is its heading.
    pub(crate) fn new(columns: &[Align]) -> Self {
        Grid { columns: columns.to_vec(), ..Grid::default() }
    }

    /// Adds a row; missing cells are blank.
    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Leaves the last column out.
    pub(crate) fn drop_last(&mut self) {
        self.columns.pop();
    }

    /// Draws a rule before the next row.
    pub(crate) fn rule(&mut self) {
        self.rules.push(self.rows.len());
    }

    /// Width of the columns after the first, blanks included.
    pub(crate) fn rest(&self) -> usize {
        self.widths().iter().skip(1).map(|w| w + BETWEEN).sum::<usize>() + INDENT
    }

    /// Lines of text, none wider than `width` as long as the first column can
    /// be cut to make room.
    pub(crate) fn lines(&self, width: usize) -> Vec<String> {
        let mut widths = self.widths();
        if let Some(first) = widths.first_mut() {
            let room = width.saturating_sub(self.rest()).max(NARROWEST);
            *first = (*first).min(room);
        }
        let across: usize = widths.iter().sum::<usize>() + BETWEEN * widths.len().saturating_sub(1);
        let mut lines = Vec::with_capacity(self.rows.len() + self.rules.len());
        for (index, row) in self.rows.iter().enumerate() {
            if self.rules.contains(&index) {
                lines.push(format!("{}{}", " ".repeat(INDENT), "─".repeat(across)));
            }
            lines.push(self.line(row, &widths));
        }
        lines
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let mut out = " ".repeat(INDENT);
        for (i, (&align, &width)) in self.columns.iter().zip(widths).enumerate() {
            let text = row.get(i).map_or("", String::as_str);
            let cell = if i == 0 { fit_name(text, width) } else { fit(text, width) };
            let blank = " ".repeat(width.saturating_sub(cell.width()));
            if i > 0 {
                out.push_str(&" ".repeat(BETWEEN));
            }
            match align {
                Align::Left => out.extend([cell.as_str(), &blank]),
                Align::Right => out.extend([blank.as_str(), &cell]),
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    fn widths(&self) -> Vec<usize> {
        let widest = |i: usize| {
            let cells = self.rows.iter().filter_map(|r| r.get(i));
            cells.map(|c| visible(c).width()).max().unwrap_or(0)
        };
        (0..self.columns.len()).map(widest).collect()
    }
}

/// Text in at most `width` columns, cut with an ellipsis, without control
/// characters.
pub(crate) fn fit(text: &str, width: usize) -> String {
    let text = visible(text);
    if text.width() <= width {
        return text;
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        out.push(c);
    }
    out.push('…');
    out
}

/// A name in at most `width` columns: of `limit: group` the group is kept, which
/// tells the rows of one limit apart.
fn fit_name(name: &str, width: usize) -> String {
    const COLON: usize = 2;
    let name = visible(name);
    match name.rsplit_once(": ") {
        Some((limit, group)) if name.width() > width && group.width() + COLON + 1 < width => {
            let room = width - group.width() - COLON;
            format!("{}: {group}", fit(limit, room))
        }
        Some((_, group)) if name.width() > width => fit(&format!("…{group}"), width),
        _ => fit(&name, width),
    }
}

/// A file of text without them; its lines stay lines.
pub(crate) fn visible_lines(text: String) -> String {
    let hidden = |c: char| is_hidden(c) && !matches!(c, '\n' | '\r' | '\t');
    if text.contains(hidden) { text.replace(hidden, "\u{fffd}") } else { text }
}

/// The text without what would move the cursor, change colours, or show it in
/// another order than it is written in.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Breaks a paragraph into lines of at most `width` columns.
pub(crate) fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut used = 0;
    for word in visible(text).split_whitespace() {
        if used > 0 && indent + used + 1 + word.width() > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += word.width();
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

/// A bar of eighth blocks, `share` (0 to 1) of `width` columns.
pub(crate) fn bar(share: f64, width: usize) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * (width * 8) as f64).round() as usize;
    let mut out = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        out.push(EIGHTHS[eighths % 8]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_align_and_the_first_column_gives_way() {
        let mut grid = Grid::new(&[Align::Left, Align::Right]);
        grid.row(["line", "spend"]);
        grid.row(["A very long name of a line", "1,250K"]);
        grid.rule();
        grid.row(["Total", "1,250K"]);
        let lines = grid.lines(24);
        let expected = [
            "  line             spend",
            "  A very long n…  1,250K",
            "  ──────────────────────",
            "  Total           1,250K",
        ];
        assert_eq!(lines, expected);
        assert!(lines.iter().all(|l| l.width() <= 24));
    }

    #[test]
    fn wide_characters_and_control_characters() {
        assert_eq!(fit("広告費の配分", 7), "広告費…");
        assert_eq!(fit_name("Nothing moves much: Search", 16), "Nothing…: Search");
        assert_eq!(fit_name("Nothing moves: Search", 40), "Nothing moves: Search");
        assert_eq!(fit_name("Nothing: Meta prospecting", 12), "…Meta prosp…");
        assert_eq!(visible("a\x1b[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
        assert_eq!(visible("a\u{202e}b\u{2066}c\u{2028}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        assert_eq!(visible("\u{1f468}\u{200d}\u{1f469} مرحبا"), "\u{1f468}\u{200d}\u{1f469} مرحبا");
        assert_eq!(bar(0.5, 4), "██");
        assert_eq!(bar(f64::NAN, 4), "");
        assert_eq!(bar(2.0, 1), "█");
    }

    #[test]
    fn paragraphs_wrap() {
        assert_eq!(wrap("one two three", 9, 2), ["  one two", "  three"]);
        assert!(wrap("", 10, 2).is_empty());
    }
}
