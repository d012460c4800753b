//! What the figures' modules compute, natively: the lessons' own functions, called as the
//! figures call them. Nothing else here knows how they are called.

use diffusion_cli::load;
use diffusion_live::Lessons;

/// The schedule that most figures of part D have.
const SCHEDULE: [f64; 3] = [1e-4, 0.6, 24.0];

/// The lessons with one figure.
struct Twin {
    lessons: Lessons,
    figure: usize,
}

impl Twin {
    /// A figure of this kind.
    fn of(kind: &str) -> Self {
        let mut lessons = Lessons::default();
        let figure = lessons.begin(kind).unwrap();
        Twin { lessons, figure }
    }

    /// With the mandrill of this side.
    fn with_mandrill(mut self, side: u32) -> Self {
        let picture = load::picture(&load::mandrill(), Some(side)).unwrap();
        let pixels = picture.pixels_of(&picture.x).into_raw();
        self.lessons.page.set_square(pixels, side).unwrap();
        self
    }

    /// Calls a method as the page does, and returns the numbers.
    fn call(&mut self, method: &str, numbers: &[f64]) -> Vec<f64> {
        self.lessons.call(self.figure, (method, numbers)).unwrap();
        self.lessons.page.numbers.clone()
    }

    /// The same, with something that is handed in.
    fn call_with(&mut self, given: Vec<u8>, method: &str) -> Vec<f64> {
        self.lessons.page.given = given;
        self.call(method, &[])
    }

    /// The pixels that the last call has made.
    fn pixels(&self) -> &[u8] {
        &self.lessons.page.frame
    }

    /// States of the last call, as pixels.
    fn frames(&mut self, states: &[usize]) -> Vec<Vec<u8>> {
        let frame = |&state: &usize| {
            self.lessons.page.frame(state).unwrap();
            self.pixels().to_vec()
        };
        states.iter().map(frame).collect()
    }
}

/// Part A: the standard deviation of the last state.
pub fn part_a_spread(a: f32, b: f32, steps: usize) -> f64 {
    let mut twin = Twin::of("part-a").with_mandrill(96);
    let numbers = [96.0, a.into(), b.into(), steps as f64, 0.0];
    twin.call("trajectory", &numbers)[4 * steps + 1]
}

/// Part C: the fraction of the variance that a drawn schedule leaves, and the states
/// after so many steps.
pub fn part_c(betas: &[f64], steps: &[usize]) -> (f64, Vec<Vec<u8>>) {
    let mut twin = Twin::of("part-c").with_mandrill(96);
    let bytes = betas.iter().flat_map(|beta| beta.to_le_bytes()).collect();
    let left = twin.call_with(bytes, "draw")[betas.len() - 1];
    twin.call("trajectory", &[96.0, 0.0]);
    (left, twin.frames(steps))
}

/// Part D: the first timestep at which less than half of the variance is left.
pub fn part_d_half() -> usize {
    let numbers = Twin::of("part-d").call("schedule", &SCHEDULE);
    let alpha_bars = &numbers[numbers.len() / 2..];
    alpha_bars.iter().position(|alpha_bar| *alpha_bar < 0.5).unwrap()
}

/// Part D: the factors of the signal and of the noise, and signal, noise and state.
pub fn part_d(t: usize) -> ([f64; 2], Vec<Vec<u8>>) {
    let mut twin = Twin::of("part-d").with_mandrill(192);
    let [start, end, steps] = SCHEDULE;
    let numbers = twin.call("jump", &[192.0, start, end, steps, t as f64, 0.0]);
    ([numbers[5], numbers[6]], twin.frames(&[1, 2, 0]))
}

/// How many peaks the density has after so many steps.
pub fn peaks(step: usize) -> f64 {
    let [start, end, steps] = SCHEDULE;
    Twin::of("two-peaks").call("after", &[step as f64, start, end, steps, 1.0, 0.0])[2]
}

/// Step by step and by a jump.
pub struct WalkOrJump(Twin);

impl WalkOrJump {
    pub fn new() -> Self {
        let mut twin = Twin::of("walk-or-jump").with_mandrill(192);
        let [start, end, steps] = SCHEDULE;
        twin.call("begin", &[192.0, start, end, steps, 0.0]);
        WalkOrJump(twin)
    }

    /// The mean, sigma, and the value step by step and by a jump of a pixel's green, at
    /// each timestep up to `t`.
    pub fn path(&mut self, x: usize, y: usize, t: usize) -> Vec<[f64; 4]> {
        let value = 3 * (192 * y + x) + 1;
        self.0.call("value", &[value as f64, t as f64]).as_chunks::<4>().0.to_vec()
    }

    /// At how many timesteps the trajectory of a pixel is within one sigma of the mean.
    pub fn within(&mut self, x: usize, y: usize) -> usize {
        let path = self.path(x, y, SCHEDULE[2] as usize - 1);
        path.iter().filter(|[mean, sigma, at, _]| (at - mean).abs() <= *sigma).count()
    }
}

/// Part E: the last alpha bar of a schedule, by its number.
pub fn part_e_end(schedule: u32, steps: usize) -> f64 {
    let numbers = [schedule.into(), 1e-4, 0.02, steps as f64, 0.0];
    let numbers = Twin::of("part-e").call("published", &numbers);
    numbers[numbers.len() - 2]
}

/// Part F, with the spiral: how many data have nine tenths of the weight at a place, so
/// many steps back.
pub fn part_f_sharing(back: usize, x: f64, y: f64) -> f64 {
    let mut twin = Twin::of("part-f");
    twin.call("begin", &[1.0, 96.0, 1200.0, 100.0, 0.0]);
    twin.call("posterior_mean", &[back as f64, x, y])[2]
}

/// Part H: a network that learns.
pub struct Learning(Twin);

impl Learning {
    pub const UPDATES: usize = 3000;
    pub const POINTS: usize = 1000;
    pub const SAMPLES: usize = 400;
    const STEPS: usize = 100;
    const BATCH: usize = 128;

    pub fn new(data: u32, prediction: u32, hidden: usize, rate: f64, seed: u32) -> Self {
        let mut twin = Twin::of("part-h");
        let [points, steps, batch, updates, hidden] =
            [Self::POINTS, Self::STEPS, Self::BATCH, Self::UPDATES, hidden]
                .map(|count| count as f64);
        twin.call("data", &[data.into(), points, steps]);
        let settings = [prediction.into(), hidden, batch, updates, rate, seed.into()];
        twin.call("begin", &settings);
        Learning(twin)
    }

    /// The losses of so many updates.
    pub fn update(&mut self, updates: usize) -> Vec<f64> {
        (0..updates).flat_map(|_| self.0.call("update", &[1.0])).collect()
    }

    pub fn optimal_loss(&mut self) -> f64 {
        self.0.call("optimal_loss", &[])[0]
    }

    /// The loss on noise that the network has not seen.
    pub fn loss(&mut self) -> f64 {
        self.0.call("loss", &[])[0]
    }

    /// What is predicted where the figure's arrows begin, of the exact denoiser or of the
    /// network as it is now.
    pub fn field(&mut self, learned: bool) -> Vec<f32> {
        let numbers = [30.0, 9.0, 1.4, f64::from(u8::from(learned))];
        self.0.call("field", &numbers).iter().map(|&value| value as f32).collect()
    }

    /// What it makes of noise now, 2 × n.
    pub fn samples(&mut self) -> Vec<f32> {
        self.0.call("sample", &[Self::SAMPLES as f64]);
        while self.0.call("step", &[]) != [0.0] {}
        self.0.call("samples", &[]).iter().map(|&value| value as f32).collect()
    }
}

/// A reader's drawing, as places of its strokes.
pub struct Drawn(Twin);

impl Drawn {
    pub fn new(places: &[f64]) -> Self {
        let mut twin = Twin::of("draw");
        twin.call("points", &[&[1000.0], places].concat());
        Drawn(twin)
    }

    /// What a sampler makes of noise with the exact denoiser, 2 × n.
    pub fn samples(&mut self, sampler: u32, steps: u32, eta: f64, seed: u32) -> Vec<f32> {
        let settings = [sampler.into(), steps.into(), eta, 300.0, seed.into(), 0.0];
        self.0.call("begin", &settings);
        let mut step = vec![1.0];
        while step[0] != 0.0 {
            step = self.0.call("step", &[]);
        }
        step[1..].iter().map(|&value| value as f32).collect()
    }
}

/// Part H: digits of a network that has learned.
pub struct Digits(Twin);

impl Digits {
    pub fn new(network: &[u8]) -> Self {
        let mut twin = Twin::of("part-h-digits");
        twin.call_with(network.to_vec(), "network");
        Digits(twin)
    }

    /// Ten digits after so many steps, and how much two of them differ.
    pub fn row(
        &mut self,
        label: u32,
        guidance: f32,
        seed: u32,
        steps: usize,
    ) -> (&[u8], f64) {
        self.0.call("begin", &[label.into(), 10.0, seed.into()]);
        self.0.call("guide", &[guidance.into()]);
        for _ in 0..steps {
            self.0.call("advance", &[]);
        }
        let difference = self.0.call("sheet", &[0.0, 10.0])[0];
        (self.0.pixels(), difference)
    }
}

/// Part I: points of all samplers out of the same noise.
pub struct Samplers(Twin);

/// What there is to say of a sampler.
pub struct OfSampler {
    pub evaluations: f64,
    pub distance: f64,
    pub error: f64,
    pub coverage: f64,
    /// x and y of each point of each state, from the noise on.
    pub trail: Vec<f32>,
}

impl Samplers {
    pub const SAMPLES: usize = 200;

    /// With the finest trajectory, which errors are measured by.
    pub fn new(data: u32, seed: u32) -> Self {
        Self::with(data, seed, [0.0, 3.0, 0.0])
    }

    /// With a schedule, a spacing and an eta of DDIM.
    pub fn with(data: u32, seed: u32, choice: [f64; 3]) -> Self {
        let mut twin = Twin::of("part-i");
        twin.call("choose", &choice);
        twin.call("begin", &[data.into(), 500.0, Self::SAMPLES as f64, seed.into()]);
        while twin.call("finest", &[]).is_empty() {}
        Samplers(twin)
    }

    pub fn sampler(&mut self, sampler: usize, steps: usize) -> OfSampler {
        let numbers = [sampler, steps].map(|number| number as f64);
        while self.0.call("advance", &numbers) != [0.0] {}
        let state = self.0.call("state", &numbers).to_vec();
        OfSampler {
            evaluations: state[0],
            distance: state[1],
            error: state[2],
            coverage: self.0.call("coverage", &numbers)[0],
            trail: self.0.call("trail", &numbers)[1..]
                .iter()
                .map(|&x| x as f32)
                .collect(),
        }
    }
}

/// Part J: the path of a noise, and what there is on it and beside it.
pub struct Flow(Twin);

impl Flow {
    pub const POINTS: usize = 1000;
    pub const NOISES: usize = 40;

    /// With the paths of all noises that are drawn.
    pub fn new(data: u32, seed: u32) -> Self {
        let mut twin = Twin::of("part-j");
        let [points, noises] = [Self::POINTS, Self::NOISES].map(|count| count as f64);
        twin.call("begin", &[data.into(), points, noises, seed.into()]);
        let mut flow = Flow(twin);
        while !flow.0.call("follow", &[]).is_empty() {}
        flow
    }

    /// The path of a noise: its length over the chord, and where it leads.
    pub fn path(&mut self, noise: [f64; 2]) -> (f64, [f64; 2]) {
        let numbers = self.0.call("path", &[noise[0], noise[1], 100.0]);
        (numbers[0], last(&numbers))
    }

    /// How many pairs have nine tenths of the weight at a time.
    pub fn sharing(&mut self, time: f64) -> f64 {
        self.0.call("pairs", &[time, 1.0])[4]
    }

    /// How far off Euler's method ends, the same on average, and where.
    pub fn euler(&mut self, steps: u32, shift: f64) -> (f64, f64, [f64; 2]) {
        let numbers = self.0.call("euler", &[steps.into(), shift]);
        (numbers[0], numbers[1], last(&numbers))
    }
}

/// The last place of some.
fn last(numbers: &[f64]) -> [f64; 2] {
    numbers[numbers.len() - 2..].try_into().expect("two numbers")
}

/// Part I: ten digits of all samplers out of the same noise.
pub struct DigitsOfSamplers(Twin);

impl DigitsOfSamplers {
    pub fn new(network: &[u8], label: u32, steps: usize, seed: u32) -> Self {
        let mut twin = Twin::of("part-i-digits");
        twin.call_with(network.to_vec(), "network");
        twin.call("begin", &[label.into(), 1.0, 10.0, steps as f64, seed.into()]);
        DigitsOfSamplers(twin)
    }

    /// Goes on until each sampler has taken so many steps.
    pub fn step_to(&mut self, taken: usize) {
        let mut over = 0.0;
        while over < taken as f64 {
            over = self.0.call("advance", &[])[0];
        }
    }

    /// A row of digits, the evaluations of the network, and the contrast.
    pub fn row(&mut self, sampler: usize) -> (&[u8], [f64; 2]) {
        let numbers = self.0.call("sheet", &[sampler as f64, 10.0]);
        (self.0.pixels(), numbers[..].try_into().expect("two numbers"))
    }
}

/// Part K: a network and the exact denoiser of the same patches.
pub struct Patches(Twin);

/// What there is to say of a pixel: the four colours that are shown, the effective number
/// of patches, and the largest weight.
pub type PatchesOfPixel = ([[u8; 3]; 4], f64, f64);

impl Patches {
    pub fn new(network: &[u8]) -> Self {
        let mut twin = Twin::of("part-k");
        twin.call_with(network.to_vec(), "network");
        Patches(twin)
    }

    /// The photograph at a timestep: what is shown, and both predictions.
    pub fn photograph(&mut self, seed: u32, t: u32) -> Vec<Vec<u8>> {
        self.0.call("begin", &[seed.into()]);
        self.0.call("photograph", &[t.into()]);
        self.finish()
    }

    /// A new picture, at the last of its steps.
    pub fn new_picture(&mut self, seed: u32) -> Vec<Vec<u8>> {
        self.0.call("begin", &[seed.into()]);
        self.0.call("grow", &[]);
        self.finish()
    }

    /// The new picture again, on its way, at a timestep.
    pub fn on_the_way(&mut self, seed: u32, t: u32) -> Vec<Vec<u8>> {
        self.new_picture(seed);
        self.0.call("grown", &[t.into()]);
        self.0.call("state", &[]);
        self.0.frames(&[0, 1, 2])
    }

    /// The correlation of what is predicted by both.
    pub fn correlation(&mut self) -> f64 {
        self.0.call("state", &[])[5]
    }

    fn finish(&mut self) -> Vec<Vec<u8>> {
        while self.0.call("advance", &[]) != [0.0] {}
        self.0.call("state", &[]);
        self.0.frames(&[0, 1, 2])
    }

    /// A pixel of what was made at last.
    pub fn pixel(&mut self, [column, row]: [u32; 2]) -> PatchesOfPixel {
        let numbers = self.0.call("pixel", &[column.into(), row.into(), 5.0]);
        let pixels = self.0.pixels().as_chunks::<4>().0;
        let colour = |place: usize| pixels[place].first_chunk().copied().expect("three");
        ([0, 1, 2, 3].map(colour), numbers[0], numbers[1])
    }
}
