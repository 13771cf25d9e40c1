//! Settings as a result file states them, back to settings of a scenario.

use indexmap::IndexMap;
use serde_json::Value;

use crate::files::diagnostic::{Diagnostic, Issue, Rejected};
use crate::files::path::{Path, Target, targets};
use crate::files::tree::{Entry, Node, Span, Table, Tree};
use crate::read::draft::Draft;
use crate::read::rate::fitted;
use crate::read::vary::{Setting, rescales, written};

/// One field a result sets, and where it leads.
pub(crate) struct Restated {
    path: String,
    stated: Value,
    values: Vec<(Target, Tree)>,
}

impl Restated {
    pub(crate) fn trees(&self) -> impl Iterator<Item = &Tree> {
        self.values.iter().map(|(_, tree)| tree)
    }

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
        let span = written_at(path, stated, draft).unwrap_or(Span::outside(draft.header.span.file));
        let factor = stated.get("scale").and_then(Value::as_f64);
        let mut values = Vec::with_capacity(found.len());
        for target in found {
            rescales(&target, draft).or_else(|issue| known(path, set).then_some(()).ok_or(issue)).map_err(
                |issue| {
                    let mut rejected = reject(issue);
                    rejected.diagnostics.iter_mut().for_each(|d| d.field.clone_from(path));
                    rejected
                },
            )?;
            let tree = match factor {
                None => tree(stated, span),
                Some(factor) => {
                    let reason =
                        "has no number to scale; name a field that holds one, such as budget.max".to_owned();
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

/// Where the scenario file itself names a library: its name is relative to the
/// file that wrote it.
fn written_at(path: &str, stated: &Value, draft: &Draft) -> Option<Span> {
    let name = stated.as_str().filter(|_| path == "curves")?;
    let values = draft.vary.iter().filter(|v| v.get("set").and_then(Tree::as_text) == Some("curves"));
    let listed = values.filter_map(|v| match v.get("values").map(|t| &t.node) {
        Some(Node::List(items)) => Some(items),
        _ => None,
    });
    let mut all = listed.flatten().chain(draft.header.get("curves"));
    all.find(|tree| tree.as_text() == Some(name)).map(|tree| tree.span)
}

/// True if what a rate was fitted at is set as well.
fn known(path: &str, set: &IndexMap<String, Value>) -> bool {
    let Some((rate, field)) = path.rsplit_once('.') else { return false };
    fitted(field).is_some_and(|fitted| set.contains_key(&format!("{rate}.{fitted}")))
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
        table.set(Entry { key: "name".into(), key_span: span, value: name });
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
                key: key.as_str().into(),
                key_span: span,
                value: tree(value, span),
            };
            Node::Table(Table { entries: fields.iter().map(entry).collect() })
        }
    };
    Tree { node, span }
}
