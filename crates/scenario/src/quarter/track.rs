//! A plan against what happened so far.

mod course;
mod file;
mod happening;
mod line;

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use outlay_curves::variance::Split;

use crate::files::result::{InputFile, LineResult, ResultFile};
use crate::files::spec::GoalSpec;
use crate::files::spec::{Maximize, Minimize};
use crate::model::calendar::Period;
use crate::model::meeting::{Meeting, Web};
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::model::window::Window;
use crate::quarter::actuals::{Actuals, LineActuals};

pub use file::{
    Figures, Measure, Pace, Parts, PeriodTrack, PlanRef, PriceTrack, RevisionTrack, SplitName, Totals,
    TrackFile, TrackGroup, TrackLine, UnitTrack,
};

pub(crate) use course::Course;
pub(crate) use happening::{Happening, How, Ratio, Together};
pub(crate) use line::measure_of;

/// What a plan is tracked against.
#[derive(Debug, Clone, Copy)]
pub struct Tracking<'a> {
    /// The plan as saved.
    pub plan: &'a ResultFile,
    /// Its scenario.
    pub scenario: &'a Scenario,
    /// The same scenario with the curves believed in now, if they are others.
    pub now: Option<&'a Scenario>,
    /// What happened.
    pub actuals: &'a Actuals,
    /// How the variance is split.
    pub split: Split,
}

/// A plan against what happened: by line, stage and period. Gives `None` if
/// the plan is none (infeasible, or undetermined).
pub fn track(tracking: &Tracking, plan_file: InputFile, curves: Option<InputFile>) -> Option<TrackFile> {
    let Tracking { plan, scenario, actuals, .. } = *tracking;
    let planned = plan.lines.as_ref()?;
    let measure = measure(plan.goal, scenario);
    let happenings = happenings(tracking, planned, measure);
    let lines: Vec<TrackLine> = happenings.iter().map(|h| h.tracked(tracking.split)).collect();
    let sum = |of: &dyn Fn(&TrackLine) -> bool| {
        lines.iter().filter(|l| of(l)).map(|l| l.figures).fold(Figures::default(), Figures::and)
    };
    let total = sum(&|_| true);
    Some(TrackFile {
        outlay: crate::files::result::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        plan: PlanRef { scenario: plan.scenario.clone(), path: plan_file.path, sha256: plan_file.sha256 },
        actuals: actuals.source.clone(),
        curves,
        currency: scenario.currency.clone(),
        measure,
        split: tracking.split.into(),
        elapsed: actuals.elapsed(),
        through: actuals.through().and_then(|p| actuals.periods.get(p)).map(|p| p.name.clone()),
        horizon: u32::try_from(actuals.periods.len()).unwrap_or(u32::MAX),
        unit: scenario.horizon.as_ref().map(|h| h.unit.clone()),
        stages: stages(&lines, sum),
        periods: by_period(&happenings, actuals),
        totals: totals(scenario, &lines, measure, &total),
        lines,
        total,
        revisions: actuals.revisions.iter().map(RevisionTrack::from).collect(),
    })
}

/// The measure a plan is followed in: what its goal is about, where every line
/// has it.
pub(crate) fn measure(goal: GoalSpec, scenario: &Scenario) -> Measure {
    let customers =
        matches!(goal.maximize, Some(Maximize::Customers)) || goal.minimize == Some(Minimize::Cac);
    let known = |m: Measure| scenario.lines.iter().all(|l| measure_of(l, m).is_some());
    match customers {
        true if known(Measure::Customers) => Measure::Customers,
        false if !known(Measure::Revenue) && known(Measure::Customers) => Measure::Customers,
        _ => Measure::Revenue,
    }
}

/// Every line with its plan and its reports; lines outside the plan last.
pub(crate) fn happenings<'a>(
    tracking: &Tracking<'a>,
    planned: &'a [LineResult],
    measure: Measure,
) -> Vec<Happening<'a>> {
    let Tracking { scenario, now, actuals, .. } = *tracking;
    let by_name = |scenario: &'a Scenario| -> HashMap<&'a str, &'a ScenarioLine> {
        scenario.lines.iter().map(|l| (l.name.as_str(), l.as_ref())).collect()
    };
    let (then, now) = (by_name(scenario), now.map(by_name));
    let plans: HashMap<&str, &LineResult> = planned.iter().map(|l| (l.name.as_str(), l)).collect();
    let one = |reported: &'a LineActuals, web: Option<Rc<Together<'a>>>| Happening {
        line: then.get(reported.name.as_str()).copied(),
        now: now.as_ref().and_then(|n| n.get(reported.name.as_str()).copied()),
        spend: plans.get(reported.name.as_str()).map_or(0.0, |l| l.spend),
        flight: plans.get(reported.name.as_str()).and_then(|l| flight(l)),
        reported,
        periods: &actuals.periods,
        through: actuals.through(),
        measure,
        web,
    };
    let meeting: &'a Meeting = &scenario.meeting;
    let place: HashMap<&str, usize> =
        scenario.lines.iter().enumerate().map(|(i, l)| (l.name.as_str(), i)).collect();
    let at = |reported: &LineActuals| place.get(reported.name.as_str()).copied();
    let together = |web: &Web| {
        let inside = |r: &&'a LineActuals| at(r).is_some_and(|i| web.lines.contains(&i));
        let lines = actuals.lines.iter().filter(inside);
        Rc::new(Together {
            meeting,
            now: tracking.now.map(|now| &*now.meeting),
            count: scenario.lines.len(),
            lines: lines.filter_map(|r| Some((at(r)?, one(r, None)))).collect(),
        })
    };
    let webs: Vec<(&Web, Rc<Together>)> = meeting.webs.iter().map(|web| (web, together(web))).collect();
    let of = |reported: &LineActuals| {
        let i = at(reported)?;
        webs.iter().find(|(web, _)| web.lines.contains(&i)).map(|(_, together)| Rc::clone(together))
    };
    actuals.lines.iter().map(|reported| one(reported, of(reported))).collect()
}

/// Planned spend of a line by period, where it is planned so.
fn flight(planned: &LineResult) -> Option<Vec<f64>> {
    let flight = planned.flight.as_ref()?;
    Some(flight.periods.iter().map(|p| p.spend).collect())
}

fn stages(lines: &[TrackLine], sum: impl Fn(&dyn Fn(&TrackLine) -> bool) -> Figures) -> Vec<TrackGroup> {
    let stage = |l: &TrackLine| l.tags.get("stage").cloned().unwrap_or_default();
    let mut names: IndexMap<String, ()> = IndexMap::new();
    names.extend(lines.iter().map(|l| (stage(l), ())));
    if names.len() < 2 {
        return Vec::new();
    }
    let group = |name: &String| TrackGroup { name: name.clone(), figures: sum(&|l| stage(l) == *name) };
    names.keys().map(group).collect()
}

/// Money and outcome period by period, up to the last one reported.
fn by_period(happenings: &[Happening], actuals: &Actuals) -> Vec<PeriodTrack> {
    let Some(through) = actuals.through() else { return Vec::new() };
    let all: Vec<(usize, &Period)> = actuals.periods.iter().enumerate().take(through + 1).collect();
    let one = |(index, period): (usize, &Period)| {
        let mut row = PeriodTrack { name: period.name.clone(), ..PeriodTrack::default() };
        for happening in happenings {
            happening.add_period(index, &mut row);
        }
        row
    };
    // A single period says what the total says.
    if all.len() < 2 { Vec::new() } else { all.into_iter().map(one).collect() }
}

/// Cost and blended CAC or MER, as planned and where they are heading.
fn totals(scenario: &Scenario, lines: &[TrackLine], measure: Measure, total: &Figures) -> Totals {
    let base = scenario.baseline;
    let fee = |name: &str| scenario.lines.iter().find(|l| l.name == name).map_or(0.0, |l| l.fee);
    let cost = |of: fn(&Pace) -> f64| -> f64 {
        lines.iter().map(|l| of(&l.figures.spend) * (1.0 + fee(&l.name))).sum()
    };
    let cost = [cost(|p| p.plan), cost(|p| p.actual), cost(|p| p.projected)];
    let outcome = [total.outcome.plan, total.outcome.projected];
    let whole = [cost[0], cost[2]].map(|c| c + base.other_cost.unwrap_or(0.0));
    let ratio = |a: f64, b: f64| crate::plan::earned::finite(a / b);
    let both = |of: &dyn Fn(usize) -> Option<f64>| [of(0), of(1)];
    let (cac, mer) = match measure {
        Measure::Customers => {
            let base = base.customers.unwrap_or(0.0);
            (both(&|k| ratio(whole[k], outcome[k] + base)), [None, None])
        }
        Measure::Revenue => {
            let base = base.revenue.unwrap_or(0.0);
            ([None, None], both(&|k| ratio(outcome[k] + base, whole[k])))
        }
    };
    let budget = scenario.budget.as_ref().and_then(|b| b.exact.or(b.max));
    Totals { budget, cost_plan: cost[0], cost_to_date: cost[1], cost_projected: cost[2], cac, mer }
}

/// The part of the horizon a report is about.
pub(crate) fn window(
    line: &ScenarioLine,
    report: &crate::quarter::actuals::Report,
    periods: usize,
) -> Window {
    match report.period {
        None => Window::whole(line, report.complete),
        Some(period) => {
            let (from, count) = (period as f64, periods as f64);
            Window::new(line, from / count, (from + report.complete) / count)
        }
    }
}
