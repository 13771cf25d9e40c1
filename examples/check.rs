//! Limits that contradict each other, and what would reconcile them:
//! `cargo run --example check`.

use outlay::{Effort, Files, Format, show};

#[expect(clippy::print_stdout, reason = "an example talks to a person")]
fn main() -> Result<(), outlay::Error> {
    let files = Files::disk();
    for batch in outlay::read_all(&files, &["scenarios/infeasible".into()]).batches {
        let scenario = batch.scenario(0)?;
        let answer = outlay::check(&scenario, &Effort::default())?;
        println!("{}", show::check(&answer, &scenario, Format::Table)?);
    }
    Ok(())
}
