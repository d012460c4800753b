//! How fast matrices are multiplied: `cargo bench -p diffusion-kernels`.
//!
//! An item is a floating-point operation, so items a second are FLOP/s. Of the shapes,
//! the three largest are shared among the threads.

use diffusion_core::{generator, randn_like};
use diffusion_kernels::{Instructions, matrix_product};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;

fn main() {
    divan::main();
}

/// m, k and n of an m × k by k × n product: of tall and wide networks, and of points in a
/// plane.
const SHAPES: [[usize; 3]; 6] = [
    [16, 16, 64],
    [128, 2, 256],
    [2, 128, 256],
    [128, 128, 256],
    [512, 512, 512],
    [1000, 4, 1000],
];

#[divan::bench(args = SHAPES)]
fn a_b(bencher: Bencher, [m, k, n]: [usize; 3]) {
    let (a, b) = (noise(m, k), noise(k, n));
    let mut c = DMatrix::zeros(m, n);
    bencher
        .counter(operations(m, k, n))
        .bench_local(|| matrix_product::mul_to(&a, &b, &mut c));
}

#[divan::bench(args = SHAPES)]
fn at_b(bencher: Bencher, [m, k, n]: [usize; 3]) {
    let (a, b) = (noise(k, m), noise(k, n));
    let mut c = DMatrix::zeros(m, n);
    bencher
        .counter(operations(m, k, n))
        .bench_local(|| matrix_product::tr_mul_to(&a, &b, &mut c));
}

#[divan::bench(args = SHAPES)]
fn a_bt(bencher: Bencher, [m, k, n]: [usize; 3]) {
    let (a, b) = (noise(m, k), noise(n, k));
    let mut c = DMatrix::zeros(m, n);
    bencher
        .counter(operations(m, k, n))
        .bench_local(|| matrix_product::mul_tr_to(&a, &b, &mut c));
}

#[divan::bench(args = [Instructions::Plain, Instructions::Avx2, Instructions::Avx512])]
fn instructions(bencher: Bencher, instructions: Instructions) {
    let (a, b) = (noise(128, 128), noise(128, 64));
    let mut c = DMatrix::zeros(128, 64);
    bencher
        .counter(operations(128, 128, 64))
        .bench_local(|| instructions.mul_to(&a, &b, &mut c));
}

#[divan::bench(args = [1, 2, 4])]
fn threads(bencher: Bencher, threads: usize) {
    let (a, b) = (noise(512, 512), noise(512, 512));
    let mut c = DMatrix::zeros(512, 512);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.expect("a few threads");
    bencher
        .counter(operations(512, 512, 512))
        .bench_local(|| pool.install(|| matrix_product::mul_to(&a, &b, &mut c)));
}

fn noise(rows: usize, columns: usize) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), &mut generator(0))
}

/// A multiplication and an addition for each.
fn operations(m: usize, k: usize, n: usize) -> ItemsCount {
    ItemsCount::new(2 * m * k * n)
}
