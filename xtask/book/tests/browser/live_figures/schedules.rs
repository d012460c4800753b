//! The figure of part E: a published schedule, one that is bent, or that of a model's
//! config.

use std::fs;

use serde_json::json;
use tempfile::tempdir;
use xtask_figures::repository;

use super::commands::{command, in_strip, run};
use super::{alive, click, pixels, status, write};
use crate::chromium::Chromium;
use crate::{chromium, pages};

/// Pastes a config, and waits for the answer.
fn paste(chromium: &mut Chromium, config: &str) {
    chromium.evaluate(&format!(
        "live.config.value = {}; live.config.dispatchEvent(new Event('input')); {}",
        json!(config),
        super::DRAWN
    ));
}

fn config(name: &str) -> String {
    let folder = repository().join("crates/part-e-schedules/tests/configs");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Runs the copied command, and holds its pictures and its summary to what is shown.
fn hold_to_the_command(chromium: &mut Chromium) {
    let made = tempdir().unwrap();
    fs::write(made.path().join("scheduler_config.json"), config("euler-zero-snr.json"))
        .unwrap();
    let command = command(chromium);
    let printed = run(&command, made.path());
    let shown = status(chromium);
    let summary = printed.lines().find(|line| line.contains("at the end, t = ")).unwrap();
    assert!(shown.ends_with(summary), "{command}: {shown}");
    for frame in 0..6 {
        // The strip begins with the input.
        let expected = in_strip(&made, frame as u32 + 1);
        assert!(pixels(chromium, frame) == expected, "{command}: frame {frame}");
    }
}

#[test]
fn the_command_of_a_schedule_gives_what_is_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-e", "light", 1280);
    hold_to_the_command(&mut chromium);
    click(&mut chromium, "Cosine");
    hold_to_the_command(&mut chromium);
    click(&mut chromium, "Linear");
    write(&mut chromium, "end", "0.3");
    write(&mut chromium, "steps", "60");
    click(&mut chromium, "End in noise alone");
    click(&mut chromium, "New noise");
    assert!(
        status(&mut chromium)
            .ends_with("nothing is left of the picture: it is noise alone.")
    );
    hold_to_the_command(&mut chromium);
    paste(&mut chromium, &config("euler-zero-snr.json"));
    assert!(status(&mut chromium).starts_with("EulerDiscreteScheduler: scaled_linear"));
    hold_to_the_command(&mut chromium);
}

#[test]
fn a_config_is_explained_or_refused_with_a_reason() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-e", "light", 1280);
    let first = status(&mut chromium);
    let message = |chromium: &mut Chromium| {
        super::text(chromium, "live.controls.message.textContent")
    };
    paste(&mut chromium, "{\"_class_name\": \"<b>no</b>\"}");
    let refused = message(&mut chromium);
    assert!(refused.contains("_class_name is \"<b>no</b>\"; expected"), "{refused}");
    // What is shown is still what is told of.
    assert_eq!(status(&mut chromium), first);
    paste(&mut chromium, &config("own-betas.json"));
    assert_eq!(message(&mut chromium), "");
    let told = status(&mut chromium);
    assert!(told.starts_with("DDPMScheduler: its own betas in 8 steps"), "{told}");
    let link = super::text(&mut chromium, "live.controls.link()");
    click(&mut chromium, "Linear");
    assert_eq!(status(&mut chromium), first);
    // The link leads back to exactly that state.
    chromium.evaluate(&format!("location.href = {}; 0", json!(link)));
    let is_back = chromium
        .wait_for("live.status.textContent", |status| status.as_str() == Some(&told));
    assert!(is_back, "{link}");
    // With two betas, there are two states to show.
    paste(
        &mut chromium,
        "{\"_class_name\": \"DDPMScheduler\", \"trained_betas\": [0.1, 0.5]}",
    );
    let seen =
        "[...live.querySelectorAll('.frame')].filter(frame => !frame.hidden).length";
    assert_eq!(chromium.evaluate(seen), json!(2));
}
