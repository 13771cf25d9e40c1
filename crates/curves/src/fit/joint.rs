//! Fits a history and its lift tests.

use nalgebra::DVector;

use super::baseline::Baseline;
use super::candidate::Candidate;
use super::expected::{Range, expected};
use super::holdout::hold_out;
use super::mode::{self, Mode};
use super::model::{Choice, Model};
use super::quantile::median;
use super::sample::{left_open, possible, sample};
use super::watch::{CHAIN, Heard, Watch};
use super::{
    Carry, ChannelFit, Convergence, Family, Fit, FitError, History, LiftTest, Met, ModelScore, Options,
    Outcome, Parameters, Rests, Warning, diagnose, meeting, straight, tested,
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
    fit_until(history, tests, options, told, &|| false)
}

/// [`fit_watched`], ending soon after `stop` says so with what there is by
/// then: fewer families tried, fewer draws, at the least draws from the Normal
/// at the most probable point. [`Convergence::cut_short`] tells.
///
/// # Errors
/// As [`fit`].
pub fn fit_until(
    history: &History,
    tests: &[LiftTest],
    options: &Options,
    told: &(dyn Fn(f64) + Sync),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Fit, FitError> {
    history.check()?;
    for (index, test) in tests.iter().enumerate() {
        test.check(index, history)?;
    }
    if let Some(meeting) = &options.meeting {
        meeting.check(history)?;
    }
    match &history.outcome {
        Some(outcome) => together(history, outcome, tests, options, (told, stop)),
        None => apart(history, tests, options, (told, stop)),
    }
}

/// All channels explain one outcome, with a baseline.
fn together(
    history: &History,
    outcome: &[f64],
    tests: &[LiftTest],
    options: &Options,
    heard: Heard<'_>,
) -> Result<Fit, FitError> {
    let all: Vec<usize> = (0..history.channels.len()).collect();
    let baseline = Baseline::of(history, options.seasons);
    let build = |family: Family, carries: &[Carry]| {
        let choice = Choice { family, carries, prior_width: options.prior_width };
        Model::new(history, &all, outcome, tests, baseline.clone(), &choice)
    };
    let watch = Watch::new(work(all.len(), options), heard);
    one_outcome(history, all.len(), options, &watch, build)
}

/// Every channel explains its own outcome, and nothing else does.
fn apart(
    history: &History,
    tests: &[LiftTest],
    options: &Options,
    heard: Heard<'_>,
) -> Result<Fit, FitError> {
    let watch = Watch::new(history.channels.len() as u64 * work(1, options), heard);
    let mut whole = Fit { channels: Vec::new(), outcomes: Vec::new(), tests: Vec::new(), meeting: None };
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
    let ways = if options.meeting.is_some() { 2 } else { 1 };
    modes as u64 + ways * options.families.len() as u64 * options.sampling.chains as u64 * CHAIN
}

fn one_outcome(
    history: &History,
    width: usize,
    options: &Options,
    watch: &Watch<'_>,
    build: impl Fn(Family, &[Carry]) -> Model,
) -> Result<Fit, FitError> {
    let (carries, known) = choose_carries(width, options, watch, &build)?;
    let family = options.families.first().copied().unwrap_or(Family::MichaelisMenten);
    let plain = build(family, &carries);
    let as_known = known.mode.reached && carries.iter().all(|c| *c == first_carry(options));
    let mode = if as_known { known.mode.clone() } else { find(&plain, &known, watch)? };
    // Periods that only a meeting explains are not odd.
    let (plain, mode) = match &options.meeting {
        Some(meeting) => {
            let met = meeting::onto(meeting, &plain, &mode, watch)?;
            let mode = find(&met, &known, watch)?;
            (met, mode)
        }
        None => (plain, mode),
    };
    let (weights, mode) = weights(plain, mode, &known, watch)?;
    let found = mode.filter(|_| options.meeting.is_none());
    let mut candidates: Vec<Candidate> = Vec::new();
    for &family in &options.families {
        let model = build(family, &carries).weighted(weights.clone());
        let mode = match candidates.first() {
            Some(_) if watch.stopped() => break,
            Some(first) => mode::near(&model, &first.model, &first.mode, watch),
            None => found.clone().map_or_else(|| find(&model, &known, watch), Ok)?,
        };
        if !candidates.is_empty() && !mode.reached {
            break;
        }
        watch.tick(1);
        candidates.push(Candidate::new(model, mode));
    }
    let lines = lines(&mut candidates);
    if let Some(meeting) = options.meeting.as_ref().filter(|_| !watch.stopped()) {
        let met = meeting::candidates(meeting, &candidates, watch)?;
        candidates.extend(met);
    }
    weigh(&mut candidates);
    let last = (options.hold_out, history.periods_per_year);
    let ahead = |c: &Candidate| hold_out(&c.model, &c.mode, last, watch);
    for c in candidates.iter_mut().filter(|c| c.score.weight >= WORTH && !watch.stopped()) {
        c.hold_out = ahead(c);
        c.score.ahead = c.hold_out.map(|h| h.error);
        watch.tick(1);
    }
    let (mut channels, mets, convergence, beyond) = average(&candidates, options, watch);
    let Some(best) = candidates.first() else { return Err(FitError::NoMode { steps: 0 }) };
    let tests = tested::compare(&best.model, &best.mode, options.sampling.seed, watch);
    let hold_out = best.hold_out;
    let models = by_family(&candidates);
    let meeting = options.meeting.as_ref();
    let meeting = meeting.and_then(|m| meeting::found(m, &candidates, mets, options.level, ahead));
    let joint = best.model.baseline.width() > 0;
    let outcome = Outcome { joint, models, hold_out, convergence, beyond, lines };
    let shared = diagnose::whole(&best.model, &best.mode.at, history.periods_per_year, &outcome);
    let alike = diagnose::alike(&best.model);
    let rests = best.model.rests(&best.mode.at);
    for (i, channel) in channels.iter_mut().enumerate() {
        channel.rests = rests[i];
        channel.warnings = diagnose::channel(&best.model, i, channel, &best.mode.at, &alike);
        channel.warnings.extend(price(history, &channel.name));
        channel.warnings.extend(straight::warning(&channel.draws, lines));
        channel.warnings.extend(diagnose::conflicts(&channel.name, &tests));
        channel.warnings.extend(shared.iter().cloned());
    }
    Ok(Fit { channels, outcomes: vec![outcome], tests, meeting })
}

/// A price that has moved since it was what the curve is stated at.
fn price(history: &History, channel: &str) -> Option<Warning> {
    const MOVED: f64 = 0.05;
    let channel = history.channels.iter().find(|c| c.name == channel)?;
    let (fitted, latest) = (channel.price()?, channel.latest_price()?);
    ((latest / fitted).ln().abs() > MOVED).then_some(Warning::PriceMoved { fitted, latest })
}

/// Weight below which a family is left out of the draws.
pub(crate) const WORTH: f64 = 0.05;

/// Weights of the periods: nothing for those left out, little for those far
/// from anything the model explains, and less where more is expected if errors
/// grow with what is expected. Also the model's mode, where no weight changed.
fn weights(
    model: Model,
    mode: Mode,
    known: &Known,
    watch: &Watch<'_>,
) -> Result<(Option<Vec<f64>>, Option<Mode>), FitError> {
    const ROUNDS: usize = 3;
    let (mut at, mut same) = (mode.at.clone(), Some(mode));
    let mut model = match model.proportional(&at) {
        Some(weights) => {
            let model = model.weighted(Some(weights));
            (at, same) = (find(&model, known, watch)?.at, None);
            model
        }
        None => model,
    };
    let even: Vec<f64> = (0..model.outcome.len()).map(|t| model.weight(t)).collect();
    for _ in 0..ROUNDS {
        let Some(odd) = model.robust(&at) else { break };
        let weights: Vec<f64> = even.iter().zip(&odd).map(|(a, b)| a * b).collect();
        if (0..weights.len()).all(|t| (weights[t] - model.weight(t)).abs() < 0.02) {
            break;
        }
        model = model.weighted(Some(weights));
        (at, same) = (mode::find(&model, &[at], watch)?.at, None);
    }
    Ok((model.weights(), same))
}

/// Takes the straight lines out: the probability of the data under them, over
/// that under the most probable family of diminishing returns.
fn lines(candidates: &mut Vec<Candidate>) -> Option<f64> {
    let at = candidates.iter().position(|c| c.model.family == Family::Linear)?;
    if candidates.len() == 1 {
        return None;
    }
    let line = candidates.remove(at).mode.ln_evidence;
    let diminishing = candidates.iter().filter(|c| c.model.family != Family::SShaped);
    let best = diminishing.map(|c| c.mode.ln_evidence).fold(f64::NEG_INFINITY, f64::max);
    Some((line - best).exp()).filter(|odds| odds.is_finite())
}

/// Probabilities of the families from their evidence (Laplace), best first.
pub(crate) fn weigh(candidates: &mut [Candidate]) {
    let ln = |c: &Candidate| c.mode.ln_evidence + c.model.family.ln_odds(c.model.channels.len());
    let best = candidates.iter().map(ln).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = candidates.iter().map(|c| (ln(c) - best).exp()).sum();
    for c in candidates.iter_mut() {
        c.score.weight = (ln(c) - best).exp() / total;
    }
    candidates.sort_by(|a, b| b.score.weight.total_cmp(&a.score.weight));
}

/// Samples every family worth it and mixes the draws by weight; with them how
/// far they can be trusted, and [`Outcome::beyond`].
fn average(
    candidates: &[Candidate],
    options: &Options,
    watch: &Watch<'_>,
) -> (Vec<ChannelFit>, Vec<Met>, Convergence, f64) {
    let (mut channels, mut mets): (Vec<ChannelFit>, Vec<Met>) = Default::default();
    let (mut trusts, mut beyond) = (Vec::new(), 0.0);
    let cut_short = watch.stopped();
    let kept: f64 = candidates.iter().map(|c| c.score.weight).filter(|w| *w >= WORTH).sum();
    for c in candidates.iter().filter(|c| c.score.weight >= WORTH) {
        let part = c.score.weight / kept;
        let (draws, trust) =
            sample(&c.model, &c.mode, &options.sampling, (part, left_open(&trusts, part)), watch);
        trusts.push((part, trust));
        let wanted = options.sampling.chains * options.sampling.draws;
        let wanted = (wanted as f64 * part).round() as usize;
        let (draws, over) = possible(&c.model, draws);
        beyond += part * over;
        let chosen: Vec<&DVector<f64>> = thin(&draws, wanted).collect();
        let mut space = c.model.workspace();
        mets.extend(chosen.iter().map(|at| c.model.met(at, &mut space).unwrap_or_default()));
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
                    spend: c.model.spend(i),
                    before: c.model.before(i),
                    rests: Rests::default(),
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
        let level = channel.central.level;
        let spend: Vec<f64> = channel.spend.iter().map(|x| x / level).collect();
        channel.expected = expected(&channel.draws, channel.central, Range::of(&spend));
    }
    (channels, mets, mixed(&trusts, cut_short), beyond)
}

/// What the data say of each family, however channels meet.
fn by_family(candidates: &[Candidate]) -> Vec<ModelScore> {
    let mut scores: Vec<ModelScore> = Vec::new();
    for c in candidates {
        match scores.iter_mut().find(|s| s.family == c.score.family) {
            Some(score) => score.weight += c.score.weight,
            None => scores.push(c.score),
        }
    }
    scores.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    scores
}

/// Convergence of draws mixed from several families, by the share that each
/// has: variances of what is estimated from each add up, and so does what
/// chains disagree on.
pub(crate) fn mixed(parts: &[(f64, Convergence)], cut_short: bool) -> Convergence {
    let variance: f64 = parts.iter().map(|(share, c)| share * share / c.effective).sum();
    let worst = |of: fn(&Convergence) -> f64| parts.iter().map(|p| of(&p.1)).fold(0.0, f64::max);
    Convergence {
        r_hat: (1.0 + parts.iter().map(|(share, c)| c.excess(*share)).sum::<f64>()).max(1.0).sqrt(),
        effective: 1.0 / variance,
        divergent: worst(|c| c.divergent),
        cut_short: cut_short || parts.iter().any(|p| p.1.cut_short),
        reached: parts.iter().all(|p| p.1.reached),
    }
}

/// `wanted` items, evenly spaced.
pub(crate) fn thin<T>(items: &[T], wanted: usize) -> impl Iterator<Item = &T> {
    let wanted = wanted.min(items.len());
    (0..wanted).filter_map(move |i| items.get(i * items.len() / wanted.max(1)))
}

pub(crate) fn centre(draws: &[Parameters], otherwise: Parameters) -> Parameters {
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

/// What is known of a model's mode from a similar one, for when time is up.
pub(crate) struct Known {
    pub(crate) model: Model,
    pub(crate) mode: Mode,
}

fn find(model: &Model, known: &Known, watch: &Watch<'_>) -> Result<Mode, FitError> {
    if !watch.stopped() {
        let found = mode::find(model, &model.starts(), watch)?;
        if found.reached {
            return Ok(found);
        }
    }
    let near = mode::near(model, &known.model, &known.mode, watch);
    Ok(Mode { reached: known.mode.reached, ..near })
}

/// The kind of carry-over that is tried first.
pub(crate) fn first_carry(options: &Options) -> Carry {
    options.carries.first().copied().unwrap_or(Carry::Geometric)
}

/// The kind of carry-over of each channel: the first, unless the data prefer
/// another by more than a factor of e^2; and the mode where all are the first.
pub(crate) fn choose_carries(
    channels: usize,
    options: &Options,
    watch: &Watch<'_>,
    build: &impl Fn(Family, &[Carry]) -> Model,
) -> Result<(Vec<Carry>, Known), FitError> {
    const MARGIN: f64 = 2.0;
    let family = options.families.first().copied().unwrap_or(Family::MichaelisMenten);
    let mut chosen = vec![first_carry(options); channels];
    let model = build(family, &chosen);
    let mode = mode::find(&model, &model.starts(), watch)?;
    let mut best = mode.density;
    for i in 0..channels {
        for &carry in options.carries.iter().skip(1) {
            let mut other = chosen.clone();
            other[i] = carry;
            watch.tick(1);
            if watch.stopped() {
                continue;
            }
            // As many parameters and the same priors: densities compare.
            let near = mode::point_near(&build(family, &other), &model, &mode, watch);
            if near.density > best + MARGIN {
                (best, chosen) = (near.density, other);
            }
        }
    }
    Ok((chosen, Known { model, mode }))
}
