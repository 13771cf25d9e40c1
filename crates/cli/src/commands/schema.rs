//! `outlay schema`: the JSON Schema of a file.

use outlay::scenario::schema;

use crate::arguments::Schema;
use crate::exit::Exit;
use crate::terminal;

/// `outlay schema`
pub(crate) fn run(arguments: &Schema) -> Exit {
    terminal::done(terminal::print(&format!("{:#}\n", schema(arguments.kind))))
}
