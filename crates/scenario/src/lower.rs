use outlay_allocator::{Goal, Problem, Solution};

use crate::result::{Member, ResultFile};
use crate::scenario::Scenario;
use crate::spec::{GoalSpec, Metric};

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
}

/// A goal and how much of the goals before it may be given up for it.
#[derive(Debug, Clone)]
pub struct OrderedGoal {
    /// The goal as written.
    pub spec: GoalSpec,
    /// The goal.
    pub goal: Goal,
    /// Fraction of the earlier goals that may be given up; 0 when not written.
    pub within: f64,
}

/// What stands behind one of the problem's limits.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitSource {
    /// Unique name: the limit's, with its group where it has `by`.
    pub name: String,
    /// Prefix of the keys of its prices, for example `limits.CAC`.
    pub key: String,
    /// Its owner.
    pub owner: Option<String>,
    /// What is limited.
    pub metric: Metric,
    /// The rule to name when its `min` is meant.
    pub min: Member,
    /// The rule to name when its `max` is meant.
    pub max: Member,
    /// No repair may change it.
    pub firm: bool,
    /// What a relative change of it costs.
    pub weight: f64,
    /// False for rows that the file states otherwise than as a limit
    /// (`requires`, `excludes`).
    pub listed: bool,
}

/// A side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Its least value.
    Min,
    /// Its largest value.
    Max,
}

impl Lowered {
    /// The rule to name when a side of limit `r` is meant.
    pub fn member(&self, r: usize, side: Side) -> Option<&Member> {
        self.limits.get(r).map(|limit| match side {
            Side::Min => &limit.min,
            Side::Max => &limit.max,
        })
    }
}

/// The allocator's view of a scenario.
pub fn lower(_scenario: &Scenario) -> Lowered {
    Lowered {
        problem: Problem {
            lines: Vec::new(),
            goal: Goal::Maximize(outlay_allocator::Terms::default()),
            limits: Vec::new(),
        },
        goals: Vec::new(),
        limits: Vec::new(),
        facts: Vec::new(),
    }
}

/// The result file of a solution. Conflict and repairs are the caller's to add.
pub fn result(scenario: &Scenario, _lowered: &Lowered, _solution: &Solution) -> ResultFile {
    ResultFile {
        outlay: crate::result::FORMAT,
        scenario: scenario.name.clone(),
        source: scenario.source.clone(),
        status: crate::Status::Undetermined,
        currency: scenario.currency.clone(),
        goal: scenario.goals.first().copied().unwrap_or_default(),
        value: None,
        totals: None,
        reference: None,
        lines: None,
        limits: None,
        certificate: None,
        goals: Vec::new(),
        conflict: Vec::new(),
        repairs: Vec::new(),
        cheapest_repair: Vec::new(),
    }
}
