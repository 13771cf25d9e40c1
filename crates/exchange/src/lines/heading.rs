//! What the headings of a spreadsheet of lines stand for: the words that
//! planners write, beside those of the platforms' reports.

use outlay_scenario::history::{Named, named};
use outlay_table::{month_of, words};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The lines' names; of several, that of the lowest rank.
    Line { rank: usize },
    /// What was spent.
    Spend,
    /// Money earned.
    Money,
    /// Customers or conversions.
    Count,
    /// Money earned per unit of spend.
    Return,
    /// Spend per customer or conversion.
    CostPer,
    /// Least spend of the plan.
    Min,
    /// Largest spend of the plan.
    Max,
    /// A tag with a field of its own.
    Tag(&'static str),
    /// A name of one's own.
    Own,
    /// Nothing that a scenario has: prices, exposures, dates, notes.
    Other,
}

const SPEND: [&str; 18] = [
    "spend",
    "spent",
    "cost",
    "costs",
    "budget",
    "investment",
    "invested",
    "spends",
    "kosten",
    "ausgaben",
    "invest",
    "coût",
    "coûts",
    "dépenses",
    "gasto",
    "coste",
    "costo",
    "spesa",
];
/// How German ends a word for money that is spent.
const SPEND_ENDS: [&str; 5] = ["kosten", "budget", "ausgaben", "etat", "spendings"];
const MONEY: [&str; 16] = [
    "revenue",
    "sales",
    "turnover",
    "gmv",
    "income",
    "umsatz",
    "value",
    "earned",
    "erlös",
    "erlöse",
    "omzet",
    "ingresos",
    "fatturato",
    "receita",
    "umsätze",
    "ventes",
];
const COUNT: [&str; 13] = [
    "customers",
    "conversions",
    "orders",
    "purchases",
    "signups",
    "leads",
    "installs",
    "acquisitions",
    "kunden",
    "neukunden",
    "bestellungen",
    "clients",
    "clientes",
];
const LINE: [&str; 28] = [
    "line",
    "lines",
    "line item",
    "name",
    "line name",
    "activity",
    "tactic",
    "campaign",
    "placement",
    "item",
    "channel line",
    "media line",
    "zeile",
    "position",
    "werbemittel",
    "maßnahme",
    "massnahme",
    "bezeichnung",
    "kampagne",
    "ligne",
    "campagne",
    "línea",
    "campaña",
    "linea",
    "riga",
    "campagna",
    "regel",
    "linha",
];
const TAGS: [(&str, &[&str]); 12] = [
    (
        "channel",
        &[
            "channel",
            "platform",
            "media",
            "medium",
            "publisher",
            "vehicle",
            "kanal",
            "canal",
            "canale",
            "kanaal",
            "plattform",
            "vermarkter",
            "support",
        ],
    ),
    (
        "stage",
        &["stage", "funnel", "funnel stage", "objective", "phase", "funnelstufe", "stufe", "ziel", "étape"],
    ),
    ("substage", &["substage"]),
    ("method", &["method", "buying method", "buy type", "buying type", "einkaufsart", "buchungsart"]),
    ("audience", &["audience", "target audience", "target", "zielgruppe", "cible"]),
    ("creative", &["creative", "format", "motiv"]),
    ("market", &["market", "country", "region", "geo", "markt", "land", "pays", "marché"]),
    ("product", &["product", "brand", "produkt", "marke", "produit", "marque"]),
    ("owner", &["owner", "responsible", "verantwortlich", "responsable"]),
    ("accountable", &["accountable"]),
    ("consulted", &["consulted"]),
    ("informed", &["informed"]),
];
/// Words that make a column of money no spend or revenue of last period.
const OTHER: [&str; 28] = [
    "per",
    "pro",
    "je",
    "avg",
    "average",
    "durchschn",
    "cpc",
    "cpm",
    "cpa",
    "tkp",
    "roas",
    "roi",
    "plan",
    "planned",
    "geplant",
    "prévu",
    "target",
    "forecast",
    "prognose",
    "daily",
    "lifetime",
    "fee",
    "rate",
    "share",
    "type",
    "model",
    "anteil",
    "code",
];
const MIN: [&str; 7] = ["min", "minimum", "least", "floor", "mindestens", "mindestbudget", "untergrenze"];
const MAX: [&str; 7] = ["max", "maximum", "most", "cap", "höchstens", "maximalbudget", "obergrenze"];
const NOTES: [&str; 9] =
    ["note", "notes", "comment", "comments", "remarks", "kommentar", "bemerkung", "notiz", "url"];
const RETURN: [&str; 2] = ["roas", "return on ad spend"];
const COST_PER: [&str; 10] = [
    "cpa",
    "cac",
    "cost per customer",
    "cost per acquisition",
    "cost per new customer",
    "cost per order",
    "cost per conversion",
    "cost conv",
    "cost per result",
    "cpo",
];

/// What a heading stands for.
pub(super) fn role(heading: &str) -> Role {
    let all: Vec<String> = words(heading).into_iter().filter(|w| !is_time(w) && !is_scale(w)).collect();
    let text = all.join(" ");
    let any = |list: &[&str]| all.iter().any(|w| list.contains(&w.as_str()));
    if let Some(rank) = LINE.iter().position(|name| *name == text) {
        return Role::Line { rank };
    }
    if let Some((tag, _)) = TAGS.iter().find(|(_, names)| names.contains(&text.as_str())) {
        return Role::Tag(tag);
    }
    let spent = any(&SPEND) || all.iter().any(|w| SPEND_ENDS.iter().any(|end| w.ends_with(end)));
    let alone = all.len() == 1;
    match (any(&MIN), any(&MAX)) {
        (true, false) if spent || alone => return Role::Min,
        (false, true) if spent || alone => return Role::Max,
        (false, false) => {}
        _ => return Role::Other,
    }
    if RETURN.contains(&text.as_str()) {
        return Role::Return;
    }
    if COST_PER.contains(&text.as_str()) {
        return Role::CostPer;
    }
    if any(&NOTES) {
        return Role::Other;
    }
    let known = match named(&text) {
        // A plan's budget is what its lines spend.
        Some(Named::Rate) if spent && !any(&OTHER) && !heading.contains('/') => Some(Role::Spend),
        Some(Named::Rate | Named::Date { .. } | Named::Exposure | Named::Currency | Named::BilledCost) => {
            Some(Role::Other)
        }
        _ if heading.contains('/') && any(&OTHER) => Some(Role::Other),
        Some(Named::Spend) => Some(Role::Spend),
        Some(Named::Money { .. }) => Some(Role::Money),
        Some(Named::Count { .. }) => Some(Role::Count),
        Some(Named::Channel { level: 0, .. }) => Some(Role::Tag("channel")),
        Some(Named::Channel { rank, .. }) => Some(Role::Line { rank: LINE.len() + rank }),
        None => None,
    };
    known.unwrap_or_else(|| match () {
        () if any(&OTHER) => Role::Other,
        () if spent => Role::Spend,
        () if any(&MONEY) => Role::Money,
        () if any(&COUNT) => Role::Count,
        () => Role::Own,
    })
}

/// The unit of time that a heading names alone: `Jan`, `March 2026`, `Q2`, `KW 12`.
pub(super) fn period(heading: &str) -> Option<&'static str> {
    let year = |w: &String| w.len() == 4 && w.chars().all(|c| c.is_ascii_digit());
    let all: Vec<String> = words(heading).into_iter().filter(|w| !year(w)).collect();
    let digits = |text: &str| !text.is_empty() && text.len() < 3 && text.chars().all(|c| c.is_ascii_digit());
    match all.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [word] if month_of(word).is_some() => Some("month"),
        // `Jan 26`
        [word, short] if month_of(word).is_some() && digits(short) => Some("month"),
        ["q1" | "q2" | "q3" | "q4"] => Some("quarter"),
        ["w" | "wk" | "week" | "kw" | "cw", number] if digits(number) => Some("week"),
        [word] => ["wk", "kw", "cw", "w"]
            .iter()
            .any(|mark| word.strip_prefix(mark).is_some_and(digits))
            .then_some("week"),
        _ => None,
    }
}

/// Words of a heading that counts in thousands, and in millions.
const THOUSANDS: [&str; 12] = [
    "thousand",
    "thousands",
    "tsd",
    "tausend",
    "milliers",
    "miles",
    "migliaia",
    "000",
    "000s",
    "k",
    "teur",
    "keur",
];
const MILLIONS: [&str; 10] =
    ["million", "millions", "mio", "mn", "mln", "millionen", "millones", "milioni", "m", "meur"];

/// What the numbers below a heading are to be multiplied by: 1,000 below `Spend
/// (in thousands)`, `Kosten T€` and `Revenue (000s)`, 1,000,000 below `Umsatz in
/// Mio. EUR` and `Sales $m`.
pub(super) fn scale(heading: &str) -> f64 {
    let low = heading.to_lowercase();
    let all: Vec<&str> = low.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let has = |list: &[&str]| all.iter().any(|w| list.contains(w));
    // A `t` says thousands before a currency, and as a word of its own: not in `Budget€`.
    if has(&THOUSANDS) || (has(&["t"]) && low.contains("t€")) {
        1e3
    } else if has(&MILLIONS) {
        1e6
    } else {
        1.0
    }
}

/// Whether a word says how large the unit of money is, and nothing else.
fn is_scale(word: &str) -> bool {
    ["in", "t"].contains(&word) || THOUSANDS.contains(&word) || MILLIONS.contains(&word)
}

/// Whether a word says when, and nothing else: `q3`, `2026`, `fy25`, `last`.
fn is_time(word: &str) -> bool {
    const TIMES: [&str; 12] = [
        "last",
        "this",
        "previous",
        "quarter",
        "year",
        "period",
        "quartal",
        "jahr",
        "vorjahr",
        "letztes",
        "trimestre",
        "année",
    ];
    let digits = word.trim_start_matches(['q', 'h', 'f', 'y', 't', 'k', 'w']);
    TIMES.contains(&word) || (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_and_millions_are_said_by_the_heading() {
        for (heading, times) in [
            ("Spend (in thousands EUR)", 1e3),
            ("Kosten T€", 1e3),
            ("Revenue (000s)", 1e3),
            ("Spend, k", 1e3),
            ("Budget TEUR", 1e3),
            ("Sales $m", 1e6),
            ("Umsatz in Mio. EUR", 1e6),
            ("Spend Q3", 1.0),
            ("Media cost (USD)", 1.0),
            ("Marketing spend", 1.0),
            ("Budget€", 1.0),
            ("Cost€", 1.0),
            ("Spend €k", 1e3),
            ("Umsatz m€", 1e6),
            ("Budget KEUR", 1e3),
        ] {
            assert_eq!(scale(heading), times, "{heading}");
        }
    }

    #[test]
    fn periods_that_stand_side_by_side_are_known() {
        for (heading, unit) in [
            ("Jan", "month"),
            ("March 2026", "month"),
            ("Okt 26", "month"),
            ("Q2", "quarter"),
            ("Q3 2026", "quarter"),
            ("KW 12", "week"),
            ("W07", "week"),
            ("Week 3", "week"),
        ] {
            assert_eq!(period(heading), Some(unit), "{heading}");
        }
        for heading in ["Spend Q3", "Total", "2026", "Web", "Walking", "Market"] {
            assert_eq!(period(heading), None, "{heading}");
        }
    }

    #[test]
    fn headings_of_planners_are_known() {
        let line = |heading| matches!(role(heading), Role::Line { .. });
        for heading in
            ["Line", "Line item", "Campaign name", "Werbemittel", "Maßnahme", "Campaña", "Ad set name"]
        {
            assert!(line(heading), "{heading}: {:?}", role(heading));
        }
        let expected: [(Role, &[&str]); 11] = [
            (
                Role::Spend,
                &[
                    "Spend Q3",
                    "Spend (USD)",
                    "Cost",
                    "Kosten 2026 €",
                    "Mediakosten",
                    "Netto-Budget",
                    "Werbeausgaben",
                    "Budget FY26",
                    "Amount spent (EUR)",
                    "Ausgegebener Betrag (EUR)",
                    "Coût",
                    "Importe gastado",
                    "Last quarter spend",
                    "Media Investment",
                    "Media Budget",
                ],
            ),
            (
                Role::Money,
                &[
                    "Revenue Q3",
                    "Umsatz",
                    "Conv. value",
                    "Chiffre d'affaires",
                    "Ingresos 2025",
                    "Sales (last year)",
                    "Netto-Umsatz",
                ],
            ),
            (Role::Count, &["Customers", "Conversions", "New customers", "Neukunden", "Orders Q2"]),
            (Role::Return, &["ROAS", "Return on ad spend", "ROAS Q3"]),
            (Role::CostPer, &["CPA", "Cost per customer", "CAC", "Cost / conv."]),
            (Role::Min, &["Min", "Minimum spend", "Min budget", "Mindestbudget"]),
            (Role::Max, &["Max", "Maximum spend", "Budget cap", "Obergrenze"]),
            (Role::Tag("stage"), &["Funnel stage", "Objective", "Phase"]),
            (Role::Tag("owner"), &["Owner", "Verantwortlich"]),
            (
                Role::Other,
                &[
                    "CPC",
                    "CPM",
                    "Avg. CPC",
                    "Impressions",
                    "Kosten pro Klick",
                    "Planned spend",
                    "Spend share",
                    "Notes",
                    "Cost / click",
                    "Agency fee",
                    "Currency",
                    "Daily budget",
                    "Start date",
                    "TKP",
                ],
            ),
            (Role::Own, &["Gattung", "Agency", "Buyer"]),
        ];
        for (expected, headings) in expected {
            for heading in headings {
                assert_eq!(role(heading), expected, "{heading}");
            }
        }
    }
}
