//! Buy sheets that stand where a new one is to be written: what people wrote in
//! them is kept.

use std::path::Path;

use outlay_scenario::Scenario;
use outlay_scenario::actuals::read_typed;
use outlay_scenario::buy::{BuyRow, keep};

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
    let typed = read_typed(sheet, scenario).map_err(|error| {
        format!(
            "{error}\n{}: what is written there cannot be carried into the new sheet, so it is left as it is; give another folder",
            sheet.display()
        )
    })?;
    keep(rows, typed);
    Ok(())
}
