//! Curves from two years of weekly history that is in memory already:
//! `cargo run --example fit`.

use jiff::{Span, civil::date};
use outlay::{Chosen, Column, Data, FitOptions, Format, show};

#[expect(clippy::print_stdout, reason = "an example talks to a person")]
fn main() -> Result<(), outlay::Error> {
    let spend: Vec<f64> = (0..104).map(|week| f64::from(2_000 + 900 * (week * 7 % 11))).collect();
    let revenue = (0..104).zip(&spend).map(|(week, x)| {
        let noise = f64::from(week * 37 % 17 - 8);
        40_000.0 + 60_000.0 * x / (9_000.0 + x) + 150.0 * noise
    });
    let columns = [
        (
            "week",
            Column::Dates(
                (0..104).map(|w| date(2024, 1, 1).checked_add(Span::new().weeks(w)).ok()).collect(),
            ),
        ),
        ("revenue", Column::Numbers(revenue.collect())),
        ("search spend", Column::Numbers(spend.clone())),
    ];
    let history = outlay::history(&Data::columns("weeks", columns), &Chosen::default())?;
    let fitted = outlay::fit(&history, &[], &FitOptions::default().level(0.8))?;
    println!("{}{}", show::history(&history), show::fit(&fitted, None, Format::Table)?);
    Ok(())
}
