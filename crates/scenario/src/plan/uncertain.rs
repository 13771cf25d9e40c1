//! A plan under every draw of its curves: intervals and probabilities.

use std::sync::Arc;

use indexmap::IndexMap;
use outlay_allocator::tolerance::STATED;
use outlay_curves::Curve;

use crate::files::result::{
    Against, Lead, LimitResult, LimitUncertainty, LineUncertainty, Range, ResultFile, Totals, Uncertainty,
};
use crate::files::spec::{BaselineSpec, GoalSpec, Maximize, Metric, Minimize};
use crate::model::meeting::ByPeriod;
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLine};
use crate::plan::earned::{Earned, finite};
use crate::plan::figures;
use crate::plan::flown::Flown;
use crate::plan::lower::Lowered;
use crate::plan::met;
use crate::plan::pairing::{count, order};

/// The metrics that rest on curves.
const METRICS: [Metric; 8] = [
    Metric::Revenue,
    Metric::Profit,
    Metric::Customers,
    Metric::LifetimeValue,
    Metric::Cac,
    Metric::Mer,
    Metric::Iroas,
    Metric::LtvToCac,
];

/// The result with the uncertainty of its figures, where a curve has draws.
pub(crate) fn added(
    mut file: ResultFile,
    scenario: &Scenario,
    lowered: &Lowered,
    spends: Option<&[f64]>,
) -> ResultFile {
    let Some(spends) = spends.filter(|_| is_drawn(scenario)) else { return file };
    let plan = Draws::new(scenario, lowered, spends, false);
    let was = file.reference.as_ref().map(|r| &r.totals);
    file.uncertainty = Some(plan.uncertainty(lowered, file.totals.as_ref().zip(was)));
    for (i, line) in file.lines.iter_mut().flatten().enumerate() {
        line.uncertainty = plan.line(i).map(Box::new);
    }
    plan.limits(file.limits.iter_mut().flatten());
    file
}

/// How sure the figures of a plan are that has no result file; nothing where no
/// curve has draws.
pub(crate) struct Judged {
    pub(crate) totals: Uncertainty,
    pub(crate) lines: Vec<Option<LineUncertainty>>,
}

/// Of a plan, whose limits are told as well.
pub(crate) fn judged(
    scenario: &Scenario,
    lowered: &Lowered,
    spends: &[f64],
    limits: &mut [LimitResult],
) -> Option<Judged> {
    if !is_drawn(scenario) {
        return None;
    }
    let plan = Draws::new(scenario, lowered, spends, false);
    plan.limits(limits.iter_mut());
    let of = |spends: &[f64]| figures::totals(scenario, &lowered.layout, spends);
    let (totals, was) = (of(spends), of(&lowered.today(scenario)));
    let lines = (0..scenario.lines.len()).map(|i| plan.line(i)).collect();
    Some(Judged { totals: plan.uncertainty(lowered, Some((&totals, &was))), lines })
}

/// The interval of the first goal at a plan.
pub(crate) fn goal(scenario: &Scenario, lowered: &Lowered, spends: &[f64]) -> Option<Range> {
    let (metric, _) = goal_metric(&scenario.goals)?;
    if !is_drawn(scenario) {
        return None;
    }
    let plan = Draws::new(scenario, lowered, spends, false);
    Range::central(plan.all().figures(&metric, scenario.baseline)?, plan.level)
}

/// By how much a plan serves the first goal better than another, under every
/// draw; nothing where no curve has draws, or the goal rests on none.
pub(crate) fn ahead(
    scenario: &Scenario,
    lowered: &Lowered,
    (plan, other): (&[f64], &[f64]),
) -> Option<Vec<f64>> {
    let (metric, sign) = goal_metric(&scenario.goals)?;
    if !is_drawn(scenario) {
        return None;
    }
    let figures = |spends: &[f64]| {
        Draws::new(scenario, lowered, spends, false).all().figures(&metric, scenario.baseline)
    };
    let (plan, other) = (figures(plan)?, figures(other)?);
    Some(plan.iter().zip(&other).map(|(p, o)| sign * (p - o)).collect())
}

/// The same as an interval, and the share of the draws under which it is better.
pub(crate) fn lead(scenario: &Scenario, lowered: &Lowered, plans: (&[f64], &[f64])) -> Option<Lead> {
    let each = ahead(scenario, lowered, plans)?;
    let probability_better = each.iter().filter(|d| **d > 0.0).count() as f64 / each.len() as f64;
    let Range { low, high } = Range::central(each, level(scenario)?)?;
    Some(Lead { low, high, probability_better })
}

fn is_drawn(scenario: &Scenario) -> bool {
    scenario.lines.iter().any(|l| !l.draws.is_empty())
}

/// Share of the draws that intervals hold.
pub(crate) fn level(scenario: &Scenario) -> Option<f64> {
    scenario.lines.iter().find(|l| !l.draws.is_empty()).map(|l| l.draws.level())
}

/// How sure a limit on a metric of outcomes is; nothing for other metrics, for
/// single periods, and where no line it covers has draws.
fn held(limit: &LimitResult, group: &LimitGroup, plan: &Draws) -> Option<LimitUncertainty> {
    let scenario = plan.scenario;
    let rests = METRICS.contains(&limit.metric);
    if !rests || group.periods.is_some() {
        return None;
    }
    let all = || (0..scenario.lines.len()).collect();
    let lines: Vec<usize> = group.lines.as_ref().map_or_else(all, |l| l.to_vec());
    if lines.iter().all(|&i| scenario.lines.get(i).is_none_or(|l| l.draws.is_empty())) {
        return None;
    }
    let baseline = if group.lines.is_none() { scenario.baseline } else { BaselineSpec::default() };
    let figures = plan.sums(&lines).figures(&limit.metric, baseline)?;
    let kept = |&figure: &f64| {
        limit.min.is_none_or(|min| figure >= min - STATED * min.abs())
            && limit.max.is_none_or(|max| figure <= max + STATED * max.abs())
    };
    let probability = figures.iter().filter(|f| kept(f)).count() as f64 / figures.len() as f64;
    let Range { low, high } = Range::central(figures, plan.level)?;
    Some(LimitUncertainty { low, high, probability, asked: None })
}

/// The share of what is known of a line's return that is the fit's prior, where
/// that is much.
fn on_prior(line: &ScenarioLine) -> Option<(String, f64)> {
    const MUCH: f64 = 0.25;
    let share = line.draws.on_prior.filter(|s| *s >= MUCH && line.draws.count() > 0)?;
    Some((line.name.clone(), share))
}

/// The metric of the first goal, and 1 where more of it is better; nothing where
/// it rests on no curve.
fn goal_metric(goals: &[GoalSpec]) -> Option<(Metric, f64)> {
    let goal = goals.first().copied().unwrap_or_default();
    match (goal.maximize, goal.minimize) {
        (Some(Maximize::Revenue), _) | (None, None) => Some((Metric::Revenue, 1.0)),
        (Some(Maximize::Profit), _) => Some((Metric::Profit, 1.0)),
        (Some(Maximize::Customers), _) => Some((Metric::Customers, 1.0)),
        (Some(Maximize::LifetimeValue), _) => Some((Metric::LifetimeValue, 1.0)),
        (None, Some(Minimize::Cac)) => Some((Metric::Cac, -1.0)),
        (Some(Maximize::LongTermRevenue | Maximize::Spend), _)
        | (None, Some(Minimize::Spend | Minimize::Moved)) => None,
    }
}

/// Share of the draws under which the first goal is served better than today.
fn better(goals: &[GoalSpec], plan: &Sums, today: &Sums, baseline: BaselineSpec) -> Option<f64> {
    let (metric, sign) = goal_metric(goals)?;
    let (planned, was) = (plan.figures(&metric, baseline)?, today.figures(&metric, baseline)?);
    let wins = planned.iter().zip(&was).filter(|(p, t)| sign * (**p - **t) > 0.0).count();
    Some(wins as f64 / planned.len() as f64)
}

/// What every line returns under every draw.
struct Draws<'a> {
    scenario: &'a Scenario,
    count: usize,
    /// Share of the draws that intervals hold.
    level: f64,
    lines: Vec<Returned>,
    /// What a unit of each line's outcome is worth.
    units: Vec<Earned>,
    costs: Vec<f64>,
}

enum Returned {
    Certain(f64),
    Drawn(Arc<[f64]>, Option<Vec<usize>>),
}

impl Returned {
    fn at(&self, draw: usize) -> f64 {
        match self {
            Returned::Certain(outcome) => *outcome,
            Returned::Drawn(own, None) => own[draw],
            Returned::Drawn(own, Some(order)) => own[order[draw]],
        }
    }
}

/// Works out lines that meet draw by draw: what counts to each depends on the
/// draws of the others.
fn meet(scenario: &Scenario, count: usize, lines: &mut [Returned]) {
    let meets: Vec<usize> = scenario.meeting.webs.iter().flat_map(|web| web.lines.clone()).collect();
    let mut counts: Vec<Vec<f64>> = vec![Vec::with_capacity(count); lines.len()];
    for draw in 0..count {
        let own = lines.iter().map(|line| line.at(draw)).collect();
        let shares = match scenario.meeting.is_drawn() {
            true => met::met_in(scenario, &scenario.meeting.drawn(draw), own),
            false => met::met(scenario, own),
        };
        meets.iter().for_each(|&i| counts[i].push(shares[i].outcome));
    }
    for i in meets {
        lines[i] = match counts[i][..] {
            [one] => Returned::Certain(one),
            _ => Returned::Drawn(std::mem::take(&mut counts[i]).into(), None),
        };
    }
}

/// The same in a plan by period.
fn meet_by_period(
    scenario: &Scenario,
    met: &ByPeriod,
    (flights, count): (&[&[f64]], usize),
    lines: &mut [Returned],
) {
    let all = &scenario.lines;
    let flown = |(line, own): (&Arc<ScenarioLine>, &&[f64])| {
        line.flight.as_ref().map_or_else(Vec::new, |flight| flight.stocks(own))
    };
    let stocks: Vec<Vec<f64>> = all.iter().zip(flights).map(flown).collect();
    let sampled: Vec<Vec<Curve>> = all
        .iter()
        .enumerate()
        .map(
            |(i, line)| {
                if line.draws.is_empty() { Vec::new() } else { line.draws.sampled(count, i).to_vec() }
            },
        )
        .collect();
    let mut counts: Vec<Vec<f64>> = vec![Vec::with_capacity(count); lines.len()];
    for draw in 0..count {
        let curve = |i: usize| {
            let own = match &lines[i] {
                Returned::Certain(_) => sampled[i].first(),
                Returned::Drawn(_, None) => sampled[i].get(draw),
                Returned::Drawn(_, Some(order)) => order.get(draw).and_then(|&d| sampled[i].get(d)),
            };
            own.unwrap_or(&all[i].curve).clone()
        };
        let drawn = scenario.meeting.is_drawn().then(|| met.drawn(draw));
        let shares = met::counted(drawn.as_ref().unwrap_or(met), all, curve, &stocks);
        shares.into_iter().for_each(|(i, share)| counts[i].push(share));
    }
    for (line, counts) in lines.iter_mut().zip(counts) {
        match counts[..] {
            [] => {}
            [one] => *line = Returned::Certain(one),
            _ => *line = Returned::Drawn(counts.into(), None),
        }
    }
}

/// Sums over lines under every draw; nothing where an input is missing.
struct Sums {
    cost: f64,
    revenue: Option<Vec<f64>>,
    customers: Option<Vec<f64>>,
    lifetime_value: Option<Vec<f64>>,
    profit: Option<Vec<f64>>,
}

impl<'a> Draws<'a> {
    /// Of spends; those of `today` are the same for every plan.
    fn new(scenario: &'a Scenario, lowered: &Lowered, spends: &[f64], today: bool) -> Self {
        let totals = lowered.layout.totals(spends);
        let flights = lowered.layout.by_period(spends);
        let count = count(&scenario.lines);
        let (mut lines, mut units, mut costs) = (Vec::new(), Vec::new(), Vec::new());
        for (i, line) in scenario.lines.iter().enumerate() {
            let flown = line.flight.as_deref().zip(flights.get(i));
            let spend = totals.get(i).copied().unwrap_or(0.0);
            units.push(Earned::new(line, 1.0, 0.0));
            costs.push(Earned::new(line, 0.0, spend).cost);
            let returned = |curve: Option<Curve>| match flown {
                None => line.curve.value(spend),
                Some((flight, own)) => {
                    let drawn =
                        ScenarioLine { curve: curve.unwrap_or(line.curve.clone()), ..line.as_ref().clone() };
                    Flown::new(&drawn, flight, own).outcome()
                }
            };
            lines.push(if line.draws.is_empty() {
                Returned::Certain(returned(None))
            } else {
                let own: Arc<[f64]> = match flown {
                    None => line.draws.outcomes((count, i), spend, today),
                    Some(_) => {
                        line.draws.sampled(count, i).iter().map(|c| returned(Some(c.clone()))).collect()
                    }
                };
                match own.len() {
                    1 => Returned::Certain(own[0]),
                    many => Returned::Drawn(own, order(many, count, i)),
                }
            });
        }
        match ByPeriod::of(scenario) {
            Some(met) => meet_by_period(scenario, &met, (&flights, count), &mut lines),
            None if !scenario.meeting.is_empty() => meet(scenario, count, &mut lines),
            None => {}
        }
        let level = level(scenario).unwrap_or(0.9);
        Draws { scenario, count, level, lines, units, costs }
    }

    fn sums(&self, lines: &[usize]) -> Sums {
        let cost: f64 = lines.iter().map(|&i| self.costs[i]).sum();
        let sum = |of: fn(&Earned) -> Option<f64>, less: f64| {
            let mut certain = -less;
            let mut sums = vec![0.0; self.count];
            for &i in lines {
                let unit = of(&self.units[i])?;
                match &self.lines[i] {
                    Returned::Certain(outcome) => certain += unit * outcome,
                    Returned::Drawn(own, None) => {
                        sums.iter_mut().zip(own.iter()).for_each(|(sum, outcome)| *sum += unit * outcome);
                    }
                    Returned::Drawn(own, Some(order)) => {
                        sums.iter_mut().zip(order).for_each(|(sum, &d)| *sum += unit * own[d]);
                    }
                }
            }
            sums.iter_mut().for_each(|sum| *sum += certain);
            Some(sums)
        };
        Sums {
            cost,
            revenue: sum(|e| e.revenue, 0.0),
            customers: sum(|e| e.customers, 0.0),
            lifetime_value: sum(|e| e.lifetime_value, 0.0),
            profit: sum(|e| e.profit, cost),
        }
    }

    /// How sure one line's figures are: its outcome's interval, times what a unit
    /// is worth.
    fn line(&self, i: usize) -> Option<LineUncertainty> {
        let level = self.level;
        let Returned::Drawn(own, _) = self.lines.get(i)? else { return None };
        let (unit, cost) = (self.units.get(i)?, self.costs.get(i)?);
        let outcome = Range::central(own.to_vec(), level)?;
        let times = |factor: f64| {
            let (low, high) = (finite(factor * outcome.low)?, finite(factor * outcome.high)?);
            Some(Range { low, high })
        };
        let each =
            |customers: f64| own.iter().map(|o| finite(cost / (customers * o))).collect::<Option<Vec<_>>>();
        Some(LineUncertainty {
            revenue: unit.revenue.and_then(times),
            customers: unit.customers.and_then(times),
            cac: unit.customers.and_then(each).and_then(|all| Range::central(all, level)),
            iroas: unit.revenue.and_then(|r| times(r / cost)),
        })
    }

    /// Of the whole plan, whose totals and today's are given.
    fn uncertainty(&self, lowered: &Lowered, totals: Option<(&Totals, &Totals)>) -> Uncertainty {
        let (scenario, level) = (self.scenario, self.level);
        let today = Draws::new(scenario, lowered, &lowered.today(scenario), true);
        let (planned, was) = (self.all(), today.all());
        let names = |keep: &dyn Fn(&ScenarioLine) -> bool| {
            scenario.lines.iter().filter(|l| keep(l)).map(|l| l.name.clone()).collect()
        };
        let mut uncertainty = Uncertainty {
            draws: self.count,
            level,
            totals: IndexMap::new(),
            against_today: IndexMap::new(),
            goal: None,
            probability_better: better(&scenario.goals, &planned, &was, scenario.baseline),
            certain: names(&|l| l.draws.is_empty()),
            stated: names(&|l| l.draws.stated.is_some()),
            shuffled: names(&|l| l.draws.count() > 0 && l.draws.count() != self.count),
            on_prior: scenario.lines.iter().filter_map(|l| on_prior(l)).collect(),
            not_averaged: names(&|l| l.draws.count() > 0 && !l.draws.averaged),
        };
        for metric in &METRICS {
            let name = metric.name();
            let Some(own) = planned.figures(metric, scenario.baseline) else { continue };
            let before = was.figures(metric, scenario.baseline);
            let differences = before.map(|b| own.iter().zip(b).map(|(p, t)| p - t).collect());
            if let Some(Range { low, high }) = differences.and_then(|d| Range::central(d, level)) {
                let value = totals.and_then(|(plan, was)| finite(plan.figure(metric)? - was.figure(metric)?));
                uncertainty.against_today.insert(name.to_string(), Against { value, low, high });
            }
            if let Some(range) = Range::central(own, level) {
                uncertainty.totals.insert(name.to_string(), range);
            }
        }
        uncertainty
    }

    /// Adds how sure the limits are; a budget comes first.
    fn limits<'l>(&self, limits: impl Iterator<Item = &'l mut LimitResult>) {
        let groups = self.scenario.limits.iter().flat_map(|l| &l.groups);
        let skipped = usize::from(self.scenario.budget.is_some());
        for (limit, group) in limits.skip(skipped).zip(groups) {
            limit.uncertainty = held(limit, group, self);
        }
    }

    fn all(&self) -> Sums {
        self.sums(&(0..self.scenario.lines.len()).collect::<Vec<_>>())
    }
}

impl Sums {
    /// A metric under every draw; nothing where it is unknown or infinite under
    /// one.
    fn figures(&self, metric: &Metric, base: BaselineSpec) -> Option<Vec<f64>> {
        let cost = self.cost + base.other_cost.unwrap_or(0.0);
        let each = |of: &Option<Vec<f64>>, figure: &dyn Fn(f64) -> f64| -> Option<Vec<f64>> {
            of.as_ref()?.iter().map(|&sum| finite(figure(sum))).collect()
        };
        match metric {
            Metric::Revenue => each(&self.revenue, &|r| r),
            Metric::Profit => each(&self.profit, &|p| p),
            Metric::Customers => each(&self.customers, &|n| n),
            Metric::LifetimeValue => each(&self.lifetime_value, &|l| l),
            Metric::Cac => each(&self.customers, &|n| cost / (n + base.customers.unwrap_or(0.0))),
            Metric::Mer => each(&self.revenue, &|r| (r + base.revenue.unwrap_or(0.0)) / cost),
            Metric::Iroas => each(&self.revenue, &|r| r / self.cost),
            Metric::LtvToCac => each(&self.lifetime_value, &|l| l / self.cost),
            Metric::Spend
            | Metric::SpendShare
            | Metric::Change
            | Metric::Mroas
            | Metric::ActiveLines
            | Metric::Units
            | Metric::Attribute(_) => None,
        }
    }
}
