//! What-ifs and bases: the grid by index, merging, paths.

use outlay_scenario::{Files, load};
use proptest::prelude::*;

use crate::support::{Folder, TWO, TWO_JSON, batch, proven, rejected_at};

fn vary(text: &str) -> (Folder, outlay_scenario::Batch) {
    let folder = Folder::new();
    let path = folder.write("v.toml", format!("{TWO}\n{text}"));
    let batch = batch(&path);
    (folder, batch)
}

#[test]
fn the_last_vary_changes_fastest() {
    let (_folder, batch) = vary(
        "[[vary]]\nset = \"budget.max\"\nfrom = 100\nto = 300\nsteps = 3\n\
         [[vary]]\nset = \"lines.A.spend.max\"\nvalues = [50, 60]\n",
    );
    assert_eq!(batch.len(), 6);
    let seen: Vec<(f64, f64)> = (0..6)
        .map(|i| {
            let s = batch.scenario(i).unwrap();
            (s.budget.unwrap().max.unwrap(), s.lines[0].max.unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [(100.0, 50.0), (100.0, 60.0), (200.0, 50.0), (200.0, 60.0), (300.0, 50.0), (300.0, 60.0)]
    );
    let scenario = batch.scenario(1).unwrap();
    assert_eq!(scenario.name, "v [budget.max=100, lines.A.spend.max=60]");
    assert_eq!(scenario.source.set["lines.A.spend.max"], 60);
}

#[test]
fn one_at_a_time_begins_as_written() {
    let (_folder, batch) = vary(
        "[[vary]]\nset = \"budget.max\"\nscale = [0.5, 2]\nmode = \"one_at_a_time\"\n\
         [[vary]]\nset = \"lines.A.spend.max\"\nvalues = [50]\nmode = \"one_at_a_time\"\n",
    );
    let seen: Vec<(f64, f64)> = (0..batch.len())
        .map(|i| {
            let s = batch.scenario(i).unwrap();
            (s.budget.unwrap().max.unwrap(), s.lines[0].max.unwrap())
        })
        .collect();
    assert_eq!(seen, [(600.0, 400.0), (300.0, 400.0), (1200.0, 400.0), (600.0, 50.0)]);
}

#[test]
fn a_million_combinations_are_one_index_away() {
    let axis = |path: &str| format!("[[vary]]\nset = \"{path}\"\nfrom = 100\nto = 199\nsteps = 100\n");
    let paths = ["budget.max", "lines.A.spend.max", "lines.B.spend.current"];
    let (_folder, batch) = vary(&paths.map(axis).concat());
    assert_eq!(batch.len(), 1_000_000);
    let s = batch.scenario(123_456).unwrap();
    assert_eq!(
        (s.budget.unwrap().max, s.lines[0].max, s.lines[1].current),
        (Some(112.0), Some(134.0), 156.0)
    );
}

#[test]
fn a_selection_sets_all_its_lines() {
    let (_folder, batch) = vary("[[vary]]\nset = \"lines[stage=awareness].fee\"\nvalues = [0.2]\n");
    let s = batch.scenario(0).unwrap();
    assert_eq!((s.lines[0].fee, s.lines[1].fee), (0.2, 0.0));
}

#[test]
fn bad_what_ifs_are_refused() {
    let folder = Folder::new();
    for (text, expected) in [
        ("set = \"lines.C.spend.max\"\nvalues = [1]", "unknown line `C`"),
        ("set = \"limits.CAC.max\"\nvalues = [1]", "unknown limit `CAC`"),
        ("set = \"budget.maxx\"\nvalues = [1]", "did you mean `max`?"),
        ("set = \"lines.A.name\"\nvalues = [\"x\"]", "names no field"),
        ("set = \"budget.min\"\nscale = [1]", "has no number to scale"),
        ("set = \"budget.max\"\nvalues = []", "`values` is missing"),
        (
            "set = \"budget.max\"",
            "none of `values`, `from, to and steps`, `scale` is given: give exactly one",
        ),
        ("set = \"budget.max\"\nfrom = 1\nto = 2", "`steps` is missing"),
        ("set = \"budget.max\"\nvalues = [-5]", "-5 is not at least 0"),
        ("set = \"lines.A.spend.max.x\"\nvalues = [5]", "not a table"),
    ] {
        let found = rejected_at(&folder.write("v.toml", format!("{TWO}\n[[vary]]\n{text}\n")));
        assert!(found.contains(expected), "{text}: {found}");
    }
}

#[test]
fn fields_can_be_set_without_a_what_if() {
    let (_folder, batch) = vary("");
    let set = [
        ("budget.max", serde_json::json!(70)),
        ("lines[stage=awareness].fee", serde_json::json!({ "scale": 2 })),
    ];
    let set = set.into_iter().map(|(path, value)| (path.to_owned(), value)).collect();
    let scenario = batch.with(&set).unwrap();
    assert_eq!(scenario.budget.unwrap().max, Some(70.0));
    assert_eq!(scenario.lines[0].fee, 0.2);
    assert_eq!(scenario.source.set, set);
    let wrong = [("budge.max".to_owned(), serde_json::json!(70))].into_iter().collect();
    assert!(batch.with(&wrong).unwrap_err().to_string().contains("did you mean `budget`?"));
}

#[test]
fn one_bad_combination_stops_no_other() {
    let (_folder, batch) = vary("[[vary]]\nset = \"budget.max\"\nvalues = [100, -1, 200]\n");
    let good: Vec<bool> = (0..3).map(|i| batch.scenario(i).is_ok()).collect();
    assert_eq!(good, [true, false, true]);
}

#[test]
fn a_file_changes_the_one_it_extends() {
    let folder = Folder::new();
    folder.write(
        "base.toml",
        format!("name = \"base\"\n{TWO}\n[[limits]]\nname = \"L\"\nmetric = \"cac\"\nmax = 60\n"),
    );
    let child = folder.write(
        "child.toml",
        "outlay = 1\nextends = \"base.toml\"\nremove = [\"limits.L\"]\nbaseline = { customers = 7 }\nbudget = { min = 5 }\n\
         [[lines]]\nname = \"A\"\nspend = { max = 300 }\ncurve = { family = \"linear\", rate = 2 }\n\
         [[lines]]\nname = \"C\"\ncurve = { family = \"linear\", rate = 1 }\noutcome = \"revenue\"\n",
    );
    let s = batch(&child).scenario(0).unwrap();
    assert_eq!(s.name, "child");
    assert_eq!(s.limits.len(), 0);
    assert_eq!((s.baseline.customers, s.baseline.revenue), (Some(7.0), Some(100.0)), "baseline merges");
    let budget = s.budget.unwrap();
    assert_eq!((budget.min, budget.max), (Some(5.0), None), "budget is replaced");
    let names: Vec<&str> = s.lines.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert_eq!((s.lines[0].current, s.lines[0].max), (100.0, Some(300.0)), "spend merges");
    assert_eq!(s.lines[0].curve.value(10.0), 20.0, "the curve is replaced");
    assert_eq!(s.source.inputs.len(), 1);
}

#[test]
fn bad_bases_are_refused() {
    let folder = Folder::new();
    let a = folder.write("a.toml", "outlay = 1\nextends = \"b.toml\"\n");
    folder.write("b.toml", "outlay = 1\nextends = \"a.toml\"\n");
    assert!(rejected_at(&a).contains("extends itself"));
    let c = folder.write("c.toml", "outlay = 1\nextends = \"nowhere.toml\"\n");
    assert!(rejected_at(&c).contains("c.toml:2:11"));
    folder.write("base.toml", TWO);
    let d = folder.write("d.toml", "outlay = 1\nextends = \"base.toml\"\nremove = [\"lines.AA\"]\n");
    assert!(rejected_at(&d).contains("did you mean `A`?"));
    let e = folder.write(
        "e.toml",
        "outlay = 1\nextends = \"base.toml\"\n[[lines]]\nname = \"A\"\nspend = { max = -3 }\n",
    );
    assert!(rejected_at(&e).contains("e.toml:5:17: lines.A.spend.max"), "{}", rejected_at(&e));
}

#[test]
fn a_price_that_rises_stretches_the_curve() {
    let folder = Folder::new();
    let text = TWO.replacen(
        "fee = 0.1",
        "rate = { cpm = 12, fitted_at = 10, invalid_traffic = 0.36, fitted_invalid_traffic = 0.36 }",
        1,
    );
    let path = folder.write(
        "r.toml",
        format!("{text}\n[[vary]]\nset = \"lines.A.rate.invalid_traffic\"\nvalues = [0.36, 0.1]\n"),
    );
    let batch = batch(&path);
    let plain = crate::support::scenario(TWO).lines[0].curve.clone();
    let curve = |i| batch.scenario(i).unwrap().lines[0].curve.clone();
    approx::assert_relative_eq!(curve(0).value(120.0), plain.value(100.0), max_relative = 1e-12);
    approx::assert_relative_eq!(curve(1).value(120.0), plain.value(100.0 * 0.9 / 0.64), max_relative = 1e-12);
    let line = proven(&batch.scenario(1).unwrap()).lines.unwrap().remove(0);
    approx::assert_relative_eq!(line.effective_rate.unwrap(), 12.0 / 0.9, max_relative = 1e-12);
    approx::assert_relative_eq!(line.units.unwrap(), line.spend * 1000.0 * 0.9 / 12.0, max_relative = 1e-12);
}

#[test]
fn a_price_with_nothing_to_compare_to_cannot_vary() {
    let folder = Folder::new();
    let text = TWO.replacen("fee = 0.1", "rate = { cpm = 12 }", 1);
    let path =
        folder.write("r.toml", format!("{text}\n[[vary]]\nset = \"lines.A.rate.cpm\"\nvalues = [13]\n"));
    assert!(rejected_at(&path).contains("`rate.fitted_at` is missing"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Any index of the grid is the index of a naive cross product.
    #[test]
    fn indices_match_nested_loops(sizes in proptest::collection::vec(1usize..5, 1..4)) {
        let paths = ["budget.max", "lines.A.spend.max", "lines.B.spend.current"];
        let axis = |(path, &n): (&&str, &usize)| {
            let values: Vec<String> = (0..n).map(|k| (100 + k).to_string()).collect();
            format!("[[vary]]\nset = \"{path}\"\nvalues = [{}]\n", values.join(", "))
        };
        let (_folder, batch) = vary(&paths.iter().zip(&sizes).map(axis).collect::<String>());
        let mut naive = vec![Vec::new()];
        for &n in &sizes {
            naive = naive.iter().flat_map(|row| (0..n).map(move |k| {
                let mut row: Vec<f64> = row.clone();
                row.push((100 + k) as f64);
                row
            })).collect();
        }
        prop_assert_eq!(batch.len(), naive.len() as u64);
        for (index, row) in naive.iter().enumerate() {
            let s = batch.scenario(index as u64).unwrap();
            let all = [s.budget.unwrap().max.unwrap(), s.lines[0].max.unwrap(), s.lines[1].current];
            prop_assert_eq!(&all[..row.len()], &row[..]);
        }
    }

    /// Every truncation and every changed byte is read or refused.
    #[test]
    fn broken_files_never_panic(at in 0usize..2000, byte in any::<u8>(), cut in any::<bool>(), json in any::<bool>()) {
        let text = if json {
            TWO_JSON.to_owned()
        } else {
            format!("{TWO}\n[[vary]]\nset = \"budget.max\"\nvalues = [1, 2]\n")
        };
        let mut bytes = text.into_bytes();
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let folder = Folder::new();
        let path = folder.write(if json { "x.json" } else { "x.toml" }, bytes);
        for batch in load(&Files::disk(), &[path]).batches {
            let _ = batch.scenario(0).map(|s| outlay_scenario::lower(&s));
        }
    }

    /// So are arbitrary bytes.
    #[test]
    fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), json in any::<bool>()) {
        let folder = Folder::new();
        let path = folder.write(if json { "x.json" } else { "x.toml" }, bytes);
        prop_assert!(load(&Files::disk(), &[path]).batches.is_empty());
    }
}
