//! Sheets of an Excel or OpenDocument workbook.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Cell, Data, DataRef, Reader, Sheets};

use crate::delimited::Numbered;
use crate::unpacked::{self, MOST};

/// Whether these are the bytes of a workbook: an archive, or Excel's older format.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
}

/// Every sheet that is wanted, by name.
pub(crate) fn sheets(bytes: &[u8], only: Option<&str>) -> Result<Vec<(String, Vec<Numbered>)>, String> {
    unpacked::check(bytes)?;
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
        let mut grid = Grid::default();
        // Charts are sheets without cells.
        if fill(&mut book, &name, &mut grid)?.is_some() {
            let rows = grid.rows().map_err(|what| format!("sheet `{name}`: {what}"))?;
            read.push((name, rows));
        }
    }
    if read.is_empty() { Err("no sheet of the workbook holds cells".into()) } else { Ok(read) }
}

/// Takes the cells of a sheet one by one: a sheet is never made as large as the
/// corner it names.
fn fill(book: &mut Sheets<Cursor<&[u8]>>, name: &str, grid: &mut Grid) -> Result<Option<()>, String> {
    /// Puts every cell that a reader gives into the grid.
    macro_rules! each {
        ($book:expr, $next:ident, $put:expr) => {{
            let Ok(mut cells) = $book.worksheet_cells_reader(name) else { return Ok(None) };
            while let Some(cell) = cells.$next().map_err(|e| format!("sheet `{name}`: {e}"))? {
                $put(&mut *grid, &cell)?;
            }
        }};
    }
    let put = |grid: &mut Grid, cell: &Cell<DataRef<'_>>| {
        grid.set(cell.get_position(), text(&Data::from(cell.get_value().clone())))
    };
    match book {
        Sheets::Xlsx(book) => {
            each!(book, next_cell, put);
            each!(book, next_formula, Grid::formula);
        }
        Sheets::Xlsb(book) => {
            each!(book, next_cell, put);
            each!(book, next_formula, Grid::formula);
        }
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let Ok(range) = book.worksheet_range(name) else { return Ok(None) };
            let (row, column) = range.start().unwrap_or_default();
            let at = |(r, c): (usize, usize)| (row + r as u32, column + c as u32);
            for (r, c, data) in range.used_cells() {
                grid.set(at((r, c)), text(data))?;
            }
            let formulas = book.worksheet_formula(name).unwrap_or_default();
            let (row, column) = formulas.start().unwrap_or_default();
            for (r, c, formula) in formulas.used_cells() {
                grid.formula(&Cell::new((row + r as u32, column + c as u32), formula.clone()))?;
            }
        }
    }
    Ok(Some(()))
}

/// The filled cells of a sheet, by row and column.
#[derive(Default)]
struct Grid {
    rows: BTreeMap<u32, BTreeMap<u32, String>>,
    cells: usize,
}

impl Grid {
    fn set(&mut self, (row, column): (u32, u32), text: String) -> Result<(), String> {
        if text.is_empty() {
            return Ok(());
        }
        if self.rows.entry(row).or_default().insert(column, text).is_none() {
            self.cells += 1;
        }
        if self.cells > MOST { Err(too_many()) } else { Ok(()) }
    }

    /// A file whose formulas were never calculated has no value for them.
    fn formula(&mut self, cell: &Cell<String>) -> Result<(), String> {
        let (row, column) = cell.get_position();
        let known = self.rows.get(&row).is_some_and(|cells| cells.contains_key(&column));
        match cell.get_value().as_str() {
            "" => Ok(()),
            _ if known => Ok(()),
            formula => self.set((row, column), format!("={formula}")),
        }
    }

    /// Rows that hold something, from the first column that does.
    fn rows(self) -> Result<Vec<Numbered>, String> {
        let first = self.rows.values().filter_map(|cells| cells.keys().next()).min().copied().unwrap_or(0);
        let mut all = 0;
        let row = |(row, cells): (u32, BTreeMap<u32, String>)| {
            let width = cells.keys().next_back().map_or(0, |last| (last - first) as usize + 1);
            all += width;
            if all > MOST {
                return Err(too_many());
            }
            let mut texts = vec![String::new(); width];
            for (column, text) in cells {
                texts[(column - first) as usize] = text;
            }
            Ok((row as usize + 1, texts))
        };
        self.rows.into_iter().map(row).collect()
    }
}

fn too_many() -> String {
    format!("reaches over more than {MOST} cells; delete what stands far beside or below the table")
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
