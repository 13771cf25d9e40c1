//! A scenario file as trees: split into parts, and merged with what it extends.

use std::path::{Path, PathBuf};

use crate::files::decode::{FAULTS, Fault};
use crate::files::diagnostic::Diagnostic;
use crate::files::diagnostic::Issue;
use crate::files::parse;
use crate::files::storage::Files;
use crate::files::texts::Texts;
use crate::files::tree::{Entry, Node, Span, Table, Tree};
use crate::read::rate::keep_fitted;

/// Most files that may extend each other.
const DEEPEST: usize = 32;

/// A scenario in parts that can be patched and decoded one by one.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Everything but the parts below.
    pub(crate) header: Tree,
    pub(crate) lines: Vec<Tree>,
    pub(crate) limits: Vec<Tree>,
    pub(crate) vary: Vec<Tree>,
}

/// A tree with what it extends; `chain` holds the files on the way to it.
pub(crate) fn extend(
    mut root: Tree,
    path: &Path,
    texts: &mut Texts,
    chain: &mut Vec<PathBuf>,
) -> Result<Draft, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let base_name = take_text(&mut root, "extends", &mut faults);
    let remove = take_texts(&mut root, "remove", &mut faults);
    let own = Draft::split(root, &mut faults);
    let draft = match base_name {
        None => {
            if let Some((first, span)) = remove.into_iter().next() {
                let reason = "there is nothing to remove without `extends`".to_owned();
                faults.push(Fault {
                    span,
                    field: "remove".to_owned(),
                    issue: Issue::BadPath { path: first, reason },
                });
            }
            own
        }
        Some((name, span)) => {
            let base_path = path.parent().unwrap_or(Path::new("")).join(&name);
            check_chain(texts.from(), &base_path, chain)
                .map_err(|issue| vec![texts.diagnostic(span, "extends", issue)])?;
            let tree = parse::read_tree(&base_path, texts).map_err(|inner| {
                let issue = Issue::BadPath { path: name.clone(), reason: "cannot be used".to_owned() };
                let mut all = vec![texts.diagnostic(span, "extends", issue)];
                all.extend(inner);
                all
            })?;
            chain.push(base_path.clone());
            let mut base = extend(tree, &base_path, texts, chain)?;
            chain.pop();
            base.remove(&remove, &mut faults);
            base.merge(own, &mut faults)
        }
    };
    if faults.is_empty() {
        Ok(draft)
    } else {
        Err(faults.into_iter().map(|f| texts.diagnostic(f.span, f.field, f.issue)).collect())
    }
}

/// Refuses a base that is already being extended.
fn check_chain(files: &Files, base: &Path, chain: &[PathBuf]) -> Result<(), Issue> {
    let target = files.real(base);
    if let Some(at) = chain.iter().position(|p| files.real(p) == target) {
        let mut chain = chain[at..].to_vec();
        chain.push(base.to_owned());
        return Err(Issue::Cycle { chain });
    }
    if chain.len() >= DEEPEST { Err(Issue::TooDeep { allowed: DEEPEST }) } else { Ok(()) }
}

fn take_text(root: &mut Tree, key: &str, faults: &mut Vec<Fault>) -> Option<(String, Span)> {
    let tree = root.as_table_mut()?.take(key)?;
    match tree.node {
        Node::Text(text) => Some((text, tree.span)),
        _ => {
            faults.push(wrong(&tree, key, "text"));
            None
        }
    }
}

fn take_texts(root: &mut Tree, key: &str, faults: &mut Vec<Fault>) -> Vec<(String, Span)> {
    let mut texts = Vec::new();
    for item in take_list(root, key, faults) {
        match item.node {
            Node::Text(text) => texts.push((text, item.span)),
            _ => faults.push(wrong(&item, key, "text")),
        }
    }
    texts
}

fn take_list(root: &mut Tree, key: &str, faults: &mut Vec<Fault>) -> Vec<Tree> {
    let Some(tree) = root.as_table_mut().and_then(|t| t.take(key)) else { return Vec::new() };
    match tree.node {
        Node::List(items) => items,
        Node::Null => Vec::new(),
        _ => {
            faults.push(wrong(&tree, key, "a list"));
            Vec::new()
        }
    }
}

fn wrong(tree: &Tree, field: &str, expected: &str) -> Fault {
    let found = match tree.node {
        Node::Null => "null",
        Node::Bool(_) => "a truth value",
        Node::Number(_) => "a number",
        Node::Text(_) => "text",
        Node::List(_) => "a list",
        Node::Table(_) => "a table",
    };
    let issue = Issue::WrongType { found: found.to_owned(), expected: expected.to_owned(), remedy: None };
    Fault { span: tree.span, field: field.to_owned(), issue }
}

impl Draft {
    fn split(mut root: Tree, faults: &mut Vec<Fault>) -> Self {
        if root.as_table().is_none() {
            faults.push(wrong(&root, "", "a scenario"));
            root.node = Node::Table(Table::default());
        }
        let lines = take_list(&mut root, "lines", faults);
        let limits = take_list(&mut root, "limits", faults);
        let vary = take_list(&mut root, "vary", faults);
        unique(&lines, "line", "lines", faults);
        unique(&limits, "limit", "limits", faults);
        Draft { header: root, lines, limits, vary }
    }

    /// Leaves out lines and limits by path.
    fn remove(&mut self, paths: &[(String, Span)], faults: &mut Vec<Fault>) {
        for (path, span) in paths {
            let gone = crate::files::path::Path::parse(path).and_then(|parsed| {
                let (lines, limits) = crate::files::path::members(&parsed, &self.lines, &self.limits)?;
                let keep = |gone: &[usize], all: &mut Vec<Tree>| {
                    let mut index = 0;
                    all.retain(|_| {
                        index += 1;
                        !gone.contains(&(index - 1))
                    });
                };
                keep(&lines, &mut self.lines);
                keep(&limits, &mut self.limits);
                Ok(())
            });
            if let Err(issue) = gone {
                faults.push(Fault { span: *span, field: "remove".to_owned(), issue });
            }
        }
    }

    /// This draft changed by the file that extends it.
    fn merge(mut self, own: Draft, faults: &mut Vec<Fault>) -> Draft {
        if let (Some(base), Node::Table(own)) = (self.header.as_table_mut(), own.header.node) {
            base.take("name");
            merge_fields(base, own, "baseline");
        }
        self.header.span = own.header.span;
        let mut check = |before: &Tree, after: &mut Tree| {
            // A rate where none was, or with another curve, changes none.
            let same = before.get("rate").is_some() && before.get("curve") == after.get("curve");
            if same {
                keep_fitted(before, after, faults);
            }
        };
        merge_by_name(&mut self.lines, own.lines, &mut check);
        merge_by_name(&mut self.limits, own.limits, &mut |_, _| {});
        if !own.vary.is_empty() {
            self.vary = own.vary;
        }
        self
    }
}

/// Members of the same name merge field by field; others are added.
fn merge_by_name(base: &mut Vec<Tree>, own: Vec<Tree>, check: &mut dyn FnMut(&Tree, &mut Tree)) {
    for tree in own {
        let name = tree.name().map(str::to_owned);
        let same = base.iter_mut().find(|b| name.is_some() && b.name() == name.as_deref());
        match (same, tree) {
            (Some(Tree { node: Node::Table(table), span }), Tree { node: Node::Table(own), .. }) => {
                let before = Tree { node: Node::Table(table.clone()), span: *span };
                merge_fields(table, own, "spend");
                let mut after = Tree { node: Node::Table(std::mem::take(table)), span: *span };
                check(&before, &mut after);
                if let Node::Table(merged) = after.node {
                    *table = merged;
                }
            }
            (_, tree) => base.push(tree),
        }
    }
}

/// Fields of `own` replace those of `base`, but the table `inner` merges.
fn merge_fields(base: &mut Table, own: Table, inner: &str) {
    for entry in own.entries {
        let old = base.get_mut(&entry.key).filter(|_| &*entry.key == inner).and_then(Tree::as_table_mut);
        match (old, entry) {
            (Some(old), Entry { value: Tree { node: Node::Table(new), .. }, .. }) => {
                for entry in new.entries {
                    old.set(entry);
                }
            }
            (_, entry) => base.set(entry),
        }
    }
}

/// Refuses two members of one name in one file.
fn unique(members: &[Tree], what: &'static str, field: &str, faults: &mut Vec<Fault>) {
    let mut seen = std::collections::HashSet::new();
    for member in members {
        let Some(name) = member.get("name") else { continue };
        let Some(text) = name.as_text() else { continue };
        if !seen.insert(text) && faults.len() <= FAULTS {
            let issue = Issue::DuplicateName { what, name: text.to_owned() };
            faults.push(Fault { span: name.span, field: format!("{field}.{text}.name"), issue });
        }
    }
}

impl Draft {
    /// A part of the draft.
    pub(crate) fn part(&self, part: crate::files::path::Part) -> Option<&Tree> {
        use crate::files::path::Part;
        match part {
            Part::Header => Some(&self.header),
            Part::Line(index) => self.lines.get(index),
            Part::Limit(index) => self.limits.get(index),
        }
    }
}
