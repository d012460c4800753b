//! The Python in the chapter "Coming from PyTorch", run on the lessons' noise: it
//! computes what the lessons compute.
//!
//! Needs a Python (`python3`, or what the variable PYTHON names) with PyTorch, and one
//! with diffusers. Where there is none, a line says what is not tested. Where the
//! variable CI is set, PyTorch has to be there.

use diffusion_core::{Moments, generator, randn_like};
use diffusion_testing::python::{self, Lists};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;

/// What `python.py` computes of some lists, if this Python has the module.
fn python(module: &str, given: &[(&str, &[f32])]) -> Option<Lists> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/python.py");
    let given = given.iter().map(|(name, values)| ((*name).into(), values.to_vec()));
    python::run(script, module, &given.collect::<Vec<_>>())
}

/// Both round in their own way, a few units of the last of an f32's 24 bits.
fn assert_agree(name: &str, python: &[f64], rust: &DMatrix<f32>) {
    assert_eq!(python.len(), rust.len(), "{name}");
    for (python, &rust) in python.iter().zip(rust.iter()) {
        let error = (python - f64::from(rust)).abs();
        assert!(error <= 1e-6 * python.abs().max(1.0), "{name}: {python} and {rust}");
    }
}

fn pixels() -> DMatrix<f32> {
    DMatrix::from_fn(3, 200, |row, column| ((7 * row + 13 * column) % 256) as f32 / 255.0)
}

#[test]
fn pytorch_computes_what_the_lessons_compute() {
    let pixels = pixels();
    let x = part_a_very_simple_diffusion::normalize(&pixels);
    let noise = randn_like(&x, &mut generator(7));
    let lists =
        [("pixels", pixels.as_slice()), ("x", x.as_slice()), ("noise", noise.as_slice())];
    let Some(python) = python("torch", &lists) else { return };

    let rng = || generator(7);
    let ours = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let denormalized = part_a_very_simple_diffusion::denormalize(&x);
    let part_a = part_a_very_simple_diffusion::add_noise(&x, 0.5, 0.1, &mut rng());
    let part_b = part_b_fixed_beta_values::add_noise(&x, 0.3, &mut rng());
    let jump = ours.add_noise(&x, 11, &mut rng()).unwrap();
    assert_agree("normalize", &python["normalize"], &x);
    assert_agree("denormalize", &python["denormalize"], &denormalized);
    assert_agree("part_a", &python["part_a"], &part_a);
    assert_agree("part_b", &python["part_b"], &part_b);
    assert_agree("jump", &python["jump"], &jump);

    // What the chapter says of 32 bits.
    let papers = NoiseScheduler::new(1000, 1e-4, 0.02).unwrap();
    for (python, rust) in python["alpha_bar"].iter().zip(papers.alpha_bar()) {
        assert!((python / rust - 1.0).abs() < 1e-4, "{python} and {rust}");
    }
    let in_f32 = |beta: f32| f64::from((1.0 - (1.0 - beta)).sqrt());
    assert_eq!(python["first_noise"], [in_f32(1e-4)]);
    assert_eq!(python["first_noise_too_small"], [in_f32(1e-8)]);
    assert!((in_f32(1e-4) - papers.scales(0).unwrap().1).abs() > 8e-7);
    // `std` divides by one less than the number of values.
    let n = x.len() as f64;
    let std = Moments::of(&x).std * (n / (n - 1.0)).sqrt();
    assert!((python["std"][0] - std).abs() < 1e-6);

    // The loss, of a network that guesses nothing and of one that hands back its input.
    let squares = |x: &DMatrix<f32>| x.iter().map(|&x| f64::from(x * x)).sum::<f64>() / n;
    assert!((python["loss"][0] - squares(&noise)).abs() < 1e-5);
    let points = |x: &DMatrix<f32>| DMatrix::from_column_slice(2, 300, x.as_slice());
    let t: Vec<usize> = python["drawn"].iter().map(|&t| t as usize).collect();
    let x_t = ours.add_given_noise(&points(&x), &points(&noise), &t).unwrap();
    assert!((python["loss_of_x_t"][0] - squares(&(x_t - points(&noise)))).abs() < 1e-5);
}

#[test]
fn diffusers_jumps_where_part_d_jumps() {
    let x = part_a_very_simple_diffusion::normalize(&pixels());
    let noise = randn_like(&x, &mut generator(7));
    let papers = NoiseScheduler::new(1000, 1e-4, 0.02).unwrap();
    let t = [0, 1, 500, 999];
    let timesteps = t.map(|t| t as f32);
    let lists = [("x", x.as_slice()), ("noise", noise.as_slice()), ("t", &timesteps)];
    let Some(python) = python("diffusers", &lists) else { return };
    for t in t {
        let jump = papers.add_noise(&x, t, &mut generator(7)).unwrap();
        let from_python = &python[&format!("jump_{t}")];
        assert_eq!(from_python.len(), jump.len());
        // Its alpha_bar has 32 bits, and the factor of little noise a relative error of
        // 8e-5.
        for (python, &rust) in from_python.iter().zip(jump.iter()) {
            assert!((python - f64::from(rust)).abs() < 1e-5, "t = {t}: {python}, {rust}");
        }
    }
}
