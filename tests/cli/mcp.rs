//! `outlay mcp` as an assistant's program sees it: JSON-RPC over pipes, without
//! the SDK that the server is made with.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::common::{SMALL, outlay_in, small, write};
use crate::experiments::{TEST, panel};

/// A client that has said hello.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Client {
    fn start(folder: &Path) -> Client {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outlay"))
            .arg("mcp")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut client = Client { child, input, output, next: 0 };
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" } });
        let answer = client.ask("initialize", hello);
        assert_eq!(answer["result"]["serverInfo"]["name"], "outlay", "{answer}");
        client.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn tell(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("open");
        writeln!(input, "{message}").expect("the server listens");
        input.flush().expect("the server listens");
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        self.tell(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.hear()
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the server answers");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))
    }

    /// What a tool says and gives.
    fn call(&mut self, tool: &str, arguments: Value) -> (String, Value) {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        assert_ne!(result["isError"], true, "{tool}: {answer}");
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
        (text.to_owned(), result["structuredContent"].clone())
    }

    /// What a tool finds wrong.
    fn wrong(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        assert_eq!(answer["result"]["isError"], true, "{tool}: {answer}");
        answer["result"]["content"][0]["text"].as_str().expect("words").to_owned()
    }

    fn end(mut self) {
        self.input = None;
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_tool_says_what_it_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut client = Client::start(folder.path());
    let answer = client.ask("tools/list", json!({}));
    let tools = answer["result"]["tools"].as_array().expect("tools").clone();
    let names: Vec<&str> = tools.iter().filter_map(|t| t["name"].as_str()).collect();
    for name in ["solve", "check", "frontier", "compare", "verify", "fit", "lift", "design", "next"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for tool in &tools {
        assert!(tool["description"].as_str().is_some_and(|d| d.len() > 40), "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        for (field, schema) in tool["inputSchema"]["properties"].as_object().into_iter().flatten() {
            assert!(schema["description"].as_str().is_some_and(|d| d.len() > 10), "{field}: {tool}");
        }
    }
    client.end();
}

#[test]
fn a_plan_comes_with_its_proof_and_its_sentences() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "small.toml", SMALL);
    let mut client = Client::start(folder.path());
    let (text, files) = client.call("files", json!({}));
    assert_eq!(files["files"][0], json!({ "file": "small.toml", "kind": "scenario", "bytes": SMALL.len() }));
    assert!(text.contains("small.toml"));

    let (text, plan) = client.call("solve", json!({ "scenario": "small.toml", "save": "base.json" }));
    let printed = outlay_in(folder.path(), &["run", "small.toml"]).stdout;
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for key in ["headline", "proof"] {
        let sentence = plan[key].as_str().expect("a sentence");
        assert!(flat(&text).contains(sentence) && flat(&printed).contains(sentence), "{sentence}\n{printed}");
    }
    assert_eq!(plan["status"], "optimal");
    assert!(plan["gap"].as_f64().is_some_and(|g| g <= 1e-8), "{plan}");
    assert!(plan["certificate"]["bound"].as_f64() >= plan["value"].as_f64(), "{plan}");
    // Every figure is beside what the program prints for it.
    let table = printed.split("By line").nth(1).expect("a table");
    for line in plan["lines"].as_array().expect("lines") {
        let (name, text) = (line["name"].as_str(), line["plan"]["text"].as_str());
        let row = table.lines().find(|l| l.split_whitespace().next() == name).expect("a row");
        assert!(row.contains(text.expect("a text")), "{row}");
    }

    let asked = json!({ "scenario": "small.toml", "set": { "budget.max": "+10%" }, "limits": ["spend<=520"],
        "goal": "maximize customers", "save": "more.json" });
    let (_, more) = client.call("solve", asked);
    assert_eq!(more["goal"], "customers");
    let spend = more["totals"].as_array().and_then(|t| t.iter().find(|t| t["metric"] == "spend").cloned());
    assert!((spend.expect("spend")["plan"]["value"].as_f64().expect("a figure") - 520.0).abs() < 1e-6);
    assert_eq!(fs::read_to_string(folder.path().join("small.toml")).expect("there"), SMALL);

    let (text, verdict) = client.call("verify", json!({ "results": ["base.json", "more.json"] }));
    assert!(verdict["holds"] == true && text.contains("the proof holds"), "{text}");
    assert_eq!(outlay_in(folder.path(), &["verify", "base.json", "more.json"]).code, 0);
    let saved = fs::read_to_string(folder.path().join("base.json")).expect("saved");
    let mut lie: Value = serde_json::from_str(&saved).expect("JSON");
    lie["lines"][0]["spend"] = json!(1.0);
    write(folder.path(), "lie.json", lie.to_string());
    let (_, verdict) = client.call("verify", json!({ "results": ["lie.json"] }));
    assert_eq!(verdict["holds"], false);

    client.call(
        "solve",
        json!({ "scenario": "small.toml", "set": { "budget.max": 400 }, "save": "less.json" }),
    );
    let (text, compared) = client.call("compare", json!({ "results": ["base.json", "less.json"] }));
    assert!(
        text.contains("budget") && compared["differences"][0]["difference"].as_f64() < Some(0.0),
        "{text}"
    );

    let over = json!({ "scenario": "small.toml", "over": "budget.max", "from": 100, "to": 900 });
    let (text, frontier) = client.call("frontier", over);
    assert!(frontier["points"].as_array().is_some_and(|p| p.len() > 2), "{frontier}");
    let sentence = frontier["sentences"][0].as_str().expect("a sentence");
    assert!(flat(&text).contains(sentence), "{sentence}\n{text}");
    client.end();
}

#[test]
fn a_conflict_comes_with_its_repairs() {
    let folder = tempfile::tempdir().expect("a folder");
    let floor = "\n[[limits]]\nname = \"Floor\"\nowner = \"sales\"\nmetric = \"revenue\"\nmin = 5000\n";
    write(folder.path(), "small.toml", small(|t| t + floor));
    write(folder.path(), "plan.csv", "line,spend\nA,250\nB,150\nC,100\n");
    let mut client = Client::start(folder.path());
    let (_, plan) = client.call("solve", json!({ "scenario": "small.toml" }));
    assert_eq!((&plan["status"], &plan["value"]), (&json!("infeasible"), &Value::Null));
    assert!(plan["conflict"].to_string().contains("Floor") && plan["repairs"].to_string().contains("sales"));
    let (text, check) = client.call("check", json!({ "scenario": "small.toml" }));
    assert!(check["feasible"] == false && text.contains("No: "), "{text}");
    let (text, judged) = client.call("check", json!({ "scenario": "small.toml", "plan": "plan.csv" }));
    assert!(text.contains("Floor") && judged.is_object(), "{text}");
    client.end();
}

/// A history in three markets with a cell of spend that is empty.
fn written_history(folder: &Path) -> &'static str {
    let mut text = String::from("week,market,revenue,tv_spend\n");
    for week in 0..60u32 {
        let day = jiff::civil::date(2025, 1, 6).checked_add(jiff::Span::new().weeks(week)).expect("a date");
        for (market, size) in [("north", 1.0), ("south", 2.0), ("west", 1.5)] {
            let spend = 100.0 + f64::from((week * 37) % 90);
            let revenue = size * (500.0 + 900.0 * spend / (150.0 + spend) + f64::from((week * 53) % 17));
            let shown =
                if (week, market) == (9, "west") { String::new() } else { (spend * size).to_string() };
            text.push_str(&format!("{day},{market},{revenue:.3},{shown}\n"));
        }
    }
    write(folder, "markets.csv", text);
    "markets.csv"
}

#[test]
fn curves_and_tests_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut history = String::from("date,channel,spend,revenue\n");
    for week in 0..60u32 {
        let day = jiff::civil::date(2025, 1, 6).checked_add(jiff::Span::new().weeks(week)).expect("a date");
        let spend = 100.0 + f64::from((week * 37) % 90);
        let revenue = 500.0 + 900.0 * spend / (150.0 + spend) + f64::from((week * 53) % 17);
        history.push_str(&format!("{day},tv,{spend},{revenue:.3}\n"));
    }
    write(folder.path(), "history.csv", history);
    let mut client = Client::start(folder.path());
    let fit = json!({ "history": "history.csv", "out": "curves.json", "currency": "USD", "seconds": 60 });
    let (text, library) = client.call("fit", fit);
    assert!(text.contains("tv") && library["curves"][0]["name"] == "tv", "{text}");
    assert!(library["curves"][0].get("draws").is_none(), "too long to be told");
    let written = fs::read_to_string(folder.path().join("curves.json")).expect("written");
    let kept: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(kept["curves"][0]["marginal"], library["curves"][0]["marginal"]);
    let again = json!({ "history": "history.csv", "out": "curves.json" });
    assert!(client.wrong("fit", again).contains("exists already"));

    let mut pair = String::from("week,revenue,tv_spend,search_spend\n");
    for week in 0..60u32 {
        let day = jiff::civil::date(2025, 1, 6).saturating_add(jiff::Span::new().weeks(i64::from(week)));
        let (tv, search) = (100.0 + f64::from(week * 37 % 90), 60.0 + f64::from(week * 53 % 70));
        let revenue = 500.0 + 900.0 * tv / (150.0 + tv) + 300.0 * search / (90.0 + search);
        pair.push_str(&format!("{day},{:.3},{tv},{search}\n", revenue + f64::from(week * 29 % 13)));
    }
    write(folder.path(), "pair.csv", pair);
    let met = json!({ "history": "pair.csv", "out": "met.json", "makes": ["tv"], "harvests": ["search"], "seconds": 60 });
    let (text, library) = client.call("fit", met);
    let meeting = library["meeting"].as_object().expect("a meeting");
    assert!(text.contains("To plan with it") && meeting.contains_key("odds"), "{text}");
    assert!(!meeting.contains_key("draws"), "too long to be told");
    let both = json!({ "history": "pair.csv", "out": "d.json", "overlap": ["tv", "search"], "makes": ["tv"], "harvests": ["search"] });
    assert!(client.wrong("fit", both).contains("one meeting"));

    let holes = written_history(folder.path());
    assert!(client.wrong("fit", json!({ "history": holes, "out": "b.json" })).contains("--blank zero"));
    let fit = json!({ "history": holes, "out": "b.json", "blank_is_zero": true, "markets": "summed", "seconds": 60 });
    assert!(client.call("fit", fit).0.contains("empty cells of spend are zero"));
    let apart = json!({ "history": holes, "out": "c.json", "markets": "apart" });
    assert!(client.wrong("fit", apart).contains("summed"));

    write(folder.path(), "panel.csv", panel(true));
    let asked = json!({ "panel": "panel.csv", "start": "2026-10-12", "end": "2026-11-02", "channel": "tv" });
    let (text, lift) = client.call("lift", asked);
    let printed = outlay_in(folder.path(), &[&["lift", "panel.csv", "--channel", "tv"], &TEST[..]].concat());
    assert!(text.ends_with(&printed.stdout) && lift["row"]["channel"] == "tv", "{text}");
    let (_, design) = client.call("design", json!({ "panel": "panel.csv", "weeks": 4 }));
    assert!(design["designs"][0]["weeks"] == 4, "{design}");
    let said = client.wrong("next", json!({ "scenario": "panel.csv" }));
    assert!(said.contains("panel.csv"), "{said}");
    let said = client.wrong("lift", json!({ "panel": "panel.csv", "start": "soon", "end": "2026-11-02" }));
    assert!(said.contains("start: `soon`") && said.contains("2020-03-15"), "{said}");
    client.end();
}

#[test]
fn wrong_questions_are_answered_with_place_and_remedy() {
    let outer = tempfile::tempdir().expect("a folder");
    let folder = outer.path().join("inner");
    fs::create_dir(&folder).expect("made");
    write(outer.path(), "secret.toml", SMALL);
    write(&folder, "small.toml", SMALL);
    write(&folder, "bad.toml", small(|t| t.replace("outcome", "outcom")));
    write(&folder, "up.toml", "extends = \"../secret.toml\"\n");
    let mut client = Client::start(&folder);
    let solve = |client: &mut Client, more: Value| {
        let mut asked = json!({ "scenario": "small.toml" });
        asked.as_object_mut().expect("fields").extend(more.as_object().cloned().expect("fields"));
        client.wrong("solve", asked)
    };
    for (more, expected) in [
        (json!({ "scenario": "bad.toml" }), "bad.toml:"),
        (json!({ "scenario": "absent.toml" }), "absent.toml"),
        (json!({ "scenario": "../secret.toml" }), "outside the folder"),
        (json!({ "scenario": outer.path().join("secret.toml") }), "outside the folder"),
        (json!({ "scenario": "up.toml" }), "outside the folder"),
        (json!({ "set": { "budgt.max": 3 } }), "budgt"),
        (json!({ "set": { "curves": "../secret.toml" } }), "outside the folder"),
        (json!({ "limits": ["cac"] }), "expected a metric"),
        (json!({ "goal": "revenue" }), "maximize revenue"),
        (json!({ "gap": 3 }), "gap"),
        (json!({ "what_if": 7 }), "what_if"),
        (json!({ "scenarios": "x" }), "scenarios"),
        (json!({ "save": "../x.json" }), "outside the folder"),
        (json!({ "save": "small.toml" }), ".json"),
    ] {
        let said = solve(&mut client, more.clone());
        assert!(said.contains(expected), "{more}: {said}");
        assert!(!said.contains(outer.path().to_str().expect("UTF-8")) || more["scenario"].as_str().is_some());
    }
    assert!(!outer.path().join("x.json").exists());
    let unknown = client.ask("tools/call", json!({ "name": "sell", "arguments": {} }));
    assert!(unknown["error"]["message"].as_str().is_some_and(|m| m.contains("solve")), "{unknown}");
    // Nonsense between messages ends nothing.
    client.tell(&json!("nonsense"));
    let mut heard = client.hear();
    assert!(heard.get("error").is_some(), "{heard}");
    heard = client.ask("tools/call", json!({ "name": "files", "arguments": {} }));
    assert!(
        heard["result"]["structuredContent"]["files"].as_array().is_some_and(|f| f.len() == 3),
        "{heard}"
    );
    client.end();
}

#[test]
fn a_call_ends_when_it_is_no_longer_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "small.toml", SMALL);
    let mut client = Client::start(folder.path());
    // A frontier asked for far too finely, given up at once.
    let over = json!({ "scenario": "small.toml", "over": "budget.max", "from": 1, "to": 900, "gap": 1e-9 });
    client.tell(&json!({ "jsonrpc": "2.0", "id": 99, "method": "tools/call",
        "params": { "name": "frontier", "arguments": over } }));
    client.tell(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 99 } }),
    );
    let mut answer = client.ask("tools/call", json!({ "name": "files", "arguments": {} }));
    if answer["id"] == 99 {
        answer = client.hear();
    }
    assert!(answer["result"]["structuredContent"]["files"].is_array(), "{answer}");
    client.end();
}

#[test]
fn a_folder_that_is_none_is_wrong_input() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "file", "");
    let ran = outlay_in(folder.path(), &["mcp", "file"]);
    assert!(ran.code == 2 && ran.stderr.contains("file") && ran.stdout.is_empty(), "{ran:?}");
    // Nobody there: standard input is empty.
    let ran = outlay_in(folder.path(), &["mcp", "."]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
}
