//! What a metric is called, how its figures are written and what it means: one
//! list, in which the compiler finds a metric that is forgotten.

use std::borrow::Cow;

use outlay_scenario::spec::Metric;

use crate::number::Kind;

/// How a metric is written: kind of figure, name in running text, and meaning
/// where a glossary needs one.
type Written = (Kind, &'static str, Option<&'static str>);

/// Every metric that a limit may be on.
fn written(metric: &Metric) -> Written {
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

/// What a figure is of: a metric that limits may be on, or one that none is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A metric that limits may be on.
    Limited(Metric),
    /// Cost of the next new customer.
    MarginalCac,
    /// Revenue times the lines' long-term multipliers.
    LongTermRevenue,
    /// Money moved from where it is today.
    Moved,
}

/// Those that no limit is on.
const OTHERS: [Key; 3] = [Key::MarginalCac, Key::LongTermRevenue, Key::Moved];

impl Key {
    /// The figure of this name in files.
    pub fn parse(name: &str) -> Option<Key> {
        let others = || OTHERS.into_iter().find(|key| key.name() == name);
        Metric::parse(name).map(Key::Limited).or_else(others)
    }

    /// Its name in files.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Key::Limited(metric) => metric.name(),
            Key::MarginalCac => "marginal_cac".into(),
            Key::LongTermRevenue => "long_term_revenue".into(),
            Key::Moved => "moved".into(),
        }
    }

    fn written(&self) -> Written {
        match self {
            Key::Limited(metric) => written(metric),
            Key::MarginalCac => (
                Kind::Price,
                "marginal CAC",
                Some("What the next new customer of a line costs: the slope of its curve, not its average."),
            ),
            Key::LongTermRevenue => (
                Kind::Money,
                "long-term revenue",
                Some("Revenue times the stated long-term multipliers; part of no other figure."),
            ),
            Key::Moved => (Kind::Money, "money moved", None),
        }
    }

    /// How its figures are written.
    pub fn kind(&self) -> Kind {
        self.written().0
    }

    /// Its name in running text and headings.
    pub fn label(&self) -> &str {
        match self {
            Key::Limited(Metric::Attribute(name)) => name,
            _ => self.written().1,
        }
    }

    /// What it means, for glossaries.
    pub fn meaning(&self) -> Option<&'static str> {
        self.written().2
    }
}

impl From<Metric> for Key {
    fn from(metric: Metric) -> Self {
        Key::Limited(metric)
    }
}

impl From<&Metric> for Key {
    fn from(metric: &Metric) -> Self {
        Key::Limited(metric.clone())
    }
}

impl From<&Key> for Key {
    fn from(key: &Key) -> Self {
        key.clone()
    }
}

/// How figures of a name in a file are written; one that nobody knows is a plain
/// number.
pub fn kind(name: &str) -> Kind {
    Key::parse(name).map_or(Kind::Count, |key| key.kind())
}

/// What a name in a file is called in running text; one that nobody knows by
/// itself.
pub fn label(name: &str) -> String {
    Key::parse(name).map_or_else(|| name.to_owned(), |key| key.label().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_written_in_one_way() {
        let of = |name: &str, kind_: Kind, label_: &str| {
            assert_eq!((kind(name), label(name).as_str()), (kind_, label_));
        };
        of("cac", Kind::Price, "blended CAC");
        of("marginal_cac", Kind::Price, "marginal CAC");
        of("moved", Kind::Money, "money moved");
        of("attribute.reach", Kind::Count, "reach");
        // A figure that is in no list is no money.
        of("grps", Kind::Count, "grps");
        assert!(Key::from(Metric::SpendShare).meaning().is_some());
        assert!(Key::from(Metric::Units).meaning().is_none());
        for key in OTHERS {
            assert_eq!(Key::parse(&key.name()), Some(key));
        }
    }
}
