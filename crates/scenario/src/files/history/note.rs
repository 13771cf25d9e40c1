//! What was decided while a history was read.

/// A decision that the reader of a fit should know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Periods without rows: left out, with spend in them taken as their
    /// neighbours'.
    Gaps {
        /// How many.
        periods: usize,
        /// The first of them.
        first: String,
    },
    /// Empty cells of spend that are zero on request.
    Blank {
        /// Their columns, with how many each has.
        columns: Vec<(String, usize)>,
    },
    /// A platform's report that counts what was sold and has no money of it.
    Counted {
        /// The column of the count.
        column: String,
    },
    /// Periods left out on request.
    Excluded {
        /// How many.
        periods: usize,
    },
    /// Markets that begin or end within the history: a step of the baseline.
    Markets {
        /// Their names.
        names: Vec<String>,
        /// The date of the step.
        date: String,
    },
    /// Periods in which some market has no row: left out.
    Partial {
        /// How many.
        periods: usize,
    },
    /// A channel that never spends: no curve.
    NoSpend {
        /// Its name.
        channel: String,
    },
    /// A column with one value a month: held until the next.
    Held {
        /// The column.
        column: String,
    },
    /// A spend column with one amount a month: spread evenly until the next.
    Spread {
        /// The column.
        column: String,
    },
    /// Dates that a spreadsheet's count of days stands for, from 1899-12-30.
    Serials {
        /// The first of them as it stands there.
        cell: String,
        /// The date it is taken for.
        date: String,
    },
    /// Days, whose pattern over the week is part of the baseline.
    Days,
    /// Days summed to weeks, with as many left over.
    Summed {
        /// Days after the last whole week.
        left: usize,
    },
}
