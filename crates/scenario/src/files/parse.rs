//! TOML and JSON to [`Tree`].

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::{CollectOptions, ParseOptions, common::Ranged, parse_to_ast};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::files::diagnostic::{Diagnostic, Issue};
use crate::files::texts::{self, Texts};
use crate::files::tree::{Entry, Node, Span, Table, Tree};

/// Most separators that a file in JSON and one in TOML may have: what is read of
/// more takes over 2 GB, some 190 bytes a separator in JSON and 350 in TOML.
const MOST_VALUES: [usize; 2] = [10_000_000, 5_500_000];

/// Most lines of a scenario: of more, however little each says, what is read of
/// them would take more than 2 GB.
const MOST_LINES: usize = 1_000_000;

/// What is wrong with the syntax, and where.
pub(crate) type Wrong = (Span, Issue);

/// Reads one file as a tree.
pub(crate) fn read_tree(path: &Path, texts: &mut Texts) -> Result<Tree, Vec<Diagnostic>> {
    let text = texts::read(texts.from(), path)?;
    let file = texts.add(text);
    let text = texts.get(file).map_or("", |t| t.text.as_str());
    parse(path, text, file).map_err(|(span, issue)| vec![texts.diagnostic(span, "", issue)])
}

/// Parses a file as what its name says it is: `.json` as JSON, else as TOML.
pub(crate) fn parse(path: &Path, text: &str, file: u32) -> Result<Tree, Wrong> {
    let json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let values = text.bytes().filter(|b| matches!(b, b',' | b'=' | b'[' | b'{')).count();
    let allowed = MOST_VALUES[usize::from(!json)];
    if values > allowed {
        let issue = Issue::TooManyValues { allowed };
        return Err((Span { file, start: 0, end: 0 }, issue));
    }
    // Before TOML is read, for that alone would take as much.
    let headers =
        || text.lines().filter(|line| line.trim_start().starts_with("[[")).take(MOST_LINES + 1).count();
    if !json && headers() > MOST_LINES {
        return Err(too_many_lines(file));
    }
    let tree = if json { parse_json(text, file) } else { parse_toml(text, file) }?;
    match tree.get("lines").map(|lines| &lines.node) {
        Some(Node::List(lines)) if lines.len() > MOST_LINES => Err(too_many_lines(file)),
        _ => Ok(tree),
    }
}

fn too_many_lines(file: u32) -> Wrong {
    (Span { file, start: 0, end: 0 }, Issue::TooManyLines { allowed: MOST_LINES })
}

/// Most keys of a table that are looked through one by one.
const FEW: usize = 16;

/// The keys of a file, each kept once: lines repeat the same few.
#[derive(Default)]
struct Keys(HashSet<Arc<str>>);

impl Keys {
    fn shared(&mut self, key: &str) -> Arc<str> {
        if let Some(known) = self.0.get(key) {
            return known.clone();
        }
        let key: Arc<str> = key.into();
        self.0.insert(key.clone());
        key
    }
}

fn span_of(file: u32, start: usize, end: usize) -> Span {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: narrow(start), end: narrow(end) }
}

fn parse_toml(text: &str, file: u32) -> Result<Tree, Wrong> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        (span_of(file, at.start, at.end), Issue::Syntax { reason: error.message().to_owned() })
    })?;
    let span = span_of(file, table.span().start, table.span().end);
    Ok(Tree { node: toml_table(table.into_inner(), file, &mut Keys::default())?, span })
}

fn toml_table(table: DeTable<'_>, file: u32, keys: &mut Keys) -> Result<Node, Wrong> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        let key_span = span_of(file, key.span().start, key.span().end);
        let key = keys.shared(key.get_ref());
        entries.push(Entry { key, key_span, value: toml_value(value, file, keys)? });
    }
    entries.sort_by_key(|e| e.key_span.start);
    Ok(Node::Table(Table { entries }))
}

fn toml_value(value: Spanned<DeValue<'_>>, file: u32, keys: &mut Keys) -> Result<Tree, Wrong> {
    let span = span_of(file, value.span().start, value.span().end);
    let not_a_number = || (span, Issue::Syntax { reason: "not a number".to_owned() });
    let node = match value.into_inner() {
        DeValue::String(text) => Node::Text(text.into_owned()),
        DeValue::Integer(integer) if integer.radix() == 10 => {
            Node::Number(integer.as_str().parse().map_err(|_| not_a_number())?)
        }
        DeValue::Integer(integer) => {
            let whole = i64::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| not_a_number())?;
            Node::Number(whole as f64)
        }
        DeValue::Float(float) => Node::Number(float.as_str().parse().map_err(|_| not_a_number())?),
        DeValue::Boolean(truth) => Node::Bool(truth),
        DeValue::Datetime(date) => Node::Text(date.to_string()),
        DeValue::Array(items) => {
            Node::List(items.into_iter().map(|item| toml_value(item, file, keys)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => toml_table(table, file, keys)?,
    };
    Ok(Tree { node, span })
}

fn parse_json(text: &str, file: u32) -> Result<Tree, Wrong> {
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let result = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let range = error.range();
        (span_of(file, range.start, range.end), Issue::Syntax { reason: error.kind().to_string() })
    })?;
    let empty = (span_of(file, 0, 0), Issue::Empty);
    json_value(result.value.ok_or(empty)?, file, &mut Keys::default())
}

fn json_value(value: ast::Value<'_>, file: u32, keys: &mut Keys) -> Result<Tree, Wrong> {
    let span = span_of(file, value.start(), value.end());
    let node = match value {
        ast::Value::NullKeyword(_) => Node::Null,
        ast::Value::BooleanLit(literal) => Node::Bool(literal.value),
        ast::Value::StringLit(literal) => Node::Text(literal.value.into_owned()),
        ast::Value::NumberLit(literal) => Node::Number(json_number(literal.value, span)?),
        ast::Value::Array(array) => {
            let items = array.elements.into_iter().map(|item| json_value(item, file, keys));
            Node::List(items.collect::<Result<_, _>>()?)
        }
        ast::Value::Object(object) => json_table(object, file, keys)?,
    };
    Ok(Tree { node, span })
}

/// A number by JSON's own grammar, which is stricter than Rust's.
fn json_number(text: &str, span: Span) -> Result<f64, Wrong> {
    serde_json::from_str::<f64>(text).map_err(|_| (span, Issue::Syntax { reason: "not a number".to_owned() }))
}

fn json_table(object: ast::Object<'_>, file: u32, keys: &mut Keys) -> Result<Node, Wrong> {
    let mut entries: Vec<Entry> = Vec::with_capacity(object.properties.len());
    let mut seen = HashSet::new();
    for property in object.properties {
        let key_span = span_of(file, property.name.start(), property.name.end());
        let key = keys.shared(property.name.as_str());
        let again = if entries.len() < FEW {
            entries.iter().any(|e| Arc::ptr_eq(&e.key, &key))
        } else {
            if seen.is_empty() {
                seen.extend(entries.iter().map(|e| e.key.clone()));
            }
            !seen.insert(key.clone())
        };
        if again {
            return Err((key_span, Issue::DuplicateKey { key: key.to_string() }));
        }
        entries.push(Entry { key, key_span, value: json_value(property.value, file, keys)? });
    }
    Ok(Node::Table(Table { entries }))
}
