//! From a fit to the curve library, and from one library to the next.

use indexmap::IndexMap;
use outlay_curves::Curve;
use outlay_curves::fit::{Adstock as Kernel, ChannelFit, Fit, History, Parameters, Warning};
use serde_json::{Value, json};

use crate::history::HistoryFile;
use crate::library::{Adstock, CurveWarning, LibraryCurve, LibraryFile, MarginalEstimate, Observed};
use crate::spec::{CurveSpec, Outcome};

/// Draws per curve kept in a library; draw j of every curve belongs together.
pub const DRAWS: usize = 200;

/// The library of a fit.
pub fn library(
    file: &HistoryFile,
    fit: &Fit,
    source: &str,
    currency: Option<&str>,
    level: f64,
) -> LibraryFile {
    let outcome = if file.customers { Outcome::Customers } else { Outcome::Revenue };
    let curves = fit.channels.iter().enumerate();
    let curves = curves.filter_map(|(i, c)| library_curve(&file.history, fit, i, c, outcome, level));
    LibraryFile {
        outlay: 1,
        currency: currency.map(str::to_owned),
        unit: Some(file.unit.name().to_owned()),
        fitted_at: Some(file.last.to_string()),
        source: Some(source.to_owned()),
        curves: curves.collect(),
    }
}

fn library_curve(
    history: &History,
    fit: &Fit,
    index: usize,
    channel: &ChannelFit,
    outcome: Outcome,
    level: f64,
) -> Option<LibraryCurve> {
    let spend = &history.channels.get(index)?.spend;
    let mean = channel.central.mean;
    let marginal = channel.marginal(mean, level);
    let draws = thin(&channel.draws, DRAWS).filter_map(spec_of);
    let warnings = channel.warnings.iter().chain(&fit.warnings).map(coded);
    Some(LibraryCurve {
        name: channel.name.clone(),
        outcome,
        curve: spec_of(&channel.central)?,
        adstock: Some(kernel(channel.adstock())),
        observed: Some(Observed {
            periods: u32::try_from(spend.len()).unwrap_or(u32::MAX),
            min: spend.iter().copied().fold(f64::INFINITY, f64::min),
            mean,
            max: spend.iter().copied().fold(0.0, f64::max),
        }),
        marginal: Some(MarginalEstimate {
            at: mean,
            value: marginal.median,
            low: marginal.low,
            high: marginal.high,
            level,
        }),
        quality: quality(fit, channel, level),
        warnings: warnings.collect(),
        draws: draws.collect(),
    })
}

fn quality(fit: &Fit, channel: &ChannelFit, level: f64) -> IndexMap<String, Option<f64>> {
    let finite = |v: f64| v.is_finite().then_some(v);
    let mean = channel.central.mean;
    let response = channel.response(mean, level);
    let mut all = IndexMap::new();
    let mut put = |name: &str, value: f64| all.insert(name.to_owned(), finite(value));
    put("return", response.median / mean);
    put("return_low", response.low / mean);
    put("return_high", response.high / mean);
    put("r_hat", fit.convergence.r_hat);
    put("effective_draws", fit.convergence.effective);
    put("divergent", fit.convergence.divergent);
    if let Some(h) = fit.hold_out {
        put("hold_out_periods", h.periods as f64);
        put("hold_out_error", h.error);
        put("hold_out_naive", h.naive);
    }
    for m in &fit.models {
        put(&format!("weight_{}", m.family.name()), m.weight);
        put(&format!("aicc_{}", m.family.name()), m.aicc);
    }
    let tests = fit.tests.iter().filter(|t| t.channel == channel.name).count();
    put("lift_tests", tests as f64);
    all
}

fn thin<T>(items: &[T], most: usize) -> impl Iterator<Item = &T> {
    let kept = items.len().min(most);
    (0..kept).filter_map(move |i| items.get(i * items.len() / kept.max(1)))
}

fn spec_of(parameters: &Parameters) -> Option<CurveSpec> {
    spec_of_curve(&parameters.curve().ok()?)
}

/// A fitted curve as written in files; `None` for families no fit produces.
pub(crate) fn spec_of_curve(curve: &Curve) -> Option<CurveSpec> {
    match curve {
        Curve::Hill(h) => {
            let (ceiling, half_saturation, shape) = h.parameters();
            Some(CurveSpec::Hill { ceiling, half_saturation, shape })
        }
        Curve::MichaelisMenten(m) => {
            let (ceiling, half_saturation) = m.parameters();
            Some(CurveSpec::MichaelisMenten { ceiling, half_saturation })
        }
        Curve::Exponential(e) => {
            let (ceiling, scale) = e.parameters();
            Some(CurveSpec::Exponential { ceiling, scale })
        }
        _ => None,
    }
}

fn kernel(adstock: Kernel) -> Adstock {
    let (kind, retention, delay) = match adstock {
        Kernel::None => ("none", None, None),
        Kernel::Geometric { retention } => ("geometric", Some(retention), None),
        Kernel::Delayed { retention, peak } => ("delayed", Some(retention), Some(peak as f64)),
    };
    Adstock { kind: kind.to_owned(), retention, delay, weights: None }
}

/// A warning as its code and figures.
fn coded(warning: &Warning) -> CurveWarning {
    let (code, figures): (&str, Vec<(&str, Value)>) = match warning {
        Warning::LittleVariation { variation } => ("little_variation", vec![("variation", json!(variation))]),
        Warning::FewPoints { per_effect } => ("few_points", vec![("per_effect", json!(per_effect))]),
        Warning::FewActive { periods } => ("few_active", vec![("periods", json!(periods))]),
        Warning::Collinear { with, correlation } => {
            ("collinear", vec![("with", json!(with)), ("correlation", json!(correlation))])
        }
        Warning::Inflated { factor } => ("inflated", vec![("factor", json!(factor))]),
        Warning::BelowHalfSaturation { max, half_saturation } => {
            ("below_half_saturation", vec![("max", json!(max)), ("half_saturation", json!(half_saturation))])
        }
        Warning::Saturated { spend, half_saturation } => {
            ("saturated", vec![("spend", json!(spend)), ("half_saturation", json!(half_saturation))])
        }
        Warning::StraightLine { ratio } => ("straight_line", vec![("ratio", json!(ratio))]),
        Warning::HighReturn { value } => ("high_return", vec![("value", json!(value))]),
        Warning::LongMemory { retention } => ("long_memory", vec![("retention", json!(retention))]),
        Warning::PriorDominates { ratio } => ("prior_dominates", vec![("ratio", json!(ratio))]),
        Warning::Conflict { measured, expected, z } => {
            let figures = vec![("measured", json!(measured)), ("expected", json!(expected)), ("z", json!(z))];
            ("test_conflict", figures)
        }
        Warning::WorseThanNaive { error, naive } => {
            ("worse_than_naive", vec![("error", json!(error)), ("naive", json!(naive))])
        }
        Warning::NotConverged { r_hat, effective } => {
            ("not_converged", vec![("r_hat", json!(r_hat)), ("effective", json!(effective))])
        }
    };
    let figures = figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    CurveWarning { code: code.to_owned(), figures }
}

/// How a curve moved between two libraries.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The curve.
    pub name: String,
    /// Marginal return before and now.
    pub before: f64,
    /// Marginal return now.
    pub now: f64,
    /// Whether the new value lies outside the old interval: news, not noise.
    pub news: bool,
}

/// Compares a new library with the text of an old one, curve by curve.
pub fn moved(old: &str, new: &LibraryFile) -> Result<Vec<Moved>, serde_json::Error> {
    let old: Value = serde_json::from_str(old)?;
    let empty = Vec::new();
    let curves = old.get("curves").and_then(Value::as_array).unwrap_or(&empty);
    let one = |curve: &LibraryCurve| {
        let before = curves.iter().find(|c| c.get("name").and_then(Value::as_str) == Some(&curve.name))?;
        let figure = |name: &str| before.get("marginal")?.get(name)?.as_f64();
        let now = curve.marginal?.value;
        let news = now < figure("low")? || now > figure("high")?;
        Some(Moved { name: curve.name.clone(), before: figure("value")?, now, news })
    };
    Ok(new.curves.iter().filter_map(one).collect())
}
