//! From a fit to the meeting in its curve library.

use outlay_curves::fit::{ChannelFit, Fit, Meeting, MeetingFit, steeper};

use crate::files::fitted_meeting::FittedMeeting;
use crate::quarter::kept::{DRAWS, thin};

/// Number of a draw without a meeting: so small that lines add up.
const NONE: f64 = 1e-4;

/// What a fit found of how channels meet.
pub(super) fn meeting(fit: &Fit, level: f64) -> Option<FittedMeeting> {
    let found = fit.meeting.as_ref()?;
    let part = match &found.meeting {
        Meeting::Overlap { channels } => overlap(found, channels),
        Meeting::Pool { makes, harvests } => pool(fit, found, makes, harvests),
    };
    let finite = |value: f64| value.is_finite().then_some(value);
    Some(FittedMeeting {
        share: found.share.median,
        low: found.share.low,
        high: found.share.high,
        level,
        given: found.given.map(|g| [g.low, g.high]),
        odds: finite(found.odds),
        rests_on_data: found.learnt,
        hold_out_error: found.hold_out.map(|h| h.0.error),
        hold_out_error_without: found.hold_out.map(|h| h.1.error),
        ..part
    })
}

fn overlap(found: &MeetingFit, channels: &[String]) -> FittedMeeting {
    let of = |q: f64| [steeper(q), found.usual / -(-q).exp_m1()];
    let numbers = || found.draws.iter().map(|d| d.number.max(NONE));
    let lost = numbers().map(|q| 1.0 - 1.0 / steeper(q)).sum::<f64>() / found.draws.len().max(1) as f64;
    let [steeper, ceiling] = of(losing(lost).max(NONE));
    let draws: Vec<[f64; 2]> = numbers().map(of).collect();
    FittedMeeting {
        name: channels.join(" + "),
        lines: channels.to_vec(),
        steeper: Some(steeper),
        ceiling: Some(ceiling),
        draws: thin(&draws, DRAWS).copied().collect(),
        ..FittedMeeting::default()
    }
}

/// The sum over the ceiling at which this part of the sum is lost.
fn losing(part: f64) -> f64 {
    let (mut low, mut high) = (0.0, 60.0);
    for _ in 0..60 {
        let q = 0.5 * (low + high);
        if 1.0 - 1.0 / steeper(q) < part { low = q } else { high = q }
    }
    0.5 * (low + high)
}

fn pool(fit: &Fit, found: &MeetingFit, makes: &[String], harvests: &[String]) -> FittedMeeting {
    let numbers = || found.draws.iter().map(|d| d.number.clamp(NONE, 1.0));
    let through = numbers().sum::<f64>() / found.draws.len().max(1) as f64;
    let most: f64 = fit.channels.iter().filter(|c| harvests.contains(&c.name)).map(ceiling).sum();
    let base = (1.0 + 1e-6) * (most + found.usual * (1.0 - through) / through);
    let of = |w: f64| {
        let made = w * base / found.usual;
        [made, (1.0 - w) / made]
    };
    let [made, organic] = of(through);
    let draws: Vec<[f64; 2]> = numbers().map(of).collect();
    FittedMeeting {
        name: format!("{} through {}", makes.join(" + "), harvests.join(" + ")),
        makes: makes.to_vec(),
        harvests: harvests.to_vec(),
        base: Some(base),
        made: Some(made),
        organic: Some(organic),
        harvested: Some([found.made.low, found.made.median, found.made.high]),
        draws: thin(&draws, DRAWS).copied().collect(),
        ..FittedMeeting::default()
    }
}

/// The most a channel could return: of the draws' mean, and of the one curve.
fn ceiling(channel: &ChannelFit) -> f64 {
    let drawn: Vec<f64> =
        thin(&channel.draws, DRAWS).filter_map(|p| p.curve().ok()).map(|c| c.ceiling()).collect();
    let mean = drawn.iter().sum::<f64>() / drawn.len().max(1) as f64;
    channel.expected.curve().map_or(mean, |curve| mean.max(curve.ceiling()))
}
