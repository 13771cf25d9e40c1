//! Files that are no scenarios, and what to type for them.

use std::fs;
use std::path::Path;

use outlay::exchange;

/// What to type for a file that is no scenario; `None` where it may be one.
pub(crate) fn advice(path: &Path) -> Option<String> {
    let shown = path.display();
    let new = |what: &str| {
        format!(
            "{shown}: {what}, not a scenario; make one from it: outlay new plan --from {shown} && outlay run plan/scenario.toml"
        )
    };
    let extension = path.extension()?.to_str()?.to_lowercase();
    match extension.as_str() {
        "csv" | "tsv" | "xlsx" | "xls" | "xlsm" | "ods" => Some(new("is a table")),
        "nc" | "binpb" => Some(format!(
            "{shown}: is a fitted model, not a scenario; import its curves: outlay import {shown} --out curves.json && outlay new plan --from curves.json"
        )),
        "json" => {
            let value: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
            if exchange::is_media_plan(&value) {
                Some(new("is a media plan"))
            } else if value.get("outlay").is_some()
                && value.get("curves").is_some_and(serde_json::Value::is_array)
            {
                Some(new("is a curve library"))
            } else if value.get("ExportedModel").is_some() {
                Some(format!(
                    "{shown}: is a model of Robyn, not a scenario; import its curves: outlay import {shown} --out curves.json && outlay new plan --from curves.json"
                ))
            } else {
                None
            }
        }
        _ => None,
    }
}
