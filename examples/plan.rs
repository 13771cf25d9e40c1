//! The best plan of a scenario, with its proof: `cargo run --example plan`.

use outlay::{Effort, Format, show};

#[expect(clippy::print_stdout, reason = "an example talks to a person")]
fn main() -> Result<(), outlay::Error> {
    let text = include_str!("../crates/cli/starter/scenario.toml");
    let scenario = outlay::parse(text)?.scenario(0)?;
    let solved = outlay::solve(&scenario, &Effort::default())?;
    println!("{}", show::plan(&solved.result, &scenario, Format::Table)?);
    Ok(())
}
