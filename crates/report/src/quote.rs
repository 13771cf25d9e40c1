//! A plan as JSON for those who quote it: every figure beside the text it is
//! printed as, and the sentences of the report. Nothing is left to be computed.

use serde::Serialize;

use crate::number::{Column, Kind, short, signed};
use crate::view::{Figure, LimitRow, LineRow, Proof, Repair, View};
use crate::{sentence, table};

/// Most lines and limits that are quoted; the rest is counted.
const MOST: usize = 200;

/// A figure and what is printed for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Printed {
    /// Unrounded; null where there is none.
    pub value: Option<f64>,
    /// As every report prints it.
    pub text: String,
}

impl Printed {
    fn of(kind: Kind, value: Option<f64>) -> Self {
        Printed { value: value.filter(|v| v.is_finite()), text: short(kind, value) }
    }

    fn moved(kind: Kind, value: Option<f64>) -> Self {
        Printed { value: value.filter(|v| v.is_finite()), text: signed(kind, value) }
    }
}

/// One result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quote {
    /// The scenario's name.
    pub scenario: String,
    /// `optimal`, `within_gap`, `infeasible` or `undetermined`.
    pub status: &'static str,
    /// The result in one sentence.
    pub headline: String,
    /// What is proven, in words.
    pub proof: String,
    /// What else a reader has to know: how sure the figures are, what in the
    /// scenario is probably not meant, which curves are judgements.
    pub remarks: Vec<String>,
    /// Currency of all money; empty if not stated.
    pub currency: String,
    /// The time all figures cover; empty if not stated.
    pub period: String,
    /// The goal's metric.
    pub goal: String,
    /// True for the most, false for the least.
    pub maximize: bool,
    /// The goal at the plan.
    pub value: Option<f64>,
    /// Proven relative gap; null without a plan.
    pub gap: Option<f64>,
    /// What the certificate proves; null without a plan.
    pub certificate: Option<Certified>,
    /// Today against the plan, the goal's metric first.
    pub totals: Vec<Total>,
    /// Lines in the scenario's order.
    pub lines: Vec<Line>,
    /// Lines beyond those listed.
    pub lines_left_out: usize,
    /// The budget and the limits.
    pub limits: Vec<Limit>,
    /// Limits beyond those listed.
    pub limits_left_out: usize,
    /// What cannot hold together, in words; empty unless infeasible.
    pub conflict: Vec<String>,
    /// Changes each of which alone makes the scenario feasible.
    pub repairs: Vec<Change>,
    /// Changes that together repair everything at the least cost.
    pub cheapest_repair: Vec<Change>,
}

/// The figures of a certificate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Certified {
    /// No plan within the limits does better than this.
    pub bound: f64,
    /// Relative distance of the plan from the bound.
    pub gap: f64,
    /// Largest relative excess over a limit.
    pub violation: f64,
    /// Subproblems solved.
    pub nodes: usize,
    /// Parts of the domain in the proof.
    pub parts: usize,
}

/// A metric today and in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Total {
    /// The metric.
    pub metric: String,
    /// What it is called.
    pub label: String,
    /// Today's.
    pub today: Printed,
    /// The plan's.
    pub plan: Printed,
    /// The plan's less today's.
    pub change: Printed,
}

/// A line of the plan. Spends are printed so that they add up to their total.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Today's spend.
    pub today: Printed,
    /// The plan's.
    pub plan: Printed,
    /// Relative change.
    pub change: Printed,
    /// Share of all spend.
    pub share: Printed,
    /// Incremental revenue.
    pub revenue: Printed,
    /// New customers.
    pub customers: Printed,
    /// Cost of a new customer.
    pub cac: Printed,
    /// Cost of the next new customer.
    pub marginal_cac: Printed,
    /// Revenue over spend.
    pub iroas: Printed,
    /// Revenue of the next unit of spend.
    pub mroas: Printed,
    /// What holds the spend where it is.
    pub held: &'static str,
    /// The spend lies outside what the curve was observed on.
    pub extrapolated: bool,
    /// Source of a curve that is a judgement.
    pub judgement: Option<String>,
}

/// A limit and how the plan keeps it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// Who set it.
    pub owner: String,
    /// What is limited.
    pub metric: String,
    /// What is allowed, in words.
    pub allowed: String,
    /// Today's figure.
    pub today: Printed,
    /// The plan's.
    pub plan: Printed,
    /// It holds the plan back.
    pub binds: bool,
    /// What one more unit of its number adds to the goal, in words; null where
    /// nothing.
    pub price: Option<String>,
}

/// A change of one number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// In words.
    pub text: String,
    /// Whose number it is; empty if not stated.
    pub owner: String,
    /// What it takes, unrounded; null to drop the rule.
    pub to: Option<f64>,
}

/// A view in figures and words.
pub fn quote(view: &View) -> Quote {
    let column = |of: fn(&LineRow) -> f64| Column::new(&view.lines.iter().map(of).collect::<Vec<_>>());
    let (today, plan) = (column(|l| l.current), column(|l| l.spend));
    let lines = view.lines.iter().take(MOST).enumerate();
    let change = |r: &Repair| Change {
        text: sentence::change(r),
        owner: r.member.owner.clone(),
        to: sentence::enough(r),
    };
    Quote {
        scenario: view.name.clone(),
        status: view.status(),
        headline: sentence::headline(view),
        proof: sentence::certificate(view),
        remarks: remarks(view),
        currency: view.currency.clone(),
        period: view.period.clone(),
        goal: view.goal.metric.name().into_owned(),
        maximize: view.goal.maximize,
        value: view.goal.value.filter(|v| v.is_finite()),
        gap: view.proof().map(|p| p.gap).filter(|g| g.is_finite()),
        certificate: view.proof().map(certified),
        totals: view.figures.iter().map(total).collect(),
        lines: lines.map(|(i, l)| line(l, today.part(i), plan.part(i))).collect(),
        lines_left_out: view.lines.len().saturating_sub(MOST),
        limits: view.limits.iter().take(MOST).map(|l| limit(view, l)).collect(),
        limits_left_out: view.limits.len().saturating_sub(MOST),
        conflict: view.conflict.iter().map(|m| sentence::member(view, m)).collect(),
        repairs: view.repairs.iter().map(change).collect(),
        cheapest_repair: view.cheapest_repair.iter().map(change).collect(),
    }
}

fn remarks(view: &View) -> Vec<String> {
    let mut remarks: Vec<String> = view.warnings.iter().map(sentence::warning).collect();
    remarks.extend(sentence::reconciled(view));
    remarks.extend(sentence::sure(view));
    remarks.extend(sentence::footnotes(view));
    if view.has_local_price() {
        remarks.push(sentence::LOCAL_PRICE.to_owned());
    }
    remarks
}

fn certified(proof: &Proof) -> Certified {
    let Proof { bound, gap, violation, nodes, parts } = *proof;
    Certified { bound, gap, violation, nodes, parts }
}

fn total(figure: &Figure) -> Total {
    Total {
        metric: figure.metric.name().into_owned(),
        label: figure.metric.label().to_owned(),
        today: Printed::of(figure.kind, figure.today),
        plan: Printed::of(figure.kind, figure.plan),
        change: Printed::moved(figure.kind, figure.change()),
    }
}

fn line(line: &LineRow, today: String, plan: String) -> Line {
    Line {
        name: line.name.clone(),
        today: Printed { value: Some(line.current), text: today },
        plan: Printed { value: Some(line.spend), text: plan },
        change: Printed::moved(Kind::Percent, line.change),
        share: Printed::of(Kind::Percent, Some(line.share)),
        revenue: Printed::of(Kind::Money, line.revenue),
        customers: Printed::of(Kind::Count, line.customers),
        cac: Printed::of(Kind::Price, line.cac),
        marginal_cac: Printed::of(Kind::Price, line.marginal_cac),
        iroas: Printed::of(Kind::Ratio, line.iroas),
        mroas: Printed::of(Kind::Ratio, line.mroas),
        held: sentence::held(line.at),
        extrapolated: line.extrapolated,
        judgement: line.judgement.clone(),
    }
}

fn limit(view: &View, limit: &LimitRow) -> Limit {
    Limit {
        name: limit.name.clone(),
        owner: limit.owner.clone(),
        metric: limit.metric.label().to_owned(),
        allowed: table::allowed(limit),
        today: Printed::of(limit.kind, limit.today),
        plan: Printed::of(limit.kind, limit.value),
        binds: limit.binding.is_some(),
        price: sentence::price(view, limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_plan_is_quoted_as_it_is_printed() {
        let view = sample::plan();
        let (quote, table) = (quote(&view), table::render(&view, table::Page { width: 160, color: false }));
        assert_eq!((quote.status, quote.lines.len()), ("optimal", view.lines.len()));
        for line in &quote.lines {
            let both = |row: &&str| row.contains(&line.plan.text) && row.contains(&line.today.text);
            assert!(table.lines().any(|row| both(&row)), "{line:?}\n{table}");
        }
        assert!(table.contains(&quote.headline) && quote.gap.is_some());
    }

    #[test]
    fn a_conflict_is_quoted_in_words() {
        let quote = quote(&sample::infeasible());
        assert_eq!(quote.status, "infeasible");
        assert!(!quote.conflict.is_empty() && quote.certificate.is_none() && quote.gap.is_none());
    }
}
