//! A solution as a result file.

use std::sync::Arc;

use indexmap::IndexMap;
use outlay_allocator::certificate::{judge, leaf_bounds};
use outlay_allocator::tolerance::STATED;
use outlay_allocator::{
    Certificate, Cut, Fact, Goal, Leaf, Limit, Line, Prices, Problem, Slope, Slopes, Solution, Terms, slopes,
};
use outlay_curves::Curve;

use crate::files::result::{
    At, Broken, CertificateFile, CutFile, FORMAT, LeafFile, LimitResult, LineResult, Member, Reference,
    ResultFile, Status,
};
use crate::files::spec::{GoalSpec, Metric};
use crate::model::inputs::chosen;
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLimit, ScenarioLine};
use crate::plan::earned::finite;
use crate::plan::figures;
use crate::plan::flown::{self, Flown};
use crate::plan::lower::{LimitSource, Lowered, Side};
use crate::plan::met::{self, Together};
use crate::plan::proofs::{hash, side};
use crate::plan::uncertain;

/// A sum this small against the terms that cancel in it is rounding noise: what
/// earlier spend still earns is in the terms of a plan by period, and taken off.
const NOISE: f64 = 1e-11;

/// The result file of a solution. Conflict and repairs are the caller's to add.
pub fn result(scenario: &Scenario, lowered: &Lowered, solution: &Solution) -> ResultFile {
    result_until(scenario, lowered, solution, &|| false)
}

/// [`result`] with the search's own prices for shadow prices where `stop` says
/// so.
pub(crate) fn result_until(
    scenario: &Scenario,
    lowered: &Lowered,
    solution: &Solution,
    stop: &(dyn Fn() -> bool + Sync),
) -> ResultFile {
    let sense = Sense::new(scenario.goals.first(), &lowered.problem);
    let plan = solution.plan.as_ref();
    let spends = plan.map(|p| p.spends.as_slice());
    // Over draws lines meet: what one more unit earns is no sum of slopes.
    let slopes = &plan
        .filter(|_| lowered.over_draws.is_none())
        .map_or_else(Slopes::default, |p| slopes(&lowered.problem, &p.spends, &solution.certificate, stop));
    let flights = spends.map(|x| flown::flown(scenario, &lowered.layout, x)).unwrap_or_default();
    let (tail, carried_in) = match flown::apart(&flights) {
        _ if flights.is_empty() => (None, None),
        (tail, carried_in) => (Some(tail), Some(carried_in)),
    };
    let file = ResultFile {
        outlay: FORMAT,
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        scenario: scenario.name.clone(),
        source: scenario.source.clone(),
        warnings: scenario.warnings.clone(),
        status: status_of(solution.status),
        currency: scenario.currency.clone(),
        horizon: scenario.horizon.clone(),
        goal: scenario.goals.first().copied().unwrap_or_default(),
        value: plan.and_then(|p| finite(sense.sign * worth(&lowered.problem, &p.spends, p.value))),
        totals: spends.map(|x| figures::totals(scenario, &lowered.layout, x)),
        reference: Some(reference(scenario, lowered, &sense)),
        lines: spends.map(|x| lines(scenario, lowered, x, slopes, &sense)),
        limits: spends.map(|x| limits(scenario, lowered, x, slopes, &sense)),
        certificate: Some(CertificateFile {
            searched_prices: slopes.searched,
            ..certificate_file(lowered, &solution.certificate, &slopes.prices, &sense)
        }),
        meeting: spends.and_then(|x| {
            let by_period = Together::new(scenario, &flights).map(|together| together.result());
            by_period.or_else(|| met::meeting(scenario, x))
        }),
        uncertainty: None,
        periods: if flights.is_empty() { Vec::new() } else { flown::periods(scenario, &flights) },
        tail,
        carried_in,
        rounding: None,
        goals: Vec::new(),
        conflict: Vec::new(),
        repairs: Vec::new(),
        cheapest_repair: Vec::new(),
        inputs: None,
        proofs: Vec::new(),
    };
    uncertain::added(file, scenario, lowered, spends)
}

/// A goal's value, 0 where it is nothing but rounding noise.
pub(crate) fn worth(problem: &Problem, spends: &[f64], value: f64) -> f64 {
    match &problem.goal {
        Goal::Maximize(terms) if measured(terms, problem, spends) == 0.0 => 0.0,
        _ => value,
    }
}

/// A quantity, 0 where it is nothing but rounding noise.
fn measured(terms: &Terms, problem: &Problem, spends: &[f64]) -> f64 {
    let (value, size) = terms.measure(&problem.lines, spends);
    if value.abs() <= NOISE * size { 0.0 } else { value }
}

/// The figure that a limit limits; not a number where it is nothing over nothing.
fn figure(limit: &Limit, problem: &Problem, spends: &[f64]) -> f64 {
    let numerator = measured(&limit.numerator, problem, spends);
    limit.denominator.as_ref().map_or(numerator, |d| numerator / measured(d, problem, spends))
}

/// The figure of a limit as its metric states it: a change of nothing is 0, or
/// no number.
fn stated(source: &LimitSource, limit: &Limit, problem: &Problem, spends: &[f64]) -> Option<f64> {
    let figure = figure(limit, problem, spends);
    finite(figure).filter(|&moved| !source.is_still(limit) || moved == 0.0)
}

/// How a search ended, as files write it.
pub(crate) fn status_of(status: outlay_allocator::Status) -> Status {
    match status {
        outlay_allocator::Status::Optimal => Status::Optimal,
        outlay_allocator::Status::WithinGap => Status::WithinGap,
        outlay_allocator::Status::Infeasible => Status::Infeasible,
        outlay_allocator::Status::Undetermined => Status::Undetermined,
    }
}

/// From the allocator's goal, which is always maximised, to the goal as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sense {
    /// Of the value: -1 for a quantity minimised, which is negated inside.
    pub(crate) sign: f64,
    ratio: bool,
}

impl Sense {
    pub(crate) fn new(goal: Option<&GoalSpec>, problem: &Problem) -> Self {
        Sense::of(goal, matches!(problem.goal, Goal::MinimizeRatio { .. }))
    }

    /// Of a goal that is a ratio inside, or is not.
    pub(crate) fn of(goal: Option<&GoalSpec>, ratio: bool) -> Self {
        let minimized = goal.is_some_and(GoalSpec::is_minimized);
        Sense { sign: if minimized && !ratio { -1.0 } else { 1.0 }, ratio }
    }
}

impl Sense {
    /// Slopes as files write them: what one more unit earns and, where that
    /// differs, what one less costs.
    fn written(&self, slope: &Slope) -> (Option<f64>, Option<f64>) {
        let finite = |s: Option<f64>| s.and_then(|s| finite(self.sign * s + 0.0));
        let (more, less) = (finite(slope.more), finite(slope.less));
        (more, less.filter(|_| more != less))
    }
}

/// Today's spend judged by the same rules.
fn reference(scenario: &Scenario, lowered: &Lowered, sense: &Sense) -> Reference {
    let problem = &lowered.problem;
    let current = lowered.today(scenario);
    Reference {
        value: finite(sense.sign * worth(problem, &current, judge(problem, &current).value)),
        totals: figures::totals(scenario, &lowered.layout, &current),
        broken: broken(lowered, &current),
        lines: figures::reference_lines(scenario, &lowered.layout, &current),
    }
}

/// The rules that spends break: facts of lines first, then limits.
pub(crate) fn broken(lowered: &Lowered, spends: &[f64]) -> Vec<Broken> {
    let problem = &lowered.problem;
    let mut broken: Vec<Broken> = Vec::new();
    for ((line, &x), members) in problem.lines.iter().zip(spends).zip(&lowered.facts) {
        for (fact, member) in line.facts.iter().zip(members) {
            let excess = distance(line, fact, x);
            if excess > STATED {
                let member = member.clone();
                broken.push(Broken {
                    member,
                    value: finite(x),
                    number: number(fact),
                    excess: finite(excess),
                });
            }
        }
    }
    let exceeds = |excess: f64| excess > STATED || excess.is_nan();
    let excesses = problem.excesses(spends);
    for (r, limit) in problem.limits.iter().enumerate().filter(|(r, _)| exceeds(excesses[*r])) {
        for (side, number) in [(Side::Min, limit.min), (Side::Max, limit.max)] {
            let (Some(number), Some(member)) = (number, lowered.member(r, side)) else { continue };
            let only = match side {
                Side::Min => Limit { max: None, ..limit.clone() },
                Side::Max => Limit { min: None, ..limit.clone() },
            };
            let excess = only.excess(&problem.lines, spends);
            if exceeds(excess) {
                let source = lowered.limits.get(r);
                let value = source.and_then(|s| stated(s, limit, problem, spends));
                let (member, excess) = (member.clone(), finite(excess));
                broken.push(Broken { member, value, number: Some(number), excess });
            }
        }
    }
    worst(broken)
}

/// A rule that holds in several places, where it is broken most.
fn worst(broken: Vec<Broken>) -> Vec<Broken> {
    let mut most: IndexMap<Member, Broken> = IndexMap::new();
    for one in broken {
        let excess = |b: &Broken| b.excess.unwrap_or(f64::INFINITY);
        match most.get_mut(&one.member) {
            Some(old) if excess(old) >= excess(&one) => {}
            Some(old) => *old = one,
            None => {
                most.insert(one.member.clone(), one);
            }
        }
    }
    most.into_values().collect()
}

/// How far, relative, a spend is from what one fact allows.
fn distance(line: &Line, fact: &Fact, x: f64) -> f64 {
    match *fact {
        Fact::Min(min) if x < min => (min - x) / min.abs(),
        // What is spent already is beyond no rule.
        Fact::Max(max) if x > max.max(line.spent()) => (x - max) / x.abs(),
        Fact::Min(_) | Fact::Max(_) | Fact::Past { .. } => 0.0,
        Fact::Deal(_) | Fact::Marginal { .. } => {
            let past = line.facts.iter().filter(|f| matches!(f, Fact::Past { .. }));
            line.with_facts(past.chain([fact]).copied().collect()).distance(x)
        }
    }
}

fn number(fact: &Fact) -> Option<f64> {
    use outlay_allocator::Deal;
    match fact {
        Fact::Min(n) | Fact::Max(n) => Some(*n),
        Fact::Deal(Deal::Flat(n) | Deal::AtLeast(n) | Deal::Lots(n)) => Some(*n),
        Fact::Marginal { least, .. } => finite(*least),
        Fact::Past { .. } => None,
    }
}

fn lines(
    scenario: &Scenario,
    lowered: &Lowered,
    spends: &[f64],
    slopes: &Slopes,
    sense: &Sense,
) -> Vec<LineResult> {
    if lowered.layout.is_by_period() {
        let flights = flown::flown(scenario, &lowered.layout, spends);
        let together = Together::new(scenario, &flights);
        let each = scenario.lines.iter().zip(&flights).enumerate();
        let line = |(i, (line, flown)): (usize, (&Arc<ScenarioLine>, &Flown))| {
            let meeting = together.as_ref().and_then(|t| t.line(i)).map(Box::new);
            LineResult { meeting, ..figures::flight(scenario, line, flown) }
        };
        return each.map(line).collect();
    }
    let own = met::own(scenario, spends);
    let met = met::met(scenario, own.clone());
    let each = scenario.lines.iter().zip(spends).enumerate();
    each.map(|(i, (line, &x))| {
        let meeting = met::line(scenario, &own, i).map(Box::new);
        let result = LineResult { meeting, ..figures::line(line, x, met[i]) };
        match slopes.lines.get(i).copied().flatten().filter(|_| matches!(result.at, At::Min | At::Max)) {
            Some(slope) => {
                let (shadow_price, shadow_price_less) = sense.written(&slope);
                LineResult { shadow_price, shadow_price_less, local: slope.local, ..result }
            }
            None => result,
        }
    })
    .collect()
}

/// The lines at spends that come without prices.
pub(crate) fn judged_lines(scenario: &Scenario, lowered: &Lowered, spends: &[f64]) -> Vec<LineResult> {
    let sense = Sense::new(scenario.goals.first(), &lowered.problem);
    lines(scenario, lowered, spends, &Slopes::default(), &sense)
}

/// The budget and the limits at spends that come without prices.
pub(crate) fn judged_limits(scenario: &Scenario, lowered: &Lowered, spends: &[f64]) -> Vec<LimitResult> {
    let sense = Sense::new(scenario.goals.first(), &lowered.problem);
    let unpriced = |limit: LimitResult| LimitResult { shadow_price: None, local: false, ..limit };
    limits(scenario, lowered, spends, &Slopes::default(), &sense).into_iter().map(unpriced).collect()
}

/// The budget and the limits in the file's order.
fn limits(
    scenario: &Scenario,
    lowered: &Lowered,
    spends: &[f64],
    slopes: &Slopes,
    sense: &Sense,
) -> Vec<LimitResult> {
    let problem = &lowered.problem;
    let current = lowered.today(scenario);
    let mut rows = lowered.limits.iter().zip(&problem.limits).enumerate().filter(|(_, (s, _))| s.listed);
    let mut next_row = |name: &str| {
        let (r, (source, limit)) = rows.next()?;
        debug_assert_eq!(source.name, name);
        let binding = limit.is_binding(&problem.lines, spends);
        let slope = slopes.limits.get(r).copied().flatten();
        let (shadow_price, shadow_price_less) = match &slope {
            // No percentage of nothing is worth anything.
            _ if source.is_still(limit) => (None, None),
            Some(slope) => sense.written(slope),
            None => ((!binding).then_some(0.0), None),
        };
        Some(LimitResult {
            name: source.name.clone(),
            owner: source.owner.clone(),
            metric: source.metric.clone(),
            value: stated(source, limit, problem, spends),
            min: limit.min,
            max: limit.max,
            binding,
            shadow_price,
            shadow_price_less,
            local: slope.is_some_and(|s| s.local),
            reference: stated(source, limit, problem, &current),
            uncertainty: None,
        })
    };
    let mut results = Vec::with_capacity(lowered.limits.len());
    if scenario.budget.is_some() {
        results.extend(next_row("budget"));
    }
    for limit in &scenario.limits {
        for group in &limit.groups {
            if limit.spec.metric == Metric::Mroas {
                results.push(marginal_limit(scenario, limit, group, spends, &current));
            } else {
                results.extend(next_row(&group.name));
            }
        }
    }
    results
}

/// A floor on marginal return: its figure is the least of the lines that are on;
/// what is spent already is nobody's choice any more.
fn marginal_limit(
    scenario: &Scenario,
    limit: &ScenarioLimit,
    group: &LimitGroup,
    spends: &[f64],
    current: &[f64],
) -> LimitResult {
    let least = |spends: &[f64], slope: fn(&Curve, f64) -> f64| {
        let all = 0..scenario.lines.len();
        let indices: Vec<usize> = group.lines.as_ref().map_or_else(|| all.collect(), |l| l.to_vec());
        let each = chosen(group, &scenario.lines).zip(indices).filter_map(|(line, i)| {
            let x = spends.get(i).copied().filter(|&x| x > line.past.map_or(0.0, |p| p.spend))?;
            Some(slope(&line.curve, x) * line.revenue_per_outcome? / (1.0 + line.fee))
        });
        finite(each.fold(f64::INFINITY, f64::min))
    };
    let value = least(spends, Curve::marginal_before);
    // The next unit of a line would earn less than the floor.
    let next = least(spends, Curve::marginal);
    let min = limit.spec.min;
    LimitResult {
        name: group.name.clone(),
        owner: limit.spec.owner.clone(),
        metric: Metric::Mroas,
        value,
        min,
        max: None,
        binding: next.zip(min).is_some_and(|(v, m)| v <= m * (1.0 + 1e-6)),
        shadow_price: None,
        shadow_price_less: None,
        local: true,
        reference: least(current, Curve::marginal_before),
        uncertainty: None,
    }
}

/// A proof of infeasibility, whatever the goal.
pub(crate) fn certificate_of(lowered: &Lowered, proof: &Certificate) -> CertificateFile {
    certificate_file(lowered, proof, &proof.prices, &Sense { sign: 1.0, ratio: false })
}

/// A certificate with the names of what it speaks of.
pub(crate) fn certificate_file(
    lowered: &Lowered,
    certificate: &Certificate,
    prices: &[Prices],
    sense: &Sense,
) -> CertificateFile {
    let bound = finite(sense.sign * certificate.bound);
    let ratio = if sense.ratio { bound } else { None };
    let taken = || leaf_bounds(&lowered.problem, &certificate.leaves, ratio).unwrap_or_default();
    let known = certificate.bounds.len() == certificate.leaves.len();
    let bounds = if known { certificate.bounds.clone() } else { taken() };
    let leaf = |(k, leaf): (usize, &Leaf)| LeafFile {
        cuts: leaf.cuts.iter().map(|cut| cut_file(lowered, cut)).collect(),
        prices: keyed(lowered, &leaf.prices),
        empty: leaf.empty,
        step: leaf.step,
        bound: bounds.get(k).copied().and_then(finite),
        draws: None,
    };
    let prices = keyed_rules(lowered, prices);
    let leaves: Vec<LeafFile> = certificate.leaves.iter().enumerate().map(leaf).collect();
    CertificateFile {
        bound,
        gap: finite(certificate.gap),
        asked: finite(certificate.asked),
        violation: finite(certificate.violation),
        nodes: certificate.nodes,
        searched_prices: false,
        sha256: hash(&(&prices, &leaves)),
        prices,
        leaves,
    }
}

fn cut_file(lowered: &Lowered, cut: &Cut) -> CutFile {
    CutFile {
        line: lowered.layout.names().get(cut.line).cloned().unwrap_or_default(),
        at: cut.at,
        side: side(cut.side),
    }
}

/// Prices of rules by key: what ties stocks to spends is priced in the leaves only.
fn keyed_rules(lowered: &Lowered, prices: &[Prices]) -> IndexMap<String, f64> {
    let rule = |(r, price): (usize, &Prices)| {
        let tie = lowered.limits.get(r).is_some_and(|l| l.min.is_none() && l.max.is_none());
        if tie { Prices::default() } else { *price }
    };
    let prices: Vec<Prices> = prices.iter().enumerate().map(rule).collect();
    keyed(lowered, &prices)
}

/// Prices by key; those of 0 are left out.
pub(crate) fn keyed(lowered: &Lowered, prices: &[Prices]) -> IndexMap<String, f64> {
    let mut keyed = IndexMap::new();
    for (r, price) in prices.iter().enumerate() {
        for (side, price) in [(Side::Min, price.min), (Side::Max, price.max)] {
            if price != 0.0 {
                keyed.insert(lowered.price_key(r, side), price);
            }
        }
    }
    keyed
}
