//! Headings by their words, where they name no column that [`super::names`]
//! knows: markets, sizes, outcomes, and whose spend a column holds.

use super::names::{Named, named};

pub(super) const MARKETS: [&str; 12] = [
    "geo",
    "region",
    "market",
    "dma",
    "state",
    "country",
    "city",
    "store",
    "territory",
    "location",
    "district",
    "postcode",
];

pub(super) const MONEY: [&str; 5] = ["revenue", "sales", "turnover", "gmv", "income"];

pub(super) const COUNTS: [&str; 12] = [
    "customers",
    "customer",
    "conversions",
    "conversion",
    "orders",
    "kpi",
    "outcome",
    "signups",
    "leads",
    "installs",
    "purchases",
    "subscribers",
];

/// Words that leave an outcome's name what it is.
const FILLERS: [&str; 20] = [
    "day",
    "days",
    "attributed",
    "purchase",
    "total",
    "net",
    "gross",
    "new",
    "our",
    "all",
    "weekly",
    "daily",
    "monthly",
    "usd",
    "eur",
    "gbp",
    "chf",
    "value",
    "amount",
    "number",
];

pub(super) const SIZES: [&str; 6] = ["population", "inhabitants", "households", "pop", "people", "heads"];

/// What marks a column of spend behind the channel's name, and before it.
const SPENDS: [&str; 24] = [
    "_spend",
    "_cost",
    " spend",
    "_s",
    " cost",
    "_investment",
    " investment",
    "_spends",
    " spends",
    "-spend",
    "-cost",
    " kosten",
    "_kosten",
    "-kosten",
    " ausgaben",
    "_ausgaben",
    "-ausgaben",
    " coût",
    " dépenses",
    " gasto",
    " coste",
    " costo",
    " spesa",
    " uitgaven",
];

const SPENDS_BEFORE: [&str; 17] = [
    "spend_",
    "spend ",
    "spend: ",
    "spend - ",
    "cost_",
    "cost ",
    "cost: ",
    "cost - ",
    "kosten ",
    "ausgaben ",
    "coût ",
    "dépenses ",
    "gasto ",
    "coste ",
    "costo ",
    "spesa ",
    "uitgaven ",
];

const EXPOSURES: [&str; 12] = [
    "_impression",
    "_impressions",
    "_clicks",
    "_i",
    "_p",
    "_grp",
    "_grps",
    "_reach",
    "_frequency",
    "_views",
    " impressions",
    " clicks",
];

/// Whether a name is one of an outcome that is counted.
pub(super) fn is_count(name: &str) -> bool {
    is_outcome(name, &COUNTS) || matches!(named(name), Some(Named::Count { .. }))
}

/// Whether a heading says nothing that is known.
pub(super) fn is_unknown(name: &str) -> bool {
    named(name).is_none() && !is_outcome(name, &MONEY) && !is_outcome(name, &COUNTS)
}

/// Whether a name is one of `words`, fillers aside.
pub(super) fn is_outcome(name: &str, words: &[&str]) -> bool {
    let low = name.to_lowercase();
    let counted = |w: &str| w.starts_with(|c: char| c.is_ascii_digit());
    let mut left = low
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && !FILLERS.contains(w) && !counted(w));
    left.next().is_some_and(|w| words.contains(&w)) && left.next().is_none()
}

/// The channel whose spend a column of this name holds.
pub(super) fn spend_of(name: &str) -> Option<String> {
    let plain = without_currency(name);
    let after = || {
        let low = plain.to_lowercase();
        let mark = SPENDS_BEFORE.iter().find(|m| low.starts_with(*m))?;
        let rest = plain.get(mark.len()..)?.trim();
        (!rest.is_empty()).then_some(rest)
    };
    let joined = || {
        let stem = plain.strip_suffix("Spend").or_else(|| plain.strip_suffix("Cost"))?;
        stem.ends_with(|c: char| c.is_lowercase() || c.is_ascii_digit()).then_some(stem)
    };
    stem(plain, &SPENDS).or_else(after).or_else(joined).map(str::to_owned)
}

/// A name without a currency behind it: `TV spend (EUR)`, `tv_spend_usd`.
fn without_currency(name: &str) -> &str {
    const CODES: [&str; 9] = ["usd", "eur", "gbp", "chf", "sek", "jpy", "$", "€", "£"];
    let open = name.strip_suffix(')').and_then(|n| n.rsplit_once('('));
    let found = open.or_else(|| name.rsplit_once(['_', ' ']));
    match found {
        Some((rest, code)) if CODES.contains(&code.trim().to_lowercase().as_str()) => rest.trim_end(),
        _ => name,
    }
}

/// Exposures of a channel whose spend is known say the same thing twice.
pub(super) fn is_exposure(name: &str, channels: &[String]) -> bool {
    let low = name.to_lowercase();
    stem(&low, &EXPOSURES).is_some_and(|s| channels.iter().any(|c| s.starts_with(c.as_str())))
}

fn stem<'a>(name: &'a str, suffixes: &[&str]) -> Option<&'a str> {
    suffixes.iter().find_map(|suffix| {
        let cut = name.len().checked_sub(suffix.len()).filter(|c| *c > 0 && name.is_char_boundary(*c))?;
        name[cut..].eq_ignore_ascii_case(suffix).then(|| name[..cut].trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_named_without_what_marks_spend() {
        let expected = [
            ("tv_S", "tv"),
            ("Channel0_spend", "Channel0"),
            ("Spend: TV", "TV"),
            ("TV spend (EUR)", "TV"),
            ("paid search cost", "paid search"),
            ("tvSpend", "tv"),
            ("cost_meta_usd", "meta"),
        ];
        for (name, channel) in expected {
            assert_eq!(spend_of(name).as_deref(), Some(channel), "{name}");
        }
        for name in ["suspend", "price", "spend_", "Overspend", "costs"] {
            assert_eq!(spend_of(name), None, "{name}");
        }
    }

    #[test]
    fn outcomes_are_known_by_their_words() {
        for name in ["revenue", "Net revenue (EUR)", "total_sales", "Sales"] {
            assert!(is_outcome(name, &MONEY), "{name}");
        }
        for name in ["competitor_sales_B", "revenue_per_conversion", "sales growth", "total"] {
            assert!(!is_outcome(name, &MONEY), "{name}");
        }
        assert!(is_outcome("New customers", &COUNTS));
    }
}
