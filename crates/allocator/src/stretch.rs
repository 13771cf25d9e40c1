//! Rules that may be stretched at a price.

use std::sync::Arc;

use outlay_curves::Curve;

use crate::rules::{Part, Rule};
use crate::{Fact, Goal, Limit, Line, Options, Problem, ProblemError, Terms, solve};

/// Rounds in which the price of a stretched ratio follows its denominator.
const ROUNDS: usize = 8;
/// Most a rule is stretched, relative to its number.
const FARTHEST: f64 = 1e3;

impl Rule {
    /// True if the rule has a number that can be stretched: a side of a limit,
    /// or the least or largest spend of a line.
    pub(crate) fn stretches(&self, problem: &Problem) -> bool {
        let can = |part: &Part| match *part {
            Part::Min(r) | Part::Max(r) => problem.limits.get(r).is_some_and(|l| l.lowest().is_some()),
            Part::Fact { line, fact } => {
                let fact = problem.lines.get(line).and_then(|l| l.facts.get(fact));
                matches!(fact, Some(Fact::Min(_) | Fact::Max(_)))
            }
        };
        self.number.is_some() && !self.parts.is_empty() && self.parts.iter().all(can)
    }

    /// How far a figure lies beyond the rule's number, relative to it; at most
    /// 0 if the rule is kept.
    pub(crate) fn moved(&self, problem: &Problem, number: f64, figure: f64) -> f64 {
        let beyond = |part: &Part| match *part {
            Part::Max(_) => figure - number,
            Part::Min(_) => number - figure,
            Part::Fact { line, fact } => match problem.lines.get(line).and_then(|l| l.facts.get(fact)) {
                Some(Fact::Min(_)) => number - figure,
                _ => figure - number,
            },
        };
        self.parts.iter().map(beyond).fold(f64::NEG_INFINITY, f64::max) / self.unit()
    }
}

/// The figure a rule restricts, at the given spends.
pub(crate) fn figure(problem: &Problem, rule: &Rule, spends: &[f64]) -> Option<f64> {
    let value = match *rule.parts.first()? {
        Part::Min(r) | Part::Max(r) => problem.limits.get(r)?.value(&problem.lines, spends),
        Part::Fact { line, .. } => *spends.get(line)?,
    };
    value.is_finite().then_some(value)
}

/// Spends that keep all rules but those in `gone`, with the stretchable ones
/// stretched at the least total price found; `None` if there are none.
pub(crate) fn stretched(
    problem: &Problem,
    rules: &[Rule],
    stretchable: &[usize],
    gone: &[usize],
    options: &Options,
) -> Result<Option<Vec<f64>>, ProblemError> {
    let current: Vec<f64> = problem.lines.iter().map(|l| l.domain().nearest(l.current)).collect();
    let mut at = current;
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..ROUNDS {
        let elastic = Elastic::new(problem, rules, stretchable, gone, &at);
        let solution = solve(&elastic.problem, options)?;
        let Some(plan) = solution.plan else { break };
        let spends = plan.spends[..problem.lines.len()].to_vec();
        let price = |k: &usize| {
            let rule = &rules[*k];
            let figures = rule.number.zip(figure(problem, rule, &spends));
            figures.map_or(0.0, |(n, f)| rule.weight * rule.moved(problem, n, f).max(0.0))
        };
        let total: f64 = stretchable.iter().map(price).sum();
        let gained = best.as_ref().is_none_or(|(b, _)| total < b - 1e-9 * b.abs());
        at.clone_from(&spends);
        if gained {
            best = Some((total, spends));
        }
        if !gained || !elastic.ratios {
            break;
        }
    }
    Ok(best.map(|(_, spends)| spends))
}

/// A problem with one more line for every side that may be stretched: its
/// spend is the fraction by which the number is exceeded.
struct Elastic {
    problem: Problem,
    /// Whether a stretched ratio was priced at given spends.
    ratios: bool,
}

impl Elastic {
    fn new(problem: &Problem, rules: &[Rule], stretchable: &[usize], gone: &[usize], at: &[f64]) -> Self {
        let mut sides: Vec<(usize, Part)> = Vec::new();
        for &k in stretchable {
            sides.extend(rules[k].parts.iter().map(|&part| (k, part)));
        }
        let (own, all) = (problem.lines.len(), problem.lines.len() + sides.len());
        let is_fact = |k: usize| rules[k].parts.iter().any(|p| matches!(p, Part::Fact { .. }));
        let base = problem.keeping(rules, |k| !(gone.contains(&k) || stretchable.contains(&k) && is_fact(k)));
        let mut limits: Vec<Limit> = base.limits.iter().map(|l| padded_limit(l, all)).collect();
        let mut ratios = false;
        let mut price = vec![0.0; all];
        for (s, &(k, part)) in sides.iter().enumerate() {
            let slack = own + s;
            let unit = rules[k].unit();
            price[slack] = -rules[k].weight;
            match part {
                Part::Min(r) | Part::Max(r) => {
                    let sign = if matches!(part, Part::Min(_)) { 1.0 } else { -1.0 };
                    let Some((written, limit)) = problem.limits.get(r).zip(limits.get_mut(r)) else {
                        continue;
                    };
                    let whole = written.denominator.as_ref().map_or(1.0, |d| {
                        ratios = true;
                        d.measure(&problem.lines, at).0.abs().max(f64::MIN_POSITIVE)
                    });
                    limit.numerator = plus_spend(&limit.numerator, all, slack, sign * unit * whole);
                }
                Part::Fact { line, fact } => {
                    let terms = plus_spend(&Terms::default(), all, line, 1.0);
                    match problem.lines.get(line).and_then(|l| l.facts.get(fact)) {
                        Some(&Fact::Min(n)) => {
                            limits.push(Limit::on(plus_spend(&terms, all, slack, unit), Some(n), None));
                        }
                        Some(&Fact::Max(n)) => {
                            limits.push(Limit::on(plus_spend(&terms, all, slack, -unit), None, Some(n)));
                        }
                        _ => {}
                    }
                }
            }
        }
        let mut lines = base.lines;
        let slack = Curve::linear(1.0).map(|curve| Line::new(curve, 0.0, vec![Fact::Max(FARTHEST)]));
        if let Ok(slack) = slack {
            lines.extend(sides.iter().map(|_| slack.clone()));
        }
        let goal = Goal::Maximize(Terms::default().with_spend(price));
        Elastic { problem: Problem { lines, goal, limits }, ratios }
    }
}

/// The terms with more lines, which do not enter.
fn padded(terms: &Terms, lines: usize) -> Terms {
    let pad = |v: &Option<Arc<[f64]>>| {
        v.as_ref().map(|v| {
            let mut longer = v.to_vec();
            longer.resize(lines, 0.0);
            longer.into()
        })
    };
    Terms {
        spend: pad(&terms.spend),
        response: pad(&terms.response),
        active: pad(&terms.active),
        moved: pad(&terms.moved),
        constant: terms.constant,
    }
}

fn padded_limit(limit: &Limit, lines: usize) -> Limit {
    Limit {
        numerator: padded(&limit.numerator, lines),
        denominator: limit.denominator.as_ref().map(|d| padded(d, lines)),
        ..limit.clone()
    }
}

/// The terms with `coefficient` more per unit of one line's spend.
fn plus_spend(terms: &Terms, lines: usize, line: usize, coefficient: f64) -> Terms {
    let mut spend = terms.spend.as_ref().map_or_else(|| vec![0.0; lines], |v| v.to_vec());
    if let Some(slot) = spend.get_mut(line) {
        *slot += coefficient;
    }
    Terms { spend: Some(spend.into()), ..terms.clone() }
}
