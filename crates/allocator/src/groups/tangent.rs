//! The problem with its products replaced by their tangents at a plan: an
//! ordinary one, whose best plan says where levels should move.

use crate::groups::pool::Pools;
use crate::{Limit, Problem, Terms};

impl Pools {
    /// Near spends `x` with levels `D`, what a line draws is
    /// `D f(y) + D' f(x) - D f(x)` at spends `y` and levels `D'`.
    pub(super) fn tangent(&self, problem: &Problem, goal: &Terms, spends: &[f64]) -> (Problem, Terms) {
        self.straightened(problem, goal, spends, |j| problem.lines[j].curve.value(spends[j]))
    }

    /// The same with `slope(j)` in place of `f(x)`: what a unit of the level is
    /// taken to be worth to line `j`.
    pub(super) fn straightened(
        &self,
        problem: &Problem,
        goal: &Terms,
        spends: &[f64],
        slope: impl Fn(usize) -> f64,
    ) -> (Problem, Terms) {
        let mut near = problem.clone();
        // Where each line that draws stands: its level's line, and what it returns.
        let mut drawn: Vec<(usize, usize, f64, f64)> = Vec::new();
        for pool in &self.0 {
            let level = spends[pool.block];
            for &j in &pool.lines {
                drawn.push((j, pool.block, level, slope(j)));
                near.lines[j] = problem.lines[j].drawing(level);
            }
        }
        let terms = |terms: &Terms| tangent(terms, &drawn, problem.lines.len());
        near.limits = problem
            .limits
            .iter()
            .map(|limit| Limit {
                numerator: terms(&limit.numerator),
                denominator: limit.denominator.as_ref().map(terms),
                ..limit.clone()
            })
            .collect();
        (near, terms(goal))
    }
}

fn tangent(terms: &Terms, drawn: &[(usize, usize, f64, f64)], lines: usize) -> Terms {
    let mut moved = terms.clone();
    let mut spend: Option<Vec<f64>> = None;
    for &(j, block, level, returned) in drawn {
        let worth = terms.of(j).response * returned;
        if worth == 0.0 {
            continue;
        }
        let own = || terms.spend.as_ref().map_or_else(|| vec![0.0; lines], |v| v.to_vec());
        spend.get_or_insert_with(own)[block] += worth;
        moved.constant -= worth * level;
    }
    match spend {
        Some(spend) => moved.with_spend(spend),
        None => moved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Goal, Line};
    use outlay_curves::Curve;

    #[test]
    fn it_agrees_with_the_product_at_the_plan_and_beside_it() {
        let hill = |c: f64| Curve::hill(c, 30.0, 1.0).unwrap();
        let mut lines =
            vec![Line::new(hill(0.8), 0.0, vec![]), Line::new(Curve::linear(1.0).unwrap(), 0.0, vec![])];
        lines[0].pool = Some(1);
        let goal = Terms::default().with_response(vec![3.0, 0.0]).with_spend(vec![-1.0, -0.5]);
        let problem = Problem { lines, goal: Goal::Maximize(goal.clone()), limits: Vec::new() };
        let pools = Pools::find(&problem);
        let (near, terms) = pools.tangent(&problem, &goal, &[20.0, 50.0]);
        let both = |x: &[f64]| (goal.measure(&problem.lines, x).0, terms.measure(&near.lines, x).0);
        let (product, tangent) = both(&[20.0, 50.0]);
        assert!((product - tangent).abs() < 1e-12 * product.abs());
        for x in [[20.01, 50.0], [20.0, 50.02], [20.01, 50.02]] {
            let (product, tangent) = both(&x);
            let lost = 3.0 * (hill(0.8).value(x[0]) - hill(0.8).value(20.0)) * (x[1] - 50.0);
            assert!((product - tangent - lost).abs() < 1e-9, "{x:?}: {product} {tangent}");
        }
    }
}
