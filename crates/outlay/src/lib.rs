//! Outlay as a library: everything the command line can do, on files or on
//! values in memory, and nothing that needs a clock, a terminal or a process.
//!
//! ```
//! let scenario = outlay::parse(
//!     r#"
//!     outlay = 1
//!     currency = "USD"
//!     budget.max = 30_000            # money of the horizon, without fees
//!     goal = { maximize = "revenue" }
//!     lines = [
//!         { name = "search", outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 90_000, half_saturation = 20_000 } },
//!         { name = "video",  outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 60_000, half_saturation = 10_000 } },
//!     ]
//!     "#,
//! )?
//! .scenario(0)?;
//! let solved = outlay::solve(&scenario, &outlay::Effort::default())?;
//!
//! assert_eq!(solved.ended, outlay::Ended::Proven);
//! println!("{}", outlay::show::plan(&solved.result, &scenario, outlay::Format::Table)?);
//! # Ok::<(), outlay::Error>(())
//! ```
//!
//! # The way through
//!
//! | from | by | to |
//! |---|---|---|
//! | a text, a value built in code, files on disk or in memory | [`parse`], [`build`], [`read`], [`read_all`] | [`Batch`]: one scenario file and the what-ifs it asks for |
//! | a batch | [`Batch::scenario`], [`Batch::with`], [`Batch::asked`] | [`Scenario`]: names resolved, everything needed present |
//! | a scenario | [`solve`] | [`Solved`]: the plan with its proof, or the proof that there is none, with the conflict and its repairs |
//! | a scenario | [`check`], [`judge`], [`closest`] | whether all limits can hold; what is wrong with a plan made by hand; the plan closest to limits that cannot all hold |
//! | a batch | [`frontier`] | the best value as a function of one field |
//! | a table: a file, its bytes, or columns in memory ([`Data`]) | [`history`], [`lift_tests`], then [`fit`] | [`Fitted`]: a curve with carry-over per channel |
//! | a table of outcome by market | [`panel`], then [`lift`] or [`design`] | what a test showed; which markets to treat |
//! | a scenario whose curves have draws | [`next`] | which test to run: what it would be worth, and what it would cost |
//! | what another program wrote | [`import`], [`start`] | curves; a scenario to start from |
//! | a saved plan and its buy sheet, filled in | [`record`], [`actuals`], then [`track`], [`replan`], [`reset`] | why it is not going to plan; the rest, or the next horizon, planned again |
//! | saved results | [`verify`], [`compare`] | the proof redone from the scenario alone; why two plans differ |
//! | what people type | [`question`] | goals, limits and settings for [`Batch::asked`] |
//! | any of these | [`show`] | tables, CSV, Markdown, JSON, HTML, Excel |
//!
//! # Units
//!
//! Money is in the scenario's currency and covers its whole horizon; spend is
//! media money without the line's fee unless a name says otherwise. Outcomes are
//! revenue or customers over the horizon. Shares and rates are fractions (0.15,
//! not 15). Figures are never rounded except by [`show`].
//!
//! # Files
//!
//! Every path is looked up in a [`Files`]: the disk, names with bytes in memory,
//! or a [`Storage`] of your own. A scenario read from memory finds its curve
//! library and what it extends in the same memory.
//!
//! # Long work
//!
//! [`Effort`] says how hard to try and carries two closures: one that is asked
//! whether to stop (a deadline, a button), one that is told, as the work goes on,
//! how often that was asked. A search that is stopped gives back what is proven by then, and
//! [`Solved::ended`] says why it ended. The same input gives the same bytes
//! unless a search is stopped by a clock.

#![warn(missing_docs)]

mod answers;
mod bring;
mod days;
mod effort;
mod error;
mod experiments;
mod fit;
mod open;
mod quarter;
mod solve;

pub mod question;
pub mod show;

pub use outlay_allocator as allocator;
pub use outlay_curves as curves;
pub use outlay_exchange as exchange;
pub use outlay_report as report;
pub use outlay_scenario as scenario;

pub use outlay_curves::fit::{HalfLife, LiftTest};
pub use outlay_curves::variance::Split;
pub use outlay_experiments::Ask as DesignAsk;
pub use outlay_report::table::Page;
pub use outlay_scenario::actuals::Actuals;
pub use outlay_scenario::buy::BuyRow;
pub use outlay_scenario::check::CheckFile;
pub use outlay_scenario::comparison::ComparisonFile;
pub use outlay_scenario::designed::DesignFile;
pub use outlay_scenario::frontier::{Condition, FrontierFile};
pub use outlay_scenario::history::{Blank, Chosen, Column, HistoryFile, LiftTests, PanelFile, Role};
pub use outlay_scenario::judged::JudgedFile;
pub use outlay_scenario::library::LibraryFile;
pub use outlay_scenario::lifted::LiftFile;
pub use outlay_scenario::moved::Refit;
pub use outlay_scenario::next::{NextAsk, NextFile};
pub use outlay_scenario::replan::{Replanned, Replanning, Resetting, Scope};
pub use outlay_scenario::spec::ScenarioFile;
pub use outlay_scenario::track::TrackFile;
pub use outlay_scenario::{
    Batch, Data, Files, HandPlan, InputsFile, Loaded, Record, ResultFile, Scenario, SchemaKind, Status,
    Storage, Verified, schema,
};

pub use answers::{
    Range, check, closest, compare, feasible, frontier, inputs, judge, reasons, verify, verify_each,
};
pub use bring::{MediaPlan, Start, import, into_media_plan, start, start_from_library};
pub use days::days;
pub use effort::Effort;
pub use error::{Error, Place};
pub use experiments::{LiftAsk, design, leave_out, lift, next, panel};
pub use fit::{FitOptions, Fitted, Markets, data, fit, hand_plan, history, library, lift_tests};
pub use open::{build, parse, read, read_all, read_each};
pub use quarter::{actuals, beside, buy, record, replan, reset, track};
pub use show::Format;
pub use solve::{Ended, Solved, solve};
