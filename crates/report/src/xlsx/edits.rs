//! How many yellow cells were changed: spends, and numbers of limits.

use super::{limits, plan};
use crate::sheet::Sheet;

/// The number as a formula.
pub(super) fn edits(sheet: &Sheet, suffix: &str) -> String {
    let spends = plan::edits(sheet, suffix);
    match sheet.view.limits.len() {
        0 => spends,
        count => format!("({spends}+{})", limits::edits(suffix, count)),
    }
}
