//! Models and plans of other programs: small files made here, with the answers
//! that their own formulas give.

mod damaged;
mod media_plans;
mod meridian;
mod planned;
mod pymc;
mod robyn;
mod spreadsheets;
