//! A file dropped on the page, whatever it is, as a scenario.

use outlay::exchange::{self, Columns, Draft};
use outlay::{Batch, Chosen, Files, FitOptions, show};
use serde_json::Value;

use super::desk::in_memory;
use crate::stop::Stop;

const CURVES: &str = "curves.json";

/// The scenario, and what was decided when it was read.
pub(super) fn opened(
    name: &str,
    bytes: &[u8],
    stop: &Stop,
) -> Result<(String, Batch, Vec<String>), Vec<String>> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    let stem = if stem.trim().is_empty() { "file" } else { stem };
    let ending = ending.to_lowercase();
    let wrong = |e: &dyn std::fmt::Display| vec![format!("{file}: {e}")];
    let (draft, notes, more) = match ending.as_str() {
        "toml" => return Ok((stem.to_owned(), whole(file, bytes)?, Vec::new())),
        "json" => {
            let value: Value = serde_json::from_slice(bytes).map_err(|e| wrong(&e))?;
            if exchange::is_media_plan(&value) {
                let (draft, notes) = exchange::media_plan(&value, stem).map_err(|e| wrong(&e))?;
                (draft, notes, Vec::new())
            } else if value.get("lines").is_some() || value.get("extends").is_some() {
                return Ok((stem.to_owned(), whole(file, bytes)?, Vec::new()));
            } else {
                let memory = Files::memory([(CURVES, bytes.to_vec())]);
                let library = outlay::library(&memory, CURVES).map_err(|e| wrong(&e))?;
                let draft = exchange::library_lines(&library, CURVES, stem);
                (draft, Vec::new(), vec![(CURVES.to_owned(), bytes.to_vec())])
            }
        }
        "csv" | "tsv" | "txt" | "xlsx" | "xls" => tabled(file, stem, bytes, stop)?,
        _ => {
            let known =
                "give a spreadsheet (.csv, .xlsx), a scenario (.toml, .json) or a curve library (.json)";
            return Err(vec![format!("{file}: {known}")]);
        }
    };
    let notes = notes.into_iter().chain(remarks(&draft)).collect();
    Ok((stem.to_owned(), in_memory("scenario.toml", draft.toml(), more)?, notes))
}

/// A scenario file as it is; what it names is not here.
fn whole(file: &str, bytes: &[u8]) -> Result<Batch, Vec<String>> {
    let text = String::from_utf8(bytes.to_vec()).map_err(|e| vec![format!("{file}: {e}")])?;
    in_memory(file, text, Vec::new())
}

fn remarks(draft: &Draft) -> Vec<String> {
    let mut all = draft.remarks.clone();
    all.extend(draft.horizon_remark.iter().map(|r| format!("horizon: {r}")));
    all.extend(draft.budget_remark.iter().map(|r| format!("budget: {r}")));
    let out = draft.lines.iter().filter(|l| l.out);
    all.extend(out.map(|l| format!("`{}` has no spend or no outcome: it is left out", l.name)));
    all
}

type Drafted = (Draft, Vec<String>, Vec<(String, Vec<u8>)>);

/// A media plan, a history (whose curves are fitted), or lines with spend and
/// outcome.
fn tabled(file: &str, stem: &str, bytes: &[u8], stop: &Stop) -> Result<Drafted, Vec<String>> {
    let wrong = |e: &dyn std::fmt::Display| vec![format!("{file}: {e}")];
    if exchange::is_media_workbook(bytes) {
        let value = exchange::workbook(bytes).map_err(|e| wrong(&e))?;
        let (draft, notes) = exchange::media_plan(&value, stem).map_err(|e| wrong(&e))?;
        return Ok((draft, notes, Vec::new()));
    }
    let memory = Files::memory([(file, bytes.to_vec())]);
    let history = outlay::data(&memory, file).and_then(|data| outlay::history(&data, &Chosen::default()));
    if let Ok(history) = history {
        let cancel = || stop.now();
        let found =
            outlay::fit(&history, &[], &FitOptions::default().cancel(&cancel)).map_err(|e| wrong(&e))?;
        let text = show::library(&found.library).map_err(|e| wrong(&e))?;
        let draft = exchange::library_lines(&found.library, CURVES, stem);
        let notes =
            vec!["Curves were fitted to the history; `outlay fit` shows how sure they are.".to_owned()];
        return Ok((draft, notes, vec![(CURVES.to_owned(), text.into_bytes())]));
    }
    let (draft, table) = exchange::lines(bytes, stem, &Columns::default()).map_err(|e| wrong(&e))?;
    Ok((draft, outlay::report::source(&table.source), Vec::new()))
}
