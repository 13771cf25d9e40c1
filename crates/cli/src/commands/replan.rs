//! `outlay replan`: the rest of a plan from what happened.

use std::path::{Path, PathBuf};

use outlay::scenario::replan::{Verdict, names};
use outlay::{Data, Files, Replanned, Replanning, Resetting, Scope, Status, show};

use super::track::{actuals, format};
use crate::arguments::{Over, Replan};
use crate::exit::Exit;
use crate::kept;
use crate::made;
use crate::overwrite;
use crate::run::{inputs_at, keep_inputs, line, whole};
use crate::solve::Effort;
use crate::terminal::{self, told};

/// `outlay replan`: the rest of a plan, or the next one, from what happened.
pub(crate) fn run(arguments: &Replan) -> Exit {
    terminal::answer(plan(arguments))
}

fn plan(arguments: &Replan) -> Result<(String, Exit), String> {
    let files = Files::disk();
    let record = outlay::record(&files, &arguments.under_way.plan).map_err(told)?;
    let data = outlay::data(&files, &arguments.under_way.actuals).map_err(told)?;
    let actuals = actuals(&data, &record).map_err(told)?;
    if arguments.scenario.is_some() && !arguments.reset {
        return Err("--scenario is the next horizon's: it goes with --reset".to_owned());
    }
    if arguments.reset && !crate::ask::fields(&arguments.ask).is_empty() {
        return Err("--set, --limit and --goal change the rest of a plan; write the next horizon's scenario and give it with --reset --scenario".to_owned());
    }
    let after = match arguments.reset {
        true => "all".to_owned(),
        false => {
            actuals.through().and_then(|p| actuals.periods.get(p)).map_or(String::new(), |p| p.name.clone())
        }
    };
    let folder = arguments.out.clone().unwrap_or_else(|| PathBuf::from("."));
    let (scenario_path, result_path) = names(&folder, &arguments.under_way.plan, &after);
    let mut read = arguments.under_way.paths();
    read.extend(arguments.curves.iter().chain(&arguments.scenario).cloned());
    read.extend(record.sources());
    let mut written = Vec::new();
    if arguments.out.is_some() {
        let inputs = inputs_at(&result_path, &result_path, "");
        written.extend([scenario_path.clone(), result_path.clone(), inputs]);
    }
    if let Some(folder) = &arguments.buy {
        let sheet = folder.join(result_path.file_name().unwrap_or_default());
        written.extend(["csv", "xlsx"].map(|ending| sheet.with_extension(ending)));
    }
    written.extend(arguments.written.paths());
    overwrite::refuse(&written, &read)?;
    let effort = Effort { gap: arguments.gap, ..arguments.bounds.effort() };
    let curves = arguments.curves.as_deref();
    let paid_prices = !arguments.planned_prices;
    let asked = crate::ask::fields(&arguments.ask).into_iter().collect();
    let done = if arguments.reset {
        let next = arguments.scenario.as_deref();
        let usual = Resetting::new(&record, &actuals, &scenario_path);
        let resetting = Resetting { curves, next, paid_prices, ..usual };
        effort.spend(|effort| outlay::reset(&resetting, effort))
    } else {
        let replanning = Replanning {
            curves,
            scope: match arguments.cover {
                Over::Whole => Scope::Whole,
                Over::Rest => Scope::Rest,
            },
            friction: arguments.friction,
            least_gain: arguments.least_gain,
            probability: arguments.probability,
            most_change: arguments.most_change,
            paid_prices,
            asked: &asked,
            ..Replanning::new(&record, &actuals, &scenario_path)
        };
        effort.spend(|effort| outlay::replan(&replanning, effort))
    };
    let done = done.map_err(told)?;
    if arguments.out.is_some() {
        save(&folder, &scenario_path, &result_path, &done)?;
    }
    if let Some(folder) = &arguments.buy {
        let from = if arguments.reset { Vec::new() } else { vec![data] };
        buy(folder, &from, &result_path, &done)?;
    }
    if arguments.written.wanted() {
        let report = effort.spend(|effort| show::replanned_document(&done, effort));
        arguments.written.write(&[report])?;
    }
    let text = show::replanned(&done, format(arguments.format, arguments.width)).map_err(told)?;
    Ok((text, exit(&done)))
}

/// A plan that is kept is kept on purpose, whatever a better one would gain.
fn exit(done: &Replanned) -> Exit {
    match (done.file.verdict, done.result.status) {
        (Verdict::Keep, _) | (_, Status::Optimal) => Exit::Solved,
        (_, Status::Infeasible) => Exit::Refuted,
        (_, Status::WithinGap | Status::Undetermined) => Exit::Unproven,
    }
}

/// The buy sheet of the plan to go on with.
/// What the sheet it comes from holds is kept, and so is what stands in a sheet
/// in its place.
fn buy(folder: &Path, actuals: &[Data], result: &Path, done: &Replanned) -> Result<(), String> {
    let path = folder.join(result.file_name().unwrap_or_default()).with_extension("csv");
    let Some(rows) = kept::sheet(&done.result, &done.scenario, &path, actuals)? else { return Ok(()) };
    made::folder(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    whole(&path, show::buy_rows_csv(&rows).as_bytes()).map_err(|e| e.to_string())?;
    let book = show::buy_rows_workbook(&rows).map_err(|e| e.to_string())?;
    whole(&path.with_extension("xlsx"), &book).map_err(|e| e.to_string())
}

/// The new scenario and its result, so that the result can be re-proved and
/// tracked like any other.
fn save(folder: &Path, scenario: &Path, result: &Path, done: &Replanned) -> Result<(), String> {
    made::folder(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    whole(scenario, done.text.as_bytes()).map_err(|e| e.to_string())?;
    whole(result, line(&done.result)?.as_bytes()).map_err(|e| e.to_string())?;
    keep_inputs(&inputs_at(result, result, ""), &done.inputs).map_err(|e| e.to_string())?;
    terminal::say(format_args!("wrote {} and {}", scenario.display(), result.display()));
    Ok(())
}
