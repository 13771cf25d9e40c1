//! What a what-if sets, in plain words.

use crate::number::Kind;
use crate::sentence::exact;
use crate::view::View;

/// What a what-if sets, or the scenario's name.
pub fn what_if(view: &View) -> String {
    if view.set.is_empty() { view.name.clone() } else { settings(view).join(", ") }
}

/// A scenario's name for a heading: with what a what-if sets in plain words.
pub fn title(view: &View) -> String {
    match view.name.rfind(" [").filter(|_| !view.set.is_empty() && view.name.ends_with(']')) {
        Some(at) => format!("{}: {}", &view.name[..at], what_if(view)),
        None => view.name.clone(),
    }
}

/// Everything a what-if sets: `budget at most 1,900,000`.
pub fn settings(view: &View) -> Vec<String> {
    let kind = |limit: &str| view.limits.iter().find(|l| l.name == limit).map(|l| l.kind);
    view.set.iter().map(|set| setting(set, &kind)).collect()
}

/// A setting written as `path = value`; `kind` knows how the numbers of a limit
/// are written.
pub(crate) fn setting(set: &str, kind: &dyn Fn(&str) -> Option<Kind>) -> String {
    let (path, value) = set.rsplit_once(" = ").unwrap_or((set, ""));
    let scale = serde_json::from_str::<serde_json::Value>(value).ok().and_then(|v| v.get("scale")?.as_f64());
    if let Some(factor) = scale {
        let word = if factor < 1.0 { "less" } else { "more" };
        return format!(
            "{}: {} {word}",
            field(path),
            exact(Kind::Percent, ((factor - 1.0).abs() * 1e6).round() / 1e6)
        );
    }
    let number = value.parse::<f64>().ok();
    let written = number.map_or_else(|| value.trim_matches('"').to_owned(), |v| exact(figure(path, kind), v));
    match (value, field_and_side(path)) {
        ("null", (name, _)) => format!("{name}: none"),
        (_, (name, Some(side))) => format!("{name} {side} {written}"),
        (_, (name, None)) => format!("{name} {written}"),
    }
}

/// How the number at a path is written.
fn figure(path: &str, kind: &dyn Fn(&str) -> Option<Kind>) -> Kind {
    let limit = path.strip_prefix("limits.").and_then(|p| p.rsplit_once('.'));
    let stated = limit.and_then(|(name, _)| kind(name.trim_matches('"')));
    let field = path.rsplit('.').next().unwrap_or_default();
    stated.unwrap_or(match field {
        "fee" | "discount" | "margin" | "invalid_traffic" | "viewability" => Kind::Percent,
        _ => Kind::Money,
    })
}

/// A field of a scenario file as people call it: `budget, at most`.
pub fn field(path: &str) -> String {
    match field_and_side(path) {
        (name, Some(side)) => format!("{name}, {side}"),
        (name, None) => name,
    }
}

/// The words of a path, and which side of a limit it is.
fn field_and_side(path: &str) -> (String, Option<&'static str>) {
    let (whose, side) = match path.rsplit_once('.') {
        Some((whose, "max")) => (whose, Some("at most")),
        Some((whose, "min")) => (whose, Some("at least")),
        Some((whose, "exact")) => (whose, Some("exactly")),
        _ => (path, None),
    };
    let plain = |text: &str| text.trim_matches('"').replace('_', " ");
    let name = match whose.split_once('.') {
        Some(("limits", name)) => name.trim_matches('"').to_owned(),
        Some(("lines", rest)) => {
            // A line's name may hold full stops only where it is quoted.
            let (line, field) = match rest.strip_prefix('"').and_then(|r| r.split_once('"')) {
                Some((line, field)) => (line, field.trim_start_matches('.')),
                None => rest.split_once('.').unwrap_or((rest, "")),
            };
            let line = if line == "*" { "all lines" } else { line };
            match field {
                "" | "spend" => line.to_owned(),
                field => format!("{line}: {}", field.split('.').map(plain).collect::<Vec<_>>().join(" ")),
            }
        }
        _ => whose.split('.').map(plain).collect::<Vec<_>>().join(" "),
    };
    (name, side)
}

/// A label for the axis of a number that what-ifs vary: a metric's name where
/// the field is one of a limit, else the field's.
pub(crate) fn along(path: &str, view: &View) -> String {
    let limit = path.strip_prefix("limits.").and_then(|p| p.rsplit_once('.'));
    let stated = limit.and_then(|(name, _)| view.limits.iter().find(|l| l.name == name.trim_matches('"')));
    let words = field(path);
    match stated {
        Some(limit) if !words.to_lowercase().contains(&limit.metric.label().to_lowercase()) => {
            format!("{words} ({})", limit.metric.label())
        }
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_plain_words() {
        let kind = |name: &str| match name {
            "Blended CAC" => Some(Kind::Price),
            "Google share" => Some(Kind::Percent),
            _ => None,
        };
        for (set, words) in [
            ("budget.max = 1900000", "budget at most 1,900,000"),
            ("limits.Blended CAC.max = 49", "Blended CAC at most 49"),
            ("limits.\"Google share\".max = 0.25", "Google share at most 25%"),
            ("lines.TV.spend.min = 300000.6", "TV at least 300,001"),
            ("lines.\"A. B\".rate.cpm = 12.5", "A. B: rate cpm 12.5"),
            ("lines.*.fee = 0.05", "all lines: fee 5%"),
            ("goal = maximize profit", "goal maximize profit"),
            ("baseline.other_cost = 0", "baseline other cost 0"),
            ("lines.TV.deal = null", "TV: deal: none"),
            ("curves = \"new.json\"", "curves new.json"),
            ("budget.max = {\"scale\":0.9}", "budget, at most: 10% less"),
            ("limits.Blended CAC.max = {\"scale\":1.15}", "Blended CAC, at most: 15% more"),
        ] {
            assert_eq!(setting(set, &kind), words, "{set}");
        }
        assert_eq!(field("budget.max"), "budget, at most");
        assert_eq!(field("lines.TV.rate.cpm"), "TV: rate cpm");
    }
}
