//! The limits of the problem, each with what stands behind it.

use std::sync::Arc;

use outlay_allocator::{Coefficients, Deal, Fact, Limit, Terms};

use super::rest;
use crate::files::result::{Member, MemberField, MemberKind};
use crate::files::spec::{Metric, Over};
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLimit, ScenarioLine};
use crate::plan::columns::{Chosen, Columns, Kind};
use crate::plan::layout::Layout;
use crate::plan::quantity::quantity;

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
    /// The rule to name when its `min` is meant; `None` for what is no rule but
    /// how stock follows from spend.
    pub min: Option<Member>,
    /// The rule to name when its `max` is meant.
    pub max: Option<Member>,
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

impl LimitSource {
    /// True for a limit on the change of nothing, which is a limit on spend.
    pub(crate) fn is_still(&self, limit: &Limit) -> bool {
        self.metric == Metric::Change && limit.denominator.is_none()
    }
}

/// True for a change of nothing: whatever percentage is allowed, 0 stays 0.
fn from_nothing(metric: &Metric, denominator: Option<&Terms>) -> bool {
    *metric == Metric::Change && denominator.is_some_and(|d| d.constant == 0.0)
}

/// The problem's limits and what stands behind them.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) limits: Vec<Limit>,
    pub(super) sources: Vec<LimitSource>,
}

impl Rows {
    pub(super) fn budget(&mut self, scenario: &Scenario, columns: &mut Columns) {
        let Some(budget) = &scenario.budget else { return };
        let spend = Terms { spend: Some(columns.get(Kind::Cost, Chosen::default())), ..Terms::default() };
        let spend = Terms { constant: budget.spent_outside(), ..spend };
        let member = |field| Member {
            kind: MemberKind::Budget,
            name: "budget".to_owned(),
            field: if budget.exact.is_some() { MemberField::Exact } else { field },
            owner: budget.owner.clone(),
        };
        self.limits.push(Limit::on(spend, budget.exact.or(budget.min), budget.exact.or(budget.max)));
        self.sources.push(LimitSource {
            name: "budget".to_owned(),
            key: "budget".to_owned(),
            owner: budget.owner.clone(),
            metric: Metric::Spend,
            min: Some(member(MemberField::Min)),
            max: Some(member(MemberField::Max)),
            firm: budget.firm,
            weight: budget.weight.unwrap_or(1.0),
            listed: true,
        });
    }

    pub(super) fn limit(
        &mut self,
        scenario: &Scenario,
        limit: &ScenarioLimit,
        group: &LimitGroup,
        columns: &mut Columns,
    ) {
        let (numerator, denominator) = quantity(scenario, limit, group, columns);
        let (numerator, denominator) = if limit.spec.over == Some(Over::Rest) {
            rest::of(scenario, &limit.spec.metric, numerator, denominator)
        } else {
            (numerator, denominator)
        };
        let spec = &limit.spec;
        let still = from_nothing(&spec.metric, denominator.as_ref());
        self.limits.push(if still {
            Limit::on(numerator, spec.min.map(|_| 0.0), spec.max.map(|_| 0.0))
        } else {
            Limit { numerator, denominator, min: spec.min, max: spec.max }
        });
        self.sources.push(LimitSource {
            name: group.name.clone(),
            key: format!("limits.{}", group.name),
            owner: spec.owner.clone(),
            metric: spec.metric.clone(),
            min: Some(limit_member(limit, group, MemberField::Min)),
            max: Some(limit_member(limit, group, MemberField::Max)),
            // No other percentage of nothing lets more through.
            firm: spec.firm || still,
            weight: spec.weight.unwrap_or(1.0),
            listed: true,
        });
    }

    /// `requires`: `[a on] - [b on] <= 0`; `excludes`: `[a on] + [b on] <= 1`.
    pub(super) fn between_lines(&mut self, lines: &[Arc<ScenarioLine>], layout: &Layout) {
        for (a, line) in lines.iter().enumerate() {
            let rules = [
                (&line.requires, MemberField::Requires, -1.0, 0.0),
                (&line.excludes, MemberField::Excludes, 1.0, 1.0),
            ];
            for (others, field, sign, most) in rules {
                for &b in others {
                    self.pair(lines, layout, (a, b), field, sign, most);
                }
            }
        }
    }

    fn pair(
        &mut self,
        lines: &[Arc<ScenarioLine>],
        layout: &Layout,
        (a, b): (usize, usize),
        field: MemberField,
        sign: f64,
        most: f64,
    ) {
        let (Some(line), Some(other)) = (lines.get(a), lines.get(b)) else { return };
        let terms = match layout.is_by_period() {
            true => {
                let used = |i: usize| layout.flights()[i].used.start;
                let mut few =
                    vec![(used(a), Coefficients::on_spend(1.0)), (used(b), Coefficients::on_spend(sign))];
                few.sort_by_key(|entry| entry.0);
                Terms::default().with_few(few)
            }
            false => {
                let mut active = vec![0.0; layout.names().len()];
                active[b] = sign;
                active[a] = 1.0;
                Terms::default().with_active(active)
            }
        };
        let owner = line.tags.get("owner").cloned();
        let member = Member { kind: MemberKind::Line, name: line.name.clone(), field, owner: owner.clone() };
        let word = if field == MemberField::Requires { "requires" } else { "excludes" };
        self.limits.push(Limit::on(terms, None, Some(most)));
        self.sources.push(LimitSource {
            name: format!("{} {word} {}", line.name, other.name),
            key: format!("lines.{}.{word}.{}", line.name, other.name),
            owner,
            metric: Metric::ActiveLines,
            min: Some(member.clone()),
            max: Some(member),
            firm: false,
            weight: 1.0,
            listed: false,
        });
    }
}

pub(super) fn limit_member(limit: &ScenarioLimit, group: &LimitGroup, field: MemberField) -> Member {
    Member { kind: MemberKind::Limit, name: group.name.clone(), field, owner: limit.spec.owner.clone() }
}

/// A spend in whole amounts.
pub(super) fn rounding(unit: f64) -> (Fact, Member) {
    let (kind, field) = (MemberKind::Rounding, MemberField::Deal);
    (Fact::Deal(Deal::Lots(unit)), Member { kind, name: "rounding".to_owned(), field, owner: None })
}
