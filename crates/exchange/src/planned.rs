//! What a plan changes in the user's own media plan.
//!
//! Every cost part of a line item is multiplied alike, so that the shares of
//! media, buying and the rest stay what they were; nothing else is touched. A
//! plan by period makes a line item for every period with money.

use indexmap::IndexMap;
use serde_json::Value;

use crate::error::DraftError;
use crate::media_plan::{Named, named};

/// A line as it is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// The tag `id`, where it has one.
    pub id: Option<String>,
    /// Money of media, in the plan's currency: for all of the horizon, or by
    /// period with its first and last day.
    pub parts: Vec<(Option<(String, String)>, f64)>,
}

/// What becomes of a line item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// Its place among the line items.
    pub(crate) item: usize,
    /// What its costs are now, in its own currency.
    pub(crate) media: f64,
    pub(crate) total: f64,
    /// Money of media in its own currency, and the dates where it is a period's.
    pub(crate) parts: Vec<(Option<(String, String)>, f64)>,
}

impl Change {
    /// What costs are multiplied by for some money of media; none where they are
    /// 0 and become something.
    pub(crate) fn factor(&self, media: f64) -> Option<f64> {
        match self.media {
            now if now > 0.0 => Some(media / now),
            _ if media == 0.0 => Some(1.0),
            _ => None,
        }
    }
}

/// Which line item every line of a plan is, and what stays as it is, in words.
///
/// # Errors
/// A line that is none of them.
pub(crate) fn changes(plan: &Value, lines: &[Planned]) -> Result<(Vec<Change>, Vec<String>), DraftError> {
    let items = named(plan);
    let mut by_id: IndexMap<&str, Option<usize>> = IndexMap::new();
    for (i, item) in items.iter().enumerate() {
        // An id that stands twice tells nothing.
        if let Some(id) = &item.id {
            by_id.entry(id).and_modify(|known| *known = None).or_insert(Some(i));
        }
    }
    let mut taken = vec![false; items.len()];
    let mut changes = Vec::new();
    for line in lines {
        let of_id = || by_id.get(line.id.as_deref()?).copied().flatten();
        let of_name = || items.iter().position(|item| item.name == line.name);
        let found = of_name()
            .filter(|&i| items[i].id == line.id || line.id.is_none())
            .or_else(of_id)
            .or_else(of_name);
        let found = found.filter(|&i| !taken[i] && !items[i].aggregate).ok_or_else(|| {
            DraftError::Plan(format!(
                "the line `{}` is none of its line items, so that its money has no place; give the media plan that the scenario was made from, or give the line the name or the tag `id` of an item",
                line.name
            ))
        })?;
        taken[found] = true;
        let Named { media, total, rate, .. } = items[found];
        let parts = line.parts.iter().map(|(dates, spend)| (dates.clone(), spend / rate)).collect();
        changes.push(Change { item: found, media, total, parts });
    }
    let left = |aggregate: bool| -> Vec<String> {
        let kept = items.iter().zip(&taken).filter(|(item, taken)| !**taken && item.aggregate == aggregate);
        kept.map(|(item, _)| format!("`{}`", item.name)).collect()
    };
    let mut notes = Vec::new();
    for (names, why) in [(left(false), "no line of the plan"), (left(true), "sums of other items")] {
        if !names.is_empty() {
            notes.push(format!("left as they are, being {why}: {}", names.join(", ")));
        }
    }
    Ok((changes, notes))
}

/// Ids of a plan's line items.
pub(crate) fn ids(plan: &Value) -> Vec<&str> {
    let items = plan.get("lineitems").and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.get("id").and_then(Value::as_str)).collect()
}

/// The id of an item's period, which no other item has.
pub(crate) fn fresh(id: &str, from: &str, ids: &[&str]) -> String {
    let mut made = format!("{id}-{from}");
    while ids.contains(&made.as_str()) {
        made.push('-');
    }
    made
}

/// The periods that become line items: those with money, or the first.
pub(crate) fn with_money(parts: &[(Option<(String, String)>, f64)]) -> Vec<&(Option<(String, String)>, f64)> {
    let mut kept: Vec<_> = parts.iter().filter(|part| part.1 > 0.0).collect();
    if kept.is_empty() {
        kept.extend(parts.first());
    }
    kept
}

/// What a formula's coefficient and first parameter are multiplied by, so that
/// a share `s` of the money makes `s` of the metric: the formula F of the whole
/// becomes `s F(x / s)`.
pub(crate) fn formula_parts(kind: &str, one: Option<f64>, two: Option<f64>, share: f64) -> (f64, f64) {
    match kind {
        "adbudg" => (share, two.map_or(1.0, |power| share.powf(power))),
        "power_function" => (one.map_or(1.0, |power| share.powf(1.0 - power)), 1.0),
        "constant" => (share, 1.0),
        _ => (1.0, 1.0),
    }
}
