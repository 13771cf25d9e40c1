//! How hard `outlay check` tries.

use crate::arguments::Check;

/// Asks something within the effort allowed; where the answer is to be saved it
/// carries the proofs of its searches.
pub(super) fn asked<T>(arguments: &Check, question: impl FnOnce(&outlay::Effort) -> T) -> T {
    arguments.bounds.effort().spend(|effort| question(&effort.proofs(arguments.out.is_some())))
}
