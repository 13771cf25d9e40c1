//! Running the built program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run of the program left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    /// Without what comes next.
    pub(crate) stderr: String,
    /// The command that is suggested next.
    pub(crate) next: String,
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the root exists")
}

/// Runs `outlay` in the project's root.
pub(crate) fn outlay(arguments: &[&str]) -> Ran {
    outlay_in(&root(), arguments)
}

/// Runs `outlay` in a folder.
pub(crate) fn outlay_in(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_outlay"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    let stderr = text(output.stderr);
    // What comes next is no complaint.
    let (next, stderr): (Vec<&str>, Vec<&str>) =
        stderr.split_inclusive('\n').partition(|line| line.starts_with("next: "));
    Ran {
        code: output.status.code().expect("the program ends by itself"),
        stdout: text(output.stdout),
        stderr: stderr.concat(),
        next: next.concat(),
    }
}

/// A small scenario that solves at once, with a line's worth of changes.
pub(crate) fn small(change: impl Fn(String) -> String) -> String {
    change(SMALL.to_owned())
}

pub(crate) const SMALL: &str = r#"
outlay = 1
currency = "USD"
goal = { maximize = "revenue" }
budget = { max = 500 }

[[lines]]
name = "A"
stage = "upper"
spend = { current = 250 }
curve = { family = "michaelis_menten", ceiling = 1000, half_saturation = 400 }
outcome = "revenue"
revenue_per_customer = 10

[[lines]]
name = "B"
stage = "upper"
spend = { current = 150 }
curve = { family = "michaelis_menten", ceiling = 600, half_saturation = 100 }
outcome = "revenue"
revenue_per_customer = 10

[[lines]]
name = "C"
stage = "lower"
spend = { current = 100 }
curve = { family = "michaelis_menten", ceiling = 300, half_saturation = 50 }
outcome = "revenue"
revenue_per_customer = 10
"#;

/// Writes a file into a folder and gives back its path as text.
pub(crate) fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the file can be written");
    path.to_str().expect("paths are UTF-8").to_owned()
}
