//! Whether and how channels meet, as far as a history tells.

use super::candidate::Candidate;
use super::meets::{Meeting, Meets, Met};
use super::mode::{self, Mode};
use super::model::Model;
use super::posterior::{Interval, MeetingFit};
use super::watch::Watch;
use super::{Family, FitError, HoldOut};

/// A meeting of a model's channels: constants are what they earn at its mode.
fn of(meeting: &Meeting, model: &Model, mode: &Mode) -> Result<Meets, FitError> {
    let names: Vec<&str> = model.channels.iter().map(|c| c.name.as_str()).collect();
    let usual = model.usual(&mode.at, &mut model.workspace());
    let reason = "the channels that should meet earn nothing by themselves".to_owned();
    Meets::of(meeting, &names, usual).ok_or(FitError::Meeting { reason })
}

/// A model with the meeting, whose constants are what its channels earn at its
/// own mode: without the meeting they would be credited otherwise.
pub(super) fn onto(
    meeting: &Meeting,
    model: &Model,
    mode: &Mode,
    watch: &Watch<'_>,
) -> Result<Model, FitError> {
    const ROUNDS: usize = 6;
    const NEAR: f64 = 0.01;
    let mut meets = of(meeting, model, mode)?;
    let mut found = (model.clone(), mode.clone());
    for _ in 0..ROUNDS {
        let with = model.clone().meeting(meets.clone());
        let at = mode::near(&with, &found.0, &found.1, watch);
        let next = of(meeting, &with, &at)?;
        let ((a, b), (c, d)) = (meets.usual(), next.usual());
        let moved = (c / a).ln().abs().max((d / b).ln().abs());
        (meets, found) = (next, (with, at));
        if moved < NEAR || watch.stopped() {
            break;
        }
    }
    Ok(model.clone().meeting(meets))
}

/// The candidates again, with the meeting: constants are what the most probable
/// of them earns with it.
pub(super) fn candidates(
    meeting: &Meeting,
    plain: &[Candidate],
    watch: &Watch<'_>,
) -> Result<Vec<Candidate>, FitError> {
    let curved = || plain.iter().filter(|c| c.model.family != Family::Linear);
    let Some(best) = curved().max_by(|a, b| a.mode.ln_evidence.total_cmp(&b.mode.ln_evidence)) else {
        return Ok(Vec::new());
    };
    let best = onto(meeting, &best.model, &best.mode, watch)?;
    let Some(meets) = best.meets() else { return Ok(Vec::new()) };
    let with = |c: &Candidate| {
        let model = c.model.clone().meeting(meets.clone());
        let mode = mode::near(&model, &c.model, &c.mode, watch);
        watch.tick(1);
        Candidate::new(model, mode)
    };
    let found = curved().map(with).collect();
    // What was not found in time would be weighed too low.
    Ok(if watch.stopped() { Vec::new() } else { found })
}

/// What is said, from the candidates, weighed, and the draws of their mixture.
pub(super) fn found(
    meeting: &Meeting,
    candidates: &[Candidate],
    draws: Vec<Met>,
    level: f64,
    ahead: impl Fn(&Candidate) -> Option<HoldOut>,
) -> Option<MeetingFit> {
    let meets = |c: &&Candidate| c.model.meeting_at().is_some();
    let weight =
        |with: bool| -> f64 { candidates.iter().filter(|c| meets(c) == with).map(|c| c.score.weight).sum() };
    let best = candidates.iter().find(meets)?;
    let plain = candidates.iter().find(|c| !meets(c))?;
    let (making, usual) = best.model.meets()?.usual();
    let interval = |of: &dyn Fn(&Met) -> f64| Interval::of(draws.iter().map(of), level);
    let some: Vec<f64> = draws.iter().filter(|d| d.number > 0.0).map(|d| d.share).collect();
    let deviation = best.mode.deviation(best.model.meeting_at()?);
    Some(MeetingFit {
        meeting: meeting.clone(),
        odds: weight(true) / weight(false).max(f64::MIN_POSITIVE),
        share: interval(&|d| d.share),
        given: (some.len() >= 50).then(|| Interval::of(some.into_iter(), level)),
        made: interval(&|d| d.made),
        learnt: (1.0 - deviation * deviation).clamp(0.0, 1.0),
        usual: usual * best.model.outcome_mean,
        making: making * best.model.outcome_mean,
        hold_out: ahead(best).zip(ahead(plain)),
        draws,
    })
}
