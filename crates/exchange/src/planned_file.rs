//! A plan written back into the user's own media plan, JSON or workbook.

use serde_json::Value;

use crate::error::DraftError;
use crate::planned::{Change, Planned, changes};
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
    let (changes, mut notes) = changes(&value, lines)?;
    let other = |change: &&Change| change.parts.iter().any(|part| change.factor(part.1) != Some(1.0));
    let items = value.get("lineitems").and_then(Value::as_array);
    let counts = |change: &&Change| {
        let item = items.and_then(|items| items.get(change.item)).and_then(Value::as_object);
        item.is_some_and(|i| i.iter().any(|(k, v)| k.starts_with("metric_") && v.is_number()))
    };
    let stale = changes.iter().filter(other).filter(counts).count();
    if stale > 0 {
        notes.push(format!(
            "only costs are changed: the metrics (metric_impressions, metric_sales ...) of {} still say what the former costs bought",
            if stale == 1 { "one line item".to_owned() } else { format!("{stale} line items") }
        ));
    }
    let written = planned_json::written(plain, &value, &changes)?;
    Ok((written.into_bytes(), notes))
}
