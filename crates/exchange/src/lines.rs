//! A planner's spreadsheet of lines, as a scenario.
//!
//! A line that spent s and earned R last period gets the curve
//! V x / (k + x) through that point at which the next unit earns half of the
//! average: k = s, V = 2 R. It is a judgement, and says so.

use indexmap::IndexMap;
use outlay_scenario::spec::{CurveSpec, Outcome};
use outlay_table::{Table, Wanted, Why, is_missing, plain, words};

use crate::draft::{Draft, DraftLine};
use crate::error::DraftError;

/// Columns chosen by name; everything else is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The lines' names.
    pub line: Option<String>,
    /// Last period's spend.
    pub spend: Option<String>,
    /// Last period's revenue.
    pub revenue: Option<String>,
}

const SPEND: [&str; 9] =
    ["spend", "spent", "cost", "costs", "budget", "investment", "invested", "spends", "kosten"];
const MONEY: [&str; 8] = ["revenue", "sales", "turnover", "gmv", "income", "umsatz", "value", "earned"];
const COUNT: [&str; 8] =
    ["customers", "conversions", "orders", "purchases", "signups", "leads", "installs", "acquisitions"];
const LINE: [&str; 12] = [
    "line",
    "lines",
    "line item",
    "name",
    "line name",
    "activity",
    "tactic",
    "campaign",
    "placement",
    "item",
    "channel line",
    "media line",
];
const TAGS: [(&str, &[&str]); 8] = [
    ("channel", &["channel", "platform", "media", "medium", "publisher", "vehicle"]),
    ("stage", &["stage", "funnel", "funnel stage", "objective"]),
    ("substage", &["substage"]),
    ("method", &["method", "buying method", "buy type"]),
    ("audience", &["audience", "target audience", "target"]),
    ("creative", &["creative", "format"]),
    ("market", &["market", "country", "region", "geo"]),
    ("product", &["product", "brand"]),
];
/// Words that make a column of money no spend or revenue of last period.
const OTHER: [&str; 14] = [
    "per", "avg", "average", "cpc", "cpm", "cpa", "roas", "roi", "min", "max", "minimum", "maximum", "plan",
    "planned",
];

/// Whether a heading is one of a spreadsheet of lines.
pub fn is_lines(header: &[String]) -> bool {
    let named = |list: &[&str]| header.iter().any(|h| words(h).iter().any(|w| list.contains(&w.as_str())));
    let dated = header.iter().any(|h| ["date", "week", "day", "month", "ds"].contains(&plain(h).as_str()));
    header.len() > 1 && named(&SPEND) && !dated
}

/// Reads a spreadsheet of lines.
///
/// # Errors
/// What cannot be understood, with its place.
pub fn lines(bytes: &[u8], stem: &str, columns: &Columns) -> Result<(Draft, Table), DraftError> {
    let wanted = Wanted { sheet: columns.sheet.as_deref(), fits: &is_lines, ..Wanted::default() };
    let table = Table::from_bytes(bytes, &wanted)?;
    let header = &table.header;
    let chosen = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => match table.find(name, &[]) {
            Some(found) => Ok(Some(found)),
            None => Err(DraftError::NoColumn { name: name.clone(), columns: header.clone() }),
        },
    };
    let money =
        |what: &'static str, option: &'static str, list: &[&str]| -> Result<Option<usize>, DraftError> {
            let fits = |c: &usize| {
                let all = words(&header[*c]);
                all.iter().any(|w| list.contains(&w.as_str()))
                    && !all.iter().any(|w| OTHER.contains(&w.as_str()))
            };
            let found: Vec<usize> = (0..header.len()).filter(fits).collect();
            match found.as_slice() {
                [] => Ok(None),
                [one] => Ok(Some(*one)),
                several => Err(DraftError::Several {
                    what,
                    option,
                    names: several.iter().map(|&c| header[c].clone()).collect(),
                }),
            }
        };
    let spend = match chosen(&columns.spend)? {
        Some(c) => c,
        None => money("the spend", "--spend", &SPEND)?
            .ok_or_else(|| DraftError::NoSpend { columns: header.clone() })?,
    };
    let revenue = match chosen(&columns.revenue)? {
        Some(c) => Some(c),
        None => money("the revenue", "--revenue", &MONEY)?,
    };
    let customers = if revenue.is_none() { money("the customers", "--revenue", &COUNT)? } else { None };
    let name = match chosen(&columns.line)? {
        Some(c) => c,
        None => named(&table, spend).ok_or_else(|| DraftError::NoLine { columns: header.clone() })?,
    };
    let tags = TAGS.iter().filter_map(|(tag, names)| {
        let found = (0..header.len()).find(|&c| c != name && names.contains(&plain(&header[c]).as_str()))?;
        Some((*tag, found))
    });
    let tags: Vec<(&str, usize)> = tags.collect();
    let money_columns: Vec<usize> = [Some(spend), revenue].into_iter().flatten().collect();
    let currency = table.currency(&money_columns)?;
    let mut draft = Draft { goal: "revenue".to_owned(), ..Draft::default() };
    draft.currency =
        currency.map(|c| if c == "$" { "USD".to_owned() } else { c.to_owned() }).filter(|c| c.len() == 3);
    let mut seen: IndexMap<String, usize> = IndexMap::new();
    let mut said: IndexMap<String, f64> = IndexMap::new();
    for row in 0..table.rows.len() {
        let text = table.text(row, name);
        if is_missing(text) {
            return Err(table.wrong(row, name).into());
        }
        if let Some(&first) = seen.get(text) {
            return Err(DraftError::Twice { row: table.number_of(row), first, name: text.to_owned() });
        }
        seen.insert(text.to_owned(), table.number_of(row));
        let amount = |c: usize| -> Result<f64, DraftError> {
            if is_missing(table.text(row, c)) { Ok(0.0) } else { Ok(table.amount(row, c)?) }
        };
        let current = amount(spend)?;
        let earned = revenue.or(customers).map(amount).transpose()?;
        let outcome = if customers.is_some() { Outcome::Customers } else { Outcome::Revenue };
        said.insert(text.to_owned(), earned.unwrap_or(0.0));
        let mut line = DraftLine { name: text.to_owned(), current, ..DraftLine::default() };
        for (tag, column) in &tags {
            let text = table.text(row, *column);
            if !is_missing(text) {
                line.tags.insert((*tag).to_owned(), text.to_owned());
            }
        }
        match earned {
            Some(earned) if current > 0.0 && earned > 0.0 => {
                line.max = Some(2.0 * current);
                line.curve = Some((
                    CurveSpec::MichaelisMenten { ceiling: 2.0 * earned, half_saturation: current },
                    outcome,
                ));
                line.remarks.push(format!("judgement: {current} earned {earned} last period"));
            }
            _ => {
                line.out = true;
                line.remarks.push(
                    "no curve can be drawn through no spend or no outcome: write one, for example".to_owned(),
                );
                line.remarks.push(
                    "curve = { family = \"michaelis_menten\", ceiling = 200_000, half_saturation = 50_000 }"
                        .to_owned(),
                );
                line.remarks.push("outcome = \"revenue\"".to_owned());
            }
        }
        draft.lines.push(line);
    }
    if draft.lines.iter().all(|l| l.out) {
        draft.remarks.push(
            "No line has both spend and revenue: every line needs a curve before this can run.".to_owned(),
        );
    }
    if customers.is_some() {
        draft.goal = "customers".to_owned();
    }
    let total: f64 = draft.lines.iter().filter(|l| !l.out).map(|l| l.current).sum();
    draft.budget = Some(total);
    draft.budget_remark = Some("what was spent; the plan moves it between the lines".to_owned());
    let title = table.source.skipped.iter().find(|s| s.why == Why::Above).map(|s| s.text.clone());
    draft.name = title.clone().unwrap_or_else(|| stem.to_owned());
    let (horizon, remark) = horizon(&format!("{} {} {stem}", header[spend], title.unwrap_or_default()));
    draft.horizon = Some(horizon);
    draft.horizon_remark = Some(remark);
    let what = if customers.is_some() { "customers" } else { "revenue" };
    let earned = revenue.or(customers).map_or(String::new(), |c| format!(" and `{}` for {what}", header[c]));
    let kept = || draft.lines.iter().filter(|l| !l.out);
    let said: f64 = kept().filter_map(|l| said.get(&l.name)).sum();
    let today: f64 = kept().filter_map(|l| Some(l.curve.as_ref()?.0.made(0.0).ok()?.value(l.current))).sum();
    let out = draft.lines.iter().filter(|l| l.out);
    let (left, money) = out.fold((0, 0.0), |(n, m), l| (n + 1, m + l.current));
    draft.remarks.push(format!(
        "By the sheet these lines spent {total:.2} and earned {said:.2}; by the curves today earns {today:.2}{}.",
        if left > 0 { format!(" ({left} lines that spent {money:.2} are kept out)") } else { String::new() }
    ));
    let mut top = vec![
        format!("Made from a spreadsheet: `{}` taken for the line, `{}` for spend{earned}.", header[name], header[spend]),
        "Every curve is a JUDGEMENT drawn through last period's point: V x / (k + x) with k = spend and".to_owned(),
        "V = twice the revenue, so that the next unit of money earns half of what the average unit does,".to_owned(),
        "and all revenue that the sheet credits to a line is taken to be caused by it. Lower `ceiling` where".to_owned(),
        "sales would have come anyway; lower `half_saturation` and `ceiling` together where a line is saturated.".to_owned(),
        "`max` is twice last period's spend: a judgement does not reach further.".to_owned(),
    ];
    top.append(&mut draft.remarks);
    draft.remarks = top;
    Ok((draft, table))
}

/// The column of names: known by its heading, or the first of texts that all
/// differ.
fn named(table: &Table, spend: usize) -> Option<usize> {
    let header = &table.header;
    let known = LINE.iter().find_map(|name| header.iter().position(|h| plain(h) == *name));
    let distinct = |c: &usize| {
        let cells = table.cells(*c);
        let mut sorted: Vec<&&str> = cells.iter().filter(|t| !is_missing(t)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.len() == cells.len() && (0..cells.len()).all(|r| table.value(r, *c).is_none())
    };
    known.or_else(|| (0..header.len()).filter(|c| *c != spend).find(distinct))
}

type Horizon = (Option<String>, String, u32);

/// What a heading or a title says that the spends cover.
fn horizon(text: &str) -> (Horizon, String) {
    let all = words(text);
    let has = |list: &[&str]| all.iter().any(|w| list.contains(&w.as_str()));
    let weeks = |n: u32, why: &str| ((None, "week".to_owned(), n), why.to_owned());
    if has(&["q1", "q2", "q3", "q4", "quarter", "quarterly"]) {
        weeks(13, "a quarter, as the heading says")
    } else if has(&["year", "annual", "yearly", "fy"]) {
        weeks(52, "a year, as the heading says")
    } else if has(&["weekly"]) {
        weeks(1, "a week, as the heading says")
    } else if has(&[
        "month",
        "monthly",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]) {
        ((None, "month".to_owned(), 1), "a month, as the heading says".to_owned())
    } else {
        weeks(13, "ASSUMED: the sheet does not say what its spends cover; a quarter is taken")
    }
}
