//! A line item's row of a worksheet with planned money in it.

use outlay_table::{Table, plain};
use serde_json::Value;

use crate::error::DraftError;
use crate::media_plan::field;
use crate::planned::{Change, formula_parts};
use crate::planned_json::{divided, is_cost};
use crate::sheet_references::{letters, number, rewritten};
use crate::sheet_rows::escape;

/// What becomes of a row: its money of media, and where it is one period of
/// several its share of all, its days and its id.
pub(crate) struct Part<'a> {
    pub(crate) media: f64,
    pub(crate) period: Option<Period<'a>>,
}

pub(crate) struct Period<'a> {
    pub(crate) share: f64,
    pub(crate) days: &'a (String, String),
    pub(crate) id: Option<String>,
}

/// Where a line item stands.
pub(crate) struct At<'a> {
    pub(crate) table: &'a Table,
    /// Its row of the table, and the number of the sheet's row as it is now.
    pub(crate) row: usize,
    pub(crate) number: usize,
}

/// A row with its costs for the planned money of media, and what follows from
/// them.
pub(crate) fn planned(
    text: &str,
    at: &At<'_>,
    item: &Value,
    change: &Change,
    part: &Part<'_>,
) -> Result<String, DraftError> {
    let factor = change.factor(part.media);
    if factor == Some(1.0) && part.period.is_none() {
        return Ok(text.to_owned());
    }
    let media = part.media;
    let total = factor.map_or(media, |f| f * change.total);
    let table = at.table;
    let changed: Vec<String> = (0..table.header.len())
        .filter(|column| is_cost(&field(&table.header[*column])) || is_metric(&field(&table.header[*column])))
        .map(letters)
        .collect();
    let mut row = text.to_owned();
    let mut seen: Vec<String> = Vec::new();
    for (column, name) in table.header.iter().enumerate() {
        let field = field(name);
        // Of two columns of one name, the first is the item's.
        let first = !seen.contains(&field);
        seen.push(field.clone());
        let cell = format!("{}{}", letters(column), at.number);
        let missing = || {
            DraftError::Plan(format!(
                "row {}, column `{name}`: the cell {cell} is not in the sheet's text",
                at.number
            ))
        };
        let now = item.get(&field).and_then(Value::as_f64);
        let follow = |row: &str, follows: f64, typed: Option<f64>| {
            valued(row, &cell, follows, typed, &changed).ok_or_else(missing)
        };
        if let (true, true, Some(now)) = (is_cost(&field), first, now) {
            let becomes = match (factor, field.as_str()) {
                (Some(factor), _) => now * factor,
                (None, "cost_total" | "cost_media") => media,
                (None, _) => continue,
            };
            row = follow(&row, becomes, Some(becomes))?;
        } else if let (true, true, Some(now)) = (is_metric(&field), first, now) {
            let share = part.period.as_ref().map(|p| p.share).filter(|share| *share > 0.0);
            let whole = share.unwrap_or(1.0);
            let of_formula = metric(item, &field, total / whole, media / whole).map(|m| m * whole);
            let follows = of_formula.or(factor.map(|f| now * f));
            let typed = share.map(|share| now * share);
            if let Some(follows) = follows.or(typed) {
                row = follow(&row, follows, typed)?;
            }
        }
        let Some(period) = &part.period else { continue };
        if table.text(at.row, column).is_empty() && !(field == "id" && period.id.is_some()) {
            continue;
        }
        row = match field.as_str() {
            "start_date" if first => dated(&row, &cell, &period.days.0).ok_or_else(missing)?,
            "end_date" if first => dated(&row, &cell, &period.days.1).ok_or_else(missing)?,
            "id" if first => match &period.id {
                Some(id) => texted(&row, &cell, id).ok_or_else(missing)?,
                None => row,
            },
            "metric_formulas" => {
                texted(&row, &cell, &divided(table.text(at.row, column), period.share)).ok_or_else(missing)?
            }
            "cost_minimum" | "cost_maximum" => match now {
                Some(now) => follow(&row, now * period.share, Some(now * period.share))?,
                None => row,
            },
            _ => match (coefficient(table, at.row, name, period.share), table.value(at.row, column)) {
                (Some(times), Some(now)) if times != 1.0 => follow(&row, now * times, Some(now * times))?,
                _ => row,
            },
        };
    }
    Ok(row)
}

fn is_metric(field: &str) -> bool {
    field.starts_with("metric_") && field != "metric_formulas"
}

/// What a column with a formula's coefficient is multiplied by for a share of
/// the money. Which formula a row has is told by the parameters it fills in.
fn coefficient(table: &Table, row: usize, name: &str, share: f64) -> Option<f64> {
    let text = plain(name);
    let (metric, part) =
        [" coefficient", " parameter 1"].iter().find_map(|p| Some((text.strip_suffix(p)?, p)))?;
    let value = |part: &str| {
        let wanted = format!("{metric}{part}");
        let found =
            |column: &usize| plain(&table.header[*column]) == wanted && table.value(row, *column).is_some();
        (0..table.header.len()).find(found).and_then(|column| table.value(row, column))
    };
    let (one, two) = (value(" parameter 1"), value(" parameter 2"));
    let kind = if two.is_some() { "adbudg" } else { "power_function" };
    one?;
    let parts = formula_parts(kind, one, two, share);
    Some(if *part == " coefficient" { parts.0 } else { parts.1 })
}

/// A metric that a formula of its own makes of the cost.
fn metric(item: &Value, field: &str, total: f64, media: f64) -> Option<f64> {
    let formula = item.get("metric_formulas")?.get(field)?;
    let number = |name: &str| formula.get(name).and_then(Value::as_f64);
    let base = match formula.get("base_metric")?.as_str()? {
        "cost_media" => media,
        "cost_total" => total,
        _ => return None,
    };
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

/// A cell within the text of its row: where it starts and ends, its opening tag
/// without the kind of value, and what it holds.
struct Found<'a> {
    start: usize,
    end: usize,
    head: String,
    own: &'a str,
    text: bool,
}

fn found<'a>(text: &'a str, cell: &str) -> Option<Found<'a>> {
    let start = text.find(&format!("<c r=\"{cell}\""))?;
    let open = start + text[start..].find('>')?;
    let empty = text[..open].ends_with('/');
    let (head, own, end) = if empty {
        (&text[start..open - 1], "", open + 1)
    } else {
        let close = open + text[open..].find("</c>")?;
        (&text[start..open], &text[open + 1..close], close + "</c>".len())
    };
    let kind = head.split_once(" t=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or("n");
    let bare = head.replace(&format!(" t=\"{kind}\""), "").trim_end().to_owned();
    Some(Found { start, end, head: bare, own, text: kind != "n" })
}

/// A row with another value in a cell. A formula stays where it follows cells of
/// its row that are changed; without `typed`, a figure that nothing calculates
/// stays as it is.
fn valued(text: &str, cell: &str, follows: f64, typed: Option<f64>, changed: &[String]) -> Option<String> {
    let it = found(text, cell)?;
    let formula = it.own.find("<f").map(|at| {
        let rest = &it.own[at..];
        let end = rest.find("</f>").map_or_else(|| rest.find("/>").map_or(rest.len(), |e| e + 2), |e| e + 4);
        &rest[..end]
    });
    let digits = cell.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let depends = |f: &str| {
        let own = f.split_once('>').map_or("", |(_, rest)| rest.trim_end_matches("</f>"));
        let mut any = false;
        rewritten(own, &mut |r| {
            let columns = r.last.map_or(number_of(r.first.column), |last| number_of(last.column));
            let within = |c: &String| (number_of(r.first.column)..=columns).contains(&number(c));
            any |= r.sheet.is_none() && r.first.row.to_string() == digits && changed.iter().any(within);
            None
        });
        any
    };
    let (formula, value) = match (formula.filter(|f| depends(f)), typed) {
        (Some(f), _) => (f, follows),
        (None, Some(typed)) => ("", typed),
        (None, None) => return Some(text.to_owned()),
    };
    Some(format!("{}{} t=\"n\">{formula}<v>{value}</v></c>{}", &text[..it.start], it.head, &text[it.end..]))
}

fn number_of(column: &str) -> usize {
    number(column.trim_start_matches('$'))
}

/// A row with another date in a cell, written as dates stand there.
fn dated(text: &str, cell: &str, day: &str) -> Option<String> {
    let it = found(text, cell)?;
    if it.text {
        return texted(text, cell, day);
    }
    let base = jiff::civil::date(1899, 12, 30);
    let days = base.until(day.parse::<jiff::civil::Date>().ok()?).ok()?.get_days();
    Some(format!("{}{} t=\"n\"><v>{days}</v></c>{}", &text[..it.start], it.head, &text[it.end..]))
}

/// A row with another text in a cell.
fn texted(text: &str, cell: &str, value: &str) -> Option<String> {
    let it = found(text, cell)?;
    let value = escape(value);
    Some(format!(
        "{}{} t=\"inlineStr\"><is><t>{value}</t></is></c>{}",
        &text[..it.start],
        it.head,
        &text[it.end..]
    ))
}
