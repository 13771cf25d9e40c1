//! A plan someone made by hand: a table of `line` and `spend`, as CSV or Excel.

use std::collections::HashSet;
use std::path::PathBuf;

use outlay_table::{Address, Decimal, Table, TableError, Wanted, number, plain, undefused};
use thiserror::Error;

use crate::files::data::Data;
use crate::files::diagnostic::nearest;
use crate::model::calendar::periods;
use crate::model::names::{LineNames, is_named};
use crate::model::scenario::Scenario;
use crate::read::period_column::{NAMES, PeriodColumn};
use crate::read::scale::{Scaled, scaled};

/// Why a plan cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// There is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// No table with the two columns.
    #[error("no columns `line` and `spend` (or `share` of the budget); found: {}", found.join(", "))]
    NoColumns {
        /// The first row.
        found: Vec<String>,
    },
    /// A line the scenario does not have.
    #[error("row {row}: unknown line `{name}`{}", nearest.as_ref().map_or(String::new(), |n| format!("; did you mean `{n}`?")))]
    UnknownLine {
        /// Row of the file, from 1.
        row: usize,
        /// As written.
        name: String,
        /// The line that looks most like it.
        nearest: Option<String>,
    },
    /// A line twice: in one period, or by period and for the whole horizon.
    #[error("row {row}: line `{name}` has a row already{}", period.as_ref().map_or(String::new(), |p| format!(" for {p}")))]
    Twice {
        /// Row of the file, from 1.
        row: usize,
        /// The line.
        name: String,
        /// The period, where rows are by period.
        period: Option<String>,
    },
    /// A period that the plan does not have.
    #[error("row {row}, column `{column}`: unknown period `{found}`; the scenario has {allowed}")]
    Period {
        /// Row of the file, from 1.
        row: usize,
        /// As the heading has it.
        column: String,
        /// As written.
        found: String,
        /// The scenario's periods.
        allowed: String,
    },
    /// A spend that is none.
    #[error("row {row}, column `{column}`: `{text}` is not an amount of at least 0")]
    NotAnAmount {
        /// Row of the file, from 1.
        row: usize,
        /// As the heading has it.
        column: String,
        /// As written.
        text: String,
    },
    /// A share that is none.
    #[error("row {row}, column `{column}`: `{text}` is not a share of the budget, such as 0.25 or 25%")]
    NotAShare {
        /// Row of the file, from 1.
        row: usize,
        /// As the heading has it.
        column: String,
        /// As written.
        text: String,
    },
    /// Shares of a budget that is not stated.
    #[error(
        "column `{column}`: shares need a budget, and the scenario states none; give it `budget.max` (`--set budget.max=...`), or amounts in a column `spend`"
    )]
    NoBudget {
        /// As the heading has it.
        column: String,
    },
    /// Lines without a row: 0 is never assumed.
    #[error("no row for {}: write 0 for a line that is off", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))]
    Missing {
        /// The lines.
        names: Vec<String>,
    },
    /// Amounts in another unit than the scenario's.
    #[error(
        "column `{column}`: {found} for `{line}`, which has {expected} in the scenario, and most other lines say nothing else: are the amounts {unit}? Write them in the scenario's unit; where so little or so much is meant, call the column `spend as meant`"
    )]
    Scale {
        /// As the heading has it.
        column: String,
        /// A line in the middle.
        line: String,
        /// As written.
        found: f64,
        /// What the scenario has for it.
        expected: f64,
        /// The likely unit, in words.
        unit: &'static str,
    },
    /// Several scenarios in one file, none of them this one.
    #[error("it has plans of other scenarios only: {}", scenarios.join(", "))]
    OtherScenarios {
        /// Their names.
        scenarios: Vec<String>,
    },
}

impl PlanError {
    /// Where in the file it is, if it is in one row.
    pub fn address(&self) -> Option<Address<'_>> {
        match self {
            PlanError::Table(error) => error.address(),
            PlanError::UnknownLine { row, .. } | PlanError::Twice { row, .. } => Some(Address::row(*row)),
            PlanError::NotAnAmount { row, column, .. }
            | PlanError::NotAShare { row, column, .. }
            | PlanError::Period { row, column, .. } => Some(Address::cell(*row, column)),
            _ => None,
        }
    }
}

/// A plan as read.
#[derive(Debug, Clone, PartialEq)]
pub struct HandPlan {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// Spend of every line, in the scenario's order.
    pub spends: Vec<f64>,
    /// For a plan by period: the spend of every line in every period. Evenly,
    /// where the file has one spend a line.
    pub flights: Vec<Vec<f64>>,
}

/// Reads a plan for a scenario. Columns are known by their words, or by names
/// that people give them, like `Line item` and `Budget`. Without a column of amounts
/// one of shares will do: parts of the scenario's budget, fees included. Further
/// columns are left alone, but with a column `scenario` only the rows of this scenario count. With a column `period`
/// a line may have a row for each: where the scenario plans by period these are
/// its flight (a period without a row spends nothing), otherwise they are added
/// up. A row of totals below the lines is left out.
///
/// # Errors
/// Everything that would have to be guessed.
pub fn read_plan(data: &Data, scenario: &Scenario) -> Result<HandPlan, PlanError> {
    let names = LineNames::new(scenario);
    let known = |name: &str| names.find(name).is_some();
    let amounts = |header: &[String]| spend_column(header).or_else(|| share_column(header));
    let fits = |header: &[String]| line_column(header).is_some() && amounts(header).is_some();
    let wanted = Wanted { known: &known, fits: &fits, ..Wanted::default() };
    let table = data.table(&wanted)?;
    let (Some(line), Some(spend)) = (line_column(&table.header), amounts(&table.header)) else {
        return Err(PlanError::NoColumns { found: table.header });
    };
    let scenarios = at(&table.header, "scenario");
    let period = at(&table.header, "period").or_else(|| NAMES.iter().find_map(|n| at(&table.header, n)));
    let metric = metric(&table.header);
    let shared = spend_column(&table.header).is_none().then(|| Shares::new(&table, spend, scenario));
    let shared = shared.transpose()?;
    let plan = Plan { table: &table, line, spend, shared, scenario: scenarios, period, metric };
    let flights = plan.flights(scenario)?;
    let spends: Vec<f64> = flights.iter().map(|flight| flight.iter().sum()).collect();
    let column = &table.header[spend];
    if plain(column) != AS_MEANT
        && plan.shared.is_none()
        && let Some(Scaled { line, found, expected, unit }) = scaled(scenario, &spends)
    {
        return Err(PlanError::Scale { column: column.clone(), line, found, expected, unit });
    }
    let flights = if scenario.calendar.is_some() { flights } else { Vec::new() };
    Ok(HandPlan { path: data.path().to_owned(), sha256: data.input().sha256, spends, flights })
}

/// A column of amounts that are in the scenario's unit, however they look.
const AS_MEANT: &str = "spend as meant";

/// Names that people give columns of their own making, after ours.
const LINES: [&str; 6] = ["line", "line item", "line name", "campaign", "campaign name", "name"];
const SPENDS: [&str; 6] = ["spend", AS_MEANT, "planned spend", "media spend", "budget", "amount"];

const SHARES: [&str; 6] =
    ["share", "spend share", "share of budget", "share of spend", "split", "allocation"];

/// The column of a name, by its words: `Spend (USD)` is `spend`.
fn at(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|c| plain(c) == name)
}

fn spend_column(header: &[String]) -> Option<usize> {
    SPENDS.iter().find_map(|name| at(header, name))
}

fn share_column(header: &[String]) -> Option<usize> {
    SHARES.iter().find_map(|name| at(header, name))
}

/// A budget that is given by shares of it.
struct Shares {
    budget: f64,
    /// What a share without a percent sign is a share of: 1, or 100 where one is
    /// above 1.
    whole: f64,
}

impl Shares {
    fn new(table: &Table, column: usize, scenario: &Scenario) -> Result<Self, PlanError> {
        let stated = scenario.budget.as_ref();
        let budget = stated.and_then(|b| Some(b.exact.or(b.max)? - b.spent_outside()));
        let budget = budget.ok_or_else(|| PlanError::NoBudget { column: table.header[column].clone() })?;
        let plain = (0..table.rows.len()).filter_map(|at| number(table.text(at, column), Decimal::Either));
        Ok(Shares {
            budget: budget.max(0.0),
            whole: if plain.fold(0.0, f64::max) > 1.0 { 100.0 } else { 1.0 },
        })
    }

    /// What a line of this fee spends for its share.
    fn amount(&self, text: &str, fee: f64) -> Option<f64> {
        let share = match text.trim().strip_suffix('%') {
            Some(percent) => number(percent, Decimal::Either)? / 100.0,
            None => number(text, Decimal::Either)? / self.whole,
        };
        (share >= 0.0).then(|| share * self.budget / (1.0 + fee))
    }
}

/// The column of the lines' names: `line`, or `channel` in the results of
/// Meridian's optimizer.
fn line_column(header: &[String]) -> Option<usize> {
    LINES.iter().find_map(|name| at(header, name)).or_else(|| metric(header).and(at(header, "channel")))
}

/// Meridian writes a row for the mean, the median and the ends of an interval.
fn metric(header: &[String]) -> Option<usize> {
    at(header, "incremental outcome").and(at(header, "metric"))
}

/// A table with the columns that matter.
struct Plan<'a> {
    table: &'a Table,
    line: usize,
    spend: usize,
    /// Where the amounts are shares.
    shared: Option<Shares>,
    scenario: Option<usize>,
    /// Of a plan with a row a line and period, like a buy sheet.
    period: Option<usize>,
    /// Where rows are told apart that mean the same plan.
    metric: Option<usize>,
}

impl Plan<'_> {
    fn amount(&self, at: usize, fee: f64) -> Result<f64, PlanError> {
        let text = self.table.text(at, self.spend);
        let found = match &self.shared {
            Some(shares) => shares.amount(text, fee),
            None => number(text, Decimal::Either).filter(|x| *x >= 0.0),
        };
        let (row, column) = (self.table.number_of(at), self.table.header[self.spend].clone());
        found.ok_or_else(|| match &self.shared {
            Some(_) => PlanError::NotAShare { row, column, text: text.to_owned() },
            None => PlanError::NotAnAmount { row, column, text: text.to_owned() },
        })
    }

    /// What every line spends in every period, or in all.
    fn flights(&self, scenario: &Scenario) -> Result<Vec<Vec<f64>>, PlanError> {
        let count = scenario.calendar.as_ref().map_or(1, |calendar| calendar.periods.len());
        let horizon = scenario.calendar.as_ref().and(scenario.horizon.as_ref());
        let periods = PeriodColumn::new(self.table, self.period.filter(|_| count > 1), periods(horizon));
        let mut flights: Vec<Option<Vec<f64>>> = vec![None; scenario.lines.len()];
        let mut others: Vec<String> = Vec::new();
        let names = LineNames::new(scenario);
        let mut own = false;
        let (mut seen, mut wholes) = (HashSet::new(), HashSet::new());
        for at in 0..self.table.rows.len() {
            let text = |column: usize| self.table.text(at, column);
            if self.metric.is_some_and(|c| text(c) != "mean") {
                continue;
            }
            let name = undefused(text(self.line));
            if let Some(of) = self.scenario.map(text).filter(|of| !is_named(of, &scenario.name)) {
                let of = undefused(of);
                if !of.is_empty() && !others.iter().any(|o| o == of) {
                    others.push(of.to_owned());
                }
                continue;
            }
            let found = names.find(text(self.line));
            if found.is_none() && name.is_empty() {
                continue;
            }
            own = true;
            let row = self.table.number_of(at);
            let Some(i) = found else {
                let nearest = nearest(name, scenario.lines.iter().map(|l| l.name.as_str()));
                return Err(PlanError::UnknownLine { row, name: name.to_owned(), nearest });
            };
            let period = self.period.map_or("", text);
            let named = periods.find(at);
            let t = named.map_err(|(found, allowed)| {
                let column = self.period.map_or_else(String::new, |c| self.table.header[c].clone());
                PlanError::Period { row, column, found, allowed }
            })?;
            // In a plan in total any text tells rows of a line apart.
            let key = t.map_or_else(|| period.to_owned(), |t| periods.periods()[t].name.clone());
            let whole = key.is_empty();
            if wholes.contains(&i) || (whole && flights[i].is_some()) || !seen.insert((i, key.clone())) {
                let period = Some(key).filter(|_| !whole);
                return Err(PlanError::Twice { row, name: name.to_owned(), period });
            }
            if whole {
                wholes.insert(i);
            }
            let amount = self.amount(at, scenario.lines[i].fee)?;
            let flight = flights[i].get_or_insert_with(|| vec![0.0; count]);
            match t {
                Some(t) => flight[t] = amount,
                None => flight.iter_mut().for_each(|x| *x += amount / count as f64),
            }
        }
        if !own && !others.is_empty() {
            return Err(PlanError::OtherScenarios { scenarios: others });
        }
        let without = scenario.lines.iter().zip(&flights).filter(|(_, flight)| flight.is_none());
        let missing: Vec<String> = without.map(|(line, _)| line.name.clone()).collect();
        if missing.is_empty() {
            Ok(flights.into_iter().flatten().collect())
        } else {
            Err(PlanError::Missing { names: missing })
        }
    }
}
