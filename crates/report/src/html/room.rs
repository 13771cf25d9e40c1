//! How much of each scenario there is room for on one page.

/// With more scenarios than this, pictures are left out of the sections and
/// the sections are folded, so that the page stays quick to open; the
/// comparison shows all.
const MOST_PICTURES: usize = 24;
/// Rows of lines over all scenarios; each then lists the largest.
const MOST_ROWS: usize = 3_000;
/// Lines listed for each scenario at least.
const FEWEST_LINES: usize = 10;

/// How much of each scenario there is room for.
pub(super) struct Room {
    pub(super) pictures: bool,
    /// Lines listed one by one.
    pub(super) lines: usize,
}

impl Room {
    pub(super) fn for_scenarios(count: usize) -> Self {
        let lines = MOST_ROWS / count.max(1);
        Room { pictures: count <= MOST_PICTURES, lines: lines.max(FEWEST_LINES) }
    }
}
