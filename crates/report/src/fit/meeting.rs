//! What a fit says of how channels meet.

use outlay_scenario::library::{FittedMeeting, LibraryFile};

use crate::layout::{visible, wrap};
use crate::number::{Kind, short};
use crate::table::Page;

/// Odds from which something is said to be told, as in the fit.
const CLEAR: f64 = outlay_curves::fit::MeetingFit::CLEAR;

/// Adds what a library's meeting is, and what to paste into a scenario.
pub(super) fn told(text: &mut String, library: &LibraryFile, page: Page) {
    let Some(meeting) = &library.meeting else { return };
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    for sentence in sentences(meeting) {
        wrap(&sentence, page.width, 0).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
    }
    text.push_str("\nTo plan with it, beside the library in `curves`:\n\n");
    block(meeting).iter().for_each(|line| text.extend(["    ", line.as_str(), "\n"]));
    text.push('\n');
}

fn percent(value: f64) -> String {
    short(Kind::Percent, Some(value))
}

fn sentences(meeting: &FittedMeeting) -> Vec<String> {
    let name = |all: &[String]| all.iter().map(|n| visible(n)).collect::<Vec<_>>().join(" and ");
    let pool = !meeting.harvests.is_empty();
    let (makes, harvests) = (name(&meeting.makes), name(&meeting.harvests));
    let (level, odds) = (percent(meeting.level), meeting.odds.unwrap_or(f64::INFINITY));
    let many = |odds: f64| if odds > 1e4 { "more than 10000".to_owned() } else { format!("{odds:.1}") };
    let what = if pool { "pool" } else { "overlap" };
    let verdict = if odds >= CLEAR {
        format!(
            "The history and its tests tell this {what} apart from none: they are {} times as probable with it.",
            many(odds)
        )
    } else if odds <= 1.0 / CLEAR {
        format!(
            "The history and its tests speak against this {what}: they are {} times as probable without it.",
            many(1.0 / odds.max(1e-300))
        )
    } else {
        format!(
            "The history and its tests do not tell this {what} apart from none (odds {odds:.2} to 1): what is said of it is mostly what was believed before."
        )
    };
    let interval = format!("{} to {}, {level} interval", percent(meeting.low), percent(meeting.high));
    let mut all = vec![if pool {
        format!(
            "Demand: of what {makes} {}, {} runs through {harvests} ({interval}, even chances before of a pool or none).",
            verb(&meeting.makes, "earn"),
            percent(meeting.share)
        )
    } else {
        format!(
            "Overlap of {}: together they lose {} of what they would earn one by one at today's spend ({interval}, even chances before of an overlap or none).",
            name(&meeting.lines),
            percent(meeting.share)
        )
    }];
    if let Some([low, middle, high]) = meeting.harvested {
        let gained =
            if meeting.makes.len() == 1 { "it sells and what its" } else { "they sell and what their" };
        all.push(format!(
            "Of what {harvests} {}, {makes} made {} ({} to {}). A lift test of {makes} measures what {gained} harvesters gain.",
            verb(&meeting.harvests, "harvest"),
            percent(middle),
            percent(low),
            percent(high)
        ));
    }
    all.push(verdict);
    match meeting.given {
        Some([low, high]) => all.push(format!(
            "If they meet at all: {} to {}; {} of what is known of that is the data's, the rest was believed before.",
            percent(low),
            percent(high),
            percent(meeting.rests_on_data)
        )),
        None => all.push("Too little of the probability is left for them to meet to say by how much.".to_owned()),
    }
    if let (Some(with), Some(without)) = (meeting.hold_out_error, meeting.hold_out_error_without) {
        let error = |value: f64| format!("{:.2}%", 100.0 * value);
        all.push(format!(
            "Error on the last periods, unseen: {} with it, {} without.",
            error(with),
            error(without)
        ));
    }
    all
}

/// A verb for one channel or for several.
fn verb(channels: &[String], verb: &str) -> String {
    format!("{verb}{}", if channels.len() == 1 { "s" } else { "" })
}

/// The block to paste into a scenario.
fn block(meeting: &FittedMeeting) -> Vec<String> {
    let text = |name: &str| serde_json::Value::from(visible(name)).to_string();
    let names = |all: &[String]| format!("[{}]", all.iter().map(|n| text(n)).collect::<Vec<_>>().join(", "));
    let name = format!("name = {}", text(&meeting.name));
    let fitted = format!("fitted = {}", text(&meeting.name));
    if meeting.harvests.is_empty() {
        return vec!["[[audiences]]".into(), name, format!("lines = {}", names(&meeting.lines)), fitted];
    }
    let lines = |all: &[String]| format!("{{ name = {} }}", names(all));
    vec![
        "[[demand]]".into(),
        name,
        format!("makes = {}", lines(&meeting.makes)),
        format!("harvests = {}", lines(&meeting.harvests)),
        fitted,
    ]
}
