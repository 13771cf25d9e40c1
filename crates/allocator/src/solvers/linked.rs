//! A concave program for a region of linked lines: every line's curve is
//! replaced by concave stretches that are variables of their own.
//!
//! Words: covers are concave envelopes, or concave curves below.

use outlay_curves::{Curve, Piece};

use super::blocks::Role;
use super::interior::Interior;
use super::sparse::Program;
use super::sparse::Variable;
use crate::cover::Stretches;
use crate::hull::{Kind, Segment};
use crate::rows::Rows;
use crate::tolerance::KEPT;
use crate::{Coefficients, Line, Prices, Problem, Terms};

/// How limits may be broken in a relaxation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Elastic {
    /// Not at all.
    No,
    /// At this price, in units of the goal's size per relative excess.
    At(f64),
}

/// The rows of a linked problem, by line, and the blocks they fall into.
pub(crate) struct Links {
    pub(crate) rows: Rows,
    /// Rows of every line; where a row gives a line, all spends that it comes
    /// from in the end.
    entries: Vec<Vec<(usize, Coefficients)>>,
    blocks: Vec<Option<usize>>,
    component: Vec<usize>,
    gives: Vec<Given>,
    given_by: Vec<Option<usize>>,
}

/// A row that gives a line from others.
struct Given {
    row: usize,
    line: usize,
    own: f64,
    /// Lines among the others that are given themselves.
    chain: Vec<(usize, f64)>,
    /// The spends it comes from: `line = constant + sum weight spend`.
    spends: Vec<(usize, f64)>,
    constant: f64,
}

impl Links {
    pub(crate) fn new(problem: &Problem) -> Self {
        let rows = Rows::new(problem, &crate::Terms::default());
        let (gives, given_by) = given(problem, &rows);
        let mut entries: Vec<_> = (0..problem.lines.len()).map(|i| rows.entries(i)).collect();
        let gone: Vec<bool> = {
            let mut gone = vec![false; rows.len()];
            gives.iter().for_each(|g| gone[g.row] = true);
            gone
        };
        for entries in &mut entries {
            entries.retain(|(r, _)| !gone[*r]);
        }
        for given in &gives {
            entries[given.line].push((given.row, Coefficients::on_spend(1.0)));
            for &(i, weight) in &given.spends {
                entries[i].push((given.row, Coefficients::on_spend(-weight)));
            }
        }
        let component = components(problem);
        let mut blocks: Vec<Option<usize>> = vec![None; rows.len()];
        let mut met = vec![false; rows.len()];
        for (i, entries) in entries.iter_mut().enumerate() {
            entries.sort_by_key(|(r, _)| *r);
            for &(r, _) in entries.iter() {
                blocks[r] = (!met[r] || blocks[r] == Some(component[i])).then_some(component[i]);
                met[r] = true;
            }
        }
        Links { rows, entries, blocks, component, gives, given_by }
    }

    /// True if a line is given by spends that keep it below its top anyway: a
    /// bound of its own would be met at the same time as theirs.
    fn implies(&self, i: usize, tops: &[f64]) -> bool {
        let Some(given) = self.given_by[i].and_then(|k| self.gives.get(k)) else { return false };
        if given.spends.iter().any(|(_, weight)| *weight < 0.0) {
            return false;
        }
        let most: f64 = given.spends.iter().map(|&(x, weight)| weight * tops[x]).sum();
        given.constant + most <= tops[i] * (1.0 + 1e-6)
    }

    /// The ends of every row, where a given line's row states the line itself.
    fn ends(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut lower, mut upper) = (self.rows.lower.clone(), self.rows.upper.clone());
        for given in &self.gives {
            (lower[given.row], upper[given.row]) = (given.constant, given.constant);
        }
        (lower, upper)
    }

    /// Prices of the limits' sides from prices of the program's rows.
    pub(crate) fn prices(&self, signed: &[f64], limits: usize) -> Vec<Prices> {
        let mut signed = signed.to_vec();
        for given in self.gives.iter().rev() {
            // What a later row takes of this line is charged there.
            let price = signed[given.row] / given.own;
            signed[given.row] = price;
            for &(before, coefficient) in &given.chain {
                signed[before] -= coefficient * price;
            }
        }
        self.rows.prices(&signed, limits)
    }
}

/// The rows that give lines, in order, and which row gives each line.
fn given(problem: &Problem, rows: &Rows) -> (Vec<Given>, Vec<Option<usize>>) {
    let mut gives: Vec<Given> = Vec::new();
    let mut given_by: Vec<Option<usize>> = vec![None; problem.lines.len()];
    for (row, limit) in rows.limits().enumerate() {
        let Some((number, &(line, own), rest)) = problem.limits[limit].gives() else { continue };
        let own = own.spend;
        let mut constant = (number - problem.limits[limit].numerator.constant) / own;
        let mut spends: Vec<(usize, f64)> = Vec::new();
        let mut chain = Vec::new();
        let mut put = |i: usize, weight: f64| match spends.binary_search_by_key(&i, |(i, _)| *i) {
            Ok(k) => spends[k].1 += weight,
            Err(k) => spends.insert(k, (i, weight)),
        };
        for &(i, c) in rest {
            let weight = -c.spend / own;
            match given_by[i] {
                None => put(i, weight),
                Some(k) => {
                    let before: &Given = &gives[k];
                    constant += weight * before.constant;
                    before.spends.iter().for_each(|&(i, w)| put(i, weight * w));
                    chain.push((before.row, c.spend));
                }
            }
        }
        given_by[line] = Some(gives.len());
        gives.push(Given { row, line, own, chain, spends, constant });
    }
    (gives, given_by)
}

/// Lines joined by quantities of few lines have the same number.
fn components(problem: &Problem) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..problem.lines.len()).collect();
    fn root(parent: &mut [usize], mut i: usize) -> usize {
        while parent[i] != i {
            parent[i] = parent[parent[i]];
            i = parent[i];
        }
        i
    }
    for limit in problem.limits.iter().filter(|l| l.numerator.is_sparse()) {
        for pair in limit.numerator.few().windows(2) {
            let (a, b) = (root(&mut parent, pair[0].0), root(&mut parent, pair[1].0));
            let least = a.min(b);
            (parent[a], parent[b]) = (least, least);
        }
    }
    let mut number = vec![usize::MAX; parent.len()];
    let mut count = 0;
    let mut numbers = Vec::with_capacity(parent.len());
    for i in 0..number.len() {
        let r = root(&mut parent, i);
        if number[r] == usize::MAX {
            number[r] = count;
            count += 1;
        }
        numbers.push(number[r]);
    }
    numbers
}

/// A stretch of a line: `tilt` is added to the slope of its curve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) segment: Segment,
    pub(crate) tilt: f64,
}

/// The stretches of a line and the spend below them.
pub(crate) struct Cover {
    pub(crate) base: f64,
    pub(crate) stretches: Vec<Stretch>,
}

impl Cover {
    /// The largest spend.
    fn top(&self) -> f64 {
        self.stretches.last().map_or(self.base, |s| s.segment.to)
    }

    /// The least concave curve above the line's on a region.
    pub(crate) fn above(stretches: &Stretches) -> Self {
        let plain = |segment: Segment| Stretch { segment, tilt: 0.0 };
        Cover { base: stretches.base, stretches: stretches.majorant().segments().map(plain).collect() }
    }

    /// A concave curve below the line's that meets it at `x`: the convex part
    /// is replaced by its tangent there (the convex-concave procedure of Yuille
    /// and Rangarajan 2003). `None` where the curve has several bends.
    pub(crate) fn below(line: &Line, low: f64, high: f64, x: f64) -> Option<Self> {
        let mut pieces: Vec<Piece> = Vec::new();
        line.curve.for_each_piece(low, high, |piece| pieces.push(piece));
        let [piece] = pieces.as_slice() else { return None };
        let arc =
            |from: f64, to: f64, tilt: f64| Stretch { segment: Segment { from, to, kind: Kind::Arc }, tilt };
        let mut stretches = Vec::new();
        if piece.inflection > low {
            let slope = line.curve.marginal(x.clamp(low, piece.inflection));
            let kind = Kind::Chord(slope);
            stretches.push(Stretch { segment: Segment { from: low, to: piece.inflection, kind }, tilt: 0.0 });
            if high > piece.inflection {
                let steepest = line.curve.marginal(piece.inflection);
                stretches.push(arc(piece.inflection, high, slope - steepest));
            }
        } else if high > low {
            stretches.push(arc(low, high, 0.0));
        }
        Some(Cover { base: low, stretches })
    }
}

/// A program and how to read its solution.
pub(crate) struct Linked<'a> {
    pub(crate) program: Program<'a>,
    base: Vec<f64>,
    lines: Vec<(usize, f64)>,
}

/// How much longer a last stretch is whose end is kept by other bounds: it is
/// never met then, and still keeps steps short.
const WIDER: f64 = 1.2;

/// Relative width of a stretch that is taken as a point.
const POINT: f64 = 1e-8;

impl<'a> Linked<'a> {
    pub(crate) fn new(
        problem: &'a Problem,
        links: &Links,
        goal: Option<&Terms>,
        covers: &[Cover],
        elastic: Elastic,
    ) -> Self {
        let (lower, upper) = links.ends();
        let mut linked = Linked {
            program: Program { lower, upper, blocks: links.blocks.clone(), ..Program::default() },
            base: covers.iter().map(|c| c.base).collect(),
            lines: Vec::new(),
        };
        let m = links.rows.len();
        let (mut fixed, mut size) = (vec![0.0; m], vec![0.0; m]);
        let tops: Vec<f64> = covers.iter().map(Cover::top).collect();
        for (i, (line, cover)) in problem.lines.iter().zip(covers).enumerate() {
            for (r, c) in &links.entries[i] {
                let own = c.at(line, cover.base);
                fixed[*r] += own;
                size[*r] += own.abs();
            }
            let g = goal.map(|g| g.of(i)).unwrap_or_default();
            let typical = line.typical_spend();
            for stretch in &cover.stretches {
                let Segment { from, to, .. } = stretch.segment;
                if to - from > POINT * to.min(typical) {
                    let free = to == tops[i] && links.implies(i, &tops);
                    linked.add(links, g, i, line, *stretch, free);
                }
            }
        }
        for ends in [&mut linked.program.lower, &mut linked.program.upper] {
            ends.iter_mut().zip(&fixed).for_each(|(end, fixed)| *end -= fixed);
        }
        linked.drop_idle_rows(&size);
        linked.choose_start(problem);
        if let Elastic::At(price) = elastic {
            linked.add_elastic(price, goal.is_some(), links);
        }
        linked
    }

    fn add(
        &mut self,
        links: &Links,
        g: Coefficients,
        i: usize,
        line: &'a Line,
        Stretch { segment, tilt }: Stretch,
        free: bool,
    ) {
        let straight = match (segment.kind, &line.curve) {
            (Kind::Chord(slope), _) => Some(slope),
            (Kind::Arc, Curve::Linear(_)) => Some(line.curve.marginal(segment.from)),
            (Kind::Arc, _) => None,
        };
        // A stretch from 0 on pays for being on in proportion.
        let switch = if segment.from == 0.0 { 1.0 / segment.to } else { 0.0 };
        let slope = straight.unwrap_or(tilt);
        let per = |c: &Coefficients| c.spend + c.active * switch + c.response * slope;
        let variable = Variable {
            arc: straight.is_none().then_some((&line.curve, segment.from)),
            length: (segment.to - segment.from) * if free { WIDER } else { 1.0 },
            goal: per(&g),
            worth: if straight.is_none() { g.response } else { 0.0 },
            start: 0.0,
        };
        let curved = |c: &Coefficients| if straight.is_none() { c.response } else { 0.0 };
        let block = links.component[i];
        let role = match links.given_by[i] {
            Some(k) => Role::Stock { block, row: links.gives[k].row },
            None => Role::Spend(block),
        };
        let entries = links.entries[i].iter();
        self.program.push(variable, role, entries.map(|(r, c)| (*r, per(c), curved(c))));
        self.lines.push((i, segment.from));
    }

    /// Frees rows that no variable enters and that are kept as they are.
    fn drop_idle_rows(&mut self, size: &[f64]) {
        let mut entered = vec![false; size.len()];
        let program = &mut self.program;
        for ((&r, a), b) in program.rows.iter().zip(&program.linear).zip(&program.curved) {
            entered[r] |= *a != 0.0 || *b != 0.0;
        }
        for r in (0..size.len()).filter(|&r| !entered[r]) {
            let slack = 10.0 * KEPT.max(POINT) * size[r];
            if program.lower[r] <= slack && program.upper[r] >= -slack {
                (program.lower[r], program.upper[r]) = (-1.0 - slack, 1.0 + slack);
            }
        }
    }

    /// Starts every spend at the same fraction of its reach, and what follows
    /// from spends where it follows.
    fn choose_start(&mut self, problem: &Problem) {
        let typical = |i: usize| problem.lines[i].typical_spend();
        let reach = |v: &Variable, i: usize| {
            if v.length.is_finite() { v.length } else { 4.0 * typical(i) }
        };
        let m = self.program.lower.len();
        let (mut full, mut mixed) = (vec![0.0; m], vec![false; m]);
        for (j, v) in self.program.variables.iter().enumerate() {
            for k in self.program.start[j]..self.program.start[j + 1] {
                let (r, a) = (self.program.rows[k], self.program.linear[k]);
                full[r] += a * reach(v, self.lines[j].0);
                mixed[r] |= a < 0.0 || self.program.curved[k] != 0.0;
            }
        }
        let mut fraction: f64 = 0.5;
        for r in (0..m).filter(|&r| !mixed[r] && full[r] > 0.0 && self.program.upper[r].is_finite()) {
            fraction = fraction.min(0.95 * self.program.upper[r] / full[r]);
        }
        let fraction = fraction.clamp(1e-4, 0.5);
        let mut spends = self.base.clone();
        let mut whole = vec![0.0; spends.len()];
        for (v, &(i, _)) in self.program.variables.iter().zip(&self.lines) {
            spends[i] += fraction * reach(v, i);
            whole[i] += reach(v, i);
        }
        problem.settle(&mut spends);
        for (v, &(i, _)) in self.program.variables.iter_mut().zip(&self.lines) {
            let share = ((spends[i] - self.base[i]) / whole[i]).clamp(1e-4, 0.95);
            v.start = if share.is_finite() { share } else { fraction } * reach(v, i);
        }
    }

    /// Variables that take up what a row exceeds its ends by, at a price.
    fn add_elastic(&mut self, price: f64, with_goal: bool, links: &Links) {
        let m = self.program.lower.len();
        let mut goal_size = 0.0;
        let mut row_size = vec![0.0; m];
        for (j, v) in self.program.variables.iter().enumerate() {
            let risen = v.arc.map_or(0.0, |(c, from)| c.value(from + v.start) - c.value(from));
            goal_size += (v.goal * v.start + v.worth * risen).abs();
            for k in self.program.start[j]..self.program.start[j + 1] {
                let r = self.program.rows[k];
                row_size[r] += (self.program.linear[k] * v.start + self.program.curved[k] * risen).abs();
            }
        }
        let unit = if with_goal { price * goal_size.max(f64::MIN_POSITIVE) } else { 1.0 };
        let mut firm = vec![false; m];
        links.gives.iter().for_each(|g| firm[g.row] = true);
        for r in (0..m).filter(|&r| !firm[r]) {
            let (low, high) = (self.program.lower[r], self.program.upper[r]);
            let finite = |b: f64| if b.is_finite() { b.abs() } else { 0.0 };
            let size = row_size[r].max(finite(low)).max(finite(high));
            let size = if size > 0.0 && size.is_finite() { size } else { 1.0 };
            for (end, sign) in [(high, -1.0), (low, 1.0)] {
                if end.is_finite() {
                    let variable = Variable {
                        arc: None,
                        length: f64::INFINITY,
                        goal: -unit / size,
                        worth: 0.0,
                        start: 0.1 * size,
                    };
                    self.program.push(variable, Role::Plain, [(r, sign, 0.0)].into_iter());
                }
            }
        }
    }

    /// Spend of every line at an interior point. With `snap`, stretches that
    /// are all but empty or full are taken as empty or full.
    pub(crate) fn spends(&self, interior: &Interior, snap: bool) -> Vec<f64> {
        const NEAR: f64 = 1e-8;
        let mut spends = self.base.clone();
        let each = self.lines.iter().zip(&self.program.variables).zip(&interior.y);
        for ((&(i, from), v), y) in each.filter(|(_, y)| y.is_finite()) {
            if snap && *y >= (1.0 - NEAR) * v.length {
                spends[i] = from + v.length;
            } else if !snap || *y > NEAR * v.length.min(1e15) || v.length.is_infinite() {
                spends[i] += y;
            }
        }
        spends
    }

    /// Spends when nothing varies.
    pub(crate) fn fixed_spends(&self) -> Vec<f64> {
        self.base.clone()
    }
}
