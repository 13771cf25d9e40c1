//! `outlay mcp`: an assistant's hands within one folder, by the Model Context
//! Protocol over standard input and output.

mod answer;
mod arguments;
mod curves;
mod listing;
mod markets;
mod results;
mod scenarios;
mod server;
mod tool;

use crate::folder::Folder;

/// Serves until standard input ends.
pub(crate) fn serve(folder: Folder) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| e.to_string())?;
    let served = runtime.block_on(server::serve(folder));
    // What is still being solved has nobody left to tell.
    runtime.shutdown_background();
    served
}
