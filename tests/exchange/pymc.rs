//! Models of PyMC-Marketing.

use hdf5_pure::{AttrValue, FileBuilder};
use outlay_exchange::{ImportError, Imported, Options, Source, import};
use outlay_scenario::library::LibraryCurve;
use outlay_scenario::spec::CurveSpec;

/// A model as `mmm.save` writes it: weeks of spend, draws of its parameters.
struct Model {
    dims: Vec<(&'static str, Vec<&'static str>)>,
    channels: Vec<&'static str>,
    saturation: &'static str,
    /// Attributes besides the usual ones.
    attributes: Vec<(&'static str, &'static str)>,
    parameters: Vec<(&'static str, Vec<u64>, Vec<f64>)>,
    target_scale: Vec<f64>,
    channel_scale: Vec<f64>,
    spend: (Vec<u64>, Vec<f64>),
}

impl Model {
    fn bytes(&self) -> Vec<u8> {
        let mut file = FileBuilder::new();
        let dims: Vec<&str> = self.dims.iter().map(|d| d.0).collect();
        let usual = [
            ("adstock", r#"{"__type__": "pymc_marketing.mmm.components.adstock.GeometricAdstock", "prefix": "adstock", "priors": {"alpha": {"dist": "Beta", "dims": ["channel"]}}, "l_max": 3, "normalize": true, "mode": "After"}"#.to_owned()),
            ("saturation", self.saturation.to_owned()),
            ("link", "identity".to_owned()),
            ("time_varying_media", "false".to_owned()),
            ("adstock_first", "true".to_owned()),
            ("mu_effects", "[]".to_owned()),
            ("dims", serde_json::to_string(&dims).unwrap()),
            ("target_column", "sales".to_owned()),
        ];
        for (name, text) in usual {
            let own = self.attributes.iter().find(|a| a.0 == name).map_or(text, |a| a.1.to_owned());
            file.set_attr(name, AttrValue::AsciiString(own));
        }
        let mut data = file.create_group("constant_data");
        data.create_dataset("channel").with_vlen_strings(&self.channels);
        for (name, labels) in &self.dims {
            data.create_dataset(name).with_vlen_strings(labels);
        }
        data.create_dataset("date")
            .with_i64_data(&(0..self.spend.0[0] as i64).map(|w| 7 * w).collect::<Vec<_>>())
            .set_attr("units", AttrValue::AsciiString("days since 2024-01-01 00:00:00".into()));
        data.create_dataset("channel_data").with_f64_data(&self.spend.1).with_shape(&self.spend.0);
        data.create_dataset("target_scale").with_f64_data(&self.target_scale);
        data.create_dataset("channel_scale").with_f64_data(&self.channel_scale);
        file.add_group(data.finish());
        let mut posterior = file.create_group("posterior");
        for (name, shape, values) in &self.parameters {
            posterior.create_dataset(name).with_f64_data(values).with_shape(shape);
        }
        file.add_group(posterior.finish());
        file.finish().unwrap()
    }

    fn read(&self) -> Result<Imported, ImportError> {
        let bytes = self.bytes();
        import(&Source { name: "model.nc", bytes: &bytes, options: &Options::default() })
    }
}

const LOGISTIC: &str = r#"{"__type__": "pymc_marketing.mmm.components.saturation.LogisticSaturation", "prefix": "saturation", "priors": {"lam": {"dist": "Gamma", "dims": ["channel"]}, "beta": {"dist": "HalfNormal", "dims": ["channel"]}}}"#;

/// Two channels, two chains of two draws.
fn plain() -> Model {
    Model {
        dims: Vec::new(),
        channels: vec!["tv", "search"],
        saturation: LOGISTIC,
        attributes: Vec::new(),
        parameters: vec![
            ("adstock_alpha", vec![2, 2, 2], vec![0.2, 0.5, 0.3, 0.4, 0.6, 0.1, 0.5, 0.2]),
            ("saturation_lam", vec![2, 2, 2], vec![2.0, 1.0, 4.0, 0.5, 1.5, 2.5, 3.0, 2.0]),
            ("saturation_beta", vec![2, 2, 2], vec![0.3, 0.2, 0.5, 0.1, 0.4, 0.3, 0.2, 0.6]),
        ],
        target_scale: vec![50_000.0],
        channel_scale: vec![900.0, 400.0],
        spend: (vec![4, 2], vec![900.0, 100.0, 300.0, 400.0, 0.0, 200.0, 600.0, 300.0]),
    }
}

/// The file of a model.
pub(crate) fn plain_bytes() -> Vec<u8> {
    plain().bytes()
}

fn value(curve: &LibraryCurve, x: f64) -> f64 {
    curve.curve.made(0.0).unwrap().value(x)
}

#[test]
fn curves_are_the_mean_of_their_draws_and_not_the_curve_at_mean_parameters() {
    let found = plain().read().unwrap();
    let library = &found.library;
    assert_eq!((library.unit.as_deref(), library.fitted_at.as_deref()), (Some("week"), Some("2024-01-22")));
    assert_eq!(library.curves.len(), 2);
    let search = &library.curves[1];
    let mean = 250.0;
    assert_eq!(search.observed.unwrap().mean, mean);
    let draws = [(1.0, 0.2), (0.5, 0.1), (2.5, 0.3), (2.0, 0.6)];
    for multiple in [0.5, 1.0, 2.0] {
        let x = multiple * mean;
        let each = draws.map(|(lam, beta): (f64, f64)| {
            let e = (-lam * x / 400.0).exp();
            50_000.0 * beta * (1.0 - e) / (1.0 + e)
        });
        let expected = each.iter().sum::<f64>() / 4.0;
        assert!((value(search, x) / expected - 1.0).abs() < 1e-12, "{multiple}");
    }
    assert_eq!(search.draws.len(), 4);
    let third = search.draws[2].made(0.0).unwrap().value(100.0);
    assert!((third / (15_000.0 * (100.0_f64 / 320.0).tanh()) - 1.0).abs() < 1e-12, "{third}");
    assert_eq!(search.recent, [100.0, 400.0, 200.0, 300.0]);
    let weights = search.adstock.as_ref().unwrap().weights.clone().unwrap();
    let kernel = |a: f64| 1.0 / (1.0 + a + a * a);
    let first = [0.5, 0.4, 0.1, 0.2].map(kernel).iter().sum::<f64>() / 4.0;
    assert!((weights[0] - first).abs() < 1e-15 && (weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
}

#[test]
fn a_kernel_that_is_not_normalised_widens_the_curve() {
    let text = r#"{"__type__": "x.GeometricAdstock", "prefix": "adstock", "priors": {"alpha": {"dims": ["channel"]}}, "l_max": 3, "normalize": false, "mode": "After"}"#;
    let model = Model { attributes: vec![("adstock", text)], ..plain() };
    let tv = &model.read().unwrap().library.curves[0];
    // W = 1 + .2 + .04: the same spend does more.
    assert_eq!(tv.draws[0], CurveSpec::Logistic { ceiling: 15_000.0, scale: 900.0 / 1.24 / 2.0 });
    assert!((tv.adstock.as_ref().unwrap().weights.as_ref().unwrap().iter().sum::<f64>() - 1.0).abs() < 1e-15);
}

#[test]
fn places_become_lines_with_scales_of_their_own() {
    let model = Model {
        dims: vec![("geo", vec!["north", "south"])],
        channels: vec!["tv", "search", "video"],
        saturation: r#"{"__type__": "x.MichaelisMentenSaturation", "prefix": "saturation", "priors": {"alpha": {"dims": ["geo", "channel"]}, "lam": {"dims": ["channel"]}}}"#,
        parameters: vec![
            ("adstock_alpha", vec![1, 2, 3], vec![0.0; 6]),
            ("saturation_alpha", vec![1, 2, 2, 3], (1..=12).map(f64::from).collect()),
            ("saturation_lam", vec![1, 2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ],
        target_scale: vec![10.0, 20.0],
        channel_scale: vec![100.0, 200.0, 300.0],
        spend: (vec![2, 2, 3], (1..=12).map(f64::from).collect()),
        ..plain()
    };
    let curves = model.read().unwrap().library.curves;
    let names: Vec<&str> = curves.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names,
        ["tv, north", "search, north", "video, north", "tv, south", "search, south", "video, south"]
    );
    // Second draw, south, video: alpha 12, lam 6.
    let expected = CurveSpec::MichaelisMenten { ceiling: 12.0 * 20.0, half_saturation: 6.0 * 300.0 };
    assert_eq!(curves[5].draws[1], expected);
    assert_eq!(curves[5].observed.unwrap().mean, 9.0);
    assert_eq!(curves[0].adstock.as_ref().unwrap().kind, "none");
}

#[test]
fn models_that_are_no_curves_are_refused_with_the_reason() {
    let cases = [
        ("link", "log", "link"),
        ("time_varying_media", "true", "vary over time"),
        ("mu_effects", r#"[{"__type__": "own.HaloEffect", "channel": "tv"}]"#, "HaloEffect"),
        ("saturation", r#"{"__type__": "own.Mine", "prefix": "saturation"}"#, "Mine"),
        ("adstock", r#"{"__type__": "x.GeometricAdstock", "mode": "Overlap"}"#, "Overlap"),
        ("adstock", r#"{"__type__": "x.MyOwnAdstock"}"#, "MyOwnAdstock"),
    ];
    for (name, text, said) in cases {
        let refused = Model { attributes: vec![(name, text)], ..plain() }.read();
        match refused {
            Err(error @ ImportError::Refused { .. }) => assert!(error.to_string().contains(said), "{error}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let mut short = plain();
    short.parameters.remove(1);
    assert!(short.read().unwrap_err().to_string().contains("saturation_lam"));
}

#[test]
fn damage_is_told_and_never_panics() {
    let bytes = plain().bytes();
    for cut in [9, 60, bytes.len() / 3, bytes.len() / 2, bytes.len() - 40] {
        let options = Options::default();
        let read = import(&Source { name: "cut.nc", bytes: &bytes[..cut], options: &options });
        assert!(read.is_err(), "{cut}");
    }
}
