//! What `outlay design` writes: which markets to treat, and what that would show.

use outlay_experiments::{Ask, Designs, ExperimentError, Power, design};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::history::PanelFile;
use crate::files::result::FORMAT;

/// Designs of a test, one a treated group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DesignFile {
    /// Format version.
    pub outlay: u32,
    /// Length of a period of the panel.
    pub unit: String,
    /// Whether outcomes count customers rather than money.
    pub customers: bool,
    /// Probability that intervals claim.
    pub level: f64,
    /// Probability with which an effect should be seen.
    pub target_power: f64,
    /// Outcome per unit of spend that power is reckoned for.
    pub worth: f64,
    /// Seed of the draw.
    pub seed: u64,
    /// Assignments drawn.
    pub drawn: usize,
    /// Assignments screened in, one of which is the design.
    pub screened: usize,
    /// Factor from the errors that screened assignments claim to those they keep;
    /// errors below include it.
    pub optimism: f64,
    /// One a treated group.
    pub designs: Vec<DesignCell>,
}

/// A treated group and what a test of it would show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DesignCell {
    /// Markets to treat.
    pub treated: Vec<String>,
    /// Markets to leave as they are.
    pub control: Vec<String>,
    /// The treated markets' share of the outcome.
    pub share: f64,
    /// Change of spend relative to what would be spent.
    pub change: f64,
    /// What the length chosen shows.
    #[serde(flatten)]
    pub chosen: DesignPower,
    /// What other lengths would show.
    pub durations: Vec<DesignPower>,
}

/// What a test of some length would show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DesignPower {
    /// Length in weeks (in periods, where the panel is monthly).
    pub weeks: usize,
    /// Smallest lift that is told from nothing with the power asked for, over
    /// the whole test.
    pub minimum_detectable_effect: f64,
    /// The same relative to the treated markets' outcome.
    pub relative_effect: f64,
    /// The same per unit of spend moved; null where spend is not known.
    pub minimum_return: Option<f64>,
    /// Standard error of the lift relative to the treated markets' outcome.
    pub error: f64,
    /// Probability to tell `worth` from nothing; null where spend is not known.
    pub power: Option<f64>,
    /// What the test costs; null where spend is not known.
    pub money: Option<DesignMoney>,
}

/// Money that a test moves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DesignMoney {
    /// Spend added, or saved if below 0.
    pub spend: f64,
    /// Outcome won, or lost if below 0, if a unit of spend is worth `worth`.
    pub outcome: f64,
}

/// Designs a test on a panel.
///
/// # Errors
/// [`ExperimentError`] where the panel has too few markets or periods.
pub fn designs(file: &PanelFile, ask: &Ask) -> Result<DesignFile, ExperimentError> {
    let found = design(&file.panel, ask)?;
    Ok(written(file, ask, &found))
}

fn written(file: &PanelFile, ask: &Ask, found: &Designs) -> DesignFile {
    let names = |all: &[usize]| all.iter().map(|&i| file.panel.markets[i].clone()).collect::<Vec<_>>();
    let cell = |cell: &outlay_experiments::Design| DesignCell {
        treated: names(&cell.treated),
        control: names(&cell.control),
        share: cell.share,
        change: ask.change,
        chosen: power(&cell.chosen, ask),
        durations: cell.durations.iter().map(|p| power(p, ask)).collect(),
    };
    DesignFile {
        outlay: FORMAT,
        unit: file.unit.name().to_owned(),
        customers: file.customers,
        level: ask.level,
        target_power: ask.power,
        worth: ask.worth,
        seed: ask.seed,
        drawn: found.drawn.0,
        screened: found.drawn.1,
        optimism: found.optimism,
        designs: found.cells.iter().map(cell).collect(),
    }
}

fn power(power: &Power, ask: &Ask) -> DesignPower {
    DesignPower {
        weeks: power.weeks,
        minimum_detectable_effect: power.minimum_detectable_effect,
        relative_effect: power.relative,
        minimum_return: power.minimum_return,
        error: power.error,
        power: power.power,
        money: power.spend.map(|spend| DesignMoney { spend, outcome: spend * ask.worth }),
    }
}
