//! From what is asked to what is drawn.

use outlay::report::html::desk::{self as page, Control, Step};
use outlay::report::sentence::change_by;
use outlay::report::{View, html};
use outlay::scenario::repair_settings;
use outlay::scenario::result::Repair;
use serde_json::{Value, json};

use super::asked::{Asked, Kept, Set};
use super::controls::controls;
use super::desk::{Desk, Plan};
use super::shelf::{DROPPED, scenarios};
use crate::stop::Stop;

/// The page of a state.
pub(super) fn page(desk: &Desk, mut asked: Asked, over: Option<&str>, stop: &Stop) -> (bool, String) {
    let names = scenarios(&desk.folder);
    if asked.file.is_empty() {
        asked.file = desk.first.clone().or_else(|| names.first().cloned()).unwrap_or_default();
    }
    let files = names.iter().map(|name| {
        let other = Asked { file: name.clone(), ..Asked::default() };
        (name.clone(), other.href("/", &desk.token))
    });
    let mut shown = page::Desk {
        title: "Outlay".to_owned(),
        files: files.collect(),
        file: asked.file.clone(),
        ..page::Desk::default()
    };
    let mut state = json!({ "token": desk.token, "file": "", "set": {}, "keep": [], "saves": false });
    let mut fine = true;
    if !asked.file.is_empty() {
        match desk.plan(&asked.file, &asked.set, stop) {
            Ok(plan) => {
                fill(desk, &asked, &plan, over, stop, &mut shown);
                let saves = !asked.file.starts_with(DROPPED);
                state = json!({ "token": desk.token, "file": asked.file, "set": asked.set, "keep": asked.keep, "saves": saves });
            }
            Err(faults) => {
                shown.wrong = faults;
                fine = false;
            }
        }
    }
    shown.state = state.to_string();
    (fine, shown.render().unwrap_or_else(|e| e.to_string()))
}

fn fill(desk: &Desk, asked: &Asked, plan: &Plan, over: Option<&str>, stop: &Stop, shown: &mut page::Desk) {
    shown.controls = controls(plan);
    shown.title = plan.batch.name().to_owned();
    shown.plan = article(desk, asked, plan, "");
    shown.beside = beside(desk, asked, stop);
    let [scenario, workbook, report] = links(desk, asked);
    (shown.scenario, shown.workbook, shown.report) = (scenario, workbook, report);
    shown.fresh = Asked { set: Set::new(), ..asked.clone() }.href("/", &desk.token);
    shown.notes = desk.shelf.dropped(&asked.file).map(|d| d.notes).unwrap_or_default();
    shown.courses = traceable(&shown.controls)
        .map(|c| (c.path.clone(), c.label.clone(), over == Some(&c.path)))
        .collect();
    if let Some(over) = over {
        shown.course = course(desk, &asked.file, &asked.set, over, stop).unwrap_or_default();
    }
}

/// Numbers that a frontier can be traced over.
fn traceable(controls: &[Control]) -> impl Iterator<Item = &Control> {
    let named = |c: &&Control| matches!(c.place, page::Place::Budget | page::Place::Limit);
    controls.iter().filter(named).filter(|c| c.value.is_some())
}

fn links(desk: &Desk, asked: &Asked) -> [String; 3] {
    ["/scenario", "/workbook", "/report"].map(|path| asked.href(path, &desk.token))
}

/// The plan with its repairs as links.
fn article(desk: &Desk, asked: &Asked, plan: &Plan, changes: &str) -> page::Drawn {
    let result = &plan.result;
    let single = result.repairs.iter().map(std::slice::from_ref);
    let several = std::iter::once(result.cheapest_repair.as_slice())
        .filter(|r| r.len() > 1 || result.repairs.is_empty());
    let steps: Vec<Step> = single.chain(several).filter_map(|r| step(desk, asked, plan, r)).collect();
    page::article(&plan.sheet, changes, &steps)
}

fn step(desk: &Desk, asked: &Asked, plan: &Plan, repairs: &[Repair]) -> Option<Step> {
    let all = plan.result.repairs.iter().zip(&plan.view().repairs);
    let all: Vec<_> =
        all.chain(plan.result.cheapest_repair.iter().zip(&plan.view().cheapest_repair)).collect();
    let shown = |repair: &Repair| all.iter().find(|(r, _)| *r == repair).map(|(_, shown)| *shown);
    // Numbers as they are shown.
    let enough = |r: &Repair| Repair { to: shown(r).and_then(outlay::report::sentence::enough), ..r.clone() };
    let change = repair_settings(&plan.scenario, &repairs.iter().map(enough).collect::<Vec<_>>())?;
    if change.is_empty() {
        return None;
    }
    let text: Vec<String> = repairs.iter().filter_map(|r| shown(r).map(change_by)).collect();
    let mut set = asked.set.clone();
    set.extend(change.clone());
    Some(Step {
        text: text.join(", and "),
        href: asked.with(set).href("/", &desk.token),
        change: json!(change).to_string(),
    })
}

fn beside(desk: &Desk, asked: &Asked, stop: &Stop) -> String {
    let solved: Vec<_> =
        asked.keep.iter().filter_map(|k| Some((k, desk.plan(&asked.file, &k.set, stop).ok()?))).collect();
    let plans: Vec<(String, &View)> = solved.iter().map(|(k, plan)| (k.name.clone(), plan.view())).collect();
    let link = |kept: &Kept| {
        let rest = asked.keep.iter().filter(|k| *k != kept).cloned().collect();
        let drop = Asked { keep: rest, ..asked.clone() };
        (asked.with(kept.set.clone()).href("/", &desk.token), drop.href("/", &desk.token))
    };
    let links: Vec<(String, String)> = solved.iter().map(|(k, _)| link(k)).collect();
    page::beside(&plans, &links)
}

/// What the script puts in the place of the old.
pub(super) fn answer(desk: &Desk, asked: &Asked, before: &Set, stop: &Stop) -> Result<Value, Vec<String>> {
    let plan = desk.plan(&asked.file, &asked.set, stop)?;
    let was = desk.plan(&asked.file, before, stop).ok();
    let controls = controls(&plan);
    // A field set to what the file says is not set.
    let mut set = asked.set.clone();
    set.retain(|path, _| controls.iter().all(|c| c.path != *path || c.value != c.filed));
    let asked = asked.with(set);
    let [scenario, workbook, report] = links(desk, &asked);
    let changes = was.map_or_else(String::new, |was| page::change(was.view(), plan.view()));
    let page::Drawn { first, rest } = article(desk, &asked, &plan, &changes);
    Ok(json!({
        "set": asked.set,
        "keep": asked.keep,
        "href": asked.href("/", &desk.token),
        "title": plan.batch.name(),
        "spoken": page::spoken(plan.view()),
        "first": first,
        "rest": rest,
        "beside": beside(desk, &asked, stop),
        "controls": controls.iter().map(Control::shown).collect::<Vec<_>>(),
        "scenario": scenario,
        "workbook": workbook,
        "report": report,
    }))
}

/// The frontier around where a number stands.
pub(super) fn course(
    desk: &Desk,
    file: &str,
    set: &Set,
    over: &str,
    stop: &Stop,
) -> Result<String, Vec<String>> {
    let plan = desk.plan(file, set, stop)?;
    let controls = controls(&plan);
    let control = traceable(&controls).find(|c| c.path == over);
    let Some((control, value)) = control.and_then(|c| Some((c, c.value?))) else { return Ok(String::new()) };
    let reach = if value == 0.0 { 0.5 * control.high } else { 0.5 * value.abs() };
    let share = control.kind == outlay::report::number::Kind::Percent && (0.0..=1.0).contains(&value);
    let ends = if share {
        ((value - reach).max(0.0), (value + reach).min(1.0))
    } else {
        (value - reach, value + reach)
    };
    let ends = within(&controls, over, ends);
    let file = desk.frontier(file, set, over, ends, stop)?;
    Ok(page::course(&file, Some(value)))
}

/// Ends that do not cross the other side of the same limit or budget.
fn within(controls: &[Control], over: &str, (from, to): (f64, f64)) -> (f64, f64) {
    let other = |side: &str, with: &str| {
        let path = format!("{}{with}", over.strip_suffix(side)?);
        controls.iter().find(|c| c.path == path)?.value
    };
    match (other(".min", ".max"), other(".max", ".min")) {
        (Some(most), _) if from < most => (from, to.min(most)),
        (_, Some(least)) if to > least => (from.max(least), to),
        _ => (from, to),
    }
}

/// The plan, and kept ones after it, as one page or one workbook.
pub(super) fn report(
    desk: &Desk,
    asked: &Asked,
    workbook: bool,
    stop: &Stop,
) -> Result<Vec<u8>, Vec<String>> {
    let first = desk.plan(&asked.file, &asked.set, stop)?;
    let mut sheets = vec![first.sheet.clone()];
    for kept in &asked.keep {
        let plan = desk.plan(&asked.file, &kept.set, stop)?;
        let mut sheet = plan.sheet.clone();
        sheet.view.name.clone_from(&kept.name);
        sheets.push(sheet);
    }
    let wrong = |e: &dyn std::fmt::Display| vec![e.to_string()];
    if workbook {
        return outlay::report::xlsx::render(&sheets).map_err(|e| wrong(&e));
    }
    html::render(first.batch.name(), &sheets).map(String::into_bytes).map_err(|e| wrong(&e))
}

/// The scenario as a file, to be kept in `beside`.
pub(super) fn scenario(
    desk: &Desk,
    file: &str,
    set: &Set,
    beside: &std::path::Path,
) -> Result<Vec<u8>, Vec<String>> {
    let batch = desk.shelf.batch(&desk.folder, file)?;
    let written = batch.written(set, beside).map_err(|e| super::shelf::told(&e.into()))?;
    let text = serde_json::to_string_pretty(&written).map_err(|e| vec![e.to_string()])?;
    let text = outlay::scenario::escaped_json(text);
    Ok((text + "\n").into_bytes())
}
