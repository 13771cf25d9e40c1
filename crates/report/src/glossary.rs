//! What the words of a report mean, with the currency and the period their
//! figures are in.

use crate::metric::Key;
use crate::number::Kind;
use crate::sentence;
use crate::view::View;
use outlay_scenario::spec::Metric;

/// A word and what it means here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As it stands in tables and tiles.
    pub word: String,
    /// In a sentence or two.
    pub meaning: String,
}

/// Metrics explained wherever some scenario has them.
const METRICS: [Key; 10] = [
    Key::Limited(Metric::Spend),
    Key::Limited(Metric::Revenue),
    Key::Limited(Metric::Profit),
    Key::Limited(Metric::Customers),
    Key::Limited(Metric::LifetimeValue),
    Key::LongTermRevenue,
    Key::Limited(Metric::Cac),
    Key::Limited(Metric::Mer),
    Key::Limited(Metric::Iroas),
    Key::Limited(Metric::LtvToCac),
];

/// Metrics that tables have a column for, whether or not it is filled.
const ALWAYS: [Metric; 5] = [Metric::Spend, Metric::Revenue, Metric::Customers, Metric::Cac, Metric::Iroas];

/// Words of every report, in the order they are met.
const WORDS: [(&str, &str); 23] = [
    ("Today", "What is spent now over the same period, judged by the same curves and limits."),
    ("Plan", "The spend that serves the goal best within all limits."),
    ("Change", "The plan's spend over today's, less one. \"new\" where nothing is spent today."),
    ("Against today", "The goal's value in the plan over today's, less one."),
    ("Share", "Part of all spend, fees included, in the plan."),
    ("Share today", "Part of all spend, fees included, today."),
    ("Line", "A row of the media plan: the thing that gets money."),
    ("Stage, method, channel", "Tags of a line: its place in the funnel, how it is bought, where it runs."),
    (
        "Held",
        "Why a line's spend is where it is: at its least or largest spend (min, max), off, or by its deal. Blank: its next unit of spend is worth what it costs.",
    ),
    ("Limit", "A rule that the plan keeps: a metric over some lines, at least or at most a number."),
    ("Metric", "What a limit is about."),
    ("Owner", "Who set a limit, and can change it."),
    ("Allowed", "What a limit demands: at least (≥), at most (≤), or between."),
    (
        "Slack",
        "How far the plan is from the number of a limit; \"none\" where the limit holds the plan back.",
    ),
    (
        "Price",
        "Shadow price: what the goal gains when the number of a limit changes by one unit (a point for shares, 0.1 for ratios) and everything is planned anew. Marked * where it holds near this plan only.",
    ),
    (
        "Response curve",
        "Incremental outcome over the whole period by spend over the whole period, carry-over included as far as the curve has it. Of a line that meets others: what it adds to the plan beside them, as planned.",
    ),
    ("Observed range", "Spends the curve was fitted on. A plan beyond them, marked †, is an extrapolation."),
    ("Band", "Where the curve lies with the stated probability, given the data it was fitted to."),
    ("Scenario", "One set of lines, limits and goal; a what-if is a scenario with some numbers changed."),
    ("Goal", "What the plan is best at, and the value it reaches."),
    (
        "Status",
        "Proven optimal: no plan is better by more than the gap asked for. Not yet proven the best: a plan with a larger proven gap. No plan exists: proven that none keeps all limits. Undecided: neither found nor disproved.",
    ),
    (
        "Gap",
        "How far the plan can at most be from the best one, relative to its value; proven, not estimated.",
    ),
    (
        "Proof",
        "Prices on the limits from which anyone can recompute that no plan does better, without the solver that found the plan.",
    ),
];

/// The words that reports over these scenarios use.
pub fn terms(views: &[&View]) -> Vec<Term> {
    let scope = Scope::of(views);
    let always = |key: &Key| ALWAYS.iter().any(|metric| Key::from(metric) == *key);
    let shown =
        |key: &&Key| always(key) || views.iter().any(|v| v.figure(*key).is_some() || v.goal.metric == **key);
    let mut terms: Vec<Term> = METRICS.iter().filter(shown).filter_map(|m| scope.metric(m)).collect();
    let line = |of: fn(&crate::view::LineRow) -> bool| views.iter().any(|v| v.lines.iter().any(of));
    if line(|l| l.cac.is_some()) {
        let text = "Of a line: its spend, fees included, over its new customers.";
        terms.push(scope.term("CAC", text, Kind::Price));
    }
    if line(|l| l.marginal_cac.is_some()) {
        terms.extend(scope.metric(&Key::MarginalCac).map(|t| Term { word: "Next CAC".to_owned(), ..t }));
    }
    if line(|l| l.mroas.is_some()) {
        terms.extend(scope.metric(&Metric::Mroas.into()));
    }
    let plain = |&(word, meaning): &(&str, &str)| Term { word: word.to_owned(), meaning: meaning.to_owned() };
    terms.extend(WORDS.iter().map(plain));
    terms
}

/// Currency and period, where all scenarios agree on them.
struct Scope {
    currency: String,
    period: String,
}

impl Scope {
    fn of(views: &[&View]) -> Self {
        let common = |of: fn(&View) -> &str| {
            let first = views.first().map_or("", |v| of(v));
            views.iter().all(|v| of(v) == first).then(|| first.to_owned())
        };
        let named = |text: Option<String>, none: &str, several: &str| match text {
            Some(text) if text.is_empty() => none.to_owned(),
            Some(text) => text,
            None => several.to_owned(),
        };
        Scope {
            currency: named(common(|v| &v.currency), "the scenario's currency", "each scenario's currency"),
            period: match common(|v| &v.period) {
                Some(text) if text.is_empty() => "over the period that the spends cover".to_owned(),
                Some(text) => format!("over {text}"),
                None => "over each scenario's period".to_owned(),
            },
        }
    }

    fn metric(&self, key: &Key) -> Option<Term> {
        let word = sentence::capital(key.label());
        Some(self.term(&word, key.meaning()?, key.kind()))
    }

    fn term(&self, word: &str, meaning: &str, kind: Kind) -> Term {
        let Scope { currency, period } = self;
        let unit = match kind {
            Kind::Money | Kind::Price => format!("In {currency}, {period}."),
            Kind::Count => format!("A number, {period}."),
            Kind::Ratio => format!("A ratio, {period}."),
            Kind::Percent => format!("In percent, {period}."),
        };
        Term { word: word.to_owned(), meaning: format!("{meaning} {unit}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn figures_are_defined_with_currency_and_period() {
        let (a, mut b) = (sample::plan(), sample::plan());
        let revenue = |views: &[&View]| {
            terms(views).into_iter().find(|t| t.word == "Revenue").expect("defined").meaning
        };
        assert!(revenue(&[&a]).ends_with("In USD, over 13 weeks."));
        b.currency = "EUR".to_owned();
        b.period = String::new();
        assert!(revenue(&[&a, &b]).ends_with("In each scenario's currency, over each scenario's period."));
        assert!(revenue(&[&b]).ends_with("In EUR, over the period that the spends cover."));
    }
}
