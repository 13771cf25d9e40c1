//! Lines that follow from whether others are on: `u = 1` if any of them is, and
//! beginnings, `b = 1` where a spend is on and the one before it is not.

use crate::{Coefficients, Goal, Limit, Problem, Terms};

/// The switches of a problem, or of one flight.
#[derive(Debug, Clone, Default)]
pub(super) struct Switches {
    /// Rules that count a beginning: `[now on] - [before on] <= start`.
    pub(super) beginnings: Vec<Beginning>,
    /// Lines that are 1 if any of others is on.
    pub(super) uses: Vec<(usize, Vec<usize>)>,
}

/// A spend, the one before it, and the line that counts a beginning between them.
#[derive(Debug, Clone)]
pub(super) struct Beginning {
    pub(super) now: usize,
    pub(super) before: Option<usize>,
    pub(super) start: usize,
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

impl Switches {
    pub(super) fn of(problem: &Problem) -> Self {
        let uses: Vec<(usize, Vec<usize>)> = problem.limits.iter().filter_map(uses).collect();
        // `z <= u` reads like a beginning without a spend before it.
        let used = |line: usize| uses.iter().any(|(u, _)| *u == line);
        let mut beginnings: Vec<Beginning> = problem.limits.iter().filter_map(Beginning::read).collect();
        beginnings.retain(|b| !used(b.start));
        Switches { beginnings, uses }
    }

    /// True if being on counts for nothing but whether a line is in use: a limit
    /// that counts more has no line in use in it.
    pub(super) fn only_uses(&self, problem: &Problem) -> bool {
        let counts =
            |terms: &Terms| terms.active.is_some() || terms.few().iter().any(|(_, c)| c.active != 0.0);
        let own = |limit: &Limit| {
            let few = limit.numerator.few();
            limit.numerator.active.is_none() && self.uses.iter().any(|(u, _)| few.iter().any(|(i, _)| i == u))
        };
        let goals = match &problem.goal {
            Goal::Maximize(terms) => !counts(terms),
            Goal::MinimizeRatio { numerator, denominator } => !counts(numerator) && !counts(denominator),
        };
        let all = |limit: &Limit| {
            let terms = [Some(&limit.numerator), limit.denominator.as_ref()];
            !terms.into_iter().flatten().any(counts) || own(limit)
        };
        goals && problem.limits.iter().all(all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.beginnings.is_empty() && self.uses.is_empty()
    }

    /// Those of some lines.
    pub(super) fn within(&self, own: impl Fn(usize) -> bool) -> Self {
        Switches {
            beginnings: self.beginnings.iter().filter(|b| own(b.start)).cloned().collect(),
            uses: self.uses.iter().filter(|(line, _)| own(*line)).cloned().collect(),
        }
    }

    /// Every line that follows, with those that it follows from.
    pub(super) fn ties(&self) -> impl Iterator<Item = (usize, Vec<usize>)> + '_ {
        let starts = self.beginnings.iter().map(|b| (b.start, [b.now].into_iter().chain(b.before).collect()));
        starts.chain(self.uses.iter().cloned())
    }

    /// What the lines are at given spends.
    pub(super) fn each(&self, at: impl Fn(usize) -> f64) -> Vec<(usize, f64)> {
        let on = |i: usize| at(i) > 0.0;
        let begun = |b: &Beginning| f64::from(on(b.now) && !b.before.is_some_and(on));
        let starts = self.beginnings.iter().map(|b| (b.start, begun(b)));
        let used = self.uses.iter().map(|(line, spends)| (*line, f64::from(spends.iter().any(|i| on(*i)))));
        starts.chain(used).collect()
    }

    /// Sets the lines to what they are.
    pub(super) fn settle(&self, at: &mut [f64]) {
        let now = self.each(|i| at[i]);
        now.into_iter().for_each(|(line, x)| at[line] = x);
    }
}
