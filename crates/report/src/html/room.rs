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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_scenarios_have_no_pictures_and_few_lines_each() {
        let room = |count| (Room::for_scenarios(count).pictures, Room::for_scenarios(count).lines);
        assert_eq!(room(1), (true, 3_000));
        assert_eq!(room(24), (true, 125));
        assert_eq!(room(25), (false, 120));
        assert_eq!(room(1_000), (false, 10));
    }
}
