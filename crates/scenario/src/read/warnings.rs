//! What in a scenario is allowed and probably not meant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::files::spec::Metric;
use crate::files::warning::Warning;
use crate::model::scenario::{ScenarioLimit, ScenarioLine};

/// From this fraction on a change or step may be a percentage: 15 for 15%.
const LARGE: f64 = 3.0;

/// Tags that reports and limits sum lines by, whether a limit names them or not.
const SUMMED: [&str; 4] = ["channel", "stage", "substage", "method"];

/// Tags with more values than this are no groups, and are not compared.
const MOST_VALUES: usize = 200;

/// Shorter values, like `US` and `UK`, are a letter apart by chance.
const SHORTEST: usize = 5;

/// What is probably not meant in lines and limits.
pub(crate) fn warnings(lines: &[Arc<ScenarioLine>], limits: &[Arc<ScenarioLimit>]) -> Vec<Warning> {
    let mut found = Vec::new();
    for tag in grouped(limits) {
        near_tags(tag, lines, &mut found);
    }
    for line in lines {
        found.extend(never_bought(line));
        let smooth = line.flight.as_ref().and_then(|f| f.smooth);
        found.extend(large(format!("lines.{}.flight.smooth", line.name), smooth));
    }
    for limit in limits.iter().filter(|l| l.spec.metric == Metric::Change) {
        for (side, value) in [("min", limit.spec.min), ("max", limit.spec.max)] {
            found.extend(large(format!("limits.{}.{side}", limit.name), value));
        }
    }
    found
}

fn large(field: String, value: Option<f64>) -> Option<Warning> {
    value.filter(|v| *v > LARGE).map(|value| Warning::LargeFraction { field, value })
}

/// The tags by which lines are taken together.
fn grouped(limits: &[Arc<ScenarioLimit>]) -> BTreeSet<&str> {
    let named = limits.iter().flat_map(|l| {
        let tags = [&l.spec.selection, &l.spec.of].into_iter().flatten().flat_map(|s| s.keys());
        tags.chain(&l.spec.by).map(String::as_str)
    });
    named.chain(SUMMED).filter(|tag| !matches!(*tag, "name" | "period" | "month" | "quarter")).collect()
}

/// Values of a tag that one line alone carries, a letter away from another.
fn near_tags(tag: &str, lines: &[Arc<ScenarioLine>], found: &mut Vec<Warning>) {
    let mut carried: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines {
        if let Some(value) = line.tags.get(tag) {
            carried.entry(value).or_default().push(&line.name);
        }
    }
    if carried.len() > MOST_VALUES {
        return;
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (&value, names) in &carried {
        let [line] = names.as_slice() else { continue };
        // Of two values of one line each only the first is told.
        let near = carried
            .iter()
            .find(|(other, _)| **other != value && !told.contains(**other) && looks_like(value, other));
        if let Some((near, _)) = near {
            told.insert(value);
            found.push(Warning::NearTag {
                line: (*line).to_owned(),
                tag: tag.to_owned(),
                value: value.to_owned(),
                near: (*near).to_owned(),
            });
        }
    }
}

/// True for names that differ by a letter, or by capitals and spaces only;
/// numbers and the letter of `Group A` tell things apart.
fn looks_like(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (plain(a), plain(b));
    if a == b {
        return true;
    }
    let long = a.chars().count().min(b.chars().count()) >= SHORTEST;
    let apart = |c: char| c.is_numeric();
    let numbers = |text: &str| text.chars().filter(|c| apart(*c)).collect::<String>();
    let last = a.chars().last() != b.chars().last() && a.chars().count() == b.chars().count();
    long && !last && numbers(&a) == numbers(&b) && strsim::osa_distance(&a, &b) == 1
}

/// A deal for more than the line may ever spend; a line that may spend nothing
/// is off on purpose.
fn never_bought(line: &ScenarioLine) -> Option<Warning> {
    let warning = |deal: &str, least: f64, most: f64| Warning::NeverBought {
        line: line.name.clone(),
        deal: deal.to_owned(),
        least,
        most,
    };
    let above = |(deal, least): (&str, Option<f64>), most: f64| {
        let least = least.filter(|least| most > 0.0 && *least > most)?;
        Some(warning(deal, least, most))
    };
    let most = line.max.unwrap_or(f64::INFINITY).min(line.curve.last_spend());
    if let Some(deal) = &line.deal {
        let sold = [("deal.flat", deal.flat), ("deal.at_least", deal.at_least), ("deal.lots", deal.lots)];
        return sold.into_iter().find_map(|one| above(one, most));
    }
    let flight = line.flight.as_ref()?;
    let of_periods = flight.max.iter().copied().fold(0.0, f64::max).min(most);
    above(("flight.at_least", flight.at_least), of_periods)
}
