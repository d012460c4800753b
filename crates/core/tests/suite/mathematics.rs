//! Are `exp`, `ln`, `sin` and `cos` exact, and the same on every machine?
#![allow(
    clippy::disallowed_methods,
    reason = "the system's are what ours are held against"
)]

use std::iter::repeat_with;

use diffusion_core::{generator, mathematics};
use rand::Rng;

/// A function, the system's, and a checksum of its values.
type Function<T> = (&'static str, fn(T) -> T, fn(T) -> T, u64);

const OF_F32: [Function<f32>; 4] = [
    ("exp", mathematics::f32::exp, f32::exp, 11_523_350_613_313_292_746),
    ("ln", mathematics::f32::ln, f32::ln, 10_751_685_847_964_304_320),
    ("sin", mathematics::f32::sin, f32::sin, 15_426_826_088_574_897_604),
    ("cos", mathematics::f32::cos, f32::cos, 6_278_636_457_859_782_574),
];

const OF_F64: [Function<f64>; 4] = [
    ("exp", mathematics::f64::exp, f64::exp, 7_348_411_364_934_137_843),
    ("ln", mathematics::f64::ln, f64::ln, 4_544_158_181_519_077_592),
    ("sin", mathematics::f64::sin, f64::sin, 2_770_826_738_490_576_686),
    ("cos", mathematics::f64::cos, f64::cos, 7_334_192_933_571_031_241),
];

/// Numbers from -128 to 128, numbers of any size, and those that are special.
fn numbers() -> impl Iterator<Item = f64> {
    let special = [0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let (mut near, mut any) = (generator(0), generator(1));
    let near = repeat_with(move || near.next_u64() as i64 as f64 / (1_u64 << 56) as f64);
    let any = repeat_with(move || f64::from_bits(any.next_u64()));
    special.into_iter().chain(near.take(100_000)).chain(any.take(100_000))
}

#[test]
fn values_of_f64_are_within_a_unit_in_the_last_place() {
    for (name, ours, systems, _) in OF_F64 {
        for x in numbers() {
            // The system's are, too. So they are two units apart at most.
            let (ours, theirs) = (ours(x), systems(x));
            let close = (theirs.next_down().next_down()..=theirs.next_up().next_up())
                .contains(&ours);
            assert!(
                close || ours.is_nan() && theirs.is_nan(),
                "{name} {x}: {ours}, not {theirs}"
            );
        }
    }
}

#[test]
fn values_of_f32_are_within_a_unit_in_the_last_place() {
    let systems_of_f64 = OF_F64.map(|(_, _, systems, _)| systems);
    for ((name, ours, ..), exact) in OF_F32.into_iter().zip(systems_of_f64) {
        for x in numbers().map(|x| x as f32) {
            let (ours, exact) = (ours(x), exact(x.into()));
            let (below, above) = (ours.next_down().into(), ours.next_up().into());
            assert!(
                (below..=above).contains(&exact) || ours.is_nan() && exact.is_nan(),
                "{name} {x}: {ours}, not {exact}"
            );
        }
    }
}

#[test]
fn values_have_the_same_bits_forever() {
    // In debug and release, on every machine, and after any update of libm. Should these
    // change, so does every run.
    let mixed = |sum: u64, bits: u64| {
        (sum ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    for (name, function, _, checksum) in OF_F64 {
        let values = numbers().map(function).filter(|value| !value.is_nan());
        assert_eq!(values.map(f64::to_bits).fold(0, mixed), checksum, "{name} of f64");
    }
    for (name, function, _, checksum) in OF_F32 {
        let values =
            numbers().map(|x| function(x as f32)).filter(|value| !value.is_nan());
        let bits = values.map(|value| u64::from(value.to_bits()));
        assert_eq!(bits.fold(0, mixed), checksum, "{name} of f32");
    }
}

#[test]
fn the_edges_are_where_they_are_said_to_be() {
    let exp = mathematics::f32::exp;
    assert!(exp(88.72).is_finite() && exp(88.73).is_infinite());
    assert!(exp(-103.97) > 0.0 && exp(-103.98) == 0.0);
    let exp = mathematics::f64::exp;
    assert!(exp(709.78).is_finite() && exp(709.79).is_infinite());
    assert!(exp(-745.13) > 0.0 && exp(-745.14) == 0.0);
    assert_eq!(mathematics::f32::ln(0.0), f32::NEG_INFINITY);
    assert_eq!(mathematics::f64::ln(0.0), f64::NEG_INFINITY);
    assert!(mathematics::f32::ln(-1.0).is_nan() && mathematics::f64::ln(-1.0).is_nan());
}

/// Every 37th of all numbers, from where it is 0 to where it is infinite.
#[test]
fn quick_powers_of_2_are_within_two_units() {
    let quick_exp2 = mathematics::f32::quick_exp2;
    let mut sum = 0_u64;
    for x in (0..=u32::MAX).step_by(37).map(f32::from_bits) {
        let (ours, exact) = (quick_exp2(x), f64::from(x).exp2());
        if x.is_nan() {
            assert!(ours.is_nan());
            continue;
        }
        sum = (sum ^ u64::from(ours.to_bits()))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(31);
        match x {
            x if x >= 127.5 => assert_eq!(ours, f32::INFINITY, "{x}"),
            x if x < -126.5 => assert_eq!(ours, 0.0, "{x}"),
            x if x <= -126.0 => assert!((f64::from(ours) - exact).abs() < 1e-44, "{x}"),
            _ => {
                let error = (f64::from(ours) / exact - 1.0).abs();
                assert!(error < 1.3e-7, "{x}: {ours:e}, not {exact:e}");
            }
        }
    }
    assert_eq!([0.0, 1.0, -1.0, 10.0].map(quick_exp2), [1.0, 2.0, 0.5, 1024.0]);
    assert_eq!(sum, 8_330_383_687_575_965_225, "the same bits forever");
}
