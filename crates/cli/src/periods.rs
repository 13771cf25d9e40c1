//! Periods, half-lives and seconds as they are typed.

use std::time::Duration;

use jiff::civil::Date;
use outlay::curves::fit::HalfLife;

/// `2020-03..2020-05`, `2020-03-02..2020-03-29`, `2020-W10..2020-W13` or one such
/// name: from the first day of the first to the last day of the last.
pub(crate) fn span(text: &str) -> Result<(Date, Date), String> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (outlay::days(from)?.0, outlay::days(to)?.1);
    if from > to { Err(format!("`{text}` ends before it begins")) } else { Ok((from, to)) }
}

/// The first day of what is typed.
pub(crate) fn first_day(text: &str) -> Result<Date, String> {
    Ok(outlay::days(text)?.0)
}

/// The last day of what is typed.
pub(crate) fn last_day(text: &str) -> Result<Date, String> {
    Ok(outlay::days(text)?.1)
}

/// `tv=4..12`: the channel and the ends of its half-life.
pub(crate) fn half_life(text: &str) -> Result<(String, HalfLife), String> {
    let wrong = || format!("`{text}` is not CHANNEL=LOW..HIGH, two numbers of periods such as tv=4..12");
    let (channel, ends) = text.rsplit_once('=').ok_or_else(wrong)?;
    let (low, high) = ends.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
    let (low, high) = (number(low)?, number(high)?);
    if low > 0.0 && low < high && high.is_finite() {
        Ok((channel.to_owned(), HalfLife { low, high }))
    } else {
        Err(format!("`{text}`: both ends must be above 0, the second above the first"))
    }
}

/// A number of seconds above 0.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a number of seconds above 0");
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(seconds).ok().filter(|d| !d.is_zero()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn spans_are_whole_months_and_years() {
        assert_eq!(span("2020-03..2020-05").unwrap(), (date(2020, 3, 1), date(2020, 5, 31)));
        assert_eq!(span("2020").unwrap(), (date(2020, 1, 1), date(2020, 12, 31)));
        assert_eq!(span("2020-03-02..2020-04").unwrap(), (date(2020, 3, 2), date(2020, 4, 30)));
        for wrong in ["2020-05..2020-03", "March", "2020-13", "..", ""] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn half_lives_have_two_ends() {
        let (channel, half_life) = half_life("tv = brand=4..12").unwrap();
        assert_eq!((channel.as_str(), half_life.low, half_life.high), ("tv = brand", 4.0, 12.0));
        for wrong in ["tv=4", "tv", "tv=0..3", "tv=5..4", "tv=a..b"] {
            assert!(super::half_life(wrong).is_err(), "{wrong}");
        }
    }
}
