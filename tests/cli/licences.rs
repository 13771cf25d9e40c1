//! What the program is built from: every licence is one that `deny.toml` allows,
//! and `THIRD-PARTY.md` names every library.
//!
//! `UPDATE_NOTICES=1 cargo test -p outlay-cli --test cli licences` writes the
//! notices anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const HEAD: &str = "# Third-party software\n\nThe program `outlay` is built from these libraries, each under the licence that its \
                    authors give; texts of the licences are in the libraries' own repositories.\n\n\
                    | library | licence | source |\n|---|---|---|\n";

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The program's libraries with licence and source, by name.
fn libraries() -> BTreeMap<String, (String, String)> {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "-p",
            "outlay-cli",
            "-e",
            "normal",
            "--prefix",
            "none",
            "--locked",
            "-f",
            "{p}|{l}|{r}",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    let rows = text.lines().map(|line| line.trim_end_matches(" (*)").split('|').collect::<Vec<_>>());
    let foreign = rows.filter(|row| !row[0].contains("(/") && !row[0].contains("(file:"));
    foreign
        .map(|row| {
            let name = row[0].split(' ').next().unwrap();
            (name.to_owned(), (row[1].to_owned(), row[2].trim_end_matches(".git").to_owned()))
        })
        .collect()
}

/// True if an expression of licences can be met by those that are allowed.
fn allowed(expression: &str, allow: &[String]) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    // `A AND B` needs both; `A OR B` either: AND binds closer, but where a
    // parenthesis says otherwise every part is allowed here.
    if expression.contains('(') {
        return plain.split(" AND ").all(|part| allowed(part, allow));
    }
    plain.split(" OR ").any(|part| part.split(" AND ").all(|one| allow.iter().any(|a| a == one.trim())))
}

#[test]
fn every_library_may_be_shipped_and_is_named() {
    let deny = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = deny.split("allow = [").nth(1).unwrap().split(']').next().unwrap();
    let allow: Vec<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(allow.len() > 5, "{allow:?}");
    let libraries = libraries();
    assert!(libraries.len() > 40, "{} libraries only", libraries.len());
    let mut notices = HEAD.to_owned();
    for (name, (licence, source)) in &libraries {
        assert!(allowed(licence, &allow), "{name}: {licence} is not among the licences of deny.toml");
        writeln!(notices, "| {name} | {licence} | {source} |").unwrap();
    }
    let path = root().join("THIRD-PARTY.md");
    if std::env::var_os("UPDATE_NOTICES").is_some() {
        std::fs::write(&path, &notices).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == notices, "THIRD-PARTY.md is not what the program is built from: see this test's head");
}

#[test]
fn licences_are_weighed_as_they_are_written() {
    let allow = ["MIT".to_owned(), "Zlib".to_owned()];
    let fine = ["MIT", "Apache-2.0 OR MIT", "MIT/Apache-2.0", "(GPL-3.0 OR MIT) AND Zlib", "MIT AND Zlib"];
    assert!(fine.iter().all(|e| allowed(e, &allow)));
    let wrong = ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Zlib) AND GPL-3.0", ""];
    assert!(!wrong.iter().any(|e| allowed(e, &allow)));
}
