//! Tools that ask a scenario: solve, check, frontier.

use indexmap::IndexMap;
use outlay::report::quote::quote;
use outlay::report::{View, sentence};
use outlay::{Batch, Effort, Format, Range, question, show};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::arguments::{Check, Frontier, Solve};
use crate::folder::Folder;
use crate::stop::Stop;

/// Most what-ifs of one file that one call solves.
const MOST: u64 = 24;

/// The scenario of a file with what is asked besides.
fn batch(
    folder: &Folder,
    scenario: &str,
    set: &Map<String, Value>,
    goal: Option<&str>,
    limits: &[String],
) -> Result<Batch, String> {
    folder.existing(scenario)?;
    let batch = outlay::read(&folder.files(), scenario).map_err(|e| e.to_string())?;
    let mut asked = IndexMap::new();
    for (path, value) in set {
        let (path, value) = match value {
            Value::String(text) => question::setting(&format!("{path}={text}"))?,
            value => (path.clone(), value.clone()),
        };
        asked.insert(path, value);
    }
    if let Some(goal) = goal {
        asked.insert("goal".to_owned(), question::goal(goal).map_err(|e| format!("goal: {e}"))?);
    }
    for limit in limits {
        let (path, value) = question::limit(limit).map_err(|e| format!("limits: `{limit}`: {e}"))?;
        asked.insert(path, value);
    }
    if asked.is_empty() {
        return Ok(batch);
    }
    batch.asked(&asked).map_err(|e| e.to_string())
}

pub(super) fn solve(folder: &Folder, ask: &Solve, stop: &Stop) -> Result<Answer, String> {
    if let Some(gap) = ask.gap.filter(|g| !(1e-12..1.0).contains(g)) {
        return Err(format!("gap: {gap} is not a gap of at least 1e-12 and below 1, such as 1e-6"));
    }
    if let Some(unit) = ask.round.filter(|u| !(u.is_finite() && *u > 0.0)) {
        return Err(format!("round: {unit} is not an amount above 0, such as 1000"));
    }
    if let Some(name) = &ask.save {
        folder.new_file(name, "json")?;
    }
    let batch = batch(folder, &ask.scenario, &ask.set, ask.goal.as_deref(), &ask.limits)?;
    let which: Vec<u64> = match ask.what_if {
        Some(index) if index < batch.len() => vec![index],
        Some(index) => {
            let last = batch.len() - 1;
            return Err(format!("what_if: there is no what-if {index}; the last one is {last}"));
        }
        None => (0..batch.len().min(MOST)).collect(),
    };
    if ask.save.is_some() && which.len() > 1 {
        return Err("save: the file holds several what-ifs; say which with what_if".to_owned());
    }
    let cancel = || stop.now();
    let effort = Effort::default().gap(ask.gap).round(ask.round).cancel(&cancel);
    let (mut text, mut results) = (String::new(), Vec::new());
    for &index in &which {
        let scenario = batch.scenario(index).map_err(|e| e.to_string())?;
        let result = outlay::solve(&scenario, &effort).map_err(|e| e.to_string())?.result;
        let view = View::new(&result, Some(&scenario));
        if which.len() == 1 {
            text = show::plan(&result, &scenario, Format::Table).map_err(|e| e.to_string())?;
        } else {
            text.push_str(&format!("{}: {}\n", sentence::what_if(&view), sentence::headline(&view)));
        }
        if let Some(name) = &ask.save {
            let file = crate::run::line(&result)?;
            folder.create(name, "json", file.as_bytes())?;
            text.push_str(&format!("\nSaved as {name}.\n"));
        }
        results.push(quote(&view));
    }
    let left_out = batch.len() - batch.len().min(MOST);
    match results.as_slice() {
        [one] => Answer::new(text, one),
        _ => Answer::new(text, &json!({ "what_ifs": results, "left_out": left_out })),
    }
}

pub(super) fn check(folder: &Folder, ask: &Check, stop: &Stop) -> Result<Answer, String> {
    let batch = batch(folder, &ask.scenario, &ask.set, None, &ask.limits)?;
    if batch.varies() {
        return Err(format!("{}: holds what-ifs; give a scenario without `vary`", ask.scenario));
    }
    let scenario = batch.scenario(0).map_err(|e| e.to_string())?;
    let cancel = || stop.now();
    let effort = Effort::default().cancel(&cancel);
    if let Some(name) = &ask.plan {
        let plan = outlay::hand_plan(&folder.data(name)?, &scenario).map_err(|e| e.to_string())?;
        let answer = outlay::judge(&scenario, &plan, None, &effort).map_err(|e| e.to_string())?;
        let text = show::judgement(&answer, &scenario, Format::Table).map_err(|e| e.to_string())?;
        return Answer::new(text, &answer);
    }
    let answer = outlay::check(&scenario, &effort).map_err(|e| e.to_string())?;
    let text = show::check(&answer, &scenario, Format::Table).map_err(|e| e.to_string())?;
    // Proofs are for `verify`; in an answer they are only long.
    Answer::new(text, &outlay::CheckFile { certificate: None, proofs: Vec::new(), ..answer })
}

pub(super) fn frontier(folder: &Folder, ask: &Frontier, stop: &Stop) -> Result<Answer, String> {
    let batch = batch(folder, &ask.scenario, &ask.set, ask.goal.as_deref(), &ask.limits)?;
    let until =
        ask.until.as_deref().map(question::condition).transpose().map_err(|e| format!("until: {e}"))?;
    if !(ask.from.is_finite() && ask.to.is_finite()) || ask.from == ask.to {
        return Err("from and to: a frontier needs a range between two numbers".to_owned());
    }
    let gap = ask.gap.unwrap_or(1e-3);
    if !(1e-9..1.0).contains(&gap) {
        return Err(format!("gap: {gap} is not a gap of at least 1e-9 and below 1, such as 0.001"));
    }
    let range = Range { over: &ask.over, from: ask.from, to: ask.to, gap: Some(gap) };
    let cancel = || stop.now();
    let effort = Effort::default().cancel(&cancel);
    let answer = outlay::frontier(&batch, &range, until.as_ref(), &effort).map_err(|e| e.to_string())?;
    let text = show::frontier(&answer, Format::Table).map_err(|e| e.to_string())?;
    let mut data = serde_json::to_value(&answer).map_err(|e| e.to_string())?;
    if let Some(fields) = data.as_object_mut() {
        fields.insert("sentences".to_owned(), json!(sentence::frontier(&answer)));
    }
    Answer::new(text, &data)
}
