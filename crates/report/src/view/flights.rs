//! Flights: what is spent when.

use outlay_scenario::ResultFile;

/// The plan period by period.
#[derive(Debug, Clone, PartialEq)]
pub struct Flights {
    /// What a period is, such as `week`; empty if not known.
    pub unit: String,
    /// The periods with their totals.
    pub periods: Vec<FlightPeriod>,
    /// Spend of every line, period by period.
    pub rows: Vec<FlightRow>,
    /// Revenue after the last period; part of the plan's.
    pub tail: Option<f64>,
    /// Revenue that earlier spend still earns; not part of the plan's.
    pub carried_in: Option<f64>,
}

/// One period over all lines.
#[derive(Debug, Clone, PartialEq)]
pub struct FlightPeriod {
    /// Its first day.
    pub name: String,
    /// Its last day.
    pub end: String,
    /// Spend with fees.
    pub spend: Option<f64>,
    /// Revenue earned in it.
    pub revenue: Option<f64>,
}

/// One line's flight.
#[derive(Debug, Clone, PartialEq)]
pub struct FlightRow {
    /// The line.
    pub line: String,
    /// Spend of each period.
    pub spends: Vec<f64>,
}

impl Flights {
    /// The flights of a result; `None` where spends are planned in total.
    pub(crate) fn of(result: &ResultFile, unit: String) -> Option<Self> {
        if result.periods.is_empty() {
            return None;
        }
        let periods = result.periods.iter().map(|p| FlightPeriod {
            name: p.name.clone(),
            end: p.end.clone(),
            spend: p.spend,
            revenue: p.revenue,
        });
        let rows = result.lines.iter().flatten().filter_map(|line| {
            let spends = line.flight.as_ref()?.periods.iter().map(|p| p.spend).collect();
            Some(FlightRow { line: line.name.clone(), spends })
        });
        Some(Flights {
            unit,
            periods: periods.collect(),
            rows: rows.collect(),
            tail: result.tail.and_then(|t| t.revenue),
            carried_in: result.carried_in.and_then(|c| c.revenue),
        })
    }

    /// Groups of neighbouring periods that begin in the same month: its name
    /// and how many.
    pub fn months(&self) -> Vec<(String, usize)> {
        let mut months: Vec<(String, usize)> = Vec::new();
        for period in &self.periods {
            let month = period.name.get(..7).unwrap_or(&period.name);
            match months.last_mut() {
                Some((last, count)) if last == month => *count += 1,
                _ => months.push((month.to_owned(), 1)),
            }
        }
        months
    }

    /// The largest spend of a line in a period.
    pub fn most(&self) -> f64 {
        self.rows.iter().flat_map(|r| &r.spends).copied().fold(0.0, f64::max)
    }
}

impl FlightRow {
    /// Spend by the groups of [`Flights::months`].
    pub fn by(&self, groups: &[(String, usize)]) -> Vec<f64> {
        let mut rest = &self.spends[..];
        let mut sums = Vec::with_capacity(groups.len());
        for (_, count) in groups {
            let (own, more) = rest.split_at((*count).min(rest.len()));
            sums.push(own.iter().sum());
            rest = more;
        }
        sums
    }
}
