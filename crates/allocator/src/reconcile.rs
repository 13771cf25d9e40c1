//! Changes of several rules that together make a problem feasible.

use crate::certificate::judge;
use crate::conflict::conflict_among;
use crate::repair::{Change, Repair, least_change};
use crate::rules::{Part, Rule};
use crate::stretch::{figure, stretched};
use crate::tolerance::{BEYOND, KEPT};
use crate::{Feasibility, Options, Problem, ProblemError, feasibility};

/// Most conflicts looked for in one problem.
const MOST_CONFLICTS: usize = 64;
/// Most sets of rules tried in the search for the fewest.
const MOST_SETS: usize = 20_000;
/// Nodes of any search on the way.
const SOME: usize = 1_000;

/// Changes of least cost (weights times relative changes) that make a problem
/// feasible; `None` if firm rules forbid it or none is found. `singles` are
/// the repairs of one rule known already.
///
/// Every side of a limit, and every rule that a conflict names, may be
/// stretched by a fraction of its number; the weighted sum of the fractions is
/// minimised. A stretched ratio is not convex: its excess is priced at the
/// denominator of the last plan, a few times over. The numbers are those of the
/// plan that results, each then made as small as the others allow.
///
/// # Errors
/// As [`crate::solve()`].
pub fn cheapest_repair(
    problem: &Problem,
    rules: &[Rule],
    singles: &[Repair],
    options: &Options,
) -> Result<Option<Repair>, ProblemError> {
    let options = &Options { nodes: options.nodes.min(SOME), ..*options };
    let mut best = singles.iter().min_by(|a, b| a.cost.total_cmp(&b.cost)).cloned();
    if (options.stop)() {
        return Ok(best);
    }
    let soft = |k: &usize| rules.get(*k).is_some_and(|r| !r.firm);
    let mut loose: Vec<usize> = (0..rules.len()).filter(soft).filter(|&k| on_limit(&rules[k])).collect();
    for members in all_conflicts(problem, rules, options)? {
        loose.extend(members.into_iter().filter(soft));
    }
    loose.sort_unstable();
    loose.dedup();
    // Rules without a number are dropped only where stretching the others is
    // not enough.
    let (stretchable, rigid): (Vec<usize>, Vec<usize>) =
        loose.into_iter().partition(|&k| rules[k].stretches(problem));
    for gone in [Vec::new(), rigid] {
        if let Some(found) = together(problem, rules, &stretchable, &gone, options)? {
            if best.as_ref().is_none_or(|b| found.cost < b.cost * (1.0 - 1e-6)) {
                best = Some(found);
            }
            break;
        }
    }
    Ok(best)
}

/// The fewest changes that make a problem feasible: a smallest set of rules
/// that meets every conflict, changed no more than needed; `None` if firm rules
/// forbid it or none is found.
///
/// # Errors
/// As [`crate::solve()`].
pub fn fewest_changes(
    problem: &Problem,
    rules: &[Rule],
    singles: &[Repair],
    options: &Options,
) -> Result<Option<Repair>, ProblemError> {
    if let Some(single) = singles.iter().min_by(|a, b| a.cost.total_cmp(&b.cost)) {
        return Ok(Some(single.clone()));
    }
    let options = &Options { nodes: options.nodes.min(SOME), ..*options };
    let mut conflicts: Vec<Vec<usize>> = Vec::new();
    for _ in 0..MOST_CONFLICTS {
        if (options.stop)() {
            break;
        }
        let Some(chosen) = smallest_meeting(&conflicts, rules) else { return Ok(None) };
        let rest: Vec<usize> = (0..rules.len()).filter(|k| !chosen.contains(k)).collect();
        if let Some(found) = conflict_among(problem, rules, rest, options)? {
            conflicts.push(found.members);
            continue;
        }
        let (stretchable, gone): (Vec<usize>, Vec<usize>) =
            chosen.into_iter().partition(|&k| rules[k].stretches(problem));
        return together(problem, rules, &stretchable, &gone, options);
    }
    Ok(None)
}

/// Conflicts no two of which share a rule that may change, until the rest of
/// the rules can hold or only firm ones are left in conflict.
fn all_conflicts(
    problem: &Problem,
    rules: &[Rule],
    options: &Options,
) -> Result<Vec<Vec<usize>>, ProblemError> {
    let mut left: Vec<usize> = (0..rules.len()).collect();
    let mut conflicts = Vec::new();
    for _ in 0..MOST_CONFLICTS {
        if (options.stop)() {
            break;
        }
        let Some(found) = conflict_among(problem, rules, left.clone(), options)? else { break };
        let before = left.len();
        left.retain(|k| !found.members.contains(k) || rules[*k].firm);
        conflicts.push(found.members);
        if left.len() == before {
            break;
        }
    }
    Ok(conflicts)
}

/// The cheapest changes of the rules that may be stretched, with the rules in
/// `gone` dropped.
fn together(
    problem: &Problem,
    rules: &[Rule],
    stretchable: &[usize],
    gone: &[usize],
    options: &Options,
) -> Result<Option<Repair>, ProblemError> {
    let dropped: Vec<Change> = gone.iter().map(|&rule| Change { rule, to: None }).collect();
    let Some(spends) = stretched(problem, rules, stretchable, gone, options)? else { return Ok(None) };
    let mut changes = dropped;
    for &rule in stretchable {
        let Some((from, value)) = rules[rule].number.zip(figure(problem, &rules[rule], &spends)) else {
            continue;
        };
        if rules[rule].moved(problem, from, value) > KEPT {
            let to = value + (value - from).signum() * BEYOND * value.abs().max((value - from).abs());
            let (least, most) = rules[rule].range;
            let to = to.clamp(least, most);
            changes.push(Change { rule, to: Some(to) });
        }
    }
    changes.sort_by_key(|c| c.rule);
    polish(problem, rules, changes, spends, options)
}

/// Makes each change as small as the others allow, and leaves out those that
/// are not needed.
fn polish(
    problem: &Problem,
    rules: &[Rule],
    mut changes: Vec<Change>,
    mut spends: Vec<f64>,
    options: &Options,
) -> Result<Option<Repair>, ProblemError> {
    let keeps = |changes: &[Change]| -> Result<Option<Vec<f64>>, ProblemError> {
        let list: Vec<(usize, Option<f64>)> = changes.iter().map(|c| (c.rule, c.to)).collect();
        match feasibility(&problem.changed(rules, &list), options)? {
            Feasibility::Feasible(spends) => Ok(Some(spends)),
            Feasibility::Infeasible(_) | Feasibility::Undetermined(_) => Ok(None),
        }
    };
    let without = |changes: &[Change], rule: usize| -> Vec<Change> {
        changes.iter().filter(|c| c.rule != rule).cloned().collect()
    };
    // The smallest changes are the likeliest to be round-off.
    let mut order: Vec<(usize, f64)> = changes.iter().map(|c| (c.rule, rules[c.rule].cost(c.to))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    for (rule, _) in order {
        let others = without(&changes, rule);
        if let Some(found) = keeps(&others)? {
            (changes, spends) = (others, found);
        }
    }
    let mut order: Vec<usize> = changes.iter().map(|c| c.rule).collect();
    order.sort_by(|&a, &b| rules[b].weight.total_cmp(&rules[a].weight).then(a.cmp(&b)));
    for rule in order {
        let others = without(&changes, rule);
        let before =
            changes.iter().find(|c| c.rule == rule).map_or(f64::INFINITY, |c| rules[rule].cost(c.to));
        if let Some(least) = least_change(problem, rules, &others, rule, options)?
            && least.cost <= before
        {
            changes = [others, least.changes].concat();
            spends = least.spends;
        }
    }
    changes.sort_by_key(|c| c.rule);
    let list: Vec<(usize, Option<f64>)> = changes.iter().map(|c| (c.rule, c.to)).collect();
    let changed = problem.changed(rules, &list);
    if judge(&changed, &spends).violation > KEPT {
        match keeps(&changes)? {
            Some(found) => spends = found,
            None => return Ok(None),
        }
    }
    let cost = changes.iter().map(|c| rules[c.rule].cost(c.to)).sum();
    Ok(Some(Repair { changes, spends, cost, proven: false }))
}

fn on_limit(rule: &Rule) -> bool {
    rule.parts.iter().all(|p| matches!(p, Part::Min(_) | Part::Max(_)))
}

/// A smallest set of rules that may change with one in every conflict; of equal
/// sizes the one of least weight, then the first.
fn smallest_meeting(conflicts: &[Vec<usize>], rules: &[Rule]) -> Option<Vec<usize>> {
    let mut tried = 0;
    for size in 0..=conflicts.len() {
        let mut best: Option<(f64, Vec<usize>)> = None;
        meet(conflicts, rules, size, &mut Vec::new(), &mut tried, &mut best);
        if let Some((_, set)) = best {
            return Some(set);
        }
    }
    None
}

/// Extends `set` by at most `size` rules so that it meets every conflict.
fn meet(
    conflicts: &[Vec<usize>],
    rules: &[Rule],
    size: usize,
    set: &mut Vec<usize>,
    tried: &mut usize,
    best: &mut Option<(f64, Vec<usize>)>,
) {
    *tried += 1;
    if *tried > MOST_SETS {
        return;
    }
    let Some(open) = conflicts.iter().find(|c| !c.iter().any(|k| set.contains(k))) else {
        let weight: f64 = set.iter().map(|&k| rules[k].weight).sum();
        if best.as_ref().is_none_or(|(w, _)| weight < *w) {
            let mut sorted = set.clone();
            sorted.sort_unstable();
            *best = Some((weight, sorted));
        }
        return;
    };
    if size == 0 {
        return;
    }
    for &k in open.iter().filter(|&&k| !rules[k].firm) {
        set.push(k);
        meet(conflicts, rules, size - 1, set, tried, best);
        set.pop();
    }
}
