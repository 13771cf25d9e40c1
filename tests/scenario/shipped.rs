//! The examples in `scenarios/` load, solve and re-prove.

use std::path::PathBuf;

use outlay_scenario::{Files, Status, load, verify};

use crate::support::{Folder, solved_within};

#[test]
fn shipped_scenarios_solve_and_prove_again() {
    let folder = Folder::new();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let loaded = load(&Files::disk(), &[root.clone(), root.join("infeasible")]);
    assert_eq!(loaded.rejected, []);
    assert!(loaded.batches.len() >= 6);
    for batch in &loaded.batches {
        for index in 0..batch.len().min(4) {
            let scenario = batch.scenario(index).unwrap_or_else(|e| panic!("{e}"));
            let file = solved_within(&scenario, 100);
            let impossible = batch.path().components().any(|c| c.as_os_str() == "infeasible");
            assert_eq!(file.status == Status::Infeasible, impossible, "{}", batch.path().display());
            assert_eq!(file.lines.is_none(), impossible, "{}", batch.path().display());
            let path = folder.write("r.json", serde_json::to_string(&file).unwrap());
            for verified in verify(&Files::disk(), &path, None) {
                let verified = verified.unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(verified.differences, [], "{}", batch.path().display());
                assert!(verified.figures > 20);
            }
        }
    }
}
