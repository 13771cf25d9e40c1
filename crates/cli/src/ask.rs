//! Questions asked on the command line: `--goal`, `--limit`, `--set`.

use outlay_scenario::{Batch, Loaded};
use serde_json::{Map, Value, json};

use crate::arguments::Ask;
use crate::exit::Exit;
use crate::terminal;

/// The fields that a question sets, by path.
pub(crate) fn fields(ask: &Ask) -> Vec<(String, Value)> {
    let goal = ask.goal.iter().map(|goal| ("goal".to_owned(), goal.clone()));
    goal.chain(ask.limits.iter().cloned()).chain(ask.set.iter().cloned()).collect()
}

/// Asks every scenario the question; those it does not fit are left out.
pub(crate) fn put(ask: &Ask, loaded: &mut Loaded) -> Exit {
    let set = fields(ask).into_iter().collect::<indexmap::IndexMap<String, Value>>();
    if set.is_empty() {
        return Exit::Solved;
    }
    let mut exit = Exit::Solved;
    let batches: Vec<Batch> = std::mem::take(&mut loaded.batches);
    for batch in batches {
        match batch.asked(&set) {
            Ok(asked) => loaded.batches.push(asked),
            Err(rejected) => {
                terminal::error(rejected);
                exit = Exit::WrongInput;
            }
        }
    }
    exit
}

/// `maximize revenue` as a goal.
pub(crate) fn goal(text: &str) -> Result<Value, String> {
    let expected = "expected `maximize` or `minimize` and what: minimize spend";
    let (verb, what) = text.trim().split_once(char::is_whitespace).ok_or(expected)?;
    let verb = match verb {
        "maximize" | "maximise" => "maximize",
        "minimize" | "minimise" => "minimize",
        _ => return Err(expected.to_owned()),
    };
    Ok(json!({ verb: what.trim() }))
}

/// `customers>=10000` as the path of a new limit and the limit.
pub(crate) fn limit(text: &str) -> Result<(String, Value), String> {
    let (metric, side, number) = match (text.split_once(">="), text.split_once("<=")) {
        (Some((metric, number)), _) => (metric.trim(), "min", number),
        (None, Some((metric, number))) => (metric.trim(), "max", number),
        (None, None) => return Err("expected a metric, >= or <=, and a number: customers>=10000".into()),
    };
    let sign = if side == "min" { ">=" } else { "<=" };
    let value = amount(number).ok_or_else(|| format!("`{}` is not a number", number.trim()))?;
    let mut limit = Map::new();
    limit.insert("metric".to_owned(), Value::from(metric));
    limit.insert(side.to_owned(), value);
    Ok((format!("limits.\"{metric} {sign} {}\"", number.trim()), Value::Object(limit)))
}

/// `budget.max=2_000_000` as a path and a value.
pub(crate) fn setting(text: &str) -> Result<(String, Value), String> {
    // Selections hold `=` as well: lines[method=direct].fee=0.1
    let after = text.rfind(']').map_or(0, |at| at + 1);
    let (path, value) = text[after..]
        .split_once('=')
        .map(|(path, value)| (format!("{}{}", &text[..after], path.trim()), value.trim()))
        .ok_or("expected a path, = and a value: budget.max=2000000")?;
    let read = || serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((path, amount(value).unwrap_or_else(read)))
}

/// A number, perhaps with `_` between its digits.
fn amount(text: &str) -> Option<Value> {
    let number = text.trim().replace('_', "").parse::<f64>().ok().filter(|n| n.is_finite())?;
    let whole = number.fract() == 0.0 && number.abs() < 9e15;
    Some(if whole { Value::from(number as i64) } else { Value::from(number) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read() {
        assert_eq!(goal("minimise  spend"), Ok(json!({ "minimize": "spend" })));
        assert!(goal("spend").is_err() && goal("raise spend").is_err());
        let (path, value) = limit("customers >= 10_000").expect("a limit");
        assert_eq!(
            (path.as_str(), value),
            ("limits.\"customers >= 10_000\"", json!({ "metric": "customers", "min": 10000 }))
        );
        assert_eq!(limit("cac<=59.5").expect("a limit").1, json!({ "metric": "cac", "max": 59.5 }));
        assert!(limit("cac<60").is_err() && limit("cac<=x").is_err());
        assert_eq!(
            setting("lines[method=direct].fee = 0.1"),
            Ok(("lines[method=direct].fee".to_owned(), json!(0.1)))
        );
        assert_eq!(setting("budget=null"), Ok(("budget".to_owned(), Value::Null)));
        assert_eq!(setting("curves=b.json"), Ok(("curves".to_owned(), json!("b.json"))));
        assert!(setting("budget.max").is_err());
    }
}
