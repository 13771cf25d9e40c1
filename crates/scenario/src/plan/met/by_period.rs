//! What lines that meet return together in a plan by period.

use std::sync::Arc;

use outlay_curves::Curve;

use super::{earnings, names};
use crate::files::result::{
    AudienceResult, DemandPeriod, DemandResult, Earnings, LineMeeting, MeetingResult,
};
use crate::model::meeting::{ByPeriod, Level, Meeting, Own, Root};
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::plan::earned::finite;
use crate::plan::flown::Flown;

/// Lines that meet in a plan by period.
pub(crate) struct Together<'a> {
    scenario: &'a Scenario,
    met: ByPeriod,
    own: Own,
    before: Own,
}

/// What counts to each line in all, by the curves given: `(line, outcome)`.
pub(crate) fn counted(
    met: &ByPeriod,
    lines: &[Arc<ScenarioLine>],
    curve: impl Fn(usize) -> Curve,
    stocks: &[Vec<f64>],
) -> Vec<(usize, f64)> {
    let own = met.own(lines, &curve, |i| stocks[i].clone());
    let shares = met.shares(&own, &met.before(lines, &curve));
    let all = met.meeting.webs.iter().flat_map(|web| &web.lines);
    all.map(|&i| (i, shares[i].iter().sum())).collect()
}

impl<'a> Together<'a> {
    /// `None` where no lines meet, or the plan is in total.
    pub(crate) fn new(scenario: &'a Scenario, flown: &[Flown]) -> Option<Self> {
        let met = ByPeriod::of(scenario)?;
        let lines = &scenario.lines;
        let curve = |i: usize| lines[i].curve.clone();
        let own = met.own(lines, curve, |i| flown[i].stocks.clone());
        let before = met.before(lines, curve);
        Some(Together { scenario, met, own, before })
    }

    /// A line alone, and what is lost without it.
    pub(crate) fn line(&self, i: usize) -> Option<LineMeeting> {
        let web = self.met.meeting.web_of(i)?;
        let line = self.scenario.lines.get(i)?;
        Some(LineMeeting {
            alone: earnings(line, self.met.alone(web, &self.own, &self.before, i)),
            taken_away: earnings(line, self.met.taken_away(web, &self.own, &self.before, i)),
        })
    }

    /// Audiences and pools over the horizon and after it.
    pub(crate) fn result(&self) -> MeetingResult {
        let meeting = &self.met.meeting;
        MeetingResult {
            left: None,
            by_order: meeting.webs.iter().all(Meeting::by_order),
            audiences: (0..meeting.audiences.len()).map(|a| self.audience(a)).collect(),
            demand: (0..meeting.pools.len()).map(|k| self.pool(k)).collect(),
        }
    }

    fn audience(&self, a: usize) -> AudienceResult {
        let meeting = &self.met.meeting;
        let audience = &meeting.audiences[a];
        let (mut apart, mut together, mut new, mut all) = (0.0, 0.0, 0.0, 0.0);
        let periods = self.scenario.calendar.as_ref().map_or(1, |c| c.periods.len());
        // A share of the demand is a mean over the horizon.
        let (seasonal, part) = (self.seasonal(a), 1.0 / periods as f64);
        for (t, own) in self.own.iter().enumerate() {
            let sums = meeting.sums(own);
            let demand = if seasonal { self.met.demand_at(t) } else { part };
            let each = audience.members.iter().map(|&m| audience.curve.value(meeting.returns(m, own, &sums)));
            apart += demand * each.sum::<f64>();
            together += demand * audience.curve.value(sums[a]);
            new += sums[a] * audience.curve.marginal(sums[a]);
            all += sums[a];
        }
        AudienceResult {
            name: audience.name.clone(),
            lines: names(self.scenario, &audience.members),
            apart,
            together,
            overlap: finite(1.0 - together / apart),
            next: if all > 0.0 { new / all } else { audience.curve.marginal(0.0) },
            source: audience.source.clone(),
        }
    }

    /// True unless an audience returns a share of a pool's demand.
    fn seasonal(&self, a: usize) -> bool {
        use crate::model::meeting::Member;
        let meeting = &self.met.meeting;
        let mut outer = a;
        while let Some(next) =
            meeting.audiences.iter().position(|other| other.members.contains(&Member::Audience(outer)))
        {
            outer = next;
        }
        !meeting.pools.iter().any(|pool| pool.harvests.contains(&Member::Audience(outer)))
    }

    fn pool(&self, k: usize) -> DemandResult {
        let pool = &self.met.meeting.pools[k];
        let web = self.met.meeting.webs.iter().position(|w| w.root == Root::Pool(k));
        let count = web.map_or(0, |web| self.met.count(web));
        let levels = &self.met.levels(k, &self.own)[..count.min(self.own.len())];
        let idle = vec![vec![0.0; self.scenario.lines.len()]; levels.len()];
        let bases: Vec<f64> = self.met.levels(k, &idle).into_iter().map(|l| l.level).collect();
        let calendar = self.scenario.calendar.as_ref();
        let periods = calendar.map_or(&[][..], |c| &c.periods);
        let inside = |t: &usize| *t < periods.len();
        let sum = |of: &dyn Fn(usize) -> f64| (0..levels.len()).map(of).sum::<f64>();
        let within = |of: &dyn Fn(usize) -> f64| (0..levels.len()).filter(inside).map(of).sum::<f64>();
        let harvested = sum(&|t| levels[t].level * levels[t].share);
        let base = within(&|t| bases[t]);
        let level = within(&|t| levels[t].level);
        // A unit made in each period, harvested then and later.
        let mut worth = 0.0;
        let mut worths = Vec::with_capacity(levels.len());
        for Level { share, .. } in levels.iter().rev() {
            worth = share + pool.retention * worth;
            worths.push(worth + pool.organic);
        }
        let next = worths.iter().rev().take(periods.len()).sum::<f64>() / periods.len().max(1) as f64;
        let first = web.and_then(|w| self.met.meeting.webs[w].lines.first());
        let money = |outcome: f64| {
            let line = first.and_then(|&i| self.scenario.lines.get(i));
            line.map_or_else(Earnings::default, |line| earnings(line, outcome))
        };
        let name = |t: usize| calendar.map_or_else(String::new, |c| c.name(t));
        let of = |(t, l): (usize, &Level)| DemandPeriod { name: name(t), level: l.level, share: l.share };
        DemandResult {
            name: pool.name.clone(),
            makes: names(self.scenario, &pool.makes),
            harvests: names(self.scenario, &pool.harvests),
            base,
            made: level - base,
            level,
            share: if level > 0.0 { within(&|t| levels[t].level * levels[t].share) / level } else { 0.0 },
            harvested: money(harvested),
            halo: money(sum(&|t| (levels[t].level - bases[t]) * levels[t].share)),
            next: money(next),
            periods: levels.iter().enumerate().map(of).collect(),
            source: pool.source.clone(),
        }
    }
}
