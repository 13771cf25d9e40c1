//! Outcome and spend of several markets over periods of equal length.

use nalgebra::DMatrix;

use crate::ExperimentError;

/// Outcome and spend by market and period.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Names, one a market.
    pub markets: Vec<String>,
    /// Outcome, a row a market and a column a period.
    pub outcome: DMatrix<f64>,
    /// Spend of the same shape, where it is known.
    pub spend: Option<DMatrix<f64>>,
    /// Whether a period is a day. Days are added up to weeks, counted from the
    /// start of a test: noise of days is not that of their sum.
    pub daily: bool,
}

impl Panel {
    /// A panel from rows, one a market.
    ///
    /// # Errors
    /// [`ExperimentError::Ragged`] where rows differ in length or hold what is
    /// not finite.
    pub fn new(
        markets: Vec<String>,
        outcome: &[Vec<f64>],
        spend: Option<&[Vec<f64>]>,
        daily: bool,
    ) -> Result<Panel, ExperimentError> {
        let periods = outcome.first().map_or(0, Vec::len);
        let matrix = |rows: &[Vec<f64>]| {
            let each = markets.iter().enumerate().map(|(i, name)| (name, rows.get(i).map_or(&[][..], |r| r)));
            for (name, row) in each {
                if row.len() != periods || row.iter().any(|v| !v.is_finite()) {
                    let (market, found) = (name.clone(), row.len());
                    return Err(ExperimentError::Ragged { market, found, periods });
                }
            }
            Ok(DMatrix::from_fn(markets.len(), periods, |i, t| rows[i][t]))
        };
        let outcome = matrix(outcome)?;
        let spend = spend.map(matrix).transpose()?;
        Ok(Panel { markets, outcome, spend, daily })
    }

    /// The panel of some markets, by position.
    pub fn only(&self, kept: &[usize]) -> Panel {
        let rows =
            |matrix: &DMatrix<f64>| DMatrix::from_fn(kept.len(), matrix.ncols(), |i, t| matrix[(kept[i], t)]);
        Panel {
            markets: kept.iter().map(|&i| self.markets[i].clone()).collect(),
            outcome: rows(&self.outcome),
            spend: self.spend.as_ref().map(rows),
            daily: self.daily,
        }
    }

    /// Number of periods.
    pub fn periods(&self) -> usize {
        self.outcome.ncols()
    }
}

/// The sum of some rows, period by period.
pub(crate) fn total(matrix: &DMatrix<f64>, rows: &[usize]) -> Vec<f64> {
    (0..matrix.ncols()).map(|t| rows.iter().map(|&i| matrix[(i, t)]).sum()).collect()
}

/// Mean of the first periods of a series.
pub(crate) fn mean(series: &[f64], first: usize) -> f64 {
    series.iter().take(first).sum::<f64>() / first.max(1) as f64
}
