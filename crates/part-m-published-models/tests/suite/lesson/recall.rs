//! A network beside the exact denoiser.

use diffusion_core::{generator, points, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Prediction, PredictionType,
};
use part_m_published_models::Recall;

/// Stands for a network: it takes what is above a half for a half.
struct Half;

impl Denoiser for Half {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let values = x.map(|value| (value / at.a as f32).clamp(-0.5, 0.5));
        Ok(Prediction { kind: PredictionType::X0, values })
    }
}

const AT: NoiseLevel = NoiseLevel { t: 500.0, a: 0.8, b: 0.6 };

/// Equation M.1.
#[test]
fn errors_add_up() {
    let mut rng = generator(0);
    let data = points::moons(20, &mut rng);
    let exact = ExactDenoiser::new(&data).unwrap();
    let all: Vec<usize> = (0..20).cycle().take(40_000).collect();
    let x0 = data.select_columns(&all);
    let noise = randn_like(&x0, &mut rng);
    let Recall { network, exact, apart } =
        Recall::of(&Half, &exact, &x0, &noise, AT).unwrap();
    assert!(exact > 0.05 && apart > 0.05, "{exact} and {apart}");
    assert!((network / (exact + apart) - 1.0).abs() < 0.01, "{network}");
}

#[test]
fn the_exact_denoiser_is_no_distance_from_itself() {
    let mut rng = generator(1);
    let data = points::spiral(50, &mut rng);
    let exact = ExactDenoiser::new(&data).unwrap();
    let noise = randn_like(&data, &mut rng);
    let recall = Recall::of(&exact.clone(), &exact, &data, &noise, AT).unwrap();
    assert_eq!(recall.network, recall.exact);
    assert_eq!(recall.apart, 0.0);
    // With hardly any noise, it knows each datum, and nothing else.
    let clean = NoiseLevel { t: 0.0, a: 1.0, b: 1e-4 };
    let of = |x0: &DMatrix<f32>| Recall::of(&Half, &exact, x0, &noise, clean).unwrap();
    assert!(of(&data).exact < 1e-9);
    assert!(of(&data.add_scalar(0.5)).exact > 0.01);
}
