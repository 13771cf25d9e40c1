//! The native part of the Python package `outlay`: the door, seen from Python.
//!
//! Everything that people call is in `python/outlay`; this module reads Python
//! values and frames, runs the door without the interpreter lock, and hands
//! answers back.

mod answer;
mod ask;
mod bulk;
mod error;
mod fit;
mod frame;
mod markets;
mod models;
mod quarter;
mod replanned;
mod rows;
mod scene;
mod tables;
mod value;
mod work;
mod worker;

use pyo3::prelude::*;

/// The native part of the package.
#[pymodule]
mod _outlay {
    #[pymodule_export]
    use crate::answer::{Answer, restore};
    #[pymodule_export]
    use crate::ask::{check, compare, frontier, judge, schema, solve, verify};
    #[pymodule_export]
    use crate::bulk::{solve_many, solve_rows};
    #[pymodule_export]
    use crate::fit::fit;
    #[pymodule_export]
    use crate::frame::{Frame, frame};
    #[pymodule_export]
    use crate::markets::{design, lift, next};
    #[pymodule_export]
    use crate::models::{from_pymc, import_model, library, of_draws};
    #[pymodule_export]
    use crate::quarter::{replan, track};
    #[pymodule_export]
    use crate::scene::{Scenario, to_json, typed_goal};
    #[pymodule_export]
    use crate::work::fail_inside;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
