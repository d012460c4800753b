//! Networks as files.

use diffusion_core::generator;
use part_h_learning_to_denoise::model_file::{Model, ModelError};
use part_h_learning_to_denoise::{Network, Shape, Target};
use proptest::prelude::*;

use crate::{LABELLED, in_the_plane, scheduler};

fn model(shape: Shape, target: Target) -> Model {
    Model {
        network: Network::new(shape, &mut generator(0)),
        target,
        scheduler: scheduler(shape.steps),
        data: "ä \"quoted\"\n name".to_owned(),
        updates: 1234,
        settings: "any".to_owned(),
    }
}

#[test]
fn what_is_written_is_read() {
    for (shape, target) in [
        (LABELLED, Target::Noise),
        (in_the_plane(5), Target::X0),
        (Shape { residual_layers: 0, ..LABELLED }, Target::Velocity),
        (Shape { residual_layers: 12, labels: 0, ..LABELLED }, Target::Velocity),
    ] {
        let model = model(shape, target);
        let bytes = model.to_bytes();
        assert_eq!(Model::from_bytes(&bytes).unwrap(), model);
        assert_eq!(model.to_bytes(), bytes);
    }
}

/// The layout that PyTorch has: each row of a matrix in one piece.
#[test]
fn the_file_is_one_that_others_read() {
    let model = model(LABELLED, Target::Noise);
    let bytes = model.to_bytes();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let weights = file.tensor("layers.1.weight").unwrap();
    assert_eq!(weights.shape(), [7, 7]);
    let second = f32::from_le_bytes(weights.data()[4..8].try_into().unwrap());
    assert_eq!(second, model.network.parameters.layers[1].weights[(0, 1)]);
    let labels = file.tensor("labels.weight").unwrap();
    assert_eq!(labels.shape(), [3, 7]);
    let second = f32::from_le_bytes(labels.data()[4..8].try_into().unwrap());
    assert_eq!(second, model.network.parameters.labels[(1, 0)]);
    let header = std::str::from_utf8(&bytes[8..120]).unwrap();
    let start = r#"{"__metadata__":{"data":"ä \"quoted\"\n name","prediction":"noise","#;
    assert!(header.starts_with(start), "{header}");
}

/// A file with a header of one's own, and so many bytes after it.
fn file(header: &str, length: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.resize(file.len() + length, 0);
    file
}

#[test]
fn other_files_are_refused() {
    let refused = |bytes: &[u8]| Model::from_bytes(bytes).unwrap_err().to_string();
    let whole = model(LABELLED, Target::Noise).to_bytes();
    for length in [0, 5, 8, 100, whole.len() - 1] {
        let error = Model::from_bytes(&whole[..length]);
        assert!(
            matches!(error, Err(ModelError::NotSafetensors(_))),
            "{length}: {error:?}"
        );
    }
    assert!(Model::from_bytes(&[&whole[..], &[0]].concat()).is_err());
    assert!(refused(&[0xff; 64]).contains("no whole safetensors file"));
    assert!(refused(&file("{}", 0)).contains("layers.0.weight"));
    let huge = r#"{"layers.0.weight":{"dtype":"F32","shape":[9999999999,9999999999],"data_offsets":[0,4]}}"#;
    assert!(refused(&file(huge, 4)).contains("no whole safetensors file"));

    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let place = whole.windows(from.len()).position(|part| part == from.as_bytes());
        let mut file = whole.clone();
        file[place.expect("it is there")..][..to.len()].copy_from_slice(to.as_bytes());
        refused(&file)
    };
    assert!(replaced("\"noise\"", "\"other\"").contains("'prediction'"));
    assert!(replaced("\"updates\"", "\"upwards\"").contains("'updates'"));
    assert!(replaced("\"false\"", "\"maybe\"").contains("'waves'"));
    assert!(replaced("layers.1.bias", "layers.9.bias").contains("layers.1.bias"));
    assert!(replaced("[7,7]", "[49] ").contains("layers.1.weight"));

    let with = |change: &dyn Fn(&mut Model)| {
        let mut model = model(LABELLED, Target::Noise);
        change(&mut model);
        refused(&model.to_bytes())
    };
    let nan = with(&|model| model.network.parameters.layers[1].bias[2] = f32::NAN);
    assert!(nan.contains("'layers.1.bias' has a value that is no number"), "{nan}");
}

proptest! {
    /// Whatever is changed in a file, it is read or refused.
    #[test]
    fn changed_files_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_header: bool,
    ) {
        let mut file = model(LABELLED, Target::Noise).to_bytes();
        let end = if in_header { 900 } else { file.len() };
        for (place, byte) in changes {
            file[place.index(end)] = byte;
        }
        let _ = Model::from_bytes(&file);
    }
}
