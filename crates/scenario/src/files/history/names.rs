//! What a heading says by itself: as people write it, and as Google Ads,
//! Microsoft Advertising, Meta, LinkedIn, TikTok, Amazon Ads, Display & Video
//! 360 and Google Analytics name the columns of their reports.

use outlay_table::{currency, words};

use super::dates::DATES;
use super::outcomes::{COUNTS, MONEY, OTHER_VALUES, RESULTS, VALUES, WINDOWS};
use super::vocabulary::{CHANNELS, CODES, EXPOSURES, LABELS, QUOTIENTS, RATES, SPENDS};

/// What a heading says by itself. Of several columns that say the same, the
/// one of the lowest rank is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The date of a row.
    Date {
        /// Place among the names for it.
        rank: usize,
    },
    /// The channel (level 0), what a platform calls its campaigns (1), or what
    /// these are made of (2).
    Channel {
        /// Place among the names for it.
        rank: usize,
        /// 0 to 2.
        level: usize,
    },
    /// Money spent.
    Spend,
    /// What Display & Video 360 calls revenue: the advertiser's cost with fees.
    BilledCost,
    /// Money earned.
    Money {
        /// Place among the names for it.
        rank: usize,
    },
    /// Customers or conversions.
    Count {
        /// Place among the names for it.
        rank: usize,
    },
    /// A price, a return or a budget: never spend, outcome or control.
    Rate,
    /// What the money bought: never a control, for the money explains it.
    Exposure,
    /// The code of a currency.
    Currency,
}

/// Whether a heading is the first day that a row covers.
pub(super) fn is_start(name: &str) -> bool {
    let text = words(name).join(" ");
    ["start", "starts", "beginn", "début", "inicio", "inizio"].iter().any(|w| text.contains(w))
}

/// Whether a heading is the last day that a row covers.
pub(super) fn is_end(name: &str) -> bool {
    const ENDS: [&str; 11] = [
        "reporting ends",
        "reporting end",
        "end date",
        "date stop",
        "date end",
        "ends",
        "end",
        "berichtsende",
        "fin des rapports",
        "fin del informe",
        "fine report",
    ];
    let all = words(name);
    let text = all.join(" ");
    ENDS.contains(&text.trim_end_matches(" in utc"))
}

/// What a heading says by itself; `None` for names of one's own.
pub fn named(name: &str) -> Option<Named> {
    let mut all = words(name);
    if all.ends_with(&["in".to_owned(), "utc".to_owned()]) {
        all.truncate(all.len() - 2);
    } else if all.last().is_some_and(|w| w == "utc") {
        all.pop();
    }
    let text = all.join(" ");
    let any = |list: &[&str]| all.iter().any(|w| list.contains(&w.as_str()));
    let rank = |lists: &[&[&str]]| lists.iter().copied().flatten().position(|known| *known == text);
    if let Some(rank) = rank(&DATES) {
        return Some(Named::Date { rank });
    }
    if let Some(rank) = rank(&CHANNELS) {
        let level = CHANNELS.iter().position(|list| list.contains(&text.as_str())).unwrap_or(0);
        return Some(Named::Channel { rank, level });
    }
    if SPENDS.contains(&text.as_str()) {
        return Some(Named::Spend);
    }
    let coded = any(CODES);
    let first = all.first().map_or("", String::as_str);
    if coded && first == "revenue" {
        return Some(Named::BilledCost);
    }
    let own = text
        .trim_end_matches(" advertiser currency")
        .trim_end_matches(" adv currency")
        .trim_end_matches(" partner currency");
    if coded && own == text {
        return Some(Named::Currency);
    }
    if any(RATES) || is_quotient(name, &all) {
        // `per` alone may stand in any name: a rate is one of money or results.
        let money = any(QUOTIENTS)
            || any(&[
                "costs",
                "click",
                "clicks",
                "conversion",
                "purchase",
                "revenue",
                "day",
                "ad",
                "total",
                "daily",
                "lifetime",
            ]);
        let short = any(&RATES[3..20]);
        return (money || short || all.len() == 1 || first == "avg" || first == "average")
            .then_some(Named::Rate);
    }
    if LABELS.contains(&own) {
        return Some(Named::Rate);
    }
    if SPENDS.contains(&own) {
        return Some(Named::Spend);
    }
    // `7 Tage, Umsatz gesamt (€)`: what is counted within some days.
    let around = |w: &&String| WINDOWS.contains(&w.as_str()) || w.chars().all(|c| c.is_ascii_digit());
    let inner: Vec<&String> = all.iter().skip_while(around).collect();
    let end = inner.len() - inner.iter().rev().take_while(|w| around(w)).count();
    let bare = inner[..end].iter().map(|w| w.as_str()).collect::<Vec<_>>().join(" ");
    let either = |lists: &[&[&str]]| {
        rank(lists).or_else(|| lists.iter().copied().flatten().position(|known| *known == bare))
    };
    if let Some(rank) = either(&MONEY) {
        return Some(Named::Money { rank });
    }
    if let Some(rank) = either(&COUNTS) {
        return Some(Named::Count { rank });
    }
    if any(VALUES) && any(RESULTS) {
        return Some(if any(OTHER_VALUES) { Named::Rate } else { Named::Money { rank: usize::MAX } });
    }
    any(EXPOSURES).then_some(Named::Exposure)
}

/// `Conv. value / cost`, `Cost / conv.`, `CPC (Link)`.
fn is_quotient(name: &str, all: &[String]) -> bool {
    let has = |list: &[&str]| all.iter().any(|w| list.contains(&w.as_str()));
    let of_sales = has(&["sales"]) && has(&["cost"]) && has(&["of"]);
    of_sales || (name.contains(['/', '／']) && has(QUOTIENTS))
}

/// Whether a cell carries the sign or code of a currency.
pub(super) fn is_money(cell: &str) -> bool {
    cell.contains(|c: char| c.is_ascii_digit()) && currency(cell).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> &'static str {
        match named(name) {
            Some(Named::Date { .. }) => "date",
            Some(Named::Channel { .. }) => "channel",
            Some(Named::Spend) => "spend",
            Some(Named::BilledCost) => "billed",
            Some(Named::Money { .. }) => "money",
            Some(Named::Count { .. }) => "count",
            Some(Named::Rate) => "rate",
            Some(Named::Exposure) => "exposure",
            Some(Named::Currency) => "currency",
            None => "own",
        }
    }

    #[test]
    fn the_columns_of_the_platforms_are_known() {
        let expected: [(&str, &[&str]); 10] = [
            (
                "date",
                &[
                    "Day",
                    "Tag",
                    "Start Date (in UTC)",
                    "GregorianDate",
                    "Gregorian date",
                    "TimePeriod",
                    "Reporting starts",
                    "By Day",
                    "Week commencing",
                    "Date (UTC)",
                ],
            ),
            (
                "channel",
                &[
                    "Channel",
                    "Campaign",
                    "Campaign name",
                    "CampaignName",
                    "Insertion Order",
                    "Session campaign",
                    "Kampagne",
                    "Nom de la campagne",
                    "Session Google Ads campaign",
                    "Nazwa kampanii",
                    "Kampanj",
                    "キャンペーン",
                ],
            ),
            (
                "spend",
                &[
                    "Cost",
                    "Amount spent (USD)",
                    "Total Spent",
                    "Spend",
                    "Media Cost (Advertiser Currency)",
                    "Total ad spend",
                    "Ausgegebener Betrag (EUR)",
                    "Coût",
                    "Spend in account currency",
                    "Total cost (USD)",
                    "Koszt",
                    "費用",
                ],
            ),
            ("billed", &["Revenue (Adv Currency)", "Revenue (Partner Currency)"]),
            (
                "money",
                &[
                    "Conv. value",
                    "All conv. value",
                    "Purchases conversion value",
                    "Total Conversion Value",
                    "Total purchase value",
                    "Conv.-Wert",
                    "Website purchases conversion value",
                    "Purchase value (USD)",
                    "Total product sales",
                    "CM360 Post-Click Revenue",
                    "Valor conv.",
                    "Conv.waarde",
                    "Conversiewaarde van aankopen",
                    "Valore di conversione degli acquisti",
                    "Valor de conversão da compra",
                    "Wartość konw.",
                    "Konv.värde",
                    "コンバージョン値",
                    "Purchases - sale amount",
                    "Konverteringsvärde för köp",
                    "Gesamter Kaufwert",
                    "7 Tage, Umsatz gesamt (€)",
                    "Total des ventes sur 7 jours",
                    "Ventas totales de 7 días",
                    "Vendite totali a 7 giorni",
                    "Revenu total",
                    "合計購入額",
                ],
            ),
            (
                "count",
                &[
                    "Conversions",
                    "Purchases",
                    "Results",
                    "Key events",
                    "Total Conversions",
                    "7 Tage, Aufträge gesamt (#)",
                    "Événements clés",
                ],
            ),
            (
                "rate",
                &[
                    "Cost Per Click (CPC)",
                    "Avg. CPC",
                    "Average CPM",
                    "CPM (cost per 1,000 impressions) (USD)",
                    "Conv. value / cost",
                    "Cost / conv.",
                    "CPC (cost per link click)",
                    "Purchase ROAS (return on ad spend)",
                    "Total Advertising Cost of Sales (ACOS)",
                    "Return on ad spend",
                    "Click-Thru Rate (CTR)",
                    "Daily Budget",
                    "Cost per result",
                    "Durchschn. CPC",
                    "Adds to cart conversion value",
                    "Value per purchase",
                    "Cost Type",
                    "Supply cost",
                    "Revenue eCPM (USD)",
                    "Valeur de conv./coût",
                    "Wartość konw./koszt",
                    "コンバージョン値 / 費用",
                ],
            ),
            (
                "exposure",
                &["Impressions", "Impr.", "Link clicks", "tv GRPs", "TV spots", "Clicks (destination)"],
            ),
            (
                "currency",
                &["Currency", "Currency code", "Advertiser Currency", "Währungscode", "Code de devise"],
            ),
            (
                "own",
                &[
                    "Campaign Start Date",
                    "tv_spend",
                    "Brand search",
                    "Price",
                    "Campaign status",
                    "Meta - Prospecting, US",
                ],
            ),
        ];
        for (expected, names) in expected {
            for name in names {
                assert_eq!(kind(name), expected, "{name}");
            }
        }
    }
}
