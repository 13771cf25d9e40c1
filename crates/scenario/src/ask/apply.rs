//! A repair written into the scenario file it repairs.

use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use crate::files::edit::{Edit, NoPlace, number};
use crate::files::parse;
use crate::files::result::{MemberField, MemberKind, Repair};
use crate::files::storage::plain;
use crate::files::tree::{Node, Tree};
use crate::model::scenario::{Scenario, ScenarioLimit};
use crate::read::load::Batch;
use crate::read::vary;

/// Why a repair cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ApplyError {
    /// The file cannot be read again.
    #[error("{path} has changed while it was being checked", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The field has no place that can be changed without changing others.
    #[error("{name}: `{field}` cannot be changed in this file; change it by hand")]
    NoPlace {
        /// The rule.
        name: String,
        /// Its field.
        field: String,
    },
}

/// The text of a scenario file with changes made, to be written to `out`:
/// numbers are replaced where they stand, comments and layout stay. What a base
/// file states is overridden, and files named by relative paths are named from
/// where `out` is. A limit with `by` is changed for all its groups.
///
/// # Errors
/// When a change has no place in the file.
pub fn apply(
    batch: &Batch,
    scenario: &Scenario,
    changes: &[Repair],
    out: &Path,
) -> Result<String, ApplyError> {
    let path = batch.path();
    let changed = || ApplyError::Changed { path: path.to_owned() };
    let text = batch.text().ok_or_else(changed)?;
    let root = parse::parse(path, text, 0).map_err(|_| changed())?;
    let json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let mut writing = Writing { batch, scenario, root: &root, edit: Edit::new(text, json) };
    for change in &writing.laxest(changes) {
        writing.write(change).map_err(|NoPlace| ApplyError::NoPlace {
            name: change.name.clone(),
            field: field_of(change).join("."),
        })?;
    }
    writing.rebase(path, out);
    Ok(writing.edit.finish())
}

struct Writing<'a> {
    batch: &'a Batch,
    scenario: &'a Scenario,
    /// The file's own tree, without what it extends.
    root: &'a Tree,
    edit: Edit<'a>,
}

/// The keys of a change inside its line, limit or budget.
fn field_of(change: &Repair) -> Vec<&'static str> {
    let field = match change.field {
        MemberField::FlightMin => return vec!["flight", "min"],
        MemberField::FlightMax => return vec!["flight", "max"],
        MemberField::FlightAtLeast => return vec!["flight", "at_least"],
        MemberField::Blackout => return vec!["flight", "blackout"],
        MemberField::Smooth => return vec!["flight", "smooth"],
        MemberField::OnAtLeast => return vec!["flight", "on_at_least"],
        MemberField::Bursts => return vec!["flight", "bursts"],
        MemberField::Min => "min",
        MemberField::Max => "max",
        MemberField::Exact => "exact",
        MemberField::Deal => "deal",
        MemberField::Requires => "requires",
        MemberField::Excludes => "excludes",
    };
    let bound = matches!(change.field, MemberField::Min | MemberField::Max);
    if change.kind == MemberKind::Line && bound { vec!["spend", field] } else { vec![field] }
}

impl Writing<'_> {
    /// The changes, one for each number of the file: of those that groups of a
    /// limit with `by` need, the one that is enough for all.
    fn laxest(&self, changes: &[Repair]) -> Vec<Repair> {
        let limit = |c: &Repair| {
            let named = |l: &ScenarioLimit| l.groups.iter().any(|g| g.name == c.name);
            self.scenario.limits.iter().position(|l| named(l)).filter(|_| c.kind == MemberKind::Limit)
        };
        let mut kept: Vec<Repair> = Vec::new();
        for change in changes {
            let own = limit(change);
            let same = |c: &&mut Repair| own.is_some() && limit(c) == own && c.field == change.field;
            match kept.iter_mut().find(same) {
                None => kept.push(change.clone()),
                Some(other) => {
                    let laxer = match change.to.zip(other.to) {
                        Some((a, b)) if change.field == MemberField::Min => a < b,
                        Some((a, b)) => a > b,
                        None => change.to.is_none(),
                    };
                    if laxer {
                        *other = change.clone();
                    }
                }
            }
        }
        kept
    }

    fn write(&mut self, change: &Repair) -> Result<(), NoPlace> {
        let keys = field_of(change);
        match change.kind {
            MemberKind::Budget => self.budget(keys[0], change.to),
            // Round amounts are asked for on the command line, not in the file.
            MemberKind::Rounding => Err(NoPlace),
            MemberKind::Limit => {
                let named = |l: &ScenarioLimit| l.groups.iter().any(|g| g.name == change.name);
                let k = self.scenario.limits.iter().position(|l| named(l)).ok_or(NoPlace)?;
                let merged = self.batch.draft().limits.get(k).ok_or(NoPlace)?.clone();
                self.member("limits", &merged, &self.scenario.limits[k].name.clone(), &keys, change.to)
            }
            MemberKind::Line | MemberKind::Deal => {
                let lines = &self.batch.draft().lines;
                let merged = lines.iter().find(|l| l.name() == Some(&change.name)).ok_or(NoPlace)?.clone();
                self.member("lines", &merged, &change.name, &keys, change.to)
            }
        }
    }

    fn budget(&mut self, field: &str, to: Option<f64>) -> Result<(), NoPlace> {
        let to = number(to.ok_or(NoPlace)?);
        if let Some(own) = self.root.get("budget") {
            self.edit.replace(own.get(field).ok_or(NoPlace)?.span, to);
            return Ok(());
        }
        let merged = self.batch.draft().header.get("budget").and_then(Tree::as_table).ok_or(NoPlace)?;
        let written = |e: &crate::files::tree::Entry| {
            let value = if &*e.key == field { to.clone() } else { vary::json(&e.value).to_string() };
            (e.key.to_string(), value)
        };
        let fields: Vec<(String, String)> = merged.entries.iter().map(written).collect();
        self.edit.add_table(self.root, "budget", &fields)
    }

    /// Changes a field of a line or limit, or overrides it where a base states it.
    fn member(
        &mut self,
        list: &str,
        merged: &Tree,
        name: &str,
        keys: &[&str],
        to: Option<f64>,
    ) -> Result<(), NoPlace> {
        let items = match self.root.get(list).map(|t| &t.node) {
            Some(Node::List(items)) => items.as_slice(),
            _ => &[],
        };
        let named = |t: &&Tree| t.name().is_some() && t.name() == merged.name();
        let own = items
            .iter()
            .find(|t| t.span == merged.span && merged.span.file == 0)
            .or_else(|| items.iter().find(named));
        let Some(to) = to else { return self.drop(own.ok_or(NoPlace)?, merged, keys[0]) };
        let to = number(to);
        let inline = |key: &str| match self.json() {
            true => format!("{{ \"{key}\": {to} }}"),
            false => format!("{{ {key} = {to} }}"),
        };
        match (own, keys) {
            (None, [key]) if merged.name().is_some() => {
                self.edit.add_member(self.root, list, name, (key, &to))
            }
            (None, [outer, key]) => {
                let value = inline(key);
                self.edit.add_member(self.root, list, name, (outer, &value))
            }
            (Some(own), [key]) => self.field(own, key, &to),
            (Some(own), [outer, key]) => match own.get(outer) {
                Some(inner) => self.field(inner, key, &to),
                None => {
                    let value = inline(key);
                    self.field(own, outer, &value)
                }
            },
            _ => Err(NoPlace),
        }
    }

    fn json(&self) -> bool {
        self.batch.path().extension().is_some_and(|e| e.eq_ignore_ascii_case("json"))
    }

    /// Sets a field of a table of the file.
    fn field(&mut self, table: &Tree, key: &str, value: &str) -> Result<(), NoPlace> {
        if let Some(old) = table.get(key) {
            self.edit.replace(old.span, value);
            return Ok(());
        }
        let plain = |e: &&crate::files::tree::Entry| !matches!(e.value.node, Node::Table(_) | Node::List(_));
        let entries = &table.as_table().ok_or(NoPlace)?.entries;
        let near = entries.iter().find(plain).or_else(|| entries.first()).ok_or(NoPlace)?;
        self.edit.insert_after(near, key, value);
        Ok(())
    }

    /// Takes a field out; what a base states cannot be taken out here.
    fn drop(&mut self, own: &Tree, merged: &Tree, key: &str) -> Result<(), NoPlace> {
        let stated = merged.get(key).ok_or(NoPlace)?;
        let entries = &own.as_table().ok_or(NoPlace)?.entries;
        let entry = entries.iter().find(|e| &*e.key == key && e.value.span == stated.span).ok_or(NoPlace)?;
        self.edit.remove(entry)
    }

    /// Names other files from where the new file will be.
    fn rebase(&mut self, from: &Path, out: &Path) {
        let files = self.batch.texts().from();
        let folder = |p: &Path| {
            let parent = p.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            files.real(parent)
        };
        let (from, out) = (folder(from), folder(out));
        if from == out {
            return;
        }
        for key in ["extends", "curves"] {
            let Some(tree) = self.root.get(key) else { continue };
            let Some(name) = tree.as_text().filter(|n| Path::new(n).is_relative()) else { continue };
            let path = plain(&way(&out, &from).join(name));
            if let Ok(text) = serde_json::to_string(&path.to_string_lossy().replace('\\', "/")) {
                self.edit.replace(tree.span, text);
            }
        }
    }
}

/// The relative path from one folder to another; the other itself where there
/// is none.
fn way(from: &Path, to: &Path) -> PathBuf {
    let (a, b): (Vec<Component>, Vec<Component>) = (from.components().collect(), to.components().collect());
    let shared = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    if shared == 0 {
        return to.to_owned();
    }
    let up = std::iter::repeat_n(Component::ParentDir, a.len() - shared);
    up.chain(b[shared..].iter().copied()).collect()
}
