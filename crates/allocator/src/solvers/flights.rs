//! Linked lines, flights over several periods, whose stock follows from their
//! spends, bounded week by week ([`super::tree`] searches their boxes).
//!
//! As in [`super::branch`], a node solves a concave relaxation of its box for
//! prices and keeps the bound that the best responses at those prices prove.
//! Plans are found from below: the convex part of every curve is replaced by
//! its tangent at a plan, which leaves a concave problem whose optimum is at
//! least as good, again and again; S-shaped flights start from bursts, which
//! carry what the relaxation spreads thinly. Stocks are recomputed from spends
//! before a plan is judged.

use super::faces;
use super::incumbent::{Best, no_prices};
use super::interior::Interior;
use super::linked::{Cover, Elastic, Linked, Links};
use super::sparse::{self, Program};
use super::tree::{Fate, Found, Node, Relaxation, Tree};
use crate::best::{Offer, best_response};
use crate::certificate::{proves_empty, region_bound};
use crate::cover::{Features, Stretches};
use crate::options::Stop;
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::{Coefficients, Domain, Leaf, Limit, Options, Plan, Prices, Problem, Terms};

/// Price of breaking limits when a program seems to have no interior.
const PENALTY: f64 = 1e4;

/// A subproblem counts as one for every so many lines.
const LINES_PER_NODE: usize = 10;

/// Most rounds of tangents from one start.
const ROUNDS: usize = 12;

/// Cuts keep this share of a region to either side.
const EDGE: f64 = 0.1;

/// A line is not cut below this width, in units of where its curve bends.
const NARROW: f64 = 1e-7;

pub(crate) struct Flights<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    links: Links,
    features: Features,
    twins: Twins,
    /// Lines that follow from others.
    follows: Vec<bool>,
    /// Rules that count a beginning: `[now on] - [before on] <= start`.
    beginnings: Vec<Beginning>,
    /// Lines that are 1 if any of others is on.
    uses: Vec<(usize, Vec<usize>)>,
    /// Whether plans are climbed with everything fixed that follows from what is.
    settles: bool,
    /// The limits leave no interior: programs are solved on their faces.
    thin: bool,
    /// How often a plan that is refused may still be looked for on a face.
    tries: usize,
    pub(super) best: Best<'p>,
    /// Asked within a node of a run; a climb on its own is not stopped.
    stop: &'p (dyn Fn() -> bool + Sync),
}

/// A spend, the one before it, and the line that counts a beginning between them.
struct Beginning {
    now: usize,
    before: Option<usize>,
    start: usize,
}

impl Beginning {
    fn read(limit: &Limit) -> Option<Self> {
        let few = limit.numerator.few();
        let plain = limit.numerator.is_sparse() && limit.denominator.is_none() && limit.min.is_none();
        if !plain || limit.max? - limit.numerator.constant != 0.0 || few.len() > 3 {
            return None;
        }
        let of = |c: Coefficients| few.iter().find(|(_, own)| *own == c).map(|(i, _)| *i);
        let before = of(Coefficients::on_active(-1.0));
        let found = Beginning {
            now: of(Coefficients::on_active(1.0))?,
            before,
            start: of(Coefficients::on_spend(-1.0))?,
        };
        (few.len() == 2 + usize::from(before.is_some())).then_some(found)
    }
}

/// `u <= sum z`: the line that is 1 if any of the others is on.
fn uses(limit: &Limit) -> Option<(usize, Vec<usize>)> {
    let few = limit.numerator.few();
    let plain = limit.numerator.is_sparse() && limit.denominator.is_none() && limit.min.is_none();
    if !plain || limit.max? - limit.numerator.constant != 0.0 {
        return None;
    }
    let off = Coefficients::on_active(-1.0);
    let (line, _) = few.iter().find(|(_, c)| *c == Coefficients::on_spend(1.0))?;
    let rest: Vec<usize> = few.iter().filter(|(i, c)| i != line && *c == off).map(|(i, _)| *i).collect();
    (!rest.is_empty() && rest.len() + 1 == few.len()).then_some((*line, rest))
}

/// A node's relaxation as far as it was solved.
pub(super) struct Relaxed {
    pub(super) bound: f64,
    pub(super) prices: Vec<Prices>,
    pub(super) spends: Vec<f64>,
}

impl<'p> Flights<'p> {
    pub(crate) fn new(problem: &'p Problem, goal: &'p Terms, gap: f64) -> Self {
        let mut follows = vec![false; problem.lines.len()];
        for (_, &(last, _), _) in problem.limits.iter().filter_map(|l| l.gives()) {
            follows[last] = true;
        }
        Flights {
            problem,
            goal,
            links: Links::new(problem),
            features: Features::of(problem, goal),
            twins: Twins::find(problem),
            follows,
            beginnings: problem.limits.iter().filter_map(Beginning::read).collect(),
            uses: problem.limits.iter().filter_map(uses).collect(),
            settles: false,
            thin: false,
            tries: 3,
            best: Best::new(problem, goal, gap),
            stop: &|| false,
        }
    }

    /// Climbs with or without everything fixed that follows from what is.
    pub(super) fn settling(self, settles: bool) -> Self {
        Flights { settles, ..self }
    }

    /// Offers a plan to start from; ignored if it breaks a limit.
    pub(crate) fn offer(&mut self, spends: Vec<f64>) {
        self.consider(spends, no_prices(self.problem));
    }

    pub(crate) fn run(mut self, options: &Options<'p>) -> Found {
        self.stop = options.stop;
        let weight = self.problem.lines.len().div_ceil(LINES_PER_NODE);
        let root = no_prices(self.problem);
        let tree = Tree::grow(&mut self, root, options.nodes / weight, Stop(options.stop));
        tree.found(self.best, &self.twins)
    }

    /// A bound at or below this proves a part uninteresting.
    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    /// Prices that prove a region empty by a single rule of few lines on what
    /// is on: the program has no interior to tell it by.
    fn broken(&self, region: &Region) -> Option<Vec<Prices>> {
        let rules = self.problem.limits.iter().enumerate();
        let counts = |limit: &Limit| {
            limit.numerator.is_sparse()
                && limit.denominator.is_none()
                && limit.numerator.few().iter().any(|(_, c)| c.active != 0.0)
        };
        for (r, limit) in rules.filter(|(_, limit)| counts(limit)) {
            let Some(max) = limit.max else { continue };
            let most = |&(i, c): &(usize, Coefficients)| {
                let offer = Offer { worth: -c.response, cost: c.spend, active: c.active, moved: c.moved };
                best_response(&self.problem.lines[i], region.low[i], region.high[i], offer).map(|b| b.bound)
            };
            let each: Option<f64> = limit.numerator.few().iter().map(most).sum();
            if each.is_some_and(|each| limit.numerator.constant - each > max) {
                let mut prices = no_prices(self.problem);
                prices[r].max = 1.0;
                if proves_empty(region_bound(self.problem, None, &prices, region)) {
                    return Some(prices);
                }
            }
        }
        None
    }

    /// Fixes the stocks of fixed spends: their equations would leave a program
    /// without an interior.
    fn fix_stocks(&self, covers: &mut [Cover]) {
        for limit in &self.problem.limits {
            let Some((number, &(last, own), rest)) = limit.gives() else { continue };
            if rest.iter().all(|(i, _)| covers[*i].stretches.is_empty()) {
                let others: f64 = rest.iter().map(|(i, c)| c.spend * covers[*i].base).sum();
                let base = (number - limit.numerator.constant - others) / own.spend;
                covers[last] = Cover { base: base.max(0.0), stretches: Vec::new() };
            }
        }
    }

    /// Fixes beginnings between spends of which it is known whether they are
    /// on, for the same reason.
    fn count_starts(&self, covers: &mut [Cover]) {
        let on = |covers: &[Cover], i: usize| match &covers[i] {
            Cover { base, .. } if *base > 0.0 => Some(true),
            Cover { stretches, .. } if stretches.is_empty() => Some(false),
            _ => None,
        };
        for beginning in &self.beginnings {
            let before = beginning.before.map_or(Some(false), |i| on(covers, i));
            if let (Some(now), Some(before)) = (on(covers, beginning.now), before) {
                let base = if now && !before { 1.0 } else { 0.0 };
                covers[beginning.start] = Cover { base, stretches: Vec::new() };
            }
        }
        for (line, spends) in &self.uses {
            let each: Vec<Option<bool>> = spends.iter().map(|i| on(covers, *i)).collect();
            if each.contains(&Some(true)) || !each.contains(&None) {
                let base = if each.contains(&Some(true)) { 1.0 } else { 0.0 };
                covers[*line] = Cover { base, stretches: Vec::new() };
            }
        }
    }

    fn stretches(&self, region: &Region) -> Option<Vec<Stretches>> {
        let each = self.problem.lines.iter().enumerate().map(|(i, line)| {
            let (low, high) = (region.low[i], region.high[i]);
            let anchor = self.features.active(i).then_some(high);
            Stretches::new(line, low, high, anchor, None)
        });
        each.collect()
    }

    /// Solves the relaxation; keeps its prices if they prove a better bound.
    /// False if the method did not reach an optimum, or one whose prices cancel.
    fn relax(&mut self, region: &Region, covers: &[Cover], elastic: Elastic, state: &mut Relaxed) -> bool {
        let linked = Linked::new(self.problem, &self.links, Some(self.goal), covers, elastic);
        if linked.program.variables.is_empty() {
            state.spends = linked.fixed_spends();
            return self.consider(state.spends.clone(), no_prices(self.problem)) > f64::NEG_INFINITY;
        }
        let interior = self.solve(&linked.program);
        state.spends = linked.spends(&interior, false);
        let prices = self.links.prices(&interior.prices, self.problem.limits.len());
        self.take(&linked, &interior, &prices);
        self.keep_bound(region, prices, state);
        interior.converged && !faces::cancel(&linked.program, &interior)
    }

    fn tolerance(&self) -> f64 {
        (0.02 * self.best.gap).min(1e-7)
    }

    /// The optimum of a program, on its face where it has no interior.
    fn solve(&self, program: &Program) -> Interior {
        let tolerance = self.tolerance();
        let face = || faces::solve(program, tolerance, &self.stop);
        if let Some(interior) = self.thin.then(face).flatten() {
            return interior;
        }
        sparse::solve(program, tolerance, &self.stop)
    }

    fn keep_bound(&self, region: &Region, prices: Vec<Prices>, state: &mut Relaxed) {
        let bound = region_bound(self.problem, Some(self.goal), &prices, region);
        if bound < state.bound || !state.bound.is_finite() {
            state.bound = bound;
            state.prices = prices;
        }
    }

    /// Prices that prove the region empty, from the smallest sum of excesses.
    fn prove_empty(&self, region: &Region, covers: &[Cover]) -> Option<Vec<Prices>> {
        let linked = Linked::new(self.problem, &self.links, None, covers, Elastic::At(1.0));
        let interior = sparse::solve(&linked.program, 1e-10, &self.stop);
        let prices = self.links.prices(&interior.prices, self.problem.limits.len());
        proves_empty(region_bound(self.problem, None, &prices, region)).then_some(prices)
    }

    /// Looks for better plans from the relaxed one: as it is, and where curves
    /// are S-shaped from bursts as well.
    fn improve(&mut self, region: &Region, stretches: &[Stretches], state: &Relaxed, root: bool) {
        let torn: Vec<bool> =
            (0..stretches.len()).map(|i| self.torn(region, &stretches[i], i, state.spends[i])).collect();
        self.climb(region, &torn, state.spends.clone(), state);
        if root || self.best.plan.is_none() {
            self.switch(region, state);
        }
        let chorded =
            |i: &usize| self.follows[*i] && stretches[*i].majorant().chord_at(state.spends[*i]).is_some();
        let spread: Vec<usize> = (0..stretches.len()).filter(chorded).collect();
        if spread.is_empty() {
            return;
        }
        for start in [0.5, 0.999, 0.05] {
            if state.bound <= self.cutoff() || (self.stop)() {
                return;
            }
            self.climb(region, &torn, bursts(stretches, &spread, &state.spends, start), state);
            if !root {
                return;
            }
        }
    }

    /// True if a spend lies where the line's domain has a hole, or is one that
    /// costs something to switch on and is only partly on.
    fn torn(&self, region: &Region, stretches: &Stretches, i: usize, x: f64) -> bool {
        let within =
            self.problem.lines[i].domain().intersect(&Domain::interval(region.low[i], region.high[i]));
        let partly = self.features.active(i)
            && stretches.majorant().first_chord().is_some_and(|to| x > 1e-9 * to && x < (1.0 - 1e-9) * to);
        partly || (x - within.nearest(x)).abs() > 1e-9 * x.abs()
    }

    /// Takes the plan of an interior point, tidied if that keeps the limits.
    fn take(&mut self, linked: &Linked, interior: &Interior, prices: &[Prices]) -> f64 {
        let tidy = self.consider(linked.spends(interior, true), prices.to_vec());
        if tidy > f64::NEG_INFINITY {
            return tidy;
        }
        let value = self.consider(linked.spends(interior, false), prices.to_vec());
        let doubtful = interior.converged && !self.thin && self.best.plan.is_none() && self.tries > 0;
        if value > f64::NEG_INFINITY || !doubtful {
            return value;
        }
        // A plan that is refused by a hair: limits that leave next to no interior.
        self.tries -= 1;
        let Some(face) = faces::solve(&linked.program, self.tolerance(), &self.stop) else { return value };
        let value = self.consider(linked.spends(&face, false), prices.to_vec());
        self.thin = value > f64::NEG_INFINITY;
        value
    }

    /// True for a spend that may be off or on in a region, with nothing in
    /// between: it has a least spend, or being on counts.
    fn switched(&self, region: &Region, i: usize) -> bool {
        let within =
            self.problem.lines[i].domain().intersect(&Domain::interval(region.low[i], region.high[i]));
        let holed = within.spans().len() > 1 && within.least() == 0.0;
        !self.follows[i] && region.high[i] > 0.0 && (holed || self.features.active(i))
    }

    /// Tries plans that are on wherever they may be, and where the relaxed one
    /// is on by more than a part.
    fn switch(&mut self, region: &Region, state: &Relaxed) {
        let lines: Vec<usize> = (0..region.high.len()).filter(|&i| self.switched(region, i)).collect();
        if lines.is_empty() {
            return;
        }
        let none = vec![false; region.high.len()];
        for part in [0.0, 0.1, 0.3, 0.6] {
            if state.bound <= self.cutoff() || (self.stop)() {
                return;
            }
            let mut start = state.spends.clone();
            for &i in &lines {
                let on = state.spends[i] >= part * region.high[i];
                start[i] = if on { region.high[i] } else { 0.0 };
            }
            self.climb(region, &none, start, state);
        }
    }

    /// Replaces convex parts by tangents at a plan and solves what is left,
    /// until that gains nothing more.
    pub(super) fn climb(&mut self, region: &Region, torn: &[bool], start: Vec<f64>, state: &Relaxed) {
        let mut at = start;
        let mut value = f64::NEG_INFINITY;
        for _ in 0..ROUNDS {
            let Some(covers) = self.covers_below(region, torn, &at) else { return };
            let linked = Linked::new(self.problem, &self.links, Some(self.goal), &covers, Elastic::No);
            if linked.program.variables.is_empty() {
                self.consider(linked.fixed_spends(), no_prices(self.problem));
                return;
            }
            let interior = self.solve(&linked.program);
            let prices = self.links.prices(&interior.prices, self.problem.limits.len());
            at = linked.spends(&interior, false);
            let better = self.take(&linked, &interior, &prices);
            if better <= value + 1e-9 * value.abs() || state.bound <= self.cutoff() || (self.stop)() {
                return;
            }
            value = better;
        }
    }

    /// Concave curves below the lines' that meet them at a plan; a torn spend
    /// keeps to the nearest allowed stretch.
    fn covers_below(&self, region: &Region, torn: &[bool], at: &[f64]) -> Option<Vec<Cover>> {
        // A flight in use may spend in every period, another in none.
        let mut in_use: Vec<Option<bool>> = vec![None; at.len()];
        for (_, spends) in self.uses.iter().filter(|_| self.settles) {
            let used = spends.iter().any(|&i| at[i] > 1e-9 * region.high[i].min(1e9));
            spends.iter().for_each(|&i| in_use[i] = Some(used));
        }
        let each = self.problem.lines.iter().enumerate().map(|(i, line)| {
            let (mut low, mut high, x) = (region.low[i], region.high[i], at[i]);
            if !self.follows[i] {
                let within = line.domain().intersect(&Domain::interval(low, high));
                let off = self.features.active(i) && low == 0.0;
                let plain = within.spans().len() == 1 && within.spans()[0].step == 0.0;
                match in_use[i].filter(|_| low == 0.0) {
                    Some(false) => high = 0.0,
                    Some(true) if plain && !off && high > 0.0 => low = f64::MIN_POSITIVE,
                    _ => {}
                }
                if off && (x <= 1e-9 * high || torn[i] && x < 0.5 * high) {
                    high = 0.0;
                } else if off && within.spans().len() == 1 && within.spans()[0].step == 0.0 {
                    low = f64::MIN_POSITIVE;
                } else if within.spans().len() > 1 || within.spans().iter().any(|s| s.step > 0.0) {
                    let x = within.nearest(x);
                    let span = within.spans().iter().find(|s| s.from <= x && x <= s.to)?;
                    (low, high) = if span.step > 0.0 { (x, x) } else { (span.from, span.to) };
                }
                if low == high {
                    return Some(Cover { base: low, stretches: Vec::new() });
                }
            }
            let bent = Cover::below(line, low, high, x);
            bent.or_else(|| Stretches::new(line, low, high, None, None).map(|s| Cover::above(&s)))
        });
        let mut covers: Vec<Cover> = each.collect::<Option<_>>()?;
        if self.settles {
            self.count_starts(&mut covers);
            self.fix_stocks(&mut covers);
        }
        Some(covers)
    }

    /// Takes a plan that keeps the limits and beats the incumbent. Its goal,
    /// or `-inf` if it breaks a limit.
    pub(super) fn consider(&mut self, mut spends: Vec<f64>, prices: Vec<Prices>) -> f64 {
        for ((line, x), follows) in self.problem.lines.iter().zip(&mut spends).zip(&self.follows) {
            if !follows {
                *x = line.domain().nearest(*x);
            }
        }
        self.problem.settle(&mut spends);
        self.best.take(spends, prices)
    }

    /// The line to cut, and where: the one that loses most when its relaxed
    /// spend becomes an allowed one on its curve, else the one furthest from
    /// its best answer to the prices.
    fn choose(&self, region: &Region, stretches: &[Stretches], state: &Relaxed) -> Option<(usize, f64)> {
        let pricing = Pricing::new(self.problem, Some(self.goal), &state.prices, 0.0);
        let mut most = (0.0, None);
        // Where nothing says what is lost: the line furthest from either end.
        let mut undecided = (0.0, None);
        for (i, line) in self.problem.lines.iter().enumerate() {
            let (low, high) = (region.low[i], region.high[i]);
            let (x, offer) = (state.spends[i].clamp(low, high), pricing.offer(i));
            let typical = line.typical_spend();
            if high - low <= NARROW * high.min(typical).max(1e-3 * typical) {
                continue;
            }
            let above = (stretches[i].majorant().value(line, x) - line.curve.value(x)).max(0.0);
            let mut loss = offer.worth.max(0.0) * above;
            let within = line.domain().intersect(&Domain::interval(low, high));
            let nearest = within.nearest(x);
            let hole = (x - nearest).abs() > 1e-9 * x.abs();
            let partly = self.features.active(i) && low == 0.0 && x > 1e-9 * high;
            if hole || partly {
                let best = best_response(line, low, high, offer).map_or(0.0, |b| b.bound);
                loss =
                    loss.max(best - line.yields(nearest, offer)).max((x - nearest).abs() * offer.cost.abs());
            }
            if partly {
                let share = x / high;
                loss = loss.max(share.min(1.0 - share) * offer.active.abs());
            }
            if self.switched(region, i) {
                let share = (x / high).min(1.0 - x / high).max(1e-6);
                if share > undecided.0 {
                    let least = within.spans().iter().find(|s| s.to > 0.0).map_or(0.0, |s| s.from);
                    let between = if hole { x } else { 0.5 * least };
                    undecided = (share, Some((i, if partly { 0.0 } else { between })));
                }
            }
            if loss > most.0 {
                let width = if high.is_finite() { high - low } else { 4.0 * typical.max(x) };
                let at = if partly { 0.0 } else { x.clamp(low + EDGE * width, low + (1.0 - EDGE) * width) };
                most = (loss, Some((i, if hole && !partly { x } else { at })));
            }
        }
        most.1.filter(|_| most.0 > 1e-13 * state.bound.abs()).or(undecided.1)
    }
}

impl<'p> Relaxation<'p> for Flights<'p> {
    type State = Vec<Prices>;

    fn best(&self) -> &Best<'p> {
        &self.best
    }

    fn leaf(&self, prices: Vec<Prices>) -> Leaf {
        Leaf::priced(prices, false)
    }

    fn examine(&mut self, node: &Node<Vec<Prices>>, _: usize) -> Fate<Vec<Prices>> {
        let region = Region::of(self.problem, &node.cuts, &self.twins);
        let root = node.is_root();
        if let Some(prices) = self.broken(&region) {
            return Fate::Closed(Leaf::priced(prices, true));
        }
        let Some(stretches) = self.stretches(&region) else {
            let prices = no_prices(self.problem);
            let empty = proves_empty(region_bound(self.problem, None, &prices, &region));
            return Fate::Closed(Leaf::priced(prices, empty));
        };
        let mut covers: Vec<Cover> = stretches.iter().map(Cover::above).collect();
        let mut state = Relaxed { bound: node.bound, prices: node.state.clone(), spends: Vec::new() };
        self.keep_bound(&region, node.state.clone(), &mut state);
        let reached = self.relax(&region, &covers, Elastic::No, &mut state);
        if !reached && !(self.stop)() {
            if let Some(prices) = self.prove_empty(&region, &covers) {
                return Fate::Closed(Leaf::priced(prices, true));
            }
            let before = std::mem::replace(&mut self.thin, true);
            if !self.relax(&region, &covers, Elastic::No, &mut state) {
                self.thin = before;
                self.relax(&region, &covers, Elastic::At(PENALTY), &mut state);
            }
        }
        if state.bound > self.cutoff() && !self.beginnings.is_empty() && !(self.stop)() {
            // Rules on beginnings may leave no interior.
            let spends = state.spends.clone();
            self.count_starts(&mut covers);
            if !self.relax(&region, &covers, Elastic::No, &mut state) {
                state.spends = spends;
            }
        }
        if state.bound > self.cutoff() {
            self.improve(&region, &stretches, &state, root);
        }
        // What a node that was stopped leaves open stays open: its leaf says how far it came.
        if state.bound <= self.cutoff() || (self.stop)() {
            return Fate::Closed(Leaf::priced(state.prices, false));
        }
        match self.choose(&region, &stretches, &state) {
            Some((line, at)) => Fate::Open { bound: state.bound, state: state.prices, line, at },
            None => Fate::Closed(Leaf::priced(state.prices, false)),
        }
    }
}

/// The best plan near a start, if that leads to one within the limits.
pub(crate) fn climbed(problem: &Problem, goal: &Terms, gap: f64, start: &[f64]) -> Option<Plan> {
    let mut flights = Flights::new(problem, goal, gap).settling(true);
    let state = Relaxed { bound: f64::INFINITY, prices: no_prices(problem), spends: start.to_vec() };
    let torn = vec![false; problem.lines.len()];
    flights.climb(&Region::whole(problem), &torn, start.to_vec(), &state);
    flights.best.plan.map(|plan| Plan { spends: plan.spends, value: plan.value })
}

/// A start in bursts: what the relaxation puts on chords is carried along each
/// run of lines until it fills one of them. `first` is how full the first one
/// is taken to be already.
fn bursts(stretches: &[Stretches], spread: &[usize], spends: &[f64], first: f64) -> Vec<f64> {
    let mut at = spends.to_vec();
    let mut carried = first;
    let mut before = None;
    for &i in spread {
        let Some((from, to)) = stretches[i].majorant().chord_at(spends[i]) else { continue };
        if before.is_some_and(|b| b + 1 != i) {
            carried = first;
        }
        before = Some(i);
        carried += (spends[i] - from) / (to - from);
        at[i] = if carried >= 1.0 { to } else { from };
        if carried >= 1.0 {
            carried -= 1.0;
        }
    }
    at
}
