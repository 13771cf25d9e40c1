//! A plan under every draw of its curves: intervals and probabilities.

use indexmap::IndexMap;
use outlay_allocator::Sum;
use outlay_allocator::tolerance::STATED;

use crate::files::result::{
    Against, LimitResult, LimitUncertainty, LineUncertainty, Range, ResultFile, Totals, Uncertainty,
};
use crate::files::spec::{BaselineSpec, GoalSpec, Maximize, Metric, Minimize};
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLine};
use crate::plan::earned::{Earned, finite};
use crate::plan::flown::Flown;
use crate::plan::lower::Lowered;
use crate::plan::met;

/// The metrics that rest on curves.
const METRICS: [(&str, Metric); 8] = [
    ("revenue", Metric::Revenue),
    ("profit", Metric::Profit),
    ("customers", Metric::Customers),
    ("lifetime_value", Metric::LifetimeValue),
    ("cac", Metric::Cac),
    ("mer", Metric::Mer),
    ("iroas", Metric::Iroas),
    ("ltv_to_cac", Metric::LtvToCac),
];

/// The result with the uncertainty of its figures, where a curve has draws.
pub(crate) fn added(
    mut file: ResultFile,
    scenario: &Scenario,
    lowered: &Lowered,
    spends: Option<&[f64]>,
) -> ResultFile {
    let drawn: Vec<&ScenarioLine> =
        scenario.lines.iter().map(AsRef::as_ref).filter(|l| !l.draws.is_empty()).collect();
    let (Some(spends), Some(first)) = (spends, drawn.first()) else { return file };
    let level = first.draws.level();
    let plan = Draws::new(scenario, lowered, spends);
    let today = Draws::new(scenario, lowered, &lowered.today(scenario));
    let names = |keep: &dyn Fn(&ScenarioLine) -> bool| {
        scenario.lines.iter().filter(|l| keep(l)).map(|l| l.name.clone()).collect()
    };
    let mut uncertainty = Uncertainty {
        draws: plan.count,
        level,
        totals: IndexMap::new(),
        against_today: IndexMap::new(),
        probability_better: better(&scenario.goals, &plan, &today, scenario.baseline),
        certain: names(&|l| l.draws.is_empty()),
        shuffled: names(&|l| !l.draws.is_empty() && l.draws.count() != plan.count),
        not_averaged: names(&|l| !l.draws.is_empty() && !l.draws.averaged),
    };
    let all: Vec<usize> = (0..scenario.lines.len()).collect();
    for (name, metric) in &METRICS {
        let figures = |draws: &Draws| draws.figures(metric, &all, scenario.baseline);
        let Some(planned) = figures(&plan) else { continue };
        let differences = figures(&today).map(|t| planned.iter().zip(t).map(|(p, t)| p - t).collect());
        if let Some(Range { low, high }) = differences.and_then(|d| Range::central(d, level)) {
            let stated = |totals: &Totals| total(totals, metric);
            let was = file.reference.as_ref().and_then(|r| stated(&r.totals));
            let value = file.totals.as_ref().and_then(stated).zip(was).and_then(|(p, t)| finite(p - t));
            uncertainty.against_today.insert((*name).to_owned(), Against { value, low, high });
        }
        if let Some(range) = Range::central(planned, level) {
            uncertainty.totals.insert((*name).to_owned(), range);
        }
    }
    for (i, line) in file.lines.iter_mut().flatten().enumerate() {
        if scenario.lines.get(i).is_some_and(|l| !l.draws.is_empty()) {
            let range = |metric| {
                let figures = plan.figures(&metric, &[i], BaselineSpec::default())?;
                Range::central(figures, level)
            };
            line.uncertainty = Some(LineUncertainty {
                revenue: range(Metric::Revenue),
                customers: range(Metric::Customers),
                cac: range(Metric::Cac),
                iroas: range(Metric::Iroas),
            });
        }
    }
    let groups = scenario.limits.iter().flat_map(|l| &l.groups);
    let skipped = usize::from(scenario.budget.is_some());
    for (limit, group) in file.limits.iter_mut().flatten().skip(skipped).zip(groups) {
        limit.uncertainty = held(limit, group, scenario, &plan, level);
    }
    file.uncertainty = Some(uncertainty);
    file
}

/// How sure a limit on a metric of outcomes is; nothing for other metrics, for
/// single periods, and where no line it covers has draws.
fn held(
    limit: &LimitResult,
    group: &LimitGroup,
    scenario: &Scenario,
    plan: &Draws,
    level: f64,
) -> Option<LimitUncertainty> {
    let rests = METRICS.iter().any(|(_, metric)| *metric == limit.metric);
    if !rests || group.periods.is_some() {
        return None;
    }
    let all = || (0..scenario.lines.len()).collect();
    let lines: Vec<usize> = group.lines.as_ref().map_or_else(all, |l| l.to_vec());
    if lines.iter().all(|&i| scenario.lines.get(i).is_none_or(|l| l.draws.is_empty())) {
        return None;
    }
    let baseline = if group.lines.is_none() { scenario.baseline } else { BaselineSpec::default() };
    let figures = plan.figures(&limit.metric, &lines, baseline)?;
    let kept = |&figure: &f64| {
        limit.min.is_none_or(|min| figure >= min - STATED * min.abs())
            && limit.max.is_none_or(|max| figure <= max + STATED * max.abs())
    };
    let probability = figures.iter().filter(|f| kept(f)).count() as f64 / figures.len() as f64;
    let Range { low, high } = Range::central(figures, level)?;
    Some(LimitUncertainty { low, high, probability })
}

/// Share of the draws under which the first goal is served better than today.
fn better(goals: &[GoalSpec], plan: &Draws, today: &Draws, baseline: BaselineSpec) -> Option<f64> {
    let goal = goals.first().copied().unwrap_or_default();
    let (metric, sign) = match (goal.maximize, goal.minimize) {
        (Some(Maximize::Revenue), _) | (None, None) => (Metric::Revenue, 1.0),
        (Some(Maximize::Profit), _) => (Metric::Profit, 1.0),
        (Some(Maximize::Customers), _) => (Metric::Customers, 1.0),
        (Some(Maximize::LifetimeValue), _) => (Metric::LifetimeValue, 1.0),
        (None, Some(Minimize::Cac)) => (Metric::Cac, -1.0),
        (Some(Maximize::LongTermRevenue), _) | (None, Some(Minimize::Spend | Minimize::Moved)) => {
            return None;
        }
    };
    let all: Vec<usize> = (0..plan.lines.len()).collect();
    let (planned, was) = (plan.figures(&metric, &all, baseline)?, today.figures(&metric, &all, baseline)?);
    let wins = planned.iter().zip(&was).filter(|(p, t)| sign * (**p - **t) > 0.0).count();
    Some(wins as f64 / planned.len() as f64)
}

fn total(totals: &Totals, metric: &Metric) -> Option<f64> {
    match metric {
        Metric::Revenue => totals.revenue,
        Metric::Profit => totals.profit,
        Metric::Customers => totals.customers,
        Metric::LifetimeValue => totals.lifetime_value,
        Metric::Cac => totals.cac,
        Metric::Mer => totals.mer,
        Metric::Iroas => totals.iroas,
        Metric::LtvToCac => totals.ltv_to_cac,
        _ => None,
    }
}

/// What every line earns under every draw.
struct Draws {
    count: usize,
    /// By line; one entry for a line that is certain.
    lines: Vec<Vec<Earned>>,
    /// Which of a line's entries belongs to a draw.
    pairs: Vec<Pairing>,
}

enum Pairing {
    Certain,
    Same,
    Shuffled(Vec<usize>),
}

impl Pairing {
    /// Which of a line's entries belongs to a draw.
    fn at(&self, draw: usize) -> usize {
        match self {
            Pairing::Certain => 0,
            Pairing::Same => draw,
            Pairing::Shuffled(order) => order.get(draw).copied().unwrap_or(0),
        }
    }
}

impl Draws {
    fn new(scenario: &Scenario, lowered: &Lowered, spends: &[f64]) -> Self {
        let totals = lowered.layout.totals(spends);
        let flights = lowered.layout.by_period(spends);
        let earned = |i: usize, line: &ScenarioLine| match (line.flight.as_deref(), flights.get(i)) {
            (Some(flight), Some(own)) => Flown::new(line, flight, own).earned(),
            _ => Earned::new(line, line.curve.value(totals[i]), totals[i]),
        };
        let each = scenario.lines.iter().enumerate().map(|(i, line)| {
            let mut drawn = line.as_ref().clone();
            let curves = line.draws.curves();
            if curves.is_empty() {
                return vec![earned(i, &drawn)];
            }
            let one = |curve| {
                drawn.curve = curve;
                earned(i, &drawn)
            };
            curves.into_iter().map(one).collect::<Vec<Earned>>()
        });
        let mut lines: Vec<Vec<Earned>> = each.collect();
        let count = lines.iter().map(Vec::len).max().unwrap_or(0);
        let pairs = lines.iter().enumerate().map(|(i, own)| match own.len() {
            1 => Pairing::Certain,
            n if n == count => Pairing::Same,
            n => Pairing::Shuffled(shuffled(n, count, i)),
        });
        let mut pairs: Vec<Pairing> = pairs.collect();
        if !scenario.meeting.is_empty() {
            meet(scenario, &totals, count, (&mut lines, &mut pairs));
        }
        Draws { count, pairs, lines }
    }

    fn of(&self, line: usize, draw: usize) -> Option<&Earned> {
        let own = self.lines.get(line)?;
        own.get(self.pairs.get(line)?.at(draw))
    }

    /// A metric over some lines under every draw; nothing where it is unknown or
    /// infinite under one.
    fn figures(&self, metric: &Metric, lines: &[usize], base: BaselineSpec) -> Option<Vec<f64>> {
        let figure = |draw: usize| {
            let sum = |of: fn(&Earned) -> Option<f64>| {
                let mut sum = Sum::default();
                for &line in lines {
                    sum.add(of(self.of(line, draw)?)?);
                }
                Some(sum.value())
            };
            let cost = || Some(sum(|e| Some(e.cost))? + base.other_cost.unwrap_or(0.0));
            let figure = match metric {
                Metric::Revenue => sum(|e| e.revenue)?,
                Metric::Profit => sum(|e| e.profit)?,
                Metric::Customers => sum(|e| e.customers)?,
                Metric::LifetimeValue => sum(|e| e.lifetime_value)?,
                Metric::Cac => cost()? / (sum(|e| e.customers)? + base.customers.unwrap_or(0.0)),
                Metric::Mer => (sum(|e| e.revenue)? + base.revenue.unwrap_or(0.0)) / cost()?,
                Metric::Iroas => sum(|e| e.revenue)? / sum(|e| Some(e.cost))?,
                Metric::LtvToCac => sum(|e| e.lifetime_value)? / sum(|e| Some(e.cost))?,
                _ => return None,
            };
            finite(figure)
        };
        (0..self.count).map(figure).collect()
    }
}

/// Works out lines that meet draw by draw: what counts to each depends on the
/// draws of the others.
fn meet(
    scenario: &Scenario,
    spends: &[f64],
    count: usize,
    (lines, pairs): (&mut [Vec<Earned>], &mut [Pairing]),
) {
    let each = scenario.lines.iter().zip(spends).map(|(line, &x)| {
        let curves = line.draws.curves();
        if curves.is_empty() {
            vec![line.curve.value(x)]
        } else {
            curves.iter().map(|c| c.value(x)).collect()
        }
    });
    let own: Vec<Vec<f64>> = each.collect();
    let meets: Vec<usize> = scenario.meeting.webs.iter().flat_map(|web| web.lines.clone()).collect();
    let mut met: Vec<Vec<Earned>> = vec![Vec::with_capacity(count); lines.len()];
    for draw in 0..count {
        let at = |(own, pairing): (&Vec<f64>, &Pairing)| own[pairing.at(draw)];
        let drawn = own.iter().zip(&*pairs).map(at).collect();
        let shares = met::met(&scenario.meeting, drawn);
        for &i in &meets {
            met[i].push(Earned::new(&scenario.lines[i], shares[i].outcome, spends[i]));
        }
    }
    for i in meets {
        lines[i] = std::mem::take(&mut met[i]);
        pairs[i] = if count == 1 { Pairing::Certain } else { Pairing::Same };
    }
}

/// `own` draws repeated and shuffled to `count`, the same for the same line.
pub(crate) fn shuffled(own: usize, count: usize, line: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).map(|d| d % own).collect();
    let mut state = line as u64;
    // SplitMix64.
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for k in (1..count).rev() {
        order.swap(k, (next() % (k as u64 + 1)) as usize);
    }
    order
}
