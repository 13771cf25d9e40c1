//! Where a table begins: the row of names above the figures.

use crate::cell::{is_figure, is_total, is_units};
use crate::columns::words;
use crate::delimited::Numbered;
use crate::number::is_missing;

/// The heading is looked for in this many rows.
const TOP: usize = 60;
/// Rows below a heading that are compared with it.
const BELOW: usize = 30;

/// The names of a heading without line breaks, doubled blanks and empty cells
/// behind the last.
pub(crate) fn names(cells: &[String]) -> Vec<String> {
    let name = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut header: Vec<String> = cells.iter().map(name).collect();
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    header
}

/// The first row that fits; otherwise the row that names most of what stands
/// below it. A table of words alone begins with its first row of two cells.
pub(crate) fn find(rows: &[Numbered], fits: &dyn Fn(&[String]) -> bool) -> Option<usize> {
    let fitting = rows.iter().take(TOP).position(|(_, row)| fits(&names(row)));
    if fitting.is_some() {
        return fitting;
    }
    let best = (0..rows.len().min(TOP)).filter_map(|i| Some((score(rows, i)?, i)));
    let best = best.fold(None, |best: Option<(i64, usize)>, next| match best {
        Some(found) if found.0 >= next.0 => Some(found),
        _ => Some(next),
    });
    let wide = || rows.iter().position(|(_, row)| filled(row).count() >= 2);
    best.map(|(_, i)| i).or_else(wide)
}

/// Columns named, less columns used below without a name; known words count
/// double. `None` for a row that is no heading.
fn score(rows: &[Numbered], at: usize) -> Option<i64> {
    let heading = &rows.get(at)?.1;
    let named: Vec<usize> = filled(heading).collect();
    let figures = named.iter().filter(|&&c| is_figure(&heading[c])).count();
    let marks = named.iter().filter(|&&c| is_missing(&heading[c]) || is_total(&heading[c])).count();
    if named.len() < 2 || figures + marks > named.len() / 3 {
        return None;
    }
    let below = rows.get(at + 1..)?.iter().filter(|(_, row)| filled(row).next().is_some());
    let below: Vec<&Numbered> = below.take(BELOW).collect();
    // Units or marks may stand between a heading and its figures.
    let figured = |row: &Numbered| filled(&row.1).any(|c| is_figure(&row.1[c]));
    let near = below.first().is_some_and(|row| figured(row) || is_units(&row.1));
    if !near {
        return None;
    }
    let mut used: Vec<usize> = below.iter().flat_map(|(_, row)| filled(row)).collect();
    used.sort_unstable();
    used.dedup();
    let unnamed = used.iter().filter(|c| !named.contains(c)).count();
    let known = named.iter().filter(|&&c| is_known(&heading[c])).count();
    i64::try_from(named.len() + known).ok()?.checked_sub(i64::try_from(2 * unnamed).ok()?)
}

fn filled(row: &[String]) -> impl Iterator<Item = usize> + '_ {
    row.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()).map(|(c, _)| c)
}

fn is_known(name: &str) -> bool {
    const WORDS: [&str; 40] = [
        "date",
        "day",
        "week",
        "month",
        "period",
        "channel",
        "campaign",
        "line",
        "spend",
        "cost",
        "revenue",
        "sales",
        "budget",
        "impressions",
        "clicks",
        "conversions",
        "start",
        "end",
        "lift",
        "market",
        "geo",
        "region",
        "stage",
        "source",
        "currency",
        "amount",
        "value",
        "orders",
        "customers",
        "impr",
        "spent",
        "tag",
        "kampagne",
        "kosten",
        "units",
        "rate",
        "name",
        "method",
        "current",
        "holiday",
    ];
    words(name).iter().any(|w| WORDS.contains(&w.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<usize> {
        let rows = text.lines().enumerate();
        let rows: Vec<Numbered> =
            rows.map(|(i, l)| (i + 1, l.split(',').map(str::to_owned).collect())).collect();
        find(&rows, &|_| false)
    }

    #[test]
    fn a_heading_names_what_stands_below() {
        assert_eq!(at("date,spend\n2024-01-01,5\n"), Some(0));
        assert_eq!(at("Report\n\nday,cost,value\n2024-01-01,5,6\n"), Some(2));
        assert_eq!(at("Client,Acme\nBudget,100000\nLine,Spend\nTV,5\nSearch,6\n"), Some(2));
        assert_eq!(at("Account,Acme,\nline,spend,note\nTV,5,x\n"), Some(1));
        assert_eq!(at("Line,Spend,Revenue\n,EUR,EUR\nTV,5,6\n"), Some(0));
        assert_eq!(at("Line,2024,2025\nTV,5,6\n"), Some(0));
        assert_eq!(at("a,b\nx,y\n"), Some(0));
        assert_eq!(at(""), None);
    }
}
