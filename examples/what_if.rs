//! What half as much and twice as much budget would earn:
//! `cargo run --example what_if`.

use outlay::{Effort, Files};
use serde_json::json;

#[expect(clippy::print_stdout, reason = "an example talks to a person")]
fn main() -> Result<(), outlay::Error> {
    let base = outlay::read(&Files::disk(), "scenarios/quarter.toml")?;
    for factor in [0.5, 1.0, 2.0] {
        let set = [("budget.max".to_owned(), json!({ "scale": factor }))];
        let scenario = base.with(&set.into_iter().collect())?;
        let result = outlay::solve(&scenario, &Effort::default())?.result;
        let spend = result.totals.and_then(|totals| totals.spend);
        println!("{factor:>4} x the budget: {:?} for {spend:?}, proven: {:?}", result.value, result.status);
    }
    Ok(())
}
