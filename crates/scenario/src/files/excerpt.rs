//! The line of a file that a diagnostic is about, with what is meant marked.

use std::fmt::{self, Display as _};
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use outlay_table::{Address, Text, is_hidden};

/// Characters shown before and after where the marked part begins: a file may
/// be one line of a hundred megabytes.
const BEFORE: usize = 60;
const AFTER: usize = 60;

/// A line of a text, or the part of it that a reader needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Excerpt {
    text: String,
    /// Bytes of `text` that are meant.
    marked: Range<usize>,
}

impl Excerpt {
    /// The line around a range of a text's bytes; none where the whole text is
    /// meant.
    pub(crate) fn of(text: &str, range: Range<usize>) -> Option<Excerpt> {
        let whole = range.start == 0 && range.end >= text.trim_end().len();
        if whole || !text.is_char_boundary(range.start) {
            return None;
        }
        let (head, tail) = text.split_at(range.start);
        let on_line = |c: &char| !matches!(c, '\n' | '\r');
        let back: Vec<char> = head.chars().rev().take_while(on_line).take(BEFORE + 1).collect();
        let mut shown = String::new();
        if back.len() > BEFORE {
            shown.push_str("...");
        }
        shown.extend(back.iter().take(BEFORE).rev().map(plain));
        let start = shown.len();
        let mut end = start;
        for (at, c) in tail.char_indices().take_while(|(_, c)| on_line(c)).take(AFTER) {
            shown.push(plain(&c));
            if at == 0 || range.start + at < range.end {
                end = shown.len();
            }
        }
        if tail.chars().take_while(on_line).nth(AFTER).is_some() {
            shown.push_str("...");
        }
        Some(Excerpt { text: shown, marked: start..end })
    }

    /// The line under its number, and below it a mark.
    pub(crate) fn drawn(&self, line: usize) -> String {
        let mark = AnnotationKind::Primary.span(self.marked.clone());
        let snippet = Snippet::source(&self.text).line_start(line).annotation(mark);
        Renderer::plain().render(&[Group::with_level(Level::ERROR).element(snippet)])
    }
}

/// The lines of a file that an error is in, each with what is meant marked;
/// written only where `{:#}` asks for them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown(Vec<(usize, Excerpt)>);

/// Most lines that one error shows.
const LINES: usize = 5;

impl Shown {
    /// The lines of a file of these bytes that stand at `addresses`.
    pub(crate) fn of<'a>(bytes: &[u8], addresses: impl IntoIterator<Item = Address<'a>>) -> Shown {
        let mut addresses = addresses.into_iter().take(LINES).peekable();
        let text = addresses.peek().and_then(|_| Text::of(bytes));
        let Some(text) = text else { return Shown::default() };
        let line =
            |address: Address<'_>| Some((address.row, Excerpt::of(text.as_str(), text.find(&address)?)?));
        Shown(addresses.filter_map(line).collect())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return Ok(());
        }
        let lines = self.0.iter().map(|(line, excerpt)| excerpt.drawn(*line));
        lines.into_iter().try_for_each(|drawn| indented(&drawn, f))
    }
}

/// The lines of a drawing, each below what is written already.
pub(crate) fn indented(drawn: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    drawn.lines().try_for_each(|line| write!(f, "\n  {}", line.trim_end()))
}

/// A file, what is wrong with it, and the lines it is in where they are asked for.
///
/// # Errors
/// When it cannot be written.
pub fn located(
    path: &Path,
    error: &impl fmt::Display,
    shown: &Shown,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{}: {error}", path.display())?;
    shown.fmt(f)
}

/// A character as it may be shown anywhere, in one column.
fn plain(c: &char) -> char {
    match c {
        '\t' => ' ',
        c if is_hidden(*c) => '\u{fffd}',
        c => *c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, what: &str) -> String {
        let start = text.find(what).expect("in the text");
        let line = text[..start].matches('\n').count() + 1;
        let drawn = Excerpt::of(text, start..start + what.len()).expect("a part").drawn(line);
        drawn.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    #[test]
    fn the_line_is_shown_and_the_part_marked() {
        let text = "a = 1\n\tb\u{202e}ü = \"x\" # c\r\nd = 2\n";
        let expected = "  |\n2 |  b\u{fffd}ü = \"x\" # c\n  |        ^^^\n";
        assert_eq!(drawn(text, "\"x\""), expected);
        assert_eq!(drawn("a = 1\nb = [\n 1]\n", "[\n 1]"), "  |\n2 | b = [\n  |     ^\n");
    }

    #[test]
    fn a_long_line_is_shown_in_part() {
        let text = format!("{{\"a\": \"{}\", \"b\": 5, \"c\": \"{}\"}}", "x".repeat(500), "y".repeat(500));
        let shown = drawn(&text, "5");
        assert!(shown.contains("1 | ...xxx") && shown.contains("yyy...") && shown.len() < 400, "{shown}");
    }

    #[test]
    fn the_end_of_a_text_and_a_whole_text_are_no_trouble() {
        assert_eq!(Excerpt::of("a = 1\n", 0..6), None);
        for at in 0..=6 {
            if let Some(excerpt) = Excerpt::of("a = \u{1F600}", at..at) {
                assert!(excerpt.drawn(1).contains("a = "), "{at}");
            }
        }
    }
}
