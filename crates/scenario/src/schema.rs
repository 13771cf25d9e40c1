//! JSON Schemas of all files.

use schemars::schema_for;

use crate::ask::check::CheckFile;
use crate::ask::comparison::ComparisonFile;
use crate::ask::frontier::FrontierFile;
use crate::ask::judgement::JudgementFile;
use crate::experiment::designed::DesignFile;
use crate::experiment::lifted::LiftFile;
use crate::experiment::next::NextFile;
use crate::files::library::LibraryFile;
use crate::files::result::ResultFile;
use crate::files::spec::ScenarioFile;
use crate::quarter::replan::ReplanFile;
use crate::quarter::track::TrackFile;

/// Which file a schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaKind {
    /// A scenario.
    Scenario,
    /// A result.
    Result,
    /// A curve library.
    Curves,
    /// What `outlay track` writes.
    Track,
    /// What `outlay replan` writes.
    Replan,
    /// What `outlay check` answers.
    Check,
    /// What `outlay lift --format json` writes.
    Lift,
    /// What `outlay design --format json` writes.
    Design,
    /// What `outlay next --format json` writes.
    Next,
    /// What `outlay check --plan` answers.
    Judgement,
    /// A frontier.
    Frontier,
    /// A comparison of results.
    Comparison,
}

/// The JSON Schema (2020-12) of a file, made from the types that read it.
pub fn schema(kind: SchemaKind) -> serde_json::Value {
    match kind {
        SchemaKind::Scenario => schema_for!(ScenarioFile),
        SchemaKind::Result => schema_for!(ResultFile),
        SchemaKind::Curves => schema_for!(LibraryFile),
        SchemaKind::Replan => schema_for!(ReplanFile),
        SchemaKind::Track => schema_for!(TrackFile),
        SchemaKind::Check => schema_for!(CheckFile),
        SchemaKind::Lift => schema_for!(LiftFile),
        SchemaKind::Design => schema_for!(DesignFile),
        SchemaKind::Next => schema_for!(NextFile),
        SchemaKind::Judgement => schema_for!(JudgementFile),
        SchemaKind::Frontier => schema_for!(FrontierFile),
        SchemaKind::Comparison => schema_for!(ComparisonFile),
    }
    .to_value()
}
