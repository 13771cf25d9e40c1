//! A run of many scenarios: how far it is, and why it begins anew.

/// Why an interrupted run is not continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart<'a> {
    /// There is none in the folder.
    Nothing,
    /// It ran with other options.
    Options,
    /// Another version of the program made it.
    Program,
    /// This file has changed since.
    Input(&'a str),
}

/// Why `--resume` begins from the start.
pub fn restart(why: Restart) -> String {
    let reason = match why {
        Restart::Nothing => "no interrupted run of these scenarios is there".to_owned(),
        Restart::Options => "the interrupted run had other options".to_owned(),
        Restart::Program => "the interrupted run was made by another version".to_owned(),
        Restart::Input(path) => format!("{path} has changed since the interrupted run"),
    };
    format!("note: starting from the beginning: {reason}")
}

/// How many scenarios of a batch under way have no proven plan, or are wrong.
pub fn progress(planless: u64, wrong: u64) -> String {
    let mut text = String::new();
    for (count, what) in [(planless, "without a proven plan"), (wrong, "wrong")] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}
