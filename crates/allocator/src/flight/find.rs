//! Recognises flights in the limits of a problem.

use outlay_curves::Curve;

use super::{Flight, Flights, Spend, Step};
use crate::groups::Ties;
use crate::region::Region;
use crate::{Coefficients, Goal, Limit, Problem, Span};

/// Room left above a largest stock, relative to it: for limits that may be
/// exceeded by a little, and so that no grid ends where a plan may be.
const MARGIN: f64 = 0.02;

/// What a number of beginnings may be short of a whole one by.
const WHOLE: f64 = 1e-6;

/// Most beginnings and periods of a run that are kept as states.
const MOST_STATES: usize = 64;

/// Where a line of the problem stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Nowhere,
    Stock(usize),
    Spend(usize, usize),
    Start,
    Used,
    /// A block that answers by itself.
    Alone,
}

pub(crate) fn find(problem: &Problem) -> Option<Flights> {
    if problem.is_pooled() {
        return None;
    }
    let mut places = vec![Place::Nowhere; problem.lines.len()];
    let mut inner = vec![false; problem.limits.len()];
    let mut list: Vec<Flight> = Vec::new();
    for (index, limit) in problem.limits.iter().enumerate() {
        let Some(stock) = Equation::read(limit) else { continue };
        inner[index] = true;
        place(problem, &mut places, &mut list, stock)?;
    }
    if list.is_empty() {
        return None;
    }
    for (index, limit) in problem.limits.iter().enumerate() {
        if let Some(lines) = on_off(limit) {
            join(&mut list, &mut places, &lines);
            inner[index] = false;
        }
    }
    list.retain(|flight| !flight.steps.is_empty());
    for (f, flight) in list.iter().enumerate() {
        for (t, step) in flight.steps.iter().enumerate() {
            places[step.stock] = Place::Stock(f);
            if let Some(spend) = step.spend {
                places[spend.line] = Place::Spend(f, t);
            }
        }
    }
    runs(problem, &mut list, &places, &mut inner);
    starts(problem, &mut list, &mut places, &mut inner);
    times(problem, &mut list, &places, &mut inner);
    used(problem, &mut list, &mut places, &mut inner);
    alone(problem, &mut list, &mut places);
    let region = Region::whole(problem);
    let caps: Vec<&Limit> = problem.limits.iter().filter(|l| only_adds(l)).collect();
    for flight in &mut list {
        flight.top = match (flight.alone, &flight.steps[..]) {
            (true, [step]) => region.high[step.stock],
            _ => top(&caps, flight, &region),
        };
        flight.steps.iter_mut().for_each(|s| s.range = (region.low[s.stock], region.high[s.stock]));
        let counted = flight.starts.or(flight.times).unwrap_or(0) + 1;
        let states = (flight.run + 1) * counted * (1 + usize::from(flight.used.is_some()));
        if !flight.top.is_finite() || flight.top <= 0.0 || states > MOST_STATES {
            return None;
        }
    }
    let known = places.iter().all(|p| *p != Place::Nowhere);
    (known && plain(problem, &places, &inner)).then(|| {
        let lots = Flights::has_lots(problem, &list);
        Flights { list, inner, lots }
    })
}

/// `own stock + before earlier stock + bought spend = number`.
struct Equation {
    number: f64,
    stock: (usize, f64),
    others: Vec<(usize, f64)>,
}

impl Equation {
    fn read(limit: &Limit) -> Option<Self> {
        let (number, &(stock, own), rest) = limit.gives()?;
        let only = |c: &Coefficients| c.response == 0.0 && c.active == 0.0 && c.moved == 0.0;
        if !only(&own) || !rest.iter().all(|(_, c)| only(c)) {
            return None;
        }
        let others = rest.iter().map(|(i, c)| (*i, c.spend)).collect();
        Some(Equation { number: number - limit.numerator.constant, stock: (stock, own.spend), others })
    }
}

/// Adds the stock of an equation to the flight of the stock before it, or
/// begins a new one. `None` if the stock follows otherwise.
fn place(
    problem: &Problem,
    places: &mut [Place],
    list: &mut Vec<Flight>,
    Equation { number, stock: (stock, own), others }: Equation,
) -> Option<()> {
    let (mut before, mut spend) = (None, None);
    for (i, c) in others {
        let weight = -c / own;
        match places[i] {
            Place::Stock(f) if before.is_none() && list[f].steps.last()?.stock == i => {
                before = Some((f, weight))
            }
            Place::Nowhere if spend.is_none() && weight > 0.0 => spend = Some(Spend { line: i, weight }),
            _ => return None,
        }
    }
    let offset = number / own;
    let curve = &problem.lines[stock].curve;
    let f = match before {
        Some((f, kept)) => {
            let flight = &list[f];
            let first = flight.steps.len() == 1;
            let alike = flight.curve == *curve && (first || flight.retention == kept);
            if !alike || !(0.0..1.0).contains(&kept) || offset != 0.0 {
                return None;
            }
            list[f].retention = kept;
            f
        }
        None if offset >= 0.0 => {
            list.push(Flight {
                curve: curve.clone(),
                retention: 0.0,
                opening: offset,
                steps: Vec::new(),
                run: 1,
                starts: None,
                times: None,
                used: None,
                top: f64::INFINITY,
                alone: false,
            });
            list.len() - 1
        }
        None => return None,
    };
    if let Some(spend) = spend {
        if !matches!(problem.lines[spend.line].curve, Curve::Linear(_)) {
            return None;
        }
        places[spend.line] = Place::Spend(f, list[f].steps.len());
    }
    if places[stock] != Place::Nowhere {
        return None;
    }
    places[stock] = Place::Stock(f);
    list[f].steps.push(Step { stock, spend, range: (0.0, f64::INFINITY) });
    Some(())
}

/// The spends of a limit over few lines that counts which are on.
fn on_off(limit: &Limit) -> Option<Vec<usize>> {
    let few = limit.numerator.few();
    let counts = limit.numerator.is_sparse() && few.iter().any(|(_, c)| c.active != 0.0);
    counts.then(|| few.iter().filter(|(_, c)| c.active != 0.0).map(|(i, _)| *i).collect())
}

/// Makes one flight of those without memory that rules on being on tie.
fn join(list: &mut [Flight], places: &mut [Place], lines: &[usize]) {
    let of = |places: &[Place], i: usize| match places[i] {
        Place::Spend(f, _) => Some(f),
        _ => None,
    };
    let Some(first) = lines.first().and_then(|&i| of(places, i)) else { return };
    for &i in &lines[1..] {
        let Some(other) = of(places, i).filter(|&f| f != first) else { continue };
        let free = |f: &Flight| f.retention == 0.0 && f.opening == 0.0;
        if !free(&list[first]) || !free(&list[other]) || list[first].curve != list[other].curve {
            continue;
        }
        let steps = std::mem::take(&mut list[other].steps);
        list[first].steps.extend(steps);
        list[first].steps.sort_by_key(|s| s.spend.map_or(usize::MAX, |s| s.line));
        for step in &list[first].steps {
            places[step.stock] = Place::Stock(first);
            if let Some(spend) = step.spend {
                places[spend.line] = Place::Spend(first, 0);
            }
        }
    }
}

type Entry = (usize, Coefficients);

/// A rule `z_t - z_(t-1) <= ...` on being on: its flight, `t`, and what else
/// stands in it.
fn beginning<'a>(limit: &'a Limit, places: &[Place]) -> Option<(usize, usize, Vec<&'a Entry>)> {
    if !limit.numerator.is_sparse() || limit.denominator.is_some() || limit.min.is_some() {
        return None;
    }
    if limit.max? - limit.numerator.constant != 0.0 {
        return None;
    }
    let on = Coefficients::on_active(1.0);
    let (now, _) = limit.numerator.few().iter().find(|(_, c)| *c == on)?;
    let Place::Spend(f, t) = places[*now] else { return None };
    let mut rest: Vec<&Entry> = limit.numerator.few().iter().filter(|(i, _)| i != now).collect();
    if t > 0 {
        let off = Coefficients::on_active(-1.0);
        let before = rest.iter().position(|(i, c)| places[*i] == Place::Spend(f, t - 1) && *c == off)?;
        rest.remove(before);
    }
    Some((f, t, rest))
}

/// Number of spends of a flight, if they come first and without a break.
fn spends(flight: &Flight) -> Option<usize> {
    let count = flight.steps.iter().take_while(|s| s.spend.is_some()).count();
    flight.steps[count..].iter().all(|s| s.spend.is_none()).then_some(count)
}

/// Once on, on for n periods: `z_t - z_(t-1) <= z_(t+k)` for all k < n.
fn runs(problem: &Problem, list: &mut [Flight], places: &[Place], inner: &mut [bool]) {
    let mut found: Vec<(usize, usize, usize, usize)> = Vec::new();
    for (index, limit) in problem.limits.iter().enumerate() {
        let Some((f, t, rest)) = beginning(limit, places) else { continue };
        let [(later, c)] = rest[..] else { continue };
        let Place::Spend(g, at) = places[*later] else { continue };
        if f == g && at > t && *c == Coefficients::on_active(-1.0) {
            found.push((f, t, at - t, index));
        }
    }
    for (f, flight) in list.iter_mut().enumerate() {
        let Some(count) = spends(flight) else { continue };
        let own = || found.iter().filter(|(g, ..)| *g == f);
        let holds = |k: usize| (0..count.saturating_sub(k)).all(|t| own().any(|x| (x.1, x.2) == (t, k)));
        while flight.run < count && holds(flight.run) {
            flight.run += 1;
        }
        own().filter(|x| x.2 < flight.run).for_each(|x| inner[x.3] = true);
    }
}

/// Few beginnings: `z_t - z_(t-1) <= b_t` with `sum b <= k`.
fn starts(problem: &Problem, list: &mut [Flight], places: &mut [Place], inner: &mut [bool]) {
    let money = |i: usize| {
        let (line, places) = (&problem.lines[i], &*places);
        places[i] == Place::Nowhere && line.domain().least() == 0.0 && line.domain().largest() <= 1.0
    };
    let mut found: Vec<(usize, usize, usize, usize)> = Vec::new();
    for (index, limit) in problem.limits.iter().enumerate() {
        let Some((f, t, rest)) = beginning(limit, places) else { continue };
        let [(start, c)] = rest[..] else { continue };
        if money(*start) && *c == Coefficients::on_spend(-1.0) {
            found.push((f, t, *start, index));
        }
    }
    for (index, limit) in problem.limits.iter().enumerate() {
        let few = limit.numerator.few();
        let one = Coefficients::on_spend(1.0);
        let sum = limit.numerator.is_sparse() && limit.denominator.is_none() && limit.min.is_none();
        let (true, Some(max)) = (sum && few.iter().all(|(_, c)| *c == one), limit.max) else { continue };
        let Some(&(f, ..)) = found.iter().find(|x| few.iter().any(|(i, _)| *i == x.2)) else { continue };
        let own: Vec<_> = found.iter().filter(|x| x.0 == f).copied().collect();
        let complete = spends(&list[f]) == Some(own.len())
            && own.len() == few.len()
            && own.iter().all(|x| few.iter().any(|(i, _)| *i == x.2))
            && (0..own.len()).all(|t| own.iter().any(|x| x.1 == t));
        let most = max - limit.numerator.constant;
        if complete && most >= 0.0 && list[f].starts.is_none() {
            list[f].starts = Some((most * (1.0 + WHOLE)).floor() as usize);
            inner[index] = true;
            for (_, _, start, row) in own {
                places[start] = Place::Start;
                inner[row] = true;
            }
        }
    }
}

/// The flight whose spends stand in a limit with nothing else but `more`
/// lines, all of them, each on counting `weight`.
fn every_spend(limit: &Limit, list: &[Flight], places: &[Place], weight: f64, more: usize) -> Option<usize> {
    let few = limit.numerator.few();
    let counts = Coefficients::on_active(weight);
    let own = |(i, c): &&(usize, Coefficients)| matches!(places[*i], Place::Spend(..)) && *c == counts;
    let mut of = few.iter().filter(own).map(|(i, _)| match places[*i] {
        Place::Spend(f, _) => f,
        _ => usize::MAX,
    });
    let plain = limit.numerator.is_sparse() && limit.denominator.is_none() && limit.min.is_none();
    let f = of.next().filter(|_| plain && limit.max.is_some())?;
    let count = 1 + of.filter(|other| *other == f).count();
    (spends(&list[f]) == Some(count) && few.len() == count + more).then_some(f)
}

/// Few periods that are on: `sum z <= k`.
fn times(problem: &Problem, list: &mut [Flight], places: &[Place], inner: &mut [bool]) {
    for (index, limit) in problem.limits.iter().enumerate() {
        let Some(f) = every_spend(limit, list, places, 1.0, 0) else { continue };
        let most = limit.max.unwrap_or(0.0) - limit.numerator.constant;
        if most >= 0.0 && list[f].starts.is_none() && list[f].times.is_none() {
            list[f].times = Some((most * (1.0 + WHOLE)).floor() as usize);
            inner[index] = true;
        }
    }
}

/// In use or not: `z_t <= u` for all t, and `u <= sum z`.
fn used(problem: &Problem, list: &mut [Flight], places: &mut [Place], inner: &mut [bool]) {
    let zero = |limit: &Limit| limit.max == Some(limit.numerator.constant);
    for (index, limit) in problem.limits.iter().enumerate() {
        let Some(f) = every_spend(limit, list, places, -1.0, 1).filter(|_| zero(limit)) else { continue };
        let one = Coefficients::on_spend(1.0);
        let Some(&(u, _)) = limit.numerator.few().iter().find(|(_, c)| *c == one) else { continue };
        let line = &problem.lines[u];
        let whole = line.domain().least() == 0.0 && line.domain().largest() <= 1.0;
        if !whole || places[u] != Place::Nowhere || list[f].used.is_some() {
            continue;
        }
        let pair = |spend: usize| {
            let on = (spend, Coefficients::on_active(1.0));
            let off = (u, Coefficients::on_spend(-1.0));
            let same = |l: &&Limit| {
                let (plain, few) = (l.denominator.is_none() && l.min.is_none(), l.numerator.few());
                plain
                    && l.numerator.is_sparse()
                    && zero(l)
                    && few.len() == 2
                    && few.contains(&on)
                    && few.contains(&off)
            };
            problem.limits.iter().position(|l| same(&l))
        };
        let each = list[f].steps.iter().filter_map(|s| s.spend).map(|s| pair(s.line));
        let Some(rows) = each.collect::<Option<Vec<usize>>>() else { continue };
        list[f].used = Some(u);
        places[u] = Place::Used;
        inner[index] = true;
        rows.into_iter().for_each(|row| inner[row] = true);
    }
}

/// What limits tie to flights: what an audience adds up to.
fn alone(problem: &Problem, list: &mut Vec<Flight>, places: &mut [Place]) {
    for block in Ties::find(problem).blocks() {
        if places[block] != Place::Nowhere {
            continue;
        }
        places[block] = Place::Alone;
        list.push(Flight {
            curve: problem.lines[block].curve.clone(),
            retention: 0.0,
            opening: 0.0,
            steps: vec![Step { stock: block, spend: None, range: (0.0, f64::INFINITY) }],
            run: 1,
            starts: None,
            times: None,
            used: None,
            top: f64::INFINITY,
            alone: true,
        });
    }
}

/// True for a limit to whose quantity every line adds at least nothing.
fn only_adds(limit: &Limit) -> bool {
    let terms = &limit.numerator;
    let vectors = [&terms.spend, &terms.response, &terms.active, &terms.moved];
    let adds = |c: &Coefficients| c.spend >= 0.0 && c.response >= 0.0 && c.active >= 0.0 && c.moved >= 0.0;
    limit.max.is_some()
        && limit.denominator.is_none()
        && vectors.iter().all(|v| v.as_ref().is_none_or(|v| v.iter().all(|c| *c >= 0.0)))
        && terms.few().iter().all(|(_, c)| adds(c))
}

/// The largest stock of a flight: by what its lines may spend in a period,
/// and by what a limit lets it spend in all.
fn top(caps: &[&Limit], flight: &Flight, region: &Region) -> f64 {
    let most = |step: &Step| region.high[step.stock];
    let by_periods = flight.steps.iter().map(most).fold(0.0, f64::max);
    let mut least = by_periods;
    for limit in caps {
        let terms = &limit.numerator;
        let each = flight.steps.iter().filter_map(|s| s.spend).map(|s| s.weight / terms.of(s.line).spend);
        let ratio = each.fold(0.0, f64::max);
        if let Some(max) = limit.max.filter(|_| ratio.is_finite()) {
            least = least.min(flight.opening + ratio * (max - terms.constant).max(0.0));
        }
    }
    least * (1.0 + MARGIN)
}

/// True if nothing depends on a flight in a way that its program does not know.
fn plain(problem: &Problem, places: &[Place], inner: &[bool]) -> bool {
    let fair = |i: usize, c: Coefficients| match places[i] {
        Place::Spend(..) => c.moved == 0.0,
        Place::Stock(_) | Place::Alone => c.moved == 0.0 && c.active == 0.0,
        Place::Used => c == Coefficients::on_spend(c.spend),
        Place::Start | Place::Nowhere => c == Coefficients::default(),
    };
    let goal = match &problem.goal {
        Goal::Maximize(terms) => vec![terms],
        Goal::MinimizeRatio { numerator, denominator } => vec![numerator, denominator],
    };
    let outer = problem.limits.iter().zip(inner).filter(|(_, inner)| !**inner).map(|(l, _)| l);
    let limited = outer.flat_map(|l| [Some(&l.numerator), l.denominator.as_ref()]).flatten();
    let known = goal.into_iter().chain(limited).all(|terms| match terms.is_sparse() {
        true => terms.few().iter().all(|&(i, c)| fair(i, c)),
        false => (0..places.len()).all(|i| fair(i, terms.of(i))),
    });
    let whole = |place: &Place, spans: &[Span]| {
        !matches!(place, Place::Stock(_)) || (spans.len() == 1 && spans[0].step == 0.0)
    };
    known && problem.lines.iter().zip(places).all(|(line, place)| whole(place, line.domain().spans()))
}
