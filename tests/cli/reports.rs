//! Every number of every report equals the result file's.

use std::collections::BTreeMap;
use std::fs;

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::Value;

use crate::common::outlay;

/// Scenarios with fees, deals, several limits and many kinds of curve.
const SCENARIOS: [&str; 3] = ["funnel", "deals", "launch"];

/// A table of a page: cells by column key, exact where the cell has a figure.
type Rows = Vec<BTreeMap<String, String>>;

struct Reports {
    result: Value,
    page: String,
    csv: String,
    markdown: String,
    book: Xlsx<std::io::BufReader<fs::File>>,
}

fn reports(name: &str) -> Reports {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |file: &str| folder.path().join(file).to_str().expect("UTF-8").to_owned();
    let scenario = format!("scenarios/{name}.toml");
    let (html, xlsx) = (at("report.html"), at("plan.xlsx"));
    let ran = outlay(&["run", &scenario, "--format", "json", "--html", &html, "--xlsx", &xlsx]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let printed = |format: &str| outlay(&["run", &scenario, "--format", format]).stdout;
    Reports {
        result: serde_json::from_str(&ran.stdout).expect("JSON"),
        page: fs::read_to_string(&html).expect("the page"),
        csv: printed("csv"),
        markdown: printed("markdown"),
        book: open_workbook(&xlsx).expect("the workbook"),
    }
}

/// What stands between two texts, every time.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// The body of the first table of that name.
fn table(page: &str, name: &str) -> Rows {
    let start = format!("data-table=\"{name}\"");
    let table = *between(page, &start, "</table>").first().expect("the table is there");
    let (head, body) = table.split_once("<tbody>").expect("a body");
    let body = body.split("</tbody>").next().unwrap_or_default();
    let keys = between(head, "data-key=\"", "\"");
    let cell = |cell: &str| match cell.split_once("data-value=\"") {
        Some((_, rest)) => rest.split('"').next().unwrap_or_default().to_owned(),
        None => unescaped(cell.split_once('>').map_or("", |c| c.1).split('<').next().unwrap_or_default()),
    };
    let row = |row: &str| {
        let cells = row.split("<th scope=\"row\"").flat_map(|part| part.split("<td")).skip(1).map(cell);
        keys.iter().map(|k| (*k).to_owned()).zip(cells.collect::<Vec<_>>()).collect()
    };
    between(body, "<tr>", "</tr>").into_iter().map(row).collect()
}

fn same(found: &str, expected: &Value, what: &str) {
    let found = if found.is_empty() { None } else { Some(found.parse::<f64>().expect("a number")) };
    match (found, expected.as_f64()) {
        // CSV has fifteen digits, pages all of them.
        (Some(f), Some(e)) => assert!((f - e).abs() <= 5e-15 * e.abs(), "{what}: {f} for {e}"),
        (found, expected) => assert_eq!(found, expected, "{what}"),
    }
}

#[test]
fn the_page() {
    for name in SCENARIOS {
        let Reports { result, page, .. } = reports(name);
        let lines = result["lines"].as_array().expect("a plan");
        let rows = table(&page, "lines");
        assert_eq!(rows.len(), lines.len());
        for (row, line) in rows.iter().zip(lines) {
            assert_eq!(row["line"], line["name"].as_str().expect("a name"));
            for key in [
                "current",
                "spend",
                "change",
                "revenue",
                "customers",
                "cac",
                "marginal_cac",
                "iroas",
                "mroas",
            ] {
                let what = format!("{name}: {} of {}", key, line["name"]);
                same(row.get(key).map_or("", String::as_str), &line[key], &what);
            }
        }
        let rows = table(&page, "limits");
        let limits = result["limits"].as_array().expect("limits");
        assert_eq!(rows.len(), limits.len());
        for (row, limit) in rows.iter().zip(limits) {
            same(&row["value"], &limit["value"], "a limit's value");
            same(&row["today"], &limit["reference"], "a limit's value today");
            same(&row["shadow_price"], &limit["shadow_price"], "a price");
        }
        let tiles = between(&page, "data-metric=\"", "</div>");
        assert!(tiles.len() >= 4, "{name}");
        for tile in tiles.iter().filter(|t| t.contains("<strong")) {
            let metric = tile.split('"').next().unwrap_or_default();
            let values = between(tile, "data-value=\"", "\"");
            same(values[0], &result["totals"][metric], metric);
            same(values[1], &result["reference"]["totals"][metric], metric);
        }
        for (i, line) in lines.iter().enumerate() {
            let spend = line["spend"].as_f64().expect("a spend");
            assert!(
                page.matches(&format!("data-spend=\"{spend}\"")).count() >= 2,
                "{name} {i}: bar and mark"
            );
        }
    }
}

#[test]
fn csv_and_markdown() {
    for name in SCENARIOS {
        let Reports { result, csv, markdown, .. } = reports(name);
        let lines = result["lines"].as_array().expect("a plan");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let head = reader.headers().expect("a head").clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
        assert_eq!(rows.len(), lines.len());
        for (row, line) in rows.iter().zip(lines) {
            let cells: BTreeMap<&str, &str> = head.iter().zip(row.iter()).collect();
            for key in [
                "current",
                "spend",
                "change",
                "revenue",
                "customers",
                "cac",
                "marginal_cac",
                "iroas",
                "mroas",
            ] {
                same(cells[key], &line[key], &format!("{name}: {key} of {}", line["name"]));
            }
        }
        for line in lines {
            let title = line["name"].as_str().expect("a name").replace('&', "\\&");
            let row = markdown.lines().find(|l| l.starts_with(&format!("| {title} |"))).expect("a row");
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            for (cell, key, scale) in [
                (2, "current", 1.0),
                (3, "spend", 1.0),
                (4, "change", 100.0),
                (6, "iroas", 1.0),
                (7, "mroas", 1.0),
            ] {
                close(cells[cell], line[key].as_f64().map(|v| v * scale), &format!("{name}: {title}: {key}"));
            }
        }
    }
}

/// A figure as printed stands for the exact one: within one unit of its last
/// digit, since columns are rounded to add up.
fn close(printed: &str, exact: Option<f64>, what: &str) {
    let Some(exact) = exact else {
        assert_eq!(printed, "-", "{what}");
        return;
    };
    let digits: String = printed.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect();
    let unit = match printed.chars().last() {
        Some('K') => 1e3,
        Some('M') => 1e6,
        Some('B') => 1e9,
        _ => 1.0,
    };
    let decimals = digits.split_once('.').map_or(0, |(_, d)| d.len() as i32);
    let value: f64 = digits.parse().unwrap_or_else(|_| panic!("{what}: {printed}"));
    let step = unit * 10f64.powi(-decimals);
    assert!((value * unit - exact).abs() <= step * (1.0 + 1e-9), "{what}: {printed} for {exact}");
}

fn number(cell: Option<&Data>) -> Option<f64> {
    match cell {
        Some(Data::Float(v)) => Some(*v),
        Some(Data::Int(v)) => Some(*v as f64),
        _ => None,
    }
}

#[test]
fn the_workbook_as_written() {
    for name in SCENARIOS {
        let Reports { result, mut book, .. } = reports(name);
        let plan = book.worksheet_range("Plan").expect("a plan sheet");
        let head: Vec<String> = plan.rows().next().expect("a head").iter().map(ToString::to_string).collect();
        let column =
            |key: &str| head.iter().position(|h| h == key).unwrap_or_else(|| panic!("{key}: {head:?}"));
        let lines = result["lines"].as_array().expect("a plan");
        for (row, line) in plan.rows().skip(1).zip(lines) {
            assert_eq!(row[column("Line")].to_string(), line["name"].as_str().expect("a name"));
            for (key, called) in [
                ("current", "Today"),
                ("spend", "Spend"),
                ("spend", "Exact spend, as solved"),
                ("change", "Change against today"),
                ("revenue", "Revenue"),
                ("customers", "New customers"),
                ("cac", "CAC"),
                ("iroas", "iROAS"),
            ] {
                let (found, expected) = (number(row.get(column(called))), line[key].as_f64());
                assert_eq!(found, expected, "{name}: {key} of {}", line["name"]);
            }
        }
        assert!(plan.rows().skip(1 + lines.len()).all(|r| r[0] == Data::Empty), "only lines have a name");
        let limits = book.worksheet_range("Limits").expect("a sheet of limits");
        for (row, limit) in limits.rows().skip(1).zip(result["limits"].as_array().expect("limits")) {
            assert_eq!(number(row.get(6)), limit["value"].as_f64(), "{name}: {}", limit["name"]);
            assert_eq!(number(row.get(9)), limit["shadow_price"].as_f64(), "{name}: {}", limit["name"]);
        }
    }
}

/// Names that a spreadsheet or a browser would run.
#[test]
fn names_stay_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = crate::common::small(|t| {
        t.replace("name = \"A\"", "name = \"=1+1\"")
            .replace("name = \"B\"", "name = \"@SUM(1)\"")
            .replace("name = \"C\"", "name = \"<img src=x onerror=alert(1)>\"")
    });
    let path = crate::common::write(folder.path(), "names.toml", text);
    let at = |file: &str| folder.path().join(file).to_str().expect("UTF-8").to_owned();
    let ran = outlay(&["run", &path, "--format", "csv", "--html", &at("r.html"), "--xlsx", &at("r.xlsx")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains(",'=1+1,") && ran.stdout.contains(",'@SUM(1),"), "{}", ran.stdout);
    let page = fs::read_to_string(at("r.html")).expect("the page");
    assert!(!page.contains("<img"), "markup of a name is on the page");
    let mut book: Xlsx<_> = open_workbook(at("r.xlsx")).expect("the workbook");
    let formulas = book.worksheet_formula("Plan").expect("the plan");
    assert!(formulas.start().is_some_and(|(_, column)| column > 3), "a name became a formula");
    let plan = book.worksheet_range("Plan").expect("the plan");
    let names: Vec<String> = plan.rows().skip(1).take(3).map(|r| r[0].to_string()).collect();
    assert_eq!(names, ["=1+1", "@SUM(1)", "<img src=x onerror=alert(1)>"]);
}

/// Draws with rates 0.00, 0.02, ... 2.00: the central 80% lies between 0.2 and
/// 1.8 times the spend.
#[test]
fn the_draws_of_a_library_are_a_band() {
    let folder = tempfile::tempdir().expect("a folder");
    let draw = |i: u32| format!("{{\"family\": \"linear\", \"rate\": {}}}", 0.02 * f64::from(i));
    let draws: Vec<String> = (0..=100).map(draw).collect();
    let library = format!(
        r#"{{"outlay": 1, "unit": "week", "curves": [{{"name": "tv", "outcome": "revenue",
        "curve": {{"family": "linear", "rate": 1}}, "draws": [{}],
        "observed": {{"periods": 9, "min": 10, "mean": 50, "max": 100}},
        "marginal": {{"at": 50, "value": 1, "low": 0.2, "high": 1.8, "level": 0.8}}}}]}}"#,
        draws.join(",")
    );
    crate::common::write(folder.path(), "curves.json", library);
    let scenario = "outlay = 1\ncurves = \"curves.json\"\nhorizon = { periods = 13, unit = \"week\" }\n\
        budget.max = 1000\n[[lines]]\nname = \"tv\"\nspend.current = 500\n";
    let path = crate::common::write(folder.path(), "s.toml", scenario);
    let html = folder.path().join("r.html");
    let ran = outlay(&["run", &path, "--html", html.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = fs::read_to_string(html).expect("the page");
    let picture = page.split("<svg class=\"curve\"").nth(1).expect("a curve");
    let only = |start: &str, end: &str| {
        let found = between(picture, start, end);
        (*found.first().unwrap_or_else(|| panic!("{start} is not on the page"))).to_owned()
    };
    assert!(page.contains("<title>observed: 130 to 1,300</title>"), "periods are counted");
    assert!(page.contains("where the curve lies with probability 80%"));
    assert!(page.contains("1.00K planned earns 1.00K (200 to 1.80K with probability 80.0%)"));
    let (far, high) = (only("data-far=\"", "\""), only("data-high=\"", "\""));
    let (far, high): (f64, f64) = (far.parse().expect("a number"), high.parse().expect("a number"));
    let band = only("class=\"band\" d=\"M", "Z\"");
    let heights: Vec<f64> =
        band.split('L').filter_map(|p| p.split(' ').nth(1)?.parse::<f64>().ok()).collect();
    let (upper, lower) = heights.split_at(heights.len() / 2);
    // The picture's floor is at 156 and its top at 10; outcomes above it are cut.
    let outcome = |y: f64| (156.0 - y) / 146.0 * high;
    assert!((outcome(lower[0]) - 0.2 * far).abs() < 0.01 * high, "{} {far}", outcome(lower[0]));
    assert!((outcome(upper[upper.len() - 1]) - high.min(1.8 * far)).abs() < 0.01 * high);
}

/// Hundreds of lines: all in the table, the largest drawn, and it says so.
#[test]
fn five_hundred_lines_stay_readable() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text =
        String::from("outlay = 1\ngoal = { maximize = \"revenue\" }\nbudget = { max = 500_000 }\n");
    for i in 0..500 {
        let ceiling = 2000 + 7 * i;
        text.push_str(&format!(
            "[[lines]]\nname = \"Line {i}\"\nstage = \"s{}\"\nspend = {{ current = {} }}\noutcome = \"revenue\"\n\
             curve = {{ family = \"michaelis_menten\", ceiling = {ceiling}, half_saturation = 900 }}\n",
            i % 4,
            500 + i
        ));
    }
    let path = crate::common::write(folder.path(), "many.toml", text);
    let html = folder.path().join("r.html");
    let ran = outlay(&["run", &path, "--format", "json", "--html", html.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = fs::read_to_string(html).expect("the page");
    let result: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let rows = table(&page, "lines");
    assert_eq!(rows.len(), 500);
    for (row, line) in rows.iter().zip(result["lines"].as_array().expect("lines")) {
        same(&row["spend"], &line["spend"], "a spend");
    }
    assert!(page.contains("461 smaller lines"), "the others are summed");
    assert!(page.contains("the curves of the other 440 are in the workbook"));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}
