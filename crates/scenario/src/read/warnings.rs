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
    let all: Vec<Word> = carried.keys().map(|value| Word::new(value)).collect();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (word, names) in all.iter().zip(carried.values()) {
        let [line] = names.as_slice() else { continue };
        // Of two values of one line each only the first is told.
        let other = |o: &&Word| o.value != word.value && !told.contains(o.value);
        if let Some(near) = all.iter().filter(other).find(|o| word.looks_like(o)) {
            told.insert(word.value);
            found.push(Warning::NearTag {
                line: (*line).to_owned(),
                tag: tag.to_owned(),
                value: word.value.to_owned(),
                near: near.value.to_owned(),
            });
        }
    }
}

/// A value of a tag with what it is compared by.
struct Word<'a> {
    value: &'a str,
    /// Without spaces, signs and capitals.
    plain: String,
    length: usize,
    last: Option<char>,
    numbers: String,
}

impl<'a> Word<'a> {
    fn new(value: &'a str) -> Self {
        let plain: String =
            value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let numbers = plain.chars().filter(|c| c.is_numeric()).collect();
        Word { value, length: plain.chars().count(), last: plain.chars().last(), numbers, plain }
    }

    /// True for names that differ by a letter, or by capitals and spaces only;
    /// numbers and the letter of `Group A` tell things apart.
    fn looks_like(&self, other: &Word) -> bool {
        if self.plain == other.plain {
            return true;
        }
        let last = self.last != other.last && self.length == other.length;
        self.length.min(other.length) >= SHORTEST
            && self.length.abs_diff(other.length) <= 1
            && !last
            && self.numbers == other.numbers
            && strsim::osa_distance(&self.plain, &other.plain) == 1
    }
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
