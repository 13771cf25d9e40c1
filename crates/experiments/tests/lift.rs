//! Tests in markets against their simulated truth, and what must hold of any.

mod simulation;

use outlay_experiments::{Ask, Doubt, ExperimentError, Options, Panel, Test, design, read};

/// Intervals of 90% on 40 panels, and how wide and how far off they are in
/// percent of the counterfactual (docs/experiments.md has larger counts).
#[test]
fn intervals_hold_the_truth() {
    let each = (0..40).map(|seed| {
        let s = simulation::panel(seed, 1.5, None);
        let found = read(&s.panel, &s.test, &Options::default()).expect("a test that can be read");
        let spend = found.spend.expect("spend is known");
        let moved = spend.spent - spend.expected;
        assert!((moved / s.spend - 1.0).abs() < 0.2, "{seed}: {moved} {}", s.spend);
        (found.lift.value, found.lift.low, found.lift.high, s.lift, s.counterfactual)
    });
    let (covered, width, error, score) = simulation::score(each);
    assert!(covered >= 0.85, "covers {covered}");
    assert!(width < 6.5 && error < 2.2 && score < 9.0, "{width} {error} {score}");
}

#[test]
fn a_dark_market_has_a_negative_lift_that_mirrors_nothing_else() {
    let (heavy, dark) = (simulation::panel(3, 1.5, None), simulation::panel(3, 0.0, None));
    let of = |s: &simulation::Simulated| read(&s.panel, &s.test, &Options::default()).expect("read");
    let (up, down) = (of(&heavy), of(&dark));
    assert!(up.lift.value > down.lift.value);
    // The same panel before the test gives the same counterfactual and error.
    assert!((up.counterfactual - down.counterfactual).abs() < 1e-6 * up.counterfactual);
    let difference = up.lift.value - down.lift.value;
    assert!((difference - (heavy.lift - dark.lift)).abs() < 1e-6 * difference.abs());
    assert!(down.spend.and_then(|s| s.iroas).is_some_and(|i| i.value * (heavy.lift - dark.lift) > 0.0));
}

/// Treated markets that move as a mixture of two of the controls: synthetic
/// control finds it, and with it the lift, to what its steps leave.
#[test]
fn synthetic_control_finds_a_mixture() {
    let mut s = simulation::panel(4, 1.0, None);
    let controls: Vec<usize> = (0..simulation::MARKETS).filter(|i| !s.test.treated.contains(i)).collect();
    let (a, b) = (controls[3], controls[11]);
    let before = s.test.start;
    let mean = |i: usize, m: &nalgebra::DMatrix<f64>| m.row(i).columns(0, before).sum() / before as f64;
    let relative =
        |t: usize, m: &nalgebra::DMatrix<f64>| 0.3 * m[(a, t)] / mean(a, m) + 0.7 * m[(b, t)] / mean(b, m);
    let outcome = s.panel.outcome.clone();
    let mut expected = 0.0;
    for &i in &s.test.treated {
        for t in 0..outcome.ncols() {
            let usual = mean(i, &outcome) * relative(t, &outcome);
            let tested = (s.test.start..s.test.end).contains(&t);
            expected += if tested { 0.1 * usual } else { 0.0 };
            s.panel.outcome[(i, t)] = if tested { 1.1 * usual } else { usual };
        }
    }
    let found = read(&s.panel, &s.test, &Options::default()).expect("read");
    assert!(
        expected > 0.0 && (found.synthetic / expected - 1.0).abs() < 0.01,
        "{} {expected}",
        found.synthetic
    );
}

/// Money in cents, markets in another order: the same test.
#[test]
fn units_and_order_do_not_matter() {
    let s = simulation::panel(5, 1.5, None);
    let plain = read(&s.panel, &s.test, &Options::default()).expect("read");
    let n = s.panel.markets.len();
    let order: Vec<usize> = (0..n).rev().collect();
    let mut panel = s.panel.only(&order);
    panel.outcome *= 100.0;
    let treated = s.test.treated.iter().map(|i| n - 1 - i).collect();
    let cents = read(&panel, &Test { treated, ..s.test.clone() }, &Options::default()).expect("read");
    for (a, b) in [(plain.lift.value, cents.lift.value), (plain.counterfactual, cents.counterfactual)] {
        assert!((100.0 * a - b).abs() < 1e-6 * b.abs(), "{a} {b}");
    }
    assert!((plain.share - cents.share).abs() < 1e-12);
}

/// What each day of a week adds up to is what the week says.
#[test]
fn days_are_read_in_weeks() {
    let s = simulation::panel(8, 1.5, None);
    let weeks = read(&s.panel, &s.test, &Options::default()).expect("read");
    let shape = [1.1, 1.0, 0.95, 0.95, 1.05, 1.1, 0.85];
    let spread = |m: &nalgebra::DMatrix<f64>| {
        nalgebra::DMatrix::from_fn(m.nrows(), 7 * m.ncols(), |i, d| m[(i, d / 7)] * shape[d % 7] / 7.0)
    };
    let panel = Panel {
        outcome: spread(&s.panel.outcome),
        spend: s.panel.spend.as_ref().map(spread),
        daily: true,
        ..s.panel.clone()
    };
    let test = Test { start: 7 * s.test.start, end: 7 * s.test.end, treated: s.test.treated.clone() };
    let days = read(&panel, &test, &Options::default()).expect("read");
    assert!((days.lift.value - weeks.lift.value).abs() < 1e-6 * weeks.counterfactual);
    assert!((days.lift.high - weeks.lift.high).abs() < 1e-6 * weeks.counterfactual);
    // A test that ends in the middle of a week: its last part by the usual
    // share of its weekdays.
    let cut = Test { end: 7 * s.test.end - 3, ..test };
    let cut = read(&panel, &cut, &Options::default()).expect("read");
    let missing = weeks.counterfactual / simulation::LENGTH as f64 * (1.05 + 1.1 + 0.85) / 7.0;
    assert!(
        (cut.counterfactual - weeks.counterfactual + missing).abs()
            < 0.05 * missing + 0.01 * weeks.counterfactual
    );
}

#[test]
fn doubts_are_told() {
    let mut s = simulation::panel(2, 1.5, None);
    let control = (0..simulation::MARKETS).find(|i| !s.test.treated.contains(i)).expect("a control");
    let last = simulation::MARKETS - 2;
    for t in s.test.start..s.test.end {
        s.panel.outcome[(last, t)] *= 3.0;
    }
    s.panel.outcome[(control, 4)] = 0.0;
    s.test.treated.retain(|i| *i != last);
    let found = read(&s.panel, &s.test, &Options::default()).expect("read");
    let names = |d: &Doubt| match d {
        Doubt::Contaminated { markets } => markets.iter().map(|m| m.0.clone()).collect(),
        Doubt::Zeros { markets } => markets.iter().map(|m| m.0.clone()).collect(),
        _ => Vec::new(),
    };
    let all: Vec<String> = found.doubts.iter().flat_map(names).collect();
    assert!(all.contains(&format!("market {last}")), "{:?}", found.doubts);
    assert!(all.contains(&format!("market {control}")), "{:?}", found.doubts);
    let clean = simulation::panel(2, 1.5, None);
    let found = read(&clean.panel, &clean.test, &Options::default()).expect("read");
    assert!(!found.doubts.iter().any(|d| matches!(d, Doubt::Zeros { .. })), "{:?}", found.doubts);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let s = simulation::panel(1, 1.5, None);
    let with = |test: Test| read(&s.panel, &test, &Options::default()).expect_err("refused");
    let all = (0..simulation::MARKETS).collect();
    assert_eq!(with(Test { treated: vec![], ..s.test.clone() }), ExperimentError::NoTreated);
    assert_eq!(with(Test { treated: all, ..s.test.clone() }), ExperimentError::NoControl);
    assert_eq!(with(Test { start: 70, end: 80, ..s.test.clone() }), ExperimentError::NoPeriods);
    let short = with(Test { start: 5, end: 8, ..s.test.clone() });
    assert!(matches!(short, ExperimentError::TooShort { found: 5, .. }), "{short:?}");
    let rows = vec![vec![1.0, f64::NAN]];
    let ragged = Panel::new(vec!["a".into()], &rows, None, false).expect_err("refused");
    assert!(matches!(ragged, ExperimentError::Ragged { .. }));
}

/// A design treats what it is told to, leaves out what it is told to, splits
/// groups against one control, and depends on its seed alone.
#[test]
fn designs_keep_to_what_was_asked() {
    let s = simulation::panel(4, 1.0, None);
    let ask = Ask {
        cells: 2,
        share: 0.2,
        forced: vec![7],
        excluded: vec![0, 1],
        weeks: Some(6),
        change: -1.0,
        ..Ask::default()
    };
    let found = design(&s.panel, &ask).expect("a design");
    assert_eq!(found.cells.len(), 2);
    assert!(found.cells[0].treated.contains(&7));
    let mut seen: Vec<usize> = found.cells.iter().flat_map(|c| c.treated.clone()).collect();
    assert_eq!(seen.len(), 2 * found.cells[0].treated.len());
    seen.extend(&found.cells[0].control);
    seen.sort_unstable();
    assert_eq!(seen, (2..simulation::MARKETS).collect::<Vec<usize>>(), "every market once");
    assert_eq!(found.cells[0].control, found.cells[1].control);
    assert_eq!(found, design(&s.panel, &ask).expect("a design"));
    assert_ne!(found, design(&s.panel, &Ask { seed: 2, ..ask }).expect("a design"));
    for cell in &found.cells {
        let least = |p: &outlay_experiments::Power| p.relative;
        assert!(least(&cell.durations[0]) > least(cell.durations.last().expect("some")), "{cell:?}");
        assert!(cell.chosen.spend.is_some_and(|s| s < 0.0));
    }
    let few = Panel { ..s.panel.only(&[1, 2, 3]) };
    assert!(matches!(design(&few, &Ask::default()), Err(ExperimentError::TooFewMarkets { .. })));
}

/// Days with a weekly pattern and noise of their own, weeks that begin on any
/// day, tests that end on any: against what was really earned.
#[test]
fn daily_intervals_hold_the_truth() {
    use rand::{RngExt, SeedableRng};
    const USUAL: [f64; 7] = [1.1, 1.0, 0.95, 0.95, 1.05, 1.1, 0.85];
    let each = (0..40).map(|seed: u64| {
        // The same noise, with and without the test.
        let (s, without) = (simulation::panel(seed, 1.5, None), simulation::panel(seed, 1.0, None));
        let mut random = rand_pcg::Pcg64::seed_from_u64(seed);
        let mut normal = || random.sample::<f64, _>(rand_distr::StandardNormal);
        let (markets, weeks) = s.panel.outcome.shape();
        let (first, end) = (seed as usize % 7, 7 * weeks - seed as usize % 5);
        let (mut rows, mut lift) = (Vec::new(), 0.0);
        for i in 0..markets {
            let size = s.panel.outcome.row(i).mean();
            let noise = 0.03 + 0.07 * (size / 1e4).powf(-0.3);
            let mut days = Vec::new();
            for t in 0..weeks {
                let own: Vec<f64> = USUAL.iter().map(|u| u * (noise * normal()).exp()).collect();
                let all: f64 = own.iter().sum();
                for (d, o) in own.iter().enumerate() {
                    let [with, plain] = [&s, &without].map(|s| s.panel.outcome[(i, t)] * o / all);
                    days.push(with);
                    lift += if 7 * t + d < end { with - plain } else { 0.0 };
                }
            }
            rows.push(days.split_off(first));
        }
        let panel = Panel::new(s.panel.markets.clone(), &rows, None, true).expect("a panel");
        let start = 7 * simulation::BEFORE - first;
        let test = Test { start, end: end - first, treated: s.test.treated.clone() };
        let found = read(&panel, &test, &Options::default()).expect("read");
        (found.lift.value, found.lift.low, found.lift.high, lift, found.counterfactual)
    });
    let (covered, width, error, score) = simulation::score(each);
    assert!(covered >= 0.85, "covers {covered}");
    assert!(width < 6.8 && error < 2.4 && score < 10.0, "{width} {error} {score}");
}

/// Tests of nothing in the markets of a public panel: 20 markets over 156 weeks.
#[test]
#[allow(clippy::print_stderr)]
fn a_public_panel_shows_nothing_where_nothing_was_done() {
    use rand::SeedableRng;
    use rand::seq::SliceRandom;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/meridian_geo_full_funnel.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the public panel is not here");
        return;
    };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a heading").split(',').collect();
    let at = |name: &str| header.iter().position(|h| *h == name).expect("a column");
    let (geo, outcome) = (at("geo"), at("conversions"));
    let mut rows: std::collections::BTreeMap<String, Vec<f64>> = std::collections::BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        rows.entry(cells[geo].to_owned()).or_default().push(cells[outcome].parse().expect("a number"));
    }
    let values: Vec<Vec<f64>> = rows.values().cloned().collect();
    let panel = Panel::new(rows.keys().cloned().collect(), &values, None, false).expect("a whole panel");
    assert_eq!((panel.markets.len(), panel.periods()), (20, 156));
    let mut random = rand_pcg::Pcg64::seed_from_u64(1);
    let (mut covered, mut count) = (0, 0);
    for start in (60..=150).step_by(6) {
        for _ in 0..20 {
            let mut markets: Vec<usize> = (0..20).collect();
            markets.shuffle(&mut random);
            let test = Test { start, end: start + 6, treated: markets[..6].to_vec() };
            let lift = read(&panel, &test, &Options::default()).expect("read").lift;
            covered += usize::from(lift.low <= 0.0 && 0.0 <= lift.high);
            count += 1;
        }
    }
    eprintln!("{covered} of {count}");
    assert!(covered * 10 >= count * 9, "{covered} of {count}");
}
