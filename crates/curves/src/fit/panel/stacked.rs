//! The model of a panel: markets one after another as if they were one series.

use nalgebra::DVector;

use super::super::adstock::Carry;
use super::super::model::{Choice, Model};
use super::super::part::{Part, level};
use super::super::share::Share;
use super::super::{History, LiftTest};
use super::Panel;
use super::design::{Design, Site};
use super::ground::Shared;

/// Periods whose mean is taken for spend before the first.
const FIRST: usize = 8;

/// Spend of one channel per head over its national level, market after
/// market, and what it was before the first period.
pub(super) struct Stack {
    pub(super) level: f64,
    pub(super) spend: Vec<f64>,
    pub(super) before: Vec<f64>,
    /// Share of every market in the channel's spend over its share of heads.
    pub(super) intensity: Vec<f64>,
}

impl Stack {
    /// Every channel, in the order of the history.
    pub(super) fn all(history: &History, panel: &Panel, design: &Design) -> Vec<Stack> {
        let (markets, periods) = panel.outcome.dim();
        let one = |c: usize| {
            let price = history.channels[c].price();
            let volume = |g: usize, t: usize| match (&panel.exposure, price) {
                (Some(exposure), Some(price)) => exposure[(g, t, c)] * price,
                _ => panel.spend[(g, t, c)],
            };
            let level = level(&history.channels[c].volume());
            let mut spend = Vec::with_capacity(markets * periods);
            let (mut before, mut means) = (Vec::new(), Vec::new());
            for (g, site) in design.sites.iter().enumerate() {
                let per_head = 1.0 / (site.share * level);
                let first = (0..periods).find(|&t| panel.present[(g, t)]).unwrap_or(0);
                let there = first..(first + FIRST).min(periods);
                let began = there.clone().map(|t| volume(g, t)).sum::<f64>() / there.len() as f64 * per_head;
                // A market without a record yet is taken to have been as it began.
                spend.extend((0..periods).map(|t| if t < first { began } else { volume(g, t) * per_head }));
                before.push(began);
                let here: Vec<usize> = (0..periods).filter(|&t| panel.present[(g, t)]).collect();
                means.push(here.iter().map(|&t| volume(g, t)).sum::<f64>() / here.len().max(1) as f64);
            }
            let all = means.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            let intensity = means.iter().zip(&design.sites).map(|(m, s)| m / all / s.share).collect();
            Stack { level, spend, before, intensity }
        };
        (0..history.channels.len()).map(one).collect()
    }
}

/// The model of all markets over their common ground.
pub(super) fn model(
    history: &History,
    design: &Design,
    stacks: &[Stack],
    tests: &[LiftTest],
    ground: Option<Shared>,
    choice: &Choice<'_>,
) -> Model {
    let mut first = 0;
    let mut parts = Vec::new();
    for ((channel, stack), &carry) in history.channels.iter().zip(stacks).zip(choice.carries) {
        let mut part = Part::of(channel, carry, design.outcome_mean, tests, first);
        part.spend.clone_from(&stack.spend);
        part.before.clone_from(&stack.before);
        parts.push(part);
        first += 2 + usize::from(carry != Carry::None) + usize::from(choice.family.is_hill());
    }
    let weigh =
        |site: &Site| site.present.iter().map(|p| if *p { site.share } else { 0.0 }).collect::<Vec<_>>();
    let weights: Vec<f64> = design.sites.iter().flat_map(weigh).collect();
    let share = Share::of(&design.outcome, &weights);
    Model::of_panel(history, parts, (design.outcome.clone(), design.outcome_mean), (ground, share), choice)
}

/// What every channel earns at `at`, per head, market after market.
pub(super) fn effects(model: &Model, at: &DVector<f64>) -> Vec<Vec<f64>> {
    let mut space = model.workspace();
    (0..model.channels.len()).map(|i| model.earned(i, at, &mut space)).collect()
}

/// Outcomes less what channels earn.
pub(super) fn residuals(model: &Model, effects: &[Vec<f64>]) -> Vec<f64> {
    let left = |(t, y): (usize, &f64)| y - effects.iter().map(|e| e[t]).sum::<f64>();
    model.outcome.iter().enumerate().map(left).collect()
}
