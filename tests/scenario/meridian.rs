//! Published response curves as table lines: the whole way from a file to a
//! proof that stands.

use std::path::PathBuf;

use outlay_scenario::{Files, Status, verify};
use serde_json::{Value, json};

use crate::support::{Folder, batch, solved};

/// Base spend of the five channels, in millions.
const BASE: [f64; 5] = [40.5, 31.3, 12.1, 87.9, 47.7];

/// A scenario over the published points, in millions; `None` without the data.
fn scenario() -> Option<Value> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/meridian_response_curves.csv");
    let text = std::fs::read_to_string(path).ok()?;
    let mut points = vec![Vec::new(); BASE.len()];
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let channel: usize = cells[0].strip_prefix("Channel")?.parse().ok()?;
        let million = |cell: &str| cell.parse::<f64>().ok().map(|x| x / 1e6);
        points[channel].push((million(cells[1])?, million(cells[2])?));
    }
    let line = |(channel, points): (usize, &Vec<(f64, f64)>)| {
        let base = BASE[channel];
        json!({
            "name": format!("Channel{channel}"),
            "spend": { "current": base, "min": 0.7 * base, "max": 1.3 * base },
            "outcome": "revenue",
            "curve": { "family": "table", "points": points },
        })
    };
    let lines: Vec<Value> = points.iter().enumerate().map(line).collect();
    Some(json!({ "outlay": 1, "budget": { "exact": 219.5 }, "lines": lines }))
}

#[test]
#[allow(clippy::print_stderr)]
fn published_tables_are_allocated_and_proven() {
    let Some(scenario) = scenario() else {
        eprintln!("skipped: the published curves are not here");
        return;
    };
    let folder = Folder::new();
    let path = folder.write("meridian.json", scenario.to_string());
    let file = solved(&batch(&path).scenario(0).unwrap());
    assert_eq!(file.status, Status::Optimal);
    assert!(file.certificate.as_ref().unwrap().gap.unwrap() <= 1e-6);
    assert!(file.value.unwrap() >= 265.209, "{:?}", file.value);
    let today = file.reference.as_ref().unwrap().totals.revenue.unwrap();
    assert!((today - 258.493).abs() < 5e-3, "{today}");
    let published = [52.65, 27.58, 15.73, 61.53, 62.01];
    for (line, expected) in file.lines.as_ref().unwrap().iter().zip(published) {
        assert!((line.spend - expected).abs() < 0.4, "{}: {}", line.name, line.spend);
    }
    let result = folder.write("r.json", serde_json::to_string(&file).unwrap());
    assert_eq!(verify(&Files::disk(), &result, None).remove(0).unwrap().differences, []);
}
