//! What whole lots and flat prices leave unspent of a limit: where all that a
//! limit counts is bought whole, the most that can be spent is a sum of whole
//! amounts, and the limit as good as that.

use super::{Flight, Flights};
use crate::domain::Span;
use crate::region::Region;
use crate::{Coefficients, Limit, Problem};

/// What a sum may exceed a limit by and still keep it, relative: more than
/// plans may ([`crate::tolerance::KEPT`]), lots not quite whole included.
const HAIR: f64 = 1e-9;

/// Lots that add up to less than this part of a limit are as good as none.
const FINE: f64 = 1e-3;

/// Most sums of flat prices.
const SUMS: usize = 4096;

/// The amounts that a limit's lines are bought in.
#[derive(Default)]
struct Amounts {
    /// What is spent whatever is decided.
    fixed: f64,
    /// Everything else but flat prices is a multiple of this.
    unit: f64,
    /// A flat price, the least and the most times that it is paid.
    flat: Vec<(f64, usize, usize)>,
}

impl Flights {
    /// True if some spends are bought whole.
    pub(super) fn has_lots(problem: &Problem, list: &[Flight]) -> bool {
        let mut spends = list.iter().flat_map(|f| &f.steps).filter_map(|s| s.spend);
        spends.any(|spend| {
            let spans = problem.lines[spend.line].domain().spans();
            spans.iter().any(|s| s.step > 0.0) || spans.len() > 1 && spans.iter().all(|s| s.from == s.to)
        })
    }

    /// By limit: how much of its largest number no plan of a region can use.
    pub(crate) fn unspent(&self, problem: &Problem, region: &Region) -> Vec<f64> {
        let each = problem.limits.iter().zip(&self.inner);
        each.map(|(limit, inner)| {
            let outer = !inner && self.lots;
            outer.then(|| self.unspent_of(problem, limit, region)).flatten().unwrap_or(0.0)
        })
        .collect()
    }

    fn unspent_of(&self, problem: &Problem, limit: &Limit, region: &Region) -> Option<f64> {
        let terms = &limit.numerator;
        let most = limit.max? - terms.constant;
        let money = terms.response.is_none() && terms.active.is_none() && terms.moved.is_none();
        let only = |c: &Coefficients| *c == Coefficients::on_spend(c.spend) && c.spend >= 0.0;
        if limit.denominator.is_some() || !money || !terms.few().iter().all(|(_, c)| only(c)) {
            return None;
        }
        let mut amounts = Amounts::default();
        for flight in &self.list {
            if terms.of(flight.used.unwrap_or(0)).spend != 0.0 && flight.used.is_some() {
                return None;
            }
            let mut flat: Option<(f64, usize)> = None;
            for step in &flight.steps {
                if terms.of(step.stock).spend != 0.0 {
                    return None;
                }
                let Some(spend) = step.spend else { continue };
                let c = terms.of(spend.line).spend;
                if c < 0.0 {
                    return None;
                }
                if c == 0.0 {
                    continue;
                }
                let (low, high) = (region.low[spend.line], region.high[spend.line]);
                let spans = problem.lines[spend.line].domain().spans().iter();
                let spans: Vec<Span> = spans.filter_map(|s| s.clip(low, high)).collect();
                match spans[..] {
                    [Span { from, to, .. }] if from == to => amounts.fixed += c * from,
                    [Span { to: zero, .. }, Span { from, to, .. }] if zero == 0.0 && from == to => {
                        match &mut flat {
                            None => flat = Some((c * from, 1)),
                            Some((known, count)) if *known == c * from => *count += 1,
                            Some(_) => return None,
                        }
                    }
                    _ if spans.iter().all(|s| s.step > 0.0 || s.from == 0.0 && s.to == 0.0) => {
                        spans.iter().for_each(|s| amounts.unit = common(amounts.unit, c * s.step));
                    }
                    _ => return None,
                }
            }
            if let Some((price, count)) = flat {
                let on = flight.used.map_or((0.0, 1.0), |used| (region.low[used], region.high[used]));
                let times = if on.1 < 1.0 { 0 } else { flight.times.unwrap_or(count).min(count) };
                amounts.flat.push((price, usize::from(on.0 > 0.0).min(times), times));
            }
        }
        let spent = amounts.largest(most)?;
        let left = most - spent - HAIR * most.abs();
        (left > 0.0).then_some(left)
    }
}

impl Amounts {
    /// The largest sum within a limit, if there is one and it is worth knowing.
    fn largest(&self, most: f64) -> Option<f64> {
        if self.unit > 0.0 && self.unit < FINE * most.abs() || self.unit == 0.0 && self.flat.is_empty() {
            return None;
        }
        let room = most + HAIR * most.abs();
        let mut sums = vec![self.fixed];
        for &(price, least, times) in &self.flat {
            let each = |sum: &f64| {
                let sum = *sum;
                (least..=times).map(move |k| sum + k as f64 * price)
            };
            sums = sums.iter().flat_map(each).filter(|sum| *sum <= room).collect();
            if sums.len() > SUMS {
                return None;
            }
        }
        let filled = |sum: &f64| match self.unit > 0.0 {
            true => sum + ((room - sum) / self.unit).floor() * self.unit,
            false => *sum,
        };
        let largest = sums.iter().filter(|sum| **sum <= room).map(filled).fold(f64::NEG_INFINITY, f64::max);
        largest.is_finite().then_some(largest)
    }
}

/// The largest number of which both are multiples, 0 counting as any multiple;
/// something little where there is none.
fn common(mut a: f64, mut b: f64) -> f64 {
    let little = 1e-7 * a.max(b);
    for _ in 0..64 {
        if a.min(b) <= little {
            break;
        }
        (a, b) = (b, a % b);
        // A remainder that is all but the divisor is none.
        if a - b <= little {
            b = 0.0;
        }
    }
    if a.min(b) > 0.0 { a.min(b) } else { a.max(b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sum_of_whole_amounts_is_that_of_all_of_them() {
        for (units, flat, most) in [
            (vec![100.0], vec![(360.6, 0, 1)], 1231.5),
            (vec![30.0, 70.0], vec![(12.5, 0, 2)], 333.0),
            (vec![25.0, 50.0], vec![], 108.8),
            (vec![], vec![(40.0, 0, 2), (33.0, 1, 1)], 100.0),
            (vec![0.1, 0.3], vec![], 0.75),
        ] {
            let amounts = Amounts {
                fixed: 0.0,
                unit: units.iter().fold(0.0, |a, b| common(a, *b)),
                flat: flat.clone(),
            };
            let found = amounts.largest(most).unwrap();
            // All sums, one amount after another.
            let mut sums = vec![0.0];
            for &(price, least, times) in &flat {
                sums = sums.iter().flat_map(|s| (least..=times).map(move |k| s + k as f64 * price)).collect();
            }
            for unit in &units {
                sums = sums.iter().flat_map(|s| (0..40).map(move |k| s + f64::from(k) * unit)).collect();
            }
            let best = sums.into_iter().filter(|s| *s <= most * (1.0 + 1e-12)).fold(0.0, f64::max);
            assert!(found >= best - 1e-9 && found <= most, "{found} for {best} within {most}");
            assert!((found - best).abs() < 1e-6 || units.len() > 1, "{found} for {best} within {most}");
        }
        let odd = common(100.0, 33.3);
        assert!((odd - 0.1).abs() < 1e-6, "{odd}");
    }
}
