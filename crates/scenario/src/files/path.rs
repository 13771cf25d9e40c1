//! Paths like `limits."a.b".max` and `lines[method=direct].rate.cpm`.

use crate::files::diagnostic::Issue;
use crate::files::tree::{Entry, Node, Span, Table, Tree};

/// A path as written and taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) text: String,
    pub(crate) segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A key or name.
    Key(String),
    /// Members by tag: all must match.
    Where(Vec<(String, String)>),
}

/// The part of a scenario a path leads into, and the way on inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) part: Part,
    pub(crate) keys: Vec<String>,
}

/// A part of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Header,
    Line(usize),
    Limit(usize),
}

impl Path {
    /// Takes a path apart.
    pub(crate) fn parse(text: &str) -> Result<Self, Issue> {
        let bad = |reason: &str| Issue::BadPath { path: text.to_owned(), reason: reason.to_owned() };
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            if let Some(inner) = rest.strip_prefix('[') {
                let (inside, after) = inner.split_once(']').ok_or_else(|| bad("has a `[` without `]`"))?;
                segments.push(Segment::Where(conditions(inside).ok_or_else(|| bad("needs `[tag=value]`"))?));
                rest = after;
            } else if let Some(inner) = rest.strip_prefix('"') {
                let (name, after) =
                    inner.split_once('"').ok_or_else(|| bad("has a `\"` without its pair"))?;
                segments.push(Segment::Key(name.to_owned()));
                rest = after;
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                if name.trim().is_empty() {
                    return Err(bad("has an empty part"));
                }
                segments.push(Segment::Key(name.trim().to_owned()));
                rest = after;
            }
            if rest.is_empty() {
                return Ok(Path { text: text.to_owned(), segments });
            }
            if let Some(after) = rest.strip_prefix('.') {
                rest = after;
            } else if !rest.starts_with('[') {
                return Err(bad("needs a `.` after a quoted name"));
            }
        }
    }

    fn bad(&self, reason: impl Into<String>) -> Issue {
        Issue::BadPath { path: self.text.clone(), reason: reason.into() }
    }
}

fn conditions(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |part: &str| {
        let (tag, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        Some((tag.trim().to_owned(), value.to_owned()))
    };
    text.split(',').map(pair).collect()
}

/// The lines and limits a path of one member names, as in `remove`.
pub(crate) fn members(
    path: &Path,
    lines: &[Tree],
    limits: &[Tree],
) -> Result<(Vec<usize>, Vec<usize>), Issue> {
    match path.segments.as_slice() {
        [Segment::Key(kind), which] if kind == "lines" => {
            Ok((select(path, which, lines, "line")?, Vec::new()))
        }
        [Segment::Key(kind), which] if kind == "limits" => {
            Ok((Vec::new(), select(path, which, limits, "limit")?))
        }
        _ => Err(path.bad("is neither `lines.NAME` nor `limits.NAME`")),
    }
}

/// Where a path leads. Several targets when it selects lines by tag.
pub(crate) fn targets(path: &Path, lines: &[Tree], limits: &[Tree]) -> Result<Vec<Target>, Issue> {
    const FIXED: [&str; 4] = ["vary", "extends", "remove", "outlay"];
    let Some((Segment::Key(first), rest)) = path.segments.split_first() else {
        return Err(path.bad("begins with a selection"));
    };
    if FIXED.contains(&first.as_str()) || first == "name" {
        return Err(path.bad("cannot be set by a what-if"));
    }
    let (members, kind): (&[Tree], _) = match first.as_str() {
        "lines" => (lines, "line"),
        "limits" => (limits, "limit"),
        _ => return Ok(vec![Target { part: Part::Header, keys: keys(path, &path.segments)? }]),
    };
    let Some((which, inside)) = rest.split_first() else {
        return Err(path.bad("names no field"));
    };
    let inside = keys(path, inside)?;
    if inside.first().is_none_or(|k| k == "name") {
        return Err(path.bad("names no field that a what-if can set"));
    }
    let part = |index| if kind == "line" { Part::Line(index) } else { Part::Limit(index) };
    let selected = select(path, which, members, kind)?;
    Ok(selected.into_iter().map(|i| Target { part: part(i), keys: inside.clone() }).collect())
}

fn keys(path: &Path, segments: &[Segment]) -> Result<Vec<String>, Issue> {
    let key = |segment: &Segment| match segment {
        Segment::Key(key) => Ok(key.clone()),
        Segment::Where(_) => Err(path.bad("may select by tag only after `lines` or `limits`")),
    };
    segments.iter().map(key).collect()
}

fn select(path: &Path, which: &Segment, members: &[Tree], kind: &str) -> Result<Vec<usize>, Issue> {
    match which {
        Segment::Key(name) => match members.iter().position(|m| m.name() == Some(name)) {
            Some(index) => Ok(vec![index]),
            None => Err(Issue::unknown_name(kind, name, names(members))),
        },
        Segment::Where(conditions) => {
            let tag = |member: &Tree, tag: &str| -> Option<String> {
                let direct = member.get(tag).and_then(Tree::as_text);
                let own = || member.get("tags").and_then(|t| t.get(tag)).and_then(Tree::as_text);
                direct.or_else(own).map(str::to_owned)
            };
            let matches = |m: &Tree| conditions.iter().all(|(t, v)| tag(m, t).as_deref() == Some(v));
            let found: Vec<usize> = (0..members.len()).filter(|&i| matches(&members[i])).collect();
            if found.is_empty() { Err(path.bad(format!("selects no {kind}"))) } else { Ok(found) }
        }
    }
}

/// Names of the members that have one.
pub(crate) fn names(members: &[Tree]) -> Vec<String> {
    members.iter().filter_map(Tree::name).map(str::to_owned).collect()
}

/// The value at the end of `keys`, if it is there.
pub(crate) fn find<'a>(tree: &'a Tree, keys: &[String]) -> Option<&'a Tree> {
    keys.iter().try_fold(tree, |tree, key| match &tree.node {
        Node::List(items) => items.iter().find(|item| item.name() == Some(key)),
        _ => tree.get(key),
    })
}

/// Sets the value at the end of `keys`; tables on the way are made.
pub(crate) fn set(tree: &mut Tree, keys: &[String], value: Tree) -> Result<(), Span> {
    let Some((key, rest)) = keys.split_first() else {
        *tree = value;
        return Ok(());
    };
    let span = tree.span;
    if let Node::List(items) = &mut tree.node {
        // Audiences and pools go by their names.
        let named = items.iter_mut().find(|item| item.name() == Some(key));
        return named.map_or(Err(span), |item| set(item, rest, value));
    }
    let table = tree.as_table_mut().ok_or(span)?;
    if table.get(key).is_none() {
        let node = Node::Table(Table::default());
        let empty = Tree { node, span: value.span };
        table.entries.push(Entry { key: key.as_str().into(), key_span: value.span, value: empty });
    }
    match table.get_mut(key) {
        Some(inner) => set(inner, rest, value),
        None => Err(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Segment {
        Segment::Key(text.to_owned())
    }

    #[test]
    fn takes_paths_apart() {
        let parse = |text: &str| Path::parse(text).map(|p| p.segments);
        assert_eq!(parse("budget.max"), Ok(vec![key("budget"), key("max")]));
        assert_eq!(parse("limits.\"a.b\".max"), Ok(vec![key("limits"), key("a.b"), key("max")]));
        let line = vec![key("lines"), key("Meta prospecting"), key("spend"), key("max")];
        assert_eq!(parse("lines.Meta prospecting.spend.max"), Ok(line));
        let direct = Segment::Where(vec![("method".to_owned(), "direct".to_owned())]);
        assert_eq!(
            parse("lines[method=direct].rate.cpm"),
            Ok(vec![key("lines"), direct, key("rate"), key("cpm")])
        );
        for bad in ["", ".", "a..b", "a.", "lines[x", "lines[x]", "\"a\"b", "\"a"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
