//! Finds and reads the scenarios of a call.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::files::diagnostic::{Diagnostic, Issue, Rejected};
use crate::files::parse;
use crate::files::result::{InputFile, Source};
use crate::files::storage::Files;
use crate::files::texts::Texts;
use crate::files::tree::{Span, Tree};
use crate::model::scenario::Scenario;
use crate::read::base::{Base, place_all};
use crate::read::vary::{Grid, Setting};
use crate::read::{draft, restate};

/// What the paths of one call hold.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The scenario files that can be used, in input order.
    pub batches: Vec<Batch>,
    /// What cannot be used, in input order: exit code 2.
    pub rejected: Vec<Rejected>,
    /// Files of folders that are not scenarios.
    pub skipped: Vec<Skipped>,
}

/// A file of a folder that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: SkipReason,
}

/// Why a file of a folder is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// It has neither `lines` nor `extends`.
    NoScenario,
    /// It is a result.
    Result,
}

/// One scenario file and the what-ifs it asks for, expanded on demand.
#[derive(Debug)]
pub struct Batch {
    path: PathBuf,
    name: String,
    stem: String,
    pub(crate) texts: Arc<Texts>,
    source: Source,
    base: Base,
    grid: Grid,
    /// Fields set for every scenario, before those that vary.
    fixed: IndexMap<String, Value>,
    /// Names of libraries that are asked for and not in the file.
    libraries: Vec<Tree>,
}

/// Reads scenario files and folders of them, in the order given; files of a
/// folder by name. Nothing read stops another file from being used.
pub fn load(files: &Files, paths: &[PathBuf]) -> Loaded {
    let mut batches = Vec::new();
    let loaded = load_each(files, paths, &mut |batch| batches.push(batch));
    Loaded { batches, ..loaded }
}

/// As [`load`], with every scenario file handed over as soon as it is read, so
/// that not all need to be in memory at once; `batches` of the answer is empty.
pub fn load_each(files: &Files, paths: &[PathBuf], take: &mut dyn FnMut(Batch)) -> Loaded {
    let mut loading = Loading { files, loaded: Loaded::default(), names: HashSet::new(), take };
    for path in paths {
        if files.is_folder(path) {
            loading.folder(path);
        } else {
            let mut texts = Texts::new(files);
            let tree = parse::read_tree(path, &mut texts);
            loading.add(path, tree.and_then(|tree| Batch::new(path, tree, texts)));
        }
    }
    if paths.is_empty() {
        loading.reject(Path::new(""), vec![Diagnostic::whole(Path::new(""), Issue::NoScenarios)]);
    }
    loading.loaded
}

/// Files on their way in.
struct Loading<'a> {
    files: &'a Files,
    loaded: Loaded,
    /// Names of the scenarios so far.
    names: HashSet<String>,
    take: &'a mut dyn FnMut(Batch),
}

impl Loading<'_> {
    fn reject(&mut self, path: &Path, diagnostics: Vec<Diagnostic>) {
        self.loaded.rejected.push(Rejected { path: path.to_owned(), diagnostics });
    }

    fn add(&mut self, path: &Path, batch: Result<Batch, Vec<Diagnostic>>) {
        match batch {
            Err(diagnostics) => self.reject(path, diagnostics),
            Ok(batch) if self.names.contains(&batch.name) => {
                let issue = Issue::DuplicateName { what: "scenario", name: batch.name };
                self.reject(path, vec![Diagnostic::whole(path, issue)]);
            }
            Ok(batch) => {
                self.names.insert(batch.name.clone());
                (self.take)(batch);
            }
        }
    }

    /// The scenarios directly inside a folder.
    fn folder(&mut self, folder: &Path) {
        let paths = match scenario_files(self.files, folder) {
            Ok(paths) => paths,
            Err(error) => {
                let issue = Issue::Unreadable { reason: error.to_string() };
                return self.reject(folder, vec![Diagnostic::whole(folder, issue)]);
            }
        };
        let mut found = false;
        for path in paths {
            let mut texts = Texts::new(self.files);
            match parse::read_tree(&path, &mut texts) {
                Err(diagnostics) => {
                    found = true;
                    self.reject(&path, diagnostics);
                }
                Ok(tree) => match skip(&tree) {
                    Some(reason) => self.loaded.skipped.push(Skipped { path, reason }),
                    None => {
                        found = true;
                        self.add(&path, Batch::new(&path, tree, texts));
                    }
                },
            }
        }
        if !found {
            self.reject(folder, vec![Diagnostic::whole(folder, Issue::NoScenarios)]);
        }
    }
}

/// Why a file of a folder is no scenario.
fn skip(tree: &Tree) -> Option<SkipReason> {
    if tree.get("certificate").is_some() && tree.get("source").is_some() {
        Some(SkipReason::Result)
    } else if tree.get("lines").is_none() && tree.get("extends").is_none() {
        Some(SkipReason::NoScenario)
    } else {
        None
    }
}

/// The `.toml` and `.json` files of a folder, by name.
fn scenario_files(files: &Files, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = files.list(folder)?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml" || e == "json"));
    paths.sort();
    Ok(paths)
}

impl Batch {
    pub(crate) fn new(path: &Path, tree: Tree, mut texts: Texts) -> Result<Self, Vec<Diagnostic>> {
        let draft = draft::extend(tree, path, &mut texts, &mut vec![path.to_owned()])?;
        let base = Base::new(draft, &[], &mut texts)?;
        let grid = Grid::new(base.draft()).map_err(|faults| place_all(faults, &texts))?;
        let stem = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        let name = base.name().map_or_else(|| stem.clone(), str::to_owned);
        let mut inputs = texts.files().iter().map(|text| InputFile {
            path: text.path.to_string_lossy().into_owned(),
            sha256: text.sha256.clone(),
        });
        let own = inputs.next().unwrap_or(InputFile { path: String::new(), sha256: String::new() });
        let mut seen = HashSet::new();
        let others = inputs.filter(|i| seen.insert(i.path.clone())).collect();
        let source = Source { path: own.path, sha256: own.sha256, inputs: others, ..Source::default() };
        let (texts, fixed) = (Arc::new(texts), IndexMap::new());
        let libraries = Vec::new();
        Ok(Batch { path: path.to_owned(), name, stem, texts, source, base, grid, fixed, libraries })
    }

    /// The scenario file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Name of the scenario without any settings.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Stem of the file's name: results are written to `<stem>.json`, or
    /// `<stem>.jsonl` if it varies.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Where the scenarios come from, without settings: the files read and
    /// their hashes.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Where the scenarios come from, with everything that was asked of them.
    pub(crate) fn asked_source(&self) -> Source {
        let mut source = self.source.clone();
        source.set.extend(self.fixed.clone());
        source
    }

    /// The fields set for all scenarios, as JSON.
    pub fn fixed(&self) -> String {
        serde_json::to_string(&self.fixed).unwrap_or_default()
    }

    /// True if the file has `vary`.
    pub fn varies(&self) -> bool {
        !self.base.draft().vary.is_empty()
    }

    /// Number of scenarios; at least 1.
    pub fn len(&self) -> u64 {
        self.grid.len()
    }

    /// Never true: a file without `vary` is one scenario.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The scenario at an index below [`Batch::len`], in constant memory and
    /// independent of the others. The last `vary` changes fastest.
    ///
    /// # Errors
    /// Everything wrong with this scenario; the others may be right.
    pub fn scenario(&self, index: u64) -> Result<Scenario, Rejected> {
        let fixed = restate::fields(self.path(), self.draft(), &self.fixed)?;
        let mut settings: Vec<Setting> = fixed.iter().map(restate::Restated::setting).collect();
        settings.extend(self.grid.settings(index));
        self.scenario_set(&settings)
    }

    /// The batch with fields set for all its scenarios, by path as in `vary`; a
    /// path like `limits.NAME` that is given a whole limit adds it.
    ///
    /// # Errors
    /// As [`Batch::with`].
    pub fn asked(&self, set: &IndexMap<String, Value>) -> Result<Batch, Rejected> {
        let (limits, fixed) = additions(set);
        let reading = self.reading(&fixed)?;
        let mut batch = reading.as_ref().unwrap_or(self).extended(&limits)?;
        batch.fixed = fixed;
        // A path that leads nowhere shows at once.
        restate::fields(batch.path(), batch.draft(), &batch.fixed)?;
        Ok(batch)
    }

    /// The batch with more limits.
    pub(crate) fn extended(&self, limits: &IndexMap<String, Value>) -> Result<Batch, Rejected> {
        let reject = |diagnostics| Rejected { path: self.path.clone(), diagnostics };
        let mut draft = self.base.draft().clone();
        let (mut source, mut name) = (self.source.clone(), self.name.clone());
        for (path, limit) in limits {
            draft.limits.push(restate::added_limit(path, limit, Span::outside(draft.header.span.file)));
            source.set.insert(path.clone(), limit.clone());
            name.push_str(&format!(" [{}]", restate::limit_name(path)));
        }
        let mut texts = (*self.texts).clone();
        let base = Base::new(draft, &self.libraries, &mut texts).map_err(reject)?;
        let grid = Grid::new(base.draft()).map_err(|faults| reject(place_all(faults, &texts)))?;
        let (path, stem, texts) = (self.path.clone(), self.stem.clone(), Arc::new(texts));
        let (fixed, libraries) = (self.fixed.clone(), self.libraries.clone());
        Ok(Batch { path, name, stem, texts, source, base, grid, fixed, libraries })
    }

    /// The batch with the curve library that a setting asks for, where the file
    /// does not name it itself; nothing where it does.
    pub(crate) fn reading(&self, set: &IndexMap<String, Value>) -> Result<Option<Batch>, Rejected> {
        let Some(name) = set.get_key_value("curves") else { return Ok(None) };
        let only = std::iter::once((name.0.clone(), name.1.clone())).collect();
        let named = restate::fields(&self.path, self.base.draft(), &only)?;
        let trees = named.iter().flat_map(restate::Restated::trees);
        let unread: Vec<Tree> = trees.filter(|tree| !self.base.has_library(tree)).cloned().collect();
        if unread.is_empty() {
            return Ok(None);
        }
        let reject = |diagnostics| Rejected { path: self.path.clone(), diagnostics };
        let mut libraries = self.libraries.clone();
        libraries.extend(unread);
        let mut texts = (*self.texts).clone();
        let known = texts.files().len();
        let draft = self.base.draft().clone();
        let base = Base::new(draft, &libraries, &mut texts).map_err(reject)?;
        let grid = Grid::new(base.draft()).map_err(|faults| reject(place_all(faults, &texts)))?;
        let mut source = self.source.clone();
        for text in texts.files().iter().skip(known) {
            let path = text.path.to_string_lossy().into_owned();
            if source.inputs.iter().all(|i| i.path != path) {
                source.inputs.push(InputFile { path, sha256: text.sha256.clone() });
            }
        }
        let (path, name, stem, fixed) =
            (self.path.clone(), self.name.clone(), self.stem.clone(), self.fixed.clone());
        Ok(Some(Batch { path, name, stem, texts: Arc::new(texts), source, base, grid, fixed, libraries }))
    }

    /// The scenario as written but for the given fields, by path as in `vary`;
    /// `{"scale": f}` scales the numbers written, and a path like `limits.NAME`
    /// that is given a whole limit adds it. What `vary` says is left out.
    ///
    /// # Errors
    /// A path that leads nowhere, a value that does not fit, or a scenario that
    /// is wrong with it.
    pub fn with(&self, set: &IndexMap<String, Value>) -> Result<Scenario, Rejected> {
        let (limits, set) = additions(set);
        if let Some(batch) = self.reading(&set)? {
            return batch.extended(&limits)?.with(&set);
        }
        if !limits.is_empty() {
            return self.extended(&limits)?.with(&set);
        }
        let mut all = self.fixed.clone();
        all.extend(set);
        let fields = restate::fields(self.path(), self.draft(), &all)?;
        let settings: Vec<Setting> = fields.iter().map(restate::Restated::setting).collect();
        self.scenario_set(&settings)
    }

    fn scenario_set(&self, settings: &[Setting]) -> Result<Scenario, Rejected> {
        self.base.scenario(&self.name, &self.source, settings).map_err(|faults| Rejected {
            path: self.path.clone(),
            diagnostics: place_all(faults, &self.texts),
        })
    }

    pub(crate) fn base(&self) -> &Base {
        &self.base
    }

    /// Bytes of the texts it was made from.
    pub fn bytes(&self) -> usize {
        self.texts.files().iter().map(|text| text.text.len()).sum()
    }

    /// The scenario file's text as it was read.
    pub(crate) fn text(&self) -> Option<&str> {
        self.texts.get(0).map(|text| text.text.as_str())
    }

    pub(crate) fn draft(&self) -> &draft::Draft {
        self.base.draft()
    }
}

/// Limits to add, and fields to set.
pub(crate) fn additions(set: &IndexMap<String, Value>) -> (IndexMap<String, Value>, IndexMap<String, Value>) {
    let adds = |(path, value): &(String, Value)| path.starts_with("limits.") && value.get("metric").is_some();
    set.clone().into_iter().partition(adds)
}
