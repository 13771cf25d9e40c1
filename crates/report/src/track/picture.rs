//! Pictures of a plan in flight, for pages.

use outlay_curves::Variance;
use outlay_scenario::spec::Metric;
use outlay_scenario::track::{Measure, TrackFile};

use crate::html::{allocation, waterfall};

/// What was spent so far beside what was planned, by line; what differs most
/// comes first.
pub(super) fn pace(file: &TrackFile) -> String {
    let pace = |l: &outlay_scenario::track::TrackLine| (l.figures.spend.actual, l.figures.spend.to_date);
    let mut rows: Vec<(&str, f64, f64)> =
        file.lines.iter().map(|l| (l.name.as_str(), pace(l).0, pace(l).1)).collect();
    rows.sort_by(|a, b| (b.1 - b.2).abs().total_cmp(&(a.1 - a.2).abs()));
    allocation::pairs(&rows, ["spent", "planned so far"])
}

/// From the plan so far to what came of it, cause by cause.
pub(super) fn causes(file: &TrackFile) -> String {
    let levels = Variance::from(file.total.variance).steps();
    let whole = |name: &str, to: f64| waterfall::Step { name: name.to_owned(), from: 0.0, to, whole: true };
    let [first, .., last] = levels;
    let causes = ["Spend", "Price", "Quality", "Curve", "Rest"];
    let mut steps = vec![whole("Plan so far", first)];
    steps.extend(
        causes.iter().zip(levels.windows(2)).filter(|(_, w)| w[0] != w[1]).map(|(name, w)| waterfall::Step {
            name: (*name).to_owned(),
            from: w[0],
            to: w[1],
            whole: false,
        }),
    );
    steps.push(whole("So far", last));
    let metric = match file.measure {
        Measure::Revenue => Metric::Revenue,
        Measure::Customers => Metric::Customers,
    };
    waterfall::draw(&steps, &metric)
}
