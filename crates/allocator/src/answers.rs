//! Answers of searches that are written down, and answers given again that are
//! believed only as far as their own leaves prove.

use std::sync::atomic::{AtomicUsize, Ordering};
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

    /// Makes searches whose answers are not kept; false if time was up before
    /// they ended, and nothing may be made of them.
    fn whole(&self, stop: &dyn Fn() -> bool, search: &mut dyn FnMut()) -> bool;
}

/// Where time was up between searches: after so many answers, when it was asked
/// for this time since the last of them. What is built from the searches is
/// built again if the same questions get the same answers, this one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halt {
    /// Answers given before.
    pub answers: usize,
    /// Times asked since the last of them.
    pub asked: usize,
}

/// Lets every search be made and keeps what it found, in order.
#[derive(Debug, Default)]
pub struct Recorded {
    kept: Mutex<Kept>,
    /// Searches that are being made: what these ask is not counted.
    making: AtomicUsize,
}

#[derive(Debug, Default)]
struct Kept {
    found: Vec<Solution>,
    asked: usize,
    halt: Option<Halt>,
}

fn is_constant(goal: &Goal) -> bool {
    matches!(goal, Goal::Maximize(terms) if *terms == Terms::constant(terms.constant))
}

impl Recorded {
    /// What was found so far, in the order of the searches, and where time was
    /// up.
    pub fn found(self) -> (Vec<Solution>, Option<Halt>) {
        let kept = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        (kept.found, kept.halt)
    }

    /// Whether time is up, as `stop` says; where it first is between searches is
    /// kept.
    pub fn stop(&self, stop: &dyn Fn() -> bool) -> bool {
        let up = stop();
        if self.making.load(Ordering::Relaxed) > 0 {
            return up;
        }
        let mut kept = locked(&self.kept);
        if kept.halt.is_none() {
            kept.asked += 1;
            let (answers, asked) = (kept.found.len(), kept.asked);
            kept.halt = up.then_some(Halt { answers, asked });
        }
        kept.halt.is_some()
    }

    fn made<T>(&self, search: impl FnOnce() -> T) -> T {
        self.making.fetch_add(1, Ordering::Relaxed);
        let found = search();
        self.making.fetch_sub(1, Ordering::Relaxed);
        found
    }
}

impl Answers for Recorded {
    fn answer(&self, problem: &Problem, gap: f64, search: &dyn Fn() -> Solution) -> Solution {
        let mut found = self.made(search);
        if found.plan.is_some() && is_constant(&problem.goal) {
            // Any plan will do: no bound says more than that there is one.
            found.certificate.leaves.clear();
            found.certificate.prices.fill(Prices::default());
        }
        let solution = proven(problem, gap, &found);
        let mut kept = locked(&self.kept);
        kept.found.push(solution.clone());
        kept.asked = 0;
        solution
    }

    fn whole(&self, stop: &dyn Fn() -> bool, search: &mut dyn FnMut()) -> bool {
        self.made(search);
        !stop()
    }
}

/// Gives stated answers in order, each no better than its leaves prove; never
/// searches.
#[derive(Debug)]
pub struct Restated {
    stated: Vec<Solution>,
    halt: Option<Halt>,
    seen: Mutex<Seen>,
    making: AtomicUsize,
}

#[derive(Debug, Default)]
struct Seen {
    next: usize,
    asked: usize,
    halted: bool,
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
    /// Time was not asked for where it is stated to have been up.
    Halt,
}

impl Restated {
    /// To be given again in this order, time being up where it was.
    pub fn new(stated: Vec<Solution>, halt: Option<Halt>) -> Self {
        Restated { stated, halt, seen: Mutex::default(), making: AtomicUsize::new(0) }
    }

    /// Whether time was up here. It is, too, once an answer is missing.
    pub fn stop(&self) -> bool {
        if self.making.load(Ordering::Relaxed) > 0 {
            return false;
        }
        let mut seen = locked(&self.seen);
        seen.asked += 1;
        seen.halted |= self.halt == Some(Halt { answers: seen.next, asked: seen.asked });
        seen.halted || seen.next > self.stated.len()
    }

    /// What was wrong with the answers.
    pub fn faults(self) -> Vec<Fault> {
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut faults = seen.faults;
        if seen.next < self.stated.len() {
            faults.push(Fault::Unused(self.stated.len() - seen.next));
        }
        if self.halt.is_some() && !seen.halted {
            faults.push(Fault::Halt);
        }
        faults
    }
}

impl Answers for Restated {
    fn answer(&self, problem: &Problem, gap: f64, _: &dyn Fn() -> Solution) -> Solution {
        let mut seen = locked(&self.seen);
        let number = seen.next;
        seen.next += 1;
        seen.asked = 0;
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

    /// Where time was up before they ended they are not made again.
    fn whole(&self, stop: &dyn Fn() -> bool, search: &mut dyn FnMut()) -> bool {
        if stop() {
            return false;
        }
        self.making.fetch_add(1, Ordering::Relaxed);
        search();
        self.making.fetch_sub(1, Ordering::Relaxed);
        true
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
    let certificate = Certificate::nothing(problem.limits.len(), gap);
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
