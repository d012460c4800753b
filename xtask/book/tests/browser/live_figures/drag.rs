//! What a move of a slider costs the page in all: script, layout and paint.

use serde_json::json;

use super::{FIGURES, alive};
use crate::chromium::Chromium;
use crate::{chromium, pages};

/// The time of a processor that is four times slower, for 95 % of the moves, in
/// milliseconds.
const MAX_FRAME: f64 = 50.0;

const SLOWER: f64 = 4.0;

/// Moves a slider to a place of 20, and waits until it is drawn. Without a place, waits
/// for as long.
const MOVE: &str = "window.move = async place => { const [, { min, max, step, slider }] = \
    Object.entries(live.controls.fields).findLast(([name]) => name === 'beta') \
    ?? Object.entries(live.controls.fields)[0]; \
    if (place !== undefined) { slider.value = min + Math.round(place * (max - min) / 20 / step) * step; \
    slider.dispatchEvent(new Event('input')) } \
    await new Promise(done => requestAnimationFrame(() => { const clock = new MessageChannel(); \
    clock.port1.onmessage = () => done(0); clock.port2.postMessage(0) })) }; 0";

/// What the page's thread has computed so far, in milliseconds: its own time, however
/// many others use the processor.
fn computed(chromium: &mut Chromium) -> f64 {
    let metrics = chromium.call("Performance.getMetrics", json!({}));
    let metrics = metrics["metrics"].as_array().unwrap();
    let tasks = metrics.iter().find(|metric| metric["name"] == "TaskDuration").unwrap();
    1000.0 * tasks["value"].as_f64().unwrap()
}

/// Counts how often the figure is drawn. One that takes its steps as there is time is
/// drawn once more in the frames after a move.
const COUNT: &str = "window.drawn = 0; { const { update } = live; \
    live.update = () => { drawn += 1; update.call(live) } } 0";

/// What a call costs, for each time that the figure is drawn.
fn cost(chromium: &mut Chromium, call: &str) -> f64 {
    let before = computed(chromium);
    chromium.evaluate(&format!("drawn = 0; {call}"));
    let cost = computed(chromium) - before;
    cost / chromium.evaluate("drawn").as_f64().unwrap().max(1.0)
}

/// The costs of 20 calls, from the least to the most: of each the best of three, since
/// other tests run at the same time.
fn costs(chromium: &mut Chromium, call: impl Fn(usize) -> String) -> Vec<f64> {
    let mut best = [f64::INFINITY; 20];
    for _ in 0..3 {
        for (place, best) in best.iter_mut().enumerate() {
            *best = best.min(cost(chromium, &call(place)));
        }
    }
    best.sort_by(f64::total_cmp);
    best.to_vec()
}

#[test]
fn a_slow_phone_follows_a_finger() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    chromium.call("Performance.enable", json!({ "timeDomain": "threadTicks" }));
    let mut slow = Vec::new();
    for (_, kind) in FIGURES {
        alive(&mut chromium, &folder, kind, "light", 390);
        chromium.evaluate(MOVE);
        chromium.evaluate(COUNT);
        let waiting = costs(&mut chromium, |_| "move()".to_owned());
        let moving = costs(&mut chromium, |place| format!("move({place})"));
        let frame = SLOWER * (moving[18] - waiting[10]);
        let median = moving[10] - waiting[10];
        let allowed = MAX_FRAME * chromium.slowness();
        println!(
            "{kind}: {median:.1} ms a move; slowed 4 ×, {frame:.0} ms for 95 % of them, {allowed:.0} allowed"
        );
        if frame > allowed {
            slow.push(format!("{kind}: {frame:.0} ms"));
        }
        assert!(frame > 2.0, "{kind}: nothing is measured");
    }
    assert!(slow.is_empty(), "{slow:?}");
}
