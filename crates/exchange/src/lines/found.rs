//! Which column of a spreadsheet of lines holds what.

use outlay_scenario::spec::Outcome;
use outlay_table::{CellReason, Table, is_date, is_missing, plain};

use super::heading::{Role, period, role, scale};
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
    /// Last period's revenue, or what else it returned: customers, a return on
    /// spend, or a cost per customer.
    pub revenue: Option<String>,
}

/// The columns of a spreadsheet by what they hold.
pub(super) struct Found {
    /// The lines' names.
    pub(super) name: usize,
    /// What was spent: one column, or one for every period.
    pub(super) spend: Vec<usize>,
    /// The unit of time of several.
    pub(super) unit: Option<&'static str>,
    /// What that earned.
    pub(super) earned: Option<Earned>,
    /// Customers beside money.
    pub(super) customers: Option<usize>,
    /// Least spend.
    pub(super) min: Option<usize>,
    /// Largest spend.
    pub(super) max: Option<usize>,
    /// Tags by name.
    pub(super) tags: Vec<(String, usize)>,
    /// Columns that nothing is taken from.
    pub(super) unused: Vec<usize>,
}

/// Where last period's outcome stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Earned {
    /// Money.
    Money(usize),
    /// Customers.
    Count(usize),
    /// Money per unit of spend.
    Return(usize),
    /// Spend per customer.
    CostPer(usize),
}

impl Earned {
    pub(super) fn column(self) -> usize {
        match self {
            Earned::Money(c) | Earned::Count(c) | Earned::Return(c) | Earned::CostPer(c) => c,
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Earned::Money(_) | Earned::Return(_) => Outcome::Revenue,
            Earned::Count(_) | Earned::CostPer(_) => Outcome::Customers,
        }
    }

    /// What the spend of a row earned; 0 where the cell is empty.
    pub(super) fn read(self, table: &Table, row: usize, spend: f64) -> Result<f64, DraftError> {
        let column = self.column();
        if is_missing(table.text(row, column)) {
            return Ok(0.0);
        }
        let figure = || Ok::<_, DraftError>(amount(table, row, column)?.unwrap_or(0.0));
        Ok(match self {
            Earned::Money(_) | Earned::Count(_) => figure()?,
            // `310%` is a return of 3.1.
            Earned::Return(_) => {
                let times = table.value(row, column).filter(|times| *times >= 0.0);
                spend * times.ok_or_else(|| table.wrong(row, column))?
            }
            Earned::CostPer(_) => match figure()? {
                0.0 => 0.0,
                each => spend / each,
            },
        })
    }
}

/// An amount of at least 0, in single units whatever the heading counts in;
/// nothing where the cell is empty.
pub(super) fn amount(table: &Table, row: usize, column: usize) -> Result<Option<f64>, DraftError> {
    let text = table.text(row, column);
    if is_missing(text) {
        return Ok(None);
    }
    let (value, times) = (table.amount(row, column)?, scale(&table.header[column]));
    if times != 1.0 && text.ends_with(['k', 'K', 'm', 'M']) {
        let allowed = "a plain number, since the heading says thousands or millions";
        return Err(table.cell_error(row, column, CellReason::OutOfRange(allowed)).into());
    }
    Ok(Some(value * times))
}

/// Finds the columns; what could be two things is asked.
pub(super) fn found(table: &Table, columns: &Columns) -> Result<Found, DraftError> {
    let header = &table.header;
    let roles: Vec<Role> = header.iter().map(|h| role(h)).collect();
    let chosen = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => match table.find(name, &[]) {
            Some(found) => Ok(Some(found)),
            None => Err(DraftError::NoColumn { name: name.clone(), columns: header.clone() }),
        },
    };
    let all = |wanted: Role| (0..header.len()).filter(move |&c| roles[c] == wanted);
    let one = |what: &'static str, option: Option<&'static str>, wanted: Role| {
        let found: Vec<usize> = all.clone()(wanted).collect();
        match (found.as_slice(), option) {
            ([], _) => Ok(None),
            ([one], _) => Ok(Some(*one)),
            (several, _) => Err(DraftError::Several {
                what,
                option,
                names: several.iter().map(|&c| header[c].clone()).collect(),
            }),
        }
    };
    let single = chosen(&columns.spend)?
        .map(Ok)
        .or_else(|| one("the spend", Some("--spend"), Role::Spend).transpose());
    let (spend, unit) = match single.transpose()? {
        Some(column) => (vec![column], None),
        None => periods(header).ok_or_else(|| DraftError::NoSpend { columns: header.clone() })?,
    };
    let revenue = match chosen(&columns.revenue)? {
        Some(c) => Some(match role(&header[c]) {
            Role::Count => Earned::Count(c),
            Role::Return => Earned::Return(c),
            Role::CostPer => Earned::CostPer(c),
            _ => Earned::Money(c),
        }),
        None => one("the revenue", Some("--revenue"), Role::Money)?.map(Earned::Money),
    };
    let (earned, customers) = match revenue {
        Some(Earned::Money(c)) => {
            // Only one column of customers says how many they are.
            let counts: Vec<usize> = all.clone()(Role::Count).filter(|&other| other != c).collect();
            (revenue, counts.first().copied().filter(|_| counts.len() == 1))
        }
        Some(other) => (Some(other), None),
        None => {
            let count = one("the customers", Some("--revenue"), Role::Count)?.map(Earned::Count);
            let first = |role: Role| all.clone()(role).next();
            let derived = || {
                first(Role::Return).map(Earned::Return).or_else(|| first(Role::CostPer).map(Earned::CostPer))
            };
            (count.or_else(derived), None)
        }
    };
    let others = [earned.map(Earned::column), customers].into_iter().flatten();
    let taken: Vec<usize> = spend.iter().copied().chain(others).collect();
    let name = match chosen(&columns.line)? {
        Some(c) => c,
        None => named(table, &taken).ok_or_else(|| DraftError::NoLine { columns: header.clone() })?,
    };
    let (min, max) = (one("the least spend", None, Role::Min)?, one("the largest spend", None, Role::Max)?);
    let (tags, unused) = (Vec::new(), Vec::new());
    let mut found = Found { name, spend, unit, earned, customers, min, max, tags, unused };
    for (column, heading) in header.iter().enumerate() {
        let known = [Some(name), min, max].contains(&Some(column)) || taken.contains(&column);
        if known || heading.is_empty() || table.cells(column).iter().all(|t| is_missing(t)) {
            continue;
        }
        match role(heading) {
            Role::Tag(tag) if found.tags.iter().all(|(known, _)| known != tag) => {
                found.tags.push((tag.to_owned(), column));
            }
            Role::Own | Role::Tag(_) | Role::Line { .. } if groups(table, column) => {
                found.tags.push((heading.clone(), column));
            }
            _ => found.unused.push(column),
        }
    }
    Ok(found)
}

/// Columns headed by periods of one kind, where there are two or more.
pub(super) fn periods(header: &[String]) -> Option<(Vec<usize>, Option<&'static str>)> {
    let units: Vec<Option<&str>> = header.iter().map(|h| period(h)).collect();
    let unit = units.iter().flatten().next().copied()?;
    let columns: Vec<usize> = (0..header.len()).filter(|&c| units[c].is_some()).collect();
    let alike = columns.len() > 1 && columns.iter().all(|&c| units[c] == Some(unit));
    alike.then_some((columns, Some(unit)))
}

/// The column of names: known by its heading, or the first of texts that all
/// differ and are no tag, or of a tag.
fn named(table: &Table, taken: &[usize]) -> Option<usize> {
    let free: Vec<usize> = (0..table.header.len()).filter(|c| !taken.contains(c)).collect();
    let rank = |c: usize| match role(&table.header[c]) {
        Role::Line { rank } => Some(rank),
        _ => None,
    };
    let known = free.iter().copied().filter(|&c| rank(c).is_some()).min_by_key(|&c| rank(c));
    let distinct = |c: &usize| {
        let mut cells = table.cells(*c);
        cells.sort_unstable();
        let differ = cells.windows(2).all(|pair| pair[0] != pair[1]);
        differ && texts(table, *c) && cells.iter().all(|t| !is_missing(t))
    };
    let own = |c: &usize| role(&table.header[*c]) == Role::Own;
    let tag = |c: &usize| matches!(role(&table.header[*c]), Role::Tag(_));
    let first = |fits: &dyn Fn(&usize) -> bool| free.iter().copied().find(|c| fits(c) && distinct(c));
    known.or_else(|| first(&own)).or_else(|| first(&tag))
}

/// Whether a column's texts sort the lines into groups.
fn groups(table: &Table, column: usize) -> bool {
    let mut cells: Vec<&str> = table.cells(column).into_iter().filter(|t| !is_missing(t)).collect();
    cells.sort_unstable();
    let repeats = cells.windows(2).any(|pair| pair[0] == pair[1]);
    repeats && texts(table, column) && plain(&table.header[column]) != "id"
}

/// Whether a column holds neither numbers nor dates.
fn texts(table: &Table, column: usize) -> bool {
    (0..table.rows.len()).all(|row| table.value(row, column).is_none() && !is_date(table.text(row, column)))
}
