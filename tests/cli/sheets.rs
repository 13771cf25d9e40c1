//! Tables as people keep them, and what is printed of differences that are none.

use crate::common::{SMALL, outlay_in, write};

/// Judgements with a title above and a total below, amounts with separators.
#[test]
fn judgements_are_read_from_a_table_with_a_title_and_a_total() {
    let here = tempfile::tempdir().expect("a folder");
    let mut history = "date,revenue,tv_spend\n".to_owned();
    for week in 0..60 {
        let spend = 100 + 130 * (week * 7 % 11);
        let day = jiff::civil::date(2024, 1, 1) + jiff::Span::new().weeks(week);
        history.push_str(&format!("{day},{:.1},{spend}\n", 3000.0 + 60.0 * (spend as f64).sqrt()));
    }
    write(here.path(), "history.csv", history);
    let table = "What we believe about channels without history,,,,\n,,,,\n\
                 Channel,Source,Return,At,Half saturation\n podcast ,panel of three,2.5,\"1,000\",\"2,000\"\n\
                 cinema,planner,1.2,500,900\nTotal,,,\"1,500\",\n";
    write(here.path(), "judgements.csv", table);
    let ran = outlay_in(
        here.path(),
        &["fit", "history.csv", "--judgements", "judgements.csv", "--out", "c.json", "--time", "0.001"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let library: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(here.path().join("c.json")).expect("written"))
            .expect("JSON");
    let curves = library["curves"].as_array().expect("curves");
    let names: Vec<&str> = curves.iter().filter_map(|c| c["name"].as_str()).collect();
    assert_eq!(names, ["tv", "podcast", "cinema"]);
    let judged = |k: usize, field: &str| curves[k]["quality"][field].as_f64().expect("a figure");
    // 2.5 a unit at 1,000; the total is no channel.
    assert!((judged(1, "return") - 2.5).abs() < 1e-9 && judged(1, "judged_at") == 1000.0);
    assert!((judged(2, "return") - 1.2).abs() < 1e-9 && judged(2, "judged_at") == 500.0);
    // A curve with figures that no file holds is not written.
    write(here.path(), "far.csv", "channel,source,like,spend_scale\nctv,somebody,tv,1e308\n");
    let far = ["fit", "history.csv", "--judgements", "far.csv", "--out", "far.json", "--time", "0.001"];
    let ran = outlay_in(here.path(), &far);
    assert!(ran.code == 2 && ran.stderr.contains("not written, because a curve"), "{}", ran.stderr);
    assert!(!here.path().join("far.json").exists());
}

/// Where what differs is less than anybody writes, outcomes keep the digits they
/// have anyway.
#[test]
fn no_difference_prints_no_digits() {
    let here = tempfile::tempdir().expect("a folder");
    let horizon = "horizon = { start = 2026-01-05, periods = 4, unit = \"week\" }\n";
    let large =
        SMALL.replace("ceiling = 1000", "ceiling = 1000000").replace("ceiling = 600", "ceiling = 600000");
    write(here.path(), "w.toml", format!("{horizon}{large}"));
    assert_eq!(outlay_in(here.path(), &["run", "w.toml", "--out", ".", "--buy", "."]).code, 0);
    let sheet = std::fs::read_to_string(here.path().join("w.csv")).expect("a sheet");
    let header: Vec<&str> = sheet.lines().next().expect("a header").split(',').collect();
    let at = |name: &str| header.iter().position(|h| *h == name).expect("a column");
    let mut actuals = "line,period,actual_spend\n".to_owned();
    for row in sheet.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        if cells[at("period")] == "2026-01-05" {
            let spend: f64 = cells[at("budget")].parse().expect("a budget");
            actuals.push_str(&format!("{},2026-01-05,{}\n", cells[at("line")], spend + 1e-9));
        }
    }
    write(here.path(), "actuals.csv", actuals);
    let told = outlay_in(here.path(), &["track", "w.json", "actuals.csv"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(!told.stdout.contains(".0000") && told.stdout.contains("Total"), "{}", told.stdout);
}

/// What is answered whole or not at all ends when time is up, and says so.
#[test]
fn a_test_read_or_designed_ends_with_its_time() {
    let here = tempfile::tempdir().expect("a folder");
    let mut panel = "week,market,revenue,spend,treated\n".to_owned();
    for week in 0..34 {
        let day = jiff::civil::date(2024, 1, 1) + jiff::Span::new().weeks(week);
        for market in 0..12 {
            let revenue = 5000 + 400 * market + 90 * ((week * 5 + market * 3) % 7);
            panel.push_str(&format!("{day},m{market},{revenue},100,{}\n", i32::from(market < 4)));
        }
    }
    write(here.path(), "panel.csv", panel);
    let lift = ["lift", "panel.csv", "--start", "2024-07-29", "--end", "2024-08-25"];
    for command in [&lift[..], &["design", "panel.csv"]] {
        assert_eq!(outlay_in(here.path(), command).code, 0, "{command:?}");
        let short = [command, &["--time", "0.000001"]].concat();
        let ran = outlay_in(here.path(), &short);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{command:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("time was up before there was an answer"), "{}", ran.stderr);
    }
}

/// A sheet with something beside its table is left as it is: a new one would lose it.
#[test]
fn a_sheet_with_notes_above_it_is_not_written_over() {
    let here = tempfile::tempdir().expect("a folder");
    let horizon = "horizon = { start = 2026-01-05, periods = 4, unit = \"week\" }\n";
    write(here.path(), "w.toml", format!("{horizon}{SMALL}"));
    let again = || outlay_in(here.path(), &["run", "w.toml", "--buy", "."]);
    assert_eq!(again().code, 0);
    let sheet = std::fs::read_to_string(here.path().join("w.csv")).expect("a sheet");
    let noted = format!("Prices as agreed by phone; ask for invoices\n{sheet}");
    write(here.path(), "w.csv", &noted);
    let ran = again();
    assert!(ran.code == 2 && ran.stderr.contains("would not have"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(here.path().join("w.csv")).expect("a sheet"), noted);
}

#[cfg(unix)]
#[test]
fn a_device_is_no_file() {
    let here = tempfile::tempdir().expect("a folder");
    for command in [&["check", "/dev/null"][..], &["fit", "/dev/null", "--out", "c.json"]] {
        let ran = outlay_in(here.path(), command);
        assert!(ran.code == 2 && ran.stderr.contains("is a device or a pipe"), "{command:?}: {}", ran.stderr);
    }
}

/// Of many lines a workbook has the first charts, and a page the first rows; both
/// say what they leave out.
#[test]
fn workbooks_and_pages_of_many_lines_stay_small() {
    let here = tempfile::tempdir().expect("a folder");
    let mut text = "outlay = 1\nbudget = { max = 100000 }\n".to_owned();
    for k in 0..3200 {
        text.push_str(&format!(
            "[[lines]]\nname = \"L{k}\"\noutcome = \"revenue\"\nspend = {{ current = 30 }}\n\
             curve = {{ family = \"michaelis_menten\", ceiling = {}, half_saturation = 50 }}\n",
            100 + k % 70
        ));
    }
    write(here.path(), "many.toml", text);
    let ran = outlay_in(here.path(), &["run", "many.toml", "--xlsx", "p.xlsx", "--html", "p.html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let bytes = std::fs::read(here.path().join("p.xlsx")).expect("a workbook");
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let parts = book.len();
    let mut chart = |k: usize| {
        let part = book.by_index(k).expect("a part");
        part.name().expect("a name").starts_with("xl/charts/chart")
    };
    assert!((60..80).contains(&(0..parts).filter(|k| chart(*k)).count()));
    let page = std::fs::read_to_string(here.path().join("p.html")).expect("a page");
    let rows = page.matches("<tr").count();
    assert!((3000..3150).contains(&rows), "{rows}");
    assert!(page.len() < 10_000_000, "{}", page.len());
}

/// A line that is called like a cell gives its chart that title, not what stands in
/// the cell; one on a sheet that there is not had kept the workbook from being
/// written.
#[test]
fn a_line_called_like_a_cell_is_the_title_of_its_chart() {
    let here = tempfile::tempdir().expect("a folder");
    for (name, title) in [
        ("=TV!A1", "'=TV!A1 "),
        ("Plan!$B$2:$B$3", "Plan!$B$2:$B$3 "),
        ("Radio!Z9", "Radio!Z9 "),
        ("Buy now!", "Buy now! "),
    ] {
        write(here.path(), "one.toml", SMALL.replace("name = \"A\"", &format!("name = \"{name}\"")));
        let ran = outlay_in(here.path(), &["run", "one.toml", "--xlsx", "p.xlsx"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let file = std::fs::File::open(here.path().join("p.xlsx")).expect("a workbook");
        let mut book = zip::ZipArchive::new(file).expect("a workbook");
        let mut titles = String::new();
        for k in 0..book.len() {
            let mut part = book.by_index(k).expect("a part");
            if part.name().expect("a name").starts_with("xl/charts/chart") {
                std::io::Read::read_to_string(&mut part, &mut titles).expect("a text");
            }
        }
        assert!(titles.contains(&format!("<a:t>{title}</a:t>")), "{name}: {titles}");
    }
}
