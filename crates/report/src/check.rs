//! What `check` shows: whether all limits can hold, what contradicts what, and
//! how far they let a plan go.

mod closest;
mod judged;
mod words;

use outlay_scenario::check::{CheckFile, Extreme, Extremes, Room};
use outlay_scenario::judged::JudgedFile;
use outlay_scenario::result::Repair as RepairFile;
use outlay_scenario::{Member as MemberFile, Scenario};

pub use judged::{judgement, judgement_markdown};

use crate::blocks::{self, Block, Entry, Rows};
use crate::document::Document;
use crate::html::clash;
use crate::layout::{Align, fit};
use crate::metric::Key;
use crate::number::{Kind, short};
use crate::sentence;
use crate::sheet::Sheet;
use crate::table::Page;
use crate::view::{Repair, member_of, repair_of};

/// One scenario in full, for a terminal.
pub fn table(file: &CheckFile, scenario: &Scenario, page: Page) -> String {
    blocks::text(&all(file, scenario), page)
}

/// One scenario in full, for chat and pull requests.
pub fn markdown(file: &CheckFile, scenario: &Scenario) -> String {
    blocks::markdown(&all(file, scenario))
}

/// The report for a page or a workbook; where the limits contradict each other
/// with the plan that comes closest to them, if one is known.
pub fn document(file: &CheckFile, scenario: &Scenario, closest: Option<Sheet>) -> Document {
    let (code, text) = match file.feasible {
        Some(true) => ("optimal", "can hold"),
        Some(false) => ("infeasible", "cannot hold"),
        None => ("undetermined", "undecided"),
    };
    let mut blocks = all(file, scenario);
    if let Some(sheet) = &closest {
        let found = closest::blocks(file, scenario, sheet);
        let at = blocks.iter().position(|b| matches!(b, Block::Heading(h) if h.starts_with(EXTREMES)));
        let at = at.unwrap_or(blocks.len());
        blocks.splice(at..at, found);
    }
    Document::new("Check", blocks).called(code, text).with(closest)
}

/// A hand-made plan, judged, for a page or a workbook.
pub fn judged(file: &JudgedFile, scenario: &Scenario) -> Document {
    let (code, text) =
        if file.legal { ("optimal", "keeps every rule") } else { ("infeasible", "breaks rules") };
    Document::new("Plan judged", judged::all(file, scenario)).called(code, text)
}

/// A repair with its numbers as they are shown: rounded so that they still
/// suffice.
pub fn rounded(repair: &RepairFile, scenario: &Scenario) -> RepairFile {
    let shown = repair_of(repair, Some(scenario));
    RepairFile { to: sentence::enough(&shown), ..repair.clone() }
}

/// Title and column heads of what-ifs.
pub fn heading(name: &str, page: Page) -> String {
    let title = blocks::text(&[Block::Title(name.to_owned(), String::new())], page);
    format!("{title}\n{}", line("what if", "can hold", "conflict or room", page))
}

/// One what-if.
pub fn row(file: &CheckFile, scenario: &Scenario, page: Page) -> String {
    let set = file.source.iter().flat_map(|s| &s.set);
    let set = set.map(|(path, value)| words::setting(path, value, scenario));
    let set: Vec<String> = set.collect();
    let name = if set.is_empty() { file.scenario.clone() } else { set.join(", ") };
    let answer = match file.feasible {
        Some(true) => "yes",
        Some(false) => "no",
        None => "undecided",
    };
    line(&name, answer, &words::in_short(file, scenario), page)
}

fn line(name: &str, answer: &str, rest: &str, page: Page) -> String {
    const NAME: usize = 29;
    let room = page.width.max(80).saturating_sub(NAME + 15);
    let text = format!("  {:<NAME$} {answer:<9}  {}", fit(name, NAME), fit(rest, room));
    format!("{}\n", text.trim_end())
}

const EXTREMES: &str = "Extremes, each under all other limits";

fn all(file: &CheckFile, scenario: &Scenario) -> Vec<Block> {
    let mut out = vec![
        Block::Title(file.scenario.clone(), words::about(file, scenario)),
        Block::Paragraph(words::headline(file)),
    ];
    out.extend(file.warnings.iter().map(sentence::warned).map(Block::Paragraph));
    conflict(&mut out, file, scenario);
    menu(&mut out, file, scenario);
    if !file.room.is_empty() {
        out.push(Block::Heading("How far each limit could go, with all others as they are".to_owned()));
        out.push(room(&file.room));
    }
    out.push(Block::Heading(EXTREMES.to_owned()));
    out.push(extremes(file, scenario));
    out.extend(selections(file, scenario));
    out.extend(words::notes(file).map(Block::Paragraph));
    out.push(Block::Proof(words::proof(file)));
    out
}

fn conflict(out: &mut Vec<Block>, file: &CheckFile, scenario: &Scenario) {
    if file.conflict.is_empty() {
        return;
    }
    let currency = file.currency.as_deref().unwrap_or_default();
    let say = |m: &MemberFile| {
        let doubt = if file.undetermined.contains(m) { words::DOUBT } else { "" };
        sentence::demand(currency, &member_of(m, Some(scenario))) + doubt
    };
    out.push(Block::Heading("These cannot hold together".to_owned()));
    out.push(Block::Bullets(file.conflict.iter().map(say).collect()));
    let clashes = sentence::clashes(currency, &file.conflict, &file.reasons, scenario);
    if !clashes.is_empty() {
        out.push(Block::Heading("Why".to_owned()));
        out.push(Block::Picture(clash::picture(&clashes)));
        out.push(Block::Bullets(clashes.into_iter().map(|c| c.sentence).collect()));
    }
}

/// Every repair with the number it is applied by.
fn menu(out: &mut Vec<Block>, file: &CheckFile, scenario: &Scenario) {
    let menu = file.menu();
    let said: Vec<(usize, Vec<String>)> = menu
        .iter()
        .enumerate()
        .map(|(k, changes)| {
            let views: Vec<Repair> = changes.iter().map(|r| repair_of(r, Some(scenario))).collect();
            (k + 1, views.iter().map(words::change).collect())
        })
        .collect();
    let (singles, more) = said.split_at(file.repairs.len().min(said.len()));
    if !singles.is_empty() {
        let heading = if singles.len() == 1 { "This resolves it" } else { "Any ONE of these resolves it" };
        out.push(Block::Heading(heading.to_owned()));
        out.push(Block::Numbered(singles.to_vec()));
    }
    for entry in more {
        out.push(Block::Heading(words::several(file, entry.0, entry.1.len()).to_owned()));
        out.push(Block::Numbered(vec![entry.clone()]));
    }
}

fn room(rooms: &[Room]) -> Block {
    let mut rows = Rows::new(&[Align::Left, Align::Left, Align::Right, Align::Left]);
    rows.row(["limit", "owner", "allowed", "could be"]);
    for room in rooms {
        let kind = room.metric.as_ref().map_or(Kind::Money, |m| Key::from(m).kind());
        let name = if room.name == "budget" { "Budget" } else { &room.name };
        let owner = room.owner.clone().unwrap_or_default();
        let allowed = words::allowed(kind, room.min, room.max);
        rows.row([name.to_owned(), owner, allowed, words::could_be(kind, room)]);
    }
    Block::Table(rows)
}

/// An extreme: what it is called, in short too, and how it is written.
type Figure = (&'static str, &'static str, fn(&Extremes) -> &Extreme, Kind);

const FIGURES: [Figure; 4] = [
    ("lowest CAC", "CAC from", |e| &e.cac_min, Kind::Price),
    ("highest revenue", "revenue to", |e| &e.revenue_max, Kind::Money),
    ("most new customers", "customers to", |e| &e.customers_max, Kind::Count),
    ("least spend", "spend from", |e| &e.budget_min, Kind::Money),
];

fn extremes(file: &CheckFile, scenario: &Scenario) -> Block {
    let mut rows = Rows::new(&[Align::Left, Align::Right, Align::Right]);
    rows.row(["", "figure", "at spend"]);
    for (label, _, of, kind) in FIGURES {
        let extreme = of(&file.extremes);
        let spend = extreme.plan.as_ref().map(|plan| {
            plan.iter().zip(&scenario.lines).map(|(l, line)| l.spend * (1.0 + line.fee)).sum::<f64>()
        });
        let value = extreme.value.filter(|_| extreme.reason.is_none());
        let figures = [Entry::figure(kind, value), Entry::figure(Kind::Money, spend)];
        rows.row([Entry::from(sentence::capital(label))].into_iter().chain(figures));
    }
    Block::Table(rows)
}

fn selections(file: &CheckFile, scenario: &Scenario) -> Vec<Block> {
    if file.by_selection.is_empty() {
        return Vec::new();
    }
    let mut rows = Rows::new(&[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right]);
    rows.row(["lines"].into_iter().chain(FIGURES.iter().map(|(_, short, ..)| *short)));
    let some = |e: &Extremes| FIGURES.iter().any(|(_, _, of, _)| of(e).value.is_some());
    for selection in file.by_selection.iter().filter(|s| some(&s.extremes)) {
        let figures = FIGURES.iter().map(|(_, _, of, kind)| {
            let extreme = of(&selection.extremes);
            let entry = Entry::figure(*kind, extreme.value);
            // A cost says little without the spend it holds at.
            let plan = extreme.plan.iter().flatten().filter(|l| selection.lines.contains(&l.name));
            let spend: f64 = plan.map(|l| l.spend * words::spent_on(scenario, &l.name)).sum();
            match (*kind, extreme.value) {
                (Kind::Price, Some(_)) if spend > 0.0 => {
                    Entry { text: format!("{} at {}", entry.text, short(Kind::Money, Some(spend))), ..entry }
                }
                _ => entry,
            }
        });
        rows.row([Entry::from(selection.selection.clone())].into_iter().chain(figures));
    }
    if rows.rows.len() < 2 {
        return Vec::new();
    }
    let heading = Block::Heading("The same for the lines that limits select".to_owned());
    let mut blocks = vec![heading, Block::Table(rows)];
    if file.selections_left_out > 0 {
        blocks.push(Block::Paragraph(words::left_out(file.selections_left_out)));
    }
    blocks
}
