//! The names and the shapes of all numbers are those that diffusers has.

use diffusion_core::generator;
use part_h_learning_to_denoise::ParameterSet;
use part_l_u_net::initial::Zeros;
use part_l_u_net::{NormConfig, Parameters, UNetConfig, cost};

use super::{as_published, config};

fn of_32_groups(config: UNetConfig) -> UNetConfig {
    UNetConfig {
        norm: NormConfig { groups: 32, ..config.norm },
        middle_groups: Some(32),
        blocks: 2,
        ..config
    }
}

/// The grey one of 28 × 28.
pub fn grey() -> UNetConfig {
    let config = config(&[32, 64, 64], ["DAA", "AAD"]);
    of_32_groups(UNetConfig { size: [28, 28], channels: [1, 1], ..config })
}

/// google/ddpm-cifar10-32.
pub fn cifar() -> UNetConfig {
    let widths = [128, 256, 256, 256];
    let config = as_published(of_32_groups(config(&widths, ["DADD", "DDAD"])));
    UNetConfig { size: [32, 32], ..config }
}

/// google/ddpm-cat-256 and the others of its size. What is learned doesn't depend on that.
pub fn of_256_pixels() -> UNetConfig {
    let widths = [128, 128, 256, 256, 512, 512];
    let config = as_published(of_32_groups(config(&widths, ["DDDDAD", "DADDDD"])));
    UNetConfig { size: [32, 32], ..config }
}

/// That of the Hugging Face course.
pub fn butterflies() -> UNetConfig {
    let config = of_32_groups(config(&[64, 128, 128, 256], ["DDAA", "AADD"]));
    UNetConfig { size: [32, 32], ..config }
}

#[track_caller]
fn check(config: &UNetConfig, numbers: usize, tensors: usize) {
    let mut parameters = Parameters::new(config, &mut Zeros);
    let counted: Vec<usize> = parameters.slices().iter().map(|s| s.len()).collect();
    let changed: Vec<usize> = parameters.slices_mut().iter().map(|s| s.len()).collect();
    assert!(counted == changed, "in the same order");
    assert_eq!((parameters.count(), counted.len()), (numbers, tensors));
    assert_eq!(cost::parameters(config), numbers as u64);
}

#[test]
fn all_names_of_a_network() {
    let parameters = Parameters::new(&grey(), &mut generator(0));
    let mut ours: Vec<String> = parameters
        .tensors()
        .iter()
        .map(|tensor| {
            let shape: Vec<String> = tensor.shape.iter().map(usize::to_string).collect();
            assert_eq!(tensor.shape.iter().product::<usize>(), tensor.numbers.len());
            format!("{},{}", tensor.name, shape.join(" "))
        })
        .collect();
    ours.sort();
    let expected: Vec<&str> = include_str!("names.csv").lines().collect();
    for (ours, expected) in ours.iter().zip(&expected) {
        assert_eq!(ours, expected);
    }
    assert_eq!(ours.len(), expected.len());
}

#[test]
fn a_grey_network() {
    check(&grey(), 1_707_009, 318);
}

#[test]
fn the_network_for_cifar() {
    check(&cifar(), 35_746_307, 328);
}

#[test]
fn the_networks_for_256_pixels() {
    check(&of_256_pixels(), 113_673_219, 450);
}

#[test]
fn the_network_for_butterflies() {
    check(&butterflies(), 18_536_323, 380);
}

#[test]
#[should_panic = "12 channels, 8 in a head"]
fn heads_that_do_not_fit() {
    Parameters::new(&config(&[12, 12], ["DA", "AD"]), &mut generator(0));
}

#[test]
#[should_panic = "6 channels, 4 groups"]
fn groups_that_do_not_fit() {
    Parameters::new(&config(&[6], ["D", "D"]), &mut generator(0));
}

#[test]
#[should_panic = "[8, 10]"]
fn sizes_that_can_not_be_halved() {
    let config = config(&[8, 8, 8], ["DDD", "DDD"]);
    Parameters::new(&UNetConfig { size: [8, 10], ..config }, &mut generator(0));
}

#[test]
#[should_panic = "attention or not"]
fn attention_for_other_widths() {
    Parameters::new(&config(&[8, 8], ["DAD", "AD"]), &mut generator(0));
}
