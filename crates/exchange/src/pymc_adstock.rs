//! Carry-over kernels of pymc-marketing.

use serde_json::Value;

/// How effect carries over, by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carry {
    /// `a^l`.
    Geometric,
    /// `a^((l - theta)^2)`.
    Delayed,
    /// `(1 - l / (L + 1))^(1/a - 1)`.
    Binomial,
    /// The density of a Weibull distribution at 1, 2, ..., moved and stretched to
    /// reach from 0 to 1.
    WeibullDensity,
    /// Products of a Weibull distribution's survival at 0, 1, 2, ...
    WeibullSurvival,
    /// None.
    None,
}

/// An adstock as the model's file describes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Adstock {
    pub(crate) carry: Carry,
    /// Periods that a kernel covers.
    pub(crate) length: usize,
    /// Whether its retention is told by a half-life.
    pub(crate) halved: bool,
    /// Whether weights sum to 1.
    pub(crate) normalize: bool,
    /// What its variables' names begin with.
    pub(crate) prefix: String,
}

impl Adstock {
    /// Why a description cannot be used, in words.
    pub(crate) fn of(value: &Value) -> Result<Adstock, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let class = text("__type__").or_else(|| text("lookup_name")).unwrap_or("");
        let carry = match class.rsplit('.').next().unwrap_or("") {
            "GeometricAdstock" | "geometric" => Carry::Geometric,
            "DelayedAdstock" | "delayed" => Carry::Delayed,
            "BinomialAdstock" | "binomial" => Carry::Binomial,
            "WeibullPDFAdstock" | "weibull_pdf" => Carry::WeibullDensity,
            "WeibullCDFAdstock" | "weibull_cdf" => Carry::WeibullSurvival,
            "NoAdstock" | "no_adstock" => Carry::None,
            other => return Err(format!("its adstock `{other}` is not known")),
        };
        if let Some(mode) = text("mode").filter(|m| *m != "After") {
            return Err(format!(
                "its adstock has the mode `{mode}`, which lets spend work before it is spent"
            ));
        }
        let halved = match text("parametrization") {
            None | Some("alpha") => false,
            Some("halflife") => true,
            Some(other) => return Err(format!("its adstock has the parametrization `{other}`")),
        };
        let length = value.get("l_max").and_then(Value::as_u64).unwrap_or(1);
        Ok(Adstock {
            carry,
            halved,
            length: usize::try_from(length).unwrap_or(1).clamp(1, 1000),
            normalize: value.get("normalize").and_then(Value::as_bool).unwrap_or(true),
            prefix: text("prefix").unwrap_or("adstock").to_owned(),
        })
    }

    /// The parameters that its kernel needs.
    pub(crate) fn parameters(&self) -> &'static [&'static str] {
        match self.carry {
            Carry::Geometric if self.halved => &["halflife"],
            Carry::Delayed if self.halved => &["halflife", "theta"],
            Carry::Geometric | Carry::Binomial => &["alpha"],
            Carry::Delayed => &["alpha", "theta"],
            Carry::WeibullDensity | Carry::WeibullSurvival => &["lam", "k"],
            Carry::None => &[],
        }
    }

    /// Weights from the spend on, as the model applies them.
    pub(crate) fn kernel(&self, parameter: impl Fn(&str) -> f64) -> Vec<f64> {
        if self.carry == Carry::None {
            return vec![1.0];
        }
        let alpha = match self.carry {
            Carry::Geometric if self.halved => 0.5_f64.powf(1.0 / parameter("halflife")),
            Carry::Delayed if self.halved => 2.0_f64.powf(-parameter("halflife").powi(-2)),
            _ => parameter("alpha"),
        };
        let weight = |l: usize| {
            let l = l as f64;
            match self.carry {
                Carry::Delayed => alpha.powf((l - parameter("theta")).powi(2)),
                Carry::Binomial => (1.0 - l / (self.length as f64 + 1.0)).powf(1.0 / alpha - 1.0),
                _ => alpha.powf(l),
            }
        };
        let mut weights: Vec<f64> = match self.carry {
            Carry::WeibullDensity => density(self.length, parameter("lam"), parameter("k")),
            Carry::WeibullSurvival => survival(self.length, parameter("lam"), parameter("k")),
            _ => (0..self.length).map(weight).collect(),
        };
        if self.normalize {
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|w| *w /= sum);
        }
        weights
    }
}

/// `k / lam (t / lam)^(k - 1) e^(-(t / lam)^k)` at t = 1, 2, ..., as the library
/// stretches it.
fn density(length: usize, lam: f64, k: f64) -> Vec<f64> {
    let at = |t: usize| {
        let t = t as f64 / lam;
        k / lam * t.powf(k - 1.0) * (-t.powf(k)).exp()
    };
    let all: Vec<f64> = (1..=length).map(at).collect();
    let (low, high) = all.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), w| (a.min(*w), b.max(*w)));
    all.iter().map(|w| (w - low) / (high - low)).collect()
}

/// Running products of `e^(-(t / lam)^k)`, from 1 on.
fn survival(length: usize, lam: f64, k: f64) -> Vec<f64> {
    let mut left = 1.0;
    let mut next = |t: usize| {
        left *= (-(t as f64 / lam).powf(k)).exp();
        left
    };
    (0..length).map(&mut next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kernels_are_those_of_their_class() {
        let of = |class: &str, normalize: bool| {
            Adstock::of(&json!({ "__type__": format!("x.{class}"), "l_max": 3, "normalize": normalize }))
                .unwrap()
        };
        assert_eq!(of("GeometricAdstock", false).kernel(|_| 0.5), [1.0, 0.5, 0.25]);
        assert_eq!(of("NoAdstock", true).kernel(|_| 0.5), [1.0]);
        let delayed = of("DelayedAdstock", false).kernel(|p| if p == "theta" { 1.0 } else { 0.5 });
        assert_eq!(delayed, [0.5, 1.0, 0.5]);
        let binomial = of("BinomialAdstock", false).kernel(|_| 0.5);
        assert_eq!(binomial, [1.0, 0.75, 0.5]);
        let sum: f64 = of("GeometricAdstock", true).kernel(|_| 0.7).iter().sum();
        assert!((sum - 1.0).abs() < 1e-15);
        assert!(Adstock::of(&json!({ "__type__": "x.MyOwnAdstock", "l_max": 3 })).is_err());
        assert!(Adstock::of(&json!({ "__type__": "x.GeometricAdstock", "mode": "Before" })).is_err());
    }

    /// What the library itself makes of a single unit of spend (pymc-marketing
    /// 1.3.0, `function` of each class).
    #[test]
    fn kernels_are_the_librarys_own() {
        let p = |name: &str| match name {
            "alpha" => 0.6,
            "theta" => 1.4,
            "halflife" => 1.7,
            "lam" => 2.1,
            _ => 1.8,
        };
        type Case = (&'static str, bool, bool, [f64; 5]);
        let cases: [Case; 7] = [
            (
                "GeometricAdstock",
                false,
                true,
                [
                    0.4337265787647467,
                    0.260235947258848,
                    0.1561415683553088,
                    0.09368494101318527,
                    0.056210964607911154,
                ],
            ),
            (
                "GeometricAdstock",
                true,
                false,
                [1.0, 0.665156029099061, 0.4424325430468309, 0.2942866734772294, 0.19574655514688588],
            ),
            (
                "DelayedAdstock",
                false,
                true,
                [
                    0.15163984449631138,
                    0.3803129201562454,
                    0.3433771010419628,
                    0.1116102499219723,
                    0.013059884383508183,
                ],
            ),
            (
                "DelayedAdstock",
                true,
                false,
                [
                    0.624944209804779,
                    0.9623520581891737,
                    0.9172790060321807,
                    0.5411824091749533,
                    0.19763353235926004,
                ],
            ),
            (
                "BinomialAdstock",
                false,
                true,
                [
                    0.2659997508331892,
                    0.23555576218610658,
                    0.20299580219625946,
                    0.1675693426707632,
                    0.1278793421136816,
                ],
            ),
            (
                "WeibullPDFAdstock",
                false,
                true,
                [0.4038754932740034, 0.3644532612738531, 0.1802060573249098, 0.05146518812723381, 0.0],
            ),
            (
                "WeibullCDFAdstock",
                false,
                true,
                [
                    0.47076384964619145,
                    0.36188504164137847,
                    0.14480716646046501,
                    0.02165198252141564,
                    0.0008919597305497062,
                ],
            ),
        ];
        for (class, halved, normalize, expected) in cases {
            let parametrization = if halved { "halflife" } else { "alpha" };
            let own = Adstock::of(&json!({ "__type__": format!("x.{class}"), "l_max": 5, "normalize": normalize, "parametrization": parametrization })).unwrap();
            assert!(
                own.parameters().iter().all(|name| ["alpha", "theta", "halflife", "lam", "k"].contains(name))
            );
            for (got, expected) in own.kernel(p).iter().zip(expected) {
                assert!((got - expected).abs() < 1e-14, "{class}, {parametrization}: {got} {expected}");
            }
        }
    }
}
