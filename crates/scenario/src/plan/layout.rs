//! How the lines of a scenario become lines of the problem: one each, or with
//! periods a flight of them.

use std::ops::Range;
use std::sync::Arc;

use outlay_allocator::{Deal, Fact, Sum};

use crate::files::result::LineResult;
use crate::files::spec::Metric;
use crate::model::flight::Flight;
use crate::model::meeting::{ByPeriod, Meeting, Member, Root};
use crate::model::scenario::{Scenario, ScenarioLine};

/// Where each line's share of the problem's lines is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    flights: Vec<Atoms>,
    names: Vec<String>,
    /// Where spends are planned in total: how many of the names are lines; the
    /// others are blocks.
    lines: usize,
    /// The blocks of every audience, none where it changes nothing, and of every
    /// pool: one, or one for each period.
    audiences: Vec<Range<usize>>,
    pools: Vec<Range<usize>>,
    /// Lines that earn in another's place or not by themselves: each line that
    /// meets others, and what earns for them.
    meeting: Vec<usize>,
    earners: Vec<Earner>,
    /// What lines that meet return without any new spend.
    before: Vec<Before>,
}

/// A line of the problem that earns for lines that meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Earner {
    pub(crate) atom: usize,
    /// One of the lines it earns for.
    pub(crate) line: usize,
    /// The period it earns in; 0 where spends are planned in total.
    pub(crate) period: usize,
    /// What a unit of its curve counts.
    pub(crate) weight: f64,
}

/// What lines that meet return in a period of what was spent earlier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Before {
    /// One of the lines.
    pub(crate) line: usize,
    pub(crate) period: usize,
    pub(crate) outcome: f64,
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
            layout.meet(&scenario.meeting, |_| vec![String::new()], |_| 1.0, |_, _| 1.0);
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
            let day = |t: usize| calendar.name(t);
            layout.names.extend((0..periods).map(|t| format!("{}, {}", line.name, day(t))));
            layout
                .names
                .extend(bursts.clone().map(|k| format!("{}, {}, start", line.name, day(k - bursts.start))));
            layout.names.extend(used.clone().map(|_| format!("{}, in use", line.name)));
            layout.names.extend((0..stocks.len()).map(|t| format!("{}, {}, stock", line.name, day(t))));
            layout.flights.push(Atoms { spends, bursts, used, stocks });
        }
        if let Some(met) = ByPeriod::of(scenario) {
            let days = |web: usize| (0..met.count(web)).map(|t| format!(", {}", calendar.name(t))).collect();
            let own = |i: usize, t: usize| {
                scenario.lines[i].flight.as_deref().map_or(1.0, |flight| met.weight(i, flight, t))
            };
            layout.meet(&scenario.meeting, days, |t| met.demand_at(t), own);
            layout.left_before(scenario, &met);
        }
        layout
    }

    /// What lines that meet return of what was spent earlier.
    fn left_before(&mut self, scenario: &Scenario, met: &ByPeriod) {
        let own = met.before(&scenario.lines, |i| scenario.lines[i].curve.clone());
        for web in &met.meeting.webs {
            let Some(&line) = web.lines.first() else { continue };
            let outcomes = met.worths(web, &own).into_iter().enumerate().filter(|(_, o)| *o != 0.0);
            self.before.extend(outcomes.map(|(period, outcome)| Before { line, period, outcome }));
        }
    }

    /// Adds the blocks of lines that meet: in each of a web's periods, of which
    /// the names are given, what a unit that an audience returns counts there, and
    /// what a unit of a line's curve counts beside it.
    fn meet(
        &mut self,
        meeting: &Meeting,
        days: impl Fn(usize) -> Vec<String>,
        demand: impl Fn(usize) -> f64,
        own: impl Fn(usize, usize) -> f64,
    ) {
        let of = |audience: usize| {
            let first = lines_of(meeting, Member::Audience(audience)).into_iter().next();
            meeting.webs.iter().position(|web| first.is_some_and(|i| web.lines.contains(&i)))
        };
        let mut blocks = |what: &str, name: &str, web: Option<usize>| {
            let first = self.names.len();
            let days = web.map_or(Vec::new(), &days);
            self.names.extend(days.iter().map(|day| format!("{what} {name}{day}")));
            first..self.names.len()
        };
        for (a, audience) in meeting.audiences.iter().enumerate() {
            let web = of(a).filter(|_| !audience.identity);
            self.audiences.push(blocks("audience", &audience.name, web));
        }
        for (k, pool) in meeting.pools.iter().enumerate() {
            let web = meeting.webs.iter().position(|web| web.root == Root::Pool(k));
            self.pools.push(blocks("demand", &pool.name, web));
        }
        for (w, web) in meeting.webs.iter().enumerate() {
            let Some(&line) = web.lines.first() else { continue };
            let members = match web.root {
                Root::Audience(a) => &[Member::Audience(a)][..],
                Root::Pool(k) => &meeting.pools[k].harvests[..],
            };
            self.meeting.extend(&web.lines);
            for period in 0..days(w).len() {
                let weight = if matches!(web.root, Root::Audience(_)) { demand(period) } else { 1.0 };
                let atoms = self.atoms(meeting, members, period);
                self.earners.extend(atoms.into_iter().map(|atom| Earner { atom, line, period, weight }));
                let Root::Pool(k) = web.root else { continue };
                // Demand that sells as it is made.
                let pool = &meeting.pools[k];
                let makers = self.through(meeting, &pool.makes, period);
                for (atom, maker) in makers.into_iter().filter(|_| pool.organic > 0.0) {
                    let counts = maker.map_or(1.0, |i| own(i, period));
                    let weight = pool.organic * demand(period) * counts;
                    self.earners.push(Earner { atom, line, period, weight });
                }
            }
        }
    }

    /// The block of an audience in a period (0 in total); `None` where it
    /// changes nothing.
    pub(crate) fn audience(&self, audience: usize, period: usize) -> Option<usize> {
        self.audiences.get(audience)?.clone().nth(period)
    }

    /// The block of a pool in a period (0 in total).
    pub(crate) fn pool(&self, pool: usize, period: usize) -> Option<usize> {
        self.pools.get(pool)?.clone().nth(period)
    }

    /// The problem's lines that members return through in a period (0 in total).
    pub(crate) fn atoms(&self, meeting: &Meeting, members: &[Member], period: usize) -> Vec<usize> {
        self.through(meeting, members, period).into_iter().map(|(atom, _)| atom).collect()
    }

    /// The same, each with the line it is, if it is no audience.
    fn through(&self, meeting: &Meeting, members: &[Member], period: usize) -> Vec<(usize, Option<usize>)> {
        let of = |member: &Member| match *member {
            Member::Line(i) => self.stock(i, period).into_iter().map(|atom| (atom, Some(i))).collect(),
            Member::Audience(a) if meeting.audiences[a].identity => {
                self.through(meeting, &meeting.audiences[a].members, period)
            }
            Member::Audience(a) => self.audience(a, period).into_iter().map(|atom| (atom, None)).collect(),
        };
        members.iter().flat_map(of).collect::<Vec<_>>()
    }

    /// What a line returns through in a period: by period its stock, as long as
    /// something is left of it.
    pub(crate) fn stock(&self, line: usize, period: usize) -> Option<usize> {
        match self.flights.get(line) {
            Some(flight) => flight.stocks.clone().nth(period),
            None => Some(line),
        }
    }

    /// True for a line of the scenario whose outcome depends on others.
    pub(crate) fn meets(&self, line: usize) -> bool {
        self.meeting.contains(&line)
    }

    /// What earns for lines that meet.
    pub(crate) fn earners(&self) -> &[Earner] {
        &self.earners
    }

    /// What lines that meet return without any new spend.
    pub(crate) fn before(&self) -> &[Before] {
        &self.before
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

    /// A spend for each line and period.
    pub(crate) fn flown(&self, lines: &[Arc<ScenarioLine>], flights: &[Vec<f64>]) -> Vec<f64> {
        let flown = lines.iter().zip(flights);
        self.spread(flown.filter_map(|(line, own)| Some((line.flight.as_deref()?, own.clone()))))
    }
}

/// The lines of a member.
fn lines_of(meeting: &Meeting, member: Member) -> Vec<usize> {
    match member {
        Member::Line(i) => vec![i],
        Member::Audience(a) => {
            meeting.audiences[a].members.iter().flat_map(|&m| lines_of(meeting, m)).collect()
        }
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
