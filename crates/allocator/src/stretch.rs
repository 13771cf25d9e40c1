//! Rules that may be stretched at a price (elastic constraints).

use crate::elastic::{Elastic, Side};
use crate::repair::sharp;
use crate::rules::{Part, Rule};
use crate::{Fact, Options, Problem, ProblemError, solve_open};

/// Rounds in which the price of a stretched ratio follows its denominator.
const ROUNDS: usize = 8;
/// Nodes of a concave stretching: only its plan counts.
const ONCE: usize = 1;
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
            Part::Fact { line, fact } => match problem.lines.get(line).map(|l| (l, l.facts.get(fact))) {
                Some((_, Some(Fact::Min(_)))) => number - figure,
                // What is spent already is not beyond a largest spend.
                Some((line, _)) => figure - number.max(line.spent()),
                None => figure - number,
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
        let (elastic, ratios) = stretching(problem, rules, stretchable, gone, &at);
        let sharp = sharp(problem, options);
        let nodes = if problem.is_concave() { sharp.nodes.min(ONCE) } else { sharp.nodes };
        let solution = solve_open(&elastic, &Options { nodes, ..sharp })?;
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
        if !gained || !ratios {
            break;
        }
    }
    Ok(best.map(|(_, spends)| spends))
}

/// The problem of the cheapest stretching; true with it if a stretched ratio
/// was priced at given spends.
fn stretching(
    problem: &Problem,
    rules: &[Rule],
    stretchable: &[usize],
    gone: &[usize],
    at: &[f64],
) -> (Problem, bool) {
    let mut sides: Vec<(usize, Part)> = Vec::new();
    for &k in stretchable {
        sides.extend(rules[k].parts.iter().map(|&part| (k, part)));
    }
    let is_fact = |k: usize| rules[k].parts.iter().any(|p| matches!(p, Part::Fact { .. }));
    let base = problem.keeping(rules, |k| !(gone.contains(&k) || stretchable.contains(&k) && is_fact(k)));
    let mut elastic = Elastic::new(&base, sides.len(), FARTHEST);
    let mut ratios = false;
    for (slack, &(k, part)) in sides.iter().enumerate() {
        let unit = rules[k].unit();
        match part {
            Part::Min(r) | Part::Max(r) => {
                let denominator = problem.limits.get(r).and_then(|l| l.denominator.as_ref());
                let whole = denominator.map_or(1.0, |d| {
                    ratios = true;
                    d.measure(&problem.lines, at).0.abs().max(f64::MIN_POSITIVE)
                });
                let side = if matches!(part, Part::Min(_)) { Side::Min } else { Side::Max };
                elastic.loosen(r, side, slack, unit * whole);
            }
            Part::Fact { line, fact } => match problem.lines.get(line).and_then(|l| l.facts.get(fact)) {
                Some(&Fact::Min(n)) => elastic.add(line, Side::Min, n, slack, unit),
                Some(&Fact::Max(n)) => {
                    let spent = problem.lines.get(line).map_or(0.0, crate::Line::spent);
                    elastic.add(line, Side::Max, n.max(spent), slack, unit);
                }
                _ => {}
            },
        }
    }
    let prices: Vec<f64> = sides.iter().map(|&(k, _)| rules[k].weight).collect();
    (elastic.cheapest(&prices), ratios)
}
