//! `outlay check --plan PLAN`: a plan made by hand against a scenario.

use std::path::Path;

use outlay::report::{Document, check as show, sentence};
use outlay::scenario::Warning;
use outlay::{Files, JudgedFile, Scenario, Status};

use super::effort::asked;
use crate::arguments::{Check, CheckFormat};
use crate::exit::Exit;
use crate::run::line;
use crate::solve::Effort;
use crate::terminal::{self, told};

/// Judges a plan by one scenario.
pub(super) fn judge(
    arguments: &Check,
    scenario: &Scenario,
    path: &Path,
    effort: &Effort,
) -> Result<(Exit, String, Option<String>, Option<Document>), String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let data = outlay::data(&Files::disk(), path).map_err(told)?;
    let plan = outlay::hand_plan(&data, scenario).map_err(told)?;
    if let Some(large) = arguments.max_change.filter(|p| *p > 3.0) {
        let warning = Warning::LargeFraction { field: "--max-change".to_owned(), value: large };
        terminal::say(format_args!("warning: {}", sentence::warning(&warning)));
    }
    let judged =
        asked(arguments, effort, |effort| outlay::judge(scenario, &plan, arguments.max_change, effort));
    let file = judged.map_err(|e| named(&e))?;
    let (file, proofs) = (JudgedFile { proofs: Vec::new(), ..file.clone() }, file.proofs);
    let text = match arguments.format {
        CheckFormat::Json => crate::run::line(&file).map_err(|e| named(&e))?,
        CheckFormat::Markdown => show::judgement_markdown(&file, scenario),
        CheckFormat::Table => show::judgement(&file, scenario, terminal::page(arguments.width)),
    };
    let exit = exit(&file);
    let report = arguments.written.wanted().then(|| outlay::show::judgement_document(&file, scenario));
    let saved = arguments.out.is_some().then(|| line(&JudgedFile { proofs, ..file })).transpose()?;
    Ok((exit, text, saved, report))
}

/// A plan that breaks rules is refuted; one that keeps them is fine however
/// much better it could be, as long as that is proven.
fn exit(file: &JudgedFile) -> Exit {
    let unproven = file.best.as_ref().is_none_or(|b| b.status != Status::Optimal);
    match (file.legal, unproven) {
        (false, _) => Exit::Refuted,
        (true, true) => Exit::Unproven,
        (true, false) => Exit::Solved,
    }
}
