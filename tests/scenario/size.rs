//! Large input: refused or read, in bounded memory and time.

use std::fmt::Write;

use outlay_scenario::{Data, Files, load, lower};

use crate::support::{Folder, TWO, batch, rejected_at};

/// Run by hand: writes files of 100 MB.
#[test]
#[ignore = "writes 100 MB files"]
fn garbage_of_a_hundred_megabytes_is_refused() {
    let folder = Folder::new();
    for pattern in ["a", "= ", "[", "\"", "x=1\n", "{\"a\":", "[0,", "\u{1}", "é", "# x\n", "a=[", "0 "] {
        let text = pattern.repeat(100_000_000 / pattern.len());
        for name in ["g.toml", "g.json"] {
            let found = rejected_at(&folder.write(name, &text));
            assert!(!found.is_empty() && found.len() < 100_000, "{pattern:?} in {name}");
        }
    }
}

/// A file with holes, which takes no room on the disk.
fn of_size(folder: &Folder, name: &str, bytes: u64) -> std::path::PathBuf {
    let path = folder.write(name, "outlay = 1\n");
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(bytes).unwrap();
    path
}

/// Its size is looked at before a byte of it is read.
#[test]
fn a_scenario_too_large_is_refused_by_its_size() {
    let folder = Folder::new();
    let found = rejected_at(&of_size(&folder, "large.toml", (256 << 20) + 1));
    assert!(found.ends_with("268435457 bytes are more than the 268435456 a file may have"), "{found}");
}

#[test]
fn a_table_too_large_is_refused_by_its_size() {
    let folder = Folder::new();
    let table = of_size(&folder, "large.csv", (1 << 30) + 1);
    let found = Data::read(&Files::disk(), &table).expect_err("too large").to_string();
    assert!(found.starts_with("is larger than 1 GiB"), "{found}");
}

/// A million lines that say nothing would take more memory than they are worth.
#[test]
fn more_than_a_million_lines_are_refused_before_they_are_read() {
    let folder = Folder::new();
    let more = 1_000_001;
    for (name, text) in [
        ("l.toml", format!("outlay = 1\n{}", "[[lines]]\n".repeat(more))),
        ("l.json", format!("{{\"outlay\": 1, \"lines\": [{{}}{}]}}", ",{}".repeat(more - 1))),
    ] {
        let found = rejected_at(&folder.write(name, &text));
        assert!(found.lines().count() == 1 && found.contains("1000000 lines"), "{name}: {found}");
    }
}

#[test]
fn more_values_than_fit_in_memory_are_refused_before_they_are_read() {
    let folder = Folder::new();
    for (name, allowed) in [("v.json", 10_000_000), ("v.toml", 5_500_000)] {
        let found = rejected_at(&folder.write(name, format!("a = [{}", ",".repeat(allowed))));
        assert!(found.contains(&format!("more than the {allowed} values")), "{name}: {found}");
    }
}

#[test]
fn ten_thousand_lines_are_read() {
    let mut text = String::from("outlay = 1\nbudget.max = 1e6\n");
    for i in 0..10_000 {
        let _ = write!(
            text,
            "[[lines]]\nname = \"line {i}\"\nstage = \"s{}\"\nspend = {{ current = {i} }}\noutcome = \"revenue\"\n\
             curve = {{ family = \"hill\", ceiling = 1000, half_saturation = 50, shape = 0.9 }}\n",
            i % 4
        );
    }
    text.push_str("[[limits]]\nmetric = \"spend_share\"\nby = \"stage\"\nmax = 0.4\n");
    let folder = Folder::new();
    let scenario = batch(&folder.write("l.toml", text)).scenario(0).unwrap();
    let lowered = lower(&scenario);
    assert_eq!((lowered.problem.lines.len(), lowered.problem.limits.len()), (10_000, 5));
}

#[test]
fn ten_thousand_variations_are_made_one_by_one() {
    let folder = Folder::new();
    let vary = "[[vary]]\nset = \"budget.max\"\nfrom = 100\nto = 600\nsteps = 100\n\
                [[vary]]\nset = \"lines.A.spend.max\"\nfrom = 100\nto = 600\nsteps = 100\n";
    let path = folder.write("v.toml", format!("{TWO}\n{vary}"));
    let batch = load(&Files::disk(), &[path]).batches.remove(0);
    let rows: usize = (0..batch.len()).map(|i| lower(&batch.scenario(i).unwrap()).problem.limits.len()).sum();
    assert_eq!(rows, 10_000);
}
