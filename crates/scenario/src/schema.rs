//! JSON Schemas of all files.

use schemars::schema_for;

use crate::ask::check::CheckFile;
use crate::ask::comparison::ComparisonFile;
use crate::ask::frontier::FrontierFile;
use crate::ask::judged::JudgedFile;
use crate::experiment::designed::DesignFile;
use crate::experiment::lifted::LiftFile;
use crate::experiment::next::NextFile;
use crate::files::library::LibraryFile;
use crate::files::result::ResultFile;
use crate::files::spec::ScenarioFile;
use crate::quarter::replan::ReplanFile;
use crate::quarter::track::TrackFile;

/// Declares the files that have a schema once: name, type and what it is.
macro_rules! kinds {
    ($($kind:ident, $name:literal, $file:ty, $about:literal;)*) => {
        /// Which file a schema is of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum SchemaKind {
            $(#[doc = $about] $kind,)*
        }

        impl SchemaKind {
            /// All of them.
            pub const ALL: [SchemaKind; [$($name),*].len()] = [$(SchemaKind::$kind),*];

            /// What it is asked for by.
            pub fn name(self) -> &'static str {
                match self { $(SchemaKind::$kind => $name,)* }
            }

            /// What the file is.
            pub fn about(self) -> &'static str {
                match self { $(SchemaKind::$kind => $about,)* }
            }
        }

        /// The JSON Schema (2020-12) of a file, made from the types that read it.
        pub fn schema(kind: SchemaKind) -> serde_json::Value {
            match kind { $(SchemaKind::$kind => schema_for!($file),)* }.to_value()
        }
    };
}

kinds! {
    Scenario, "scenario", ScenarioFile, "The scenario file";
    Result, "result", ResultFile, "The result file";
    Curves, "curves", LibraryFile, "The curve library";
    Track, "track", TrackFile, "What `outlay track` writes";
    Replan, "replan", ReplanFile, "What `outlay replan` writes";
    Check, "check", CheckFile, "What `outlay check` answers";
    Lift, "lift", LiftFile, "What `outlay lift --format json` writes";
    Design, "design", DesignFile, "What `outlay design --format json` writes";
    Next, "next", NextFile, "What `outlay next --format json` writes";
    Judgement, "judgement", JudgedFile, "What `outlay check --plan` answers";
    Frontier, "frontier", FrontierFile, "What `outlay frontier --format json` writes";
    Comparison, "comparison", ComparisonFile, "What `outlay compare --format json` writes";
}

impl SchemaKind {
    /// The kind of a name.
    pub fn named(name: &str) -> Option<SchemaKind> {
        SchemaKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// All names, for who is told which there are.
    pub fn names() -> String {
        SchemaKind::ALL.map(SchemaKind::name).join(", ")
    }
}
