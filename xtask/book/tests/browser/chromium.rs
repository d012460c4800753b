//! A headless Chromium, driven over its DevTools protocol.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// No answer takes longer, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser, with one tab.
pub struct Chromium {
    process: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: String,
    next_id: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

/// What happened while a page was loaded.
pub struct Page {
    /// Errors in the console, requests that failed, and requests to other hosts.
    pub faults: BTreeSet<String>,
    /// The addresses of everything that was loaded.
    requests: BTreeSet<String>,
}

impl Page {
    /// The size of all that was loaded.
    pub fn bytes(&self) -> u64 {
        let files = self.requests.iter().filter_map(|url| url.strip_prefix("file://"));
        files.map(|file| fs::metadata(file).map_or(0, |file| file.len())).sum()
    }
}

impl Chromium {
    /// Starts it, if there is one: what CHROMIUM names, or one of the usual names.
    pub fn start() -> Option<Self> {
        let named = env::var("CHROMIUM").ok();
        let profile = TempDir::new().expect("a temporary folder");
        let start = |program: &str| {
            Command::new(program)
                .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
                .args([
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-sync",
                ])
                .args(["--disable-component-update", "--hide-scrollbars"])
                .args(["--remote-debugging-port=0", "about:blank"])
                .arg(format!("--user-data-dir={}", profile.path().display()))
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .ok()
        };
        let mut process = match &named {
            Some(program) => Some(start(program).expect("CHROMIUM names a program")),
            None => PROGRAMS.into_iter().find_map(start),
        }?;
        let stderr = BufReader::new(process.stderr.take().expect("stderr is piped"));
        let mut lines = stderr.lines().map_while(Result::ok);
        let address = lines
            .find_map(|line| {
                line.strip_prefix("DevTools listening on ").map(str::to_owned)
            })
            .expect("Chromium tells its address");
        // It goes on talking, and must not wait for a reader.
        thread::spawn(move || lines.for_each(drop));
        let (socket, _) = tungstenite::connect(&address).expect("Chromium listens");
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
        }
        let mut chromium = Chromium {
            process,
            socket,
            session: String::new(),
            next_id: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target =
            chromium.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = chromium.call("Target.attachToTarget", attach);
        chromium.session = session["sessionId"].as_str().expect("a session").to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            chromium.call(&format!("{domain}.enable"), json!({}));
        }
        Some(chromium)
    }

    /// Loads a page and waits until it is complete.
    pub fn open(&mut self, url: &str, color_scheme: &str, width: u32) -> Page {
        let feature = json!([{ "name": "prefers-color-scheme", "value": color_scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": feature }));
        self.resize(width, 900);
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.receive();
            self.events.push(event);
        }
        // What comes from there, is of the book.
        let scheme = url.find("://").expect("an address with a scheme") + 3;
        let host = url[scheme..].find('/').expect("an address with a path");
        let here = &url[..scheme + host + 1];
        // What a script asks for after the page was loaded.
        thread::sleep(Duration::from_millis(100));
        self.evaluate("0");
        let mut page = Page { faults: BTreeSet::new(), requests: BTreeSet::new() };
        for event in &self.events {
            let details = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.consoleAPICalled" if details["type"] == "error" => {
                    page.faults.insert(format!("console: {}", details["args"]));
                }
                "Runtime.exceptionThrown" => {
                    page.faults
                        .insert(format!("exception: {}", details["exceptionDetails"]));
                }
                "Log.entryAdded" if details["entry"]["level"] == "error" => {
                    page.faults.insert(format!("log: {}", details["entry"]["text"]));
                }
                "Network.loadingFailed" => {
                    page.faults
                        .insert(format!("a request failed: {}", details["errorText"]));
                }
                "Network.requestWillBeSent" => {
                    let url = details["request"]["url"].as_str().unwrap_or_default();
                    if url.starts_with(here) {
                        page.requests.insert(
                            url.split(['?', '#']).next().unwrap_or(url).to_owned(),
                        );
                    } else if !url.starts_with("data:") {
                        page.faults.insert(format!("a request to another host: {url}"));
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// The value of an expression in the page, when its promise has come true.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let call = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", call);
        assert!(result["exceptionDetails"].is_null(), "{}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Whether an expression comes to a wanted value within some seconds.
    pub fn wait_for(
        &mut self,
        expression: &str,
        is_wanted: impl Fn(&Value) -> bool,
    ) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if is_wanted(&self.evaluate(expression)) {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// What axe-core finds serious or critical in the chapter.
    pub fn axe(&mut self, source: &str) -> Vec<String> {
        self.evaluate(&format!("{source}; 0"));
        let violations = self.evaluate(
            "axe.run(document.querySelector('main'), { resultTypes: ['violations'] })\
             .then(found => found.violations.filter(v => ['serious', 'critical'].includes(v.impact))\
             .map(v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 120) \
             + ' ' + (n.any[0] ? n.any[0].message : '')).join(' | ')}`))",
        );
        let violations = violations.as_array().cloned().unwrap_or_default();
        violations
            .iter()
            .filter_map(|violation| violation.as_str().map(str::to_owned))
            .collect()
    }

    /// From now on, pages run no scripts. Expressions are evaluated all the same.
    pub fn disable_scripts(&mut self) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// Presses the Tab key.
    pub fn press_tab(&mut self) {
        self.press("Tab", 9);
    }

    /// Presses a key, by its name and its code on Windows.
    pub fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// The files that were loaded since a page was opened.
    pub fn loaded(&self) -> BTreeSet<String> {
        let urls = self.events.iter().filter_map(|event| {
            (event["method"] == "Network.requestWillBeSent")
                .then(|| event["params"]["request"]["url"].as_str())?
        });
        urls.filter_map(|url| url.split(['?', '#']).next()?.strip_prefix("file://"))
            .map(str::to_owned)
            .collect()
    }

    /// Gives the window another size, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Saves the whole page as PNG, with all its pictures.
    pub fn screenshot(&mut self, path: &Path) {
        self.evaluate(
            "Promise.all([...document.images].map(image => { image.loading = 'eager'; \
             return image.decode().catch(() => {}) })).then(() => 0)",
        );
        let call = json!({ "format": "png", "captureBeyondViewport": true });
        let screenshot = self.call("Page.captureScreenshot", call);
        let data = screenshot["data"].as_str().expect("a picture");
        fs::write(path, BASE64_STANDARD.decode(data).expect("base64"))
            .expect("a folder of ours");
    }

    /// Calls a method of the protocol.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(message.to_string())).expect("Chromium listens");
        loop {
            let answer = self.receive();
            if answer["id"] == json!(id) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    fn receive(&mut self) -> Value {
        loop {
            if let Message::Text(text) =
                self.socket.read().expect("Chromium answers in time")
            {
                return serde_json::from_str(&text).expect("Chromium speaks JSON");
            }
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
