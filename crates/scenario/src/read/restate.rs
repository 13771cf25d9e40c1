//! Settings as a result file states them, back to settings of a scenario.

use indexmap::IndexMap;
use serde_json::Value;

use crate::files::diagnostic::{Diagnostic, Issue, Rejected};
use crate::files::path::{Path, Target, targets};
use crate::files::tree::{Entry, Node, Span, Table, Tree};
use crate::read::draft::Draft;
use crate::read::vary::{Setting, written};

/// One field a result sets, and where it leads.
pub(crate) struct Restated {
    path: String,
    stated: Value,
    values: Vec<(Target, Tree)>,
}

impl Restated {
    pub(crate) fn setting(&self) -> Setting<'_> {
        Setting {
            path: &self.path,
            values: self.values.iter().map(|(target, tree)| (target, tree.clone())).collect(),
            stated: self.stated.clone(),
        }
    }
}

/// What a result's `set` means for a scenario.
pub(crate) fn fields(
    file: &std::path::Path,
    draft: &Draft,
    set: &IndexMap<String, Value>,
) -> Result<Vec<Restated>, Rejected> {
    let reject =
        |issue| Rejected { path: file.to_owned(), diagnostics: vec![Diagnostic::whole(file, issue)] };
    let mut all = Vec::with_capacity(set.len());
    for (path, stated) in set {
        let parsed = Path::parse(path).map_err(reject)?;
        let found = targets(&parsed, &draft.lines, &draft.limits).map_err(reject)?;
        let span = draft.header.span;
        let factor = stated.get("scale").and_then(Value::as_f64);
        let mut values = Vec::with_capacity(found.len());
        for target in found {
            let tree = match factor {
                None => tree(stated, span),
                Some(factor) => {
                    let reason = "has no number to scale".to_owned();
                    let number = written(&target, draft);
                    let number =
                        number.ok_or_else(|| reject(Issue::BadPath { path: path.clone(), reason }))?;
                    Tree { node: Node::Number(factor * number), span }
                }
            };
            values.push((target, tree));
        }
        all.push(Restated { path: path.clone(), stated: stated.clone(), values });
    }
    Ok(all)
}

/// The name in a path like `limits."customers >= 10000"`.
pub(crate) fn limit_name(path: &str) -> &str {
    path.strip_prefix("limits.").unwrap_or(path).trim_matches('"')
}

/// A limit that the scenario file does not have.
pub(crate) fn added_limit(path: &str, limit: &Value, span: Span) -> Tree {
    let mut tree = tree(limit, span);
    let name = Tree { node: Node::Text(limit_name(path).to_owned()), span };
    if let Some(table) = tree.as_table_mut() {
        table.set(Entry { key: "name".to_owned(), key_span: span, value: name });
    }
    tree
}

/// JSON as a tree; all of it stands at one place.
fn tree(value: &Value, span: Span) -> Tree {
    let node = match value {
        Value::Null => Node::Null,
        Value::Bool(truth) => Node::Bool(*truth),
        Value::Number(number) => Node::Number(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => Node::Text(text.clone()),
        Value::Array(items) => Node::List(items.iter().map(|item| tree(item, span)).collect()),
        Value::Object(fields) => {
            let entry = |(key, value): (&String, &Value)| Entry {
                key: key.clone(),
                key_span: span,
                value: tree(value, span),
            };
            Node::Table(Table { entries: fields.iter().map(entry).collect() })
        }
    };
    Tree { node, span }
}
