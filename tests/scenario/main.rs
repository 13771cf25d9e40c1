//! Scenario files: reading, what-ifs, lowering, results and their proof.

mod lowering;
mod meridian;
mod ordered;
mod proving;
mod reading;
mod schema;
mod shipped;
mod size;
mod support;
mod varying;
mod year;
