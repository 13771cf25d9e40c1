//! Results as people read them: one plain view, one renderer per format.
//!
//! Every renderer takes a [`View`] and gives back text (or bytes); none solves,
//! reads files or knows a terminal. Every sentence is made in [`sentence`].

pub mod csv;
pub mod html;
mod layout;
pub mod list;
pub mod markdown;
pub mod metric;
pub mod number;
pub mod sentence;
pub mod table;
pub mod view;

#[cfg(test)]
mod sample;

pub use view::View;
