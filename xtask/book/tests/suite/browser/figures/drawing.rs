//! The figure of a reader's own data: the pen, what becomes of a drawing, and the command that gives the same.

use std::fs;
use std::path::PathBuf;

use diffusion_cli::DataArguments;
use diffusion_cli::arguments::PictureArguments;
use diffusion_cli::load;
use nalgebra::DMatrix;
use serde_json::json;
use tempfile::{TempDir, tempdir};

use super::alive;
use super::commands::run;
use super::early::{let_through, open_without_lessons};
use super::learning::last_frame;
use super::twin::Drawn;
use crate::browser::chromium::Tab;
use crate::browser::missing::tab;

/// A pen that goes through these places of the plane.
fn stroke(tab: &mut Tab, places: &[[f64; 2]]) {
    let places = tab.numbers(&format!("drawing.inWindow({})", json!(places)));
    tab.drag(&places);
    tab.draw();
}

/// The figure, with a pen in the reader's hand.
fn with_pen() -> Option<Tab> {
    let mut tab = alive("draw")?;
    tab.evaluate(include_str!("../drawing.js"));
    Some(tab)
}

/// Waits until the noise has flowed to its end.
fn flow(tab: &mut Tab) {
    tab.wait("!live.isDrawing && !live.flow.isPlaying && live.flow.isWhole");
    tab.draw();
}

/// Where the samples are that are shown, 2 × n.
fn samples(tab: &mut Tab) -> Vec<f32> {
    let shown = tab.numbers("live.states.at(-1)");
    shown.into_iter().map(|number| number as f32).collect()
}

/// The file that the page offers, in a folder of its own.
fn saved(tab: &mut Tab) -> (TempDir, PathBuf) {
    let made = tempdir().unwrap();
    let text = tab.text("(live.call('csv'), live.lessons.text())");
    let file = made.path().join("drawing.csv");
    fs::write(&file, text).unwrap();
    (made, file)
}

/// Runs the copied command on the file that the page offers: its last picture has the samples that are shown.
fn hold_to_the_command(tab: &mut Tab) {
    let (made, file) = saved(tab);
    let command = format!("{} --frames-dir frames", tab.command());
    run(&command, made.path());
    let arguments = DataArguments {
        data: file,
        points: None,
        picture: PictureArguments { image: load::mandrill(), size: None },
    };
    let samples = samples(tab);
    let samples = DMatrix::from_vec(2, samples.len() / 2, samples);
    let shown = arguments.load().unwrap().draw(&samples);
    assert!(last_frame(&made.path().join("frames")) == shown, "{command}");
}

const TICK: [[f64; 2]; 3] = [[-0.9, 0.1], [-0.2, -0.8], [1.1, 0.9]];

#[test]
fn the_command_and_the_file_give_the_samples_of_a_drawing() {
    let Some(mut tab) = with_pen() else { return };
    stroke(&mut tab, &TICK);
    stroke(&mut tab, &[[-0.5, 0.7]]);
    flow(&mut tab);
    hold_to_the_command(&mut tab);
    let places = tab.numbers(
        "live.strokes.places.flatMap((stroke) => [...stroke.flat(), NaN, NaN])\
         .slice(0, -2).map((value) => Number.isNaN(value) ? 9 : value)",
    );
    let between = |value: f64| if value == 9.0 { f64::NAN } else { value };
    let places: Vec<f64> = places.into_iter().map(between).collect();
    let mut native = Drawn::new(&places);
    assert!(samples(&mut tab) == native.samples(5, 20, 0.0, 0));

    tab.evaluate(
        "live.querySelector('select').value = live.kind.choices[2].options\
         .findIndex(([, name]) => name === 'ddim'); \
         live.querySelector('select').dispatchEvent(new Event('change')); 0",
    );
    tab.write("steps", 7);
    tab.write("eta", 0.5);
    tab.click("New noise");
    flow(&mut tab);
    assert!(
        tab.command().contains("--sampler ddim --spacing karras --steps 7 --eta 0.5")
    );
    hold_to_the_command(&mut tab);
    assert!(samples(&mut tab) == native.samples(2, 7, 0.5, 1));
}

#[test]
fn the_commands_give_the_samples_of_the_network_that_has_learned_a_drawing() {
    let Some(mut tab) = with_pen() else { return };
    tab.click("Learn");
    tab.wait("live.learning.isWhole && !live.learning.isPlaying");
    tab.draw();
    let told = tab.status();
    assert!(told.starts_with("After 3000 updates, the loss is "), "{told}");
    hold_to_the_command(&mut tab);
}

/// A link carries the drawing, and is short enough to be sent, however much is drawn.
#[test]
fn a_link_carries_the_drawing() {
    let Some(mut tab) = with_pen() else { return };
    stroke(&mut tab, &TICK);
    flow(&mut tab);
    let (told, shown) = (tab.status(), samples(&mut tab));
    let link = tab.text("live.controls.link()");
    tab.open_link(&link, "draw");
    flow(&mut tab);
    assert_eq!(tab.status(), told);
    assert!(samples(&mut tab) == shown);

    tab.evaluate(include_str!("../drawing.js"));
    let length = tab.number("drawing.scribble()");
    // Where a book is published, its address is longer than a folder's here, or shorter.
    assert!((1400.0..2000.0).contains(&length), "{length}");
    let told = tab.status();
    assert!(told.starts_with("The pen is empty"), "{told}");
    let link = tab.text("live.controls.link()");
    let drawn = tab.text("JSON.stringify(live.strokes.places)");
    tab.open_link(&link, "draw");
    assert_eq!(tab.text("JSON.stringify(live.strokes.places)"), drawn);
}

/// What is drawn before the lessons are there is seen at once, and becomes data when they
/// are.
#[test]
fn a_pen_draws_before_the_lessons_are_there() {
    let Some(mut tab) = tab() else { return };
    open_without_lessons(&mut tab, "draw");
    tab.evaluate(include_str!("../drawing.js"));
    tab.evaluate("live.scrollIntoView(); live.dispatchEvent(new Event('pointerenter'))");
    let empty = tab.text("live.plane.canvas.toDataURL()");
    stroke(&mut tab, &TICK);
    tab.evaluate("live.update()");
    assert_ne!(tab.text("live.plane.canvas.toDataURL()"), empty);
    assert_eq!(tab.evaluate("live.still.checkVisibility()"), json!(false));
    let_through(&mut tab);
    flow(&mut tab);
    let early = samples(&mut tab);
    let told = tab.status();
    assert!(
        told.starts_with("Done, in 20 steps") && told.contains("your drawing")
            || told.contains("of the drawing"),
        "{told}"
    );
    tab.click("Clear");
    assert_eq!(tab.status(), "Draw something: a heart, a letter, your name.");
    stroke(&mut tab, &TICK);
    flow(&mut tab);
    assert!(samples(&mut tab) == early);
}

#[test]
fn keys_draw() {
    let Some(mut tab) = with_pen() else { return };
    let press = |tab: &mut Tab, key: &str, shift: bool| {
        tab.evaluate(&format!(
            "live.plane.canvas.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', shiftKey: {shift} }})); 0"
        ));
    };
    press(&mut tab, " ", false);
    for _ in 0..3 {
        press(&mut tab, "ArrowRight", true);
    }
    press(&mut tab, "ArrowUp", false);
    press(&mut tab, "ArrowUp", true);
    let drawn = tab.text("JSON.stringify(live.strokes.places)");
    assert_eq!(drawn, "[[[0,0],[0.15,0]],[[0.15,0.05],[0.15,0.1]]]");
    press(&mut tab, "Backspace", false);
    press(&mut tab, "Backspace", false);
    assert_eq!(tab.evaluate("live.strokes.places"), json!([]));
    tab.wait("!live.isDrawing");
    tab.draw();
    assert_eq!(tab.status(), "Draw something: a heart, a letter, your name.");
}

/// A finger that scrolls the page draws nothing and wipes nothing, though it had begun to.
/// One that taps makes room for a drawing, and a click does nothing at all.
#[test]
fn a_finger_that_scrolls_changes_nothing() {
    for (kind, canvas, state) in [
        (
            "draw",
            "live.plane.canvas",
            "[live.strokes.code, live.controls.chosen.drawing]",
        ),
        ("part-n", "live.frames[0].canvas", "[live.seen, live.controls.chosen.seen]"),
    ] {
        let Some(mut tab) = alive(kind) else { return };
        let state = format!("JSON.stringify({state})");
        tab.evaluate(&format!(
            "(() => {{
                const canvas = {canvas};
                canvas.setPointerCapture = () => {{}};
                window.hand = (type, pointerType, x, y) => {{
                    const {{ left, top, width, height }} = canvas.getBoundingClientRect();
                    const at = {{ clientX: left + x * width, clientY: top + y * height }};
                    canvas.dispatchEvent(new PointerEvent(type, {{ pointerType, pointerId: 9, ...at }}));
                }};
                window.go = (pointerType, end) => {{
                    hand('pointerdown', pointerType, 0.3, 0.3);
                    for (const y of [0.35, 0.4]) hand('pointermove', pointerType, 0.3, y);
                    hand(end, pointerType, 0.3, 0.4);
                }};
            }})()"
        ));
        let before = tab.text(&state);
        tab.evaluate("go('touch', 'pointercancel')");
        assert_eq!(tab.text(&state), before, "{kind}");
        if kind == "draw" {
            let tap = |pointer: &str| {
                format!(
                    "hand('pointerdown', '{pointer}', 0.3, 0.3); hand('pointerup', '{pointer}', 0.3, 0.3)"
                )
            };
            tab.evaluate(&tap("mouse"));
            assert_eq!(tab.text(&state), before);
            tab.evaluate(&tap("touch"));
            assert_eq!(tab.text(&state), "[\"\",4]");
            // With nothing drawn, nothing flows.
            tab.click("Flow");
            assert_eq!(tab.evaluate("Boolean(live.flow.isPlaying)"), json!(false));
        }
        tab.evaluate("go('touch', 'pointerup')");
        assert_ne!(tab.text(&state), before, "{kind}");
    }
}
