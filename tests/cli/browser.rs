//! The HTML report in a real browser, where one is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::{outlay, small, write};

#[allow(clippy::print_stderr)]
pub(crate) fn chromium() -> Option<PathBuf> {
    let found = on_path(&["chromium", "chromium-browser", "google-chrome"]);
    if found.is_none() {
        eprintln!("skipped: no Chromium is installed");
    }
    found
}

/// The first of these programs that is installed.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names.iter().find_map(|n| folders.iter().map(|f| f.join(n)).find(|p| p.is_file()))
}

/// Notes errors from the page's start on.
const WATCH: &str = r#"<head><script>
window.wrong = [];
addEventListener("error", (e) => wrong.push(String(e.message)));
addEventListener("securitypolicyviolation", (e) => wrong.push("blocked: " + e.violatedDirective));
</script>"#;

/// Reads back what is drawn, in pixels, beside what it stands for.
const PROBE: &str = r#"<script>
addEventListener("load", () => {
  const all = (query, of) => [...document.querySelectorAll(query)].map(of);
  const box = (e) => e.getBoundingClientRect();
  const bars = all("[data-chart=allocation] i", (i) => ({
    value: Number(i.dataset.spend ?? i.dataset.current), width: box(i).width / box(i.parentElement).width }));
  const falls = all("[data-chart=waterfall]", (chart) => ({
    base: Number(chart.dataset.base), high: Number(chart.dataset.high),
    steps: [...chart.querySelectorAll("i")].map((i) => {
      const whole = box(i.parentElement), part = box(i);
      return { delta: Number(i.dataset.delta), class: i.className,
        from: (part.left - whole.left) / whole.width, to: (part.right - whole.left) / whole.width };
    }) }));
  const curves = all("svg.curve", (svg) => {
    const axis = box(svg.querySelector(".axis"));
    const mark = (m) => ({ spend: Number(m.dataset.spend), outcome: Number(m.dataset.outcome),
      x: (box(m).left + box(m).width / 2 - axis.left) / axis.width,
      y: (axis.bottom - box(m).top - box(m).height / 2) / axis.height });
    return { far: Number(svg.dataset.far), high: Number(svg.dataset.high),
      length: svg.querySelector(".line").getTotalLength(),
      marks: [mark(svg.querySelector("circle.plan")), mark(svg.querySelector("rect.today"))] };
  });
  const panels = all("svg.panel", (svg) => ({
    low: Number(svg.dataset.low), high: Number(svg.dataset.high), values: svg.dataset.values,
    heights: [...svg.querySelectorAll("rect")].map((r) => r.height.baseVal.value) }));
  const frontiers = all("svg.frontier", (svg) => {
    const axis = box(svg.querySelector(".axis")), d = svg.dataset;
    return { from: Number(d.from), to: Number(d.to), low: Number(d.low), high: Number(d.high),
      marks: [...svg.querySelectorAll("circle")].map((c) => ({
        number: Number(c.dataset.x), value: Number(c.dataset.value),
        x: (box(c).left + box(c).width / 2 - axis.left) / axis.width,
        y: (axis.bottom - box(c).top - box(c).height / 2) / axis.height })) };
  });
  const table = document.querySelector("table[data-table=lines]");
  const order = () => [...table.tBodies[0].rows].map((r) => Number(r.cells[3].dataset.value));
  const button = table.querySelector("th[data-key=spend] button");
  button.focus();
  const focused = document.activeElement === button;
  button.click();
  const sorted = order();
  button.click();
  const out = { bars, falls, curves, panels, frontiers, sorted, reversed: order(), focused, wrong,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    fetched: performance.getEntriesByType("resource").map((e) => e.name) };
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body>"#;

/// What the probe found on a page.
fn probed(browser: &Path, page: &str, size: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let watched = page.replacen("<head>", WATCH, 1).replacen("</body>", PROBE, 1);
    let path = write(folder.path(), "page.html", watched);
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND", size])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .args(["--dump-dom", &format!("file://{path}")])
        .stdin(Stdio::null())
        .output()
        .expect("the browser starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("CONSOLE"), "{said}");
    let text = String::from_utf8_lossy(&output.stdout);
    let probe = text.split("<pre id=\"probe\">").nth(1).and_then(|t| t.split("</pre>").next());
    let probe = probe.unwrap_or_else(|| panic!("the page's script did not end: {said}"));
    let plain = probe.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&plain).expect("JSON")
}

fn page(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let html = folder.path().join("report.html");
    let ran = outlay(&[&["run"], arguments, &["--html", html.to_str().expect("UTF-8")]].concat());
    assert!(ran.code < 2, "{}", ran.stderr);
    fs::read_to_string(html).expect("the page")
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn figure(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("{key}: {value}"))
}

fn near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 0.012, "{what}: drawn at {found}, is {expected}");
}

/// Pixels stand where the figures say, within about one in a hundred.
fn check(found: &Value, scenarios: usize) {
    assert_eq!(found["wrong"].as_array().map(Vec::len), Some(0), "{}", found["wrong"]);
    assert_eq!(found["fetched"].as_array().map(Vec::len), Some(0), "{}", found["fetched"]);
    assert_eq!(found["focused"], true, "headings can be reached by keyboard");
    let bars = found["bars"].as_array().expect("bars");
    assert!(!bars.is_empty());
    for chart in bars.chunks(bars.len() / scenarios) {
        let most = chart.iter().map(|b| figure(b, "value")).fold(0.0, f64::max);
        chart.iter().for_each(|b| near(figure(b, "width"), figure(b, "value") / most, "a bar"));
    }
    for fall in found["falls"].as_array().expect("waterfalls") {
        let (base, high) = (figure(fall, "base"), figure(fall, "high"));
        let mut level = base;
        for step in fall["steps"].as_array().expect("steps") {
            let start = if step["class"] == "whole" { 0.0 } else { level };
            level = start + figure(step, "delta");
            let at = |v: f64| (v.max(base) - base) / (high - base);
            near(figure(step, "from"), at(start.min(level)), "a step's start");
            near(figure(step, "to"), at(start.max(level)), "a step's end");
        }
    }
    let curves = found["curves"].as_array().expect("curves");
    assert!(!curves.is_empty());
    for curve in curves {
        assert!(figure(curve, "length") > 50.0, "a curve is drawn");
        for mark in curve["marks"].as_array().expect("marks") {
            near(figure(mark, "x"), figure(mark, "spend") / figure(curve, "far"), "a mark's spend");
            near(figure(mark, "y"), figure(mark, "outcome") / figure(curve, "high"), "a mark's outcome");
        }
    }
    let (mut sorted, reversed) = (numbers(&found["sorted"]), numbers(&found["reversed"]));
    assert!(sorted.windows(2).all(|w| w[0] >= w[1]), "{sorted:?}");
    sorted.reverse();
    assert!(reversed.windows(2).all(|w| w[0] <= w[1]) && sorted.len() == reversed.len(), "{reversed:?}");
}

#[test]
fn every_chart_is_drawn_with_the_right_numbers() {
    let Some(browser) = chromium() else { return };
    let page = page(&["scenarios/funnel.toml", "scenarios/launch.toml"]);
    // The shipped launch has other lines: bars are checked a scenario at a time.
    let one = self::page(&["scenarios/funnel.toml"]);
    check(&probed(&browser, &one, "--window-size=1200,900"), 1);
    let both = probed(&browser, &page, "--window-size=1200,900");
    assert!(both["panels"].as_array().is_some_and(|p| p.len() > 6), "small multiples");
    for panel in both["panels"].as_array().expect("panels") {
        let (low, high) = (figure(panel, "low"), figure(panel, "high"));
        let values =
            panel["values"].as_str().expect("values").split(',').filter_map(|v| v.parse::<f64>().ok());
        for (value, height) in values.zip(numbers(&panel["heights"])) {
            let expected = 64.0 * value.abs() / (high - low);
            assert!((height - expected).abs() <= 0.6, "{height} for {expected}");
        }
    }
}

#[test]
fn what_ifs_over_a_budget_draw_their_frontier() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let vary = "\n[[vary]]\nset = \"budget.max\"\nfrom = 200\nto = 800\nsteps = 30\n";
    let path = write(folder.path(), "grid.toml", small(|t| t + vary));
    let found = probed(&browser, &page(&[&path]), "--window-size=1200,900");
    assert_eq!(found["wrong"].as_array().map(Vec::len), Some(0), "{}", found["wrong"]);
    let frontier = &found["frontiers"][0];
    let marks = frontier["marks"].as_array().expect("marks");
    assert_eq!(marks.len(), 30);
    for mark in marks {
        let along = |v: f64, from: &str, to: &str| {
            (v - figure(frontier, from)) / (figure(frontier, to) - figure(frontier, from))
        };
        near(figure(mark, "x"), along(figure(mark, "number"), "from", "to"), "a budget");
        near(figure(mark, "y"), along(figure(mark, "value"), "low", "high"), "a value");
    }
    let values: Vec<f64> = marks.iter().map(|m| figure(m, "value")).collect();
    assert!(values.windows(2).all(|w| w[0] <= w[1]), "more money never earns less: {values:?}");
}

#[test]
fn a_phone_shows_it_without_scrolling_sideways() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let floor = "\n[[limits]]\nname = \"Floor\"\nmetric = \"revenue\"\nmin = 5000\n";
    let impossible = write(folder.path(), "impossible.toml", small(|t| t + floor));
    let page = page(&["scenarios/deals.toml", &impossible]);
    let found = probed(&browser, &page, "--window-size=500,900");
    assert_eq!(found["wrong"].as_array().map(Vec::len), Some(0), "{}", found["wrong"]);
    assert!(figure(&found, "wide") <= 0.0, "{} pixels too wide", found["wide"]);
}
