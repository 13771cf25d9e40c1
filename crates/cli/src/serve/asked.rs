//! What a page asks: a file, fields set on it, and kept what-ifs. It stands in
//! the page's address.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Fields by path, with what they are set to.
pub(crate) type Set = IndexMap<String, Value>;

/// A value on one line; a state always has one.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Most what-ifs kept side by side.
pub(crate) const MOST_KEPT: usize = 8;

/// A what-if that was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) set: Set,
}

/// The state of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) file: String,
    pub(crate) set: Set,
    pub(crate) keep: Vec<Kept>,
}

impl Asked {
    /// From the pairs of an address; what cannot be read is left out.
    pub(crate) fn read(query: &str) -> Asked {
        let mut asked = Asked::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "file" => asked.file = value.into_owned(),
                "set" => asked.set = serde_json::from_str(&value).unwrap_or_default(),
                "keep" => asked.keep = serde_json::from_str(&value).unwrap_or_default(),
                _ => {}
            }
        }
        asked.keep.truncate(MOST_KEPT);
        asked
    }

    /// The address of this state.
    pub(crate) fn href(&self, path: &str, token: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("token", token).append_pair("file", &self.file);
        if !self.set.is_empty() {
            query.append_pair("set", &json(&self.set));
        }
        if !self.keep.is_empty() {
            query.append_pair("keep", &json(&self.keep));
        }
        format!("{path}?{}", query.finish())
    }

    /// The same with other fields set.
    pub(crate) fn with(&self, set: Set) -> Asked {
        Asked { set, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_from_its_address() {
        let set: Set = [("limits.A & B=c.max".to_owned(), serde_json::json!(5.5))].into_iter().collect();
        let keep = vec![Kept { name: "<b>é".to_owned(), set: set.clone() }];
        let asked = Asked { file: "a b/ü.toml".to_owned(), set, keep };
        let href = asked.href("/", "t");
        assert_eq!(Asked::read(href.split_once('?').expect("a query").1), asked);
        assert_eq!(Asked::read("file=x&set=nonsense&keep=7").file, "x");
    }
}
