//! Every page by the rules of accessibility that axe-core knows, at a phone's
//! width and at a desk's, where a browser and axe-core are installed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::browser::chromium;
use crate::common::{outlay_in, root};
use crate::devtools::{Browser, Tab};
use crate::serve::Server;

/// Where `.ci/run` installs it.
const AXE: &str = "target/tools/node_modules/axe-core/axe.min.js";
const WIDTHS: [u32; 2] = [390, 1200];

#[allow(clippy::print_stderr)]
fn axe() -> Option<String> {
    let found = fs::read_to_string(root().join(AXE)).ok();
    if found.is_none() {
        eprintln!("skipped: axe-core is not installed: npm install --prefix target/tools axe-core@4.10.3");
    }
    found
}

/// What is seriously wrong with what a tab shows: rule and place.
fn serious(browser: &mut Browser, tab: &Tab, axe: &str) -> Vec<String> {
    browser.value(tab, &format!("{axe}; true"));
    let found = browser.text(tab, "axe.run().then((r) => JSON.stringify(r.violations))");
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let grave = |v: &&Value| matches!(v["impact"].as_str(), Some("serious" | "critical"));
    let told = |v: &Value| format!("{}: {}", v["id"], v["nodes"][0]["html"]);
    found.as_array().expect("a list").iter().filter(grave).map(told).collect()
}

fn checked(browser: &mut Browser, url: &str, name: &str, axe: &str, ready: &str) -> Vec<String> {
    let mut all = Vec::new();
    for width in WIDTHS {
        let tab = browser.tab(width, 900);
        browser.go(&tab, url);
        browser.until(&tab, ready);
        all.extend(serious(browser, &tab, axe).iter().map(|wrong| format!("{name} at {width}: {wrong}")));
        // Nothing but tables that scroll by themselves is wider than the page.
        let wide = browser.value(&tab, "document.documentElement.scrollWidth - innerWidth");
        if wide.as_f64().is_none_or(|w| w > 0.0) {
            all.push(format!("{name} at {width}: {wide} pixels too wide"));
        }
    }
    all
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let root = root();
    let shipped = |name: &str| root.join(name).to_str().expect("UTF-8").to_owned();
    let (funnel, spring) = (shipped("scenarios/funnel.toml"), shipped("scenarios/loop/spring.toml"));
    let (targets, caps) =
        (shipped("scenarios/infeasible/targets.toml"), shipped("scenarios/cac_targets.toml"));
    let (quarter, weeks) = (shipped("scenarios/quarter.toml"), shipped("scenarios/loop/spring-5-weeks.csv"));
    let history = shipped("docs/experiments/history.csv");
    let saved = outlay_in(folder, &["run", &spring, "--out", "results"]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    let all: [(&str, &[&str]); 9] = [
        ("run", &["run", &funnel, "--html", "run.html"]),
        ("period", &["run", &quarter, "--html", "period.html"]),
        ("compare", &["run", &caps, "--html", "compare.html"]),
        ("infeasible", &["run", &targets, "--html", "infeasible.html"]),
        ("check", &["check", &targets, "--html", "check.html"]),
        ("holds", &["check", &funnel, "--html", "holds.html"]),
        ("track", &["track", "results/spring.json", &weeks, "--html", "track.html"]),
        ("replan", &["replan", "results/spring.json", &weeks, "--html", "replan.html"]),
        ("fit", &["fit", &history, "--out", "curves.json", "--pictures", "fit.html"]),
    ];
    let made = all.into_iter().map(|(name, arguments)| {
        let ran = outlay_in(folder, arguments);
        assert!(ran.code < 2, "{name}: {}", ran.stderr);
        folder.join(format!("{name}.html"))
    });
    made.collect()
}

#[test]
fn no_page_has_a_serious_finding() {
    let (Some(program), Some(axe)) = (chromium(), axe()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut browser = Browser::start(&program);
    let mut wrong = Vec::new();
    for page in pages(folder.path()) {
        let url = format!("file://{}", page.display());
        let name = page.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
        wrong.extend(checked(&mut browser, &url, &name, &axe, "true"));
    }
    let server = Server::start(&root().join("scenarios"));
    for file in ["funnel.toml", "infeasible/targets.toml"] {
        let url = format!("{}&file={file}", server.url);
        let ready = "!document.querySelector('#first').classList.contains('busy') && document.querySelector('#course').textContent.length > 5";
        let ready = if file == "funnel.toml" { ready } else { "document.querySelector('.repairs') !== null" };
        wrong.extend(checked(&mut browser, &url, &format!("serve {file}"), &axe, ready));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
