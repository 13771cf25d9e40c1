//! What lines that meet return together, and what of it counts to each.

mod by_period;

use crate::files::result::{AudienceResult, DemandResult, Earnings, LineMeeting, MeetingResult};
use crate::model::meeting::{Meeting, Member, Root};
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::plan::earned::{Earned, finite};

pub(crate) use by_period::{Together, counted};

/// What counts to a line, and what more of its own return adds for all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met {
    pub(crate) outcome: f64,
    pub(crate) slope: f64,
}

/// What each line's curve returns at its spend.
pub(crate) fn own(scenario: &Scenario, spends: &[f64]) -> Vec<f64> {
    scenario.lines.iter().zip(spends).map(|(line, &x)| line.curve.value(x)).collect()
}

/// What counts to each line.
pub(crate) fn met(scenario: &Scenario, own: Vec<f64>) -> Vec<Met> {
    met_in(scenario, &scenario.meeting, own)
}

/// The same where lines meet otherwise, as in a draw.
pub(crate) fn met_in(scenario: &Scenario, meeting: &Meeting, own: Vec<f64>) -> Vec<Met> {
    if meeting.is_empty() {
        return own.into_iter().map(|outcome| Met { outcome, slope: 1.0 }).collect();
    }
    let (shares, slopes) = (meeting.shares(&own), meeting.slopes(&own));
    let both = shares.into_iter().zip(slopes).enumerate();
    both.map(|(i, (share, slope))| Met { outcome: share + so_far(scenario, i), slope }).collect()
}

/// What has counted to a line that meets others so far: its curve goes on from
/// there without it.
fn so_far(scenario: &Scenario, i: usize) -> f64 {
    let past = scenario.lines.get(i).and_then(|line| line.past);
    past.filter(|_| scenario.meeting.web_of(i).is_some()).map_or(0.0, |p| p.outcome)
}

/// A line's outcome as money and customers.
fn earnings(line: &ScenarioLine, outcome: f64) -> Earnings {
    let earned = Earned::new(line, outcome, 0.0);
    Earnings { revenue: earned.revenue.and_then(finite), customers: earned.customers.and_then(finite) }
}

/// A line alone, and what is lost without it; nothing for a line that meets none.
pub(crate) fn line(scenario: &Scenario, own: &[f64], i: usize) -> Option<LineMeeting> {
    let web = scenario.meeting.web_of(i)?;
    let line = scenario.lines.get(i)?;
    let past = so_far(scenario, i);
    Some(LineMeeting {
        alone: earnings(line, past + scenario.meeting.alone(web, own, i)),
        taken_away: earnings(line, past + scenario.meeting.taken_away(web, own, i)),
    })
}

/// Audiences and pools at a plan; nothing where no lines meet.
pub(crate) fn meeting(scenario: &Scenario, spends: &[f64]) -> Option<MeetingResult> {
    let meeting = &*scenario.meeting;
    if meeting.is_empty() {
        return None;
    }
    let own = &own(scenario, spends)[..];
    let sums = &meeting.sums(own)[..];
    let names = |members: &[Member]| names(scenario, members);
    let audience = |(a, audience): (usize, &crate::model::meeting::Audience)| {
        let together = audience.curve.value(sums[a]);
        let each = audience.members.iter().map(|&m| audience.curve.value(meeting.returns(m, own, sums)));
        let apart: f64 = each.sum();
        AudienceResult {
            name: audience.name.clone(),
            lines: names(&audience.members),
            apart,
            together,
            overlap: finite(1.0 - together / apart),
            next: audience.curve.marginal(sums[a]),
            source: audience.source.clone(),
        }
    };
    let pool = |(k, pool): (usize, &crate::model::meeting::Pool)| {
        let made = meeting.add(&pool.makes, own, sums);
        let share = meeting.add(&pool.harvests, own, sums);
        let web = meeting.webs.iter().find(|w| w.root == Root::Pool(k));
        let first = web.and_then(|w| scenario.lines.get(*w.lines.first()?));
        let money = |outcome: f64| first.map_or_else(Earnings::default, |line| earnings(line, outcome));
        DemandResult {
            name: pool.name.clone(),
            makes: names(&pool.makes),
            harvests: names(&pool.harvests),
            base: pool.base,
            made,
            level: pool.base + made,
            share,
            harvested: money((pool.base + made) * share),
            halo: money(made * share),
            next: money(share + pool.organic),
            periods: Vec::new(),
            source: pool.source.clone(),
        }
    };
    Some(MeetingResult {
        left: scenario.lines.iter().filter_map(|l| l.past).map(|p| 1.0 - p.share).reduce(f64::min),
        by_order: meeting.webs.iter().all(Meeting::by_order),
        audiences: meeting.audiences.iter().enumerate().map(audience).collect(),
        demand: meeting.pools.iter().enumerate().map(pool).collect(),
    })
}

fn names(scenario: &Scenario, members: &[Member]) -> Vec<String> {
    let of = |m: &Member| match *m {
        Member::Line(i) => scenario.lines[i].name.clone(),
        Member::Audience(a) => scenario.meeting.audiences[a].name.clone(),
    };
    members.iter().map(of).collect()
}
