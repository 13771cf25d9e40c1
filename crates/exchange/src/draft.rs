//! A scenario to start from, written with its reasons as comments.

use indexmap::IndexMap;
use outlay_scenario::spec::{CurveSpec, LineSpec, Outcome};
use outlay_table::is_hidden;

/// A scenario as it will be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Sentences that stand at the top of the file.
    pub remarks: Vec<String>,
    /// Its name.
    pub name: String,
    /// Currency of all money.
    pub currency: Option<String>,
    /// What the spends cover: first day, unit, number of periods.
    pub horizon: Option<(Option<String>, String, u32)>,
    /// A remark on the horizon.
    pub horizon_remark: Option<String>,
    /// The goal's metric.
    pub goal: String,
    /// Most money for all lines, fees included.
    pub budget: Option<f64>,
    /// A remark on the budget.
    pub budget_remark: Option<String>,
    /// The curve library, relative to the file.
    pub curves: Option<String>,
    /// What gets money.
    pub lines: Vec<DraftLine>,
}

/// A line as it will be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftLine {
    /// Its name.
    pub name: String,
    /// Tags with a field of their own, then others.
    pub tags: IndexMap<String, String>,
    /// Today's, least and largest spend.
    pub current: f64,
    /// Least spend.
    pub min: Option<f64>,
    /// Largest spend.
    pub max: Option<f64>,
    /// Fee on top of spend, a fraction.
    pub fee: Option<f64>,
    /// Price of a thousand impressions.
    pub cpm: Option<f64>,
    /// The curve over the horizon; none if a library has it.
    pub curve: Option<(CurveSpec, Outcome)>,
    /// Where a curve comes from that is a judgement.
    pub judgement: Option<String>,
    /// What the line was reported to have returned, in what the curve returns.
    pub reported: Option<f64>,
    /// Revenue of one customer.
    pub revenue_per_customer: Option<f64>,
    /// Spends of the last periods, which still work.
    pub opening: Vec<f64>,
    /// Sentences above the line.
    pub remarks: Vec<String>,
    /// Whether it is written as a comment: it cannot be planned yet.
    pub out: bool,
}

impl Draft {
    /// The scenario's file.
    pub fn toml(&self) -> String {
        let mut text = String::new();
        let mut line = |l: &str| text.extend([l, "\n"]);
        self.remarks.iter().for_each(|r| line(&comment(r)));
        line("#\n# Money covers the whole horizon. Change what is not so, then: outlay run scenario.toml\n");
        line("outlay = 1");
        line(&format!("name = {}", quoted(&self.name)));
        if let Some(currency) = &self.currency {
            line(&format!("currency = {}", quoted(currency)));
        }
        if let Some(remark) = &self.horizon_remark {
            line(&comment(remark));
        }
        if let Some((start, unit, periods)) = &self.horizon {
            let start = start.as_ref().map_or(String::new(), |s| format!("start = {}, ", quoted(s)));
            line(&format!("horizon = {{ {start}periods = {periods}, unit = {} }}", quoted(unit)));
        }
        line(&format!("goal = {{ maximize = {} }}", quoted(&self.goal)));
        if let Some(remark) = &self.budget_remark {
            line(&comment(remark));
        }
        if let Some(budget) = self.budget {
            line(&format!("budget = {{ max = {budget} }}"));
        }
        if let Some(curves) = &self.curves {
            line(&format!("curves = {}", quoted(curves)));
        }
        for own in &self.lines {
            line("");
            own.remarks.iter().for_each(|r| line(&comment(r)));
            own.toml().iter().for_each(|l| line(&format!("{}{l}", if own.out { "# " } else { "" })));
        }
        text
    }
}

impl DraftLine {
    fn toml(&self) -> Vec<String> {
        let mut lines = vec!["[[lines]]".to_owned(), format!("name = {}", quoted(&self.name))];
        let (own, other): (Vec<_>, Vec<_>) = self
            .tags
            .iter()
            .filter(|(_, v)| !v.is_empty())
            .partition(|(k, _)| LineSpec::TAGS.contains(&k.as_str()));
        lines.extend(own.iter().map(|(k, v)| format!("{k} = {}", quoted(v))));
        if !other.is_empty() {
            let each: Vec<String> =
                other.iter().map(|(k, v)| format!("{} = {}", quoted(k), quoted(v))).collect();
            lines.push(format!("tags = {{ {} }}", each.join(", ")));
        }
        let bound =
            |name: &str, value: Option<f64>| value.map_or(String::new(), |v| format!(", {name} = {v}"));
        lines.push(format!(
            "spend = {{ current = {}{}{} }}",
            self.current,
            bound("min", self.min),
            bound("max", self.max)
        ));
        lines.extend(self.fee.filter(|f| *f > 0.0).map(|fee| format!("fee = {fee}")));
        if let Some((curve, outcome)) = &self.curve {
            lines.push(format!("curve = {}", inline(curve)));
            let outcome = if *outcome == Outcome::Revenue { "revenue" } else { "customers" };
            lines.push(format!("outcome = \"{outcome}\""));
        }
        lines.extend(self.judgement.as_ref().map(|j| format!("judgement = {}", quoted(j))));
        lines.extend(self.reported.map(|r| format!("reported = {r}")));
        lines.extend(self.revenue_per_customer.map(|r| format!("revenue_per_customer = {r}")));
        lines.extend(self.cpm.map(|cpm| format!("rate = {{ cpm = {cpm} }}")));
        if !self.opening.is_empty() {
            let spends: Vec<String> = self.opening.iter().map(f64::to_string).collect();
            lines.push("# for a plan by period (horizon.plan = \"by_period\"): what the last periods' spend still does".to_owned());
            lines.push(format!("# flight = {{ opening = [{}] }}", spends.join(", ")));
        }
        lines
    }
}

/// A text between quotes, as TOML and JSON write it.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let written_out = |c: char| match u32::from(c) {
        _ if !is_hidden(c) => c.to_string(),
        code if code > 0xffff => format!("\\U{code:08x}"),
        code => format!("\\u{code:04x}"),
    };
    json.chars().map(written_out).collect()
}

/// A remark as a comment of one line.
fn comment(remark: &str) -> String {
    format!("# {}", remark.replace(is_hidden, "\u{fffd}"))
}

/// A curve on one line.
fn inline(curve: &CurveSpec) -> String {
    let value = serde_json::to_value(curve).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten();
    let each: Vec<String> = fields.map(|(k, v)| format!("{k} = {v}")).collect();
    format!("{{ {} }}", each.join(", "))
}
