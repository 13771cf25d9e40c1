//! From one curve library to the next.

use outlay_curves::Curve;

use crate::files::history::HistoryFile;
use crate::files::library::{LibraryCurve, LibraryFile};
use crate::files::spec::CurveSpec;

/// What a refit changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Refit {
    /// Last date of the history before, if the library says it.
    pub before: Option<String>,
    /// Periods of the history after that date.
    pub new_periods: usize,
    /// Periods of the history before and now: less now is suspicious.
    pub periods: (usize, usize),
    /// Curves in both.
    pub moved: Vec<Moved>,
    /// Curves only in the library before.
    pub gone: Vec<String>,
    /// Curves only in the new library.
    pub added: Vec<String>,
    /// Channels that had more lift tests before.
    pub fewer_tests: Vec<String>,
}

/// How a curve moved between two libraries.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The curve.
    pub name: String,
    /// Spend per period at which marginal returns are compared: the mean
    /// spend of the fit before.
    pub at: f64,
    /// Marginal return before.
    pub before: f64,
    /// Marginal return now.
    pub now: f64,
    /// The move over what new data were expected to bring, in standard
    /// deviations.
    pub z: f64,
    /// Whether the move is news rather than noise.
    pub news: bool,
}

/// Compares a new library with an old one, curve by curve.
///
/// If the fit before was right, its estimate moves with new data like a
/// martingale: the variance of the move is what the data take off the variance
/// of the estimate, `Var before - Var now`, of ln marginal return at the same
/// spend. A move beyond 1.96 standard deviations is news.
pub fn compare(old: &LibraryFile, new: &LibraryFile, file: &HistoryFile) -> Refit {
    let find = |library: &'_ LibraryFile, name: &str| library.curves.iter().position(|c| c.name == name);
    let pair = |curve: &'_ LibraryCurve| {
        let old = old.curves.get(find(old, &curve.name)?)?;
        moved(old, curve)
    };
    let only = |a: &LibraryFile, b: &LibraryFile| {
        let names = a.curves.iter().filter(|c| find(b, &c.name).is_none());
        names.map(|c| c.name.clone()).collect::<Vec<_>>()
    };
    let tests = |c: &LibraryCurve| c.quality.get("lift_tests").copied().flatten().unwrap_or(0.0);
    let fewer = |c: &&LibraryCurve| {
        let before = find(old, &c.name).and_then(|i| old.curves.get(i));
        before.is_some_and(|before| tests(before) > tests(c))
    };
    let seen = |l: &LibraryFile| l.curves.iter().filter_map(|c| c.observed).map(|o| o.periods).max();
    let count = |l: &LibraryFile| usize::try_from(seen(l).unwrap_or(0)).unwrap_or(usize::MAX);
    Refit {
        before: old.fitted_at.clone(),
        new_periods: old.fitted_at.as_deref().map_or(0, |date| file.periods_after(date)),
        periods: (count(old), count(new)),
        moved: new.curves.iter().filter_map(pair).collect(),
        gone: only(old, new),
        added: only(new, old),
        fewer_tests: new.curves.iter().filter(fewer).map(|c| c.name.clone()).collect(),
    }
}

/// Share of the variance before that new data are always granted: draws are
/// finite, and no model is exactly right.
const GRANTED: f64 = 0.1;

fn moved(old: &LibraryCurve, new: &LibraryCurve) -> Option<Moved> {
    let at = old.marginal?.at;
    let (before, spread_before) = ln_marginal(old, at)?;
    let (now, spread_now) = ln_marginal(new, at)?;
    let variance = (spread_before.powi(2) - spread_now.powi(2)).max(GRANTED * spread_before.powi(2));
    let z = if now == before { 0.0 } else { (now - before) / variance.sqrt() };
    let (name, news) = (new.name.clone(), z.abs() > 1.96);
    Some(Moved { name, at, before: before.exp(), now: now.exp(), z, news })
}

/// Median and standard deviation over the draws of ln marginal return.
fn ln_marginal(curve: &LibraryCurve, at: f64) -> Option<(f64, f64)> {
    let build = |spec: &CurveSpec| spec.made(at).ok().map(|c: Curve| c.marginal(at).ln());
    let mut values: Vec<f64> = curve.draws.iter().filter_map(build).filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let n = values.len();
    if n < 20 {
        return None;
    }
    let median = 0.5 * (values[(n - 1) / 2] + values[n / 2]);
    let mean = values.iter().sum::<f64>() / n as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64;
    Some((median, variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::data::Data;
    use crate::files::history::{Chosen, read_history};
    use crate::files::library::{MarginalEstimate, Observed};
    use crate::files::spec::Outcome;

    /// A curve whose ln marginal return at 100 has about this median and
    /// standard deviation.
    fn curve(name: &str, median: f64, deviation: f64, tests: f64) -> LibraryCurve {
        let half_saturation = 100.0;
        let spec = |marginal: f64| CurveSpec::MichaelisMenten { ceiling: 400.0 * marginal, half_saturation };
        // Evenly spaced around the median: deviation = width / sqrt(3).
        let draw = |i: i32| spec(median * (deviation * 3_f64.sqrt() * f64::from(i) / 50.0).exp());
        LibraryCurve {
            name: name.into(),
            outcome: Outcome::Revenue,
            curve: spec(median),
            adstock: None,
            observed: Some(Observed { periods: 20, min: 0.0, mean: 100.0, max: 200.0 }),
            marginal: Some(MarginalEstimate { at: 100.0, value: median, low: 0.1, high: 9.0, level: 0.9 }),
            rate: None,
            quality: [("lift_tests".to_owned(), Some(tests))].into_iter().collect(),
            warnings: Vec::new(),
            recent: Vec::new(),
            draws: (-50..=50).map(draw).collect(),
        }
    }

    fn library(curves: Vec<LibraryCurve>, fitted_at: &str) -> LibraryFile {
        let (currency, unit, source) = (None, Some("day".into()), None);
        LibraryFile {
            outlay: 1,
            currency,
            unit,
            fitted_at: Some(fitted_at.into()),
            source,
            curves,
            meeting: None,
        }
    }

    fn history() -> HistoryFile {
        let days: String = (1..=20).map(|d| format!("2024-03-{d:02},{d},5\n")).collect();
        let data = Data::bytes("days.csv", format!("date,revenue,tv_spend\n{days}"));
        read_history(&data, &Chosen::default()).unwrap()
    }

    #[test]
    fn a_move_is_judged_by_what_new_data_may_bring() {
        let old = library(vec![curve("tv", 2.0, 0.5, 0.0)], "2024-03-15");
        let judged = |median: f64, deviation: f64| {
            let new = library(vec![curve("tv", median, deviation, 0.0)], "2024-03-20");
            compare(&old, &new, &history()).moved.remove(0)
        };
        // Half of the deviation left: a move of one old deviation is ordinary.
        assert!(!judged(2.0 * 0.5_f64.exp(), 0.25).news);
        // Nothing learnt, and yet the estimate has moved as far: news, though
        // it still lies inside the old interval.
        assert!(judged(2.0 * 0.5_f64.exp(), 0.5).news);
        let same = judged(2.0, 0.5);
        assert!(!same.news && same.z.abs() < 1e-9);
        let far = judged(2.0 * 1.5_f64.exp(), 0.25);
        assert!(far.news && (far.z - 1.5 / (0.25_f64 - 0.0625).sqrt()).abs() < 0.1, "{far:?}");
    }

    #[test]
    fn what_came_and_went_is_listed() {
        let old = library(vec![curve("tv", 2.0, 0.5, 2.0), curve("print", 1.0, 0.5, 0.0)], "2024-03-15");
        let new = library(vec![curve("tv", 2.0, 0.5, 1.0), curve("radio", 1.0, 0.5, 0.0)], "2024-03-20");
        let refit = compare(&old, &new, &history());
        assert_eq!(
            (refit.new_periods, refit.gone, refit.added),
            (5, vec!["print".into()], vec!["radio".into()])
        );
        assert_eq!(refit.fewer_tests, ["tv"]);
    }
}
