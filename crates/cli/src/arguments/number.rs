//! Numbers as they are typed. A share is written in one way everywhere: `15%`
//! or `0.15`.

/// A share as a fraction: `15%` and `0.15` are the same.
fn share_of(text: &str) -> Option<f64> {
    let text = text.trim();
    // Divided, so that 15% is 0.15 to the last digit.
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|p| p / 100.0),
        None => text.parse().ok(),
    }
    .filter(|share: &f64| share.is_finite())
}

fn allowed(found: Option<f64>, expected: &str, allowed: impl Fn(f64) -> bool) -> Result<f64, String> {
    found.filter(|n| allowed(*n)).ok_or_else(|| format!("expected {expected}"))
}

fn number(text: &str, expected: &str, fits: impl Fn(f64) -> bool) -> Result<f64, String> {
    allowed(text.parse().ok(), expected, fits)
}

pub(super) fn gap(text: &str) -> Result<f64, String> {
    let expected = "a gap of at least 1e-12 and below 1, such as 1e-6 or 0.1%";
    allowed(share_of(text), expected, |g| (1e-12..1.0).contains(&g))
}

pub(super) fn amount(text: &str) -> Result<f64, String> {
    number(&text.replace('_', ""), "a finite number", f64::is_finite)
}

pub(super) fn unit(text: &str) -> Result<f64, String> {
    number(&text.replace('_', ""), "an amount above 0, such as 1000", |u| u.is_finite() && u > 0.0)
}

pub(super) fn level(text: &str) -> Result<f64, String> {
    let expected = "a probability above 0 and below 1, such as 90% or 0.9";
    allowed(share_of(text), expected, |p| p > 0.0 && p < 1.0)
}

pub(super) fn factor(text: &str) -> Result<(String, f64, f64), String> {
    let parts = text.rsplit_once('=').and_then(|(name, rest)| Some((name, rest.split_once(':')?)));
    let found = parts.and_then(|(name, (factor, error))| {
        let factor = share_of(factor).filter(|f| *f > 0.0)?;
        let error = share_of(error).filter(|e| *e >= 0.0)?;
        Some((name.to_owned(), factor, error))
    });
    found.ok_or_else(|| "expected a channel, a factor above 0 and its standard error: search=0.6:0.1".into())
}

pub(super) fn fraction(text: &str) -> Result<f64, String> {
    allowed(share_of(text), "a share of at least 0, such as 2% or 0.02", |f| (0.0..=1e6).contains(&f))
}

/// How far a line may move from a plan made by hand.
pub(super) fn moved(text: &str) -> Result<f64, String> {
    let expected = "a change above 0 and at most 100%, such as 10% or 0.1";
    allowed(share_of(text), expected, |n| n > 0.0 && n <= 1.0)
}

/// A change of spend: `+50%`, `-100%` or `0.5`.
pub(super) fn change(text: &str) -> Result<f64, String> {
    let expected = "a change from -100% (go dark) to +2000%, other than 0: +50% or 0.5";
    allowed(share_of(text), expected, |c| (-1.0..=20.0).contains(&c) && c != 0.0)
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    let expected = "a share above 0 and at most 60%, such as 30% or 0.3";
    allowed(share_of(text), expected, |s| s > 0.0 && s <= 0.6)
}

pub(super) fn worth(text: &str) -> Result<f64, String> {
    let expected = "an outcome per unit of spend above 0, such as 1.5";
    number(text, expected, |w| w.is_finite() && w > 0.0)
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    number(text, "seconds above 0 and at most 1000000", |s| s > 0.0 && s <= 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_in_one_way_everywhere() {
        type Parser = fn(&str) -> Result<f64, String>;
        for parser in [level, fraction, moved, change, share, gap] as [Parser; 6] {
            assert_eq!(parser("15%"), Ok(0.15));
            assert_eq!(parser("0.15"), Ok(0.15));
            assert_eq!(parser(" 15 % "), Ok(0.15));
            assert!(parser("15 percent").is_err_and(|e| e.starts_with("expected ")));
            assert!(parser("nan").is_err() && parser("inf%").is_err() && parser("").is_err());
        }
        assert_eq!(change("-100%"), Ok(-1.0));
        assert_eq!(factor("search=60%:0.1"), Ok(("search".to_owned(), 0.6, 0.1)));
        assert!(moved("300%").is_err() && share("61%").is_err() && change("0").is_err());
    }
}
