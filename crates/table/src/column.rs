//! Columns in memory, as a data frame has them.

use jiff::civil::Date;

use crate::delimited::Numbered;
use crate::number::Decimal;

/// A column of a table that is in memory already. The numbers and dates of one
/// are taken as they are; texts are read as the cells of a file are.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Texts; an empty one is a missing cell.
    Texts(Vec<String>),
    /// Numbers; one that is not a number is a missing cell.
    Numbers(Vec<f64>),
    /// Dates; `None` is a missing cell.
    Dates(Vec<Option<Date>>),
}

impl Column {
    /// Number of its cells.
    pub fn len(&self) -> usize {
        match self {
            Column::Texts(cells) => cells.len(),
            Column::Numbers(cells) => cells.len(),
            Column::Dates(cells) => cells.len(),
        }
    }

    /// True if it has no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A cell as a file would hold it.
    fn cell(&self, row: usize) -> String {
        match self {
            Column::Texts(cells) => cells.get(row).cloned().unwrap_or_default(),
            Column::Numbers(cells) => cells.get(row).copied().map_or(String::new(), exact),
            Column::Dates(cells) => {
                cells.get(row).copied().flatten().map_or(String::new(), |date| date.to_string())
            }
        }
    }
}

/// A number in full, in a way that tells that its point is decimal whatever the
/// texts around it use: `1.234` alone could be over a thousand.
fn exact(number: f64) -> String {
    if number.is_nan() {
        return String::new();
    }
    let text = number.to_string();
    let thousands = text.split_once('.').is_some_and(|(_, fraction)| fraction.len() == 3);
    if thousands { text + "0" } else { text }
}

/// The rows of columns, the heading first, and how their texts write numbers.
pub(crate) fn rows(columns: &[(String, Column)]) -> (Vec<Numbered>, Decimal) {
    let texts = columns.iter().filter_map(|(_, column)| match column {
        Column::Texts(cells) => Some(cells),
        _ => None,
    });
    let decimal = Decimal::of(texts.flatten().map(String::as_str), false);
    let longest = columns.iter().map(|(_, column)| column.len()).max().unwrap_or(0);
    let heading = columns.iter().map(|(name, _)| name.clone()).collect();
    let row = |at: usize| (at + 2, columns.iter().map(|(_, column)| column.cell(at)).collect());
    let rows = std::iter::once((1, heading)).chain((0..longest).map(row));
    (rows.collect(), decimal)
}

/// Columns as the text of a CSV file.
pub fn csv_of(columns: &[(String, Column)]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (_, cells) in rows(columns).0 {
        // Memory can always be written to, and rows are equally long.
        let _ = writer.write_record(&cells);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
