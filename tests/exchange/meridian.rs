//! Models that Meridian 2.1.0 saved, against the response curves that it gives
//! itself (`Analyzer.response_curves()`); priors and sampler traces are taken out
//! of the files.

use outlay_exchange::{ImportError, Imported, Options, Source, import, optimized};
use outlay_scenario::library::LibraryCurve;
use outlay_scenario::spec::CurveSpec;

/// One geo, binomial decay over five weeks, a made-up history of 60 weeks.
const NATIONAL: &[u8] = include_bytes!("data/meridian_national.binpb");
const NATIONAL_CURVES: &str = include_str!("data/meridian_national.csv");
fn read(bytes: &[u8], options: &Options) -> Result<Imported, ImportError> {
    import(&Source { name: "model.binpb", bytes, options })
}

fn value(curve: &CurveSpec, x: f64) -> f64 {
    curve.made(0.0).unwrap().value(x)
}

/// Channel, spend and mean outcome over the window, from Meridian's own sheet.
fn truth(sheet: &str) -> Vec<(String, f64, f64, f64)> {
    let mut lines = sheet.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let [multiple, channel, metric, spend, outcome] =
        ["spend_multiplier", "channel", "metric", "spend", "incremental_outcome"].map(at);
    let rows = lines.map(|l| l.split(',').collect::<Vec<_>>());
    let rows = rows.filter(|r| r[metric] == "mean" && r[multiple].parse::<f64>().unwrap() > 0.0);
    let number = |text: &str| text.parse::<f64>().unwrap();
    rows.map(|r| (r[channel].to_owned(), number(r[multiple]), number(r[spend]), number(r[outcome]))).collect()
}

fn own<'a>(found: &'a Imported, name: &str) -> &'a LibraryCurve {
    found.library.curves.iter().find(|c| c.name == name).unwrap()
}

#[test]
fn curves_as_flown_are_the_programs_own() {
    for (bytes, sheet, channels) in [(NATIONAL, NATIONAL_CURVES, 2)] {
        let found = read(bytes, &Options::default()).unwrap();
        assert_eq!((found.library.curves.len(), found.library.unit.as_deref()), (channels, Some("week")));
        let points = truth(sheet);
        assert_eq!(points.len(), 10 * channels);
        for (channel, multiple, spend, outcome) in points {
            let curve = own(&found, &channel);
            let periods = f64::from(curve.observed.unwrap().periods);
            let x = spend / periods;
            assert!((x / curve.observed.unwrap().mean / multiple - 1.0).abs() < 1e-12, "{channel}");
            let ours = value(&curve.curve, x) * periods;
            assert!((ours / outcome - 1.0).abs() < 1e-9, "{channel} at {multiple}: {ours} {outcome}");
            let mean = curve.draws.iter().map(|d| value(d, x)).sum::<f64>() / curve.draws.len() as f64;
            // A draw has fewer points; at what was spent it has one.
            let error = if multiple == 1.0 { 1e-8 } else { 0.01 };
            assert!((mean * periods / outcome - 1.0).abs() < error, "{channel} at {multiple}, draws");
        }
    }
}

#[test]
fn steady_curves_are_the_models_hill_with_its_carry_over() {
    let options = Options { steady: true, ..Options::default() };
    let found = read(NATIONAL, &options).unwrap();
    let tv = own(&found, "tv");
    let weights = tv.adstock.as_ref().unwrap().weights.as_ref().unwrap();
    assert!(weights.len() == 5 && (weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{weights:?}");
    // One geo: every draw is a Hill curve, and the library the mean of them.
    assert!(tv.draws.iter().all(|d| matches!(d, CurveSpec::Hill { .. })));
    let x = tv.observed.unwrap().mean;
    let mean = tv.draws.iter().map(|d| value(d, x)).sum::<f64>() / tv.draws.len() as f64;
    assert!((value(&tv.curve, x) / mean - 1.0).abs() < 1e-12);
    // Steady spend earns more than the same money in bursts on a concave curve.
    let flown = read(NATIONAL, &Options::default()).unwrap();
    assert!(value(&tv.curve, x) > value(&own(&flown, "tv").curve, x));
    assert_eq!(own(&flown, "tv").adstock.as_ref().unwrap().kind, "none");
}

#[test]
fn what_the_optimizer_arrived_at_is_a_plan() {
    let mut file = hdf5_pure::FileBuilder::new();
    file.create_dataset("channel").with_vlen_strings(&["tv", "All Channels", "web"]);
    file.create_dataset("spend").with_f64_data(&[10.0, 30.5, 20.5]);
    file.create_dataset("incremental_outcome").with_f64_data(&[1.0, 2.0, 3.0]);
    let found = optimized(&file.finish().unwrap()).unwrap().unwrap();
    assert_eq!(found, [("tv".to_owned(), 10.0), ("web".to_owned(), 20.5)]);
    assert!(optimized(NATIONAL).is_none() && optimized(b"line,spend\n").is_none());
}

#[test]
fn damaged_files_are_errors() {
    let options = Options::default();
    for end in (0..NATIONAL.len()).step_by(397) {
        assert!(read(&NATIONAL[..end], &options).is_err(), "cut at {end}");
    }
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..60 {
        let mut bytes = NATIONAL.to_vec();
        for _ in 0..3 {
            let at = next(bytes.len());
            bytes[at] = u8::try_from(next(256)).unwrap();
        }
        // Read or refused: never a panic, and what is read can be drawn.
        if let Ok(found) = read(&bytes, &options) {
            found.library.curves.iter().for_each(|c| assert!(c.curve.made(0.0).is_ok()));
        }
    }
}
