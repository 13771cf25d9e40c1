//! One evaluation of a curve.

/// What a curve does at one spend, from a single evaluation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Incremental outcome `f(x) - f(0)`, in outcome units per horizon.
    pub value: f64,
    /// First derivative `f'(x)`: outcome of the next unit of spend.
    pub marginal: f64,
    /// Second derivative `f''(x)`.
    pub curvature: f64,
}
