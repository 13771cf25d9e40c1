//! Lines that meet in a horizon that has begun: what is past has been earned,
//! and they meet in what is left.

use std::sync::Arc;

use crate::model::meeting::{Meeting, Web};
use crate::model::scenario::ScenarioLine;

/// A line as if nothing had happened yet.
pub(super) fn whole(line: &Arc<ScenarioLine>) -> Arc<ScenarioLine> {
    let Some(past) = line.past else { return Arc::clone(line) };
    let rest = match &line.curve {
        outlay_curves::Curve::Resumed(resumed) => resumed.rest(),
        curve => curve,
    };
    let back = 1.0 / (1.0 - past.share);
    Arc::new(ScenarioLine { curve: rest.stretched(back, back), ..line.as_ref().clone() })
}

/// What is left of the horizon for a web; the line whose past says otherwise
/// than another's where they differ. What is bought at once and not bought yet
/// is part of any rest.
pub(super) fn left(web: &Web, lines: &[Arc<ScenarioLine>]) -> Result<f64, (usize, usize)> {
    let share = |i: usize| lines[i].past.map_or(0.0, |p| p.share);
    let flat = |i: usize| lines[i].deal.as_ref().is_some_and(|d| d.flat.is_some());
    let bought = || web.lines.iter().copied().filter(|&i| !(flat(i) && share(i) == 0.0));
    let Some(first) = bought().next() else { return Ok(1.0) };
    match bought().find(|&i| (share(i) - share(first)).abs() > 1e-9) {
        Some(other) => Err((first, other)),
        None => Ok(1.0 - share(first)),
    }
}

/// The meeting of what is left, and in `lines` what each of them returns by
/// itself there.
pub(super) fn go_on(
    meeting: &Meeting,
    whole: &[Arc<ScenarioLine>],
    left: &[f64],
    lines: &mut [Arc<ScenarioLine>],
) -> Meeting {
    let (rest, fewer) = meeting.rest(left, lines.len());
    for (web, &left) in meeting.webs.iter().zip(left) {
        for &i in &web.lines {
            let line = &whole[i];
            let Some(past) = line.past else {
                lines[i] = if left == 1.0 { Arc::clone(line) } else { at_once(line, left, fewer[i]) };
                continue;
            };
            let own = 1.0 - past.share;
            let axis = if own == 1.0 && !fewer[i] { left } else { own };
            let curve = line.curve.stretched(axis, if fewer[i] { own } else { 1.0 });
            let resumed = (past.spend > 0.0).then(|| curve.clone().resumed(past.spend, 0.0).ok()).flatten();
            let draws = line.draws.going_on(past.spend, if fewer[i] { 1.0 } else { 1.0 / own });
            let curve = resumed.unwrap_or(curve);
            lines[i] = Arc::new(ScenarioLine { curve, draws: Arc::new(draws), ..line.as_ref().clone() });
        }
    }
    rest
}

/// What is bought at once works in what is left.
fn at_once(line: &Arc<ScenarioLine>, left: f64, fewer: bool) -> Arc<ScenarioLine> {
    let curve = if fewer { line.curve.clone() } else { line.curve.stretched(left, 1.0) };
    Arc::new(ScenarioLine { curve, ..line.as_ref().clone() })
}
