//! Results as people read them: one plain view, one renderer per format.
//!
//! Every renderer takes a [`View`] and gives back text (or bytes); none solves,
//! reads files or knows a terminal. Every sentence is made in [`sentence`].

mod blocks;
pub mod buy;
pub mod check;
mod clash;
pub mod compare;
pub mod csv;
mod curve;
pub mod design;
mod document;
pub mod fit;
pub mod frontier;
pub mod glossary;
pub mod html;
mod layout;
pub mod lift;
pub mod list;
pub mod markdown;
pub mod metric;
pub mod next;
pub mod number;
pub mod quote;
pub mod replan;
pub mod sentence;
mod sheet;
mod source;
pub mod table;
pub mod track;
pub mod view;
pub mod xlsx;

#[cfg(test)]
mod sample;

pub use clash::Clash;
pub use curve::CurveView;
pub use document::Document;
pub use layout::visible;
pub use sheet::{Facts, LimitFacts, LineFacts, Sheet};
pub use source::{left_out, source};
pub use view::View;
