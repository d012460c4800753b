//! How fast each part adds noise to a picture of 512 × 512 pixels, and that a jump takes
//! as long for any timestep: `cargo bench -p part-d-alpha-bar-trick`.

use diffusion_core::generator;
use diffusion_testing::mandrill;
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

#[divan::bench]
fn part_a(bencher: Bencher) {
    let x = mandrill().x;
    let mut rng = generator(0);
    bencher
        .counter(ItemsCount::new(x.len()))
        .bench_local(|| part_a_very_simple_diffusion::add_noise(&x, 0.5, 0.1, &mut rng));
}

#[divan::bench]
fn part_b(bencher: Bencher) {
    let x = mandrill().x;
    let mut rng = generator(0);
    bencher
        .counter(ItemsCount::new(x.len()))
        .bench_local(|| part_b_fixed_beta_values::add_noise(&x, 0.3, &mut rng));
}

#[divan::bench]
fn part_c(bencher: Bencher) {
    let x = mandrill().x;
    let mut rng = generator(0);
    let scheduler = part_c_schedule_for_beta::NoiseScheduler::new(24, 1e-4, 0.6)
        .expect("the default schedule makes sense");
    bencher
        .counter(ItemsCount::new(x.len()))
        .bench_local(|| scheduler.add_noise(&x, 12, &mut rng));
}

#[divan::bench(args = [0, 12, 23])]
fn part_d_jump_to(bencher: Bencher, t: usize) {
    let x0 = mandrill().x;
    let mut rng = generator(0);
    let scheduler = part_d_alpha_bar_trick::NoiseScheduler::new(24, 1e-4, 0.6)
        .expect("the default schedule makes sense");
    bencher
        .counter(ItemsCount::new(x0.len()))
        .bench_local(|| scheduler.add_noise(&x0, t, &mut rng));
}
