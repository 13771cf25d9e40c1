//! Numbers as people write them.

use crate::currency;

/// What separates the fraction from the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimal {
    /// `1,234.5`.
    Point,
    /// `1.234,5`.
    Comma,
    /// Cell by cell: both are found.
    Either,
}

impl Decimal {
    /// What the cells of a file use. Where none tells, `comma` decides: files
    /// with semicolons between their columns come from where commas are
    /// decimal.
    pub(crate) fn of<'a>(cells: impl Iterator<Item = &'a str>, comma: bool) -> Decimal {
        let (mut points, mut commas) = (false, false);
        for cell in cells {
            match told(&strip(cell)) {
                Some(Decimal::Point) => points = true,
                Some(Decimal::Comma) => commas = true,
                _ => {}
            }
        }
        match (points, commas) {
            (true, true) => Decimal::Either,
            (false, true) => Decimal::Comma,
            (false, false) if comma => Decimal::Comma,
            _ => Decimal::Point,
        }
    }
}

/// What a number tells about its separators; `None` for `1,234`, for whole
/// numbers and for what is no number.
fn told(text: &str) -> Option<Decimal> {
    let digits = text.trim_start_matches(['-', '+']);
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.') {
        return None;
    }
    let (comma, point) = (digits.rfind(','), digits.rfind('.'));
    let several = |sep: char| digits.matches(sep).count() > 1;
    let fraction = |at: usize| digits.len() - at - 1 != 3 || digits.starts_with('0') || at > 3;
    match (comma, point) {
        (Some(c), Some(p)) => Some(if c < p { Decimal::Point } else { Decimal::Comma }),
        (Some(_), None) if several(',') => Some(Decimal::Point),
        (None, Some(_)) if several('.') => groups(digits, '.').then_some(Decimal::Comma),
        (Some(c), None) => fraction(c).then_some(Decimal::Comma),
        (None, Some(p)) => fraction(p).then_some(Decimal::Point),
        (None, None) => None,
    }
}

/// Whether a cell says that there is nothing.
pub fn is_missing(text: &str) -> bool {
    const WORDS: [&str; 14] =
        ["", "na", "n/a", "nan", "null", "none", "-", "--", "–", "—", "#n/a", "nil", "(not set)", "(blank)"];
    WORDS.contains(&text.trim().to_lowercase().as_str())
}

/// A number with or without currency, thousands separators and K or M for
/// thousands and millions; parentheses negate. `None` if it is none.
pub fn number(text: &str, decimal: Decimal) -> Option<f64> {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
    let plain = strip(inner.unwrap_or(text));
    if !plain.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (plain, times) = scaled(&plain);
    let value: f64 = separators(plain, decimal)?.parse().ok()?;
    let value = value * times;
    value.is_finite().then_some(if inner.is_some() { -value } else { value })
}

/// `12.5%` as 0.125, and what [`number`] reads.
pub(crate) fn ratio(text: &str, decimal: Decimal) -> Option<f64> {
    match text.trim().strip_suffix('%') {
        Some(percent) => number(percent, decimal).map(|p| p / 100.0),
        None => number(text, decimal),
    }
}

/// `2.1M` and `350k`.
fn scaled(text: &str) -> (&str, f64) {
    let ends = [("K", 1e3), ("k", 1e3), ("M", 1e6), ("m", 1e6), ("bn", 1e9)];
    let digit = |t: &&str| t.ends_with(|c: char| c.is_ascii_digit());
    let found = ends.iter().find_map(|(end, times)| Some((text.strip_suffix(end).filter(digit)?, *times)));
    found.unwrap_or((text, 1.0))
}

/// Without currencies, blanks and apostrophes around digits, the sign first.
fn strip(text: &str) -> String {
    let (sign, rest) = signed(text.trim());
    let (_, rest) = currency::amount(rest);
    let (inner, rest) = signed(rest);
    let sign = if inner.is_empty() { sign } else { inner };
    let blank = |c: char| c == '\'' || c == '’' || c.is_whitespace();
    sign.chars().chain(rest.chars().filter(|&c| !blank(c))).collect()
}

/// `-`, `+` or nothing, and what follows.
fn signed(text: &str) -> (&'static str, &str) {
    let minus = text.strip_prefix(['-', '−']).map(|rest| ("-", rest));
    let plus = || text.strip_prefix('+').map(|rest| ("", rest));
    minus.or_else(plus).map_or(("", text), |(sign, rest)| (sign, rest.trim_start()))
}

/// Decimal point only: `1,234.5`, `1.234,5`, `1,5` and `1,234,567`.
fn separators(text: &str, decimal: Decimal) -> Option<String> {
    let point = match (told(text), decimal) {
        (Some(own), _) => own == Decimal::Point,
        (None, Decimal::Comma) => false,
        (None, Decimal::Point) => true,
        // `1,234` and `1.234` among others of both kinds.
        (None, Decimal::Either) => true,
    };
    let (group, fraction) = if point { (',', '.') } else { ('.', ',') };
    let (whole, rest) = text.split_once(fraction).map_or((text, None), |(w, r)| (w, Some(r)));
    if rest.is_some_and(|r| r.contains([',', '.'])) || (whole.contains(group) && !groups(whole, group)) {
        return None;
    }
    let whole = whole.replace(group, "");
    Some(rest.map_or(whole.clone(), |r| format!("{whole}.{r}")))
}

/// Whether digits stand in groups of three.
fn groups(text: &str, separator: char) -> bool {
    let mut groups = text.trim_start_matches(['-', '+']).split(separator);
    let first = groups.next().unwrap_or("");
    let three = |g: &str| g.len() == 3 && g.chars().all(|c| c.is_ascii_digit());
    (1..=3).contains(&first.len()) && groups.all(three)
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
            ("-$30,000", -30_000.0),
            ("$-30,000", -30_000.0),
            ("+$6,000", 6_000.0),
            ("\u{2212}5,5 kr", -5.5),
            ("2.1M", 2_100_000.0),
            ("£350k", 350_000.0),
            ("US$ 1,234.50", 1234.5),
        ];
        for (text, value) in expected {
            assert_eq!(number(text, Decimal::Point), Some(value), "{text}");
        }
        for text in [
            "", "na", "abc", "1.2.3", "1,2,3", "1e999", "--", "$", "1,23,456", "1.5,2.5", "15%", "k", "1-2",
            "=1+1",
        ] {
            assert_eq!(number(text, Decimal::Point), None, "{text}");
        }
    }

    #[test]
    fn a_file_decides_what_a_cell_leaves_open() {
        let of = |cells: &[&str]| Decimal::of(cells.iter().copied(), false);
        assert_eq!(of(&["1.234", "12,5"]), Decimal::Comma);
        assert_eq!(of(&["1,234", "12.5"]), Decimal::Point);
        assert_eq!(of(&["1.5", "1,5"]), Decimal::Either);
        assert_eq!(of(&["29.01.2024", "tv", "7"]), Decimal::Point);
        assert_eq!(Decimal::of(["1.234"].into_iter(), true), Decimal::Comma);
        assert_eq!(number("1.234", Decimal::Comma), Some(1234.0));
        assert_eq!(number("1,234", Decimal::Comma), Some(1.234));
        assert_eq!(number("1.234", Decimal::Point), Some(1.234));
        assert_eq!(number("1,234", Decimal::Point), Some(1234.0));
        assert_eq!(number("0.125", Decimal::Comma), Some(0.125));
    }
}
