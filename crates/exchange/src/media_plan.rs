//! Plans in the Media Plan Open Data Standard (schema 2.0 and 3.0 as JSON, 3.0
//! as Excel), as scenarios.
//!
//! Cost of media is spend; what `cost_total` adds is the fee. `cost_minimum` and
//! `cost_maximum` are totals and divided by 1 + fee. A formula of sales by cost
//! is the line's curve; where its base is a total, the curve is stretched by
//! 1 + fee so that it is one of spend.

use indexmap::IndexMap;
use jiff::civil::Date;
use outlay_scenario::spec::{CurveSpec, Outcome};
use outlay_table::{Table, Wanted, plain};
use serde_json::{Map, Value};

use crate::draft::{Draft, DraftLine};
use crate::error::DraftError;

/// Whether a JSON value is a media plan.
pub fn is_media_plan(value: &Value) -> bool {
    value.get("lineitems").is_some_and(Value::is_array) && value.get("campaign").is_some_and(Value::is_object)
}

/// Whether the bytes of a workbook hold a media plan.
pub fn is_media_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") && sheet(bytes, "Line Items").is_ok_and(|t| t.find("Cost Total", &[]).is_some())
}

fn sheet(bytes: &[u8], name: &str) -> Result<Table, DraftError> {
    let wanted = Wanted { sheet: Some(name), doubled: true, ..Wanted::default() };
    Ok(Table::from_bytes(bytes, &wanted)?)
}

/// A media plan in a workbook, as the JSON of the same plan.
///
/// # Errors
/// What is not a plan of schema 3.0, or was never calculated.
pub fn workbook(bytes: &[u8]) -> Result<Value, DraftError> {
    let items = sheet(bytes, "Line Items")?;
    let mut lines = Vec::new();
    for row in 0..items.rows.len() {
        let mut line = Map::new();
        for (column, name) in items.header.iter().enumerate() {
            let text = items.text(row, column);
            if text.is_empty() {
                continue;
            }
            let field = field(name);
            if text.starts_with('=') && (field.starts_with("cost_") || field.starts_with("metric_")) {
                return Err(items.wrong(row, column).into());
            }
            let value = match items.value(row, column) {
                Some(number) => Value::from(number),
                None if field == "metric_formulas" => serde_json::from_str(text).map_err(|e| {
                    DraftError::Plan(format!("row {}, column `{name}`: {e}", items.number_of(row)))
                })?,
                None => Value::from(text),
            };
            line.entry(field).or_insert(value);
        }
        let figures = line.get("cost_total").and_then(Value::as_f64).is_some();
        if !figures {
            return Err(items
                .cell_error(
                    row,
                    items.find("Cost Total", &[]).unwrap_or(0),
                    outlay_table::CellReason::Missing,
                )
                .into());
        }
        line.insert("row".to_owned(), Value::from(items.number_of(row)));
        lines.push(Value::Object(line));
    }
    let pairs = |name: &str| -> Map<String, Value> {
        let wanted = Wanted { sheet: Some(name), heading: Some(1), doubled: true, ..Wanted::default() };
        let Ok(table) = Table::from_bytes(bytes, &wanted) else { return Map::new() };
        // Field and value stand side by side below a title.
        let rows = (0..table.rows.len()).map(|r| table.pair(r));
        rows.map(|(name, value)| (plain(name).replace(' ', "_"), value))
            .map(|(k, v)| (k, v.parse::<f64>().map_or(Value::from(v), Value::from)))
            .collect()
    };
    let version = pairs("Metadata").get("schema_version").map(|v| {
        v.as_f64().map_or_else(|| v.as_str().unwrap_or_default().to_owned(), |number| format!("{number:.1}"))
    });
    let raw = pairs("Campaign");
    let mut campaign = Map::new();
    for (key, value) in raw {
        let key = key.strip_prefix("campaign_").map_or(key.clone(), str::to_owned);
        campaign.insert(key, value);
    }
    let stage = sheet(bytes, "Dictionary").ok().and_then(|t| {
        let (name, caption) = (t.find("Field Name", &[])?, t.find("Caption", &[])?);
        let row = (0..t.rows.len()).find(|&r| plain(t.text(r, caption)) == "funnel stage")?;
        Some(t.text(row, name).to_owned())
    });
    let mut dimensions = Map::new();
    if let Some(stage) = stage {
        dimensions.insert(stage, serde_json::json!({ "status": "enabled", "caption": "Funnel stage" }));
    }
    Ok(serde_json::json!({
        "meta": { "schema_version": version.filter(|v| !v.is_empty()).unwrap_or_else(|| "3.0".to_owned()) },
        "campaign": campaign,
        "lineitems": lines,
        "dictionary": { "lineitem_custom_dimensions": dimensions },
    }))
}

/// The field of a column: `Cost Media` is `cost_media`, `Impressions` is
/// `metric_impressions`; parts of a whole have a name of their own.
pub(crate) fn field(column: &str) -> String {
    const METRICS: [&str; 4] = ["impressions", "clicks", "sales", "conversions"];
    if column.trim_end().ends_with('%') || column.contains("Cost per") {
        return format!("share_{}", plain(column).replace(' ', "_"));
    }
    let text = plain(column);
    match text.as_str() {
        "metric formulas json" => "metric_formulas".to_owned(),
        t if METRICS.contains(&t) => format!("metric_{t}"),
        t => t.replace("custom ", "custom").replace(' ', "_"),
    }
}

/// A scenario from a plan.
///
/// # Errors
/// What the plan lacks.
pub fn media_plan(value: &Value, stem: &str) -> Result<(Draft, Vec<String>), DraftError> {
    let wrong = |text: String| DraftError::Plan(text);
    let version =
        value.get("meta").and_then(|m| m.get("schema_version")).and_then(Value::as_str).unwrap_or("");
    let version = version.trim_start_matches(['v', 'V']);
    if !["2", "3"].iter().any(|v| version.split('.').next() == Some(*v)) {
        return Err(wrong(format!("schema version `{version}`; 2.0 and 3.0 are read")));
    }
    let campaign = value.get("campaign").cloned().unwrap_or_default();
    let text = |name: &str| campaign.get(name).and_then(Value::as_str).map(str::to_owned);
    let date = |name: &str| campaign.get(name).and_then(day);
    let (Some(start), Some(end)) = (date("start_date"), date("end_date")) else {
        return Err(wrong("the campaign needs a start_date and an end_date".to_owned()));
    };
    let days = start.until(end).map_or(0, |s| s.get_days()) + 1;
    let periods = u32::try_from(days).ok().filter(|d| *d > 0);
    let periods =
        periods.ok_or_else(|| wrong(format!("the campaign ends ({end}) before it starts ({start})")))?;
    let currency = text("budget_currency");
    let mut draft = Draft {
        name: text("name").unwrap_or_else(|| stem.to_owned()),
        currency: currency.clone(),
        horizon: Some((Some(start.to_string()), "day".to_owned(), periods)),
        goal: "revenue".to_owned(),
        remarks: vec![format!(
            "Made from a media plan (schema {version}): spend is the cost of media, the fee what cost_total adds."
        )],
        ..Draft::default()
    };
    let stage = stage_field(value);
    let mut notes = Vec::new();
    let mut kept_out = 0.0;
    let (mut sales, mut conversions) = (0.0, 0.0);
    let mut judged: Vec<String> = Vec::new();
    let mut seen: IndexMap<String, usize> = IndexMap::new();
    for (i, item) in value.get("lineitems").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let row = item
            .get("row")
            .and_then(Value::as_u64)
            .map_or(format!("line item {}", i + 1), |r| format!("row {r}"));
        let item =
            Item { value: item, stage: stage.as_deref(), campaign: &currency, product: text("product_name") };
        if item.aggregate() {
            notes.push(format!(
                "{row}, `{}`: an aggregate of other lines, left out",
                item.text("name").unwrap_or_default()
            ));
            continue;
        }
        if item.value.get("id").is_none() {
            notes.push(format!("{row}, `{}`: has no id", item.text("name").unwrap_or_default()));
        }
        let (mut line, total, converted) = item.line(&row)?;
        let count = seen.entry(line.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            line.name = format!("{} ({count})", line.name);
        }
        if let Some(sold) = item.number("metric_sales").filter(|sold| *sold > 0.0 && converted > 0.0) {
            sales += sold * item.rate();
            conversions += converted;
        }
        let empty = item.empty_formula();
        if empty {
            notes.push(format!(
                "{row}, `{}`: its formula of sales has no coefficient and is not used",
                line.name
            ));
        }
        if line.remarks.iter().any(|r| r.starts_with("judgement")) {
            judged.push(format!("`{}`", line.name));
        }
        if line.curve.is_none() {
            line.out = true;
            line.remarks.push(
                "no formula and no conversions say what it earns: write a curve, then take the marks away"
                    .to_owned(),
            );
            let lacks = if empty {
                "no usable formula of sales, no sales and no conversions"
            } else {
                "neither a formula of sales nor sales or conversions"
            };
            notes.push(format!(
                "`{}` has {lacks}: it is kept out, and its {total:.2} out of the budget",
                line.name
            ));
            kept_out += total;
        }
        draft.lines.push(line);
    }
    if draft.lines.is_empty() {
        return Err(wrong("it has no line items".to_owned()));
    }
    let several = seen.iter().filter(|(_, count)| **count > 1);
    let several: Vec<String> = several.map(|(name, count)| format!("`{name}` ({count} times)")).collect();
    if !several.is_empty() {
        notes.push(format!(
            "line items of one name are numbered here, as in `name (2)`: {}",
            several.join(", ")
        ));
    }
    if !judged.is_empty() {
        notes.push(format!(
            "{} know sales but no formula: their curve is a JUDGEMENT through that point, all of the sales taken to be caused by the line",
            judged.join(", ")
        ));
    }
    worth(&mut draft, sales, conversions, &mut notes);
    let all = campaign.get("budget_total").and_then(Value::as_f64);
    draft.budget = all.map(|b| b - kept_out).filter(|b| *b > 0.0);
    if kept_out > 0.0 {
        draft.budget_remark =
            Some(format!("the plan's total less {kept_out} of the lines without a curve, fees included"));
    }
    Ok((draft, notes))
}

/// A line item, by what a scenario's lines know of it.
pub(crate) struct Named {
    /// As the scenario's line is called.
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    /// Money of media and in all, in its own currency.
    pub(crate) media: f64,
    pub(crate) total: f64,
    /// Exchange rate to the campaign's currency.
    pub(crate) rate: f64,
    /// Whether it sums up other items.
    pub(crate) aggregate: bool,
}

/// The line items of a plan.
pub(crate) fn named(value: &Value) -> Vec<Named> {
    let mut seen: IndexMap<String, usize> = IndexMap::new();
    let all = value.get("lineitems").and_then(Value::as_array).into_iter().flatten();
    all.map(|value| {
        let item = Item { value, stage: None, campaign: &None, product: None };
        let aggregate = item.aggregate();
        let mut name = item.text("name").unwrap_or_default();
        if !aggregate {
            let count = seen.entry(name.clone()).or_insert(0);
            *count += 1;
            if *count > 1 {
                name = format!("{name} ({count})");
            }
        }
        let total = item.number("cost_total").unwrap_or(0.0);
        let media = item.number("cost_media").filter(|m| *m > 0.0).unwrap_or(total);
        Named { name, id: item.text("id"), media, total, rate: item.rate(), aggregate }
    })
    .collect()
}

/// What a conversion is worth, where some lines know conversions only.
fn worth(draft: &mut Draft, sales: f64, conversions: f64, notes: &mut Vec<String>) {
    let counting = |l: &DraftLine| matches!(l.curve, Some((_, Outcome::Customers)));
    let names: Vec<String> =
        draft.lines.iter().filter(|l| counting(l)).map(|l| format!("`{}`", l.name)).collect();
    if names.is_empty() {
        return;
    }
    notes.push(format!("{} know conversions but no formula: their curve is a straight line, conversions per cost; replace it where returns diminish", names.join(", ")));
    if conversions > 0.0 && sales > 0.0 {
        let each = sales / conversions;
        for line in draft.lines.iter_mut().filter(|l| counting(l)) {
            line.revenue_per_customer = Some(each);
            line.remarks.push(
                "ASSUMED: a conversion is worth what it is on the lines that know both sales and conversions"
                    .to_owned(),
            );
        }
    } else if draft.lines.iter().any(|l| matches!(l.curve, Some((_, Outcome::Revenue)))) {
        notes.push(
            "some lines know sales and others conversions: give the latter a revenue_per_customer".to_owned(),
        );
    } else {
        draft.goal = "customers".to_owned();
    }
}

/// The custom dimension that holds the stage of the funnel.
fn stage_field(value: &Value) -> Option<String> {
    let all = value.get("dictionary")?.get("lineitem_custom_dimensions")?.as_object()?;
    let is = |v: &Value| {
        v.get("caption")
            .and_then(Value::as_str)
            .is_some_and(|c| ["funnel stage", "stage"].contains(&plain(c).as_str()))
    };
    all.iter().find(|(_, v)| is(v)).map(|(name, _)| name.clone())
}

fn day(value: &Value) -> Option<Date> {
    match value {
        Value::String(text) => text.get(..10).and_then(|d| d.parse().ok()),
        Value::Number(n) => {
            Date::new(1899, 12, 30).ok()?.checked_add(jiff::Span::new().days(n.as_f64()? as i64)).ok()
        }
        _ => None,
    }
}

/// One line item.
struct Item<'a> {
    value: &'a Value,
    stage: Option<&'a str>,
    campaign: &'a Option<String>,
    product: Option<String>,
}

impl Item<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.value.get(name).and_then(Value::as_str).map(str::to_owned).filter(|t| !t.is_empty())
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.value.get(name).and_then(Value::as_f64)
    }

    /// Whether it sums up other lines.
    fn aggregate(&self) -> bool {
        match self.value.get("is_aggregate") {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(n)) => n.as_f64() == Some(1.0),
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// Exchange rate to the campaign's currency.
    fn rate(&self) -> f64 {
        self.number("cost_currency_exchange_rate").filter(|r| *r > 0.0).unwrap_or(1.0)
    }

    /// The line, its total cost and its conversions.
    fn line(&self, row: &str) -> Result<(DraftLine, f64, f64), DraftError> {
        let wrong = |text: String| DraftError::Plan(format!("{row}: {text}"));
        let name = self.text("name").ok_or_else(|| wrong("has no name".to_owned()))?;
        let rate = self.rate();
        let own = self.text("cost_currency");
        let foreign = own.as_ref().zip(self.campaign.as_ref()).is_some_and(|(a, b)| a != b);
        if foreign && self.number("cost_currency_exchange_rate").is_none() {
            return Err(wrong(format!(
                "`{name}` is in {} and has no cost_currency_exchange_rate",
                own.unwrap_or_default()
            )));
        }
        let total = self
            .number("cost_total")
            .filter(|t| *t >= 0.0)
            .ok_or_else(|| wrong(format!("`{name}` has no cost_total")))?;
        let media = self.number("cost_media").filter(|m| *m > 0.0).unwrap_or(total);
        let fee = if media > 0.0 { total / media - 1.0 } else { 0.0 };
        if fee < -1e-9 {
            return Err(wrong(format!("`{name}`: cost_media {media} is more than cost_total {total}")));
        }
        // 0.2, not 0.19999999999999996.
        let fee = (fee * 1e12).round() / 1e12;
        let net = |x: f64| x * rate / (1.0 + fee);
        let (min, max) = (self.number("cost_minimum"), self.number("cost_maximum"));
        // Parquet writes a missing maximum as 0.
        let max = max.filter(|m| *m > 0.0 && min.is_none_or(|min| *m >= min));
        let mut line = DraftLine {
            name,
            current: media * rate,
            min: min.filter(|m| *m > 0.0).map(net),
            max: max.map(net),
            ..DraftLine::default()
        };
        line.fee = Some(fee);
        let tags = [
            ("channel", "channel"),
            ("method", "buy_type"),
            ("audience", "target_audience"),
            ("market", "location_name"),
            ("id", "id"),
            ("vehicle", "vehicle"),
            ("partner", "partner"),
            ("media_product", "media_product"),
            ("adformat", "adformat"),
            ("adformat", "ad_format"),
        ];
        if let Some(stage) = self.stage.and_then(|s| self.text(s)) {
            line.tags.insert("stage".to_owned(), stage);
        }
        for (tag, field) in tags {
            if let Some(text) = self.text(field) {
                line.tags.insert(tag.to_owned(), text);
            }
        }
        if let Some(product) = &self.product {
            line.tags.insert("product".to_owned(), product.clone());
        }
        if let Some(impressions) = self.number("metric_impressions").filter(|i| *i > 0.0) {
            line.cpm = Some(media * rate / impressions * 1000.0);
        }
        let converted = self.number("metric_conversions").unwrap_or(0.0);
        let sold = self.number("metric_sales").unwrap_or(0.0);
        line.curve = match self.formula("metric_sales") {
            Some(formula) => Some((curve(formula, fee, rate).map_err(wrong)?, Outcome::Revenue)),
            None if sold > 0.0 && media > 0.0 => {
                let point = (media * rate, sold * rate);
                line.remarks.push(format!(
                    "judgement: {} sold {}; V x / (k + x) through that point, the next unit earning half of the average",
                    point.0, point.1
                ));
                line.judgement = Some("through the plan's own sales".to_owned());
                line.max = line.max.or(Some(2.0 * point.0));
                let curve = CurveSpec::MichaelisMenten { ceiling: 2.0 * point.1, half_saturation: point.0 };
                Some((curve, Outcome::Revenue))
            }
            None if converted > 0.0 && media > 0.0 => {
                line.judgement = Some("a straight line through the plan's own conversions".to_owned());
                Some((CurveSpec::Linear { rate: converted / (media * rate) }, Outcome::Customers))
            }
            None => None,
        };
        line.reported = line.curve.as_ref().and_then(|(_, outcome)| match outcome {
            Outcome::Revenue => Some(sold * rate).filter(|s| *s > 0.0),
            Outcome::Customers => Some(converted),
        });
        Ok((line, total * rate, converted))
    }

    /// Whether there is a formula of sales that says nothing.
    fn empty_formula(&self) -> bool {
        let formula = self.value.get("metric_formulas").and_then(|f| f.get("metric_sales"));
        formula.is_some_and(|f| !f.is_null()) && self.formula("metric_sales").is_none()
    }

    fn formula(&self, metric: &str) -> Option<&Value> {
        self.value
            .get("metric_formulas")?
            .get(metric)
            .filter(|f| f.get("coefficient").is_some_and(|c| !c.is_null()))
    }
}

/// A formula as a curve of spend in the campaign's currency, in money.
fn curve(formula: &Value, fee: f64, rate: f64) -> Result<CurveSpec, String> {
    let number = |name: &str| formula.get(name).and_then(Value::as_f64);
    let need = |name: &str| number(name).ok_or_else(|| format!("its formula has no {name}"));
    let kind = formula.get("formula_type").and_then(Value::as_str).unwrap_or("");
    let base = formula.get("base_metric").and_then(Value::as_str).unwrap_or("cost_total");
    // Spend of one unit of the base.
    let unit = match base {
        "cost_total" => rate / (1.0 + fee),
        "cost_media" => rate,
        other => {
            return Err(format!(
                "its formula is one of `{other}`; those of cost_total and cost_media are read"
            ));
        }
    };
    let coefficient = need("coefficient")? * rate;
    match kind {
        "adbudg" => {
            let (p1, p2) = (need("parameter1")?, need("parameter2")?);
            Ok(CurveSpec::Hill { ceiling: coefficient, half_saturation: p1.powf(1.0 / p2) * unit, shape: p2 })
        }
        "power_function" => {
            let exponent = need("parameter1")?;
            Ok(CurveSpec::Power { coefficient: coefficient * unit.powf(-exponent), exponent })
        }
        // The coefficient is what one unit of the metric costs.
        "cost_per_unit" => Ok(CurveSpec::Linear { rate: rate / (need("coefficient")? * unit) }),
        other => {
            Err(format!("its formula `{other}` is not known; adbudg, power_function and cost_per_unit are"))
        }
    }
}
