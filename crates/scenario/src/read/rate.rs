//! Price and quality of media, against those a curve was fitted at.

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::spec::RateSpec;
use crate::files::tree::{Entry, Node, Tree};
use crate::model::scenario::Media;
use crate::read::line::Check;

/// What a rate may state of today, and the field that says what it was when the
/// curve was fitted.
const FITTED: [(&str, &str); 7] = [
    ("cpm", "fitted_at"),
    ("cpc", "fitted_at"),
    ("cpp", "fitted_at"),
    ("cost_per_unit", "fitted_at"),
    ("discount", "fitted_discount"),
    ("invalid_traffic", "fitted_invalid_traffic"),
    ("viewability", "fitted_viewability"),
];

/// The fitted counterpart of a field of a rate.
pub(crate) fn fitted(field: &str) -> Option<&'static str> {
    FITTED.iter().find(|(of, _)| *of == field).map(|(_, fitted)| *fitted)
}

/// Keeps a change of a line's price or quality from changing nothing: what the
/// curve was fitted at stays known where a rate is replaced whole, and where it
/// was never written the change is refused.
pub(crate) fn keep_fitted(before: &Tree, after: &mut Tree, faults: &mut Vec<Fault>) {
    let line = after.name().unwrap_or_default().to_owned();
    let old = before.get("rate");
    let Some(rate) = after.as_table_mut().and_then(|t| t.get_mut("rate")) else { return };
    for (field, fitted) in FITTED {
        let Some(new) = rate.get(field) else { continue };
        let was = old.and_then(|old| old.get(field));
        if rate.get(fitted).is_some() || was.is_some_and(|was| was.node == new.node) {
            continue;
        }
        let span = new.span;
        let known = old.and_then(|old| old.get(fitted)).filter(|_| was.is_some()).cloned();
        match (known, rate.as_table_mut()) {
            (Some(value), Some(table)) => {
                table.set(Entry { key: fitted.into(), key_span: span, value });
            }
            _ => faults.push(Fault {
                span,
                field: format!("lines.{line}.rate.{field}"),
                issue: unfitted(field, fitted, was),
            }),
        }
    }
}

/// A change without what it is a change from; `before` is what stood there.
pub(crate) fn unfitted(field: &str, fitted: &str, before: Option<&Tree>) -> Issue {
    let before = before.and_then(|tree| match tree.node {
        Node::Number(number) => Some(number),
        _ => None,
    });
    Issue::Unfitted { field: field.to_owned(), fitted: fitted.to_owned(), before }
}

/// What a rate comes to.
pub(crate) struct Rate {
    /// Effective price now over effective price when fitted.
    pub(crate) ratio: f64,
    pub(crate) media: Media,
}

impl Check<'_> {
    /// Effective price: `c (1 - discount) / ((1 - invalid) viewability)`.
    pub(crate) fn rate(&mut self, rate: &RateSpec) -> Option<Rate> {
        let given = [
            ("cpm", rate.cpm, 1000.0, "impressions"),
            ("cpc", rate.cpc, 1.0, "clicks"),
            ("cpp", rate.cpp, 1.0, "points"),
            ("cost_per_unit", rate.cost_per_unit, 1.0, "units"),
        ];
        let mut chosen = given.iter().filter_map(|&(f, v, each, unit)| v.map(|v| (f, v, each, unit)));
        let (Some((field, price, each, unit)), None) = (chosen.next(), chosen.next()) else {
            let found = given.iter().filter(|(_, v, ..)| v.is_some()).count();
            let fields = given.iter().map(|(f, ..)| (*f).to_owned()).collect();
            self.wrong(&["rate"], Issue::Choice { fields, found, allowed: "exactly one" });
            return None;
        };
        let before = self.faults.len();
        for (field, value) in [(field, Some(price)), ("fitted_at", rate.fitted_at)] {
            if let Some(value) = value.filter(|&v| v <= 0.0) {
                self.wrong(&["rate", field], Issue::out_of_range(value, "above 0"));
            }
        }
        let below_one = "a fraction from 0 to below 1";
        for (field, value) in [
            ("discount", rate.discount),
            ("invalid_traffic", rate.invalid_traffic),
            ("fitted_discount", rate.fitted_discount),
            ("fitted_invalid_traffic", rate.fitted_invalid_traffic),
        ] {
            self.range(&["rate", field], value, 0.0, 1.0_f64.next_down(), below_one);
        }
        for (field, value) in
            [("viewability", rate.viewability), ("fitted_viewability", rate.fitted_viewability)]
        {
            self.range(&["rate", field], value, f64::MIN_POSITIVE, 1.0, "a fraction above 0 and at most 1");
        }
        if self.faults.len() > before {
            return None;
        }
        let effective = |price: f64, discount: f64, invalid: f64, view: f64| {
            price * (1.0 - discount) / ((1.0 - invalid) * view)
        };
        let (discount, invalid) = (rate.discount.unwrap_or(0.0), rate.invalid_traffic.unwrap_or(0.0));
        let view = rate.viewability.unwrap_or(1.0);
        let now = effective(price, discount, invalid, view);
        let fitted = effective(
            rate.fitted_at.unwrap_or(price),
            rate.fitted_discount.unwrap_or(discount),
            rate.fitted_invalid_traffic.unwrap_or(invalid),
            rate.fitted_viewability.unwrap_or(view),
        );
        let ratio = if now == fitted { 1.0 } else { now / fitted };
        let units_per_spend = each / now;
        if !(ratio.is_finite() && ratio > 0.0 && units_per_spend.is_finite()) {
            self.wrong(&["rate", field], Issue::out_of_range(price, "a price that can be reckoned with"));
            return None;
        }
        let media = Media {
            units_per_spend,
            effective_price: now,
            unit: unit.to_owned(),
            priced_by: field,
            price: price * (1.0 - discount),
            each,
            invalid_traffic: invalid,
            viewability: view,
        };
        Some(Rate { ratio, media })
    }
}
