//! A headless Chromium, driven over its DevTools protocol.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::below_target;

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// No answer takes longer, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

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
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let profile = below_target("browsers").join(number.to_string());
        let _ = fs::remove_dir_all(&profile);
        // It reads commands from its file 3, and writes answers to 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--hide-scrollbars"])
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

    fn receive(&mut self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("Chromium answers in time")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A tab of a browser, which shares nothing with the tabs of other tests.
pub struct Chromium {
    /// Until it is dropped.
    browser: Option<Browser>,
    context: Value,
    session: Option<String>,
    events: Vec<Value>,
    /// The address, colour scheme and width of the page that was opened last.
    opened: Option<(String, String, u32)>,
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
    /// A new tab, if there is a browser.
    pub fn start() -> Option<Self> {
        let idle = IDLE.lock().expect("no thread panics with it").pop();
        let browser = idle.or_else(Browser::start)?;
        let mut chromium = Chromium {
            browser: Some(browser),
            context: Value::Null,
            session: None,
            events: Vec::new(),
            opened: None,
        };
        let context = chromium.call("Target.createBrowserContext", json!({}));
        chromium.context = context["browserContextId"].clone();
        let tab = json!({ "url": "about:blank", "browserContextId": chromium.context });
        let target = chromium.call("Target.createTarget", tab);
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = chromium.call("Target.attachToTarget", attach);
        chromium.session = session["sessionId"].as_str().map(str::to_owned);
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
        self.opened = Some((url.to_owned(), color_scheme.to_owned(), width));
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

    /// Whether the page is still the one that was opened so, in a window of the same
    /// size.
    pub fn shows(&self, url: &str, color_scheme: &str, width: u32) -> bool {
        self.opened.as_ref().is_some_and(|(opened, scheme, at)| {
            (&**opened, &**scheme, *at) == (url, color_scheme, width)
        })
    }

    /// How many times slower than the machine for which limits of time are set this one
    /// is now, since it is another or others use it, too: at least 1.
    pub fn slowness(&mut self) -> f64 {
        /// What the expression takes there, in milliseconds.
        const THERE: f64 = 33.6;
        let here = self.evaluate(
            "(() => { const times = []; for (let round = 0; round < 9; round += 1) { \
             const start = performance.now(); let x = 1; \
             for (let i = 0; i < 2e6; i += 1) x = (x * 1103515245 + 12345) % 2147483648; \
             window.sink = x; times.push(performance.now() - start) } \
             return times.sort((a, b) => a - b)[4] })()",
        );
        (here.as_f64().expect("a time") / THERE).max(1.0)
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

    /// What axe-core finds serious or critical in an element of the page.
    pub fn axe(&mut self, source: &str, element: &str) -> Vec<String> {
        self.axe_with(source, element, "{ resultTypes: ['violations'] }")
    }

    /// What axe-core finds that depends on the width of the page or on its colours.
    pub fn axe_for_looks(&mut self, source: &str, element: &str) -> Vec<String> {
        let options = "{ resultTypes: ['violations'], \
                       runOnly: ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'] }";
        self.axe_with(source, element, options)
    }

    /// Which text of an element of the page axe-core finds hard to read.
    pub fn axe_for_contrast(&mut self, source: &str, element: &str) -> Vec<String> {
        let options = "{ resultTypes: ['violations'], runOnly: ['color-contrast'] }";
        self.axe_with(source, element, options)
    }

    fn axe_with(&mut self, source: &str, element: &str, options: &str) -> Vec<String> {
        self.evaluate(&format!("if (!window.axe) {{ {source} }} 0"));
        let violations = self.evaluate(&format!(
            "axe.run({element}, {options})\
             .then(found => found.violations.filter(v => ['serious', 'critical'].includes(v.impact))\
             .map(v => `${{v.id}}: ${{v.help}}: ${{v.nodes.slice(0, 3).map(n => n.html.slice(0, 120) \
             + ' ' + (n.any[0] ? n.any[0].message : '')).join(' | ')}}`))",
        ));
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

    /// Presses the Enter key, which sends off a form.
    pub fn press_enter(&mut self) {
        for event in [
            json!({ "type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" }),
            json!({ "type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13 }),
        ] {
            self.call("Input.dispatchKeyEvent", event);
        }
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
        self.opened = None;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Saves the whole page as PNG, with all its pictures.
    pub fn screenshot(&mut self, path: &Path) {
        self.evaluate(
            "Promise.all([...document.images].map(image => { image.loading = 'eager'; \
             return image.decode().catch(() => {}) })).then(() => 0)",
        );
        let call = json!({ "format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true });
        let screenshot = self.call("Page.captureScreenshot", call);
        let data = screenshot["data"].as_str().expect("a picture");
        fs::write(path, BASE64_STANDARD.decode(data).expect("base64"))
            .expect("a folder of ours");
    }

    /// Calls a method of the protocol.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        let session = self.session.clone();
        let browser = self.browser.as_mut().expect("it is not dropped");
        let id = browser.send(method, parameters, session.as_deref());
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
        self.browser.as_mut().expect("it is not dropped").receive()
    }
}

impl Drop for Chromium {
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
