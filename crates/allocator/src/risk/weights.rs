//! Weights on draws, brought into the set that proves something.

use super::{Measure, Risky, Tail, TailLimit, Weights};

/// How far, relative, weights may lie outside their set by rounding; the bound
/// is raised by as much.
pub(super) const ROUNDED: f64 = 1e-12;

/// Weights below this share of the largest are left out.
const SMALL: f64 = 1e-7;

/// Weights of at most `most` each with the given sum, near the given ones: they
/// are scaled, and cut off at `most`.
pub(super) fn within(weights: &[f64], most: f64, sum: f64) -> Vec<f64> {
    const HALVINGS: usize = 200;
    let kept = |w: f64| if w > SMALL * most { w.min(most) } else { 0.0 };
    let base: Vec<f64> = weights.iter().map(|&w| kept(w)).collect();
    let scaled = |factor: f64| base.iter().map(move |w| (w * factor).min(most));
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        if scaled(high).sum::<f64>() >= sum {
            break;
        }
        (low, high) = (high, 2.0 * high);
    }
    if scaled(high).sum::<f64>() < sum {
        // Too few draws weigh anything: all of them alike.
        return vec![sum / weights.len() as f64; weights.len()];
    }
    for _ in 0..HALVINGS {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if scaled(middle).sum::<f64>() >= sum { high = middle } else { low = middle }
    }
    scaled(high).collect()
}

/// Weights of a tail in the goal, in its set.
pub(super) fn of_goal(tail: &Tail, weights: &[f64]) -> Vec<f64> {
    let count = weights.len() as f64;
    match tail.measure {
        Measure::Worst { share, weight } => within(weights, weight / (share * count), weight),
        Measure::Below => {
            let most = 1.0 / count;
            weights.iter().map(|w| if *w > SMALL * most { w.min(most) } else { 0.0 }).collect()
        }
    }
}

/// Weights of a limit, in its set: none larger than `1 / (share D)` of the sum.
pub(super) fn of_limit(limit: &TailLimit, weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return vec![0.0; weights.len()];
    }
    within(weights, sum / (limit.share * weights.len() as f64), sum)
}

/// True if weights lie in their sets, up to rounding.
pub(super) fn are_fair(risky: &Risky, weights: &Weights, empty: bool) -> bool {
    let count = risky.draws.count;
    let sound = |w: &[f64]| w.iter().all(|w| *w >= 0.0 && w.is_finite());
    let largest = |w: &[f64]| w.iter().copied().fold(0.0, f64::max);
    let room = 1.0 + ROUNDED;
    let goal = match &risky.goal {
        _ if empty => true,
        None => weights.goal.is_empty(),
        Some(tail) => {
            let (w, sum) = (&weights.goal[..], weights.goal.iter().sum::<f64>());
            w.len() == count
                && sound(w)
                && match tail.measure {
                    Measure::Worst { share, weight } => {
                        (sum - weight).abs() <= ROUNDED * weight
                            && largest(w) <= weight / (share * count as f64) * room
                    }
                    Measure::Below => largest(w) <= room / count as f64,
                }
        }
    };
    let fits = |(limit, w): (&TailLimit, &Vec<f64>)| {
        let most = w.iter().sum::<f64>() / (limit.share * count as f64);
        w.len() == count && sound(w) && largest(w) <= most * room
    };
    goal && weights.limits.len() == risky.limits.len()
        && risky.limits.iter().zip(&weights.limits).all(fits)
        && weights.at.len() == risky.problem.lines.len()
        && weights.at.iter().all(|x| x.is_finite())
}
