//! Chapter G: a picture that never existed.
//!
//! The exact denoiser of chapter F gives back its data. If each pixel looks only at the
//! patch around it, the data are the patches of a photograph, and what comes back is
//! put together from them: a new picture. It takes four things, each in a file of its
//! own, to be read in this order:
//!
//! 1. [`patches`]: the patch around a pixel.
//! 2. [`local_denoiser`]: the best prediction of a pixel, for one who sees its patch
//!    alone.
//! 3. [`patch_size`]: how large a patch is, while there is much noise and while there is
//!    little.
//! 4. [`sampling`]: a step that adds no noise.
//!
//! And one to look at the result: [`sources`], where in the photograph its pixels come
//! from.
//!
//! A state is a column of 3 N values, all of red, then green, then blue, each row by
//! row; n pictures are a matrix 3 N × n.
//!
//! ```
//! use diffusion_core::{Picture, generator, randn_like};
//! use nalgebra::DMatrix;
//! use part_d_alpha_bar_trick::NoiseScheduler;
//! use part_f_the_way_back::{Denoiser, NoiseLevel};
//! use part_g_local_denoiser::{Border, LocalDenoiser, PatchSize, step_without_noise};
//!
//! // A photograph of 8 × 8 pixels, dark above and bright below; and a wider picture of
//! // its patches.
//! let x = DMatrix::from_fn(3, 64, |_, pixel| if pixel < 32 { -1.0 } else { 1.0 });
//! let photo = Picture { x, width: 8, height: 8 };
//! let denoiser = LocalDenoiser::new(photo, [12, 8], PatchSize::Fixed(3), Border::Seen)?;
//! let scheduler = NoiseScheduler::new(30, 1e-4, 0.5)?;
//! let mut x = randn_like(&DMatrix::zeros(3 * 12 * 8, 1), &mut generator(0));
//! for t in (0..30).rev() {
//!     let from = NoiseLevel::of_timestep(&scheduler, t)?;
//!     let to = NoiseLevel::before_timestep(&scheduler, t)?;
//!     x = step_without_noise(denoiser.predict(&x, from)?, &x, from, to);
//! }
//! assert!(x[0] < -0.9 && x[95] > 0.9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod local_denoiser;
pub mod patch_size;
pub mod patches;
pub mod sampling;
pub mod sources;

pub use diffusion_kernels::patch_means::{Border, PatchMeans};
pub use local_denoiser::{LocalDenoiser, PatchError};
pub use patch_size::PatchSize;
pub use patches::patch_at;
pub use sampling::step_without_noise;
pub use sources::Pieces;
