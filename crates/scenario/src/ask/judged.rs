//! A plan someone made, judged by the rules of a scenario.

use outlay_allocator::{
    Certificate, Domain, Goal, Limit, Line, Options, Problem, ProblemError, Status as Found, Terms, solve,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::check::PlanLine;
use crate::ask::on_draws::OnDraws;
use crate::files::result::{
    Broken, FORMAT, FlightResult, InputFile, Lead, LimitResult, LineResult, LineUncertainty, Member,
    SearchFile, Source, Status, Totals, Uncertainty,
};
use crate::files::spec::GoalSpec;
use crate::files::warning::Warning;
use crate::model::scenario::Scenario;
use crate::plan::conflict::conflict_of;
use crate::plan::contradicted::contradicted;
use crate::plan::earned::finite;
use crate::plan::figures;
use crate::plan::lower::Lowered;
use crate::plan::outcome::{self, Sense};
use crate::plan::proofs::{asked, asked_of};
use crate::plan::uncertain;
use crate::plan::worst::asked_of_limits;
use crate::read::plan_file::HandPlan;

/// The answer of `outlay check --plan`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedFile {
    /// Format version.
    pub outlay: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Where the scenario came from.
    pub source: Source,
    /// The plan's file.
    pub plan: InputFile,
    /// Currency of all money, if the scenario names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What in the scenario is probably not meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What the scenario asks for.
    pub goal: GoalSpec,
    /// True if the plan keeps every rule.
    pub legal: bool,
    /// The rules it breaks.
    pub broken: Vec<Broken>,
    /// The goal at the plan.
    pub value: Option<f64>,
    /// Every metric over all lines at the plan.
    pub totals: Totals,
    /// The plan, line by line.
    pub lines: Vec<JudgedLine>,
    /// How sure its figures are, where curves come with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Uncertainty>,
    /// The budget and the limits, judged at the plan; prices are not known.
    pub limits: Vec<LimitResult>,
    /// The best plan that keeps every rule; null where none is found.
    pub best: Option<Better>,
    /// What the plan leaves on the table against it; null where none is found.
    pub left_on_table: Option<LeftOnTable>,
    /// The best plan that keeps every rule and spends no more than the plan, where
    /// the best one spends more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_at_same_spend: Option<Better>,
    /// What the plan leaves on the table against that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at_same_spend: Option<LeftOnTable>,
    /// For a plan that breaks rules: the legal plan that moves the least money.
    pub nearest: Option<Nearest>,
    /// The best legal plan within `--max-change` of every line.
    pub within: Option<Within>,
    /// Where no plan keeps every rule: an irreducible conflict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflict: Vec<Member>,
    /// What the searches behind the figures found and proved, in the order in
    /// which they were made; in saved files only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<SearchFile>,
}

/// A line of a plan, with what it earns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedLine {
    /// The line.
    pub name: String,
    /// Its spend, without fees.
    pub spend: f64,
    /// Incremental revenue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<f64>,
    /// New customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<f64>,
    /// Spend with fees per new customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cac: Option<f64>,
    /// Spend with fees per new customer on the last unit of spend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marginal_cac: Option<f64>,
    /// Revenue per unit of spend with fees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iroas: Option<f64>,
    /// Revenue per unit of spend with fees on the last unit of spend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mroas: Option<f64>,
    /// How sure these are, where the line's curve comes with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<LineUncertainty>,
    /// Spend and returns by period, where it is planned so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight: Option<FlightResult>,
}

/// A plan and what is proven of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Better {
    /// How the search ended.
    pub status: Status,
    /// The goal.
    pub value: Option<f64>,
    /// No plan does better.
    pub bound: Option<f64>,
    /// Every metric over all lines.
    pub totals: Totals,
    /// Spends by line.
    pub lines: Vec<PlanLine>,
}

/// How much better a legal plan could be, in units of the goal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOnTable {
    /// By this much the best plan found is better; negative where the plan does
    /// better by breaking rules.
    pub found: f64,
    /// Proven: no plan is better by more.
    pub most: Option<f64>,
    /// The same under every draw of the curves, where they come with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Lead>,
}

/// The legal plan nearest to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Nearest {
    /// Sum of `|spend - plan|`.
    pub moved: f64,
    /// Proven: no legal plan moves less.
    pub least: Option<f64>,
    /// The plan.
    #[serde(flatten)]
    pub plan: Better,
}

/// The best plan that changes no line by more than a fraction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Within {
    /// The fraction.
    pub max_change: f64,
    /// How the search ended; `infeasible` where no legal plan is that near.
    pub status: Status,
    /// The plan; null without one.
    pub plan: Option<Better>,
}

/// Judges a plan: what it keeps and breaks, what it earns, what it leaves on the
/// table, and what is near it.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn judge_plan(
    scenario: &Scenario,
    lowered: &Lowered,
    plan: &HandPlan,
    max_change: Option<f64>,
    options: &Options,
) -> Result<JudgedFile, ProblemError> {
    let over = OnDraws::of(lowered, options)?;
    let sense = Sense::new(scenario.goals.first(), &lowered.problem);
    let judging = Judging { scenario, lowered, options, sense, over: over.as_ref() };
    let problem = &lowered.problem;
    let by_period = lowered.layout.is_by_period();
    let spends = &lowered.by_hand(scenario, plan);
    // A plan in whole cents keeps a rule that its cents alone break.
    let cents = rounding(plan);
    let mut broken = outcome::broken(lowered, spends);
    broken = broken.into_iter().chain(over.iter().flat_map(|o| o.broken(lowered, spends))).collect();
    broken.retain(|b| b.excess.is_none_or(|excess| excess > cents));
    let legal = broken.is_empty();
    let value = judging.worth(spends);
    let (best, status) = judging.best(problem)?;
    let infeasible = status == Status::Infeasible;
    let same = match &best {
        Some((_, best)) => judging.at_same_spend(spends, best)?,
        None => None,
    };
    let left = |best: Option<&Planned>| {
        let (better, other) = best?;
        judging.left(value?, better, (other, spends))
    };
    let mut limits = outcome::judged_limits(scenario, lowered, spends);
    let sure = uncertain::judged(scenario, lowered, spends, &mut limits);
    let (mut uncertainty, each) = sure.map_or((None, Vec::new()), |sure| (Some(sure.totals), sure.lines));
    if let (Some(over), Some(sure)) = (&over, &mut uncertainty) {
        sure.goal = over.goal(spends, &lowered.today(scenario));
        asked_of_limits(scenario, &mut limits);
    }
    Ok(JudgedFile {
        outlay: FORMAT,
        scenario: scenario.name.clone(),
        source: asked_of(scenario.source.clone(), asked(options, None)),
        plan: InputFile { path: plan.path.to_string_lossy().into_owned(), sha256: plan.sha256.clone() },
        currency: scenario.currency.clone(),
        warnings: scenario.warnings.clone(),
        goal: scenario.goals.first().copied().unwrap_or_default(),
        legal,
        broken,
        value,
        totals: figures::totals(scenario, &lowered.layout, spends),
        lines: judging.judged(spends, each),
        uncertainty,
        limits,
        left_on_table: left(best.as_ref()),
        left_at_same_spend: left(same.as_ref()),
        best_at_same_spend: same.map(|s| s.0),
        nearest: if legal || infeasible || by_period || over.as_ref().is_some_and(OnDraws::limits) {
            None
        } else {
            judging.nearest(spends)?
        },
        within: max_change.map(|p| judging.within(spends, p)).transpose()?,
        conflict: if infeasible { judging.conflict()? } else { Vec::new() },
        best: best.map(|b| b.0),
        proofs: Vec::new(),
    })
}

/// How far, relative, rounding every spend to the cent may move a figure; 0 for
/// spends in more than cents.
fn rounding(plan: &HandPlan) -> f64 {
    const CENT: f64 = 0.01;
    // A ratio moves by what its terms move, in opposite directions at worst.
    const TERMS: f64 = 4.0;
    let whole: f64 = plan.spends.iter().sum();
    let in_cents = |x: &f64| (x / CENT - (x / CENT).round()).abs() <= 1e-6 * (x / CENT).max(1.0);
    let flown = plan.flights.iter().flatten();
    let amounts = if flown.clone().all(in_cents) { flown.count() } else { 0 }.max(plan.spends.len());
    if whole <= 0.0 || !plan.spends.iter().all(in_cents) {
        return 0.0;
    }
    TERMS * 0.5 * CENT * amounts as f64 / whole
}

/// Share of its spend by which another plan may spend more and still be told as
/// spending the same.
const SAME: f64 = 1e-6;

/// Nodes of the search for the nearest legal plan; what they leave unproven, the
/// answer says.
const NEAREST: usize = 500;

/// A plan as it is told, and its spends in the problem.
type Planned = (Better, Vec<f64>);

struct Judging<'a> {
    scenario: &'a Scenario,
    lowered: &'a Lowered,
    options: &'a Options<'a>,
    sense: Sense,
    over: Option<&'a OnDraws<'a>>,
}

impl Judging<'_> {
    fn lines(&self, spends: &[f64]) -> Vec<PlanLine> {
        let spends = self.lowered.layout.totals(spends);
        let named = self.lowered.names.iter().zip(&spends);
        named.map(|(name, &spend)| PlanLine { name: name.clone(), spend }).collect()
    }

    /// Lines with what they earn, and how sure that is.
    fn judged(&self, spends: &[f64], sure: Vec<Option<LineUncertainty>>) -> Vec<JudgedLine> {
        let lines = outcome::judged_lines(self.scenario, self.lowered, spends).into_iter();
        let sure = sure.into_iter().chain(std::iter::repeat(None));
        let judged = |(line, uncertainty): (LineResult, _)| JudgedLine {
            name: line.name,
            spend: line.spend,
            revenue: line.revenue,
            customers: line.customers,
            cac: line.cac,
            marginal_cac: line.marginal_cac,
            iroas: line.iroas,
            mroas: line.mroas,
            uncertainty,
            flight: line.flight.map(|flight| *flight),
        };
        lines.zip(sure).map(judged).collect()
    }

    /// The best plan for the plan's own money, where the best of all takes more.
    fn at_same_spend(&self, spends: &[f64], best: &[f64]) -> Result<Option<Planned>, ProblemError> {
        let money: Vec<f64> =
            self.lowered.layout.money().iter().map(|money| f64::from(u8::from(*money))).collect();
        let sum = |x: &[f64]| x.iter().zip(&money).map(|(x, m)| x * m).sum::<f64>();
        let whole = sum(spends);
        if sum(best) <= whole * (1.0 + SAME) {
            return Ok(None);
        }
        let mut problem = self.lowered.problem.clone();
        problem.limits.push(Limit::on(Terms::default().with_spend(money.clone()), None, Some(whole)));
        Ok(self.best(&problem)?.0)
    }

    /// The goal as written.
    fn worth(&self, spends: &[f64]) -> Option<f64> {
        let value = match self.over {
            Some(over) => over.worth(spends),
            None => outlay_allocator::certificate::judge(&self.lowered.problem, spends).value,
        };
        finite(self.sense.sign * value)
    }

    fn better(&self, spends: &[f64], status: Found, certificate: Option<&Certificate>) -> Better {
        Better {
            status: outcome::status_of(status),
            value: self.worth(spends),
            bound: certificate.and_then(|c| finite(self.sense.sign * c.bound)),
            totals: figures::totals(self.scenario, &self.lowered.layout, spends),
            lines: self.lines(spends),
        }
    }

    /// The best plan of a problem, with its spends.
    fn best(&self, problem: &Problem) -> Result<(Option<Planned>, Status), ProblemError> {
        let solution = match self.over {
            Some(over) => over.best(problem, self.options)?,
            None => solve(problem, self.options)?,
        };
        let better = |spends: &[f64]| self.better(spends, solution.status, Some(&solution.certificate));
        let found = solution.plan.as_ref().map(|p| (better(&p.spends), p.spends.clone()));
        Ok((found, outcome::status_of(solution.status)))
    }

    fn conflict(&self) -> Result<Vec<Member>, ProblemError> {
        let found = conflict_of(self.scenario, self.lowered, self.options)?;
        match &self.lowered.over_draws {
            Some(over) if found.is_empty() => contradicted(self.scenario, self.lowered, over, self.options),
            _ => Ok(found),
        }
    }

    fn left(&self, value: f64, best: &Better, plans: (&[f64], &[f64])) -> Option<LeftOnTable> {
        let minimized = self.scenario.goals.first().is_some_and(GoalSpec::is_minimized);
        let sign = if minimized { -1.0 } else { 1.0 };
        let found = sign * (best.value? - value);
        let uncertainty = uncertain::lead(self.scenario, self.lowered, plans);
        Some(LeftOnTable { found, most: best.bound.map(|b| sign * (b - value)), uncertainty })
    }

    /// The plan as today's spend, and as little moved from it as possible.
    fn nearest(&self, spends: &[f64]) -> Result<Option<Nearest>, ProblemError> {
        let problem = &self.lowered.problem;
        let money = self.lowered.layout.money();
        let away: Vec<f64> = money.iter().map(|money| -f64::from(u8::from(*money))).collect();
        let from = |(line, &x): (&Line, &f64)| Line::new(line.curve.clone(), x, line.facts.clone());
        let near = Problem {
            lines: problem.lines.iter().zip(spends).map(from).collect(),
            goal: Goal::Maximize(Terms::default().with_moved(away)),
            limits: problem.limits.clone(),
        };
        let options = Options { nodes: self.options.nodes.min(NEAREST), ..*self.options };
        let solution = solve(&near, &options)?;
        let Some(plan) = &solution.plan else { return Ok(None) };
        let moved = |(money, (a, b)): (&bool, (&f64, &f64))| money.then(|| (a - b).abs());
        Ok(Some(Nearest {
            moved: money.iter().zip(plan.spends.iter().zip(spends)).filter_map(moved).sum(),
            least: finite(-solution.certificate.bound).map(|b| b.max(0.0)),
            plan: self.better(&plan.spends, solution.status, None),
        }))
    }

    fn within(&self, spends: &[f64], max_change: f64) -> Result<Within, ProblemError> {
        let mut problem = self.lowered.problem.clone();
        let range = |x: f64| ((x * (1.0 - max_change)).max(0.0), x * (1.0 + max_change));
        for i in 0..self.lowered.names.len() {
            let own = self.lowered.layout.spends_of(i);
            let (low, high) = range(spends[own.clone()].iter().sum());
            if own.len() == 1 {
                let line = &mut problem.lines[own.start];
                *line = line.within(&Domain::interval(low, high));
            } else {
                let mut sum = vec![0.0; spends.len()];
                sum[own].fill(1.0);
                problem.limits.push(Limit::on(Terms::default().with_spend(sum), Some(low), Some(high)));
            }
        }
        let (plan, status) = self.best(&problem)?;
        Ok(Within { max_change, status, plan: plan.map(|p| p.0) })
    }
}
