//! Today by the curves beside what was reported for it.

use outlay_scenario::result::Reported;
use outlay_scenario::spec::Outcome;

use crate::layout::visible;
use crate::number::{Kind, full, short, signed};
use crate::view::View;

/// Up to this difference, as a fraction, curves and report say the same.
const SAME: f64 = 0.005;
/// Most lines named.
const MOST: usize = 3;

/// A sentence for each kind of outcome that was reported: what the curves say
/// of today, how far that is from the report, and in which lines.
pub fn reconciled(view: &View) -> Vec<String> {
    let kinds = [(Outcome::Revenue, Kind::Money, "revenue"), (Outcome::Customers, Kind::Count, "customers")];
    kinds.into_iter().filter_map(|(outcome, kind, what)| of(view, outcome, kind, what)).collect()
}

fn of(view: &View, outcome: Outcome, kind: Kind, what: &str) -> Option<String> {
    let counted = |r: &Reported| r.outcome == outcome;
    let rows: Vec<(&str, f64, f64)> = view
        .reported
        .iter()
        .filter(|(_, r)| counted(r))
        .filter_map(|(name, r)| Some((name.as_str(), r.value, r.by_curve?)))
        .collect();
    if rows.is_empty() {
        return None;
    }
    let figure = |v: f64| short(kind, Some(v));
    let sum = |of: fn(&(&str, f64, f64)) -> f64| rows.iter().map(of).fold(0.0, |sum, v| sum + v);
    let (said, found) = (sum(|r| r.1), sum(|r| r.2));
    let whole = rows.len() == view.lines.len();
    let of_lines = if whole { String::new() } else { format!(" of {} lines", full(rows.len() as f64, 0)) };
    let opening = format!(
        "Reported for today's spend{of_lines}: {what} {}; by the curves {}",
        figure(said),
        figure(found)
    );
    // A line counts as apart by its share of all that was reported.
    let mut apart: Vec<_> = rows.iter().filter(|r| (r.2 - r.1).abs() > SAME * r.1.max(SAME * said)).collect();
    apart.sort_by(|a, b| (b.2 - b.1).abs().total_cmp(&(a.2 - a.1).abs()));
    let named: Vec<String> = apart
        .iter()
        .take(MOST)
        .map(|(name, said, found)| {
            format!("{} ({} reported, {} by its curve)", visible(name), figure(*said), figure(*found))
        })
        .collect();
    let more = apart.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let share = (said > 0.0).then(|| found / said - 1.0);
    Some(match (share, named.is_empty()) {
        (_, true) => format!("{opening}: they agree."),
        (Some(share), _) if share.abs() > SAME => {
            let by = signed(Kind::Percent, Some(share));
            format!("{opening} ({by}), most in {}{more}.", named.join(", "))
        }
        _ => format!("{opening}: the sums agree, and lines differ: {}{more}.", named.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(rows: &[(&str, f64, f64)]) -> View {
        let mut view = crate::sample::plan();
        let reported = |value, found| Reported { outcome: Outcome::Revenue, value, by_curve: Some(found) };
        view.reported =
            rows.iter().map(|(n, said, found)| ((*n).to_owned(), reported(*said, *found))).collect();
        view
    }

    #[test]
    fn what_was_reported_stands_beside_the_curves() {
        assert!(reconciled(&view(&[])).is_empty());
        let one = |rows: &[(&str, f64, f64)]| reconciled(&view(rows)).remove(0);
        let agreed = one(&[("TV", 480_000.0, 480_000.0)]);
        assert!(agreed.ends_with("revenue 480K; by the curves 480K: they agree."), "{agreed}");
        let less = one(&[("TV", 480_000.0, 240_000.0), ("Radio", 1e5, 1e5)]);
        assert!(
            less.contains(
                "580K; by the curves 340K (-41.4%), most in TV (480K reported, 240K by its curve)."
            ),
            "{less}"
        );
        let shifted = one(&[("TV", 480_000.0, 240_000.0), ("Radio", 1e5, 340_000.0)]);
        assert!(shifted.contains("the sums agree, and lines differ: "), "{shifted}");
    }
}
