//! Repairs as settings: the fields they write, by path as in `vary`.

use indexmap::IndexMap;
use serde_json::Value;

use crate::files::result::{MemberField, MemberKind, Repair};
use crate::model::scenario::Scenario;

/// A name as a step of a path; `None` where it cannot be one.
pub fn segment(name: &str) -> Option<String> {
    let plain = !name.is_empty() && !name.contains(['.', '[', ']', '"']) && name.trim() == name;
    if plain { Some(name.to_owned()) } else { (!name.contains('"')).then(|| format!("\"{name}\"")) }
}

/// The fields that repairs set; `None` where one has no field of its own.
pub fn repair_settings(scenario: &Scenario, repairs: &[Repair]) -> Option<IndexMap<String, Value>> {
    let field = |repair: &Repair| {
        let path = match repair.kind {
            MemberKind::Budget => format!("budget.{}", side(repair.field)?),
            MemberKind::Limit => {
                let limit =
                    scenario.limits.iter().find(|l| l.groups.iter().any(|g| g.name == repair.name))?;
                format!("limits.{}.{}", segment(&limit.name)?, side(repair.field)?)
            }
            MemberKind::Line => match repair.field {
                MemberField::Requires => format!("lines.{}.requires", segment(&repair.name)?),
                MemberField::Excludes => format!("lines.{}.excludes", segment(&repair.name)?),
                field => format!("lines.{}.spend.{}", segment(&repair.name)?, side(field)?),
            },
            MemberKind::Deal => format!("lines.{}.deal", segment(&repair.name)?),
            MemberKind::Rounding => return None,
        };
        Some((path, repair.to.map_or(Value::Null, Value::from)))
    };
    repairs.iter().map(field).collect()
}

fn side(field: MemberField) -> Option<&'static str> {
    match field {
        MemberField::Min => Some("min"),
        MemberField::Max => Some("max"),
        MemberField::Exact => Some("exact"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_steps_of_paths() {
        assert_eq!(segment("Blended CAC").as_deref(), Some("Blended CAC"));
        assert_eq!(segment("a.b").as_deref(), Some("\"a.b\""));
        assert_eq!(segment("x[y]").as_deref(), Some("\"x[y]\""));
        assert_eq!(segment("say \"hi\""), None);
    }
}
