//! The built program from end to end, and the rules of the house.

mod bring;
mod browser;
mod check;
mod claims;
mod common;
mod experiments;
mod fit;
mod flights;
mod golden;
mod imports;
mod loops;
mod mcp;
mod meaning;
mod media_mix;
mod overwrite;
mod replan;
mod reports;
mod resume;
mod run;
mod story;
mod sure;
mod tidy;
mod verify;
mod whatif;
mod workbook;
