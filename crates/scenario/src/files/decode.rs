//! [`Tree`] to the types of `spec`, through serde, keeping places.

use std::fmt::{self, Display};

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::files::diagnostic::Issue;
use crate::files::tree::{Entry, Node, Span, Tree};
use crate::files::wanted;

/// Something wrong at a field.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) span: Span,
    pub(crate) field: String,
    pub(crate) issue: Issue,
}

/// Faults of a file after which no more are looked for.
pub(crate) const FAULTS: usize = 1000;

/// Decodes a tree that stands at `field`. After an error the offending entry
/// is left out and the rest is read for more, so that one pass reports all
/// there is.
pub(crate) fn decode<T: DeserializeOwned>(tree: &Tree, field: &str) -> Result<T, Vec<Fault>> {
    const MOST: usize = 50;
    let error = match T::deserialize(Reader { tree, tagged: false }) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut faults = vec![error.fault(tree, field)];
    let mut rest = tree.clone();
    while let Some(last) = faults.last() {
        if faults.len() >= MOST || last.span == tree.span || !rest.cut_out(last.span) {
            break;
        }
        match T::deserialize(Reader { tree: &rest, tagged: false }) {
            Ok(_) => break,
            Err(error) => {
                let fault = error.fault(&rest, field);
                // What is missing now may be what was left out.
                if matches!(fault.issue, Issue::Missing { .. }) {
                    break;
                }
                faults.push(fault);
            }
        }
    }
    Err(faults)
}

/// What a tree does not decode as, and where.
#[derive(Debug)]
pub(crate) struct DecodeError {
    /// Keys and indices, innermost first.
    path: Vec<String>,
    span: Option<Span>,
    issue: Box<Issue>,
}

impl DecodeError {
    fn new(issue: Issue) -> Self {
        DecodeError { path: Vec::new(), span: None, issue: Box::new(issue) }
    }

    /// Gives the error a place unless it has a closer one.
    fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    fn within(mut self, key: impl Into<String>) -> Self {
        self.path.push(key.into());
        self
    }

    fn fault(self, root: &Tree, field: &str) -> Fault {
        let mut path = vec![field.to_owned()];
        path.extend(self.path.into_iter().rev());
        path.retain(|p| !p.is_empty());
        Fault { span: self.span.unwrap_or(root.span), field: path.join("."), issue: *self.issue }
    }
}

impl std::error::Error for DecodeError {}

impl Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.issue.fmt(f)
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&n| n.to_owned()).collect()
}

impl de::Error for DecodeError {
    fn custom<T: Display>(message: T) -> Self {
        DecodeError::new(Issue::Syntax { reason: message.to_string() })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        DecodeError::new(wanted::wrong_type(&found, &expected.to_string()))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let found = format!("a list of {length}");
        let expected = wanted::plainly(&expected.to_string());
        DecodeError::new(Issue::WrongType { found, expected, remedy: None })
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        DecodeError::new(Issue::unknown_name("value", variant, owned(expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        DecodeError::new(Issue::unknown_field(field, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        DecodeError::new(Issue::missing(field, None))
    }

    fn duplicate_field(field: &'static str) -> Self {
        DecodeError::new(Issue::DuplicateKey { key: field.to_owned() })
    }
}

/// Reads one value; `tagged` hides the `family` of a curve.
#[derive(Clone, Copy)]
struct Reader<'a> {
    tree: &'a Tree,
    tagged: bool,
}

/// Name of the entry that says which variant a table is.
const TAG: &str = "family";

impl<'a> Reader<'a> {
    fn of(tree: &'a Tree) -> Self {
        Reader { tree, tagged: false }
    }

    fn unexpected(self) -> Unexpected<'a> {
        match &self.tree.node {
            Node::Null => Unexpected::Other("null"),
            Node::Bool(truth) => Unexpected::Bool(*truth),
            Node::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                Unexpected::Signed(*number as i64)
            }
            Node::Number(number) => Unexpected::Float(*number),
            Node::Text(text) => Unexpected::Str(text),
            Node::List(_) => Unexpected::Other("a list"),
            Node::Table(_) => Unexpected::Other("a table"),
        }
    }

    fn number<'de, V: Visitor<'de>>(self, number: f64, visitor: V) -> Result<V::Value, DecodeError> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if !number.is_finite() {
            return Err(DecodeError::new(Issue::NotFinite { value: number }));
        }
        let whole = number.fract() == 0.0 && number.abs() <= EXACT;
        if !whole || (number == 0.0 && number.is_sign_negative()) {
            visitor.visit_f64(number)
        } else if number >= 0.0 {
            visitor.visit_u64(number as u64)
        } else {
            visitor.visit_i64(number as i64)
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let span = self.tree.span;
        match &self.tree.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(truth) => visitor.visit_bool(*truth),
            Node::Number(number) => self.number(*number, visitor),
            Node::Text(text) => visitor.visit_borrowed_str(text),
            Node::List(items) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
            Node::Table(table) => {
                visitor.visit_map(Fields { entries: table.entries.iter(), value: None, tagged: self.tagged })
            }
        }
        .map_err(|e| e.at(span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.tree.node {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    /// A plain enum is its name. Three names that no type of a file has stand
    /// for choices that files make otherwise: by `family`, by being text, by
    /// being a list.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let choice = |variant| Choice { variant, span: self.tree.span, content: self };
        let chosen = match (name, &self.tree.node) {
            ("outlay::text_or", Node::Text(_)) => choice("text"),
            ("outlay::list_or", Node::List(_)) => choice("list"),
            ("outlay::text_or" | "outlay::list_or", _) => choice("other"),
            ("outlay::family", Node::Table(table)) => {
                let tag = table
                    .get(TAG)
                    .ok_or_else(|| DecodeError::new(Issue::missing(TAG, None)).at(self.tree.span))?;
                let variant = tag.as_text().ok_or_else(|| {
                    <DecodeError as de::Error>::invalid_type(
                        Reader::of(tag).unexpected(),
                        &"the name of a family",
                    )
                    .at(tag.span)
                    .within(TAG)
                })?;
                Choice { variant, span: tag.span, content: Reader { tree: self.tree, tagged: true } }
            }
            ("outlay::family", _) => {
                let expected = "a curve, like { family = \"hill\", ... }";
                let error = <DecodeError as de::Error>::invalid_type(self.unexpected(), &expected);
                return Err(error.at(self.tree.span));
            }
            (_, Node::Text(text)) => choice(text),
            _ => {
                let error = <DecodeError as de::Error>::invalid_type(self.unexpected(), &"a name");
                return Err(error.at(self.tree.span));
            }
        };
        visitor.visit_enum(chosen).map_err(|e| e.at(self.tree.span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'a> {
    items: std::slice::Iter<'a, Tree>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(tree) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        let value = seed.deserialize(Reader::of(tree));
        value.map(Some).map_err(|e| e.at(tree.span).within(index.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Fields<'a> {
    entries: std::slice::Iter<'a, Entry>,
    value: Option<&'a Entry>,
    tagged: bool,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let tagged = self.tagged;
        let Some(entry) = self.entries.find(|e| !(tagged && &*e.key == TAG)) else { return Ok(None) };
        self.value = Some(entry);
        let key = seed.deserialize(StrDeserializer::<DecodeError>::new(&entry.key));
        key.map(Some).map_err(|e| e.at(entry.key_span))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let Some(entry) = self.value.take() else { return Err(de::Error::custom("a value without a key")) };
        seed.deserialize(Reader::of(&entry.value)).map_err(|e| e.at(entry.value.span).within(&*entry.key))
    }
}

/// A variant and what it holds.
struct Choice<'a> {
    variant: &'a str,
    span: Span,
    content: Reader<'a>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), DecodeError> {
        let variant = seed.deserialize(StrDeserializer::<DecodeError>::new(self.variant));
        Ok((variant.map_err(|e| e.at(self.span))?, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.content)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.content.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.content.deserialize_any(visitor)
    }
}
