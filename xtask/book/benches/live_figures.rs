//! How long the live figures keep their reader waiting, each beside what is allowed.
//!
//! Limits are those of a machine on which the known piece of work takes [`THERE`]; where
//! it takes longer, they are longer, too.

#[path = "../tests/suite/browser/chromium.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod chromium;
#[path = "../tests/suite/browser/figure.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod figure;
#[path = "../tests/suite/finished_book.rs"]
mod finished_book;
#[path = "../tests/suite/browser/server.rs"]
mod server;

use std::env;
use std::time::Instant;

use chromium::Tab;
use figure::FIGURES;
use finished_book::pages;
use serde_json::json;

/// What the known piece of work takes where the limits are from, in milliseconds.
const THERE: f64 = 33.6;

/// A processor that is so many times slower: a phone's.
const SLOWER: f64 = 4.0;

/// From the moment at which a figure comes into view until it is alive, in milliseconds:
/// over a slow network, on a slow processor.
const MAX_WAIT: f64 = 2000.0;

/// The script's work of a move of a slider, the median over its range, in milliseconds.
const MAX_WORK: f64 = 8.0;

/// What a move of a slider costs a slow processor in all, script, layout and paint, for
/// 95 % of the moves, in milliseconds.
const MAX_FRAME: f64 = 30.0;

/// How long the page answers nothing, in milliseconds: while a network learns, while a
/// picture grows, while digits are drawn, and while it takes a picture of the reader's
/// own.
const MAX_GAPS: [f64; 4] = [50.0, 40.0, 60.0, 300.0];

/// Until something is done, in milliseconds: the first samples of a network that learns,
/// a picture that grows, and new digits.
const MAX_UNTIL: [f64; 3] = [2000.0, 8000.0, 1000.0];

/// The table, row by row.
struct Table {
    slowness: f64,
    too_long: usize,
}

impl Table {
    fn row(&mut self, figure: &str, what: &str, measured: f64, allowed: f64) {
        let allowed = allowed * self.slowness;
        let verdict = if measured > allowed { "  too long" } else { "" };
        self.too_long += usize::from(measured > allowed);
        println!("{figure:15} {what:50} {measured:7.1} ms {allowed:7.0} ms{verdict}");
    }
}

fn main() {
    let Some(mut tab) = Tab::start() else {
        return println!("nothing is measured without a Chromium: name one in CHROMIUM");
    };
    open(&mut tab, "part-a");
    let slowness = (tab.number("measure.knownWork()") / THERE).max(1.0);
    println!("This machine is {slowness:.2} times slower than the one of the limits.\n");
    println!("{:15} {:50} {:>10} {:>10}", "figure", "what", "measured", "allowed");
    let mut table = Table { slowness, too_long: 0 };
    let chosen = env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_chosen = |kind: &str| chosen.as_ref().is_none_or(|chosen| chosen == kind);
    for (_, kind) in FIGURES {
        if !is_chosen(kind) {
            continue;
        }
        table.row(kind, "until it is alive", wait(kind), MAX_WAIT);
        open(&mut tab, kind);
        let work = tab.number("measure.workOfAMove()");
        table.row(kind, "script's work of a move", work, MAX_WORK);
        table.row(kind, "95 % of moves on a phone", frame(&mut tab), MAX_FRAME);
        open(&mut tab, kind);
        match kind {
            "part-a" => own_pictures(&mut tab, &mut table),
            "part-g" => {
                let done = "live.remaining === 0 && !live.pending";
                let [until, gap] = go(&mut tab, "Grow", done, 0.95);
                table.row(kind, "until the picture is done", until, MAX_UNTIL[1]);
                table.row(
                    kind,
                    "95 % of the page's pauses, as it grows",
                    gap,
                    MAX_GAPS[1],
                );
            }
            "part-h" => learning(&mut tab, &mut table),
            "part-h-digits" => {
                tab.evaluate("probe.set('taken', 100)");
                let done = "live.tape.isWhole && !live.pending";
                let [until, gap] = go(&mut tab, "3", done, 1.0);
                table.row(kind, "until new digits are there", until, MAX_UNTIL[2]);
                table.row(kind, "the page's longest pause for them", gap, MAX_GAPS[2]);
            }
            _ => {}
        }
    }
    println!("\n{} of them too long", table.too_long);
}

fn open(tab: &mut Tab, kind: &str) {
    tab.open_figure(kind, "light", 1280);
    tab.evaluate(include_str!("live_figures.js"));
}

/// How long a reader waits who jumps to the figure, and so gives it no time to begin
/// earlier: with 1.6 Mb/s, and 150 ms for each answer. The best of three.
fn wait(kind: &str) -> f64 {
    let server = server::serve(pages());
    let once = || {
        // Neither a scripts' cache nor where the last reader was.
        let mut tab = Tab::start().expect("there is a browser");
        tab.open(&format!("{server}/{}", figure::chapter_of(kind)), "light", 390);
        tab.evaluate(include_str!("live_figures.js"));
        let network = json!({ "offline": false, "latency": 150,
            "downloadThroughput": 200_000, "uploadThroughput": 94_000 });
        tab.call("Network.emulateNetworkConditions", network);
        tab.call("Emulation.setCPUThrottlingRate", json!({ "rate": SLOWER }));
        tab.number(&format!("measure.wait('{kind}')"))
    };
    (0..3).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// What 95 % of the moves of a slider cost a slow processor at most, beyond a frame in
/// which nothing moves.
fn frame(tab: &mut Tab) -> f64 {
    tab.resize(390, 900);
    tab.draw();
    tab.call("Performance.enable", json!({ "timeDomain": "threadTicks" }));
    let waiting = costs(tab, |_| "measure.move()".to_owned());
    let moving = costs(tab, |place| format!("measure.move({place})"));
    tab.resize(1280, 900);
    SLOWER * (moving[18] - waiting[10])
}

/// The costs of 20 calls for each time that the figure is drawn, from the least to the
/// most: of each the best of three, since others use the machine, too.
fn costs(tab: &mut Tab, call: impl Fn(usize) -> String) -> Vec<f64> {
    let mut best = [f64::INFINITY; 20];
    for _ in 0..3 {
        for (place, best) in best.iter_mut().enumerate() {
            let before = computed(tab);
            let drawn = tab.number(&call(place));
            *best = best.min((computed(tab) - before) / drawn);
        }
    }
    best.sort_by(f64::total_cmp);
    best.to_vec()
}

/// What the page's thread has computed so far, in milliseconds: its own time, however
/// many others use the processor.
fn computed(tab: &mut Tab) -> f64 {
    let metrics = tab.call("Performance.getMetrics", json!({}));
    let metrics = metrics["metrics"].as_array().expect("a list");
    let tasks = metrics.iter().find(|metric| metric["name"] == "TaskDuration");
    1000.0 * tasks.and_then(|tasks| tasks["value"].as_f64()).expect("a time")
}

/// Clicks a button: how long it takes until something is so, and this part of the times
/// at which the page answered nothing.
fn go(tab: &mut Tab, button: &str, until: &str, part: f64) -> [f64; 2] {
    tab.evaluate("measure.listen()");
    let start = Instant::now();
    tab.evaluate(&format!("live.controls.named['{button}'].click()"));
    tab.wait(until);
    let seconds = start.elapsed().as_secs_f64();
    // From the longest on.
    let pauses = tab.numbers("measure.stop()");
    let place = ((1.0 - part) * pauses.len() as f64) as usize;
    [1000.0 * seconds, pauses.get(place).copied().unwrap_or(0.0)]
}

fn learning(tab: &mut Tab, table: &mut Table) {
    let [until, _] = go(tab, "Train", "Boolean(live.tape.states[0].samples)", 1.0);
    table.row("part-h", "until the first samples are there", until, MAX_UNTIL[0]);
    for (place, worker) in [("in a worker", "Worker"), ("on the page", "undefined")] {
        open(tab, "part-h");
        tab.evaluate(&format!("window.Worker = {worker}; 0"));
        tab.write("hidden", 16);
        let [_, gap] = go(tab, "Train", "live.tape.isWhole", 0.95);
        let what = format!("95 % of the page's pauses, learning {place}");
        table.row("part-h", &what, gap, MAX_GAPS[0]);
    }
}

/// Decoding goes on beside the page. What the page does itself keeps nobody waiting,
/// whatever the shape of the picture.
fn own_pictures(tab: &mut Tab, table: &mut Table) {
    for (width, height, kind) in
        [(5000, 12, "png"), (12, 5000, "png"), (4032, 3024, "jpeg"), (4032, 3024, "png")]
    {
        let gap =
            tab.number(&format!("measure.takePicture({width}, {height}, '{kind}')"));
        let what = format!("the page's pause for {width} × {height} {kind}");
        table.row("part-a", &what, gap, MAX_GAPS[3]);
    }
}
