//! Files of every kind that the program saves.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::common::{outlay_in, root, small, write};
use crate::loops::{FIVE_WEEKS, planned};
use crate::sure::{Random, entry, hills};

pub(crate) struct Kind {
    folder: tempfile::TempDir,
    pub(crate) files: Vec<PathBuf>,
}

/// Runs commands on a scenario in a folder of its own; the files they save.
pub(crate) fn saved(scenario: &str, commands: &[&[&str]], files: &[&str]) -> Kind {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", scenario);
    for command in commands {
        let ran = outlay_in(folder.path(), command);
        assert!([0, 1, 3].contains(&ran.code), "{command:?}: {}", ran.stderr);
    }
    let files = files.iter().map(|f| folder.path().join(f)).collect();
    Kind { folder, files }
}

const SHAPED: &str = r#"
outlay = 1
budget = { max = 60 }
lines = [
    { name = "A", spend = { current = 10 }, outcome = "revenue", curve = { family = "hill", ceiling = 100, half_saturation = 40, shape = 3 } },
    { name = "B", spend = { current = 20 }, outcome = "revenue", curve = { family = "hill", ceiling = 80, half_saturation = 30, shape = 2.5 } },
    { name = "C", spend = { current = 5 }, outcome = "revenue", curve = { family = "hill", ceiling = 60, half_saturation = 20, shape = 4 } },
]
[[limits]]
name = "No more of A"
metric = "spend"
where = { name = "A" }
max = 50
"#;

const MEETING: &str = r#"
outlay = 1
budget = { max = 100 }
lines = [
    { name = "TV", spend = { current = 30 }, outcome = "revenue", curve = { family = "hill", ceiling = 200, half_saturation = 40, shape = 1.5 } },
    { name = "Video", spend = { current = 20 }, outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 90, half_saturation = 30 } },
    { name = "Search", spend = { current = 15 }, outcome = "revenue", curve = { family = "exponential", ceiling = 0.6, scale = 20 } },
    { name = "Social", spend = { current = 5 }, outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 60, half_saturation = 20 } },
]
[[audiences]]
name = "Viewers"
lines = ["TV", "Video"]
curve = { family = "exponential", ceiling = 220, scale = 220 }
source = "judged"
[[demand]]
name = "Looking"
base = 40
makes = { name = ["TV", "Video"] }
harvests = { name = "Search" }
"#;

pub(crate) const SHARE: &str = "\n[[limits]]\nname = \"Upper\"\nmetric = \"spend_share\"\nwhere = { stage = \"upper\" }\nmax = 0.75\nmin = 0.1\n";
pub(crate) const OPPOSED: &str =
    "\n[[limits]]\nname = \"Revenue\"\nowner = \"finance\"\nmetric = \"revenue\"\nmin = 2000\n";
const GOALS: &str = "goal = [{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.01 }]";

/// A saved file, or several, of every kind.
pub(crate) fn kinds() -> Vec<(&'static str, Kind)> {
    let limited = small(|t| t + SHARE);
    let run: &[&str] = &["run", "plan.toml", "--out", "."];
    let goals = limited.replace("goal = { maximize = \"revenue\" }", GOALS);
    let by_hand = "line,spend\nA,200\nB,180\nC,130\n";
    let judged = {
        let kind = saved(&limited, &[], &["plan.judgement.json"]);
        write(kind.folder.path(), "hand.csv", by_hand);
        let judge = ["check", "plan.toml", "--plan", "hand.csv", "--max-change", "10%", "--out", "."];
        assert_eq!(outlay_in(kind.folder.path(), &judge).code, 1);
        kind
    };
    let replanned = {
        let folder = planned();
        write(folder.path(), "actuals.csv", FIVE_WEEKS);
        let replan = ["replan", "quarter.json", "actuals.csv", "--least-gain", "0.001", "--out", "next"];
        assert_eq!(outlay_in(folder.path(), &replan).code, 0);
        let files = vec![folder.path().join("next/quarter-after-5.json")];
        Kind { folder, files }
    };
    let by_period = {
        let text = fs::read_to_string(root().join("scenarios/quarter.toml")).expect("shipped");
        saved(&text, &[run], &["plan.json"])
    };
    let frontier: &[&str] = &[
        "frontier",
        "plan.toml",
        "--over",
        "budget.max",
        "--from",
        "300",
        "--to",
        "700",
        "--gap",
        "0.01",
        "--until",
        "revenue>=900",
        "--limit",
        "mroas>=0.1",
        "--out",
        ".",
    ];
    let infeasible_by_period = {
        let text = fs::read_to_string(root().join("scenarios/quarter.toml")).expect("shipped");
        saved(&(text + OPPOSED), &[run], &["plan.json"])
    };
    let swept: &[&str] = &[
        "frontier",
        "plan.toml",
        "--over",
        "limits.Upper.max",
        "--from",
        "0.3",
        "--to",
        "0.9",
        "--out",
        ".",
    ];
    let cheap =
        limited.replace("maximize = \"revenue\"", "minimize = \"cac\"").replace("max = 500", "min = 300");
    let floor = json!([{"name": "Floor", "metric": "revenue", "min": 2000, "probability": 0.75}]);
    let cheaper: &[&str] = &["run", "plan.toml", "--set", "budget.max=400", "--out", "p"];
    let compare: &[&str] = &["compare", "plan.json", "p/plan.json", "--out", "."];
    vec![
        ("optimal", saved(&limited, &[run], &["plan.json"])),
        (
            "within gap",
            saved(
                SHAPED,
                &[&["run", "plan.toml", "--nodes", "3", "--gap", "1e-9", "--out", "."]],
                &["plan.json"],
            ),
        ),
        ("infeasible", saved(&small(|t| t + SHARE + OPPOSED), &[run], &["plan.json"])),
        ("rounded", saved(&limited, &[&["run", "plan.toml", "--round", "30", "--out", "."]], &["plan.json"])),
        ("lines that meet", saved(MEETING, &[run], &["plan.json"])),
        ("several goals", saved(&goals, &[run], &["plan.json"])),
        ("by period", by_period),
        ("re-planned", replanned),
        ("judged", judged),
        ("checked", saved(&limited, &[&["check", "plan.toml", "--out", "."]], &["plan.check.json"])),
        (
            "refuted",
            saved(
                &small(|t| t + SHARE + OPPOSED),
                &[&["check", "plan.toml", "--out", "."]],
                &["plan.check.json"],
            ),
        ),
        ("frontier", saved(&limited, &[frontier], &["plan.frontier.json"])),
        ("comparison", saved(&limited, &[run, cheaper, compare], &["plan.comparison.json"])),
        ("least cost per customer", saved(&cheap, &[run], &["plan.json"])),
        (
            "with its inputs",
            saved(&limited, &[&["run", "plan.toml", "--embed", "--out", "."]], &["plan.json"]),
        ),
        ("infeasible by period", infeasible_by_period),
        ("frontier of a limit", saved(&limited, &[swept], &["plan.frontier.json"])),
        ("mean over draws", drawn(&json!({"maximize": "revenue"}), &json!([]))),
        ("worst draws", drawn(&json!({"maximize": "revenue", "worst": 0.2}), &json!([]))),
        ("shortfall", drawn(&json!({"maximize": "revenue", "shortfall": 3500}), &json!([]))),
        ("regret", drawn(&json!({"maximize": "revenue", "regret": true}), &json!([]))),
        ("probability", drawn(&json!({"maximize": "revenue"}), &floor)),
    ]
}

/// A plan over twelve draws of two lines.
fn drawn(goal: &Value, limits: &Value) -> Kind {
    let mut random = Random(7);
    let curves = [("A", [1000.0, 100.0, 0.8]), ("B", [700.0, 60.0, 0.8])]
        .map(|(name, median)| entry(name, &hills(median, 12, &mut random)));
    let line = |name: &str| json!({"name": name, "spend": {"current": 300}, "revenue_per_customer": 5});
    let scenario = json!({
        "outlay": 1, "curves": "c.json", "horizon": {"periods": 4, "unit": "week"}, "goal": goal,
        "budget": {"max": 800}, "lines": [line("A"), line("B")], "limits": limits,
    });
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "c.json", json!({"outlay": 1, "unit": "week", "curves": curves}).to_string());
    write(folder.path(), "drawn.json", scenario.to_string());
    let ran = outlay_in(folder.path(), &["run", "drawn.json", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let files = vec![folder.path().join("out/drawn.json")];
    Kind { folder, files }
}
