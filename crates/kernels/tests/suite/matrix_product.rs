//! Is a matrix product the sum that its documentation says, bit for bit and in every way
//! that it is computed?
#![allow(clippy::disallowed_methods, reason = "a fused product is what ours must not be")]

use diffusion_kernels::Instructions;
use diffusion_kernels::matrix_product::{
    mul, mul_to, mul_tr, mul_tr_to, tr_mul, tr_mul_to,
};
use nalgebra::DMatrix;
use proptest::prelude::*;
use proptest::sample::select;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

const ALL: [Instructions; 3] =
    [Instructions::Plain, Instructions::Avx2, Instructions::Avx512];

type InTo = fn(Instructions, &DMatrix<f32>, &DMatrix<f32>, &mut DMatrix<f32>);

/// What becomes of the factors, and the product that takes them so.
const FORMS: [(&str, InTo); 3] = [
    ("A B", Instructions::mul_to),
    ("Aᵀ B", Instructions::tr_mul_to),
    ("A Bᵀ", Instructions::mul_tr_to),
];

/// The factors of `a` and `b` that the form wants to make `a b` of.
fn factors(
    form: &str,
    a: &DMatrix<f32>,
    b: &DMatrix<f32>,
) -> (DMatrix<f32>, DMatrix<f32>) {
    match form {
        "A B" => (a.clone(), b.clone()),
        "Aᵀ B" => (a.transpose(), b.clone()),
        "A Bᵀ" => (a.clone(), b.transpose()),
        _ => unreachable!("there are three forms"),
    }
}

/// The sum as it is documented.
fn one_after_the_other(a: &DMatrix<f32>, b: &DMatrix<f32>) -> DMatrix<f32> {
    DMatrix::from_fn(a.nrows(), b.ncols(), |row, column| {
        let mut sum = 0.0;
        for k in 0..a.ncols() {
            let product = a[(row, k)] * b[(k, column)];
            sum += product;
        }
        sum
    })
}

/// The bits of all values. Of a NaN, only that it is one.
fn bits(x: &DMatrix<f32>) -> Vec<u32> {
    let one_nan = |value: &f32| if value.is_nan() { f32::NAN } else { *value };
    x.iter().map(one_nan).map(f32::to_bits).collect()
}

/// What the values of a matrix are like.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// Between -1 and 1.
    Small,
    /// Any bits at all: of any size, infinite, and no number.
    AnyBits,
    /// Mostly between -1 and 1, with a few that need care.
    Special,
}

fn matrix(rows: usize, columns: usize, values: Values, seed: u64) -> DMatrix<f32> {
    const SPECIAL: [f32; 8] = [
        0.0,
        -0.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
    ];
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    DMatrix::from_fn(rows, columns, |_, _| {
        let random = rng.next_u32();
        let small = (random >> 8) as f32 / (1 << 23) as f32 - 1.0;
        match values {
            Values::Small => small,
            Values::AnyBits => f32::from_bits(random),
            Values::Special if random.is_multiple_of(97) => {
                SPECIAL[random as usize / 97 % 8]
            }
            Values::Special => small,
        }
    })
}

/// Around the sizes of tiles, blocks and vectors, and others.
fn length() -> impl Strategy<Value = usize> {
    const EDGES: [usize; 17] =
        [0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129];
    prop_oneof![select(&EDGES), 0..70_usize]
}

/// Around the sizes of the blocks of the sums, which go through the registers 256 at a
/// time.
fn depth() -> impl Strategy<Value = usize> {
    prop_oneof![length(), select(&[255, 256, 257, 511, 512, 513, 601])]
}

proptest! {
    #[test]
    fn every_value_is_the_documented_sum(
        (m, k, n) in (length(), depth(), length()),
        values in select(&[Values::Small, Values::AnyBits, Values::Special]),
        seed: u64,
    ) {
        let a = matrix(m, k, values, seed);
        let b = matrix(k, n, values, seed ^ 1);
        let expected = bits(&one_after_the_other(&a, &b));
        for (form, product) in FORMS {
            let (a, b) = factors(form, &a, &b);
            for instructions in ALL {
                // Whatever is there before is not in the result.
                let mut c = DMatrix::from_element(m, n, f32::NAN);
                product(instructions, &a, &b, &mut c);
                prop_assert!(bits(&c) == expected, "{form} with {instructions:?}");
            }
        }
    }

    #[test]
    fn the_error_is_bounded(
        (m, k, n) in (length(), depth(), length()),
        seed: u64,
    ) {
        let a = matrix(m, k, Values::Small, seed);
        let b = matrix(k, n, Values::Small, seed ^ 1);
        let c = mul(&a, &b);
        let wide = |x: &DMatrix<f32>| x.map(f64::from);
        let exact = wide(&a) * wide(&b);
        let size = wide(&a).abs() * wide(&b).abs();
        // Each product is rounded once and then k - 1 times as part of the sum, in f64
        // too. A tiny product loses up to half of the smallest f32 instead.
        let gamma = |unit: f64| k as f64 * unit / (1.0 - k as f64 * unit);
        let relative = gamma(f64::from(f32::EPSILON) / 2.0) + gamma(f64::EPSILON / 2.0);
        let lost = k as f64 * f64::from(f32::from_bits(1)) / 2.0;
        for ((c, exact), size) in c.iter().zip(&exact).zip(&size) {
            let error = (f64::from(*c) - exact).abs();
            prop_assert!(error <= relative * size + lost, "{c}, not {exact}");
        }
    }
}

/// Large enough to be shared among threads, and of lengths that no block divides.
fn large() -> (DMatrix<f32>, DMatrix<f32>) {
    (matrix(211, 307, Values::Small, 1), matrix(307, 401, Values::Small, 2))
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (a, b) = large();
    let expected = bits(&one_after_the_other(&a, &b));
    for threads in [1, 2, 5, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for (form, product) in FORMS {
            let (a, b) = factors(form, &a, &b);
            for instructions in ALL {
                let mut c = DMatrix::from_element(211, 401, f32::NAN);
                pool.install(|| product(instructions, &a, &b, &mut c));
                assert!(
                    bits(&c) == expected,
                    "{form}, {instructions:?}, {threads} threads"
                );
            }
        }
    }
}

#[test]
fn a_product_has_the_same_bits_forever() {
    // In debug and release, on every processor, and after any update of the compiler.
    let (a, b) = large();
    let mixed = |sum: u64, bits| {
        (sum ^ u64::from(bits)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    assert_eq!(bits(&mul(&a, &b)).into_iter().fold(0, mixed), CHECKSUM);
}

const CHECKSUM: u64 = 3_586_406_986_168_297_101;

#[test]
fn a_product_is_not_fused() {
    // (1 + ε)(1 - ε) = 1 - ε² is 1 when it is rounded, but not when it is fused with the
    // sum.
    let e = f32::EPSILON;
    let a = DMatrix::from_row_slice(1, 2, &[-1.0, 1.0 + e]);
    let b = DMatrix::from_row_slice(2, 1, &[1.0, 1.0 - e]);
    assert_eq!((1.0 + e).mul_add(1.0 - e, -1.0), -e * e);
    for instructions in ALL {
        let mut c = DMatrix::zeros(1, 1);
        instructions.mul_to(&a, &b, &mut c);
        assert_eq!(c[(0, 0)].to_bits(), 0);
    }
}

#[test]
fn new_and_given_matrices_hold_the_same() {
    let (a, b) = (matrix(5, 7, Values::Small, 1), matrix(7, 3, Values::Small, 2));
    let (at, bt) = (a.transpose(), b.transpose());
    let expected = one_after_the_other(&a, &b);
    let mut c = DMatrix::zeros(5, 3);
    mul_to(&a, &b, &mut c);
    assert_eq!(c, expected);
    c.fill(0.0);
    tr_mul_to(&at, &b, &mut c);
    assert_eq!(c, expected);
    c.fill(0.0);
    mul_tr_to(&a, &bt, &mut c);
    assert_eq!(c, expected);
    assert_eq!(mul(&a, &b), expected);
    assert_eq!(tr_mul(&at, &b), expected);
    assert_eq!(mul_tr(&a, &bt), expected);
}

#[test]
fn shapes_have_to_fit() {
    let fits =
        |product: InTo, a: (usize, usize), b: (usize, usize), c: (usize, usize)| {
            let zeros = |(rows, columns)| DMatrix::zeros(rows, columns);
            std::panic::catch_unwind(|| {
                product(Instructions::fastest(), &zeros(a), &zeros(b), &mut zeros(c));
            })
            .is_ok()
        };
    for (form, product) in FORMS {
        let (a, b) = factors(form, &DMatrix::zeros(2, 3), &DMatrix::zeros(3, 4));
        let (a, b) = (a.shape(), b.shape());
        assert!(fits(product, a, b, (2, 4)), "{form}");
        assert!(!fits(product, a, b, (4, 2)), "{form}: too few rows");
        assert!(!fits(product, a, b, (3, 4)), "{form}: a row too many");
        assert!(!fits(product, a, b, (2, 5)), "{form}: a column too many");
        let (longer, _) = factors(form, &DMatrix::zeros(2, 5), &DMatrix::zeros(3, 4));
        assert!(
            !fits(product, longer.shape(), b, (2, 4)),
            "{form}: longer sums on the left"
        );
        let (_, longer) = factors(form, &DMatrix::zeros(2, 3), &DMatrix::zeros(5, 4));
        assert!(
            !fits(product, a, longer.shape(), (2, 4)),
            "{form}: longer sums on the right"
        );
    }
}
