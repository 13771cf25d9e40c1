//! Solves a problem: a search that fits it, and where that ends with neither a plan
//! nor a proof, whether there is any plan.

use crate::feasibility::{Feasibility, feasibility};
use crate::searched::{answered, searched};
use crate::{Options, Problem, ProblemError, Solution, Status};

/// Solves a problem, by the search that fits it.
///
/// The search proposes a plan and leaves; the certificate recomputes the bound
/// from the leaves alone, and the status follows from it.
///
/// # Errors
/// When the problem makes no sense whatever its numbers: no lines, vectors of
/// the wrong length, limits that are not finite. Contradictory limits are no
/// error but [`Status::Infeasible`].
pub fn solve(problem: &Problem, options: &Options) -> Result<Solution, ProblemError> {
    answered(problem, options, &|gap| {
        let found = searched(problem, gap, options);
        if found.status == Status::Undetermined { any(problem, gap, found, options) } else { found }
    })
}

/// Where a search ends with neither a plan nor a proof: whether there is any
/// plan, and the best from there.
fn any(problem: &Problem, gap: f64, undetermined: Solution, options: &Options) -> Solution {
    const NODES: usize = 500;
    let options = Options { answers: None, nodes: options.nodes.min(NODES), ..*options };
    if (options.stop)() {
        return undetermined;
    }
    match feasibility(problem, &options) {
        Ok(Feasibility::Feasible(spends)) => {
            let found = searched(problem, gap, &Options { start: Some(&spends), ..options });
            if found.plan.is_some() { found } else { undetermined }
        }
        Ok(Feasibility::Infeasible(certificate)) => {
            Solution { status: Status::Infeasible, plan: None, certificate }
        }
        _ => undetermined,
    }
}
