//! The curve library: what `outlay fit` writes and scenarios read.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use outlay_curves::Curve;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::decode::{Fault, decode};
use crate::files::diagnostic::{Diagnostic, Issue, Rejected};
pub use crate::files::fitted_meeting::FittedMeeting;
use crate::files::parse;
use crate::files::spec::{CurveSpec, Outcome};
use crate::files::storage::Files;
use crate::files::texts::Texts;

/// A file of response curves per period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LibraryFile {
    /// Format version.
    pub outlay: u32,
    /// Currency of spends and revenue.
    #[serde(default)]
    pub currency: Option<String>,
    /// The period of spends and outcomes, for example `week`.
    #[serde(default)]
    pub unit: Option<String>,
    /// Last date of the history fitted.
    #[serde(default)]
    pub fitted_at: Option<String>,
    /// What was fitted.
    #[serde(default)]
    pub source: Option<String>,
    /// The curves.
    pub curves: Vec<LibraryCurve>,
    /// How some of them meet, where the fit was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<FittedMeeting>,
}

/// One fitted curve: outcome per period at steady spend per period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LibraryCurve {
    /// Its name, unique in the library.
    pub name: String,
    /// What it returns.
    pub outcome: Outcome,
    /// The curve at steady state.
    pub curve: CurveSpec,
    /// How effect carries over to later periods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adstock: Option<Adstock>,
    /// Spend per period in the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
    /// Spend of the last periods, the latest last: what is still at work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<f64>,
    /// Marginal return with its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marginal: Option<MarginalEstimate>,
    /// What its money bought, where the effect was fitted to that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<FittedRate>,
    /// Figures on the fit, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub quality: IndexMap<String, Option<f64>>,
    /// What a careful reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<CurveWarning>,
    /// Curves drawn from the fit's uncertainty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<CurveSpec>,
}

impl LibraryCurve {
    /// Source of a curve that is a judgement rather than a fit.
    pub fn judgement(&self) -> Option<String> {
        let warning = self.warnings.iter().find(|w| w.code == "judgement")?;
        let source = warning.figures.get("source").and_then(serde_json::Value::as_str);
        Some(source.unwrap_or_default().to_owned())
    }
}

/// Price of the exposures a curve was fitted to; its spend is money at it. A
/// plan at another price says so: `rate = { cost_per_unit, fitted_at }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FittedRate {
    /// The column of exposures.
    pub exposure: String,
    /// Mean price of one, at which the curve is money.
    pub fitted_at: f64,
    /// Price over the last quarter of the history.
    pub latest: f64,
}

/// A carry-over kernel; weights sum to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adstock {
    /// `none`, `geometric`, `delayed`, `weibull` or `weights`.
    pub kind: String,
    /// Share carried to the next period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<f64>,
    /// Periods until the peak, for a delayed kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<f64>,
    /// Weight of each period from the spend on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<f64>>,
}

/// Spend per period in the history a curve was fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// Number of periods.
    pub periods: u32,
    /// Least spend.
    pub min: f64,
    /// Mean spend.
    pub mean: f64,
    /// Largest spend.
    pub max: f64,
}

/// Marginal return at one spend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarginalEstimate {
    /// Spend per period.
    pub at: f64,
    /// Outcome of one more unit of spend.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Probability the interval claims.
    pub level: f64,
}

/// A code with its figures; the sentence is made where it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurveWarning {
    /// What is wrong, for example `extrapolation`.
    pub code: String,
    /// Figures that belong to it.
    #[serde(flatten)]
    pub figures: IndexMap<String, serde_json::Value>,
}

/// A library as scenarios look curves up in it.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    pub(crate) path: PathBuf,
    pub(crate) file: LibraryFile,
    index: HashMap<String, usize>,
    /// The curves' draws, shared by all that use them.
    draws: Vec<Arc<[CurveSpec]>>,
    /// Their means, worked out once where they are asked for.
    means: Vec<OnceLock<Option<Curve>>>,
}

impl Library {
    pub(crate) fn new(path: PathBuf, mut file: LibraryFile) -> Self {
        let index = file.curves.iter().enumerate().map(|(i, c)| (c.name.clone(), i)).collect();
        let draws = file.curves.iter_mut().map(|c| std::mem::take(&mut c.draws).into()).collect();
        let means = file.curves.iter().map(|_| OnceLock::new()).collect();
        Library { path, file, index, draws, means }
    }

    pub(crate) fn draws(&self, name: &str) -> Arc<[CurveSpec]> {
        self.index.get(name).and_then(|&i| self.draws.get(i)).cloned().unwrap_or_else(|| Arc::new([]))
    }

    /// The mean of a curve's draws, per period; `None` without draws, or where
    /// they are of families without a ceiling. The mean of tables is the curve
    /// itself, where it agrees with them.
    pub(crate) fn mean(&self, name: &str) -> Option<&Curve> {
        let &index = self.index.get(name)?;
        let draws = self.draws.get(index).filter(|d| !d.is_empty())?;
        let made = || {
            // Planners' answers start from each line's own spend.
            let one = |spec: &CurveSpec| match spec {
                CurveSpec::Adbudg { .. } => None,
                spec => spec.made(0.0).ok(),
            };
            let draws = draws.iter().map(one).collect::<Option<Vec<Curve>>>()?;
            Curve::mean(&draws).or_else(|| {
                let curve = self.file.curves.get(index)?.curve.made(0.0).ok()?;
                tabulated(&curve, &draws).then_some(curve)
            })
        };
        self.means.get(index)?.get_or_init(made).as_ref()
    }

    pub(crate) fn curve(&self, name: &str) -> Option<&LibraryCurve> {
        self.index.get(name).and_then(|&i| self.file.curves.get(i))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.file.curves.iter().map(|c| c.name.clone()).collect()
    }
}

/// Whether a table is the mean of draws: at the points that draws have, where
/// they are tables, or at some of its own. A thousand of many thousand draws
/// have a mean of their own, a little off.
fn tabulated(curve: &Curve, draws: &[Curve]) -> bool {
    const SAMPLED: f64 = 0.02;
    let Curve::Table(mean) = curve else { return false };
    let points = draws.iter().find_map(|d| if let Curve::Table(t) = d { Some(t.spends()) } else { None });
    let points: Vec<f64> = match points {
        Some(points) => points.to_vec(),
        None => mean.spends().iter().copied().step_by(mean.spends().len() / 32 + 1).collect(),
    };
    let close = |x: f64| {
        let mean = draws.iter().map(|d| d.value(x)).sum::<f64>() / draws.len() as f64;
        (curve.value(x) - mean).abs() <= SAMPLED * mean.abs()
    };
    points.into_iter().all(close)
}

/// Reads a curve library, JSON or TOML, from anywhere.
///
/// # Errors
/// What is wrong with the file, by line and column.
pub fn read_library(files: &Files, path: &Path) -> Result<LibraryFile, Rejected> {
    let mut texts = Texts::new(files);
    read_into(path, &mut texts).map_err(|diagnostics| Rejected { path: path.to_owned(), diagnostics })
}

pub(crate) fn read_into(path: &Path, texts: &mut Texts) -> Result<LibraryFile, Vec<Diagnostic>> {
    let tree = parse::read_tree(path, texts)?;
    let place = |f: Fault| texts.diagnostic(f.span, f.field, f.issue);
    let file: LibraryFile =
        decode(&tree, "").map_err(|faults| faults.into_iter().map(place).collect::<Vec<_>>())?;
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for (index, curve) in file.curves.iter().enumerate() {
        let keys = ["curves".to_owned()];
        let node = crate::files::path::find(&tree, &keys).map(|t| &t.node);
        let span = match node {
            Some(crate::files::tree::Node::List(items)) => items.get(index).map_or(tree.span, |t| t.span),
            _ => tree.span,
        };
        if !seen.insert(curve.name.as_str()) {
            let issue = Issue::DuplicateName { what: "curve", name: curve.name.clone() };
            wrong.push(Fault { span, field: format!("curves.{}", curve.name), issue });
        }
    }
    if file.outlay != crate::files::result::FORMAT {
        let issue = Issue::out_of_range(f64::from(file.outlay), "a known format version: 1");
        wrong.push(Fault { span: tree.span, field: "outlay".to_owned(), issue });
    }
    if wrong.is_empty() { Ok(file) } else { Err(wrong.into_iter().map(place).collect()) }
}
