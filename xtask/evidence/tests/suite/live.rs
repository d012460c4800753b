//! The committed module of the live figures: is it up to date, and does it compute what
//! the native crates compute, to the last bit? It is run in an interpreter.

use std::fs;

use diffusion_cli::load;
use diffusion_live::{Page, Refused};
use diffusion_testing::missing::not_tested;
use tempfile::tempdir;
use wasmi::{Engine as Interpreter, Instance, Linker, Module, Store, WasmParams};
use xtask_artifacts::{LIST, check, paths, repository, stale};
use xtask_evidence::live::{DIGITS, MODULES, SIDES, data, inflated, mandrill, module_of};

fn script(file: &str) -> String {
    fs::read_to_string(repository().join(file)).expect(file)
}

/// The module in an interpreter.
struct InModule {
    store: Store<()>,
    instance: Instance,
}

impl InModule {
    fn new() -> Self {
        Self::of("part-one")
    }

    /// The module of this feature.
    fn of(feature: &str) -> Self {
        let (_, file) =
            MODULES.iter().find(|(other, _)| *other == feature).expect(feature);
        let engine = Interpreter::default();
        let bytes = module_of(&script(file)).expect("as it was written");
        let module = Module::new(&engine, bytes.as_slice()).expect("a module");
        let mut store = Store::new(&engine, ());
        // It needs nothing of the page.
        let instance = Linker::new(&engine)
            .instantiate_and_start(&mut store, &module)
            .expect("an instance");
        InModule { store, instance }
    }

    fn call(&mut self, name: &str, arguments: impl WasmParams) -> u32 {
        let function = self.instance.get_func(&self.store, name).expect(name);
        let typed = function.typed(&self.store).expect("the arguments of the export");
        typed.call(&mut self.store, arguments).expect("no trap")
    }

    fn put(&mut self, bytes: &[u8]) {
        let address = self.call("input", bytes.len() as u32) as usize;
        let memory = self.instance.get_memory(&self.store, "memory").expect("a memory");
        memory.write(&mut self.store, address, bytes).expect("as much room as asked for");
    }

    fn read(&mut self, address: &str, length: &str, bytes_each: usize) -> Vec<u8> {
        let address = self.call(address, ()) as usize;
        let mut bytes = vec![0; self.call(length, ()) as usize * bytes_each];
        let memory = self.instance.get_memory(&self.store, "memory").expect("a memory");
        memory
            .read(&self.store, address, &mut bytes)
            .expect("what the module says is there");
        bytes
    }

    /// Whether both have the same numbers and so many of the same states, to the last
    /// bit.
    fn agrees_with(&mut self, live: &mut Page, states: usize) -> bool {
        let numbers: Vec<u8> =
            live.numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.read("numbers", "numbers_length", 8) == numbers
            && (0..states).all(|state| {
                live.frame(state).expect("there are so many");
                self.call("frame", state as u32) == 0
                    && self.read("pixels", "pixels_length", 1) == live.frame
            })
    }
}

/// A page and a native twin, with the mandrill at a size that an interpreter can bear.
fn twins(side: u32) -> (InModule, Page) {
    twins_of("part-one", side)
}

fn twins_of(feature: &str, side: u32) -> (InModule, Page) {
    let picture = load::picture(&load::mandrill(), Some(side)).unwrap();
    let rgb = picture.pixels_of(&picture.x).into_raw();
    let (mut page, mut live) = (InModule::of(feature), Page::default());
    page.put(&rgb);
    assert_eq!(page.call("set_square", side), 0);
    live.set_square(rgb, side).unwrap();
    (page, live)
}

#[test]
fn what_is_committed_is_made_of_the_sources_as_they_are() {
    let stale: Vec<String> =
        stale(&repository()).into_iter().map(|stale| stale.fault).collect();
    assert_eq!(stale, [""; 0]);
    let made = paths(&repository(), "");
    assert!(MODULES.iter().all(|(_, file)| made.contains(*file)), "{made:?}");
    assert_eq!(check(&repository(), &data()).unwrap(), [""; 0]);
}

/// Whatever is done to a module is found, though nobody builds it again.
#[test]
fn a_tampered_module_is_found() {
    let copy = tempdir().unwrap();
    let (_, file) = MODULES[0];
    for file in [LIST, file] {
        let to = copy.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(repository().join(file), to).unwrap();
    }
    let text = script(file);
    let (before, module) = text.split_once("module: \"").unwrap();
    for changed in [
        text[..text.len() / 2].to_owned(),
        text.clone() + "fetch(\"https://example.org/\");\n",
        format!("{before}module: \"AAAA{}", &module[4..]),
    ] {
        fs::write(copy.path().join(file), changed).unwrap();
        let stale = stale(copy.path()).into_iter().find(|stale| stale.path == file);
        let expected = format!("'{file}' is not as it was made; run `cargo xtask live`");
        assert_eq!(stale.unwrap().fault, expected);
    }
}

#[test]
fn trajectories_agree_to_the_last_bit() {
    // More than one stream of noise, and a last one that is not full.
    let (mut page, mut live) = twins(80);
    for seed in [0_u32, 1, 4_000_000_000] {
        assert_eq!(page.call("part_a", (80, 0.5_f32, 0.1_f32, 4, seed)), 0);
        live.part_a(80, 0.5, 0.1, 4, seed).unwrap();
        assert!(page.agrees_with(&mut live, 5), "A, seed {seed}");

        assert_eq!(page.call("part_b", (80, 0.3, 6, seed)), 0);
        live.part_b(80, 0.3, 6, seed).unwrap();
        assert!(page.agrees_with(&mut live, 7), "B, seed {seed}");

        assert_eq!(page.call("part_c", (80, 1e-4, 0.6, 24, seed)), 0);
        live.part_c(80, 1e-4, 0.6, 24, seed).unwrap();
        assert!(page.agrees_with(&mut live, 25), "C, seed {seed}");
    }
}

#[test]
fn jumps_agree_to_the_last_bit() {
    let (mut page, mut live) = twins(128);
    for (t, steps, end, seed) in
        [(0_u32, 24_u32, 0.6, 0_u32), (11, 24, 0.6, 5), (999, 1000, 0.02, 0)]
    {
        assert_eq!(page.call("part_d", (128, 1e-4, end, steps, t, seed)), 0);
        live.part_d(128, 1e-4, end, steps as usize, t as usize, seed).unwrap();
        assert!(page.agrees_with(&mut live, 3), "t = {t}, seed {seed}");
    }
}

#[test]
fn both_ways_agree_to_the_last_bit() {
    let (mut page, mut live) = twins(128);
    assert_eq!(page.call("both_ways", (128, 1e-4, 0.6, 24, 9)), 0);
    live.both_ways(128, 1e-4, 0.6, 24, 9).unwrap();
    for t in [0, 2, 1] {
        assert_eq!(page.call("both_ways_at", t), 0);
        live.both_ways_at(t as usize).unwrap();
        assert!(page.agrees_with(&mut live, 2), "t = {t}");
        assert_eq!(page.call("both_ways_of", (1234, t)), 0);
        live.both_ways_of(1234, t as usize).unwrap();
        assert!(page.agrees_with(&mut live, 0), "a pixel at t = {t}");
    }
}

#[test]
fn drawn_schedules_agree_to_the_last_bit() {
    let (mut page, mut live) = twins(64);
    let bytes: Vec<u8> = [0.3, 0.001, 0.9, 0.25]
        .iter()
        .flat_map(|beta: &f64| beta.to_le_bytes())
        .collect();
    page.put(&bytes);
    assert_eq!(page.call("set_betas", ()), 0);
    live.set_betas(&bytes).unwrap();
    assert_eq!(page.call("drawn_schedule", ()), 0);
    live.drawn_schedule().unwrap();
    assert!(page.agrees_with(&mut live, 0));
    assert_eq!(page.call("drawn", (64, 3)), 0);
    live.drawn(64, 3).unwrap();
    assert!(page.agrees_with(&mut live, 5));
    page.put(&7.0_f64.to_le_bytes());
    assert_eq!(page.call("set_betas", ()), Refused::OutOfRange as u32);
}

#[test]
fn two_peaks_agree_to_the_last_bit() {
    let (mut page, mut live) = (InModule::new(), Page::default());
    for (step, seed) in [(0_u32, 0_u32), (1, 0), (11, 4), (24, 0)] {
        assert_eq!(page.call("two_peaks", (1e-4, 0.6, 24, step, 300, seed)), 0);
        live.two_peaks(1e-4, 0.6, 24, step as usize, 300, seed).unwrap();
        assert!(page.agrees_with(&mut live, 0), "{step} steps");
    }
}

#[test]
fn schedules_agree_to_the_last_bit() {
    let (mut page, mut live) = (InModule::new(), Page::default());
    for (start, end, steps) in [(1e-4, 0.6, 24), (1e-4, 0.02, 1000), (0.3, 0.3, 1)] {
        assert_eq!(page.call("schedule", (start, end, steps)), 0);
        live.schedule(start, end, steps as usize).unwrap();
        assert!(page.agrees_with(&mut live, 0));
    }
}

#[test]
fn published_schedules_agree_to_the_last_bit() {
    let (mut page, mut live) = twins_of("schedules", 16);
    for (kind, is_mended) in [(0, 0), (1, 1), (2, 0), (2, 1), (3, 0)] {
        let ends = (1e-4, 0.02);
        assert_eq!(page.call("part_e", (kind, ends.0, ends.1, 300, is_mended)), 0);
        live.part_e(kind, ends.0, ends.1, 300, is_mended).unwrap();
        assert!(page.agrees_with(&mut live, 0), "schedule {kind}");
        assert_eq!(page.read("text", "text_length", 1), live.text.as_bytes());
        assert_eq!(page.call("part_e_states", (16, 5)), 0);
        live.part_e_states(16, 5).unwrap();
        assert!(page.agrees_with(&mut live, 6), "schedule {kind}");
    }
}

#[test]
fn ways_back_agree_to_the_last_bit() {
    let (mut page, mut live) = twins_of("way-back", 24);
    for kind in 0..4_u32 {
        assert_eq!(page.call("part_f", (kind, 24, 150, 12, 3)), 0);
        live.part_f(kind, 24, 150, 12, 3).unwrap();
        assert!(page.agrees_with(&mut live, 0), "the data {kind}");
        for back in 0..=12 {
            assert_eq!(page.call("part_f_state", back), 0);
            live.part_f_state(back as usize).unwrap();
            assert!(page.agrees_with(&mut live, 0), "{back} steps back");
            if back == 12 {
                break;
            }
            assert_eq!(page.call("part_f_field", (back, 5)), 0);
            live.part_f_field(back as usize, 5).unwrap();
            assert!(page.agrees_with(&mut live, 0), "{back} steps back: the field");
            assert_eq!(page.call("part_f_posterior_mean", (back, 0.3, -0.7)), 0);
            live.part_f_posterior_mean(back as usize, 0.3, -0.7).unwrap();
            assert!(
                page.agrees_with(&mut live, 0),
                "{back} steps back: the posterior mean"
            );
            assert_eq!(page.call("part_f_step", ()), 0);
            live.part_f_step().unwrap();
        }
    }
}

#[test]
fn grown_pictures_agree_to_the_last_bit() {
    let (mut page, mut live) = twins_of("way-back", 14);
    for patch in [0, 3, 9] {
        assert_eq!(page.call("part_g", (14, patch, 5, 2)), 0);
        live.part_g(14, patch as usize, 5, 2).unwrap();
        for left in (0..5).rev() {
            // On several threads, a step has more slices.
            let done = f64::from(left).to_le_bytes();
            while page.call("part_g_advance", ()) == 0
                && page.read("numbers", "numbers_length", 8) != done
            {}
            live.part_g_advance().unwrap();
            while live.numbers != [f64::from(left)] {
                live.part_g_advance().unwrap();
            }
            assert_eq!(page.call("part_g_state", ()), 0);
            live.part_g_state().unwrap();
            assert!(page.agrees_with(&mut live, 3), "patch {patch}, {left} steps left");
        }
    }
}

/// Of a batch that is more than one part, and of widths that fill whole tiles and that
/// don't.
#[test]
fn trainings_agree_to_the_last_bit() {
    let (mut page, mut live) = (InModule::of("learning"), Page::default());
    for (kind, target, hidden) in [(0_u32, 0_u32, 32_u32), (1, 1, 19), (2, 2, 64)] {
        assert_eq!(page.call("part_h_data", (kind, 150, 6)), 0);
        live.part_h_data(kind, 150, 6).unwrap();
        assert!(page.agrees_with(&mut live, 0), "the data {kind}");
        assert_eq!(page.call("part_h", (target, hidden, 90, 8, 0.008, 3)), 0);
        live.part_h(target, hidden as usize, 90, 8, 0.008, 3).unwrap();
        assert!(page.agrees_with(&mut live, 0), "the first loss of {hidden}");
        // The exact denoiser takes an interpreter long, and is the same for all.
        if kind == 1 {
            assert_eq!(page.call("part_h_optimal_loss", ()), 0);
            live.part_h_optimal_loss().unwrap();
            assert!(page.agrees_with(&mut live, 0), "the optimal loss");
        }
        for update in 0..8 {
            assert_eq!(page.call("part_h_update", ()), 0);
            live.part_h_update().unwrap();
            assert!(page.agrees_with(&mut live, 0), "{hidden}: update {update}");
        }
        assert_eq!(page.call("part_h_update", ()), Refused::OutOfRange as u32);
        if kind == 1 {
            assert_eq!(page.call("part_h_loss", ()), 0);
            live.part_h_loss().unwrap();
            assert!(page.agrees_with(&mut live, 0), "the last loss of {hidden}");
        }
        assert_eq!(page.call("part_h_sample", 70), 0);
        live.part_h_sample(70).unwrap();
        for left in (0..6).rev() {
            assert_eq!(page.call("part_h_step", ()), 0);
            live.part_h_step().unwrap();
            assert!(page.agrees_with(&mut live, 0), "{hidden}: {left} steps left");
            assert_eq!(page.call("part_h_samples", ()), 0);
            live.part_h_samples().unwrap();
            assert!(page.agrees_with(&mut live, 0), "{hidden}: {left} steps left");
        }
    }
    // Where it ends, it says so in the same words.
    assert_eq!(page.call("part_h", (0, 8, 8, 8, 1e39, 0)), 0);
    live.part_h(0, 8, 8, 8, 1e39, 0).unwrap();
    for _ in 0..8 {
        let code = live.part_h_update().map_or_else(|refused| refused as u32, |()| 0);
        assert_eq!(page.call("part_h_update", ()), code);
    }
    assert!(live.text.contains("is no number"), "{}", live.text);
    assert_eq!(page.read("text", "text_length", 1), live.text.as_bytes());
}

#[test]
fn drawn_digits_agree_to_the_last_bit() {
    let (mut page, mut live) = (InModule::of("learning"), Page::default());
    let network = take_digits_network(&mut page, &mut live);
    for (label, guidance) in [(7_u32, 2.0_f32), (10, 0.5)] {
        assert_eq!(page.call("part_h_digits", (label, guidance, 5, 4)), 0);
        live.part_h_digits(label, guidance, 5, 4).unwrap();
        while live.numbers != [0.0] {
            assert_eq!(page.call("part_h_digits_step", ()), 0);
            live.part_h_digits_step().unwrap();
        }
        assert_eq!(page.call("part_h_digits_sheet", 3), 0);
        live.part_h_digits_sheet(3).unwrap();
        assert!(page.agrees_with(&mut live, 0), "the label {label}");
        assert!(page.read("pixels", "pixels_length", 1) == live.frame, "{label}");
    }
    page.put(&network[1..]);
    assert_eq!(page.call("set_network", ()), Refused::OutOfRange as u32);
}

#[test]
fn sampled_points_agree_to_the_last_bit() {
    let (mut page, mut live) = (InModule::of("samplers"), Page::default());
    for kind in 0..3_u32 {
        assert_eq!(page.call("part_i", (kind, 50, 9, 3)), 0);
        live.part_i(kind, 50, 9, 3).unwrap();
        assert!(page.agrees_with(&mut live, 0), "the data {kind}");
        for sampler in 0..6_u32 {
            while live.part_i_advance(sampler, 6).map(|()| live.numbers[0]) != Ok(0.0) {
                assert_eq!(page.call("part_i_advance", (sampler, 6)), 0);
                assert!(page.agrees_with(&mut live, 0), "{sampler} goes on");
            }
            assert_eq!(page.call("part_i_advance", (sampler, 6)), 0);
            assert!(page.agrees_with(&mut live, 0), "{sampler} is over");
        }
        // All timesteps take an interpreter long, and are the same for all.
        while kind == 1
            && live.part_i_finest().map(|()| live.numbers.is_empty()) == Ok(true)
        {
            assert_eq!(page.call("part_i_finest", ()), 0);
        }
        for sampler in 0..6_u32 {
            if kind == 1 && sampler == 0 {
                assert_eq!(page.call("part_i_finest", ()), 0);
                assert!(page.agrees_with(&mut live, 0), "the finest trajectory");
            }
            assert_eq!(page.call("part_i_state", (sampler, 6)), 0);
            live.part_i_state(sampler, 6).unwrap();
            assert_eq!(live.numbers[2].is_nan(), kind != 1);
            assert!(page.agrees_with(&mut live, 0), "{sampler}, samples of {kind}");
        }
    }
    assert_eq!(page.call("part_i_advance", (6, 6)), Refused::OutOfRange as u32);
}

#[test]
fn sampled_digits_agree_to_the_last_bit() {
    let (mut page, mut live) = (InModule::of("samplers"), Page::default());
    take_digits_network(&mut page, &mut live);
    for (label, guidance, steps) in [(7_u32, 2.0_f32, 5_u32), (10, 0.5, 3)] {
        assert_eq!(page.call("part_i_digits", (label, guidance, 3, steps, 4)), 0);
        live.part_i_digits(label, guidance, 3, steps as usize, 4).unwrap();
        while live.numbers != [0.0] {
            assert_eq!(page.call("part_i_digits_advance", ()), 0);
            live.part_i_digits_advance().unwrap();
        }
        for sampler in 0..6_u32 {
            assert_eq!(page.call("part_i_digits_sheet", (sampler, 2)), 0);
            live.part_i_digits_sheet(sampler, 2).unwrap();
            assert!(page.agrees_with(&mut live, 0), "{sampler}, the label {label}");
            assert!(page.read("pixels", "pixels_length", 1) == live.frame, "{sampler}");
        }
    }
}

/// Gives both the network that draws digits, and returns its bytes.
fn take_digits_network(page: &mut InModule, live: &mut Page) -> Vec<u8> {
    let script = script(DIGITS.1);
    let data = script.rsplit('"').nth(1).unwrap();
    let network = inflated(data).unwrap();
    page.put(&network);
    assert_eq!(page.call("set_network", ()), 0);
    live.set_network(&network).unwrap();
    network
}

/// Matrices that fill whole tiles and blocks, and such that don't.
#[test]
fn matrix_products_agree_to_the_last_bit() {
    let (mut page, mut live) = (InModule::of("kernels"), Page::default());
    for (m, k, n) in [(16, 8, 4), (33, 70, 19), (1, 300, 1), (128, 64, 32), (5, 0, 3)] {
        for form in 0..3_u32 {
            let arguments = (form, m as u32, k as u32, n as u32, 7_u32);
            assert_eq!(page.call("product", arguments), 0);
            live.product(form, m, k, n, 7).unwrap();
            assert!(page.agrees_with(&mut live, 0), "form {form}, {m} x {k} x {n}");
        }
    }
}

#[test]
fn any_picture_is_resized_as_in_the_native_crates() {
    let image = image::open(load::mandrill()).unwrap();
    let rgba = image.crop_imm(0, 0, 300, 200).into_rgba8();
    let (mut page, mut live) = (InModule::new(), Page::default());
    page.put(rgba.as_raw());
    assert_eq!(page.call("set_picture", (300, 200, 24)), 0);
    live.set_picture(rgba.into_raw(), 300, 200, 24).unwrap();
    assert_eq!(page.call("clean", 24), 0);
    live.clean(24).unwrap();
    assert!(page.agrees_with(&mut live, 1));
}

#[test]
fn the_page_is_refused_what_makes_no_sense() {
    let mut page = InModule::new();
    assert_eq!(page.call("part_b", (128, 0.3, 4, 0)), Refused::NoPicture as u32);
    assert_eq!(page.call("part_b", (128, 1.5, 4, 0)), Refused::OutOfRange as u32);
    page.put(&[0; 10]);
    assert_eq!(page.call("set_picture", (3, 2, 8)), Refused::NotAPicture as u32);
    assert_eq!(page.call("schedule", (0.5, 0.1, 24)), Refused::OutOfRange as u32);
}

#[test]
fn the_mandrill_of_the_page_is_that_of_the_commands() {
    for side in SIDES {
        let picture = load::picture(&load::mandrill(), Some(side)).unwrap();
        let script = script(&mandrill(side));
        let data = script.split('"').nth(1).unwrap();
        let pixels = inflated(data).unwrap();
        assert!(pixels == picture.pixels_of(&picture.x).into_raw(), "{side}");
    }
}

/// A native program that is made of the same crates has no bare names in it that could be
/// in the way of another library's.
#[cfg(target_os = "linux")]
#[test]
fn native_programs_export_no_bare_names() {
    let this_program = std::env::current_exe().unwrap();
    let Ok(symbols) = std::process::Command::new("nm").arg(this_program).output() else {
        return not_tested("names in programs: install nm, of the binutils", "nm");
    };
    let symbols = String::from_utf8(symbols.stdout).unwrap();
    assert!(symbols.contains("diffusion_live"), "nm names what is in a program");
    for name in ["frame", "input", "clean", "numbers", "part_a", "drawn"] {
        let is_bare = |line: &str| line.split(' ').next_back() == Some(name);
        assert!(!symbols.lines().any(is_bare), "{name}");
    }
}
