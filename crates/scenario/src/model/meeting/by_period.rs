//! Lines that meet, period by period.
//!
//! ```text
//! d_t G(T sum_i r_it) / T                                  an audience, in period t of T
//! D_t = rho D_(t-1) + (1 - rho) d_t base / T + d_t sum_i h_it    the level of a pool
//! ```
//!
//! `r_it` and `h_it` are what lines return in the period by themselves, `d_t` the
//! horizon's index of demand. Shares of demand and reach of people are the same
//! in a period as over the horizon.

use outlay_curves::Curve;

use super::{Meeting, Pool, Root, Web, gauss_legendre, shapley};
use crate::model::flight::Flight;
use crate::model::scenario::{Scenario, ScenarioLine};

/// What each line returns by itself: by period, then by line.
pub(crate) type Own = Vec<Vec<f64>>;

/// A pool in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    pub(crate) level: f64,
    /// The share that is harvested.
    pub(crate) share: f64,
    /// What the makers add.
    pub(crate) made: f64,
}

/// How the lines of a scenario meet in each of its periods.
#[derive(Clone)]
pub(crate) struct ByPeriod {
    /// In one period of usual demand.
    pub(crate) meeting: Meeting,
    /// Lines that return less in less time.
    fewer: Vec<bool>,
    /// A period's part of the horizon.
    part: f64,
    /// The horizon's index of demand.
    demand: Vec<f64>,
    /// By web: the periods in which it can return something.
    counts: Vec<usize>,
}

impl ByPeriod {
    /// Of a scenario that is planned by period and whose lines meet.
    pub(crate) fn of(scenario: &Scenario) -> Option<Self> {
        let calendar = scenario.calendar.as_ref().filter(|_| !scenario.meeting.is_empty())?;
        let part = 1.0 / calendar.periods.len() as f64;
        let whole = &scenario.meeting;
        let (meeting, fewer) = whole.rest(&vec![part; whole.webs.len()], scenario.lines.len());
        let length = |i: usize| {
            let flight = scenario.lines.get(i).and_then(|line| line.flight.as_deref());
            flight.map_or(0, |flight| flight.opening.len())
        };
        // Demand that nobody harvests any more returns nothing.
        let counts = whole.webs.iter().map(|web| {
            let all = match web.root {
                Root::Audience(_) => true,
                Root::Pool(k) => whole.pools[k].organic > 0.0 || !whole.pools[k].organics.is_empty(),
            };
            let earns = |i: &&usize| all || !fewer[**i];
            web.lines.iter().filter(earns).map(|&i| length(i)).max().unwrap_or(0)
        });
        let counts = counts.collect();
        Some(ByPeriod { fewer, part, demand: calendar.demand.clone(), counts, meeting })
    }

    /// The horizon's index of demand, 1 after it.
    pub(crate) fn demand_at(&self, t: usize) -> f64 {
        self.demand.get(t).copied().unwrap_or(1.0)
    }

    /// In how many periods a web can return something.
    pub(crate) fn count(&self, web: usize) -> usize {
        self.counts.get(web).copied().unwrap_or(0)
    }

    fn longest(&self) -> usize {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// The curve of one period of a line that meets others.
    pub(crate) fn curve(&self, i: usize, curve: &Curve) -> Curve {
        curve.stretched(self.part, if self.fewer[i] { self.part } else { 1.0 })
    }

    /// A line's own index of demand, apart from the horizon's.
    pub(crate) fn weight(&self, i: usize, flight: &Flight, t: usize) -> f64 {
        let common = self.demand_at(t);
        if self.fewer[i] && common > 0.0 { flight.demand_at(t) / common } else { 1.0 }
    }

    /// Demand of a pool that a period brings by itself, what was there before
    /// the first one included.
    pub(crate) fn added(&self, k: usize, t: usize) -> f64 {
        let pool = &self.meeting.pools[k];
        let opening = if t == 0 { pool.retention * pool.base } else { 0.0 };
        opening + (1.0 - pool.retention) * pool.base * self.demand_at(t)
    }

    /// What lines return by themselves at stocks, with the curve of each.
    pub(crate) fn own(
        &self,
        lines: &[std::sync::Arc<ScenarioLine>],
        curve: impl Fn(usize) -> Curve,
        stocks: impl Fn(usize) -> Vec<f64>,
    ) -> Own {
        let mut own = vec![vec![0.0; lines.len()]; self.longest()];
        for &i in self.meeting.webs.iter().flat_map(|web| &web.lines) {
            let Some(flight) = lines[i].flight.as_deref() else { continue };
            let curve = self.curve(i, &curve(i));
            for (t, (own, stock)) in own.iter_mut().zip(stocks(i)).enumerate() {
                own[i] = self.weight(i, flight, t) * curve.value(stock);
            }
        }
        own
    }

    /// What they return of what was spent before the horizon.
    pub(crate) fn before(
        &self,
        lines: &[std::sync::Arc<ScenarioLine>],
        curve: impl Fn(usize) -> Curve,
    ) -> Own {
        self.own(lines, curve, |i| lines[i].flight.as_ref().map_or(Vec::new(), |f| f.opening.clone()))
    }

    /// Under one of the draws of audiences and pools.
    pub(crate) fn drawn(&self, draw: usize) -> Self {
        ByPeriod { meeting: self.meeting.drawn(draw), ..self.clone() }
    }

    /// A pool by period.
    pub(crate) fn levels(&self, k: usize, own: &[Vec<f64>]) -> Vec<Level> {
        let mut level = 0.0;
        let each = own.iter().enumerate().map(|(t, own)| {
            let (made, share) = self.meeting.pooled(k, own, &self.meeting.sums(own));
            let made = self.demand_at(t) * made;
            level = self.meeting.pools[k].retention * level + self.added(k, t) + made;
            Level { level, share, made }
        });
        each.collect()
    }

    /// What a web returns in every period.
    pub(crate) fn worths(&self, web: &Web, own: &[Vec<f64>]) -> Vec<f64> {
        match web.root {
            Root::Audience(_) => {
                let worth = |(t, own): (usize, &Vec<f64>)| self.demand_at(t) * self.meeting.worth(web, own);
                own.iter().enumerate().map(worth).collect()
            }
            Root::Pool(k) => {
                let organic = self.meeting.pools[k].organic;
                self.levels(k, own).into_iter().map(|l| l.level * l.share + organic * l.made).collect()
            }
        }
    }

    /// What more of each line's own return in a period adds to everything, by
    /// period.
    pub(crate) fn slopes(&self, own: &[Vec<f64>]) -> Own {
        let pools: Vec<Vec<Level>> = (0..self.meeting.pools.len()).map(|k| self.levels(k, own)).collect();
        let mut slopes: Own = Vec::with_capacity(own.len());
        // A unit of demand is harvested in this period and, as far as it is
        // still there, in the next.
        let mut worths = vec![0.0; pools.len()];
        for (t, own) in own.iter().enumerate().rev() {
            for ((worth, levels), pool) in worths.iter_mut().zip(&pools).zip(&self.meeting.pools) {
                *worth = levels[t].share + pool.retention * *worth;
            }
            let each = pools.iter().zip(&worths).zip(&self.meeting.pools);
            let at: Vec<(f64, f64)> =
                each.map(|((l, worth), pool)| (l[t].level, worth + pool.organic)).collect();
            slopes.push(self.seasoned(self.meeting.slopes_at(own, &self.meeting.sums(own), &at), t));
        }
        slopes.reverse();
        slopes
    }

    /// Slopes with the horizon's index, which no share and no harvest has twice.
    fn seasoned(&self, mut slopes: Vec<f64>, t: usize) -> Vec<f64> {
        let harvests = |web: &Web, i: usize| matches!(web.root, Root::Pool(_)) && !self.fewer[i];
        for web in &self.meeting.webs {
            web.lines.iter().filter(|&&i| !harvests(web, i)).for_each(|&i| slopes[i] *= self.demand_at(t));
        }
        slopes
    }

    /// What of everything beyond `before` counts to each line, by line and
    /// period; see [`Meeting::shares`].
    pub(crate) fn shares(&self, own: &[Vec<f64>], before: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let lines = own.first().map_or(0, Vec::len);
        let mut shares = vec![vec![0.0; own.len()]; lines];
        for web in &self.meeting.webs {
            let each = match Meeting::by_order(web) {
                true => self.orders(web, own, before),
                false => self.growth(web, own, before),
            };
            for (t, each) in each.into_iter().enumerate() {
                web.lines.iter().zip(each).for_each(|(&i, share)| shares[i][t] = share);
            }
        }
        shares
    }

    /// What a web returns with the lines of a mask as they are, and the others
    /// as they were before.
    fn masked(
        &self,
        web: &Web,
        own: &[Vec<f64>],
        before: &[Vec<f64>],
        keep: impl Fn(usize) -> bool,
    ) -> Vec<f64> {
        let mut own = own.to_vec();
        for (own, before) in own.iter_mut().zip(before) {
            let out = web.lines.iter().enumerate().filter(|(k, _)| !keep(*k));
            out.for_each(|(_, &i)| own[i] = before[i]);
        }
        self.worths(web, &own)
    }

    fn orders(&self, web: &Web, own: &[Vec<f64>], before: &[Vec<f64>]) -> Own {
        let n = web.lines.len();
        let worths: Vec<Vec<f64>> =
            (0..1_usize << n).map(|mask| self.masked(web, own, before, |k| mask & (1 << k) != 0)).collect();
        let of = |t: usize| shapley(n, &worths.iter().map(|worths| worths[t]).collect::<Vec<f64>>());
        (0..own.len()).map(of).collect()
    }

    fn growth(&self, web: &Web, own: &[Vec<f64>], before: &[Vec<f64>]) -> Own {
        let mut shares = vec![vec![0.0; web.lines.len()]; own.len()];
        for (at, weight) in gauss_legendre() {
            let between = |(own, before): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
                own.iter().zip(before).map(|(own, before)| before + at * (own - before)).collect()
            };
            let grown: Own = own.iter().zip(before).map(between).collect();
            let pools: Vec<Vec<Level>> =
                (0..self.meeting.pools.len()).map(|k| self.levels(k, &grown)).collect();
            // What growth has added to the level so far, by line.
            let mut added = vec![0.0; web.lines.len()];
            for (t, grown) in grown.iter().enumerate() {
                let levels: Vec<(f64, f64)> = pools.iter().map(|levels| (levels[t].level, 1.0)).collect();
                let sums = self.meeting.sums(grown);
                let slopes = self.seasoned(self.meeting.slopes_at(grown, &sums, &levels), t);
                for (k, &i) in web.lines.iter().enumerate() {
                    let adds = slopes[i] * (own[t][i] - before[t][i]);
                    shares[t][k] += weight
                        * match web.root {
                            Root::Pool(pool) if self.fewer[i] => {
                                let Pool { retention, organic, .. } = self.meeting.pools[pool];
                                added[k] = retention * added[k] + adds;
                                pools[pool][t].share * added[k] + organic * adds
                            }
                            _ => adds,
                        };
                }
            }
        }
        // What the quadrature leaves is shared alike, so that nothing is lost.
        let (whole, without) = (self.worths(web, own), self.worths(web, before));
        for (shares, more) in shares.iter_mut().zip(whole.iter().zip(&without).map(|(a, b)| a - b)) {
            let sum: f64 = shares.iter().sum();
            if sum > 0.0 {
                shares.iter_mut().for_each(|s| *s *= more / sum);
            }
        }
        shares
    }

    /// What a line would add without the other lines of its web.
    pub(crate) fn alone(&self, web: &Web, own: &[Vec<f64>], before: &[Vec<f64>], line: usize) -> f64 {
        let none = self.worths(web, before);
        let alone = self.masked(web, own, before, |k| web.lines[k] == line);
        alone.iter().zip(&none).map(|(a, b)| a - b).sum()
    }

    /// What a web would lose with a line taken away.
    pub(crate) fn taken_away(&self, web: &Web, own: &[Vec<f64>], before: &[Vec<f64>], line: usize) -> f64 {
        let whole = self.worths(web, own);
        let without = self.masked(web, own, before, |k| web.lines[k] != line);
        whole.iter().zip(&without).map(|(a, b)| a - b).sum()
    }
}
