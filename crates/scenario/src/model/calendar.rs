//! The periods of a horizon, by name.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::files::diagnostic::Issue;
use crate::files::spec::{HorizonSpec, PlanBy};

/// One period of a horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// What it is called: its first day, or its number from 1.
    pub name: String,
    /// First day, where the horizon has a start.
    pub start: Option<String>,
    /// Last day.
    pub end: Option<String>,
}

/// The periods of a horizon, in order; a scenario without one is a single
/// period.
pub fn periods(horizon: Option<&HorizonSpec>) -> Vec<Period> {
    let count = horizon.map_or(1, |h| h.periods.max(1));
    let numbered = || (1..=count).map(|n| Period { name: n.to_string(), start: None, end: None }).collect();
    horizon.and_then(|h| starts(h).ok().flatten()).map_or_else(numbered, |starts| dated(&starts))
}

/// Most periods that can be planned one by one.
pub(crate) const MOST_PERIODS: u32 = 400;

/// A horizon that is planned by period.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// The periods, all with dates.
    pub periods: Vec<Period>,
    /// Response of the same stock in each period, 1 being usual.
    pub demand: Vec<f64>,
    /// Price of media in each period, 1 being usual.
    pub price: Vec<f64>,
}

/// A field of the horizon and what is wrong with it.
pub(crate) type Wrong = (&'static str, Issue);

impl Calendar {
    /// The calendar of a horizon planned by period; `None` for any other.
    pub(crate) fn of(horizon: Option<&HorizonSpec>) -> Result<Option<Calendar>, Vec<Wrong>> {
        let Some(horizon) = horizon else { return Ok(None) };
        let mut wrong = Vec::new();
        let starts = starts(horizon).unwrap_or_else(|issue| {
            wrong.push(issue);
            None
        });
        let by_period = horizon.plan == Some(PlanBy::ByPeriod);
        let indices = [("demand", &horizon.demand), ("price", &horizon.price)];
        if !by_period {
            for (field, _) in indices.iter().filter(|(_, list)| list.is_some()) {
                wrong.push((field, only_by_period(field)));
            }
            return if wrong.is_empty() { Ok(None) } else { Err(wrong) };
        }
        if horizon.start.is_none() {
            let reason = Some("plan = \"by_period\"".to_owned());
            wrong.push(("start", Issue::missing("horizon.start", reason)));
        }
        if horizon.periods > MOST_PERIODS {
            let allowed = format!("at most {MOST_PERIODS} periods, to plan them one by one");
            wrong.push(("periods", Issue::out_of_range(f64::from(horizon.periods), &allowed)));
        }
        let count = horizon.periods as usize;
        for (field, list) in indices {
            if let Some(issue) = list.as_ref().and_then(|list| wrong_index(list, count)) {
                wrong.push((field, issue));
            }
        }
        match (starts, wrong.is_empty()) {
            (Some(starts), true) => Ok(Some(Calendar {
                periods: dated(&starts),
                demand: horizon.demand.clone().unwrap_or_else(|| vec![1.0; count]),
                price: horizon.price.clone().unwrap_or_else(|| vec![1.0; count]),
            })),
            _ => Err(wrong),
        }
    }

    /// The periods that a text names: a first day, a month like `2026-02`, a
    /// quarter like `2026-Q1`. A period belongs to the month and the quarter of
    /// its first day.
    pub(crate) fn select(&self, text: &str) -> Option<Vec<usize>> {
        let named =
            |p: &Period| p.name == text || month(p) == Some(text) || quarter(p).as_deref() == Some(text);
        let found: Vec<usize> = (0..self.periods.len()).filter(|&t| named(&self.periods[t])).collect();
        (!found.is_empty()).then_some(found)
    }

    /// What a period is called; those after the last one are counted: `+1`.
    pub(crate) fn name(&self, t: usize) -> String {
        let after = || format!("+{}", t + 1 - self.periods.len());
        self.periods.get(t).map_or_else(after, |period| period.name.clone())
    }

    /// Everything that names periods.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.periods.iter().map(|p| p.name.clone()).collect();
        names.extend(self.grouped("month").into_iter().map(|(name, _)| name));
        names.extend(self.grouped("quarter").into_iter().map(|(name, _)| name));
        names
    }

    /// The periods grouped `by` period, month or quarter; none for anything else.
    pub(crate) fn grouped(&self, by: &str) -> Vec<(String, Vec<usize>)> {
        let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
        for (t, period) in self.periods.iter().enumerate() {
            let name = match by {
                "period" => Some(period.name.clone()),
                "month" => month(period).map(str::to_owned),
                "quarter" => quarter(period),
                _ => None,
            };
            let Some(name) = name else { continue };
            match groups.last_mut() {
                Some((last, members)) if *last == name => members.push(t),
                _ => groups.push((name, vec![t])),
            }
        }
        groups
    }
}

/// What a field that only plans by period have is told elsewhere.
pub(crate) fn only_by_period(field: &str) -> Issue {
    let reason = "it needs a horizon with plan = \"by_period\"".to_owned();
    Issue::NotAllowed { field: field.to_owned(), with: "plan = \"total\"".to_owned(), reason }
}

/// What is wrong with a list of one index per period.
pub(crate) fn wrong_index(list: &[f64], count: usize) -> Option<Issue> {
    if list.len() != count {
        let allowed = format!("the number of periods, {count}: one number for each");
        return Some(Issue::out_of_range(list.len() as f64, &allowed));
    }
    list.iter().find(|x| !(x.is_finite() && **x > 0.0)).map(|&x| Issue::out_of_range(x, "above 0"))
}

fn month(period: &Period) -> Option<&str> {
    period.start.as_deref().and_then(|s| s.get(..7))
}

fn quarter(period: &Period) -> Option<String> {
    let start = period.start.as_deref()?;
    let month: u32 = start.get(5..7)?.parse().ok()?;
    Some(format!("{}-Q{}", start.get(..4)?, month.div_ceil(3)))
}

/// First day of every period and of the one after the last, where the horizon
/// has a start.
fn starts(horizon: &HorizonSpec) -> Result<Option<Vec<Date>>, Wrong> {
    let Some(written) = &horizon.start else { return Ok(None) };
    let date = |expected: &str| {
        let issue =
            Issue::WrongType { found: format!("`{written}`"), expected: expected.to_owned(), remedy: None };
        ("start", issue)
    };
    let first: Date = written.parse().map_err(|_| date("a date like 2026-01-05"))?;
    let count = i64::from(horizon.periods.min(100_000));
    let at = |k: i64| match horizon.unit.as_str() {
        "day" => first.checked_add(k.days()),
        "week" => first.checked_add(k.weeks()),
        "month" => first.checked_add(k.months()),
        "quarter" => first.checked_add((3 * k).months()),
        _ => first.checked_add(k.years()),
    };
    if !["day", "week", "month", "quarter", "year"].contains(&horizon.unit.as_str()) {
        let known = ["day", "week", "month", "quarter", "year"].map(str::to_owned).to_vec();
        return Err(("unit", Issue::unknown_name("unit of dated periods", &horizon.unit, known)));
    }
    let all: Result<Vec<Date>, _> = (0..=count).map(at).collect();
    all.map(Some).map_err(|_| date("a date whose periods end before the year 10000"))
}

fn dated(starts: &[Date]) -> Vec<Period> {
    let period = |w: &[Date]| {
        let start = w[0].to_string();
        let end = w[1].yesterday().unwrap_or(w[1]).to_string();
        Period { name: start.clone(), start: Some(start), end: Some(end) }
    };
    starts.windows(2).map(period).collect()
}
