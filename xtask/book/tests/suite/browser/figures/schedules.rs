//! The figure of part E: a published schedule, one that is bent, or that of a model's
//! config.

use std::fs;

use serde_json::json;
use tempfile::tempdir;
use xtask_artifacts::repository;

use super::alive;
use super::commands::{in_strip, run};
use crate::browser::chromium::Tab;

/// Pastes a config, and waits for the answer.
fn paste(tab: &mut Tab, config: &str) {
    tab.evaluate(&format!("probe.input(live.config, {}, 'input')", json!(config)));
}

fn config(name: &str) -> String {
    let folder = repository().join("crates/part-e-schedules/tests/suite/configs");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Runs the copied command, and holds its pictures and its summary to what is shown.
fn hold_to_the_command(tab: &mut Tab) {
    let made = tempdir().unwrap();
    fs::write(made.path().join("scheduler_config.json"), config("euler-zero-snr.json"))
        .unwrap();
    let command = tab.command();
    let printed = run(&command, made.path());
    let shown = tab.status();
    let summary = printed.lines().find(|line| line.contains("at the end, t = ")).unwrap();
    assert!(shown.ends_with(summary), "{command}: {shown}");
    for frame in 0..7 {
        // The strip begins with the input.
        let expected = in_strip(&made, frame as u32 + 1);
        assert!(tab.pixels(frame) == expected, "{command}: frame {frame}");
    }
}

#[test]
fn the_command_of_a_schedule_gives_what_is_shown() {
    let Some(mut tab) = alive("part-e") else { return };
    hold_to_the_command(&mut tab);
    tab.click("Cosine");
    hold_to_the_command(&mut tab);
    tab.click("Linear");
    tab.write("end", 0.3);
    tab.write("steps", 60);
    tab.click("In noise alone");
    tab.click("New noise");
    let told = tab.status();
    let end = "nothing is left of the picture: it is noise alone.";
    assert!(told.ends_with(end), "{told}");
    hold_to_the_command(&mut tab);
    paste(&mut tab, &config("euler-zero-snr.json"));
    assert!(tab.status().contains(". EulerDiscreteScheduler: scaled_linear"));
    hold_to_the_command(&mut tab);
}

#[test]
fn a_config_is_explained_or_refused_with_a_reason() {
    let Some(mut tab) = alive("part-e") else { return };
    let first = tab.status();
    let message = "live.controls.message.textContent";
    paste(&mut tab, "{\"_class_name\": \"<b>no</b>\"}");
    let refused = tab.text(message);
    assert!(refused.contains("_class_name is \"<b>no</b>\"; expected"), "{refused}");
    // What is shown is still what is told of.
    assert_eq!(tab.status(), first);
    paste(&mut tab, &config("own-betas.json"));
    assert_eq!(tab.text(message), "");
    let told = tab.status();
    assert!(told.contains(". DDPMScheduler: its own betas in 8 steps"), "{told}");
    let link = tab.text("live.controls.link()");
    tab.click("Linear");
    assert_eq!(tab.status(), first);
    tab.follow(&link, &told);
    // With two betas, there are two states to show, and the reader's.
    paste(
        &mut tab,
        "{\"_class_name\": \"DDPMScheduler\", \"trained_betas\": [0.1, 0.5]}",
    );
    assert_eq!(tab.number("live.querySelectorAll('.frame:not([hidden])').length"), 3.0);
}
