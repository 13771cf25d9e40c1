//! A draft decoded and resolved once, and scenarios made from it by patching
//! only what their settings touch.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::decode::{FAULTS, Fault, decode};
use crate::files::diagnostic::Diagnostic;
use crate::files::diagnostic::Issue;
use crate::files::library::{self, Library};
use crate::files::path::{Part, set};
use crate::files::result::Source;
use crate::files::spec::{LimitSpec, LineSpec, ScenarioFile};
use crate::files::texts::{Text, Texts};
use crate::files::tree::{Node, Tree};
use crate::model::calendar::Calendar;
use crate::model::scenario::{Scenario, ScenarioLimit, ScenarioLine};
use crate::read::alike::Alike;
use crate::read::draft::Draft;
use crate::read::vary::Setting;
use crate::read::{by_period, limit, line, meeting, over_draws, rate, rules, units, warnings};

/// Everything that scenarios of one file share.
#[derive(Debug)]
pub(crate) struct Base {
    draft: Draft,
    header: ScenarioFile,
    limits: Vec<(String, LimitSpec)>,
    names: HashMap<String, usize>,
    /// Folders of the files of the draft, by their number.
    folders: Vec<PathBuf>,
    libraries: BTreeMap<PathBuf, Arc<Library>>,
    resolved: Vec<Result<Arc<ScenarioLine>, Vec<Fault>>>,
    covered: Option<Vec<Result<Arc<ScenarioLimit>, Vec<Fault>>>>,
}

/// The trees that settings changed.
#[derive(Debug, Default)]
struct Patch {
    header: Option<Tree>,
    lines: BTreeMap<usize, Tree>,
    limits: BTreeMap<usize, Tree>,
    tags: bool,
}

impl Base {
    /// Decodes a draft; the files it reads are added to `texts`. `libraries` are
    /// the names of more than the draft itself may ask for.
    pub(crate) fn new(draft: Draft, libraries: &[Tree], texts: &mut Texts) -> Result<Self, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let header: Option<ScenarioFile> = keep(decode(&draft.header, ""), &mut faults);
        let named_lines = draft.lines.iter().enumerate();
        let names = named_lines.filter_map(|(i, tree)| Some((tree.name()?.to_owned(), i))).collect();
        let folder = |text: &Text| text.path.parent().unwrap_or(Path::new("")).to_owned();
        let folders = texts.files().iter().map(folder).collect();
        let mut base = Base {
            draft,
            header: header.unwrap_or_default(),
            limits: Vec::new(),
            names,
            folders,
            libraries: BTreeMap::new(),
            resolved: Vec::new(),
            covered: None,
        };
        // Told after what is wrong with the file itself.
        let unread = base.read_libraries(libraries, texts);
        let calendar = Calendar::of(base.header.horizon.as_ref()).ok().flatten();
        base.resolved = base.lines(calendar.as_ref(), unread.is_ok(), &mut faults);
        let mut limits = Vec::with_capacity(base.draft.limits.len());
        for (index, tree) in base.draft.limits.iter().enumerate() {
            let place = member_field("limits", index, tree);
            limits.extend(keep(decode::<LimitSpec>(tree, &place), &mut faults));
        }
        if base.draft.lines.is_empty() && faults.is_empty() {
            let issue = Issue::missing("lines", None);
            faults.push(Fault { span: base.draft.header.span, field: String::new(), issue });
        }
        if !faults.is_empty() {
            return Err(place_all(faults, texts));
        }
        unread?;
        base.limits = named(limits);
        let good: Option<Vec<Arc<ScenarioLine>>> = base.resolved.iter().map(|r| r.clone().ok()).collect();
        if let Some(lines) = good {
            let limits = base.limits.iter().zip(&base.draft.limits);
            let covered = limits.map(|((name, spec), tree)| {
                limit::resolve(spec, tree, name, &lines, calendar.as_ref()).map(Arc::new)
            });
            base.covered = Some(covered.collect());
        }
        Ok(base)
    }

    /// The lines of the draft, one after the other: what is written of one is let
    /// go before the next is read. Nothing is resolved once something cannot be
    /// read.
    fn lines(
        &self,
        calendar: Option<&Calendar>,
        usable: bool,
        faults: &mut Vec<Fault>,
    ) -> Vec<Result<Arc<ScenarioLine>, Vec<Fault>>> {
        let context = self.context(&self.header, &self.draft.header, calendar);
        let mut resolved = Vec::with_capacity(self.draft.lines.len());
        let (mut wrong, mut alike) = (0, Alike::default());
        for (index, tree) in self.draft.lines.iter().enumerate() {
            if faults.len() > FAULTS {
                break;
            }
            let spec = keep(decode::<LineSpec>(tree, &member_field("lines", index, tree)), faults);
            let Some(spec) = spec.filter(|_| usable && faults.is_empty() && wrong <= FAULTS) else {
                continue;
            };
            let line = line::resolve(&spec, tree, &context).map(|line| {
                let tags = alike.share(Arc::clone(&line.tags));
                Arc::new(ScenarioLine { tags, ..line })
            });
            wrong += usize::from(line.is_err());
            if wrong <= FAULTS {
                resolved.push(line);
            }
        }
        resolved
    }

    /// Name of the scenario, if the file gives one.
    pub(crate) fn name(&self) -> Option<&str> {
        self.header.name.as_deref()
    }

    pub(crate) fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Reads the libraries that the header, or a what-if over it, names.
    fn read_libraries(&mut self, more: &[Tree], texts: &mut Texts) -> Result<(), Vec<Diagnostic>> {
        let mut trees: Vec<&Tree> = self.draft.header.get("curves").into_iter().chain(more).collect();
        for vary in &self.draft.vary {
            if vary.get("set").and_then(Tree::as_text) == Some("curves")
                && let Some(Node::List(values)) = vary.get("values").map(|t| &t.node)
            {
                trees.extend(values);
            }
        }
        for tree in trees {
            let Some(path) = self.library_path(tree) else { continue };
            if !self.libraries.contains_key(&path) {
                let file = library::read_into(&path, texts).map_err(|inner| {
                    let reason = "cannot be used".to_owned();
                    let issue = Issue::BadPath { path: path.display().to_string(), reason };
                    let mut all = vec![texts.diagnostic(tree.span, "curves", issue)];
                    all.extend(inner);
                    all
                })?;
                self.libraries.insert(path.clone(), Arc::new(Library::new(path, file)));
            }
        }
        Ok(())
    }

    /// The file a library's name leads to, from the file that wrote it.
    pub(crate) fn library_path(&self, tree: &Tree) -> Option<PathBuf> {
        let folder = self.folders.get(tree.span.file as usize).map_or(Path::new(""), PathBuf::as_path);
        Some(folder.join(tree.as_text()?))
    }

    /// True if a library's name leads to one that has been read.
    pub(crate) fn has_library(&self, tree: &Tree) -> bool {
        self.library_path(tree).is_none_or(|path| self.libraries.contains_key(&path))
    }

    /// All lines as written, under another header.
    fn resolve_all(
        &self,
        header: &ScenarioFile,
        header_tree: &Tree,
    ) -> Vec<Result<Arc<ScenarioLine>, Vec<Fault>>> {
        let calendar = Calendar::of(header.horizon.as_ref()).ok().flatten();
        let context = self.context(header, header_tree, calendar.as_ref());
        let mut wrong = 0;
        let each = self.draft.lines.iter().enumerate().map_while(|(i, tree)| {
            let resolved = decode::<LineSpec>(tree, &member_field("lines", i, tree))
                .and_then(|spec| line::resolve(&spec, tree, &context).map(Arc::new));
            wrong += usize::from(resolved.is_err());
            (wrong <= FAULTS).then_some(resolved)
        });
        each.collect()
    }

    fn context<'a>(
        &'a self,
        header: &'a ScenarioFile,
        header_tree: &Tree,
        calendar: Option<&'a Calendar>,
    ) -> line::Context<'a> {
        line::Context {
            curves: header_tree.get("curves").map(|tree| tree.span),
            currency: header.currency.as_deref(),
            horizon: header.horizon.as_ref(),
            calendar,
            library: self.library_of(header_tree),
            names: &self.names,
        }
    }

    /// The library that a header names.
    fn library_of(&self, header: &Tree) -> Option<&Library> {
        let path = header.get("curves").and_then(|tree| self.library_path(tree))?;
        self.libraries.get(&path).map(Arc::as_ref)
    }

    /// The scenario with some fields set.
    pub(crate) fn scenario(
        &self,
        name: &str,
        source: &Source,
        settings: &[Setting],
    ) -> Result<Scenario, Vec<Fault>> {
        let patch = self.patch(settings)?;
        let mut faults = Vec::new();
        let header_tree = patch.header.as_ref().unwrap_or(&self.draft.header);
        let header = match &patch.header {
            Some(tree) => decode::<ScenarioFile>(tree, "")?,
            None => self.header.clone(),
        };
        let mut lines = self.patched_lines(&patch, &header, header_tree, &mut faults);
        if !faults.is_empty() {
            return Err(distinct(faults));
        }
        let meeting =
            meeting::resolve(&header, header_tree, self.library_of(header_tree), &mut lines, &mut faults);
        let calendar = match Calendar::of(header.horizon.as_ref()) {
            Ok(calendar) => calendar,
            Err(wrong) => {
                faults.extend(rules::horizon(header_tree, wrong));
                return Err(faults);
            }
        };
        let limits = self.patched_limits(&patch, &header, calendar.as_ref(), &lines, &mut faults);
        let tree_of =
            |k: usize| patch.limits.get(&k).or_else(|| self.draft.limits.get(k)).unwrap_or(header_tree);
        rules::check(&header, header_tree, &lines, &limits, &tree_of, &mut faults);
        meeting::limits(&meeting, &lines, &limits, &tree_of, &mut faults);
        if calendar.is_some() {
            by_period::check(&header, header_tree, &lines, &limits, &tree_of, &mut faults);
        }
        let of_period = calendar.is_some();
        over_draws::check(&header, header_tree, &lines, &limits, &tree_of, (of_period, &mut faults));
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut warnings = warnings::warnings(&lines, &limits);
        warnings.extend(units::units(&lines, header.budget.as_ref(), header.horizon.as_ref()));
        let mut source = source.clone();
        let mut name = name.to_owned();
        for (index, setting) in settings.iter().enumerate() {
            let value = &setting.stated;
            let text = typed(value);
            name.push_str(&format!("{}{}={text}", if index == 0 { " [" } else { ", " }, setting.path));
            source.set.insert(setting.path.to_owned(), value.clone());
        }
        if !settings.is_empty() {
            name.push(']');
        }
        Ok(Scenario {
            name,
            source,
            currency: header.currency,
            horizon: header.horizon,
            calendar: calendar.map(Arc::new),
            goals: rules::goals(header.goal.as_ref()),
            budget: header.budget,
            baseline: header.baseline.unwrap_or_default(),
            lines,
            meeting: Arc::new(meeting),
            limits,
            warnings,
            round: None,
        })
    }

    /// The draft with some fields set.
    pub(crate) fn drafted(&self, settings: &[Setting]) -> Result<Draft, Vec<Fault>> {
        let patch = self.patch(settings)?;
        let mut draft = self.draft.clone();
        draft.header = patch.header.unwrap_or(draft.header);
        for (all, changed) in [(&mut draft.lines, patch.lines), (&mut draft.limits, patch.limits)] {
            for (index, tree) in changed {
                if let Some(slot) = all.get_mut(index) {
                    *slot = tree;
                }
            }
        }
        Ok(draft)
    }

    fn patch(&self, settings: &[Setting]) -> Result<Patch, Vec<Fault>> {
        let mut patch = Patch::default();
        for setting in settings {
            for (target, value) in &setting.values {
                let original = || self.draft.part(target.part).unwrap_or(&self.draft.header).clone();
                let tree = match target.part {
                    Part::Header => patch.header.get_or_insert_with(original),
                    Part::Line(i) => patch.lines.entry(i).or_insert_with(original),
                    Part::Limit(i) => patch.limits.entry(i).or_insert_with(original),
                };
                let first = target.keys.first().map_or("", String::as_str);
                patch.tags |= first == "tags" || LineSpec::TAGS.contains(&first);
                set(tree, &target.keys, value.clone()).map_err(|span| {
                    let reason = "leads through a value that is not a table".to_owned();
                    let issue = Issue::BadPath { path: setting.path.to_owned(), reason };
                    vec![Fault { span, field: setting.path.to_owned(), issue }]
                })?;
            }
        }
        let mut faults = Vec::new();
        for (&i, tree) in &mut patch.lines {
            if let Some(before) = self.draft.lines.get(i) {
                rate::keep_fitted(before, tree, &mut faults);
            }
        }
        if faults.is_empty() { Ok(patch) } else { Err(faults) }
    }

    fn patched_lines(
        &self,
        patch: &Patch,
        header: &ScenarioFile,
        header_tree: &Tree,
        faults: &mut Vec<Fault>,
    ) -> Vec<Arc<ScenarioLine>> {
        let mut specs = BTreeMap::new();
        for (&i, tree) in &patch.lines {
            let place = member_field("lines", i, tree);
            specs.extend(keep(decode::<LineSpec>(tree, &place), faults).map(|spec| (i, spec)));
        }
        let same = |a: &ScenarioFile, b: &ScenarioFile| {
            a.horizon == b.horizon && a.currency == b.currency && a.curves == b.curves
        };
        // The same name may lead elsewhere from another file.
        let path = |tree: &Tree| tree.get("curves").and_then(|curves| self.library_path(curves));
        let moved = path(header_tree) != path(&self.draft.header);
        let mut resolved = if same(header, &self.header) && !moved {
            self.resolved.clone()
        } else {
            self.resolve_all(header, header_tree)
        };
        let calendar = Calendar::of(header.horizon.as_ref()).ok().flatten();
        let context = self.context(header, header_tree, calendar.as_ref());
        for (&i, tree) in &patch.lines {
            if let (Some(slot), Some(spec)) = (resolved.get_mut(i), specs.get(&i)) {
                *slot = line::resolve(spec, tree, &context).map(Arc::new);
            }
        }
        resolved.into_iter().filter_map(|r| keep(r, faults)).collect()
    }

    fn patched_limits(
        &self,
        patch: &Patch,
        header: &ScenarioFile,
        calendar: Option<&Calendar>,
        lines: &[Arc<ScenarioLine>],
        faults: &mut Vec<Fault>,
    ) -> Vec<Arc<ScenarioLimit>> {
        let mut limits = Vec::with_capacity(self.limits.len());
        let known = self.covered.as_ref().filter(|_| !patch.tags && header.horizon == self.header.horizon);
        for (k, ((name, spec), tree)) in self.limits.iter().zip(&self.draft.limits).enumerate() {
            let resolved = match (patch.limits.get(&k), known.and_then(|all| all.get(k))) {
                (Some(tree), _) => match decode::<LimitSpec>(tree, &member_field("limits", k, tree)) {
                    Ok(spec) => limit::resolve(&spec, tree, name, lines, calendar).map(Arc::new),
                    Err(more) => Err(more),
                },
                (None, Some(resolved)) => resolved.clone(),
                (None, None) => limit::resolve(spec, tree, name, lines, calendar).map(Arc::new),
            };
            limits.extend(keep(resolved, faults));
        }
        limits
    }
}

/// A value as it is typed: `-10%` of what is written, `maximize profit`.
fn typed(value: &serde_json::Value) -> String {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value.as_object().and_then(|fields| fields.iter().next().filter(|_| fields.len() == 1)) {
        Some((key, factor)) if key == "scale" => match factor.as_f64() {
            Some(factor) => format!("{:+}%", ((factor - 1.0) * 1e6).round() / 1e4),
            None => text(value),
        },
        Some((verb, what)) if what.is_string() => format!("{verb} {}", text(what)),
        _ => text(value),
    }
}

/// Names for limits that have none; a second of the same name is numbered.
fn named(limits: Vec<LimitSpec>) -> Vec<(String, LimitSpec)> {
    let mut taken: std::collections::HashSet<String> = limits.iter().filter_map(|l| l.name.clone()).collect();
    let mut all = Vec::with_capacity(limits.len());
    for spec in limits {
        let name = spec.name.clone().unwrap_or_else(|| {
            let plain = limit::default_name(&spec);
            let mut name = plain.clone();
            let mut number = 2;
            while !taken.insert(name.clone()) {
                name = format!("{plain} ({number})");
                number += 1;
            }
            name
        });
        all.push((name, spec));
    }
    all
}

/// Each fault once: what is wrong with a library is wrong for all its lines.
fn distinct(faults: Vec<Fault>) -> Vec<Fault> {
    let mut seen: Vec<Fault> = Vec::new();
    for fault in faults {
        let same = |f: &Fault| f.span == fault.span && f.field == fault.field && f.issue == fault.issue;
        if !seen.iter().any(same) {
            seen.push(fault);
        }
    }
    seen
}

fn member_field(list: &str, index: usize, tree: &Tree) -> String {
    match tree.name() {
        Some(name) => format!("{list}.{name}"),
        None => format!("{list}.{index}"),
    }
}

fn keep<T>(result: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(more) => {
            faults.extend(more);
            None
        }
    }
}

pub(crate) fn place_all(faults: Vec<Fault>, texts: &Texts) -> Vec<Diagnostic> {
    faults.into_iter().take(FAULTS).map(|f| texts.diagnostic(f.span, f.field, f.issue)).collect()
}
