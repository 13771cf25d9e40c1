//! Decisions that a problem holds: what conflicts name and repairs change.

use crate::{Fact, Limit, Line, Problem};

/// Something that someone decided and could decide otherwise: what a conflict
/// names and a repair changes. One decision may restrict a problem in several
/// places; an exact budget is both sides of a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where the problem holds it.
    pub parts: Vec<Part>,
    /// Its number as written; `None` where there is none to change.
    pub number: Option<f64>,
    /// What a relative change of the number costs in a repair; above 0.
    pub weight: f64,
    /// No repair may change it.
    pub firm: bool,
    /// The least and the largest number that could be written.
    pub range: (f64, f64),
}

/// One place in which a problem holds a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The `min` of a limit.
    Min(usize),
    /// The `max` of a limit.
    Max(usize),
    /// A fact of a line.
    Fact {
        /// Index of the line.
        line: usize,
        /// Index into the line's facts.
        fact: usize,
    },
}

impl Rule {
    /// A rule of weight 1 that a repair may change.
    pub fn new(parts: Vec<Part>, number: Option<f64>) -> Self {
        Rule { parts, number, weight: 1.0, firm: false, range: (f64::NEG_INFINITY, f64::INFINITY) }
    }

    /// What a relative change of the number is relative to: the number itself,
    /// or 1 if it is 0.
    pub(crate) fn unit(&self) -> f64 {
        self.number.map(f64::abs).filter(|n| *n > 0.0).unwrap_or(1.0)
    }

    /// What it costs to write `to` in place of the number.
    pub fn cost(&self, to: Option<f64>) -> f64 {
        match (self.number, to) {
            (Some(from), Some(to)) => self.weight * (to - from).abs() / self.unit(),
            // To give a rule up is as far as a rule can be moved.
            _ => self.weight * DROPPED,
        }
    }
}

/// The relative change that dropping a rule without a number counts as.
const DROPPED: f64 = 1.0;

impl Problem {
    /// One rule for every side of a limit and every fact of a line, in order.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for (r, limit) in self.limits.iter().enumerate() {
            rules.extend(limit.min.map(|n| Rule::new(vec![Part::Min(r)], Some(n))));
            rules.extend(limit.max.map(|n| Rule::new(vec![Part::Max(r)], Some(n))));
        }
        for (line, l) in self.lines.iter().enumerate() {
            for (fact, f) in l.facts.iter().enumerate() {
                let number = match *f {
                    Fact::Min(n) | Fact::Max(n) => Some(n),
                    Fact::Marginal { least, .. } => Some(least),
                    Fact::Deal(_) => None,
                    // Nobody can decide it otherwise.
                    Fact::Past { .. } => continue,
                };
                rules.push(Rule::new(vec![Part::Fact { line, fact }], number));
            }
        }
        rules
    }

    /// The problem without the rules for which `keep` says so.
    pub(crate) fn keeping(&self, rules: &[Rule], keep: impl Fn(usize) -> bool) -> Problem {
        let mut limits = self.limits.clone();
        let mut dropped: Vec<Vec<usize>> = vec![Vec::new(); self.lines.len()];
        for (_, rule) in rules.iter().enumerate().filter(|(k, _)| !keep(*k)) {
            for part in &rule.parts {
                match *part {
                    Part::Min(r) => set(&mut limits, r, |l| l.min = None),
                    Part::Max(r) => set(&mut limits, r, |l| l.max = None),
                    Part::Fact { line, fact } => {
                        if let Some(facts) = dropped.get_mut(line) {
                            facts.push(fact);
                        }
                    }
                }
            }
        }
        let lines = self.lines.iter().zip(dropped).map(|(line, dropped)| without(line, &dropped)).collect();
        Problem { lines, goal: self.goal.clone(), limits }
    }

    /// The problem with other numbers in some rules; `None` drops a rule.
    pub fn changed(&self, rules: &[Rule], changes: &[(usize, Option<f64>)]) -> Problem {
        let mut problem = self.keeping(rules, |k| !changes.contains(&(k, None)));
        for &(k, to) in changes {
            if let (Some(rule), Some(to)) = (rules.get(k), to) {
                for part in &rule.parts {
                    problem.rewrite(self, *part, rule.number, to);
                }
            }
        }
        problem
    }

    /// Writes a number in one place.
    fn rewrite(&mut self, original: &Problem, part: Part, from: Option<f64>, to: f64) {
        match part {
            Part::Min(r) => set(&mut self.limits, r, |l| l.min = Some(to)),
            Part::Max(r) => set(&mut self.limits, r, |l| l.max = Some(to)),
            Part::Fact { line, fact } => {
                let Some(written) = original.lines.get(line).and_then(|l| l.facts.get(fact)) else { return };
                let Some(slot) = self.lines.get_mut(line) else { return };
                let mut facts = slot.facts.clone();
                let Some(place) = facts.iter_mut().find(|f| *f == written) else { return };
                *place = match *written {
                    Fact::Min(_) => Fact::Min(to),
                    Fact::Max(_) => Fact::Max(to),
                    // The slope of the curve is proportional to the number as written.
                    Fact::Marginal { least, limit } => {
                        let share = from.filter(|n| *n != 0.0).map_or(0.0, |n| to / n);
                        Fact::Marginal { least: least * share, limit }
                    }
                    Fact::Deal(_) | Fact::Past { .. } => *written,
                };
                *slot = slot.with_facts(facts);
            }
        }
    }
}

fn set(limits: &mut [Limit], r: usize, write: impl FnOnce(&mut Limit)) {
    if let Some(limit) = limits.get_mut(r) {
        write(limit);
    }
}

fn without(line: &Line, dropped: &[usize]) -> Line {
    if dropped.is_empty() {
        return line.clone();
    }
    let kept = line.facts.iter().enumerate().filter(|(k, _)| !dropped.contains(k)).map(|(_, f)| *f);
    line.with_facts(kept.collect())
}
