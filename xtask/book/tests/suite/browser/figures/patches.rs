//! What a network and the exact denoiser see in the same patches.

use tempfile::tempdir;

use super::alive;
use super::commands::run;
use super::learning::network;
use super::twin::Patches;
use crate::browser::chromium::Tab;

/// A picture of the figure in its own pixels.
fn picture(tab: &mut Tab, name: &str) -> Vec<u8> {
    let data = format!("live.small.{name}.getContext('2d').getImageData(0, 0, 32, 32)");
    let data = tab.numbers(&format!("[...{data}.data]"));
    data.into_iter().map(|byte| byte as u8).collect()
}

/// Holds the pictures to those of the native twin.
fn hold_pictures(tab: &mut Tab, expected: &[Vec<u8>]) {
    for (name, expected) in ["noisy", "network", "exact"].iter().zip(expected) {
        assert!(picture(tab, name) == *expected, "{name}: {}", tab.status());
    }
}

/// Holds what is told of a pixel to the native twin.
fn hold_pixel(tab: &mut Tab, twin: &mut Patches, place: [u32; 2], is_new: bool) {
    let ([_, network, exact, truth], effective, most) = twin.pixel(place);
    let [x, y] = place;
    let told = tab.status();
    let rgb = |[red, green, blue]: [u8; 3]| format!("{red}, {green}, {blue}");
    for expected in [
        format!("At ({x}, {y}), the network predicts {} (red", rgb(network)),
        format!("and the exact denoiser {}", rgb(exact)),
        format!("made from {effective:.1} patches"),
    ] {
        assert!(told.contains(&expected), "{expected}: {told}");
    }
    let says_truth = told.contains(&format!("the photograph has {}.", rgb(truth)));
    assert_eq!(says_truth, !is_new, "{told}");
    let (_, percent) = told.split_once("the likeliest has ").unwrap();
    let percent: f64 = percent.split('\u{a0}').next().unwrap().parse().unwrap();
    assert!((percent - 100.0 * most).abs() < 0.6, "{most}: {told}");
    assert_eq!(tab.evaluate("live.lookedAt.patches.length"), 5);
}

#[test]
fn a_pixel_of_a_noisy_photograph_is_predicted_by_both() {
    let Some(mut tab) = alive("part-k") else { return };
    let mut twin = Patches::new(&network(&mut tab, "patches-network"));
    tab.evaluate("live.frames[0].canvas.scrollIntoView({ block: 'center' })");
    for (t, place) in [(99, [0, 0]), (70, [31, 12]), (5, [16, 24])] {
        tab.write("t", t);
        hold_pictures(&mut tab, &twin.photograph(0, t));
        // Where the picture is touched, that pixel is looked at.
        let at = place.map(|pixel| (f64::from(pixel) + 0.5) / 32.0);
        let point = format!("probe.partOf(live.frames[0].canvas, {}, {})", at[0], at[1]);
        let point = tab.numbers(&point);
        tab.drag(&point);
        tab.draw();
        hold_pixel(&mut tab, &mut twin, place, false);
    }
    // Beyond the border is the other side.
    tab.evaluate("live.frames[0].canvas.focus()");
    tab.evaluate("live.pixel = [31, 0]; live.schedule()");
    tab.press("ArrowRight", 39, 1);
    tab.press("ArrowUp", 38, 1);
    tab.draw();
    hold_pixel(&mut tab, &mut twin, [0, 31], false);
    tab.click("New noise");
    hold_pictures(&mut tab, &twin.photograph(1, 5));
    hold_pixel(&mut tab, &mut twin, [0, 31], false);
}

/// Goes to the last step of the new picture, and waits until that is recorded.
fn grow(tab: &mut Tab) {
    tab.write("t", 0);
    let told = tab.status();
    assert!(told.starts_with("A new picture, t = 0. "), "{told}");
}

#[test]
fn both_make_a_new_picture_of_the_same_noise() {
    let Some(mut tab) = alive("part-k") else { return };
    let mut twin = Patches::new(&network(&mut tab, "patches-network"));
    tab.write("t", 40);
    // It is played from the noise on, and grows while the page answers.
    tab.evaluate("probe.holdBeats()");
    tab.evaluate("probe.watch(() => live.tape.states.length)");
    tab.click("Grow");
    assert_eq!(tab.number("live.controls.values.t"), 99.0);
    assert!(tab.status().starts_with("A new picture, t = 99. "), "{}", tab.status());
    grow(&mut tab);
    assert!(tab.number("new Set(probe.seen).size") > 50.0, "its states are seen");
    hold_pictures(&mut tab, &twin.new_picture(0));
    let pixel = [17, 12];
    hold_pixel(&mut tab, &mut twin, pixel, true);
    let alike =
        format!("The correlation of the two pictures is {:.2}", twin.correlation());
    assert!(tab.status().contains(&alike), "{alike}: {}", tab.status());
    // The command makes the same two pictures.
    let made = tempdir().unwrap();
    let printed = run(&tab.command(), made.path());
    let alike = format!("a correlation of {:.4} (median of 1)", twin.correlation());
    assert!(printed.contains(&alike), "{alike}: {printed}");
    // A state on the way is there again, with what is predicted of it.
    tab.write("t", 30);
    hold_pictures(&mut tab, &twin.on_the_way(0, 30));
    hold_pixel(&mut tab, &mut twin, pixel, true);
    tab.click("New noise");
    grow(&mut tab);
    hold_pictures(&mut tab, &twin.new_picture(1));
    let (link, told) = (tab.text("live.controls.link()"), tab.status());
    // The photograph is where it was.
    tab.click("The photograph");
    hold_pictures(&mut tab, &twin.photograph(1, 40));
    hold_pixel(&mut tab, &mut twin, pixel, false);
    // A link to a new picture makes it again.
    tab.follow(&link, &told);
    hold_pictures(&mut tab, &twin.new_picture(1));
}
