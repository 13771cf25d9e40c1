//! What the words of the workbook mean.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::place::row;
use super::style::{self, Styles};
use crate::glossary;
use crate::sheet::Sheet;
use crate::view::View;

pub(super) fn write(book: &mut Workbook, sheets: &[Sheet], styles: &Styles) -> Result<(), XlsxError> {
    let page = book.add_worksheet();
    page.set_name("Terms")?;
    page.write_string_with_format(0, 0, "Term", &styles.head)?;
    page.write_string_with_format(0, 1, "Meaning", &styles.head)?;
    let views: Vec<&View> = sheets.iter().map(|s| &s.view).collect();
    let terms = glossary::terms(&views);
    for (i, term) in terms.iter().enumerate() {
        page.write_string_with_format(row(i + 1), 0, &term.word, &styles.wrapped)?;
        page.write_string_with_format(row(i + 1), 1, &term.meaning, &styles.wrapped)?;
        page.set_row_height(row(i + 1), style::height(&term.meaning, 84))?;
    }
    page.set_column_width(0, 26)?.set_column_width(1, 90)?;
    page.set_freeze_panes(1, 0)?;
    style::paper(page, true);
    page.set_repeat_rows(0, 0)?;
    page.set_print_area(0, 0, row(terms.len()), 1)?;
    Ok(())
}
