//! What one scenario adds to each output.

use outlay_report::{Sheet, View, csv, list, markdown, table};
use outlay_scenario::Status;
use outlay_scenario::buy::buy_sheet;

use super::{Done, Item, Plan};
use crate::arguments::Format;
use crate::exit::Exit;
use crate::solve;

/// Solves one scenario and renders it.
pub(super) fn solve(plan: &Plan, item: Item, wants_json: bool) -> Done {
    let batch = &plan.batches[item.batch];
    let scenario = match batch.scenario(item.index) {
        Ok(scenario) => scenario,
        Err(rejected) => return failed(rejected.to_string()),
    };
    let result = match solve::solve(&scenario, &plan.effort) {
        Ok(result) => result,
        Err(error) => return failed(format!("{}: {}: {error}", batch.path().display(), scenario.name)),
    };
    let json = match (plan.format, wants_json) {
        (Format::Json, _) | (_, true) => match serde_json::to_string(&result) {
            Ok(json) => json + "\n",
            Err(error) => return failed(format!("{}: {error}", batch.path().display())),
        },
        _ => String::new(),
    };
    let needs_view = plan.sheets || plan.format != Format::Json;
    let view = needs_view.then(|| View::new(&result, Some(&scenario)));
    let text = match (plan.format, &view) {
        (Format::Json, _) | (_, None) => json.clone(),
        (Format::Csv, Some(view)) => csv::rows(view),
        (Format::Markdown, Some(view)) => markdown::render(view),
        (Format::Table, Some(view)) if batch.varies() => list::row(view, plan.page),
        (Format::Table, Some(view)) => table::render(view, plan.page),
    };
    let buy = if plan.buy { buy_sheet(&result, &scenario) } else { None };
    let sheet = view.filter(|_| plan.sheets).map(|view| Sheet::new(view, &scenario));
    Done { exit: exit(result.status), text, error: None, json: wants_json.then_some(json), sheet, buy }
}

/// What stands before a scenario's text.
pub(super) fn between(plan: &Plan, item: Item) -> String {
    let batch = &plan.batches[item.batch];
    let very_first = item.batch == 0 && item.first;
    match plan.format {
        Format::Csv if very_first => csv::header(),
        Format::Table if batch.varies() && !item.first => String::new(),
        Format::Table => {
            let rule = if very_first { String::new() } else { table::between(plan.page) };
            let heading = if batch.varies() { list::heading(batch.name(), plan.page) } else { String::new() };
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
