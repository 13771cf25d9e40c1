//! One scenario: its parts in reading order. A part is a file of its own.

use crate::html::markup::{Part, id, list, note};
use crate::html::room::Room;
use crate::html::{allocation, clash, curves, flights, groups, limits, lines, meeting, tiles, waterfall};
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::View;

/// What the page shows of one scenario.
#[derive(Default)]
pub(super) struct Article {
    pub(super) id: String,
    pub(super) name: String,
    /// The status for programs; empty if there is none.
    pub(super) status: &'static str,
    /// The status in words.
    pub(super) said: String,
    pub(super) about: String,
    pub(super) headline: String,
    pub(super) why: String,
    pub(super) judged: String,
    pub(super) parts: Vec<Part>,
    pub(super) certificate: String,
    pub(super) search: String,
    pub(super) verify: String,
}

impl Article {
    pub(super) fn new(index: usize, sheet: &Sheet, room: &Room) -> Self {
        let view = &sheet.view;
        let mut about = vec![view.currency.clone(), view.period.clone(), sentence::aims(view)];
        about.extend(sentence::settings(view));
        about.retain(|part| !part.is_empty());
        Article {
            id: id(index),
            name: crate::layout::visible(&sentence::title(view)),
            status: view.status(),
            said: sentence::status(&view.ending).to_owned(),
            about: about.join(" · "),
            headline: sentence::headline(view),
            why: sentence::why(view),
            judged: sentence::judged(view),
            parts: parts(sheet, room),
            certificate: sentence::plain_certificate(view),
            search: sentence::search(view),
            verify: sentence::how_to_verify(view),
        }
    }
}

/// The parts that have something to show.
fn parts(sheet: &Sheet, room: &Room) -> Vec<Part> {
    let view = &sheet.view;
    let parts = if view.has_plan() {
        vec![
            tiles::part(view),
            allocation::part(view, room),
            groups::part(view, room),
            lines::part(view, room),
            flights::part(view),
            meeting::part(view),
            waterfall::part(view, room),
            curves::part(sheet, room),
            limits::part(view, room),
        ]
    } else {
        vec![conflict(sheet), why(sheet), repairs(sheet), cheapest(sheet), limits::part(view, room)]
    };
    warnings(view).into_iter().chain(parts.into_iter().flatten()).collect()
}

fn warnings(view: &View) -> Option<Part> {
    let warnings: Vec<String> = view.warnings.iter().map(sentence::warning).collect();
    let body = if warnings.is_empty() { String::new() } else { list(&warnings) };
    Part::new("warnings", "To be looked at first", body)
}

fn conflict(sheet: &Sheet) -> Option<Part> {
    let members: Vec<String> = sheet.view.conflict.iter().map(|m| sentence::member(&sheet.view, m)).collect();
    let body = if members.is_empty() { String::new() } else { list(&members) };
    Part::new("conflict", "These cannot hold together", body)
}

/// The conflict in numbers and in a picture.
fn why(sheet: &Sheet) -> Option<Part> {
    let said: Vec<String> = sheet.clashes.iter().map(|c| c.sentence.clone()).collect();
    let body = if said.is_empty() { String::new() } else { clash::picture(&sheet.clashes) + &list(&said) };
    Part::new("why", "Why", body)
}

fn repairs(sheet: &Sheet) -> Option<Part> {
    let repairs: Vec<String> = sheet.view.repairs.iter().map(sentence::change_by).collect();
    let body = if repairs.is_empty() { String::new() } else { list(&repairs) };
    Part::new("repairs", "Any one of these resolves it", body)
}

fn cheapest(sheet: &Sheet) -> Option<Part> {
    let view = &sheet.view;
    if view.cheapest_repair.is_empty() || (view.cheapest_repair.len() == 1 && !view.repairs.is_empty()) {
        return None;
    }
    let repairs: Vec<String> = view.cheapest_repair.iter().map(sentence::change_by).collect();
    let hint = note("A change is counted relative to the number it changes, times its weight.");
    Part::new("cheapest", "The smallest changes that together resolve it", list(&repairs) + &hint)
}
