//! The scenarios of a run, one by one, with what an interrupted run left of them.

use super::journal::{Finished, Saved};

/// One scenario of one batch.
pub(crate) struct Item {
    pub(crate) batch: usize,
    pub(crate) index: u64,
    /// First or last of its batch.
    pub(crate) first: bool,
    pub(crate) last: bool,
    pub(super) saved: Option<std::io::Result<String>>,
}

/// All scenarios in input order.
pub(super) struct Items<'a> {
    lens: Vec<u64>,
    saved: &'a [Saved],
    batch: usize,
    index: u64,
    finished: Option<Finished>,
}

impl<'a> Items<'a> {
    /// As many scenarios of each batch; `saved` has an entry for every batch, or
    /// none at all.
    pub(super) fn new(lens: Vec<u64>, saved: &'a [Saved]) -> Self {
        Items { lens, saved, batch: 0, index: 0, finished: None }
    }

    /// The next result that is finished already.
    fn take_saved(&mut self) -> Option<std::io::Result<String>> {
        if self.index == 0 {
            self.finished = match self.saved.get(self.batch)?.open() {
                Ok(finished) => finished,
                Err(error) => return Some(Err(error)),
            };
        }
        match self.finished.as_mut()?.next() {
            Some(line) => line.transpose(),
            None => {
                self.finished = None;
                None
            }
        }
    }
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let len = *self.lens.get(self.batch)?;
        let saved = self.take_saved();
        let (batch, index) = (self.batch, self.index);
        self.index += 1;
        if self.index >= len {
            (self.batch, self.index, self.finished) = (batch + 1, 0, None);
        }
        Some(Item { batch, index, first: index == 0, last: index + 1 >= len, saved })
    }
}
