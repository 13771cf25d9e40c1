//! The protocol: which tools there are, and calls of them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::io::stdio_pipes;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::answer::Answer;
use super::tool::{OFFERS, find};
use crate::folder::Folder;

/// Calls that run at once; others wait.
const AT_ONCE: usize = 2;

const ABOUT: &str = "Outlay finds media plans that are proven to be the best within their limits. \
Start with `files`, then `solve` a scenario. Quote the sentences and the printed figures as they stand, with the \
status and what is proven; do not compute figures of your own. What-ifs are asked with `set`, not by changing files. \
All names are relative to the folder served; nothing outside it can be read or written, and no file is overwritten.";

struct Server {
    folder: Folder,
    turns: Arc<Semaphore>,
}

/// Serves standard input until it ends.
pub(super) async fn serve(folder: Folder) -> Result<(), String> {
    let server = Server { folder, turns: Arc::new(Semaphore::new(AT_ONCE)) };
    match server.serve(stdio_pipes()).await {
        Ok(running) => running.waiting().await.map(|_| ()).map_err(|e| e.to_string()),
        // Whoever connected left before saying hello.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let program = Implementation::new("outlay", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(program)
            .with_instructions(ABOUT)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(OFFERS.iter().map(|offer| offer.tool()).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        find(name).map(|offer| offer.tool())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(offer) = find(&request.name) else {
            let names: Vec<Tool> = OFFERS.iter().map(|offer| offer.tool()).collect();
            let names: Vec<&str> = names.iter().map(|tool| &*tool.name).collect();
            let message = format!("there is no tool `{}`; one of {}", request.name, names.join(", "));
            return Err(ErrorData::invalid_params(message, None));
        };
        let gone = || ErrorData::internal_error("the server is stopping", None);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| gone())?;
        let (folder, run) = (self.folder.clone(), offer.run);
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let wait = (offer.wait)(&arguments);
        let cancelled = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&cancelled);
        let mut work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let run = AssertUnwindSafe(|| run(&folder, arguments, told));
            let broken = || "this could not be worked out; please report it".to_owned();
            std::panic::catch_unwind(run).unwrap_or_else(|_| Err(broken()))
        });
        let answer = tokio::select! {
            answer = &mut work => answer,
            () = context.ct.cancelled() => {
                cancelled.store(true, Ordering::Relaxed);
                work.await
            }
            // The work keeps its turn until it ends; nobody waits for it.
            () = tokio::time::sleep(wait) => {
                cancelled.store(true, Ordering::Relaxed);
                let seconds = wait.as_secs();
                let late = format!("no answer after {seconds} seconds; ask with more `seconds`, at most 300, or for less");
                return Ok(result(Err(late)).into());
            }
        };
        Ok(result(answer.map_err(|_| gone())?).into())
    }
}

/// Wrong input is an answer, so that the assistant reads it.
fn result(answer: Result<Answer, String>) -> CallToolResult {
    match answer {
        Ok(answer) => {
            let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
            result.structured_content = Some(answer.data);
            result
        }
        Err(message) => CallToolResult::error(vec![ContentBlock::text(message)]),
    }
}
