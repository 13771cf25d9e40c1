//! Scenario, curve library and result files: read, validate, expand what-ifs,
//! lower to the allocator's problem, write, verify.
//!
//! ```text
//! paths --load--> Batch --scenario(i)--> Scenario --lower--> Lowered { problem, names }
//!                                                     solution --result--> ResultFile --verify
//! ```
//!
//! Files carry codes and figures; sentences for readers are made in `report`.

mod ask;
mod experiment;
mod files;
mod model;
mod plan;
mod prove;
mod quarter;
mod read;

mod schema;

pub use ask::apply::{ApplyError, apply};
pub use ask::feasibility::{Reconciled, check, reasons_of, reconcile};
pub use ask::hybrid::{Changed, InputKind};
pub use ask::judged::judge_plan;
pub use ask::settings::{repair_settings, segment};
pub use ask::{check, comparison, frontier, judged};
pub use experiment::{designed, lifted, next};
pub use files::amount::amount;
pub use files::data::Data;
pub use files::diagnostic::{Diagnostic, Issue, Rejected};
pub use files::edits::Edit;
pub use files::excerpt::{Excerpt, Shown, located};
pub use files::inputs::{InputText, InputsFile};
pub use files::library::read_library;
pub use files::result::{InputFile, Member, MemberField, MemberKind, ResultFile, Status};
pub use files::storage::{Files, Storage};
pub use files::texts::sha256;
pub use files::warning::Warning;
pub use files::{history, library, result, spec};
pub use model::draws::Draws;
pub use model::scenario::{LimitGroup, Media, Past, Scenario, ScenarioLimit, ScenarioLine};
pub use model::{calendar, flight, meeting};
pub use outlay_table::{escaped_json, is_formula, is_hidden};
pub use plan::conflict::Rulebook;
pub use plan::kept::kept;
pub use plan::layout::Layout;
pub use plan::lower::{LimitSource, Lowered, OrderedGoal, Side, lower};
pub use plan::ordered::plan;
pub use plan::outcome::result;
pub use plan::solved::{explain, solved};
pub use prove::difference::Difference;
pub use prove::record::{inputs_of, read_record, read_results};
pub use prove::verify::{Claim, Verified, verify, verify_each};
pub use quarter::{actuals, buy, by_market, fitted, moved, replan, track};
pub use read::inputs::inputs_path;
pub use read::load::{Batch, Loaded, SkipReason, Skipped, load, load_each};
pub use read::plan_file::{HandPlan, PlanError, read_plan};
pub use read::record::{Record, RecordError};
pub use schema::{SchemaKind, schema};
