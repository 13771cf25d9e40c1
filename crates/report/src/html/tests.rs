//! The page as text: escaping, figures, nothing fetched.

use outlay_curves::Curve;

use super::*;
use crate::number::Kind;
use crate::sample;
use crate::sheet::{Facts, LineFacts};
use crate::view::LimitRow;

fn facts() -> LineFacts {
    LineFacts {
        curve: Curve::hill(2.4e6, 520_000.0, 1.4).expect("valid"),
        outcome: Kind::Money,
        observed: Some((50_000.0, 450_000.0)),
        draws: Default::default(),
        fee: 0.0,
        revenue_per_outcome: Some(1.0),
        margin: None,
        customers_per_outcome: None,
        meets: false,
    }
}

fn sheets() -> Vec<Sheet> {
    let view = sample::plan();
    let lines = view.lines.iter().map(|_| facts()).collect();
    let planned = Sheet { view, facts: Facts { lines, ..Facts::default() }, clashes: Vec::new() };
    vec![planned, Sheet { view: sample::infeasible(), facts: Facts::default(), clashes: Vec::new() }]
}

/// What stands between two texts, every time.
fn between<'a>(page: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn names_are_escaped_everywhere() {
    let mut sheets = sheets();
    let evil = "<script>alert('x')</script>\"&\u{1b}";
    for sheet in &mut sheets {
        let view = &mut sheet.view;
        view.name = evil.to_owned();
        view.source = evil.to_owned();
        view.currency = evil.to_owned();
        view.period = evil.to_owned();
        for line in &mut view.lines {
            for text in [&mut line.name, &mut line.stage, &mut line.method, &mut line.channel] {
                *text = evil.to_owned();
            }
        }
        view.groups.iter_mut().flat_map(|g| &mut g.rows).for_each(|r| r.name = evil.to_owned());
        view.limits.iter_mut().for_each(|l| (l.name, l.owner) = (evil.to_owned(), evil.to_owned()));
        view.set = vec![evil.to_owned()];
        view.conflict.iter_mut().for_each(|m| (m.name, m.owner) = (evil.to_owned(), evil.to_owned()));
        view.repairs.iter_mut().for_each(|r| r.member.name = evil.to_owned());
    }
    let page = render(evil, &sheets).expect("renders");
    assert!(!page.contains("<script>alert"));
    assert_eq!(page.matches("<script>").count(), 1);
    // No attribute is broken out of: every quote of the name is written as an entity.
    assert!(!page.contains("</script>\"&"), "a name is written as it is");
}

#[test]
fn nothing_is_fetched() {
    let page = render("Report", &sheets()).expect("renders");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src=\""));
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn every_heading_and_tile_is_in_the_glossary() {
    let page = render("Report", &sheets()).expect("renders");
    let (body, glossary) = page.split_once("<section class=\"part glossary\">").expect("a glossary");
    let words: Vec<&str> =
        between(glossary, "<dt>", "</dt>").into_iter().flat_map(|t| t.split(", ")).collect();
    let mut used: Vec<&str> = between(body, "<dt>", "</dt>");
    used.extend(between(body, "<th scope=\"col\"", "</th>").into_iter().filter_map(|h| h.split('>').nth(1)));
    assert!(used.len() > 20, "the headings were not found");
    for word in used.into_iter().filter(|w| !w.is_empty()) {
        let known = words.iter().any(|w| w.eq_ignore_ascii_case(word));
        assert!(known, "{word} is not among {words:?}");
    }
}

/// Set `OUTLAY_SAMPLE_PAGE` to a path to look at the sample page.
#[test]
fn the_sample_page_can_be_looked_at() {
    let page = render("Sample report", &sheets()).expect("renders");
    assert!(page.ends_with("</html>"));
    if let Some(path) = std::env::var_os("OUTLAY_SAMPLE_PAGE") {
        std::fs::write(path, page).expect("the page can be written");
    }
}

#[test]
fn two_hundred_scenarios_stay_small_whatever_their_lines() {
    let mut sheet = sheets().remove(0);
    let lines = std::mem::take(&mut sheet.view.lines);
    sheet.view.lines = (0..60).flat_map(|_| lines.clone()).collect();
    sheet.view.lines.iter_mut().enumerate().for_each(|(i, l)| l.name = format!("{} {i}", l.name));
    let limit = sheet.view.limits.remove(0);
    sheet.view.limits = (0..40).map(|i| LimitRow { name: format!("Limit {i}"), ..limit.clone() }).collect();
    let many = vec![sheet; 200];
    let page = render("Many", &many).expect("renders");
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<article").count(), 200);
    assert!(page.contains("165 smaller lines"), "what is left out is said");
    assert!(page.contains("32 more limits are in the result file."));
}

#[test]
fn one_page_does_not_grow_without_bound() {
    let many: Vec<Sheet> = (0..1_000).flat_map(|_| sheets()).collect();
    let page = render("Many", &many).expect("renders");
    assert!(page.contains("The other 1600 scenarios are in the comparison above only."));
    assert!(page.len() < 6_000_000, "{} bytes", page.len());
}
