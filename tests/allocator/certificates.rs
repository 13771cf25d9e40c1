//! Certificates that were tampered with prove nothing, or less.

use outlay_allocator::certificate::{NotProven, bound};
use outlay_allocator::{CutSide, Limit, Options, Prices, Problem, Solution, Status, Terms, solve};

use crate::classes::{Case, Class};
use crate::{seeds, worth};

/// Solved problems with more than one leaf.
fn branched() -> Vec<(Problem, Solution)> {
    let mut found = Vec::new();
    for class in [Class::SShaped, Class::Lots, Class::AtLeast, Class::ResponseCap] {
        for seed in seeds(12) {
            let Case { problem, .. } = class.case(4, seed);
            let solution = solve(&problem, &Options { nodes: 300, ..Options::default() }).unwrap();
            if solution.certificate.leaves.len() > 1 && solution.plan.is_some() {
                found.push((problem, solution));
            }
        }
    }
    assert!(found.len() > 5, "only {} problems branch", found.len());
    found
}

#[test]
fn untouched_leaves_prove_the_stated_bound() {
    for (problem, solution) in branched() {
        let proven = bound(&problem, &solution.certificate.leaves, None).unwrap();
        let stated = solution.certificate.bound;
        assert!(proven <= stated + 1e-12 * stated.abs(), "{proven} proven, {stated} stated");
    }
}

#[test]
fn a_dropped_leaf_is_refused() {
    for (problem, solution) in branched() {
        let leaves = &solution.certificate.leaves;
        for index in 0..leaves.len() {
            let mut fewer = leaves.clone();
            fewer.remove(index);
            assert!(matches!(bound(&problem, &fewer, None), Err(NotProven::NotCovering { .. })));
        }
        assert!(bound(&problem, &[], None).is_err());
    }
}

#[test]
fn a_repeated_leaf_is_refused() {
    for (problem, solution) in branched() {
        let mut leaves = solution.certificate.leaves.clone();
        leaves.push(leaves[0].clone());
        assert!(matches!(bound(&problem, &leaves, None), Err(NotProven::NotCovering { .. })));
    }
}

#[test]
fn a_changed_cut_is_refused() {
    for (problem, solution) in branched() {
        let leaves = &solution.certificate.leaves;
        for index in 0..leaves.len() {
            for change in 0..4 {
                let mut other = leaves.clone();
                let Some(cut) = other[index].cuts.last_mut() else { continue };
                match change {
                    0 => cut.at = cut.at * 0.9 + 1.0,
                    1 => cut.line = (cut.line + 1) % problem.lines.len(),
                    2 if cut.side == CutSide::Above => cut.side = CutSide::Below,
                    2 => cut.side = CutSide::Above,
                    _ => cut.at = f64::NAN,
                }
                assert!(bound(&problem, &other, None).is_err(), "leaf {index}, change {change}");
            }
        }
    }
}

#[test]
fn a_leaf_that_stops_early_does_not_cover() {
    for (problem, solution) in branched() {
        let mut leaves = solution.certificate.leaves.clone();
        let deepest = (0..leaves.len()).max_by_key(|&i| leaves[i].cuts.len()).unwrap();
        leaves[deepest].cuts.pop();
        assert!(bound(&problem, &leaves, None).is_err());
    }
}

#[test]
fn improper_prices_are_refused() {
    for (problem, solution) in branched() {
        for wrong in [-1.0, -1e-300, f64::NAN, f64::INFINITY] {
            for side in 0..2 {
                let mut leaves = solution.certificate.leaves.clone();
                let price = &mut leaves[0].prices[0];
                *(if side == 0 { &mut price.min } else { &mut price.max }) = wrong;
                assert!(matches!(bound(&problem, &leaves, None), Err(NotProven::Malformed { leaf: 0 })));
            }
        }
        let mut leaves = solution.certificate.leaves.clone();
        leaves[0].prices.pop();
        assert!(matches!(bound(&problem, &leaves, None), Err(NotProven::Malformed { leaf: 0 })));
    }
}

/// Any prices prove a bound that no plan exceeds; worse prices a weaker one.
#[test]
fn changed_prices_never_prove_too_much() {
    for (problem, solution) in branched() {
        let value = solution.plan.as_ref().unwrap().value;
        for factor in [0.0, 0.5, 0.99, 1.01, 3.0, 1e100, 1e300, 1e308] {
            let mut leaves = solution.certificate.leaves.clone();
            for leaf in leaves.iter_mut().filter(|l| !l.empty) {
                for p in &mut leaf.prices {
                    let scaled = |p: f64| (p * factor).min(f64::MAX);
                    *p = Prices { min: scaled(p.min), max: scaled(p.max) };
                }
            }
            match bound(&problem, &leaves, None) {
                Ok(bound) => {
                    assert!(bound >= value - 1e-12 * value.abs(), "factor {factor}: {bound} < {value}")
                }
                Err(error) => panic!("factor {factor}: {error}"),
            }
        }
    }
}

#[test]
fn a_false_claim_of_emptiness_is_refused() {
    for (problem, solution) in branched() {
        let leaves = &solution.certificate.leaves;
        let winner = solution.certificate.winner.expect("a plan lies in a leaf");
        let mut claimed = leaves.clone();
        claimed[winner].empty = true;
        assert!(matches!(bound(&problem, &claimed, None), Err(NotProven::NotEmpty { .. })));
        for leaf in &mut claimed {
            leaf.empty = true;
        }
        assert!(matches!(bound(&problem, &claimed, None), Err(NotProven::NotEmpty { .. })));
    }
}

/// The proof that no plan exists, and what it is worth elsewhere.
#[test]
fn a_proof_of_infeasibility_is_checked() {
    for seed in seeds(20) {
        let Case { problem, witness, .. } = Class::Concave.case(5, seed);
        let mut impossible = problem.clone();
        let spend = Terms::default().with_spend(vec![1.0; 5]);
        let budget = problem.limits[0].max.unwrap();
        impossible.limits.push(Limit::on(spend, Some(1.001 * budget), None));
        let solution = solve(&impossible, &Options::default()).unwrap();
        assert_eq!(solution.status, Status::Infeasible, "seed {seed}");
        assert_eq!(bound(&impossible, &solution.certificate.leaves, None), Ok(f64::NEG_INFINITY));
        let mut possible = impossible.clone();
        possible.limits.last_mut().unwrap().min = Some(0.5 * budget);
        match bound(&possible, &solution.certificate.leaves, None) {
            Ok(bound) => assert!(bound >= worth(&possible, &witness)),
            Err(error) => assert!(matches!(error, NotProven::NotEmpty { .. })),
        }
        let mut leaves = solution.certificate.leaves.clone();
        for p in &mut leaves[0].prices {
            *p = Prices::default();
        }
        assert!(bound(&impossible, &leaves, None).is_err());
    }
}
