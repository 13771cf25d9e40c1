//! A report other than a plan's, for a page or a workbook; a plan may follow it.

use crate::blocks::Block;
use crate::sheet::Sheet;

/// A report of blocks, with the plan that it speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What its sheet in a workbook is called.
    pub(crate) kind: &'static str,
    pub(crate) blocks: Vec<Block>,
    /// A word for its outcome, beside its name: code and text.
    pub(crate) status: Option<(&'static str, &'static str)>,
    /// The plan it speaks of, and what that is called.
    pub(crate) plan: Option<Box<Sheet>>,
}

impl Document {
    pub(crate) fn new(kind: &'static str, blocks: Vec<Block>) -> Self {
        Document { kind, blocks, status: None, plan: None }
    }

    pub(crate) fn called(self, code: &'static str, text: &'static str) -> Self {
        Document { status: Some((code, text)), ..self }
    }

    pub(crate) fn with(self, plan: impl Into<Option<Sheet>>) -> Self {
        Document { plan: plan.into().map(Box::new), ..self }
    }

    /// What the report is about.
    pub fn name(&self) -> &str {
        match self.blocks.first() {
            Some(Block::Title(name, _)) => name,
            _ => self.kind,
        }
    }
}
