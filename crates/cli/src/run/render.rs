//! What one scenario adds to each output.

use std::path::Path;
use std::sync::Arc;

use outlay::report::{Sheet, View, csv, list, markdown, sentence, table};
use outlay::scenario::{Batch, ResultFile, Scenario, Status, Warning, escaped_json};
use serde::Deserialize;

use super::items::Item;
use super::plan::{Done, Kept, Plan};
use crate::arguments::Format;
use crate::exit::Exit;
use crate::hint::Known;
use crate::kept;

/// Solves one scenario and renders it; `wants_json` where results are saved.
pub(super) fn solve(plan: &Plan, item: &Item, wants_json: bool) -> Done {
    let batch = match plan.lots.open(item.batch) {
        Ok(batch) => batch,
        Err(error) => return failed(error),
    };
    let inputs = (item.last && wants_json).then(|| batch.inputs_later());
    let mut done = solved(plan, batch, item, wants_json);
    let inputs = inputs.map(|inputs| serde_json::to_string(&inputs()).map(escaped_json));
    match inputs.transpose() {
        Ok(inputs) => done.kept.inputs = inputs.map(String::into_bytes),
        Err(error) => return failed(format!("{}: {error}", plan.lots[item.batch].path.display())),
    }
    done
}

fn solved(plan: &Plan, batch: Arc<Batch>, item: &Item, wants_json: bool) -> Done {
    let lot = &plan.lots[item.batch];
    let path = lot.path.display();
    let needs_view = plan.sheets || plan.buy.is_some() || plan.media.is_some() || plan.format != Format::Json;
    if let (Some(Ok(line)), false) = (&item.saved, needs_view) {
        return match serde_json::from_str::<Ended>(line) {
            Ok(Ended { status }) => {
                Done { exit: exit(status), text: Arc::new(line.clone()), ..Done::default() }
            }
            Err(error) => failed(format!("{path}: {error}")),
        };
    }
    let effort = plan.effort.begun();
    let scenario = match batch.scenario(item.index) {
        Ok(scenario) => scenario,
        Err(rejected) => return failed(rejected.to_string()),
    };
    let embedded = plan.embed.then(|| batch.inputs());
    // What was read may take more memory than what follows.
    drop(batch);
    if effort.round.is_some() && !scenario.rounds() {
        let name = &scenario.name;
        return failed(format!(
            "{path}: {name}: by period --round needs geometric carry-over and no `smooth`"
        ));
    }
    let result = match &item.saved {
        Some(Ok(line)) => serde_json::from_str(line).map_err(|e| e.to_string()),
        Some(Err(error)) => Err(error.to_string()),
        None => {
            let solved = effort.spend(|effort| outlay::solve(&scenario, effort));
            solved.map(|s| s.result).map_err(|e| format!("{}: {e}", scenario.name))
        }
    };
    let mut result: ResultFile = match result {
        Ok(result) => result,
        Err(error) => return failed(format!("{path}: {error}")),
    };
    if embedded.is_some() {
        result.inputs = embedded;
    }
    let json = match (&item.saved, plan.format, wants_json) {
        (Some(Ok(line)), _, _) => line.clone(),
        (_, Format::Json, _) | (_, _, true) => match super::saved::line(&result) {
            Ok(line) => line,
            Err(error) => return failed(format!("{path}: {error}")),
        },
        _ => String::new(),
    };
    let view = needs_view.then(|| View::new(&result, Some(&scenario)));
    let text = match (plan.format, &view) {
        (Format::Json, _) | (_, None) => String::new(),
        (Format::Csv, Some(view)) => csv::rows(view),
        (Format::Markdown, Some(view)) => markdown::render(view),
        (Format::Table, Some(view)) if lot.varies => list::row(view, plan.page),
        (Format::Table, Some(view)) => table::render(view, plan.page),
    };
    let bought = plan
        .buy
        .as_ref()
        .map(|folder| kept::sheet(&result, &scenario, &folder.join(format!("{}.csv", lot.stem)), &[]));
    let buy = match bought.transpose() {
        Ok(rows) => rows.flatten(),
        Err(reason) => return failed(reason),
    };
    let (media, told) = match media(plan, &result, &scenario) {
        Ok(written) => written,
        Err(reason) => return failed(reason),
    };
    // A plan that exists needs no reasons.
    let sheet = view.filter(|_| plan.sheets).map(|view| match result.conflict.is_empty() {
        true => Sheet::new(view, &scenario),
        false => effort.spend(|effort| outlay::show::sheet(&result, &scenario, effort)),
    });
    let wants_json = wants_json && item.saved.is_none();
    let silent = match plan.format {
        Format::Csv | Format::Json => true,
        Format::Table => lot.varies,
        Format::Markdown => false,
    };
    let mut warnings = if silent { warnings(&lot.path, &scenario) } else { Vec::new() };
    warnings.extend(told);
    // One text serves both outputs.
    let json = Arc::new(json);
    let text = if plan.format == Format::Json { Arc::clone(&json) } else { Arc::new(text) };
    let json = wants_json.then_some(json);
    let kept = Kept { json, inputs: None };
    let known = (!lot.varies).then(|| Known::of(&scenario));
    Done { exit: exit(result.status), text, error: None, warnings, kept, sheet, buy, media, known }
}

/// The copy of the media plan with the plan in it, and what is to be said of it.
fn media(
    plan: &Plan,
    result: &ResultFile,
    scenario: &Scenario,
) -> Result<(Option<Vec<u8>>, Vec<String>), String> {
    let Some((data, path)) = &plan.media else { return Ok((None, Vec::new())) };
    let shown = path.display();
    Ok(match outlay::into_media_plan(result, scenario, data).map_err(|e| e.to_string())? {
        Some(written) => {
            let notes = written.notes.iter().map(|note| format!("note: {shown}: {note}"));
            (Some(written.bytes), notes.chain([format!("wrote {shown}")]).collect())
        }
        None => (None, vec![format!("note: there is no plan, so {shown} is not written")]),
    })
}

/// The warnings of a scenario, for standard error.
pub(crate) fn warnings(path: &Path, scenario: &Scenario) -> Vec<String> {
    let told = |w: &Warning| format!("warning: {}: {}", path.display(), sentence::warning(w));
    scenario.warnings.iter().map(told).collect()
}

/// What of a saved result is needed where it is copied.
#[derive(Deserialize)]
struct Ended {
    status: Status,
}

/// What stands before a scenario's text.
pub(super) fn between(plan: &Plan, item: &Item) -> String {
    let lot = &plan.lots[item.batch];
    let very_first = item.batch == 0 && item.first;
    match plan.format {
        Format::Csv if very_first => csv::header(),
        Format::Table if lot.varies && !item.first => String::new(),
        Format::Table => {
            let rule = if very_first { String::new() } else { table::between(plan.page) };
            let heading = if lot.varies { list::heading(&lot.name, plan.page) } else { String::new() };
            rule + &heading
        }
        Format::Markdown if !very_first => "\n".to_owned(),
        Format::Csv | Format::Json | Format::Markdown => String::new(),
    }
}

fn failed(error: String) -> Done {
    Done { exit: Exit::WrongInput, error: Some(error), ..Done::default() }
}

fn exit(status: Status) -> Exit {
    match status {
        Status::Optimal => Exit::Solved,
        Status::Infeasible => Exit::Refuted,
        Status::WithinGap | Status::Undetermined => Exit::Unproven,
    }
}
