//! What a metric is called and how its figures are written.

use crate::number::Kind;

/// How figures of a metric are written.
pub fn kind(metric: &str) -> Kind {
    match metric {
        "cac" | "marginal_cac" => Kind::Price,
        "customers" | "active_lines" | "units" => Kind::Count,
        "iroas" | "mroas" | "mer" | "ltv_to_cac" => Kind::Ratio,
        "spend_share" | "change" => Kind::Percent,
        m if m.starts_with("attribute.") => Kind::Count,
        _ => Kind::Money,
    }
}

/// A metric's name in running text and headings.
pub fn label(metric: &str) -> &str {
    match metric {
        "spend" => "spend",
        "revenue" => "revenue",
        "profit" => "profit",
        "customers" => "new customers",
        "lifetime_value" => "lifetime value",
        "cac" => "blended CAC",
        "marginal_cac" => "marginal CAC",
        "mer" => "MER",
        "iroas" => "iROAS",
        "mroas" => "mROAS",
        "ltv_to_cac" => "LTV to CAC",
        "spend_share" => "share of spend",
        "active_lines" => "lines that are on",
        "long_term_revenue" => "long-term revenue",
        "moved" => "money moved",
        other => other.strip_prefix("attribute.").unwrap_or(other),
    }
}

/// What a metric means, for glossaries.
pub fn meaning(metric: &str) -> Option<&'static str> {
    Some(match metric {
        "spend" => "What the plan costs, fees and taxes on top of media spend included.",
        "revenue" => "Incremental revenue: what would not have come without the spend.",
        "long_term_revenue" => "Revenue times the stated long-term multipliers; part of no other figure.",
        "profit" => "Margin on incremental revenue, less spend.",
        "customers" => "Incremental customers who are new to the business.",
        "lifetime_value" => "Lifetime incremental value of the customers won or kept.",
        "cac" => {
            "Blended cost of acquiring a customer: all spend and other cost, over all new customers, those who would have come anyway included."
        }
        "marginal_cac" => {
            "What the next new customer of a line costs: the slope of its curve, not its average."
        }
        "mer" => "Marketing efficiency ratio: all revenue, baseline included, over all spend and other cost.",
        "iroas" => "Incremental revenue over spend.",
        "mroas" => "Incremental revenue of the next unit of spend.",
        "ltv_to_cac" => "Lifetime value over spend.",
        "spend_share" => "Spend of the selected lines over the spend of all lines.",
        "change" => "Spend of the plan over today's spend, less one.",
        _ => return None,
    })
}
