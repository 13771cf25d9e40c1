//! Re-proves saved files from their scenario alone.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::IgnoredAny;

use crate::ask::check::CheckFile;
use crate::ask::comparison::ComparisonFile;
use crate::ask::frontier::FrontierFile;
use crate::ask::judged::JudgedFile;
use crate::files::inputs::InputsFile;
use crate::files::result::{FORMAT, ResultFile, Source, Status};
use crate::files::storage::{Files, read_to_string};
use crate::files::texts::sha256;
use crate::model::scenario::Scenario;
use crate::prove::difference::Difference;
use crate::prove::{plan, questions};
use crate::read::inputs::kept;
use crate::read::load::Batch;
use crate::read::record::{RecordError, find, sealed, unchanged};

/// What re-proving a saved file found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Name of the scenario.
    pub scenario: String,
    /// The files it was made from and what was asked.
    pub source: Source,
    /// What the file claims.
    pub claim: Claim,
    /// Fields that differ from what the scenario proves; empty: the claim stands.
    pub differences: Vec<Difference>,
    /// Number of figures compared.
    pub figures: usize,
}

/// What a saved file claims.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Claim {
    /// A plan, or that there is none.
    Plan {
        /// How the search ended.
        status: Status,
        /// The goal at the plan.
        value: Option<f64>,
        /// The proven gap.
        gap: Option<f64>,
        /// The gap asked for.
        asked: Option<f64>,
    },
    /// Whether all limits can hold; `None` where that is not proven.
    Check(Option<bool>),
    /// Whether a plan made by hand keeps every rule.
    Judgement(bool),
    /// A frontier.
    Frontier {
        /// Its largest distance from the straight lines between its points.
        gap: Option<f64>,
        /// Whether that is proven.
        certified: bool,
    },
    /// So many results side by side.
    Comparison(usize),
}

/// Re-proves every answer in a file (`.json`, or `.jsonl` with one per line)
/// from its scenario alone, and demands a gap of at most `gap` if one is given.
/// The scenario is looked for where the file says, then beside the file.
pub fn verify(files: &Files, path: &Path, gap: Option<f64>) -> Vec<Result<Verified, RecordError>> {
    let mut all = Vec::new();
    verify_each(files, path, gap, &mut |verdict| all.push(verdict));
    all
}

/// The same, each verdict told as soon as it is known.
pub fn verify_each(
    files: &Files,
    path: &Path,
    gap: Option<f64>,
    tell: &mut dyn FnMut(Result<Verified, RecordError>),
) {
    let unreadable = |reason: String| RecordError::Unreadable { path: path.to_owned(), reason };
    let text = match read_to_string(files, path) {
        Ok(text) => text,
        Err(error) => return tell(Err(unreadable(error.to_string()))),
    };
    if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("inputs.")) {
        if let Err(reason) = inputs(&text) {
            tell(Err(unreadable(reason)));
        }
        return;
    }
    let lines = path.extension().is_some_and(|e| e == "jsonl");
    let parts: Vec<&str> =
        if lines { text.lines().filter(|l| !l.trim().is_empty()).collect() } else { vec![&text] };
    if parts.is_empty() {
        return tell(Err(unreadable("no result here".to_owned())));
    }
    let several = parts.len() > 1;
    let mut proving = Proving { files, path, gap, several, batches: HashMap::new() };
    for part in parts {
        tell(proving.part(part));
    }
}

/// The inputs kept beside a result claim nothing but their hashes.
fn inputs(text: &str) -> Result<(), String> {
    let inputs: InputsFile = serde_json::from_str(text).map_err(|e| e.to_string())?;
    if inputs.outlay != FORMAT {
        return Err(format!("is of format {}, not {FORMAT}", inputs.outlay));
    }
    let other = inputs.files.iter().find(|f| sha256(f.text.as_bytes()) != f.sha256);
    other.map_or(Ok(()), |f| Err(format!("{} has another hash than stated", f.path)))
}

/// What wrote a file, if it was another build than this.
fn foreign(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Written {
        #[serde(default)]
        version: String,
        source: Option<Source>,
        #[serde(default)]
        results: Vec<Written>,
    }
    fn of(written: Written) -> Option<String> {
        let Some(source) = written.source else { return written.results.into_iter().find_map(of) };
        let version = if source.version.is_empty() { written.version } else { source.version.clone() };
        Source { version, ..source }.foreign()
    }
    of(serde_json::from_str(text).ok()?)
}

/// What a plan was made from.
#[derive(Deserialize)]
struct Made {
    source: Source,
    #[serde(default)]
    inputs: Option<InputsFile>,
}

/// One file on its way to a verdict.
struct Proving<'a> {
    files: &'a Files,
    path: &'a Path,
    gap: Option<f64>,
    several: bool,
    /// Scenario files by what they are made from.
    batches: HashMap<String, Batch>,
}

impl Proving<'_> {
    /// What does not hold, or cannot be read, and was written by another build,
    /// is refused with its version: it may have been right by that one.
    fn part(&mut self, text: &str) -> Result<Verified, RecordError> {
        let found = self.answer(text);
        let fails = match &found {
            Ok(verified) => !verified.differences.is_empty(),
            Err(error) => !matches!(error, RecordError::Changed { .. } | RecordError::Scenario(_)),
        };
        match foreign(text).filter(|_| fails) {
            Some(version) => Err(RecordError::Earlier { path: self.path.to_owned(), version }),
            None => found,
        }
    }

    fn answer(&mut self, text: &str) -> Result<Verified, RecordError> {
        // What is no table is told below.
        let fields: HashMap<String, IgnoredAny> = serde_json::from_str(text).unwrap_or_default();
        let has = |key: &str| fields.contains_key(key);
        if has("feasible") {
            self.check(&self.parsed(text)?, text)
        } else if has("legal") {
            self.judgement(&self.parsed(text)?, text)
        } else if has("points") {
            self.frontier(&self.parsed(text)?, text)
        } else if has("columns") {
            self.comparison(&self.parsed(text)?, text)
        } else {
            self.plan(text)
        }
    }

    fn parsed<T: DeserializeOwned>(&self, text: &str) -> Result<T, RecordError> {
        let unreadable = |reason: String| RecordError::Unreadable { path: self.path.to_owned(), reason };
        serde_json::from_str(text).map_err(|e| unreadable(e.to_string()))
    }

    /// The scenario file that a source names, as it was.
    fn batch(&mut self, source: &Source, within: Option<&InputsFile>) -> Result<&Batch, RecordError> {
        let (files, path) = (self.files, self.path);
        let batch = match self.batches.entry(source.files()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(slot) => slot.insert(find(files, path, source, within)?),
        };
        unchanged(batch, source, || kept(files, path, source, within))?;
        Ok(batch)
    }

    fn scenario(&mut self, source: &Source) -> Result<Scenario, RecordError> {
        Ok(self.batch(source, None)?.with(&source.set)?)
    }

    /// The scenario that a plan was made from.
    fn meant(&mut self, made: &Made) -> Result<Scenario, RecordError> {
        let scenario = self.batch(&made.source, made.inputs.as_ref())?.with(&made.source.set)?;
        if !self.several {
            // As read it takes more memory than all that follows.
            self.batches.clear();
        }
        Ok(scenario)
    }

    fn plan(&mut self, stated: &str) -> Result<Verified, RecordError> {
        // First, so that the plan takes what reading the scenario leaves.
        let meant = self.parsed(stated).and_then(|made| self.meant(&made));
        let file = &mut self.parsed::<ResultFile>(stated)?;
        sealed(self.path, file)?;
        let scenario = meant?;
        // Of what proves nothing only the text is compared.
        file.reference = None;
        let none = Arc::default();
        file.lines.iter_mut().flatten().for_each(|line| line.tags = Arc::clone(&none));
        let mut differences = Vec::new();
        let planned = file.has_plan();
        let figures = plan::prove(&scenario, file, stated, &mut differences)?;
        let certificate = file.certificate.as_ref();
        let proven = certificate.and_then(|c| c.gap);
        if planned {
            differences.extend(self.too_wide("certificate.gap", proven));
        }
        let asked = certificate.and_then(|c| c.asked);
        let claim = Claim::Plan { status: file.status, value: file.value, gap: proven, asked };
        let source = Source { asked: file.source.asked, ..scenario.source };
        Ok(Verified { scenario: scenario.name, source, claim, differences, figures })
    }

    fn check(&mut self, file: &CheckFile, stated: &str) -> Result<Verified, RecordError> {
        let source = file.source.clone().unwrap_or_default();
        let scenario = self.scenario(&source)?;
        let mut differences = Vec::new();
        let figures = questions::prove_check(&scenario, file, stated, &mut differences)?;
        let claim = Claim::Check(file.feasible);
        Ok(Verified { scenario: scenario.name, source, claim, differences, figures })
    }

    fn judgement(&mut self, file: &JudgedFile, stated: &str) -> Result<Verified, RecordError> {
        let scenario = self.scenario(&file.source)?;
        let mut differences = Vec::new();
        let figures =
            questions::prove_judgement((self.files, self.path), &scenario, file, stated, &mut differences)?;
        let (claim, source) = (Claim::Judgement(file.legal), file.source.clone());
        Ok(Verified { scenario: scenario.name, source, claim, differences, figures })
    }

    fn frontier(&mut self, file: &FrontierFile, stated: &str) -> Result<Verified, RecordError> {
        let batch = self.batch(&file.source, None)?.asked(&file.source.set)?;
        let mut differences = Vec::new();
        let figures = questions::prove_frontier(&batch, file, stated, &mut differences)?;
        differences.extend(self.too_wide("gap", file.gap.filter(|_| file.certified)));
        let claim = Claim::Frontier { gap: file.gap, certified: file.certified };
        let (scenario, source) = (file.scenario.clone(), file.source.clone());
        Ok(Verified { scenario, source, claim, differences, figures })
    }

    fn comparison(&mut self, file: &ComparisonFile, stated: &str) -> Result<Verified, RecordError> {
        let mut differences = Vec::new();
        let figures = questions::prove_comparison((self.files, self.path), file, stated, &mut differences)?;
        let names: Vec<&str> = file.results.iter().map(|r| r.scenario.as_str()).collect();
        let source = file.results.first().map(|r| r.source.clone()).unwrap_or_default();
        let claim = Claim::Comparison(names.len());
        Ok(Verified { scenario: names.join(", "), source, claim, differences, figures })
    }

    /// A gap that is wider than demanded.
    fn too_wide(&self, field: &str, proven: Option<f64>) -> Option<Difference> {
        let most = self.gap.filter(|most| proven.is_none_or(|gap| gap > *most))?;
        let stated = proven.map_or_else(|| "unknown".to_owned(), |g| g.to_string());
        Some(Difference::new(field, stated, format!("at most {most}, as demanded")))
    }
}
