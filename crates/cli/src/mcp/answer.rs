//! What a tool gives back: the text of the report, and the same as data.

use serde::Serialize;
use serde_json::Value;

/// Longer texts are cut: an assistant's memory is small.
const MOST: usize = 40_000;

/// An answer to a question that could be answered, whatever it is.
#[derive(Debug)]
pub(super) struct Answer {
    /// For reading and quoting.
    pub(super) text: String,
    /// For programs; an object.
    pub(super) data: Value,
}

impl Answer {
    pub(super) fn new(text: String, data: &impl Serialize) -> Result<Answer, String> {
        let data = serde_json::to_value(data).map_err(|e| e.to_string())?;
        Ok(Answer { text: cut(text), data })
    }
}

fn cut(text: String) -> String {
    if text.len() <= MOST {
        return text;
    }
    let end = text.bytes().take(MOST).rposition(|b| b == b'\n').map_or(0, |at| at + 1);
    let (kept, left) = text.split_at(end);
    format!("{kept}(cut here; {} more lines)\n", left.lines().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_a_line() {
        let long = "0123456789\n".repeat(10_000);
        let cut = cut(long);
        assert!(cut.len() < MOST + 50 && cut.ends_with("more lines)\n"), "{}", cut.len());
        assert!(cut.lines().rev().nth(1).is_some_and(|l| l == "0123456789"));
        assert_eq!(super::cut("short".to_owned()), "short");
    }
}
