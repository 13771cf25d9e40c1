//! Wrong input is named: file, line, column, field, value, what is allowed.

use crate::support::{Folder, TWO, TWO_JSON, rejected, rejected_at, scenario};
use outlay_scenario::{Files, load};

/// `TWO` with one text replaced by another.
fn with(old: &str, new: &str) -> String {
    assert!(TWO.contains(old), "{old}");
    TWO.replacen(old, new, 1)
}

/// Every part of `expected` occurs in what the text is rejected for.
#[track_caller]
fn refuses(text: &str, expected: &[&str]) {
    let found = rejected(text);
    for part in expected {
        assert!(found.contains(part), "{part:?} is not in:\n{found}");
    }
}

#[test]
fn two_lines_are_right() {
    let scenario = scenario(TWO);
    assert_eq!(scenario.name, "s");
    assert_eq!(scenario.lines.len(), 2);
    assert_eq!(scenario.lines[0].tags["stage"], "awareness");
    assert_eq!(scenario.source.sha256.len(), 64);
}

#[test]
fn names_the_nearest_field() {
    refuses(
        &with("margin = 0.6", "margn = 0.6"),
        &["s.toml:16:1", "lines.A", "unknown field `margn`", "did you mean `margin`?"],
    );
    refuses(
        &with("half_saturation = 150", "half_saturaton = 150"),
        &["s.toml:11", "did you mean `half_saturation`?"],
    );
    refuses(
        &with("family = \"hill\"", "family = \"hil\""),
        &["lines.B.curve", "`hil`", "did you mean `hill`?"],
    );
    refuses(&with("budget =", "buget ="), &["unknown field `buget`", "did you mean `budget`?"]);
    refuses(
        &with("outcome = \"revenue\"", "outcome = \"revenu\""),
        &["lines.A.outcome", "did you mean `revenue`?"],
    );
}

#[test]
fn reports_all_it_finds() {
    let text = with("margin = 0.6", "margn = 0.6\nfeee = 1").replace("margin = 0.5", "margin = \"x\"");
    refuses(&text, &["`margn`", "`feee`", "lines.B.margin", "the text \"x\""]);
}

#[test]
fn refuses_numbers_out_of_range() {
    refuses(
        &with("current = 100", "current = -1"),
        &["s.toml:10:", "lines.A.spend.current", "-1 is not at least 0"],
    );
    refuses(&with("current = 100", "current = nan"), &["NaN is not a finite number"]);
    refuses(&with("max = 400", "max = inf"), &["lines.A.spend.max", "inf is not a finite number"]);
    refuses(&with("max = 400", "max = 400, min = 401"), &["lines.A.spend.min", "min 401 is above max 400"]);
    refuses(&with("fee = 0.1", "fee = 10"), &["lines.A.fee", "10 is not a fraction"]);
    refuses(&with("ceiling = 2000", "ceiling = 0"), &["lines.A.curve.ceiling", "is 0, must be"]);
    refuses(&with("max = 600", "max = 600, min = 700"), &["s.toml:4:", "budget.min"]);
    refuses(&with("max = 600", "max = 600, exact = 700"), &["budget", "exact"]);
    refuses(&with("outlay = 1", "outlay = 2"), &["s.toml:2:10", "outlay", "2"]);
}

#[test]
fn refuses_what_is_missing() {
    refuses(&with("outcome = \"revenue\"\n", ""), &["lines.A", "`outcome` is missing"]);
    refuses("outlay = 1\n", &["`lines` is missing"]);
    refuses(&with("outlay = 1", ""), &["`outlay` is missing"]);
    let limit = "[[limits]]\nmetric = \"cac\"\nmax = 60\n";
    let text = with("revenue_per_customer = 50\n", "") + limit;
    refuses(&text, &["limits.cac.metric", "revenue_per_customer", "line A"]);
    refuses(
        &(with("margin = 0.5\n", "").replace("currency", "goal = { maximize = \"profit\" }\ncurrency")),
        &["lines.B.margin"],
    );
}

#[test]
fn refuses_limits_without_meaning() {
    let limit = |text: &str| format!("{TWO}\n[[limits]]\n{text}\n");
    refuses(&limit("metric = \"cac\"\nmin = 3"), &["limits.cac.min", "a floor on cost per customer"]);
    refuses(&limit("metric = \"cacc\"\nmax = 3"), &["did you mean `cac`?"]);
    refuses(&limit("metric = \"spend\""), &["none of `min`, `max` is given: give at least one"]);
    refuses(&limit("metric = \"spend\"\nmin = 3\nmax = 2"), &["min 3 is above max 2"]);
    refuses(
        &limit("metric = \"spend\"\nmax = 2\nwhere = { stge = \"awareness\" }"),
        &["where.stge", "did you mean `stage`?"],
    );
    refuses(
        &limit("metric = \"spend\"\nmax = 2\nwhere = { stage = \"awarenes\" }"),
        &["s.toml:34:19", "unknown value of tag stage `awarenes`", "did you mean `awareness`?", "conversion"],
    );
    refuses(&limit("metric = \"spend\"\nmax = 2\nby = \"stag\""), &["did you mean `stage`?"]);
    refuses(&limit("metric = \"attribute.co3\"\nmax = 2"), &["attributes.co3"]);
    refuses(
        &limit(
            "metric = \"spend\"\nmax = 2\nname = \"x\"\n[[limits]]\nmetric = \"cac\"\nmax = 2\nname = \"x\"",
        ),
        &["`x` is used twice"],
    );
}

#[test]
fn refuses_two_of_a_name() {
    refuses(&with("name = \"B\"", "name = \"A\""), &["s.toml:21:8", "the line name `A` is used twice"]);
    refuses(&with("fee = 0.1", "fee = 0.1\nfee = 0.2"), &["s.toml:18", "duplicate key"]);
}

#[test]
fn refuses_files_that_are_not_text() {
    let folder = Folder::new();
    for (name, content, expected) in [
        ("a.toml", &b"\xff\xfe"[..], "not UTF-8 at byte 0"),
        ("b.toml", b"", "empty"),
        ("c.json", b"  \n", "empty"),
        ("d.json", b"{\"a\": 1, \"a\": 2}", "`a` is written twice"),
        ("e.json", b"{\"a\": 01}", "e.json:1:"),
        ("f.json", b"[1, 2]", "a list where a scenario is expected"),
        ("g.json", b"{\"outlay\": NaN}", "g.json:1:"),
        ("h.json", b"{\"outlay\": 1,}", "h.json:1:"),
    ] {
        let path = folder.write(name, content);
        let found = rejected_at(&path);
        assert!(found.contains(expected), "{name}: {found}");
    }
    assert!(rejected_at(&folder.path().join("absent.toml")).contains("absent.toml"));
}

#[test]
fn survives_deep_nesting() {
    let folder = Folder::new();
    let deep = 200_000;
    for (name, text) in [
        ("a.json", "[".repeat(deep)),
        ("b.json", "{\"a\":".repeat(deep)),
        ("c.toml", format!("a = {}", "[".repeat(deep))),
        ("d.toml", format!("a = {}", "{a=".repeat(deep))),
        ("e.toml", format!("{}a = 1", "a.".repeat(deep))),
        ("f.toml", format!("[{}a]", "a.".repeat(deep))),
    ] {
        let path = folder.write(name, text);
        assert!(!rejected_at(&path).is_empty(), "{name}");
    }
}

#[test]
fn every_truncation_is_read_or_refused() {
    let folder = Folder::new();
    for (name, text) in [("t.toml", TWO), ("t.json", TWO_JSON)] {
        for end in 0..text.len() {
            let _ = rejected_at(&folder.write(name, &text[..end]));
        }
    }
}

#[test]
fn a_byte_order_mark_is_nothing() {
    let folder = Folder::new();
    let path = folder.write("s.toml", format!("\u{feff}{TWO}"));
    assert_eq!(rejected_at(&path), "");
}

#[test]
fn json_is_the_same_schema() {
    let folder = Folder::new();
    let path = folder.write("s.json", TWO_JSON);
    let json = load(&Files::disk(), &[path]).batches.remove(0).scenario(0).unwrap();
    assert_eq!(json.lines, scenario(TWO).lines);
}

#[test]
fn a_folder_is_its_scenarios() {
    let folder = Folder::new();
    folder.write("b.toml", TWO);
    folder.write("a.toml", TWO);
    folder.write("c.toml", "outlay = 9\nlines = 3");
    folder.write("curves.json", "{\"outlay\": 1, \"curves\": []}");
    folder.write("notes.txt", "x");
    let loaded = load(&Files::disk(), &[folder.path().to_owned()]);
    let names: Vec<&str> = loaded.batches.iter().map(|b| b.name()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(loaded.skipped.len(), 1);
    assert_eq!(loaded.rejected.len(), 1);
    let empty = Folder::new();
    assert_eq!(load(&Files::disk(), &[empty.path().to_owned()]).rejected.len(), 1);
}

#[test]
fn equal_names_are_refused() {
    let folder = Folder::new();
    let a = folder.write("a.toml", format!("name = \"x\"\n{TWO}"));
    let b = folder.write("b.toml", format!("name = \"x\"\n{TWO}"));
    let loaded = load(&Files::disk(), &[a, b]);
    assert_eq!(loaded.batches.len(), 1);
    assert!(loaded.rejected[0].to_string().contains("the scenario name `x` is used twice"));
}

#[test]
fn library_curves_cover_the_horizon() {
    let folder = Folder::new();
    let library = r#"{"outlay": 1, "currency": "USD", "unit": "week", "curves": [
        {"name": "tv", "outcome": "revenue", "curve": {"family": "exponential", "ceiling": 10, "scale": 5},
         "observed": {"periods": 52, "min": 0, "mean": 3, "max": 8}}]}"#;
    folder.write("curves.json", library);
    let text = |extra: &str| {
        format!(
            "outlay = 1\ncurves = \"curves.json\"\n{extra}\nbudget.max = 100\n[[lines]]\nname = \"tv\"\nspend.current = 10\n"
        )
    };
    let good =
        folder.write("good.toml", text("currency = \"USD\"\nhorizon = { periods = 13, unit = \"week\" }"));
    let line = load(&Files::disk(), &[good]).batches[0].scenario(0).unwrap().lines[0].clone();
    let weekly = |x: f64| 10.0 * (1.0 - (-x / 5.0).exp());
    approx::assert_relative_eq!(line.curve.value(26.0), 13.0 * weekly(2.0), max_relative = 1e-12);
    assert_eq!(line.observed_max, Some(104.0));
    for (extra, expected) in [
        (
            "currency = \"EUR\"\nhorizon = { periods = 13, unit = \"week\" }",
            "currency is EUR here and USD in",
        ),
        ("horizon = { periods = 13, unit = \"week\" }", "`currency` is missing"),
        ("currency = \"USD\"", "`horizon` is missing"),
        ("currency = \"USD\"\nhorizon = { periods = 3, unit = \"month\" }", "unit is month here and week in"),
    ] {
        let found = rejected_at(&folder.write("bad.toml", text(extra)));
        assert!(found.contains(expected), "{found}");
    }
    let named = text("currency = \"USD\"\nhorizon = { periods = 13, unit = \"week\" }")
        .replace("name = \"tv\"", "name = \"tvv\"");
    assert!(rejected_at(&folder.write("bad.toml", named)).contains("did you mean `tv`?"));
}
