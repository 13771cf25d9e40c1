//! Lines that meet, in words.

use outlay_scenario::result::{AudienceResult, DemandResult, Earnings};

use crate::number::{Kind, short};
use crate::view::{LineRow, View};

/// A line that meets others: its name, what it earns alone, what counts to it,
/// and what is lost without it.
pub(crate) struct MetRow<'a> {
    pub(crate) line: &'a LineRow,
    pub(crate) kind: Kind,
    pub(crate) alone: Option<f64>,
    pub(crate) counted: Option<f64>,
    pub(crate) taken_away: Option<f64>,
}

/// The lines that meet others.
pub(crate) fn met_rows(view: &View) -> Vec<MetRow<'_>> {
    fn row(line: &LineRow) -> Option<MetRow<'_>> {
        let LineRow { meeting, revenue, customers, .. } = line;
        let met = meeting.as_ref()?;
        let money = met.alone.revenue.is_some();
        let of = |e: Earnings| if money { e.revenue } else { e.customers };
        Some(MetRow {
            line,
            kind: if money { Kind::Money } else { Kind::Count },
            alone: of(met.alone),
            counted: if money { *revenue } else { *customers },
            taken_away: of(met.taken_away),
        })
    }
    view.lines.iter().filter_map(row).collect()
}

/// What audiences and pools do in the plan, and how it is counted.
pub(crate) fn met(view: &View) -> Vec<String> {
    let Some(meeting) = &view.meeting else { return Vec::new() };
    let mut all: Vec<String> = meeting.audiences.iter().map(audience).collect();
    all.extend(meeting.demand.iter().map(demand));
    all.push(counted(meeting.by_order).to_owned());
    if let Some(left) = meeting.left {
        all.push(format!(
            "Audiences and demand are those of the {} of the horizon that is left; what has counted to lines so far is part of their figures.",
            percent(left)
        ));
    }
    all
}

fn audience(a: &AudienceResult) -> String {
    let less = a.overlap.map_or_else(String::new, |o| format!(", {} less than each alone", percent(o)));
    let (together, next) = (short(Kind::Money, Some(a.together)), percent(a.next));
    let lines = listed(&a.lines);
    let unit = if a.together <= 1.0 { percent(a.together) } else { together };
    let next = if a.next <= 1.0 + 1e-9 {
        format!("; of what one more unit would return alone, {next} is new")
    } else {
        String::new()
    };
    format!("Audience \"{}\" ({lines}): {unit} together{less}{next}.{}", a.name, from(a.source.as_ref()))
}

fn demand(d: &DemandResult) -> String {
    let money = |e: Earnings| match (e.revenue, e.customers) {
        (Some(revenue), _) => short(Kind::Money, Some(revenue)),
        (None, customers) => short(Kind::Count, customers),
    };
    let units = |x: f64| short(Kind::Count, Some(x));
    let next = d.next.revenue.or(d.next.customers);
    format!(
        "Demand \"{}\": {} without media and {} made by {}; {} harvest {} of it, {}. {} of that are the makers' halo. One more unit of demand is worth {}.{}",
        d.name,
        units(d.base),
        units(d.made),
        listed(&d.makes),
        listed(&d.harvests),
        percent(d.share),
        money(d.harvested),
        money(d.halo),
        short(Kind::Ratio, next),
        from(d.source.as_ref()),
    )
}

/// Names as they stand in a sentence.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A share, short.
fn percent(share: f64) -> String {
    short(Kind::Percent, Some(share))
}

fn from(source: Option<&String>) -> String {
    source.map_or_else(String::new, |s| format!(" From: {s}."))
}

/// How figures of lines that meet are counted.
fn counted(by_order: bool) -> &'static str {
    if by_order {
        "What counts to a line is the mean of what it adds over all orders of the lines it meets (Shapley \
         value); it adds up, and CAC, iROAS and shares rest on it. The next unit's figures are what it adds to \
         the whole plan."
    } else {
        "What counts to a line is the mean of what it adds while all lines it meets grow alike (Aumann-Shapley \
         value); it adds up, and CAC, iROAS and shares rest on it. The next unit's figures are what it adds to \
         the whole plan."
    }
}
