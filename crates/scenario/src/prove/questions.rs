//! Answers to questions, given again from the proofs of their searches.

use std::path::{Path, PathBuf};

use outlay_allocator::Options;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ask::check::CheckFile;
use crate::ask::comparison::{Compared, ComparisonFile, comparison};
use crate::ask::feasibility::check;
use crate::ask::frontier::{Course, FrontierFile, frontier};
use crate::ask::judged::{JudgedFile, JudgedLine, judge_plan};
use crate::files::result::Source;
use crate::files::storage::Files;
use crate::files::texts::sha256;
use crate::model::scenario::Scenario;
use crate::plan::lower::lower;
use crate::plan::proofs::options;
use crate::prove::difference::{Difference, texts};
use crate::prove::plan;
use crate::prove::replay::replayed;
use crate::read::inputs::kept;
use crate::read::load::Batch;
use crate::read::plan_file::HandPlan;
use crate::read::record::{RecordError, find, unchanged};

/// Compares an answer with the same one given again.
fn compared(
    stated: &str,
    again: &impl Serialize,
    differences: &mut Vec<Difference>,
) -> Result<usize, RecordError> {
    Ok(texts(stated, &serde_json::to_string(again)?, differences)?)
}

/// Whether the limits can hold, and how far they let a plan go.
pub(crate) fn prove_check(
    scenario: &Scenario,
    file: &CheckFile,
    stated: &str,
    differences: &mut Vec<Difference>,
) -> Result<usize, RecordError> {
    let source = file.source.clone().unwrap_or_default();
    let mut again = replayed(&file.proofs, differences, |answers, stop| {
        let options = Options { answers: Some(answers), stop, ..options(source.asked) };
        check(scenario, &lower(scenario), &options)
    })?;
    again.proofs.clone_from(&file.proofs);
    if let Some(again) = &mut again.source {
        again.take_paths(&source);
    }
    compared(stated, &again, differences)
}

/// A plan made by hand. Its file is looked for where the judgement says and
/// beside it; its spends stand in the judgement.
pub(crate) fn prove_judgement(
    (files, at): (&Files, &Path),
    scenario: &Scenario,
    file: &JudgedFile,
    stated: &str,
    differences: &mut Vec<Difference>,
) -> Result<usize, RecordError> {
    let named = Path::new(&file.plan.path);
    let beside = at.parent().unwrap_or(Path::new("")).join(named.file_name().unwrap_or_default());
    let found = [named.to_owned(), beside].iter().find_map(|p| files.read(p).ok());
    let sha256 = found.map_or_else(|| file.plan.sha256.clone(), |bytes| sha256(&bytes));
    let line = |name: &String| file.lines.iter().find(|l| l.name == *name);
    let judged = || scenario.lines.iter().map(|l| line(&l.name));
    let spends = judged().map(|l| l.map_or(0.0, |l| l.spend)).collect();
    let flown = |l: &JudgedLine| l.flight.iter().flat_map(|f| &f.periods).map(|p| p.spend).collect();
    let flights = || judged().map(|l| l.map_or_else(Vec::new, flown)).collect();
    let flights = if scenario.calendar.is_some() { flights() } else { Vec::new() };
    let plan = HandPlan { path: PathBuf::from(&file.plan.path), sha256, spends, flights };
    let max_change = file.within.as_ref().map(|w| w.max_change);
    let mut again = replayed(&file.proofs, differences, |answers, stop| {
        let options = Options { answers: Some(answers), stop, ..options(file.source.asked) };
        judge_plan(scenario, &lower(scenario), &plan, max_change, &options)
    })?;
    again.proofs.clone_from(&file.proofs);
    again.source.take_paths(&file.source);
    compared(stated, &again, differences)
}

/// The best value over a field.
pub(crate) fn prove_frontier(
    batch: &Batch,
    file: &FrontierFile,
    stated: &str,
    differences: &mut Vec<Difference>,
) -> Result<usize, RecordError> {
    let asked = file.source.asked;
    let condition = file.until.as_ref().map(|u| &u.condition);
    let traced = |options: Options<'_>| {
        let (over, gap) = (file.over.as_str(), asked.gap.unwrap_or(f64::NAN));
        frontier(batch, &Course { over, from: file.from, to: file.to, gap, options }, condition)
    };
    let again = replayed(&file.proofs, differences, |answers, stop| {
        traced(Options { answers: Some(answers), stop, gap: None, ..options(asked) })
    });
    let mut again = again.map_err(|e| RecordError::Question(e.to_string()))?;
    again.proofs.clone_from(&file.proofs);
    again.source.take_paths(&file.source);
    compared(stated, &again, differences)
}

/// The results of a comparison as they are written.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

/// Results side by side: each of them, then what is made of them.
pub(crate) fn prove_comparison(
    (files, at): (&Files, &Path),
    file: &ComparisonFile,
    stated: &str,
    differences: &mut Vec<Difference>,
) -> Result<usize, RecordError> {
    let mut all = Vec::new();
    let mut figures = 0;
    let parts: Parts = serde_json::from_str(stated)?;
    for (k, (result, part)) in file.results.iter().zip(parts.results).enumerate() {
        let within = result.inputs.as_ref();
        let batch = find(files, at, &result.source, within)?;
        unchanged(&batch, &result.source, || kept(files, at, &result.source, within))?;
        let scenario = batch.with(&result.source.set)?;
        let mut found = Vec::new();
        figures += plan::prove(&scenario, &mut result.clone(), part.get(), &mut found)?;
        differences.extend(found.into_iter().map(|d| d.inside(&format!("results.{k}"))));
        let path = file.columns.get(k + 1).and_then(|c| c.path.clone()).unwrap_or_default();
        let scenario = Scenario { round: result.source.asked.round, ..scenario };
        all.push(Compared { path, file: result.clone(), scenario });
    }
    let again = replayed(&file.proofs, differences, |answers, stop| {
        comparison(&all, &Options { answers: Some(answers), stop, ..Options::default() })
    });
    let mut again = again.map_err(|e| RecordError::Question(e.to_string()))?;
    again.proofs.clone_from(&file.proofs);
    again.results.clone_from(&file.results);
    Ok(figures + compared(stated, &again, differences)?)
}

impl Source {
    /// Takes over where files stood when something was written: they are known
    /// by their hashes, and may have moved. What wrote it is no claim either.
    pub(crate) fn take_paths(&mut self, stated: &Source) {
        self.version.clone_from(&stated.version);
        self.proofs = stated.proofs;
        self.path.clone_from(&stated.path);
        for (now, then) in self.inputs.iter_mut().zip(&stated.inputs) {
            now.path.clone_from(&then.path);
        }
    }
}
