//! One value where a list could stand.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// One value, or a list of them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// A list.
    Many(Vec<T>),
    /// One value.
    One(T),
}

/// The reader chooses the variant by whether the value is a list.
#[derive(Deserialize)]
#[serde(rename = "outlay::list_or")]
enum ListOr<T> {
    #[serde(rename = "list")]
    List(Vec<T>),
    #[serde(rename = "other")]
    Other(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match ListOr::deserialize(deserializer)? {
            ListOr::List(values) => OneOrMany::Many(values),
            ListOr::Other(value) => OneOrMany::One(value),
        })
    }
}

impl<T> OneOrMany<T> {
    /// The values.
    pub fn as_slice(&self) -> &[T] {
        match self {
            OneOrMany::Many(values) => values,
            OneOrMany::One(value) => std::slice::from_ref(value),
        }
    }
}
