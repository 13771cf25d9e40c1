//! The relaxation of a whole problem asked for once, without a search: what
//! prices it has, what they are worth, and where a search would cut.
//!
//! Words: covers are concave envelopes; forced, bound propagation.

use super::{Reached, Search};
use crate::Prices;
use crate::region::Region;
use crate::relaxation::Aim;
use crate::solvers::forced::Forced;
use crate::solvers::incumbent::no_prices;
use crate::solvers::relaxed::Relaxed;

/// What a relaxation answers.
pub(crate) enum Answer {
    /// Its prices, its plan where that is one of curves, and the line a search would cut, and where.
    Priced { prices: Vec<Prices>, spends: Vec<f64>, cut: Option<(usize, f64)> },
    /// Prices that prove that there is no plan.
    Empty(Vec<Prices>),
    /// Neither was found.
    Nothing,
}

/// Most times that covers are anchored anew.
const ROUNDS: usize = 6;

impl Search<'_> {
    /// Solves the relaxation, from the prices of a similar problem if there are any.
    pub(crate) fn ask(&mut self, warm: Option<&[Prices]>, accuracy: f64) -> Answer {
        self.accuracy = accuracy;
        let whole = Region::whole(self.problem);
        let part = Forced::of(self.problem, &whole);
        let Some(mut cover) = self.cover(&part.region, warm) else { return Answer::Nothing };
        let start = warm.map_or_else(|| no_prices(self.problem), <[Prices]>::to_vec);
        let mut state = Relaxed::from(start, warm.is_some());
        for round in 0..ROUNDS {
            let before = state.bound;
            match self.relax(&part, &cover, Aim::Best, &mut state) {
                Reached::Empty(prices) => return Answer::Empty(prices),
                Reached::Nothing => {
                    return self.prove_empty(&part, &cover).map_or(Answer::Nothing, Answer::Empty);
                }
                Reached::Optimum => {}
            }
            let worthwhile = 0.05 * state.bound.abs();
            let settled = round > 0 && before - state.bound < worthwhile;
            if self.features.plain() || settled || self.stop.now() {
                break;
            }
            match self.cover(&part.region, Some(&state.prices)) {
                Some(anchored) => cover = anchored,
                None => break,
            }
        }
        let cut = if self.problem.is_concave() { None } else { self.choose(&part.region, &cover, &state) };
        Answer::Priced { prices: state.prices, spends: state.spends, cut }
    }
}
