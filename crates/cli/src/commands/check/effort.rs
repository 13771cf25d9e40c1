//! How hard `outlay check` tries.

use crate::arguments::Check;
use crate::solve::Effort;

/// Asks something within the effort allowed; where the answer is to be saved it
/// carries the proofs of its searches.
pub(super) fn asked<T>(arguments: &Check, effort: &Effort, question: impl FnOnce(&outlay::Effort) -> T) -> T {
    effort.spend(|effort| question(&effort.proofs(arguments.out.is_some())))
}
