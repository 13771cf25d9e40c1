//! Plans in whole lots (integer multiples) near a plan, by local search.
//!
//! Every spend goes to a lot beside it, or to an end of a stretch where it may
//! be nothing or more than something; then single spends move on, and pairs of
//! them, as long as that breaks limits by less or earns more. What follows from
//! a spend, its flight's stocks, is worked out for every move.

use super::switches::Switches;
use crate::flight::MANY;
use crate::region::Region;
use crate::rows::Rows;
use crate::{Coefficients, Line, Problem, Span, Terms};

/// What a whole relative excess over a limit costs, in units of the goal's size.
const EXCESS: f64 = 10.0;

/// Most moves.
const MOVES: usize = 5_000;

/// Of moves of either sign, the most that are paired across flights.
const PAIRED: usize = 150;

/// Most lines of which every move is looked at.
const LINES: usize = 400;

/// A gain below this, relative to the goal, is none.
const GAIN: f64 = 1e-13;

/// True if some line's spends are whole multiples.
pub(crate) fn any(problem: &Problem) -> bool {
    problem.lines.iter().any(|l| l.domain().spans().iter().any(|s| s.step > 0.0))
}

/// True if some line's lots are too many to be told apart in a program over its
/// flight.
pub(crate) fn many(problem: &Problem) -> bool {
    let region = Region::whole(problem);
    let fine = |s: &Span, high: f64| s.step > 0.0 && s.to.min(high) - s.from > MANY * s.step;
    let mut each = problem.lines.iter().zip(&region.high);
    each.any(|(line, &high)| line.domain().spans().iter().any(|s| fine(s, high)))
}

/// True if some spends are whole multiples, or nothing or more than something,
/// and the lines not too many to look at every move.
pub(crate) fn few(problem: &Problem) -> bool {
    problem.lines.len() <= LINES && problem.lines.iter().any(moves)
}

/// True for a spend that jumps from one amount to another.
fn moves(line: &Line) -> bool {
    let spans = line.domain().spans();
    spans.len() > 1 || spans.iter().any(|s| s.step > 0.0)
}

/// A plan in whole lots near `start`; it may break limits.
pub(crate) fn near(problem: &Problem, goal: &Terms, start: &[f64], stop: &dyn Fn() -> bool) -> Vec<f64> {
    let mut search = Search::new(problem, goal, start);
    for _ in 0..MOVES {
        if stop() || !search.step() {
            break;
        }
    }
    search.at
}

/// `own line = (number - sum of others) / coefficient`.
struct Equation {
    line: usize,
    coefficient: f64,
    number: f64,
    others: Vec<(usize, f64)>,
}

/// What a line adds to rows.
type Entries = Vec<(usize, Coefficients)>;

/// Lines that hang together.
#[derive(Default)]
struct Flight {
    /// Spends in whole lots.
    lots: Vec<usize>,
    /// In the order in which they settle.
    equations: Vec<Equation>,
    /// Lines that say whether, and when, others are on.
    switches: Switches,
    /// Every line with what it adds to the goal and to rows.
    lines: Vec<(usize, Coefficients, Entries)>,
    moves: Vec<Move>,
}

/// A spend moved to the next lot.
#[derive(Clone)]
struct Move {
    line: usize,
    to: f64,
    up: bool,
    goal: f64,
    /// By row.
    rows: Vec<f64>,
}

struct Search<'a> {
    problem: &'a Problem,
    flights: Vec<Flight>,
    at: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// Cost of a unit of excess.
    costs: Vec<f64>,
    values: Vec<f64>,
    size: f64,
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem, goal: &Terms, start: &[f64]) -> Self {
        let switches = Switches::of(problem);
        let mut flights = flights(problem, &switches);
        let rows = Rows::new(problem, goal);
        // Equations hold by themselves.
        let kept: Vec<usize> = rows
            .limits()
            .enumerate()
            .filter(|(_, limit)| problem.limits[*limit].gives().is_none())
            .map(|(row, _)| row)
            .collect();
        let mut place = vec![None; rows.len()];
        kept.iter().enumerate().for_each(|(k, &row)| place[row] = Some(k));
        for line in flights.iter_mut().flat_map(|f| &mut f.lines) {
            let own = rows.entries(line.0).into_iter().filter_map(|(r, c)| Some((place[r]?, c)));
            (line.1, line.2) = (goal.of(line.0), own.collect());
        }
        let mut at = start.to_vec();
        for &i in flights.iter().flat_map(|f| &f.lots) {
            at[i] = problem.lines[i].domain().nearest(at[i]);
        }
        problem.settle(&mut at);
        switches.settle(&mut at);
        let (mut values, mut sizes) = (vec![0.0; kept.len()], vec![0.0; kept.len()]);
        for (i, _, own) in flights.iter().flat_map(|f| &f.lines) {
            for (r, c) in own {
                let value = c.at(&problem.lines[*i], at[*i]);
                values[*r] += value;
                sizes[*r] += value.abs();
            }
        }
        let [lower, upper] =
            [&rows.lower, &rows.upper].map(|e| kept.iter().map(|&r| e[r]).collect::<Vec<_>>());
        let size = goal.measure(&problem.lines, &at).1.max(f64::MIN_POSITIVE);
        let unit = |r: usize| {
            let ends = [lower[r], upper[r]].into_iter().filter(|n| n.is_finite());
            ends.fold(sizes[r], |a, b| a.max(b.abs())).max(f64::MIN_POSITIVE)
        };
        let costs = (0..kept.len()).map(|r| EXCESS * size / unit(r)).collect();
        let mut search = Search { problem, flights, at, lower, upper, costs, values, size };
        (0..search.flights.len()).for_each(|f| search.find_moves(f));
        search
    }

    /// What a row costs at a value.
    fn cost(&self, r: usize, value: f64) -> f64 {
        self.costs[r] * (value - self.upper[r]).max(self.lower[r] - value).max(0.0)
    }

    /// What moves gain together.
    fn gain(&self, goal: f64, rows: impl Fn(usize) -> f64) -> f64 {
        let each = (0..self.values.len()).filter_map(|r| {
            let by = rows(r);
            (by != 0.0).then(|| self.cost(r, self.values[r]) - self.cost(r, self.values[r] + by))
        });
        goal + each.sum::<f64>()
    }

    fn find_moves(&mut self, f: usize) {
        let flight = &self.flights[f];
        let mut moves = Vec::new();
        for &line in &flight.lots {
            for up in [false, true] {
                let Some(to) = self.next(line, up) else { continue };
                moves.push(self.moved(flight, &[(line, to)], up));
            }
        }
        self.flights[f].moves = moves;
    }

    /// The next lot of a spend.
    fn next(&self, line: usize, up: bool) -> Option<f64> {
        let x = self.at[line];
        let each = self.problem.lines[line].domain().spans().iter().filter_map(|span| {
            if span.step == 0.0 {
                // To the nearer end of another stretch.
                let y = if up { span.from } else { span.to };
                return ((y > x) == up && y != x).then_some(y);
            }
            let half = 0.5 * span.step;
            let y = if up {
                span.lot_at_or_above((x + half).max(span.from))
            } else {
                span.lot_at_or_below((x - half).min(span.to))
            };
            (span.from <= y && y <= span.to && (y > x) == up && y != x).then_some(y)
        });
        each.min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()))
    }

    /// What changes when spends of a flight become others.
    fn moved(&self, flight: &Flight, changes: &[(usize, f64)], up: bool) -> Move {
        let mut now: Vec<(usize, f64)> = changes.to_vec();
        let of = |now: &[(usize, f64)], i: usize| now.iter().rev().find(|(k, _)| *k == i).map(|(_, x)| *x);
        for equation in &flight.equations {
            if equation.others.iter().any(|(i, _)| of(&now, *i).is_some()) {
                let others: f64 =
                    equation.others.iter().map(|&(i, c)| c * of(&now, i).unwrap_or(self.at[i])).sum();
                now.push((equation.line, ((equation.number - others) / equation.coefficient).max(0.0)));
            }
        }
        now.extend(flight.switches.each(|i| of(&now, i).unwrap_or(self.at[i])));
        let mut rows = vec![0.0; self.values.len()];
        let mut goal = 0.0;
        for (i, own, entries) in &flight.lines {
            let Some(to) = of(&now, *i) else { continue };
            let line = &self.problem.lines[*i];
            let by = |c: &Coefficients| c.at(line, to) - c.at(line, self.at[*i]);
            goal += by(own);
            entries.iter().for_each(|(r, c)| rows[*r] += by(c));
        }
        let (line, to) = changes[0];
        Move { line, to, up, goal, rows }
    }

    /// Makes the best move, or the best pair of them; false if none gains.
    fn step(&mut self) -> bool {
        let least = GAIN * self.size;
        let mut best: (f64, Vec<(usize, usize, f64)>) = (least, Vec::new());
        let all =
            || self.flights.iter().enumerate().flat_map(|(f, own)| own.moves.iter().map(move |m| (f, m)));
        for (f, m) in all() {
            let gain = self.gain(m.goal, |r| m.rows[r]);
            if gain > best.0 {
                best = (gain, vec![(f, m.line, m.to)]);
            }
        }
        if best.1.is_empty() {
            let top = |up: bool| {
                let mut own: Vec<(usize, &Move)> = all().filter(|(_, m)| m.up == up).collect();
                own.sort_by(|a, b| b.1.goal.total_cmp(&a.1.goal));
                own.truncate(PAIRED);
                own
            };
            let (ups, downs) = (top(true), top(false));
            for (f, a) in &ups {
                for (g, b) in downs.iter().filter(|(g, _)| g != f) {
                    let gain = self.gain(a.goal + b.goal, |r| a.rows[r] + b.rows[r]);
                    if gain > best.0 {
                        best = (gain, vec![(*f, a.line, a.to), (*g, b.line, b.to)]);
                    }
                }
            }
            for (f, flight) in self.flights.iter().enumerate() {
                for a in flight.moves.iter().filter(|m| m.up) {
                    for b in flight.moves.iter().filter(|m| !m.up && m.line != a.line) {
                        let both = self.moved(flight, &[(a.line, a.to), (b.line, b.to)], true);
                        let gain = self.gain(both.goal, |r| both.rows[r]);
                        if gain > best.0 {
                            best = (gain, vec![(f, a.line, a.to), (f, b.line, b.to)]);
                        }
                    }
                }
            }
        }
        let changed = best.1;
        let mut touched: Vec<usize> = changed.iter().map(|c| c.0).collect();
        touched.dedup();
        for &f in &touched {
            let changes: Vec<(usize, f64)> =
                changed.iter().filter(|c| c.0 == f).map(|&(_, line, to)| (line, to)).collect();
            let all = self.moved(&self.flights[f], &changes, true);
            self.values.iter_mut().zip(&all.rows).for_each(|(v, by)| *v += by);
            changes.iter().for_each(|&(line, to)| self.at[line] = to);
            for equation in &self.flights[f].equations {
                let others: f64 = equation.others.iter().map(|&(i, c)| c * self.at[i]).sum();
                self.at[equation.line] = ((equation.number - others) / equation.coefficient).max(0.0);
            }
            self.flights[f].switches.settle(&mut self.at);
        }
        touched.iter().for_each(|&f| self.find_moves(f));
        !touched.is_empty()
    }
}

/// The lines of a problem by what hangs together through equations.
fn flights(problem: &Problem, switches: &Switches) -> Vec<Flight> {
    let mut of: Vec<usize> = (0..problem.lines.len()).collect();
    let root = |of: &mut Vec<usize>, mut i: usize| {
        while of[i] != i {
            of[i] = of[of[i]];
            i = of[i];
        }
        i
    };
    let equations = || problem.limits.iter().filter_map(|l| Some((l, l.gives()?)));
    for (_, (_, &(line, _), rest)) in equations() {
        for (i, _) in rest {
            let (a, b) = (root(&mut of, line), root(&mut of, *i));
            of[a.max(b)] = a.min(b);
        }
    }
    for (line, others) in switches.ties() {
        for i in others {
            let (a, b) = (root(&mut of, line), root(&mut of, i));
            of[a.max(b)] = a.min(b);
        }
    }
    let mut place = vec![usize::MAX; of.len()];
    let mut list: Vec<Flight> = Vec::new();
    let mut follows = vec![false; of.len()];
    equations().for_each(|(_, (_, (line, _), _))| follows[*line] = true);
    for (i, line) in problem.lines.iter().enumerate() {
        let own = root(&mut of, i);
        if place[own] == usize::MAX {
            place[own] = list.len();
            list.push(Flight::default());
        }
        let flight = &mut list[place[own]];
        flight.lines.push((i, Coefficients::default(), Vec::new()));
        if !follows[i] && moves(line) {
            flight.lots.push(i);
        }
    }
    for (limit, (number, &(line, c), rest)) in equations() {
        let own = root(&mut of, line);
        list[place[own]].equations.push(Equation {
            line,
            coefficient: c.spend,
            number: number - limit.numerator.constant,
            others: rest.iter().map(|(i, c)| (*i, c.spend)).collect(),
        });
    }
    for flight in &mut list {
        flight.switches = switches.within(|i| flight.lines.iter().any(|(own, ..)| *own == i));
    }
    list
}
