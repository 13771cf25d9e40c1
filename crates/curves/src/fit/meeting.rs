//! Whether and how channels meet, as far as a history tells.

use super::joint::Candidate;
use super::meets::{Meets, Met};
use super::mode::Mode;
use super::model::Model;
use super::posterior::Interval;
use super::watch::Watch;
use super::{Family, FitError, History, HoldOut, mode};

/// How channels may meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Meeting {
    /// They reach the same people: together they earn less than one by one.
    Overlap {
        /// Their names, two at least.
        channels: Vec<String>,
    },
    /// Some make demand that others harvest.
    Pool {
        /// Names of those that make it.
        makes: Vec<String>,
        /// Names of those that harvest it.
        harvests: Vec<String>,
    },
}

/// What a history says of a meeting.
#[derive(Debug, Clone, PartialEq)]
pub struct MeetingFit {
    /// What was asked.
    pub meeting: Meeting,
    /// Probability of the data if they meet over that if they do not.
    pub odds: f64,
    /// One entry per draw of every channel's curve.
    pub draws: Vec<Met>,
    /// [`Met::share`] over all draws, those without a meeting included.
    pub share: Interval,
    /// [`Met::share`] over the draws with a meeting; `None` where the history
    /// leaves too few.
    pub given: Option<Interval>,
    /// [`Met::made`] over all draws.
    pub made: Interval,
    /// Part of what is known of the number, if they meet, that is the data's;
    /// the rest is what was believed before.
    pub learnt: f64,
    /// What the members earn a period as usual (audience), or the harvesters
    /// (pool): the constants that [`Met::number`] is relative to.
    pub usual: f64,
    /// The same of those that make demand.
    pub making: f64,
    /// Errors on periods unseen, with the meeting and without.
    pub hold_out: Option<(HoldOut, HoldOut)>,
}

/// What a history lets one say of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It tells that they meet.
    Meet,
    /// It does not tell the meeting apart from none.
    Silent,
    /// It tells that they do not meet, or too little to matter.
    Apart,
}

impl MeetingFit {
    /// Odds from which something is said to be told.
    pub const CLEAR: f64 = 10.0;

    /// What may be said.
    pub fn verdict(&self) -> Verdict {
        match self.odds {
            odds if odds >= Self::CLEAR => Verdict::Meet,
            odds if odds <= 1.0 / Self::CLEAR => Verdict::Apart,
            _ => Verdict::Silent,
        }
    }

    /// Probability that they meet, even before.
    pub fn probability(&self) -> f64 {
        if self.odds.is_finite() { self.odds / (1.0 + self.odds) } else { 1.0 }
    }
}

impl Meeting {
    /// Every channel named.
    pub fn channels(&self) -> Vec<&str> {
        let all: Vec<&String> = match self {
            Meeting::Overlap { channels } => channels.iter().collect(),
            Meeting::Pool { makes, harvests } => makes.iter().chain(harvests).collect(),
        };
        all.into_iter().map(String::as_str).collect()
    }

    /// Refuses names that the history does not have, or that stand twice.
    pub(crate) fn check(&self, history: &History) -> Result<(), FitError> {
        let wrong = |reason: String| Err(FitError::Meeting { reason });
        let names = self.channels();
        if let Some(name) = names.iter().find(|n| !history.channels.iter().any(|c| c.name == **n)) {
            let known: Vec<&str> = history.channels.iter().map(|c| c.name.as_str()).collect();
            return wrong(format!("no channel `{name}` in the history; there are {}", known.join(", ")));
        }
        if let Some((_, name)) = names.iter().enumerate().find(|(k, n)| names[..*k].contains(n)) {
            return wrong(match self {
                Meeting::Overlap { .. } => format!("{name} is named twice"),
                Meeting::Pool { .. } => {
                    format!("{name} is named twice; a channel makes demand or harvests it")
                }
            });
        }
        match self {
            Meeting::Overlap { channels } if channels.len() < 2 => {
                return wrong("an overlap needs two channels or more".into());
            }
            Meeting::Pool { makes, harvests } if makes.is_empty() || harvests.is_empty() => {
                return wrong("a pool needs channels that make demand and channels that harvest it".into());
            }
            _ => {}
        }
        if history.outcome.is_none() {
            let reason = "what channels do to each other shows in an outcome of all of them; \
                          here each channel has its own";
            return wrong(reason.into());
        }
        Ok(())
    }
}

/// A meeting of a model's channels: constants are what they earn at its mode.
fn of(meeting: &Meeting, model: &Model, mode: &Mode) -> Result<Meets, FitError> {
    let names: Vec<&str> = model.channels.iter().map(|c| c.name.as_str()).collect();
    let usual = model.usual(&mode.at, &mut model.workspace());
    let reason = "the channels that should meet earn nothing by themselves".to_owned();
    Meets::of(meeting, &names, usual).ok_or(FitError::Meeting { reason })
}

/// A model with the meeting, whose constants are what its channels earn at its
/// own mode: without the meeting they would be credited otherwise.
pub(super) fn onto(meeting: &Meeting, model: &Model, mode: &Mode) -> Result<Model, FitError> {
    const ROUNDS: usize = 6;
    const NEAR: f64 = 0.01;
    let mut meets = of(meeting, model, mode)?;
    let mut found = (model.clone(), mode.clone());
    for _ in 0..ROUNDS {
        let with = model.clone().meeting(meets.clone());
        let at = mode::near(&with, &found.0, &found.1);
        let next = of(meeting, &with, &at)?;
        let ((a, b), (c, d)) = (meets.usual(), next.usual());
        let moved = (c / a).ln().abs().max((d / b).ln().abs());
        (meets, found) = (next, (with, at));
        if moved < NEAR {
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
    let best = onto(meeting, &best.model, &best.mode)?;
    let Some(meets) = best.meets() else { return Ok(Vec::new()) };
    let with = |c: &Candidate| {
        let model = c.model.clone().meeting(meets.clone());
        let mode = mode::near(&model, &c.model, &c.mode);
        watch.tick(1);
        Candidate::new(model, mode)
    };
    Ok(curved().map(with).collect())
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
