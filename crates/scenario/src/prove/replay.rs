//! Searches that a file states, given again instead of being made.

use outlay_allocator::{Answers, Fault};

use crate::files::result::SearchFile;
use crate::plan::proofs::{restated, seal};
use crate::prove::difference::Difference;

/// Runs something whose searches are answered by a file's `proofs`, each
/// proven anew; what is wrong with them is added to the differences. Time is up
/// where it was.
pub(crate) fn replayed<T, E>(
    proofs: &[SearchFile],
    differences: &mut Vec<Difference>,
    run: impl FnOnce(&dyn Answers, &(dyn Fn() -> bool + Sync)) -> Result<T, E>,
) -> Result<T, E> {
    let (answers, halt) = restated(proofs);
    let made = run(&answers, &|| answers.stop())?;
    differences.extend(answers.faults().into_iter().map(|fault| difference(fault, halt)));
    for (k, proof) in proofs.iter().enumerate() {
        let hash = seal(proof);
        if hash != proof.sha256 {
            differences.push(Difference::new(format!("proofs.{k}.sha256"), &proof.sha256, hash));
        }
    }
    Ok(made)
}

/// `halt` is the place among the proofs of where time was up.
fn difference(fault: Fault, halt: Option<usize>) -> Difference {
    let at = |k: usize| format!("proofs.{}", k + usize::from(halt.is_some_and(|halt| halt <= k)));
    match fault {
        Fault::Missing(k) => Difference::new(at(k), "missing", "the proof of a search"),
        Fault::Plan(k) => Difference::new(at(k), "a plan", "a plan that breaks a limit, or of other lines"),
        Fault::Asked(k) => Difference::new(format!("{}.asked", at(k)), "a gap", "another gap was asked"),
        Fault::Figures(k) => Difference::new(at(k), "a proof", "another value or bound"),
        Fault::Halt => {
            let at = format!("proofs.{}.stopped", halt.unwrap_or_default());
            Difference::new(at, "time was up", "time was not asked for there")
        }
        Fault::Unused(count) => Difference::new("proofs", format!("{count} more"), "no search needs them"),
    }
}
