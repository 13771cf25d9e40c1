//! Headings compared as people write them.

use crate::currency::without_currency;

/// The words of a heading in lower case, without currencies, blanks and signs:
/// `Std. error (USD)` is `std error`, `Impr.` is `impr`, `tv_S` is `tv s`.
pub fn words(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in without_currency(name).chars() {
        let breaks = !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase());
        if breaks && !word.is_empty() {
            found.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}

/// [`words`] with single blanks between them.
pub fn plain(name: &str) -> String {
    words(name).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_compared_by_their_words() {
        assert_eq!(plain("Std. error (USD)"), "std error");
        assert_eq!(plain("7 Day Total Sales "), "7 day total sales");
        assert_eq!(plain("deltaSpend"), "delta spend");
        assert_eq!(plain("Cost / conv."), "cost conv");
        assert_eq!(plain("Coût"), "coût");
    }
}
