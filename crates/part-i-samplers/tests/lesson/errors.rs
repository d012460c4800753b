//! Walks that make no sense, each an error in a sentence.

use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{cosine_schedule, zero_terminal_snr};
use part_i_samplers::{
    Ddim, DpmSolver, Euler, Heun, Levels, Range, Sampler, Spacing, WalkError, Way,
};

use crate::linear;

fn refusal(result: Result<impl Sized, WalkError>) -> String {
    result.err().expect("an error").to_string()
}

fn begin(sampler: &dyn Sampler, levels: &Levels, range: Range) -> Result<Way, WalkError> {
    Way::new(sampler, levels, range, DMatrix::zeros(2, 2))
}

#[test]
fn timesteps_that_make_no_walk() {
    let scheduler = linear();
    let of = |timesteps: &[usize]| refusal(Levels::of_timesteps(&scheduler, timesteps));
    assert_eq!(of(&[]), "a walk has at least 1 step");
    assert_eq!(
        of(&[5, 7]),
        "after timestep 5 comes timestep 7; expected timesteps that fall, and less noise at \
         each"
    );
    assert_eq!(of(&[7, 7]), of(&[5, 7]).replace("timestep 5 ", "timestep 7 "));
    assert_eq!(
        of(&[1000, 0]),
        "there is no timestep 1000; with 1000 steps, t is from 0 to 999"
    );
    for spacing in [Spacing::Leading { offset: 0 }, Spacing::Linspace, Spacing::Trailing]
    {
        assert_eq!(refusal(spacing.choose(0, 10)), "a walk has at least 1 step");
        assert_eq!(
            refusal(spacing.choose(11, 10)),
            "there are 11 steps for 10 timesteps; expected at most as many"
        );
    }
    assert_eq!(
        refusal(Spacing::Leading { offset: 1 }.choose(10, 10)),
        "there is no timestep 10; with 10 steps, t is from 0 to 9"
    );
}

#[test]
fn samplers_that_cannot_walk() {
    let levels = Levels::of_timesteps(&linear(), &[900, 300]).unwrap();
    let one = Levels::of_timesteps(&linear(), &[900]).unwrap();
    for eta in [-0.1, 1.5, f64::NAN] {
        assert_eq!(
            refusal(begin(&Ddim { eta }, &levels, Range::Any)),
            format!(
                "eta is {eta}; expected a number from 0 (no noise) to 1 (as much as DDPM)"
            )
        );
    }
    for (name, sampler) in
        [("Heun's method", &Heun as &dyn Sampler), ("DPM-Solver++ (2M)", &DpmSolver)]
    {
        assert_eq!(
            refusal(begin(sampler, &one, Range::Any)),
            format!(
                "{name} needs 2 steps to be of second order, and there is 1; expected more"
            )
        );
    }
    begin(&Euler, &one, Range::Any).unwrap();
    let beta = zero_terminal_snr(&cosine_schedule(10).unwrap()).unwrap();
    let ends_in_noise = NoiseScheduler::from_betas(beta).unwrap();
    let levels = Levels::of_timesteps(&ends_in_noise, &[9, 4, 0]).unwrap();
    let infinite = "sigma is infinite at timestep 9, where nothing but noise is left; expected \
                    a schedule that does not end in noise alone, or a sampler that needs no \
                    sigma there";
    assert_eq!(refusal(begin(&Heun, &levels, Range::Any)), infinite);
    begin(&DpmSolver, &levels, Range::Any).unwrap();
    assert_eq!(refusal(Levels::karras(&ends_in_noise, 9, 0, 4)), infinite);
}

#[test]
fn levels_and_ranges_out_of_range() {
    let scheduler = linear();
    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            refusal(Levels::of_sigmas(&scheduler, &[sigma])),
            format!("sigma is {sigma}; expected a finite number above 0")
        );
    }
    assert_eq!(
        refusal(Levels::karras(&scheduler, 9, 0, 0)),
        "a walk has at least 1 step"
    );
    // Karras' levels are closer together than the first timesteps are.
    let levels = Levels::karras(&scheduler, 999, 0, 200).unwrap();
    let sentence = refusal(levels.rounded(&scheduler));
    assert!(sentence.starts_with("after timestep "), "{sentence}");
    let levels = Levels::of_timesteps(&scheduler, &[900, 300]).unwrap();
    for bound in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(
            refusal(begin(&Euler, &levels, Range::Clipped { bound })),
            format!("x0 is kept within {bound}; expected a finite number above 0")
        );
    }
    let range = Range::Thresholded { share: 1.5, most: 2.0 };
    assert_eq!(
        refusal(begin(&Euler, &levels, range)),
        "the share of values within the threshold is 1.5; expected a number from 0 to 1"
    );
}
