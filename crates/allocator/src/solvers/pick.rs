//! One known answer of every block, such that together they keep limits and
//! earn most: a local search over single blocks and pairs of them.

/// What a whole relative excess over a limit costs, in units of the goal's size.
const EXCESS: f64 = 10.0;

/// Most changes.
const CHANGES: usize = 200;

/// Most pairs of answers looked at for one change.
const PAIRS: usize = 40_000;

/// A gain below this, relative to the goal, is none.
const GAIN: f64 = 1e-12;

/// An answer of a block.
pub(super) struct Answer<'a> {
    pub(super) block: usize,
    pub(super) goal: f64,
    /// By row.
    pub(super) rows: &'a [(usize, f64)],
}

/// The index of an answer for every block, from a first choice on.
pub(super) fn pick(
    answers: &[Answer],
    first: Vec<usize>,
    (lower, upper): (&[f64], &[f64]),
    stop: &dyn Fn() -> bool,
) -> Vec<usize> {
    let mut search = Search::new(answers, first, lower, upper);
    for _ in 0..CHANGES {
        if stop() || !search.step() {
            break;
        }
    }
    search.chosen
}

struct Search<'a> {
    answers: &'a [Answer<'a>],
    /// By block.
    own: Vec<Vec<usize>>,
    chosen: Vec<usize>,
    lower: &'a [f64],
    upper: &'a [f64],
    values: Vec<f64>,
    /// Cost of a unit of excess.
    costs: Vec<f64>,
    least: f64,
}

impl<'a> Search<'a> {
    fn new(answers: &'a [Answer], chosen: Vec<usize>, lower: &'a [f64], upper: &'a [f64]) -> Self {
        let mut own = vec![Vec::new(); chosen.len()];
        answers.iter().enumerate().for_each(|(k, a)| own[a.block].push(k));
        let (mut values, mut sizes) = (vec![0.0; lower.len()], vec![0.0; lower.len()]);
        for &(r, value) in chosen.iter().flat_map(|&k| answers[k].rows) {
            values[r] += value;
            sizes[r] += value.abs();
        }
        let most = |own: &Vec<usize>| own.iter().fold(0.0_f64, |most, &k| most.max(answers[k].goal.abs()));
        let size: f64 = own.iter().map(most).sum::<f64>().max(f64::MIN_POSITIVE);
        let unit = |r: usize| {
            let ends = [lower[r], upper[r]].into_iter().filter(|n| n.is_finite());
            ends.fold(sizes[r], |a, b| a.max(b.abs())).max(f64::MIN_POSITIVE)
        };
        let costs = (0..lower.len()).map(|r| EXCESS * size / unit(r)).collect();
        Search { answers, own, chosen, lower, upper, values, costs, least: GAIN * size }
    }

    /// What a row costs at a value.
    fn cost(&self, r: usize, value: f64) -> f64 {
        self.costs[r] * (value - self.upper[r]).max(self.lower[r] - value).max(0.0)
    }

    /// What changes of rows cost less than nothing.
    fn saved(&self, by: &[(usize, f64)]) -> f64 {
        by.iter().map(|&(r, by)| self.cost(r, self.values[r]) - self.cost(r, self.values[r] + by)).sum()
    }

    /// What a block's rows change by when it answers otherwise.
    fn change(&self, k: usize) -> (f64, Vec<(usize, f64)>) {
        let new = &self.answers[k];
        let old = &self.answers[self.chosen[new.block]];
        let mut by = new.rows.to_vec();
        old.rows.iter().for_each(|&(r, value)| add(&mut by, r, -value));
        (new.goal - old.goal, by)
    }

    /// Makes the best change of one block, or else of two; false if none gains.
    fn step(&mut self) -> bool {
        let changes: Vec<(f64, Vec<(usize, f64)>)> =
            (0..self.answers.len()).map(|k| self.change(k)).collect();
        let mut best = (self.least, Vec::new());
        for (k, (goal, by)) in changes.iter().enumerate() {
            let gain = goal + self.saved(by);
            if gain > best.0 {
                best = (gain, vec![k]);
            }
        }
        if best.1.is_empty() {
            let mut looked = 0;
            'all: for (a, first) in self.own.iter().enumerate() {
                for second in &self.own[a + 1..] {
                    looked += first.len() * second.len();
                    if looked > PAIRS {
                        break 'all;
                    }
                    for &k in first {
                        for &l in second {
                            let mut by = changes[k].1.clone();
                            changes[l].1.iter().for_each(|&(r, value)| add(&mut by, r, value));
                            let gain = changes[k].0 + changes[l].0 + self.saved(&by);
                            if gain > best.0 {
                                best = (gain, vec![k, l]);
                            }
                        }
                    }
                }
            }
        }
        for &k in &best.1 {
            let block = self.answers[k].block;
            changes[k].1.iter().for_each(|&(r, by)| self.values[r] += by);
            self.chosen[block] = k;
        }
        !best.1.is_empty()
    }
}

/// Adds to an entry of a sorted list.
fn add(list: &mut Vec<(usize, f64)>, row: usize, value: f64) {
    match list.binary_search_by_key(&row, |(r, _)| *r) {
        Ok(k) => list[k].1 += value,
        Err(k) => list.insert(k, (row, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_pair_within_a_limit_is_found() {
        // Two blocks share 10; alone, each would take 8.
        let rows: Vec<Vec<(usize, f64)>> = [8.0, 4.0, 0.0, 8.0, 6.0, 2.0].map(|x| vec![(0, x)]).to_vec();
        let goals = [8.0, 5.0, 0.0, 9.0, 7.0, 1.0];
        let answers: Vec<Answer> =
            (0..6).map(|k| Answer { block: k / 3, goal: goals[k], rows: &rows[k] }).collect();
        let found = pick(&answers, vec![0, 3], (&[f64::NEG_INFINITY], &[10.0]), &|| false);
        assert_eq!(found, [1, 4]);
    }
}
