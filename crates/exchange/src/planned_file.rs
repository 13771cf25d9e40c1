//! A plan written back into the user's own media plan, JSON or workbook.

use serde_json::Value;

use crate::error::DraftError;
use crate::planned::{Planned, changes};
use crate::{planned_json, planned_sheet};

/// Writes a plan into a copy of a media plan: the bytes of the copy, and what a
/// reader should know.
///
/// # Errors
/// A file that is no media plan, and a line that is none of its items.
pub fn planned(bytes: &[u8], lines: &[Planned]) -> Result<(Vec<u8>, Vec<String>), DraftError> {
    let wrong = |text: &str| DraftError::Plan(text.to_owned());
    if bytes.starts_with(b"PK") {
        if !crate::is_media_workbook(bytes) {
            return Err(wrong("the workbook has no sheet `Line Items` of the Media Plan Open Data Standard"));
        }
        return planned_sheet::planned(bytes, lines);
    }
    let text =
        std::str::from_utf8(bytes).map_err(|_| wrong("the file is neither JSON in UTF-8 nor Excel"))?;
    let plain = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(plain).map_err(|e| DraftError::Plan(e.to_string()))?;
    if !crate::is_media_plan(&value) {
        return Err(wrong(
            "the file is no plan of the Media Plan Open Data Standard: `campaign` and `lineitems` are needed",
        ));
    }
    let (changes, notes) = changes(&value, lines)?;
    let written = planned_json::written(plain, &value, &changes)?;
    Ok((written.into_bytes(), notes))
}
