//! Numbers as people read them. Files carry unrounded figures; only displays
//! round, and what is rounded together adds up.

/// What a figure measures, and so how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An amount of the scenario's currency: `1.25M`.
    Money,
    /// Money per something, small enough to read in full: `51.83`.
    Price,
    /// A number of customers, lines or units: `31.8K`.
    Count,
    /// A ratio of two amounts: `2.74`.
    Ratio,
    /// A share of a whole or a relative change: `18.4%`.
    Percent,
}

/// What stands in for a figure that does not exist.
pub const ABSENT: &str = "-";

/// A figure with about four significant digits.
pub fn short(kind: Kind, value: Option<f64>) -> String {
    let Some(value) = value.filter(|v| v.is_finite()) else {
        return ABSENT.to_owned();
    };
    match kind {
        Kind::Money | Kind::Count => scaled(value),
        Kind::Price => {
            if value.abs() < 10_000.0 {
                fixed(value, 2)
            } else {
                scaled(value)
            }
        }
        Kind::Ratio => ratio(value),
        Kind::Percent => {
            let percent = value * 100.0;
            if percent.abs() >= FARTHEST {
                // So many times nothing.
                return ABSENT.to_owned();
            }
            format!("{}%", fixed(percent, usize::from(percent.abs() < 99.95)))
        }
    }
}

/// The same with its sign in front: `+1.25M`, `-3.0%`, `0`.
pub fn signed(kind: Kind, value: Option<f64>) -> String {
    let text = short(kind, value);
    match value {
        Some(v) if v > 0.0 && v.is_finite() && text.bytes().any(|b| matches!(b, b'1'..=b'9')) => {
            format!("+{text}")
        }
        _ => text,
    }
}

/// A figure in full, with thousands separators and at most `decimals` decimals.
pub fn full(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let text = fixed(value, decimals);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |d| ("-", d));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::with_capacity(text.len() + whole.len() / 3 + 1);
    out.push_str(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Fixed decimals without a negative zero.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        _ => text,
    }
}

/// Percentages from here on compare something with next to nothing.
const FARTHEST: f64 = 1e8;

fn ratio(value: f64) -> String {
    let size = value.abs();
    match size {
        s if s >= 1e6 => scaled(value),
        s if s > 0.0 && s < 0.01 => small(value),
        _ => fixed(value, 2),
    }
}

/// A small figure with two digits that count; one too small to count is 0.
fn small(value: f64) -> String {
    const MOST: i32 = 9;
    let decimals = 1 - value.abs().log10().floor() as i32;
    if decimals > MOST {
        return "0".to_owned();
    }
    let text = fixed(value, usize::try_from(decimals).unwrap_or(0));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Suffixes of powers of a thousand.
const SUFFIX: [&str; 5] = ["", "K", "M", "B", "T"];

fn scaled(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let mut power = 0;
    let mut size = value;
    // 999,950 would print as 1000.0K.
    while size.abs() >= 999.5 && power + 1 < SUFFIX.len() {
        size /= 1000.0;
        power += 1;
    }
    if power == 0 && size.abs() < 0.005 {
        return small(value);
    }
    if size.abs() >= 10_000.0 {
        return format!("{}{}", full(size, 0), SUFFIX[power]);
    }
    let decimals = match size.abs() {
        s if s >= 99.95 => 0,
        s if s >= 9.995 => 1,
        _ => 2,
    };
    let text = fixed(size, decimals);
    // Small whole numbers stay whole; scaled ones keep three digits.
    let whole = power == 0 && text.contains('.');
    let text = if whole { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{}", SUFFIX[power])
}

/// An amount this many times the mean is large for its column.
const LARGE: f64 = 20.0;

/// A column of amounts that is read together with its total: all in one unit,
/// rounded so that they add up to the rounded total.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Each amount, in units; they sum to `total`.
    pub parts: Vec<i64>,
    /// The rounded total, in units.
    pub total: i64,
    /// Size of a unit: 1, 10^3, 10^6, ... or a negative power of ten for small money.
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Unit {
    /// One step of the last printed digit.
    step: f64,
    /// Digits printed after the point.
    decimals: usize,
    suffix: &'static str,
}

impl Column {
    /// Rounds amounts to a unit that leaves their total four to six digits,
    /// more where there are many.
    ///
    /// The largest remainders are rounded up first (Hamilton's method), ties
    /// in the order given.
    pub fn new(amounts: &[f64]) -> Self {
        let total: f64 = amounts.iter().filter(|v| v.is_finite()).map(|v| v.abs()).sum();
        // Many small amounts need finer steps than their total.
        let typical = total / amounts.len().max(1) as f64;
        Column::sized(total.min(LARGE * typical), amounts)
    }

    /// The same with the unit of a column whose amounts sum to `size`, so that
    /// columns of different sizes can be read beside each other.
    pub fn sized(size: f64, amounts: &[f64]) -> Self {
        let finite = |v: &f64| if v.is_finite() { *v } else { 0.0 };
        let unit = Unit::for_size(size);
        const MOST: f64 = 1e15;
        let scaled: Vec<f64> = amounts.iter().map(|v| (finite(v) / unit.step).clamp(-MOST, MOST)).collect();
        let total = scaled.iter().sum::<f64>().round() as i64;
        let mut parts: Vec<i64> = scaled.iter().map(|v| v.floor() as i64).collect();
        let missing = total.saturating_sub(parts.iter().sum()).clamp(0, parts.len() as i64) as usize;
        let mut order: Vec<usize> = (0..parts.len()).collect();
        let remainder = |i: usize| scaled[i] - scaled[i].floor();
        order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(&b)));
        for &i in order.iter().take(missing) {
            parts[i] += 1;
        }
        let total = parts.iter().sum();
        Column { parts, total, unit }
    }

    /// An amount in this column's units, rounded on its own.
    pub fn units(&self, amount: f64) -> i64 {
        const MOST: f64 = 1e15;
        if amount.is_finite() { (amount / self.unit.step).round().clamp(-MOST, MOST) as i64 } else { 0 }
    }

    /// A part as text; `None` beyond the end.
    pub fn part(&self, index: usize) -> String {
        self.parts.get(index).map_or_else(|| ABSENT.to_owned(), |&p| self.write(p))
    }

    /// A number of this column's units as text.
    pub fn write(&self, units: i64) -> String {
        let Unit { step, decimals, suffix } = self.unit;
        let shown = match suffix {
            "" => units as f64 * step,
            _ => units as f64 * 10f64.powi(-(decimals as i32)),
        };
        if units == 0 { "0".to_owned() } else { format!("{}{suffix}", full(shown, decimals)) }
    }

    /// Another amount in this column's units.
    pub fn amount(&self, amount: f64) -> String {
        self.write((amount / self.unit.step).round() as i64)
    }

    /// The total as text.
    pub fn total(&self) -> String {
        self.write(self.total)
    }
}

impl Unit {
    fn for_size(total: f64) -> Unit {
        let unit = |step, decimals, suffix| Unit { step, decimals, suffix };
        match total {
            t if t < 1e-2 => unit(1e-6, 6, ""),
            t if t < 1e3 => unit(1e-2, 2, ""),
            t if t < 1e5 => unit(1.0, 0, ""),
            t if t < 1e6 => unit(1e2, 1, "K"),
            t if t < 1e8 => unit(1e3, 0, "K"),
            t if t < 1e9 => unit(1e5, 1, "M"),
            t if t < 1e11 => unit(1e6, 0, "M"),
            t if t < 1e14 => unit(1e9, 0, "B"),
            _ => unit(1e12, 0, "T"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_is_short() {
        let money = |v| short(Kind::Money, Some(v));
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (999.0, "999"),
            (999.7, "1.00K"),
            (12_000.0, "12.0K"),
            (12_345.0, "12.3K"),
            (212_345.0, "212K"),
            (1_250_000.0, "1.25M"),
            (-1_250_000.0, "-1.25M"),
            (171_600_000.0, "172M"),
            (9.087e9, "9.09B"),
            (1e20, "100,000,000T"),
            (0.25, "0.25"),
        ];
        for (value, text) in cases {
            assert_eq!(money(value), text, "{value}");
        }
        assert_eq!(short(Kind::Money, Some(f64::NAN)), ABSENT);
    }

    #[test]
    fn other_kinds() {
        assert_eq!(short(Kind::Price, Some(51.834)), "51.83");
        assert_eq!(short(Kind::Percent, Some(0.1837)), "18.4%");
        assert_eq!(short(Kind::Ratio, Some(2.7421)), "2.74");
        assert_eq!(signed(Kind::Percent, Some(0.03)), "+3.0%");
        assert_eq!(signed(Kind::Percent, Some(-0.00001)), "0.0%");
        assert_eq!(signed(Kind::Percent, Some(0.00001)), "0.0%");
        assert_eq!(full(-1_234_567.891, 2), "-1,234,567.89");
        assert_eq!(full(-0.001, 2), "0.00");
    }

    #[test]
    fn a_column_adds_up_where_rounding_alone_would_not() {
        let column = Column::new(&[333_333.4, 333_333.3, 333_333.3, 1_000_000.0]);
        assert_eq!(column.parts.iter().sum::<i64>(), column.total);
        assert_eq!(column.total(), "2,000K");
        assert_eq!((column.part(0), column.part(1)), ("334K".to_owned(), "333K".to_owned()));
    }

    #[test]
    fn many_small_amounts_keep_their_digits() {
        let column = Column::new(&[1234.0; 500]);
        assert_eq!((column.part(0), column.total()), ("1,234".to_owned(), "617,000".to_owned()));
    }

    proptest! {
        #[test]
        fn columns_always_add_up(amounts in prop::collection::vec(-1e3..1e9f64, 0..40), scale in -9i32..9) {
            let amounts: Vec<f64> = amounts.iter().map(|v| v * 10f64.powi(scale)).collect();
            let column = Column::new(&amounts);
            prop_assert_eq!(column.parts.iter().sum::<i64>(), column.total);
            for (part, amount) in column.parts.iter().zip(&amounts) {
                prop_assert!((*part as f64 - amount / column.unit.step).abs() <= 1.0 + 1e-6);
            }
        }
    }
}
