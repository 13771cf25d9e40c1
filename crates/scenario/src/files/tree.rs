//! What TOML and JSON files have in common: values that know where they stand.

use std::sync::Arc;

/// Where a value stands: a file and a range of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Index into the [`crate::files::texts::Texts`] of the load.
    pub(crate) file: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// What is asked from outside stands nowhere in a file, and yet belongs to
    /// one: paths in it resolve against it.
    pub(crate) fn outside(file: u32) -> Self {
        Span { file, start: u32::MAX, end: u32::MAX }
    }

    pub(crate) fn is_outside(&self) -> bool {
        self.start == u32::MAX
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    pub(crate) node: Node,
    pub(crate) span: Span,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Tree>),
    Table(Table),
}

/// Named values in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
}

/// One named value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Shared by all entries of a file that go by it.
    pub(crate) key: Arc<str>,
    pub(crate) key_span: Span,
    pub(crate) value: Tree,
}

impl Tree {
    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.node {
            Node::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn as_table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.node {
            Node::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The innermost value along a path of keys: where what is wrong with it, or
    /// with its absence, is shown.
    pub(crate) fn along(&self, keys: &[&str]) -> &Tree {
        let mut place = self;
        for key in keys {
            match place.get(key) {
                Some(inner) => place = inner,
                None => break,
            }
        }
        place
    }

    /// The value under a key, if this is a table that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Tree> {
        self.as_table().and_then(|t| t.get(key))
    }

    /// The name a line or limit goes by in its file.
    pub(crate) fn name(&self) -> Option<&str> {
        self.get("name").and_then(Tree::as_text)
    }

    /// Takes out the entry or element that stands at a place, or whose key
    /// does; false if there is none.
    pub(crate) fn cut_out(&mut self, span: Span) -> bool {
        match &mut self.node {
            Node::Table(table) => {
                let here = |e: &Entry| e.key_span == span || e.value.span == span;
                if let Some(at) = table.entries.iter().position(here) {
                    table.entries.remove(at);
                    return true;
                }
                table.entries.iter_mut().any(|e| e.value.cut_out(span))
            }
            Node::List(items) => {
                if let Some(at) = items.iter().position(|item| item.span == span) {
                    items.remove(at);
                    return true;
                }
                items.iter_mut().any(|item| item.cut_out(span))
            }
            _ => false,
        }
    }
}

impl Table {
    pub(crate) fn get(&self, key: &str) -> Option<&Tree> {
        self.entries.iter().find(|e| &*e.key == key).map(|e| &e.value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Tree> {
        self.entries.iter_mut().find(|e| &*e.key == key).map(|e| &mut e.value)
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Tree> {
        let at = self.entries.iter().position(|e| &*e.key == key)?;
        Some(self.entries.remove(at).value)
    }

    /// Sets an entry, in its old place if it has one.
    pub(crate) fn set(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|e| e.key == entry.key) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
}
