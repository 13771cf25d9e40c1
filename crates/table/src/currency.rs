//! Currencies beside numbers and in headings.

/// ISO codes that are taken off numbers and headings.
const CODES: [&str; 44] = [
    "USD", "EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SGD", "HKD",
    "KRW", "TWD", "THB", "MYR", "IDR", "PHP", "VND", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "ZAR", "PLN",
    "CZK", "HUF", "RON", "BGN", "TRY", "ILS", "AED", "SAR", "EGP", "NGN", "KES", "UAH", "ISK", "RUB",
];

/// Codes that are no English words: known in lower case without brackets too.
const PLAIN: [&str; 12] =
    ["USD", "EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "JPY", "AUD", "CAD", "NZD", "PLN"];

/// Signs, the longer ones first, and what they stand for; `$`, `¥` and `kr`
/// belong to several currencies and stand for themselves.
const SIGNS: [(&str, &str); 19] = [
    ("US$", "USD"),
    ("AU$", "AUD"),
    ("CA$", "CAD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("MX$", "MXN"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("S$", "SGD"),
    ("R$", "BRL"),
    ("$", "$"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "¥"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₩", "KRW"),
    ("zł", "PLN"),
    ("kr", "kr"),
];

/// The currency that a text begins or ends with, and the rest.
fn taken(text: &str) -> Option<(&'static str, &str)> {
    let alone = |rest: &str, code: &str| {
        let letter = |c: char| c.is_alphabetic();
        !code.ends_with(letter) || !rest.trim_start().starts_with(letter)
    };
    let end = |rest: &str| !rest.ends_with(char::is_alphabetic);
    let pairs = || SIGNS.iter().copied().chain(CODES.iter().map(|c| (*c, *c)));
    let before = || pairs().find_map(|(s, n)| text.strip_prefix(s).filter(|r| alone(r, s)).map(|r| (n, r)));
    let behind = || pairs().find_map(|(s, n)| text.strip_suffix(s).filter(|r| end(r)).map(|r| (n, r)));
    // None begins or ends with a digit; most cells do both.
    let digit = |c: char| c.is_ascii_digit();
    let first = if text.starts_with(digit) { None } else { before() };
    first.or_else(|| if text.ends_with(digit) { None } else { behind() })
}

/// A number's text without currencies around it, and which there were.
pub(crate) fn amount(text: &str) -> (Option<&'static str>, &str) {
    let mut found = None;
    let mut rest = text.trim();
    // `US$ 5 USD` says it twice.
    for _ in 0..2 {
        match taken(rest) {
            Some((name, left)) => {
                found = Some(better(found, name));
                rest = left.trim();
            }
            None => break,
        }
    }
    (found, rest)
}

/// `USD` says more than `$`.
fn better(a: Option<&'static str>, b: &'static str) -> &'static str {
    a.filter(|a| a.len() == 3).unwrap_or(b)
}

/// The currency that a cell, a heading or a code names: `$1,200`, `€`, `EUR`,
/// `Amount spent (USD)`, `cost_gbp`.
pub fn currency(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_start_matches(['-', '+', '−', '(']);
    if let (Some(found), rest) = amount(text)
        && !rest.contains(char::is_alphabetic)
    {
        return Some(found);
    }
    split_currency(text).1
}

/// A heading without the currency behind it: `TV spend (EUR)`, `tv_spend_usd`.
pub fn without_currency(name: &str) -> &str {
    split_currency(name).0
}

fn split_currency(name: &str) -> (&str, Option<&'static str>) {
    let bracketed = |open, close| name.trim_end().strip_suffix(close).and_then(|n: &str| n.rsplit_once(open));
    let found = bracketed('(', ')')
        .or_else(|| bracketed('[', ']'))
        .or_else(|| name.rsplit_once(['_', ' ']))
        .map(|(rest, code)| (rest.trim_end().trim_end_matches([',', '-', ':']).trim_end(), code.trim()));
    let open = name.trim_end().ends_with([')', ']']);
    let code = |code: &str| named(code).filter(|c| open || code == *c || PLAIN.contains(c) || c.len() < 3);
    match found.and_then(|(rest, text)| Some((rest, code(text)?))) {
        Some((rest, code)) if !rest.is_empty() => (rest, Some(code)),
        _ => (name, None),
    }
}

/// A code or sign on its own.
fn named(text: &str) -> Option<&'static str> {
    let upper = text.to_uppercase();
    let code = CODES.iter().find(|c| **c == upper).copied();
    code.or_else(|| SIGNS.iter().find(|(sign, _)| *sign == text).map(|(_, name)| *name))
}

/// Whether two currencies can be the same: `$` may be any kind of dollar.
pub(crate) fn agree(a: &str, b: &str) -> bool {
    let kind = |sign: &str, code: &str| match sign {
        "$" => ["USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"].contains(&code),
        "¥" => ["JPY", "CNY"].contains(&code),
        "kr" => ["SEK", "NOK", "DKK", "ISK"].contains(&code),
        _ => false,
    };
    a == b || kind(a, b) || kind(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_seen_beside_numbers_and_in_headings() {
        let cases = [
            ("$1,200", Some("$")),
            ("-$30,000", Some("$")),
            ("US$ 5", Some("USD")),
            ("12,5 €", Some("EUR")),
            ("£8146", Some("GBP")),
            ("1 200 kr", Some("kr")),
            ("EUR", Some("EUR")),
            ("Amount spent (USD)", Some("USD")),
            ("tv_spend_gbp", Some("GBP")),
            ("Spend [€]", Some("EUR")),
            ("Cost", None),
            ("1200", None),
            ("Erika", None),
            ("Try this", None),
            ("leads to try", None),
            ("Spend (try)", Some("TRY")),
        ];
        for (text, expected) in cases {
            assert_eq!(currency(text), expected, "{text}");
        }
        assert_eq!(without_currency("TV spend (EUR)"), "TV spend");
        assert_eq!(without_currency("Media Cost, USD"), "Media Cost");
        assert_eq!(without_currency("eur"), "eur");
        assert!(agree("$", "USD") && !agree("$", "EUR") && !agree("GBP", "EUR"));
    }
}
