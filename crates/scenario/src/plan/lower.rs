//! A scenario as the allocator's problem.

mod flights;
mod meeting;
mod rest;
mod rows;

use std::sync::Arc;

use outlay_allocator::certificate::judge;
use outlay_allocator::{Deal, Fact, Goal, Line, Problem, Solution, Terms};

use crate::files::result::{Member, MemberField, MemberKind};
use crate::files::spec::{GoalSpec, Maximize, Metric, Minimize};
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLimit, ScenarioLine};
use crate::plan::columns::{Chosen, Columns, Kind};
use crate::plan::layout::Layout;
use crate::plan::over_draws::{OverDraws, over_draws};
use crate::read::plan_file::HandPlan;

pub use rows::{LimitSource, Side};

use rows::{Rows, limit_member, rounding};

/// A scenario as the allocator sees it, with the names of everything in it.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The problem; its goal is the first of `goals`.
    pub problem: Problem,
    /// Goals in order.
    pub goals: Vec<OrderedGoal>,
    /// What stands behind `problem.limits[r]`.
    pub limits: Vec<LimitSource>,
    /// What stands behind `problem.lines[i].facts[k]`.
    pub facts: Vec<Vec<Member>>,
    /// Names of the scenario's lines.
    pub names: Vec<String>,
    /// Where they are among the problem's lines.
    pub layout: Layout,
    /// What looks at the draws one by one.
    pub over_draws: Option<Arc<OverDraws>>,
}

/// A goal and how much of the goals before it may be given up for it.
#[derive(Debug, Clone)]
pub struct OrderedGoal {
    /// The goal as written.
    pub spec: GoalSpec,
    /// The goal as the allocator sees it: what is minimised is negated.
    pub goal: Goal,
    /// Fraction of the earlier goals that may be given up; 0 when not written.
    pub within: f64,
}

impl Lowered {
    /// The rule to name when a side of limit `r` is meant.
    pub fn member(&self, r: usize, side: Side) -> Option<&Member> {
        self.limits.get(r).and_then(|limit| match side {
            Side::Min => limit.min.as_ref(),
            Side::Max => limit.max.as_ref(),
        })
    }

    /// A solution whose plan follows from its spends by period alone: what the
    /// solver found for beginnings of bursts is replaced by what they are.
    pub(crate) fn settled(&self, scenario: &Scenario, mut solution: Solution) -> Solution {
        let meets = !scenario.meeting.is_empty() && !self.layout.is_by_period();
        let Some(plan) = solution.plan.as_mut().filter(|_| self.layout.is_by_period() || meets) else {
            return solution;
        };
        if meets {
            self.problem.settle(&mut plan.spends);
            let judgement = judge(&self.problem, &plan.spends);
            plan.value = judgement.value;
            solution.certificate.violation = judgement.violation;
            solution.certificate.gap = judgement.gap(solution.certificate.bound);
            return solution;
        }
        let flights = scenario.lines.iter().zip(self.layout.by_period(&plan.spends));
        let each = flights.filter_map(|(line, own)| Some((line.flight.as_deref()?, own.to_vec())));
        let mut spends = self.layout.spread(each);
        self.problem.settle(&mut spends);
        let judgement = judge(&self.problem, &spends);
        (plan.value, plan.spends) = (judgement.value, spends);
        solution.certificate.violation = judgement.violation;
        solution.certificate.gap = judgement.gap(solution.certificate.bound);
        solution
    }

    /// Today's spends of the problem's lines, with the stocks that follow.
    pub(crate) fn today(&self, scenario: &Scenario) -> Vec<f64> {
        let current: Vec<f64> = scenario.lines.iter().map(|l| l.current).collect();
        self.evenly(scenario, &current)
    }

    /// Spends of the problem's lines, with the stocks that follow, from one
    /// spend for each line of the scenario.
    pub(crate) fn evenly(&self, scenario: &Scenario, spends: &[f64]) -> Vec<f64> {
        let mut spends = self.layout.evenly(&scenario.lines, spends);
        self.problem.settle(&mut spends);
        spends
    }

    /// Spends of the problem's lines, with the stocks that follow, of a plan made
    /// by hand.
    pub(crate) fn by_hand(&self, scenario: &Scenario, plan: &HandPlan) -> Vec<f64> {
        if plan.flights.is_empty() {
            return self.evenly(scenario, &plan.spends);
        }
        let mut spends = self.layout.flown(&scenario.lines, &plan.flights);
        self.problem.settle(&mut spends);
        spends
    }

    /// Key of the price of a side of limit `r`, like `budget.max`.
    pub fn price_key(&self, r: usize, side: Side) -> String {
        let key = self.limits.get(r).map_or("", |l| l.key.as_str());
        match side {
            Side::Min => format!("{key}.min"),
            Side::Max => format!("{key}.max"),
        }
    }
}

/// The allocator's view of a scenario: the budget first, where there is one,
/// then the limits in the file's order (a floor on `mroas` becomes a fact of
/// each of its lines), then what lines require and exclude.
pub fn lower(scenario: &Scenario) -> Lowered {
    let layout = Layout::new(scenario);
    let mut columns = Columns::new(&scenario.lines, &layout);
    let mut rows = Rows::default();
    rows.budget(scenario, &mut columns);
    let mut facts: Vec<Vec<(Fact, Member)>> =
        scenario.lines.iter().map(|l| line_facts(l, scenario.round)).collect();
    for (k, limit) in scenario.limits.iter().enumerate() {
        for group in &limit.groups {
            if limit.spec.metric == Metric::Mroas {
                marginal_facts(scenario, k, limit, group, &mut facts);
            } else {
                rows.limit(scenario, limit, group, &mut columns);
            }
        }
    }
    rows.between_lines(&scenario.lines, &layout);
    flights::rules(scenario, &layout, &mut rows);
    let goals: Vec<OrderedGoal> =
        scenario.goals.iter().map(|&spec| ordered(scenario, spec, &mut columns)).collect();
    let goal = goals.first().map_or_else(|| Goal::Maximize(Terms::default()), |g| g.goal.clone());
    let (mut lines, mut members) = if layout.is_by_period() {
        flights::lines(scenario, &layout)
    } else {
        let each = scenario.lines.iter().zip(facts).map(|(line, facts)| {
            // As long as they are: of a hundred thousand lines room for more adds up.
            let mut both = (Vec::with_capacity(facts.len()), Vec::with_capacity(facts.len()));
            both.extend(facts);
            let (facts, names) = both;
            (Line::new(line.curve.clone(), line.current, facts), names)
        });
        let (lines, members): (Vec<Line>, Vec<Vec<Member>>) = each.unzip();
        (lines, members)
    };
    let blocks = meeting::blocks(scenario, &layout, &mut rows, &mut lines);
    members.resize(lines.len() + blocks.len(), Vec::new());
    lines.extend(blocks);
    let problem = Problem { lines, goal, limits: rows.limits };
    let over_draws = over_draws(scenario, (&problem, &layout), &mut columns);
    Lowered {
        problem,
        goals,
        limits: rows.sources,
        facts: members,
        names: scenario.lines.iter().map(|l| l.name.clone()).collect(),
        layout,
        over_draws,
    }
}

/// The facts a line states itself, and what to call them; with `round`, every
/// spend that its deal does not fix is a multiple of it.
fn line_facts(line: &ScenarioLine, round: Option<f64>) -> Vec<(Fact, Member)> {
    let member =
        |kind, field| Member { kind, name: line.name.clone(), field, owner: line.tags.get("owner").cloned() };
    let named = |fact: &Fact| match fact {
        Fact::Min(_) | Fact::Past { .. } => member(MemberKind::Line, MemberField::Min),
        Fact::Max(_) => member(MemberKind::Line, MemberField::Max),
        Fact::Deal(_) | Fact::Marginal { .. } => member(MemberKind::Deal, MemberField::Deal),
    };
    let mut facts: Vec<(Fact, Member)> = line.facts.iter().map(|fact| (*fact, named(fact))).collect();
    let fixed = |fact: &Fact| matches!(fact, Fact::Deal(Deal::Flat(_) | Deal::Lots(_)));
    if let Some(unit) = round.filter(|_| !line.facts.iter().any(fixed)) {
        facts.push(rounding(unit));
    }
    facts
}

/// A floor `m` on marginal return: off, or `R'(x) >= m (1 + fee)`, revenue of
/// the last unit of spend with its fee.
fn marginal_facts(
    scenario: &Scenario,
    limit: usize,
    written: &ScenarioLimit,
    group: &LimitGroup,
    facts: &mut [Vec<(Fact, Member)>],
) {
    let Some(min) = written.spec.min.filter(|&m| m > 0.0) else { return };
    let member = limit_member(written, group, MemberField::Min);
    let mut add = |i: usize| {
        if let (Some(line), Some(facts)) = (scenario.lines.get(i), facts.get_mut(i)) {
            let least = min * (1.0 + line.fee) / line.revenue_per_outcome.unwrap_or(0.0);
            facts.push((Fact::Marginal { least, limit }, member.clone()));
        }
    };
    match &group.lines {
        Some(lines) => lines.iter().copied().for_each(&mut add),
        None => (0..scenario.lines.len()).for_each(&mut add),
    }
}

fn ordered(scenario: &Scenario, spec: GoalSpec, columns: &mut Columns) -> OrderedGoal {
    let all = Chosen::default();
    columns.with_past = true;
    let mut earned = |kind: Kind| Terms {
        constant: columns.carried_in(&kind, all),
        response: Some(columns.get(kind, all)),
        ..Terms::default()
    };
    let goal = match (spec.maximize, spec.minimize) {
        (Some(Maximize::Customers), _) => Goal::Maximize(earned(Kind::Customers)),
        (Some(Maximize::LifetimeValue), _) => Goal::Maximize(earned(Kind::LifetimeValue)),
        (Some(Maximize::LongTermRevenue), _) => Goal::Maximize(earned(Kind::LongTermRevenue)),
        (Some(Maximize::Profit), _) => {
            let terms = earned(Kind::Margin);
            Goal::Maximize(Terms { spend: Some(columns.get(Kind::NegativeCost, all)), ..terms })
        }
        (Some(Maximize::Spend), _) => {
            Goal::Maximize(Terms { spend: Some(columns.get(Kind::Cost, all)), ..Terms::default() })
        }
        (None, Some(Minimize::Spend)) => {
            Goal::Maximize(Terms { spend: Some(columns.get(Kind::NegativeCost, all)), ..Terms::default() })
        }
        (None, Some(Minimize::Moved)) => {
            Goal::Maximize(Terms { moved: Some(columns.get(Kind::MinusOne, all)), ..Terms::default() })
        }
        (None, Some(Minimize::Cac)) => {
            let base = scenario.baseline;
            let customers = earned(Kind::Customers);
            Goal::MinimizeRatio {
                numerator: Terms {
                    spend: Some(columns.get(Kind::Cost, all)),
                    constant: base.other_cost.unwrap_or(0.0),
                    ..Terms::default()
                },
                denominator: Terms {
                    constant: customers.constant + base.customers.unwrap_or(0.0),
                    ..customers
                },
            }
        }
        (Some(Maximize::Revenue), _) | (None, None) => Goal::Maximize(earned(Kind::Revenue)),
    };
    let goal = charged(goal, spec.move_cost, columns);
    OrderedGoal { spec, goal, within: spec.within.unwrap_or(0.0) }
}

/// The goal less what moves away from today's spend cost.
fn charged(goal: Goal, cost: Option<f64>, columns: &mut Columns) -> Goal {
    match (goal, cost.filter(|&c| c > 0.0)) {
        (Goal::Maximize(terms), Some(cost)) => {
            let each = columns.get(Kind::One, Chosen::default());
            let own = |i: usize| terms.moved.as_ref().and_then(|m| m.get(i)).copied().unwrap_or(0.0);
            let moved: Vec<f64> = each.iter().enumerate().map(|(i, one)| own(i) - cost * one).collect();
            Goal::Maximize(terms.with_moved(moved))
        }
        (goal, _) => goal,
    }
}
