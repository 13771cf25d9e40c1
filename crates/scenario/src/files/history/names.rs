//! What a heading says by itself: as people write it, and as Google Ads,
//! Microsoft Advertising, Meta, LinkedIn, TikTok, Amazon Ads, Display & Video
//! 360 and Google Analytics name the columns of their reports.

use outlay_table::{currency, words};

/// What a heading says by itself. Of several columns that say the same, the
/// one of the lowest rank is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// The date of a row.
    Date { rank: usize },
    /// The channel, or what a platform calls its campaigns.
    Channel { rank: usize, campaign: bool },
    /// Money spent.
    Spend,
    /// What Display & Video 360 calls revenue: the advertiser's cost with fees.
    BilledCost,
    /// Money earned.
    Money { rank: usize },
    /// Customers or conversions.
    Count { rank: usize },
    /// A price, a return or a budget: never spend, outcome or control.
    Rate,
    /// What the money bought: never a control, for the money explains it.
    Exposure,
    /// The code of a currency.
    Currency,
}

/// Dates, the finest and plainest first.
const DATES: [&[&str]; 3] = [
    &[
        "day",
        "date",
        "ds",
        "by day",
        "gregorian date",
        "time period",
        "report date",
        "reporting date",
        "reporting day",
        "calendar date",
        "transaction date",
        "stat time day",
        "tag",
        "datum",
        "jour",
        "día",
        "dia",
        "giorno",
        "dag",
        "fecha",
    ],
    &[
        "time",
        "week",
        "week commencing",
        "week beginning",
        "week starting",
        "week start",
        "week start date",
        "week start monday",
        "week ending",
        "week of",
        "week end",
        "w c",
        "wc",
        "woche",
        "semaine",
        "semana",
        "settimana",
        "start date",
        "date start",
        "start",
        "month",
        "month start date",
        "month start",
        "monat",
        "mois",
        "mes",
        "mese",
        "mês",
        "maand",
        "period",
        "period start",
    ],
    &[
        "reporting starts",
        "reporting start",
        "berichtsbeginn",
        "début des rapports",
        "inicio del informe",
        "inizio report",
        "início dos relatórios",
    ],
];

/// Channels, then campaigns, then what a campaign is made of.
const CHANNELS: [&[&str]; 3] = [
    &["channel", "media", "platform", "media channel", "marketing channel", "channel name", "kanal", "canal"],
    &[
        "campaign",
        "campaign name",
        "session campaign",
        "session campaign name",
        "first user campaign",
        "insertion order",
        "insertion order name",
        "kampagne",
        "kampagnenname",
        "campagne",
        "campaña",
        "campagna",
        "campanha",
        "nom de la campagne",
        "nombre de la campaña",
        "nome della campagna",
        "nome campagna",
        "nome da campanha",
        "campagnenaam",
        "session primary channel group",
        "session default channel group",
        "default channel grouping",
        "default channel group",
    ],
    &[
        "campaign group name",
        "line item",
        "line item name",
        "ad set name",
        "ad group",
        "ad group name",
        "session source medium",
        "source medium",
    ],
];

const SPENDS: [&str; 39] = [
    "spend",
    "spends",
    "spent",
    "cost",
    "costs",
    "amount spent",
    "total spent",
    "total spend",
    "media cost",
    "media spend",
    "ad spend",
    "ads spend",
    "adspend",
    "ad cost",
    "ads cost",
    "advertising cost",
    "advertising spend",
    "total ad spend",
    "total cost",
    "total ads cost",
    "net cost",
    "net spend",
    "total media cost",
    "advertiser cost",
    "media investment",
    "investment",
    "google ads cost",
    "kosten",
    "ausgegebener betrag",
    "ausgaben",
    "coût",
    "montant dépensé",
    "coste",
    "costo",
    "importe gastado",
    "importo speso",
    "custo",
    "valor usado",
    "uitgegeven bedrag",
];

/// Money of conversions; all of a platform's names for it come after.
const MONEY: [&[&str]; 2] = [
    &[
        "conv value",
        "conversion value",
        "conversions value",
        "total conversion value",
        "purchases conversion value",
        "purchase conversion value",
        "total purchase value",
        "purchase value",
        "revenue",
        "total revenue",
        "purchase revenue",
        "value",
        "order value",
        "sales value",
        "umsatz",
        "conv wert",
        "conversion wert",
        "valeur de conv",
        "valeur de conversion",
        "valeur de conversion des achats",
        "valor de conv",
        "valor de conversión",
        "valor de conversión de compras",
        "valore conv",
        "valore di conversione",
        "valor da conv",
        "conv waarde",
        "conversiewaarde",
        "conversion wert von käufen",
        "conversion wert für käufe",
        "ingresos",
        "chiffre d affaires",
        "fatturato",
        "omzet",
    ],
    &[
        "all conv value",
        "all revenue",
        "all conversion value",
        "website purchases conversion value",
        "all conv wert",
    ],
];

const COUNTS: [&[&str]; 2] = [
    &[
        "conversions",
        "conv",
        "total conversions",
        "results",
        "key events",
        "purchases",
        "total purchases",
        "konversionen",
        "conversiones",
        "conversioni",
        "conversões",
        "conversies",
        "orders",
        "leads",
    ],
    &["all conv", "all conversions", "website purchases"],
];

/// Words of prices, returns and intentions.
const RATES: [&str; 32] = [
    "per",
    "avg",
    "average",
    "cpc",
    "cpm",
    "cpa",
    "cpv",
    "cpl",
    "cpi",
    "cpcv",
    "ecpc",
    "ecpm",
    "ctr",
    "cvr",
    "vtr",
    "roas",
    "roi",
    "acos",
    "tacos",
    "acoas",
    "rate",
    "bid",
    "budget",
    "return",
    "pro",
    "durchschn",
    "moy",
    "medio",
    "gem",
    "ratio",
    "percentage",
    "frequency",
];

const EXPOSURES: [&str; 25] = [
    "impressions",
    "impression",
    "impr",
    "impressionen",
    "imps",
    "clicks",
    "click",
    "klicks",
    "clics",
    "clic",
    "cliques",
    "grp",
    "grps",
    "trp",
    "trps",
    "spots",
    "spot",
    "reach",
    "views",
    "sends",
    "opens",
    "engagements",
    "insertions",
    "swipes",
    "plays",
];

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
pub(super) fn named(name: &str) -> Option<Named> {
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
        return Some(Named::Channel { rank, campaign: rank >= CHANNELS[0].len() });
    }
    let coded =
        any(&["currency", "währung", "währungscode", "devise", "moneda", "valuta", "moeda", "valutacode"]);
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
    if any(&RATES) || is_quotient(name, &all) {
        // `per` alone may stand in any name: a rate is one of money or results.
        let money = any(&[
            "cost",
            "costs",
            "spend",
            "value",
            "click",
            "clicks",
            "conversion",
            "purchase",
            "revenue",
            "day",
            "kosten",
            "coût",
            "coste",
            "costo",
            "custo",
            "ad",
            "total",
            "daily",
            "lifetime",
        ]);
        let short = any(&RATES[3..20]);
        return (money || short || all.len() == 1 || first == "avg" || first == "average")
            .then_some(Named::Rate);
    }
    if SPENDS.contains(&own) {
        return Some(Named::Spend);
    }
    if let Some(rank) = rank(&MONEY) {
        return Some(Named::Money { rank });
    }
    if let Some(rank) = rank(&COUNTS) {
        return Some(Named::Count { rank });
    }
    let valued = any(&["value"])
        && any(&["purchase", "purchases", "conversion", "conversions", "conv", "payment", "order", "orders"]);
    if valued {
        let other = any(&[
            "cart",
            "carts",
            "checkout",
            "checkouts",
            "content",
            "search",
            "lead",
            "leads",
            "registration",
            "view",
        ]);
        return Some(if other { Named::Rate } else { Named::Money { rank: usize::MAX } });
    }
    any(&EXPOSURES).then_some(Named::Exposure)
}

/// `Conv. value / cost`, `Cost / conv.`, `CPC (Link)`.
fn is_quotient(name: &str, all: &[String]) -> bool {
    let has = |list: &[&str]| all.iter().any(|w| list.contains(&w.as_str()));
    let money =
        ["cost", "spend", "value", "kosten", "coût", "coste", "costo", "custo", "wert", "valeur", "valor"];
    let of_sales = has(&["sales"]) && has(&["cost"]) && has(&["of"]);
    of_sales || (name.contains('/') && has(&money))
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
                ],
            ),
            ("count", &["Conversions", "Purchases", "Results", "Key events", "Total Conversions"]),
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
