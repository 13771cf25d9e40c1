use crate::{Coefficients, Line, Prices, Problem, Terms};

/// The limits as rows `lower <= sum_i terms_i(x_i) <= upper`, with the
/// coefficients of one line next to each other.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    origin: Vec<Origin>,
    pub(crate) spend: Feature,
    pub(crate) response: Feature,
    pub(crate) active: Feature,
    pub(crate) moved: Feature,
    /// Coefficients of quantities of few lines: row and coefficients by line;
    /// empty if no row has any.
    few: Vec<Vec<(usize, Coefficients)>>,
}

/// Coefficients of one feature in the rows that have it: `width` of them per
/// line, for the rows listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Feature {
    pub(crate) rows: Vec<usize>,
    coefficients: Vec<f64>,
}

/// Which side of which limit a row enforces.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// `min <= numerator <= max`.
    Plain(usize),
    /// `numerator - max * denominator <= 0`.
    Most(usize),
    /// `min * denominator - numerator <= 0`.
    Least(usize),
}

fn few_by_line(rows: &[Terms], lines: usize) -> Vec<Vec<(usize, Coefficients)>> {
    if rows.iter().all(|t| t.few.is_none()) {
        return Vec::new();
    }
    let mut by_line = vec![Vec::new(); lines];
    for (r, terms) in rows.iter().enumerate() {
        terms.few().iter().for_each(|&(i, c)| by_line[i].push((r, c)));
    }
    by_line
}

impl Feature {
    fn new(rows: &[Terms], lines: usize, of: impl Fn(&Terms) -> Option<&[f64]>) -> Self {
        let used: Vec<usize> = (0..rows.len()).filter(|&r| of(&rows[r]).is_some()).collect();
        let columns: Vec<&[f64]> = used.iter().filter_map(|&r| of(&rows[r])).collect();
        let mut coefficients = Vec::with_capacity(lines * used.len());
        for i in 0..lines {
            coefficients.extend(columns.iter().map(|c| c[i]));
        }
        Feature { rows: used, coefficients }
    }

    /// Coefficients of line `i`, one for each of `rows`.
    #[inline]
    pub(crate) fn of(&self, i: usize) -> &[f64] {
        &self.coefficients[i * self.rows.len()..(i + 1) * self.rows.len()]
    }
}

impl Rows {
    pub(crate) fn new(problem: &Problem) -> Self {
        let mut terms = Vec::new();
        let (mut lower, mut upper, mut origin) = (Vec::new(), Vec::new(), Vec::new());
        for (index, limit) in problem.limits.iter().enumerate() {
            let mut row = |t: Terms, low: f64, high: f64, from: Origin| {
                lower.push(low - t.constant);
                upper.push(high - t.constant);
                origin.push(from);
                terms.push(t);
            };
            match &limit.denominator {
                None if limit.min.is_none() && limit.max.is_none() => {}
                None => row(
                    limit.numerator.clone(),
                    limit.min.unwrap_or(f64::NEG_INFINITY),
                    limit.max.unwrap_or(f64::INFINITY),
                    Origin::Plain(index),
                ),
                Some(denominator) => {
                    if let Some(max) = limit.max {
                        let t = limit.numerator.plus(-max, denominator);
                        row(t, f64::NEG_INFINITY, 0.0, Origin::Most(index));
                    }
                    if let Some(min) = limit.min {
                        let t = Terms::default().plus(-1.0, &limit.numerator).plus(min, denominator);
                        row(t, f64::NEG_INFINITY, 0.0, Origin::Least(index));
                    }
                }
            }
        }
        let lines = problem.lines.len();
        Rows {
            lower,
            upper,
            origin,
            spend: Feature::new(&terms, lines, |t| t.spend.as_deref()),
            response: Feature::new(&terms, lines, |t| t.response.as_deref()),
            active: Feature::new(&terms, lines, |t| t.active.as_deref()),
            moved: Feature::new(&terms, lines, |t| t.moved.as_deref()),
            few: few_by_line(&terms, lines),
        }
    }

    /// Every row that a line enters, with the line's coefficients, by row.
    pub(crate) fn entries(&self, i: usize) -> Vec<(usize, Coefficients)> {
        let mut entries = self.few.get(i).cloned().unwrap_or_default();
        let mut put = |feature: &Feature, write: fn(&mut Coefficients) -> &mut f64| {
            for (&r, &c) in feature.rows.iter().zip(feature.of(i)).filter(|(_, c)| **c != 0.0) {
                let k = match entries.binary_search_by_key(&r, |(row, _)| *row) {
                    Ok(k) => k,
                    Err(k) => {
                        entries.insert(k, (r, Coefficients::default()));
                        k
                    }
                };
                *write(&mut entries[k].1) += c;
            }
        };
        put(&self.spend, |c| &mut c.spend);
        put(&self.response, |c| &mut c.response);
        put(&self.active, |c| &mut c.active);
        put(&self.moved, |c| &mut c.moved);
        entries
    }

    /// Index of the limit behind every row.
    pub(crate) fn limits(&self) -> impl Iterator<Item = usize> {
        self.origin.iter().map(|origin| match *origin {
            Origin::Plain(limit) | Origin::Most(limit) | Origin::Least(limit) => limit,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.lower.len()
    }

    /// Adds what line `i` contributes to every row at spend `x`.
    pub(crate) fn add_at(&self, totals: &mut [f64], i: usize, line: &Line, x: f64) {
        for (&r, c) in self.spend.rows.iter().zip(self.spend.of(i)) {
            totals[r] += c * x;
        }
        if !self.response.rows.is_empty() {
            let value = line.curve.value(x);
            for (&r, c) in self.response.rows.iter().zip(self.response.of(i)) {
                totals[r] += c * value;
            }
        }
        if x > 0.0 {
            for (&r, c) in self.active.rows.iter().zip(self.active.of(i)) {
                totals[r] += c;
            }
        }
        for (&r, c) in self.moved.rows.iter().zip(self.moved.of(i)) {
            totals[r] += c * (x - line.current).abs();
        }
    }

    /// Prices of the limits' sides from signed prices of the rows (positive:
    /// the upper side). A sign that prices a side the row does not have is 0.
    pub(crate) fn prices(&self, signed: &[f64], limits: usize) -> Vec<Prices> {
        let mut prices = vec![Prices::default(); limits];
        for (r, (&origin, &p)) in self.origin.iter().zip(signed).enumerate() {
            if !p.is_finite() {
                continue;
            }
            match origin {
                Origin::Plain(limit) => {
                    if p > 0.0 && self.upper[r].is_finite() {
                        prices[limit].max = p;
                    }
                    if p < 0.0 && self.lower[r].is_finite() {
                        prices[limit].min = -p;
                    }
                }
                Origin::Most(limit) => prices[limit].max = p.max(0.0),
                Origin::Least(limit) => prices[limit].min = p.max(0.0),
            }
        }
        prices
    }
}
