//! What changed between two texts of a file: which fields, from what to what.

use std::fmt;
use std::path::Path;

use crate::files::parse;
use crate::files::tree::{Node, Tree};

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The field, as a path like `limits.CAC.max`; what is new or gone as a whole
    /// is named as a whole.
    pub field: String,
    /// What it was; `None` where it is new.
    pub was: Option<String>,
    /// What it is; `None` where it is gone.
    pub is: Option<String>,
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match (&self.was, &self.is) {
            (Some(was), Some(is)) => write!(f, "{field} was {was} and is {is}"),
            (Some(_), None) => write!(f, "{field} is gone"),
            (None, _) => write!(f, "{field} is new"),
        }
    }
}

/// The edits from one text to another; `None` where one of them cannot be read.
pub(crate) fn edits(path: &Path, was: &str, is: &str) -> Option<Vec<Edit>> {
    let read = |text: &str| parse::parse(path, text.trim_start_matches('\u{feff}'), 0).ok();
    let mut found = Vec::new();
    compare(String::new(), Some(&read(was)?), Some(&read(is)?), &mut found);
    Some(found)
}

fn compare(field: String, was: Option<&Tree>, is: Option<&Tree>, found: &mut Vec<Edit>) {
    let parts = was.and_then(named).zip(is.and_then(named));
    let Some((before, after)) = parts else {
        let [was, is] = [was, is].map(|tree| tree.map(written));
        if was != is {
            let [was, is] = [was, is].map(|text| text.map(shortened));
            found.push(Edit { field, was, is });
        }
        return;
    };
    let inside = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    let of = |parts: &[(String, &'_ Tree)], name: &str| parts.iter().position(|(n, _)| n == name);
    for (name, old) in &before {
        let new = of(&after, name).map(|k| after[k].1);
        compare(inside(name), Some(old), new, found);
    }
    for (name, new) in after.iter().filter(|(name, _)| of(&before, name).is_none()) {
        compare(inside(name), None, Some(new), found);
    }
}

/// The named parts of a table, or of a list whose members all have a name.
fn named(tree: &Tree) -> Option<Vec<(String, &Tree)>> {
    let name =
        |member: &Tree| match &member.as_table()?.entries.iter().find(|e| &*e.key == "name")?.value.node {
            Node::Text(name) => Some(name.clone()),
            _ => None,
        };
    match &tree.node {
        Node::Table(table) => Some(table.entries.iter().map(|e| (e.key.to_string(), &e.value)).collect()),
        Node::List(members) if !members.is_empty() => {
            members.iter().map(|member| Some((name(member)?, member))).collect()
        }
        _ => None,
    }
}

/// A value in one line.
fn written(tree: &Tree) -> String {
    match &tree.node {
        Node::Null => "null".to_owned(),
        Node::Bool(truth) => truth.to_string(),
        Node::Number(number) => number.to_string(),
        Node::Text(text) => format!("{text:?}"),
        Node::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Node::Table(table) => {
            let each = table.entries.iter().map(|e| format!("{} = {}", e.key, written(&e.value)));
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// No more than what is read at a glance.
fn shortened(text: String) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text,
    }
}

/// The edits in a sentence's middle; the first few of many.
pub(crate) fn told(edits: Option<&[Edit]>) -> String {
    const MOST: usize = 5;
    match edits {
        None => "what it was then is not kept beside the result".to_owned(),
        Some([]) => "its fields are what they were, only comments or layout are not".to_owned(),
        Some(edits) => {
            let mut all: Vec<String> = edits.iter().take(MOST).map(Edit::to_string).collect();
            if edits.len() > MOST {
                all.push(format!("and {} more", edits.len() - MOST));
            }
            all.join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_named_by_field() {
        let was = "budget.max = 100\nname = 'a'\nlines = [{ name = 'tv', fee = 0.1 }, { name = 'radio' }]\nlimits = [{ name = 'CAC', max = 60 }]\n";
        let is = "# dearer\nname = 'a'\nbudget = { max = 200 }\nlines = [{ name = 'web' }, { name = 'tv', fee = 0.2 }]\n[[limits]]\nname = 'CAC'\nmax = 60\nmin = 3\n";
        let found = edits(Path::new("a.toml"), was, is).unwrap();
        let told: Vec<String> = found.iter().map(Edit::to_string).collect();
        assert_eq!(
            told,
            [
                "budget.max was 100 and is 200",
                "lines.tv.fee was 0.1 and is 0.2",
                "lines.radio is gone",
                "lines.web is new",
                "limits.CAC.min is new"
            ]
        );
        assert_eq!(edits(Path::new("a.toml"), was, &format!("{was}# a remark\n")), Some(Vec::new()));
        assert_eq!(edits(Path::new("a.toml"), was, "name = "), None);
    }
}
