//! Words of the workbook.

use crate::view::View;

/// What can be done with the plan sheet of a workbook.
pub fn edited_plan(view: &View) -> String {
    format!(
        "Change the yellow cells: revenue, customers, CAC, returns and shares follow, and the sheet of limits says what breaks. \
         To judge the changed plan: outlay check {} --plan THIS_FILE",
        view.source
    )
}

/// The headline of a workbook whose spends were changed, behind their number.
pub const EDITED: &str = " of the yellow numbers were changed: this is no longer the plan that was solved.";

/// What stands in the place of a proof once spends were changed.
pub const UNPROVEN_EDITS: &str =
    "Nothing is proven about the changed plan; save it and judge it with outlay check --plan.";

/// How the cells of a workbook are told apart.
pub const COLOURS: &str = "Yellow cells can be changed. Grey figures in italics are as solved and do not follow; everything else does.";

/// Stands above a check's words once numbers were changed.
pub const STALE: &str = "Numbers were changed on the sheets Plan or Limits: what stands below is about the numbers as they were asked for.";
