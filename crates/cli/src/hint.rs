//! What comes next: after a command for one scenario, the command that most
//! people want then, on standard error.

use std::path::Path;

use outlay::scenario::Scenario;

use crate::arguments::{Ask, Format, Run};
use crate::exit::Exit;
use crate::terminal;

/// A command as it would be typed.
fn typed(words: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = |c: char| c.is_alphanumeric() || "-_./=:,%+".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn say(what: &str, words: &[String]) {
    terminal::say(format_args!("next: {what}: outlay {}", typed(words)));
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|w| (*w).to_owned()).collect()
}

/// What of a scenario says which command comes next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// Some curves come with draws, so that a test could teach something.
    drawn: bool,
    by_period: bool,
    /// The side of the budget that a what-if would move.
    budget: Option<&'static str>,
}

impl Known {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let budget = scenario.budget.as_ref();
        let sides = [("max", budget.and_then(|b| b.max)), ("exact", budget.and_then(|b| b.exact))];
        Known {
            drawn: scenario.lines.iter().any(|l| l.draws.fitted()),
            by_period: scenario.calendar.is_some(),
            budget: sides.iter().find(|(_, number)| number.is_some()).map(|(side, _)| *side),
        }
    }
}

/// After `outlay run` of one scenario without what-ifs.
pub(crate) fn after_run(arguments: &Run, path: &Path, known: Known, exit: Exit) {
    if arguments.format != Format::Table {
        return;
    }
    let path = path.display().to_string();
    match exit {
        Exit::Refuted => say("why, and what would resolve it", &words(&["check", &path])),
        Exit::Solved => planned(arguments, &path, known),
        Exit::WrongInput | Exit::Unproven => {}
    }
}

fn planned(arguments: &Run, path: &str, known: Known) {
    let changes = asked(&arguments.ask);
    if let Some(page) = &arguments.html {
        let shown = page.display();
        let (what, words) = match known.drawn && !known.by_period {
            true => ("which test would improve the plan most", words(&["next", path])),
            false => ("change numbers and see what follows", words(&["serve", path])),
        };
        return say(&format!("open {shown} in a browser; {what}"), &words);
    }
    if !changes.is_empty() {
        let mut all = words(&["run", path]);
        all.extend(changes);
        all.extend(words(&["--html", "plan.html"]));
        return say("a page for others", &all);
    }
    if arguments.xlsx.is_none() && arguments.out.is_none() && arguments.buy.is_none() {
        if let Some(side) = known.budget {
            let setting = format!("budget.{side}=-10%");
            return say("a what-if", &words(&["run", path, "--set", &setting]));
        }
        say("a page for others", &words(&["run", path, "--html", "plan.html"]));
    }
}

/// What was asked besides the file, as it was typed.
fn asked(ask: &Ask) -> Vec<String> {
    let goal = ask.goal.iter().flat_map(|goal| {
        let fields = goal.as_object().into_iter().flatten();
        let words: Vec<String> = fields.map(|(verb, what)| format!("{verb} {}", text(what))).collect();
        ["--goal".to_owned(), words.join(" ")]
    });
    let limit = |path: &String| path.trim_start_matches("limits.").trim_matches('"').to_owned();
    let limits = ask.limits.iter().flat_map(|(path, _)| ["--limit".to_owned(), limit(path)]);
    let set = ask.set.iter().flat_map(|(path, value)| {
        let value = match value.get("scale").and_then(serde_json::Value::as_f64) {
            Some(scale) => format!("{:+}%", ((scale - 1.0) * 1e6).round() / 1e4),
            None => text(value),
        };
        ["--set".to_owned(), format!("{path}={value}")]
    });
    goal.chain(limits).chain(set).collect()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// After `outlay check` of one scenario whose limits contradict each other.
pub(crate) fn after_check(path: &Path, repairs: usize) {
    if repairs > 0 {
        let path = path.display().to_string();
        say(
            "the first of these, written",
            &words(&["check", &path, "--apply", "1", "--out", "repaired.toml"]),
        );
    }
}

/// After `outlay fit`.
pub(crate) fn after_fit(library: &Path) {
    let library = library.display().to_string();
    say("a scenario with these curves", &words(&["new", "plan", "--from", &library]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted() {
        let all = words(&["run", "my plan.toml", "--set", "limits.Blended CAC.max=57", "it's"]);
        assert_eq!(typed(&all), "run 'my plan.toml' --set 'limits.Blended CAC.max=57' 'it'\\''s'");
    }
}
