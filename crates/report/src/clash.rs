//! A conflict in numbers.

use crate::number::Kind;

/// A member of a conflict against the others: what it asks for, and how far
/// they let its figure go.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// The argument in a sentence.
    pub sentence: String,
    /// What the figure is: `total spend`.
    pub figure: String,
    /// Whose number it is; empty if not stated.
    pub owner: String,
    /// How the numbers are written.
    pub kind: Kind,
    /// The number asked for.
    pub asked: f64,
    /// The nearest to it that the others leave room for: above it where it is
    /// asked for at most, else below.
    pub possible: f64,
}
