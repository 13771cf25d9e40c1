//! What is wrong in a file, with its place.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::files::excerpt::{Excerpt, indented};

/// Why a file, or one scenario of it, cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub struct Rejected {
    /// The file named on the command line.
    pub path: PathBuf,
    /// Everything found wrong, in the order found; never empty.
    pub diagnostics: Vec<Diagnostic>,
}

/// One thing wrong in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The file it is in.
    pub path: PathBuf,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 when the file as a whole is meant.
    pub column: usize,
    /// The field, as a path like `limits.CAC.max`; empty for the whole file.
    pub field: String,
    /// What is wrong.
    pub issue: Issue,
    /// The line itself, where there is one; shown by `{:#}`.
    pub excerpt: Option<Excerpt>,
}

/// What is wrong, with its figures.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Issue {
    /// The system refuses the file.
    #[error("{reason}")]
    Unreadable {
        /// What the system says.
        reason: String,
    },
    /// The file is not text.
    #[error("not UTF-8 at byte {byte}")]
    NotUtf8 {
        /// First byte that is not.
        byte: usize,
    },
    /// The file has no content.
    #[error("the file is empty")]
    Empty,
    /// The file is larger than a scenario can be.
    #[error("{bytes} bytes are more than the {allowed} a file may have")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The largest size.
        allowed: u64,
    },
    /// The file has more values than fit in memory.
    #[error(
        "more than the {allowed} values a file may have: they would not fit in memory (JSON takes half of what TOML takes); split it"
    )]
    TooManyValues {
        /// The largest number.
        allowed: usize,
    },
    /// The file has more lines than fit in memory.
    #[error("more than the {allowed} lines a scenario may have")]
    TooManyLines {
        /// The largest number.
        allowed: usize,
    },
    /// Not TOML, or not JSON.
    #[error("{reason}")]
    Syntax {
        /// What the parser says.
        reason: String,
    },
    /// A key twice in one table.
    #[error("`{key}` is written twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A field that does not exist.
    #[error("unknown field `{field}`{}{}", nearest_hint(nearest.as_ref()), list("fields", allowed))]
    UnknownField {
        /// As written.
        field: String,
        /// What may stand here.
        allowed: Vec<String>,
        /// The allowed one that looks most like it.
        nearest: Option<String>,
    },
    /// A name or value that does not exist.
    #[error("unknown {what} `{found}`{}{}", nearest_hint(nearest.as_ref()), list("known", allowed))]
    UnknownName {
        /// What it should name, for example `line` or `value of tag stage`.
        what: String,
        /// As written.
        found: String,
        /// What exists.
        allowed: Vec<String>,
        /// The existing one that looks most like it.
        nearest: Option<String>,
    },
    /// A field that has to be there.
    #[error("`{field}` is missing{}", reason_hint(reason.as_ref()))]
    Missing {
        /// The field.
        field: String,
        /// What needs it, for example `metric cac`.
        reason: Option<String>,
    },
    /// A change of price or quality without what it was when the curve was
    /// fitted.
    #[error(
        "`rate.{fitted}` is missing: without the {field} that the curve was fitted at, another {field} changes nothing; {}",
        fitted_hint(fitted, *before)
    )]
    Unfitted {
        /// What is changed.
        field: String,
        /// Its counterpart when the curve was fitted.
        fitted: String,
        /// What stood there before the change.
        before: Option<f64>,
    },
    /// A value of the wrong kind.
    #[error("{found} where {expected} is expected{}", remedy_hint(remedy.as_ref()))]
    WrongType {
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
        /// What to write instead, where it can be guessed.
        remedy: Option<String>,
    },
    /// NaN or infinity.
    #[error("{value} is not a finite number")]
    NotFinite {
        /// As read.
        value: f64,
    },
    /// A number outside its range.
    #[error("{value} is not {allowed}")]
    OutOfRange {
        /// As written.
        value: f64,
        /// What is allowed.
        allowed: String,
    },
    /// A least value over a largest value.
    #[error("min {min} is above max {max}")]
    MinOverMax {
        /// The least value.
        min: f64,
        /// The largest value.
        max: f64,
    },
    /// Two lines or two limits of one name, or two scenarios of one call.
    #[error("the {what} name `{name}` is used twice")]
    DuplicateName {
        /// `line`, `limit`, `curve` or `scenario`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The name of something else.
    #[error("the {what} name `{name}` is the name of {by} already")]
    NameTaken {
        /// `audience` or `demand`.
        what: &'static str,
        /// The name.
        name: String,
        /// What has it.
        by: &'static str,
    },
    /// Fields of which exactly one, or at most one, may be given.
    #[error("{} given: give {allowed}", given(fields, *found))]
    Choice {
        /// The fields.
        fields: Vec<String>,
        /// How many are given.
        found: usize,
        /// How many may be.
        allowed: &'static str,
    },
    /// A field that has no meaning for what stands beside it.
    #[error("`{field}` does not go with {with}: {reason}")]
    NotAllowed {
        /// The field.
        field: String,
        /// What it stands beside.
        with: String,
        /// Why not.
        reason: String,
    },
    /// Two files, or a file and its library, that do not agree.
    #[error("{what} is {found} here and {other} in {path}", path = path.display())]
    Mismatch {
        /// `currency`, `unit` or `outcome`.
        what: &'static str,
        /// In the scenario.
        found: String,
        /// In the other file.
        other: String,
        /// The other file.
        path: PathBuf,
    },
    /// Parameters that describe no curve.
    #[error(transparent)]
    Curve(#[from] outlay_curves::CurveError),
    /// `extends` that comes back to a file it started from.
    #[error("extends itself through {}", join_paths(chain))]
    Cycle {
        /// The files, the first one again at the end.
        chain: Vec<PathBuf>,
    },
    /// Too many files extending each other.
    #[error("more than {allowed} files extend each other")]
    TooDeep {
        /// The largest number.
        allowed: usize,
    },
    /// A path that cannot be read, or leads nowhere.
    #[error("`{path}` {reason}")]
    BadPath {
        /// As written.
        path: String,
        /// Why.
        reason: String,
    },
    /// More what-if combinations than can be counted.
    #[error("more combinations than can be counted")]
    TooManyScenarios,
    /// A folder without a scenario, or no path at all.
    #[error("no scenario files here")]
    NoScenarios,
}

fn nearest_hint(nearest: Option<&String>) -> String {
    nearest.map_or(String::new(), |n| format!("; did you mean `{n}`?"))
}

fn list(label: &str, allowed: &[String]) -> String {
    const MOST: usize = 20;
    if allowed.is_empty() {
        return String::new();
    }
    let rest = allowed.len().saturating_sub(MOST);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let shown: Vec<&str> = allowed.iter().take(MOST).map(String::as_str).collect();
    format!(" ({label}: {}{more})", shown.join(", "))
}

fn reason_hint(reason: Option<&String>) -> String {
    reason.map_or(String::new(), |r| format!(": {r} needs it"))
}

fn fitted_hint(fitted: &str, before: Option<f64>) -> String {
    match before {
        Some(before) => format!("set `rate.{fitted}` to {before} as well if it was fitted at that of before"),
        None => format!("set `rate.{fitted}` as well"),
    }
}

/// How many of some fields are given, in words.
fn given(fields: &[String], found: usize) -> String {
    let named = fields.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
    match found {
        0 => format!("none of {named} is"),
        1 => format!("one of {named} is"),
        _ => format!("{found} of {named} are"),
    }
}

fn remedy_hint(remedy: Option<&String>) -> String {
    remedy.map_or(String::new(), |r| format!(": write {r}"))
}

fn join_paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" -> ")
}

/// The candidate that looks most like a name, if any looks like it at all: one
/// that has it as a word, or is spelled most alike.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const A_WORD: f64 = 0.95;
    let lower = name.to_lowercase();
    let likeness = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let has_it = candidate.split(['_', '-', ' ', '.']).any(|word| word == lower);
        strsim::jaro_winkler(&lower, &candidate).max(if has_it { A_WORD } else { 0.0 })
    };
    let scored = candidates.into_iter().map(|c| (likeness(c), c));
    let best = scored.fold(None, |best: Option<(f64, &str)>, next| match best {
        Some(old) if old.0 >= next.0 => Some(old),
        _ => Some(next),
    });
    best.filter(|(score, _)| *score > 0.7).map(|(_, c)| c.to_owned())
}

impl Issue {
    /// A field that does not exist.
    pub(crate) fn unknown_field(field: &str, allowed: &[&str]) -> Self {
        Issue::UnknownField {
            field: field.to_owned(),
            allowed: allowed.iter().map(|&a| a.to_owned()).collect(),
            nearest: nearest(field, allowed.iter().copied()),
        }
    }

    /// A name that does not exist.
    pub(crate) fn unknown_name(what: impl Into<String>, found: &str, allowed: Vec<String>) -> Self {
        let nearest = nearest(found, allowed.iter().map(String::as_str));
        Issue::UnknownName { what: what.into(), found: found.to_owned(), allowed, nearest }
    }

    /// A number outside its range.
    pub(crate) fn out_of_range(value: f64, allowed: &str) -> Self {
        Issue::OutOfRange { value, allowed: allowed.to_owned() }
    }

    /// A field that has to be there, and what needs it.
    pub(crate) fn missing(field: &str, reason: Option<String>) -> Self {
        Issue::Missing { field: field.to_owned(), reason }
    }
}

impl Diagnostic {
    /// About a file as a whole.
    pub(crate) fn whole(path: &Path, issue: Issue) -> Self {
        Diagnostic { path: path.to_owned(), line: 0, column: 0, field: String::new(), issue, excerpt: None }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.issue)?;
        match &self.excerpt {
            Some(excerpt) if f.alternate() => indented(&excerpt.drawn(self.line), f),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            fmt::Display::fmt(diagnostic, f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_word_of_a_name_is_nearer_than_one_spelled_alike() {
        let near = |name: &str, candidates: &[&str]| nearest(name, candidates.iter().copied());
        assert_eq!(near("share", &["change", "spend_share", "spend"]), Some("spend_share".to_owned()));
        assert_eq!(near("Spned", &["change", "spend_share", "spend"]), Some("spend".to_owned()));
        assert_eq!(near("search", &["Brand search", "Shopping"]), Some("Brand search".to_owned()));
        assert_eq!(near("xyz", &["change", "spend_share"]), None);
    }
}
