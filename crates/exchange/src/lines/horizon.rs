//! What the spends of a spreadsheet cover, by its headings.

use outlay_table::words;

/// First day, unit, number of periods.
type Horizon = (Option<String>, String, u32);

const QUARTERS: [&str; 9] =
    ["q1", "q2", "q3", "q4", "quarter", "quarterly", "quartal", "trimestre", "kwartaal"];
const HALVES: [&str; 4] = ["h1", "h2", "halbjahr", "semestre"];
const YEARS: [&str; 12] = [
    "year",
    "annual",
    "yearly",
    "fy",
    "jahr",
    "vorjahr",
    "jahresbudget",
    "année",
    "annuel",
    "año",
    "anual",
    "anno",
];
const WEEKS: [&str; 3] = ["weekly", "wöchentlich", "hebdomadaire"];
const MONTHS: [&str; 25] = [
    "month",
    "monthly",
    "monat",
    "monatlich",
    "mois",
    "mensuel",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "januar",
    "februar",
    "märz",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "mensual",
];

/// What a heading or a title says that the spends cover, and why it is thought
/// so.
pub(super) fn horizon(text: &str) -> (Horizon, String) {
    let all = words(text);
    let has = |list: &[&str]| all.iter().any(|w| list.contains(&w.as_str()));
    let year = || all.iter().any(|w| w.strip_prefix("fy").is_some_and(is_digits));
    let weeks = |n: u32, why: &str| ((None, "week".to_owned(), n), why.to_owned());
    if has(&QUARTERS) {
        weeks(13, "a quarter, as the heading says")
    } else if has(&HALVES) {
        weeks(26, "half a year, as the heading says")
    } else if has(&YEARS) || year() {
        weeks(52, "a year, as the heading says")
    } else if has(&WEEKS) {
        weeks(1, "a week, as the heading says")
    } else if has(&MONTHS) {
        ((None, "month".to_owned(), 1), "a month, as the heading says".to_owned())
    } else {
        weeks(13, "ASSUMED: the sheet does not say what its spends cover; a quarter is taken")
    }
}

/// What columns of periods cover together.
pub(super) fn covered(periods: usize, unit: &str) -> (Horizon, String) {
    let n = u32::try_from(periods).unwrap_or(u32::MAX);
    let (unit, n, of) = match unit {
        "quarter" => ("week", n.saturating_mul(13), "quarters"),
        "week" => ("week", n, "weeks"),
        _ => ("month", n, "months"),
    };
    ((None, unit.to_owned(), n), format!("{periods} {of}, whose columns are added up"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}
