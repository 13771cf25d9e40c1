//! Files of judged curves, for channels without history.

use indexmap::IndexMap;
use outlay_curves::families::adbudg;
use outlay_curves::fit::Fit;
use outlay_curves::{Curve, CurveError};
use outlay_table::{CellReason, Table, Wanted, is_missing, plain};
use serde_json::json;

use super::HistoryError;
use crate::files::data::Data;
use crate::files::library::{CurveWarning, LibraryCurve};
use crate::files::spec::{CurveSpec, Outcome};

/// Reads curves of channels without history, one per row and all per period.
/// `channel` and `source` are always needed; then either
///
/// * a planner's answers: `current`, `min`, `max`, `at_current` and
///   `at_150_percent` ([`adbudg`]);
/// * a benchmark: outcome per unit of spend `return` at spend `at`, with
///   `half_saturation`;
/// * another channel of the fit: `like`, times `spend_scale` and
///   `outcome_scale` (1 if left out).
///
/// Each carries the warning `judgement` with its basis and source.
pub fn read_judgements(data: &Data, outcome: Outcome, fit: &Fit) -> Result<Vec<LibraryCurve>, HistoryError> {
    let fits =
        |header: &[String]| ["channel", "source"].iter().all(|name| header.iter().any(|h| plain(h) == *name));
    let sheet = data.table(&Wanted { fits: &fits, ..Wanted::default() })?;
    HistoryError::gather((0..sheet.rows.len()).map(|row| Row { sheet: &sheet, row }.curve(outcome, fit)))
}

struct Row<'a> {
    sheet: &'a Table,
    row: usize,
}

impl Row<'_> {
    fn column(&self, name: &'static str) -> Result<usize, HistoryError> {
        Ok(self.sheet.column(name)?)
    }

    fn text(&self, name: &'static str) -> Result<&str, HistoryError> {
        let column = self.column(name)?;
        let text = self.sheet.text(self.row, column);
        if is_missing(text) { Err(self.sheet.wrong(self.row, column).into()) } else { Ok(text) }
    }

    fn amount(&self, name: &'static str) -> Result<f64, HistoryError> {
        Ok(self.sheet.amount(self.row, self.column(name)?)?)
    }

    fn has(&self, name: &'static str) -> bool {
        self.column(name).is_ok_and(|c| !is_missing(self.sheet.text(self.row, c)))
    }

    fn refused(&self, name: &'static str, allowed: &'static str) -> HistoryError {
        match self.column(name) {
            Ok(column) => self.sheet.cell_error(self.row, column, CellReason::OutOfRange(allowed)).into(),
            Err(error) => error,
        }
    }

    fn curve(&self, outcome: Outcome, fit: &Fit) -> Result<LibraryCurve, HistoryError> {
        let (name, source) = (self.text("channel")?.to_owned(), self.text("source")?.to_owned());
        let (basis, curve) = if self.has("like") {
            ("like", self.like(fit)?)
        } else if self.has("return") {
            ("benchmark", self.benchmark()?)
        } else {
            ("answers", self.answers()?)
        };
        let quality = self.returns(&curve, fit)?;
        let curve = CurveSpec::of(&curve)
            .ok_or_else(|| self.refused("channel", "a channel whose answers make a curve"))?;
        let figures = [("basis", json!(basis)), ("source", json!(source))];
        let figures = figures.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        Ok(LibraryCurve {
            name,
            outcome,
            curve,
            adstock: None,
            observed: None,
            recent: Vec::new(),
            marginal: None,
            rate: None,
            quality,
            warnings: vec![CurveWarning { code: "judgement".to_owned(), figures }],
            draws: Vec::new(),
        })
    }

    /// What the curve returns at the spend it was judged at, per period of the
    /// history.
    fn returns(&self, curve: &Curve, fit: &Fit) -> Result<IndexMap<String, Option<f64>>, HistoryError> {
        let at = if self.has("like") {
            let other = self.text("like")?;
            let scale = if self.has("spend_scale") { self.amount("spend_scale")? } else { 1.0 };
            fit.channels.iter().find(|c| c.name == other).map_or(0.0, |c| c.central.level * scale)
        } else if self.has("return") {
            self.amount("at")?
        } else {
            self.amount("current")?
        };
        let figures = [
            ("judged_at", at),
            ("return", curve.value(at) / at),
            ("steady_return", curve.value(at) / at),
            ("judged_marginal", curve.marginal(at)),
        ];
        let kept = |(name, v): (&str, f64)| (name.to_owned(), v.is_finite().then_some(v));
        Ok(figures.into_iter().map(kept).collect())
    }

    fn answers(&self) -> Result<Curve, HistoryError> {
        let [min, max] = [self.amount("min")?, self.amount("max")?];
        let [current, more] = [self.amount("at_current")?, self.amount("at_150_percent")?];
        let curve = adbudg(min, max, current, more, self.amount("current")?);
        curve.map(Curve::Hill).map_err(|error| {
            let blamed = if let CurveError::Parameter { parameter, .. } = error { parameter } else { "" };
            let (field, allowed) = match blamed {
                "min" => ("min", "at least 0: the outcome per period without spend"),
                "max" => ("max", "above `min`: the outcome per period of unlimited spend, not a spend"),
                "at_current" => {
                    ("at_current", "above `min` and below `max`: all are outcomes per period, not spend")
                }
                "spend.current" => ("current", "above 0: today's spend per period"),
                _ => (
                    "at_150_percent",
                    "above `at_current` and below `max`: all are outcomes per period, not spend",
                ),
            };
            self.refused(field, allowed)
        })
    }

    /// An amount above 0.
    fn positive(&self, name: &'static str, allowed: &'static str) -> Result<f64, HistoryError> {
        let amount = self.amount(name)?;
        if amount > 0.0 { Ok(amount) } else { Err(self.refused(name, allowed)) }
    }

    /// Michaelis-Menten with f(at) = return * at.
    fn benchmark(&self) -> Result<Curve, HistoryError> {
        let earned = self.positive("return", "above 0: outcome per unit of spend")?;
        let at = self.positive("at", "above 0: the spend per period at which `return` was had")?;
        let half = self.positive("half_saturation", "above 0: a spend per period")?;
        Curve::michaelis_menten(earned * (half + at), half)
            .map_err(|_| self.refused("half_saturation", "above 0: a spend per period"))
    }

    fn like(&self, fit: &Fit) -> Result<Curve, HistoryError> {
        let other = self.text("like")?;
        let scale =
            |name| if self.has(name) { self.positive(name, "above 0: what to multiply by") } else { Ok(1.0) };
        let (spend, outcome) = (scale("spend_scale")?, scale("outcome_scale")?);
        let channel = fit
            .channels
            .iter()
            .find(|c| c.name == other)
            .ok_or_else(|| self.refused("like", "a channel of the fit"))?;
        let curve = channel.central.curve().map_err(|_| self.refused("like", "a channel of the fit"))?;
        Ok(curve.stretched(spend, outcome))
    }
}
