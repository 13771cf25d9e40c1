//! The page of `outlay serve`: over HTTP, and in a real browser where there is one.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::browser::chromium;
use crate::common::{SMALL, outlay, root, small, write};
use crate::devtools::{Browser, Tab};

/// A server that is running.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    port: u16,
    token: String,
}

impl Server {
    pub(crate) fn start(path: &Path) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outlay"))
            .arg("serve")
            .arg(path)
            .args(["--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut url).expect("an address");
        let url = url.trim().to_owned();
        let rest = url.strip_prefix("http://127.0.0.1:").unwrap_or_else(|| panic!("{url}"));
        let (port, token) = rest.split_once("/?token=").expect("a token");
        Server { child, port: port.parse().expect("a port"), token: token.to_owned(), url }
    }

    /// A request as it is: its status and what comes back.
    fn raw(&self, request: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let head = format!("{request}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        // A server that refuses early may not read it all.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("{text}"));
        (status, text.split_once("\r\n\r\n").map_or(String::new(), |t| t.1.to_owned()))
    }

    fn get(&self, path: &str) -> (u16, String) {
        let host = format!("Host: 127.0.0.1:{}", self.port);
        self.raw(&format!("GET {path} HTTP/1.1\r\n{host}"), b"")
    }

    fn post(&self, path: &str, body: &Value) -> (u16, String) {
        let head = format!("Host: 127.0.0.1:{}\r\nx-outlay-token: {}", self.port, self.token);
        let kind = "Content-Type: application/json";
        self.raw(&format!("POST {path} HTTP/1.1\r\n{head}\r\n{kind}"), body.to_string().as_bytes())
    }

    /// The answer to a change of `file`.
    fn plan(&self, file: &str, change: Value) -> (u16, Value) {
        let body = json!({ "file": file, "set": {}, "before": {}, "change": change, "keep": [] });
        let (status, text) = self.post("/plan", &body);
        (status, serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn only_its_own_page_may_ask() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("made");
    write(folder.path(), "secret.toml", SMALL);
    write(&inner, "small.toml", SMALL);
    let server = Server::start(&inner);
    let other = Server::start(&inner);
    assert_ne!(server.token, other.token, "a token for each start");
    let query = format!("/?token={}", server.token);
    assert_eq!(server.get(&query).0, 200);
    assert_eq!(server.get("/").0, 403);
    assert_eq!(server.get(&format!("/?token={}", other.token)).0, 403);
    assert_eq!(server.get(&format!("{query}&file=../secret.toml")).0, 422);
    assert_eq!(server.raw(&format!("GET {query} HTTP/1.1\r\nHost: evil.example"), b"").0, 403);
    let (here, stranger) = (format!("Host: 127.0.0.1:{}", server.port), "Origin: http://evil.example");
    assert_eq!(server.raw(&format!("GET {query} HTTP/1.1\r\n{here}\r\n{stranger}"), b"").0, 403);
    // Bodies are bounded.
    let large = vec![b' '; 2 << 20];
    let head = format!(
        "POST /plan HTTP/1.1\r\n{here}\r\nx-outlay-token: {}\r\nContent-Type: application/json",
        server.token
    );
    assert_eq!(server.raw(&head, &large).0, 413);
    // A file is saved where nothing is, and within the folder only.
    let save = |name: &str| {
        server.post("/save", &json!({ "file": "small.toml", "set": { "budget.max": 400 }, "name": name }))
    };
    assert_eq!(save("../new.json").0, 400);
    assert_eq!(save("new.json").0, 200);
    assert_eq!(save("new.json").0, 400);
    assert_eq!(fs::read_to_string(inner.join("small.toml")).expect("there"), SMALL);
    let saved = outlay(&["run", inner.join("new.json").to_str().expect("UTF-8"), "--format", "json"]);
    let result: Value = serde_json::from_str(&saved.stdout).expect("JSON");
    assert!((result["totals"]["spend"].as_f64().expect("a figure") - 400.0).abs() < 1e-6);
    assert!(!folder.path().join("new.json").exists());
}

#[test]
fn the_page_can_be_read_without_a_script() {
    let server = Server::start(&root().join("scenarios/funnel.toml"));
    let (status, page) =
        server.get(&format!("/?token={}&set=%7B%22budget.max%22%3A1900000%7D", server.token));
    let printed = outlay(&["run", "scenarios/funnel.toml", "--set", "budget.max=1900000"]).stdout;
    let headline: String =
        printed.split("\n\n").nth(1).expect("a headline").split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(status, 200);
    assert!(page.contains(&headline), "{headline}");
    assert!(page.contains("Connected TV") && page.contains("1,900,000") && page.contains("proven optimal"));
    // Without a plan: the conflict, and repairs that are links.
    let server = Server::start(&root().join("scenarios/infeasible/targets.toml"));
    let page = server.get(&format!("/?token={}", server.token)).1;
    assert!(page.contains("no plan exists") && page.contains("data-change"), "{page}");
    let link = page
        .split("class=\"button\" href=\"")
        .find(|l| l.contains("raise the maximum") || l.contains("Raise the maximum"));
    let href = link.and_then(|l| l.split('"').next()).expect("a link").replace("&amp;", "&");
    let mended = server.get(&href).1;
    assert!(mended.contains("class=\"headline\"") && !mended.contains("no plan exists"), "{mended}");
}

#[test]
fn names_are_data_on_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "<img src=x onerror=alert(1)>";
    write(folder.path(), "small.toml", small(|t| t.replace("\"A\"", &format!("\"{name}\""))));
    let server = Server::start(folder.path());
    let page = server.get(&format!("/?token={}", server.token)).1;
    assert!(!page.contains("<img") && page.contains("&lt;img"), "{page}");
    let keep = json!([{ "name": "<b>kept</b>", "set": {} }]);
    let body = json!({ "file": "small.toml", "set": {}, "before": {}, "change": { "budget.max": "450" }, "keep": keep });
    let (status, answer) = server.post("/plan", &body);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    for part in ["first", "beside", "rest"] {
        let html = answer[part].as_str().expect("a part");
        assert!(status == 200 && !html.contains("<img") && !html.contains("<b>kept"), "{html}");
    }
}

#[test]
fn what_is_typed_is_read_or_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let cap = "\n[[limits]]\nname = \"a.b [c]\"\nmetric = \"spend_share\"\nwhere = { stage = \"lower\" }\nmax = 0.4\n";
    write(folder.path(), "small.toml", small(|t| t + cap));
    let server = Server::start(folder.path());
    for text in ["abc", "1,2,3", "12 34", "NaN", "1e999"] {
        let (status, answer) = server.plan("small.toml", json!({ "budget.max": text }));
        assert_eq!(status, 422, "{answer}");
        assert!(answer["faults"]["budget.max"].as_str().is_some_and(|f| f.contains(text)), "{answer}");
    }
    let (status, answer) = server.plan("small.toml", json!({ "limits.\"a.b [c]\".max": "10%" }));
    assert_eq!((status, &answer["set"]), (200, &json!({ "limits.\"a.b [c]\".max": 0.1 })), "{answer}");
    let (_, answer) = server.plan("small.toml", json!({ "budget.max": "0.5K" }));
    assert_eq!(answer["set"], json!({}), "what the file says is not set");
    let (status, answer) =
        server.plan("small.toml", json!({ "lines.A.spend.min": 400, "lines.A.spend.max": 300 }));
    assert!(status == 422 && answer["faults"]["lines.A.spend.min"].is_string(), "{answer}");
    let (status, answer) = server.plan("absent.toml", json!({}));
    assert!(
        status == 422 && answer["faults"][""].as_str().is_some_and(|f| f.contains("absent.toml")),
        "{answer}"
    );
}

#[test]
fn a_dropped_file_begins_a_scenario() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    assert!(server.get(&format!("/?token={}", server.token)).1.contains("Begin with a file"));
    let open = |name: &str, bytes: &[u8]| {
        let head = format!("Host: 127.0.0.1:{}\r\nx-outlay-token: {}", server.port, server.token);
        server.raw(&format!("POST /open?name={name} HTTP/1.1\r\n{head}"), bytes)
    };
    let (status, answer) =
        open("lines.csv", b"Line,Spend,Revenue\nTV,100,300\nSearch,50,200\nTotal,150,500\n");
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let (status, page) = server.get(answer["href"].as_str().expect("an address"));
    assert!(status == 200 && page.contains("Search") && page.contains("How the file was read"), "{page}");
    let (status, answer) = open("small.toml", SMALL.as_bytes());
    assert_eq!(status, 200, "{answer}");
    let mut history = String::from("date,channel,spend,revenue\n");
    for week in 0..52u32 {
        let day = jiff::civil::date(2025, 1, 6).checked_add(jiff::Span::new().weeks(week)).expect("a date");
        let spend = 100.0 + f64::from((week * 37) % 90);
        history.push_str(&format!("{day},tv,{spend},{:.2}\n", 500.0 + 900.0 * spend / (150.0 + spend)));
    }
    let (status, answer) = open("history.csv", history.as_bytes());
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert!(server.get(answer["href"].as_str().expect("an address")).1.contains("fitted to the history"));
    assert_eq!(open("notes.docx", b"x").0, 400);
    assert_eq!(open("lines.csv", b"nothing here").0, 400);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is written");
}

#[test]
fn downloads_are_what_is_shown() {
    let server = Server::start(&root().join("scenarios/funnel.toml"));
    let query = format!("?token={}&file=funnel.toml&set=%7B%22budget.max%22%3A1900000%7D", server.token);
    let (status, scenario) = server.get(&format!("/scenario{query}"));
    let file: Value = serde_json::from_str(&scenario).expect("JSON");
    assert_eq!((status, &file["budget"]["max"]), (200, &json!(1_900_000)));
    let (status, page) = server.get(&format!("/report{query}"));
    assert!(status == 200 && page.contains("Connected TV") && page.contains("<!doctype html>"));
    let (status, book) = server.get(&format!("/workbook{query}"));
    assert!(status == 200 && book.starts_with("PK"));
}

/// Cells of the tables of lines and figures, as they are drawn.
const DRAWN: &str = "JSON.stringify([...document.querySelectorAll('table[data-table=lines] td, table[data-table=lines] th[scope=row], .tiles strong, .tiles .moved')].map((e) => e.textContent))";

/// The cells of a report of the same plan.
fn reported(browser: &mut Browser, tab: &Tab, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let html = folder.path().join("report.html");
    let ran = outlay(&[&["run"], arguments, &["--html", html.to_str().expect("UTF-8")]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    browser.go(tab, &format!("file://{}", html.display()));
    browser.text(tab, DRAWN)
}

fn drawn(browser: &mut Browser, tab: &Tab) -> u64 {
    browser.text(tab, "document.body.dataset.drawn ?? '0'").parse().expect("a count")
}

#[test]
fn a_drag_is_solved_and_drawn_to_the_printed_digit() {
    let Some(program) = chromium() else { return };
    let server = Server::start(&root().join("scenarios/funnel.toml"));
    let mut browser = Browser::start(&program);
    let tab = browser.tab(1200, 900);
    browser.go(&tab, &server.url);
    let slider = "document.querySelector('input[type=range][data-path=\"budget.max\"]')";
    let place = format!(
        "(() => {{ const b = {slider}.getBoundingClientRect(); return [b.left, b.top + b.height / 2, b.width]; }})()"
    );
    let place = browser.value(&tab, &place);
    let at = |i: usize| place[i].as_f64().expect("a place");
    browser.mouse(&tab, "mousePressed", at(0) + 0.5 * at(2), at(1));
    for share in [0.48, 0.46, 0.44, 0.42, 0.4] {
        browser.mouse(&tab, "mouseMoved", at(0) + share * at(2), at(1));
    }
    browser.until(&tab, "Number(document.body.dataset.drawn ?? 0) > 0");
    browser.mouse(&tab, "mouseReleased", at(0) + 0.4 * at(2), at(1));
    browser.until(
        &tab,
        "new URL(location.href).searchParams.get('set') !== null && !document.querySelector('.busy')",
    );
    let set = browser.text(&tab, "new URL(location.href).searchParams.get('set')");
    let set: Value = serde_json::from_str(&set).expect("JSON");
    let budget = set["budget.max"].as_f64().expect("a budget");
    assert!((1_500_000.0..1_950_000.0).contains(&budget), "{budget}");
    assert_eq!(browser.value(&tab, &format!("Number({slider}.value)")), budget);
    let shown = browser.text(&tab, DRAWN);
    let after = browser.text(&tab, "document.querySelector('[data-part=changes]').textContent");
    assert!(after.contains("Revenue -") && after.contains("Now"), "{after}");
    // What is undone is as it was; what is reloaded is as it is.
    let href = browser_href(&mut browser, &tab);
    browser.go(&tab, &href);
    assert_eq!(browser.text(&tab, DRAWN), shown);
    let expected =
        reported(&mut browser, &tab, &["scenarios/funnel.toml", "--set", &format!("budget.max={budget}")]);
    assert_eq!(shown, expected);
    assert!(shown.contains("Connected TV"));
    assert!(browser.complaints.is_empty(), "{:?}", browser.complaints);
    let elsewhere: Vec<_> = browser
        .fetched
        .iter()
        .filter(|u| {
            !u.starts_with("http://127.0.0.1:") && !u.starts_with("file://") && !u.starts_with("data:")
        })
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

fn browser_href(browser: &mut Browser, tab: &Tab) -> String {
    browser.text(tab, "location.href")
}

/// Types a text into a field and leaves it.
fn fill(browser: &mut Browser, tab: &Tab, path: &str, text: &str) {
    let field = format!("document.querySelector('input[type=text][data-path=\"{path}\"]')");
    browser.value(tab, &format!("{field}.focus(), {field}.select()"));
    browser.type_text(tab, text);
    browser.key(tab, "Enter", 13);
}

#[test]
fn nonsense_conflicts_undo_and_tabs() {
    let Some(program) = chromium() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let floor = "\n[[limits]]\nname = \"Floor\"\nowner = \"sales\"\nmetric = \"revenue\"\nmin = 700\n";
    write(folder.path(), "small.toml", small(|t| t + floor));
    let server = Server::start(folder.path());
    let mut browser = Browser::start(&program);
    let (tab, second) = (browser.tab(1200, 900), browser.tab(390, 844));
    browser.go(&tab, &server.url);
    browser.go(&second, &server.url);
    let first = browser.text(&tab, DRAWN);
    fill(&mut browser, &tab, "budget.max", "a lot");
    browser.until(&tab, "document.querySelector('.fault') !== null");
    assert!(browser.text(&tab, "document.querySelector('.fault').textContent").contains("a lot"));
    assert_eq!(browser.text(&tab, DRAWN), first, "nonsense changes nothing");
    let count = drawn(&mut browser, &tab);
    fill(&mut browser, &tab, "budget.max", "450");
    browser.until(&tab, &format!("Number(document.body.dataset.drawn ?? 0) > {count}"));
    assert_eq!(browser.value(&tab, "document.querySelector('.fault')"), Value::Null);
    assert_ne!(browser.text(&tab, DRAWN), first);
    assert_eq!(browser.text(&second, DRAWN), first, "tabs do not disturb each other");
    // Targets that contradict each other, and a repair.
    fill(&mut browser, &tab, "limits.Floor.min", "5K");
    browser.until(&tab, "document.querySelector('[data-status=infeasible]') !== null");
    let repair = browser.text(&tab, "document.querySelector('.repairs .button').textContent");
    assert!(repair.contains("Floor") && repair.contains("sales"), "{repair}");
    browser.value(&tab, "document.querySelector('.repairs .button').click()");
    browser.until(&tab, "document.querySelector('[data-status=optimal]') !== null");
    // Undo goes back step by step to the file.
    for _ in 0..3 {
        let count = drawn(&mut browser, &tab);
        browser.value(&tab, "document.getElementById('undo').click()");
        browser.until(
            &tab,
            &format!(
                "Number(document.body.dataset.drawn ?? 0) > {count} && !document.querySelector('.busy')"
            ),
        );
    }
    assert_eq!(browser.text(&tab, DRAWN), first);
    assert_eq!(browser.value(&tab, "document.getElementById('undo').disabled"), true);
    // Kept plans stand side by side, and survive a reload.
    browser.value(&tab, "window.prompt = () => 'As it is', document.getElementById('keep').click()");
    browser.until(&tab, "document.querySelector('#beside table') !== null");
    fill(&mut browser, &tab, "budget.max", "400");
    browser.until(
        &tab,
        "new URL(location.href).searchParams.get('set') !== null && !document.querySelector('.busy')",
    );
    let href = browser_href(&mut browser, &tab);
    browser.go(&tab, &href);
    assert!(browser.text(&tab, "document.getElementById('beside').textContent").contains("As it is"));
    browser.until(&tab, "document.querySelector('#course svg') !== null");
    // A phone does not scroll sideways.
    let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.value(&second, wide), 0);
    assert!(browser.complaints.is_empty(), "{:?}", browser.complaints);
}

#[test]
fn three_hundred_lines_answer() {
    let Some(program) = chromium() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("outlay = 1\ncurrency = \"USD\"\nbudget = { max = 300000 }\n");
    for i in 0..300u32 {
        let (ceiling, half) = (3000 + 37 * (i % 53), 500 + 29 * (i % 31));
        text.push_str(&format!(
            "\n[[lines]]\nname = \"Line {i}\"\nstage = \"s{}\"\nspend = {{ current = 1000 }}\noutcome = \"revenue\"\n\
             curve = {{ family = \"michaelis_menten\", ceiling = {ceiling}, half_saturation = {half} }}\n",
            i % 4
        ));
    }
    let path = write(folder.path(), "many.toml", text);
    let server = Server::start(folder.path());
    let mut browser = Browser::start(&program);
    let tab = browser.tab(1920, 1080);
    browser.go(&tab, &server.url);
    fill(&mut browser, &tab, "budget.max", "250000");
    browser.until(&tab, "Number(document.body.dataset.drawn ?? 0) > 0 && !document.querySelector('.busy')");
    let shown = browser.text(&tab, DRAWN);
    assert_eq!(shown, reported(&mut browser, &tab, &[&path, "--set", "budget.max=250000"]));
    assert!(shown.contains("Line 299"));
}
