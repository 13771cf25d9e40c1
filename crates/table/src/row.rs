//! A row of a table, and the rows around it that are no data.

/// A row of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line or row in the file, from 1.
    pub number: usize,
    pub(crate) heading: usize,
    pub(crate) cells: Vec<String>,
}

impl Row {
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |c| c.trim())
    }

    /// Columns that hold something.
    pub(crate) fn filled(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.cells.len()).filter(|&c| !self.cell(c).is_empty())
    }

    /// Its cells in one line.
    pub(crate) fn text(&self) -> String {
        let cells: Vec<&str> = self.filled().map(|c| self.cell(c)).collect();
        cells.join(" | ")
    }
}

/// Where a table was found and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// All sheets of a workbook.
    pub sheets: Vec<String>,
    /// The encoding, where it is not UTF-8.
    pub encoding: Option<&'static str>,
    /// The heading's row, from 1.
    pub heading: usize,
    /// Rows that are no data, in the order of the file.
    pub skipped: Vec<Skipped>,
}

/// A row that is no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Line or row in the file, from 1.
    pub row: usize,
    /// Its cells in one line.
    pub text: String,
    /// Why it is none.
    pub why: Why,
}

/// Why a row is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It stands above the heading.
    Above,
    /// It holds totals.
    Total,
    /// It is a title or a row of units within the table.
    Title,
    /// It repeats the heading.
    HeadingAgain,
    /// It stands below the table.
    Footer,
}
