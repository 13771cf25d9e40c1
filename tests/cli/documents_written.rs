//! `check`, `track` and `replan` as pages and workbooks.

use std::fs;
use std::path::Path;

use calamine::{Data, Range, Reader, Xlsx, open_workbook};

use crate::common::{outlay_in, root, small, write};
use crate::loops::{FIVE_WEEKS, planned};

fn book(path: &Path) -> Xlsx<std::io::BufReader<fs::File>> {
    open_workbook(path).expect("a workbook")
}

fn text(range: &Range<Data>) -> String {
    range.rows().flatten().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Rows of a sheet by their first cell.
fn row<'a>(range: &'a Range<Data>, name: &str) -> &'a [Data] {
    range.rows().find(|r| r[0] == *name).unwrap_or_else(|| panic!("{name}: {}", text(range)))
}

fn number(cell: &Data) -> f64 {
    cell.to_string().parse().unwrap_or_else(|_| panic!("{cell}"))
}

#[test]
fn a_conflict_is_a_page_and_a_workbook_to_argue_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = root().join("scenarios/infeasible/targets.toml");
    let scenario = scenario.to_str().expect("UTF-8");
    let ran = outlay_in(folder.path(), &["check", scenario, "--html", "c.html", "--xlsx", "c.xlsx"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let page = fs::read_to_string(folder.path().join("c.html")).expect("a page");
    let words = [
        "cannot hold together",
        "blended CAC is at least 57.238",
        "total spend is at most 1,327,203",
        "raise the maximum of &quot;Blended CAC&quot; from 44 to 58.6989 (finance)",
        "The closest plan",
        "data-chart=\"conflict\"",
    ];
    for word in words {
        assert!(page.contains(word), "{word}");
    }
    // The sentences are those of the terminal, and nothing of the search shows.
    assert!(ran.stdout.replace('\n', " ").contains("blended CAC is at least 57.238"));
    assert!(!page.contains("e-1") && !page.contains("(gap"), "a page for those who do not run it");

    let mut book = book(&folder.path().join("c.xlsx"));
    let check = text(&book.worksheet_range("Check").expect("a sheet"));
    for word in ["Why", "blended CAC is at least 57.238", "lower the minimum of the budget"] {
        assert!(check.contains(word), "{word}: {check}");
    }
    // The limits stand there as they were asked for; the closest plan breaks one.
    let limits = book.worksheet_range("Limits").expect("limits");
    let cac = row(&limits, "Blended CAC");
    assert_eq!((number(&cac[4]), cac[8].to_string().as_str()), (44.0, "BROKEN"));
    assert_eq!(row(&limits, "Budget")[8].to_string(), "reached");
    // And it is the plan that the program finds once the cap is what it takes.
    let plan = book.worksheet_range("Plan").expect("a plan");
    let spends: f64 = plan.rows().skip(1).filter(|r| r[0] != Data::Empty).map(|r| number(&r[5])).sum();
    let csv: String = std::iter::once("line,spend\n".to_owned())
        .chain(
            plan.rows()
                .skip(1)
                .filter(|r| r[0] != Data::Empty)
                .map(|r| format!("{},{}\n", r[0], number(&r[5]))),
        )
        .collect();
    write(folder.path(), "closest.csv", csv);
    let judged = outlay_in(folder.path(), &["check", scenario, "--plan", "closest.csv", "--format", "json"]);
    let judged: serde_json::Value = serde_json::from_str(&judged.stdout).expect("JSON");
    let broken = judged["broken"].as_array().expect("a list");
    assert_eq!(broken.len(), 1, "{judged}");
    assert!((judged["totals"]["cac"].as_f64().expect("a figure") - 58.6989).abs() < 1e-3);
    assert!((spends - 2_140_614.0).abs() < 100.0, "{spends}");
    // The workbook is a plan file of its own.
    let own = outlay_in(folder.path(), &["check", scenario, "--plan", "c.xlsx", "--html", "judged.html"]);
    assert_eq!(own.code, 1, "{}", own.stderr);
    let page = fs::read_to_string(folder.path().join("judged.html")).expect("a page");
    assert!(page.contains("The plan breaks 1 rule."), "the judgement as a page");
}

#[test]
fn limits_that_hold_and_what_ifs_are_pages_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let cap = "\n[[limits]]\nname = \"Cap <&>\"\nmetric = \"cac\"\nmax = 5\n";
    let vary = "\n[[vary]]\nset = \"budget.max\"\nvalues = [300, 500]\n";
    write(folder.path(), "plan.toml", small(|t| t + cap + vary));
    let ran = outlay_in(folder.path(), &["check", "plan.toml", "--html", "c.html", "--xlsx", "c.xlsx"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let page = fs::read_to_string(folder.path().join("c.html")).expect("a page");
    assert_eq!(page.matches("<article").count(), 2);
    assert!(page.contains("budget at most 300") && page.contains("Cap &lt;&amp;&gt;"), "{page}");
    assert_eq!(book(&folder.path().join("c.xlsx")).sheet_names(), ["Check", "Check 2"]);
    // Nothing that is read is written over, and nothing is written then.
    let refused = outlay_in(folder.path(), &["check", "plan.toml", "--html", "plan.toml"]);
    assert!(refused.code == 2 && refused.stderr.contains("would be overwritten"), "{}", refused.stderr);
    let twice = outlay_in(folder.path(), &["check", "plan.toml", "--html", "x", "--xlsx", "x"]);
    assert!(twice.code == 2 && twice.stderr.contains("written twice"), "{}", twice.stderr);
}

#[test]
fn a_plan_in_flight_is_a_page_and_a_workbook() {
    let folder = planned();
    let at = |name: &str| folder.path().join(name);
    write(folder.path(), "actuals.csv", FIVE_WEEKS);
    let plan = ["quarter.json", "actuals.csv"];
    let run = |command: &str| {
        let (html, xlsx) = (format!("{command}.html"), format!("{command}.xlsx"));
        let all = [&[command], &plan[..], &["--html", &html, "--xlsx", &xlsx]].concat();
        let ran = outlay_in(folder.path(), &all);
        assert!(ran.code == 0, "{}", ran.stderr);
        let page = fs::read_to_string(at(&html)).expect("a page");
        assert!(!page.contains("(gap") && !page.contains("NaN"), "{command}");
        (ran.stdout, page, book(&at(&xlsx)))
    };
    let (said, page, mut book) = run("track");
    let headline = said.lines().nth(3).expect("a headline");
    assert!(page.contains(headline), "{headline}");
    assert!(page.contains("data-chart=\"waterfall\"") && page.contains("data-chart=\"allocation\""));
    let json = outlay_in(folder.path(), &[&["track"], &plan[..], &["--format", "json"]].concat()).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let sheet = book.worksheet_range("Track").expect("a sheet");
    for line in json["lines"].as_array().expect("lines") {
        // Shown rounded, there in full.
        let cells = row(&sheet, line["name"].as_str().expect("a name"));
        let spent = line["spend"]["actual"].as_f64().expect("spent");
        assert!((number(&cells[2]) - spent).abs() < 1e-6, "{line}");
    }

    let (said, page, mut book) = run("replan");
    assert!(said.contains("What is left") && page.contains("What is left") && page.contains("The new plan"));
    assert!(page.contains("class=\"tiles\""), "the new plan stands below");
    let sheet = book.worksheet_range("Re-plan").expect("a sheet");
    let total = row(&sheet, "Total");
    let plan = book.worksheet_range("Plan").expect("the plan's sheet");
    let whole: f64 = plan.rows().skip(1).filter(|r| r[0] != Data::Empty).map(|r| number(&r[5])).sum();
    let (spent, rest) = (number(&total[1]), number(&total[3]));
    assert!((spent + rest - whole).abs() < 1.0, "{spent} spent, {rest} left, {whole} in all");
}
