//! Scenarios written to a folder of their own, loaded and solved.

use std::path::{Path, PathBuf};

use outlay_allocator::Options;
use outlay_scenario::{Batch, Files, Loaded, Rejected, ResultFile, Scenario, Status, load};

/// A folder that is gone after the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// The only batch of a load that has to succeed.
pub(crate) fn batch(path: &Path) -> Batch {
    let Loaded { mut batches, rejected, .. } = load(&Files::disk(), &[path.to_owned()]);
    assert!(rejected.is_empty(), "{}", rejected[0]);
    batches.remove(0)
}

/// What a text is rejected for, whether on loading or on making its scenario.
pub(crate) fn rejected(text: &str) -> String {
    let folder = Folder::new();
    let path = folder.write("s.toml", text);
    rejected_at(&path).replace(&format!("{}/", folder.path().display()), "")
}

pub(crate) fn rejected_at(path: &Path) -> String {
    let loaded = load(&Files::disk(), &[path.to_owned()]);
    let at_load = loaded.rejected.iter().map(Rejected::to_string);
    let at_use = loaded.batches.iter().filter_map(|b| b.scenario(0).err()).map(|r| r.to_string());
    let all: Vec<String> = at_load.chain(at_use).collect();
    all.join("\n")
}

/// The scenario of a text that has to be right.
pub(crate) fn scenario(text: &str) -> Scenario {
    let folder = Folder::new();
    let path = folder.write("s.toml", text);
    batch(&path).scenario(0).unwrap_or_else(|e| panic!("{e}"))
}

/// Solves a scenario into a result file.
pub(crate) fn solved(scenario: &Scenario) -> ResultFile {
    solved_within(scenario, Options::default().nodes)
}

/// Solves a scenario that has a best plan, and demands the proof of it.
pub(crate) fn proven(scenario: &Scenario) -> ResultFile {
    let file = solved(scenario);
    assert_eq!(file.status, Status::Optimal, "{:?}", file.certificate.map(|c| c.gap));
    file
}

/// A result file, giving up after so many subproblems.
pub(crate) fn solved_within(scenario: &Scenario, nodes: usize) -> ResultFile {
    outlay_scenario::solved(scenario, None, &Options { nodes, ..Options::default() }).unwrap()
}

/// A scenario of two lines with everything a metric can need.
pub(crate) const TWO: &str = r#"
outlay = 1
currency = "USD"
budget = { max = 600 }
baseline = { customers = 2, revenue = 100, other_cost = 50 }

[[lines]]
name = "A"
stage = "awareness"
spend = { current = 100, max = 400 }
curve = { family = "michaelis_menten", ceiling = 2000, half_saturation = 150 }
outcome = "revenue"
revenue_per_customer = 50
new_customer_share = 0.5
lifetime_value = 80
margin = 0.6
fee = 0.1
attributes = { co2 = 0.5 }

[[lines]]
name = "B"
stage = "conversion"
spend = { current = 200, min = 20 }
curve = { family = "hill", ceiling = 30, half_saturation = 120, shape = 0.8 }
outcome = "customers"
revenue_per_customer = 60
lifetime_value = 90
margin = 0.5
attributes = { co2 = 0.25 }
"#;

/// The same in JSON.
pub(crate) const TWO_JSON: &str = r#"{
  "outlay": 1, "currency": "USD", "budget": {"max": 600},
  "baseline": {"customers": 2, "revenue": 100, "other_cost": 50},
  "lines": [
    {"name": "A", "stage": "awareness", "spend": {"current": 100, "max": 400},
     "curve": {"ceiling": 2000, "family": "michaelis_menten", "half_saturation": 150}, "outcome": "revenue",
     "revenue_per_customer": 50, "new_customer_share": 0.5, "lifetime_value": 80, "margin": 0.6, "fee": 0.1,
     "attributes": {"co2": 0.5}},
    {"name": "B", "stage": "conversion", "spend": {"current": 200, "min": 2e1, "max": null},
     "curve": {"family": "hill", "ceiling": 30, "half_saturation": 120, "shape": 0.8}, "outcome": "customers",
     "revenue_per_customer": 60, "lifetime_value": 90, "margin": 0.5, "attributes": {"co2": 0.25}}
  ]
}"#;

/// Saves a result in a folder and re-proves it.
pub(crate) fn verified(folder: &Folder, result: &ResultFile) {
    let path = folder.write("result.json", serde_json::to_string(result).unwrap());
    for verified in outlay_scenario::verify(&Files::disk(), &path, None) {
        let verified = verified.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(verified.differences, [], "{}", verified.scenario);
    }
}
