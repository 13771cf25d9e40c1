//! How the lines of a scenario become lines of the problem: one each, or with
//! periods a flight of them.

use std::ops::Range;
use std::sync::Arc;

use outlay_allocator::{Deal, Fact, Sum};

use crate::files::result::LineResult;
use crate::files::spec::Metric;
use crate::model::flight::Flight;
use crate::model::meeting::{Meeting, Member, Root};
use crate::model::scenario::{Scenario, ScenarioLine};

/// Where each line's share of the problem's lines is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    flights: Vec<Atoms>,
    names: Vec<String>,
    /// Where spends are planned in total: how many of the names are lines; the
    /// others are blocks.
    lines: usize,
    /// The block of every audience that changes anything, and of every pool.
    audiences: Vec<Option<usize>>,
    pools: Vec<usize>,
    /// Lines that earn in another's place or not by themselves: for each line
    /// that meets others, and what earns for them, with one of the lines it
    /// earns for.
    meeting: Vec<usize>,
    earners: Vec<(usize, usize)>,
    /// What makes demand of which a share sells without a harvester: with one of
    /// the lines of its pool, and the share.
    organic: Vec<(usize, usize, f64)>,
}

/// One line's: its spends by period, its bursts, its stocks by period and
/// after the horizon.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Atoms {
    pub(crate) spends: Range<usize>,
    /// Beginnings of bursts; empty where bursts are not limited.
    pub(crate) bursts: Range<usize>,
    /// Whether it spends in any period; empty where nothing asks.
    pub(crate) used: Range<usize>,
    pub(crate) stocks: Range<usize>,
}

impl Layout {
    /// The layout of a scenario; one line of the problem each where spends are
    /// planned in total.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut layout = Layout::default();
        let Some(calendar) = &scenario.calendar else {
            layout.names = scenario.lines.iter().map(|l| l.name.clone()).collect();
            layout.lines = layout.names.len();
            layout.meet(&scenario.meeting);
            return layout;
        };
        let asked = asks_for_use(scenario);
        for (line, asked) in scenario.lines.iter().zip(asked) {
            let Some(flight) = &line.flight else { continue };
            let mut next = layout.names.len();
            let mut range = |count: usize| {
                next += count;
                next - count..next
            };
            let periods = flight.periods();
            let spends = range(periods);
            let bursts = range(if flight.bursts.is_some() { periods } else { 0 });
            let used = range(usize::from(asked));
            let stocks = range(flight.opening.len());
            let day = |t: usize| {
                calendar.periods.get(t).map_or_else(|| format!("+{}", t + 1 - periods), |p| p.name.clone())
            };
            layout.names.extend((0..periods).map(|t| format!("{}, {}", line.name, day(t))));
            layout
                .names
                .extend(bursts.clone().map(|k| format!("{}, {}, start", line.name, day(k - bursts.start))));
            layout.names.extend(used.clone().map(|_| format!("{}, in use", line.name)));
            layout.names.extend((0..stocks.len()).map(|t| format!("{}, {}, stock", line.name, day(t))));
            layout.flights.push(Atoms { spends, bursts, used, stocks });
        }
        layout
    }

    /// Adds the blocks of lines that meet.
    fn meet(&mut self, meeting: &Meeting) {
        for audience in &meeting.audiences {
            let block = (!audience.identity).then_some(self.names.len());
            self.audiences.push(block);
            if block.is_some() {
                self.names.push(format!("audience {}", audience.name));
            }
        }
        for pool in &meeting.pools {
            self.pools.push(self.names.len());
            self.names.push(format!("demand {}", pool.name));
        }
        for web in &meeting.webs {
            let Some(&first) = web.lines.first() else { continue };
            let members = match web.root {
                Root::Audience(a) => &[Member::Audience(a)][..],
                Root::Pool(k) => &meeting.pools[k].harvests[..],
            };
            self.meeting.extend(&web.lines);
            let earners = self.atoms(meeting, members);
            self.earners.extend(earners.into_iter().map(|atom| (atom, first)));
            if let Root::Pool(k) = web.root {
                let pool = &meeting.pools[k];
                let makers = self.atoms(meeting, &pool.makes).into_iter().filter(|_| pool.organic > 0.0);
                self.organic.extend(makers.map(|atom| (atom, first, pool.organic)));
            }
        }
    }

    /// The block of an audience; `None` where it changes nothing.
    pub(crate) fn audience(&self, audience: usize) -> Option<usize> {
        self.audiences.get(audience).copied().flatten()
    }

    /// The block of a pool.
    pub(crate) fn pool(&self, pool: usize) -> Option<usize> {
        self.pools.get(pool).copied()
    }

    /// The problem's lines that members return through.
    pub(crate) fn atoms(&self, meeting: &Meeting, members: &[Member]) -> Vec<usize> {
        let of = |member: &Member| match *member {
            Member::Line(i) => vec![i],
            Member::Audience(a) => match self.audience(a) {
                Some(block) => vec![block],
                None => self.atoms(meeting, &meeting.audiences[a].members),
            },
        };
        members.iter().flat_map(of).collect()
    }

    /// True for a line of the scenario whose outcome depends on others.
    pub(crate) fn meets(&self, line: usize) -> bool {
        self.meeting.contains(&line)
    }

    /// What earns for lines that meet, each with one of these lines.
    pub(crate) fn earners(&self) -> &[(usize, usize)] {
        &self.earners
    }

    /// What earns a share of the demand that it makes, with one of the lines of
    /// its pool.
    pub(crate) fn organic(&self) -> &[(usize, usize, f64)] {
        &self.organic
    }

    /// Names of the problem's lines.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn is_by_period(&self) -> bool {
        !self.flights.is_empty()
    }

    /// Which of the problem's lines are money, and not what follows from it.
    pub(crate) fn money(&self) -> Vec<bool> {
        let mut money = vec![!self.is_by_period(); self.names.len()];
        if !self.is_by_period() {
            money[self.lines..].fill(false);
        }
        for own in self.flights.iter().flat_map(|f| f.spends.clone()) {
            money[own] = true;
        }
        money
    }

    pub(crate) fn flights(&self) -> &[Atoms] {
        &self.flights
    }

    /// Spend of every line of the scenario, from those of the problem.
    pub fn totals(&self, spends: &[f64]) -> Vec<f64> {
        if !self.is_by_period() {
            return spends[..self.lines.min(spends.len())].to_vec();
        }
        self.by_period(spends).into_iter().map(total).collect()
    }

    /// Spends by line and period, from those of the problem's lines.
    pub fn by_period<'a>(&self, spends: &'a [f64]) -> Vec<&'a [f64]> {
        self.flights.iter().map(|f| spends.get(f.spends.clone()).unwrap_or(&[])).collect()
    }

    /// Spends of the problem's lines, but for stocks, which follow: from each
    /// line's spend by period.
    pub(crate) fn spread<'a>(&self, flights: impl Iterator<Item = (&'a Flight, Vec<f64>)>) -> Vec<f64> {
        let mut spends = vec![0.0; self.names.len()];
        for (atoms, (flight, own)) in self.flights.iter().zip(flights) {
            let used = f64::from(own.iter().any(|x| *x > 0.0));
            atoms.used.clone().for_each(|u| spends[u] = used);
            for (t, &x) in own.iter().enumerate().take(flight.periods()) {
                spends[atoms.spends.start + t] = x;
                let before = t > 0 && own.get(t - 1).is_some_and(|x| *x > 0.0);
                if x > 0.0 && !before && !atoms.bursts.is_empty() {
                    spends[atoms.bursts.start + t] = 1.0;
                }
            }
        }
        spends
    }

    /// Spends of the problem's lines, but for stocks, that a result states.
    pub(crate) fn stated(&self, scenario: &Scenario, lines: &[LineResult]) -> Vec<f64> {
        if !self.is_by_period() {
            let mut spends: Vec<f64> = lines.iter().map(|l| l.spend).collect();
            spends.resize(self.names.len(), 0.0);
            return spends;
        }
        let stated =
            |line: &LineResult| line.flight.iter().flat_map(|f| &f.periods).map(|p| p.spend).collect();
        let none: Vec<f64> = Vec::new();
        let each = scenario.lines.iter().enumerate().filter_map(|(i, line)| {
            Some((line.flight.as_deref()?, lines.get(i).map_or(none.clone(), stated)))
        });
        self.spread(each)
    }

    /// The problem's lines that a line of the scenario spends in.
    pub(crate) fn spends_of(&self, line: usize) -> Range<usize> {
        self.flights.get(line).map_or(line..line + 1, |f| f.spends.clone())
    }

    /// The problem's lines that a line of the scenario earns in by itself.
    pub(crate) fn earns(&self, line: usize) -> Vec<usize> {
        self.flights.get(line).map_or(line..line + 1, |f| f.stocks.clone()).collect()
    }

    /// One spend for each line, evenly over the periods.
    pub(crate) fn evenly(&self, lines: &[Arc<ScenarioLine>], spends: &[f64]) -> Vec<f64> {
        if !self.is_by_period() {
            let mut spends = spends.to_vec();
            spends.resize(self.names.len(), 0.0);
            return spends;
        }
        let each = lines.iter().zip(spends).filter_map(|(line, spend)| {
            let flight = line.flight.as_deref()?;
            Some((flight, vec![spend / flight.periods() as f64; flight.periods()]))
        });
        self.spread(each)
    }
}

/// By line: whether something depends on its spending in any period.
fn asks_for_use(scenario: &Scenario) -> Vec<bool> {
    let mut asked: Vec<bool> = scenario
        .lines
        .iter()
        .map(|l| l.facts.iter().any(|f| matches!(f, Fact::Deal(Deal::AtLeast(_)))))
        .collect();
    for (i, line) in scenario.lines.iter().enumerate() {
        for &other in line.requires.iter().chain(&line.excludes) {
            (asked[i], asked[other]) = (true, true);
        }
    }
    let counted = scenario.limits.iter().filter(|l| l.spec.metric == Metric::ActiveLines);
    for group in counted.flat_map(|l| &l.groups).filter(|g| g.periods.is_none()) {
        match &group.lines {
            Some(lines) => lines.iter().for_each(|&i| asked[i] = true),
            None => asked.fill(true),
        }
    }
    asked
}

/// A sum as the allocator adds up.
pub(crate) fn total(spends: &[f64]) -> f64 {
    let mut sum = Sum::default();
    spends.iter().for_each(|&x| sum.add(x));
    sum.value()
}

/// The curve of one period: `f(a) = F(T a) / T` of the curve over T periods.
pub(crate) fn per_period(line: &ScenarioLine, periods: usize) -> outlay_curves::Curve {
    let share = 1.0 / periods as f64;
    line.curve.stretched(share, share)
}
