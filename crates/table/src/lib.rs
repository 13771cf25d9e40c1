//! Tables as people keep them, from CSV and Excel.
//!
//! One reader for every table of the project: it decodes the file, finds the
//! sheet and the heading, sets totals, titles and footers aside, and reads
//! numbers and dates as people write them. What was set aside is told.
//!
//! ```
//! use outlay_table::{Table, Wanted};
//!
//! let text = "Q3 summary,,\nLine,Spend,\nSearch,\"$1,200\",\nTotal,\"$1,200\",\n";
//! let table = Table::from_bytes(text.as_bytes(), &Wanted::default())?;
//! assert_eq!(table.header[1], "Spend");
//! assert_eq!(table.rows.len(), 1);
//! assert_eq!(table.amount(0, 1)?, 1200.0);
//! assert_eq!(table.source.heading, 2);
//! assert_eq!(table.source.skipped.len(), 2);
//! # Ok::<(), outlay_table::TableError>(())
//! ```

mod address;
mod cell;
mod column;
mod columns;
mod currency;
mod date;
mod delimited;
mod encoding;
mod error;
mod heading;
mod hidden;
mod number;
mod row;
mod sheet;
mod sums;
mod table;
mod totals;
mod unpacked;
mod workbook;

pub use address::{Address, Text};
pub use cell::{is_formula, is_total, undefused};
pub use column::{Column, csv_of};
pub use columns::{plain, words};
pub use currency::{currency, without_currency};
pub use date::{Order, Way, date, is_date, month_of};
pub use error::{CellReason, TableError};
pub use hidden::{escaped_json, is_hidden};
pub use number::{Decimal, is_missing, number};
pub use row::{Row, Skipped, Source, Why};
pub use table::{Table, Wanted};
