//! The committed modules of the live figures: do they compute what the native crates
//! compute, to the last bit?

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use diffusion_cli::load;
use diffusion_live::{DATA, Lessons, Refused, SPACINGS};
use part_i_samplers::SAMPLERS;
use xtask_artifacts::repository;

use super::chromium::Tab;
use super::figures::learning::network;
use super::missing::tab;

fn script(file: &str) -> String {
    fs::read_to_string(repository().join(file)).expect(file)
}

/// A module in a browser, and its native twin: both get the same calls, of one figure, and
/// have to make the same of them, to the last bit.
struct Twins {
    tab: Tab,
    native: Lessons,
    figure: usize,
}

impl Twins {
    /// The module of this feature, if there is a browser.
    fn of(feature: &str) -> Option<Self> {
        let mut tab = tab()?;
        let folder = match feature {
            // No page loads it.
            "kernels" => "xtask/book/tests/suite/browser",
            _ => "book/src/live",
        };
        tab.evaluate(&script(&format!("{folder}/{feature}.js")));
        tab.evaluate(include_str!("modules.js"));
        tab.evaluate(&format!("twin.start('{feature}')"));
        Some(Twins { tab, native: Lessons::default(), figure: 0 })
    }

    /// From now on, calls are of this figure.
    fn turn_to(&mut self, figure: &str) {
        self.give(figure.as_bytes());
        self.figure = 0;
        self.figure = self.call("begin", &[])[0] as usize;
    }

    /// With the mandrill of this side.
    fn use_mandrill(&mut self, side: u32) {
        let picture = load::picture(&load::mandrill(), Some(side)).unwrap();
        self.give(&picture.pixels_of(&picture.x).into_raw());
        self.shared("set_square", &[side.into()]);
    }

    /// With the network of this name.
    fn use_network(&mut self, name: &str) {
        self.tab.evaluate(&script(&format!("book/src/live/{name}.js")));
        let network = network(&mut self.tab, name);
        self.give(&network);
        self.call("network", &[]);
    }

    fn give(&mut self, bytes: &[u8]) {
        self.tab.evaluate(&format!("twin.give('{}')", BASE64_STANDARD.encode(bytes)));
        self.native.page.given = bytes.to_vec();
    }

    /// Calls the module: what it returns, and the bytes of the numbers, the text and the
    /// pixels that it has made.
    fn call_module(
        &mut self,
        figure: usize,
        numbers: usize,
        said: &[u8],
    ) -> (u32, [Vec<u8>; 3]) {
        let said = BASE64_STANDARD.encode(said);
        let made = self.tab.texts(&format!("twin.call({figure}, {numbers}, '{said}')"));
        let [numbers, text, pixels] =
            std::array::from_fn(|at| BASE64_STANDARD.decode(&made[at + 1]).unwrap());
        (made[0].parse().unwrap(), [numbers, text, pixels])
    }

    /// Calls both, and returns what the native one does. What they have made is compared
    /// where they refuse, too.
    fn try_call(
        &mut self,
        figure: usize,
        method: &str,
        numbers: &[f64],
    ) -> Result<(), Refused> {
        let said: Vec<u8> =
            numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let said = [&said, method.as_bytes()].concat();
        let (code, [module, text, pixels]) =
            self.call_module(figure, numbers.len(), &said);
        let result = self.native.call(figure, (method, numbers));
        let page = &self.native.page;
        let what = format!("{method} {numbers:?} of figure {figure}");
        assert_eq!(code, result.map_or_else(|refused| refused as u32, |()| 0), "{what}");
        let native: Vec<u8> = page.numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        assert!(module == native, "the numbers of {what}");
        assert!(text == page.text.as_bytes(), "the text of {what}");
        assert!(pixels == page.frame, "the pixels of {what}");
        result
    }

    fn shared(&mut self, method: &str, numbers: &[f64]) {
        self.try_call(0, method, numbers).expect(method);
    }

    /// Calls a method of the figure, and returns the numbers. All states that it has made
    /// are compared, too.
    fn call(&mut self, method: &str, numbers: &[f64]) -> Vec<f64> {
        self.try_call(self.figure, method, numbers).expect(method);
        let made = self.native.page.numbers.clone();
        for state in 0.. {
            if self.try_call(0, "frame", &[f64::from(state)]).is_err() {
                break;
            }
        }
        made
    }

    fn refuses(&mut self, method: &str, numbers: &[f64]) {
        self.try_call(self.figure, method, numbers).expect_err(method);
    }
}

#[test]
fn the_first_parts_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("part-one") else { return };
    // The same noise once more, of which a stream is longer than before, and shorter.
    twins.turn_to("part-a");
    for side in [40, 72, 40] {
        twins.use_mandrill(side);
        twins.call("trajectory", &[side.into(), 0.5, 0.1, 4.0, 0.0]);
    }
    // More than one stream of noise, and a last one that is not full.
    twins.use_mandrill(80);
    let seeds = [0.0, 1.0, 4_000_000_000.0];
    let schedules = [[1e-4, 0.6, 24.0], [1e-4, 0.02, 1000.0], [0.3, 0.3, 1.0]];
    twins.turn_to("part-a");
    for seed in seeds {
        twins.call("trajectory", &[80.0, 0.5, 0.1, 4.0, seed]);
    }
    twins.turn_to("part-b");
    for (seed, ends) in seeds.into_iter().zip(&schedules) {
        twins.call("trajectory", &[80.0, 0.3, 6.0, seed]);
        twins.call("schedule", ends);
    }
    twins.turn_to("part-c");
    let betas = [0.3, 0.001, 0.9, 0.25].map(f64::to_le_bytes).concat();
    for (seed, ends) in seeds.into_iter().zip(&schedules) {
        twins.call("fixed", &[80.0, 0.3, 3.0, seed]);
        twins.give(&betas);
        twins.call("draw", &[]);
        twins.call("trajectory", &[80.0, seed]);
        twins.call("schedule", ends);
    }
    twins.give(&betas[1..]);
    twins.refuses("draw", &[]);
    twins.use_mandrill(128);
    for figure in ["part-d", "forward"] {
        twins.turn_to(figure);
        for [t, steps, end, seed] in
            [[0.0, 24.0, 0.6, 0.0], [11.0, 24.0, 0.6, 5.0], [999.0, 1000.0, 0.02, 0.0]]
        {
            twins.call("schedule", &[1e-4, end, steps]);
            twins.call("jump", &[128.0, 1e-4, end, steps, t, seed]);
        }
    }
    twins.turn_to("walk-or-jump");
    twins.call("begin", &[128.0, 1e-4, 0.6, 24.0, 9.0]);
    for t in [0.0, 2.0, 1.0] {
        twins.call("at", &[t]);
        twins.call("value", &[1234.0, t]);
    }
    twins.turn_to("two-peaks");
    for [step, seed] in [[0.0, 0.0], [1.0, 0.0], [11.0, 4.0], [24.0, 0.0]] {
        twins.call("after", &[step, 1e-4, 0.6, 24.0, 300.0, seed]);
    }
}

#[test]
fn published_schedules_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("schedules") else { return };
    twins.use_mandrill(16);
    twins.turn_to("part-e");
    for (number, is_mended) in
        [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (2.0, 1.0), (3.0, 0.0)]
    {
        twins.call("published", &[number, 1e-4, 0.02, 300.0, is_mended]);
        twins.call("states", &[16.0, 5.0, 100.0]);
    }
    twins.give(br#"{"_class_name": "DDPMScheduler", "trained_betas": [0.1, 0.5]}"#);
    twins.call("config", &[]);
    // Where it ends, it says so in the same words.
    twins.give(b"no config");
    twins.refuses("config", &[]);
}

#[test]
fn ways_back_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("way-back") else { return };
    twins.use_mandrill(24);
    twins.turn_to("part-f");
    for kind in 0..4 {
        twins.call("begin", &[f64::from(kind), 24.0, 150.0, 12.0, 3.0]);
        for back in 0..12 {
            let back = f64::from(back);
            twins.call("state", &[back]);
            twins.call("field", &[back, 5.0]);
            twins.call("posterior_mean", &[back, 0.3, -0.7]);
            twins.call("step", &[]);
        }
        twins.call("state", &[12.0]);
        twins.refuses("step", &[]);
    }
}

#[test]
fn grown_pictures_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("way-back") else { return };
    twins.use_mandrill(14);
    twins.turn_to("part-g");
    for patch in [0.0, 3.0, 9.0] {
        twins.call("begin", &[14.0, patch, 5.0, 2.0]);
        for left in (0..5).rev() {
            // On several threads, a step has more slices, so each goes on by itself.
            let figure = twins.figure;
            let left = [f64::from(left)];
            while {
                twins.native.call(figure, ("advance", &[])).unwrap();
                twins.native.page.numbers != left
            } {}
            while {
                let (code, [numbers, ..]) = twins.call_module(figure, 0, b"advance");
                assert_eq!(code, 0);
                numbers != left[0].to_le_bytes()
            } {}
            twins.call("state", &[]);
        }
    }
}

/// Of a batch that is more than one part, and of widths that fill whole tiles and that
/// don't.
#[test]
fn trainings_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("learning") else { return };
    twins.turn_to("part-h");
    for (kind, hidden) in [(0.0, 32.0), (1.0, 19.0), (2.0, 64.0)] {
        twins.call("data", &[kind, 150.0, 6.0]);
        twins.call("begin", &[kind, hidden, 90.0, 8.0, 0.008, 3.0]);
        // The exact denoiser takes long, and is the same for all.
        let is_judged = kind == 1.0;
        if is_judged {
            twins.call("optimal_loss", &[]);
        }
        for _ in 0..8 {
            twins.call("update", &[1.0]);
        }
        twins.refuses("update", &[1.0]);
        if is_judged {
            twins.call("loss", &[]);
        }
        for learned in [0.0, 1.0] {
            twins.call("field", &[4.0, 9.0, 1.5, learned]);
        }
        twins.call("sample", &[70.0]);
        while twins.call("step", &[]) != [0.0] {
            twins.call("samples", &[]);
        }
        twins.call("samples", &[]);
    }
    // Where it ends, it says so in the same words.
    twins.call("begin", &[0.0, 8.0, 8.0, 8.0, 1e39, 0.0]);
    let figure = twins.figure;
    let ended = (0..8).any(|_| twins.try_call(figure, "update", &[1.0]).is_err());
    assert!(ended && twins.native.page.text.contains("is no number"));
}

#[test]
fn digits_agree_to_the_last_bit() {
    let orders = [(7.0, 2.0, 5.0), (10.0, 0.5, 3.0)];
    let Some(mut twins) = Twins::of("learning") else { return };
    twins.turn_to("part-h-digits");
    twins.use_network("digits-network");
    for (label, guidance, _) in orders {
        twins.call("begin", &[label, 5.0, 4.0]);
        twins.call("guide", &[guidance]);
        twins.call("guide", &[1.0]);
        while twins.call("advance", &[]) != [0.0] {}
        for scale in [0.0, 1.0] {
            twins.call("sheet", &[scale, 3.0]);
        }
    }
    twins.give(b"no network");
    twins.refuses("network", &[]);
    drop(twins);
    let Some(mut twins) = Twins::of("samplers") else { return };
    twins.turn_to("part-i-digits");
    twins.use_network("digits-network");
    for (label, guidance, steps) in orders {
        twins.call("begin", &[label, guidance, 3.0, steps, 4.0]);
        while twins.call("advance", &[]) != [steps] {}
        for sampler in 0..SAMPLERS.len() {
            twins.call("sheet", &[sampler as f64, 2.0]);
        }
    }
}

#[test]
fn sampled_points_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("samplers") else { return };
    twins.turn_to("part-i");
    for kind in 0..DATA.len() {
        twins.call("begin", &[kind as f64, 50.0, 9.0, 3.0]);
        let samplers = (0..SAMPLERS.len()).map(|sampler| [sampler as f64, 6.0]);
        for sampler in samplers.clone() {
            while twins.call("advance", &sampler) != [0.0] {}
            twins.call("advance", &sampler);
        }
        // All timesteps take long, and are the same for all.
        let is_measured = kind == 1;
        while is_measured && twins.call("finest", &[]).is_empty() {}
        for sampler in samplers {
            assert_eq!(twins.call("state", &sampler)[2].is_nan(), !is_measured);
            twins.call("coverage", &sampler);
            twins.call("trail", &sampler);
        }
    }
    // As many schedules as spacings, each with one of them.
    for choice in (0..SPACINGS.len()).map(|choice| choice as f64) {
        twins.call("choose", &[choice, choice, 0.4]);
        for sampler in (0..SAMPLERS.len()).map(|sampler| [sampler as f64, 6.0]) {
            while twins.call("advance", &sampler) != [0.0] {}
            twins.call("trail", &sampler);
        }
    }
    twins.refuses("advance", &[SAMPLERS.len() as f64, 6.0]);
}

/// Sampled with the exact denoiser and with a network, and learned.
#[test]
fn drawings_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("drawing") else { return };
    twins.turn_to("draw");
    let between = [f64::NAN; 2];
    let places = [[-0.9, -0.5], [-0.9, 0.5], [0.1, 0.5], between, [0.7, -0.3]];
    let drawing = [&[150.0][..], places.as_flattened()].concat();
    twins.call("points", &drawing);
    twins.call("csv", &[]);
    twins.call("learn", &[2.0, 19.0, 90.0, 8.0, 0.008, 3.0]);
    // The exact denoiser of all examples takes long.
    twins.call("update", &[5.0]);
    for learned in [0.0, 1.0] {
        twins.call("field", &[40.0, 9.0, 1.5, learned]);
        for (sampler, named) in SAMPLERS.iter().enumerate() {
            let eta = if named.name == "ddim" { 0.4 } else { 0.0 };
            let mut numbers =
                twins.call("begin", &[sampler as f64, 6.0, eta, 70.0, 3.0, learned]);
            while numbers[0] != 0.0 {
                twins.call("distances", &[]);
                numbers = twins.call("step", &[]);
            }
        }
    }
    twins.refuses("step", &[]);
    twins.refuses("points", &[150.0, 2.0, 0.0]);
}

#[test]
fn flows_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("flows") else { return };
    twins.turn_to("part-j");
    for kind in 0..DATA.len() {
        twins.call("begin", &[kind as f64, 150.0, 12.0, 3.0]);
        for [x, y] in [[1.25, -0.5], [0.03, 0.0]] {
            twins.call("path", &[x, y, 100.0]);
            for time in [1.0, 0.81, 0.5, 0.01] {
                twins.call("pairs", &[time, 150.0]);
            }
            for [steps, shift] in [[1.0, 1.0], [5.0, 8.0], [20.0, 1.0 / 3.0]] {
                twins.call("euler", &[steps, shift]);
            }
            while !twins.call("follow", &[]).is_empty() {}
        }
    }
    twins.refuses("euler", &[5.0, 9.0]);
}

/// Matrices that fill whole tiles and blocks, and such that don't.
#[test]
fn matrix_products_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("kernels") else { return };
    twins.turn_to("matrix-product");
    for [m, k, n] in [[16, 8, 4], [33, 70, 19], [1, 300, 1], [128, 64, 32], [5, 0, 3]] {
        for form in 0..3 {
            twins.call("product", &[form, m, k, n, 7].map(f64::from));
        }
    }
}

/// Few channels and many, sides that fill whole tiles and such that don't, and batches.
#[test]
fn convolutions_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("kernels") else { return };
    twins.turn_to("convolution");
    for [channels, channels_out, side, n] in
        [[1, 1, 3, 1], [3, 19, 8, 2], [16, 3, 5, 3], [33, 20, 13, 1], [4, 4, 32, 2]]
    {
        for way in 0..3 {
            let numbers = [way, channels, channels_out, side, n, 7].map(f64::from);
            twins.call("convolve", &numbers);
        }
    }
    twins.refuses("convolve", &[3.0, 1.0, 1.0, 3.0, 1.0, 7.0]);
}

/// The network and the exact denoiser, of a noisy photograph and of a new picture.
#[test]
fn patches_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("convolutions") else { return };
    twins.turn_to("part-k");
    twins.use_network("patches-network");
    twins.call("begin", &[5.0]);
    // On several threads, there are more slices, so each goes on by itself.
    let advance = |twins: &mut Twins, states: usize| {
        let figure = twins.figure;
        for _ in 0..states {
            let until_predicted = |call: &mut dyn FnMut(&str) -> Vec<f64>| {
                let before = call("state");
                while call("advance") == [1.0] && call("state")[3..] == before[3..] {}
            };
            until_predicted(&mut |method| {
                twins.native.call(figure, (method, &[])).unwrap();
                twins.native.page.numbers.clone()
            });
            until_predicted(&mut |method| {
                let (code, [numbers, ..]) =
                    twins.call_module(figure, 0, method.as_bytes());
                assert_eq!(code, 0);
                let numbers = numbers.as_chunks().0.iter();
                numbers.map(|&bytes| f64::from_le_bytes(bytes)).collect()
            });
        }
        twins.call("state", &[]);
    };
    for (t, [column, row]) in [(85.0, [0.0, 31.0]), (30.0, [17.0, 9.0])] {
        twins.call("photograph", &[t]);
        twins.call("pixel", &[column, row, 5.0]);
        advance(&mut twins, 1);
    }
    twins.call("grow", &[]);
    advance(&mut twins, 3);
    twins.refuses("grown", &[50.0]);
    twins.call("grown", &[98.0]);
    twins.call("state", &[]);
    twins.call("pixel", &[9.0, 3.0, 5.0]);
    twins.give(b"no network");
    twins.refuses("network", &[]);
}

/// Digits of the U-Net, their predictions and the nearest of those learned from.
#[test]
fn digits_of_the_u_net_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("u-net") else { return };
    twins.turn_to("part-l");
    twins.refuses("begin", &[3.0, 1.0, 1.0, 2.0, 0.0]);
    twins.use_network("digits-u-net");
    twins.refuses("state", &[]);
    twins.call("begin", &[10.0, 2.0, 2.0, 2.0, 1.0]);
    twins.call("state", &[]);
    for _ in 0..2 {
        twins.call("advance", &[]);
        twins.call("state", &[]);
    }
    for numbers in [[11.0, 1.0, 1.0, 2.0, 0.0], [3.0, 101.0, 1.0, 2.0, 0.0]] {
        twins.refuses("begin", &numbers);
    }
    twins.refuses("begin", &[3.0, 1.0, 11.0, 2.0, 0.0]);
    twins.give(b"no network");
    twins.refuses("network", &[]);
}

/// What was seen of a digit, and samples of each method.
#[test]
fn samples_of_what_was_seen_agree_to_the_last_bit() {
    let Some(mut twins) = Twins::of("to-order") else { return };
    twins.turn_to("part-n");
    twins.refuses("observe", &[2.0, 1.0, 0.0, 0.5, 0.0]);
    twins.use_network("handwritten");
    let all = f64::from(u32::MAX);
    for observed in [[2.0, all, 0.0, 0.5, 0.0], [1796.0, 5.0, all, 3.0, 4e9], [0.0; 5]] {
        if observed[3] > 0.0 {
            twins.call("observe", &observed);
        } else {
            twins.refuses("observe", &observed);
        }
    }
    for method in 0..7 {
        let steps = twins.call("begin", &[f64::from(method), 40.0, 3.0])[0] as usize;
        twins.call("state", &[14.0, 7.0]);
        // Of RePaint's many steps, the first ones.
        for _ in 0..steps.min(5) {
            twins.call("advance", &[]);
            twins.call("state", &[14.0, 7.0]);
        }
    }
    twins.refuses("begin", &[7.0, 40.0, 3.0]);
    twins.give(b"no digits");
    twins.refuses("network", &[]);
}

/// Points with guidance, and the density beside them.
#[test]
fn guidance_agrees_to_the_last_bit() {
    let Some(mut twins) = Twins::of("to-order") else { return };
    twins.turn_to("part-n-guidance");
    twins.refuses("step", &[]);
    twins.call("data", &[]);
    for [scale, least, most] in [[1.0, 0.0, 100.0], [4.0, 0.3, 2.0], [7.5, 2.0, 100.0]] {
        twins.call("begin", &[scale, least, most, 50.0, 6.0, 1.0]);
        for step in 0..7 {
            twins.call("density", &[f64::from(step), 9.0, scale]);
            if step < 6 {
                twins.call("step", &[]);
            }
        }
    }
    twins.refuses("step", &[]);
    twins.refuses("density", &[7.0, 9.0, 1.0]);
}

#[test]
fn any_picture_is_resized_as_in_the_native_crates() {
    let image = image::open(load::mandrill()).unwrap();
    let rgba = image.crop_imm(0, 0, 300, 200).into_rgba8();
    let Some(mut twins) = Twins::of("part-one") else { return };
    twins.turn_to("part-b");
    twins.refuses("trajectory", &[24.0, 0.3, 1.0, 0.0]);
    twins.give(rgba.as_raw());
    twins.shared("set_picture", &[300.0, 200.0, 24.0]);
    twins.shared("clean", &[24.0]);
    twins.shared("frame", &[0.0]);
    twins.call("trajectory", &[24.0, 0.3, 1.0, 0.0]);
}

/// By a module, too: another figure or method, another number of numbers, and a number
/// that isn't whole.
#[test]
fn the_page_is_refused_what_makes_no_sense() {
    let Some(mut twins) = Twins::of("part-one") else { return };
    twins.use_mandrill(8);
    twins.turn_to("part-b");
    let figure = twins.figure;
    for (figure, method, numbers) in [
        (figure, "trajectory", &[8.0, 1.5, 4.0, 0.0][..]),
        (figure, "trajectory", &[8.0, 0.3, 4.5, 0.0]),
        (figure, "trajectory", &[8.0, 0.3, 4.0, -1.0]),
        (figure, "trajectory", &[8.0, 0.3, 4.0]),
        (figure, "part_b", &[8.0, 0.3, 4.0, 0.0]),
        (figure, "", &[]),
        (figure + 1, "trajectory", &[8.0, 0.3, 4.0, 0.0]),
        (0, "begin", &[]),
        (0, "set_square", &[3.0]),
        (0, "frame", &[0.0]),
    ] {
        twins.give(b"part-z");
        twins.try_call(figure, method, numbers).expect_err(method);
    }
    // Said without its numbers, and no text.
    for said in [&b"clean"[..], b"\xff"] {
        assert_eq!(twins.call_module(0, 9, said).0, Refused::Unknown as u32);
    }
}
