//! Models exported by Robyn (`RobynModel-*.json`), geometric adstock.
//!
//! Robyn's response is coef x^alpha / (x^alpha + K^alpha) of the adstocked
//! spend x_t = spend_t + theta x_(t-1), with K = (1 - gamma) min + gamma max of
//! x over the modelling window (older versions: gamma max). At steady spend s
//! the adstock is s / (1 - theta), so that half of the ceiling is earned at
//! K (1 - theta). Scalars are lists of one element.

use outlay_scenario::library::{LibraryCurve, LibraryFile, Observed};
use outlay_scenario::spec::{CurveSpec, Outcome};
use serde_json::Value;

use crate::averaged::adstock;
use crate::error::ImportError;
use crate::format::{Format, Imported, Source};

const NAME: &str = "Robyn model (RobynModel-*.json)";
/// Periods after which nothing of a carry-over is left to speak of.
const LONGEST: usize = 53;

/// Models of Robyn.
pub(crate) struct Robyn;

impl Format for Robyn {
    fn name(&self) -> &'static str {
        NAME
    }

    fn recognises(&self, source: &Source<'_>) -> bool {
        let start = source.bytes.iter().find(|b| !b.is_ascii_whitespace());
        start == Some(&b'{')
            && parsed(source.bytes)
                .is_some_and(|v| v.get("ExportedModel").is_some() && v.get("InputCollect").is_some())
    }

    fn read(&self, source: &Source<'_>) -> Result<Imported, ImportError> {
        let broken = |what: &str| ImportError::Broken { format: NAME, what: what.to_owned() };
        let value = parsed(source.bytes).ok_or_else(|| broken("it is no JSON"))?;
        Model { value: &value }.library(source)
    }
}

fn parsed(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

struct Model<'a> {
    value: &'a Value,
}

/// A list's first element, or the value itself.
fn scalar(value: &Value) -> &Value {
    value.as_array().and_then(|all| all.first()).unwrap_or(value)
}

impl<'a> Model<'a> {
    fn broken(&self, what: String) -> ImportError {
        ImportError::Broken { format: NAME, what }
    }

    fn input(&self, name: &str) -> Option<&'a Value> {
        self.value.get("InputCollect")?.get(name)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        scalar(self.input(name)?).as_str()
    }

    fn count(&self, name: &str) -> Option<usize> {
        let number = scalar(self.input(name)?).as_f64()?;
        Some(number as usize)
    }

    fn hyper(&self, channel: &str, what: &str) -> Result<f64, ImportError> {
        let values = self.value.get("ExportedModel").and_then(|m| m.get("hyper_values"));
        let found = values.and_then(|v| scalar(v.get(format!("{channel}_{what}"))?).as_f64());
        found.ok_or_else(|| self.broken(format!("`hyper_values` has no `{channel}_{what}`")))
    }

    /// A figure of a variable in the model's summary.
    fn summary(&self, variable: &str, what: &str) -> Option<f64> {
        let all = self.value.get("ExportedModel")?.get("summary")?.as_array()?;
        let own = all
            .iter()
            .find(|row| row.get("variable").map(scalar).and_then(Value::as_str) == Some(variable))?;
        scalar(own.get(what)?).as_f64()
    }

    /// A column of the raw data.
    fn column(&self, name: &str) -> Result<Vec<f64>, ImportError> {
        let rows = self.value.get("Extras").and_then(|e| e.get("raw_data")).and_then(Value::as_array);
        let rows = rows.ok_or_else(|| {
            self.broken(
                "it has no raw data; export with `robyn_write(..., export = TRUE)` and its data".to_owned(),
            )
        })?;
        let number = |row: &Value| row.get(name).map(scalar).and_then(Value::as_f64);
        rows.iter()
            .map(number)
            .collect::<Option<Vec<f64>>>()
            .ok_or_else(|| self.broken(format!("the raw data has no numbers in every row of `{name}`")))
    }

    fn library(&self, source: &Source<'_>) -> Result<Imported, ImportError> {
        let kind = self.text("adstock").unwrap_or("?");
        if kind != "geometric" {
            return Err(ImportError::Refused {
                format: NAME,
                what: format!("its adstock is `{kind}`; only `geometric` is read"),
                remedy: "fit the model with geometric adstock",
            });
        }
        let list = |name: &str| -> Vec<&str> {
            self.input(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let channels = list("paid_media_spends");
        if channels.is_empty() {
            return Err(self.broken("`paid_media_spends` is empty".to_owned()));
        }
        let customers = self.text("dep_var_type") == Some("conversion");
        let outcome = if customers { Outcome::Customers } else { Outcome::Revenue };
        let mut notes = vec![format!(
            "{} curves, one point estimate each: the export holds no draws, so plans come without intervals",
            channels.len()
        )];
        let mut curves = Vec::new();
        for name in channels {
            match self.curve(name, outcome, &mut notes)? {
                Some(curve) => curves.push(curve),
                None => notes.push(format!("`{name}` has the coefficient 0 in this model and is left out")),
            }
        }
        let unit = self.text("intervalType").filter(|u| ["day", "week", "month"].contains(u));
        let library = LibraryFile {
            outlay: 1,
            currency: source.options.currency.clone(),
            unit: source.options.unit.clone().or(unit.map(str::to_owned)),
            fitted_at: self.text("window_end").map(str::to_owned),
            source: Some(source.name.to_owned()),
            curves,
            meeting: None,
        };
        Ok(Imported { library, notes })
    }

    fn curve(
        &self,
        name: &str,
        outcome: Outcome,
        notes: &mut Vec<String>,
    ) -> Result<Option<LibraryCurve>, ImportError> {
        let coef =
            self.summary(name, "coef").ok_or_else(|| self.broken(format!("`summary` has no `{name}`")))?;
        if coef <= 0.0 {
            return Ok(None);
        }
        let (alpha, gamma, theta) =
            (self.hyper(name, "alphas")?, self.hyper(name, "gammas")?, self.hyper(name, "thetas")?);
        if !(alpha > 0.0 && (0.0..1.0).contains(&theta)) {
            return Err(self.broken(format!("`{name}` has alpha {alpha} and theta {theta}")));
        }
        let spend = self.column(name)?;
        let mut carried = 0.0;
        let stock: Vec<f64> = spend
            .iter()
            .map(|x| {
                carried = x + theta * carried;
                carried
            })
            .collect();
        let first = self.count("rollingWindowStartWhich").unwrap_or(1).max(1) - 1;
        let last = self.count("rollingWindowEndWhich").unwrap_or(stock.len()).min(stock.len());
        let (Some(stock), Some(spend)) =
            (stock.get(first..last).filter(|s| !s.is_empty()), spend.get(first..last))
        else {
            return Err(self.broken("its window lies outside the raw data".to_owned()));
        };
        let (min, max) = stock.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
        let earned = |half: f64| -> f64 { stock.iter().map(|x| coef * saturated(*x, half, alpha)).sum() };
        let (now, before) = ((1.0 - gamma) * min + gamma * max, gamma * max);
        let total = self.summary(name, "decompAgg");
        let error = |half: f64| total.map_or(0.0, |t| (earned(half) / t - 1.0).abs());
        // The export tells which formula its version used: its own totals.
        let half = if error(before) < error(now) { before } else { now };
        if error(half) > 1e-3 {
            notes.push(format!(
                "`{name}`: the export's own total is {:.2}% off what its figures give; its version may compute the response differently",
                100.0 * error(half)
            ));
        }
        if half <= 0.0 || half.is_nan() {
            return Err(self.broken(format!("`{name}` has no spend in the window")));
        }
        let mean = spend.iter().sum::<f64>() / spend.len() as f64;
        let steady = half * (1.0 - theta);
        let even = coef * saturated(mean, steady, alpha);
        let flown = earned(half) / stock.len() as f64;
        if (even / flown - 1.0).abs() > 0.25 {
            notes.push(format!(
                "`{name}`: mean spend earns {even:.0} a period when even and {flown:.0} as it was flown, in bursts; a plan of even spend by this curve is not comparable with what the model attributes"
            ));
        }
        let curve = CurveSpec::Hill { ceiling: coef, half_saturation: steady, shape: alpha };
        curve.made(0.0).map_err(|e| self.broken(format!("`{name}`: {e}")))?;
        let weights: Vec<f64> = (0..LONGEST).map(|l| (1.0 - theta) * theta.powf(l as f64)).collect();
        let lasting = weights.iter().position(|w| *w < 1e-6).unwrap_or(LONGEST).max(1);
        let mut kernel = adstock(weights[..lasting].to_vec());
        if theta > 0.0 {
            kernel.kind = "geometric".to_owned();
            kernel.retention = Some(theta);
            kernel.weights = None;
        }
        let periods = u32::try_from(spend.len()).unwrap_or(u32::MAX);
        let observed = Observed {
            periods,
            min: spend.iter().copied().fold(f64::INFINITY, f64::min),
            mean,
            max: spend.iter().copied().fold(0.0, f64::max),
        };
        Ok(Some(LibraryCurve {
            name: name.strip_suffix("_S").unwrap_or(name).to_owned(),
            outcome,
            curve,
            adstock: Some(kernel),
            observed: Some(observed),
            rate: None,
            recent: spend[spend.len().saturating_sub(13)..].to_vec(),
            marginal: None,
            quality: Default::default(),
            warnings: Vec::new(),
            draws: Vec::new(),
        }))
    }
}

fn saturated(x: f64, half: f64, alpha: f64) -> f64 {
    if x <= 0.0 { 0.0 } else { 1.0 / (1.0 + (half / x).powf(alpha)) }
}
