//! The committed module of the live figures: is it up to date, and does it compute what
//! the native crates compute, to the last bit? It is run in an interpreter.

use std::collections::BTreeSet;
use std::fs;

use diffusion_cli::load;
use diffusion_live::{DATA, FIGURES, Lessons, Refused};
use diffusion_testing::missing::not_tested;
use part_i_samplers::SAMPLERS;
use tempfile::tempdir;
use wasmi::{Engine as Interpreter, Instance, Linker, Memory, Module, Store, WasmParams};
use xtask_artifacts::{LIST, check, paths, repository, stale};
use xtask_evidence::live::{DIGITS, MODULES, SIDES, data, inflated, mandrill, module_of};

fn script(file: &str) -> String {
    fs::read_to_string(repository().join(file)).expect(file)
}

/// A module in an interpreter, and its native twin: both get the same calls, of one
/// figure, and have to make the same of them, to the last bit.
struct Twins {
    store: Store<()>,
    instance: Instance,
    native: Lessons,
    figure: usize,
}

impl Twins {
    /// A figure of the module of this feature.
    fn of(feature: &str, figure: &str) -> Self {
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
        let mut twins = Twins { store, instance, native: Lessons::default(), figure: 0 };
        twins.give(figure.as_bytes());
        twins.figure = twins.call("begin", &[])[0] as usize;
        twins
    }

    /// With the mandrill at a size that an interpreter can bear.
    fn with_mandrill(mut self, side: u32) -> Self {
        let picture = load::picture(&load::mandrill(), Some(side)).unwrap();
        self.give(&picture.pixels_of(&picture.x).into_raw());
        self.shared("set_square", &[side.into()]);
        self
    }

    /// With the network that draws digits.
    fn with_network(mut self) -> Self {
        let script = script(DIGITS.1);
        let data = script.rsplit('"').nth(1).unwrap();
        self.give(&inflated(data).unwrap());
        self.call("network", &[]);
        self
    }

    fn run(&mut self, name: &str, arguments: impl WasmParams) -> u32 {
        let function = self.instance.get_func(&self.store, name).expect(name);
        let typed = function.typed(&self.store).expect("the arguments of the export");
        typed.call(&mut self.store, arguments).expect("no trap")
    }

    fn memory(&self) -> Memory {
        self.instance.get_memory(&self.store, "memory").expect("a memory")
    }

    fn write(&mut self, place: &str, bytes: &[u8]) {
        let address = self.run(place, bytes.len() as u32) as usize;
        let memory = self.memory();
        memory.write(&mut self.store, address, bytes).expect("as much room as asked for");
    }

    fn read(&mut self, what: &str, bytes_each: usize) -> Vec<u8> {
        let address = self.run(what, ()) as usize;
        let length = self.run(&format!("{what}_length"), ()) as usize;
        let mut bytes = vec![0; length * bytes_each];
        let memory = self.memory();
        memory.read(&self.store, address, &mut bytes).expect("what it says is there");
        bytes
    }

    fn give(&mut self, bytes: &[u8]) {
        self.write("given", bytes);
        self.native.page.given = bytes.to_vec();
    }

    /// Calls both, and returns what the native one does.
    fn try_call(
        &mut self,
        figure: usize,
        method: &str,
        numbers: &[f64],
    ) -> Result<(), Refused> {
        let said: Vec<u8> =
            numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.write("said", &[&said, method.as_bytes()].concat());
        let code = self.run("call", (figure as u32, numbers.len() as u32));
        let result = self.native.call(figure, (method, numbers));
        assert_eq!(
            code,
            result.map_or_else(|refused| refused as u32, |()| 0),
            "{method}"
        );
        result
    }

    /// Holds what both have made to each other: numbers, text and pixels.
    fn hold(&mut self, what: &str) {
        let numbers = self.native.page.numbers.iter().flat_map(|n| n.to_le_bytes());
        let numbers: Vec<u8> = numbers.collect();
        assert!(self.read("numbers", 8) == numbers, "the numbers of {what}");
        assert!(self.read("text", 1) == self.native.page.text.as_bytes(), "{what}: text");
        assert!(self.read("pixels", 1) == self.native.page.frame, "{what}: pixels");
    }

    fn shared(&mut self, method: &str, numbers: &[f64]) {
        self.try_call(0, method, numbers).expect(method);
        self.hold(method);
    }

    /// Calls a method of the figure, and returns the numbers. All states that it has made
    /// are compared, too.
    fn call(&mut self, method: &str, numbers: &[f64]) -> Vec<f64> {
        self.try_call(self.figure, method, numbers).expect(method);
        let what = format!("{method} {numbers:?}");
        self.hold(&what);
        for state in 0.. {
            if self.try_call(0, "frame", &[f64::from(state)]).is_err() {
                break;
            }
            self.hold(&format!("{what}: state {state}"));
        }
        self.native.page.numbers.clone()
    }

    fn refuses(&mut self, method: &str, numbers: &[f64]) {
        self.try_call(self.figure, method, numbers).expect_err(method);
    }
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

/// Each kind of figure has a line in the list and a script, and the other way round.
#[test]
fn every_figure_has_a_script() {
    let folder = fs::read_dir(repository().join("book/src/live")).unwrap().flatten();
    let mut kinds = BTreeSet::new();
    for file in folder {
        let text = fs::read_to_string(file.path()).unwrap();
        let kind = text.split("window.liveKinds").skip(1).find_map(|rest| {
            let (name, _) = rest.split_once(" = {")?;
            Some(name.trim_matches(['.', '[', ']', '"']).to_owned())
        });
        kinds.extend(kind.filter(|name| file.file_name() == *format!("{name}.js")));
    }
    let names = FIGURES.iter().map(|(name, _)| (*name).to_owned());
    let without_script = |name: &String| name == "matrix-product";
    assert_eq!(kinds, names.filter(|name| !without_script(name)).collect());
}

#[test]
fn the_first_parts_agree_to_the_last_bit() {
    let of = |figure| Twins::of("part-one", figure);
    // More than one stream of noise, and a last one that is not full.
    let [mut a, mut b, mut c] =
        ["part-a", "part-b", "part-c"].map(|name| of(name).with_mandrill(80));
    let betas = [0.3, 0.001, 0.9, 0.25].map(f64::to_le_bytes).concat();
    for seed in [0.0, 1.0, 4_000_000_000.0] {
        a.call("trajectory", &[80.0, 0.5, 0.1, 4.0, seed]);
        b.call("trajectory", &[80.0, 0.3, 6.0, seed]);
        c.call("fixed", &[80.0, 0.3, 3.0, seed]);
        c.give(&betas);
        c.call("draw", &[]);
        c.call("trajectory", &[80.0, seed]);
    }
    c.give(&betas[1..]);
    c.refuses("draw", &[]);
    for ends in [[1e-4, 0.6, 24.0], [1e-4, 0.02, 1000.0], [0.3, 0.3, 1.0]] {
        b.call("schedule", &ends);
        c.call("schedule", &ends);
    }
    let mut d = of("part-d").with_mandrill(128);
    let mut forward = of("forward").with_mandrill(128);
    for [t, steps, end, seed] in
        [[0.0, 24.0, 0.6, 0.0], [11.0, 24.0, 0.6, 5.0], [999.0, 1000.0, 0.02, 0.0]]
    {
        for figure in [&mut d, &mut forward] {
            figure.call("schedule", &[1e-4, end, steps]);
            figure.call("jump", &[128.0, 1e-4, end, steps, t, seed]);
        }
    }
    let mut both = of("walk-or-jump").with_mandrill(128);
    both.call("begin", &[128.0, 1e-4, 0.6, 24.0, 9.0]);
    for t in [0.0, 2.0, 1.0] {
        both.call("at", &[t]);
        both.call("value", &[1234.0, t]);
    }
    let mut peaks = of("two-peaks");
    for [step, seed] in [[0.0, 0.0], [1.0, 0.0], [11.0, 4.0], [24.0, 0.0]] {
        peaks.call("after", &[step, 1e-4, 0.6, 24.0, 300.0, seed]);
    }
}

#[test]
fn published_schedules_agree_to_the_last_bit() {
    let mut twins = Twins::of("schedules", "part-e").with_mandrill(16);
    for (number, is_mended) in
        [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (2.0, 1.0), (3.0, 0.0)]
    {
        twins.call("published", &[number, 1e-4, 0.02, 300.0, is_mended]);
        twins.call("states", &[16.0, 5.0]);
    }
    twins.give(br#"{"_class_name": "DDPMScheduler", "trained_betas": [0.1, 0.5]}"#);
    twins.call("config", &[]);
    // Where it ends, it says so in the same words.
    twins.give(b"no config");
    twins.refuses("config", &[]);
    twins.hold("a refusal");
}

#[test]
fn ways_back_agree_to_the_last_bit() {
    let mut twins = Twins::of("way-back", "part-f").with_mandrill(24);
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
    let mut twins = Twins::of("way-back", "part-g").with_mandrill(14);
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
                twins.write("said", b"advance");
                assert_eq!(twins.run("call", (figure as u32, 0)), 0);
                twins.read("numbers", 8) != left[0].to_le_bytes()
            } {}
            twins.call("state", &[]);
        }
    }
}

/// Of a batch that is more than one part, and of widths that fill whole tiles and that
/// don't.
#[test]
fn trainings_agree_to_the_last_bit() {
    let mut twins = Twins::of("learning", "part-h");
    for (kind, hidden) in [(0.0, 32.0), (1.0, 19.0), (2.0, 64.0)] {
        twins.call("data", &[kind, 150.0, 6.0]);
        twins.call("begin", &[kind, hidden, 90.0, 8.0, 0.008, 3.0]);
        // The exact denoiser takes an interpreter long, and is the same for all.
        let is_judged = kind == 1.0;
        if is_judged {
            twins.call("optimal_loss", &[]);
        }
        for _ in 0..8 {
            twins.call("update", &[]);
        }
        twins.refuses("update", &[]);
        if is_judged {
            twins.call("loss", &[]);
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
    let ended = (0..8).any(|_| twins.try_call(figure, "update", &[]).is_err());
    assert!(ended && twins.native.page.text.contains("is no number"));
    twins.hold("a refusal");
}

#[test]
fn digits_agree_to_the_last_bit() {
    let mut drawn = Twins::of("learning", "part-h-digits").with_network();
    let mut sampled = Twins::of("samplers", "part-i-digits").with_network();
    for (label, guidance, steps) in [(7.0, 2.0, 5.0), (10.0, 0.5, 3.0)] {
        drawn.call("begin", &[label, guidance, 5.0, 4.0]);
        while drawn.call("advance", &[]) != [0.0] {}
        drawn.call("sheet", &[3.0]);
        sampled.call("begin", &[label, guidance, 3.0, steps, 4.0]);
        while sampled.call("advance", &[]) != [0.0] {}
        for sampler in 0..SAMPLERS.len() {
            sampled.call("sheet", &[sampler as f64, 2.0]);
        }
    }
    drawn.give(b"no network");
    drawn.refuses("network", &[]);
}

#[test]
fn sampled_points_agree_to_the_last_bit() {
    let mut twins = Twins::of("samplers", "part-i");
    for kind in 0..DATA.len() {
        twins.call("begin", &[kind as f64, 50.0, 9.0, 3.0]);
        let samplers = (0..SAMPLERS.len()).map(|sampler| [sampler as f64, 6.0]);
        for sampler in samplers.clone() {
            while twins.call("advance", &sampler) != [0.0] {}
            twins.call("advance", &sampler);
        }
        // All timesteps take an interpreter long, and are the same for all.
        let is_measured = kind == 1;
        while is_measured && twins.call("finest", &[]).is_empty() {}
        for sampler in samplers {
            assert_eq!(twins.call("state", &sampler)[2].is_nan(), !is_measured);
        }
    }
    twins.refuses("advance", &[SAMPLERS.len() as f64, 6.0]);
}

/// Matrices that fill whole tiles and blocks, and such that don't.
#[test]
fn matrix_products_agree_to_the_last_bit() {
    let mut twins = Twins::of("kernels", "matrix-product");
    for [m, k, n] in [[16, 8, 4], [33, 70, 19], [1, 300, 1], [128, 64, 32], [5, 0, 3]] {
        for form in 0..3 {
            twins.call("product", &[form, m, k, n, 7].map(f64::from));
        }
    }
}

#[test]
fn any_picture_is_resized_as_in_the_native_crates() {
    let image = image::open(load::mandrill()).unwrap();
    let rgba = image.crop_imm(0, 0, 300, 200).into_rgba8();
    let mut twins = Twins::of("part-one", "part-b");
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
    let mut twins = Twins::of("part-one", "part-b").with_mandrill(8);
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
        twins.write("said", said);
        assert_eq!(twins.run("call", (0, 9)), Refused::Unknown as u32);
    }
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
    for name in ["call", "given", "said", "numbers", "pixels", "text"] {
        let is_bare = |line: &str| line.split(' ').next_back() == Some(name);
        assert!(!symbols.lines().any(is_bare), "{name}");
    }
}
