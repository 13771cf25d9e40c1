//! The rows of a wide file market by market, beside their sum.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ndarray::{Array2, Array3};
use outlay_curves::fit::{FitError, History, Panel};

use super::period::Calendar;
use super::rows::Rows;

/// What every row says, by market.
pub(super) struct ByMarket {
    markets: Vec<String>,
    heads: Option<Vec<f64>>,
    rows: Vec<Row>,
    /// Channels in the order of the file, and whether their exposure is known.
    channels: Vec<(String, bool)>,
}

/// One market's row.
struct Row {
    market: usize,
    date: Date,
    outcome: f64,
    spends: Vec<f64>,
    exposures: Vec<f64>,
    controls: Vec<f64>,
}

impl ByMarket {
    /// `amounts` are columns: the outcome, every channel's spend, exposures of
    /// the channels that have one. `None` without a column of markets.
    pub(super) fn of(
        rows: &Rows<'_>,
        channels: Vec<(String, bool)>,
        amounts: &[Vec<f64>],
        controls: &[&[f64]],
    ) -> Option<ByMarket> {
        if rows.markets.is_empty() {
            return None;
        }
        let mut numbers: BTreeMap<String, usize> = (0..rows.len()).map(|row| (rows.market(row), 0)).collect();
        numbers.values_mut().enumerate().for_each(|(i, number)| *number = i);
        let k = channels.len();
        let one = |row: usize| {
            let mut bought = amounts[1 + k..].iter().map(|column| column[row]);
            let exposures = channels.iter().map(|c| if c.1 { bought.next().unwrap_or(0.0) } else { 0.0 });
            Row {
                market: numbers[&rows.market(row)],
                date: rows.dates[row],
                outcome: amounts[0][row],
                spends: amounts[1..=k].iter().map(|column| column[row]).collect(),
                exposures: exposures.collect(),
                controls: controls.iter().map(|column| column[row]).collect(),
            }
        };
        let found: Vec<Row> = (0..rows.len()).map(one).collect();
        let heads = heads(rows, &found, numbers.len());
        Some(ByMarket { markets: numbers.into_keys().collect(), heads, rows: found, channels })
    }

    /// The panel beside the history of the sum; `None` where there are too few
    /// markets to learn from their differences.
    pub(super) fn panel(self, history: &History, calendar: &Calendar) -> Option<Panel> {
        let (g, t) = (self.markets.len(), history.periods());
        if g < FitError::FEWEST_MARKETS {
            return None;
        }
        let kept: Vec<usize> = (0..self.channels.len())
            .filter(|&c| history.channels.iter().any(|h| h.name == self.channels[c].0))
            .collect();
        let controls = self.rows.first().map_or(0, |r| r.controls.len());
        let exposed = kept.iter().any(|&c| self.channels[c].1);
        let mut panel = Panel {
            markets: self.markets,
            heads: self.heads,
            spend: Array3::zeros((g, t, kept.len())),
            exposure: exposed.then(|| Array3::zeros((g, t, kept.len()))),
            outcome: Array2::zeros((g, t)),
            present: Array2::from_elem((g, t), false),
            controls: Array3::zeros((g, t, controls)),
            left_out: Vec::new(),
        };
        for row in &self.rows {
            let Some(period) = calendar.number(row.date) else { continue };
            let at = (row.market, period);
            panel.present[at] = true;
            panel.outcome[at] = row.outcome;
            for (j, &c) in kept.iter().enumerate() {
                panel.spend[(row.market, period, j)] = row.spends[c];
                if let Some(exposure) = &mut panel.exposure {
                    exposure[(row.market, period, j)] = row.exposures[c];
                }
            }
            row.controls.iter().enumerate().for_each(|(j, v)| panel.controls[(row.market, period, j)] = *v);
        }
        bridge(&mut panel);
        Some(panel)
    }
}

/// The mean of every market's size, where each has one above 0.
fn heads(rows: &Rows<'_>, found: &[Row], markets: usize) -> Option<Vec<f64>> {
    let column = rows.size()?;
    let mut sums = vec![(0.0, 0.0); markets];
    for (row, one) in found.iter().enumerate() {
        if let Some(value) = rows.sheet.value(row, column) {
            let sum = &mut sums[one.market];
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    let means: Vec<f64> = sums.iter().map(|(sum, count)| sum / count).collect();
    means.iter().all(|m| *m > 0.0 && m.is_finite()).then_some(means)
}

/// Spend and controls of missing rows: as around them, for zero would be a claim.
fn bridge(panel: &mut Panel) {
    let (markets, periods) = panel.present.dim();
    for g in 0..markets {
        let here: Vec<usize> = (0..periods).filter(|&t| panel.present[(g, t)]).collect();
        for t in (0..periods).filter(|t| here.binary_search(t).is_err()) {
            let after = here.partition_point(|h| *h < t);
            let last = here.len() - 1;
            let (a, b) = (here[after.saturating_sub(1)], here[after.min(last)]);
            let part = if a < t && t < b { (t - a) as f64 / (b - a) as f64 } else { 0.0 };
            let mut amounts: Vec<&mut Array3<f64>> = vec![&mut panel.spend];
            amounts.extend(panel.exposure.as_mut());
            for all in amounts {
                for c in 0..all.dim().2 {
                    all[(g, t, c)] = all[(g, a, c)] + part * (all[(g, b, c)] - all[(g, a, c)]);
                }
            }
            for c in 0..panel.controls.dim().2 {
                panel.controls[(g, t, c)] = panel.controls[(g, a, c)];
            }
        }
    }
}
