//! The lines of a plan by the names that a sheet has for them.

use std::collections::HashMap;

use outlay_table::{is_hidden, undefused};

use crate::model::scenario::Scenario;

/// The lines of a plan by name.
pub(crate) struct LineNames<'a> {
    all: Vec<&'a str>,
    exact: HashMap<&'a str, usize>,
    /// By how a table shows them; the first of several.
    shown: HashMap<String, usize>,
}

impl<'a> LineNames<'a> {
    pub(crate) fn new(scenario: &'a Scenario) -> Self {
        let all: Vec<&str> = scenario.lines.iter().map(|l| l.name.as_str()).collect();
        let exact = all.iter().enumerate().map(|(i, name)| (*name, i)).collect();
        let shown = all.iter().enumerate().rev().map(|(i, name)| (shown(name), i)).collect();
        LineNames { all, exact, shown }
    }

    /// The names as the scenario writes them.
    pub(crate) fn all(&self) -> &[&'a str] {
        &self.all
    }

    /// The line that a cell names; our sheets keep spreadsheets from running a
    /// name as a formula.
    pub(crate) fn find(&self, cell: &str) -> Option<usize> {
        let found = |text: &str| self.exact.get(text).or_else(|| self.shown.get(&shown(text))).copied();
        found(cell).or_else(|| found(undefused(cell)))
    }
}

/// Whether a cell is a name: our sheets defuse it and show what is hidden, and
/// tables are read without the blanks around a cell.
pub(crate) fn is_named(cell: &str, name: &str) -> bool {
    cell == name || shown(cell) == shown(name) || shown(undefused(cell)) == shown(name)
}

fn shown(name: &str) -> String {
    name.replace(is_hidden, "\u{fffd}")
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{fffd}')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_name_what_our_sheets_wrote() {
        for name in ["TV", " TV ", "=1+1", "  =4 x", "\t=6", "＝5", "a\u{202e}b", "'=x", "\r-1", "\u{feff}y"]
        {
            for cell in [name.to_owned(), format!("'{name}"), name.replace(is_hidden, "\u{fffd}")] {
                let defused = cell != format!("'{name}") || outlay_table::is_formula(name);
                assert_eq!(is_named(cell.trim(), name), defused, "{cell:?} {name:?}");
            }
        }
        assert!(!is_named("TV1", "TV") && !is_named("'TV", "TV"));
    }
}
