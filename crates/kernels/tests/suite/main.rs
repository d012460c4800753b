//! Tests of the kernels.

mod cancellation;
mod convolution;
mod distances;
mod elementwise;
mod likelihoods;
mod matrix_product;
mod patch_means;
mod softmax;
mod sums;
