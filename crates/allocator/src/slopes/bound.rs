//! The side of a rule that a plan rests on.

/// A side of a limit that binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Min,
    Max,
    /// Both sides are one number.
    Exact,
}
