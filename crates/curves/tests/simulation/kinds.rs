//! Histories outside the ordinary: days, flights, outliers, exposures, rising
//! returns, straight lines, long memory, tests in a part of the markets.

use outlay_curves::fit::{Adstock, Channel, History, LiftTest};
use outlay_curves::{Curve, fit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::normal;

/// A history with the truth of every channel.
pub(crate) struct Case {
    pub(crate) history: History,
    pub(crate) tests: Vec<LiftTest>,
    pub(crate) truth: Vec<Truth>,
}

/// What a channel does.
pub(crate) struct Truth {
    /// Response to steady spend per period.
    pub(crate) curve: Box<dyn Fn(f64) -> f64 + Sync + Send>,
    /// What the history's spend earned per unit.
    pub(crate) achieved: f64,
}

impl Truth {
    pub(crate) fn marginal(&self, spend: f64) -> f64 {
        let h = 1e-4 * spend;
        ((self.curve)(spend + h) - (self.curve)(spend - h)) / (2.0 * h)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Three channels, 120 weeks.
    Plain,
    /// 420 days of orders with a weekday pattern that the spend follows.
    Days,
    /// The first channel spends in so many of 104 weeks.
    Flights(usize),
    /// One week far off, by so many mean outcomes.
    Outlier(f64),
    /// Exposures bought at a price that rises by 80%.
    Exposure,
    /// Returns rise with the square and more.
    Rising,
    /// Straight lines.
    Straight,
    /// Retention .85 to .95, always on.
    Long,
    /// A test of the first channel in such a share of the markets.
    Regional(f64),
}

/// Spend of mean `level` around it, autocorrelated.
fn spend(random: &mut Pcg64, level: f64, n: usize) -> Vec<f64> {
    let mut state = normal(random);
    let one = |_| {
        state = 0.5 * state + 0.866 * normal(random);
        level * (0.45 * state - 0.1).exp()
    };
    (0..n).map(one).collect()
}

pub(crate) fn make(kind: Kind, seed: u64) -> Case {
    let mut random = Pcg64::seed_from_u64(seed.wrapping_mul(7919) + 17);
    let days = kind == Kind::Days;
    let (k, n) = match kind {
        Kind::Days => (2, 420),
        Kind::Straight => (2, 110),
        Kind::Flights(_) => (3, 104),
        Kind::Rising => (4, 156),
        _ => (3, 120),
    };
    let year = if days { 365.25 } else { 52.18 };
    let (mut channels, mut truth, mut tests, mut media) = (vec![], vec![], vec![], vec![0.0; n]);
    let total = 100_000.0;
    for i in 0..k {
        let level = total * if days { 0.004 } else { 0.05 + 0.1 * random.random::<f64>() };
        let mut x = spend(&mut random, level, n);
        if days {
            // Planned by the weekday, as the outcome moves by it.
            let by_day = [1.2, 1.3, 1.2, 1.25, 1.0, 0.5, 0.3];
            x.iter_mut().enumerate().for_each(|(t, x)| *x *= if i == 0 { by_day[t % 7] } else { 1.0 });
        }
        let mut mean = x.iter().sum::<f64>() / n as f64;
        if let (Kind::Flights(weeks), 0) = (kind, i) {
            let height = 8.0 * level;
            x.fill(0.0);
            while x.iter().filter(|v| **v > 0.0).count() < weeks {
                let t = (random.random::<f64>() * n as f64) as usize;
                x[t.min(n - 1)] = height * (0.7 + 0.6 * random.random::<f64>());
            }
            mean = height;
        }
        let retention = match kind {
            Kind::Long => 0.85 + 0.1 * random.random::<f64>(),
            _ => 0.1 + 0.5 * random.random::<f64>(),
        };
        let back = (0.1 + 0.45 * normal(&mut random)).exp();
        let half = mean * (0.5_f64.ln() + 6.0_f64.ln() * random.random::<f64>()).exp();
        let curve: Box<dyn Fn(f64) -> f64 + Sync + Send> = match kind {
            Kind::Rising => {
                let (half, power) =
                    (mean * (1.0 + 2.0 * random.random::<f64>()), 1.7 + random.random::<f64>());
                let unit = back * mean * (1.0 + (half / mean).powf(power));
                Box::new(move |x: f64| unit * x.powf(power) / (half.powf(power) + x.powf(power)))
            }
            Kind::Straight => Box::new(move |x| back * x),
            _ => {
                let worth = if days { 0.02 } else { 1.0 };
                let curve = Curve::michaelis_menten(worth * back * (half + mean), half).unwrap();
                Box::new(move |x| curve.value(x))
            }
        };
        let mut paid = x.clone();
        let mut exposure = None;
        if kind == Kind::Exposure && i == 0 {
            // Volume works; what it costs rises.
            let price = |t: usize| 0.01 * (1.0 + 0.8 * t as f64 / n as f64);
            let mean_price = 0.014;
            exposure = Some(x.iter().map(|v| v / mean_price).collect::<Vec<f64>>());
            paid = x.iter().enumerate().map(|(t, v)| v / mean_price * price(t)).collect();
        }
        let adstock = Adstock::Geometric { retention };
        // Long before the first period it spent as at first.
        let before: Vec<f64> = spend(&mut random, if x[0] > 0.0 { level } else { 0.0 }, 40);
        let warm: Vec<f64> = before.iter().chain(&x).copied().collect();
        let stock =
            adstock.apply(&warm, if matches!(kind, Kind::Flights(_)) && i == 0 { 0.0 } else { level });
        let earned: Vec<f64> = stock[40..].iter().map(|a| curve(*a)).collect();
        let achieved = earned.iter().sum::<f64>() / paid.iter().sum::<f64>();
        if let (Kind::Regional(share), 0) = (kind, i) {
            let (first, periods) = (60, 6);
            let control: f64 = (first..first + periods).map(|t| curve(stock[40 + t])).sum();
            let mut dark = warm.clone();
            dark[40 + first..40 + first + periods].fill(0.0);
            let treated: f64 =
                adstock.apply(&dark, level)[40 + first..40 + first + periods].iter().map(|a| curve(*a)).sum();
            let lift = share * (treated - control);
            let error = 0.1 * lift.abs();
            let window = first..first + periods;
            let in_window = x[window.clone()].iter().sum::<f64>() / periods as f64;
            // The history shows the cut in the treated part.
            let cut: Vec<f64> = adstock.apply(&dark, level)[40..].iter().map(|a| curve(*a)).collect();
            media.iter_mut().enumerate().for_each(|(t, m)| *m += share * (cut[t] - earned[t]));
            paid[window].iter_mut().for_each(|v| *v *= 1.0 - share);
            // As a reader would scale it: national figures.
            let off = (error / share).hypot(0.05 * lift / share);
            tests.push(LiftTest {
                channel: "c0".into(),
                first: Some(first),
                periods,
                spend: in_window,
                delta: -in_window,
                lift: (lift + error * normal(&mut random)) / share,
                standard_error: off,
            });
        }
        media.iter_mut().zip(&earned).for_each(|(m, e)| *m += e);
        channels.push(Channel { name: format!("c{i}"), spend: paid, exposure, ..Channel::default() });
        truth.push(Truth { curve, achieved });
    }
    let base = 2.5 * media.iter().sum::<f64>() / n as f64;
    let sd = if days { 0.08 } else { 0.025 } * base;
    let mut error = 0.0;
    let week = [1.25, 1.3, 1.2, 1.2, 1.1, 0.6, 0.5];
    let phase = random.random::<f64>();
    let outcome: Vec<f64> = (0..n)
        .map(|t| {
            error = 0.3 * error + 0.954 * sd * normal(&mut random);
            let wave = (std::f64::consts::TAU * (t as f64 / year + phase)).sin();
            let day = if days { week[t % 7] } else { 1.0 };
            base * day * (1.0 + 0.08 * wave + 0.1 * t as f64 / n as f64) + media[t] + error
        })
        .enumerate()
        .map(|(t, y)| match kind {
            Kind::Outlier(size) if t == 50 => y * size,
            _ => y,
        })
        .collect();
    let history = History {
        periods_per_year: year,
        channels,
        outcome: Some(outcome),
        outcome_is_money: !days,
        ..History::default()
    };
    Case { history, tests, truth }
}

/// Spends at which a channel was bought: its level and its largest.
pub(crate) fn bought(channel: &fit::ChannelFit) -> [f64; 2] {
    let largest = channel.spend.iter().copied().fold(0.0, f64::max);
    [channel.central.level, largest]
}
