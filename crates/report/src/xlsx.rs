//! A workbook whose plan recalculates: change a spend, and revenue, customers,
//! CAC, returns and shares follow from the same curves.

mod curves;
mod formula;
mod limits;
mod overview;
mod plan;
pub(crate) mod style;

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::Sheet;
use style::Styles;

/// With more scenarios than this, only the overview shows the rest.
const MOST_PLANS: usize = 20;

/// The workbook's bytes.
pub fn render(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let styles = Styles::default();
    let shown: Vec<(String, &Sheet)> = sheets
        .iter()
        .filter(|s| s.view.has_plan())
        .take(MOST_PLANS)
        .enumerate()
        .map(|(i, s)| (if i == 0 { String::new() } else { format!(" {}", i + 1) }, s))
        .collect();
    overview::write(&mut book, sheets, &styles)?;
    for (suffix, sheet) in &shown {
        plan::write(&mut book, sheet, suffix, &styles)?;
        limits::write(&mut book, &sheet.view, suffix, &styles)?;
        curves::write(&mut book, sheet, suffix, &styles)?;
    }
    book.save_to_buffer()
}

/// A row or column number of a workbook; far more than are ever written.
pub(crate) fn row(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(crate) fn column(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, sample};

    #[test]
    fn a_workbook_is_made_even_of_nothing() {
        let sheet = |view| Sheet { view, facts: Facts::default() };
        for sheets in
            [vec![], vec![sheet(sample::infeasible())], vec![sheet(sample::plan()), sheet(sample::plan())]]
        {
            let bytes = render(&sheets).expect("a workbook");
            assert!(bytes.starts_with(b"PK"));
        }
    }
}
