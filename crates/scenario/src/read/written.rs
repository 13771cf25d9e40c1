//! A scenario as one complete file: what it extends merged in, what a what-if
//! sets filled in.

use std::path::{Component, Path};
use std::sync::Arc;

use serde_json::{Map, Number, Value};

use crate::files::diagnostic::{Diagnostic, Issue, Rejected};
use crate::files::parse;
use crate::files::storage::Files;
use crate::files::texts::{Text, Texts, sha256};
use crate::files::tree::{Node, Tree};
use crate::read::base::place_all;
use crate::read::load::Batch;
use crate::read::restate;

impl Batch {
    /// The scenario with the given settings as a complete file, to be kept in
    /// the folder `beside`; what it extends is merged in and `vary` left out.
    ///
    /// # Errors
    /// As [`Batch::with`].
    pub fn written(
        &self,
        set: &indexmap::IndexMap<String, Value>,
        beside: &Path,
    ) -> Result<Map<String, Value>, Rejected> {
        let (limits, set) = crate::read::load::additions(set);
        if !limits.is_empty() {
            return self.extended(&limits)?.written(&set, beside);
        }
        let fields = restate::fields(self.path(), self.draft(), &set)?;
        let settings: Vec<_> = fields.iter().map(restate::Restated::setting).collect();
        let draft = self.base().drafted(&settings).map_err(|faults| Rejected {
            path: self.path().to_owned(),
            diagnostics: place_all(faults, self.texts()),
        })?;
        let Value::Object(mut file) = value(&draft.header) else { return Ok(Map::new()) };
        if let Some(tree) = draft.header.get("curves")
            && let Some(library) = self.base().library_path(tree)
        {
            file.insert("curves".to_owned(), Value::String(relative(self.texts().from(), &library, beside)));
        }
        file.insert("name".to_owned(), Value::String(self.name().to_owned()));
        let list = |trees: &[Tree]| Value::Array(trees.iter().map(value).collect());
        file.insert("lines".to_owned(), list(&draft.lines));
        if !draft.limits.is_empty() {
            file.insert("limits".to_owned(), list(&draft.limits));
        }
        Ok(file)
    }

    /// The scenario a text holds, as if it stood in the file `path`, whose
    /// ending says whether it is TOML or JSON; what it names is read from
    /// `files`, paths from the folder of `path`.
    ///
    /// # Errors
    /// What is wrong with it, by line and column.
    pub fn of_text(files: &Files, path: &Path, text: String) -> Result<Batch, Rejected> {
        let reject = |diagnostics| Rejected { path: path.to_owned(), diagnostics };
        let mut texts = Texts::new(files);
        let hash = sha256(text.as_bytes());
        let file = texts.add(Text { path: path.to_owned(), text, sha256: hash });
        let text = texts.get(file).map_or("", |t| t.text.as_str());
        let parsed = parse::parse(path, text, file);
        let tree = parsed.map_err(|(span, issue)| reject(vec![texts.diagnostic(span, "", issue)]))?;
        if tree.as_table().is_none() {
            return Err(reject(vec![Diagnostic::whole(path, Issue::NoScenarios)]));
        }
        Batch::new(path, tree, texts).map_err(reject)
    }

    pub(crate) fn texts(&self) -> &Arc<Texts> {
        &self.texts
    }
}

/// A tree as JSON.
fn value(tree: &Tree) -> Value {
    match &tree.node {
        Node::Null => Value::Null,
        Node::Bool(truth) => Value::Bool(*truth),
        Node::Number(number) => figure(*number),
        Node::Text(text) => Value::String(text.clone()),
        Node::List(items) => Value::Array(items.iter().map(value).collect()),
        Node::Table(table) => {
            Value::Object(table.entries.iter().map(|e| (e.key.to_string(), value(&e.value))).collect())
        }
    }
}

/// A number without a needless point: `13`, not `13.0`.
pub(crate) fn figure(number: f64) -> Value {
    const EXACT: f64 = 9e15;
    if number.fract() == 0.0 && number.abs() < EXACT {
        Value::Number(Number::from(number as i64))
    } else {
        Number::from_f64(number).map_or(Value::Null, Value::Number)
    }
}

/// The way from a folder to a file.
pub(crate) fn relative(files: &Files, file: &Path, folder: &Path) -> String {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (file, folder) = (files.real(file), files.real(folder));
    let (file, folder): (Vec<Component>, Vec<Component>) =
        (file.components().collect(), folder.components().collect());
    let shared = file.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), folder.len() - shared);
    let down = file[shared..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
