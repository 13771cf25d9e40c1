//! What `check` shows: whether all limits can hold, what contradicts what, and
//! how far they let a plan go.

mod judged;
mod words;

use outlay_scenario::check::{CheckFile, Extreme, Extremes, Room};
use outlay_scenario::result::Repair as RepairFile;
use outlay_scenario::{Member as MemberFile, Scenario};

pub use judged::{judgement, judgement_markdown};

use crate::blocks::{self, Block};
use crate::layout::{Align, fit};
use crate::number::{ABSENT, Kind, short};
use crate::table::Page;
use crate::view::{Repair, member_of, repair_of};
use crate::{metric, sentence};

/// One scenario in full, for a terminal.
pub fn table(file: &CheckFile, scenario: &Scenario, page: Page) -> String {
    blocks::text(&all(file, scenario), page)
}

/// One scenario in full, for chat and pull requests.
pub fn markdown(file: &CheckFile, scenario: &Scenario) -> String {
    blocks::markdown(&all(file, scenario))
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
    let set = file.source.iter().flat_map(|s| &s.set).map(|(path, value)| {
        format!("{}={value}", path.trim_start_matches("limits.").trim_start_matches("lines."))
    });
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
    const NAME: usize = 34;
    let room = page.width.max(80).saturating_sub(NAME + 15);
    let text = format!("  {:<NAME$} {answer:<9}  {}", fit(name, NAME), fit(rest, room));
    format!("{}\n", text.trim_end())
}

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
    out.push(Block::Heading("Extremes, each under all other limits".to_owned()));
    out.push(extremes(file, scenario));
    out.extend(selections(file));
    out.extend(words::notes(file).map(Block::Paragraph));
    out.push(Block::Paragraph(words::proof(file)));
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
    let why = words::why(file, scenario);
    if !why.is_empty() {
        out.push(Block::Heading("Why".to_owned()));
        out.push(Block::Bullets(why));
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
    let mut rows = vec![["limit", "owner", "allowed", "could be"].map(String::from).to_vec()];
    for room in rooms {
        let kind = room.metric.as_ref().map_or(Kind::Money, |m| metric::kind(&m.name()));
        let name = if room.name == "budget" { "Budget" } else { &room.name };
        let owner = room.owner.clone().unwrap_or_default();
        let allowed = words::allowed(kind, room.min, room.max);
        rows.push(vec![name.to_owned(), owner, allowed, words::could_be(kind, room)]);
    }
    Block::Table(vec![Align::Left, Align::Left, Align::Right, Align::Left], rows)
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
    let mut rows = vec![["", "figure", "at spend"].map(String::from).to_vec()];
    for (label, _, of, kind) in FIGURES {
        let extreme = of(&file.extremes);
        let spend = extreme.plan.as_ref().map(|plan| {
            plan.iter().zip(&scenario.lines).map(|(l, line)| l.spend * (1.0 + line.fee)).sum::<f64>()
        });
        let figure = match extreme.reason {
            None => short(kind, extreme.value),
            Some(_) => ABSENT.to_owned(),
        };
        let spend = short(Kind::Money, spend);
        rows.push(vec![sentence::capital(label), figure, spend]);
    }
    Block::Table(vec![Align::Left, Align::Right, Align::Right], rows)
}

fn selections(file: &CheckFile) -> Vec<Block> {
    if file.by_selection.is_empty() {
        return Vec::new();
    }
    let mut heads = vec!["lines".to_owned()];
    heads.extend(FIGURES.iter().map(|(_, short, ..)| (*short).to_owned()));
    let mut rows = vec![heads];
    let some = |e: &Extremes| FIGURES.iter().any(|(_, _, of, _)| of(e).value.is_some());
    for selection in file.by_selection.iter().filter(|s| some(&s.extremes)) {
        let mut cells = vec![selection.selection.clone()];
        cells.extend(FIGURES.iter().map(|(_, _, of, kind)| short(*kind, of(&selection.extremes).value)));
        rows.push(cells);
    }
    if rows.len() < 2 {
        return Vec::new();
    }
    let columns = vec![Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    let heading = Block::Heading("The same for the lines that limits select".to_owned());
    let mut blocks = vec![heading, Block::Table(columns, rows)];
    if file.selections_left_out > 0 {
        blocks.push(Block::Paragraph(words::left_out(file.selections_left_out)));
    }
    blocks
}
