//! ADBUDG: a Hill curve from a planner's answers.

use super::Hill;
use crate::CurveError;

/// ADBUDG curve from a planner's two answers (Little 1970): response `min` at
/// no spend and `max` at unlimited spend, `at_current` at today's spend and
/// `at_150_percent` at one and a half times that. All responses are in outcome
/// units per horizon, `current` in currency per horizon.
///
/// With `p = (y - min) / (max - min)` the curve above `min` is a Hill curve of
/// shape `c = [logit p(1.5) - logit p(1)] / ln 1.5` and half-saturation
/// `current * ((1 - p(1)) / p(1))^(1/c)`; only the part above `min` is
/// incremental.
pub fn adbudg(
    min: f64,
    max: f64,
    at_current: f64,
    at_150_percent: f64,
    current: f64,
) -> Result<Hill, CurveError> {
    let wrong = |parameter, value, allowed| {
        Err(CurveError::Parameter { family: "adbudg", parameter, value, allowed })
    };
    if !(min.is_finite() && min >= 0.0) {
        return wrong("min", min, "a finite number of at least 0");
    }
    if !(max.is_finite() && max > min) {
        return wrong("max", max, "a finite number above `min`");
    }
    if !(at_current > min && at_current < max) {
        return wrong("at_current", at_current, "strictly between `min` and `max`");
    }
    if !(at_150_percent > at_current && at_150_percent < max) {
        return wrong("at_150_percent", at_150_percent, "strictly between `at_current` and `max`");
    }
    if !(current.is_finite() && current > 0.0) {
        return wrong("spend.current", current, "a finite number above 0: the answers refer to it");
    }
    let odds = |y: f64| ((y - min) / (max - y)).ln();
    let shape = (odds(at_150_percent) - odds(at_current)) / 1.5_f64.ln();
    let half_saturation = current * (-odds(at_current) / shape).exp();
    Hill::new(max - min, half_saturation, shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sigmoid;
    use approx::assert_relative_eq;

    #[test]
    fn reproduces_the_answers() {
        let curve = adbudg(0.1, 0.9, 0.5, 0.6, 2000.0).unwrap();
        let (_, k, c) = curve.parameters();
        assert_relative_eq!(c, 1.25985, epsilon = 1e-5);
        assert_relative_eq!(k, 2000.0, max_relative = 1e-12);
        assert_relative_eq!(curve.value(3000.0) + 0.1, 0.6, max_relative = 1e-12);
    }
}
