//! The mistakes, put into a setup that is right.

use diffusion_core::{generator, randn_like};
use part_e_schedules::cosine;
use part_f_the_way_back::PredictionType;
use part_i_samplers::Spacing;
use part_l_u_net::{UNet, UNetConfig};
use part_m_published_models::{FAULTS, Setup};

#[test]
fn each_mistake_makes_other_pictures() {
    let config = UNetConfig::small(1, 8, vec![32, 64], 3);
    let setup = Setup {
        // Of another seed than the one that takes the place of its attention.
        network: UNet::new(config, &mut generator(7)),
        scheduler: cosine(1000).unwrap(),
        kind: PredictionType::Velocity,
        labels: vec![Some(1), Some(2)],
        spacing: Spacing::Trailing,
        time_scale: 1.0,
        start: |x, rng| randn_like(x, rng),
    };
    let pictures = |setup: &Setup| setup.sample(2, 3, &mut generator(1)).unwrap();
    let right = pictures(&setup);
    for fault in FAULTS {
        let wrong = pictures(&(fault.put_in)(setup.clone()));
        assert_eq!(wrong == right, fault.name == "nothing", "{}", fault.name);
    }
}
