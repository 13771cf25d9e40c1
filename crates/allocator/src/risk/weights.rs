//! Weights on draws, brought into the set that proves something.

use super::{Measure, Risky, Tail, TailLimit, Weights};

/// How far, relative, weights may lie outside their set by rounding; the bound
/// is raised by as much.
pub(super) const ROUNDED: f64 = 1e-12;

/// Weights below this share of the largest are left out: what an interior point
/// leaves on draws that weigh nothing. Without them the bound is mostly a little
/// less, and of a worst tenth it costs a sixth.
const SMALL: f64 = 1e-4;

/// Weights of at most `most` each with the given sum, near the given ones: they
/// are scaled, and cut off at `most`. Small ones count only where the others,
/// each at `most`, do not make up the sum; where nothing does, all are alike.
pub(super) fn within(weights: &[f64], most: f64, sum: f64) -> Vec<f64> {
    let found = [SMALL, 0.0].into_iter().find_map(|small| scaled(weights, (small * most, most), sum));
    found.unwrap_or_else(|| vec![sum / weights.len() as f64; weights.len()])
}

/// The weights above `small`, scaled to a sum.
fn scaled(weights: &[f64], (small, most): (f64, f64), sum: f64) -> Option<Vec<f64>> {
    const HALVINGS: usize = 200;
    let kept = |w: f64| if w > small { w.min(most) } else { 0.0 };
    let base: Vec<f64> = weights.iter().map(|&w| kept(w)).collect();
    let by = |factor: f64| base.iter().map(move |w| (w * factor).min(most));
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        if by(high).sum::<f64>() >= sum {
            break;
        }
        (low, high) = (high, 2.0 * high);
    }
    if by(high).sum::<f64>() < sum {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if by(middle).sum::<f64>() >= sum { high = middle } else { low = middle }
    }
    Some(by(high).collect())
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

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn small_weights_count_where_the_others_do_not_make_up_the_sum() {
        // So many parts of 1 sum to 1, or by rounding to less.
        for count in 2..60 {
            let most = 1.0 / f64::from(count);
            let mut weights = vec![most; count as usize];
            weights.extend([1e-9 * most; 5]);
            let found = within(&weights, most, 1.0);
            assert!((found.iter().sum::<f64>() - 1.0).abs() <= 1e-12, "{count}");
            let moved = found.iter().zip(&weights).map(|(f, w)| (f - w).abs()).sum::<f64>();
            assert!(moved <= 1e-6, "{count}: moved by {moved}");
        }
    }

    #[test]
    fn weights_that_make_up_no_sum_are_all_alike() {
        assert_eq!(within(&[0.25, 0.0, 0.0, 0.0], 0.5, 1.0), [0.25; 4]);
        assert_eq!(within(&[0.5, 0.5, 1e-9, 0.0], 0.5, 1.0), [0.5, 0.5, 0.0, 0.0]);
    }
}
