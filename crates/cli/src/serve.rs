//! `outlay serve`: a page on this machine that answers every change with the
//! plan it leads to and its proof. What is asked stands in the page's address,
//! so that tabs do not disturb each other and a reload loses nothing; the server
//! keeps scenarios as read and plans as solved, in memory.

mod asked;
mod controls;
mod desk;
mod drawn;
mod guard;
mod opened;
mod routes;
mod shelf;

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::folder::Folder;
use crate::terminal;

/// Serves until the program is stopped.
pub(crate) fn serve(folder: Folder, file: Option<String>, port: u16) -> Result<(), String> {
    let token = guard::token()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|e| format!("port {port}: {e}; --port 0 picks a free one"))?;
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        terminal::print(&format!("http://127.0.0.1:{port}/?token={token}\n")).map_err(|e| e.to_string())?;
        terminal::say("open this address in a browser on this machine; Ctrl-C ends");
        let desk = Arc::new(desk::Desk::new(folder, file, token, port));
        axum::serve(listener, routes::router(desk)).await.map_err(|e| e.to_string())
    })
}
