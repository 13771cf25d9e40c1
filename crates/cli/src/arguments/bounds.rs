//! How hard a question may be tried, as it is typed.

use std::time::Duration;

use clap::Args;

use super::number::seconds;
use crate::solve::{Effort, began};

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Bounds {
    /// Most subproblems to solve per plan
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) nodes: Option<u64>,
    /// Most seconds, reading included; answers may then differ from run to run
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time: Option<f64>,
}

impl Bounds {
    /// The effort of one answer.
    pub(crate) fn effort(self) -> Effort {
        Effort {
            nodes: self.nodes.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
            time: self.time.map(Duration::from_secs_f64),
            since: Some(began()),
            ..Effort::default()
        }
    }
}
