//! Lines by tag.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::files::diagnostic::Issue;
use crate::files::spec::{OneOrMany, Selection};
use crate::model::scenario::ScenarioLine;

type Lines = [Arc<ScenarioLine>];

/// The lines that a selection matches.
pub(crate) fn matching(selection: &Selection, lines: &Lines) -> Vec<usize> {
    let matches = |line: &ScenarioLine| {
        let any = |(tag, values): (&String, &OneOrMany<String>)| {
            let own = if tag == "name" { Some(&line.name) } else { line.tags.get(tag) };
            own.is_some_and(|own| values.as_slice().contains(own))
        };
        selection.iter().all(any)
    };
    (0..lines.len()).filter(|&i| matches(&lines[i])).collect()
}

/// The tags of a selection, or values of them, that no line carries.
pub(crate) fn unknown(selection: &Selection, lines: &Lines) -> Vec<(String, Issue)> {
    let mut all = Vec::new();
    for (tag, values) in selection {
        let carried: BTreeSet<&str> = if tag == "name" {
            lines.iter().map(|l| l.name.as_str()).collect()
        } else {
            lines.iter().filter_map(|l| l.tags.get(tag)).map(String::as_str).collect()
        };
        if carried.is_empty() {
            all.push((tag.clone(), Issue::unknown_name("tag", tag, tags(lines))));
            continue;
        }
        let owned: Vec<String> = carried.iter().map(|&c| c.to_owned()).collect();
        for value in values.as_slice().iter().filter(|v| !carried.contains(v.as_str())) {
            let what = if tag == "name" { "line".to_owned() } else { format!("value of tag {tag}") };
            all.push((tag.clone(), Issue::unknown_name(what, value, owned.clone())));
        }
    }
    all
}

/// Every tag that a line carries.
pub(crate) fn tags(lines: &Lines) -> Vec<String> {
    let carried: BTreeSet<&str> = lines.iter().flat_map(|l| l.tags.keys()).map(String::as_str).collect();
    carried.into_iter().chain(["name"]).map(str::to_owned).collect()
}
