//! Random problems of every class the allocator claims to solve, each built
//! around a plan that keeps all its limits, so that it is known to be feasible.

use outlay_allocator::{Deal, Domain, Fact, Goal, Limit, Line, Problem, Terms};
use outlay_curves::Curve;
use outlay_curves::families::Tier;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// What makes a problem hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Concave,
    SShaped,
    Tables,
    Tiers,
    Flat,
    AtLeast,
    Lots,
    Requires,
    Excludes,
    Cardinality,
    Marginal,
    LeastMoved,
    PricedMoves,
    Ratio,
    ResponseCap,
    ResponseFloor,
    LeastSpend,
    ExactBudget,
    NoMaxima,
    Identical,
    Deals,
    Everything,
}

pub(crate) const CLASSES: [Class; 22] = [
    Class::Concave,
    Class::SShaped,
    Class::Tables,
    Class::Tiers,
    Class::Flat,
    Class::AtLeast,
    Class::Lots,
    Class::Requires,
    Class::Excludes,
    Class::Cardinality,
    Class::Marginal,
    Class::LeastMoved,
    Class::PricedMoves,
    Class::Ratio,
    Class::ResponseCap,
    Class::ResponseFloor,
    Class::LeastSpend,
    Class::ExactBudget,
    Class::NoMaxima,
    Class::Identical,
    Class::Deals,
    Class::Everything,
];

/// A problem and a plan that keeps its limits.
#[derive(Clone)]
pub(crate) struct Case {
    /// How to draw it again.
    name: String,
    pub(crate) problem: Problem,
    pub(crate) witness: Vec<f64>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

const STAGES: usize = 3;

fn uniform(rng: &mut impl Rng, from: f64, to: f64) -> f64 {
    from + (to - from) * rng.random::<f64>()
}

fn chance(rng: &mut impl Rng, probability: f64) -> bool {
    rng.random::<f64>() < probability
}

/// A concave curve of any family with scale `k` and ceiling about `v`.
pub(crate) fn concave(rng: &mut impl Rng, v: f64, k: f64) -> Curve {
    match rng.random_range(0..8) {
        0 => Curve::hill(v, k, uniform(rng, 0.4, 1.0)),
        1 => Curve::michaelis_menten(v, k),
        2 => Curve::exponential(v, k),
        3 => Curve::logistic(v, k),
        4 => {
            let a = uniform(rng, 0.3, 0.95);
            Curve::power(0.5 * v / k.powf(a), a)
        }
        5 => Curve::log(0.6 * v, k),
        6 => Curve::linear(0.3 * v / k),
        _ => return concave_table(rng, v, k),
    }
    .unwrap()
}

fn concave_table(rng: &mut impl Rng, v: f64, k: f64) -> Curve {
    let steps = rng.random_range(2..9);
    let points: Vec<(f64, f64)> = (1..=steps)
        .map(|j| {
            let x = 4.0 * k * f64::from(j) / f64::from(steps);
            (x, v * (1.0 - (-x / k).exp()))
        })
        .collect();
    Curve::table(&points).unwrap()
}

pub(crate) fn s_shaped(rng: &mut impl Rng, v: f64, k: f64) -> Curve {
    if chance(rng, 0.7) {
        Curve::hill(v, k, uniform(rng, 1.2, 4.0)).unwrap()
    } else {
        Curve::s_logistic(v, k, uniform(rng, 2.0, 6.0) / k).unwrap()
    }
}

fn any_table(rng: &mut impl Rng, v: f64, k: f64) -> Curve {
    let steps = rng.random_range(2..9);
    let (mut x, mut y) = (0.0, 0.0);
    let points: Vec<(f64, f64)> = (0..steps)
        .map(|_| {
            x += k * uniform(rng, 0.1, 1.0);
            if chance(rng, 0.8) {
                y += v * uniform(rng, 0.0, 0.4);
            }
            (x, y)
        })
        .collect();
    Curve::table(&points).unwrap()
}

fn tiered(rng: &mut impl Rng, base: Curve, k: f64) -> Curve {
    let first = k * uniform(rng, 0.3, 1.0);
    let tiers = [
        Tier { from: first, units: uniform(rng, 0.8, 1.6) },
        Tier { from: first + k * uniform(rng, 0.3, 1.0), units: uniform(rng, 0.8, 2.0) },
    ];
    base.tiered(&tiers).unwrap()
}

/// A spend the domain allows, at most about 3 `k`.
fn inside(rng: &mut impl Rng, domain: &Domain, k: f64) -> f64 {
    let spans: Vec<_> =
        domain.spans().iter().filter(|s| s.from <= 4.0 * k || s.from == domain.least()).collect();
    let span = spans[rng.random_range(0..spans.len())];
    let x = uniform(rng, span.from, span.to.min(span.from + 2.0 * k));
    domain.nearest(x)
}

fn curve(rng: &mut impl Rng, class: Class, v: f64, k: f64) -> Curve {
    let mixed = |rng: &mut _| if chance(rng, 0.5) { s_shaped(rng, v, k) } else { concave(rng, v, k) };
    match class {
        Class::Concave | Class::NoMaxima | Class::Deals => concave(rng, v, k),
        Class::SShaped | Class::Identical => {
            if chance(rng, 0.6) {
                s_shaped(rng, v, k)
            } else {
                concave(rng, v, k)
            }
        }
        Class::Tables => any_table(rng, v, k),
        Class::Tiers => {
            let base = mixed(rng);
            tiered(rng, base, k)
        }
        Class::Everything => match rng.random_range(0..4) {
            0 => any_table(rng, v, k),
            1 => {
                let base = mixed(rng);
                tiered(rng, base, k)
            }
            _ => mixed(rng),
        },
        _ => mixed(rng),
    }
}

fn facts(rng: &mut impl Rng, class: Class, curve: &Curve, k: f64) -> Vec<Fact> {
    let last = curve.last_spend();
    let max = (k * uniform(rng, 1.0, 4.0)).min(last);
    let min = if chance(rng, 0.3) { k * uniform(rng, 0.0, 0.3) } else { 0.0 };
    let mut facts = vec![Fact::Min(min.min(max)), Fact::Max(max)];
    let lots = if class == Class::Deals { 4 } else { 12 };
    let deal = match class {
        Class::Everything => rng.random_range(0..8),
        Class::Deals => rng.random_range(0..5),
        Class::Flat => rng.random_range(0..2),
        Class::AtLeast => 1 + rng.random_range(0..2) * 2,
        Class::Lots => 2 + rng.random_range(0..2) * 2,
        Class::Marginal => 5 + rng.random_range(0..2),
        _ => 99,
    };
    match deal {
        0 => facts = vec![Fact::Deal(Deal::Flat(max))],
        1 => facts = vec![Fact::Max(max), Fact::Deal(Deal::AtLeast(max * uniform(rng, 0.1, 0.8)))],
        2 => facts = vec![Fact::Max(max), Fact::Deal(Deal::Lots(max / f64::from(rng.random_range(1..lots))))],
        5 => {
            let at = uniform(rng, 0.2, 0.8) * max;
            let least = curve.marginal(at);
            facts = vec![Fact::Max(max), Fact::Marginal { least, limit: 0 }];
        }
        _ if class == Class::NoMaxima && last.is_infinite() => facts.truncate(1),
        _ => {}
    }
    if Line::new(curve.clone(), 0.0, facts.clone()).domain().is_empty() {
        facts = vec![Fact::Max(max)];
    }
    facts
}

fn selected(tags: &[usize], tag: usize) -> Vec<f64> {
    tags.iter().map(|&t| f64::from(u8::from(t == tag))).collect()
}

impl Class {
    /// A random problem of this class with about `n` lines.
    pub(crate) fn case(self, n: usize, seed: u64) -> Case {
        let mut rng = Pcg64Mcg::seed_from_u64(seed.wrapping_mul(1000) + n as u64 + ((self as u64) << 48));
        let (mut lines, mut stage, mut per_customer, mut scale) = (vec![], vec![], vec![], vec![]);
        let copies = if self == Class::Identical { 3 } else { 1 };
        while lines.len() < n {
            let k = 1e5 * uniform(&mut rng, -1.5, 1.5).exp();
            let v = k * uniform(&mut rng, 1.0, 5.0);
            let curve = curve(&mut rng, self, v, k);
            let facts = facts(&mut rng, self, &curve, k);
            let tag = rng.random_range(0..STAGES);
            let each = uniform(&mut rng, 60.0, 140.0);
            let current = if chance(&mut rng, 0.2) { 0.0 } else { k * uniform(&mut rng, 0.2, 1.5) };
            for _ in 0..copies.min(n - lines.len()) {
                lines.push(Line::new(curve.clone(), current, facts.clone()));
                stage.push(tag);
                per_customer.push(1.0 / each);
                scale.push(k);
            }
        }
        let mut witness: Vec<f64> =
            lines.iter().zip(&scale).map(|(l, &k)| inside(&mut rng, l.domain(), k)).collect();
        if matches!(
            self,
            Class::Cardinality | Class::Excludes | Class::Requires | Class::Deals | Class::Everything
        ) {
            for (x, l) in witness.iter_mut().zip(&lines) {
                if l.domain().least() == 0.0 && chance(&mut rng, 0.5) {
                    *x = 0.0;
                }
            }
        }
        if let (true, Some(i)) =
            (witness.iter().all(|x| *x == 0.0), (0..n).find(|&i| lines[i].domain().largest() > 0.0))
        {
            let domain = lines[i].domain();
            witness[i] = domain.nearest(
                (0.4 * domain.largest().min(2.0 * scale[i]))
                    .max(domain.spans()[domain.spans().len() - 1].from),
            );
            if witness[i] == 0.0 {
                witness[i] = domain.largest();
            }
        }
        let mut builder = Builder { rng, class: self, lines, stage, per_customer, witness, limits: vec![] };
        builder.limit_money();
        builder.limit_activity();
        builder.limit_response();
        let goal = builder.goal();
        let Builder { lines, limits, witness, .. } = builder;
        let name = format!("{self:?} n {n} seed {seed}");
        Case { name, problem: Problem { lines, goal, limits }, witness }
    }
}

struct Builder {
    rng: Pcg64Mcg,
    class: Class,
    lines: Vec<Line>,
    stage: Vec<usize>,
    per_customer: Vec<f64>,
    witness: Vec<f64>,
    limits: Vec<Limit>,
}

impl Builder {
    fn spend(&self) -> Terms {
        Terms::default().with_spend(vec![1.0; self.lines.len()])
    }

    fn response(&self) -> Terms {
        Terms::default().with_response(vec![1.0; self.lines.len()])
    }

    fn customers(&self) -> Terms {
        Terms { constant: 10.0, ..Terms::default().with_response(self.per_customer.clone()) }
    }

    fn now(&self, terms: &Terms) -> f64 {
        super::evaluate(terms, &self.lines, &self.witness)
    }

    /// Adds a limit unless the witness makes nothing of it.
    fn add(&mut self, limit: Limit) {
        self.limits.push(limit);
    }

    fn limit_money(&mut self) {
        let total = self.now(&self.spend());
        let budget = total * uniform(&mut self.rng, 1.0, 1.2);
        match self.class {
            Class::ExactBudget => self.add(Limit::on(self.spend(), Some(total), Some(total))),
            Class::LeastSpend | Class::Ratio if total > 0.0 => {}
            _ => self.add(Limit::on(self.spend(), None, Some(budget))),
        }
        for s in 0..STAGES {
            let share = Terms::default().with_spend(selected(&self.stage, s));
            let value = self.now(&share) / total;
            let all = self.stage.iter().all(|&t| t == s);
            if self.stage.contains(&s) && !all && value > 0.0 && value < 1.0 && chance(&mut self.rng, 0.7) {
                let min = chance(&mut self.rng, 0.6).then(|| value * uniform(&mut self.rng, 0.5, 0.95));
                let max = (value * uniform(&mut self.rng, 1.05, 1.6)).min(1.0);
                self.add(Limit::ratio(share, self.spend(), min, Some(max)));
            }
        }
        let cost = Terms { constant: 500.0, ..self.spend() };
        let cac = self.now(&cost) / self.now(&self.customers());
        if chance(&mut self.rng, 0.7) {
            let cap = cac * uniform(&mut self.rng, 1.0, 1.15);
            self.add(Limit::ratio(cost, self.customers(), None, Some(cap)));
        }
    }

    fn limit_activity(&mut self) {
        let n = self.lines.len();
        let on = |i: usize, w: &[f64]| w[i] > 0.0;
        let all = matches!(self.class, Class::Everything | Class::Deals);
        for _ in 0..n / 2 {
            let (i, j) = (self.rng.random_range(0..n), self.rng.random_range(0..n));
            let (a, b) = (on(i, &self.witness), on(j, &self.witness));
            let mut pair = vec![0.0; n];
            if i == j {
                continue;
            }
            if (self.class == Class::Requires || all && chance(&mut self.rng, 0.3)) && (!a || b) {
                (pair[i], pair[j]) = (1.0, -1.0);
                self.add(Limit::on(Terms::default().with_active(pair), None, Some(0.0)));
            } else if (self.class == Class::Excludes || all && chance(&mut self.rng, 0.3)) && !(a && b) {
                (pair[i], pair[j]) = (1.0, 1.0);
                self.add(Limit::on(Terms::default().with_active(pair), None, Some(1.0)));
            }
        }
        if self.class == Class::Cardinality || all && chance(&mut self.rng, 0.5) {
            let count = self.witness.iter().filter(|x| **x > 0.0).count() as f64;
            let terms = Terms::default().with_active(vec![1.0; n]);
            let least = (count - f64::from(self.rng.random_range(0..3))).max(0.0);
            self.add(Limit::on(terms, Some(least), Some(count)));
        }
    }

    fn limit_response(&mut self) {
        let customers = Terms::default().with_response(self.per_customer.clone());
        let value = self.now(&customers);
        match self.class {
            Class::ResponseCap => {
                let cap = value * uniform(&mut self.rng, 1.0, 1.1);
                self.add(Limit::on(customers, None, Some(cap)));
            }
            Class::ResponseFloor | Class::LeastSpend | Class::LeastMoved | Class::Ratio => {
                let floor = value * uniform(&mut self.rng, 0.9, 1.0);
                self.add(Limit::on(customers, Some(floor), None));
            }
            _ => {}
        }
    }

    fn goal(&mut self) -> Goal {
        let n = self.lines.len();
        match self.class {
            Class::LeastMoved => Goal::Maximize(Terms::default().with_moved(vec![-1.0; n])),
            Class::PricedMoves => Goal::Maximize(self.response().with_moved(vec![-0.2; n])),
            Class::LeastSpend => Goal::Maximize(Terms::default().with_spend(vec![-1.0; n])),
            Class::Ratio => Goal::MinimizeRatio { numerator: self.spend(), denominator: self.customers() },
            Class::NoMaxima if chance(&mut self.rng, 0.5) => {
                Goal::Maximize(self.response().with_spend(vec![-0.7; n]))
            }
            _ => Goal::Maximize(self.response()),
        }
    }
}
