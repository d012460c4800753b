//! The Python of flows in the chapter "Coming from PyTorch", run on the lessons' noise: it
//! makes what the lessons make.

use diffusion_core::{generator, randn_like};
use diffusion_testing::python;
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_f_the_way_back::{Denoiser, FlowPath, PredictionType};
use part_h_learning_to_denoise::Examples;
use part_i_samplers::Euler;
use part_j_flow_matching::Trajectories;
use part_j_flow_matching::levels::shifted_levels;
use part_j_flow_matching::normal_data::NormalData;

const DATA: NormalData = NormalData { std: 0.5 };

#[test]
fn pytorch_has_the_flows_of_the_lessons() {
    let x = randn_like(&DMatrix::zeros(2, 50), &mut generator(0));
    let x0 = 0.5 * randn_like(&x, &mut generator(1));
    let scheduler = cosine(1000).unwrap();
    let given = [
        ("x", x.as_slice().to_vec()),
        ("x0", x0.as_slice().to_vec()),
        ("alpha_bar", scheduler.alpha_bar().iter().map(|&it| it as f32).collect()),
    ];
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/python.py");
    let given = given.map(|(name, values)| (name.to_owned(), values));
    let Some(python) = python::run(script, "torch", &given) else { return };

    let levels = shifted_levels(10, 3.0).unwrap();
    let samples = Trajectories::of_sampler(&DATA, x.clone(), &Euler, &levels).unwrap();
    let at = FlowPath::level(0.4);
    let exact = |time| {
        let at = FlowPath::level(time);
        DATA.predict(&x, at).unwrap().flow(&x, at)
    };
    let [early, flow, late] = [1.0, 0.4, 0.002].map(exact);
    let (levels, labels) = (vec![at; 50], vec![None; 50]);
    let kind = PredictionType::Flow;
    let examples = Examples::of_pairs(x0, x, levels, labels, kind);
    let predicted = DATA.predict(&examples.x, at).unwrap().flow(&examples.x, at);
    let loss = (predicted - examples.targets).map(|error| error * error).mean();
    let loss = DMatrix::from_element(1, 1, loss);
    // Their flow of the noise goes by the nearest timestep, which may be a thousandth away.
    // Near the data, where the schedule has none, the first one's noise is 2 % off.
    let ours = [
        ("samples", samples.samples(), 1e-5),
        ("loss", &loss, 1e-5),
        ("early", &early, 1e-3),
        ("flow", &flow, 5e-3),
        ("late", &late, 7e-2),
    ];
    for (name, ours, bound) in ours {
        assert_eq!(python[name].len(), ours.len());
        for (theirs, &ours) in python[name].iter().zip(ours.iter()) {
            assert!((theirs - f64::from(ours)).abs() < bound, "{name}: {theirs}, {ours}");
        }
    }
}
