//! What every report shows, as plain figures and names, in reading order.
//!
//! Nothing here is rounded or phrased: [`crate::number`] writes figures and
//! [`crate::sentence`] makes sentences, for all formats alike.

mod build;
mod flights;

pub use flights::{FlightPeriod, FlightRow, Flights};

pub(crate) use build::{aim_of, code, goal_metric, member as member_of, repair as repair_of};

pub use outlay_scenario::result::{At, MemberField, MemberKind};

use crate::metric::Key;
use crate::number::Kind;

/// One solved (or unsolvable) scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The scenario's name.
    pub name: String,
    /// The file it came from.
    pub source: String,
    /// What a `vary` set, as `path = value`.
    pub set: Vec<String>,
    /// Currency of all money, such as `USD`.
    pub currency: String,
    /// The time all figures cover, such as `13 weeks`; empty if not stated.
    pub period: String,
    /// What was reported for today's spend, line by line, beside the curves.
    pub reported: Vec<(String, outlay_scenario::result::Reported)>,
    /// What the plan is best at.
    pub goal: Aim,
    /// What in the scenario is probably not meant.
    pub warnings: Vec<outlay_scenario::Warning>,
    /// How the run ended.
    pub ending: Ending,
    /// Today against the plan, most important first; the goal's metric leads.
    pub figures: Vec<Figure>,
    /// Lines in the scenario's order.
    pub lines: Vec<LineRow>,
    /// The plan period by period, where it is planned so.
    pub flights: Option<Flights>,
    /// Lines summed by stage, method and channel, where at least two differ.
    pub groups: Vec<Group>,
    /// Limits in the scenario's order, one row per limited selection.
    pub limits: Vec<LimitRow>,
    /// What cannot hold together; empty unless infeasible.
    pub conflict: Vec<Member>,
    /// Single changes each of which makes the scenario feasible.
    pub repairs: Vec<Repair>,
    /// Changes that together repair everything at the least cost.
    pub cheapest_repair: Vec<Repair>,
    /// Goals after the first, each with what it reached.
    pub later_goals: Vec<LaterGoal>,
    /// How sure the figures are, where curves come with draws.
    pub uncertainty: Option<outlay_scenario::result::Uncertainty>,
    /// What lines that meet return together.
    pub meeting: Option<outlay_scenario::result::MeetingResult>,
    /// What round amounts cost, where they were asked for.
    pub rounding: Option<outlay_scenario::result::Rounding>,
}

/// What is maximised or minimised.
#[derive(Debug, Clone, PartialEq)]
pub struct Aim {
    /// True for maximise.
    pub maximize: bool,
    /// What it is of.
    pub metric: Key,
    /// What the plan reaches.
    pub value: Option<f64>,
    /// The same for today's spend.
    pub today: Option<f64>,
    /// True if the value is less what moving money costs.
    pub moves_cost: bool,
    /// How the draws become one number.
    pub over: Over,
}

/// What of the draws a goal looks at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Over {
    /// The expected curves.
    #[default]
    Mean,
    /// The mean of this share of the draws, the worst, with a weight; the mean
    /// of all has the rest.
    Worst {
        /// Share of the draws.
        share: f64,
        /// Weight.
        weight: f64,
    },
    /// The expected amount below a figure.
    Shortfall(f64),
    /// The expected loss against each draw's best plan, or its mean over the
    /// share of the draws in which it is largest.
    Regret(Option<f64>),
}

/// A goal reached within what the goals before it allow.
#[derive(Debug, Clone, PartialEq)]
pub struct LaterGoal {
    /// What is maximised or minimised, and what the plan reaches.
    pub aim: Aim,
    /// Fraction of the first goal's best that it may give up.
    pub within: f64,
    /// Fraction of the first goal's best that the plan gives up.
    pub given_up: f64,
    /// What is proven about it.
    pub proof: Proof,
}

/// How a run ended and what is proven.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// A plan, with the gap asked for proven.
    Optimal(Proof),
    /// A plan with a larger proven gap.
    WithinGap(Proof),
    /// No plan exists; proven over this many parts of the domain.
    Infeasible {
        /// Parts that together hold every plan.
        parts: usize,
    },
    /// Neither a plan nor a proof was found in the nodes allowed.
    Undetermined {
        /// Subproblems solved.
        nodes: usize,
    },
}

/// The figures of a certificate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proof {
    /// No plan within the limits does better than this.
    pub bound: f64,
    /// `|bound - value| / max(|value|, G/1000)`.
    pub gap: f64,
    /// Largest relative excess over a limit.
    pub violation: f64,
    /// Subproblems solved.
    pub nodes: usize,
    /// Parts of the domain in the proof.
    pub parts: usize,
}

/// A metric today and in the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it is of.
    pub metric: Key,
    /// How it is written.
    pub kind: Kind,
    /// Today's.
    pub today: Option<f64>,
    /// The plan's.
    pub plan: Option<f64>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineRow {
    /// Its name.
    pub name: String,
    /// Tags shown in files: channel, stage, method; empty if not given.
    pub channel: String,
    /// Funnel stage.
    pub stage: String,
    /// Buying method.
    pub method: String,
    /// Who carries the line out.
    pub owner: String,
    /// Today's spend.
    pub current: f64,
    /// The plan's spend.
    pub spend: f64,
    /// Fee on top of spend, a fraction.
    pub fee: f64,
    /// Share of all spend in the plan, fees included as limits on shares have
    /// it; 0 when nothing is spent.
    pub share: f64,
    /// `spend / current - 1`.
    pub change: Option<f64>,
    /// Least spend allowed.
    pub min: f64,
    /// Largest spend allowed, if bounded.
    pub max: Option<f64>,
    /// Incremental revenue.
    pub revenue: Option<f64>,
    /// Incremental revenue at today's spend.
    pub revenue_today: Option<f64>,
    /// New customers.
    pub customers: Option<f64>,
    /// New customers at today's spend.
    pub customers_today: Option<f64>,
    /// Cost of a new customer.
    pub cac: Option<f64>,
    /// Cost of the next new customer.
    pub marginal_cac: Option<f64>,
    /// Revenue over spend.
    pub iroas: Option<f64>,
    /// Revenue of the next unit of spend.
    pub mroas: Option<f64>,
    /// What holds the spend where it is.
    pub at: At,
    /// The spend lies outside what the curve was observed on.
    pub extrapolated: bool,
    /// The line beside the lines it meets.
    pub meeting: Option<outlay_scenario::result::LineMeeting>,
    /// How sure its figures are, where its curve comes with draws.
    pub sure: Option<outlay_scenario::result::LineUncertainty>,
    /// Source of a curve that is a judgement rather than a fit.
    pub judgement: Option<String>,
}

/// Lines that share a tag's value.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The tag: `stage`, `method`, `channel`.
    pub by: &'static str,
    /// One row per value, in the order of first appearance.
    pub rows: Vec<GroupRow>,
}

/// Totals of the lines of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    /// The tag's value; empty for lines without the tag.
    pub name: String,
    /// Today's spend.
    pub current: f64,
    /// The plan's spend.
    pub spend: f64,
    /// Share of today's spend, fees included.
    pub share_today: f64,
    /// Share of the plan's spend, fees included.
    pub share: f64,
    /// Incremental revenue, where every line has one.
    pub revenue: Option<f64>,
    /// New customers, where every line has them.
    pub customers: Option<f64>,
}

/// A limit and how the plan keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitRow {
    /// Its name.
    pub name: String,
    /// Who set it; empty if not stated.
    pub owner: String,
    /// What it is of.
    pub metric: Key,
    /// How its numbers are written.
    pub kind: Kind,
    /// The plan's value.
    pub value: Option<f64>,
    /// Today's value.
    pub today: Option<f64>,
    /// At least.
    pub min: Option<f64>,
    /// At most.
    pub max: Option<f64>,
    /// Which side holds the plan back, if one does.
    pub binding: Option<Side>,
    /// Distance to the nearest side.
    pub slack: Option<f64>,
    /// Change of the goal per unit change of the number.
    pub price: Option<f64>,
    /// The price holds within the winning part of the domain only.
    pub local: bool,
    /// How sure the plan's value is, where it rests on curves with draws.
    pub sure: Option<outlay_scenario::result::LimitUncertainty>,
    /// Today's spend breaks it.
    pub broken_today: bool,
}

/// A side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At least.
    Min,
    /// At most.
    Max,
}

/// A member of a conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// What kind of rule it is.
    pub kind: MemberKind,
    /// Name of the limit or the line; empty for the budget.
    pub name: String,
    /// Which field of the rule holds its number.
    pub field: MemberField,
    /// Who set it; empty if not stated.
    pub owner: String,
    /// The number as written, where there is one.
    pub number: Option<f64>,
    /// How the number is written.
    pub figure: Kind,
    /// Metric of the limit; spend for lines and budgets.
    pub metric: Key,
    /// The probability that the limit asks for.
    pub probability: Option<f64>,
}

/// A change of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// What changes.
    pub member: Member,
    /// Its number now.
    pub from: Option<f64>,
    /// What it takes.
    pub to: Option<f64>,
    /// True where less may suffice.
    pub unproven: bool,
}

impl Figure {
    /// The plan's less today's; a difference within a millionth is none.
    pub fn change(&self) -> Option<f64> {
        let (plan, today) = self.plan.zip(self.today)?;
        let change = plan - today;
        Some(if change.abs() <= 1e-6 * plan.abs().max(today.abs()) { 0.0 } else { change })
    }
}

impl LineRow {
    /// Today's spend with fees.
    pub fn cost_today(&self) -> f64 {
        self.current * (1.0 + self.fee)
    }

    /// The plan's spend with fees.
    pub fn cost(&self) -> f64 {
        self.spend * (1.0 + self.fee)
    }
}

impl View {
    /// True if there is a plan to show.
    pub fn has_plan(&self) -> bool {
        matches!(self.ending, Ending::Optimal(_) | Ending::WithinGap(_))
    }

    /// The proof of the plan.
    pub fn proof(&self) -> Option<&Proof> {
        match &self.ending {
            Ending::Optimal(proof) | Ending::WithinGap(proof) => Some(proof),
            Ending::Infeasible { .. } | Ending::Undetermined { .. } => None,
        }
    }

    /// The status as the result file writes it.
    pub fn status(&self) -> &'static str {
        match self.ending {
            Ending::Optimal(_) => "optimal",
            Ending::WithinGap(_) => "within_gap",
            Ending::Infeasible { .. } => "infeasible",
            Ending::Undetermined { .. } => "undetermined",
        }
    }

    /// The figure of a metric.
    pub fn figure(&self, of: impl Into<Key>) -> Option<&Figure> {
        let key = of.into();
        self.figures.iter().find(|f| f.metric == key)
    }

    /// Spend with fees, today and in the plan, where fees are charged at all.
    pub fn with_fees(&self) -> Option<(f64, f64)> {
        let charged = self.lines.iter().any(|l| l.fee != 0.0 && l.spend.max(l.current) > 0.0);
        let sum = |of: fn(&LineRow) -> f64| self.lines.iter().map(of).sum::<f64>();
        charged.then(|| (sum(LineRow::cost_today), sum(LineRow::cost)))
    }

    /// True if some price holds near this plan only.
    pub fn has_local_price(&self) -> bool {
        let local = |l: &LimitRow| l.local && l.price.is_some_and(|p| self.matters(l, p));
        self.limits.iter().any(local)
    }

    /// A price that changes the goal by less than a millionth when the whole
    /// limit goes is round-off of the solver.
    pub fn matters(&self, limit: &LimitRow, price: f64) -> bool {
        let goal = self.goal.value.unwrap_or(0.0).abs();
        let sides = [limit.value, limit.min, limit.max];
        let size = sides.into_iter().flatten().map(f64::abs).fold(0.0, f64::max);
        price != 0.0 && (price * size).abs() > 1e-6 * goal
    }

    /// Lines whose spend differs from today's, largest change first.
    pub fn moves(&self) -> Vec<&LineRow> {
        let total: f64 = self.lines.iter().map(|l| l.spend.max(l.current)).sum();
        let moved = |l: &&LineRow| (l.spend - l.current).abs() > 5e-4 * total;
        let mut moves: Vec<&LineRow> = self.lines.iter().filter(moved).collect();
        let size = |l: &LineRow| (l.spend - l.current).abs();
        moves.sort_by(|a, b| size(b).total_cmp(&size(a)));
        moves
    }
}
