//! Lift tests as they bear on a history: national figures, windows found, and
//! figures in the wrong unit or of a part of the markets refused.

use std::path::PathBuf;

use outlay_curves::fit::LiftTest;
use outlay_table::{Source, plain};

use super::lift::{TestRow, rows};
use super::{HistoryError, HistoryFile, Role};
use crate::files::data::Data;

/// Standard deviation of what other markets may do differently, over the lift.
const ELSEWHERE: f64 = 0.05;
/// How far spend may lie from the history's, as a factor.
const NEAR: f64 = 1.6;

/// Lift tests on the scale of a history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LiftTests {
    /// The file.
    pub path: PathBuf,
    /// The tests, in its order.
    pub tests: Vec<LiftTest>,
    /// Where the table was found, with the rows of it that are no tests.
    pub source: Source,
}

/// Reads lift tests and brings them to the scale of a history.
///
/// A test with `market_share` p was run in markets that bring a share p of the
/// outcome: spend is then the history's of those periods, change and lift are
/// divided by p, and the error is `sqrt((error / p)^2 + (0.05 lift / p)^2)`.
///
/// # Errors
/// Every row that cannot be used or does not fit the history.
pub fn read_lift_tests(data: &Data, file: &HistoryFile) -> Result<LiftTests, HistoryError> {
    let (all, source) = rows(data, file.unit, file.order)?;
    let tests = HistoryError::gather(all.into_iter().map(|row| national(row, file)))?;
    Ok(LiftTests { path: data.path().to_owned(), tests, source })
}

fn national(row: TestRow, file: &HistoryFile) -> Result<LiftTest, HistoryError> {
    let mut test = row.test.clone();
    // A channel may be called as its column is: `tv_spend`.
    let heading = |name: &str| {
        let column = file.columns.iter().find(|(heading, _)| plain(heading) == plain(name));
        column.and_then(|(_, role)| match role {
            Role::Spend { channel } => Some(channel.clone()),
            _ => None,
        })
    };
    if !file.history.channels.iter().any(|c| c.name == test.channel) {
        let like = file.history.channels.iter().find(|c| plain(&c.name) == plain(&test.channel));
        let other = like.map(|c| c.name.clone()).or_else(|| heading(&test.channel));
        test.channel = other.unwrap_or(test.channel);
    }
    let Some(channel) = file.history.channels.iter().find(|c| c.name == test.channel) else {
        let channels = file.history.channels.iter().map(|c| c.name.clone()).collect();
        return Err(HistoryError::TestedChannel { row: row.row, channel: test.channel, channels });
    };
    let n = file.history.periods();
    let first = (0..n).find(|t| file.unit.holds(file.first, *t, row.start));
    test.first = first.filter(|t| t + test.periods <= n);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let seen = test.first.map(|t| mean(&channel.spend[t..t + test.periods]));
    match row.market_share {
        Some(share) if share < 1.0 => {
            // The history shows the treated part as it was changed.
            let spend = seen.map_or(test.spend / share, |s| (s - test.delta).max(0.0));
            let error = test.standard_error / share;
            test.lift /= share;
            test.standard_error = error.hypot(ELSEWHERE * test.lift);
            test.delta = (test.delta / share).max(-spend);
            if row.test.delta <= -row.test.spend {
                test.delta = -spend;
            }
            test.spend = spend;
            Ok(test)
        }
        Some(_) => Ok(test),
        None => plausible(row.row, test, seen, &channel.spend),
    }
}

/// A test of all markets, whose spend is near what the history shows.
fn plausible(row: usize, test: LiftTest, seen: Option<f64>, spend: &[f64]) -> Result<LiftTest, HistoryError> {
    let active: Vec<f64> = spend.iter().copied().filter(|x| *x > 0.0).collect();
    let (least, most) = active.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), &x| (a.min(x), b.max(x)));
    let near = |a: f64, b: f64| a <= NEAR * b && b <= NEAR * a;
    let fits = |figure: f64| match seen {
        // The history may show the change or leave it out.
        Some(seen) => {
            near(figure, seen)
                || near(figure + test.delta, seen)
                || (figure + test.delta <= 0.0 && seen <= 0.0)
        }
        None => figure <= NEAR * most && NEAR * figure >= least,
    };
    if fits(test.spend) {
        return Ok(test);
    }
    let (channel, given, periods) = (test.channel.clone(), test.spend, test.periods);
    let usual = seen.map_or_else(
        || active.iter().sum::<f64>() / active.len().max(1) as f64,
        |s| {
            // Seen with a cut: without it there was more.
            if s > 0.0 { s } else { given }
        },
    );
    let each = test.spend / periods as f64;
    let total = LiftTest { spend: each, delta: test.delta / periods as f64, ..test.clone() };
    let total_fits = match seen {
        Some(seen) => near(each, seen) || near(each + total.delta, seen),
        None => each <= NEAR * most && NEAR * each >= least,
    };
    Err(if periods > 1 && given > usual && total_fits {
        HistoryError::TestedTotal { row, channel, given, usual, periods, each }
    } else {
        HistoryError::TestedPart { row, channel, given, usual, share: given / usual }
    })
}
