//! What certainty costs, as people read it.

use outlay_scenario::frontier::{FrontierFile, FrontierPoint};
use outlay_scenario::result::GoalDraws;

use crate::layout::{Align, Grid, wrap};
use crate::number::{Kind, short, signed};
use crate::sentence::frontier::{aim, title};

/// True for a frontier of the mean against the worst draws.
pub(super) fn is(file: &FrontierFile) -> bool {
    file.points.iter().any(|p| p.draws.is_some())
}

/// The plans with their mean and their worst draws, and what the one costs for
/// the other.
pub(super) fn table(file: &FrontierFile, width: usize) -> String {
    let kind = aim(file).0.kind();
    let known: Vec<(&FrontierPoint, GoalDraws)> =
        file.points.iter().filter_map(|p| Some((p, p.draws?))).collect();
    let Some((_, first)) = known.first() else { return String::new() };
    let mut grid = Grid::new(&[Align::Right; 5]);
    let share = short(Kind::Percent, Some(first.share));
    grid.row([
        "weight".to_owned(),
        "mean of all".to_owned(),
        format!("of the worst {share}"),
        "mean given up".to_owned(),
        "worst gained".to_owned(),
    ]);
    let less = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
    for (point, draws) in &known {
        grid.row([
            short(Kind::Ratio, Some(point.at)),
            short(kind, draws.mean),
            short(kind, draws.worst),
            short(kind, less(first.mean, draws.mean)),
            signed(kind, less(draws.worst, first.worst)),
        ]);
    }
    let lines = grid.lines(width);
    lines.iter().map(|line| format!("{line}\n")).collect::<String>() + "\n" + &said(file, &known, width)
}

fn said(file: &FrontierFile, known: &[(&FrontierPoint, GoalDraws)], width: usize) -> String {
    let kind = aim(file).0.kind();
    let (Some((_, first)), Some((_, last))) = (known.first(), known.last()) else { return String::new() };
    let (Some(given), Some(gained)) =
        (first.mean.zip(last.mean).map(|(a, b)| a - b), last.worst.zip(first.worst).map(|(a, b)| a - b))
    else {
        return String::new();
    };
    let mut sentences = vec![format!(
        "{}: {} of the mean buys {} in the worst {} of draws.",
        title(file),
        short(kind, Some(given)),
        short(kind, Some(gained)),
        short(Kind::Percent, Some(first.share)),
    )];
    let proven = file.gap.filter(|_| file.certified).map(crate::sentence::gap);
    sentences.push(match proven {
        Some(gap) => format!(
            "At every weight in between one of these {} plans is within {gap} of the best (proven, if these curves are right).",
            known.len()
        ),
        None => "How good these plans are at weights in between is not proven.".to_owned(),
    });
    if !file.complete {
        sentences.push("The search stopped before that was as small as asked.".to_owned());
    }
    sentences.iter().flat_map(|s| wrap(s, width, 0)).map(|line| line + "\n").collect()
}
