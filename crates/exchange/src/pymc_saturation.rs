//! Saturation curves of pymc-marketing, in money.

use outlay_scenario::spec::CurveSpec;
use serde_json::Value;

/// A saturation, by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Logistic,
    InverseLogistic,
    MichaelisMenten,
    Hill,
    HillSigmoid,
    Tanh,
    TanhBaselined,
    Root,
    Log,
    None,
}

/// A saturation as the model's file describes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Saturation {
    pub(crate) shape: Shape,
    /// What its variables' names begin with.
    pub(crate) prefix: String,
}

impl Saturation {
    /// Why a description cannot be used, in words.
    pub(crate) fn of(value: &Value) -> Result<Saturation, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let class = text("__type__").or_else(|| text("lookup_name")).unwrap_or("");
        let shape = match class.rsplit('.').next().unwrap_or("") {
            "LogisticSaturation" | "logistic" => Shape::Logistic,
            "InverseScaledLogisticSaturation" | "inverse_scaled_logistic" => Shape::InverseLogistic,
            "MichaelisMentenSaturation" | "michaelis_menten" => Shape::MichaelisMenten,
            "HillSaturation" | "hill" => Shape::Hill,
            "HillSaturationSigmoid" | "hill_sigmoid" => Shape::HillSigmoid,
            "TanhSaturation" | "tanh" => Shape::Tanh,
            "TanhSaturationBaselined" | "tanh_baselined" => Shape::TanhBaselined,
            "LogSaturation" | "log" => Shape::Log,
            "RootSaturation" | "root" => Shape::Root,
            "NoSaturation" | "no_saturation" => Shape::None,
            other => return Err(format!("its saturation `{other}` is not known")),
        };
        Ok(Saturation { shape, prefix: text("prefix").unwrap_or("saturation").to_owned() })
    }

    /// The parameters that its curve needs.
    pub(crate) fn parameters(&self) -> &'static [&'static str] {
        match self.shape {
            Shape::Logistic | Shape::InverseLogistic => &["lam", "beta"],
            Shape::MichaelisMenten => &["alpha", "lam"],
            Shape::Hill => &["slope", "kappa", "beta"],
            Shape::HillSigmoid => &["sigma", "beta", "lam"],
            Shape::Tanh => &["b", "c"],
            Shape::TanhBaselined => &["x0", "gain", "r", "beta"],
            Shape::Root => &["alpha", "beta"],
            Shape::Log | Shape::None => &["beta"],
        }
    }

    /// The curve `height * saturation(spend / width)`.
    pub(crate) fn curve(&self, width: f64, height: f64, parameter: impl Fn(&str) -> f64) -> CurveSpec {
        let p = |name: &str| parameter(name);
        match self.shape {
            Shape::Logistic => CurveSpec::Logistic { ceiling: p("beta") * height, scale: width / p("lam") },
            // (1 - e^(-x ln 3 / lam)) / (1 + e^(-x ln 3 / lam))
            Shape::InverseLogistic => {
                CurveSpec::Logistic { ceiling: p("beta") * height, scale: width * p("lam") / 3.0_f64.ln() }
            }
            Shape::MichaelisMenten => {
                CurveSpec::MichaelisMenten { ceiling: p("alpha") * height, half_saturation: p("lam") * width }
            }
            Shape::Hill => CurveSpec::Hill {
                ceiling: p("beta") * height,
                half_saturation: p("kappa") * width,
                shape: p("slope"),
            },
            Shape::HillSigmoid => CurveSpec::SLogistic {
                ceiling: p("sigma") * height,
                midpoint: p("lam") * width,
                steepness: p("beta") / width,
            },
            // b tanh(x / (b c))
            Shape::Tanh => {
                CurveSpec::Logistic { ceiling: p("b") * height, scale: p("b") * p("c") * width / 2.0 }
            }
            // beta gain x0 / r tanh(x arctanh(r) / x0)
            Shape::TanhBaselined => CurveSpec::Logistic {
                ceiling: p("beta") * p("gain") * p("x0") / p("r") * height,
                scale: p("x0") * width / p("r").atanh() / 2.0,
            },
            // The library gives it unscaled spend and writes a scale of 1.
            Shape::Log => CurveSpec::Log { coefficient: p("beta") * height, scale: width },
            Shape::Root => CurveSpec::Power {
                coefficient: p("beta") * height * width.powf(-p("alpha")),
                exponent: p("alpha"),
            },
            Shape::None => CurveSpec::Linear { rate: p("beta") * height / width },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Every class against its formula as the library's documentation gives it.
    #[test]
    fn curves_are_those_of_their_class() {
        let p = |name: &str| match name {
            "lam" => 1.7,
            "beta" => 0.6,
            "alpha" => 0.4,
            "slope" => 2.5,
            "kappa" => 0.8,
            "sigma" => 0.9,
            "b" => 0.5,
            _ => 1.3,
        };
        let sigmoid = |t: f64| 1.0 / (1.0 + (-t).exp());
        let classes: [(&str, &dyn Fn(f64) -> f64); 8] = [
            ("LogisticSaturation", &|x| 0.6 * (1.0 - (-1.7 * x).exp()) / (1.0 + (-1.7 * x).exp())),
            ("InverseScaledLogisticSaturation", &|x| {
                let e = (-x * 3.0_f64.ln() / 1.7).exp();
                0.6 * (1.0 - e) / (1.0 + e)
            }),
            ("MichaelisMentenSaturation", &|x| 0.4 * x / (1.7 + x)),
            ("HillSaturation", &|x| 0.6 * x.powf(2.5) / (0.8_f64.powf(2.5) + x.powf(2.5))),
            ("HillSaturationSigmoid", &|x| 0.9 * (sigmoid(0.6 * (x - 1.7)) - sigmoid(-0.6 * 1.7))),
            ("TanhSaturation", &|x| 0.5 * (x / (0.5 * 1.3)).tanh()),
            ("RootSaturation", &|x| 0.6 * x.powf(0.4)),
            ("NoSaturation", &|x| 0.6 * x),
        ];
        let (width, height) = (2500.0, 40_000.0);
        for (class, formula) in classes {
            let saturation = Saturation::of(&json!({ "__type__": format!("m.{class}") })).unwrap();
            let curve = saturation.curve(width, height, p).made(0.0).unwrap();
            for spend in [10.0, 900.0, 2500.0, 9000.0] {
                let (got, expected) = (curve.value(spend), height * formula(spend / width));
                assert!((got / expected - 1.0).abs() < 1e-12, "{class} at {spend}: {got} {expected}");
            }
        }
        assert!(Saturation::of(&json!({ "__type__": "m.MyOwn" })).is_err());
    }

    /// What the library itself gives at 0.1, 0.9 and 2.5 (pymc-marketing 1.3.0,
    /// `function` of each class).
    #[test]
    fn curves_are_the_librarys_own() {
        let p = |name: &str| match name {
            "lam" => 1.7,
            "beta" => 0.6,
            "alpha" => 0.4,
            "slope" => 2.5,
            "kappa" => 0.8,
            "sigma" => 0.9,
            "b" => 0.5,
            "x0" => 1.2,
            "gain" => 0.7,
            "r" => 0.45,
            _ => 1.3,
        };
        let classes = [
            ("LogisticSaturation", [0.05087752892922118, 0.38640757705650425, 0.5831236475481054]),
            (
                "InverseScaledLogisticSaturation",
                [0.019380531252140037, 0.16972762233840352, 0.4010259529911761],
            ),
            ("TanhSaturation", [0.07632187990745243, 0.44099028750926234, 0.49954388423594354]),
            ("TanhSaturationBaselined", [0.04521410657612813, 0.39011318899239456, 0.8575572053365298]),
            ("MichaelisMentenSaturation", [0.022222222222222227, 0.13846153846153847, 0.23809523809523808]),
            ("HillSaturation", [0.0032963530866497916, 0.3438522435816122, 0.5671473181030459]),
            ("HillSaturationSigmoid", [0.010665714907916096, 0.10550225222754284, 0.317448426812191]),
            ("RootSaturation", [0.23886430233209835, 0.5752389093085096, 0.8656199435443281]),
            ("LogSaturation", [0.057186107882594914, 0.3851123317034369, 0.7516577810972208]),
            ("NoSaturation", [0.06, 0.54, 1.5]),
        ];
        for (class, expected) in classes {
            let saturation = Saturation::of(&json!({ "__type__": format!("m.{class}") })).unwrap();
            let curve = saturation.curve(2500.0, 40_000.0, p).made(0.0).unwrap();
            for (x, expected) in [0.1, 0.9, 2.5].into_iter().zip(expected) {
                let got = curve.value(2500.0 * x) / 40_000.0;
                assert!((got / expected - 1.0).abs() < 1e-12, "{class} at {x}: {got} {expected}");
            }
        }
    }
}
