//! A headless browser, told what to do over its DevTools pipe.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser that is running.
pub(crate) struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
    /// What pages complained about.
    pub(crate) complaints: Vec<String>,
    /// Addresses that pages asked for.
    pub(crate) fetched: Vec<String>,
    _profile: TempDir,
}

/// A tab, by its session.
#[derive(Debug, Clone)]
pub(crate) struct Tab(String);

impl Browser {
    pub(crate) fn start(program: &Path) -> Browser {
        let profile = tempfile::tempdir().expect("a folder");
        // The pipe is expected at 3 and 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>&1"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--remote-debugging-pipe", "--window-size=1200,900"])
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Browser {
            child,
            input,
            output,
            next: 0,
            complaints: Vec::new(),
            fetched: Vec::new(),
            _profile: profile,
        }
    }

    /// A new tab of a size.
    pub(crate) fn tab(&mut self, width: u32, height: u32) -> Tab {
        let target = self.ask(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.ask(None, "Target.attachToTarget", attach);
        let tab = Tab(session["sessionId"].as_str().expect("a session").to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.ask(Some(&tab), &format!("{domain}.enable"), json!({}));
        }
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.ask(Some(&tab), "Emulation.setDeviceMetricsOverride", size);
        tab
    }

    pub(crate) fn go(&mut self, tab: &Tab, url: &str) {
        self.ask(Some(tab), "Page.navigate", json!({ "url": url }));
        self.until(tab, "document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// The value of an expression.
    pub(crate) fn value(&mut self, tab: &Tab, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.ask(Some(tab), "Runtime.evaluate", asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    pub(crate) fn text(&mut self, tab: &Tab, expression: &str) -> String {
        self.value(tab, expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true.
    pub(crate) fn until(&mut self, tab: &Tab, expression: &str) {
        let late = Instant::now() + Duration::from_secs(60);
        while self.value(tab, expression) != true {
            assert!(Instant::now() < late, "never true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses, moves or releases the mouse.
    pub(crate) fn mouse(&mut self, tab: &Tab, kind: &str, x: f64, y: f64) {
        let button = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        self.ask(Some(tab), "Input.dispatchMouseEvent", button);
    }

    /// Types into whatever has the focus.
    pub(crate) fn type_text(&mut self, tab: &Tab, text: &str) {
        self.ask(Some(tab), "Input.insertText", json!({ "text": text }));
    }

    pub(crate) fn key(&mut self, tab: &Tab, key: &str, code: u32) {
        for kind in ["rawKeyDown", "char", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if kind == "char" {
                if key != "Enter" {
                    continue;
                }
                event["text"] = json!("\r");
            }
            self.ask(Some(tab), "Input.dispatchKeyEvent", event);
        }
    }

    /// Does something in a tab or the browser, and gives what comes of it.
    pub(crate) fn ask(&mut self, tab: Option<&Tab>, method: &str, params: Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if let Some(tab) = tab {
            message["sessionId"] = json!(tab.0);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).expect("the browser listens");
        self.input.flush().expect("the browser listens");
        loop {
            let mut bytes = Vec::new();
            self.output.read_until(0, &mut bytes).expect("the browser answers");
            bytes.pop();
            let heard: Value = serde_json::from_slice(&bytes).expect("JSON");
            if heard["id"] == self.next {
                assert!(heard.get("error").is_none(), "{method}: {heard}");
                return heard["result"].clone();
            }
            self.note(&heard);
        }
    }

    fn note(&mut self, event: &Value) {
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" => self.complaints.push(event.to_string()),
            "Log.entryAdded" => {
                // A question that the page itself expects to be refused.
                let entry = &event["params"]["entry"];
                if !entry["text"].as_str().is_some_and(|t| t.contains("422") || t.contains("400")) {
                    self.complaints.push(entry.to_string());
                }
            }
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
                self.fetched.push(url.to_owned());
            }
            _ => {}
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
