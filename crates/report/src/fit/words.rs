use outlay_scenario::fitted::Moved;
use outlay_scenario::library::CurveWarning;
use outlay_scenario::spec::CurveSpec;
use serde_json::Value;

use crate::layout::visible;
use crate::number::{Kind, short, signed};

/// A curve's family as people say it.
pub(super) fn family(curve: &CurveSpec) -> &'static str {
    match curve {
        CurveSpec::Hill { .. } => "Hill",
        CurveSpec::MichaelisMenten { .. } => "Michaelis-Menten",
        CurveSpec::Exponential { .. } => "exponential",
        _ => "other",
    }
}

/// What a warning means and what to do about it.
pub fn warning(warning: &CurveWarning) -> String {
    let number = |name: &str, kind| short(kind, warning.figures.get(name).and_then(Value::as_f64));
    let money = |name| number(name, Kind::Money);
    let ratio = |name| number(name, Kind::Ratio);
    let percent = |name| number(name, Kind::Percent);
    let text = |name: &str| visible(warning.figures.get(name).and_then(Value::as_str).unwrap_or("-"));
    match warning.code.as_str() {
        "little_variation" => format!(
            "spend hardly varies (standard deviation {} of its mean): history cannot show what more or less would do. Vary it on purpose, or run a lift test.",
            percent("variation")
        ),
        "few_points" => format!(
            "only {} periods for each effect to be estimated (10 or more are wanted): use fewer controls or channels, or a longer history.",
            ratio("per_effect")
        ),
        "few_active" => format!(
            "spends in {} periods only: the curve rests on those. A lift test tells more than waiting.",
            number("periods", Kind::Count)
        ),
        "collinear" => format!(
            "moves together with {} (correlation {}): history cannot tell them apart. Test one of the two while holding the other still.",
            text("with"),
            ratio("correlation")
        ),
        "inflated" => format!(
            "the other channels nearly determine its spend (variance inflated {} times): a lift test is the only way to know its own effect.",
            ratio("factor")
        ),
        "below_half_saturation" => format!(
            "spend never exceeded {}, below the fitted half-saturation of {}: the ceiling is a guess, plans far above it are extrapolation. Test at a higher level first.",
            money("max"),
            money("half_saturation")
        ),
        "saturated" => format!(
            "three quarters of its active periods spend more than {}, where the curve is flat (half-saturation {}): what little money would earn is a guess. Test a cut.",
            money("spend"),
            money("half_saturation")
        ),
        "straight_line" => format!(
            "no better than a straight line over the observed range (slope at the top is {} of the slope near zero): diminishing returns come from the prior, not from data.",
            percent("ratio")
        ),
        "high_return" => format!(
            "an average return of {} is hard to believe: check currency, a missing control or season, and demand that drives the spend; then test.",
            ratio("value")
        ),
        "long_memory" => format!(
            "{} of an effect carries over per period, the end of what is believable: it may stand for a trend or a season. A test with a long read-out tells.",
            percent("retention")
        ),
        "prior_dominates" => format!(
            "history adds little to what was believed before (interval {} as wide): the figures are mostly the prior. A lift test is worth most here.",
            percent("ratio")
        ),
        "test_conflict" => format!(
            "a lift test measured {} where history expects {} ({} standard deviations apart): both are used, neither is right by itself. Check the test's window and markets, and what else changed.",
            money("measured"),
            money("expected"),
            signed(Kind::Ratio, warning.figures.get("z").and_then(Value::as_f64))
        ),
        "worse_than_naive" => format!(
            "predicts the held-out periods to {}, worse than repeating last year ({}): something that moves the outcome is missing from the history.",
            percent("error"),
            percent("naive")
        ),
        "judgement" => format!(
            "a judgement ({}), not a fit; source: {}. Replace it by a lift test or by history as soon as there is one.",
            match text("basis").as_str() {
                "answers" => "from a planner's answers".to_owned(),
                "benchmark" => "from a benchmark".to_owned(),
                "like" => "another channel's curve, scaled".to_owned(),
                other => other.to_owned(),
            },
            text("source")
        ),
        "not_converged" => format!(
            "the sampler's chains disagree (R-hat {}, {} effective draws): do not trust the intervals.",
            ratio("r_hat"),
            number("effective", Kind::Count)
        ),
        other => format!("{}.", visible(other).replace('_', " ")),
    }
}

/// How a curve moved since the library before.
pub(super) fn moved(m: &Moved) -> String {
    let change = signed(Kind::Percent, Some(m.now / m.before - 1.0));
    let verdict = if m.news {
        "news: outside the interval of the fit before"
    } else {
        "noise: within the interval of the fit before"
    };
    let (before, now) = (short(Kind::Ratio, Some(m.before)), short(Kind::Ratio, Some(m.now)));
    format!("{}: marginal {before} before, {now} now ({change}); {verdict}.", visible(&m.name))
}
