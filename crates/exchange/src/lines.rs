//! A planner's spreadsheet of lines, as a scenario.
//!
//! A line that spent s and earned R last period gets the curve
//! V x / (k + x) through that point at which the next unit earns half of the
//! average: k = s, V = 2 R. It is a judgement, and says so.

mod found;
mod heading;
mod horizon;

use indexmap::IndexMap;
use outlay_scenario::spec::{CurveSpec, Outcome};
use outlay_table::{Table, Wanted, Why, is_missing, plain};

use crate::draft::{Draft, DraftLine};
use crate::error::DraftError;
pub use found::Columns;
use found::{Earned, Found, amount, found, periods};
use heading::{Role, role, scale};
use horizon::{covered, horizon};

/// Whether a heading is one of a spreadsheet of lines.
pub fn is_lines(header: &[String]) -> bool {
    const DATES: [&str; 9] = ["date", "week", "day", "month", "ds", "datum", "woche", "monat", "tag"];
    let dated = header.iter().any(|h| DATES.contains(&plain(h).as_str()));
    header.len() > 1 && (header.iter().any(|h| role(h) == Role::Spend) || periods(header).is_some()) && !dated
}

/// Reads a spreadsheet of lines.
///
/// # Errors
/// What cannot be understood, with its place.
pub fn lines(bytes: &[u8], stem: &str, columns: &Columns) -> Result<(Draft, Table), DraftError> {
    let wanted = Wanted { sheet: columns.sheet.as_deref(), fits: &is_lines, ..Wanted::default() };
    let table = Table::from_bytes(bytes, &wanted)?;
    let found = found(&table, columns)?;
    let counted = found.earned.map(Earned::outcome) == Some(Outcome::Customers);
    let goal = if counted { "customers" } else { "revenue" };
    let mut draft = Draft { goal: goal.to_owned(), ..Draft::default() };
    let earned = found.earned.filter(|e| matches!(e, Earned::Money(_) | Earned::CostPer(_)));
    let money = [found.min, found.max, earned.map(Earned::column)].into_iter().flatten();
    let currency = table.currency(&found.spend.iter().copied().chain(money).collect::<Vec<_>>())?;
    draft.currency =
        currency.map(|c| if c == "$" { "USD".to_owned() } else { c.to_owned() }).filter(|c| c.len() == 3);
    let mut seen: IndexMap<String, usize> = IndexMap::new();
    for row in 0..table.rows.len() {
        let line = line(&table, row, &found)?;
        let number = table.number_of(row);
        if let Some(first) = seen.insert(line.name.clone(), number) {
            return Err(DraftError::Twice { row: number, first, name: line.name });
        }
        draft.lines.push(line);
    }
    let none = draft.lines.iter().all(|l| l.out);
    draft.budget = Some(spent(draft.lines.iter().filter(|l| none || !l.out)));
    draft.budget_remark = Some("what was spent; the plan moves it between the lines".to_owned());
    let title = table.source.skipped.iter().find(|s| s.why == Why::Above).map(|s| s.text.clone());
    draft.name = title.clone().unwrap_or_else(|| stem.to_owned());
    let heading = &table.header[found.spend[0]];
    let (horizon, remark) = match found.unit {
        Some(unit) => covered(found.spend.len(), unit),
        None => horizon(&format!("{heading} {} {stem}", title.unwrap_or_default())),
    };
    draft.horizon = Some(horizon);
    draft.horizon_remark = Some(remark);
    draft.remarks = remarks(&table, &found, &draft);
    Ok((draft, table))
}

/// One row as a line.
fn line(table: &Table, row: usize, found: &Found) -> Result<DraftLine, DraftError> {
    let name = table.text(row, found.name);
    if is_missing(name) {
        return Err(table.wrong(row, found.name).into());
    }
    let figure =
        |column: Option<usize>| column.map_or(Ok::<_, DraftError>(None), |column| amount(table, row, column));
    let mut current = 0.0;
    for &column in &found.spend {
        current += figure(Some(column))?.unwrap_or(0.0);
    }
    let mut line = DraftLine { name: name.to_owned(), current, ..DraftLine::default() };
    (line.min, line.max) = (figure(found.min)?.filter(|m| *m > 0.0), figure(found.max)?);
    for (tag, column) in &found.tags {
        let text = table.text(row, *column);
        if !is_missing(text) {
            line.tags.insert(tag.clone(), text.to_owned());
        }
    }
    let earned = found.earned.map(|e| Ok::<_, DraftError>((e.read(table, row, current)?, e.outcome())));
    match earned.transpose()? {
        Some((earned, outcome)) if current > 0.0 && earned > 0.0 => {
            line.max = line.max.or(Some((2.0 * current).max(line.min.unwrap_or(0.0))));
            let curve = CurveSpec::MichaelisMenten { ceiling: 2.0 * earned, half_saturation: current };
            line.curve = Some((curve, outcome));
            line.judgement = Some("through last period's spend and outcome".to_owned());
            line.reported = Some(earned);
            let customers = figure(found.customers)?.filter(|n| *n > 0.0);
            line.revenue_per_customer = customers.map(|n| earned / n);
            line.remarks.push(format!("judgement: {current} earned {earned} last period"));
        }
        _ => {
            line.out = true;
            let remark = "no curve can be drawn through no spend or no outcome: write one, for example";
            let curve =
                "curve = { family = \"michaelis_menten\", ceiling = 200_000, half_saturation = 50_000 }";
            line.remarks.extend([remark, curve, "outcome = \"revenue\""].map(str::to_owned));
        }
    }
    Ok(line)
}

/// What a reader of the scenario should know.
fn remarks(table: &Table, found: &Found, draft: &Draft) -> Vec<String> {
    let heading = |c: usize| format!("`{}`", table.header[c]);
    let earned = found.earned.map_or(String::new(), |e| {
        let what = match e {
            Earned::Money(_) => "revenue",
            Earned::Count(_) => "customers",
            Earned::Return(_) => "revenue per unit of spend",
            Earned::CostPer(_) => "spend per customer",
        };
        format!(" and {} for {what}", heading(e.column()))
    });
    let spend = match found.spend.as_slice() {
        [first, .., last] => format!("{} to {}, added up,", heading(*first), heading(*last)),
        all => all.iter().map(|c| heading(*c)).collect(),
    };
    let mut remarks = vec![format!(
        "Made from a spreadsheet: {} taken for the line, {spend} for spend{earned}.",
        heading(found.name)
    )];
    let others = [(found.customers, "customers"), (found.min, "`spend.min`"), (found.max, "`spend.max`")];
    let mut taken: Vec<String> =
        others.iter().filter_map(|(c, what)| Some(format!("{} for {what}", heading((*c)?)))).collect();
    taken.extend(found.tags.iter().map(|(tag, c)| format!("{} for the tag `{tag}`", heading(*c))));
    if !taken.is_empty() {
        remarks.push(format!("Taken too: {}.", taken.join(", ")));
    }
    let read =
        [found.earned.map(Earned::column), found.customers, found.min, found.max].into_iter().flatten();
    let scaled = found.spend.iter().copied().chain(read).filter(|&c| scale(&table.header[c]) != 1.0);
    let scaled: Vec<String> = scaled
        .map(|c| {
            format!(
                "{} by {}",
                heading(c),
                if scale(&table.header[c]) == 1e3 { "1,000" } else { "1,000,000" }
            )
        })
        .collect();
    if !scaled.is_empty() {
        remarks.push(format!("Multiplied, as the headings say: {}.", scaled.join(", ")));
    }
    if !found.unused.is_empty() {
        let unused: Vec<String> = found.unused.iter().map(|&c| heading(c)).collect();
        remarks.push(format!("Not used: {}.", unused.join(", ")));
    }
    if draft.lines.iter().all(|l| l.out) {
        let how = if found.earned.is_none() {
            "; if a column says what was earned, name it with --revenue"
        } else {
            ""
        };
        remarks.push(format!(
            "No line has both spend and revenue: every line needs a curve before this can run{how}."
        ));
        return remarks;
    }
    remarks.extend(
        [
            "Every curve is a JUDGEMENT drawn through last period's point: V x / (k + x) with k = spend and",
            "V = twice the revenue, so that the next unit of money earns half of what the average unit does,",
            "and all revenue that the sheet credits to a line is taken to be caused by it. Lower `ceiling` where",
            "sales would have come anyway; lower `half_saturation` and `ceiling` together where a line is saturated.",
            "`reported` keeps what the sheet said: every run sets it beside what the curves say.",
            if found.max.is_some() {
                "`max`, where the sheet has none, is twice last period's spend: a judgement does not reach further."
            } else {
                "`max` is twice last period's spend: a judgement does not reach further."
            },
        ]
        .map(str::to_owned),
    );
    let kept = || draft.lines.iter().filter(|l| !l.out);
    let (total, said) = (spent(kept()), kept().filter_map(|l| l.reported).fold(0.0, |sum, r| sum + r));
    let value = |l: &DraftLine| Some(l.curve.as_ref()?.0.made(0.0).ok()?.value(l.current));
    let today = kept().filter_map(value).fold(0.0, |sum, v| sum + v);
    let out = || draft.lines.iter().filter(|l| l.out);
    let left = match out().count() {
        0 => String::new(),
        1 => format!(" (one line that spent {:.2} is kept out)", spent(out())),
        n => format!(" ({n} lines that spent {:.2} are kept out)", spent(out())),
    };
    remarks.push(format!(
        "By the sheet these lines spent {total:.2} and earned {said:.2}; by the curves today earns {today:.2}{left}."
    ));
    remarks
}

/// What lines spent.
fn spent<'a>(lines: impl Iterator<Item = &'a DraftLine>) -> f64 {
    lines.fold(0.0, |sum, line| sum + line.current)
}
