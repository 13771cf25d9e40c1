//! What counts as equal, kept, empty or binding: every tolerance that a claim
//! rests on. Those of a solver's own steps stand beside the step; no claim
//! depends on them, since what a solver proposes is judged by these.

/// Relative excess up to which a plan keeps its limits.
///
/// Plans are accepted up to it ([`crate::certificate::judge`]), bounds are taken
/// with the limits loosened by as much, so that they hold for every plan that is
/// accepted; repairs and answers given again are judged by it.
pub const KEPT: f64 = 1e-10;

/// A part counts as empty only if it holds no plan even with the limits loosened
/// by this fraction: ten times [`KEPT`], so that no plan that would be accepted
/// is refuted.
pub const HOPELESS: f64 = 1e-9;

/// Relative excess up to which spends that someone else states (today's, a
/// judged plan, a result read back) keep a rule. Their decimals are not ours:
/// ten times [`KEPT`].
pub const STATED: f64 = 1e-9;

/// How close, relative, a figure comes to its limit's number when it binds.
/// Binding limits have prices ([`crate::slopes()`]); a plan that leaves more
/// room than this is not held by the limit.
pub const BINDING: f64 = 1e-7;

/// How far a repair's number lies beyond the least that suffices, relative to
/// it: plans exist then that keep the rule without touching it.
pub const BEYOND: f64 = 1e-7;

/// A repair is called the least only where this much less, relative, is
/// refuted.
pub const VISIBLE: f64 = 1e-6;

/// A spend this close to its line's least or largest, relative, is at it: the
/// plan says so, and the bound has a price.
pub const AT_BOUND: f64 = 1e-9;

/// Room left around a range that follows from an equation of few lines,
/// relative to its terms: for rounding, and ten times what plans may exceed
/// limits by ([`KEPT`]).
pub const SETTLED: f64 = 1e-9;
