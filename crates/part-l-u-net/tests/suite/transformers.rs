//! What larger networks make of this chapter's attention: other keys, and blocks without
//! a U. The page *From here to the large ones* shows it.

use diffusion_core::{Generator, generator, randn_like};
use diffusion_kernels::convolution::Padding;
use diffusion_kernels::elementwise;
use diffusion_kernels::matrix_product::{mul, mul_tr, tr_mul};
use diffusion_kernels::softmax;
use nalgebra::{DMatrix, RowDVector};
use part_k_convolutions::modulation;
use part_l_u_net::attention;
use part_l_u_net::layer::Layer;
use part_l_u_net::tensors::Tensors;

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

/// Of some size that keeps what comes out of a layer about as large as what went in.
fn layer(inputs: usize, outputs: usize, rng: &mut Generator) -> DMatrix<f32> {
    normal(inputs, outputs, rng) / (inputs as f32).sqrt()
}

// ANCHOR: attend
/// Takes of the values, m × d', as much as each of n queries, n × d, fits their keys,
/// m × d: n × d' (equation M.4).
fn attend(
    queries: &DMatrix<f32>,
    keys: &DMatrix<f32>,
    values: &DMatrix<f32>,
) -> DMatrix<f32> {
    let root = (queries.ncols() as f32).sqrt();
    // A column for each query.
    let mut fractions = mul_tr(keys, queries) / root;
    softmax::of_columns(&mut fractions);
    tr_mul(&fractions, values)
}

/// The weights of an attention.
struct Attention {
    query: DMatrix<f32>,
    key: DMatrix<f32>,
    value: DMatrix<f32>,
    out: DMatrix<f32>,
}

impl Attention {
    /// What each row of `x` takes from the rows of `of`: from its own, or from a text's.
    fn forward(&self, x: &DMatrix<f32>, of: &DMatrix<f32>) -> DMatrix<f32> {
        let queries = mul(x, &self.query);
        let (keys, values) = (mul(of, &self.key), mul(of, &self.value));
        mul(&attend(&queries, &keys, &values), &self.out)
    }
}
// ANCHOR_END: attend

impl Attention {
    fn random(channels: usize, of: usize, rng: &mut Generator) -> Self {
        Attention {
            query: layer(channels, channels, rng),
            key: layer(of, channels, rng),
            value: layer(of, channels, rng),
            out: layer(channels, channels, rng),
        }
    }
}

/// In a picture of this size, with so many channels and pixels.
const SIZE: [usize; 2] = [4, 6];
const CHANNELS: usize = 8;
const PIXELS: usize = SIZE[0] * SIZE[1];

#[track_caller]
fn assert_near(found: &DMatrix<f32>, expected: &DMatrix<f32>) {
    assert_eq!(found.shape(), expected.shape());
    let apart = (found - expected).amax();
    assert!(apart < 1e-5 * (1.0 + expected.amax()), "{apart}");
}

/// Looking at itself, it is chapter L's.
#[test]
fn of_its_own_pixels_it_is_the_chapters() {
    let rng = &mut generator(0);
    let mut theirs = attention::Attention::new(CHANNELS, SIZE, 1, None, rng);
    let mut slices = Vec::new();
    theirs.slices_mut(&mut slices);
    // Weights and biases alternate.
    slices.into_iter().skip(1).step_by(2).for_each(|bias| bias.fill(0.0));
    let mut tensors = Vec::new();
    theirs.tensors("", &mut tensors);
    let weights = |name: &str| {
        let tensor = tensors.iter().find(|it| it.name == format!(".{name}.weight"));
        DMatrix::from_column_slice(CHANNELS, CHANNELS, tensor.unwrap().numbers)
    };
    let ours = Attention {
        query: weights("to_q"),
        key: weights("to_k"),
        value: weights("to_v"),
        out: weights("to_out.0"),
    };
    let x = normal(PIXELS, CHANNELS, rng);
    let column = |x: &DMatrix<f32>| DMatrix::from_column_slice(x.len(), 1, x.as_slice());
    let (expected, _) = theirs.forward(&column(&x));
    assert_near(&column(&(&x + ours.forward(&x, &x))), &expected);
}

#[test]
fn queries_take_of_what_fits() {
    // The first query fits the second key far better than any other, the second query
    // fits all alike.
    let queries = DMatrix::from_row_slice(2, 2, &[0.0, 80.0, 0.0, 0.0]);
    let keys = DMatrix::from_row_slice(3, 2, &[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]);
    let values = DMatrix::from_row_slice(3, 1, &[1.0, 5.0, 9.0]);
    let expected = DMatrix::from_row_slice(2, 1, &[5.0, 5.0]);
    assert_near(&attend(&queries, &keys, &values), &expected);
    // Equation M.4, by hand: e to the half over the sum of all.
    let queries = DMatrix::from_row_slice(1, 4, &[1.0, 0.0, 0.0, 0.0]);
    let keys = DMatrix::from_row_slice(2, 4, &[1.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0]);
    let values = DMatrix::from_row_slice(2, 1, &[1.0, 0.0]);
    let expected = DMatrix::from_element(1, 1, 0.622_459_3);
    assert_near(&attend(&queries, &keys, &values), &expected);
}

/// As many rows come out as looked, whatever they looked at. And nothing knows in which
/// order that was.
#[test]
fn a_text_may_have_any_length_and_order() {
    let rng = &mut generator(1);
    let attention = Attention::random(CHANNELS, 12, rng);
    let x = normal(PIXELS, CHANNELS, rng);
    for words in [1, 5, 77] {
        let text = normal(words, 12, rng);
        let taken = attention.forward(&x, &text);
        assert_eq!(taken.shape(), (PIXELS, CHANNELS));
        let reversed: Vec<usize> = (0..words).rev().collect();
        assert_near(&attention.forward(&x, &text.select_rows(&reversed)), &taken);
        // Of a single word, all take the same.
        let first = DMatrix::from_rows(&vec![taken.row(0); PIXELS]);
        assert_eq!((taken - first).amax() < 1e-5, words == 1);
    }
}

// ANCHOR: patches
/// One token of C' channels for each 2 × 2 pixels of a picture with C: a linear layer of
/// each patch, and so a kernel of 2 × 2 that moves by two pixels.
fn patches(channels: [usize; 2], size: [usize; 2], rng: &mut Generator) -> Layer {
    Layer::convolution(channels, size, (2, 2), Padding::None, rng)
}
// ANCHOR_END: patches

#[test]
fn a_token_is_a_linear_layer_of_its_patch() {
    let rng = &mut generator(2);
    let layer = patches([3, 5], SIZE, rng);
    assert_eq!(layer.size_out(), [SIZE[0] / 2, SIZE[1] / 2]);
    let x = normal(3 * PIXELS, 1, rng);
    let tokens = layer.forward(&x);
    let [rows, columns] = layer.size_out();
    for (token, [row, column]) in (0..rows)
        .flat_map(|row| (0..columns).map(move |column| [row, column]))
        .enumerate()
    {
        // Channel by channel, each row by row.
        let patch = DMatrix::from_fn(1, 12, |_, i| {
            let (channel, [below, right]) = (i / 4, [i / 2 % 2, i % 2]);
            x[channel * PIXELS + (2 * row + below) * SIZE[1] + 2 * column + right]
        });
        let expected = patch * &layer.kernel.weights;
        for channel in 0..5 {
            let found = tokens[channel * rows * columns + token];
            let expected = expected[channel] + layer.kernel.bias[channel];
            assert!((found - expected).abs() < 1e-5);
        }
    }
}

// ANCHOR: block
/// What half of a block is told of time and label: three numbers for each channel.
struct Told {
    scale: RowDVector<f32>,
    shift: RowDVector<f32>,
    gate: RowDVector<f32>,
}

impl Told {
    /// Chapter K's modulation (equation K.4), of each token.
    fn modulate(&self, mut h: DMatrix<f32>) -> DMatrix<f32> {
        for mut token in h.row_iter_mut() {
            token.component_mul_assign(&self.scale.add_scalar(1.0));
            token += &self.shift;
        }
        h
    }

    /// How much of each channel goes on.
    fn let_through(&self, mut h: DMatrix<f32>) -> DMatrix<f32> {
        h.row_iter_mut().for_each(|mut token| token.component_mul_assign(&self.gate));
        h
    }
}

/// A block of a DiT (Peebles & Xie 2023, figure 3).
struct Block {
    attention: Attention,
    /// From C channels to 4 C, and back.
    layers: [DMatrix<f32>; 2],
}

impl Block {
    /// What comes out of tokens `x`, P × C, in the same shape.
    fn forward(&self, x: &DMatrix<f32>, [first, second]: &[Told; 2]) -> DMatrix<f32> {
        let h = first.modulate(normalized(x));
        let x = x + first.let_through(self.attention.forward(&h, &h));
        let h = second.modulate(normalized(&x));
        let h = mul(&silu(mul(&h, &self.layers[0])), &self.layers[1]);
        x + second.let_through(h)
    }
}
// ANCHOR_END: block

/// Each token with a mean of 0 and a variance of 1 over its channels.
fn normalized(x: &DMatrix<f32>) -> DMatrix<f32> {
    let mut x = x.clone();
    for mut token in x.row_iter_mut() {
        let mean = token.mean();
        token.add_scalar_mut(-mean);
        let variance = token.norm_squared() / token.len() as f32;
        token /= (variance + 1e-6).sqrt();
    }
    x
}

/// DiT has GELU, which looks much the same.
fn silu(x: DMatrix<f32>) -> DMatrix<f32> {
    let mut sigmoid = x.clone();
    elementwise::sigmoid(x.as_slice(), sigmoid.as_mut_slice());
    x.component_mul(&sigmoid)
}

fn told(gate: f32, rng: &mut Generator) -> Told {
    let mut row = || normal(1, CHANNELS, rng).row(0).into_owned();
    Told { scale: row(), shift: row(), gate: gate * row() }
}

fn block(rng: &mut Generator) -> Block {
    Block {
        attention: Attention::random(CHANNELS, CHANNELS, rng),
        layers: [layer(CHANNELS, 4 * CHANNELS, rng), layer(4 * CHANNELS, CHANNELS, rng)],
    }
}

#[test]
fn a_token_is_told_as_chapter_k_tells_a_channel() {
    let rng = &mut generator(3);
    let (told, h) = (told(1.0, rng), normal(PIXELS, CHANNELS, rng));
    let column = DMatrix::from_column_slice(h.len(), 1, h.as_slice());
    let both: Vec<f32> = told.scale.iter().chain(told.shift.iter()).copied().collect();
    let both = DMatrix::from_vec(2 * CHANNELS, 1, both);
    let mut expected = column.clone();
    modulation::forward(&column, &both, &mut expected);
    let found = told.modulate(h);
    assert_near(&DMatrix::from_column_slice(found.len(), 1, found.as_slice()), &expected);
}

/// What a network starts with: it can be as deep as one likes.
#[test]
fn a_closed_block_does_nothing() {
    let rng = &mut generator(4);
    let (block, x) = (block(rng), normal(PIXELS, CHANNELS, rng));
    assert_eq!(block.forward(&x, &[told(0.0, rng), told(0.0, rng)]), x);
    assert_ne!(block.forward(&x, &[told(1.0, rng), told(0.0, rng)]), x);
    assert_ne!(block.forward(&x, &[told(0.0, rng), told(1.0, rng)]), x);
}

// ANCHOR: places
/// Whether patches that are exchanged come out exchanged, and otherwise the same. Each
/// token has its place added to it first, a row of `places`.
fn ignores_places(
    block: &Block,
    x: &DMatrix<f32>,
    places: &DMatrix<f32>,
    told: &[Told; 2],
) -> bool {
    let before = block.forward(&(x + places), told);
    let mut exchanged = x.clone();
    exchanged.swap_rows(2, 17);
    let mut after = block.forward(&(exchanged + places), told);
    after.swap_rows(2, 17);
    (after - before).amax() < 1e-4
}
// ANCHOR_END: places

#[test]
fn a_block_ignores_places_unless_it_is_told() {
    for seed in 0..4 {
        let rng = &mut generator(seed);
        let (block, x) = (block(rng), normal(PIXELS, CHANNELS, rng));
        let told = [told(1.0, rng), told(1.0, rng)];
        let nowhere = DMatrix::zeros(PIXELS, CHANNELS);
        assert!(ignores_places(&block, &x, &nowhere, &told));
        let places = normal(PIXELS, CHANNELS, rng);
        assert!(!ignores_places(&block, &x, &places, &told));
    }
}
