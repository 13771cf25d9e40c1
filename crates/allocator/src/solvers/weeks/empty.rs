//! That a part holds no plan.

use super::{ASKED, COARSE, Weeks};
use crate::Leaf;
use crate::certificate::proves_empty;
use crate::options::Stop;
use crate::region::Region;

impl Weeks<'_> {
    /// Prices that prove a region empty: those at which the least sum of
    /// excesses is above 0.
    pub(super) fn prove_empty(&mut self, region: &Region, columns: &[usize]) -> Option<Leaf> {
        let step = COARSE[1];
        let grid = self.grid(step);
        let mut columns = columns.to_vec();
        for _ in 0..ASKED {
            let mixed = self.master.solve(&columns, 1e-6, (1.0, false), Stop(self.stop));
            let (bound, found) = self.ask(region, &mixed.prices, grid, false, &|| false);
            if proves_empty(bound) {
                let prices = self.by_limit(&mixed.prices);
                return Some(Leaf { cuts: Vec::new(), prices, empty: true, step: Some(step) });
            }
            let before = columns.len();
            self.take(found, &mut columns);
            if mixed.excess < 1e-9 || columns.len() == before || (self.stop)() {
                return None;
            }
        }
        None
    }
}
