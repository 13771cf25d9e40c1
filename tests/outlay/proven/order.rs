//! Files that this order of searches wrote, kept: a change of which searches are
//! made, in what order, or what is made of them, is told from files of another.

use std::fs;
use std::path::{Path, PathBuf};

use outlay::{Effort, Range};
use serde_json::Value;

use super::kinds::*;

/// A conflict among S-curves and lots, whose repairs are searched by trial.
const CURVED: &str = r#"
outlay = 1
goal = { minimize = "cac" }
budget = { min = 55, max = 60 }
lines = [
    { name = "A", stage = "upper", outcome = "customers", curve = { family = "hill", ceiling = 10, half_saturation = 40, shape = 3 } },
    { name = "B", stage = "upper", outcome = "customers", curve = { family = "hill", ceiling = 8, half_saturation = 30, shape = 2.5 }, deal = { lots = 15 } },
    { name = "C", stage = "lower", outcome = "customers", curve = { family = "michaelis_menten", ceiling = 6, half_saturation = 20 } },
]
limits = [
    { name = "Upper", metric = "spend_share", where = { stage = "upper" }, min = 0.7, max = 0.8 },
    { name = "Lower", metric = "cac", where = { stage = "lower" }, max = 4 },
]
"#;

const WEEKS: &str = r#"
outlay = 1
name = "Weeks"
goal = { maximize = "revenue" }
budget = { max = 300 }
horizon = { start = "2026-01-05", periods = 3, unit = "week", plan = "by_period" }
lines = [
    { name = "A", stage = "upper", outcome = "revenue", adstock = { kind = "geometric", retention = 0.4 }, curve = { family = "michaelis_menten", ceiling = 1000, half_saturation = 400 } },
    { name = "B", stage = "lower", outcome = "revenue", curve = { family = "hill", ceiling = 600, half_saturation = 100, shape = 1.5 } },
]
limits = [{ name = "Upper", metric = "spend_share", where = { stage = "upper" }, max = 0.5 }]
"#;

const POOL: &str = r#"
outlay = 1
name = "Pool"
goal = { maximize = "revenue" }
budget = { max = 120 }
lines = [
    { name = "TV", stage = "upper", outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 300, half_saturation = 60 } },
    { name = "Search", stage = "lower", outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 0.5, half_saturation = 20 } },
]
demand = [{ name = "Demand", base = 100, makes = { stage = "upper" }, harvests = { stage = "lower" } }]
limits = [{ name = "Upper", metric = "spend_share", where = { stage = "upper" }, max = 0.6 }]
"#;

fn checked(text: &str) -> Saved {
    let effort = Effort::default().proofs(true);
    asked(text, |_, batch| outlay::check(&batch.scenario(0).unwrap(), &effort).unwrap())
}

fn swept(text: &str, from: f64, to: f64) -> Saved {
    let effort = Effort::default().proofs(true);
    asked(text, |_, batch| {
        let range = Range { over: "budget.max", from, to, gap: Some(0.01) };
        outlay::frontier(batch, &range, None, &effort).unwrap()
    })
}

fn all() -> Vec<(&'static str, Saved)> {
    let effort = Effort::default();
    let mut all = kinds();
    all.extend([
        ("curved conflict", checked(CURVED)),
        ("curved", checked(&CURVED.replace("max = 4", "max = 40"))),
        ("curved, swept", swept(TRAP, 30.0, 60.0)),
        ("weeks", solved(WEEKS, &effort)),
        ("weeks, checked", checked(WEEKS)),
        ("weeks, swept", swept(WEEKS, 200.0, 300.0)),
        ("pool", solved(POOL, &effort)),
        ("pool, checked", checked(POOL)),
        ("pool, swept", swept(POOL, 100.0, 120.0)),
    ]);
    all
}

#[test]
fn files_of_this_order_hold() {
    const RAISE: &str = "what searches are made, or what is made of them, has changed, so that files \
                         written before are refuted: raise PROOFS in crates/scenario/src/files/source.rs";
    const WRITE: &str = "UPDATE_ORDER=1 cargo test -p outlay --test outlay order";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outlay/order");
    let update = std::env::var_os("UPDATE_ORDER").is_some();
    let mut kept = 0;
    for (name, saved) in all() {
        let path: PathBuf = folder.join(format!("{}.json", name.replace(", ", " ").replace(' ', "_")));
        let now = saved.value();
        let number = |value: &Value| {
            // A comparison holds results.
            let own = value.pointer("/source/proofs").or_else(|| value.pointer("/results/0/source/proofs"));
            own.and_then(Value::as_u64).expect("a number")
        };
        let before = fs::read_to_string(&path).ok();
        let value = before.as_deref().map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        if let Some(value) = value.as_ref().filter(|value| number(value) == number(&now)) {
            let refuted = saved.told(value).refuted();
            assert!(refuted.is_empty(), "{name}: {RAISE}, then {WRITE}\n{refuted:#?}");
            kept += 1;
        } else if !update {
            panic!("{name}: no file of this order is kept: {WRITE}");
        }
        if update {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, saved.text() + "\n").unwrap();
        }
    }
    assert!(update || kept == 31, "{kept} kept");
}
