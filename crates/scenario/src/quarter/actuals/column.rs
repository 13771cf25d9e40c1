use super::error::Fault;
use crate::files::diagnostic::nearest;

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

/// Where each column stands.
pub(super) struct Columns {
    pub(super) line: usize,
    pub(super) period: Option<usize>,
    pub(super) committed: Option<usize>,
    pub(super) actual: [Option<usize>; 8],
    pub(super) unused: Vec<String>,
}

impl Columns {
    pub(super) fn new(header: &[String]) -> Result<Self, Fault> {
        let at = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
        let need = |column: &'static str| {
            at(column).ok_or_else(|| Fault::NoColumn { column, columns: header.to_vec() })
        };
        let mut unused = Vec::new();
        for name in header.iter().filter(|h| !h.is_empty()) {
            let low = name.to_lowercase();
            if PLANNED.contains(&low.as_str()) || ACTUAL.contains(&low.as_str()) {
                continue;
            }
            if low.starts_with("actual") {
                let allowed = ACTUAL.map(str::to_owned).to_vec();
                let found_nearest = nearest(name, ACTUAL);
                return Err(Fault::UnknownColumn { found: name.clone(), found_nearest, allowed });
            }
            unused.push(name.clone());
        }
        need("actual_spend")?;
        Ok(Columns {
            line: need("line")?,
            period: at("period"),
            committed: at("committed"),
            actual: ACTUAL.map(at),
            unused,
        })
    }
}
