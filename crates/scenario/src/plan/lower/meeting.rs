//! Lines that meet in the problem: a block for every audience, whose spend is
//! what its members add up to, and one for every pool, whose spend is its level.
//!
//! ```text
//! z - sum_i f_i(x_i) <= 0        an audience returns G(z)
//! D - sum_i h_i(x_i) <= base     a harvester returns D times its curve
//! ```
//!
//! Only `<=` is needed as long as more outcome breaks no limit.

use outlay_allocator::{Fact, Limit, Line, Terms};

use super::rows::{LimitSource, Rows};
use crate::files::spec::Metric;
use crate::model::meeting::Member;
use crate::model::scenario::Scenario;
use crate::plan::layout::Layout;

/// Adds the limits that tie blocks to their lines; gives the blocks, and lets
/// harvesters draw on their pools.
pub(super) fn blocks(scenario: &Scenario, layout: &Layout, rows: &mut Rows, lines: &mut [Line]) -> Vec<Line> {
    let meeting = &*scenario.meeting;
    let all = layout.names().len();
    let mut blocks = Vec::new();
    let mut tie = |block: usize, members: &[Member], base: f64| {
        let mut own = vec![0.0; all];
        own[block] = 1.0;
        let mut response = vec![0.0; all];
        layout.atoms(meeting, members).into_iter().for_each(|i| response[i] = -1.0);
        let terms = Terms::default().with_spend(own).with_response(response);
        let least = if capped(scenario) { Some(base) } else { None };
        rows.limits.push(Limit::on(terms, least, Some(base)));
        let name = layout.names()[block].clone();
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
    };
    for (a, audience) in meeting.audiences.iter().enumerate() {
        let Some(block) = layout.audience(a) else { continue };
        tie(block, &audience.members, 0.0);
        let most = ceiling(scenario, &audience.members);
        let facts = if most.is_finite() { vec![Fact::Max(most)] } else { Vec::new() };
        blocks.push(Line::new(audience.curve.clone(), 0.0, facts));
    }
    for (k, pool) in meeting.pools.iter().enumerate() {
        let Some(block) = layout.pool(k) else { continue };
        tie(block, &pool.makes, pool.base);
        let most = pool.base + ceiling(scenario, &pool.makes);
        let Ok(level) = outlay_curves::Curve::linear(1.0) else { continue };
        blocks.push(Line::new(level, pool.base, vec![Fact::Min(pool.base), Fact::Max(most)]));
        for i in layout.atoms(meeting, &pool.harvests) {
            let first = lines.len();
            let drawing = if i < first { lines.get_mut(i) } else { blocks.get_mut(i - first) };
            if let Some(line) = drawing {
                line.pool = Some(block);
            }
        }
    }
    blocks
}

/// The most that members add up to, whatever rules say.
fn ceiling(scenario: &Scenario, members: &[Member]) -> f64 {
    let of = |member: &Member| match *member {
        Member::Line(i) => scenario.lines[i].curve.ceiling(),
        Member::Audience(a) => {
            let audience = &scenario.meeting.audiences[a];
            let sum = ceiling(scenario, &audience.members);
            if sum.is_finite() { audience.curve.value(sum) } else { audience.curve.ceiling() }
        }
    };
    members.iter().map(of).sum()
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
