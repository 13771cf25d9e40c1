//! Tags that lines and their results share, written as their own.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

type Tags = IndexMap<String, String>;

pub(super) fn is_empty(tags: &Arc<Tags>) -> bool {
    tags.is_empty()
}

pub(super) fn serialize<S: Serializer>(tags: &Arc<Tags>, to: S) -> Result<S::Ok, S::Error> {
    tags.as_ref().serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Tags>, D::Error> {
    Tags::deserialize(from).map(Arc::new)
}
