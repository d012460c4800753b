//! What a folder is of that is none of a `UNet2DModel` of pixels, so that it is refused by
//! its name.

use serde_json::Value;

use super::FolderError;
use super::keys::Keys;

/// The parts of a pipeline that such a network has not, and what they tell of it.
const PARTS: [(&str, &str); 5] = [
    ("text_encoder", "follows a text, as Stable Diffusion's does"),
    ("transformer", "is a transformer"),
    ("vae", "sees the latents of a VAE, and no pixels"),
    ("vqvae", "sees the latents of a VQ-VAE, and no pixels"),
    ("movq", "sees the latents of a VQ-VAE, and no pixels"),
];

/// Parts of the names of other classes, and what those are.
const CLASSES: [(&str, &str); 6] = [
    ("UNet2DConditionModel", "follows a text, as Stable Diffusion's does"),
    ("Transformer", "is a transformer"),
    ("Autoencoder", "is a VAE, which makes latents of pictures"),
    ("VQModel", "is a VQ-VAE, which makes latents of pictures"),
    ("ControlNet", "steers another network"),
    ("UNet", "is another kind of U-Net"),
];

/// Refuses the `model_index.json` of another kind of pipeline.
///
/// # Errors
///
/// If the pipeline has a part that one of a `UNet2DModel` of pixels has not.
pub fn check_index(index: &Keys) -> Result<(), FolderError> {
    let is_there = |part: &str| match index.get(part) {
        // A part that is not there is a list of two nulls.
        Some(Value::Array(list)) => !list.iter().all(Value::is_null),
        Some(value) => !value.is_null(),
        None => false,
    };
    match PARTS.into_iter().find(|(part, _)| is_there(part)) {
        None => Ok(()),
        Some((part, what)) => {
            let expected = format!(
                "DDPMPipeline, or another of a UNet2DModel and a scheduler alone; this one has a \
                 {part}: its network {what}"
            );
            Err(index.wrong("_class_name", expected))
        }
    }
}

/// Refuses the `config.json` of another kind of network.
///
/// # Errors
///
/// If it names a class of another kind, or is one of the library transformers.
pub fn check_config(config: &Keys) -> Result<(), FolderError> {
    let key = "_class_name";
    let class = match config.get(key) {
        Some(Value::String(class)) if class != "UNet2DModel" => class,
        None if config.get("model_type").is_some() => {
            let expected = "UNet2DModel; with a model_type, it is a config of the library \
                            transformers";
            return Err(config.wrong(key, expected));
        }
        _ => return Ok(()),
    };
    match CLASSES.into_iter().find(|(name, _)| class.contains(name)) {
        None => Ok(()),
        Some((_, what)) => {
            Err(config.wrong(key, format!("UNet2DModel; this one {what}")))
        }
    }
}

/// Refuses the config of a scheduler whose network predicts a variance, too.
///
/// # Errors
///
/// If `variance_type` is `learned` or `learned_range`.
pub fn check_variance(scheduler: &Keys) -> Result<(), FolderError> {
    let key = "variance_type";
    match scheduler.get(key).and_then(Value::as_str) {
        Some("learned" | "learned_range") => Err(scheduler.wrong(
            key,
            "fixed_small, or another that is not learned; with a learned variance, a network \
             has twice as many channels that come out, of which half is that variance",
        )),
        _ => Ok(()),
    }
}
