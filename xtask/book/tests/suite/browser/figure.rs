//! The live figures, and a reader's hands on one of them.

use std::fmt::Display;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::chromium::{Tab, address};
use super::finished_book;

/// The chapters of the live figures, and their kinds.
pub const FIGURES: [(&str, &str); 20] = [
    ("draw-your-own-data.html", "draw"),
    ("introduction.html", "forward"),
    ("part-a-very-simple-diffusion.html", "part-a"),
    ("part-b-fixed-beta-values.html", "part-b"),
    ("part-c-schedule-for-beta.html", "part-c"),
    ("part-d-alpha-bar-trick.html", "part-d"),
    ("part-d-alpha-bar-trick.html", "walk-or-jump"),
    ("part-d-alpha-bar-trick.html", "two-peaks"),
    ("part-e-schedules.html", "part-e"),
    ("part-f-the-way-back.html", "part-f"),
    ("part-g-local-denoiser.html", "part-g"),
    ("training-a-network.html", "part-h"),
    ("digits-to-order.html", "part-h-digits"),
    ("part-i-samplers.html", "part-i"),
    ("which-sampler.html", "part-i-digits"),
    ("part-j-flow-matching.html", "part-j"),
    ("part-k-convolutions.html", "part-k"),
    ("part-l-u-net.html", "part-l"),
    ("part-n-to-order.html", "part-n"),
    ("changed-to-order.html", "part-n-guidance"),
];

pub fn chapter_of(kind: &str) -> &'static str {
    FIGURES.iter().find(|(_, other)| *other == kind).expect("a kind of figure").0
}

impl Tab {
    /// Opens a chapter of the book.
    pub fn open_chapter(&mut self, chapter: &str, theme: &str, width: u32) {
        // The colour scheme of a reader who gets this theme.
        let scheme = if theme == "light" { "light" } else { "dark" };
        self.open(&address(&finished_book::pages().join(chapter)), scheme, width);
    }

    /// Opens the chapter of a figure, and scrolls to it until it is alive: `live` in the
    /// page.
    pub fn open_figure(&mut self, kind: &str, theme: &str, width: u32) {
        self.open_chapter(chapter_of(kind), theme, width);
        self.come_alive(kind);
    }

    /// Scrolls to a figure until it is alive.
    pub fn come_alive(&mut self, kind: &str) {
        self.evaluate(&format!("probe.approach('{kind}')"));
        self.wait("live.hasAttribute('alive')");
        self.draw();
    }

    /// Waits until what was changed is drawn.
    pub fn draw(&mut self) {
        self.evaluate("probe.drawn()");
    }

    /// Moves a slider as a reader does, and waits for the answer.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.evaluate(&format!("probe.set('{name}', {})", value.into()));
    }

    /// Types a number beside a slider.
    pub fn write(&mut self, name: &str, value: impl Display) {
        self.evaluate(&format!("probe.write('{name}', '{value}')"));
    }

    /// Clicks the button with this text, and waits for the answer.
    pub fn click(&mut self, text: &str) {
        self.evaluate(&format!("probe.click({})", json!(text)));
    }

    /// What the figure tells.
    pub fn status(&mut self) -> String {
        self.text("live.status.textContent")
    }

    /// The command, or the commands, that give what is shown.
    pub fn command(&mut self) -> String {
        self.text("live.controls.command.textContent")
    }

    /// Hands a file to the figure, as a reader drops one on it. Returns what is said of
    /// it, or nothing.
    pub fn hand_over(&mut self, name: &str, bytes: &[u8], kind: &str) -> String {
        let data = BASE64_STANDARD.encode(bytes);
        self.text(&format!("probe.handOver({}, '{data}', '{kind}')", json!(name)))
    }

    /// What a picture of the figure shows, as red, green, blue and opacity.
    pub fn pixels(&mut self, frame: usize) -> Vec<u8> {
        let data = self.text(&format!("probe.pixels({frame})"));
        BASE64_STANDARD.decode(data).expect("base64")
    }

    /// All that the figure shows, to be compared.
    pub fn shown(&mut self) -> String {
        self.text("probe.shown()")
    }

    /// Gives a guess as a reader does, and returns what is said of it.
    pub fn guess(&mut self, guess: impl Display) -> String {
        // At once: a little later, it is the figure's turn to be read aloud.
        let told =
            self.texts(&format!("[probe.guess('{guess}'), live.heard.textContent]"));
        assert_eq!(told[0], told[1], "what is read aloud");
        told[0].clone()
    }

    /// What was said of the last guess.
    pub fn verdict(&mut self) -> String {
        self.text("live.guess.verdict.textContent")
    }

    /// What the reader is asked to guess.
    pub fn question(&mut self) -> String {
        self.text("live.guess.asked.textContent")
    }

    /// Whether the reader is asked to guess something.
    pub fn asks(&mut self) -> bool {
        self.evaluate("probe.asks()") == json!(true)
    }

    /// Follows the link to what was shown, and waits until that is told again.
    pub fn follow(&mut self, link: &str, told: &str) {
        self.evaluate(&format!("location.href = {}; 0", json!(link)));
        self.wait(&format!("live.status.textContent.trim() === {}", json!(told)));
        self.draw();
    }

    /// Opens a link, as somebody does who got it from another reader.
    pub fn open_link(&mut self, link: &str, kind: &str) {
        // Another page first: an address that differs behind its # loads nothing anew.
        self.call("Page.navigate", json!({ "url": "about:blank" }));
        self.open(link, "light", 1280);
        self.come_alive(kind);
    }
}
