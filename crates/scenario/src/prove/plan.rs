//! Re-proves the result of one scenario from the scenario alone.

use std::collections::HashMap;

use outlay_allocator::certificate::{self, judge};
use outlay_allocator::risk::{self, RiskSolution, Risky, Weights};
use outlay_allocator::tolerance::STATED;
use outlay_allocator::{Certificate, Cut, Leaf, Options, Plan, Prices, Problem, ProblemError, Solution};

use crate::files::inputs::InputsFile;
use crate::files::result::{CertificateFile, FORMAT, LeafFile, ResultFile, Source, Status};
use crate::files::texts::sha256;
use crate::model::scenario::Scenario;
use crate::plan::lower::{Lowered, Side, lower};
use crate::plan::outcome::result_until;
use crate::plan::over_draws::{Completed, OverDraws};
use crate::plan::solved::contradicting;
use crate::plan::{ordered, proofs, rounding, worst};
use crate::prove::difference::{Difference, texts};
use crate::prove::replay::replayed;
use crate::read::record::RecordError;

/// Compares a result, and the text it was read from, with what its scenario
/// gives; the number of figures compared.
pub(crate) fn prove(
    scenario: &Scenario,
    file: &mut ResultFile,
    stated: &str,
    differences: &mut Vec<Difference>,
) -> Result<usize, RecordError> {
    let (again, violation) = again(scenario, file, differences)?;
    let recomputed = serde_json::to_string(&again)?;
    drop(again);
    let figures = texts(stated, &recomputed, differences)?;
    if violation > STATED {
        let most = format!("at most {STATED}");
        differences.push(Difference::new("certificate.violation", violation, most));
    }
    Ok(figures)
}

/// The result as the scenario gives it, and by how much its plan exceeds limits.
fn again(
    scenario: &Scenario,
    file: &mut ResultFile,
    differences: &mut Vec<Difference>,
) -> Result<(ResultFile, f64), ProblemError> {
    let asked = file.source.asked;
    let scenario = &Scenario { round: asked.round, ..scenario.clone() };
    let lowered = lower(scenario);
    let gap = asked.round.map_or(asked.gap, |_| Some(rounding::gap(scenario, asked.gap)));
    let options = Options { gap, ..proofs::options(asked) };
    let nothing = worst::is_nothing(file);
    let over = match lowered.over_draws.as_ref().filter(|_| !nothing) {
        Some(over) => match over.complete(&options)? {
            Completed::Ready(risky) => Some((&**over, *risky)),
            Completed::NoPlan | Completed::Stopped => None,
        },
        None => None,
    };
    let (solution, weights, holes) = solution(scenario, &lowered, file, (gap, over.as_ref()));
    differences.extend(holes.into_iter().filter(|_| !nothing));
    // The plan is in the solution now.
    file.lines = None;
    let file = &*file;
    let violation = solution.certificate.violation;
    let mut again = if nothing {
        worst::nothing(scenario, &lowered)
    } else if let Some((over, risky)) = &over {
        worst::file(scenario, &lowered, over, risky, &RiskSolution { solution, weights })
    } else if lowered.goals.len() > 1 && solution.plan.is_some() {
        in_order(scenario, &lowered, (file, gap), &solution, differences)
    } else {
        result_until(scenario, &lowered, &solution, searched(file))
    };
    again.version = file.version.clone();
    again.source = proofs::asked_of(again.source, asked);
    again.source.take_paths(&file.source);
    explained((scenario, &lowered), file, &mut again, options, differences)?;
    again.proofs.clone_from(&file.proofs);
    again.inputs.clone_from(&file.inputs);
    if let Some(inputs) = &file.inputs {
        differences.extend(foreign(inputs, &file.source));
    }
    Ok((again, violation))
}

/// Whether a file took the search's prices, so that they are taken again.
fn searched(file: &ResultFile) -> &'static (dyn Fn() -> bool + Sync) {
    match file.certificate.as_ref().is_some_and(|c| c.searched_prices) {
        true => &|| true,
        false => &|| false,
    }
}

/// A text within a result that is not what it was made from, or is there twice.
fn foreign(inputs: &InputsFile, source: &Source) -> Option<Difference> {
    if inputs.outlay != FORMAT {
        return Some(Difference::new("inputs.outlay", inputs.outlay, FORMAT));
    }
    let before = |k: usize| inputs.files[..k].iter().any(|f| *f == inputs.files[k]);
    if let Some(k) = (0..inputs.files.len()).find(|&k| before(k)) {
        return Some(Difference::new(format!("inputs.files.{k}"), "a file again", "each file once"));
    }
    let named = |hash: &str| hash == source.sha256 || source.inputs.iter().any(|i| i.sha256 == hash);
    let other =
        inputs.files.iter().position(|f| sha256(f.text.as_bytes()) != f.sha256 || !named(&f.sha256))?;
    let file = &inputs.files[other];
    let found = sha256(file.text.as_bytes());
    Some(Difference::new(format!("inputs.files.{other}"), &file.sha256, found))
}

/// Adds what rounding costs, what contradicts what and what repairs it, from
/// the searches that the file states.
fn explained(
    (scenario, lowered): (&Scenario, &Lowered),
    file: &ResultFile,
    again: &mut ResultFile,
    options: Options,
    differences: &mut Vec<Difference>,
) -> Result<(), ProblemError> {
    replayed(&file.proofs, differences, |answers, stop| {
        let options = Options { answers: Some(answers), stop, ..options };
        if let Some(unit) = file.source.asked.round {
            let nearest = file.rounding.as_ref().and_then(|r| r.nearest);
            let asked = Options { gap: file.source.asked.gap, ..options };
            again.rounding = Some(rounding::restated(scenario, unit, (again, nearest), &asked)?);
        }
        if again.status == Status::Infeasible {
            contradicting(again, scenario, lowered, &options)?;
        }
        Ok(())
    })
}

/// The solution a file states, with everything that follows from its spends,
/// prices and leaves recomputed; and what in it means nothing.
fn solution(
    scenario: &Scenario,
    lowered: &Lowered,
    file: &ResultFile,
    (gap, over): (Option<f64>, Option<&(&OverDraws, Risky)>),
) -> (Solution, Vec<Weights>, Vec<Difference>) {
    let mut holes = Vec::new();
    let problem = &lowered.problem;
    let plan = file.lines.as_ref().map(|lines| {
        let names = lines.iter().map(|l| &l.name);
        if !names.eq(lowered.names.iter()) {
            holes.push(Difference::new("lines", "other lines", lowered.names.join(", ")));
        }
        let mut spends = lowered.layout.stated(scenario, lines);
        problem.settle(&mut spends);
        let value = match over {
            Some((_, risky)) => risk::judge(risky, &spends).value,
            None => judge(problem, &spends).value,
        };
        Plan { spends, value }
    });
    let gap = gap.or(over.map(|_| risk::GAP));
    // Leaves without weights are those of the expected curves.
    let weighed = |c: &CertificateFile| c.leaves.iter().any(|leaf| leaf.draws.is_some());
    let over = over.filter(|_| plan.is_some() || file.certificate.as_ref().is_some_and(weighed));
    let mut weights = Vec::new();
    if let Some((over, _)) = over {
        let leaves = file.certificate.iter().flat_map(|c| &c.leaves);
        weights.extend(leaves.map(|leaf| worst::stated(over, leaf)));
    }
    let certificate = match &file.certificate {
        Some(stated) => {
            let over = over.map(|(_, risky)| (risky, &weights[..]));
            read_certificate(lowered, (stated, gap, over), plan.as_ref(), &mut holes)
        }
        None => {
            holes.push(Difference::new("certificate", "missing", "a certificate"));
            Certificate::nothing(0, f64::NAN)
        }
    };
    let status = restated_status(file.status, plan.is_some(), &certificate);
    (Solution { status, plan, certificate }, weights, holes)
}

/// The result of a plan that serves several goals, every goal's proof redone.
fn in_order(
    scenario: &Scenario,
    lowered: &Lowered,
    (file, gap): (&ResultFile, Option<f64>),
    first: &Solution,
    holes: &mut Vec<Difference>,
) -> ResultFile {
    let bests = ordered::restated(lowered, &file.goals);
    let later = file.goals.iter().enumerate().skip(1).map_while(|(k, goal)| {
        let certificate = goal.certificate.as_ref()?;
        let gap = Some(ordered::later_gap_of(gap, certificate.asked));
        Some(read_certificate(&ordered::stage(lowered, k, &bests), (certificate, gap, None), None, holes))
    });
    let later: Vec<Certificate> = later.collect();
    ordered::file(scenario, lowered, first, (&bests, &later), searched(file))
}

/// The status that the plan and the bound allow.
fn restated_status(stated: Status, plan: bool, certificate: &Certificate) -> outlay_allocator::Status {
    use outlay_allocator::Status as Proven;
    match (plan, stated) {
        (true, _) if certificate.gap <= certificate.asked => Proven::Optimal,
        (true, _) => Proven::WithinGap,
        (false, _) if certificate.bound == f64::NEG_INFINITY => Proven::Infeasible,
        (false, _) => Proven::Undetermined,
    }
}

/// A problem over draws, and the weights of each leaf.
type Weighed<'a> = (&'a Risky, &'a [Weights]);

fn read_certificate(
    lowered: &Lowered,
    (stated, gap, over): (&CertificateFile, Option<f64>, Option<Weighed>),
    plan: Option<&Plan>,
    holes: &mut Vec<Difference>,
) -> Certificate {
    let problem = &lowered.problem;
    let keys: HashMap<String, (usize, Side)> = (0..lowered.limits.len())
        .flat_map(|r| [Side::Min, Side::Max].map(|side| (lowered.price_key(r, side), (r, side))))
        .collect();
    let lines: HashMap<&str, usize> =
        lowered.layout.names().iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
    let prices = |prices: &indexmap::IndexMap<String, f64>, field: &str, holes: &mut Vec<Difference>| {
        let mut all = vec![Prices::default(); problem.limits.len()];
        for (key, &price) in prices {
            match keys.get(key).and_then(|&(r, side)| all.get_mut(r).map(|p| (p, side))) {
                Some((slot, Side::Min)) => slot.min = price,
                Some((slot, Side::Max)) => slot.max = price,
                None => holes.push(Difference::new(format!("{field}.{key}"), price, "no such limit")),
            }
            if !(price >= 0.0 && price.is_finite()) {
                holes.push(Difference::new(format!("{field}.{key}"), price, "a price of at least 0"));
            }
        }
        all
    };
    let mut leaf = |(k, leaf): (usize, &LeafFile)| {
        let field = format!("certificate.leaves.{k}");
        let mut cuts = Vec::with_capacity(leaf.cuts.len());
        for cut in &leaf.cuts {
            let side = proofs::cut_side(cut.side);
            match lines.get(cut.line.as_str()) {
                Some(&line) => cuts.push(Cut { line, at: cut.at, side }),
                None => holes.push(Difference::new(format!("{field}.cuts"), &cut.line, "no such line")),
            }
        }
        let prices = prices(&leaf.prices, &format!("{field}.prices"), holes);
        Leaf { cuts, prices, empty: leaf.empty, step: leaf.step }
    };
    let leaves: Vec<Leaf> = stated.leaves.iter().enumerate().map(&mut leaf).collect();
    let prices = prices(&stated.prices, "certificate.prices", holes);
    let (bound, bounds, gap, violation, asked) = match over {
        None => {
            let (bound, bounds) = proven(lowered, &leaves, stated.bound, holes);
            let judgement = plan.map(|p| judge(problem, &p.spends));
            let (missing, violation) =
                judgement.map_or((f64::NAN, f64::NAN), |j| (j.gap(bound), j.violation));
            (bound, bounds, missing, violation, asked(problem, gap))
        }
        Some((risky, weights)) => {
            let bound = risk::bound(risky, &leaves, weights).unwrap_or_else(|error| {
                holes.push(Difference::new("certificate.leaves", "a proof", error));
                f64::NAN
            });
            let judgement = plan.map(|p| risk::judge(risky, &p.spends));
            let (missing, violation) =
                judgement.map_or((f64::NAN, f64::NAN), |j| (j.gap(bound), j.violation));
            (bound, Vec::new(), missing, violation, gap.unwrap_or(risk::GAP))
        }
    };
    Certificate { bound, gap, asked, violation, nodes: stated.nodes, prices, leaves, winner: None, bounds }
}

/// The gap that was asked of a search.
fn asked(problem: &Problem, gap: Option<f64>) -> f64 {
    gap.unwrap_or_else(|| problem.default_gap())
}

/// The bound that leaves prove; of a ratio, the stated one if they prove it.
fn proven(
    lowered: &Lowered,
    leaves: &[Leaf],
    stated: Option<f64>,
    holes: &mut Vec<Difference>,
) -> (f64, Vec<f64>) {
    let problem = &lowered.problem;
    let ratio =
        matches!(problem.goal, outlay_allocator::Goal::MinimizeRatio { .. }).then_some(stated.unwrap_or(0.0));
    let bounds = match certificate::leaf_bounds(problem, leaves, ratio) {
        Ok(bounds) => bounds,
        Err(error) => {
            holes.push(Difference::new("certificate.leaves", "a proof", error));
            return (f64::NAN, Vec::new());
        }
    };
    let bound = match (certificate::largest(leaves, &bounds), ratio) {
        (bound, None) => bound,
        (bound, _) if bound == f64::NEG_INFINITY => bound,
        (bound, Some(ratio)) if bound <= 0.0 && stated.is_some() => ratio,
        (_, Some(_)) => f64::NAN,
    };
    (bound, bounds)
}
