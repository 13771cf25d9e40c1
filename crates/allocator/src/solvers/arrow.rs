//! The matrix over the rows of the sparse interior-point method: blocks of
//! rows that meet only in a border of few rows, like an arrow.
//!
//! ```text
//! | M_1          C_1 |
//! |      M_2     C_2 |
//! |           .   .  |
//! | C_1' C_2' .   G  |
//! ```
//!
//! A block holds the rules of one flight, the border the limits over several.
//! The blocks are eliminated one by one: `G - sum C' M^-1 C` is left for the
//! border.

use super::profile::{Profile, dot};

/// The factored matrix; see the module.
pub(crate) struct Arrow {
    place: Vec<Place>,
    blocks: Vec<Block>,
    border: Profile,
    /// Right-hand side of the border.
    rhs: Vec<f64>,
}

/// Where a row of the program is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// Nowhere: the row is eliminated before.
    Gone,
    Block {
        block: usize,
        at: usize,
    },
    Border(usize),
}

#[derive(Default)]
struct Block {
    /// The program's rows, in the order of the matrix.
    rows: Vec<usize>,
    matrix: Profile,
    /// Border rows the block meets, and for every border row its column.
    columns: Vec<usize>,
    column_of: Vec<usize>,
    /// One column of `C` after the other.
    coupling: Vec<f64>,
    rhs: Vec<f64>,
}

const NONE: usize = usize::MAX;

impl Arrow {
    /// The matrix for rows of which `block[r]` says where they belong (`None`:
    /// the border) and `gone[r]` which are left out; `meets` lists the rows
    /// that meet in each block.
    pub(crate) fn new(block: &[Option<usize>], gone: &[bool], meets: &[Vec<usize>]) -> Self {
        let mut place = vec![Place::Gone; block.len()];
        let count = block.iter().flatten().max().map_or(0, |b| b + 1).max(meets.len());
        let mut blocks: Vec<Block> = (0..count).map(|_| Block::default()).collect();
        let mut border = 0;
        for r in (0..block.len()).filter(|&r| !gone[r]) {
            place[r] = match block[r] {
                Some(b) => {
                    blocks[b].rows.push(r);
                    Place::Block { block: b, at: blocks[b].rows.len() - 1 }
                }
                None => {
                    border += 1;
                    Place::Border(border - 1)
                }
            };
        }
        for (b, own) in blocks.iter_mut().enumerate() {
            own.column_of = vec![NONE; border];
            for &r in meets.get(b).into_iter().flatten() {
                if let (Place::Border(g), false) = (place[r], own.rows.is_empty()) {
                    own.column_of[g] = own.columns.len();
                    own.columns.push(g);
                }
            }
            own.matrix = Profile::new(vec![0; own.rows.len()]);
            own.coupling = vec![0.0; own.columns.len() * own.rows.len()];
            own.rhs = vec![0.0; own.rows.len()];
        }
        Arrow { place, blocks, border: Profile::new(vec![0; border]), rhs: vec![0.0; border] }
    }

    pub(crate) fn clear(&mut self) {
        self.border.clear();
        for block in &mut self.blocks {
            block.matrix.clear();
            block.coupling.fill(0.0);
        }
    }

    /// Adds to the entry of two rows.
    #[inline]
    pub(crate) fn add(&mut self, r: usize, s: usize, value: f64) {
        match (self.place[r], self.place[s]) {
            (Place::Border(g), Place::Border(h)) => self.border.add(g, h, value),
            (Place::Block { block, at }, Place::Block { at: other, .. }) => {
                self.blocks[block].matrix.add(at, other, value);
            }
            (Place::Block { block, at }, Place::Border(g))
            | (Place::Border(g), Place::Block { block, at }) => {
                let block = &mut self.blocks[block];
                block.coupling[block.column_of[g] * block.rows.len() + at] += value;
            }
            (Place::Gone, _) | (_, Place::Gone) => {}
        }
    }

    /// Adds a tenth of the diagonal to it: the least-squares guess of prices.
    pub(crate) fn ridge(&mut self) {
        let blocks = self.blocks.iter_mut().map(|b| &mut b.matrix);
        for matrix in blocks.chain([&mut self.border]) {
            for r in 0..matrix.rows() {
                let more = 0.1 * matrix.diagonal(r) + f64::MIN_POSITIVE;
                matrix.add(r, r, more);
            }
        }
    }

    /// Factors in place. False if an entry is not finite.
    pub(crate) fn factor(&mut self) -> bool {
        for block in &mut self.blocks {
            if !block.matrix.factor() {
                return false;
            }
            block.reduce(&mut self.border);
        }
        self.border.factor()
    }

    /// Solves with the factor, in place; rows that are gone stay as they are.
    pub(crate) fn solve(&mut self, x: &mut [f64]) {
        for (x, place) in x.iter().zip(&self.place) {
            if let Place::Border(g) = *place {
                self.rhs[g] = *x;
            }
        }
        for block in self.blocks.iter_mut().filter(|b| !b.rows.is_empty()) {
            for (to, &r) in block.rhs.iter_mut().zip(&block.rows) {
                *to = x[r];
            }
            block.matrix.forward(&mut block.rhs, 0);
            for (&g, column) in block.columns.iter().zip(block.coupling.chunks_exact(block.rows.len())) {
                self.rhs[g] -= dot(column, &block.rhs);
            }
        }
        self.border.forward(&mut self.rhs, 0);
        self.border.backward(&mut self.rhs);
        for block in self.blocks.iter_mut().filter(|b| !b.rows.is_empty()) {
            for (&g, column) in block.columns.iter().zip(block.coupling.chunks_exact(block.rows.len())) {
                let price = self.rhs[g];
                block.rhs.iter_mut().zip(column).for_each(|(x, c)| *x -= price * c);
            }
            block.matrix.backward(&mut block.rhs);
            for (from, &r) in block.rhs.iter().zip(&block.rows) {
                x[r] = *from;
            }
        }
        for (x, place) in x.iter_mut().zip(&self.place) {
            if let Place::Border(g) = *place {
                *x = self.rhs[g];
            }
        }
    }
}

impl Block {
    /// Replaces `C` by `L^-1 C` and takes its square off the border.
    fn reduce(&mut self, border: &mut Profile) {
        let length = self.rows.len();
        if length == 0 {
            return;
        }
        for column in self.coupling.chunks_exact_mut(length) {
            self.matrix.forward(column, 0);
        }
        let columns: Vec<&[f64]> = self.coupling.chunks_exact(length).collect();
        for (k, column) in columns.iter().enumerate() {
            for (q, other) in columns[..=k].iter().enumerate() {
                border.add(self.columns[k], self.columns[q], -dot(column, other));
            }
        }
    }
}
