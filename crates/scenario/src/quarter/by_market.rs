//! What a panel adds to a curve library: marginal returns three ways, and on
//! request a curve of every channel in every market.

use indexmap::IndexMap;
use outlay_curves::fit::{Interval, PanelFit};

use crate::files::history::HistoryFile;
use crate::files::library::{LibraryCurve, LibraryFile, MarginalEstimate, Observed};
use crate::files::spec::Outcome;
use crate::quarter::fitted::{kernel, spec_of};
use crate::quarter::kept::{DRAWS, thin};

/// Notes beside every curve what the sum of the markets, the differences
/// between them and both together say of its marginal return.
pub fn compare(library: &mut LibraryFile, found: &PanelFit) {
    for estimate in &found.estimates {
        let Some(curve) = library.curves.iter_mut().find(|c| c.name == estimate.channel) else { continue };
        let mut put = |name: &str, of: Interval| {
            for (end, value) in [("", of.median), ("_low", of.low), ("_high", of.high)] {
                curve.quality.insert(format!("{name}{end}"), Some(value).filter(|v| v.is_finite()));
            }
        };
        put("marginal_summed", estimate.summed);
        put("marginal_within", estimate.within);
        put("marginal_panel", estimate.panel);
        curve.quality.insert("markets".to_owned(), Some(found.markets.len() as f64));
        curve.quality.insert("agreement".to_owned(), Some(found.agreement.probability));
        curve.quality.insert("between_markets".to_owned(), Some(found.between));
    }
}

/// Warnings on a nation's curve that are as true of a market's.
const SHARED: [&str; 2] = ["markets_contradict", "cut_short"];

/// Adds a curve of every channel in every market that spends on it, named
/// `channel / market`: spend and outcome are the market's own.
pub fn add_markets(library: &mut LibraryFile, file: &HistoryFile, found: &PanelFit, level: f64) {
    let outcome = if file.customers { Outcome::Customers } else { Outcome::Revenue };
    let mut added = Vec::new();
    for market in &found.markets {
        for (c, curve) in &market.channels {
            let Some(channel) = file.history.channels.get(*c) else { continue };
            let Some(spec) = spec_of(&curve.expected) else { continue };
            let marginal = curve.marginal(level);
            let national = library.curves.iter().find(|n| n.name == channel.name);
            added.push(LibraryCurve {
                name: format!("{} / {}", channel.name, market.market),
                outcome,
                curve: spec,
                adstock: Some(kernel(curve.expected.carry.with(curve.expected.retention))),
                observed: Some(Observed {
                    periods: u32::try_from(curve.periods).unwrap_or(u32::MAX),
                    min: curve.range.0,
                    mean: curve.mean,
                    max: curve.range.1,
                }),
                recent: curve.recent.clone(),
                marginal: Some(MarginalEstimate {
                    at: curve.mean,
                    value: marginal.median,
                    low: marginal.low,
                    high: marginal.high,
                    level,
                }),
                rate: national.and_then(|n| n.rate.clone()),
                quality: IndexMap::new(),
                warnings: national.map_or_else(Vec::new, |n| {
                    n.warnings.iter().filter(|w| SHARED.contains(&&*w.code)).cloned().collect()
                }),
                draws: thin(&curve.draws, DRAWS).filter_map(spec_of).collect(),
            });
        }
    }
    library.curves.extend(added);
}
