//! Tags that lines have alike, held once: a hundred thousand lines share few.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

type Tags = IndexMap<String, String>;

/// The tags of the lines so far.
#[derive(Default)]
pub(crate) struct Alike(HashMap<Vec<(String, String)>, Arc<Tags>>);

/// Most that are remembered: where there are more, they are seldom alike.
const MOST: usize = 4096;

impl Alike {
    /// The same tags, those of an earlier line if it has them.
    pub(crate) fn share(&mut self, tags: Arc<Tags>) -> Arc<Tags> {
        let key: Vec<(String, String)> =
            tags.iter().map(|(tag, value)| (tag.clone(), value.clone())).collect();
        if let Some(known) = self.0.get(&key) {
            return Arc::clone(known);
        }
        if self.0.len() < MOST {
            self.0.insert(key, Arc::clone(&tags));
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_share_tags_that_are_alike_in_the_same_order() {
        let tags = |all: &[(&str, &str)]| {
            Arc::new(
                all.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect::<Tags>(),
            )
        };
        let mut alike = Alike::default();
        let first = alike.share(tags(&[("stage", "a"), ("owner", "b")]));
        let same = alike.share(tags(&[("stage", "a"), ("owner", "b")]));
        let turned = alike.share(tags(&[("owner", "b"), ("stage", "a")]));
        assert!(Arc::ptr_eq(&first, &same));
        assert!(!Arc::ptr_eq(&first, &turned));
        assert_eq!(turned.keys().collect::<Vec<_>>(), ["owner", "stage"]);
    }
}
