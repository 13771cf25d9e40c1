//! The library as other programs use it.

mod earlier;
mod fits;
mod frontiers;
mod kept;
mod meeting;
mod mutated;
mod proven;
mod quarters;
mod under_way;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use outlay::scenario::spec::{BudgetSpec, CurveRef, CurveSpec, LineSpec, Outcome, ScenarioFile};
use outlay::{Effort, Ended, Error, Files, Format, Status, show};

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// The files of a folder and of those in it, named from the folder.
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 10, "the scenarios were not found");
    found
}

#[test]
fn memory_and_disk_give_the_same_scenarios() {
    let memory = outlay::read_all(&Files::memory(bytes(&scenarios())), &["".into()]);
    let disk = outlay::read_all(&Files::disk(), &[scenarios()]);
    assert!(memory.rejected.is_empty() && disk.rejected.is_empty());
    assert_eq!(memory.batches.len(), disk.batches.len());
    assert_eq!(memory.skipped.len(), disk.skipped.len());
    for (a, b) in memory.batches.iter().zip(&disk.batches) {
        assert_eq!((a.name(), a.len()), (b.name(), b.len()));
        let (a, b) = (a.scenario(0).unwrap(), b.scenario(0).unwrap());
        assert_eq!(a.source.sha256, b.source.sha256);
        assert_eq!((a.lines, a.limits, a.goals), (b.lines, b.limits, b.goals));
    }
}

/// Read, solve, save, re-prove, compare, and refuse what was edited: all in
/// memory.
#[test]
fn a_plan_is_made_saved_and_proven_again_without_a_disk() {
    let mut held = bytes(&scenarios());
    let batch = outlay::read(&Files::memory(held.clone()), "quarter.toml").unwrap();
    let scenario = batch.scenario(0).unwrap();
    let solved = outlay::solve(&scenario, &Effort::default()).unwrap();
    assert_eq!((solved.result.status, solved.ended), (Status::Optimal, Ended::Proven));
    let json = show::plan(&solved.result, &scenario, Format::Json).unwrap();
    held.push(("results/quarter.json".into(), json.into_bytes()));
    held.push(("quarter.toml.bak".into(), Vec::new()));
    let files = Files::memory(held.clone());
    let verdicts = outlay::verify(&files, "results/quarter.json", None);
    assert_eq!(verdicts.len(), 1);
    let verdict = verdicts.into_iter().next().unwrap().unwrap();
    assert!(verdict.differences.is_empty() && verdict.figures > 50);
    let results = ["results/quarter.json".into(), "results/quarter.json".into()];
    let compared = outlay::compare(&files, &results, &Effort::default()).unwrap();
    assert_eq!(compared.columns.len(), 3);
    let own = held.iter_mut().find(|(name, _)| name == Path::new("quarter.toml")).unwrap();
    own.1.extend(b"\n# edited\n");
    assert!(matches!(
        outlay::verify(&Files::memory(held), "results/quarter.json", None)[0],
        Err(Error::Record(_))
    ));
}

#[test]
fn a_value_built_in_code_is_the_scenario_its_text_is() {
    let curve = CurveSpec::MichaelisMenten { ceiling: 90.0, half_saturation: 20.0 };
    let line = LineSpec {
        name: "search".to_owned(),
        curve: Some(CurveRef::Curve(curve)),
        outcome: Some(Outcome::Revenue),
        ..LineSpec::default()
    };
    let budget = BudgetSpec { max: Some(30.0), ..BudgetSpec::default() };
    let file = ScenarioFile { outlay: 1, budget: Some(budget), lines: vec![line], ..ScenarioFile::default() };
    let nothing = Files::memory::<&str, &str>([]);
    let built = outlay::build(&file, &nothing).unwrap().scenario(0).unwrap();
    let text = r#"
        outlay = 1
        budget.max = 30
        lines = [{ name = "search", outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 90, half_saturation = 20 } }]
    "#;
    let read = outlay::parse(text).unwrap().scenario(0).unwrap();
    assert_eq!((read.lines, read.limits, read.budget), (built.lines, built.limits, built.budget));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let error = outlay::parse("outlay = 1\nbudget.max = \"much\"\nlines = []\n").unwrap_err();
    let places = error.places();
    assert!(places.iter().any(|p| (p.line, p.field.as_str()) == (2, "budget.max")), "{places:?}");
    assert!(error.to_string().contains("budget.max"));
    let missing = outlay::read(&Files::memory([("a.toml", "")]), "b.toml").unwrap_err();
    assert!(missing.to_string().starts_with("b.toml"), "{missing}");
}

/// A search that is stopped at once says so and proves what it can; one that is
/// not is told how far it has come.
#[test]
fn a_search_is_stopped_and_watched() {
    let batch = outlay::read(&Files::disk(), scenarios().join("deals.toml")).unwrap();
    let scenario = batch.scenario(0).unwrap();
    let stopped = outlay::solve(&scenario, &Effort::default().gap(0.0).cancel(&|| true)).unwrap();
    assert_eq!(stopped.ended, Ended::Cancelled);
    assert_ne!(stopped.result.status, Status::Optimal);
    let few = outlay::solve(&scenario, &Effort::default().gap(0.0).nodes(1)).unwrap();
    assert_eq!(few.ended, Ended::Exhausted);
    let seen = AtomicU64::new(0);
    let watch = |count| seen.store(count, Ordering::Relaxed);
    let solved = outlay::solve(&scenario, &Effort::default().progress(&watch)).unwrap();
    assert_eq!(solved.ended, Ended::Proven);
    assert!(seen.into_inner() > 1);
}

#[test]
fn a_format_that_does_not_fit_is_refused() {
    let scenario = outlay::read(&Files::disk(), scenarios().join("infeasible/targets.toml")).unwrap();
    let scenario = scenario.scenario(0).unwrap();
    let answer = outlay::check(&scenario, &Effort::default()).unwrap();
    assert_eq!(answer.feasible, Some(false));
    assert!(show::check(&answer, &scenario, Format::Markdown).unwrap().contains("cannot hold together"));
    assert!(matches!(show::check(&answer, &scenario, Format::Csv), Err(Error::Unsupported(_))));
}
