//! The workbook in a real spreadsheet program, where one is installed.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use outlay::report::{Sheet, View, xlsx};
use outlay::scenario::{Files, load, lower, result};

use crate::browser::on_path;
use crate::common::{outlay, root, write};

/// Makes the spreadsheet program work out every formula of a file it opens.
const ALWAYS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"#;

fn solved(name: &str) -> Sheet {
    let path = root().join(format!("scenarios/{name}.toml"));
    let scenario = load(&Files::disk(), &[path]).batches[0].scenario(0).expect("a scenario");
    let lowered = lower(&scenario);
    let solution = outlay::allocator::solve(&lowered.problem, &outlay::allocator::Options::default());
    let file = result(&scenario, &lowered, &solution.expect("a solution"));
    Sheet::new(View::new(&file, Some(&scenario)), &scenario)
}

/// The files as the spreadsheet program saves them again.
fn recalculated(program: &Path, folder: &Path, files: &[String]) {
    let user = folder.join("profile/user");
    fs::create_dir_all(&user).expect("a folder");
    fs::write(user.join("registrymodifications.xcu"), ALWAYS).expect("written");
    let status = Command::new(program)
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--norestore", "--convert-to", "xlsx", "--outdir"])
        .arg(folder.join("out"))
        .args(files)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(status.success(), "{status}");
}

fn number(range: &Range<Data>, row: usize, column: usize) -> Option<f64> {
    match range.get((row, column)) {
        Some(Data::Float(v)) => Some(*v),
        Some(Data::Int(v)) => Some(*v as f64),
        _ => None,
    }
}

/// To the cent, or to the last digits of large figures.
fn same(found: Option<f64>, expected: Option<f64>, what: &str) {
    match (found, expected.filter(|v| v.is_finite())) {
        (Some(f), Some(e)) => assert!((f - e).abs() <= 0.005_f64.max(1e-9 * e.abs()), "{what}: {f} for {e}"),
        (None, None) => {}
        (found, expected) => panic!("{what}: {found:?} for {expected:?}"),
    }
}

/// Formulas follow a changed spend: all spends are changed after the figures
/// were taken, and what the spreadsheet makes of them is worked out again from
/// the curves.
#[test]
#[allow(clippy::print_stderr)]
fn formulas_recalculate_to_the_cent() {
    let Some(program) = on_path(&["soffice", "libreoffice"]) else {
        eprintln!("skipped: no LibreOffice is installed");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let names = ["funnel", "deals", "launch", "media_mix"];
    let mut sheets = Vec::new();
    let mut files = Vec::new();
    for factor in [1.0, 0.93] {
        for name in names {
            let mut sheet = solved(name);
            sheet.view.lines.iter_mut().for_each(|l| l.spend *= factor);
            let path = folder.path().join(format!("{name} {factor}.xlsx"));
            fs::write(&path, xlsx::render(std::slice::from_ref(&sheet)).expect("a workbook"))
                .expect("written");
            files.push(path.to_str().expect("UTF-8").to_owned());
            sheets.push((format!("{name} {factor}"), sheet));
        }
    }
    recalculated(&program, folder.path(), &files);
    for (name, sheet) in &sheets {
        let path = folder.path().join(format!("out/{name}.xlsx"));
        let mut book: Xlsx<_> = open_workbook(path).expect("the saved workbook");
        check(&book.worksheet_range("Plan").expect("a plan"), name, sheet);
        let overview = book.worksheet_range("Overview").expect("an overview");
        assert!(
            overview.rows().flatten().all(|c| !matches!(c, Data::Error(_))),
            "{name}: an error on the overview"
        );
        let curves = book.worksheet_range("Curves").expect("curves");
        for (i, (line, facts)) in sheet.lines().enumerate() {
            same(number(&curves, 3, 1 + 4 * i), Some(line.spend), "the plan's mark");
            same(number(&curves, 3, 2 + 4 * i), Some(facts.curve.value(line.spend)), "the plan's outcome");
        }
    }
}

fn check(plan: &Range<Data>, name: &str, sheet: &Sheet) {
    let (mut cost, mut revenue, mut customers) = (0.0, 0.0, 0.0);
    for (i, (line, facts)) in sheet.lines().enumerate() {
        let what = |figure: &str| format!("{name}: {figure} of {}", line.name);
        let outcome = facts.curve.value(line.spend);
        let spent = line.spend * (1.0 + facts.fee);
        let (r, c) = (facts.revenue_per_outcome, facts.customers_per_outcome);
        same(number(plan, i + 1, 5), Some(line.spend), &what("spend"));
        same(number(plan, i + 1, 9), Some(spent), &what("cost"));
        if line.revenue.is_some() {
            same(number(plan, i + 1, 10), r.map(|r| r * outcome), &what("revenue"));
            same(number(plan, i + 1, 13), r.map(|r| r * outcome / spent), &what("iroas"));
        }
        if line.customers.is_some() {
            same(number(plan, i + 1, 11), c.map(|c| c * outcome), &what("customers"));
        }
        cost += spent;
        revenue += r.unwrap_or(0.0) * outcome;
        customers += c.unwrap_or(0.0) * outcome;
    }
    let total = sheet.view.lines.len() + 1;
    same(number(plan, total, 9), Some(cost), &format!("{name}: total cost"));
    let has = |metric: &str| {
        outlay::report::metric::Key::parse(metric)
            .and_then(|key| sheet.view.figure(key))
            .and_then(|f| f.plan)
            .is_some()
    };
    let facts = &sheet.facts;
    if has("revenue") {
        same(number(plan, total, 10), Some(revenue), &format!("{name}: total revenue"));
        same(number(plan, total, 13), Some(revenue / cost), &format!("{name}: iROAS"));
    }
    if has("customers") {
        same(number(plan, total, 11), Some(customers), &format!("{name}: total customers"));
    }
    if has("cac") {
        let cac = (cost + facts.other_cost) / (customers + facts.baseline_customers);
        same(number(plan, total, 12), Some(cac), &format!("{name}: blended CAC"));
    }
    if has("mer") {
        let mer = (revenue + facts.baseline_revenue) / (cost + facts.other_cost);
        same(number(plan, total + 1, 13), Some(mer), &format!("{name}: MER"));
    }
    for (i, (line, facts)) in sheet.lines().enumerate() {
        let share = line.spend * (1.0 + facts.fee) / cost;
        let found = number(plan, i + 1, 7).expect("a share");
        assert!((found - share).abs() < 1e-12, "{name}: share of {}: {found} for {share}", line.name);
    }
}

/// A cell of a sheet of a finished workbook, written over as a person would.
fn typed(book: &[u8], sheet: &str, cell: &str, value: f64) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook");
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut found = false;
    for i in 0..old.len() {
        let mut part = old.by_index(i).expect("a part");
        let (name, mut bytes) = (part.name().expect("a name").into_owned(), Vec::new());
        part.read_to_end(&mut bytes).expect("bytes");
        if name == format!("xl/worksheets/{sheet}.xml") {
            let text = String::from_utf8(bytes).expect("XML");
            let (before, rest) = text.split_once(&format!("<c r=\"{cell}\"")).expect("the cell");
            let (start, rest) = rest.split_once("<v>").expect("a value");
            let (_, after) = rest.split_once("</v>").expect("a value");
            found = true;
            bytes = format!("{before}<c r=\"{cell}\"{start}<v>{value}</v>{after}").into_bytes();
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        new.write_all(&bytes).expect("written");
    }
    assert!(found, "{sheet}");
    new.finish().expect("a workbook").into_inner()
}

/// After edits the workbook says what `check --plan` says, and claims no proof.
#[test]
#[allow(clippy::print_stderr)]
fn an_edited_workbook_claims_no_proof_and_judges_its_limits() {
    let Some(program) = on_path(&["soffice", "libreoffice"]) else {
        eprintln!("skipped: no LibreOffice is installed");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let sheet = solved("funnel");
    let book = xlsx::render(std::slice::from_ref(&sheet)).expect("a workbook");
    // The first line gets 150,000 more: the budget and the cap on CAC break.
    let spend = (sheet.view.lines[0].spend + 150_000.0).round();
    let edited = typed(&book, "sheet2", "F2", spend);
    let mut files = Vec::new();
    // A limit's number is yellow too: a cap on CAC that the plan does not keep.
    let capped = typed(&book, "sheet3", "E3", 40.0);
    for (name, bytes) in [("asis.xlsx", &book), ("edited.xlsx", &edited), ("capped.xlsx", &capped)] {
        fs::write(folder.path().join(name), bytes).expect("written");
        files.push(folder.path().join(name).to_str().expect("UTF-8").to_owned());
    }
    recalculated(&program, folder.path(), &files);
    let text = |range: &Range<Data>| {
        let cells = range.rows().flatten().map(ToString::to_string);
        cells.collect::<Vec<_>>().join("\n")
    };
    let open =
        |name: &str| -> Xlsx<_> { open_workbook(folder.path().join("out").join(name)).expect("a workbook") };
    let (mut asis, mut changed) = (open("asis.xlsx"), open("edited.xlsx"));
    let before = text(&asis.worksheet_range("Overview").expect("an overview"));
    assert!(before.contains("Proven optimal") && before.contains("optimal ·"), "{before}");
    let after = text(&changed.worksheet_range("Overview").expect("an overview"));
    assert!(!after.contains("Proven optimal") && !after.contains("optimal ·"), "{after}");
    assert!(
        after.contains("1 of the yellow numbers were changed") && after.contains("Nothing is proven"),
        "{after}"
    );

    let mut other = open("capped.xlsx");
    let said = text(&other.worksheet_range("Overview").expect("an overview"));
    assert!(said.contains("1 of the yellow numbers") && !said.contains("Proven optimal"), "{said}");
    let cap = other.worksheet_range("Limits").expect("limits");
    let cells: Vec<String> =
        (0..9).map(|k| cap.get((2, k)).map(ToString::to_string).unwrap_or_default()).collect();
    assert_eq!((cells[0].as_str(), cells[8].as_str()), ("Blended CAC", "BROKEN"));
    let slack = number(&cap, 2, 7).expect("a slack");
    assert!((slack - (40.0 - number(&cap, 2, 6).expect("a figure"))).abs() < 1e-9, "{slack}");

    // The judgement of the same plan, made by the program itself.
    let mut plan = String::from("line,spend\n");
    for (i, line) in sheet.view.lines.iter().enumerate() {
        let spent = if i == 0 { spend } else { line.spend };
        plan.push_str(&format!("{},{spent}\n", line.name));
    }
    let plan = write(folder.path(), "plan.csv", plan);
    let judged = outlay(&["check", "scenarios/funnel.toml", "--plan", &plan, "--format", "json"]);
    let judged: serde_json::Value = serde_json::from_str(&judged.stdout).expect("JSON");
    let limits = judged["limits"].as_array().expect("limits");
    let sheet_limits = changed.worksheet_range("Limits").expect("limits");
    let was = asis.worksheet_range("Limits").expect("limits");
    let mut broken = 0;
    for (i, limit) in sheet.view.limits.iter().enumerate() {
        let same_name =
            |l: &&serde_json::Value| l["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(&limit.name));
        let found = limits.iter().find(same_name).unwrap_or_else(|| panic!("{}: {judged}", limit.name));
        let value = found["value"].as_f64().expect("a figure");
        same(number(&sheet_limits, i + 1, 6), Some(value), &limit.name);
        let slack = [limit.max.map(|m| m - value), limit.min.map(|m| value - m)];
        let slack = slack.into_iter().flatten().fold(f64::INFINITY, f64::min);
        same(number(&sheet_limits, i + 1, 7), Some(slack), &limit.name);
        let said = sheet_limits.get((i + 1, 8)).map(ToString::to_string).unwrap_or_default();
        assert_eq!(said == "BROKEN", slack < -1e-3, "{}: {said}, slack {slack}", limit.name);
        broken += usize::from(said == "BROKEN");
        assert_ne!(
            was.get((i + 1, 8)).map(ToString::to_string).unwrap_or_default(),
            "BROKEN",
            "{}",
            limit.name
        );
    }
    assert!(broken > 0, "the change breaks something");
    let profit = judged["totals"]["profit"].as_f64().expect("a figure");
    let plan = changed.worksheet_range("Plan").expect("a plan");
    same(number(&plan, sheet.view.lines.len() + 1, 19), Some(profit), "profit");
}

/// For shipped scenarios of every kind, what the sheets say after a spend is
/// changed is what `check --plan` says, to the cent; what cannot follow is said
/// to be as solved.
#[test]
#[allow(clippy::print_stderr)]
fn edited_workbooks_of_every_kind_say_what_the_program_says() {
    let Some(program) = on_path(&["soffice", "libreoffice"]) else {
        eprintln!("skipped: no LibreOffice is installed");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let all = [
        ("run", "scenarios/funnel.toml"),
        ("run", "scenarios/deals.toml"),
        ("run", "scenarios/profit.toml"),
        ("run", "scenarios/lifetime.toml"),
        ("run", "scenarios/launch.toml"),
        ("run", "scenarios/steps.toml"),
        ("run", "scenarios/media_mix.toml"),
        ("run", "scenarios/halo.toml"),
        ("run", "scenarios/quarter.toml"),
        ("check", "scenarios/infeasible/targets.toml"),
    ];
    let mut files = Vec::new();
    for (i, (command, scenario)) in all.iter().enumerate() {
        let path = at(&format!("{i}.xlsx"));
        let ran = outlay(&[command, scenario, "--xlsx", &path]);
        assert!(ran.code < 2, "{scenario}: {}", ran.stderr);
        let mut book: Xlsx<_> = open_workbook(&path).expect("a workbook");
        let plan = book.worksheet_range("Plan").expect("a plan");
        // The first line that spends gets 7% more.
        let row =
            (1..plan.height()).find(|&r| number(&plan, r, 5).is_some_and(|x| x > 0.0)).expect("a spend");
        let spend = (1.07 * number(&plan, row, 5).expect("a spend")).round();
        let edited = typed(&fs::read(&path).expect("bytes"), "sheet2", &format!("F{}", row + 1), spend);
        fs::write(&path, edited).expect("written");
        files.push(path);
    }
    recalculated(&program, folder.path(), &files);
    let mut followed = 0;
    for (i, (command, scenario)) in all.iter().enumerate() {
        let mut book: Xlsx<_> =
            open_workbook(folder.path().join(format!("out/{i}.xlsx"))).expect("a workbook");
        let plan = book.worksheet_range("Plan").expect("a plan");
        let mut csv = String::from("line,spend\n");
        let lines = (1..plan.height()).take_while(|&r| plan.get((r, 0)).is_some_and(|c| *c != Data::Empty));
        let lines: Vec<usize> = lines.collect();
        for &r in &lines {
            let name = plan.get((r, 0)).expect("a name");
            csv.push_str(&format!("\"{name}\",{}\n", number(&plan, r, 5).expect("a spend")));
        }
        let csv = write(folder.path(), &format!("{i}.csv"), csv);
        let judged = outlay(&["check", scenario, "--plan", &csv, "--format", "json"]);
        let judged: serde_json::Value =
            serde_json::from_str(&judged.stdout).unwrap_or_else(|_| panic!("{scenario}: {}", judged.stderr));
        let total = lines.len() + 1;
        let live = |column: usize| {
            lines.iter().all(|&r| {
                // A figure as solved is a number, not a formula's; the program marks it.
                number(&plan, r, column).is_none_or(f64::is_finite)
            })
        };
        assert!(live(9));
        same(number(&plan, total, 9), judged["totals"]["spend"].as_f64(), &format!("{scenario}: spend"));
        let limits = book.worksheet_range("Limits").expect("limits");
        for row in 1..limits.height() {
            let cell = |k: usize| limits.get((row, k)).map(ToString::to_string).unwrap_or_default();
            let name = cell(0);
            if name.is_empty() || cell(8) == "as solved" {
                continue;
            }
            let found = judged["limits"]
                .as_array()
                .expect("limits")
                .iter()
                .find(|l| l["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(&name)));
            let found = found.unwrap_or_else(|| panic!("{scenario}: {name}: {judged}"));
            let (value, what) = (found["value"].as_f64().expect("a figure"), format!("{scenario}: {name}"));
            same(number(&limits, row, 6), Some(value), &what);
            let sides =
                [number(&limits, row, 4).map(|m| m - value), number(&limits, row, 3).map(|m| value - m)];
            let slack = sides.into_iter().flatten().fold(f64::INFINITY, f64::min);
            same(number(&limits, row, 7), Some(slack), &what);
            let size = [number(&limits, row, 3), number(&limits, row, 4)].into_iter().flatten();
            let size = size.map(f64::abs).fold(0.0, f64::max);
            if slack.abs() > 1e-5 * size {
                assert_eq!(cell(8) == "BROKEN", slack < 0.0, "{what}: {}, slack {slack}", cell(8));
            }
            followed += 1;
        }
        let first =
            book.worksheet_range(if *command == "run" { "Overview" } else { "Check" }).expect("a sheet");
        let text: Vec<String> = first.rows().flatten().map(ToString::to_string).collect();
        let text = text.join("\n");
        assert!(!text.contains("Proven optimal") && !text.contains("#"), "{scenario}: {text}");
        assert!(
            text.contains("1 of the yellow numbers") || text.contains("Numbers were changed"),
            "{scenario}: {text}"
        );
    }
    assert!(followed > 25, "{followed} limits were compared");
}
