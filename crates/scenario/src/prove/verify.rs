//! Re-proves saved files from their scenario alone.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

use serde_json::Value;

use crate::files::result::{ResultFile, Source, Status};
use crate::files::storage::{Files, read_to_string};
use crate::prove::difference::Difference;
use crate::prove::plan;
use crate::read::load::Batch;
use crate::read::record::{RecordError, find, unchanged};

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
}

/// Re-proves every result in a file (`.json`, or `.jsonl` with one per line)
/// from its scenario alone, and demands a gap of at most `gap` if one is given.
/// The scenario is looked for where the result says, then beside the result.
pub fn verify(path: &Path, gap: Option<f64>) -> Vec<Result<Verified, RecordError>> {
    verify_from(&Files::disk(), path, gap)
}

/// As [`verify`], from anywhere.
pub fn verify_from(files: &Files, path: &Path, gap: Option<f64>) -> Vec<Result<Verified, RecordError>> {
    let unreadable = |reason: String| RecordError::Unreadable { path: path.to_owned(), reason };
    let text = match read_to_string(files, path) {
        Ok(text) => text,
        Err(error) => return vec![Err(unreadable(error.to_string()))],
    };
    let lines = path.extension().is_some_and(|e| e == "jsonl");
    let parts: Vec<&str> =
        if lines { text.lines().filter(|l| !l.trim().is_empty()).collect() } else { vec![&text] };
    if parts.is_empty() {
        return vec![Err(unreadable("no result here".to_owned()))];
    }
    let mut batches = HashMap::new();
    let one = |part: &str| {
        let stated: Value = serde_json::from_str(part).map_err(|e| unreadable(e.to_string()))?;
        let file: ResultFile = serde_json::from_str(part).map_err(|e| unreadable(e.to_string()))?;
        let batch = match batches.entry(file.source.path.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(slot) => slot.insert(find(files, path, &file)?),
        };
        prove(batch, &file, &stated, gap)
    };
    parts.into_iter().map(one).collect()
}

fn prove(
    batch: &Batch,
    file: &ResultFile,
    stated: &Value,
    gap: Option<f64>,
) -> Result<Verified, RecordError> {
    unchanged(batch, file)?;
    let scenario = batch.with(&file.source.set)?;
    let mut differences = Vec::new();
    let figures = plan::prove(&scenario, file, stated, &mut differences)?;
    let certificate = file.certificate.as_ref();
    let proven = certificate.and_then(|c| c.gap);
    if let (Some(most), Some(_)) = (gap, &file.lines)
        && proven.is_none_or(|g| g > most)
    {
        let stated = proven.map_or_else(|| "unknown".to_owned(), |g| g.to_string());
        differences.push(Difference::new("certificate.gap", stated, format!("at most {most}, as demanded")));
    }
    let claim = Claim::Plan {
        status: file.status,
        value: file.value,
        gap: proven,
        asked: certificate.and_then(|c| c.asked),
    };
    let source = Source { asked: file.source.asked, ..scenario.source };
    Ok(Verified { scenario: scenario.name, source, claim, differences, figures })
}
