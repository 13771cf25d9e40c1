//! Coverage of lift intervals on simulated panels: `cargo run --release -p
//! outlay-experiments --example coverage -- 100` (seeds).
#![allow(clippy::print_stdout)]

#[path = "../tests/simulation/mod.rs"]
mod simulation;

use outlay_experiments::{Ask, Options, Test, design, read};

fn main() {
    let seeds = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(40u64);
    for (name, multiple) in [("half as much again", 1.5), ("dark", 0.0), ("nothing done", 1.0)] {
        let each = (0..seeds).map(|seed| {
            let s = simulation::panel(seed, multiple, None);
            let found = read(&s.panel, &s.test, &Options::default()).expect("a test that can be read");
            (found.lift.value, found.lift.low, found.lift.high, s.lift, s.counterfactual)
        });
        let (covered, width, error, score) = simulation::score(each);
        println!("{name}: covers {covered:.3}, width {width:.2}%, error {error:.2}%, score {score:.2}");
    }
    // Designed on what is known before the test, then run and read.
    let mut claimed = 0.0;
    let each: Vec<_> = (0..seeds)
        .map(|seed| {
            let before = simulation::panel(seed, 1.0, None);
            let known = outlay_experiments::Panel {
                outcome: before.panel.outcome.columns(0, simulation::BEFORE).into_owned(),
                spend: before.panel.spend.as_ref().map(|s| s.columns(0, simulation::BEFORE).into_owned()),
                ..before.panel.clone()
            };
            let ask = Ask { weeks: Some(simulation::LENGTH), seed, ..Ask::default() };
            let designs = design(&known, &ask).expect("a design");
            let cell = &designs.cells[0];
            let s = simulation::panel(seed, 1.5, Some(&cell.treated));
            let test = Test { treated: cell.treated.clone(), ..s.test.clone() };
            let found = read(&s.panel, &test, &Options::default()).expect("a test that can be read");
            claimed += 100.0 * cell.chosen.error / seeds as f64;
            (found.lift.value, found.lift.low, found.lift.high, s.lift, s.counterfactual)
        })
        .collect();
    let (covered, width, error, score) = simulation::score(each.into_iter());
    println!(
        "designed: covers {covered:.3}, width {width:.2}%, error {error:.2}% (claimed {claimed:.2}%), score {score:.2}"
    );
}
