//! What stands in a field and what should, in the words of the file's reader.

use serde::de::Unexpected;

use crate::files::amount::amount;
use crate::files::diagnostic::Issue;

/// A value of the wrong kind, with what to write where it can be guessed.
pub(crate) fn wrong_type(found: &Unexpected<'_>, expected: &str) -> Issue {
    let remedy = match (found, table(expected)) {
        (_, Some(table)) => Some(table.example(found)),
        (Unexpected::Str(text), None) if is_number(expected) => {
            let plain = amount(text).map(|number| format!("{number}, without quotes"));
            // A comma could stand between thousands or before decimals.
            let point = || {
                amount(&text.replace(',', "."))
                    .map(|number| format!("{number}: commas stand between thousands only"))
            };
            plain.or_else(|| point().filter(|_| text.matches(',').count() == 1))
        }
        _ => None,
    };
    Issue::WrongType { found: told(found), expected: plainly(expected), remedy }
}

fn told(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(text) => format!("the text \"{text}\""),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Bool(truth) => format!("`{truth}`"),
        Unexpected::Map => "a table".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        other => other.to_string(),
    }
}

fn is_number(expected: &str) -> bool {
    matches!(expected, "f64" | "f32" | "u64" | "u32" | "u16" | "u8" | "i64" | "i32" | "usize")
}

/// What a type of ours is called in a file.
pub(crate) fn plainly(expected: &str) -> String {
    if table(expected).is_some() || expected.starts_with("struct ") || expected == "a map" {
        return "a table".to_owned();
    }
    let whole = is_number(expected) && !expected.starts_with('f');
    match expected {
        _ if whole => "a whole number of at least 0".to_owned(),
        "f64" | "f32" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a string" => "text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a tuple of size 2" => "a pair of numbers, [spend, outcome],".to_owned(),
        other => other.to_owned(),
    }
}

/// A table of the scenario file and an example of it.
struct Table {
    /// Field that a single number most likely means, with more that is needed.
    number: &'static str,
    /// An example without figures of the user's.
    whole: &'static str,
}

impl Table {
    fn example(&self, found: &Unexpected<'_>) -> String {
        let number = match found {
            Unexpected::Signed(number) => Some(number.to_string()),
            Unexpected::Unsigned(number) => Some(number.to_string()),
            Unexpected::Float(number) => Some(number.to_string()),
            Unexpected::Str(text) => amount(text).map(|n| n.to_string()),
            _ => None,
        };
        match number.filter(|_| !self.number.is_empty()) {
            Some(number) => self.number.replace('#', &number),
            None => self.whole.to_owned(),
        }
    }
}

fn table(expected: &str) -> Option<Table> {
    let (number, whole) = match expected.strip_prefix("struct ")? {
        "BudgetSpec" => (
            "{ max = # } for at most this much (`budget.max=#`), or { exact = # }",
            "{ max = 2000000 }, with `min`, `max` or `exact`",
        ),
        "GoalSpec" => ("", "{ maximize = \"revenue\" } or { minimize = \"spend\" }"),
        "SpendSpec" => (
            "{ current = # } for today's spend, or `min` or `max`",
            "{ current = 50000, max = 80000 }, with any of `current`, `min`, `max`",
        ),
        "HorizonSpec" => ("{ periods = #, unit = \"week\" }", "{ periods = 13, unit = \"week\" }"),
        "BaselineSpec" => {
            ("{ revenue = # }, or `customers` or `other_cost`", "{ revenue = 1000000, customers = 5000 }")
        }
        "RateSpec" => ("{ cpm = # }, or `cpc`, `cpp` or `cost_per_unit`", "{ cpm = 12.5, fitted_at = 11 }"),
        "DealSpec" => ("{ flat = # }, or `at_least` or `lots`", "{ at_least = 50000 }"),
        "TierSpec" => ("{ from = #, discount = 0.1 }", "{ from = 200000, discount = 0.1 }"),
        "OutsideSpec" => ("", "{ line = \"Podcast\", spend = 9000 }"),
        "PastPeriod" => ("", "{ spend = 4000, outcome = 9000 }"),
        "FlightSpec" => ("", "{ blackout = \"2026-03\", at_least = 10000 }"),
        "PastSpec" => ("", "{ share = 0.5, spend = 40000, outcome = 90000 }"),
        "LongTermSpec" => ("", "{ multiplier = 1.6, source = \"brand study\" }"),
        "Adstock" => ("{ kind = \"geometric\", retention = # }", "{ kind = \"geometric\", retention = 0.7 }"),
        "LimitSpec" => ("", "{ metric = \"cac\", max = 60 }"),
        "VarySpec" => ("", "{ set = \"budget.max\", values = [1000000, 2000000] }"),
        "LineSpec" => ("", "a table with `name`, `spend` and `curve`"),
        _ => return None,
    };
    Some(Table { number, whole })
}
