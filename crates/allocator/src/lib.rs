//! Allocates spend over lines so that the goal is provably the most the
//! limits allow.
//!
//! ```text
//! maximise    sum_i g_i . phi_i(x_i)
//! subject to  lower_r <= sum_i a_ri . phi_i(x_i) <= upper_r     for every row r
//!             x_i in D_i                                        for every line i
//! ```
//!
//! `x_i` is the spend of line `i` over the horizon, `D_i` its domain (an
//! interval, a flat price, lots ...) and `phi_i(x)` its features: spend `x`,
//! response `f_i(x)`, activity `[x > 0]` and movement `|x - current_i|`. Money
//! is in one currency, responses in the outcome unit of each line's curve.
//!
//! A [`Problem`] is solved by [`solve()`]; whatever the solver proposes is judged
//! by [`certificate`], which knows the problem, the curves and the best
//! response of one line to prices, and no solver.

mod answers;
mod best;
pub mod certificate;
mod columns;
mod cone;
mod conflict;
mod cover;
mod domain;
mod elastic;
mod feasibility;
mod flight;
mod frontier;
mod groups;
mod hull;
mod lazy;
mod line;
mod open;
mod options;
mod pricing;
mod problem;
mod reconcile;
mod region;
mod relaxation;
mod repair;
pub mod risk;
mod rows;
mod rules;
mod searched;
mod slopes;
mod solution;
mod solve;
mod solvers;
mod stretch;
mod sum;
mod terms;
pub mod tolerance;
mod unlimited;

pub use answers::{Answers, Fault, Halt, Recorded, Restated, proven};
pub use best::{Best, Offer, best_response};
pub use conflict::{Conflict, conflict};
pub use domain::{Domain, Span};
pub use feasibility::{Feasibility, feasibility};
pub use frontier::{Breakpoint, Frontier, Hold, Point, Shift, Side, Sweep, frontier};
pub use line::{Deal, Fact, Line};
pub use open::solve_open;
pub use options::Options;
pub use problem::{Goal, Limit, Problem, ProblemError};
pub use reconcile::{cheapest_repair, fewest_changes};
pub use repair::{Change, Repair, least_change, repair, sharp};
pub use rules::{Part, Rule};
pub use slopes::{Slope, Slopes, slopes};
pub use solution::{Certificate, Cut, CutSide, Leaf, Plan, Prices, Solution, Status};
pub use solve::solve;
pub use sum::Sum;
pub use terms::{Coefficients, Terms};
