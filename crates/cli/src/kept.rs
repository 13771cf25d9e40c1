//! Buy sheets that stand where a new one is to be written: what people wrote in
//! them is kept.

use std::path::Path;

use outlay_scenario::actuals::read_typed;
use outlay_scenario::buy::{BuyRow, keep};
use outlay_scenario::{Files, Scenario};

/// Keeps in `rows` what was written into the sheets `NAME.csv` and `NAME.xlsx`.
pub(crate) fn in_place_of(path: &Path, scenario: &Scenario, rows: &mut Vec<BuyRow>) -> Result<(), String> {
    for ending in ["csv", "xlsx"] {
        from(&path.with_extension(ending), scenario, rows)?;
    }
    Ok(())
}

/// Keeps in `rows` what was written into one sheet, if it is there.
pub(crate) fn from(sheet: &Path, scenario: &Scenario, rows: &mut Vec<BuyRow>) -> Result<(), String> {
    if !sheet.exists() {
        return Ok(());
    }
    let told = |error: &dyn std::fmt::Display| {
        format!(
            "{error}\n{}: what is written there cannot be carried into the new sheet, so it is left as it is; give another folder",
            sheet.display()
        )
    };
    let data = outlay::data(&Files::disk(), sheet).map_err(|e| told(&e))?;
    let typed = read_typed(&data, scenario).map_err(|e| told(&e))?;
    keep(rows, typed);
    Ok(())
}
