//! What is asked as people type it: goals, limits, settings, conditions.
//!
//! ```
//! use outlay::question;
//! use serde_json::json;
//!
//! assert_eq!(question::goal("maximize profit")?, json!({ "maximize": "profit" }));
//! let (path, limit) = question::limit("cac <= 57")?;
//! assert_eq!((path.as_str(), limit), ("limits.\"cac <= 57\"", json!({ "metric": "cac", "max": 57 })));
//! assert_eq!(question::setting("budget.max=2.1M")?, ("budget.max".to_owned(), json!(2_100_000)));
//! # Ok::<(), String>(())
//! ```

use outlay_scenario::frontier::{Condition, FIGURES};
use serde_json::{Map, Value, json};

/// `maximize revenue` as a goal.
///
/// # Errors
/// What should have been written.
pub fn goal(text: &str) -> Result<Value, String> {
    let expected = "expected `maximize` or `minimize` and what: minimize spend";
    let (verb, what) = text.trim().split_once(char::is_whitespace).ok_or_else(|| match text.trim() {
        "" => expected.to_owned(),
        what => format!("{expected}; write \"maximize {what}\" or \"minimize {what}\""),
    })?;
    let verb = match verb.to_lowercase().as_str() {
        "maximize" | "maximise" | "max" | "highest" | "most" => "maximize",
        "minimize" | "minimise" | "min" | "lowest" | "least" => "minimize",
        _ => return Err(expected.to_owned()),
    };
    let words: Vec<&str> = what.split([' ', '\t', ',', '=']).filter(|w| !w.is_empty()).collect();
    let first = words.iter().position(|w| DRAWS.contains(&w.to_lowercase().as_str())).unwrap_or(words.len());
    if first == 0 {
        return Err(expected.to_owned());
    }
    let mut goal = Map::from_iter([(verb.to_owned(), Value::from(name(&words[..first].join(" "))))]);
    goal.extend(over_draws(&words[first..])?);
    Ok(Value::Object(goal))
}

/// How a goal looks at the draws.
const DRAWS: [&str; 4] = ["worst", "weight", "shortfall", "regret"];

/// `worst 10% weight 0.5` as fields of a goal.
fn over_draws(words: &[&str]) -> Result<Map<String, Value>, String> {
    let mut fields = Map::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let key = word.to_lowercase();
        if key == "regret" {
            fields.insert(key, Value::Bool(true));
            continue;
        }
        let number = rest.next().and_then(|w| match w.to_lowercase().as_str() {
            "tenth" => Some(json!(0.1)),
            "quarter" => Some(json!(0.25)),
            "half" => Some(json!(0.5)),
            _ => amount(w),
        });
        match number.filter(|_| DRAWS.contains(&key.as_str())) {
            Some(number) => fields.insert(key, number),
            None => {
                return Err(format!(
                    "`{word}`: expected worst, weight or shortfall with a number, or regret: \
                     \"maximize revenue worst 10%\""
                ));
            }
        };
    }
    Ok(fields)
}

/// A metric as it is written in files.
fn name(text: &str) -> String {
    let text = text.trim();
    if text.starts_with("attribute.") {
        text.to_owned()
    } else {
        text.to_lowercase().replace([' ', '-'], "_")
    }
}

/// `cac < 57` taken apart: what, `>=`, `<=` or `=`, and how much. A limit holds
/// where it is met exactly, so that `<` is `<=`.
fn compared(text: &str) -> Option<(&str, &'static str, &str)> {
    const SIGNS: [(&str, &str); 10] = [
        (">=", ">="),
        ("=>", ">="),
        ("≥", ">="),
        ("<=", "<="),
        ("=<", "<="),
        ("≤", "<="),
        (">", ">="),
        ("<", "<="),
        ("==", "="),
        ("=", "="),
    ];
    let split = |(written, sign): (&str, &'static str)| {
        text.split_once(written).map(|(what, number)| (what.trim(), sign, number.trim()))
    };
    SIGNS.into_iter().find_map(split).filter(|(what, _, number)| !what.is_empty() && !number.is_empty())
}

/// `customers>=10000` as the path of a new limit and the limit.
///
/// # Errors
/// What should have been written.
pub fn limit(text: &str) -> Result<(String, Value), String> {
    let (metric, sign, number) =
        compared(text).ok_or("expected a metric, >= or <=, and a number: customers>=10000")?;
    let value =
        amount(number).ok_or_else(|| format!("`{number}` is not a number like 10000, 2.1M or 15%"))?;
    let mut limit = Map::new();
    limit.insert("metric".to_owned(), Value::from(name(metric)));
    if sign != "<=" {
        limit.insert("min".to_owned(), value.clone());
    }
    if sign != ">=" {
        limit.insert("max".to_owned(), value);
    }
    Ok((format!("limits.\"{metric} {sign} {number}\""), Value::Object(limit)))
}

/// `budget.max=2_000_000` as a path and a value; `2.1M`, `15%` and `+10%` of
/// what is written are understood, and JSON.
///
/// # Errors
/// What should have been written.
pub fn setting(text: &str) -> Result<(String, Value), String> {
    let (path, value) = assigned(text)
        .map(|at| (text[..at].trim().to_owned(), text[at + 1..].trim()))
        .filter(|(path, _)| !path.ends_with(['<', '>', '≤', '≥']))
        .ok_or_else(|| no_setting(text))?;
    if path == "goal" && value.starts_with(char::is_alphabetic) && value != "null" {
        return Ok((path, goal(value)?));
    }
    if let Some(change) = relative(&path, value)? {
        return Ok((path, change));
    }
    let read = || serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((path, amount(value).unwrap_or_else(read)))
}

/// Where the `=` stands that ends the path: selections and names in quotes hold
/// some as well, as in `lines[method=direct].fee=0.1`.
fn assigned(text: &str) -> Option<usize> {
    let (mut inside, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => inside += 1,
            ']' => inside -= 1,
            '=' if inside <= 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// What a text is that sets nothing: a limit, a goal.
fn no_setting(text: &str) -> String {
    let expected = "expected a path, = and a value: budget.max=2000000";
    if limit(text).is_ok() {
        format!("{expected}; this is a limit: write --limit \"{}\"", text.trim())
    } else if goal(text).is_ok() {
        format!("{expected}; this is a goal: write --goal \"{}\"", text.trim())
    } else {
        expected.to_owned()
    }
}

/// Whether a field of the scenario is an amount of money.
fn is_money(path: &str) -> bool {
    const FIELDS: [&str; 7] = ["min", "max", "exact", "current", "running", "flat", "at_least"];
    let inside = path.starts_with("budget.") || path.contains(".spend.") || path.contains(".deal.");
    inside && path.rsplit('.').next().is_some_and(|field| FIELDS.contains(&field))
}

/// `+10%` of what is written. A limit may itself be a change or a share, so
/// that `-30%` could mean two things there.
fn relative(path: &str, value: &str) -> Result<Option<Value>, String> {
    let signed = value.starts_with(['+', '-']);
    if !signed
        && is_money(path)
        && let Some(percent) = value.strip_suffix('%').and_then(|p| p.trim().parse::<f64>().ok())
    {
        let times = percent / 100.0;
        return Err(format!(
            "`{value}` of what? For {value} more than is written there: {path}=+{value}; for {value} of it: \
             {path}={{\"scale\": {times}}}"
        ));
    }
    let Some(percent) = value.strip_suffix('%').filter(|_| signed) else {
        return match value.strip_prefix('+') {
            Some(rest) if amount(rest).is_some() => Err(format!(
                "`{value}` could be the new value or be added to the old one: write {path}={rest} for the new \
                 value, or a percentage like +10% to raise it by that"
            )),
            _ => Ok(None),
        };
    };
    let Some(share) = percent.trim().parse::<f64>().ok().filter(|p| p.is_finite()).map(|p| p / 100.0) else {
        return Ok(None);
    };
    // 1 + 0.1 is not the nearest number to 1.1 for every percentage; this is.
    let factor = (100.0 + 100.0 * share) / 100.0;
    if path.starts_with("limits") {
        return Err(format!(
            "`{value}` could be the limit itself or a change of it: write {path}={share} for the limit itself, \
             or {path}={{\"scale\": {factor}}} to change it by that"
        ));
    }
    if factor < 0.0 {
        return Err(format!("`{value}` would leave less than nothing"));
    }
    Ok(Some(json!({ "scale": factor })))
}

/// A number, perhaps with `_` between its digits, or as people write it.
fn amount(text: &str) -> Option<Value> {
    let plain = text.trim().replace('_', "").parse::<f64>().ok().filter(|n| n.is_finite());
    let number = plain.or_else(|| outlay_scenario::amount(text))?;
    let whole = number.fract() == 0.0 && number.abs() < 9e15;
    Some(if whole { Value::from(number as i64) } else { Value::from(number) })
}

/// A condition as typed: `customers>=10000`.
///
/// # Errors
/// What should have been written.
pub fn condition(text: &str) -> Result<Condition, String> {
    let (figure, sign, number) = compared(text)
        .filter(|(_, sign, _)| *sign != "=")
        .ok_or("expected a figure, >= or <=, and a number: customers>=10000")?;
    let (figure, at_least) = (&*name(figure), sign == ">=");
    if !FIGURES.contains(&figure) {
        return Err(format!("unknown figure `{figure}`; one of {}", FIGURES.join(", ")));
    }
    let number = amount(number)
        .and_then(|n| n.as_f64())
        .ok_or_else(|| format!("`{number}` is not a number like 10000, 2.1M or 15%"))?;
    Ok(Condition { figure: figure.to_owned(), at_least, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read() {
        assert_eq!(goal("minimise  spend"), Ok(json!({ "minimize": "spend" })));
        assert_eq!(goal("max profit"), Ok(json!({ "maximize": "profit" })));
        assert_eq!(goal("max profit worst tenth"), Ok(json!({ "maximize": "profit", "worst": 0.1 })));
        assert_eq!(
            goal("maximize lifetime value, worst 20%, weight=0.5"),
            Ok(json!({ "maximize": "lifetime_value", "worst": 0.2, "weight": 0.5 }))
        );
        assert_eq!(
            goal("maximize revenue shortfall 6M"),
            Ok(json!({ "maximize": "revenue", "shortfall": 6_000_000 }))
        );
        assert_eq!(goal("maximize revenue regret"), Ok(json!({ "maximize": "revenue", "regret": true })));
        assert!(goal("maximize worst 0.1").is_err() && goal("maximize revenue worst").is_err());
        assert!(goal("spend").expect_err("no verb").contains("minimize spend"));
        assert!(goal("raise spend").is_err());
        let (path, value) = limit("customers >= 10_000").expect("a limit");
        assert_eq!(
            (path.as_str(), value),
            ("limits.\"customers >= 10_000\"", json!({ "metric": "customers", "min": 10000 }))
        );
        assert_eq!(limit("cac<=59.5").expect("a limit").1, json!({ "metric": "cac", "max": 59.5 }));
        assert_eq!(limit("CAC<$57").expect("a limit").1, json!({ "metric": "cac", "max": 57 }));
        assert_eq!(limit("spend = 2.1M").expect("a limit").1["min"], json!(2_100_000));
        assert!(limit("cac<=x").is_err() && limit("cac").is_err() && limit("<3").is_err());
        assert_eq!(
            setting("lines[method=direct].fee = 0.1"),
            Ok(("lines[method=direct].fee".to_owned(), json!(0.1)))
        );
        assert_eq!(
            setting("lines.A.flight.opening=[1, 2]"),
            Ok(("lines.A.flight.opening".to_owned(), json!([1, 2])))
        );
        assert_eq!(setting("limits.\"a = b\".max=3"), Ok(("limits.\"a = b\".max".to_owned(), json!(3))));
        assert_eq!(setting("budget=null"), Ok(("budget".to_owned(), Value::Null)));
        assert_eq!(setting("curves=b.json"), Ok(("curves".to_owned(), json!("b.json"))));
        assert!(setting("budget.max").is_err());
        assert_eq!(setting("budget.max=2.1M").expect("a setting").1, json!(2_100_000));
        assert_eq!(setting("lines.A.fee=15%").expect("a setting").1, json!(0.15));
        assert_eq!(setting("budget.max=+10%").expect("a setting").1, json!({ "scale": 1.1 }));
        assert_eq!(setting("goal=max profit").expect("a goal").1, json!({ "maximize": "profit" }));
        assert_eq!(
            setting("goal={\"maximize\":\"profit\"}").expect("a goal").1,
            json!({ "maximize": "profit" })
        );
        let wrong = |text: &str| setting(text).expect_err(text);
        assert!(wrong("goal=profit").contains("maximize profit"));
        assert!(wrong("cac<57").ends_with("--limit \"cac<57\"") && wrong("cac <= 57").contains("--limit"));
        assert!(wrong("max profit").ends_with("--goal \"max profit\""));
        assert!(wrong("budget.max=15%").contains("budget.max=+15%"));
        assert!(wrong("lines.A.spend.max=15%").contains("\"scale\": 0.15"));
        assert!(setting("budget.max=+5000").is_err() && setting("limits.A.min=-30%").is_err());
        assert_eq!(setting("limits.A.min=-0.3").expect("a setting").1, json!(-0.3));
    }
}
