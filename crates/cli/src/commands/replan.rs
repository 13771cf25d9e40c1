use std::fs;
use std::path::{Path, PathBuf};

use outlay_allocator::Options;
use outlay_report::{View, buy as sheets, replan as show};
use outlay_scenario::buy::buy_sheet;
use outlay_scenario::replan::{Replanned, Replanning, Resetting, Scope, Verdict, names, replan, reset};
use outlay_scenario::{Files, Status, read_record};

use super::track::actuals;
use crate::arguments::{Format, Over, Replan};
use crate::exit::Exit;
use crate::kept;
use crate::overwrite;
use crate::run::whole;
use crate::terminal;

/// `outlay replan`: the rest of a plan, or the next one, from what happened.
pub(crate) fn run(arguments: &Replan) -> Exit {
    match plan(arguments) {
        Ok((text, exit)) => match terminal::print(&text) {
            Ok(()) => exit,
            Err(error) => {
                terminal::error(error);
                Exit::WrongInput
            }
        },
        Err(message) => {
            terminal::error(message);
            Exit::WrongInput
        }
    }
}

fn plan(arguments: &Replan) -> Result<(String, Exit), String> {
    let record = read_record(&arguments.plan).map_err(|e| e.to_string())?;
    let data = outlay::data(&Files::disk(), &arguments.actuals).map_err(|e| e.to_string())?;
    let actuals = actuals(&data, &record)?;
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
    let (scenario_path, result_path) = names(&folder, &arguments.plan, &after);
    let mut read = vec![arguments.plan.clone(), arguments.actuals.clone()];
    read.extend(arguments.curves.iter().chain(&arguments.scenario).cloned());
    read.extend(record.sources());
    let mut written = Vec::new();
    if arguments.out.is_some() {
        written.extend([scenario_path.clone(), result_path.clone()]);
    }
    if let Some(folder) = &arguments.buy {
        let sheet = folder.join(result_path.file_name().unwrap_or_default());
        written.extend(["csv", "xlsx"].map(|ending| sheet.with_extension(ending)));
    }
    overwrite::refuse(&written, &read)?;
    let defaults = Options::default();
    let options = Options { gap: arguments.gap, ..defaults };
    let curves = arguments.curves.as_deref();
    let asked = crate::ask::fields(&arguments.ask).into_iter().collect();
    let done = if arguments.reset {
        let resetting = Resetting {
            record: &record,
            actuals: &actuals,
            curves,
            next: arguments.scenario.as_deref(),
            paid_prices: !arguments.planned_prices,
            at: &scenario_path,
        };
        reset(&resetting, &options)
    } else {
        let replanning = Replanning {
            record: &record,
            actuals: &actuals,
            curves,
            scope: match arguments.cover {
                Over::Whole => Scope::Whole,
                Over::Rest => Scope::Rest,
            },
            friction: arguments.friction,
            least_gain: arguments.least_gain,
            most_change: arguments.most_change,
            paid_prices: !arguments.planned_prices,
            asked: &asked,
            at: &scenario_path,
        };
        replan(&replanning, &options)
    };
    let done = done.map_err(|e| e.to_string())?;
    if arguments.out.is_some() {
        save(&folder, &scenario_path, &result_path, &done)?;
    }
    if let Some(folder) = &arguments.buy {
        let from = Some(arguments.actuals.as_path()).filter(|_| !arguments.reset);
        buy(folder, from, &result_path, &done)?;
    }
    let view = View::new(&done.result, Some(&done.scenario));
    let text = match arguments.format {
        Format::Table => show::table(&done.file, &view, terminal::page(arguments.width)),
        Format::Json => serde_json::to_string(&done.file).map_err(|e| e.to_string())? + "\n",
        Format::Csv => show::csv(&done.file),
        Format::Markdown => show::markdown(&done.file, &view),
    };
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
fn buy(folder: &Path, actuals: Option<&Path>, result: &Path, done: &Replanned) -> Result<(), String> {
    let Some(mut rows) = buy_sheet(&done.result, &done.scenario) else { return Ok(()) };
    if let Some(actuals) = actuals {
        kept::from(actuals, &done.scenario, &mut rows)?;
    }
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let path = folder.join(result.file_name().unwrap_or_default()).with_extension("csv");
    kept::in_place_of(&path, &done.scenario, &mut rows)?;
    whole(&path, sheets::csv(&rows).as_bytes()).map_err(|e| e.to_string())?;
    let book = sheets::workbook(&rows).map_err(|e| e.to_string())?;
    whole(&path.with_extension("xlsx"), &book).map_err(|e| e.to_string())
}

/// The new scenario and its result, so that the result can be re-proved and
/// tracked like any other.
fn save(folder: &Path, scenario: &Path, result: &Path, done: &Replanned) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    whole(scenario, done.text.as_bytes()).map_err(|e| e.to_string())?;
    let json = serde_json::to_string(&done.result).map_err(|e| e.to_string())? + "\n";
    whole(result, json.as_bytes()).map_err(|e| e.to_string())?;
    terminal::say(format_args!("wrote {} and {}", scenario.display(), result.display()));
    Ok(())
}
