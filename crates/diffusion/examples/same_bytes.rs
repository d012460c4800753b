//! Fingerprints of what the lessons compute. They are the same on every machine, in debug
//! and in release: `cargo run -p diffusion --example same_bytes`.

use std::error::Error;

use diffusion::flow_sigmas::{FlowMatchEuler, Shift, SigmaSpacing};
use diffusion::schedules::cosine;
use diffusion::{
    Border, Coupling, Data, Denoiser, ExactDenoiser, Levels, LocalDenoiser,
    NetworkConfig, NoiseLevel, PatchSize, Picture, SAMPLERS, SamplingConfig, Training,
    TrainingConfig, Trajectories, X0Clipping, generator, points, randn_like,
};
use nalgebra::DMatrix;

/// FNV-1a over the bits of all values.
fn fingerprint(what: &str, values: &DMatrix<f32>) {
    let bytes = values.iter().flat_map(|value| value.to_bits().to_le_bytes());
    let print = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |print, byte| {
        (print ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    println!("{print:016x}  {what}");
}

fn main() -> Result<(), Box<dyn Error>> {
    let data = points::spiral(1000, &mut generator(0));
    let noise = randn_like(&data, &mut generator(1));
    fingerprint("noise", &noise);

    let scheduler = cosine(100)?;
    let denoiser = ExactDenoiser::new(&data)?;
    let levels = Levels::karras(&scheduler, [20.0, 0.02], 20)?;
    for named in SAMPLERS {
        let (sampler, clipping) = (named.sampler, X0Clipping::None);
        let config = SamplingConfig { sampler, levels: &levels, clipping };
        let samples = config.sample(&denoiser, noise.clone(), &mut generator(2))?;
        fingerprint(named.title, &samples);
    }

    for spacing in [SigmaSpacing::Karras, SigmaSpacing::Exponential, SigmaSpacing::Beta] {
        let shift = Shift::Exponential { mu: 1.15 };
        let scheduler = FlowMatchEuler { shift, spacing, ..Default::default() };
        let sigmas = scheduler.of_steps(50)?.b().into_iter().map(|b| b as f32).collect();
        fingerprint("sigmas of a flow", &DMatrix::from_vec(1, 51, sigmas));
    }

    let flow = Trajectories::follow(&denoiser, noise.clone(), 20)?;
    fingerprint("flow", flow.samples());
    let coupled = Coupling::OptimalTransport.noise(&[], &data, &mut generator(5));
    fingerprint("optimal transport", &coupled);

    let photo = randn_like(&DMatrix::zeros(3, 32 * 32), &mut generator(3));
    let photo = Picture { x: photo, width: 32, height: 32 };
    let patch = PatchSize::Fixed(7);
    let local = LocalDenoiser::new(photo, [32, 32], patch, Border::Seen)?;
    let x = randn_like(&DMatrix::zeros(3 * 32 * 32, 1), &mut generator(4));
    let prediction = local.predict(&x, NoiseLevel::of_timestep(&scheduler, 30)?)?;
    fingerprint("local denoiser", &prediction.values);

    let network = NetworkConfig {
        values: 2,
        fourier_features: true,
        steps: 100,
        labels: 0,
        hidden: 64,
        residual_layers: 2,
    };
    let config = TrainingConfig::default();
    let data = Data::unlabelled(data);
    let mut training = Training::new(config, network, data, scheduler, 0)?;
    let losses: Result<Vec<f64>, _> = (0..100).map(|_| training.update()).collect();
    let losses = losses?.into_iter().map(|loss| loss as f32).collect();
    fingerprint("training", &DMatrix::from_vec(1, 100, losses));
    Ok(())
}
