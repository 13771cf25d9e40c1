//! From a result file (and its scenario, where it is at hand) to a view.

use outlay_scenario::result::{
    CertificateFile, LimitResult, LineResult, Member as MemberFile, MemberField, MemberKind, Reference,
    Repair as RepairFile, Reported,
};
use outlay_scenario::spec::{GoalSpec, Maximize, Metric, Minimize};
use outlay_scenario::{ResultFile, Scenario, Status};

use super::{
    Aim, Ending, Figure, Flights, Group, GroupRow, LaterGoal, LimitRow, LineRow, Member, Over, Proof, Repair,
    Side, View,
};
use crate::metric::Key;
use crate::number::Kind;

impl View {
    /// The view of a result. The scenario adds what the file does not carry:
    /// the period, the lines' bounds and the numbers behind a conflict.
    pub fn new(result: &ResultFile, scenario: Option<&Scenario>) -> Self {
        let rows = lines(result, scenario);
        View {
            name: result.scenario.clone(),
            source: result.source.path.clone(),
            set: settings(result),
            currency: result.currency.clone().unwrap_or_default(),
            period: scenario.and_then(period).unwrap_or_default(),
            warnings: result.warnings.clone(),
            reported: reported(result),
            goal: aim(result),
            ending: ending(result),
            figures: figures(result),
            flights: Flights::of(
                result,
                scenario
                    .and_then(|s| s.horizon.as_ref())
                    .map_or_else(|| "period".to_owned(), |h| h.unit.clone()),
            ),
            groups: groups(&rows),
            lines: rows,
            limits: limits(result),
            conflict: result.conflict.iter().map(|m| member(m, scenario)).collect(),
            repairs: result.repairs.iter().map(|r| repair(r, scenario)).collect(),
            cheapest_repair: result.cheapest_repair.iter().map(|r| repair(r, scenario)).collect(),
            later_goals: later_goals(result),
            uncertainty: result.uncertainty.clone(),
            meeting: result.meeting.clone(),
            rounding: result.rounding.clone(),
        }
    }
}

/// What was reported for today's spend.
fn reported(result: &ResultFile) -> Vec<(String, Reported)> {
    let lines = result.reference.iter().flat_map(|r| &r.lines);
    lines.filter_map(|line| Some((line.name.clone(), line.reported?))).collect()
}

/// What a what-if set; a limit that it added is among the limits.
fn settings(result: &ResultFile) -> Vec<String> {
    let set = result.source.set.iter().filter(|(_, value)| value.get("metric").is_none());
    set.map(|(path, value)| match value.as_object() {
        Some(goal) if path == "goal" => {
            let words =
                goal.iter().map(|(verb, what)| format!("{verb} {}", what.as_str().unwrap_or_default()));
            format!("{path} = {}", words.collect::<Vec<_>>().join(", "))
        }
        _ => format!("{path} = {value}"),
    })
    .collect()
}

fn period(scenario: &Scenario) -> Option<String> {
    let horizon = scenario.horizon.as_ref()?;
    let plural = if horizon.periods == 1 { "" } else { "s" };
    Some(format!("{} {}{plural}", horizon.periods, horizon.unit))
}

/// What a goal is about, and whether more is better.
pub(crate) fn goal_metric(goal: &GoalSpec) -> (bool, Key) {
    let more = |metric: Metric| (true, Key::Limited(metric));
    match (goal.maximize, goal.minimize) {
        (Some(Maximize::Revenue), _) | (None, None) => more(Metric::Revenue),
        (Some(Maximize::Profit), _) => more(Metric::Profit),
        (Some(Maximize::Customers), _) => more(Metric::Customers),
        (Some(Maximize::LifetimeValue), _) => more(Metric::LifetimeValue),
        (Some(Maximize::LongTermRevenue), _) => (true, Key::LongTermRevenue),
        (Some(Maximize::Spend), _) => more(Metric::Spend),
        (None, Some(Minimize::Spend)) => (false, Metric::Spend.into()),
        (None, Some(Minimize::Cac)) => (false, Metric::Cac.into()),
        (None, Some(Minimize::Moved)) => (false, Key::Moved),
    }
}

fn aim(result: &ResultFile) -> Aim {
    let today = result.reference.as_ref().and_then(|r| r.value);
    aim_of(&result.goal, result.value, today)
}

/// What a goal aims at, with its value at a plan and today.
pub(crate) fn aim_of(goal: &GoalSpec, value: Option<f64>, today: Option<f64>) -> Aim {
    let (maximize, metric) = goal_metric(goal);
    let maximize = maximize && !goal.is_minimized();
    let (moves_cost, over) = (moves_cost(goal), over(goal));
    Aim { maximize, metric, value, today, moves_cost, over }
}

fn over(goal: &GoalSpec) -> Over {
    match (goal.shortfall, goal.worst) {
        (Some(target), _) => Over::Shortfall(target),
        (None, worst) if goal.regret => Over::Regret(worst),
        (None, Some(share)) => Over::Worst { share, weight: goal.weight.unwrap_or(1.0) },
        (None, None) => Over::Mean,
    }
}

fn moves_cost(goal: &outlay_scenario::spec::GoalSpec) -> bool {
    goal.move_cost.is_some_and(|cost| cost > 0.0)
}

fn later_goals(result: &ResultFile) -> Vec<LaterGoal> {
    let Some((first, rest)) = result.goals.split_first() else { return Vec::new() };
    let given_up = match (first.best, first.value) {
        (Some(best), Some(value)) if best != 0.0 => ((best - value) / best).abs(),
        _ => 0.0,
    };
    let later = |g: &outlay_scenario::result::OrderedGoalResult| {
        let (maximize, metric) = goal_metric(&g.goal);
        let aim = Aim {
            maximize,
            metric,
            value: g.value,
            today: None,
            moves_cost: moves_cost(&g.goal),
            over: Over::Mean,
        };
        let within = g.goal.within.unwrap_or(0.0);
        LaterGoal { aim, within, given_up, proof: proof(g.certificate.as_ref()) }
    };
    rest.iter().map(later).collect()
}

fn ending(result: &ResultFile) -> Ending {
    let certificate = result.certificate.as_ref();
    let nodes = certificate.map_or(0, |c| c.nodes);
    match result.status {
        Status::Optimal => Ending::Optimal(proof(certificate)),
        Status::WithinGap => Ending::WithinGap(proof(certificate)),
        Status::Infeasible => Ending::Infeasible { parts: certificate.map_or(1, |c| c.leaves.len()) },
        Status::Undetermined => Ending::Undetermined { nodes },
    }
}

fn proof(certificate: Option<&CertificateFile>) -> Proof {
    let figure = |of: fn(&CertificateFile) -> Option<f64>| certificate.and_then(of).unwrap_or(f64::NAN);
    Proof {
        bound: figure(|c| c.bound),
        gap: figure(|c| c.gap),
        violation: figure(|c| c.violation),
        nodes: certificate.map_or(0, |c| c.nodes),
        parts: certificate.map_or(0, |c| c.leaves.len()),
    }
}

/// Totals in the order they are read, the goal's first.
const ORDER: [Metric; 9] = [
    Metric::Spend,
    Metric::Revenue,
    Metric::Profit,
    Metric::Customers,
    Metric::LifetimeValue,
    Metric::Cac,
    Metric::Mer,
    Metric::Iroas,
    Metric::LtvToCac,
];

fn figures(result: &ResultFile) -> Vec<Figure> {
    let Some(totals) = &result.totals else {
        return Vec::new();
    };
    let reference = result.reference.as_ref().map(|r| &r.totals);
    let figure = |metric: Key, plan: Option<f64>, today: Option<f64>| Figure {
        kind: metric.kind(),
        metric,
        today,
        plan,
    };
    let of = |m: &Metric| figure(m.into(), totals.figure(m), reference.and_then(|r| r.figure(m)));
    let mut figures: Vec<Figure> = ORDER.iter().map(of).collect();
    for (name, &value) in &totals.attributes {
        let today = reference.and_then(|r| r.attributes.get(name).copied().flatten());
        figures.push(figure(Metric::Attribute(name.clone()).into(), value, today));
    }
    let long_term = reference.and_then(|r| r.long_term_revenue);
    figures.push(figure(Key::LongTermRevenue, totals.long_term_revenue, long_term));
    figures.retain(|f| f.plan.is_some() || f.today.is_some());
    let (_, goal) = goal_metric(&result.goal);
    figures.sort_by_key(|f| f.metric != goal);
    figures
}

fn lines(result: &ResultFile, scenario: Option<&Scenario>) -> Vec<LineRow> {
    let Some(lines) = &result.lines else {
        return Vec::new();
    };
    let row = |(i, line): (usize, &LineResult)| {
        let today = result.reference.as_ref().and_then(|r| r.lines.get(i));
        let stated = scenario.and_then(|s| s.lines.get(i));
        let tag = |name: &str| line.tags.get(name).cloned().unwrap_or_default();
        LineRow {
            name: line.name.clone(),
            channel: tag("channel"),
            stage: tag("stage"),
            method: tag("method"),
            owner: tag("owner"),
            current: line.current,
            spend: line.spend,
            fee: stated.map_or(0.0, |s| s.fee),
            share: 0.0,
            change: line.change,
            min: stated.and_then(|s| s.min).unwrap_or(0.0),
            max: stated.and_then(|s| s.max),
            revenue: line.revenue,
            revenue_today: today.and_then(|t| t.revenue),
            customers: line.customers,
            customers_today: today.and_then(|t| t.customers),
            cac: line.cac,
            marginal_cac: line.marginal_cac,
            iroas: line.iroas,
            mroas: line.mroas,
            at: line.at,
            extrapolated: line.extrapolated == Some(true),
            meeting: line.meeting.as_deref().cloned(),
            sure: line.uncertainty.as_deref().copied(),
            judgement: line.judgement.clone(),
        }
    };
    let mut rows: Vec<LineRow> = lines.iter().enumerate().map(row).collect();
    let total: f64 = rows.iter().map(LineRow::cost).sum();
    if total > 0.0 {
        rows.iter_mut().for_each(|row| row.share = row.cost() / total);
    }
    rows
}

type Tag = fn(&LineRow) -> &str;

/// The tags a plan is summed by, with how a line's value is read.
const GROUPS: [(&str, Tag); 3] =
    [("stage", |l| &l.stage), ("method", |l| &l.method), ("channel", |l| &l.channel)];

fn groups(lines: &[LineRow]) -> Vec<Group> {
    let group = |(by, of): &(&'static str, Tag)| {
        let mut names: Vec<&str> = Vec::new();
        for line in lines {
            if !names.contains(&of(line)) {
                names.push(of(line));
            }
        }
        let rows = names.iter().map(|name| group_row(name, lines, |l| of(l) == *name)).collect();
        // Groups of single lines say nothing new.
        (names.len() > 1 && names.len() < lines.len()).then_some(Group { by, rows })
    };
    GROUPS.iter().filter_map(group).collect()
}

fn group_row(name: &str, lines: &[LineRow], member: impl Fn(&LineRow) -> bool) -> GroupRow {
    let sum = |of: fn(&LineRow) -> f64| lines.iter().filter(|l| member(l)).map(of).sum::<f64>();
    let known =
        |of: fn(&LineRow) -> Option<f64>| lines.iter().filter(|l| member(l)).map(of).sum::<Option<f64>>();
    let share = |of: fn(&LineRow) -> f64| {
        let all: f64 = lines.iter().map(of).sum();
        if all > 0.0 { sum(of) / all } else { 0.0 }
    };
    GroupRow {
        name: name.to_owned(),
        current: sum(|l| l.current),
        spend: sum(|l| l.spend),
        share_today: share(LineRow::cost_today),
        share: share(LineRow::cost),
        revenue: known(|l| l.revenue),
        customers: known(|l| l.customers),
    }
}

fn limits(result: &ResultFile) -> Vec<LimitRow> {
    let broken = result.reference.as_ref().map_or(&[][..], |r: &Reference| &r.broken);
    let row = |limit: &LimitResult| {
        let metric = Key::from(&limit.metric);
        let over = limit.max.zip(limit.value).map(|(max, v)| max - v);
        let under = limit.min.zip(limit.value).map(|(min, v)| v - min);
        let slack = [over, under].into_iter().flatten().reduce(f64::min);
        let side = match (over, under) {
            (Some(o), Some(u)) if u < o => Side::Min,
            (None, _) => Side::Min,
            (Some(_), _) => Side::Max,
        };
        let same = |m: &MemberFile| {
            m.name == limit.name && matches!(m.kind, MemberKind::Limit | MemberKind::Budget)
                || limit.name == "budget" && m.kind == MemberKind::Budget
        };
        LimitRow {
            name: if limit.name == "budget" { "Budget".to_owned() } else { limit.name.clone() },
            owner: limit.owner.clone().unwrap_or_default(),
            kind: metric.kind(),
            metric,
            value: limit.value,
            today: limit.reference,
            min: limit.min,
            max: limit.max,
            binding: limit.binding.then_some(side),
            slack,
            price: limit.shadow_price,
            local: limit.local,
            sure: limit.uncertainty,
            broken_today: broken.iter().any(|b| same(&b.member)) && beyond(limit),
        }
    };
    result.limits.iter().flatten().map(row).collect()
}

/// Today's figure is outside the limit; assumed if it is unknown.
fn beyond(limit: &LimitResult) -> bool {
    limit
        .reference
        .is_none_or(|v| limit.max.is_some_and(|max| v > max) || limit.min.is_some_and(|min| v < min))
}

pub(crate) fn member(member: &MemberFile, scenario: Option<&Scenario>) -> Member {
    let (metric, number) =
        scenario.map_or((None, None), |s| stated(member.kind, &member.name, member.field, s));
    let limit = scenario
        .filter(|_| member.kind == MemberKind::Limit)
        .and_then(|s| s.limits.iter().find(|l| l.groups.iter().any(|g| g.name == member.name)));
    Member {
        probability: limit.and_then(|l| l.spec.probability),
        ..plain(member.kind, &member.name, member.field, member.owner.as_deref(), metric, number)
    }
}

pub(crate) fn repair(repair: &RepairFile, scenario: Option<&Scenario>) -> Repair {
    let (metric, number) =
        scenario.map_or((None, None), |s| stated(repair.kind, &repair.name, repair.field, s));
    let number = repair.from.or(number);
    let member = plain(repair.kind, &repair.name, repair.field, repair.owner.as_deref(), metric, number);
    Repair { member, from: repair.from, to: repair.to, unproven: repair.unproven }
}

fn plain(
    kind: MemberKind,
    name: &str,
    field: MemberField,
    owner: Option<&str>,
    metric: Option<Metric>,
    number: Option<f64>,
) -> Member {
    let metric = Key::Limited(metric.unwrap_or(Metric::Spend));
    let figure = match kind {
        MemberKind::Limit => metric.kind(),
        MemberKind::Line | MemberKind::Deal | MemberKind::Budget | MemberKind::Rounding => Kind::Money,
    };
    Member {
        kind,
        name: name.to_owned(),
        field,
        owner: owner.unwrap_or_default().to_owned(),
        number,
        figure,
        metric,
        probability: None,
    }
}

/// What the scenario says about a member: the metric and the number.
fn stated(
    kind: MemberKind,
    name: &str,
    field: MemberField,
    scenario: &Scenario,
) -> (Option<Metric>, Option<f64>) {
    let side = |min: Option<f64>, max: Option<f64>| if field == MemberField::Min { min } else { max };
    match kind {
        MemberKind::Rounding => (Some(Metric::Spend), scenario.round),
        MemberKind::Budget => {
            let number = scenario.budget.as_ref().and_then(|b| b.exact.or(side(b.min, b.max)));
            (Some(Metric::Spend), number)
        }
        MemberKind::Limit => {
            let limit = scenario.limits.iter().find(|l| l.groups.iter().any(|g| g.name == name));
            limit.map_or((None, None), |l| (Some(l.spec.metric.clone()), side(l.spec.min, l.spec.max)))
        }
        MemberKind::Line => {
            let line = scenario.lines.iter().find(|l| l.name == name);
            (Some(Metric::Spend), line.and_then(|l| side(l.min, l.max)))
        }
        MemberKind::Deal => {
            let deal = scenario.lines.iter().find(|l| l.name == name).and_then(|l| l.deal.as_deref());
            (Some(Metric::Spend), deal.and_then(|d| d.flat.or(d.at_least).or(d.lots)))
        }
    }
}

/// A code as the result file writes it.
pub(crate) fn code<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}
