//! How large errors usually are for markets such as those treated.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::panel::{mean, total};
use crate::seen::{Seen, error_of};

/// Other groups that are looked at.
const GROUPS: usize = 20;

/// Places up or down the order by size that a market is exchanged over.
const NEAR: usize = 3;

/// Weight of what other groups show against what the treated one shows.
const WEIGHT: f64 = 0.9;

/// The factor from the error that the treated markets show before a test to the
/// one that is reckoned with: nine tenths of the way (in logarithms) to the median
/// error of other groups of markets of like size, within 0.7 and 2.
///
/// An error estimated from a year of one group is itself off by a fifth, and too
/// small wherever the group was chosen for it, as screened designs are. What it
/// says beyond the usual error hardly tells how far off the test will be.
pub(crate) fn factor(seen: &Seen, length: usize) -> f64 {
    let Some(own) = error_of(seen, length).filter(|e| *e > 0.0) else { return 1.0 };
    let markets: Vec<usize> = (0..seen.outcome.nrows()).collect();
    if seen.controls.len() < 2 * seen.treated.len().max(2) {
        return 1.0;
    }
    let size = |i: usize| mean(&total(&seen.outcome, &[i]), seen.before);
    let mut order = markets.clone();
    order.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    let mut random = Pcg64::seed_from_u64(1);
    let mut errors: Vec<f64> = Vec::new();
    for _ in 0..GROUPS {
        let mut group: Vec<usize> = Vec::new();
        for market in &seen.treated {
            let at = order.iter().position(|m| m == market).unwrap_or(0);
            let (from, to) = (at.saturating_sub(NEAR), (at + NEAR + 1).min(order.len()));
            let near: Vec<usize> = order[from..to].iter().copied().filter(|m| !group.contains(m)).collect();
            if !near.is_empty() {
                group.push(near[random.random_range(0..near.len())]);
            }
        }
        let controls = markets.iter().copied().filter(|m| !group.contains(m)).collect();
        let series = total(&seen.outcome, &group);
        let other = Seen { treated: group, controls, series, ..seen.clone() };
        errors.extend(error_of(&other, length));
    }
    let usual = crate::factors::median(errors);
    if usual > 0.0 { (usual / own).powf(WEIGHT).clamp(0.7, 2.0) } else { 1.0 }
}
