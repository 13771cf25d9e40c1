//! What to trace, and how finely.

use crate::Options;

/// What to trace, and how finely.
#[derive(Clone, Copy)]
pub struct Sweep<'a> {
    /// First number.
    pub from: f64,
    /// Last number.
    pub to: f64,
    /// Largest distance, relative to the value, of the true value from the
    /// straight line between samples.
    pub gap: f64,
    /// Most problems to solve.
    pub solves: usize,
    /// For every solve; a gap of `None` means 1e-9 for concave problems, 1e-6
    /// for flights over several periods and 1e-7 for others.
    pub options: Options<'a>,
}
