//! Number formats and headings.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet};

use crate::number::Kind;

/// The formats of a workbook.
pub(crate) struct Styles {
    pub(crate) title: Format,
    pub(crate) head: Format,
    pub(crate) text: Format,
    pub(crate) wrapped: Format,
    pub(crate) input: Format,
    pub(crate) remark: Format,
    pub(crate) centred: Format,
}

impl Default for Styles {
    fn default() -> Self {
        let head =
            Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_align(FormatAlign::Bottom);
        Styles {
            title: Format::new().set_bold().set_font_size(14),
            head: head.set_text_wrap(),
            text: Format::new(),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            input: yellow(Kind::Money),
            centred: Format::new().set_align(FormatAlign::Center),
            remark: Format::new().set_italic().set_font_color(Color::RGB(0x5B6270)),
        }
    }
}

/// A4, one page wide, with the sheet's name and page numbers below.
pub(crate) fn paper(page: &mut Worksheet, landscape: bool) {
    page.set_paper_size(9).set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3).set_print_fit_to_pages(1, 0);
    page.set_footer("&L&A&R&P / &N");
    if landscape {
        page.set_landscape();
    }
}

/// Height of a row whose text wraps in a column of that many characters.
pub(crate) fn height(text: &str, characters: usize) -> f64 {
    15.0 * (text.chars().count() / characters.max(1) + 1) as f64
}

const MONEY: &str = "#,##0.00";

/// The number format of a kind of figure.
pub(crate) fn number(kind: Kind) -> Format {
    Format::new().set_num_format(code(kind))
}

/// The same for a figure that people may change.
pub(crate) fn yellow(kind: Kind) -> Format {
    number(kind).set_background_color(Color::RGB(0xFF_F6_DC))
}

/// The same for a figure that does not follow the yellow cells.
pub(crate) fn still(kind: Kind) -> Format {
    number(kind).set_italic().set_font_color(Color::RGB(STILL)).set_background_color(Color::RGB(0xEDEFF2))
}

/// Of what does not follow.
const STILL: u32 = 0x5B_62_70;

/// The number format of figures near 0, such as gaps.
pub(crate) fn tiny() -> Format {
    Format::new().set_num_format("0.0E+00")
}

/// The same in the row of totals.
pub(crate) fn total(kind: Kind) -> Format {
    number(kind).set_bold().set_border_top(FormatBorder::Thin)
}

fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Money => "#,##0",
        Kind::Count => "#,##0.0",
        Kind::Price => MONEY,
        Kind::Ratio => "0.00",
        Kind::Percent => "0.0%",
    }
}

/// A text for a place that takes what begins with `=` for a formula, and what ends
/// in `!A1` for a cell of another sheet, which the blank behind it is not.
pub(super) fn words(text: &str) -> String {
    let text = crate::csv::defused(&crate::layout::visible(text));
    if text.contains('!') { text + " " } else { text }
}
