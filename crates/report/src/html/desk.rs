//! The page that answers: controls on one side, the plan they lead to on the
//! other. Each part is drawn by itself too, to be put in the place of the old.

mod beside;
mod change;
mod control;
mod course;

use askama::Template;
use serde::Serialize;

use crate::html::article::Article;
use crate::html::markup::{Part, escaped};
use crate::html::room::Room;
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::View;

pub use beside::beside;
pub use change::change;
pub use control::{Control, Place};
pub use course::course;

/// What the page runs.
pub const SCRIPT: &str = include_str!("../../templates/desk.js");
/// How the page looks.
pub const STYLE: &str =
    concat!(include_str!("../../templates/report.css"), "\n", include_str!("../../templates/desk.css"));

/// A link that does something to the scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Step {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// The fields it sets, as JSON.
    pub change: String,
}

/// The page as a whole.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// The scenario's name.
    pub title: String,
    /// The file shown; empty if none.
    pub file: String,
    /// Scenario files to choose from, with what leads to each.
    pub files: Vec<(String, String)>,
    /// The state for the script, as JSON.
    pub state: String,
    /// What can be changed.
    pub controls: Vec<Control>,
    /// The plan, drawn.
    pub plan: Drawn,
    /// Kept what-ifs side by side, drawn.
    pub beside: String,
    /// The frontier, drawn; empty until asked for.
    pub course: String,
    /// Fields whose frontier can be traced: path, name, whether it is shown.
    pub courses: Vec<(String, String, bool)>,
    /// Where the scenario, the workbook and the page can be had.
    pub scenario: String,
    /// As `scenario`.
    pub workbook: String,
    /// As `scenario`.
    pub report: String,
    /// The scenario as its file has it.
    pub fresh: String,
    /// What was decided when a file was read.
    pub notes: Vec<String>,
    /// What is wrong with a file.
    pub wrong: Vec<String>,
}

impl Desk {
    /// The page.
    ///
    /// # Errors
    /// Only if text cannot be written to memory.
    pub fn render(&self) -> Result<String, askama::Error> {
        let of = |place: &Place| -> String {
            self.controls.iter().filter(|c| c.place == *place).map(Control::render).collect()
        };
        let counted = |place: &Place| self.controls.iter().filter(|c| c.place == *place).count();
        Page {
            desk: self,
            main: of(&Place::Budget) + &of(&Place::Limit),
            prices: of(&Place::Price),
            price_count: counted(&Place::Price),
            lines: control::lines(&self.controls),
            line_count: counted(&Place::Least),
            version: env!("CARGO_PKG_VERSION"),
        }
        .render()
    }
}

#[derive(Template)]
#[template(path = "desk.html")]
struct Page<'a> {
    desk: &'a Desk,
    main: String,
    prices: String,
    price_count: usize,
    lines: String,
    line_count: usize,
    version: &'static str,
}

/// One plan, in two halves: what is seen first, and the details.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// Headline, figures, what changed, where the money goes; or the conflict
    /// and its repairs.
    pub first: String,
    /// Everything else, the proof last.
    pub rest: String,
}

/// Parts that are seen first.
const FIRST: [&str; 7] = ["warnings", "figures", "allocation", "conflict", "why", "repairs", "cheapest"];

/// Draws a plan; `changes` is what changed against the one before, `steps` the
/// repairs of a scenario without a plan.
pub fn article(sheet: &Sheet, changes: &str, steps: &[Step]) -> Drawn {
    let article = Article::new(0, sheet, &Room::for_scenarios(1));
    let status = article.status;
    let mut first = format!(
        "<p class=\"headline\" data-status=\"{status}\">{} <span class=\"status {status}\">{}</span></p><p class=\"about\">{}</p>",
        escaped(&article.headline),
        article.said,
        escaped(&article.about),
    );
    for text in [&article.why, &article.judged].into_iter().filter(|t| !t.is_empty()) {
        first.push_str(&format!("<p class=\"why\">{}</p>", escaped(text)));
    }
    let mut rest = String::new();
    let section = |part: &Part| {
        let heading = if part.heading.is_empty() {
            String::new()
        } else {
            format!("<h3>{}</h3>", escaped(&part.heading))
        };
        format!("<section class=\"part\" data-part=\"{}\">{heading}{}</section>", part.key, part.body)
    };
    let mut changes = Some(changes).filter(|c| !c.is_empty());
    for part in &article.parts {
        let repairs = part.key == "repairs" || part.key == "cheapest";
        if repairs && !steps.is_empty() {
            continue;
        }
        let half = if FIRST.contains(&part.key) { &mut first } else { &mut rest };
        half.push_str(&section(part));
        if part.key == "conflict" && !steps.is_empty() {
            first.push_str(&buttons(steps));
        }
        if part.key == "figures" || part.key == "conflict" {
            first.push_str(&changes.take().map_or_else(String::new, changed));
        }
    }
    first.push_str(&changes.take().map_or_else(String::new, changed));
    rest.push_str(&format!("<p class=\"proof\"><b>{}</b></p>", escaped(&article.certificate)));
    if !article.search.is_empty() {
        rest.push_str(&format!(
            "<details class=\"how\"><summary>Figures of the proof</summary><p>{}</p></details>",
            escaped(&article.search)
        ));
    }
    Drawn { first, rest }
}

fn changed(changes: &str) -> String {
    format!("<section class=\"part\" data-part=\"changes\">{changes}</section>")
}

fn buttons(steps: &[Step]) -> String {
    let button = |step: &Step| {
        format!(
            "<li><a class=\"button\" href=\"{}\" data-change=\"{}\">{}</a></li>",
            escaped(&step.href),
            escaped(&step.change),
            escaped(&sentence::capital(&step.text))
        )
    };
    let all: String = steps.iter().map(button).collect();
    format!(
        "<section class=\"part\" data-part=\"repairs\"><h3>Any one of these resolves it</h3><ul class=\"repairs\">{all}</ul></section>"
    )
}

/// The plan in one line, for a title and for those who listen.
pub fn spoken(view: &View) -> String {
    sentence::headline(view)
}
