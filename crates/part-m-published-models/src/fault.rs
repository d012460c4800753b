//! What goes wrong when somebody else's network is run: each mistake by itself, put into
//! a setup that is right.

use diffusion_core::{Generator, generator};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::linear;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::ParameterSet;
use part_i_samplers::Spacing;
use part_l_u_net::{NormConfig, UNet, UNetConfig};
use rand::Rng;

use crate::setup::Setup;

/// A mistake.
#[derive(Clone, Copy)]
pub struct Fault {
    /// What it is called.
    pub name: &'static str,
    /// Puts it into a setup.
    pub put_in: fn(Setup) -> Setup,
}

// ANCHOR: faults
/// All of them. The first is none.
pub const FAULTS: [Fault; 14] = [
    Fault { name: "nothing", put_in: |setup| setup },
    // Keys of the network's config.
    Fault {
        name: "padding",
        put_in: |setup| with(setup, |it| it.pads_all_round ^= true),
    },
    Fault { name: "epsilon", put_in: |setup| with_norm(setup, |it| it.epsilon = 1e-6) },
    Fault { name: "groups", put_in: |setup| with_norm(setup, |it| it.groups = 32) },
    Fault { name: "sines", put_in: |setup| with(setup, |it| it.cosines_first ^= true) },
    Fault { name: "shift", put_in: |setup| with(setup, |it| it.frequency_shift = 1.0) },
    Fault { name: "heads", put_in: |setup| with(setup, |it| it.head_size = None) },
    // Its weights.
    Fault { name: "attention", put_in: without_attention },
    // Keys of the scheduler's config.
    Fault {
        name: "prediction",
        put_in: |setup| Setup { kind: PredictionType::Noise, ..setup },
    },
    Fault {
        name: "betas",
        put_in: |setup| Setup { scheduler: ddpm(&setup.scheduler), ..setup },
    },
    // What whoever samples does.
    Fault {
        name: "spacing",
        put_in: |setup| Setup { spacing: Spacing::Leading { offset: 0 }, ..setup },
    },
    Fault { name: "labels", put_in: |setup| Setup { labels: vec![None], ..setup } },
    Fault { name: "time", put_in: |setup| Setup { time_scale: 1e-3, ..setup } },
    Fault { name: "start", put_in: |setup| Setup { start: uniform, ..setup } },
];
// ANCHOR_END: faults

/// The same weights in a network of another config.
fn with(mut setup: Setup, change: impl FnOnce(&mut UNetConfig)) -> Setup {
    let weights = setup.network.parameters.slices().concat();
    let mut config = setup.network.config().clone();
    change(&mut config);
    setup.network = UNet::new(config, &mut generator(0));
    setup.network.parameters.copy_from(&weights);
    setup
}

fn with_norm(setup: Setup, change: impl FnOnce(&mut NormConfig)) -> Setup {
    with(setup, |config| {
        change(&mut config.norm);
        // What diffusers takes for attention in the middle.
        config.middle_groups = Some(config.norm.groups);
    })
}

/// The weights of attention as those of a network that has learned nothing: a loader did
/// not find them by their old names, and went on.
fn without_attention(mut setup: Setup) -> Setup {
    let new = UNet::new(setup.network.config().clone(), &mut generator(0));
    let tensors = setup.network.parameters.tensors().into_iter();
    let are_attention: Vec<bool> =
        tensors.map(|tensor| tensor.name.contains(".attentions.")).collect();
    let places = setup.network.parameters.slices_mut().into_iter();
    for ((place, new), is_attention) in
        places.zip(new.parameters.slices()).zip(are_attention)
    {
        if is_attention {
            place.copy_from_slice(new);
        }
    }
    setup
}

/// The schedule of the DDPM paper, of as many steps.
fn ddpm(scheduler: &NoiseScheduler) -> NoiseScheduler {
    linear(scheduler.steps()).expect("there are steps")
}

/// Numbers from 0 to 1, as `torch.rand` has them, and not `torch.randn`.
fn uniform(x: &DMatrix<f32>, rng: &mut Generator) -> DMatrix<f32> {
    x.map(|_| (rng.next_u32() >> 8) as f32 / (1 << 24) as f32)
}
