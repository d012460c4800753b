//! How fast convolutions are: `cargo bench -p diffusion-kernels --bench convolution`.
//!
//! An item is a floating-point operation, so items a second are FLOP/s.

use diffusion_core::{generator, randn_like};
use diffusion_kernels::convolution::{Convolution, Padding};
use diffusion_kernels::matrix_product;
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;

fn main() {
    divan::main();
}

/// Channels that go in and out, rows and columns, and pictures.
const SHAPES: [[usize; 4]; 6] = [
    [32, 32, 32, 32],
    [128, 128, 16, 8],
    [256, 256, 8, 8],
    [3, 64, 32, 32],
    [64, 3, 32, 32],
    [64, 1, 28, 32],
];

const THREADS: [usize; 2] = [1, 2];

#[divan::bench(args = SHAPES, consts = THREADS)]
fn forward<const THREADS: usize>(bencher: Bencher, shape: [usize; 4]) {
    let Data { of, x, weights, mut dy } = Data::new(shape, 1);
    run::<THREADS>(bencher, &of, shape[3], || of.forward_to(&x, &weights, &mut dy));
}

#[divan::bench(args = SHAPES, consts = THREADS)]
fn input<const THREADS: usize>(bencher: Bencher, shape: [usize; 4]) {
    let Data { of, mut x, weights, dy } = Data::new(shape, 1);
    run::<THREADS>(bencher, &of, shape[3], || {
        of.input_gradient_to(&dy, &weights, &mut x);
    });
}

#[divan::bench(args = SHAPES, consts = THREADS)]
fn weights<const THREADS: usize>(bencher: Bencher, shape: [usize; 4]) {
    let Data { of, x, mut weights, dy } = Data::new(shape, 1);
    run::<THREADS>(bencher, &of, shape[3], || {
        of.weight_gradient_to(&x, &dy, &mut weights);
    });
}

/// With a stride of 2: forward, and with respect to the input and to the weights.
#[divan::bench(args = ["forward", "input", "weights"])]
fn stride_2(bencher: Bencher, what: &str) {
    let shape = [64, 64, 32, 32];
    let Data { of, mut x, mut weights, mut dy } = Data::new(shape, 2);
    run::<1>(bencher, &of, shape[3], || match what {
        "forward" => of.forward_to(&x, &weights, &mut dy),
        "input" => of.input_gradient_to(&dy, &weights, &mut x),
        _ => of.weight_gradient_to(&x, &dy, &mut weights),
    });
}

/// What a product of squares reaches.
#[divan::bench(consts = THREADS)]
fn product<const THREADS: usize>(bencher: Bencher) {
    let (a, b) = (noise(512, 512), noise(512, 512));
    let mut c = DMatrix::zeros(512, 512);
    let bencher = bencher.counter(ItemsCount::new(2 * 512_usize.pow(3)));
    on::<THREADS>(bencher, || matrix_product::mul_to(&a, &b, &mut c));
}

struct Data {
    of: Convolution,
    x: DMatrix<f32>,
    weights: DMatrix<f32>,
    dy: DMatrix<f32>,
}

impl Data {
    fn new([before, after, size, n]: [usize; 4], stride: usize) -> Self {
        let of = Convolution::new([before, after], [size; 2], 3, stride, Padding::Zeros);
        let (rows, columns) = of.weights();
        let (x, dy) = (noise(of.inputs(), n), noise(of.outputs(), n));
        Data { of, x, weights: noise(rows, columns), dy }
    }
}

fn run<const THREADS: usize>(
    bencher: Bencher,
    of: &Convolution,
    n: usize,
    f: impl FnMut() + Send,
) {
    on::<THREADS>(bencher.counter(ItemsCount::new(2 * of.multiplications() * n)), f);
}

fn on<const THREADS: usize>(bencher: Bencher, mut f: impl FnMut() + Send) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build();
    let pool = pool.expect("a few threads");
    pool.install(|| ());
    bencher.bench_local(|| pool.install(&mut f));
}

fn noise(rows: usize, columns: usize) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), &mut generator(0))
}
