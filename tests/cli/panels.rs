//! `outlay fit` of a history with a column of markets.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::common::outlay_in;

/// Numbers in [0, 1) of a multiplicative congruential generator.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn around(&mut self) -> f64 {
        self.next() + self.next() + self.next() - 1.5
    }
}

/// Ten regions over seventy weeks; per head both channels return 1.5 at the
/// margin of their mean. Noise is common for the most part. `follows` moves
/// local spend with local demand.
fn history(follows: f64) -> String {
    let mut random = Uniform(7);
    let demand = if follows > 0.0 { 30.0 } else { 10.0 };
    let first: jiff::civil::Date = "2023-01-02".parse().expect("a date");
    let mut text = String::from("week,region,population,revenue,tv_spend,search_spend\n");
    for week in 0..70_u32 {
        let date = first.checked_add(jiff::Span::new().weeks(week)).expect("a date");
        let shock = 4.0 * random.around();
        let flight = [0.6 + 0.8 * random.next(), 0.6 + 0.8 * random.next()];
        for region in 0..10_u32 {
            let heads = 1_000.0 * 1.15_f64.powi(region as i32);
            let own = random.around();
            let spend: Vec<f64> =
                flight.iter().map(|f| 10.0 * f * (0.6 * random.around() + follows * own).exp()).collect();
            // 60 x / (10 + x): slope 1.5 at 10.
            let media: f64 = spend.iter().map(|x| 60.0 * x / (10.0 + x)).sum();
            let revenue =
                heads * (150.0 + media + shock + demand * own + 5.0 * (f64::from(week) / 8.3).sin());
            let _ = writeln!(
                text,
                "{date},R{region},{heads:.0},{revenue:.2},{:.2},{:.2}",
                heads * spend[0],
                heads * spend[1]
            );
        }
    }
    text
}

fn fitted(folder: &Path, extra: &[&str]) -> (String, Value) {
    let arguments = [&["fit", "history.csv", "--out", "curves.json"], extra].concat();
    let found = outlay_in(folder, &arguments);
    assert_eq!(found.code, 0, "{found:?}");
    let text = fs::read_to_string(folder.join("curves.json")).expect("reads");
    (found.stdout, serde_json::from_str(&text).expect("JSON"))
}

fn figure(curve: &Value, name: &str) -> f64 {
    curve["quality"][name].as_f64().unwrap_or_else(|| panic!("{name} of {curve}"))
}

#[test]
fn markets_are_fitted_side_by_side_and_add_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writes");
    write("history.csv", &history(0.0));
    let (told, library) = fitted(folder.path(), &["--markets", "each"]);
    let curves = library["curves"].as_array().expect("curves");
    assert_eq!(curves.len(), 2 + 2 * 10);
    for curve in &curves[..2] {
        let width = |name: &str| {
            (figure(curve, &format!("marginal_{name}_high")) / figure(curve, &format!("marginal_{name}_low")))
                .ln()
        };
        assert!(width("panel") < 0.7 * width("summed"), "{told}");
        let value = curve["marginal"]["value"].as_f64().expect("a number");
        assert!((value / 1.5).ln().abs() < 0.25, "{value}\n{told}");
    }
    assert!(told.contains("marginal, from") && told.contains("within weeks"), "{told}");
    assert!(told.contains("the curves are the panel's") && !told.contains("CONTRADICTION"), "{told}");
    // Spending what every market spends on average adds up to the nation.
    let at = |curve: &Value| {
        let (ceiling, half) =
            (curve["curve"]["ceiling"].as_f64(), curve["curve"]["half_saturation"].as_f64());
        let shape = curve["curve"]["shape"].as_f64().unwrap_or(1.0);
        let spend = curve["observed"]["mean"].as_f64().expect("a number");
        match curve["curve"]["family"].as_str() {
            Some("exponential") => {
                let scale = curve["curve"]["scale"].as_f64().expect("a scale");
                -ceiling.expect("a ceiling") * (-spend / scale).exp_m1()
            }
            _ => {
                let (u, k) = (spend.powf(shape), half.expect("a number").powf(shape));
                ceiling.expect("a ceiling") * u / (k + u)
            }
        }
    };
    let sum: f64 =
        curves.iter().filter(|c| c["name"].as_str().is_some_and(|n| n.starts_with("tv / "))).map(at).sum();
    let tv = curves.iter().find(|c| c["name"] == "tv").expect("a curve");
    assert!((sum / at(tv) - 1.0).abs() < 0.02, "{sum} of {}", at(tv));
    // A scenario may have a line per market.
    write(
        "plan.toml",
        "outlay = 1\nname = \"Regions\"\ncurrency = \"USD\"\ncurves = \"curves.json\"\n[horizon]\nunit = \"week\"\nperiods = 1\n[goal]\nmaximize = \"revenue\"\n[budget]\nmax = 400000\n[[lines]]\nname = \"TV south\"\nchannel = \"TV\"\ncurve = \"tv / R9\"\n[[lines]]\nname = \"TV north\"\nchannel = \"TV\"\ncurve = \"tv / R2\"\n",
    );
    let run = outlay_in(folder.path(), &["run", "plan.toml", "--out", "plan.json"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn markets_that_contradict_their_sum_are_said_loudly() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("history.csv"), history(0.7)).expect("writes");
    let (told, library) = fitted(folder.path(), &[]);
    assert!(told.contains("CONTRADICTION"), "{told}");
    let curve = &library["curves"][0];
    assert_eq!(curve["warnings"][0]["code"], "markets_contradict", "{told}");
    assert!(figure(curve, "agreement") < 0.02);
    // The curves are the sum's.
    let (_, summed) = fitted(folder.path(), &["--markets", "summed"]);
    assert_eq!(curve["curve"], summed["curves"][0]["curve"]);
    assert!(summed["curves"][0]["quality"].get("marginal_panel").is_none());
}

/// However long a fit would take, `--time` ends it, with curves that say so.
#[test]
fn a_fit_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("history.csv"), history(0.0)).expect("writes");
    for markets in ["together", "summed"] {
        let (told, library) = fitted(folder.path(), &["--time", "0.001", "--markets", markets]);
        let curves = library["curves"].as_array().expect("curves");
        assert_eq!(curves.len(), 2);
        for curve in curves {
            let codes: Vec<&str> = curve["warnings"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|w| w["code"].as_str())
                .collect();
            assert!(codes.contains(&"not_reached"), "{codes:?}");
            assert_eq!(codes.contains(&"markets_left_out"), markets == "together", "{codes:?}");
            let draws = curve["draws"].as_array().expect("draws");
            assert!(draws.len() > 50, "{} draws\n{told}", draws.len());
        }
    }
}
