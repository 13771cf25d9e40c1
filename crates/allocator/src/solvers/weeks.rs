//! Flights with one number of memory, bounded by columns ([`super::tree`]
//! searches their boxes).
//!
//! The limits alone are priced. At given prices every line answers with its
//! best flight ([`crate::flight`]), which bounds the goal and becomes a column
//! of the master program; its prices are asked next (Dantzig and Wolfe 1960).
//! Coarse grids lead the way, the last one proves. A plan comes from the
//! mixture: what is mixed of like flights is their mean, what is torn between
//! unlike ones takes the heavier, and today's climb polishes the whole
//! ([`super::flights`]). Torn flights are what is branched on.
//!
//! Words: torn lines are the branching candidates; twins are lines that a symmetry
//! exchanges.

mod empty;
mod suggest;
mod torn;

use std::cell::RefCell;

use super::flights::Flights as Climb;
use super::lots;
use super::master::{Master, Mixed};
use super::tree::{Fate, Found, Node, Relaxation, Tree};
use crate::flight::{self, BestFlight, Flights, Grid, Scratch};
use crate::options::Stop;
use crate::region::{Region, Twins};
use crate::rows::Rows;
use crate::{Coefficients, Leaf, Options, Prices, Problem, Terms};

/// A subproblem counts as one for every so many lines.
const LINES_PER_NODE: usize = 10;

/// Relative error of a bound over the square of the grid's step.
const ERROR: f64 = 0.19;

/// Steps of the grids before the last one.
const COARSE: [f64; 2] = [0.1, 0.02];

/// A part is cut where a bound is short of the plan by this many times what the
/// grid may be wrong by, and asked on a finer one otherwise.
const WIDE: f64 = 10.0;

/// Steps of the last grid.
const FINEST: f64 = 2e-4;

/// Most questions on one grid.
const ASKED: usize = 60;

/// Prices of a whole unit of excess, in units of the goal, one after another.
const EXCESS: [f64; 3] = [10.0, 1e3, 1e5];

/// Most parts where spends are multiples of little, which prices do not see.
const LOTS: usize = 60;

pub(crate) struct Weeks<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    flights: Flights,
    rows: Rows,
    /// Rows that are priced.
    outer: Vec<usize>,
    /// By flight: the lines it is made of, with what they add.
    atoms: Vec<Vec<Atom>>,
    columns: Vec<Column>,
    master: Master,
    climb: Climb<'p>,
    twins: Twins,
    grids: Vec<(f64, Vec<Grid>)>,
    scratch: RefCell<Scratch>,
    /// Step of the last grid: its error is a third of the gap asked for, less
    /// where that does not do.
    finest: f64,
    gap: f64,
    /// Some part was left without a proof.
    left: bool,
    /// Some spends are multiples of little.
    lots: bool,
    /// Some flights have rules on being on, or spends with nothing between.
    ruled: bool,
    stop: &'p (dyn Fn() -> bool + Sync),
}

/// A line of a flight and what it adds to the goal and to priced rows.
struct Atom {
    line: usize,
    goal: Coefficients,
    rows: Vec<(usize, Coefficients)>,
}

/// A known flight.
struct Column {
    block: usize,
    /// Spend or stock of every line of the flight, in the order of its atoms.
    at: Vec<f64>,
    spends: Vec<f64>,
    goal: f64,
    /// By priced row.
    rows: Vec<(usize, f64)>,
}

/// What a part inherits.
#[derive(Clone)]
pub(crate) struct State {
    /// By priced row.
    prices: Vec<f64>,
    /// Step of the grid on which they prove a bound.
    step: f64,
    /// Ask on the last grid only.
    fine: bool,
    columns: Vec<usize>,
}

/// What is known of a region once prices have settled.
struct Settled {
    bound: f64,
    /// By priced row.
    prices: Vec<f64>,
    step: f64,
    columns: Vec<usize>,
    mixed: Option<Mixed>,
}

impl<'p> Weeks<'p> {
    /// `None` if some line is no flight of this kind.
    pub(crate) fn new(
        problem: &'p Problem,
        goal: &'p Terms,
        gap: f64,
        options: &Options<'p>,
    ) -> Option<Self> {
        let flights = flight::find(problem)?;
        let rows = Rows::new(problem, goal);
        let outer: Vec<usize> = rows
            .limits()
            .enumerate()
            .filter(|(_, limit)| !flights.inner[*limit])
            .map(|(row, _)| row)
            .collect();
        let mut place = vec![None; rows.len()];
        outer.iter().enumerate().for_each(|(k, &row)| place[row] = Some(k));
        let atom = |line: usize| Atom {
            line,
            goal: goal.of(line),
            rows: rows.entries(line).into_iter().filter_map(|(r, c)| Some((place[r]?, c))).collect(),
        };
        let lines = |f: &crate::flight::Flight| -> Vec<Atom> {
            let steps = f.steps.iter().flat_map(|s| s.spend.map(|x| x.line).into_iter().chain([s.stock]));
            steps.chain(f.used).map(atom).collect()
        };
        let atoms: Vec<Vec<Atom>> = flights.list.iter().map(lines).collect();
        let enters: Vec<Vec<usize>> = atoms
            .iter()
            .map(|atoms| {
                let mut rows: Vec<usize> = atoms.iter().flat_map(|a| a.rows.iter().map(|r| r.0)).collect();
                rows.sort_unstable();
                rows.dedup();
                rows
            })
            .collect();
        let ends = |ends: &[f64]| -> Vec<f64> { outer.iter().map(|&r| ends[r]).collect() };
        let region = Region::whole(problem);
        let large = |a: &Atom| {
            let line = &problem.lines[a.line];
            a.goal.at(line, region.high[a.line].min(4.0 * line.typical_spend())).abs()
        };
        let unit: f64 = atoms.iter().flatten().map(large).filter(|x| x.is_finite()).sum();
        let master =
            Master::new(&ends(&rows.lower), &ends(&rows.upper), &enters, if unit > 0.0 { unit } else { 1.0 });
        let mut weeks = Weeks {
            problem,
            goal,
            flights,
            rows,
            outer,
            atoms,
            columns: Vec::new(),
            master,
            climb: Climb::new(problem, goal, gap).settling(true).stopping(options.stop),
            twins: Twins::default(),
            grids: Vec::new(),
            scratch: RefCell::default(),
            finest: (0.3 * gap / ERROR).sqrt().max(FINEST),
            gap,
            left: false,
            lots: lots::many(problem),
            ruled: false,
            stop: options.stop,
        };
        weeks.ruled = (0..weeks.atoms.len()).any(|block| weeks.switched(block) || weeks.whole(block));
        Some(weeks)
    }

    /// Offers a plan to start from; ignored if it breaks a limit.
    pub(crate) fn offer(&mut self, spends: Vec<f64>) {
        self.climb.offer(spends);
    }

    pub(crate) fn run(mut self, options: &Options<'p>) -> Found {
        let most = options.nodes / self.problem.lines.len().div_ceil(LINES_PER_NODE);
        let root =
            State { prices: vec![0.0; self.outer.len()], step: COARSE[0], fine: false, columns: Vec::new() };
        let most = if self.lots { most.min(LOTS) } else { most };
        let tree = Tree::grow(&mut self, root, most, Stop(options.stop));
        if tree.lost {
            return self.climb.settling(false).run(options);
        }
        let found = tree.found(self.climb.best, &self.twins);
        Found { complete: found.complete && !self.left, ..found }
    }

    fn cutoff(&self) -> f64 {
        self.climb.best.cutoff()
    }

    /// Prices of the limits' sides from those of priced rows.
    fn by_limit(&self, prices: &[f64]) -> Vec<Prices> {
        let mut signed = vec![0.0; self.rows.len()];
        self.outer.iter().zip(prices).for_each(|(&row, &price)| signed[row] = price);
        self.rows.prices(&signed, self.problem.limits.len())
    }

    /// The grid of a step.
    fn grid(&mut self, step: f64) -> usize {
        self.grid_until(step, &|| false).unwrap_or_default()
    }

    /// The grid of a step; `None` if the search is to end before it is ready.
    fn grid_until(&mut self, step: f64, stop: &dyn Fn() -> bool) -> Option<usize> {
        if let Some(k) = self.grids.iter().position(|(known, _)| *known == step) {
            return Some(k);
        }
        self.grids.push((step, self.flights.grids_until(step, stop)?));
        Some(self.grids.len() - 1)
    }

    /// What a unit of relative error is worth.
    fn scale(&self, bound: f64) -> f64 {
        let known =
            self.climb.best.plan.as_ref().map_or(0.0, |plan| plan.value.abs().max(plan.size / 1000.0));
        if known > 0.0 { known } else { bound.abs().max(f64::MIN_POSITIVE) }
    }

    /// Asks at one set of prices after another until the master program knows
    /// the flights that matter. `None` if the region holds no plan.
    fn settle(&mut self, region: &Region, node: &Node<State>, root: bool) -> Option<Settled> {
        let State { prices, columns, .. } = node.state.clone();
        let mut state = Settled { bound: f64::INFINITY, prices, step: COARSE[0], columns, mixed: None };
        let within = |w: &Self, k: &usize| w.inside(region, &w.columns[*k]);
        state.columns = std::mem::take(&mut state.columns).into_iter().filter(|k| within(self, k)).collect();
        if self.flights.lots {
            let (unspent, outer) = (self.flights.unspent(self.problem, region), &self.outer);
            let limits: Vec<usize> = self.rows.limits().collect();
            self.master.leave(|row| unspent[limits[outer[row]]]);
        }
        let finest = self.finest;
        let wanted = match (node.state.fine, root) {
            (true, _) => Vec::new(),
            (_, true) => COARSE.to_vec(),
            _ => vec![self.needed(node.bound)],
        };
        let coarse: Vec<f64> = wanted.into_iter().filter(|s| *s > 1.5 * finest).collect();
        for &step in coarse.iter().chain([&finest]) {
            if !self.settle_on(region, step, step == finest, &mut state)? {
                break;
            }
            // What rules leave open, no grid closes.
            let branch = step < COARSE[0] && step > finest && (self.ruled || !root);
            if !branch {
                continue;
            }
            if let Some(mixed) = state.mixed.take() {
                self.suggest(&state, &mixed, root);
                state.mixed = Some(mixed);
            }
            if self.short(state.bound) > WIDE * ERROR * step * step {
                break;
            }
        }
        Some(state)
    }

    /// How much a bound is short of the best plan, relative to it.
    fn short(&self, bound: f64) -> f64 {
        (bound - self.cutoff()) / self.scale(bound)
    }

    /// The step of a grid whose error is little beside what a bound is short of.
    fn needed(&self, bound: f64) -> f64 {
        let most = (COARSE[1] / self.finest).log2().floor().max(0.0);
        let times = (self.short(bound) / (WIDE * ERROR)).sqrt() / self.finest;
        self.finest * times.log2().floor().clamp(0.0, most).exp2()
    }

    /// As [`Weeks::settle`] on one grid; false if the search is to end.
    fn settle_on(&mut self, region: &Region, step: f64, last: bool, state: &mut Settled) -> Option<bool> {
        // A finer grid takes longer than all before, and its proof as long again:
        // what a coarser one proved stands.
        let known = state.bound.is_finite();
        let stop = self.stop;
        let ended = || known && stop();
        if ended() {
            return Some(false);
        }
        let Some(grid) = self.grid_until(step, &ended) else { return Some(false) };
        let mut ask = state.prices.clone();
        let coarser = (state.bound, state.step);
        (state.bound, state.step) = (f64::INFINITY, step);
        let mut excess = 0;
        let constant = self.goal.constant;
        let mut idle = 0;
        for round in 0..ASKED {
            let (bound, found) = self.ask(region, &ask, grid, true, &|| (known || round > 0) && stop());
            if bound == f64::NEG_INFINITY {
                return None;
            }
            if round == 0 && bound > self.cutoff() && ended() {
                (state.bound, state.step) = coarser;
                return Some(false);
            }
            idle += 1;
            if bound < state.bound {
                if bound < state.bound - 1e-3 * self.gap * self.scale(bound) {
                    idle = 0;
                }
                (state.bound, state.prices) = (bound, ask.clone());
            }
            if state.bound <= self.cutoff() || (self.stop)() && round > 0 {
                return Some(false);
            }
            self.take(found, &mut state.columns);
            let known = state.mixed.as_ref().map_or(f64::INFINITY, |m| {
                ((state.bound - m.value - constant) / self.scale(state.bound)).abs()
            });
            let accuracy = (0.1 * known).clamp(1e-3 * self.gap, 1e-2);
            let mixed = self.master.solve(&state.columns, accuracy, (EXCESS[excess], true), Stop(self.stop));
            let missing = (state.bound - mixed.value - constant) / self.scale(state.bound);
            let enough = if last { 0.1 * self.gap } else { 0.0 } + 1.5 * ERROR * step * step;
            ask = mixed.prices.clone();
            let short = mixed.excess > 1e-6;
            state.mixed = Some(mixed);
            if missing <= enough && accuracy <= 0.3 * enough || idle > 12 {
                if short && excess + 1 < EXCESS.len() {
                    excess += 1;
                    continue;
                }
                return Some(!short);
            }
        }
        Some(true)
    }

    /// The bound at prices of priced rows, and the flights that attain it.
    fn ask(
        &self,
        region: &Region,
        prices: &[f64],
        grid: usize,
        with_goal: bool,
        stop: &dyn Fn() -> bool,
    ) -> (f64, Vec<BestFlight>) {
        let (prices, grids) = (self.by_limit(prices), &self.grids[grid].1);
        let goal = with_goal.then_some(self.goal);
        let mut scratch = self.scratch.borrow_mut();
        self.flights.bound_until(self.problem, goal, &prices, (region, grids), &mut scratch, stop)
    }

    /// Leaves a part that there is nothing more to learn about.
    fn leave(&mut self, state: State) -> Fate<State> {
        self.left = true;
        Fate::Closed(self.leaf(state))
    }

    /// Keeps flights that are new as columns.
    fn take(&mut self, found: Vec<BestFlight>, columns: &mut Vec<usize>) {
        for (block, best) in found.into_iter().enumerate() {
            let same = |k: &usize| self.columns[*k].block == block && self.columns[*k].spends == best.spends;
            if !columns.iter().any(same) {
                columns.push(self.add(block, best.spends));
            }
        }
    }

    fn add(&mut self, block: usize, spends: Vec<f64>) -> usize {
        let flight = &self.flights.list[block];
        if flight.alone {
            let at = spends.clone();
            return self.keep(block, at, spends);
        }
        let (mut stock, mut at) = (0.0, Vec::with_capacity(self.atoms[block].len()));
        let mut next = spends.iter();
        for (t, step) in flight.steps.iter().enumerate() {
            stock = if t == 0 { flight.opening } else { stock * flight.retention };
            if let Some(spend) = step.spend {
                let x = next.next().copied().unwrap_or(0.0);
                stock += spend.weight * x;
                at.push(x);
            }
            at.push(stock);
        }
        at.extend(flight.used.map(|_| f64::from(spends.iter().any(|x| *x > 0.0))));
        self.keep(block, at, spends)
    }

    fn keep(&mut self, block: usize, at: Vec<f64>, spends: Vec<f64>) -> usize {
        let mut rows: Vec<(usize, f64)> = Vec::new();
        let mut goal = 0.0;
        for (atom, &x) in self.atoms[block].iter().zip(&at) {
            let line = &self.problem.lines[atom.line];
            goal += atom.goal.at(line, x);
            for (r, c) in &atom.rows {
                let value = c.at(line, x);
                match rows.binary_search_by_key(r, |(row, _)| *row) {
                    Ok(k) => rows[k].1 += value,
                    Err(k) => rows.insert(k, (*r, value)),
                }
            }
        }
        let of = |r: usize| rows.binary_search_by_key(&r, |(row, _)| *row).map_or(0.0, |k| rows[k].1);
        self.master.add(block, goal, of);
        self.columns.push(Column { block, at, spends, goal, rows });
        self.columns.len() - 1
    }
}

impl Relaxation for Weeks<'_> {
    type State = State;
    type Leaf = Leaf;

    fn cutoff(&self) -> f64 {
        self.climb.best.cutoff()
    }

    fn leaf(&self, state: State) -> Leaf {
        Leaf { step: Some(state.step), ..Leaf::priced(self.by_limit(&state.prices), false) }
    }

    fn stalls(&mut self, nodes: usize, bound: f64) -> bool {
        self.climb.stalls(nodes, bound)
    }

    fn examine(&mut self, node: &Node<State>, nodes: usize) -> Fate<State> {
        let region = Region::of(self.problem, &node.cuts, &self.twins);
        let (mut bound, mut state) = (node.bound, node.state.clone());
        let Some(mut settled) = self.settle(&region, node, nodes == 1) else {
            return Fate::Closed(Leaf { empty: true, ..self.leaf(state) });
        };
        if settled.bound < bound {
            (bound, state.prices, state.step) = (settled.bound, settled.prices.clone(), settled.step);
        }
        if bound <= self.cutoff() {
            return Fate::Closed(self.leaf(state));
        }
        let Some(mixed) = settled.mixed.take() else {
            return Fate::Again { bound, state };
        };
        let nothing = |weeks: &Self| nodes == 1 && weeks.climb.best.plan.is_none();
        if mixed.excess > 1e-6 {
            return match self.prove_empty(&region, &settled.columns) {
                Some(leaf) => Fate::Closed(leaf),
                None if nothing(self) => Fate::Lost,
                None => self.leave(state),
            };
        }
        let torn = self.suggest(&settled, &mixed, nodes == 1);
        if bound <= self.cutoff() {
            return Fate::Closed(self.leaf(state));
        }
        let uses = self.flights.list.iter().any(|f| f.used.is_some()) || lots::any(self.problem);
        if nothing(self) && !uses {
            return Fate::Lost;
        }
        // What no flight is torn by is the grid's own error.
        let lost: f64 = torn.iter().map(|t| t.loss.max(0.0)).sum();
        let beyond = bound - self.cutoff();
        state.columns = settled.columns;
        if lost < 0.5 * beyond && settled.step <= self.finest && self.finest > FINEST {
            self.finest = (0.5 * self.finest).max(FINEST);
            return Fate::Again { bound, state };
        }
        match self.choose(&region, &torn, settled.step) {
            Some((line, at)) => Fate::Open { bound, state, line, at },
            None if settled.step > self.finest && !state.fine => {
                state.fine = true;
                Fate::Again { bound, state }
            }
            None if nothing(self) => Fate::Lost,
            None => self.leave(state),
        }
    }
}
