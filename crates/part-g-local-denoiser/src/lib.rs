//! Part G: a picture that never existed.
//!
//! The exact denoiser of part F gives back its data. If each pixel looks only at the
//! patch around it, the data are the patches of a photograph, and what comes back is put
//! together from them: a new picture. It takes four things, each in a file of its own, to
//! be read in this order:
//!
//! 1. [`patches`]: the patch around a pixel.
//! 2. [`local_denoiser`]: the best guess of a pixel, for one who sees its patch alone.
//! 3. [`patch_size`]: how large a patch is, while there is much noise and while there is
//!    little.
//! 4. [`sampling`]: a step back that adds no noise.
//!
//! And one to look at the result: [`sources`], where in the photograph its pixels come
//! from.
//!
//! The state is a picture: 3 × N, one column for each pixel, row by row.

pub mod local_denoiser;
pub mod patch_size;
pub mod patches;
pub mod sampling;
pub mod sources;

pub use diffusion_kernels::patch_means::{Border, PatchMeans};
pub use local_denoiser::{LocalDenoiser, PatchError};
pub use patch_size::shrinking_patches;
pub use patches::patch_at;
pub use sampling::step_without_noise;
pub use sources::Pieces;
