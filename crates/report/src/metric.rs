//! What a metric is called, how its figures are written and what it means: one
//! list, in which the compiler finds a metric that is forgotten.

use outlay_scenario::spec::Metric;

use crate::number::Kind;

/// How a metric is written: kind of figure, name in running text, and meaning
/// where a glossary needs one.
type Written<'a> = (Kind, &'a str, Option<&'static str>);

/// Every metric that a limit may be on.
fn written(metric: &Metric) -> (Kind, &'static str, Option<&'static str>) {
    match metric {
        Metric::Spend => (
            Kind::Money,
            "spend",
            Some("What the plan costs, fees and taxes on top of media spend included."),
        ),
        Metric::Revenue => {
            (Kind::Money, "revenue", Some("Incremental revenue: what would not have come without the spend."))
        }
        Metric::Customers => {
            (Kind::Count, "new customers", Some("Incremental customers who are new to the business."))
        }
        Metric::LifetimeValue => {
            (Kind::Money, "lifetime value", Some("Lifetime incremental value of the customers won or kept."))
        }
        Metric::Profit => (Kind::Money, "profit", Some("Margin on incremental revenue, less spend.")),
        Metric::Cac => (
            Kind::Price,
            "blended CAC",
            Some(
                "Blended cost of acquiring a customer: all spend and other cost, over all new customers, those who would have come anyway included.",
            ),
        ),
        Metric::Mer => (
            Kind::Ratio,
            "MER",
            Some(
                "Marketing efficiency ratio: all revenue, baseline included, over all spend and other cost.",
            ),
        ),
        Metric::Iroas => (Kind::Ratio, "iROAS", Some("Incremental revenue over spend.")),
        Metric::LtvToCac => (Kind::Ratio, "LTV to CAC", Some("Lifetime value over spend.")),
        Metric::SpendShare => (
            Kind::Percent,
            "share of spend",
            Some("Spend of the selected lines over the spend of all lines."),
        ),
        Metric::Change => (Kind::Percent, "change", Some("Spend of the plan over today's spend, less one.")),
        Metric::Mroas => (Kind::Ratio, "mROAS", Some("Incremental revenue of the next unit of spend.")),
        Metric::ActiveLines => (Kind::Count, "lines that are on", None),
        Metric::Units => (Kind::Count, "units", None),
        Metric::Attribute(_) => (Kind::Count, "attribute", None),
    }
}

/// Figures that no limit is on.
const OTHERS: [(&str, Written<'static>); 3] = [
    (
        "marginal_cac",
        (
            Kind::Price,
            "marginal CAC",
            Some("What the next new customer of a line costs: the slope of its curve, not its average."),
        ),
    ),
    (
        "long_term_revenue",
        (
            Kind::Money,
            "long-term revenue",
            Some("Revenue times the stated long-term multipliers; part of no other figure."),
        ),
    ),
    ("moved", (Kind::Money, "money moved", None)),
];

/// A figure by its name in files; one that nobody knows is a plain number under
/// its own name.
fn figure(name: &str) -> Written<'_> {
    match Metric::parse(name) {
        Some(Metric::Attribute(_)) => (Kind::Count, name.strip_prefix("attribute.").unwrap_or(name), None),
        Some(metric) => written(&metric),
        None => OTHERS.iter().find(|(other, _)| *other == name).map_or((Kind::Count, name, None), |o| o.1),
    }
}

/// How figures of a metric are written.
pub fn kind(metric: &str) -> Kind {
    figure(metric).0
}

/// A metric's name in running text and headings.
pub fn label(metric: &str) -> &str {
    figure(metric).1
}

/// What a metric means, for glossaries.
pub fn meaning(metric: &str) -> Option<&'static str> {
    figure(metric).2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_written_in_one_way() {
        let of = |name| (kind(name), label(name));
        assert_eq!(of("cac"), (Kind::Price, "blended CAC"));
        assert_eq!(of("marginal_cac"), (Kind::Price, "marginal CAC"));
        assert_eq!(of("moved"), (Kind::Money, "money moved"));
        assert_eq!(of("attribute.reach"), (Kind::Count, "reach"));
        // A figure that is in no list is no money.
        assert_eq!(of("grps"), (Kind::Count, "grps"));
        assert!(meaning("spend_share").is_some() && meaning("units").is_none());
    }
}
