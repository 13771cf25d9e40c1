//! What a single cell, or a row of them, says by itself.

use crate::columns::{plain, words};
use crate::currency::currency;
use crate::date::is_date;
use crate::number::{self, Decimal};

/// Whether a cell holds a figure or a date.
pub(crate) fn is_figure(text: &str) -> bool {
    let number = || number::ratio(text, Decimal::Either).is_some();
    !text.trim().is_empty() && (number() || is_date(text))
}

/// Whether a text labels a row of totals, in the languages that spreadsheets
/// and ad platforms write them.
pub fn is_total(text: &str) -> bool {
    const WORDS: [&str; 31] = [
        "total",
        "totals",
        "grand total",
        "grand totals",
        "subtotal",
        "subtotals",
        "sub total",
        "overall total",
        "total general",
        "total général",
        "total geral",
        "total generale",
        "sum",
        "sums",
        "summe",
        "gesamt",
        "gesamtsumme",
        "gesamtergebnis",
        "insgesamt",
        "zwischensumme",
        "totale",
        "totaal",
        "somme",
        "suma",
        "totalt",
        "łącznie",
        "razem",
        "yhteensä",
        "celkem",
        "toplam",
        "sum total",
    ];
    const FOLLOW: [&str; 10] =
        ["of", "account", "campaigns", "campaign", "results", "rows", "for", "spend", "all", "media"];
    // `**Total**`, `= Total`, `Σ`.
    let low = text.trim_matches(|c: char| c.is_whitespace() || "*_#=>-".contains(c)).to_lowercase();
    if matches!(low.as_str(), "σ" | "∑" | "ς") {
        return true;
    }
    if ["合計", "総計", "总计", "合计", "합계", "총계", "итого", "всего"]
        .iter()
        .any(|word| low.starts_with(word))
    {
        return true;
    }
    if low.len() > 80 || !low.starts_with(|c: char| c.is_alphabetic()) {
        return false;
    }
    if WORDS.contains(&plain(&low).as_str()) || low.starts_with("results from ") {
        return true;
    }
    WORDS.iter().any(|word| {
        let Some(rest) = low.strip_prefix(word) else { return false };
        let next = rest.trim_start();
        let sign = next.starts_with([':', '(', '–', '—']) || rest.starts_with(" - ");
        let first = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        sign || (rest.starts_with(' ') && (FOLLOW.contains(&first) || first.parse::<f64>().is_ok()))
    })
}

/// Whether a text may label a total: it holds a word for one among others, as
/// `Total TV` and `Search subtotal` do, and so does `Total Wine`.
pub(crate) fn may_be_total(text: &str) -> bool {
    const WORDS: [&str; 34] = [
        "total",
        "totals",
        "subtotal",
        "subtotals",
        "sum",
        "sums",
        "overall",
        "all",
        "summe",
        "gesamt",
        "gesamtsumme",
        "insgesamt",
        "zwischensumme",
        "ergebnis",
        "alle",
        "totale",
        "totaal",
        "totaux",
        "somme",
        "suma",
        "todos",
        "todas",
        "tous",
        "tutti",
        "totalt",
        "summa",
        "razem",
        "łącznie",
        "celkem",
        "toplam",
        "yhteensä",
        "итого",
        "всего",
        "altogether",
    ];
    words(text).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether a row holds nothing but units and currencies.
pub(crate) fn is_units(row: &[String]) -> bool {
    const UNITS: [&str; 8] = ["", "#", "%", "no.", "units", "count", "000s", "date"];
    let unit = |c: &String| UNITS.contains(&plain(c).as_str()) || named_currency(c);
    row.iter().any(|c| !c.trim().is_empty()) && row.iter().all(unit)
}

fn named_currency(cell: &str) -> bool {
    currency(cell).is_some() && !cell.contains(|c: char| c.is_ascii_digit()) && words(cell).len() <= 1
}

/// Whether a spreadsheet would run a text as a formula: it skips blanks and takes
/// the full width signs for the others.
pub fn is_formula(text: &str) -> bool {
    let first = text.chars().find(|c| !(c.is_whitespace() || c.is_control() || *c == '\u{feff}'));
    matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')) || text.starts_with(['\t', '\r'])
}

/// A cell as it was before our CSV kept a spreadsheet from running it.
pub fn undefused(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_totals_are_told_from_names() {
        let totals = [
            "Total",
            "TOTAL:",
            "Grand total",
            "Total: Campaigns",
            "Total of 546 results",
            "Total - all",
            "Total 15",
            "Subtotal (US)",
            "Gesamt",
            "Gesamtsumme",
            "合計",
            "Results from 3 campaigns",
            "Total account",
            "Sub-total",
            "**Total**",
            "= Total",
            "Σ",
            "∑",
        ];
        for text in totals {
            assert!(is_total(text), "{text}");
        }
        for text in
            ["Total Wine search", "Summer sale", "Totally free", "TV", "", "Sumo", "Gesamtschule", "12"]
        {
            assert!(!is_total(text), "{text}");
        }
    }
}
