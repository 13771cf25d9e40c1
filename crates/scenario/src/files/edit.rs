//! Changes of a scenario file's text that leave everything else as it is.

use crate::files::tree::{Entry, Node, Span, Tree};

/// A scenario file being changed.
pub(crate) struct Edit<'a> {
    text: &'a str,
    json: bool,
    /// Replacements of ranges of the text, in any order; they do not overlap.
    changes: Vec<(usize, usize, String)>,
}

/// The change has no place in the text that is known to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoPlace;

impl<'a> Edit<'a> {
    pub(crate) fn new(text: &'a str, json: bool) -> Self {
        Edit { text, json, changes: Vec::new() }
    }

    /// The text with all changes made.
    pub(crate) fn finish(mut self) -> String {
        self.changes.sort_by_key(|c| c.0);
        let mut out = String::with_capacity(self.text.len() + 64);
        let mut at = 0;
        for (from, to, new) in &self.changes {
            out.push_str(self.text.get(at..*from).unwrap_or_default());
            out.push_str(new);
            at = *to;
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
        out
    }

    /// Writes something else where a value stands.
    pub(crate) fn replace(&mut self, span: Span, value: impl Into<String>) {
        self.changes.push((span.start as usize, span.end as usize, value.into()));
    }

    /// Takes an entry out of its table: its line, or with its comma.
    pub(crate) fn remove(&mut self, entry: &Entry) -> Result<(), NoPlace> {
        let (mut from, mut to) = (entry.key_span.start as usize, entry.value.span.end as usize);
        if from > to {
            return Err(NoPlace);
        }
        if self.alone(entry) {
            from = self.before(from).rfind('\n').map_or(0, |at| at + 1);
            to += self.after(to).find('\n').map_or(self.after(to).len(), |at| at + 1);
        } else if let Some(comma) = self.comma_after(to) {
            to = comma;
        } else {
            let before = self.before(from).trim_end();
            from = before.strip_suffix(',').ok_or(NoPlace)?.len();
        }
        self.changes.push((from, to, String::new()));
        Ok(())
    }

    /// Adds `key = value` behind an entry of the same table.
    pub(crate) fn insert_after(&mut self, entry: &Entry, key: &str, value: &str) {
        let end = entry.value.span.end as usize;
        if self.json {
            self.changes.push((end, end, format!(", \"{key}\": {value}")));
        } else if self.alone(entry) {
            let at = end + self.after(end).find('\n').unwrap_or(self.after(end).len());
            self.changes.push((at, at, format!("\n{key} = {value}")));
        } else {
            self.changes.push((end, end, format!(", {key} = {value}")));
        }
    }

    /// Adds a member with a name and one more field to `lines` or `limits`.
    pub(crate) fn add_member(
        &mut self,
        root: &Tree,
        list: &str,
        name: &str,
        (key, value): (&str, &str),
    ) -> Result<(), NoPlace> {
        let name = serde_json::to_string(name).map_err(|_| NoPlace)?;
        let member = if self.json {
            format!("{{ \"name\": {name}, \"{key}\": {value} }}")
        } else {
            format!("{{ name = {name}, {key} = {value} }}")
        };
        match root.get(list) {
            Some(Tree { node: Node::List(items), span }) if self.bracketed(*span) => {
                match items.last() {
                    Some(last) => {
                        let end = last.span.end as usize;
                        self.changes.push((end, end, format!(", {member}")));
                    }
                    None => self.replace(*span, format!("[{member}]")),
                }
                Ok(())
            }
            Some(_) if self.json => Err(NoPlace),
            None if self.json => self.add_to_root(root, list, &format!("[{member}]")),
            _ => {
                self.append(&format!("[[{list}]]\nname = {name}\n{key} = {value}\n"));
                Ok(())
            }
        }
    }

    /// Adds a table that the file does not have.
    pub(crate) fn add_table(
        &mut self,
        root: &Tree,
        name: &str,
        fields: &[(String, String)],
    ) -> Result<(), NoPlace> {
        if root.get(name).is_some() {
            return Err(NoPlace);
        }
        if self.json {
            let fields: Vec<String> = fields.iter().map(|(k, v)| format!("\"{k}\": {v}")).collect();
            return self.add_to_root(root, name, &format!("{{ {} }}", fields.join(", ")));
        }
        let fields: String = fields.iter().map(|(k, v)| format!("{k} = {v}\n")).collect();
        self.append(&format!("[{name}]\n{fields}"));
        Ok(())
    }

    fn add_to_root(&mut self, root: &Tree, key: &str, value: &str) -> Result<(), NoPlace> {
        let last = root.as_table().and_then(|t| t.entries.last()).ok_or(NoPlace)?;
        let end = last.value.span.end as usize;
        self.changes.push((end, end, format!(",\n  \"{key}\": {value}")));
        Ok(())
    }

    fn append(&mut self, text: &str) {
        let end = self.text.len();
        let line = if self.text.ends_with('\n') { "" } else { "\n" };
        self.changes.push((end, end, format!("{line}\n{text}")));
    }

    /// True if an entry has its lines for itself.
    fn alone(&self, entry: &Entry) -> bool {
        let before = self.before(entry.key_span.start as usize);
        let after = self.after(entry.value.span.end as usize);
        let indent = before.rsplit('\n').next().unwrap_or_default();
        let rest = after.split('\n').next().unwrap_or_default().trim();
        !self.json && indent.trim().is_empty() && (rest.is_empty() || rest.starts_with('#'))
    }

    /// The end of the comma, and the blanks behind it, that follow a place.
    fn comma_after(&self, at: usize) -> Option<usize> {
        let rest = self.after(at);
        let comma = rest.find(|c: char| !c.is_whitespace()).filter(|&i| rest[i..].starts_with(','))?;
        let blanks = rest[comma + 1..].len() - rest[comma + 1..].trim_start().len();
        Some(at + comma + 1 + blanks)
    }

    fn bracketed(&self, span: Span) -> bool {
        self.after(span.start as usize).starts_with('[')
            && self.before(span.end as usize).ends_with(']')
            && !self.after(span.start as usize).starts_with("[[")
    }

    fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or_default()
    }

    fn after(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }
}

/// A number as TOML and JSON read it.
pub(crate) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        format!("{}", value as i64)
    } else {
        serde_json::Number::from_f64(value).map_or_else(|| "0".to_owned(), |n| n.to_string())
    }
}
