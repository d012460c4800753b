//! What every method has to do if nothing is seen, and if everything is.

use diffusion_core::generator;
use part_i_samplers::{Ddim, SamplingConfig, X0Clipping};
use part_n_to_order::{
    ConditionalDenoiser, Ddrm, Dps, METHODS, Measurement, Method, Observation, PiGdm,
    Plain, RePaint, Replacement, WithoutJacobian, method_list,
};

use super::{levels, moons, normal, nothing, sampled};

#[test]
fn if_nothing_is_seen_each_is_the_sampler() {
    let (data, nothing) = (moons(0.02), nothing(2));
    for eta in [0.0, 0.6, 1.0] {
        let levels = levels(20);
        let clipping = X0Clipping::None;
        let config = SamplingConfig { sampler: &Ddim { eta }, levels: &levels, clipping };
        let noise = normal(2, 50, &mut generator(7));
        let expected = config.sample(&data, noise, &mut generator(8)).unwrap();
        let once = RePaint { resamplings: 1, jump: 5 };
        let methods: [&dyn Method; 6] =
            [&Plain, &Replacement, &once, &Dps::Length(1.0), &Dps::Square(1.0), &PiGdm];
        for method in methods {
            assert_eq!(sampled(&data, &nothing, (method, eta), (20, 50)), expected);
        }
        if eta == 0.0 {
            let ddrm = Ddrm { eta: 0.0, eta_b: 1.0 };
            let x = sampled(&data, &nothing, (&ddrm, 1.0), (20, 50));
            assert!((x - expected).amax() < 1e-3);
        }
    }
}

/// Those that put what was seen in its place come to it, and the exact one does.
#[test]
fn if_everything_is_seen_some_come_to_it() {
    let data = moons(0.05);
    let everything = Measurement::mask(2, &[0, 1]).unwrap();
    let x0 = data.data().column(3).into_owned();
    let y = x0.as_slice().to_vec();
    let observation = Observation { measurement: everything, y, noise: 0.0 };
    let furthest = |method: &dyn Method| {
        let x = sampled(&data, &observation, (method, 1.0), (50, 40));
        let away = x.column_iter().map(|x| (x - &x0).amax());
        away.fold(0.0, f32::max)
    };
    for name in ["replacement", "repaint", "ddrm"] {
        let furthest = furthest(&method_list::named(name).unwrap().method);
        assert!(furthest < 1e-6, "{name}: {furthest:e}");
    }
    let exact = ConditionalDenoiser::new(&data, &observation).unwrap();
    let exact = WithoutJacobian(exact);
    let x = sampled(&exact, &observation, (&Plain, 1.0), (50, 40));
    assert!(x.column_iter().all(|x| (x - &x0).amax() < 1e-5));
    // The others go towards it, and miss it.
    for name in ["dps", "pigdm"] {
        let furthest = furthest(&method_list::named(name).unwrap().method);
        assert!(furthest > 1e-4 && furthest.is_finite(), "{name}: {furthest:e}");
    }
}

#[test]
fn each_method_has_a_name_of_its_own() {
    for (place, named) in METHODS.iter().enumerate() {
        let found = method_list::named(named.name).unwrap();
        assert_eq!(found.title, named.title);
        assert_eq!(METHODS.iter().position(|it| it.name == named.name), Some(place));
    }
    assert!(method_list::named("exact").is_none());
}

/// The way of RePaint, level by level: 9 levels with jumps of 3 and 2 resamplings, as
/// the paper's schedule has it.
#[test]
fn repaint_turns_back_as_often_as_it_says() {
    let levels = levels(9);
    let method = RePaint { resamplings: 2, jump: 3 };
    let all = levels.as_slice();
    let place = |level: &part_f_the_way_back::NoiseLevel| {
        all.iter().position(|it| it == level).unwrap_or(all.len())
    };
    let steps = method.trajectory(&levels);
    let way: Vec<usize> = steps.iter().map(|step| place(&step.to)).collect();
    let expected = [1, 2, 3, 4, 5, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8, 9];
    assert_eq!(way, expected);
    assert!(steps.windows(2).all(|pair| pair[0].to == pair[1].from));
    assert_eq!(place(&steps[0].from), 0);
    let once = RePaint { resamplings: 1, jump: 3 }.trajectory(&levels);
    assert_eq!(once.len(), 9);
    let beyond = RePaint { resamplings: 4, jump: 20 }.trajectory(&levels);
    assert_eq!(beyond.len(), 9);
}
