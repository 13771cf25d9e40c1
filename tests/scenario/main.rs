//! Scenario files: reading, what-ifs, lowering, results and their proof.

mod actuals;
mod bursts;
mod endless;
mod exports;
mod flighted;
mod goals;
mod history;
mod kept;
mod lowering;
mod marginal;
mod meaning;
mod meeting;
mod meeting_by_period;
mod meeting_fitted;
mod meridian;
mod ordered;
mod prices;
mod proving;
mod reading;
mod rescaled;
mod schema;
mod shipped;
mod size;
mod support;
mod thin;
mod units;
mod varying;
mod whole_lots;
#[expect(clippy::print_stderr, reason = "figures a reader of the test wants")]
mod year;
