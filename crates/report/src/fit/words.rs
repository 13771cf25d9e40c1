//! Families, warnings and notes of a fit in words.

use outlay_scenario::history::Note;
use outlay_scenario::library::CurveWarning;
use outlay_scenario::moved::{Moved, Refit};
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
        CurveSpec::Linear { .. } => "straight line",
        CurveSpec::Logistic { .. }
        | CurveSpec::SLogistic { .. }
        | CurveSpec::Power { .. }
        | CurveSpec::Log { .. }
        | CurveSpec::Table { .. }
        | CurveSpec::Adbudg { .. } => "other",
    }
}

/// What a warning means and what to do about it.
pub fn warning(warning: &CurveWarning) -> String {
    let number = |name: &str, kind| short(kind, warning.figures.get(name).and_then(Value::as_f64));
    let money = |name| number(name, Kind::Money);
    let ratio = |name| number(name, Kind::Ratio);
    let percent = |name| number(name, Kind::Percent);
    let price = |name: &str| {
        warning
            .figures
            .get(name)
            .and_then(Value::as_f64)
            .map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"))
    };
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
        "inflated" => match warning.figures.get("factor").and_then(Value::as_f64) {
            Some(factor) => format!(
                "the other channels nearly determine its spend (variance inflated {} times): a lift test is the only way to know its own effect.",
                short(Kind::Ratio, Some(factor))
            ),
            None => "the other channels determine its spend entirely, as when one is a multiple of another: history cannot tell them apart at all. Fit them as one channel, or run a lift test.".to_owned(),
        },
        "markets_contradict" => format!(
            "markets that spend more than others in the same period earn {} times what the sum of all markets lets expect (probability of such a distance if both were right: {}). Either local spend follows local demand, and then only the sum or a test is to be believed, or national spend follows national demand, and then the sum is not. The curves are the sum's; test in some markets before moving money.",
            ratio("ratio"),
            percent("probability")
        ),
        "follows_baseline" => format!(
            "{} of what moves its spend is trend, season and controls: history cannot tell its effect from theirs. Vary it against the season, or run a lift test.",
            percent("share")
        ),
        "control_follows" => format!(
            "the control {} moves with its spend (correlation {}). Keep it if spend was planned by it, as by promotions; if the spend moves it, as video moves searches for the brand, it hides a part of the effect: leave it out. A lift test settles which.",
            text("control"),
            ratio("correlation")
        ),
        "follows_outcome" => format!(
            "its spend rises after the outcome did (correlation {}): demand may drive it, and it then looks better than it is. Only a lift test corrects that.",
            ratio("correlation")
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
            "returns hardly diminish over what was spent (odds {} to 1 that they are within a tenth of a straight line). How far spend can rise before they do, only a test at a higher level tells.",
            ratio("odds")
        ),
        "rising_returns" => format!(
            "returns rise with spend (probability {}), at least at first: an average return would say nothing of any other spend, so none is given. Plan with the curve, and test at a higher level.",
            percent("probability")
        ),
        "negative_test" => format!(
            "a lift test came out clearly negative ({} ± {} per unit of spend). No curve here can fall below zero, so the estimate stops at zero and its interval cannot say how far below the truth may lie: treat the return as nothing, look for what went wrong in the test, and repeat it.",
            ratio("measured"),
            ratio("standard_error")
        ),
        "price_moved" => format!(
            "what it buys cost {} a unit over the history and {} lately. The curve is money at the first price: in a plan set rate = {{ cost_per_unit = {}, fitted_at = {} }}, or it promises the volume that money used to buy.",
            price("fitted"),
            price("latest"),
            price("latest"),
            price("fitted")
        ),
        "flighted" => format!(
            "bought in flights ({} periods): figures hold at {} a period, the mean of those that spend.",
            number("periods", Kind::Count),
            money("level")
        ),
        "low_return" => format!(
            "an average return of {} is next to nothing, and spend is {} times the whole outcome: are they in the same unit (revenue in thousands, say)? If not, correct it: what a fit believes beforehand is for one unit.",
            number("value", Kind::Count),
            number("spent", Kind::Count)
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
        "tests_disagree" => format!(
            "a lift test measured {} where the channel's other tests, with history, let expect {} ({} standard deviations apart): all are used, none is right by itself. Look for what differed between them, and repeat one.",
            money("measured"),
            money("expected"),
            signed(Kind::Ratio, warning.figures.get("z").and_then(Value::as_f64))
        ),
        "short_history" => format!(
            "{} years of history: the season was seen less than twice and cannot be told from trend and media. Add older periods.",
            ratio("years")
        ),
        "autocorrelated" => format!(
            "errors run on from one period to the next (correlation {}): something slow is missing, such as price, distribution or a competitor. Add it as a control.",
            ratio("correlation")
        ),
        "odd_periods" => format!(
            "{} far from anything the model explains, most of all {} ({} standard deviations): an event or an error in the data? It counts little in the fit. Correct it, add a column for the event, or leave the period out with --exclude.",
            match warning.figures.get("count").and_then(Value::as_u64) {
                Some(1) | None => "one period is".to_owned(),
                Some(n) => format!("{n} periods are"),
            },
            text("date"),
            signed(Kind::Ratio, warning.figures.get("z").and_then(Value::as_f64))
        ),
        "no_outcome" => format!(
            "no outcome at all in {} periods: were they recorded? Leave them out at the start or end, or correct them.",
            number("periods", Kind::Count)
        ),
        "above_outcome" => format!(
            "{} of the curves that history, tests and priors allow earn more than the whole outcome: they contradict it. Look for spend or tests in other units than the outcome, or an outcome that is only a part.",
            percent("probability")
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
        "cut_short" => "time ran out before all was tried and drawn: the figures are preliminary. Give --time more seconds before planning with them.".to_owned(),
        "markets_left_out" => "time ran out before markets could be told apart: this is the curve of their sum. Give --time more seconds.".to_owned(),
        "not_reached" => "time ran out on the way to the most probable curves: this is hardly more than what was believed before any data. Give --time more seconds before planning with it.".to_owned(),
        "not_converged" => format!(
            "the sampler's chains disagree (R-hat {}, {} effective draws): do not trust the intervals.",
            ratio("r_hat"),
            number("effective", Kind::Count)
        ),
        other => format!("{}.", visible(other).replace('_', " ")),
    }
}

/// What was decided while the history was read.
pub(super) fn note(note: &Note, unit: &str) -> String {
    let many = |n: usize| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    match note {
        Note::Gaps { periods, first } => format!(
            "{} without rows (from {first}) are left out of the fit: a gap is no zero. Spend in them is taken to have gone on as around them.",
            many(*periods)
        ),
        Note::Blank { columns } => {
            let told: Vec<String> =
                columns.iter().map(|(name, count)| format!("{count} of {}", visible(name))).collect();
            format!("empty cells of spend are zero, as asked: {}.", told.join(", "))
        }
        Note::Serials { cell, date } => format!(
            "Dates are counts of days: {} is taken for {date}, as Excel counts from 1899-12-30. A workbook that counts from 1904 means four years and a day later; if this one does, write its dates as dates.",
            visible(cell)
        ),
        Note::Counted { column } => format!(
            "The report has no money that was earned, so that {} is what curves bring. For revenue write what one of them is worth into every line of the scenario, such as revenue_per_customer = 35; or add a column of revenue to the file, and fit with --outcome and its name.",
            visible(column)
        ),
        Note::Excluded { periods } => {
            format!("{} left out as asked; spend in them carries over as ever.", many(*periods))
        }
        Note::Markets { names, date } => {
            let shown: Vec<String> = names.iter().take(4).map(|n| visible(n)).collect();
            let more = if names.len() > 4 { format!(" and {} more", names.len() - 4) } else { String::new() };
            format!(
                "{}{more} begin or end on {date}: the baseline takes a step there, and nothing is taken for zero before or after.",
                shown.join(", ")
            )
        }
        Note::Partial { periods } => {
            format!("{} in which a market has no row are left out of the fit.", many(*periods))
        }
        Note::NoSpend { channel } => format!(
            "{} never spends: history cannot say what it would do, so it gets no curve. Use a judgement.",
            visible(channel)
        ),
        Note::Held { column } => {
            format!("{}: one value a month, which holds until the next.", visible(column))
        }
        Note::Spread { column } => {
            format!("{}: one amount a month, spread evenly until the next.", visible(column))
        }
        Note::Days => {
            "days of the week are told apart in the baseline. --by week sums to weeks instead.".to_owned()
        }
        Note::Summed { left: 0 } => "days are summed to weeks.".to_owned(),
        Note::Summed { left } => {
            format!("days are summed to weeks; {left} after the last whole week are not used.")
        }
    }
}

/// What a refit changed.
pub(super) fn refit(refit: &Refit, unit: &str) -> Vec<String> {
    let mut all = Vec::new();
    let before = refit.before.as_deref().map_or("the fit before".to_owned(), visible);
    let (old, new) = refit.periods;
    all.push(match refit.new_periods {
        0 => format!("no new {unit}s since {before}."),
        1 => format!("1 new {unit} since {before}."),
        n => format!("{n} new {unit}s since {before}."),
    });
    if new < old {
        all.push(format!(
            "the history is shorter than before ({new} {unit}s, {old} then): it has to hold the old {unit}s too, or what they told is lost."
        ));
    }
    all.extend(refit.fewer_tests.iter().map(|name| {
        format!(
            "{}: had more lift tests before. Give them again with --lift-tests, or what they told is lost.",
            visible(name)
        )
    }));
    all.extend(refit.moved.iter().map(moved));
    all.extend(refit.added.iter().map(|name| format!("{}: new.", visible(name))));
    all.extend(refit.gone.iter().map(|name| format!("{}: no longer there.", visible(name))));
    all
}

/// How a curve moved since the library before.
fn moved(m: &Moved) -> String {
    let change = signed(Kind::Percent, Some(m.now / m.before - 1.0));
    let verdict = if m.news {
        "news: more than new data should move it if the fit before was right. Look for what changed"
    } else {
        "noise: no more than new data were expected to move it"
    };
    let (before, now) = (short(Kind::Ratio, Some(m.before)), short(Kind::Ratio, Some(m.now)));
    let at = short(Kind::Money, Some(m.at));
    format!(
        "{}: marginal at {at} was {before}, is {now} ({change}, {} sd); {verdict}.",
        visible(&m.name),
        signed(Kind::Ratio, Some(m.z))
    )
}
