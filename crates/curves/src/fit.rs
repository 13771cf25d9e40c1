//! From history to response curves.
//!
//! Several channels explain one total outcome ([`fit`] with
//! `History::outcome`), or each channel its own. Either way the answer is a
//! set of draws from the posterior: curves that the history, the lift tests
//! and the stated priors allow, as often as they make them probable. What is
//! reported first is the **marginal** return at current spend: averages are
//! not identified by history alone.

mod adstock;
mod baseline;
mod candidate;
mod coordinates;
mod diagnose;
mod error;
mod expected;
mod history;
mod holdout;
mod joint;
mod meeting;
mod meets;
mod mode;
mod model;
mod options;
mod panel;
mod parameters;
mod part;
mod posterior;
mod prior;
mod quantile;
mod residual;
mod sample;
mod shape;
mod share;
mod straight;
mod tested;
mod warning;
mod watch;

pub use adstock::{Adstock, Carry};
pub use error::FitError;
pub use history::{Channel, Control, HalfLife, History, Incrementality, LiftTest};
pub use holdout::HoldOut;
pub use joint::{fit, fit_until, fit_watched};
pub use meets::{Meeting, Met, steeper};
pub use options::Options;
pub use panel::{Contradiction, Estimates, MarketCurve, MarketFit, Panel, PanelFit, fit_panel};
pub use parameters::Parameters;
pub use posterior::{ChannelFit, Fit, Interval, MeetingFit, ModelScore, Outcome, Rests, Verdict};
pub use sample::{Convergence, Sampling};
pub use shape::Family;
pub use tested::{Expected, TestedLift};
pub use warning::Warning;
