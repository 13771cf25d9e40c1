//! What happened to each line, up to the moment of which anything is known.

use std::sync::Arc;

use super::asked::{ReplanError, Replanning, Scope};
use super::elapsed::Elapsed;
use super::flight;
use super::past::{LinePast, ROUNDED, as_planned, settled};
use crate::files::result::LineResult;
use crate::files::spec::PastPeriod;
use crate::model::flight::Flight;
use crate::model::scenario::ScenarioLine;
use crate::model::scenario::{Past, Scenario};
use crate::model::window::Window;
use crate::plan::earned::finite;
use crate::quarter::actuals::{Order, Report};
use crate::quarter::buy::{BuyRow, buy_sheet};
use crate::quarter::track::{Happening, Tracking, happenings, measure, measure_of};

/// The past of every line of the plan.
pub(crate) fn past(replanning: &Replanning, planned: &[LineResult]) -> Result<Vec<LinePast>, ReplanError> {
    let record = replanning.record;
    let now = replanning.curves.map(|path| record.refitted(path)).transpose()?;
    let tracking = Tracking {
        plan: &record.file,
        scenario: &record.scenario,
        now: now.as_ref(),
        actuals: replanning.actuals,
        split: Default::default(),
    };
    let share = replanning.actuals.elapsed().ok_or(ReplanError::NoElapsed)?;
    if share >= 1.0 - 1e-12 {
        return Err(ReplanError::Over);
    }
    let measure = measure(record.file.goal, &record.scenario);
    let sheet = buy_sheet(&record.file, &without_orders(&record.scenario)).unwrap_or_default();
    let all = happenings(&tracking, planned, measure);
    let each = all.iter().filter_map(|h| Some((h, h.line?)));
    Ok(each.map(|(h, line)| one(h, line, (share, replanning.paid_prices), &sheet)).collect())
}

/// Whether anything happened that the plan did not foresee, or was changed
/// since.
pub(super) fn news(replanning: &Replanning, past: &[LinePast], planned: &[LineResult]) -> bool {
    let actuals = replanning.actuals;
    let asked = replanning.curves.is_some()
        || !replanning.asked.is_empty()
        || replanning.scope == Scope::Rest
        || replanning.most_change.is_some();
    let outside = actuals.lines.iter().any(|l| !l.planned && l.reports.iter().any(|r| r.spend > 0.0));
    let measured = actuals.lines.iter().flat_map(|l| &l.reports);
    let measured = measured.into_iter().any(|r| r.revenue.is_some() || r.customers.is_some());
    let off = |past: &LinePast| {
        let spend = planned.iter().find(|l| l.name == past.name).map_or(0.0, |l| l.spend);
        !as_planned(past.spend + past.left, spend, spend)
            || past.ordered > past.left
            || past.ratio.is_some_and(|r| (r.rate * r.quality - 1.0).abs() > ROUNDED)
    };
    asked || outside || measured || past.iter().any(off)
}

/// What a scenario's rules bind of themselves.
fn without_orders(scenario: &Scenario) -> Scenario {
    let mut plain = scenario.clone();
    for line in &mut plain.lines {
        let orders = line.past.is_some_and(|p| p.committed > 0.0)
            || line.flight.as_ref().is_some_and(|f| f.committed > 0.0);
        if orders {
            let line = Arc::make_mut(line);
            line.past = line.past.map(|p| Past { committed: 0.0, ..p });
            line.flight = line.flight.take().map(|f| Arc::new(Flight { committed: 0.0, ..(*f).clone() }));
        }
    }
    plain
}

/// Money that orders bind after a share of the horizon. What the plan's own
/// sheet says is committed is the line's least spend, which is one sum over
/// the horizon and holds as a rule; what somebody wrote in its place is an
/// order.
fn ordered(happening: &Happening, share: f64, sheet: &[BuyRow]) -> f64 {
    let reported = happening.reported;
    let count = happening.periods.len() as f64;
    let own = |period: Option<usize>| {
        let name = period.and_then(|p| happening.periods.get(p)).map(|p| p.name.as_str());
        let row = sheet
            .iter()
            .find(|r| r.line == reported.name && (Some(r.period.as_str()) == name || r.period.is_empty()));
        row.map_or(0.0, |r| r.committed)
    };
    let bound = |order: &Order| {
        let planned = own(order.period);
        if (order.committed - planned).abs() <= SAME * planned.max(order.committed) {
            return 0.0;
        }
        let report = reported.reports.iter().find(|r| r.period == order.period);
        match (report, order.period) {
            (Some(report), _) if report.complete < 1.0 => (order.committed - report.spend).max(0.0),
            (Some(_), _) => 0.0,
            (None, Some(period)) => order.committed * (period as f64 + 1.0 - share * count).clamp(0.0, 1.0),
            (None, None) => order.committed,
        }
    };
    reported.orders.iter().map(bound).sum()
}

/// How near, relative, an amount is to that of the plan's sheet: sheets round.
const SAME: f64 = 1e-3;

fn one(happening: &Happening, line: &ScenarioLine, (share, paid): (f64, bool), sheet: &[BuyRow]) -> LinePast {
    let reports = &happening.reported.reports;
    let periods = happening.periods.len();
    let ratio = happening.ratio(line).filter(|_| paid);
    let ordered = ordered(happening, share, sheet);
    if let Some(course) = happening.course(line) {
        let price = ratio.map_or(1.0, |r| r.rate * r.quality);
        let under_way = flight::past(happening, &course, line, (share, price));
        let spend: f64 = under_way.spent().iter().sum();
        let known = |r: &&Report| r.period.is_some_and(|p| p < course.flight.past.len());
        let known: f64 = reports.iter().filter(|r| !known(r)).map(|r| r.spend).sum::<f64>()
            + under_way.path.iter().take(course.flight.past.len()).sum::<f64>();
        return LinePast {
            name: line.name.clone(),
            share,
            spend,
            outcome: 0.0,
            left: under_way.path.iter().sum::<f64>() - spend,
            ordered,
            ratio,
            assumed: settled((spend - known).max(0.0), spend),
            periods: Vec::new(),
            flight: Some(under_way),
        };
    }
    let flat = line.deal.as_ref().is_some_and(|d| d.flat.is_some());
    let at_once = flat || reports.iter().any(|r| r.period.is_none());
    let elapsed = Elapsed { happening, line, paid, plan: happening.spend, periods };
    let each = measure_of(line, happening.measure).unwrap_or(0.0);
    let reported = |report: &Report| {
        let part = elapsed.reported(report);
        let spend = if as_planned(report.spend, part.planned(), happening.spend) {
            part.planned()
        } else {
            report.spend
        };
        let measured = happening.outcome(report).and_then(|o| finite(o / each));
        PastPeriod { spend, outcome: measured.unwrap_or_else(|| part.expected(spend)) }
    };
    let mut assumed = 0.0;
    let by_period: Vec<PastPeriod> = if at_once {
        Vec::new()
    } else {
        let over = (share * periods as f64 - 1e-9).ceil() as usize;
        let one = |k: usize| {
            let report = reports.iter().find(|r| r.period == Some(k));
            let known = report.map_or(PastPeriod { spend: 0.0, outcome: 0.0 }, reported);
            // What is late is taken as planned until it is known; a plan that
            // was planned again knows its past.
            let rest = elapsed.missing(k, report.map_or(0.0, |r| r.complete), share);
            let late = rest.as_planned();
            assumed += late.spend - rest.known();
            PastPeriod { spend: known.spend + late.spend, outcome: known.outcome + late.outcome }
        };
        (0..over).map(one).collect()
    };
    let all: Vec<PastPeriod> =
        if at_once { reports.iter().map(reported).collect() } else { by_period.clone() };
    let (spend, outcome): (f64, f64) = all.iter().fold((0.0, 0.0), |(s, o), p| (s + p.spend, o + p.outcome));
    let left = if at_once {
        (happening.spend - spend).max(0.0)
    } else {
        Window::new(line, share, 1.0).planned(line, happening.spend)
    };
    LinePast {
        name: line.name.clone(),
        // What is bought at once is over when it is bought.
        share: if flat && spend == 0.0 { 0.0 } else { share },
        spend,
        outcome: if spend > 0.0 { outcome } else { 0.0 },
        periods: by_period,
        left,
        ordered,
        ratio,
        assumed: settled(assumed, spend),
        flight: None,
    }
}
