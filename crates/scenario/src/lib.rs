//! Scenario, curve library and result files: read, validate, expand what-ifs,
//! lower to the allocator's problem, write, verify.
//!
//! ```text
//! paths --load--> Batch --scenario(i)--> Scenario --lower--> Lowered { problem, names }
//!                                                     solution --result--> ResultFile --verify
//! ```
//!
//! Files carry codes and figures; sentences for readers are made in `report`.

pub mod actuals;
pub mod buy;
pub mod calendar;
pub mod check;
pub mod comparison;
pub mod fitted;
pub mod flight;
pub mod frontier;
pub mod history;
pub mod judgement;
pub mod library;
pub mod moved;
pub mod replan;
pub mod result;
pub mod spec;
pub mod track;

mod apply;
mod base;
mod by_period;
mod columns;
mod compare;
mod decode;
mod diagnostic;
mod draft;
mod draws;
mod edit;
mod extremes;
mod feasibility;
mod figures;
mod flown;
mod hybrid;
mod layout;
mod limit;
mod line;
mod load;
mod lower;
mod ordered;
mod outcome;
mod parse;
mod path;
mod plan_file;
mod quantity;
mod rate;
mod record;
mod refitted;
mod restate;
mod rounding;
mod rules;
mod scenario;
mod schema;
mod texts;
mod tree;
mod vary;
mod verify;
mod window;
mod written;

pub use apply::{ApplyError, apply};
pub use diagnostic::{Diagnostic, Issue, Rejected};
pub use draws::Draws;
pub use feasibility::{Reconciled, Rulebook, check, explain, reconcile};
pub use hybrid::{Changed, InputKind};
pub use judgement::judge_plan;
pub use layout::Layout;
pub use library::read_library;
pub use load::{Batch, Loaded, SkipReason, Skipped, load};
pub use lower::{LimitSource, Lowered, OrderedGoal, Side, lower};
pub use ordered::plan;
pub use outcome::result;
pub use plan_file::{HandPlan, PlanError, read_plan};
pub use record::{Record, RecordError, hashed};
pub use result::{InputFile, Member, MemberField, MemberKind, ResultFile, Status};
pub use rounding::rounded;
pub use scenario::{LimitGroup, Media, Past, Scenario, ScenarioLimit, ScenarioLine};
pub use schema::{SchemaKind, schema};
pub use texts::sha256;
pub use verify::{Difference, Verified, verify};
