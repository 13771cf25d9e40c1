//! A model that was tried, with its most probable point.

use super::mode::Mode;
use super::model::Model;
use super::{HoldOut, ModelScore};

/// A model with its mode.
pub(crate) struct Candidate {
    pub(crate) model: Model,
    pub(crate) mode: Mode,
    pub(crate) score: ModelScore,
    pub(super) hold_out: Option<HoldOut>,
}

impl Candidate {
    pub(crate) fn new(model: Model, mode: Mode) -> Candidate {
        let score = ModelScore { family: model.family, aicc: aicc(&model, &mode), weight: 0.0, ahead: None };
        Candidate { model, mode, score, hold_out: None }
    }
}

/// n ln(RSS/n) + 2p + 2p(p+1)/(n-p-1), the variance counted.
fn aicc(model: &Model, mode: &Mode) -> f64 {
    let n = model.baseline.used();
    let p = (model.width() + model.baseline.width() + 1) as f64;
    let rss = model.likelihood(&mode.at, &mut model.workspace()).rss;
    let left = (n - p - 1.0).max(1.0);
    n * (rss / n).ln() + 2.0 * p + 2.0 * p * (p + 1.0) / left
}
