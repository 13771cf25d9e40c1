//! Quantities that are sums over lines.

use std::cell::RefCell;
use std::sync::Arc;

use crate::Line;
use crate::sum::Sum;

/// A quantity that is a sum over lines plus a constant:
///
/// ```text
/// constant + sum_i spend_i x_i + response_i f_i(x_i)
///                  + active_i [x_i > 0] + moved_i |x_i - current_i|
/// ```
///
/// Coefficient vectors have one entry per line, or none when the feature does
/// not enter; equal vectors can be shared between quantities.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// Per unit of spend.
    pub spend: Option<Arc<[f64]>>,
    /// Per unit of the line's curve.
    pub response: Option<Arc<[f64]>>,
    /// Per line that is on.
    pub active: Option<Arc<[f64]>>,
    /// Per unit of spend that differs from today's.
    pub moved: Option<Arc<[f64]>>,
    /// Coefficients of few lines, by increasing line, in addition to those
    /// above: what ties the atoms of one flight together.
    pub few: Option<Arc<[(usize, Coefficients)]>>,
    /// What does not depend on the plan.
    pub constant: f64,
}

/// Spends and what the lines' curves return for them.
pub(crate) struct Evaluated<'a> {
    lines: &'a [Line],
    spends: &'a [f64],
    responses: Vec<f64>,
    /// Sums of single vectors worked out so far: limits share vectors.
    known: RefCell<Vec<Known>>,
}

/// The sum and the absolute sum of a vector times spends or responses.
struct Known {
    vector: *const f64,
    curved: bool,
    sums: (f64, f64),
}

impl<'a> Evaluated<'a> {
    /// Sum and absolute sum of a vector times spends, or times responses.
    fn total(&self, vector: &Arc<[f64]>, curved: bool) -> (f64, f64) {
        let same = |k: &&Known| k.vector == vector.as_ptr() && k.curved == curved;
        if let Some(known) = self.known.borrow().iter().find(same) {
            return known.sums;
        }
        let figures = if curved { &self.responses[..] } else { self.spends };
        let (mut total, mut absolute) = (Sum::default(), 0.0);
        for (c, figure) in vector.iter().zip(figures) {
            let term = c * figure;
            total.add(term);
            absolute += term.abs();
        }
        let sums = (total.value(), absolute);
        self.known.borrow_mut().push(Known { vector: vector.as_ptr(), curved, sums });
        sums
    }

    pub(crate) fn new(lines: &'a [Line], spends: &'a [f64]) -> Self {
        let count = lines.len().min(spends.len());
        let responses = (0..count).map(|i| Evaluated::response(lines, spends, i)).collect();
        Evaluated { lines, spends, responses, known: RefCell::default() }
    }

    /// What line `i` earns, times the level of its pool.
    fn response(lines: &[Line], spends: &[f64], i: usize) -> f64 {
        let line = &lines[i];
        let level = line.pool.and_then(|p| spends.get(p)).copied().unwrap_or(1.0);
        level * line.curve.value(spends[i])
    }
}

/// One line's coefficients in a [`Terms`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Coefficients {
    /// Per unit of spend.
    pub spend: f64,
    /// Per unit of the curve.
    pub response: f64,
    /// When the line is on.
    pub active: f64,
    /// Per unit moved from today's spend.
    pub moved: f64,
}

impl Terms {
    /// A quantity that does not depend on the plan.
    pub fn constant(constant: f64) -> Self {
        Terms { constant, ..Terms::default() }
    }

    /// Adds coefficients on spend.
    pub fn with_spend(self, spend: impl Into<Arc<[f64]>>) -> Self {
        Terms { spend: Some(spend.into()), ..self }
    }

    /// Adds coefficients on response.
    pub fn with_response(self, response: impl Into<Arc<[f64]>>) -> Self {
        Terms { response: Some(response.into()), ..self }
    }

    /// Adds coefficients on activity.
    pub fn with_active(self, active: impl Into<Arc<[f64]>>) -> Self {
        Terms { active: Some(active.into()), ..self }
    }

    /// Adds coefficients on movement.
    pub fn with_moved(self, moved: impl Into<Arc<[f64]>>) -> Self {
        Terms { moved: Some(moved.into()), ..self }
    }

    /// Adds coefficients of few lines, by increasing line.
    pub fn with_few(self, few: impl Into<Arc<[(usize, Coefficients)]>>) -> Self {
        Terms { few: Some(few.into()), ..self }
    }

    /// Coefficients of line `i`.
    #[inline]
    pub fn of(&self, i: usize) -> Coefficients {
        match &self.few {
            None => self.vectors_of(i),
            Some(few) => {
                let own = few.binary_search_by_key(&i, |(line, _)| *line).ok();
                let own = own.and_then(|k| few.get(k)).map_or(Coefficients::default(), |(_, c)| *c);
                self.vectors_of(i).plus(1.0, own)
            }
        }
    }

    /// Coefficients of line `i` in the vectors.
    #[inline]
    pub(crate) fn vectors_of(&self, i: usize) -> Coefficients {
        let at = |v: &Option<Arc<[f64]>>| v.as_ref().map_or(0.0, |v| v[i]);
        Coefficients {
            spend: at(&self.spend),
            response: at(&self.response),
            active: at(&self.active),
            moved: at(&self.moved),
        }
    }

    /// True for a sum of spends, over a vector of coefficients, and nothing else
    /// but a constant.
    pub(crate) fn is_spend(&self) -> bool {
        let others = [&self.response, &self.active, &self.moved].into_iter().flatten().next();
        self.spend.is_some() && others.is_none() && self.few.is_none()
    }

    /// True if no vector of coefficients over all lines is there.
    pub(crate) fn is_sparse(&self) -> bool {
        self.few.is_some() && self.lengths().next().is_none()
    }

    /// The lines in `few`, in order.
    pub(crate) fn few(&self) -> &[(usize, Coefficients)] {
        self.few.as_deref().unwrap_or(&[])
    }

    /// The quantity at the given spends, and the sum of its absolute terms.
    pub fn measure(&self, lines: &[Line], spends: &[f64]) -> (f64, f64) {
        if self.is_sparse() {
            // Thousands of equations of few lines each are measured one by one.
            let response = |i: usize| Evaluated::response(lines, spends, i);
            return self.sum(lines, spends, &response);
        }
        if self.response.is_none() {
            return self.sum(lines, spends, &|_| 0.0);
        }
        self.measure_in(&Evaluated::new(lines, spends))
    }

    /// The quantity in an outcome, and the sum of its absolute terms.
    pub(crate) fn measure_in(&self, outcome: &Evaluated) -> (f64, f64) {
        let single = match (&self.spend, &self.response, &self.active, &self.moved) {
            (Some(spend), None, None, None) => Some((spend, false)),
            (None, Some(response), None, None) => Some((response, true)),
            _ => None,
        };
        if let Some((vector, curved)) = single {
            let (total, absolute) = outcome.total(vector, curved);
            return (self.constant + total, self.constant.abs() + absolute);
        }
        self.sum(outcome.lines, outcome.spends, &|i| outcome.responses[i])
    }

    /// The quantity and the sum of its absolute terms, line by line.
    fn sum(&self, lines: &[Line], spends: &[f64], response: &dyn Fn(usize) -> f64) -> (f64, f64) {
        let mut total = Sum::default();
        total.add(self.constant);
        let mut absolute = self.constant.abs();
        let mut each = |i: usize, c: Coefficients| {
            let x = spends[i];
            let mut term = c.spend * x + c.response * response(i);
            if c.active != 0.0 && x > 0.0 {
                term += c.active;
            }
            if c.moved != 0.0 {
                term += c.moved * (x - lines[i].current).abs();
            }
            total.add(term);
            absolute += term.abs();
        };
        if self.is_sparse() {
            self.few().iter().for_each(|&(i, c)| each(i, c));
        } else {
            (0..spends.len()).for_each(|i| each(i, self.of(i)));
        }
        (total.value(), absolute)
    }

    /// Lengths of the coefficient vectors present.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        [&self.spend, &self.response, &self.active, &self.moved].into_iter().flatten().map(|v| v.len())
    }

    /// `self + factor * other`.
    pub fn plus(&self, factor: f64, other: &Terms) -> Terms {
        let add = |a: &Option<Arc<[f64]>>, b: &Option<Arc<[f64]>>| match (a, b) {
            (a, None) => a.clone(),
            (None, Some(b)) => Some(b.iter().map(|y| factor * y).collect()),
            (Some(a), Some(b)) => Some(a.iter().zip(b.iter()).map(|(x, y)| x + factor * y).collect()),
        };
        Terms {
            spend: add(&self.spend, &other.spend),
            response: add(&self.response, &other.response),
            active: add(&self.active, &other.active),
            moved: add(&self.moved, &other.moved),
            few: add_few(&self.few, factor, &other.few),
            constant: self.constant + factor * other.constant,
        }
    }
}

type Few = Option<Arc<[(usize, Coefficients)]>>;

/// `a + factor * b`, line by line.
fn add_few(a: &Few, factor: f64, b: &Few) -> Few {
    let Some(b) = b else { return a.clone() };
    let mut sum: Vec<(usize, Coefficients)> = a.as_deref().unwrap_or(&[]).to_vec();
    for &(line, c) in b.iter() {
        match sum.binary_search_by_key(&line, |(l, _)| *l) {
            Ok(k) => sum[k].1 = sum[k].1.plus(factor, c),
            Err(k) => sum.insert(k, (line, Coefficients::default().plus(factor, c))),
        }
    }
    Some(sum.into())
}

impl Coefficients {
    /// Only spend.
    pub fn on_spend(spend: f64) -> Self {
        Coefficients { spend, ..Coefficients::default() }
    }

    /// Only activity.
    pub fn on_active(active: f64) -> Self {
        Coefficients { active, ..Coefficients::default() }
    }

    /// `self + factor * other`.
    #[inline]
    pub(crate) fn plus(self, factor: f64, other: Coefficients) -> Self {
        Coefficients {
            spend: self.spend + factor * other.spend,
            response: self.response + factor * other.response,
            active: self.active + factor * other.active,
            moved: self.moved + factor * other.moved,
        }
    }

    /// The line's contribution at spend `x`.
    #[inline]
    pub fn at(&self, line: &Line, x: f64) -> f64 {
        let mut sum = self.spend * x;
        if self.response != 0.0 {
            sum += self.response * line.curve.value(x);
        }
        if self.active != 0.0 && x > 0.0 {
            sum += self.active;
        }
        if self.moved != 0.0 {
            sum += self.moved * (x - line.current).abs();
        }
        sum
    }
}
