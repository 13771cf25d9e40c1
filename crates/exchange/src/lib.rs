//! Models that other programs fitted, read as curve libraries; spreadsheets,
//! libraries and media plans, read as scenarios.
//!
//! A file's format is found from its content. Every format is a file of its own
//! behind the trait [`Format`]: what it recognises, and how it is read.
//!
//! ```text
//! bytes --find--> Format --read--> Imported { library, notes }
//! ```
//!
//! Posteriors are read draw by draw: the curve at averaged parameters is not
//! the average of the curves, and a plan made from it loses money.

mod arrays;
mod averaged;
mod draft;
mod error;
mod format;
mod library_lines;
mod lines;
mod media_plan;
mod meridian;
mod meridian_file;
mod meridian_model;
mod netcdf;
mod netcdf3;
mod planned;
mod planned_file;
mod planned_json;
mod planned_row;
mod planned_sheet;
mod pymc;
mod pymc_adstock;
mod pymc_saturation;
mod robyn;
mod sheet_references;
mod sheet_rows;
mod wire;

pub use arrays::{Array, Arrays};
pub use averaged::Posterior;
pub use draft::{Draft, DraftLine};
pub use error::{DraftError, ImportError};
pub use format::{Format, Imported, Options, Source};
pub use library_lines::library_lines;
pub use lines::{Columns, is_lines, lines};
pub use media_plan::{is_media_plan, is_media_workbook, media_plan, workbook};
pub use meridian::optimized;
pub use planned::Planned;
pub use planned_file::planned;
pub use pymc::pymc_model;

/// Every format, in the order in which a file is tried.
pub fn formats() -> [&'static dyn Format; 5] {
    [&pymc::Pymc, &meridian_model::Model, &meridian::Dataset, &meridian::Sheet, &robyn::Robyn]
}

/// Reads a model as a curve library.
///
/// # Errors
/// What the file is not, or why what it holds cannot be curves here.
pub fn import(source: &Source<'_>) -> Result<Imported, ImportError> {
    match formats().into_iter().find(|format| format.recognises(source)) {
        Some(format) => format.read(source),
        None => Err(ImportError::Unknown { known: formats().map(Format::name).to_vec() }),
    }
}
