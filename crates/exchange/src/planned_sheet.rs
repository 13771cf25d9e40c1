//! A plan written into an Excel media plan: the cells of cost in the sheet of
//! line items, inside a copy of the user's own workbook.
//!
//! Formulas stay: parts of a cost that are shares of its total follow it. What
//! they came to is written beside them, and the workbook is asked to calculate
//! everything anew when it is opened.

use std::io::{Cursor, Read, Write};

use outlay_table::{Table, Wanted};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::error::DraftError;
use crate::media_plan::{field, workbook};
use crate::planned::{Change, Planned, changes};
use crate::planned_json::is_cost;

const SHEET: &str = "Line Items";

pub(crate) fn planned(bytes: &[u8], lines: &[Planned]) -> Result<(Vec<u8>, Vec<String>), DraftError> {
    let value = workbook(bytes)?;
    let (changes, notes) = changes(&value, lines)?;
    if let Some(change) = changes.iter().find(|c| !matches!(c.parts[..], [(None, _)])) {
        let items = value.get("lineitems").and_then(|l| l.get(change.item));
        let name = items.and_then(|i| i.get("name")).and_then(Value::as_str).unwrap_or_default();
        return Err(DraftError::Plan(format!(
            "a plan by period is written into JSON media plans only (`{name}` would need a row for every period); save the media plan as JSON"
        )));
    }
    let wanted = Wanted { sheet: Some(SHEET), doubled: true, ..Wanted::default() };
    let table = Table::from_bytes(bytes, &wanted)?;
    let failed = |e: &dyn std::fmt::Display| DraftError::Plan(format!("the workbook cannot be copied: {e}"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| failed(&e))?;
    let sheet = place(&mut archive).ok_or_else(|| failed(&"its sheet of line items is not where it says"))?;
    let mut text = read(&mut archive, &sheet).ok_or_else(|| failed(&"its sheet of line items is no text"))?;
    for change in &changes {
        let item = value.get("lineitems").and_then(|l| l.get(change.item)).unwrap_or(&Value::Null);
        text = row(&text, &table, item, change)?;
    }
    let book = read(&mut archive, BOOK).map(|text| recalculated(&text));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|e| failed(&e))?;
        let name = file.name().map_err(|e| failed(&e))?.into_owned();
        let own = if name == sheet { Some(&text) } else { book.as_ref().filter(|_| name == BOOK) };
        match own {
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

const BOOK: &str = "xl/workbook.xml";
type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn read(archive: &mut Archive<'_>, name: &str) -> Option<String> {
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Where the sheet of line items stands within the workbook.
fn place(archive: &mut Archive<'_>) -> Option<String> {
    let book = read(archive, BOOK)?;
    let links = read(archive, "xl/_rels/workbook.xml.rels")?;
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

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    rest.split('"').next()
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

/// A row with its costs for the planned money of media, and what follows from
/// them.
fn row(text: &str, table: &Table, item: &Value, change: &Change) -> Result<String, DraftError> {
    let number = item.get("row").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let Some(&(_, media)) = change.parts.first() else { return Ok(text.to_owned()) };
    let factor = change.factor(media);
    if factor == Some(1.0) {
        return Ok(text.to_owned());
    }
    let mut text = text.to_owned();
    let mut seen: Vec<String> = Vec::new();
    let total = factor.map_or(media, |f| f * change.total);
    for (column, name) in table.header.iter().enumerate() {
        let field = field(name);
        // Of two columns of one name, the first is the item's.
        let first = !seen.contains(&field);
        let cell = format!("{}{number}", letters(column));
        let (Some(now), true) = (item.get(&field).and_then(Value::as_f64), first) else { continue };
        seen.push(field.clone());
        let becomes = if is_cost(&field) {
            match (factor, field.as_str()) {
                (Some(factor), _) => now * factor,
                (None, "cost_total" | "cost_media") => media,
                (None, _) => continue,
            }
        } else if field.starts_with("metric_") && field != "metric_formulas" {
            let Some(factor) = factor else { continue };
            metric(item, &field, total, media).unwrap_or(now * factor)
        } else {
            continue;
        };
        text = valued(&text, &cell, becomes, is_cost(&field)).ok_or_else(|| {
            DraftError::Plan(format!(
                "row {number}, column `{name}`: the cell {cell} is not in the sheet's text"
            ))
        })?;
    }
    Ok(text)
}

/// A metric that a formula of its own makes of the cost.
fn metric(item: &Value, field: &str, total: f64, media: f64) -> Option<f64> {
    let formula = item.get("metric_formulas")?.get(field)?;
    let number = |name: &str| formula.get(name).and_then(Value::as_f64);
    let base = if formula.get("base_metric")?.as_str()? == "cost_media" { media } else { total };
    let coefficient = number("coefficient")?;
    match formula.get("formula_type")?.as_str()? {
        "adbudg" => {
            let power = base.powf(number("parameter2")?);
            Some(coefficient * power / (number("parameter1")? + power))
        }
        "power_function" => Some(coefficient * base.powf(number("parameter1")?)),
        _ => None,
    }
}

/// The letters of a column.
fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.insert(0, b'A' + u8::try_from(column % 26).unwrap_or(0));
        if column < 26 {
            return String::from_utf8(name).unwrap_or_default();
        }
        column = column / 26 - 1;
    }
}

/// The sheet with another value in a cell. A formula stays where it follows
/// other cells of its row; metrics that are typed stay as they are.
fn valued(text: &str, cell: &str, value: f64, cost: bool) -> Option<String> {
    let tag = format!("<c r=\"{cell}\"");
    let start = text.find(&tag)?;
    let open = start + text[start..].find('>')?;
    let (head, own) = if text[..open].ends_with('/') {
        (&text[start..open - 1], "")
    } else {
        let close = open + text[open..].find("</c>")?;
        (&text[start..open], &text[open + 1..close])
    };
    let end = if own.is_empty() && text[..open].ends_with('/') {
        open + 1
    } else {
        open + 1 + own.len() + "</c>".len()
    };
    let formula = own.find("<f").map(|at| {
        let rest = &own[at..];
        let end = rest.find("</f>").map_or_else(|| rest.find("/>").map_or(rest.len(), |e| e + 2), |e| e + 4);
        &rest[..end]
    });
    let follows = |f: &str| {
        let inner = f.split('>').nth(1).unwrap_or("");
        let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
        inner.contains(&digits) && inner.contains(|c: char| c.is_ascii_uppercase())
    };
    let formula = match formula {
        Some(f) if follows(f) => f,
        Some(_) if cost => "",
        None if cost => "",
        // A metric that nothing calculates.
        _ => return Some(text.to_owned()),
    };
    let kind = head.find(" t=\"").map_or(head.to_owned(), |at| {
        let rest = head[at + 4..].find('"').map_or(head.len(), |e| at + 4 + e + 1);
        format!("{}{}", &head[..at], &head[rest..])
    });
    Some(format!("{}{kind} t=\"n\">{formula}<v>{value}</v></c>{}", &text[..start], &text[end..]))
}
