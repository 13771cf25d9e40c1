//! A line's flight: how its spend may run over the periods, and how it works.

/// How a line's spend may run over the periods, and how it works.
#[derive(Debug, Clone, PartialEq)]
pub struct Flight {
    /// Least spend of each period.
    pub min: Vec<f64>,
    /// Largest spend of each period, infinite where none is given.
    pub max: Vec<f64>,
    /// Periods without spend.
    pub blackout: Vec<bool>,
    /// In a period nothing, or this much and more.
    pub at_least: Option<f64>,
    /// Once on, on for this many periods.
    pub on_at_least: Option<u32>,
    /// At most this many bursts.
    pub bursts: Option<u32>,
    /// Largest change between periods, a fraction.
    pub smooth: Option<f64>,
    /// Response of the same stock in each period, the horizon's included.
    pub demand: Vec<f64>,
    /// Price of media in each period, the horizon's included.
    pub price: Vec<f64>,
    /// How effect carries over.
    pub kernel: Kernel,
    /// Stock of every period and of those after the horizon, without new spend.
    pub opening: Vec<f64>,
    /// Spend of each period that is over.
    pub past: Vec<f64>,
    /// Spent so far in the period that is under way.
    pub started: f64,
    /// Money bound for the rest, beyond what is spent.
    pub committed: f64,
    /// What was measured in periods that are over, in units of the curve; it
    /// counts in place of what the curve says.
    pub measured: Vec<Option<f64>>,
    /// What was measured so far in the period under way beyond the curve.
    pub surplus: f64,
}

/// How effect carries over from one period to later ones; weights sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Kernel {
    /// `stock_t = r stock_(t-1) + (1 - r) spend_t`.
    Geometric(f64),
    /// `stock_t = sum_l w_l spend_(t-l)`.
    Weights(Vec<f64>),
}

/// The part of a stock below which what is left after the horizon is given up.
const SPENT: f64 = 1e-6;

impl Kernel {
    /// Periods after the last spend in which something is left of it: for a
    /// geometric kernel until less than a millionth is.
    pub fn tail(&self) -> usize {
        match self {
            Kernel::Geometric(r) if *r > 0.0 => (SPENT.ln() / r.ln()).ceil() as usize,
            Kernel::Geometric(_) => 0,
            Kernel::Weights(weights) => weights.len() - 1,
        }
    }

    /// Stocks of `count` periods after the given spends, the latest last, with
    /// `before` in every period before those and nothing after.
    pub(crate) fn left(&self, spends: &[f64], before: f64, count: usize) -> Vec<f64> {
        match self {
            Kernel::Geometric(r) => {
                let mut stock = spends.iter().fold(before, |a, x| r * a + (1.0 - r) * x);
                let next = || {
                    stock *= r;
                    stock
                };
                std::iter::repeat_with(next).take(count).collect()
            }
            Kernel::Weights(weights) => {
                let past = |ago: usize| match spends.len().checked_sub(ago) {
                    Some(k) => spends[k],
                    None => before,
                };
                let stock = |t: usize| {
                    let each = weights.iter().enumerate().skip(t + 1);
                    each.map(|(lag, w)| w * past(lag - t)).sum()
                };
                (0..count).map(stock).collect()
            }
        }
    }
}

impl Flight {
    /// Money that is spent.
    pub fn spent(&self) -> f64 {
        self.past.iter().sum::<f64>() + self.started
    }

    /// Stock of every period and of those after the horizon.
    pub fn stocks(&self, spends: &[f64]) -> Vec<f64> {
        let mut stocks = self.opening.clone();
        let bought = |t: usize| spends.get(t).copied().unwrap_or(0.0) / self.price.get(t).unwrap_or(&1.0);
        match &self.kernel {
            Kernel::Geometric(r) => {
                let mut own = 0.0;
                for (t, stock) in stocks.iter_mut().enumerate() {
                    own = r * own + (1.0 - r) * bought(t);
                    *stock += own;
                }
            }
            Kernel::Weights(weights) => {
                for (t, stock) in stocks.iter_mut().enumerate() {
                    for (lag, w) in weights.iter().enumerate().take(t + 1) {
                        *stock += w * bought(t - lag);
                    }
                }
            }
        }
        stocks
    }

    /// What counts as the outcome of a period of which the curve says
    /// `by_curve`: as it was measured, if it was.
    pub(crate) fn counted(&self, t: usize, by_curve: f64) -> f64 {
        match self.measured.get(t).copied().flatten() {
            Some(measured) => measured,
            None if t == self.past.len() => by_curve + self.surplus,
            None => by_curve,
        }
    }

    /// True if anything was measured.
    pub(crate) fn is_measured(&self) -> bool {
        self.surplus != 0.0 || self.measured.iter().any(Option::is_some)
    }

    /// Number of periods.
    pub fn periods(&self) -> usize {
        self.demand.len()
    }

    /// Response of the same stock in a period, 1 after the horizon.
    pub fn demand_at(&self, t: usize) -> f64 {
        self.demand.get(t).copied().unwrap_or(1.0)
    }
}
