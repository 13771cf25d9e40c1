//! A plan written into an Excel media plan: the cells of cost in the sheet of
//! line items, inside a copy of the user's own workbook.
//!
//! Formulas stay: parts of a cost that are shares of its total follow it. What
//! they came to is written beside them, and the workbook is asked to calculate
//! everything anew when it is opened. An item of a plan by period becomes a row
//! for every period with money; what refers to its row follows.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use outlay_table::{Table, Wanted};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::error::DraftError;
use crate::media_plan::workbook;
use crate::planned::{Change, Planned, changes, fresh, ids, with_money};
use crate::planned_row::{At, Part, Period, planned as planned_row};
use crate::sheet_references::Spread;
use crate::sheet_rows::{Moved, Place, Rows, attribute, attributes};

const SHEET: &str = "Line Items";
const BOOK: &str = "xl/workbook.xml";
const LINKS: &str = "xl/_rels/workbook.xml.rels";
const TYPES: &str = "[Content_Types].xml";
type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

pub(crate) fn planned(bytes: &[u8], lines: &[Planned]) -> Result<(Vec<u8>, Vec<String>), DraftError> {
    let value = workbook(bytes)?;
    let (changes, mut notes) = changes(&value, lines)?;
    let wanted = Wanted { sheet: Some(SHEET), doubled: true, ..Wanted::default() };
    let table = Table::from_bytes(bytes, &wanted)?;
    let failed = |e: &dyn std::fmt::Display| DraftError::Plan(format!("the workbook cannot be copied: {e}"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| failed(&e))?;
    let sheet = place(&mut archive).ok_or_else(|| failed(&"its sheet of line items is not where it says"))?;
    let text = read(&mut archive, &sheet).ok_or_else(|| failed(&"its sheet of line items is no text"))?;
    let rows = Rows::of(&text).ok_or_else(|| failed(&"its sheet of line items has rows without a number"))?;

    let item =
        |change: &Change| value.get("lineitems").and_then(|l| l.get(change.item)).unwrap_or(&Value::Null);
    let number = |change: &Change| {
        item(change).get("row").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
    };
    let of_row: BTreeMap<usize, &Change> = changes.iter().filter_map(|c| Some((number(c)?, c))).collect();
    let spread = Spread::new(of_row.iter().map(|(row, change)| (*row, with_money(&change.parts).len())));
    let mut moved = Moved { sheet: SHEET, spread: &spread, torn: Vec::new() };
    let mut rows = rows.spread(&mut moved);
    let taken = ids(&value);
    for (place, (row, change)) in of_row
        .iter()
        .flat_map(|(row, change)| (0..spread.count(*row)).map(move |copy| (copy, (*row, *change))))
    {
        let at = At { table: &table, row: below(&table, row), number: spread.first(row) + place };
        let Some((_, text)) = rows.rows.iter_mut().find(|(number, _)| *number == at.number) else { continue };
        *text = planned_row(text, &at, item(change), change, &part(change, place, item(change), &taken))?;
    }
    let mut own: BTreeMap<String, String> = BTreeMap::from([(sheet.clone(), rows.text())]);
    let mut parts = vec![BOOK.to_owned(), LINKS.to_owned(), TYPES.to_owned()];
    if !spread.moves_nothing() {
        parts.extend(archive.file_names().filter_map(|n| Some(n.ok()?.into_owned())));
    }
    let beside = beside(&mut archive, &sheet);
    for name in parts {
        if !own.contains_key(&name)
            && let Some(text) = read(&mut archive, &name)
        {
            let followed = elsewhere(&name, &text, &beside, &mut moved);
            if followed != text {
                own.insert(name, followed);
            }
        }
    }
    let items: Vec<String> = of_row
        .iter()
        .filter(|(row, _)| moved.torn.contains(row))
        .filter_map(|(_, change)| Some(format!("`{}`", item(change).get("name")?.as_str()?)))
        .collect();
    if !items.is_empty() {
        notes.push(format!(
            "formulas name a single cell of {}, which has several rows now: they see its first period only",
            items.join(", ")
        ));
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|e| failed(&e))?;
        let name = file.name().map_err(|e| failed(&e))?.into_owned();
        if name == CHAIN {
            continue;
        }
        match own.get(&name) {
            Some(text) => {
                writer.start_file(name, SimpleFileOptions::default()).map_err(|e| failed(&e))?;
                writer.write_all(text.as_bytes()).map_err(|e| failed(&e))?;
            }
            None => writer.raw_copy_file(file).map_err(|e| failed(&e))?,
        }
    }
    let done = writer.finish().map_err(|e| failed(&e))?;
    Ok((done.into_inner(), notes))
}

/// The order in which formulas were last calculated; a workbook is whole without
/// it, and not with one that names cells without a formula.
const CHAIN: &str = "xl/calcChain.xml";

/// The row of a table that has a number in its sheet.
fn below(table: &Table, number: usize) -> usize {
    (0..table.rows.len()).find(|row| table.number_of(*row) == number).unwrap_or(0)
}

/// What one row of an item becomes.
fn part<'a>(change: &'a Change, place: usize, item: &Value, taken: &[&str]) -> Part<'a> {
    let all: f64 = change.parts.iter().map(|p| p.1).sum();
    let parts = with_money(&change.parts);
    let Some((days, media)) = parts.get(place).copied() else { return Part { media: 0.0, period: None } };
    let period = days.as_ref().filter(|_| all > 0.0).map(|days| Period {
        share: if parts.len() > 1 { media / all } else { 1.0 },
        days,
        id: item
            .get("id")
            .and_then(Value::as_str)
            .filter(|_| parts.len() > 1)
            .map(|id| fresh(id, &days.0, taken)),
    });
    Part { media: *media, period }
}

/// A part of the workbook other than the sheet of line items.
fn elsewhere(name: &str, text: &str, beside: &[String], moved: &mut Moved<'_>) -> String {
    let spread = moved.spread;
    match name {
        BOOK => recalculated(&moved.formulas(text, &["definedName"], Place::Outside)),
        LINKS => without(text, "<Relationship "),
        TYPES => without(text, "<Override "),
        n if beside.iter().any(|b| b == n) => attributes(text, "ref", &|list| spread.ranges(list)),
        n if n.starts_with("xl/worksheets/") && n.ends_with(".xml") => {
            moved.formulas(text, &["f", "formula", "formula1", "formula2"], Place::Outside)
        }
        n if n.starts_with("xl/charts/") && n.ends_with(".xml") => {
            moved.formulas(text, &["c:f"], Place::Outside)
        }
        _ => text.to_owned(),
    }
}

/// Elements but for the one of the order of calculation.
fn without(text: &str, element: &str) -> String {
    let mut parts = text.split(element);
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |sum, part| {
        let end = part.find("/>").map_or(0, |end| end + 2);
        if part[..end].contains("calcChain") { sum + &part[end..] } else { sum + element + part }
    })
}

/// Tables and remarks that belong to a sheet.
fn beside(archive: &mut Archive<'_>, sheet: &str) -> Vec<String> {
    let (folder, file) = sheet.rsplit_once('/').unwrap_or(("", sheet));
    let links = read(archive, &format!("{folder}/_rels/{file}.rels")).unwrap_or_default();
    let targets = elements(&links, "Relationship").filter_map(|tag| attribute(tag, "Target"));
    let known = |t: &&str| {
        ["tables/", "comments", "threadedComments/"].iter().any(|k| t.contains(k)) && t.ends_with(".xml")
    };
    targets.filter(known).map(|t| t.replace("../", "xl/").trim_start_matches('/').to_owned()).collect()
}

fn read(archive: &mut Archive<'_>, name: &str) -> Option<String> {
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Where the sheet of line items stands within the workbook.
fn place(archive: &mut Archive<'_>) -> Option<String> {
    let book = read(archive, BOOK)?;
    let links = read(archive, LINKS)?;
    let tag = elements(&book, "sheet").find(|t| attribute(t, "name") == Some(SHEET))?;
    let id = attribute(tag, "r:id")?;
    let link = elements(&links, "Relationship").find(|t| attribute(t, "Id") == Some(id))?;
    let target = attribute(link, "Target")?;
    Some(target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned))
}

/// Opening tags of a name.
fn elements<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    text.split('<').skip(1).filter_map(move |t| {
        let rest = t.strip_prefix(name)?;
        rest.starts_with([' ', '/', '>']).then(|| t.split('>').next().unwrap_or(t))
    })
}

/// The workbook, asked to calculate everything when it is opened.
fn recalculated(text: &str) -> String {
    const ASKED: &str = "fullCalcOnLoad=\"1\"";
    match (text.contains(ASKED), text.find("<calcPr")) {
        (true, _) => text.to_owned(),
        (false, Some(at)) => {
            let at = at + "<calcPr".len();
            format!("{} {ASKED}{}", &text[..at], &text[at..])
        }
        // Calculation follows the names of cells, or the sheets.
        (false, None) => {
            let after = ["</definedNames>", "<definedNames/>", "<definedNames />", "</sheets>"];
            let found = after.iter().find_map(|t| text.find(t).map(|at| at + t.len()));
            found.map_or(text.to_owned(), |at| format!("{}<calcPr {ASKED}/>{}", &text[..at], &text[at..]))
        }
    }
}
