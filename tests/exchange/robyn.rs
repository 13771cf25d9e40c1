//! Models of Robyn.

use outlay_exchange::{ImportError, Imported, Options, Source, import};
use outlay_scenario::spec::{CurveSpec, Outcome};
use serde_json::{Value, json};

const SPEND: [f64; 6] = [400.0, 100.0, 300.0, 0.0, 800.0, 200.0];
const COEF: f64 = 5000.0;
const ALPHA: f64 = 2.0;
const GAMMA: f64 = 0.6;
const THETA: f64 = 0.25;

/// Adstocked spend of the window, rows 2 to 6.
fn stock() -> Vec<f64> {
    let mut carried = 0.0;
    let all = SPEND.map(|x| {
        carried = x + THETA * carried;
        carried
    });
    all[1..].to_vec()
}

fn half(old: bool) -> f64 {
    let (min, max) = stock().iter().fold((f64::MAX, 0.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
    if old { GAMMA * max } else { (1.0 - GAMMA) * min + GAMMA * max }
}

/// An export whose own total is by the newer or the older formula.
fn export(old: bool) -> Value {
    let k = half(old);
    let total: f64 = stock().iter().map(|x| COEF * x.powf(ALPHA) / (x.powf(ALPHA) + k.powf(ALPHA))).sum();
    let rows: Vec<Value> = SPEND.iter().map(|x| json!({ "tv_S": x })).collect();
    json!({
        "InputCollect": {
            "adstock": ["geometric"], "intervalType": ["week"], "dep_var_type": ["revenue"], "paid_media_spends": ["tv_S"],
            "rollingWindowStartWhich": [2], "rollingWindowEndWhich": [6], "window_end": ["2024-02-05"],
        },
        "ExportedModel": {
            "summary": [{ "variable": "tv_S", "coef": COEF, "decompAgg": total }],
            "hyper_values": { "tv_S_alphas": [ALPHA], "tv_S_gammas": [GAMMA], "tv_S_thetas": [THETA] },
        },
        "Extras": { "raw_data": rows },
    })
}

fn read(value: &Value) -> Result<Imported, ImportError> {
    let bytes = value.to_string().into_bytes();
    import(&Source { name: "RobynModel.json", bytes: &bytes, options: &Options::default() })
}

#[test]
fn the_curve_is_that_of_the_adstocked_window_at_steady_spend() {
    for old in [false, true] {
        let curve = read(&export(old)).unwrap().library.curves.remove(0);
        let CurveSpec::Hill { ceiling, half_saturation, shape } = curve.curve else { panic!("no hill") };
        assert_eq!((ceiling, shape, curve.outcome), (COEF, ALPHA, Outcome::Revenue));
        assert!((half_saturation / (half(old) * (1.0 - THETA)) - 1.0).abs() < 1e-12, "{old}");
        assert_eq!(curve.adstock.unwrap().retention, Some(THETA));
        assert_eq!(curve.observed.unwrap().periods, 5);
    }
}

#[test]
fn what_differs_or_is_missing_is_told() {
    let mut bursts = export(false);
    bursts["Extras"]["raw_data"] =
        [0.0, 0.0, 0.0, 0.0, 900.0, 0.0].iter().map(|x| json!({ "tv_S": x })).collect();
    bursts["ExportedModel"]["hyper_values"]["tv_S_alphas"] = json!([4.0]);
    let found = read(&bursts).unwrap();
    assert!(found.notes.iter().any(|n| n.contains("in bursts")), "{:?}", found.notes);
    assert!(found.notes.iter().any(|n| n.contains("own total")), "{:?}", found.notes);
    let mut weibull = export(false);
    weibull["InputCollect"]["adstock"] = json!(["weibull_pdf"]);
    assert!(matches!(read(&weibull), Err(ImportError::Refused { .. })));
    let mut bare = export(false);
    bare["Extras"] = json!({});
    assert!(read(&bare).unwrap_err().to_string().contains("raw data"));
    let mut counted = export(false);
    counted["InputCollect"]["dep_var_type"] = json!(["conversion"]);
    assert_eq!(read(&counted).unwrap().library.curves[0].outcome, Outcome::Customers);
}
