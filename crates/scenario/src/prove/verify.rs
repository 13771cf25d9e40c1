//! Re-proves a result from its scenario alone.

use std::collections::HashMap;
use std::path::Path;

use outlay_allocator::certificate::{self, judge};
use outlay_allocator::{Certificate, Cut, CutSide, Leaf, Plan, Prices, Solution};
use serde_json::Value;

use crate::files::result::{CertificateFile, CutFileSide, LeafFile, ResultFile, Status};
use crate::model::scenario::Scenario;
use crate::plan::lower::{Lowered, Side, lower};
use crate::plan::ordered;
use crate::plan::outcome::result;
use crate::prove::difference::{Difference, values};
use crate::read::load::Batch;
use crate::read::record::{RecordError, find, unchanged};

/// Largest excess, relative, of a limit that counts as kept.
const KEPT: f64 = 1e-9;

/// What re-proving a result file found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Name of the scenario.
    pub scenario: String,
    /// Fields that differ from what the scenario proves; empty: the result stands.
    pub differences: Vec<Difference>,
    /// Number of figures compared.
    pub figures: usize,
}

/// Re-proves every result in a file (`.json`, or `.jsonl` with one per line)
/// from its scenario alone. The scenario is looked for where the result says,
/// then beside the result.
pub fn verify(path: &Path) -> Vec<Result<Verified, RecordError>> {
    let unreadable = |reason: String| RecordError::Unreadable { path: path.to_owned(), reason };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return vec![Err(unreadable(error.to_string()))],
    };
    let lines = path.extension().is_some_and(|e| e == "jsonl");
    let parts: Vec<&str> =
        if lines { text.lines().filter(|l| !l.trim().is_empty()).collect() } else { vec![&text] };
    if parts.is_empty() {
        return vec![Err(unreadable("no result here".to_owned()))];
    }
    let mut batches = HashMap::new();
    let one = |part: &str| {
        let stated: Value = serde_json::from_str(part).map_err(|e| unreadable(e.to_string()))?;
        let file: ResultFile = serde_json::from_str(part).map_err(|e| unreadable(e.to_string()))?;
        let batch = match batches.entry(file.source.path.clone()) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(slot) => slot.insert(find(path, &file)?),
        };
        prove(batch, &file, &stated)
    };
    parts.into_iter().map(one).collect()
}

fn prove(batch: &Batch, file: &ResultFile, stated: &Value) -> Result<Verified, RecordError> {
    unchanged(batch, file)?;
    let mut scenario = batch.with(&file.source.set)?;
    scenario.round = file.rounding.as_ref().map(|r| r.unit);
    let lowered = lower(&scenario);
    let mut differences = Vec::new();
    let (solution, holes) = solution(&scenario, &lowered, file);
    differences.extend(holes);
    let mut again = if lowered.goals.len() > 1 && !file.goals.is_empty() {
        in_order(&scenario, &lowered, file, &solution, &mut differences)
    } else {
        result(&scenario, &lowered, &solution)
    };
    again.version = file.version.clone();
    again.source = file.source.clone();
    again.rounding = file.rounding.clone();
    again.conflict = file.conflict.clone();
    again.repairs = file.repairs.clone();
    again.cheapest_repair = file.cheapest_repair.clone();
    let recomputed = serde_json::to_value(&again).unwrap_or(Value::Null);
    let figures = values(stated, &recomputed, &mut differences);
    if solution.certificate.violation > KEPT {
        differences.push(Difference::new(
            "certificate.violation",
            solution.certificate.violation,
            format!("at most {KEPT}"),
        ));
    }
    Ok(Verified { scenario: scenario.name, differences, figures })
}

/// The solution a file states, with everything that follows from its spends,
/// prices and leaves recomputed; and what in it means nothing.
fn solution(scenario: &Scenario, lowered: &Lowered, file: &ResultFile) -> (Solution, Vec<Difference>) {
    let mut holes = Vec::new();
    let problem = &lowered.problem;
    let plan = file.lines.as_ref().map(|lines| {
        let names = lines.iter().map(|l| &l.name);
        if !names.eq(lowered.names.iter()) {
            holes.push(Difference::new("lines", "other lines", lowered.names.join(", ")));
        }
        let mut spends = lowered.layout.stated(scenario, lines);
        problem.settle(&mut spends);
        let value = judge(problem, &spends).value;
        Plan { spends, value }
    });
    let certificate = match &file.certificate {
        Some(stated) => read_certificate(lowered, stated, plan.as_ref(), &mut holes),
        None => {
            holes.push(Difference::new("certificate", "missing", "a certificate"));
            nothing_proven()
        }
    };
    let status = restated_status(file.status, plan.is_some(), &certificate);
    (Solution { status, plan, certificate }, holes)
}

/// The result of a plan that serves several goals, every goal's proof redone.
fn in_order(
    scenario: &Scenario,
    lowered: &Lowered,
    file: &ResultFile,
    first: &Solution,
    holes: &mut Vec<Difference>,
) -> ResultFile {
    let bests = ordered::restated(lowered, &file.goals);
    let later = file.goals.iter().enumerate().skip(1).map_while(|(k, goal)| {
        let certificate = goal.certificate.as_ref()?;
        Some(read_certificate(&ordered::stage(lowered, k, &bests), certificate, None, holes))
    });
    let later: Vec<Certificate> = later.collect();
    ordered::file(scenario, lowered, first, &bests, &later)
}

fn nothing_proven() -> Certificate {
    Certificate {
        bound: f64::NAN,
        gap: f64::NAN,
        asked: f64::NAN,
        violation: f64::NAN,
        nodes: 0,
        prices: Vec::new(),
        leaves: Vec::new(),
        winner: None,
    }
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

fn read_certificate(
    lowered: &Lowered,
    stated: &CertificateFile,
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
            let side = match cut.side {
                CutFileSide::Below => CutSide::Below,
                CutFileSide::Above => CutSide::Above,
            };
            match lines.get(cut.line.as_str()) {
                Some(&line) => cuts.push(Cut { line, at: cut.at, side }),
                None => holes.push(Difference::new(format!("{field}.cuts"), &cut.line, "no such line")),
            }
        }
        Leaf { cuts, prices: prices(&leaf.prices, &format!("{field}.prices"), holes), empty: leaf.empty }
    };
    let leaves: Vec<Leaf> = stated.leaves.iter().enumerate().map(&mut leaf).collect();
    let prices = prices(&stated.prices, "certificate.prices", holes);
    let bound = proven(lowered, &leaves, stated.bound, holes);
    let judgement = plan.map(|p| judge(problem, &p.spends));
    Certificate {
        bound,
        gap: judgement.map_or(f64::NAN, |j| j.gap(bound)),
        asked: stated.asked.unwrap_or(f64::NAN),
        violation: judgement.map_or(f64::NAN, |j| j.violation),
        nodes: stated.nodes,
        prices,
        leaves,
        winner: None,
    }
}

/// The bound that leaves prove; of a ratio, the stated one if they prove it.
fn proven(lowered: &Lowered, leaves: &[Leaf], stated: Option<f64>, holes: &mut Vec<Difference>) -> f64 {
    let problem = &lowered.problem;
    let ratio =
        matches!(problem.goal, outlay_allocator::Goal::MinimizeRatio { .. }).then_some(stated.unwrap_or(0.0));
    match (certificate::bound(problem, leaves, ratio), ratio) {
        (Err(error), _) => {
            holes.push(Difference::new("certificate.leaves", "a proof", error));
            f64::NAN
        }
        (Ok(bound), None) => bound,
        (Ok(bound), _) if bound == f64::NEG_INFINITY => bound,
        (Ok(bound), Some(ratio)) if bound <= 0.0 && stated.is_some() => ratio,
        (Ok(_), Some(_)) => f64::NAN,
    }
}
