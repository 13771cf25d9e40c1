//! Shared audiences: blocks that sum what lines return, against dense grids
//! and local search from many starts on the sum as it is written.

use outlay_allocator::{Goal, Limit, Options, Problem, Status, Terms, solve};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::audiences::Case;
use crate::seeds;

fn shared(ceiling: f64, z: f64) -> f64 {
    -ceiling * (-z / ceiling).exp_m1()
}

impl Case {
    fn worth(&self, spends: &[f64]) -> f64 {
        let mut sums = vec![0.0; self.ceilings.len()];
        let mut alone = 0.0;
        for (i, (line, &x)) in self.lines.iter().zip(spends).enumerate() {
            *self.group[i].map_or(&mut alone, |g| &mut sums[g]) += line.curve.value(x);
        }
        let each: f64 = sums.iter().zip(&self.ceilings).map(|(&z, &c)| shared(c, z)).sum();
        alone + self.outer.map_or(each, |c| shared(c, each))
    }

    /// The best of a grid over what the budget allows, all of it spent.
    fn grid(&self, steps: usize) -> f64 {
        fn rest(case: &Case, i: usize, left: usize, steps: usize, spends: &mut Vec<f64>, best: &mut f64) {
            let unit = case.budget / steps as f64;
            let most = |i: usize| case.lines[i].domain().largest();
            if i == case.lines.len() {
                *best = best.max(case.worth(spends));
                return;
            }
            for k in 0..=left {
                let x = (k as f64 * unit).min(most(i));
                spends.push(x);
                rest(case, i + 1, left - k, steps, spends, best);
                spends.pop();
            }
        }
        let mut best = f64::NEG_INFINITY;
        rest(self, 0, steps, steps, &mut Vec::new(), &mut best);
        best
    }

    /// The best that moving money between pairs of lines finds.
    fn climbed(&self, r: &mut Pcg64Mcg) -> f64 {
        let n = self.lines.len();
        let most = |i: usize| self.lines[i].domain().largest();
        let mut spends: Vec<f64> = (0..n).map(|_| r.random_range(0.0..1.0)).collect();
        let total: f64 = spends.iter().sum();
        for (i, x) in spends.iter_mut().enumerate() {
            *x = (*x * self.budget / total).min(most(i));
        }
        let mut best = self.worth(&spends);
        let mut step = 0.2 * self.budget;
        while step > 1e-7 * self.budget {
            let mut moved = false;
            for to in 0..n {
                for from in 0..=n {
                    let left = self.budget - spends.iter().sum::<f64>();
                    let room = (most(to) - spends[to]).min(if from < n { spends[from] } else { left });
                    let by = step.min(room);
                    if by <= 0.0 || from == to {
                        continue;
                    }
                    let mut next = spends.clone();
                    next[to] += by;
                    if from < n {
                        next[from] -= by;
                    }
                    let worth = self.worth(&next);
                    if worth > best {
                        (best, spends, moved) = (worth, next, true);
                    }
                }
            }
            if !moved {
                step *= 0.5;
            }
        }
        best
    }
}

fn never_beaten(case: &Case, steps: usize, starts: usize, name: &str) {
    let solution = solve(&case.problem(), &Options::default()).unwrap();
    let proof = &solution.certificate;
    assert_eq!(solution.status, Status::Optimal, "{name}: gap {:e}", proof.gap);
    assert!(proof.gap <= 1e-6, "{name}: gap {:e}", proof.gap);
    let plan = solution.plan.unwrap();
    let own = &plan.spends[..case.lines.len()];
    assert!(own.iter().sum::<f64>() <= case.budget * (1.0 + 1e-9), "{name}");
    let worth = case.worth(own);
    assert!((worth - plan.value).abs() <= 1e-12 * worth, "{name}: {worth} told as {}", plan.value);
    let mut other = case.grid(steps);
    let mut r = Pcg64Mcg::seed_from_u64(1);
    for _ in 0..starts {
        other = other.max(case.climbed(&mut r));
    }
    assert!(other <= worth * (1.0 + 1.1 * proof.gap) + 1e-12, "{name}: {other} beats {worth}");
    assert!(other >= 0.95 * worth, "{name}: {other} is far from {worth}: nothing was tried");
}

#[test]
fn plans_of_shared_audiences_are_never_beaten() {
    for seed in seeds(40) {
        let lines = 3 + (seed % 3) as usize;
        let case = Case::draw(lines, 1 + (seed % 2) as usize, seed, seed % 4 > 1);
        never_beaten(&case, [60, 30, 18][lines - 3], 8, &format!("seed {seed}"));
    }
}

/// What a plan loses that takes lines one by one, each with a curve that is right
/// at today's mix: `docs/interactions.md` has the figures.
///
/// `cargo test --release -p outlay-allocator --test allocator -- --ignored ignoring_audiences --nocapture`
#[test]
#[ignore = "prints a study"]
fn ignoring_audiences() {
    let (mut lost, mut over) = (Vec::new(), Vec::new());
    for seed in 0..200 {
        let case = Case::draw(12, 2, 5000 + seed, seed % 2 > 0);
        let best = solve(&case.problem(), &Options::default()).unwrap().plan.unwrap().value;
        let most = |i: usize| case.lines[i].domain().largest();
        let mix: Vec<f64> = (0..12).map(|i| (case.budget / 12.0).min(most(i))).collect();
        // What today's mix would lose without each line, over what its curve says.
        let weight = |i: usize| {
            let mut without = mix.clone();
            without[i] = 0.0;
            (case.worth(&mix) - case.worth(&without)) / case.lines[i].curve.value(mix[i])
        };
        let weights: Vec<f64> = (0..12).map(weight).collect();
        let money = Terms::default().with_spend(vec![1.0; 12]);
        let plain = Problem {
            lines: case.lines.clone(),
            goal: Goal::Maximize(Terms::default().with_response(weights)),
            limits: vec![Limit::on(money, None, Some(case.budget))],
        };
        let plan = solve(&plain, &Options::default()).unwrap().plan.unwrap();
        let truth = case.worth(&plan.spends);
        lost.push(100.0 * (1.0 - truth / best));
        over.push(100.0 * (plan.value / truth - 1.0));
    }
    report("audiences", lost, over);
}

/// Medians and ends of two lists.
#[expect(clippy::print_stdout, reason = "figures a reader of the test wants")]
pub(crate) fn report(what: &str, mut lost: Vec<f64>, mut over: Vec<f64>) {
    lost.sort_by(f64::total_cmp);
    over.sort_by(f64::total_cmp);
    let at = |list: &[f64], share: f64| list[(share * (list.len() - 1) as f64) as usize];
    println!(
        "{what}: lost median {:.2}% p90 {:.2}% most {:.2}%; forecast off median {:.1}% p10 {:.1}% p90 {:.1}%",
        at(&lost, 0.5),
        at(&lost, 0.9),
        at(&lost, 1.0),
        at(&over, 0.5),
        at(&over, 0.1),
        at(&over, 0.9)
    );
}
