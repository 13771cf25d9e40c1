//! Standard output that takes nothing: results that stand nowhere else are lost,
//! and that is an error.

#![cfg(target_os = "linux")]

use std::process::Command;

use crate::common::small;

/// The exit code of the program under a shell's redirections.
fn under(folder: &std::path::Path, arguments: &str, redirected: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_outlay");
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("'{program}' {arguments} {redirected}")]).current_dir(folder);
    let output = shell.output().expect("a shell");
    (output.status.code().expect("an end"), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_closed_output_loses_results() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    std::fs::write(folder.join("s.toml"), small(|s| s)).expect("written");
    assert_eq!(under(folder, "run s.toml --out o", ">/dev/null").0, 0);
    for command in ["run s.toml", "check s.toml", "verify o/s.json", "completions bash"] {
        for redirected in [">&-", "1<s.toml"] {
            let (code, said) = under(folder, command, redirected);
            assert!(code == 2 && said.contains("closed"), "{command} {redirected}: {code} {said}");
        }
        // Output that nobody wants is not lost, and a full disk is told.
        assert_eq!(under(folder, command, ">/dev/null").0, 0, "{command}");
        assert_eq!(under(folder, command, "1<>/dev/null").0, 0, "{command}");
        assert_eq!(under(folder, command, ">/dev/full").0, 2, "{command}");
    }
    // What stands in files is not lost.
    assert_eq!(under(folder, "run s.toml --out p", ">&-").0, 0);
    assert!(folder.join("p/s.json").exists());
}
