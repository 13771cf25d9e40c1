//! A workbook whose plan recalculates: change a spend, and revenue, customers,
//! CAC, returns and shares follow from the same curves.

mod curves;
mod document;
mod edits;
mod flights;
mod formula;
mod limits;
mod meeting;
mod overview;
pub(crate) mod place;
mod plan;
mod scenarios;
pub(crate) mod style;
mod terms;

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::sheet::Sheet;
pub use document::documents;
use style::Styles;

/// With more plans than this, the rest is in the sheet of scenarios only.
const MOST_PLANS: usize = 20;

/// The workbook's bytes.
pub fn render(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let styles = Styles::default();
    let suffixes = suffixes(sheets);
    let plans: Vec<Option<String>> =
        suffixes.iter().map(|s| s.as_ref().map(|s| format!("Plan{s}"))).collect();
    overview::write(&mut book, sheets, &plans, &styles)?;
    if sheets.len() > 1 {
        scenarios::write(&mut book, sheets, &styles)?;
    }
    for (sheet, suffix) in sheets.iter().zip(&suffixes) {
        let Some(suffix) = suffix else { continue };
        plan_sheets(&mut book, sheet, suffix, &styles)?;
    }
    terms::write(&mut book, sheets, &styles)?;
    book.save_to_buffer()
}

/// The sheets of one plan, their names followed by `suffix`.
fn plan_sheets(book: &mut Workbook, sheet: &Sheet, suffix: &str, styles: &Styles) -> Result<(), XlsxError> {
    plan::write(book, sheet, suffix, styles)?;
    flights::write(book, &sheet.view, suffix, styles)?;
    meeting::write(book, &sheet.view, suffix, styles)?;
    limits::write(book, sheet, suffix, styles)?;
    curves::write(book, sheet, suffix, styles)
}

/// What follows the names of a scenario's sheets: nothing for the first with a
/// plan, then a number; `None` for scenarios without sheets of their own.
fn suffixes(sheets: &[Sheet]) -> Vec<Option<String>> {
    let mut planned = 0;
    let suffix = |sheet: &Sheet| {
        planned += usize::from(sheet.view.has_plan());
        let shown = sheet.view.has_plan() && planned <= MOST_PLANS;
        shown.then(|| if planned == 1 { String::new() } else { format!(" {planned}") })
    };
    sheets.iter().map(suffix).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, sample};

    #[test]
    fn a_workbook_is_made_even_of_nothing() {
        let sheet = |view| Sheet { view, facts: Facts::default(), clashes: Vec::new() };
        for sheets in
            [vec![], vec![sheet(sample::infeasible())], vec![sheet(sample::plan()), sheet(sample::plan())]]
        {
            let bytes = render(&sheets).expect("a workbook");
            assert!(bytes.starts_with(b"PK"));
        }
    }
}
