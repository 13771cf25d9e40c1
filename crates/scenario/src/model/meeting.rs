//! Lines that meet: what they return together, and what of it counts to each.

mod by_period;

use std::sync::Arc;

use outlay_curves::Curve;

pub(crate) use by_period::{ByPeriod, Level, Own};

/// The audiences and pools of a scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meeting {
    /// Shared audiences; one that is a member of another comes first.
    pub audiences: Vec<Audience>,
    /// Pools of demand.
    pub pools: Vec<Pool>,
    /// The lines that meet, each set of them with what they meet in.
    pub webs: Vec<Web>,
}

/// A line, or an audience in the place of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// Index of a line.
    Line(usize),
    /// Index of an audience.
    Audience(usize),
}

/// Lines that reach the same people.
#[derive(Debug, Clone, PartialEq)]
pub struct Audience {
    /// Its name.
    pub name: String,
    /// What it adds up.
    pub members: Vec<Member>,
    /// `G`: what the sum returns.
    pub curve: Curve,
    /// Where else `G` may lie, draw by draw of the lines' curves; empty where
    /// nobody says.
    pub draws: Arc<[Curve]>,
    /// True where `G` changes nothing.
    pub identity: bool,
    /// True where the lines' curves are reach, kept as what adds up.
    pub reach: bool,
    /// Where the figure comes from.
    pub source: Option<String>,
}

/// Demand that some lines make and others harvest.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Demand without the makers.
    pub base: f64,
    /// Share of the demand made that sells without a harvester.
    pub organic: f64,
    /// The same draw by draw of the lines' curves; empty where nobody says.
    pub organics: Arc<[f64]>,
    /// What returns demand.
    pub makes: Vec<Member>,
    /// What returns a share of it.
    pub harvests: Vec<Member>,
    /// The part of what the makers added that is still there a period later.
    pub retention: f64,
    /// Where the figures come from.
    pub source: Option<String>,
}

/// Lines whose outcomes depend on each other, and on no other line.
#[derive(Debug, Clone, PartialEq)]
pub struct Web {
    /// The lines, in order.
    pub lines: Vec<usize>,
    /// What they meet in.
    pub root: Root,
}

/// What a web's lines meet in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// An audience that is no member of another.
    Audience(usize),
    /// A pool.
    Pool(usize),
}

/// Most lines of a web whose shares are worked out over every order of them.
const FEW: usize = 8;

impl Meeting {
    /// True if no lines meet.
    pub fn is_empty(&self) -> bool {
        self.webs.is_empty()
    }

    /// The same meeting of lines that are numbered otherwise; `None` where one
    /// of them is missing.
    pub(crate) fn renumbered(&self, number: impl Fn(usize) -> Option<usize>) -> Option<Meeting> {
        let mut meeting = self.clone();
        let member = |m: &mut Member| match m {
            Member::Line(i) => number(*i).map(|new| *i = new),
            Member::Audience(_) => Some(()),
        };
        let audiences = meeting.audiences.iter_mut().flat_map(|a| &mut a.members);
        let pools = meeting.pools.iter_mut().flat_map(|p| p.makes.iter_mut().chain(&mut p.harvests));
        audiences.chain(pools).try_for_each(member)?;
        for web in &mut meeting.webs {
            web.lines = web.lines.iter().map(|&i| number(i)).collect::<Option<_>>()?;
            web.lines.sort_unstable();
        }
        Some(meeting)
    }

    /// What is left of a horizon, of which each web has a share; with it, which
    /// lines return less in less time: demand made and what is sold do, shares of
    /// demand and reach do not.
    pub(crate) fn rest(&self, left: &[f64], lines: usize) -> (Meeting, Vec<bool>) {
        let mut rest = self.clone();
        let mut fewer = vec![true; lines];
        for (web, &left) in self.webs.iter().zip(left) {
            let mut open: Vec<(Member, bool)> = match web.root {
                Root::Audience(a) => vec![(Member::Audience(a), true)],
                Root::Pool(k) => {
                    rest.pools[k].base *= left;
                    let (makes, harvests) = (self.pools[k].makes.iter(), self.pools[k].harvests.iter());
                    makes.map(|&m| (m, true)).chain(harvests.map(|&m| (m, false))).collect()
                }
            };
            while let Some((member, less)) = open.pop() {
                match member {
                    Member::Line(i) => fewer[i] = less,
                    Member::Audience(a) => {
                        let audience = &mut rest.audiences[a];
                        let sums = less && !audience.reach;
                        let axis = if sums { left } else { 1.0 };
                        let rest = |curve: &Curve| curve.stretched(axis, if less { left } else { 1.0 });
                        audience.draws = audience.draws.iter().map(rest).collect();
                        audience.curve = rest(&audience.curve);
                        open.extend(audience.members.iter().map(|&m| (m, sums)));
                    }
                }
            }
        }
        (rest, fewer)
    }

    /// The meeting under one of the draws.
    pub(crate) fn drawn(&self, draw: usize) -> Meeting {
        let mut meeting = self.clone();
        for audience in &mut meeting.audiences {
            if let Some(curve) = audience.draws.get(draw % audience.draws.len().max(1)) {
                audience.curve = curve.clone();
            }
        }
        for pool in &mut meeting.pools {
            pool.organic =
                pool.organics.get(draw % pool.organics.len().max(1)).copied().unwrap_or(pool.organic);
        }
        meeting
    }

    /// True where draws say more than that lines' curves may lie elsewhere.
    pub(crate) fn is_drawn(&self) -> bool {
        self.audiences.iter().any(|a| !a.draws.is_empty())
            || self.pools.iter().any(|p| !p.organics.is_empty())
    }

    /// True for a line whose curve is reach.
    pub(crate) fn reaches(&self, line: usize) -> bool {
        self.audiences.iter().any(|a| a.reach && a.members.contains(&Member::Line(line)))
    }

    /// The web a line is in.
    pub fn web_of(&self, line: usize) -> Option<&Web> {
        self.webs.iter().find(|web| web.lines.binary_search(&line).is_ok())
    }

    /// What the members of every audience add up to, where each line returns
    /// `own` by itself.
    pub fn sums(&self, own: &[f64]) -> Vec<f64> {
        let mut sums = Vec::with_capacity(self.audiences.len());
        for audience in &self.audiences {
            let sum = self.add(&audience.members, own, &sums);
            sums.push(sum);
        }
        sums
    }

    /// What a member returns.
    pub fn returns(&self, member: Member, own: &[f64], sums: &[f64]) -> f64 {
        match member {
            Member::Line(i) => own[i],
            Member::Audience(a) => self.audiences[a].curve.value(sums[a]),
        }
    }

    /// What members return together.
    pub fn add(&self, members: &[Member], own: &[f64], sums: &[f64]) -> f64 {
        members.iter().map(|&m| self.returns(m, own, sums)).sum()
    }

    /// What a web returns, where each line returns `own` by itself.
    pub fn worth(&self, web: &Web, own: &[f64]) -> f64 {
        let sums = self.sums(own);
        match web.root {
            Root::Audience(a) => self.returns(Member::Audience(a), own, &sums),
            Root::Pool(k) => {
                let (made, share) = self.pooled(k, own, &sums);
                let pool = &self.pools[k];
                (pool.base + made) * share + pool.organic * made
            }
        }
    }

    /// What the makers of a pool add, and the share that is harvested.
    fn pooled(&self, k: usize, own: &[f64], sums: &[f64]) -> (f64, f64) {
        let pool = &self.pools[k];
        (self.add(&pool.makes, own, sums), self.add(&pool.harvests, own, sums))
    }

    /// What more of each line's own return adds to what its web returns.
    pub fn slopes(&self, own: &[f64]) -> Vec<f64> {
        let sums = self.sums(own);
        let pooled = |k: usize| {
            let (made, share) = self.pooled(k, own, &sums);
            (self.pools[k].base + made, share + self.pools[k].organic)
        };
        let pools: Vec<(f64, f64)> = (0..self.pools.len()).map(pooled).collect();
        self.slopes_at(own, &sums, &pools)
    }

    /// The same where every pool has a level, and a unit of demand is worth so
    /// much.
    fn slopes_at(&self, own: &[f64], sums: &[f64], pools: &[(f64, f64)]) -> Vec<f64> {
        let mut lines = vec![1.0; own.len()];
        let mut audiences = vec![0.0; self.audiences.len()];
        let mut set = |member: Member, slope: f64, audiences: &mut [f64]| match member {
            Member::Line(i) => lines[i] = slope,
            Member::Audience(a) => audiences[a] = slope,
        };
        for web in &self.webs {
            match web.root {
                Root::Audience(a) => audiences[a] = 1.0,
                Root::Pool(k) => {
                    let (pool, (level, worth)) = (&self.pools[k], pools[k]);
                    pool.makes.iter().for_each(|&m| set(m, worth, &mut audiences));
                    pool.harvests.iter().for_each(|&m| set(m, level, &mut audiences));
                }
            }
        }
        for (a, audience) in self.audiences.iter().enumerate().rev() {
            let slope = audiences[a] * audience.curve.marginal(sums[a]);
            audience.members.iter().for_each(|&m| set(m, slope, &mut audiences));
        }
        lines
    }

    /// What of everything counts to each line: of a web's the Shapley value, the
    /// mean of what a line adds over all orders of the lines; from nine lines on
    /// its continuous form (Aumann and Shapley 1974), the mean of what each adds
    /// while all grow alike. Either adds up.
    pub fn shares(&self, own: &[f64]) -> Vec<f64> {
        let mut shares = own.to_vec();
        for web in &self.webs {
            let each = if Meeting::by_order(web) { self.orders(web, own) } else { self.growth(web, own) };
            web.lines.iter().zip(each).for_each(|(&i, share)| shares[i] = share);
        }
        shares
    }

    /// True where a web's shares are worked out over every order of its lines.
    pub fn by_order(web: &Web) -> bool {
        web.lines.len() <= FEW
    }

    /// What a web returns with the lines of a mask only.
    fn masked(&self, web: &Web, own: &[f64], keep: impl Fn(usize) -> bool) -> f64 {
        let mut own = own.to_vec();
        web.lines.iter().enumerate().filter(|(k, _)| !keep(*k)).for_each(|(_, &i)| own[i] = 0.0);
        self.worth(web, &own)
    }

    /// What a line would return without the other lines of its web.
    pub fn alone(&self, web: &Web, own: &[f64], line: usize) -> f64 {
        self.masked(web, own, |k| web.lines[k] == line)
    }

    /// What a web would lose with a line taken away.
    pub fn taken_away(&self, web: &Web, own: &[f64], line: usize) -> f64 {
        self.worth(web, own) - self.masked(web, own, |k| web.lines[k] != line)
    }

    fn orders(&self, web: &Web, own: &[f64]) -> Vec<f64> {
        let n = web.lines.len();
        let worths: Vec<f64> =
            (0..1_usize << n).map(|mask| self.masked(web, own, |k| mask & (1 << k) != 0)).collect();
        shapley(n, &worths)
    }

    fn growth(&self, web: &Web, own: &[f64]) -> Vec<f64> {
        let mut shares = vec![0.0; web.lines.len()];
        for (at, weight) in gauss_legendre() {
            let grown: Vec<f64> = own.iter().map(|x| at * x).collect();
            let slopes = self.slopes(&grown);
            web.lines.iter().zip(&mut shares).for_each(|(&i, s)| *s += weight * slopes[i] * own[i]);
        }
        // What the quadrature leaves is shared alike, so that nothing is lost.
        let (whole, sum) = (self.worth(web, own), shares.iter().sum::<f64>());
        if sum > 0.0 {
            shares.iter_mut().for_each(|s| *s *= whole / sum);
        }
        shares
    }
}

/// The mean of what each of `n` lines adds over all orders, from what every set of
/// them is worth: bit `k` of a set's index says whether line `k` is in it.
fn shapley(n: usize, worths: &[f64]) -> Vec<f64> {
    // Part of all orders in which exactly these lines come before the next.
    let mut weights = vec![1.0 / n as f64; n];
    for before in 1..n {
        weights[before] = weights[before - 1] * before as f64 / (n - before) as f64;
    }
    let share = |k: usize| {
        let without = (0..worths.len()).filter(|mask| mask & (1 << k) == 0);
        without.map(|m| weights[m.count_ones() as usize] * (worths[m | 1 << k] - worths[m])).sum()
    };
    (0..n).map(share).collect()
}

/// Nodes and weights of Gauss and Legendre's rule of 24 points on [0, 1]: roots
/// of the Legendre polynomial by Newton's method.
fn gauss_legendre() -> impl Iterator<Item = (f64, f64)> {
    const POINTS: usize = 24;
    (0..POINTS).map(|k| {
        let mut x = (std::f64::consts::PI * (k as f64 + 0.75) / (POINTS as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..20 {
            let (mut p, mut before) = (1.0, 0.0);
            for n in 0..POINTS {
                let n = n as f64;
                (p, before) = (((2.0 * n + 1.0) * x * p - n * before) / (n + 1.0), p);
            }
            slope = POINTS as f64 * (x * p - before) / (x * x - 1.0);
            let step = p / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        (0.5 * (1.0 + x), 1.0 / ((1.0 - x * x) * slope * slope))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(ceiling: f64) -> Curve {
        Curve::exponential(ceiling, ceiling).unwrap()
    }

    fn audience(members: Vec<Member>, ceiling: f64) -> Audience {
        Audience {
            name: String::new(),
            members,
            curve: curve(ceiling),
            draws: Arc::new([]),
            identity: false,
            reach: false,
            source: None,
        }
    }

    /// Two lines in an audience, a third with them in another; and a pool.
    fn meeting() -> Meeting {
        let line = Member::Line;
        Meeting {
            audiences: vec![
                audience(vec![line(0), line(1)], 50.0),
                audience(vec![line(2), Member::Audience(0)], 70.0),
                audience(vec![line(3), line(4)], 90.0),
                audience(vec![line(5), line(6)], 1.0),
            ],
            pools: vec![Pool {
                name: String::new(),
                base: 20.0,
                organic: 0.2,
                organics: Arc::new([]),
                makes: vec![Member::Audience(2), line(7)],
                harvests: vec![Member::Audience(3)],
                retention: 0.0,
                source: None,
            }],
            webs: vec![
                Web { lines: vec![0, 1, 2], root: Root::Audience(1) },
                Web { lines: vec![3, 4, 5, 6, 7], root: Root::Pool(0) },
            ],
        }
    }

    const OWN: [f64; 9] = [30.0, 40.0, 20.0, 60.0, 25.0, 0.3, 0.5, 12.0, 5.0];

    /// The mean over all orders, order by order.
    fn over_orders(meeting: &Meeting, web: &Web, left: &[usize], own: &mut [f64], shares: &mut [f64]) -> f64 {
        let mut orders = 0.0;
        for (k, &line) in left.iter().enumerate() {
            let before = meeting.worth(web, own);
            own[line] = OWN[line];
            let adds = meeting.worth(web, own) - before;
            let rest = [&left[..k], &left[k + 1..]].concat();
            let ways = if rest.is_empty() { 1.0 } else { over_orders(meeting, web, &rest, own, shares) };
            shares[line] += ways * adds;
            orders += ways;
            own[line] = 0.0;
        }
        orders
    }

    #[test]
    fn shares_are_means_over_orders_and_add_up() {
        let meeting = meeting();
        let shares = meeting.shares(&OWN);
        for web in &meeting.webs {
            let mut own = vec![0.0; OWN.len()];
            let mut mean = vec![0.0; OWN.len()];
            let orders = over_orders(&meeting, web, &web.lines, &mut own, &mut mean);
            for &i in &web.lines {
                assert!((shares[i] - mean[i] / orders).abs() < 1e-12 * shares[i].abs(), "line {i}");
            }
            let sum: f64 = web.lines.iter().map(|&i| shares[i]).sum();
            assert!((sum - meeting.worth(web, &OWN)).abs() < 1e-12 * sum);
            // Growing alike adds up too, and without audiences it is the same.
            let grown = meeting.growth(web, &OWN);
            assert!((grown.iter().sum::<f64>() - sum).abs() < 1e-12 * sum);
        }
        assert_eq!(shares[8], OWN[8]);
    }

    #[test]
    fn a_pool_without_audiences_is_split_in_halves() {
        let web = Web { lines: vec![0, 1, 2, 3], root: Root::Pool(0) };
        let pool = Pool {
            name: String::new(),
            base: 20.0,
            organic: 0.0,
            organics: Arc::new([]),
            makes: vec![Member::Line(0), Member::Line(1)],
            harvests: vec![Member::Line(2), Member::Line(3)],
            retention: 0.0,
            source: None,
        };
        let meeting = Meeting { pools: vec![pool], webs: vec![web], ..Meeting::default() };
        let own = [30.0, 50.0, 0.2, 0.1];
        let halves = [30.0 * 0.3 / 2.0, 50.0 * 0.3 / 2.0, 0.2 * (20.0 + 40.0), 0.1 * (20.0 + 40.0)];
        let grown = meeting.growth(&meeting.webs[0], &own);
        for (k, half) in halves.iter().enumerate() {
            assert!((meeting.shares(&own)[k] - half).abs() < 1e-12);
            assert!((grown[k] - half).abs() < 1e-12);
        }
    }

    #[test]
    fn slopes_are_those_of_the_worth() {
        let meeting = meeting();
        let slopes = meeting.slopes(&OWN);
        for web in &meeting.webs {
            for &i in &web.lines {
                let moved = |by: f64| {
                    let mut own = OWN;
                    own[i] *= 1.0 + by;
                    meeting.worth(web, &own)
                };
                let secant = (moved(1e-5) - moved(-1e-5)) / (2e-5 * OWN[i]);
                assert!((secant - slopes[i]).abs() < 1e-6 * slopes[i].abs(), "line {i}");
            }
        }
    }
}
