//! The samples in `reference.csv`, which `reference.py` made of the same noise.

use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::Levels;
use part_n_to_order::inversion::inverted;
use part_n_to_order::sdedit::{begun, levels_of_strength};
use part_n_to_order::{
    Ddrm, Dps, Measurement, Method, Observation, Order, PiGdm, Plain, RePaint,
    Replacement, SmoothedData,
};

const DATA: [[f32; 3]; 5] = [
    [-0.8, 0.3, 0.5],
    [0.6, -0.4, 0.1],
    [0.2, 0.9, -0.7],
    [-0.1, -0.6, -0.3],
    [0.9, 0.5, 0.8],
];

const PICTURES: [f32; 6] = [0.5, -0.2, 0.3, -0.6, 0.1, 0.2];

/// Numbers that look like noise, one after the other.
fn noise() -> impl FnMut(&DMatrix<f32>) -> DMatrix<f32> {
    let mut drawn = 0;
    move |x| {
        x.map(|_| {
            let value = 1.4 * (12.9898 * f64::from(drawn) + 1.0).sin();
            drawn += 1;
            value as f32
        })
    }
}

#[test]
fn they_are_made_of_the_same_noise() {
    let data: Vec<f32> = DATA.concat();
    let data = SmoothedData::new(DMatrix::from_vec(3, 5, data), 0.2).unwrap();
    let measurement = Measurement::mask(3, &[0, 2]).unwrap();
    let observation = Observation { measurement, y: vec![0.35, -0.15], noise: 0.25 };
    let level = |b: f64| NoiseLevel { t: 0.0, a: (1.0 - b * b).sqrt(), b };
    let levels = [0.98, 0.9, 0.75, 0.55, 0.35, 0.15].map(level);
    let levels = Levels::new(levels.to_vec()).unwrap();
    let order = Order { denoiser: &data, observation: &observation, eta: 1.0 };
    let zeros = DMatrix::zeros(3, 2);
    let made = |method: &dyn Method| {
        let mut noise = noise();
        let first = noise(&zeros);
        order.sample(method, &levels, first, &mut noise).unwrap()
    };
    let sdedit = || {
        let levels = levels_of_strength(&levels, 0.5).unwrap();
        let mut noise = noise();
        let x0 = DMatrix::from_fn(3, 2, |row, _| PICTURES[row]);
        let x = begun(&x0, &noise(&zeros), &levels);
        order.sample(&Plain, &levels, x, &mut noise).unwrap()
    };
    let mut held = 0;
    for line in include_str!("reference.csv").lines().skip(1) {
        let (name, values) = line.split_once(',').unwrap();
        let x = match name {
            "replacement" => made(&Replacement),
            "repaint" => made(&RePaint { resamplings: 2, jump: 2 }),
            "dps" => made(&Dps::Length(0.4)),
            "dps-square" => made(&Dps::Square(0.4)),
            "pigdm" => made(&PiGdm),
            "ddrm" => made(&Ddrm { eta: 0.85, eta_b: 1.0 }),
            "sdedit" => sdedit(),
            "inversion" => {
                let pictures = DMatrix::from_column_slice(3, 2, &PICTURES);
                inverted(&data, &levels, pictures).unwrap()
            }
            name => panic!("{name}"),
        };
        let values: Vec<f64> = values.split(',').map(|it| it.parse().unwrap()).collect();
        assert_eq!(values.len(), 6);
        for (ours, reference) in x.iter().zip(values) {
            let error = (f64::from(*ours) - reference).abs();
            assert!(error < 1e-4, "{name}: {ours}, not {reference}");
        }
        held += 1;
    }
    assert_eq!(held, 8);
}
