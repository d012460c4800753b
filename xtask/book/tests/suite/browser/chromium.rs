//! A headless Chromium, driven over its DevTools protocol.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// The first has no windows at all, and is a third quicker.
const PROGRAMS: [&str; 5] = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
];

/// No answer takes longer, on any machine, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(180);

/// What tests ask of every page: `probe` in it.
const PROBE: &str = include_str!("probe.js");

/// Browsers that no test uses now. Starting one takes as long as opening several pages.
static IDLE: Mutex<Vec<Browser>> = Mutex::new(Vec::new());

/// A Chromium. It ends by itself when the tests do, with the pipe that it reads from.
struct Browser {
    process: Child,
    writer: ChildStdin,
    messages: Receiver<Value>,
    next_id: u64,
}

impl Browser {
    /// Starts what CHROMIUM names, or else what has one of the usual names, if there is
    /// one.
    fn start() -> Option<Self> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let program = env::var_os("CHROMIUM").or_else(|| {
            let path = env::var_os("PATH")?;
            let is_there =
                |name: &&str| env::split_paths(&path).any(|at| at.join(name).is_file());
            PROGRAMS.into_iter().find(is_there).map(OsString::from)
        })?;
        let number = STARTED.fetch_add(1, Ordering::Relaxed).to_string();
        let profile =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("browsers").join(number);
        let _ = fs::remove_dir_all(&profile);
        // It reads commands from its file 3, and writes answers to 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--hide-scrollbars"])
            // Pictures wait as they do for a reader whose network is known to be fast: the
            // shell doesn't look at what it has.
            .arg("--blink-settings=lazyLoadingImageMarginPxUnknown=1250")
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(["--remote-debugging-pipe", "about:blank"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let writer = process.stdin.take().expect("stdin is piped");
        let reader = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let (sender, messages) = mpsc::channel();
        // It is read all the time, so that it never waits for a reader.
        thread::spawn(move || {
            for message in reader.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("it speaks JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Some(Browser { process, writer, messages, next_id: 0 })
    }

    /// Sends a call, and returns the number that its answer will have.
    fn send(&mut self, method: &str, parameters: Value, session: Option<&str>) -> u64 {
        self.next_id += 1;
        let mut message =
            json!({ "id": self.next_id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.writer
            .write_all(format!("{message}\0").as_bytes())
            .expect("Chromium is there: CHROMIUM or PATH names it");
        self.next_id
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A tab of a browser, which shares nothing with the tabs of other tests.
pub struct Tab {
    /// Until it is dropped.
    browser: Option<Browser>,
    context: Value,
    session: Option<String>,
    /// What has happened since a page was opened.
    events: Vec<Value>,
    /// Where pages of the book come from.
    host: String,
    runs_scripts: bool,
}

impl Tab {
    /// A new tab, if there is a browser.
    pub fn start() -> Option<Self> {
        let idle = IDLE.lock().expect("no thread panics with it").pop();
        let browser = Some(idle.or_else(Browser::start)?);
        let mut tab = Tab {
            browser,
            context: Value::Null,
            session: None,
            events: Vec::new(),
            host: String::new(),
            runs_scripts: true,
        };
        tab.context =
            tab.call("Target.createBrowserContext", json!({}))["browserContextId"].take();
        let blank = json!({ "url": "about:blank", "browserContextId": tab.context });
        let target = tab.call("Target.createTarget", blank);
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = tab.call("Target.attachToTarget", attach);
        tab.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        Some(tab)
    }

    /// Loads a page and waits until it is complete, and has nothing to do.
    pub fn open(&mut self, address: &str, color_scheme: &str, width: u32) {
        self.open_until("Page.loadEventFired", address, color_scheme, width);
    }

    /// Loads a page until this has happened, and the page has nothing to do.
    pub fn open_until(
        &mut self,
        event: &str,
        address: &str,
        color_scheme: &str,
        width: u32,
    ) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": color_scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": feature }));
        self.resize(width, 900);
        let scheme = address.find("://").expect("an address with a scheme") + 3;
        let host = address[scheme..].find('/').expect("an address with a path");
        self.host = address[..scheme + host + 1].to_owned();
        self.events.clear();
        self.call("Page.navigate", json!({ "url": address }));
        self.wait_for_event(event);
        self.evaluate(PROBE);
        if self.runs_scripts {
            self.evaluate("probe.idle()");
        }
    }

    /// Waits until something has happened, if it has not since the page was opened.
    pub fn wait_for_event(&mut self, method: &str) -> Value {
        let is_it = |event: &&Value| event["method"] == method;
        loop {
            if let Some(event) = self.events.iter().find(is_it) {
                return event["params"].clone();
            }
            let event = self.receive();
            self.events.push(event);
        }
    }

    /// Waits until nothing is on its way to the page, and it has nothing to do.
    pub fn settle(&mut self) {
        loop {
            self.evaluate("probe.idle()");
            let mut open = BTreeSet::new();
            for event in &self.events {
                let request = event["params"]["requestId"].as_str();
                match event["method"].as_str() {
                    Some("Network.requestWillBeSent") => open.insert(request),
                    Some("Network.loadingFinished" | "Network.loadingFailed") => {
                        open.remove(&request)
                    }
                    _ => false,
                };
            }
            if open.is_empty() {
                return;
            }
            let event = self.receive();
            self.events.push(event);
        }
    }

    /// Errors in the console, requests that failed, and requests to other hosts, since a
    /// page was opened.
    pub fn faults(&self) -> BTreeSet<String> {
        let fault_of = |event: &Value| {
            let details = &event["params"];
            match event["method"].as_str()? {
                "Runtime.consoleAPICalled" if details["type"] == "error" => {
                    Some(format!("console: {}", details["args"]))
                }
                "Runtime.exceptionThrown" => {
                    Some(format!("exception: {}", details["exceptionDetails"]))
                }
                "Log.entryAdded" if details["entry"]["level"] == "error" => {
                    Some(format!("log: {}", details["entry"]["text"]))
                }
                "Network.loadingFailed" => {
                    Some(format!("a request failed: {}", details["errorText"]))
                }
                "Network.requestWillBeSent" => {
                    let address = details["request"]["url"].as_str()?;
                    let is_ours = ["data:", "blob:", &self.host]
                        .iter()
                        .any(|begin| address.starts_with(begin));
                    (!is_ours).then(|| format!("a request to another host: {address}"))
                }
                _ => None,
            }
        };
        self.events.iter().filter_map(fault_of).collect()
    }

    /// The files that were loaded since a page was opened.
    pub fn loaded(&self) -> BTreeSet<PathBuf> {
        let requests =
            self.events.iter().filter(|it| it["method"] == "Network.requestWillBeSent");
        requests
            .filter_map(|it| file_at(it["params"]["request"]["url"].as_str()?))
            .collect()
    }

    /// The value of an expression in the page, when its promise has come true.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let call = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut result = self.call("Runtime.evaluate", call);
        assert!(
            result["exceptionDetails"].is_null(),
            "{}",
            result["exceptionDetails"]["exception"]["description"]
        );
        result["result"]["value"].take()
    }

    /// A sentence of the page.
    pub fn text(&mut self, expression: &str) -> String {
        let text = self.evaluate(expression);
        text.as_str()
            .unwrap_or_else(|| panic!("{expression} is {text}"))
            .trim()
            .to_owned()
    }

    /// What a screen reader is told of an element: its role and its name, unless it is
    /// told nothing.
    pub fn role_and_name(&mut self, element: &str) -> Option<[String; 2]> {
        let object = self.call("Runtime.evaluate", json!({ "expression": element }));
        let of =
            json!({ "objectId": object["result"]["objectId"], "fetchRelatives": false });
        let tree = self.call("Accessibility.getPartialAXTree", of);
        let node = &tree["nodes"][0];
        let is_told = node["ignored"] == json!(false);
        is_told.then(|| {
            ["role", "name"].map(|what| {
                node[what]["value"].as_str().unwrap_or_default().trim().to_owned()
            })
        })
    }

    /// A number of the page.
    pub fn number(&mut self, expression: &str) -> f64 {
        let number = self.evaluate(expression);
        number.as_f64().unwrap_or_else(|| panic!("{expression} is {number}"))
    }

    /// A list of numbers of the page.
    pub fn numbers(&mut self, expression: &str) -> Vec<f64> {
        let list = self.evaluate(expression);
        serde_json::from_value(list)
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// A list of sentences of the page.
    pub fn texts(&mut self, expression: &str) -> Vec<String> {
        let list = self.evaluate(expression);
        serde_json::from_value(list)
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until an expression is true, however long the machine takes.
    pub fn wait(&mut self, expression: &str) {
        let is_true = self.evaluate(&format!("probe.until(() => {expression})"));
        assert!(is_true == json!(true), "{expression} does not come true");
    }

    /// From now on, pages run no scripts. Expressions are evaluated all the same.
    pub fn disable_scripts(&mut self) {
        self.runs_scripts = false;
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// Presses a key, by its name and its code on Windows, as often as this.
    pub fn press(&mut self, key: &str, code: u32, times: usize) {
        // What Enter types sends off a form.
        let (down, typed) =
            if key == "Enter" { ("keyDown", "\r") } else { ("rawKeyDown", "") };
        let events = ["keyUp", down].map(|kind| {
            json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyUp" { "" } else { typed } })
        });
        // One after the other without waiting: the answer to the last is behind all.
        for place in (1..2 * times).rev() {
            self.send("Input.dispatchKeyEvent", events[place % 2].clone());
        }
        self.call("Input.dispatchKeyEvent", events[0].clone());
    }

    /// Presses the mouse's button at the first place, and lets it go at the last. Each is
    /// two numbers: across and down.
    pub fn drag(&mut self, places: &[f64]) {
        let places = places.as_chunks::<2>().0;
        let (first, last) = (places[0], places[places.len() - 1]);
        let moves = places[1..].iter().map(|&place| ("mouseMoved", place));
        for (kind, [x, y]) in [("mousePressed", first)]
            .into_iter()
            .chain(moves)
            .chain([("mouseReleased", last)])
        {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left",
                "buttons": 1, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Gives the window another size, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Shows the page as it is printed, or again as it is seen.
    pub fn print(&mut self, is_printed: bool) {
        let media = if is_printed { "print" } else { "" };
        self.call("Emulation.setEmulatedMedia", json!({ "media": media }));
    }

    /// Saves the whole page as PNG, with all its pictures.
    pub fn screenshot(&mut self, path: &Path) {
        self.evaluate("probe.loadAllPictures()");
        let call = json!({ "format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true });
        let screenshot = self.call("Page.captureScreenshot", call);
        let data = screenshot["data"].as_str().expect("a picture");
        fs::write(path, BASE64_STANDARD.decode(data).expect("base64"))
            .expect("a folder of ours");
    }

    fn send(&mut self, method: &str, parameters: Value) -> u64 {
        let browser = self.browser.as_mut().expect("it is not dropped");
        browser.send(method, parameters, self.session.as_deref())
    }

    /// Calls a method of the protocol.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send(method, parameters);
        loop {
            let mut answer = self.receive();
            if answer["id"] == json!(id) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    fn receive(&mut self) -> Value {
        let browser = self.browser.as_mut().expect("it is not dropped");
        browser.messages.recv_timeout(PATIENCE).expect("Chromium answers in time")
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        // One that was in the middle of something is ended.
        if thread::panicking() {
            return;
        }
        self.session = None;
        let context = json!({ "browserContextId": self.context });
        self.call("Target.disposeBrowserContext", context);
        let browser = self.browser.take();
        IDLE.lock().expect("no thread panics with it").extend(browser);
    }
}

/// The address of a file, whatever is in its path.
pub fn address(file: &Path) -> String {
    let path = file.to_str().expect("a path of letters");
    let encoded = path.bytes().map(|byte| match byte {
        b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    format!("file://{}", encoded.collect::<String>())
}

/// The file that an address is of.
fn file_at(address: &str) -> Option<PathBuf> {
    let path = address.split(['?', '#']).next()?.strip_prefix("file://")?;
    let mut parts = path.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        decoded.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        decoded.extend(part[2..].bytes());
    }
    String::from_utf8(decoded).ok().map(PathBuf::from)
}
