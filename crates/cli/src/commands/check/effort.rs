//! How hard `outlay check` tries.

use std::time::Duration;

use crate::arguments::Check;
use crate::solve::Effort;

pub(super) fn effort(arguments: &Check) -> Effort {
    Effort {
        nodes: arguments.nodes.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
        time: arguments.time.map(Duration::from_secs_f64),
        ..Effort::default()
    }
}

/// Asks something within the effort allowed; where the answer is to be saved it
/// carries the proofs of its searches.
pub(super) fn asked<T>(arguments: &Check, question: impl FnOnce(&outlay::Effort) -> T) -> T {
    effort(arguments).spend(|effort| question(&effort.proofs(arguments.out.is_some())))
}
