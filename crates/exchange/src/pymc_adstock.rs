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
    /// None.
    None,
}

/// An adstock as the model's file describes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Adstock {
    pub(crate) carry: Carry,
    /// Periods that a kernel covers.
    pub(crate) length: usize,
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
            "NoAdstock" | "no_adstock" => Carry::None,
            other => return Err(format!("its adstock `{other}` is not known")),
        };
        if let Some(mode) = text("mode").filter(|m| *m != "After") {
            return Err(format!(
                "its adstock has the mode `{mode}`, which lets spend work before it is spent"
            ));
        }
        let length = value.get("l_max").and_then(Value::as_u64).unwrap_or(1);
        Ok(Adstock {
            carry,
            length: usize::try_from(length).unwrap_or(1).clamp(1, 1000),
            normalize: value.get("normalize").and_then(Value::as_bool).unwrap_or(true),
            prefix: text("prefix").unwrap_or("adstock").to_owned(),
        })
    }

    /// The parameters that its kernel needs.
    pub(crate) fn parameters(&self) -> &'static [&'static str] {
        match self.carry {
            Carry::Geometric | Carry::Binomial => &["alpha"],
            Carry::Delayed => &["alpha", "theta"],
            Carry::None => &[],
        }
    }

    /// Weights from the spend on, as the model applies them.
    pub(crate) fn kernel(&self, parameter: impl Fn(&str) -> f64) -> Vec<f64> {
        if self.carry == Carry::None {
            return vec![1.0];
        }
        let alpha = parameter("alpha");
        let weight = |l: usize| {
            let l = l as f64;
            match self.carry {
                Carry::Delayed => alpha.powf((l - parameter("theta")).powi(2)),
                Carry::Binomial => (1.0 - l / (self.length as f64 + 1.0)).powf(1.0 / alpha - 1.0),
                _ => alpha.powf(l),
            }
        };
        let mut weights: Vec<f64> = (0..self.length).map(weight).collect();
        if self.normalize {
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|w| *w /= sum);
        }
        weights
    }
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
        assert!(Adstock::of(&json!({ "__type__": "x.WeibullCDFAdstock", "l_max": 3 })).is_err());
        assert!(Adstock::of(&json!({ "__type__": "x.GeometricAdstock", "mode": "Before" })).is_err());
    }
}
