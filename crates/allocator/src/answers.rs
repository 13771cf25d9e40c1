//! Answers of searches that are written down, and answers given again that are
//! believed only as far as their own leaves prove.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::certificate::{self, judge};
use crate::tolerance::KEPT;
use crate::{Certificate, Goal, Plan, Prices, Problem, Solution, Status, Terms};

/// Stands between [`crate::solve()`] and its search. Whatever is built from
/// several searches (a conflict, a repair, an extreme, a frontier) can so be
/// built again without searching, from answers that are proven anew.
pub trait Answers: Sync {
    /// The answer for a problem to which a gap was asked.
    fn answer(&self, problem: &Problem, gap: f64, search: &dyn Fn() -> Solution) -> Solution;
}

/// Lets every search be made and keeps what it found, in order.
#[derive(Debug, Default)]
pub struct Recorded {
    found: Mutex<Vec<Solution>>,
}

fn is_constant(goal: &Goal) -> bool {
    matches!(goal, Goal::Maximize(terms) if *terms == Terms::constant(terms.constant))
}

impl Recorded {
    /// Keeps what a search found that was made elsewhere.
    pub fn keep(&self, problem: &Problem, gap: f64, solution: &Solution) {
        self.answer(problem, gap, &|| solution.clone());
    }

    /// What was found so far, in the order of the searches.
    pub fn found(self) -> Vec<Solution> {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers for Recorded {
    fn answer(&self, problem: &Problem, gap: f64, search: &dyn Fn() -> Solution) -> Solution {
        let mut found = search();
        if found.plan.is_some() && is_constant(&problem.goal) {
            // Any plan will do: no bound says more than that there is one.
            found.certificate.leaves.clear();
            found.certificate.prices.fill(Prices::default());
        }
        let solution = proven(problem, gap, &found);
        locked(&self.found).push(solution.clone());
        solution
    }
}

/// Gives stated answers in order, each no better than its leaves prove; never
/// searches.
#[derive(Debug)]
pub struct Restated {
    stated: Vec<Solution>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    next: usize,
    faults: Vec<Fault>,
}

/// Why an answer is not what it was stated to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is no answer for the search of this number.
    Missing(usize),
    /// Its plan does not fit the problem, or breaks a limit.
    Plan(usize),
    /// Its gap is measured against another one than was asked.
    Asked(usize),
    /// Its bound or its plan's value is another than stated.
    Figures(usize),
    /// So many answers belong to no search.
    Unused(usize),
}

impl Restated {
    /// To be given again in this order.
    pub fn new(stated: Vec<Solution>) -> Self {
        Restated { stated, seen: Mutex::default() }
    }

    /// True once every answer was given: where a search was stopped, this is
    /// where it stopped.
    pub fn exhausted(&self) -> bool {
        locked(&self.seen).next >= self.stated.len()
    }

    /// What was wrong with the answers.
    pub fn faults(self) -> Vec<Fault> {
        let Seen { next, mut faults } = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        if next < self.stated.len() {
            faults.push(Fault::Unused(self.stated.len() - next));
        }
        faults
    }
}

impl Answers for Restated {
    fn answer(&self, problem: &Problem, gap: f64, _: &dyn Fn() -> Solution) -> Solution {
        let mut seen = locked(&self.seen);
        let number = seen.next;
        seen.next += 1;
        let Some(stated) = self.stated.get(number) else {
            seen.faults.push(Fault::Missing(number));
            return nothing(problem, gap);
        };
        let again = proven(problem, gap, &whole(stated, problem.limits.len()));
        if stated.plan.is_some() && again.plan.is_none() {
            seen.faults.push(Fault::Plan(number));
        }
        if stated.certificate.asked != gap {
            seen.faults.push(Fault::Asked(number));
        }
        if !same(stated, &again) {
            seen.faults.push(Fault::Figures(number));
        }
        again
    }
}

/// A solution that leaves out prices of 0 at the end.
fn whole(stated: &Solution, limits: usize) -> Solution {
    let mut solution = stated.clone();
    let proof = &mut solution.certificate;
    for prices in proof.leaves.iter_mut().map(|l| &mut l.prices).chain([&mut proof.prices]) {
        if prices.len() < limits {
            prices.resize(limits, Prices::default());
        }
    }
    solution
}

/// True if the plan's value and the bound are as stated.
fn same(stated: &Solution, again: &Solution) -> bool {
    let value = |s: &Solution| s.plan.as_ref().map_or(f64::NAN, |p| p.value);
    alike(value(stated), value(again)) && alike(stated.certificate.bound, again.certificate.bound)
}

/// Largest relative difference of figures that are summed in another order.
const SAME: f64 = 1e-12;

fn alike(a: f64, b: f64) -> bool {
    // Files write no infinities.
    a == b || (!a.is_finite() && !b.is_finite()) || (a - b).abs() <= SAME * a.abs().max(b.abs())
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn nothing(problem: &Problem, gap: f64) -> Solution {
    let prices = vec![Prices::default(); problem.limits.len()];
    let certificate = Certificate {
        bound: f64::NAN,
        gap: f64::NAN,
        asked: gap,
        violation: f64::NAN,
        nodes: 0,
        prices,
        leaves: Vec::new(),
        winner: None,
        bounds: Vec::new(),
    };
    Solution { status: Status::Undetermined, plan: None, certificate }
}

/// What a stated solution is worth: its plan judged, its bound taken from its
/// leaves, its status from both. A plan that breaks a limit is none. Of a ratio
/// the stated bound stands if the leaves prove it.
pub fn proven(problem: &Problem, gap: f64, stated: &Solution) -> Solution {
    let mut solution = nothing(problem, gap);
    let proof = &stated.certificate;
    let claimed = proof.bound;
    let ratio = matches!(problem.goal, Goal::MinimizeRatio { .. }).then_some(if claimed.is_finite() {
        claimed
    } else {
        0.0
    });
    let bound = match (certificate::bound(problem, &proof.leaves, ratio), ratio) {
        (Err(_), _) => f64::NAN,
        (Ok(f64::NEG_INFINITY), _) => f64::NEG_INFINITY,
        (Ok(bound), None) => bound,
        (Ok(bound), Some(ratio)) if bound <= 0.0 && claimed.is_finite() => ratio,
        (Ok(_), Some(_)) => f64::NAN,
    };
    let certificate = &mut solution.certificate;
    certificate.bound = bound;
    certificate.nodes = proof.nodes;
    certificate.leaves.clone_from(&proof.leaves);
    certificate.winner = proof.winner.filter(|w| *w < proof.leaves.len());
    let fits = |plan: &&Plan| plan.spends.len() == problem.lines.len();
    let judged = stated.plan.as_ref().filter(fits).map(|plan| (plan, judge(problem, &plan.spends)));
    match judged.filter(|(_, judgement)| judgement.violation <= KEPT) {
        Some((plan, judgement)) => {
            if proof.prices.len() == problem.limits.len() {
                certificate.prices.clone_from(&proof.prices);
            }
            certificate.gap = judgement.gap(bound);
            certificate.violation = judgement.violation;
            let within = certificate.gap <= gap;
            solution.status = if within { Status::Optimal } else { Status::WithinGap };
            solution.plan = Some(Plan { spends: plan.spends.clone(), value: judgement.value });
        }
        None if bound == f64::NEG_INFINITY => solution.status = Status::Infeasible,
        None => {}
    }
    solution
}
