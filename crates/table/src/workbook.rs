//! Sheets of an Excel or OpenDocument workbook.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Sheets};

use crate::delimited::Numbered;

/// Every sheet that is wanted, by name.
pub(crate) fn sheets(bytes: &[u8], only: Option<&str>) -> Result<Vec<(String, Vec<Numbered>)>, String> {
    let mut book: Sheets<_> =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let names = book.sheet_names();
    if names.is_empty() {
        return Err("the workbook has no sheet".into());
    }
    let chosen: Vec<String> = match only {
        None => names,
        Some(name) => match names.iter().find(|n| n.trim().eq_ignore_ascii_case(name.trim())) {
            Some(found) => vec![found.clone()],
            None => return Err(format!("no sheet `{name}`; sheets: {}", names.join(", "))),
        },
    };
    let mut read = Vec::new();
    for name in chosen {
        // Charts are sheets without cells.
        let Ok(range) = book.worksheet_range(&name) else { continue };
        let formulas = book.worksheet_formula(&name).unwrap_or_default();
        read.push((name, rows(&range, &formulas)));
    }
    if read.is_empty() { Err("no sheet of the workbook holds cells".into()) } else { Ok(read) }
}

/// Most cells that a sheet grows to for formulas outside its values.
const MOST: usize = 10_000_000;

fn rows(range: &Range<Data>, formulas: &Range<String>) -> Vec<Numbered> {
    // A file whose formulas were never calculated may have no value at all.
    let corners = [range.start().zip(range.end()), formulas.start().zip(formulas.end())];
    let mut spans = corners.into_iter().flatten();
    let Some((mut start, mut end)) = spans.next() else { return Vec::new() };
    for (from, to) in spans {
        // A formula far outside the table does not make a table of all between.
        if (to.0 as usize - start.0.min(from.0) as usize) * (to.1 as usize + 1) > MOST {
            continue;
        }
        start = (start.0.min(from.0), start.1.min(from.1));
        end = (end.0.max(to.0), end.1.max(to.1));
    }
    let cell = |at: (u32, u32)| {
        let text = range.get_value(at).map_or(String::new(), text);
        let formula = || formulas.get_value(at).filter(|f| !f.is_empty()).map(|f| format!("={f}"));
        if text.is_empty() { formula().unwrap_or_default() } else { text }
    };
    let row = |r: u32| (r as usize + 1, (start.1..=end.1).map(|c| cell((r, c))).collect());
    (start.0..=end.0).map(row).collect()
}

fn text(data: &Data) -> String {
    match data {
        Data::DateTime(stamp) if stamp.is_datetime() => {
            let (year, month, day, ..) = stamp.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}
