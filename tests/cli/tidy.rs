//! Rules of the house that a machine can check. The limits may fall, not rise.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Most lines of a source file.
const LONGEST: usize = 500;
/// Names that say nothing.
const VAGUE: [&str; 5] = ["manager", "engine", "helper", "process", "util"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file of the project with its text, in a fixed order; what was built
/// is no source.
fn sources() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> =
        ["crates", "tests", "benches", "examples", "fuzz/fuzz_targets"].map(|f| root().join(f)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                found.insert(path, text);
            }
        }
    }
    assert!(found.len() > 20, "the sources were not found");
    found
}

#[test]
fn files_are_short() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{}: {lines} lines; split it", path.display());
    }
}

/// The first line of a file says in a sentence what the file is.
#[test]
fn files_say_what_they_are() {
    for (path, text) in sources() {
        let said: Vec<&str> = text.lines().map_while(|l| l.strip_prefix("//! ")).collect();
        let sentence = said.join(" ");
        let told = sentence.split_whitespace().count() > 1 && sentence.contains(['.', ':', '?']);
        assert!(told, "{}: begin it with a `//!` sentence that says what it is", path.display());
    }
}

#[test]
fn names_say_something() {
    for (path, text) in sources() {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        assert!(!VAGUE.contains(&stem), "{}", path.display());
        for line in text.lines().map(str::trim_start) {
            let name = ["pub fn ", "pub struct ", "pub enum ", "pub mod ", "mod "]
                .iter()
                .find_map(|k| line.strip_prefix(k))
                .map(|rest| {
                    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
                });
            let vague = name.filter(|n| VAGUE.contains(&n.to_lowercase().as_str()));
            assert!(vague.is_none(), "{}: {line}", path.display());
        }
    }
}

/// Words of the house, by how code uses them, with the field's own.
const WORDS: [(&[&str], &str); 8] = [
    (&["columns::"], "coefficient vectors"),
    (&["kinks::", "Kinks"], "breakpoints"),
    (&["way::", "Way"], "line search"),
    (&["torn", "Torn"], "branching candidates"),
    (&["forced::", "Forced"], "bound propagation"),
    (&["twins", "Twins"], "symmetr"),
    (&["promise", "promised"], "predicted decrease"),
    (&["cover::", "Cover", "Covers"], "concave envelopes"),
];

/// Where a word of the house is used the standard one stands beside it, once a file.
#[test]
fn words_of_the_house_have_the_standard_ones_beside_them() {
    let within = |line: &str, word: &str| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        line.match_indices(word).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + word.len()..]);
            !before.ends_with(part) && (word.ends_with("::") || !after.starts_with(part))
        })
    };
    let mut used = 0;
    let own = |path: &Path| path.components().any(|c| c.as_os_str() == "allocator");
    for (path, text) in sources().into_iter().filter(|(path, _)| own(path)) {
        if path.ends_with("tests.rs") || path.components().any(|c| c.as_os_str() == "tests") {
            continue;
        }
        let lines = text.lines().map(str::trim_start).take_while(|line| *line != "mod tests {");
        let (said, code): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("//"));
        let said: Vec<&str> = said.iter().map(|line| line.trim_start_matches(['/', '!', ' '])).collect();
        let said = said.join(" ").to_lowercase();
        for (words, standard) in WORDS {
            if code.iter().any(|line| words.iter().any(|word| within(line, word))) {
                let place = path.display();
                assert!(said.contains(standard), "{place}: `{}` without \"{standard}\" beside it", words[0]);
                used += 1;
            }
        }
    }
    assert!(used > 25, "{used}");
}

#[test]
fn nothing_is_left_undone() {
    for (path, text) in sources() {
        assert!(
            !text.contains(concat!("todo", "!(")) && !text.contains(concat!("unimplemented", "!(")),
            "{}",
            path.display()
        );
        assert!(!text.contains(concat!("pub use ", "self::*")), "{}", path.display());
    }
}

/// Each crate imports only those below it.
#[test]
fn crates_know_only_the_ones_below() {
    let allowed: [(&str, &[&str]); 10] = [
        ("streams", &[]),
        ("table", &[]),
        ("curves", &[]),
        ("allocator", &["curves"]),
        ("experiments", &["curves", "allocator"]),
        ("scenario", &["curves", "allocator", "experiments", "table"]),
        ("report", &["curves", "allocator", "scenario"]),
        ("exchange", &["curves", "scenario", "table"]),
        ("outlay", &["curves", "allocator", "experiments", "scenario", "report", "exchange"]),
        ("cli", &["streams"]),
    ];
    for (name, below) in allowed {
        let manifest =
            fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect("exists");
        let imported =
            manifest.split("[dev-dependencies]").next().unwrap_or_default().lines().filter_map(|l| {
                let name = l.strip_prefix("outlay-")?;
                name.split(['.', ' ', '=']).next()
            });
        for import in imported {
            assert!(below.contains(&import), "{name} imports {import}");
        }
    }
}

#[test]
fn the_certificate_imports_no_solver() {
    let text = fs::read_to_string(root().join("crates/allocator/src/certificate.rs")).expect("exists");
    for solver in ["solvers", "solve::", "interior", "branch"] {
        let used = text.lines().find(|l| l.starts_with("use ") && l.contains(solver));
        assert!(used.is_none(), "certificate.rs: {}", used.unwrap_or_default());
    }
}

/// The core knows no files, formats, terminal or clock.
#[test]
fn the_core_stays_pure() {
    let forbidden =
        ["std::fs", "std::io", "std::env", "std::time", "serde", "println!", "HashMap", "HashSet"];
    for (path, text) in sources() {
        let name = path.to_string_lossy().replace('\\', "/");
        if name.contains("crates/curves/src") || name.contains("crates/allocator/src") {
            for word in forbidden {
                assert!(!text.contains(word), "{name} uses {word}");
            }
        }
    }
}

/// Links between shipped texts lead to files that are there.
#[test]
fn links_of_shipped_texts_lead_somewhere() {
    let mut texts: Vec<PathBuf> = fs::read_dir(root().join("docs"))
        .expect("docs")
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    texts.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "benches/README.md"].map(|f| root().join(f)),
    );
    let mut seen = 0;
    for path in texts {
        let text = fs::read_to_string(&path).expect("text");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            seen += 1;
            let folder = path.parent().expect("a folder");
            assert!(folder.join(file).exists(), "{}: {target} leads nowhere", path.display());
        }
    }
    assert!(seen > 5, "the links were not found");
}

/// Sentences with a full stop are made in `report`, not in the core.
#[test]
fn shipped_texts_name_no_private_place() {
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "scenarios/README.md"] {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(!text.is_empty(), "{file} is missing");
        assert!(!text.contains(concat!("../", "shared")), "{file} names a folder that is not shipped");
    }
}
