//! Draws that a curve library keeps.

/// Draws per curve kept in a library; draw j of every curve belongs together.
pub(super) const DRAWS: usize = 200;

/// At most so many items, evenly spaced.
pub(super) fn thin<T>(items: &[T], most: usize) -> impl Iterator<Item = &T> {
    let kept = items.len().min(most);
    (0..kept).filter_map(move |i| items.get(i * items.len() / kept.max(1)))
}
