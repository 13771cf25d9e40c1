//! From a fit to the curve library.

use indexmap::IndexMap;
use outlay_curves::fit::{Adstock as Kernel, ChannelFit, Fit, Parameters, Warning};
use serde_json::{Value, json};

use crate::files::history::{HistoryFile, Role};
use crate::files::library::{
    Adstock, CurveWarning, FittedRate, LibraryCurve, LibraryFile, MarginalEstimate, Observed,
};
use crate::files::spec::{CurveSpec, Outcome};
use crate::quarter::kept::{DRAWS, thin};
use crate::quarter::met;

/// The library of a fit.
pub fn library(file: &HistoryFile, fit: &Fit, currency: Option<&str>, level: f64) -> LibraryFile {
    let outcome = if file.customers { Outcome::Customers } else { Outcome::Revenue };
    let curves = fit.channels.iter().enumerate();
    let curves = curves.filter_map(|(i, c)| library_curve(file, fit, i, c, outcome, level));
    LibraryFile {
        outlay: 1,
        currency: currency.map(str::to_owned),
        unit: Some(file.unit.name().to_owned()),
        fitted_at: Some(file.last.to_string()),
        source: Some(file.path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned())),
        curves: curves.collect(),
        meeting: met::meeting(fit, level),
    }
}

fn library_curve(
    file: &HistoryFile,
    fit: &Fit,
    index: usize,
    channel: &ChannelFit,
    outcome: Outcome,
    level: f64,
) -> Option<LibraryCurve> {
    let history = file.history.channels.get(index)?;
    let spend = &history.spend;
    let mean = spend.iter().sum::<f64>() / spend.len().max(1) as f64;
    let at = typical(channel);
    let marginal = channel.marginal(at, level);
    let draws = thin(&channel.draws, DRAWS).filter_map(spec_of);
    let warnings = channel.warnings.iter().map(|w| coded(w, file));
    Some(LibraryCurve {
        name: channel.name.clone(),
        outcome,
        curve: spec_of(&channel.expected)?,
        adstock: Some(kernel(channel.adstock())),
        observed: Some(Observed {
            periods: u32::try_from(spend.len()).unwrap_or(u32::MAX),
            min: spend.iter().copied().fold(f64::INFINITY, f64::min),
            mean,
            max: spend.iter().copied().fold(0.0, f64::max),
        }),
        recent: spend[spend.len().saturating_sub(13)..].to_vec(),
        marginal: Some(MarginalEstimate {
            at,
            value: marginal.median,
            low: marginal.low,
            high: marginal.high,
            level,
        }),
        rate: rate(file, index),
        quality: quality(fit, index, channel, level),
        warnings: warnings.collect(),
        draws: draws.collect(),
    })
}

/// The price of a channel's exposures.
fn rate(file: &HistoryFile, index: usize) -> Option<FittedRate> {
    let channel = file.history.channels.get(index)?;
    let of = |role: &Role| matches!(role, Role::Exposure { channel: name } if *name == channel.name);
    let exposure = file.columns.iter().find(|c| of(&c.1))?.0.clone();
    Some(FittedRate { exposure, fitted_at: channel.price()?, latest: channel.latest_price()? })
}

/// Spend at which figures are given: mean spend, or for a channel bought in
/// flights, in fewer than half of the periods, their mean.
fn typical(channel: &ChannelFit) -> f64 {
    const FLIGHTED: f64 = 0.5;
    let mean = channel.spend.iter().sum::<f64>() / channel.spend.len().max(1) as f64;
    if channel.active() < FLIGHTED { channel.central.level } else { mean }
}

fn quality(fit: &Fit, index: usize, channel: &ChannelFit, level: f64) -> IndexMap<String, Option<f64>> {
    let at = typical(channel);
    let mut all = IndexMap::new();
    let mut put = |name: &str, value: f64| all.insert(name.to_owned(), finite(value));
    // Where returns rise an average says nothing of any plan: none is claimed.
    let claimed = if channel.rises() { f64::NAN } else { 1.0 };
    let achieved = channel.achieved(level);
    put("return", claimed * achieved.median);
    put("return_low", claimed * achieved.low);
    put("return_high", claimed * achieved.high);
    let steady = channel.response(at, level);
    put("steady_return", claimed * steady.median / at);
    put("steady_return_low", claimed * steady.low / at);
    put("steady_return_high", claimed * steady.high / at);
    put("rests_on_history", channel.rests.history);
    put("rests_on_tests", channel.rests.tests);
    put("rests_on_prior", channel.rests.prior);
    if let Some(outcome) = fit.outcome_of(index) {
        put("r_hat", outcome.convergence.r_hat);
        put("effective_draws", outcome.convergence.effective);
        put("divergent", outcome.convergence.divergent);
        if let Some(h) = outcome.hold_out {
            put("hold_out_periods", h.periods as f64);
            put("hold_out_error", h.error);
            put("hold_out_naive", h.naive);
        }
        for m in &outcome.models {
            let name = m.family.name();
            put(&format!("weight_{name}"), m.weight);
            put(&format!("aicc_{name}"), m.aicc);
            put(&format!("hold_out_error_{name}"), m.ahead.unwrap_or(f64::NAN));
        }
    }
    let tests = fit.tests.iter().filter(|t| t.channel == channel.name).count();
    put("lift_tests", tests as f64);
    all
}

pub(super) fn spec_of(parameters: &Parameters) -> Option<CurveSpec> {
    CurveSpec::of(&parameters.curve().ok()?)
}

pub(super) fn kernel(adstock: Kernel) -> Adstock {
    let (kind, retention, delay) = match adstock {
        Kernel::None => ("none", None, None),
        Kernel::Geometric { retention } => ("geometric", Some(retention), None),
        Kernel::Delayed { retention, peak } => ("delayed", Some(retention), Some(peak as f64)),
    };
    Adstock { kind: kind.to_owned(), retention, delay, weights: None }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// A warning as its code and figures.
fn coded(warning: &Warning, file: &HistoryFile) -> CurveWarning {
    let (code, figures): (&str, Vec<(&str, Value)>) = match warning {
        Warning::LittleVariation { variation } => ("little_variation", vec![("variation", json!(variation))]),
        Warning::FewPoints { per_effect } => ("few_points", vec![("per_effect", json!(per_effect))]),
        Warning::FewActive { periods } => ("few_active", vec![("periods", json!(periods))]),
        Warning::Collinear { with, correlation } => {
            ("collinear", vec![("with", json!(with)), ("correlation", json!(correlation))])
        }
        Warning::Inflated { factor } => ("inflated", vec![("factor", json!(finite(*factor)))]),
        Warning::BelowHalfSaturation { max, half_saturation } => {
            ("below_half_saturation", vec![("max", json!(max)), ("half_saturation", json!(half_saturation))])
        }
        Warning::Saturated { spend, half_saturation } => {
            ("saturated", vec![("spend", json!(spend)), ("half_saturation", json!(half_saturation))])
        }
        Warning::StraightLine { odds } => ("straight_line", vec![("odds", json!(finite(*odds)))]),
        Warning::RisingReturns { probability } => {
            ("rising_returns", vec![("probability", json!(probability))])
        }
        Warning::NegativeTest { measured, standard_error } => {
            ("negative_test", vec![("measured", json!(measured)), ("standard_error", json!(standard_error))])
        }
        Warning::PriceMoved { fitted, latest } => {
            ("price_moved", vec![("fitted", json!(fitted)), ("latest", json!(latest))])
        }
        Warning::Flighted { level, periods } => {
            ("flighted", vec![("level", json!(level)), ("periods", json!(periods))])
        }
        Warning::HighReturn { value } => ("high_return", vec![("value", json!(value))]),
        Warning::LowReturn { value, spent } => {
            ("low_return", vec![("value", json!(value)), ("spent", json!(spent))])
        }
        Warning::LongMemory { retention } => ("long_memory", vec![("retention", json!(retention))]),
        Warning::PriorDominates { ratio } => ("prior_dominates", vec![("ratio", json!(ratio))]),
        Warning::Conflict { measured, expected, z } => {
            let figures = vec![("measured", json!(measured)), ("expected", json!(expected)), ("z", json!(z))];
            ("test_conflict", figures)
        }
        Warning::TestsDisagree { measured, expected, z } => {
            let figures = vec![("measured", json!(measured)), ("expected", json!(expected)), ("z", json!(z))];
            ("tests_disagree", figures)
        }
        Warning::FollowsBaseline { share } => ("follows_baseline", vec![("share", json!(share))]),
        Warning::ControlFollows { control, correlation } => {
            ("control_follows", vec![("control", json!(control)), ("correlation", json!(correlation))])
        }
        Warning::FollowsOutcome { correlation } => {
            ("follows_outcome", vec![("correlation", json!(correlation))])
        }
        Warning::ShortHistory { years } => ("short_history", vec![("years", json!(years))]),
        Warning::Autocorrelated { correlation } => {
            ("autocorrelated", vec![("correlation", json!(correlation))])
        }
        Warning::OddPeriods { period, z, count } => {
            let date = file.unit.nth(file.first, *period).map_or(Value::Null, |d| json!(d.to_string()));
            ("odd_periods", vec![("date", date), ("z", json!(z)), ("count", json!(count))])
        }
        Warning::NoOutcome { periods } => ("no_outcome", vec![("periods", json!(periods))]),
        Warning::AboveOutcome { probability } => ("above_outcome", vec![("probability", json!(probability))]),
        Warning::WorseThanNaive { error, naive } => {
            ("worse_than_naive", vec![("error", json!(error)), ("naive", json!(naive))])
        }
        Warning::MarketsContradict { ratio, probability } => {
            ("markets_contradict", vec![("ratio", json!(ratio)), ("probability", json!(probability))])
        }
        Warning::CutShort => ("cut_short", Vec::new()),
        Warning::MarketsLeftOut => ("markets_left_out", Vec::new()),
        Warning::NotReached => ("not_reached", Vec::new()),
        Warning::NotConverged { r_hat, effective } => {
            ("not_converged", vec![("r_hat", json!(r_hat)), ("effective", json!(effective))])
        }
    };
    let figures = figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    CurveWarning { code: code.to_owned(), figures }
}
