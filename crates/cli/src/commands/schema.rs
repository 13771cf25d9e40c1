//! `outlay schema`: the JSON Schema of a file.

use outlay::scenario::{SchemaKind, schema};

use crate::arguments::{Schema, SchemaName};
use crate::exit::Exit;
use crate::terminal;

/// `outlay schema`
pub(crate) fn run(arguments: &Schema) -> Exit {
    let kind = match arguments.kind {
        SchemaName::Scenario => SchemaKind::Scenario,
        SchemaName::Result => SchemaKind::Result,
        SchemaName::Curves => SchemaKind::Curves,
        SchemaName::Replan => SchemaKind::Replan,
        SchemaName::Track => SchemaKind::Track,
        SchemaName::Check => SchemaKind::Check,
        SchemaName::Lift => SchemaKind::Lift,
        SchemaName::Design => SchemaKind::Design,
        SchemaName::Next => SchemaKind::Next,
        SchemaName::Judgement => SchemaKind::Judgement,
        SchemaName::Frontier => SchemaKind::Frontier,
        SchemaName::Comparison => SchemaKind::Comparison,
    };
    match terminal::print(&format!("{:#}\n", schema(kind))) {
        Ok(()) => Exit::Solved,
        Err(error) => {
            terminal::error(error);
            Exit::WrongInput
        }
    }
}
