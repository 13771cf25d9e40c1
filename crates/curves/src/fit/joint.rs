use nalgebra::DVector;

use super::baseline::Baseline;
use super::expected::expected;
use super::holdout::hold_out;
use super::mode::{self, Mode};
use super::model::{Choice, Model};
use super::posterior::median;
use super::sample::sample;
use super::watch::{CHAIN, Watch};
use super::{
    Carry, ChannelFit, Convergence, Family, Fit, FitError, History, HoldOut, LiftTest, ModelScore, Options,
    Outcome, Parameters, diagnose, tested,
};

/// Fits curves to a history and its lift tests: jointly if the history has a
/// total outcome, otherwise channel by channel.
///
/// # Errors
/// What is wrong with the history or a lift test, or that no most probable
/// point was found.
pub fn fit(history: &History, tests: &[LiftTest], options: &Options) -> Result<Fit, FitError> {
    fit_watched(history, tests, options, &|_| ())
}

/// [`fit`], telling `told` which share of the work is done, in [0, 1] and from
/// any thread.
///
/// # Errors
/// As [`fit`].
pub fn fit_watched(
    history: &History,
    tests: &[LiftTest],
    options: &Options,
    told: &(dyn Fn(f64) + Sync),
) -> Result<Fit, FitError> {
    history.check()?;
    for (index, test) in tests.iter().enumerate() {
        test.check(index, history)?;
    }
    match &history.outcome {
        Some(outcome) => together(history, outcome, tests, options, told),
        None => apart(history, tests, options, told),
    }
}

/// All channels explain one outcome, with a baseline.
fn together(
    history: &History,
    outcome: &[f64],
    tests: &[LiftTest],
    options: &Options,
    told: &(dyn Fn(f64) + Sync),
) -> Result<Fit, FitError> {
    let all: Vec<usize> = (0..history.channels.len()).collect();
    let baseline = Baseline::of(history, options.seasons);
    let build = |family: Family, carries: &[Carry]| {
        let choice = Choice { family, carries, prior_width: options.prior_width };
        Model::new(history, &all, outcome, tests, baseline.clone(), &choice)
    };
    let watch = Watch::new(work(all.len(), options), told);
    one_outcome(history, all.len(), options, &watch, build)
}

/// Every channel explains its own outcome, and nothing else does.
fn apart(
    history: &History,
    tests: &[LiftTest],
    options: &Options,
    told: &(dyn Fn(f64) + Sync),
) -> Result<Fit, FitError> {
    let watch = Watch::new(history.channels.len() as u64 * work(1, options), told);
    let mut whole = Fit { channels: Vec::new(), outcomes: Vec::new(), tests: Vec::new() };
    for (i, channel) in history.channels.iter().enumerate() {
        let Some(outcome) = &channel.outcome else { continue };
        let build = |family: Family, carries: &[Carry]| {
            let choice = Choice { family, carries, prior_width: options.prior_width };
            let model = Model::new(history, &[i], outcome, tests, Baseline::none(outcome.len()), &choice);
            model.credited(channel.incrementality)
        };
        let one = one_outcome(history, 1, options, &watch, build)?;
        whole.channels.extend(one.channels);
        whole.outcomes.extend(one.outcomes);
        whole.tests.extend(one.tests);
    }
    if whole.channels.is_empty() {
        return Err(FitError::NoOutcome { channel: "all channels".into() });
    }
    Ok(whole)
}

/// Parts of the work of explaining one outcome.
fn work(channels: usize, options: &Options) -> u64 {
    let others = options.carries.len().saturating_sub(1);
    let modes = channels * others + 2 * options.families.len();
    modes as u64 + options.families.len() as u64 * options.sampling.chains as u64 * CHAIN
}

/// A model with its mode.
struct Candidate {
    model: Model,
    mode: Mode,
    score: ModelScore,
    hold_out: Option<HoldOut>,
}

fn one_outcome(
    history: &History,
    width: usize,
    options: &Options,
    watch: &Watch<'_>,
    build: impl Fn(Family, &[Carry]) -> Model,
) -> Result<Fit, FitError> {
    let carries = choose_carries(width, options, watch, &build)?;
    let first = build(options.families.first().copied().unwrap_or(Family::MichaelisMenten), &carries);
    let weights = first.proportional(&find(&first)?.at);
    let mut candidates = Vec::new();
    for &family in &options.families {
        let model = build(family, &carries).weighted(weights.clone());
        let mode = find(&model)?;
        let aicc = aicc(&model, &mode);
        watch.tick(1);
        let hold_out = hold_out(&model, options.hold_out, history.periods_per_year)?;
        watch.tick(1);
        let score = ModelScore { family, aicc, weight: 0.0, ahead: hold_out.map(|h| h.error) };
        candidates.push(Candidate { model, mode, score, hold_out });
    }
    weigh(&mut candidates);
    let (mut channels, convergence) = average(&candidates, options, watch);
    let Some(best) = candidates.first() else { return Err(FitError::NoMode { steps: 0 }) };
    let tests = tested::compare(&best.model, options.sampling.seed)?;
    let hold_out = best.hold_out;
    let models = candidates.iter().map(|c| c.score).collect();
    let joint = best.model.baseline.width() > 0;
    let outcome = Outcome { joint, models, hold_out, convergence };
    let shared = diagnose::whole(&best.model, &best.mode.at, history.periods_per_year, &outcome);
    for (i, channel) in channels.iter_mut().enumerate() {
        channel.warnings = diagnose::channel(&best.model, i, channel, &best.mode.at);
        channel.warnings.extend(diagnose::conflicts(&channel.name, &tests));
        channel.warnings.extend(shared.iter().cloned());
    }
    Ok(Fit { channels, outcomes: vec![outcome], tests })
}

/// Probabilities of the families from their evidence (Laplace), best first.
fn weigh(candidates: &mut [Candidate]) {
    let best = candidates.iter().map(|c| c.mode.ln_evidence).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = candidates.iter().map(|c| (c.mode.ln_evidence - best).exp()).sum();
    for c in candidates.iter_mut() {
        c.score.weight = (c.mode.ln_evidence - best).exp() / total;
    }
    candidates.sort_by(|a, b| b.score.weight.total_cmp(&a.score.weight));
}

/// Samples every family worth it and mixes the draws by weight.
fn average(candidates: &[Candidate], options: &Options, watch: &Watch<'_>) -> (Vec<ChannelFit>, Convergence) {
    const WORTH: f64 = 0.05;
    let mut channels: Vec<ChannelFit> = Vec::new();
    let mut convergence = Convergence { r_hat: 1.0, effective: f64::INFINITY, divergent: 0.0 };
    let kept: f64 = candidates.iter().map(|c| c.score.weight).filter(|w| *w >= WORTH).sum();
    for c in candidates.iter().filter(|c| c.score.weight >= WORTH) {
        let (draws, trust) = sample(&c.model, &c.mode, &options.sampling, watch);
        convergence = worse(convergence, trust);
        let wanted = options.sampling.chains * options.sampling.draws;
        let wanted = (wanted as f64 * c.score.weight / kept).round() as usize;
        let chosen: Vec<&DVector<f64>> = thin(&draws, wanted).collect();
        for i in 0..c.model.channels.len() {
            let parameters: Vec<Parameters> = chosen.iter().map(|at| c.model.parameters(i, at)).collect();
            match channels.get_mut(i) {
                Some(channel) => channel.draws.extend(parameters),
                None => channels.push(ChannelFit {
                    name: c.model.channels[i].name.clone(),
                    central: centre(&parameters, c.model.parameters(i, &c.mode.at)),
                    expected: c.model.parameters(i, &c.mode.at),
                    draws: parameters,
                    points: c.model.points(i, &c.mode.at),
                    warnings: Vec::new(),
                }),
            }
        }
    }
    for channel in &mut channels {
        // The central curve's slope is the mixture's, whatever its family.
        let middle = median(channel.draws.iter().map(|p| p.marginal));
        if middle.is_finite() {
            channel.central.marginal = middle;
        }
        channel.expected = expected(&channel.draws, channel.central);
    }
    (channels, convergence)
}

fn worse(a: Convergence, b: Convergence) -> Convergence {
    Convergence {
        r_hat: a.r_hat.max(b.r_hat),
        effective: a.effective.min(b.effective),
        divergent: a.divergent.max(b.divergent),
    }
}

/// `wanted` items, evenly spaced.
fn thin<T>(items: &[T], wanted: usize) -> impl Iterator<Item = &T> {
    let wanted = wanted.min(items.len());
    (0..wanted).filter_map(move |i| items.get(i * items.len() / wanted.max(1)))
}

fn centre(draws: &[Parameters], otherwise: Parameters) -> Parameters {
    if draws.is_empty() {
        return otherwise;
    }
    let middle = |read: fn(&Parameters) -> f64| median(draws.iter().map(read));
    Parameters {
        marginal: middle(|p| p.marginal),
        ln_half: middle(|p| p.ln_half),
        ln_exponent: middle(|p| p.ln_exponent),
        retention: middle(|p| p.retention),
        ..otherwise
    }
}

fn find(model: &Model) -> Result<Mode, FitError> {
    mode::find(model, &model.starts())
}

/// The kind of carry-over of each channel: the first, unless the data prefer
/// another by more than a factor of e.
fn choose_carries(
    channels: usize,
    options: &Options,
    watch: &Watch<'_>,
    build: &impl Fn(Family, &[Carry]) -> Model,
) -> Result<Vec<Carry>, FitError> {
    const MARGIN: f64 = 1.0;
    let default = options.carries.first().copied().unwrap_or(Carry::Geometric);
    let family = options.families.first().copied().unwrap_or(Family::MichaelisMenten);
    let mut chosen = vec![default; channels];
    let mut best = find(&build(family, &chosen))?.ln_evidence;
    for i in 0..channels {
        for &carry in options.carries.iter().skip(1) {
            let mut other = chosen.clone();
            other[i] = carry;
            let evidence = find(&build(family, &other))?.ln_evidence;
            watch.tick(1);
            if evidence > best + MARGIN {
                (best, chosen) = (evidence, other);
            }
        }
    }
    Ok(chosen)
}

/// n ln(RSS/n) + 2p + 2p(p+1)/(n-p-1), the variance counted.
fn aicc(model: &Model, mode: &Mode) -> f64 {
    let n = model.outcome.len() as f64;
    let p = (model.width() + model.baseline.width() + 1) as f64;
    let rss = model.likelihood(&mode.at, &mut model.workspace()).rss;
    let left = (n - p - 1.0).max(1.0);
    n * (rss / n).ln() + 2.0 * p + 2.0 * p * (p + 1.0) / left
}
