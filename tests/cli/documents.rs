//! Completions and manual pages, made from the arguments that are read.

use std::fs;

use crate::common::{outlay, outlay_in};

#[test]
fn every_shell_completes_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = outlay(&["completions", shell]);
        assert_eq!(ran.code, 0, "{shell}: {}", ran.stderr);
        for word in ["frontier", "least-gain"] {
            assert!(ran.stdout.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(outlay(&["completions", "dos"]).code, 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = outlay_in(folder.path(), &["man", "pages"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = |name: &str| fs::read_to_string(folder.path().join("pages").join(name)).expect(name);
    let help = outlay(&["--help"]).stdout;
    let commands = help.split("Commands:").nth(1).and_then(|t| t.split("Options:").next()).expect("commands");
    let names: Vec<&str> = commands
        .lines()
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "))
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names.iter().filter(|name| **name != "help") {
        let text = page(&format!("outlay-{name}.1"));
        assert!(text.contains(&format!("outlay\\-{name}")), "{name}: {text}");
    }
    assert!(page("outlay.1").contains("Exit codes"));
    assert!(page("outlay-run.1").contains("\\-\\-embed"));
}
