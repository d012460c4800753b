//! What makes no sense, each an error in a sentence.

use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{cosine_schedule, zero_terminal_snr};
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{
    Ddim, DpmSolver, Euler, Levels, Sampler, Sampling, SamplingConfig, SamplingError,
    Spacing, X0Clipping,
};

use super::{HEUN, HEUN_IN_T, level, linear};

fn refusal(result: Result<impl Sized, SamplingError>) -> String {
    result.err().expect("an error").to_string()
}

fn begin(
    sampler: &dyn Sampler,
    levels: &Levels,
    clipping: X0Clipping,
) -> Result<Sampling, SamplingError> {
    let config = SamplingConfig { sampler, levels, clipping };
    Sampling::new(&config, DMatrix::zeros(2, 2))
}

#[test]
fn timesteps_that_make_no_levels() {
    let scheduler = linear();
    let of = |timesteps: &[usize]| refusal(Levels::of_timesteps(&scheduler, timesteps));
    assert_eq!(of(&[]), "sampling takes at least 1 step");
    let sigma = |t| level(&scheduler, t).sigma();
    assert_eq!(
        of(&[5, 7]),
        format!(
            "after sigma {} comes sigma {}; expected levels with less noise over signal each \
             time",
            sigma(5),
            sigma(7)
        )
    );
    assert!(of(&[7, 7]).starts_with(&format!("after sigma {} comes", sigma(7))));
    assert_eq!(
        of(&[1000, 0]),
        "there is no timestep 1000; with 1000 steps, t is from 0 to 999"
    );
    for spacing in [Spacing::Leading { offset: 0 }, Spacing::Linspace, Spacing::Trailing]
    {
        assert_eq!(refusal(spacing.timesteps(0, 10)), "sampling takes at least 1 step");
        assert_eq!(
            refusal(spacing.timesteps(11, 10)),
            "11 steps are more than the 10 of the schedule; expected at most as many"
        );
    }
    assert_eq!(
        refusal(Spacing::Leading { offset: 1 }.timesteps(10, 10)),
        "there is no timestep 10; with 10 steps, t is from 0 to 9"
    );
}

#[test]
fn samplers_that_cannot_take_the_levels() {
    let levels = Levels::of_timesteps(&linear(), &[900, 300]).unwrap();
    let one = Levels::of_timesteps(&linear(), &[900]).unwrap();
    for eta in [-0.1, 1.5, f64::NAN] {
        assert_eq!(
            refusal(begin(&Ddim { eta }, &levels, X0Clipping::None)),
            format!(
                "eta is {eta}; expected a number from 0 (no noise) to 1 (as much as DDPM)"
            )
        );
    }
    for (name, sampler) in
        [("Heun's method", &HEUN as &dyn Sampler), ("DPM-Solver++ (2M)", &DpmSolver)]
    {
        assert_eq!(
            refusal(begin(sampler, &one, X0Clipping::None)),
            format!(
                "{name} needs 2 steps to be of second order, and there is 1; expected more"
            )
        );
    }
    begin(&Euler, &one, X0Clipping::None).unwrap();
    let beta = zero_terminal_snr(&cosine_schedule(10).unwrap()).unwrap();
    let ends_in_noise = NoiseScheduler::from_betas(beta).unwrap();
    let levels = Levels::of_timesteps(&ends_in_noise, &[9, 4, 0]).unwrap();
    let infinite = "sigma is infinite at timestep 9, where nothing but noise is left; expected \
                    the coordinate t, or levels that begin at a finite sigma, as Karras' do";
    assert_eq!(refusal(begin(&HEUN, &levels, X0Clipping::None)), infinite);
    for sampler in [&DpmSolver as &dyn Sampler, &Euler, &Ddim { eta: 0.0 }, &HEUN_IN_T] {
        begin(sampler, &levels, X0Clipping::None).unwrap();
    }
    let infinite = Levels::karras(&ends_in_noise, sigma_range(&ends_in_noise), 4);
    assert_eq!(refusal(infinite), "sigma is inf; expected a finite number above 0");
    Levels::karras(&ends_in_noise, [80.0, 0.1], 4).unwrap();
}

#[test]
fn levels_and_clipping_out_of_range() {
    let scheduler = linear();
    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            refusal(Levels::of_sigmas(&scheduler, &[sigma])),
            format!("sigma is {sigma}; expected a finite number above 0")
        );
    }
    assert_eq!(
        refusal(Levels::karras(&scheduler, [80.0, 0.1], 0)),
        "sampling takes at least 1 step"
    );
    let rising = refusal(Levels::karras(&scheduler, [0.1, 80.0], 5));
    assert!(rising.starts_with("after sigma 0.1"), "{rising}");
    let without_noise = NoiseLevel { t: 0.0, a: 1.0, b: 0.0 };
    let last = refusal(Levels::new(vec![level(&scheduler, 5), without_noise]));
    assert_eq!(last, "sigma is 0; expected a finite number above 0");
    let levels = Levels::of_timesteps(&scheduler, &[900, 300]).unwrap();
    for bound in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(
            refusal(begin(&Euler, &levels, X0Clipping::Fixed { bound })),
            format!("x0 is kept within {bound}; expected a finite number above 0")
        );
    }
    let clipping = X0Clipping::Dynamic { fraction: 1.5, max: 2.0 };
    assert_eq!(
        refusal(begin(&Euler, &levels, clipping)),
        "the fraction of values within the threshold is 1.5; expected a number from 0 to 1"
    );
}
