//! `outlay fit --overlap` and `--makes --harvests`: from a history to a plan that
//! is proven with what was fitted.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::common::outlay_in;

const WEEKS: usize = 130;

/// Quasi-random numbers in (0, 1) that no two columns share.
fn draw(column: usize, week: usize) -> f64 {
    const STEPS: [f64; 4] = [0.618_034, 0.414_214, 0.732_051, 0.236_068];
    ((week as f64 + 0.5) * STEPS[column]).fract()
}

/// Of what tv and radio earn beside brand search as usual, `share` runs through it.
fn history(share: f64) -> String {
    let returned = |ceiling: f64, half: f64, x: f64| ceiling * x / (half + x);
    let spend = |c: usize, t: usize| [9_000.0, 5_000.0, 3_000.0][c] * (0.3 + 1.4 * draw(c, t));
    let brand = |t: usize| returned(20_000.0, 4_000.0, spend(2, t));
    let usual = (0..WEEKS).map(brand).sum::<f64>() / WEEKS as f64;
    let mut text = "week,tv_spend,radio_spend,brand_spend,revenue\n".to_owned();
    for t in 0..WEEKS {
        let day = jiff::civil::date(2024, 1, 1).saturating_add(jiff::Span::new().weeks(t as i64));
        let makers = returned(45_000.0, 12_000.0, spend(0, t)) + returned(18_000.0, 6_000.0, spend(1, t));
        let season = 50_000.0 * (1.0 + 0.1 * (t as f64 / 52.0 * std::f64::consts::TAU).sin());
        let noise = 1_000.0 * (draw(3, t) - 0.5);
        let revenue = season + makers * (1.0 - share + share * brand(t) / usual) + brand(t) + noise;
        writeln!(text, "{day},{:.2},{:.2},{:.2},{revenue:.2}", spend(0, t), spend(1, t), spend(2, t))
            .expect("written");
    }
    text
}

/// What the fit wrote, and what it said.
fn fitted(folder: &Path, arguments: &[&str]) -> (Value, String) {
    let run = outlay_in(folder, &[&["fit", "history.csv", "--out", "curves.json"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = std::fs::read_to_string(folder.join("curves.json")).expect("a library");
    (serde_json::from_str(&text).expect("JSON"), run.stdout)
}

/// The scenario that the fit offers to paste, planned and verified.
fn planned(folder: &Path, said: &str) -> Value {
    let block = said.split("To plan with it, beside the library in `curves`:").nth(1).expect("a block");
    let block: Vec<&str> =
        block.lines().skip_while(|l| l.is_empty()).take_while(|l| l.starts_with("    ")).collect();
    let mut text = "outlay = 1\ncurves = \"curves.json\"\nbudget.max = 221_000\n\
                    horizon = { periods = 13, unit = \"week\" }\n"
        .to_owned();
    for (name, spend) in [("tv", 117_000), ("radio", 65_000), ("brand", 39_000)] {
        writeln!(text, "[[lines]]\nname = \"{name}\"\nspend = {{ current = {spend}, max = {} }}", 2 * spend)
            .expect("written");
    }
    for line in block {
        writeln!(text, "{}", line.trim()).expect("written");
    }
    std::fs::write(folder.join("autumn.toml"), text).expect("written");
    let run = outlay_in(folder, &["run", "autumn.toml", "--out", "results"]);
    assert_eq!(run.code, 0, "{} {}", run.stdout, run.stderr);
    let verified = outlay_in(folder, &["verify", "results/autumn.json"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    let text = std::fs::read_to_string(folder.join("results/autumn.json")).expect("a result");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_pool_is_fitted_and_planned_with() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("history.csv"), history(0.8)).expect("written");
    let (library, said) = fitted(folder.path(), &["--makes", "tv,radio", "--harvests", "brand"]);
    let of = |name: &str| library["meeting"][name].as_f64().expect(name);
    assert!(of("low") <= 0.8 && 0.8 <= of("high") && of("low") > 0.3, "{}", library["meeting"]);
    assert!(said.contains("Of what brand harvests,"), "{said}");
    assert!(of("odds") > 10.0 && said.contains("tell this pool apart from none"), "{said}");
    let result = planned(folder.path(), &said);
    assert_eq!(result["status"], "optimal", "{result}");
    assert!(result["meeting"]["demand"][0]["halo"]["revenue"].as_f64().is_some_and(|h| h > 0.0), "{result}");
}

/// Where nothing meets, nothing is claimed, and the words of the options are held.
#[test]
fn what_is_not_there_is_not_claimed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("history.csv"), history(0.0)).expect("written");
    let (library, said) = fitted(folder.path(), &["--overlap", "tv,radio"]);
    assert!(library["meeting"]["odds"].as_f64().is_some_and(|o| o < 10.0), "{}", library["meeting"]);
    assert!(!said.contains("tell this overlap apart from none:"), "{said}");
    planned(folder.path(), &said);
    for (arguments, told) in [
        (&["--overlap", "tv"][..], "two channels"),
        (&["--overlap", "tv,cinema"], "no channel `cinema`"),
        (&["--makes", "tv"], "--harvests <CHANNEL,...>"),
        (&["--makes", "tv", "--harvests", "tv"], "makes demand or harvests"),
        (&["--overlap", "tv,radio", "--makes", "tv"], "cannot be used with"),
    ] {
        let run = outlay_in(folder.path(), &[&["fit", "history.csv", "--out", "x.json"], arguments].concat());
        assert!(run.code == 2 && run.stderr.contains(told), "{arguments:?}: {} {}", run.code, run.stderr);
    }
    assert!(!folder.path().join("x.json").exists());
}
