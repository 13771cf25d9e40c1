//! A history file as it says itself, before it becomes a history.

use jiff::civil::Date;
use outlay_curves::fit::{Channel, Control};

use super::by_market::ByMarket;
use super::note::Note;

/// What a file says, period by period.
pub(super) struct Series {
    pub(super) dates: Vec<Date>,
    pub(super) channels: Vec<Channel>,
    pub(super) outcome: Option<Vec<f64>>,
    pub(super) controls: Vec<Control>,
    /// Rows of a period at most.
    pub(super) pooled: usize,
    /// The rows market by market, where a column names markets.
    pub(super) by_market: Option<ByMarket>,
    /// Dates whose figures are not whole.
    pub(super) partial: Vec<Date>,
    /// Columns that the dates say already.
    pub(super) calendar: Vec<usize>,
    /// What was decided on the way.
    pub(super) notes: Vec<Note>,
}
