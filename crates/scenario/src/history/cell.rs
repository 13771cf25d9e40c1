//! Numbers and dates as people write them.

use jiff::civil::Date;

/// Whether a cell says that there is nothing.
pub(crate) fn is_missing(text: &str) -> bool {
    const WORDS: [&str; 8] = ["", "na", "n/a", "nan", "null", "none", "-", "#n/a"];
    WORDS.contains(&text.trim().to_ascii_lowercase().as_str())
}

/// A number with or without currency, thousands separators and decimal comma;
/// parentheses negate. `None` if it is none.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
    let plain = strip(inner.unwrap_or(text));
    if plain.is_empty() || !plain.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let value: f64 = separators(&plain)?.parse().ok()?;
    value.is_finite().then_some(if inner.is_some() { -value } else { value })
}

/// Without currency symbols and codes, blanks and apostrophes around digits.
fn strip(text: &str) -> String {
    const CODES: [&str; 8] = ["USD", "EUR", "GBP", "CHF", "SEK", "JPY", "kr", "zł"];
    let mut text = text.trim();
    for code in CODES {
        text = text.trim_start_matches(code).trim_end_matches(code).trim();
    }
    let symbol = |c: char| "$€£¥₹₽₩'’".contains(c) || c.is_whitespace();
    text.chars().filter(|&c| !symbol(c)).collect()
}

/// Decimal point only: `1,234.5`, `1.234,5`, `1,5` and `1,234,567`.
fn separators(text: &str) -> Option<String> {
    let (comma, point) = (text.rfind(','), text.rfind('.'));
    let grouped = |sep: char| {
        let mut groups = text.split(sep);
        let first = groups.next().unwrap_or("").trim_start_matches(['-', '+']);
        (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3)
    };
    match (comma, point) {
        (None, _) if text.matches('.').count() > 1 => grouped('.').then(|| text.replace('.', "")),
        (None, _) => Some(text.to_owned()),
        (Some(c), Some(p)) if c < p => (text.matches('.').count() == 1).then(|| text.replace(',', "")),
        (Some(_), Some(_)) => {
            (text.matches(',').count() == 1).then(|| text.replace('.', "").replace(',', "."))
        }
        (Some(_), None) if grouped(',') => Some(text.replace(',', "")),
        (Some(_), None) => (text.matches(',').count() == 1).then(|| text.replace(',', ".")),
    }
}

/// A date: `2024-01-29`, `2024-01`, `29.01.2024`, `01/29/2024`, also with a
/// time of day behind it.
pub(crate) fn date(text: &str) -> Option<Date> {
    let day = text.trim().split(['T', ' ']).next().unwrap_or("");
    const FORMATS: [&str; 5] = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d"];
    let parsed = FORMATS.iter().find_map(|f| Date::strptime(f, day).ok());
    parsed.or_else(|| Date::strptime("%Y-%m-%d", format!("{day}-01")).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let expected = [
            ("1234.5", 1234.5),
            ("$1,234.50", 1234.5),
            ("1.234,5 €", 1234.5),
            ("EUR 1 234 567", 1_234_567.0),
            ("1,234,567", 1_234_567.0),
            ("1'234", 1234.0),
            ("1,5", 1.5),
            ("(12.5)", -12.5),
            ("-3e-2", -0.03),
            ("1.1933794e+07", 11_933_794.0),
            ("1.234.567", 1_234_567.0),
            ("0", 0.0),
        ];
        for (text, value) in expected {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "na", "abc", "1.2.3", "1,2,3", "1e999", "--", "$"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn dates_as_people_write_them() {
        let day = jiff::civil::date(2024, 1, 29);
        for text in ["2024-01-29", "29.01.2024", "01/29/2024", "2024-01-29T00:00:00", "2024-01-29 00:00"] {
            assert_eq!(date(text), Some(day), "{text}");
        }
        assert_eq!(date("2024-02"), Some(jiff::civil::date(2024, 2, 1)));
        for text in ["", "2024-13-01", "yesterday", "12"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
