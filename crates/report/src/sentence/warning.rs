//! What in a scenario is allowed and probably not meant.

use outlay_scenario::Warning;

use super::exact;
use crate::layout::visible;
use crate::number::Kind;

/// A warning in words, with what to write if it is right.
pub fn warning(warning: &Warning) -> String {
    match warning {
        Warning::NearTag { line, tag, value, near } => visible(&format!(
            "line \"{line}\" alone has {tag} \"{value}\"; others have \"{near}\". If it is misspelled, what is \
             limited or summed for \"{near}\" leaves this line out."
        )),
        Warning::LargeFraction { field, value } => visible(&format!(
            "{field} = {value} is {}; for {value}% write {}.",
            exact(Kind::Percent, *value),
            value / 100.0
        )),
        Warning::NeverBought { line, deal, least, most } => visible(&format!(
            "line \"{line}\" can never be on: {deal} is {}, and it may spend at most {}.",
            exact(Kind::Money, *least),
            exact(Kind::Money, *most)
        )),
    }
}

/// The same as a sentence of its own.
pub fn warned(one: &Warning) -> String {
    format!("Warning: {}", warning(one))
}
