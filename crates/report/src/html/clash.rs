//! A conflict in a picture: for each member a stretch of its figure, with what
//! it allows, what the others leave possible, and the gap between the two.

use std::fmt::Write as _;

use crate::clash::Clash;
use crate::html::markup::escaped;
use crate::sentence::{capital, exact};

/// The picture; empty without clashes.
pub(crate) fn picture(clashes: &[Clash]) -> String {
    let rows: String = clashes.iter().filter_map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<p class=\"key\"><i class=\"asked\"></i> asked for <i class=\"possible\"></i> possible under the others \
         <i class=\"gap\"></i> what lies between</p><div class=\"clash\" data-chart=\"conflict\">{rows}</div>"
    )
}

fn row(clash: &Clash) -> Option<String> {
    let Clash { asked, possible, kind, .. } = *clash;
    let gap = (possible - asked).abs();
    if !(gap > 0.0 && gap.is_finite()) {
        return None;
    }
    // The gap is the middle third: what is far from it says nothing.
    let low = asked.min(possible) - gap;
    let at = |v: f64| 100.0 * (v - low) / (3.0 * gap);
    let up = possible > asked;
    let (allowed, left) = if up {
        ((0.0, at(asked)), (at(possible), 100.0))
    } else {
        ((at(asked), 100.0), (0.0, at(possible)))
    };
    let between = (at(asked.min(possible)), at(asked.max(possible)));
    let mut out = format!(
        "<div data-asked=\"{asked}\" data-possible=\"{possible}\"><b>{}{}</b><span>",
        escaped(&capital(&clash.figure)),
        if clash.owner.is_empty() {
            String::new()
        } else {
            format!(" <small>{}</small>", escaped(&clash.owner))
        },
    );
    for (class, (from, to)) in [("asked", allowed), ("gap", between), ("possible", left)] {
        let _ = write!(out, "<i class=\"{class}\" style=\"left:{from:.2}%;width:{:.2}%\"></i>", to - from);
    }
    let [asked, possible] = [asked, possible].map(|v| escaped(&exact(kind, v)));
    let [asked, possible] = match up {
        true => [format!("at most {asked}"), format!("{possible} or more")],
        false => [format!("at least {asked}"), format!("{possible} or less")],
    };
    let ends = if up {
        [("asked", asked), ("possible", possible)]
    } else {
        [("possible", possible), ("asked", asked)]
    };
    out.push_str("</span><em>");
    for (class, text) in ends {
        let _ = write!(out, "<span class=\"{class}\">{text}</span>");
    }
    Some(out + "</em></div>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Kind;

    #[test]
    fn what_is_asked_for_and_what_is_possible_do_not_touch() {
        let clash = |asked, possible| Clash {
            sentence: String::new(),
            figure: "blended CAC".to_owned(),
            owner: "finance <&>".to_owned(),
            kind: Kind::Price,
            asked,
            possible,
        };
        let drawn = picture(&[clash(44.0, 57.238), clash(20.0, 11.0), clash(5.0, 5.0)]);
        assert_eq!(drawn.matches("<div data-asked").count(), 2, "no gap is no picture: {drawn}");
        assert!(drawn.contains("at most 44</span><span class=\"possible\">57.238 or more"), "{drawn}");
        assert!(drawn.contains("11 or less</span><span class=\"asked\">at least 20"), "{drawn}");
        assert!(drawn.contains("class=\"gap\" style=\"left:33.33%;width:33.33%\""), "{drawn}");
        assert!(drawn.contains("finance &lt;&amp;&gt;"), "{drawn}");
        assert!(picture(&[]).is_empty());
    }
}
