//! Meetings that a fit estimated, planned with by name.

use std::fmt::Write as _;

use outlay_scenario::{ResultFile, Status};

use crate::support::{Folder, batch, rejected_at, solved};

/// Curves a week: ceiling and half-saturation of Michaelis-Menten.
const CURVES: [(&str, f64, f64); 3] = [("tv", 30.0, 10.0), ("video", 16.0, 5.0), ("brand", 9.0, 3.0)];
const WEEKS: f64 = 4.0;
const DRAWN: [f64; 4] = [0.8, 0.9, 1.1, 1.2];

/// A library whose draws are its curves times [`DRAWN`], and a meeting.
fn library(meeting: &str) -> String {
    let curve = |(name, ceiling, half): (&str, f64, f64)| {
        let spec = |times: f64| {
            format!(
                r#"{{"family": "michaelis_menten", "ceiling": {}, "half_saturation": {half}}}"#,
                times * ceiling
            )
        };
        let draws: Vec<String> = DRAWN.iter().map(|times| spec(*times)).collect();
        let (curve, draws) = (spec(1.0), draws.join(","));
        format!(r#"{{"name": "{name}", "outcome": "revenue", "curve": {curve}, "draws": [{draws}]}}"#)
    };
    let curves: Vec<String> = CURVES.into_iter().map(curve).collect();
    format!(
        r#"{{"outlay": 1, "unit": "week", "curves": [{}], "meeting": {{{meeting}, "share": 0.2, "low": 0.1, "high": 0.3, "level": 0.9, "odds": 20, "rests_on_data": 0.8}}}}"#,
        curves.join(",")
    )
}

const OVERLAP: &str = r#""name": "tv + video", "lines": ["tv", "video"], "steeper": 1.25, "ceiling": 40, "draws": [[1.1, 80], [1.2, 50], [1.3, 35], [1.4, 25]]"#;
const POOL: &str = r#""name": "demand", "makes": ["tv", "video"], "harvests": ["brand"], "base": 20, "made": 2, "organic": 0.3, "draws": [[1.5, 0.4], [1.8, 0.35], [2.2, 0.25], [2.5, 0.2]]"#;

fn scenario(more: &str) -> String {
    let mut text = format!(
        "outlay = 1\ncurves = \"curves.json\"\nhorizon = {{ periods = {WEEKS}, unit = \"week\" }}\nbudget = {{ max = 60 }}\n"
    );
    for (name, ..) in CURVES {
        write!(text, "[[lines]]\nname = \"{name}\"\nspend = {{ current = 20 }}\n").unwrap();
    }
    text + more
}

fn plan(meeting: &str, more: &str) -> ResultFile {
    let folder = Folder::new();
    folder.write("curves.json", library(meeting));
    let path = folder.write("s.toml", scenario(more));
    let file = solved(&batch(&path).scenario(0).unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(file.status, Status::Optimal);
    file
}

/// Over the horizon.
fn returned(line: usize, x: f64) -> f64 {
    let (_, ceiling, half) = CURVES[line];
    WEEKS * ceiling * (x / WEEKS) / (half + x / WEEKS)
}

fn never_beaten(file: &ResultFile, worth: impl Fn(&[f64]) -> f64) {
    let lines = file.lines.as_ref().unwrap();
    let spends: Vec<f64> = lines.iter().map(|l| l.spend).collect();
    let (value, own) = (file.value.unwrap(), worth(&spends));
    assert!((value - own).abs() <= 1e-9 * value, "{value} is told, {own} is meant");
    let told: f64 = lines.iter().map(|l| l.revenue.unwrap()).sum();
    assert!((told - value).abs() <= 1e-9 * value, "lines tell {told} of {value}");
    let mut best: f64 = 0.0;
    for a in 0..=300 {
        for b in 0..=300 - a {
            let [a, b] = [a, b].map(|k| 0.2 * f64::from(k));
            best = best.max(worth(&[a, b, 60.0 - a - b]));
        }
    }
    assert!(best <= value * (1.0 + 1e-6) && best >= 0.999 * value, "{best} against {value}");
}

/// The interval of the revenue, which the file works out draw by draw.
fn interval(file: &ResultFile) -> (f64, f64) {
    let range = file.uncertainty.as_ref().unwrap().totals["revenue"];
    (range.low, range.high)
}

#[test]
fn a_fitted_overlap_is_planned_with() {
    let block = "[[audiences]]\nname = \"Viewers\"\nlines = [\"tv\", \"video\"]\nfitted = \"tv + video\"\n";
    let file = plan(OVERLAP, block);
    let together = |ceiling: f64, z: f64| WEEKS * ceiling * (1.0 - (-z / (WEEKS * ceiling)).exp());
    let worth = |x: &[f64], steeper: f64, ceiling: f64, times: f64| {
        let own = |i: usize| times * returned(i, x[i]);
        together(ceiling, steeper * (own(0) + own(1))) + own(2)
    };
    never_beaten(&file, |x| worth(x, 1.25, 40.0, 1.0));
    let spends: Vec<f64> = file.lines.as_ref().unwrap().iter().map(|l| l.spend).collect();
    let each = [(1.1, 80.0), (1.2, 50.0), (1.3, 35.0), (1.4, 25.0)].iter().zip(DRAWN);
    let drawn: Vec<f64> = each.map(|((steeper, c), times)| worth(&spends, *steeper, *c, times)).collect();
    let (low, high) = interval(&file);
    let (least, most) =
        (drawn.iter().copied().fold(f64::INFINITY, f64::min), drawn.iter().copied().fold(0.0, f64::max));
    assert!(least <= low && high <= most && high > low, "{low} {high} of {drawn:?}");
    assert!(
        (high - most).abs() < 0.05 * most && (low - least).abs() < 0.1 * least,
        "{low} {high} of {drawn:?}"
    );
}

#[test]
fn a_fitted_pool_is_planned_with_and_part_of_it_sells_by_itself() {
    let block = "[[demand]]\nname = \"Demand\"\nmakes = { name = [\"tv\", \"video\"] }\nharvests = { name = \"brand\" }\nfitted = \"demand\"\n";
    let file = plan(POOL, block);
    let worth = |x: &[f64], made: f64, organic: f64, times: f64| {
        let made = made * times * (returned(0, x[0]) + returned(1, x[1]));
        (20.0 * WEEKS + made) * times * returned(2, x[2]) / (20.0 * WEEKS) + organic * made
    };
    never_beaten(&file, |x| worth(x, 2.0, 0.3, 1.0));
    let spends: Vec<f64> = file.lines.as_ref().unwrap().iter().map(|l| l.spend).collect();
    let each = [(1.5, 0.4), (1.8, 0.35), (2.2, 0.25), (2.5, 0.2)].iter().zip(DRAWN);
    let drawn: Vec<f64> = each.map(|((made, o), times)| worth(&spends, *made, *o, times)).collect();
    let (low, high) = interval(&file);
    assert!(drawn[0] <= low && high <= drawn[3], "{low} {high} of {drawn:?}");
    assert!(high > 0.9 * drawn[3] && low < 1.2 * drawn[0], "{low} {high} of {drawn:?}");
    // The same figures written out.
    let written = "[[demand]]\nname = \"Demand\"\nbase = 80\norganic = 0.3\nmakes = { name = [\"x\", \"y\"] }\nharvests = { name = \"z\" }\n";
    let curve = |name: &str, times: f64, (_, ceiling, half): (&str, f64, f64)| {
        format!(
            "[[lines]]\nname = \"{name}\"\nspend = {{ current = 20 }}\noutcome = \"revenue\"\ncurve = {{ family = \"michaelis_menten\", ceiling = {}, half_saturation = {} }}\n",
            times * WEEKS * ceiling,
            WEEKS * half
        )
    };
    let lines = [curve("x", 2.0, CURVES[0]), curve("y", 2.0, CURVES[1]), curve("z", 1.0 / 80.0, CURVES[2])];
    let folder = Folder::new();
    let text = format!("outlay = 1\nbudget = {{ max = 60 }}\n{}{written}", lines.concat());
    let other = solved(&batch(&folder.write("w.toml", text)).scenario(0).unwrap());
    assert!((other.value.unwrap() / file.value.unwrap() - 1.0).abs() < 1e-6);
}

#[test]
fn what_is_not_fitted_is_refused_with_the_reason() {
    let why = |meeting: &str, more: &str| {
        let folder = Folder::new();
        folder.write("curves.json", library(meeting));
        rejected_at(&folder.write("s.toml", scenario(more)))
    };
    let overlap = |fitted: &str| {
        format!("[[audiences]]\nname = \"V\"\nlines = [\"tv\", \"video\"]\nfitted = \"{fitted}\"\n")
    };
    assert!(why(POOL, &overlap("demand")).contains("overlap in"), "{}", why(POOL, &overlap("demand")));
    let text = why(OVERLAP, &overlap("tv and video"));
    assert!(text.contains("tv + video") && text.contains("s.toml:"), "{text}");
    let both = overlap("tv + video") + "curve = { family = \"linear\", rate = 1 }\n";
    assert!(why(OVERLAP, &both).contains("leave `curve` and `reach` out"));
    let pool = "[[demand]]\nname = \"D\"\nmakes = { name = \"tv\" }\nharvests = { name = \"brand\" }\n";
    assert!(why(POOL, pool).contains("exactly one"), "{}", why(POOL, pool));
    let text = why(POOL, &format!("{pool}base = 4\norganic = 1.5\n"));
    assert!(text.contains("a share from 0 to 1"), "{text}");
    let own = scenario(&overlap("tv + video")).replace(
        "name = \"tv\"\n",
        "name = \"tv\"\noutcome = \"revenue\"\ncurve = { family = \"linear\", rate = 1 }\n",
    );
    let folder = Folder::new();
    folder.write("curves.json", library(OVERLAP));
    let text = rejected_at(&folder.write("s.toml", own));
    assert!(text.contains("take its curve from there"), "{text}");
}
