//! Buy sheets that stand where a new one is to be written: what people wrote in
//! them is kept.

use std::path::Path;

use outlay::{BuyRow, Data, Files, ResultFile, Scenario};

/// The buy sheet of a plan, with what was written into the sheets that stand at
/// `path` (as CSV and Excel) and into `others`; `None` without a plan.
pub(crate) fn sheet(
    result: &ResultFile,
    scenario: &Scenario,
    path: &Path,
    others: &[Data],
) -> Result<Option<Vec<BuyRow>>, String> {
    let mut kept = others.to_vec();
    for place in ["csv", "xlsx"].map(|ending| path.with_extension(ending)) {
        if place.exists() {
            let data = outlay::data(&Files::disk(), &place).map_err(|e| left(&place, &e))?;
            let lost = outlay::beside(&data, scenario).map_err(|e| left(&place, &e))?;
            if !lost.is_empty() {
                return Err(format!(
                    "{}: a new sheet would not have {}, so it is left as it is; keep that in another file, or give another folder",
                    place.display(),
                    lost.join(", ")
                ));
            }
            kept.push(data);
        }
    }
    outlay::buy(result, scenario, &kept).map_err(|e| match &e {
        outlay::Error::Actuals(error) => left(&error.path, &e),
        _ => e.to_string(),
    })
}

fn left(sheet: &Path, error: &outlay::Error) -> String {
    let shown = sheet.display();
    format!(
        "{error}\n{shown}: what is written there cannot be carried into the new sheet, so it is left as it is; give another folder"
    )
}
