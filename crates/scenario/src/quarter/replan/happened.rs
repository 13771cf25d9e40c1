//! What happened to each line, up to the moment of which anything is known.

use super::asked::{ReplanError, Replanning};
use super::flight;
use super::past::LinePast;
use crate::files::result::LineResult;
use crate::model::scenario::ScenarioLine;
use crate::model::window::Window;
use crate::plan::earned::finite;
use crate::quarter::track::{Happening, Tracking, happenings, measure, measure_of, window};

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
    let all = happenings(&tracking, planned, measure);
    Ok(all.iter().filter_map(|h| h.line.map(|line| one(h, line, share, replanning.paid_prices))).collect())
}

fn one(happening: &Happening, line: &ScenarioLine, share: f64, paid: bool) -> LinePast {
    let reports = &happening.reported.reports;
    let periods = happening.periods.len();
    let ratio = happening.ratio(line).filter(|_| paid);
    if let Some(course) = happening.course(line) {
        let price = ratio.map_or(1.0, |r| r.rate * r.quality);
        let under_way = flight::past(happening, &course, line, (share, price));
        let spend: f64 = under_way.spent().iter().sum();
        let reported: f64 = reports.iter().map(|r| r.spend).sum();
        return LinePast {
            name: line.name.clone(),
            share,
            spend,
            outcome: 0.0,
            left: under_way.path.iter().sum::<f64>() - spend,
            committed: happening.reported.committed,
            ratio,
            assumed: (spend - reported).max(0.0),
            flight: Some(under_way),
        };
    }
    let at_once =
        line.deal.as_ref().is_some_and(|d| d.flat.is_some()) || reports.iter().any(|r| r.period.is_none());
    let believed = happening.now.unwrap_or(line);
    let price = ratio.map_or(1.0, |r| r.rate * r.quality);
    let expected = |here: Window, x: f64| here.response(believed, here.at_price(believed, x, price));
    let each = measure_of(line, happening.measure).unwrap_or(0.0);
    let (mut spend, mut outcome, mut covered) = (0.0, 0.0, Window::default());
    for report in reports {
        let here = window(line, report, periods);
        covered = covered.and(here);
        spend += report.spend;
        let measured = happening.outcome(report).and_then(|o| finite(o / each));
        outcome += measured.unwrap_or_else(|| expected(here, report.spend));
    }
    let reported = spend;
    if !at_once {
        // What is late is taken as planned until it is known.
        let missing = Window::new(line, 0.0, share).without(covered);
        let planned = missing.planned(line, happening.spend);
        spend += planned;
        outcome += if planned > 0.0 { expected(missing, planned) } else { 0.0 };
    }
    let left = if at_once {
        (happening.spend - spend).max(0.0)
    } else {
        Window::new(line, share, 1.0).planned(line, happening.spend)
    };
    LinePast {
        name: line.name.clone(),
        share,
        spend,
        outcome: if spend > 0.0 { outcome } else { 0.0 },
        left,
        committed: happening.reported.committed,
        ratio,
        assumed: spend - reported,
        flight: None,
    }
}
