//! Models that Meridian saved (`.binpb`), draw by draw.
//!
//! A channel's incremental outcome in geo g and period t is, for one draw,
//!
//! ```text
//! w_gt beta_g hill(adstock(m)_gt),   w_gt = worth_gt population_g stdev,
//! hill(a) = a^slope / (a^slope + ec^slope),
//! ```
//!
//! m being media units per head over their median, the adstock a weighted mean
//! of the last periods (`alpha^l`, or `(1 - l / window)^(1 / alpha - 1)`), and
//! stdev that of the outcome per head. Channels of reach and frequency have
//! `adstock(reach hill(frequency))`, which reach, and so spend, enters linearly.
//!
//! A curve of spend needs to know how more spend is flown. **As flown**: media of
//! every geo and period are multiplied alike, as `Analyzer.response_curves()`
//! does it, so that curve and program agree. **Steady**: the same spend in every
//! period, with the adstock beside the curve, for plans by period.

use outlay_scenario::library::{LibraryCurve, LibraryFile};
use outlay_scenario::spec::{CurveSpec, Outcome};

use crate::averaged::{Averaged, chosen, fewer, knots, rising};
use crate::error::ImportError;
use crate::format::{Format, Imported, Source};
use crate::meridian_file::{Channel, Saved, found, read};

const NAME: &str = "Meridian model (.binpb)";
/// Evaluations of a curve after which the mean is taken over the kept draws.
const MOST: f64 = 4e9;

/// Models saved by Meridian.
pub(crate) struct Model;

impl Format for Model {
    fn name(&self) -> &'static str {
        NAME
    }

    fn recognises(&self, source: &Source<'_>) -> bool {
        found(source.bytes).is_some()
    }

    fn read(&self, source: &Source<'_>) -> Result<Imported, ImportError> {
        let broken = |what| ImportError::Broken { format: NAME, what };
        let saved = read(source.bytes).map_err(broken)?;
        let mut notes = Vec::new();
        let scale = Scale::of(&saved, source, &mut notes)?;
        let mut curves = Vec::new();
        for channel in &saved.channels {
            if channel.spend.iter().sum::<f64>() > 0.0 {
                curves.push(curve(&saved, channel, &scale, &mut notes).map_err(broken)?);
            } else {
                notes.push(format!("`{}` has no spend and is left out", channel.name));
            }
        }
        if curves.is_empty() {
            return Err(broken("it holds no channel with spend".to_owned()));
        }
        let flown = if scale.steady {
            "at the same spend in every period, with the carry-over beside it"
        } else {
            "as flown: markets and periods keep their shares of the spend, as in Meridian's own response curves; --steady makes curves for plans by period"
        };
        notes.insert(0, format!("{} curves of Meridian {}, {flown}", curves.len(), saved.version));
        let step = saved.media_times.windows(2).map(|d| d[0].until(d[1]).map_or(0, |s| s.get_days())).min();
        let unit = match step {
            Some(1) => Some("day"),
            Some(7) => Some("week"),
            Some(28..=31) => Some("month"),
            _ => None,
        };
        let options = source.options;
        let library = LibraryFile {
            outlay: 1,
            currency: options.currency.clone().or(saved.currency.clone()),
            unit: options.unit.clone().or(unit.map(str::to_owned)),
            fitted_at: saved.media_times.last().map(ToString::to_string),
            source: Some(source.name.to_owned()),
            curves,
            meeting: None,
        };
        Ok(Imported { library, notes })
    }
}

/// What turns effects per head and deviation into money.
struct Scale {
    /// By geo and period.
    worth: Vec<Vec<f64>>,
    steady: bool,
}

impl Scale {
    fn of(saved: &Saved, source: &Source<'_>, notes: &mut Vec<String>) -> Result<Scale, ImportError> {
        let options = source.options;
        let each = match (&saved.worth, options.revenue_per_outcome) {
            (None, None) => {
                return Err(ImportError::Refused {
                    format: NAME,
                    what: format!(
                        "its outcome `{}` is not money, and the file does not say what one is worth",
                        saved.outcome_name
                    ),
                    remedy: "say it with --revenue-per-outcome",
                });
            }
            (None, Some(each)) => each,
            (Some(_), None) => 1.0,
            (Some(_), Some(each)) => {
                notes.push(format!(
                    "the model's outcome is money already; it is multiplied by {each} as asked"
                ));
                each
            }
        };
        let heads: Vec<f64> = saved
            .outcome
            .iter()
            .zip(&saved.population)
            .flat_map(|(row, people)| row.iter().map(move |y| if *people > 0.0 { y / people } else { 0.0 }))
            .collect();
        let count = heads.len() as f64;
        let mean = heads.iter().sum::<f64>() / count;
        let deviation = (heads.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / count).sqrt();
        let row = |g: usize| -> Vec<f64> {
            let unit = each * saved.population[g] * deviation;
            (0..saved.times).map(|t| unit * saved.worth.as_ref().map_or(1.0, |w| w[g][t])).collect()
        };
        Ok(Scale { worth: (0..saved.geos.len()).map(row).collect(), steady: options.steady })
    }
}

/// What a channel earns per period, by the multiple of its spend.
enum Response {
    /// Straight.
    Line(f64),
    /// The sum of `weight y / (1 + y)` over the cells, `y = ratio multiple^slope`.
    Hills { slope: f64, cells: Vec<(f64, f64)> },
}

impl Response {
    fn at(&self, multiple: f64) -> f64 {
        match self {
            Response::Line(rate) => rate * multiple,
            Response::Hills { slope, cells } => {
                let power = multiple.powf(*slope);
                cells.iter().map(|(ratio, weight)| weight * ratio * power / (1.0 + ratio * power)).sum()
            }
        }
    }

    /// Its slope at a multiple of 1.
    fn slope(&self) -> f64 {
        match self {
            Response::Line(rate) => *rate,
            Response::Hills { slope, cells } => {
                cells.iter().map(|(ratio, weight)| slope * weight * ratio / (1.0 + ratio).powi(2)).sum()
            }
        }
    }

    /// The curve of spend, exactly where it has a name of its own.
    fn spec(&self, mean: f64, spends: &[f64]) -> CurveSpec {
        match self {
            Response::Line(rate) => CurveSpec::Linear { rate: rate / mean },
            Response::Hills { slope, cells } if cells.len() == 1 => CurveSpec::Hill {
                ceiling: cells[0].1,
                half_saturation: mean * cells[0].0.powf(-1.0 / slope),
                shape: *slope,
            },
            Response::Hills { .. } => {
                let points = spends.iter().map(|x| (*x, digits(self.at(x / mean))));
                CurveSpec::Table { points: rising(points.collect()) }
            }
        }
    }
}

/// Ten digits: a thousand draws fill a file.
fn digits(x: f64) -> f64 {
    format!("{x:.9e}").parse().unwrap_or(x)
}

fn curve(
    saved: &Saved,
    channel: &Channel,
    scale: &Scale,
    notes: &mut Vec<String>,
) -> Result<LibraryCurve, String> {
    let draws = Draws::of(saved, channel)?;
    let kept = chosen(draws.count);
    let cells = if scale.steady { saved.geos.len() } else { saved.geos.len() * saved.media_times.len() };
    let many = cells as f64 * draws.count as f64 * 240.0 > MOST;
    let averaged: Vec<usize> = if many { kept.clone() } else { (0..draws.count).collect() };
    if many {
        notes.push(format!(
            "`{}`: the mean is taken over {} of {} draws",
            channel.name,
            kept.len(),
            draws.count
        ));
    }
    let media = Media::of(saved, channel)?;
    let periods = channel.spend.len() as f64;
    let mean = channel.spend.iter().sum::<f64>() / periods;
    let max = channel.spend.iter().copied().fold(0.0, f64::max);
    let spends = knots(mean, max);
    let points = fewer(&spends);
    let (mut values, mut slopes) = (vec![0.0; spends.len()], Vec::new());
    let mut kernel = vec![0.0; media.window];
    let mut specs = Vec::new();
    let mut losing = 0;
    for &draw in &averaged {
        let parameters = draws.at(draw);
        let weights = media.kernel(parameters.alpha, channel.binomial);
        let response = if scale.steady {
            media.steady(&parameters, scale, channel)
        } else {
            media.flown(&parameters, &weights, scale, saved.hill_before_adstock, channel)
        };
        if !response.slope().is_finite() {
            return Err(format!("channel `{}`, draw {}: its effect is no number", channel.name, draw + 1));
        }
        let loses = response.at(1.0) < 0.0;
        losing += usize::from(loses);
        for (value, x) in values.iter_mut().zip(&spends) {
            *value += response.at(x / mean) / averaged.len() as f64;
        }
        slopes.push(response.slope() / mean);
        kernel.iter_mut().zip(&weights).for_each(|(k, w)| *k += w / averaged.len() as f64);
        if kept.binary_search(&draw).is_ok() {
            let none = CurveSpec::Linear { rate: 0.0 };
            specs.push(if loses { none } else { response.spec(mean, &points) });
        }
    }
    if losing > 0 {
        notes.push(format!(
            "`{}`: its effect is below 0 in {losing} of {} draws; the mean counts them, and as draws they earn nothing",
            channel.name,
            averaged.len()
        ));
    }
    let straight = channel.reached || !channel.saturates;
    let curve = if straight {
        notes.push(format!(
            "`{}` is a straight line: {}; limit its spend where returns would diminish",
            channel.name,
            if channel.reached {
                "more spend reaches more people at the same frequency"
            } else {
                "the model gives it no saturation"
            }
        ));
        CurveSpec::Linear { rate: (slopes.iter().sum::<f64>() / slopes.len() as f64).max(0.0) }
    } else {
        CurveSpec::Table { points: rising(spends.into_iter().zip(values).collect()) }
    };
    let kernel = if scale.steady { kernel } else { vec![1.0] };
    let outcome = Outcome::Revenue;
    let averaged = Averaged {
        name: channel.name.clone(),
        outcome,
        curve,
        slopes,
        draws: specs,
        kernel,
        spend: channel.spend.clone(),
    };
    averaged.library()
}

/// The draws of a channel's parameters.
struct Draws<'a> {
    saved: &'a Saved,
    count: usize,
    /// `beta_gm`, `alpha_m`, `ec_m` and `slope_m`, or those of reach.
    arrays: [&'a crate::Array; 4],
    channel: usize,
    /// Places of the geos among those of the posterior.
    geos: Vec<usize>,
}

/// One draw.
struct Parameters {
    beta: Vec<f64>,
    alpha: f64,
    ec: f64,
    slope: f64,
}

impl<'a> Draws<'a> {
    fn of(saved: &'a Saved, channel: &Channel) -> Result<Draws<'a>, String> {
        let (suffix, dimension) = if channel.reached { ("rf", "rf_channel") } else { ("m", "media_channel") };
        let place = |dimension: &str, name: &str| {
            let labels = saved.posterior.texts.get(dimension)?;
            labels.iter().position(|l| l == name)
        };
        let labels = saved.posterior.texts.get(dimension).map_or(0, Vec::len);
        let channels = if labels > 0 {
            labels
        } else {
            saved.channels.iter().filter(|c| c.reached == channel.reached).count()
        };
        let at = place(dimension, &channel.name).unwrap_or(channel.index);
        let geos = saved.geos.iter().enumerate().map(|(i, g)| place("geo", g).unwrap_or(i)).collect();
        let own = |name: &str| saved.draws(&format!("{name}_{suffix}"), &[channels]);
        let beta = saved.draws(&format!("beta_g{suffix}"), &[saved.geos.len(), channels])?;
        let arrays = [beta, own("alpha")?, own("ec")?, own("slope")?];
        let count = beta.shape[0] * beta.shape[1];
        if at >= channels || arrays.iter().any(|a| a.shape[..2] != beta.shape[..2]) {
            return Err(format!("its posterior has no draws of `{}`", channel.name));
        }
        Ok(Draws { saved, count, arrays, channel: at, geos })
    }

    fn at(&self, draw: usize) -> Parameters {
        let [beta, alpha, ec, slope] = self.arrays;
        let index = [draw / beta.shape[1], draw % beta.shape[1]];
        let one = |a: &crate::Array| a.at(&[index[0], index[1], self.channel]);
        let beta =
            (0..self.saved.geos.len()).map(|g| beta.at(&[index[0], index[1], self.geos[g], self.channel]));
        Parameters { beta: beta.collect(), alpha: one(alpha), ec: one(ec), slope: one(slope) }
    }
}

/// A channel's media per head, over their median.
struct Media<'a> {
    /// By geo and media period.
    scaled: Vec<Vec<f64>>,
    frequency: &'a [Vec<f64>],
    /// Periods before the first outcome.
    late: usize,
    window: usize,
}

impl<'a> Media<'a> {
    fn of(saved: &Saved, channel: &'a Channel) -> Result<Media<'a>, String> {
        let per_head = |(row, people): (&Vec<f64>, &f64)| -> Vec<f64> {
            row.iter().map(|x| if *people > 0.0 { x / people } else { 0.0 }).collect()
        };
        let mut scaled: Vec<Vec<f64>> = channel.media.iter().zip(&saved.population).map(per_head).collect();
        let mut all: Vec<f64> = scaled.iter().flatten().copied().filter(|x| *x != 0.0).collect();
        all.sort_unstable_by(f64::total_cmp);
        let middle = all.len() / 2;
        let median = match all.len() {
            0 => return Err(format!("channel `{}` has spend and no media", channel.name)),
            n if n % 2 == 1 => all[middle],
            _ => (all[middle - 1] + all[middle]) / 2.0,
        };
        scaled.iter_mut().flatten().for_each(|x| *x /= median);
        let periods = saved.media_times.len();
        let window = saved.max_lag.map_or(periods, |lag| lag.saturating_add(1)).min(periods);
        Ok(Media { scaled, frequency: &channel.frequency, late: periods - saved.times, window })
    }

    /// Weights from the spend on, which sum to 1.
    fn kernel(&self, alpha: f64, binomial: bool) -> Vec<f64> {
        let weight = |l: usize| {
            let l = l as f64;
            if binomial { (1.0 - l / self.window as f64).powf(1.0 / alpha - 1.0) } else { alpha.powf(l) }
        };
        let weights: Vec<f64> = (0..self.window).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|w| w / sum).collect()
    }

    /// Worth of one unit of effect in each media period, carried over.
    fn carried(&self, worth: &[f64], kernel: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.late + worth.len()];
        for (t, w) in worth.iter().enumerate() {
            for (l, k) in kernel.iter().enumerate().take_while(|(l, _)| *l <= self.late + t) {
                all[self.late + t - l] += w * k;
            }
        }
        all
    }

    /// Frequency's own effect, by geo and period.
    fn frequent(&self, own: &Parameters, saturates: bool, g: usize, t: usize) -> f64 {
        let frequency = self.frequency[g][t];
        if !saturates {
            return frequency;
        }
        let power = (frequency / own.ec).powf(own.slope);
        power / (1.0 + power)
    }

    fn flown(
        &self,
        own: &Parameters,
        kernel: &[f64],
        scale: &Scale,
        hill_first: bool,
        channel: &Channel,
    ) -> Response {
        let periods = (scale.worth.first().map_or(1, Vec::len)) as f64;
        let mut line = 0.0;
        let mut cells = Vec::new();
        for (g, row) in self.scaled.iter().enumerate() {
            let worth: Vec<f64> = scale.worth[g].iter().map(|w| w * own.beta[g] / periods).collect();
            let mut cell = |value: f64, weight: f64| {
                if value > 0.0 && weight != 0.0 {
                    cells.push(((value / own.ec).powf(own.slope), weight));
                }
            };
            if channel.reached || !channel.saturates {
                let carried = self.carried(&worth, kernel);
                let of = |t: usize| {
                    if channel.reached { self.frequent(own, channel.saturates, g, t) } else { 1.0 }
                };
                line += row.iter().zip(&carried).enumerate().map(|(t, (x, c))| x * c * of(t)).sum::<f64>();
            } else if hill_first {
                row.iter().zip(self.carried(&worth, kernel)).for_each(|(x, c)| cell(*x, c));
            } else {
                for (t, w) in worth.iter().enumerate() {
                    let at = self.late + t;
                    let stock = kernel.iter().zip(row[..=at].iter().rev()).map(|(k, x)| k * x).sum();
                    cell(stock, *w);
                }
            }
        }
        if channel.reached || !channel.saturates {
            Response::Line(line)
        } else {
            Response::Hills { slope: own.slope, cells }
        }
    }

    fn steady(&self, own: &Parameters, scale: &Scale, channel: &Channel) -> Response {
        let mut line = 0.0;
        let mut cells = Vec::new();
        for (g, row) in self.scaled.iter().enumerate() {
            let worth = &scale.worth[g];
            let periods = worth.len() as f64;
            let weight = own.beta[g] * worth.iter().sum::<f64>() / periods;
            let now = &row[self.late..];
            if channel.reached {
                let of = |t: usize| now[t] * self.frequent(own, channel.saturates, g, self.late + t);
                line += weight * (0..now.len()).map(of).sum::<f64>() / periods;
                continue;
            }
            let even = now.iter().sum::<f64>() / periods;
            line += weight * even;
            if even > 0.0 {
                cells.push(((even / own.ec).powf(own.slope), weight));
            }
        }
        if channel.reached || !channel.saturates {
            Response::Line(line)
        } else {
            Response::Hills { slope: own.slope, cells }
        }
    }
}
