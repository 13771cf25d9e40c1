use crate::certificate::KEPT;
use crate::hull::{Arc, Kind, Segment, arcs, hull};
use crate::rows::Rows;
use crate::solvers::interior::{Interior, Program, Variable};
use crate::{Line, Problem, Terms};

/// A concave program that contains a region's plans: every line's curve is
/// replaced by its concave majorant, cut into stretches that are variables of
/// their own. Falling slopes make an optimum fill them in order.
pub(crate) struct Relaxation<'a> {
    pub(crate) program: Program<'a>,
    /// Spend of every line before any stretch is filled.
    base: Vec<f64>,
    /// Line and stretch of every variable; elastic variables follow without one.
    stretches: Vec<(usize, Segment)>,
}

/// How limits may be broken in a relaxation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Elastic {
    /// Not at all.
    No,
    /// At this price, in units of the goal's size per relative excess.
    At(f64),
}

/// The stretches that a line's spend is made of.
pub(crate) struct Stretches {
    pub(crate) base: f64,
    pub(crate) segments: Vec<Segment>,
}

/// Which features matter for a line beyond spend and response.
pub(crate) struct Features {
    active: Vec<bool>,
    moved: Vec<bool>,
}

impl Features {
    pub(crate) fn of(problem: &Problem, goal: &Terms) -> Self {
        let n = problem.lines.len();
        let mut features = Features { active: vec![false; n], moved: vec![false; n] };
        for terms in problem.quantities().chain([goal]) {
            for (flags, v) in [(&mut features.active, &terms.active), (&mut features.moved, &terms.moved)] {
                if let Some(v) = v {
                    flags.iter_mut().zip(v.iter()).for_each(|(flag, c)| *flag |= *c != 0.0);
                }
            }
        }
        features
    }

    pub(crate) fn active(&self, i: usize) -> bool {
        self.active[i]
    }

    pub(crate) fn moved(&self, i: usize) -> bool {
        self.moved[i]
    }

    pub(crate) fn plain(&self) -> bool {
        !self.active.contains(&true) && !self.moved.contains(&true)
    }
}

impl Stretches {
    /// Stretches of line `i` in `[low, high]`; `None` if no spend is allowed.
    /// A line whose being on has a price gets a first chord from 0 to
    /// `anchor`, the spend at which it would be switched on.
    pub(crate) fn new(
        line: &Line,
        low: f64,
        high: f64,
        anchor: Option<f64>,
        split: Option<f64>,
    ) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut segments = Vec::new();
        arcs(line, low, high, &mut pieces);
        let base = pieces.first()?.from;
        match anchor {
            Some(anchor) if base == 0.0 && pieces.last().is_some_and(|a| a.to > 0.0) => {
                let top = pieces.last().map_or(0.0, |a| a.to);
                let anchor = nearest_on(&pieces, anchor.clamp(0.0, top));
                let mut upper = Vec::new();
                arcs(line, anchor, high, &mut upper);
                hull(line, &upper, &mut segments);
                let slope = line.curve.value(anchor) / anchor;
                segments.insert(0, Segment { from: 0.0, to: anchor, kind: Kind::Chord(slope) });
            }
            _ => hull(line, &pieces, &mut segments),
        }
        if let Some(at) = split {
            cut(&mut segments, at);
        }
        Some(Stretches { base, segments })
    }
}

impl Stretches {
    /// The stretch of a line that keeps to one concave arc.
    pub(crate) fn on(arc: Arc, split: Option<f64>) -> Self {
        let mut segments = Vec::new();
        if arc.to > arc.from {
            segments.push(Segment { from: arc.from, to: arc.to, kind: Kind::Arc });
        }
        if let Some(at) = split {
            cut(&mut segments, at);
        }
        Stretches { base: arc.from, segments }
    }

    /// The concave majorant at a spend.
    pub(crate) fn value(&self, line: &Line, x: f64) -> f64 {
        let on = |s: &&Segment| s.from <= x && x <= s.to;
        match self.segments.iter().find(on) {
            Some(Segment { from, kind: Kind::Chord(slope), .. }) => {
                line.curve.value(*from) + slope * (x - from)
            }
            _ => line.curve.value(x),
        }
    }

    /// The ends of the chord that holds a spend.
    pub(crate) fn chord_at(&self, x: f64) -> Option<(f64, f64)> {
        let holds = |s: &&Segment| matches!(s.kind, Kind::Chord(_)) && s.from <= x && x <= s.to;
        self.segments.iter().find(holds).map(|s| (s.from, s.to))
    }

    /// True if the stretch is one straight segment.
    pub(crate) fn has(&self, arc: Arc) -> bool {
        let same = |s: &Segment| s.from == arc.from && s.to == arc.to;
        self.segments.iter().any(|s| same(s) && matches!(s.kind, Kind::Chord(_)))
    }

    /// Where a chord that begins at 0 ends.
    pub(crate) fn first_chord(&self) -> Option<f64> {
        let first = self.segments.first()?;
        (first.from == 0.0 && matches!(first.kind, Kind::Chord(_))).then_some(first.to)
    }
}

/// The spend above 0 on an arc that is nearest to `x`.
fn nearest_on(pieces: &[Arc], x: f64) -> f64 {
    let mut best = f64::NAN;
    for arc in pieces.iter().filter(|a| a.to > 0.0) {
        let floor = if arc.from > 0.0 { arc.from } else { 1e-9 * arc.to.min(1e15) };
        let y = x.clamp(floor, arc.to);
        if best.is_nan() || (y - x).abs() < (best - x).abs() {
            best = y;
        }
    }
    best
}

fn cut(segments: &mut Vec<Segment>, at: f64) {
    if let Some(k) = segments.iter().position(|s| s.from < at && at < s.to) {
        let right = Segment { from: at, ..segments[k] };
        segments[k].to = at;
        segments.insert(k + 1, right);
    }
}

impl<'a> Relaxation<'a> {
    /// The relaxation of a region given each line's stretches.
    pub(crate) fn new(
        problem: &'a Problem,
        rows: &Rows,
        goal: Option<&Terms>,
        stretches: &[Stretches],
        elastic: Elastic,
    ) -> Self {
        let m = rows.len();
        let mut fixed = vec![0.0; m];
        let mut relaxation = Relaxation {
            program: Program {
                curved_rows: rows.response.rows.clone(),
                lower: rows.lower.clone(),
                upper: rows.upper.clone(),
                ..Program::default()
            },
            base: stretches.iter().map(|s| s.base).collect(),
            stretches: Vec::with_capacity(problem.lines.len()),
        };
        for (i, line) in problem.lines.iter().enumerate() {
            rows.add_at(&mut fixed, i, line, stretches[i].base);
            for segment in &stretches[i].segments {
                relaxation.add(rows, goal, i, line, *segment);
            }
        }
        for ends in [&mut relaxation.program.lower, &mut relaxation.program.upper] {
            ends.iter_mut().zip(&fixed).for_each(|(end, fixed)| *end -= fixed);
        }
        relaxation.drop_idle_rows(&fixed);
        relaxation.choose_start();
        if let Elastic::At(price) = elastic {
            relaxation.add_elastic(price, goal.is_some());
        }
        relaxation
    }

    /// Frees rows that no variable enters and that are kept as they are: they
    /// have no interior to find.
    fn drop_idle_rows(&mut self, fixed: &[f64]) {
        let m = fixed.len();
        let mut entered = vec![false; m];
        for record in self.program.linear.chunks_exact(m.max(1)) {
            entered.iter_mut().zip(record).for_each(|(e, a)| *e |= *a != 0.0);
        }
        let curved = &self.program.curved_rows;
        for record in self.program.curved.chunks_exact(curved.len().max(1)) {
            curved.iter().zip(record).for_each(|(&r, b)| entered[r] |= *b != 0.0);
        }
        for r in (0..m).filter(|&r| !entered[r]) {
            let slack = KEPT * fixed[r].abs();
            let (low, high) = (&mut self.program.lower[r], &mut self.program.upper[r]);
            if *low <= slack && *high >= -slack {
                (*low, *high) = (-1.0 - slack, 1.0 + slack);
            }
        }
    }

    fn add(&mut self, rows: &Rows, goal: Option<&Terms>, i: usize, line: &'a Line, segment: Segment) {
        let m = rows.len();
        let at = self.program.linear.len();
        self.program.linear.resize(at + m, 0.0);
        let linear = &mut self.program.linear[at..];
        for (&r, c) in rows.spend.rows.iter().zip(rows.spend.of(i)) {
            linear[r] = *c;
        }
        let side = if segment.to <= line.current { -1.0 } else { 1.0 };
        for (&r, c) in rows.moved.rows.iter().zip(rows.moved.of(i)) {
            linear[r] += side * c;
        }
        let mut switch = 0.0;
        if segment.from == 0.0 && matches!(segment.kind, Kind::Chord(_)) {
            switch = 1.0 / segment.to;
            for (&r, c) in rows.active.rows.iter().zip(rows.active.of(i)) {
                linear[r] += c * switch;
            }
        }
        let g = goal.map(|g| g.of(i)).unwrap_or_default();
        let mut variable = Variable {
            arc: None,
            length: segment.to - segment.from,
            goal: g.spend + side * g.moved + switch * g.active,
            worth: 0.0,
            start: 0.0,
        };
        match segment.kind {
            Kind::Arc => {
                variable.arc = Some((&line.curve, segment.from));
                variable.worth = g.response;
                self.program.curved.extend_from_slice(rows.response.of(i));
            }
            Kind::Chord(slope) => {
                variable.goal += g.response * slope;
                for (&r, b) in rows.response.rows.iter().zip(rows.response.of(i)) {
                    linear[r] += b * slope;
                    self.program.curved.push(0.0);
                }
            }
        }
        self.program.variables.push(variable);
        self.stretches.push((i, segment));
    }

    /// Starts every stretch at the same fraction of its length, chosen so that
    /// limits on money are kept where one fraction can keep them.
    fn choose_start(&mut self) {
        let m = self.program.lower.len();
        let reach = |v: &Variable| {
            let typical = v.arc.map_or(1.0, |(curve, from)| curve.typical_spend().max(from));
            v.length.min(4.0 * typical)
        };
        let mut full = vec![0.0; m];
        let mut mixed = vec![false; m];
        for (j, v) in self.program.variables.iter().enumerate() {
            for (r, a) in self.program.linear[j * m..(j + 1) * m].iter().enumerate() {
                full[r] += a * reach(v);
                mixed[r] |= *a < 0.0;
            }
        }
        for &r in &self.program.curved_rows {
            mixed[r] = true;
        }
        let mut fraction: f64 = 0.5;
        for r in 0..m {
            if !mixed[r] && full[r] > 0.0 && self.program.upper[r].is_finite() {
                fraction = fraction.min(0.95 * self.program.upper[r] / full[r]);
            }
        }
        let fraction = fraction.max(0.02);
        for v in &mut self.program.variables {
            v.start = fraction * reach(v);
        }
    }

    /// Variables that take up what a row exceeds its ends by, at a price.
    fn add_elastic(&mut self, price: f64, with_goal: bool) {
        let m = self.program.lower.len();
        let mut goal_size = 0.0;
        let mut row_size = vec![0.0; m];
        for (j, v) in self.program.variables.iter().enumerate() {
            let risen = v.arc.map_or(0.0, |(c, from)| c.value(from + v.start) - c.value(from));
            goal_size += (v.goal * v.start + v.worth * risen).abs();
            for (size, a) in row_size.iter_mut().zip(&self.program.linear[j * m..]) {
                *size += (a * v.start).abs();
            }
            let width = self.program.curved_rows.len();
            for (k, &r) in self.program.curved_rows.iter().enumerate() {
                row_size[r] += (self.program.curved[j * width + k] * risen).abs();
            }
        }
        let unit = if with_goal { price * goal_size.max(f64::MIN_POSITIVE) } else { 1.0 };
        for (r, terms) in row_size.into_iter().enumerate() {
            let (low, high) = (self.program.lower[r], self.program.upper[r]);
            let finite = |b: f64| if b.is_finite() { b.abs() } else { 0.0 };
            let size = terms.max(finite(low)).max(finite(high));
            let size = if size > 0.0 && size.is_finite() { size } else { 1.0 };
            for (end, sign) in [(high, -1.0), (low, 1.0)] {
                if end.is_finite() {
                    let at = self.program.linear.len();
                    self.program.linear.resize(at + m, 0.0);
                    self.program.linear[at + r] = sign;
                    let width = self.program.curved_rows.len();
                    self.program.curved.resize(self.program.curved.len() + width, 0.0);
                    self.program.variables.push(Variable {
                        arc: None,
                        length: f64::INFINITY,
                        goal: -unit / size,
                        worth: 0.0,
                        start: 0.1 * size,
                    });
                }
            }
        }
    }

    /// Spend of every line when nothing varies.
    pub(crate) fn fixed_spends(&self) -> Vec<f64> {
        self.base.clone()
    }

    /// Spend of every line at an interior point, with stretches that are all
    /// but empty or full taken as empty or full.
    pub(crate) fn spends(&self, interior: &Interior, snap: bool) -> Vec<f64> {
        const NEAR: f64 = 1e-9;
        let mut spends = self.base.clone();
        for ((i, segment), y) in self.stretches.iter().zip(&interior.y).filter(|(_, y)| y.is_finite()) {
            let length = segment.to - segment.from;
            if snap && *y >= (1.0 - NEAR) * length {
                spends[*i] = segment.to;
            } else if !snap || *y > NEAR * length.min(segment.to.abs().max(1.0)) || length.is_infinite() {
                spends[*i] += y;
            }
        }
        spends
    }
}
