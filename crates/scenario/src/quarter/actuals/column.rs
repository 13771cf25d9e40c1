//! The columns of a buy sheet.

use outlay_table::plain;

use super::error::Fault;
use crate::files::diagnostic::nearest;
use crate::read::period_column;

/// The columns of a buy sheet that are filled in, in its order after [`PLANNED`].
pub const ACTUAL: [&str; 8] = [
    "actual_spend",
    "actual_units",
    "actual_invalid_traffic",
    "actual_viewability",
    "actual_revenue",
    "actual_customers",
    "complete",
    "as_of",
];

/// The columns of a buy sheet that are planned, in its order; coming back, they
/// are read or left alone.
pub const PLANNED: [&str; 26] = [
    "line",
    "period",
    "start",
    "end",
    "channel",
    "stage",
    "method",
    "market",
    "product",
    "audience",
    "creative",
    "status",
    "budget",
    "committed",
    "fee",
    "cost",
    "priced_by",
    "rate",
    "effective_rate",
    "units",
    "unit",
    "deal",
    "owner",
    "accountable",
    "consulted",
    "informed",
];

/// Names that people give columns of their own making, where a sheet has none of
/// ours.
const OTHERS: [(&str, &[&str]); 3] = [
    (
        "line",
        &[
            "line item",
            "line name",
            "campaign",
            "campaign name",
            "name",
            "placement",
            "position",
            "zeile",
            "kampagne",
            "campagne",
            "ligne",
            "campaña",
            "línea",
            "linea",
            "campagna",
            "riga",
            "campanha",
        ],
    ),
    ("period", &period_column::NAMES),
    (
        "actual_spend",
        &[
            "actual",
            "actuals",
            "actual cost",
            "amount spent",
            "spent",
            "spend actual",
            "spend actuals",
            "cost actual",
            "actual media spend",
            "actual spent",
            "spend to date",
            "delivered spend",
            "ist ausgaben",
            "ausgaben ist",
            "ist kosten",
            "kosten ist",
            "ist",
            "ausgegeben",
            "dépensé",
            "dépenses réelles",
            "gastado",
            "gasto real",
            "speso",
            "spesa effettiva",
            "besteed",
        ],
    ),
];

/// Where each column stands.
pub(super) struct Columns {
    pub(super) line: usize,
    pub(super) period: Option<usize>,
    pub(super) committed: Option<usize>,
    pub(super) actual: [Option<usize>; 8],
    /// What every column is called in a buy sheet; others as written.
    pub(super) names: Vec<String>,
    pub(super) unused: Vec<String>,
}

impl Columns {
    /// By our names, otherwise by others.
    pub(super) fn new(header: &[String]) -> Result<Self, Fault> {
        Columns::named(header, false).or_else(|fault| Columns::named(header, true).map_err(|_| fault))
    }

    /// Names are compared by their words: `Actual spend (USD)` is `actual_spend`.
    pub(super) fn named(header: &[String], others: bool) -> Result<Self, Fault> {
        let words: Vec<String> = header.iter().map(|h| plain(h)).collect();
        // `Spend (actual)`: of others' names, what stands in brackets may be the point.
        let open: Vec<String> = header.iter().map(|h| plain(&h.replace(['(', ')'], " "))).collect();
        let place = |name: &str| words.iter().position(|w| *w == plain(name));
        let within = |name: &str| place(name).or_else(|| open.iter().position(|w| w == name));
        let at = |name: &str| {
            let known = OTHERS.iter().filter(|(own, _)| others && *own == name).flat_map(|(_, all)| *all);
            place(name).or_else(|| known.copied().find_map(within))
        };
        let need = |column: &'static str| {
            at(column).ok_or_else(|| Fault::NoColumn { column, columns: header.to_vec() })
        };
        let mut names = header.to_vec();
        for own in PLANNED.iter().chain(&ACTUAL) {
            if let Some(name) = at(own).and_then(|k| names.get_mut(k)) {
                (*own).clone_into(name);
            }
        }
        let ours = |name: &String| PLANNED.contains(&name.as_str()) || ACTUAL.contains(&name.as_str());
        let unused: Vec<String> = names.iter().filter(|n| !n.is_empty() && !ours(n)).cloned().collect();
        if let Some(found) = unused.iter().find(|name| name.to_lowercase().starts_with("actual")) {
            let allowed = ACTUAL.map(str::to_owned).to_vec();
            let found_nearest = nearest(found, ACTUAL);
            return Err(Fault::UnknownColumn { found: found.clone(), found_nearest, allowed });
        }
        need("actual_spend")?;
        Ok(Columns {
            line: need("line")?,
            period: at("period"),
            committed: at("committed"),
            actual: ACTUAL.map(at),
            names,
            unused,
        })
    }
}
