//! Amounts as people write them: `2.1M`, `50k`, `$1,200`, `15%`.

/// The number that a text means; nothing where more than one could be meant.
pub fn amount(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest.trim_start()),
        None => (1.0, text),
    };
    let bare = unsigned.trim_start_matches(['$', '€', '£']).trim_start();
    let (digits, factor) = scaled(bare);
    let digits = digits.trim_end();
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let plain = ungrouped(digits)?;
    let number = plain.parse::<f64>().ok()?;
    // Divided, so that 15% is 0.15 to the last digit.
    let number = if factor < 1.0 { number / (1.0 / factor).round() } else { number * factor };
    number.is_finite().then_some(sign * number)
}

/// A text without its `%`, `k`, `M` or `B`, and what that stands for.
fn scaled(text: &str) -> (&str, f64) {
    const ENDINGS: [(&str, f64); 9] = [
        ("%", 0.01),
        ("bn", 1e9),
        ("mn", 1e6),
        ("k", 1e3),
        ("K", 1e3),
        ("m", 1e6),
        ("M", 1e6),
        ("b", 1e9),
        ("B", 1e9),
    ];
    let found = ENDINGS.iter().find_map(|(end, factor)| Some((text.strip_suffix(end)?, *factor)));
    found.unwrap_or((text, 1.0))
}

/// Digits without `_` and without commas between thousands; a comma elsewhere
/// could be a decimal one.
fn ungrouped(digits: &str) -> Option<String> {
    let plain = digits.replace('_', "");
    if !plain.contains(',') {
        return Some(plain);
    }
    let whole = plain.split('.').next().unwrap_or_default();
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = groups.iter().skip(1).all(|g| g.len() == 3) && groups[0].len() <= 3;
    (grouped && groups.len() > 1 && !groups[0].is_empty()).then(|| plain.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, number) in [
            ("2.1M", 2_100_000.0),
            ("50k", 50_000.0),
            ("$1,250,000.50", 1_250_000.5),
            ("15%", 0.15),
            ("7 %", 0.07),
            ("-30%", -0.3),
            ("2_000", 2_000.0),
            ("1e6", 1e6),
            ("1.2bn", 1.2e9),
            ("€ 90K", 90_000.0),
        ] {
            assert_eq!(amount(text), Some(number), "{text}");
        }
        for text in ["", "k", "%", "b.json", "1,5", "12,34", "revenue", "2026-03-01", "--3", "inf", "nan"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }
}
