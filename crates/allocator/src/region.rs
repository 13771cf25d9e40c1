//! A part of the domain as the cuts of a leaf leave it, and lines that
//! cannot be told apart (symmetry).

use crate::groups::Ties;
use crate::tolerance::SETTLED;
use crate::{Coefficients, Cut, CutSide, Limit, Line, Problem, Terms};

/// Room left above an implied maximum, relative to the terms it follows from:
/// for rounding, and for limits that may be exceeded by a little.
const MARGIN: f64 = 1e-6;

/// Times that limits are asked for the maxima they imply.
const PASSES: usize = 3;

/// A box of spends: one interval per line, to be read together with the
/// line's domain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Region {
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
}

impl Region {
    /// Every plan: each line from its least to its largest spend.
    pub(crate) fn whole(problem: &Problem) -> Self {
        let low = problem.lines.iter().map(|l| l.domain().least()).collect();
        let high = problem.lines.iter().map(|l| l.domain().largest()).collect();
        let mut region = Region { low, high };
        // What one limit leaves may be what another needs.
        for _ in 0..PASSES {
            if !region.high.contains(&f64::INFINITY) {
                break;
            }
            let dense = problem.limits.iter().filter(|l| !l.numerator.is_sparse());
            dense.for_each(|limit| region.cap(problem, limit));
        }
        region.follow(problem);
        region
    }

    /// Narrows the lines of quantities of few lines, like the stock that
    /// follows from spends, to what the other lines of the quantity leave.
    /// A sweep onwards and one back: a chain of stocks is settled by then.
    fn follow(&mut self, problem: &Problem) {
        let chain = || problem.limits.iter().filter(|l| l.numerator.is_sparse() && l.denominator.is_none());
        chain().for_each(|limit| self.narrow(limit));
        chain().rev().for_each(|limit| self.narrow(limit));
        if problem.is_linked() && problem.is_pooled() {
            Ties::exact(problem).narrow(&problem.lines, &mut self.low, &mut self.high);
        }
    }

    /// For each line of `min <= sum a x <= max`: what the sum of the others,
    /// at its least and largest, leaves.
    fn narrow(&mut self, limit: &Limit) {
        let few = limit.numerator.few();
        self.switch_off(limit);
        if few.iter().any(|(_, c)| c.response != 0.0 || c.active != 0.0 || c.moved != 0.0) {
            return;
        }
        let range = |region: &Region, i: usize, a: f64| {
            let (x, y) = (a * region.low[i], a * region.high[i]);
            if a >= 0.0 { (x, y) } else { (y, x) }
        };
        let constant = limit.numerator.constant;
        for &(i, c) in few {
            if c.spend == 0.0 {
                continue;
            }
            let (mut least, mut most, mut size) = (constant, constant, constant.abs());
            for &(k, other) in few.iter().filter(|(k, other)| *k != i && other.spend != 0.0) {
                let (x, y) = range(self, k, other.spend);
                (least, most) = (least + x, most + y);
                size += x.abs().max(y.abs());
            }
            let margin = |number: f64| {
                let size = size.min(f64::MAX) + number.abs();
                SETTLED * if size.is_finite() { size } else { number.abs() }
            };
            let up = limit.max.map_or(f64::INFINITY, |max| max - least + margin(max));
            let down = limit.min.map_or(f64::NEG_INFINITY, |min| min - most - margin(min));
            let (low, high) =
                if c.spend > 0.0 { (down / c.spend, up / c.spend) } else { (up / c.spend, down / c.spend) };
            if low > self.low[i] {
                self.low[i] = low.min(self.high[i]);
            }
            if high < self.high[i] {
                self.high[i] = high.max(self.low[i]);
            }
        }
    }

    /// `z <= u`, with `z` 1 if a line spends anything: where `u` is held well
    /// below 1, the line spends nothing.
    fn switch_off(&mut self, limit: &Limit) {
        let [(a, _), (b, _)] = limit.numerator.few() else { return };
        let of = |i: &usize, c: Coefficients| limit.numerator.few().contains(&(*i, c));
        let pair =
            |i: &usize, u: &usize| of(i, Coefficients::on_active(1.0)) && of(u, Coefficients::on_spend(-1.0));
        let (i, u) = match () {
            _ if pair(a, b) => (*a, *b),
            _ if pair(b, a) => (*b, *a),
            _ => return,
        };
        let most = limit.max.map(|max| max - limit.numerator.constant);
        if most.is_some_and(|most| most + self.high[u] <= 0.5) && self.low[i] == 0.0 {
            self.high[i] = 0.0;
        }
    }

    /// Gives lines without a maximum the one that a limit implies.
    fn cap(&mut self, problem: &Problem, limit: &Limit) {
        for side in [limit.max.map(|n| (n, 1.0)), limit.min.map(|n| (n, -1.0))].into_iter().flatten() {
            let Some(Room { terms, most }) = Room::left(&problem.lines, limit, side, &self.high) else {
                continue;
            };
            for (i, line) in problem.lines.iter().enumerate() {
                let c = terms.of(i).spend;
                if line.domain().largest() == f64::INFINITY && c > 0.0 {
                    self.high[i] = self.high[i].min((most / c).max(self.low[i]));
                }
            }
        }
    }

    /// The box that cuts alone leave, whatever limits imply.
    pub(crate) fn uncapped(problem: &Problem, cuts: &[Cut], twins: &Twins) -> Self {
        let low = problem.lines.iter().map(|l| l.domain().least()).collect();
        let high = problem.lines.iter().map(|l| l.domain().largest()).collect();
        let mut region = Region { low, high };
        cuts.iter().for_each(|&cut| region.cut(cut, twins));
        region
    }

    /// Keeps one side of a cut.
    ///
    /// Lines that cannot be told apart (see [`Twins`]) may be renumbered so
    /// that earlier ones spend at least as much as later ones; so a cut from
    /// above also holds for the line's later twins and one from below for its
    /// earlier twins.
    pub(crate) fn cut(&mut self, cut: Cut, twins: &Twins) {
        let (before, after) = twins.around(cut.line);
        match cut.side {
            CutSide::Below => {
                for &i in [cut.line].iter().chain(after) {
                    self.high[i] = self.high[i].min(cut.at);
                }
            }
            CutSide::Above => {
                let at = if cut.at > 0.0 { cut.at } else { f64::MIN_POSITIVE };
                for &i in [cut.line].iter().chain(before) {
                    self.low[i] = self.low[i].max(at);
                }
            }
        }
    }

    /// The region that a sequence of cuts leaves.
    pub(crate) fn of(problem: &Problem, cuts: &[Cut], twins: &Twins) -> Self {
        let mut region = Region::whole(problem);
        for &cut in cuts {
            region.cut(cut, twins);
        }
        if !cuts.is_empty() {
            region.use_up(problem);
            region.follow(problem);
        }
        region
    }

    /// A line that says whether others are on is 0 or 1: `z <= u` for each and
    /// `u <= sum z`. Above 0 it is 1.
    fn use_up(&mut self, problem: &Problem) {
        let cut = |i: &usize| self.low[*i] == f64::MIN_POSITIVE && self.high[*i] == 1.0;
        let cut: Vec<usize> = (0..self.low.len()).filter(cut).collect();
        let (one, off) = (Coefficients::on_spend(1.0), Coefficients::on_active(-1.0));
        for u in cut {
            let of = |limit: &&Limit| {
                let plain = limit.numerator.is_sparse() && limit.denominator.is_none();
                plain && limit.max == Some(limit.numerator.constant)
            };
            let rules = || problem.limits.iter().filter(of).map(|limit| limit.numerator.few());
            let sum = rules().find(|few| {
                few.len() > 1
                    && few.iter().all(|&(i, c)| c == if i == u { one } else { off })
                    && few.iter().any(|(i, _)| *i == u)
            });
            let pair = |i: usize| {
                let own = [(i, Coefficients::on_active(1.0)), (u, Coefficients::on_spend(-1.0))];
                rules().any(|few| few.len() == 2 && own.iter().all(|own| few.contains(own)))
            };
            if sum.is_some_and(|few| few.iter().all(|&(i, _)| i == u || pair(i))) {
                self.low[u] = 1.0;
            }
        }
    }
}

/// What a side of a limit leaves for the spends of lines without a maximum:
/// each, times its coefficient in `terms`, is at most `most`.
pub(crate) struct Room {
    pub(crate) terms: Terms,
    pub(crate) most: f64,
}

impl Room {
    /// Where the other terms of a row `terms(x) <= upper` are at least `least`, a
    /// line's spend is at most `(upper - least) / coefficient`. `high` is what
    /// lines spend at most; `None` if nothing follows.
    pub(crate) fn left(
        lines: &[Line],
        limit: &Limit,
        (number, sign): (f64, f64),
        high: &[f64],
    ) -> Option<Room> {
        let signed = Terms::default().plus(sign, &limit.numerator);
        let (terms, upper) = match &limit.denominator {
            Some(denominator) => (signed.plus(-sign * number, denominator), 0.0),
            None => (signed, sign * number),
        };
        let each = lines.iter().zip(high).enumerate().map(|(i, (line, own))| {
            let c = terms.of(i);
            let level = line.pool.map_or(1.0, |p| high[p]);
            let earned = if c.response < 0.0 { c.response * level * line.curve.ceiling() } else { 0.0 };
            let spent = if c.spend < 0.0 { c.spend * own } else { 0.0 };
            let moved = if c.moved < 0.0 { f64::NEG_INFINITY } else { 0.0 };
            (earned + spent + moved + c.active.min(0.0), earned.abs() + c.active.abs())
        });
        let (least, size) =
            each.fold((terms.constant, upper.abs() + terms.constant.abs()), |a, b| (a.0 + b.0, a.1 + b.1));
        least.is_finite().then(|| Room { terms, most: (upper - least).max(0.0) + MARGIN * size })
    }
}

/// Groups of lines that cannot be told apart: same curve, domain, today's
/// spend and coefficients everywhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Twins {
    groups: Vec<Vec<usize>>,
    /// Every line's group and place in it; empty without groups.
    group_of: Vec<Option<(u32, u32)>>,
}

impl Twins {
    /// Finds the groups.
    pub(crate) fn find(problem: &Problem) -> Self {
        let lines = &problem.lines;
        if problem.is_linked() {
            return Twins::default();
        }
        let mut order: Vec<usize> = (0..lines.len()).collect();
        let key = |i: usize| {
            let line = &lines[i];
            let curve = line.curve.point(line.typical_spend());
            [curve.value, curve.marginal, line.domain().least(), line.domain().largest(), line.current]
        };
        let keys: Vec<[f64; 5]> = (0..lines.len()).map(key).collect();
        let compare = |&a: &usize, &b: &usize| {
            let differ = keys[a].iter().zip(&keys[b]).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne());
            differ.unwrap_or(a.cmp(&b))
        };
        order.sort_by(compare);
        let mut twins = Twins::default();
        let mut start = 0;
        for end in 1..=order.len() {
            if end == order.len() || keys[order[end]] != keys[order[start]] {
                twins.split(problem, &order[start..end]);
                start = end;
            }
        }
        twins
    }

    /// Groups lines of equal key by comparing them in full.
    fn split(&mut self, problem: &Problem, candidates: &[usize]) {
        let mut rest = candidates.to_vec();
        while rest.len() > 1 {
            let first = rest[0];
            let (same, other): (Vec<usize>, Vec<usize>) =
                rest.iter().partition(|&&i| alike(problem, first, i));
            if same.len() > 1 {
                self.group_of.resize(problem.lines.len(), None);
                for (position, &i) in same.iter().enumerate() {
                    self.group_of[i] = Some((self.groups.len() as u32, position as u32));
                }
                self.groups.push(same);
            }
            rest = other;
        }
    }

    /// The twins of a line that come before it and after it.
    fn around(&self, line: usize) -> (&[usize], &[usize]) {
        match self.group_of.get(line).copied().flatten() {
            None => (&[], &[]),
            Some((group, position)) => {
                let members = &self.groups[group as usize];
                (&members[..position as usize], &members[position as usize + 1..])
            }
        }
    }

    /// Renumbers spends so that earlier twins spend at least as much.
    pub(crate) fn sort(&self, spends: &mut [f64]) {
        for group in &self.groups {
            let mut values: Vec<f64> = group.iter().map(|&i| spends[i]).collect();
            values.sort_by(|a, b| b.total_cmp(a));
            for (&i, value) in group.iter().zip(values) {
                spends[i] = value;
            }
        }
    }
}

fn alike(problem: &Problem, i: usize, j: usize) -> bool {
    let (a, b) = (&problem.lines[i], &problem.lines[j]);
    a.curve == b.curve
        && a.pool == b.pool
        && a.domain() == b.domain()
        && a.current == b.current
        && problem.quantities().all(|terms| terms.of(i) == terms.of(j))
}
