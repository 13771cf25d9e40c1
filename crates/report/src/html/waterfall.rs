//! From today's outcome to the plan's, line by line.

use outlay_scenario::spec::Metric;
use std::fmt::Write as _;

use crate::html::markup::{Part, escaped, note, title};
use crate::html::room::Room;
use crate::metric::Key;
use crate::number::{short, signed};
use crate::sentence;
use crate::view::{LineRow, View};

/// Most steps drawn one by one; the rest is one step.
const MOST: usize = 16;

/// A bar from one level to the next.
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// It shows a level, not a change.
    pub(crate) whole: bool,
}

type Outcome = fn(&LineRow) -> Option<(f64, f64)>;

pub(super) fn part(view: &View, room: &Room) -> Option<Part> {
    let revenue: (Metric, Outcome) = (Metric::Revenue, |l| Some((l.revenue_today?, l.revenue?)));
    let customers: (Metric, Outcome) = (Metric::Customers, |l| Some((l.customers_today?, l.customers?)));
    let wins = view.goal.metric == Key::Limited(Metric::Customers);
    let order = if wins { [customers, revenue] } else { [revenue, customers] };
    let (metric, steps) = order.into_iter().find_map(|(m, of)| Some((m, steps(view, of)?)))?;
    if !room.pictures || steps.len() < 3 {
        return None;
    }
    let heading = format!("{} from today to the plan", sentence::capital(Key::from(&metric).label()));
    Part::new("waterfall", heading, draw(&steps, &metric))
}

/// The bars of a way from one level to another; empty where nothing is above 0.
pub(crate) fn draw(steps: &[Step], metric: &Metric) -> String {
    let kind = Key::from(metric).kind();
    let ends = steps.iter().flat_map(|s| [s.from, s.to]).filter(|v| *v != 0.0);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if !(high > 0.0 && low.is_finite() && high.is_finite()) {
        return String::new();
    }
    let base = base(low, high);
    let at = |v: f64| 100.0 * (v.max(base) - base) / (high - base);
    let mut out = format!(
        "<div class=\"rows\" data-chart=\"waterfall\" data-metric=\"{}\" data-base=\"{base}\" data-high=\"{high}\">",
        metric.name()
    );
    for step in steps {
        let (left, right) = (at(step.from.min(step.to)), at(step.from.max(step.to)));
        let change = step.to - step.from;
        let (class, figure) = match step.whole {
            true => ("whole", short(kind, Some(step.to))),
            false if change < 0.0 => ("down", signed(kind, Some(change))),
            false => ("up", signed(kind, Some(change))),
        };
        let name = escaped(&step.name);
        let _ = writeln!(
            out,
            "<div title=\"{name}: {}\"><b>{name}</b><span><i class=\"{class}\" style=\"margin-left:{left:.2}%;width:{:.2}%\" data-delta=\"{change}\"></i></span><em>{figure}</em></div>",
            title(change),
            right - left,
        );
    }
    out.push_str("</div>");
    if base > 0.0 {
        out.push_str(&note(&sentence::cut_axis(kind, base)));
    }
    out
}

/// The changes are what matters: bars start above 0 where that shows them
/// better, at a round number.
fn base(low: f64, high: f64) -> f64 {
    let wanted = low - 1.5 * (high - low);
    if low <= 0.5 * high || wanted <= 0.0 {
        return low.min(0.0);
    }
    let step = 10f64.powf((high - low).log10().floor());
    if step > 0.0 && step.is_finite() { (wanted / step).floor() * step } else { 0.0 }
}

/// Today, every line's change with the gains first, and the plan; `None`
/// unless every line's outcome is known.
fn steps(view: &View, outcome: Outcome) -> Option<Vec<Step>> {
    let known = |l: &LineRow| outcome(l).map(|(today, plan)| (l.name.clone(), today, plan - today));
    let all = view.lines.iter().map(known).collect::<Option<Vec<_>>>()?;
    let start: f64 = all.iter().map(|c| c.1).sum();
    let mut changes: Vec<(String, f64)> =
        all.into_iter().filter(|c| c.2 != 0.0).map(|c| (c.0, c.2)).collect();
    changes.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    if changes.len() > MOST {
        let rest = changes.split_off(MOST - 1);
        changes.push((format!("{} others", rest.len()), rest.iter().map(|c| c.1).sum()));
    }
    changes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut level = start;
    let mut steps = vec![Step { name: "Today".to_owned(), from: 0.0, to: start, whole: true }];
    for (name, change) in changes {
        steps.push(Step { name, from: level, to: level + change, whole: false });
        level += change;
    }
    steps.push(Step { name: "Plan".to_owned(), from: 0.0, to: level, whole: true });
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_steps_lead_from_today_to_the_plan() {
        let view = sample::plan();
        let steps = steps(&view, |l| Some((l.revenue_today?, l.revenue?))).expect("revenue is known");
        let sum = |of: fn(&LineRow) -> Option<f64>| view.lines.iter().filter_map(of).sum::<f64>();
        let (first, last) = (&steps[0], &steps[steps.len() - 1]);
        assert!((first.to - sum(|l| l.revenue_today)).abs() < 1e-6);
        assert!((last.to - sum(|l| l.revenue)).abs() < 1e-6);
        for pair in steps[..steps.len() - 1].windows(2) {
            assert_eq!(pair[0].to, pair[1].from, "no step starts where none ended");
        }
    }

    #[test]
    fn a_cut_axis_starts_at_a_round_number_below_all() {
        assert_eq!(base(5_700_000.0, 6_100_000.0), 5_100_000.0);
        assert_eq!(base(100.0, 1000.0), 0.0);
        assert_eq!(base(-5.0, 1000.0), -5.0);
    }
}
