//! Is a convolution, and are its derivatives, the sums that the documentation says, bit
//! for bit and in every way that they are computed?

use diffusion_kernels::Instructions;
use diffusion_kernels::convolution::{Convolution, Padding};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use proptest::sample::select;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

const ALL: [Instructions; 3] =
    [Instructions::Plain, Instructions::Avx2, Instructions::Avx512];

const PADDINGS: [Padding; 4] =
    [Padding::None, Padding::Zeros, Padding::ZerosAfter, Padding::Circular];

/// A convolution as the documentation has it, computed one value after the other.
#[derive(Clone, Copy, Debug)]
struct Plain {
    channels: [usize; 2],
    size: [usize; 2],
    kernel: usize,
    stride: usize,
    padding: Padding,
}

impl Plain {
    fn convolution(self) -> Convolution {
        let Plain { channels, size, kernel, stride, padding } = self;
        Convolution::new(channels, size, kernel, stride, padding)
    }

    fn is_one(self) -> bool {
        let Plain { size, kernel, stride, padding, .. } = self;
        let added = [0, kernel / 2 * 2, 1, kernel][PADDINGS
            .iter()
            .position(|other| *other == padding)
            .expect("one of the four")];
        let fits = |length: usize| length + added >= kernel;
        let goes_round = |length: usize| length.is_multiple_of(stride);
        size.into_iter().all(fits)
            && (padding != Padding::Circular || size.into_iter().all(goes_round))
    }

    fn before(self) -> usize {
        match self.padding {
            Padding::None | Padding::ZerosAfter => 0,
            Padding::Zeros => self.kernel / 2,
            Padding::Circular => (self.kernel - 1) / 2,
        }
    }

    fn size_out(self) -> [usize; 2] {
        let k = self.kernel;
        self.size.map(|h| match self.padding {
            Padding::None => (h - k) / self.stride + 1,
            Padding::Zeros => (h + k / 2 * 2 - k) / self.stride + 1,
            Padding::ZerosAfter => (h + 1 - k) / self.stride + 1,
            Padding::Circular => h / self.stride,
        })
    }

    /// The pixel, along an axis, that a place of the kernel meets for one that comes out.
    fn met(self, out: usize, place: usize, length: usize) -> Option<usize> {
        let pixel = (out * self.stride + place) as isize - self.before() as isize;
        let length = length as isize;
        if self.padding == Padding::Circular {
            return Some(pixel.rem_euclid(length) as usize);
        }
        (0..length).contains(&pixel).then_some(pixel as usize)
    }

    /// The pixel that comes out for which a place of the kernel meets this one: none if
    /// there never is one, and `Some(None)` if it is outside.
    fn meeting(self, pixel: usize, place: usize, length: usize) -> Option<Option<usize>> {
        let out = (pixel + self.before()) as isize - place as isize;
        let stride = self.stride as isize;
        if out.rem_euclid(stride) != 0 {
            return None;
        }
        let (out, length) = (out.div_euclid(stride), length as isize);
        if self.padding == Padding::Circular {
            return Some(Some(out.rem_euclid(length) as usize));
        }
        Some((0..length).contains(&out).then_some(out as usize))
    }

    fn forward<T: Number>(self, x: &DMatrix<T>, w: &DMatrix<T>) -> DMatrix<T> {
        let ([ci, co], [h, v], [hh, vv]) = (self.channels, self.size, self.size_out());
        let k = self.kernel;
        DMatrix::from_fn(co * hh * vv, x.ncols(), |row, n| {
            let (o, y, z) = (row / (hh * vv), row / vv % hh, row % vv);
            let mut sum = T::default();
            for (i, r, c) in all(ci, k, k) {
                let pixel = (self.met(y, r, h), self.met(z, c, v));
                let value = match pixel {
                    (Some(r), Some(c)) => x[((i * h + r) * v + c, n)],
                    _ => T::default(),
                };
                let product = value * w[((i * k + r) * k + c, o)];
                sum += product;
            }
            sum
        })
    }

    fn input_gradient(self, dy: &DMatrix<f32>, w: &DMatrix<f32>) -> DMatrix<f32> {
        let ([ci, co], [h, v], [hh, vv]) = (self.channels, self.size, self.size_out());
        let k = self.kernel;
        DMatrix::from_fn(ci * h * v, dy.ncols(), |row, n| {
            let (i, y, z) = (row / (h * v), row / v % h, row % v);
            let mut sum = 0.0;
            for (o, r, c) in all(co, k, k) {
                let (r, c) = (k - 1 - r, k - 1 - c);
                let value = match (self.meeting(y, r, hh), self.meeting(z, c, vv)) {
                    (None, _) | (_, None) => continue,
                    (Some(Some(r)), Some(Some(c))) => dy[((o * hh + r) * vv + c, n)],
                    _ => 0.0,
                };
                let product = value * w[((i * k + r) * k + c, o)];
                sum += product;
            }
            sum
        })
    }

    fn weight_gradient(self, x: &DMatrix<f32>, dy: &DMatrix<f32>) -> DMatrix<f32> {
        let ([ci, co], [h, v], [hh, vv]) = (self.channels, self.size, self.size_out());
        let k = self.kernel;
        DMatrix::from_fn(ci * k * k, co, |row, o| {
            let (i, r, c) = (row / (k * k), row / k % k, row % k);
            let mut sum = 0.0;
            for (n, y, z) in all(x.ncols(), hh, vv) {
                let value = match (self.met(y, r, h), self.met(z, c, v)) {
                    (Some(r), Some(c)) => x[((i * h + r) * v + c, n)],
                    _ => 0.0,
                };
                let product = value * dy[((o * hh + y) * vv + z, n)];
                sum += product;
            }
            sum
        })
    }

    fn bias_gradient(self, dy: &DMatrix<f32>) -> DVector<f32> {
        let [hh, vv] = self.size_out();
        DVector::from_fn(self.channels[1], |o, _| {
            let mut sum = 0.0;
            for (n, y, z) in all(dy.ncols(), hh, vv) {
                sum += dy[((o * hh + y) * vv + z, n)];
            }
            sum
        })
    }
}

trait Number: nalgebra::Scalar + nalgebra::ClosedAddAssign + Copy + Default
where
    Self: std::ops::Add<Output = Self> + std::ops::Mul<Output = Self>,
{
}

impl Number for f32 {}
impl Number for f64 {}

/// All triples of numbers below these, the last one running fastest.
fn all(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a * b * c).map(move |i| (i / (b * c), i / c % b, i % c))
}

/// The bits of all values. Of a NaN, only that it is one.
fn bits(x: &[f32]) -> Vec<u32> {
    let one_nan = |value: &f32| if value.is_nan() { f32::NAN } else { *value };
    x.iter().map(one_nan).map(f32::to_bits).collect()
}

/// Numbers between -1 and 1, and if they are `special`, some that need care.
fn numbers(rows: usize, columns: usize, special: bool, seed: u64) -> DMatrix<f32> {
    const SPECIAL: [f32; 6] = [0.0, -0.0, f32::INFINITY, f32::NAN, f32::MAX, 1e-45];
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    DMatrix::from_fn(rows, columns, |_, _| {
        let random = rng.next_u32();
        if special && random.is_multiple_of(197) {
            return SPECIAL[random as usize / 197 % 6];
        }
        (random >> 8) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// A batch, what came out of it or its derivative, and weights.
fn data(plain: Plain, n: usize, special: bool, seed: u64) -> [DMatrix<f32>; 3] {
    let of = plain.convolution();
    let (rows, columns) = of.weights();
    [
        numbers(of.inputs(), n, special, seed),
        numbers(of.outputs(), n, special, seed ^ 1),
        numbers(rows, columns, special, seed ^ 2),
    ]
}

/// Forward, and the derivatives with respect to the batch and the weights.
fn computed(
    of: &Convolution,
    instructions: Instructions,
    [x, dy, w]: &[DMatrix<f32>; 3],
) -> [Vec<u32>; 3] {
    // Whatever is there before is not in the result.
    let full = |x: &DMatrix<f32>| DMatrix::from_element(x.nrows(), x.ncols(), f32::NAN);
    let (mut y, mut dx, mut dw) = (full(dy), full(x), full(w));
    instructions.convolution_to(of, x, w, &mut y);
    instructions.convolution_input_gradient_to(of, dy, w, &mut dx);
    instructions.convolution_weight_gradient_to(of, x, dy, &mut dw);
    [y, dx, dw].map(|x| bits(x.as_slice()))
}

fn documented(plain: Plain, [x, dy, w]: &[DMatrix<f32>; 3]) -> [Vec<u32>; 3] {
    let all =
        [plain.forward(x, w), plain.input_gradient(dy, w), plain.weight_gradient(x, dy)];
    all.map(|x| bits(x.as_slice()))
}

const NAMES: [&str; 3] = ["forward", "input", "weights"];

fn any_convolution() -> impl Strategy<Value = Plain> {
    let channels = || prop_oneof![1..=20_usize, select(&[1, 3, 4, 5, 16, 17, 33])];
    let size = || prop_oneof![1..=12_usize, select(&[15, 16, 17, 33])];
    let all = (
        [channels(), channels()],
        [size(), size()],
        1..=7_usize,
        1..=2_usize,
        select(&PADDINGS),
    );
    let plain = all.prop_map(|(channels, size, kernel, stride, padding)| Plain {
        channels,
        size,
        kernel,
        stride,
        padding,
    });
    plain.prop_filter("a kernel that fits", |plain| plain.is_one())
}

proptest! {
    #[test]
    fn every_value_is_the_documented_sum(
        plain in any_convolution(),
        n in 0..=5_usize,
        special in prop::bool::weighted(0.3),
        seed: u64,
    ) {
        let of = plain.convolution();
        prop_assert_eq!(of.size_out(), plain.size_out());
        let data = data(plain, n, special, seed);
        let expected = documented(plain, &data);
        for instructions in ALL {
            let computed = computed(&of, instructions, &data);
            for i in 0..3 {
                prop_assert!(
                    computed[i] == expected[i],
                    "{} with {instructions:?}", NAMES[i]
                );
            }
        }
        let mut db = DVector::from_element(plain.channels[1], f32::NAN);
        of.bias_gradient_to(&data[1], &mut db);
        prop_assert_eq!(
            bits(db.as_slice()),
            bits(plain.bias_gradient(&data[1]).as_slice())
        );
    }
}

proptest! {
    // Each takes sixteen convolutions in f64, one number at a time.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn derivatives_are_those_of_finite_differences(
        plain in any_convolution(),
        n in 1..=3_usize,
        seed: u64,
    ) {
        let [x, dy, w] = data(plain, n, false, seed);
        let of = plain.convolution();
        let wide = |x: &DMatrix<f32>| x.map(f64::from);
        let (wide_x, wide_dy, wide_w) = (wide(&x), wide(&dy), wide(&w));
        let loss = |x: &DMatrix<f64>, w: &DMatrix<f64>| plain.forward(x, w).dot(&wide_dy);
        let (mut dx, mut dw) = (x.clone(), w.clone());
        of.input_gradient_to(&dy, &w, &mut dx);
        of.weight_gradient_to(&x, &dy, &mut dw);
        // It is linear in both, so that a step may be large.
        for place in [0, x.len() / 2, x.len() * 2 / 3, x.len() - 1] {
            let moved = |by: f64| {
                let mut x = wide_x.clone();
                x[place] += by;
                loss(&x, &wide_w)
            };
            let difference = (moved(1.0) - moved(-1.0)) / 2.0;
            let error = (f64::from(dx[place]) - difference).abs();
            prop_assert!(error < 2e-4, "x {place}: {} and {difference}", dx[place]);
        }
        for place in [0, w.len() / 2, w.len() * 2 / 3, w.len() - 1] {
            let moved = |by: f64| {
                let mut w = wide_w.clone();
                w[place] += by;
                loss(&wide_x, &w)
            };
            let difference = (moved(1.0) - moved(-1.0)) / 2.0;
            let error = (f64::from(dw[place]) - difference).abs();
            prop_assert!(error < 2e-4, "w {place}: {} and {difference}", dw[place]);
        }
    }
}

/// Large enough to be shared among threads and cut into blocks, and of lengths that no
/// block divides.
const LARGE: [(Plain, usize); 6] = [
    (plain([37, 41], [14, 13], 3, 1, Padding::Zeros), 7),
    (plain([64, 70], [18, 20], 3, 2, Padding::ZerosAfter), 5),
    (plain([130, 66], [14, 16], 3, 2, Padding::Circular), 1),
    (plain([3, 64], [40, 40], 5, 1, Padding::Circular), 3),
    (plain([64, 3], [40, 38], 3, 1, Padding::None), 4),
    (plain([70, 300], [9, 7], 1, 1, Padding::None), 9),
];

const fn plain(
    channels: [usize; 2],
    size: [usize; 2],
    kernel: usize,
    stride: usize,
    padding: Padding,
) -> Plain {
    Plain { channels, size, kernel, stride, padding }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for (plain, n) in LARGE {
        let of = plain.convolution();
        let data = data(plain, n, false, 1);
        let expected = documented(plain, &data);
        for threads in [1, 2, 3, 4, 16] {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for instructions in ALL {
                let computed = pool.install(|| computed(&of, instructions, &data));
                for i in 0..3 {
                    assert!(
                        computed[i] == expected[i],
                        "{} of {plain:?}, {instructions:?}, {threads} threads",
                        NAMES[i]
                    );
                }
            }
        }
    }
}

#[test]
fn a_convolution_has_the_same_bits_forever() {
    // In debug and release, on every processor, and after any update of the compiler.
    let mixed = |sum: u64, bits: u32| {
        (sum ^ u64::from(bits)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    let checksums = LARGE.map(|(plain, n)| {
        let data = data(plain, n, false, 1);
        let computed = computed(&plain.convolution(), Instructions::fastest(), &data);
        computed.concat().into_iter().fold(0, mixed)
    });
    assert_eq!(checksums, CHECKSUMS);
}

const CHECKSUMS: [u64; 6] = [
    7_818_845_262_819_138_327,
    17_334_004_227_155_731_562,
    11_692_408_834_841_179_380,
    6_716_764_796_269_764_488,
    4_118_038_823_131_884_030,
    5_624_652_631_403_674_176,
];

#[test]
fn sums_are_not_fused() {
    // (1 + ε)(1 - ε) = 1 - ε² is 1 when it is rounded, but not when it is fused with the
    // sum.
    let e = f32::EPSILON;
    let of = Convolution::new([2, 1], [1, 1], 1, 1, Padding::None);
    let x = DMatrix::from_column_slice(2, 1, &[-1.0, 1.0 + e]);
    let w = DMatrix::from_column_slice(2, 1, &[1.0, 1.0 - e]);
    assert_eq!(of.forward(&x, &w)[0].to_bits(), 0);
}

#[test]
fn outside_is_a_zero_that_is_multiplied() {
    let of = Convolution::new([1, 1], [2, 2], 3, 1, Padding::Zeros);
    let x = DMatrix::from_element(4, 1, 1.0);
    let mut w = DMatrix::zeros(9, 1);
    w[0] = f32::INFINITY;
    let y = of.forward(&x, &w);
    assert!(y.rows(0, 3).iter().all(|value| value.is_nan()), "{y}");
    assert_eq!(y[3], f32::INFINITY);
}

#[test]
fn a_kernel_is_laid_on_the_picture_as_it_is() {
    // PyTorch: conv2d(arange(9).view(1, 1, 3, 3), arange(9).view(1, 1, 3, 3), padding=1)
    let of = Convolution::new([1, 1], [3, 3], 3, 1, Padding::Zeros);
    let counted = DMatrix::from_fn(9, 1, |i, _| i as f32);
    let y = of.forward(&counted, &counted);
    let pytorch = [58.0, 100.0, 70.0, 132.0, 204.0, 132.0, 70.0, 100.0, 58.0];
    assert_eq!(y.as_slice(), pytorch);
}

#[test]
fn biases_are_added_to_their_channels() {
    let of = Convolution::new([1, 2], [1, 2], 1, 1, Padding::None);
    let mut y = DMatrix::from_fn(4, 2, |row, column| (row + 10 * column) as f32);
    of.add_biases(&DVector::from_column_slice(&[0.5, -1.0]), &mut y);
    assert_eq!(y.as_slice(), [0.5, 1.5, 1.0, 2.0, 10.5, 11.5, 11.0, 12.0]);
}

fn fails(f: impl FnOnce() + std::panic::UnwindSafe) -> bool {
    std::panic::catch_unwind(f).is_err()
}

#[test]
fn what_is_no_convolution_is_refused() {
    let new = |channels, size, kernel, stride, padding| {
        fails(move || {
            Convolution::new(channels, size, kernel, stride, padding);
        })
    };
    assert!(!new([1, 1], [4, 4], 3, 1, Padding::None));
    assert!(new([0, 1], [4, 4], 3, 1, Padding::None), "no channels go in");
    assert!(new([1, 0], [4, 4], 3, 1, Padding::None), "no channels come out");
    assert!(new([1, 1], [0, 4], 3, 1, Padding::Zeros), "no rows");
    assert!(new([1, 1], [4, 0], 3, 1, Padding::Zeros), "no columns");
    assert!(new([1, 1], [4, 4], 0, 1, Padding::None), "no kernel");
    assert!(new([1, 1], [4, 4], 3, 0, Padding::None), "a stride of 0");
    assert!(new([1, 1], [4, 4], 3, 3, Padding::None), "a stride of 3");
    assert!(new([1, 1], [4, 2], 3, 1, Padding::None), "a kernel that is too large");
    assert!(!new([1, 1], [4, 2], 3, 1, Padding::ZerosAfter));
    assert!(new([1, 1], [4, 5], 3, 2, Padding::Circular), "an odd number of columns");
    assert!(!new([1, 1], [4, 5], 3, 1, Padding::Circular));
}

#[test]
fn shapes_have_to_fit() {
    let of = Convolution::new([2, 3], [4, 5], 3, 2, Padding::Zeros);
    let zeros = |(rows, columns)| DMatrix::<f32>::zeros(rows, columns);
    assert_eq!((of.inputs(), of.outputs(), of.weights()), (40, 27 - 9, (18, 3)));
    let fit = |x, w, y| {
        let forward = !fails(|| of.forward_to(&zeros(x), &zeros(w), &mut zeros(y)));
        let input = !fails(|| of.input_gradient_to(&zeros(y), &zeros(w), &mut zeros(x)));
        let weight =
            !fails(|| of.weight_gradient_to(&zeros(x), &zeros(y), &mut zeros(w)));
        [forward, input, weight]
    };
    assert_eq!(fit((40, 2), (18, 3), (18, 2)), [true; 3]);
    assert_eq!(fit((40, 0), (18, 3), (18, 0)), [true; 3]);
    assert_eq!(fit((20, 4), (18, 3), (18, 4)), [false; 3], "other pictures");
    assert_eq!(fit((40, 2), (27, 2), (18, 2)), [false; 3], "other weights");
    assert_eq!(fit((40, 2), (18, 3), (12, 2)), [false; 3], "others come out");
    assert_eq!(fit((40, 2), (18, 3), (18, 3)), [false; 3], "more come out");
    let biases = |rows, length| {
        let mut y = DMatrix::zeros(rows, 2);
        let mut b = DVector::zeros(length);
        [
            !fails(std::panic::AssertUnwindSafe(|| of.add_biases(&b.clone(), &mut y))),
            !fails(std::panic::AssertUnwindSafe(|| {
                of.bias_gradient_to(&DMatrix::zeros(rows, 2), &mut b);
            })),
        ]
    };
    assert_eq!(biases(18, 3), [true; 2]);
    assert_eq!(biases(18, 2), [false; 2]);
    assert_eq!(biases(12, 3), [false; 2]);
}
