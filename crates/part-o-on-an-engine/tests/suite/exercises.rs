//! Solutions to the exercises of chapter O.

use part_o_on_an_engine::burn::module::{Module, ModuleVisitor, Param};
use part_o_on_an_engine::burn::nn::LinearConfig;
use part_o_on_an_engine::burn::optim::GradientsParams;
use part_o_on_an_engine::burn::tensor::{FloatDType, Tensor};
use part_o_on_an_engine::precision::{LossScale, Precision};

use crate::lesson::cpu;

// ANCHOR: overflow
#[test]
fn sixteen_bits_overflow_and_underflow() {
    let f16 = |number: f32| Tensor::<1>::full([1], number, &cpu()).cast(FloatDType::F16);
    let number = |tensor: Tensor<1>| tensor.cast(FloatDType::F32).into_scalar::<f32>();
    // The squares of a batch of 128 pictures of 1024 pixels, each about 1.
    let squares = Tensor::<1>::ones([128 * 1024], &cpu()).cast(FloatDType::F16);
    assert!(number(squares.sum()).is_infinite());
    // Less than half of the smallest number.
    assert_eq!(number(f16(2e-8)), 0.0);
    let scale = LossScale::new(Precision::F16).factor();
    let scaled = number(f16(2e-8 * scale)) / scale;
    assert!((scaled / 2e-8 - 1.0).abs() < 0.01);
    // And an update of a thousandth is lost with 7 bits after the point.
    let one = Tensor::<1>::ones([1], &cpu()).cast(FloatDType::BF16);
    assert_eq!(number(one + 0.001), 1.0);
}
// ANCHOR_END: overflow

// ANCHOR: no_gradient
/// Counts the tensors of a module that learn.
#[derive(Default)]
struct Learned(usize);

impl ModuleVisitor for Learned {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0 += usize::from(param.is_require_grad());
    }
}

#[test]
fn a_detached_layer_has_no_gradient_without_a_word() {
    let device = cpu().autodiff();
    let layers = [(); 2].map(|()| LinearConfig::new(3, 3).init(&device)).to_vec();
    let gradient_of = |is_detached: bool| {
        let x = layers[0].forward(Tensor::<2>::ones([1, 3], &device));
        let x = if is_detached { x.detach() } else { x };
        let loss = layers[1].forward(x).sum();
        GradientsParams::from_grads(loss.backward(), &layers)
    };
    let mut learned = Learned::default();
    layers.visit(&mut learned);
    // Two weights and two biases, or only those behind the cut.
    assert_eq!(learned.0, 4);
    assert_eq!(gradient_of(false).len(), learned.0);
    assert_eq!(gradient_of(true).len(), 2);
}
// ANCHOR_END: no_gradient
