//! Flights on a terminal: a strip of bars per line, and its months in numbers.

use crate::layout::{Align, Grid};
use crate::number::Column;
use crate::view::{FlightRow, Flights};

/// Most lines shown; the files have all.
const MOST: usize = 40;
/// Periods a strip shows one by one.
const LONGEST: usize = 60;

/// The flights of a plan, at most `width` wide.
pub(super) fn grid(flights: &Flights, width: usize) -> Grid {
    let months = flights.months();
    let length = flights.periods.len().min(LONGEST);
    let room = width.saturating_sub(22 + length) / 8;
    let months = if months.len() <= room.max(1) { months } else { Vec::new() };
    let mut columns = vec![Align::Left, Align::Left];
    columns.extend(months.iter().map(|_| Align::Right));
    let mut grid = Grid::new(&columns);
    let mut head = vec!["line".to_owned(), format!("by {}", flights.unit)];
    head.extend(months.iter().map(|(name, _)| name.clone()));
    grid.row(head);
    let shown = &flights.rows[..flights.rows.len().min(MOST)];
    let sums: Vec<Vec<f64>> = flights.rows.iter().map(|row| row.by(&months)).collect();
    let numbers: Vec<Column> = (0..months.len())
        .map(|m| Column::new(&sums.iter().map(|own| own[m]).collect::<Vec<f64>>()))
        .collect();
    for (i, row) in shown.iter().enumerate() {
        let mut cells = vec![row.line.clone(), strip(row, length)];
        cells.extend(numbers.iter().map(|column| column.part(i)));
        grid.row(cells);
    }
    grid.rule();
    let all = FlightRow {
        line: "Total".to_owned(),
        spends: (0..flights.periods.len())
            .map(|t| flights.rows.iter().filter_map(|r| r.spends.get(t)).sum())
            .collect(),
    };
    let mut cells = vec![all.line.clone(), strip(&all, length)];
    cells.extend(numbers.iter().map(Column::total));
    grid.row(cells);
    grid
}

/// One bar for each period, as high as its spend against the line's largest.
fn strip(row: &FlightRow, length: usize) -> String {
    const EIGHTHS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = row.spends.iter().copied().fold(0.0, f64::max);
    let bar = |x: &f64| match () {
        () if *x <= 1e-6 * most => EIGHTHS[0],
        () => EIGHTHS[((x / most * 8.0).ceil() as usize).clamp(1, 8)],
    };
    row.spends.iter().take(length).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::sentence::apart;

    #[test]
    fn a_quarter_by_week() {
        let flights = sample::flights();
        let text = grid(&flights, 80).lines(80).join("\n");
        insta::assert_snapshot!(format!("{text}\n\n{}", apart(&flights).unwrap_or_default()));
    }

    #[test]
    fn a_year_fits_the_page() {
        use unicode_width::UnicodeWidthStr;
        let mut flights = sample::flights();
        let first = flights.periods.clone();
        flights.periods = first.iter().cycle().take(52).cloned().collect();
        for row in &mut flights.rows {
            row.spends = row.spends.iter().copied().cycle().take(52).collect();
        }
        for line in grid(&flights, 80).lines(80) {
            assert!(line.width() <= 80, "{line}");
        }
    }
}
