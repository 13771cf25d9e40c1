//! Answers of searches that are written down, and answers given again that are
//! believed only as far as their own leaves prove.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::certificate::{self, KEPT, judge};
use crate::{Certificate, Goal, Plan, Prices, Problem, Solution, Status};

/// Stands between [`crate::solve()`] and its search. Whatever is built from
/// several searches (a conflict, a repair, an extreme, a frontier) can so be
/// built again without searching, from answers that are proven anew.
pub trait Answers: Sync {
    /// The answer for a problem to which a gap was asked.
    fn answer(&self, problem: &Problem, gap: f64, search: &dyn Fn() -> Solution) -> Solution;
}

/// A solution with the figures that follow from every number in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// The solution.
    pub solution: Solution,
    /// What each leaf proves, see [`certificate::leaf_bounds`]; empty if they
    /// prove nothing.
    pub bounds: Vec<f64>,
    /// What the prices at the plan prove of spends up to a few times its own;
    /// NaN without a plan.
    pub worth: f64,
}

/// Lets every search be made and keeps what it found, in order.
#[derive(Debug, Default)]
pub struct Recorded {
    found: Mutex<Vec<Stated>>,
}

impl Recorded {
    /// What was found so far, in the order of the searches.
    pub fn found(self) -> Vec<Stated> {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers for Recorded {
    fn answer(&self, problem: &Problem, gap: f64, search: &dyn Fn() -> Solution) -> Solution {
        let stated = proven(problem, gap, &search());
        let solution = stated.solution.clone();
        locked(&self.found).push(stated);
        solution
    }
}

/// Gives stated answers in order, each no better than its leaves prove; never
/// searches.
#[derive(Debug)]
pub struct Restated {
    stated: Vec<Stated>,
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
    pub fn new(stated: Vec<Stated>) -> Self {
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
        let again = proven(problem, gap, &stated.solution);
        if stated.solution.plan.is_some() && again.solution.plan.is_none() {
            seen.faults.push(Fault::Plan(number));
        }
        if stated.solution.certificate.asked != gap {
            seen.faults.push(Fault::Asked(number));
        }
        if !same(stated, &again) {
            seen.faults.push(Fault::Figures(number));
        }
        again.solution
    }
}

/// True if every figure is as stated.
fn same(stated: &Stated, again: &Stated) -> bool {
    let figures = |s: &Stated| {
        let value = s.solution.plan.as_ref().map_or(f64::NAN, |p| p.value);
        [value, s.solution.certificate.bound, s.worth]
    };
    let all = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(*a, *b));
    all(&figures(stated), &figures(again)) && all(&stated.bounds, &again.bounds)
}

/// Largest relative difference of figures that are summed in another order.
const SAME: f64 = 1e-12;

fn alike(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= SAME * a.abs().max(b.abs())
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
    };
    Solution { status: Status::Undetermined, plan: None, certificate }
}

/// What a stated solution is worth: its plan judged, its bound taken from its
/// leaves, its status from both. A plan that breaks a limit is none. Of a ratio
/// the stated bound stands if the leaves prove it.
pub fn proven(problem: &Problem, gap: f64, stated: &Solution) -> Stated {
    let mut solution = nothing(problem, gap);
    let proof = &stated.certificate;
    let claimed = proof.bound;
    let ratio = matches!(problem.goal, Goal::MinimizeRatio { .. })
        .then_some(if claimed.is_finite() { claimed } else { 0.0 });
    let bounds = certificate::leaf_bounds(problem, &proof.leaves, ratio);
    let bound = match (&bounds, ratio) {
        (Err(_), _) => f64::NAN,
        (Ok(bounds), ratio) => match (certificate::highest(&proof.leaves, bounds), ratio) {
            (f64::NEG_INFINITY, _) => f64::NEG_INFINITY,
            (bound, None) => bound,
            (bound, Some(ratio)) if bound <= 0.0 && claimed.is_finite() => ratio,
            _ => f64::NAN,
        },
    };
    let certificate = &mut solution.certificate;
    certificate.bound = bound;
    certificate.nodes = proof.nodes;
    certificate.leaves.clone_from(&proof.leaves);
    certificate.winner = proof.winner.filter(|w| *w < proof.leaves.len());
    let mut worth = f64::NAN;
    let fits = |plan: &&Plan| plan.spends.len() == problem.lines.len();
    let judged = stated.plan.as_ref().filter(fits).map(|plan| (plan, judge(problem, &plan.spends)));
    match judged.filter(|(_, judgement)| judgement.violation <= KEPT) {
        Some((plan, judgement)) => {
            if proof.prices.len() == problem.limits.len() {
                certificate.prices.clone_from(&proof.prices);
            }
            worth = certificate::worth_near(problem, &plan.spends, &certificate.prices);
            certificate.gap = judgement.gap(bound);
            certificate.violation = judgement.violation;
            let within = certificate.gap <= gap;
            solution.status = if within { Status::Optimal } else { Status::WithinGap };
            solution.plan = Some(Plan { spends: plan.spends.clone(), value: judgement.value });
        }
        None if bound == f64::NEG_INFINITY => solution.status = Status::Infeasible,
        None => {}
    }
    Stated { solution, bounds: bounds.unwrap_or_default(), worth }
}
