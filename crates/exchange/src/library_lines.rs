//! A curve library as a scenario: a line for every curve.

use outlay_scenario::library::LibraryFile;

use crate::draft::{Draft, DraftLine};

/// Periods of a quarter, by unit.
fn quarter(unit: &str) -> u32 {
    match unit {
        "day" => 91,
        "month" => 3,
        _ => 13,
    }
}

/// Lines with today's spend from the last periods of the history; where none
/// are kept, from its mean. `path` is the library's, from the scenario.
pub fn library_lines(library: &LibraryFile, path: &str, stem: &str) -> Draft {
    // A library without a unit covers one horizon.
    let unit = library.unit.clone();
    let periods = unit.as_deref().map_or(1, quarter);
    let times = f64::from(periods);
    let customers = library.curves.iter().any(|c| c.outcome == outlay_scenario::spec::Outcome::Customers);
    let mut draft = Draft {
        name: stem.to_owned(),
        currency: library.currency.clone(),
        goal: if customers { "customers" } else { "revenue" }.to_owned(),
        curves: Some(path.to_owned()),
        horizon: unit.map(|unit| (None, unit, periods)),
        horizon_remark: Some("a quarter".to_owned()),
        ..Draft::default()
    };
    draft.remarks = vec![format!("Made from the curves in {path}: a line for each.")];
    for curve in &library.curves {
        let observed = curve.observed;
        let recent = &curve.recent;
        let each = if recent.is_empty() {
            observed.map_or(0.0, |o| o.mean)
        } else {
            recent.iter().sum::<f64>() / recent.len() as f64
        };
        let round = |x: f64| if x >= 1000.0 { x.round() } else { x };
        let mut line =
            DraftLine { name: curve.name.clone(), current: round(times * each), ..DraftLine::default() };
        if let Some(observed) = observed.filter(|o| o.max > 0.0) {
            // Rounded down: a curve of points ends at the last of them.
            let max = times * observed.max.max(each);
            let max = if max >= 1000.0 { max.floor() } else { max };
            (line.max, line.current) = (Some(max), line.current.min(max));
            line.remarks.push(format!(
                "current: {}; max: the most the history has seen in a period, {:.2}, in every one",
                if recent.is_empty() {
                    "the history's mean".to_owned()
                } else {
                    format!("the last {} periods", recent.len())
                },
                observed.max
            ));
        }
        let carried = curve.adstock.as_ref().is_some_and(|a| a.kind != "none");
        if carried && draft.horizon.is_some() {
            line.opening = recent.clone();
        }
        draft.lines.push(line);
    }
    draft.budget = Some(draft.lines.iter().map(|l| l.current).sum());
    draft.budget_remark = Some("today's spend; the plan moves it between the lines".to_owned());
    draft
}
