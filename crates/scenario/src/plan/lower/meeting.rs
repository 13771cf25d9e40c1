//! Lines that meet in the problem: a block for every audience, whose spend is
//! what its members add up to, and one for every pool, whose spend is its level;
//! by period, one for each period.
//!
//! ```text
//! z - sum_i f_i(x_i) <= 0        an audience returns G(z)
//! D - sum_i h_i(x_i) <= base     a harvester returns D times its curve
//! ```
//!
//! By period a level is also what the period before has left, see
//! [`ByPeriod`]. Only `<=` is needed as long as more outcome breaks no limit.

use outlay_allocator::{Fact, Limit, Line, Terms};
use outlay_curves::Curve;

use super::rows::{LimitSource, Rows};
use crate::files::spec::Metric;
use crate::model::meeting::{ByPeriod, Meeting, Member};
use crate::model::scenario::Scenario;
use crate::plan::layout::Layout;

/// Adds the limits that tie blocks to their lines; gives the blocks, and lets
/// harvesters draw on their pools.
pub(super) fn blocks(scenario: &Scenario, layout: &Layout, rows: &mut Rows, lines: &mut [Line]) -> Vec<Line> {
    let met = ByPeriod::of(scenario);
    let meeting = met.as_ref().map_or(&*scenario.meeting, |met| &met.meeting);
    // By period a level says what later ones are: exactly, or nothing follows.
    let equal = capped(scenario) || met.is_some() && !meeting.pools.is_empty();
    let tying = Tying { scenario, layout, meeting, met: met.as_ref(), equal };
    let mut blocks = Vec::new();
    for (a, audience) in meeting.audiences.iter().enumerate() {
        for t in 0.. {
            let Some(block) = layout.audience(a, t) else { break };
            tying.tie(rows, (block, t), &audience.members, 1.0, (None, 0.0));
            let most = tying.ceiling(&audience.members, t);
            let facts = if most.is_finite() { vec![Fact::Max(most)] } else { Vec::new() };
            blocks.push(Line::new(audience.curve.clone(), 0.0, facts));
        }
    }
    for (k, pool) in meeting.pools.iter().enumerate() {
        let (mut low, mut high) = (0.0, 0.0);
        for t in 0.. {
            let Some(block) = layout.pool(k, t) else { break };
            let (base, demand) = met.as_ref().map_or((pool.base, 1.0), |m| (m.added(k, t), m.demand_at(t)));
            let before = (t > 0 && pool.retention > 0.0).then(|| (block - 1, pool.retention));
            tying.tie(rows, (block, t), &pool.makes, demand, (before, base));
            let kept = before.map_or(0.0, |(_, kept)| kept);
            (low, high) = (kept * low + base, kept * high + base + demand * tying.ceiling(&pool.makes, t));
            let Ok(level) = Curve::linear(1.0) else { continue };
            blocks.push(Line::new(level, low, vec![Fact::Min(low), Fact::Max(high)]));
            for i in layout.atoms(meeting, &pool.harvests, t) {
                let first = lines.len();
                let drawing = if i < first { lines.get_mut(i) } else { blocks.get_mut(i - first) };
                if let Some(line) = drawing {
                    line.pool = Some(block);
                }
            }
        }
    }
    blocks
}

struct Tying<'a> {
    scenario: &'a Scenario,
    layout: &'a Layout,
    /// Over the horizon, or in one period.
    meeting: &'a Meeting,
    met: Option<&'a ByPeriod>,
    /// Blocks are exactly what they sum.
    equal: bool,
}

impl Tying<'_> {
    /// Ties a block to what members return in a period, each unit of which counts
    /// `weight`, and to what is left of a block before it.
    fn tie(
        &self,
        rows: &mut Rows,
        (block, t): (usize, usize),
        members: &[Member],
        weight: f64,
        (before, base): (Option<(usize, f64)>, f64),
    ) {
        let all = self.layout.names().len();
        let mut own = vec![0.0; all];
        own[block] = 1.0;
        if let Some((before, kept)) = before {
            own[before] = -kept;
        }
        let mut response = vec![0.0; all];
        self.credit(members, t, weight, &mut response);
        let terms = Terms::default().with_spend(own).with_response(response);
        rows.limits.push(Limit::on(terms, self.equal.then_some(base), Some(base)));
        let name = self.layout.names()[block].clone();
        rows.sources.push(LimitSource {
            key: name.clone(),
            name,
            owner: None,
            metric: Metric::Revenue,
            min: None,
            max: None,
            firm: true,
            weight: 1.0,
            listed: false,
        });
    }

    fn credit(&self, members: &[Member], t: usize, weight: f64, response: &mut [f64]) {
        for &member in members {
            match member {
                Member::Line(i) => {
                    if let Some(atom) = self.layout.stock(i, t) {
                        response[atom] = -weight * self.index(i, t);
                    }
                }
                Member::Audience(a) if self.meeting.audiences[a].identity => {
                    self.credit(&self.meeting.audiences[a].members, t, weight, response);
                }
                Member::Audience(a) => {
                    if let Some(atom) = self.layout.audience(a, t) {
                        response[atom] = -weight;
                    }
                }
            }
        }
    }

    /// A line's own index of demand.
    fn index(&self, i: usize, t: usize) -> f64 {
        let flight = self.scenario.lines[i].flight.as_deref();
        self.met.zip(flight).map_or(1.0, |(met, flight)| met.weight(i, flight, t))
    }

    /// The most that members add up to in a period, whatever rules say.
    fn ceiling(&self, members: &[Member], t: usize) -> f64 {
        let of = |member: &Member| match *member {
            Member::Line(i) if self.layout.stock(i, t).is_none() => 0.0,
            Member::Line(i) => {
                let curve = &self.scenario.lines[i].curve;
                let most = self.met.map_or_else(|| curve.ceiling(), |met| met.curve(i, curve).ceiling());
                self.index(i, t) * most
            }
            Member::Audience(a) => {
                let audience = &self.meeting.audiences[a];
                let sum = self.ceiling(&audience.members, t);
                if sum.is_finite() { audience.curve.value(sum) } else { audience.curve.ceiling() }
            }
        };
        members.iter().map(of).sum()
    }
}

/// True where a limit is broken by more outcome: blocks are then exactly what
/// they sum.
fn capped(scenario: &Scenario) -> bool {
    let of = |metric: &Metric| {
        use Metric::{Customers, Iroas, LifetimeValue, LtvToCac, Mer, Profit, Revenue};
        matches!(metric, Revenue | Customers | LifetimeValue | Profit | Mer | Iroas | LtvToCac)
    };
    scenario.limits.iter().any(|l| l.spec.max.is_some() && of(&l.spec.metric))
}
