//! Networks as files.

use diffusion_core::generator;
use diffusion_core::picture::{channels_first, pixels_first};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{FlowPath, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::model_file::{Model, ModelError, ModelPath};
use part_h_learning_to_denoise::{
    Network, NetworkConfig, ParameterSet, TrainableNetwork, TrainingConfig, Unfinished,
};
use proptest::prelude::*;
use safetensors::SafeTensors;
use serde_json::json;

use super::{LABELLED, in_the_plane, normal, scheduler};

fn model(config: NetworkConfig, kind: PredictionType) -> Model {
    Model {
        network: Network::new(config, &mut generator(0)),
        kind,
        path: ModelPath::Schedule(scheduler(config.steps)),
        data: "ä \"quoted\"\n name".to_owned(),
        updates: 1234,
        training: "any".to_owned(),
        is_channels_first: true,
        unfinished: None,
    }
}

#[test]
fn what_is_written_is_read() {
    for (config, kind) in [
        (LABELLED, PredictionType::Noise),
        (in_the_plane(5), PredictionType::X0),
        (NetworkConfig { residual_layers: 0, ..LABELLED }, PredictionType::Velocity),
        (
            NetworkConfig { residual_layers: 12, labels: 0, ..LABELLED },
            PredictionType::Velocity,
        ),
    ] {
        let model = model(config, kind);
        let bytes = model.to_bytes();
        assert_eq!(<Model>::from_bytes(&bytes).unwrap(), model);
        assert_eq!(model.to_bytes(), bytes);
    }
}

/// What it takes to go on. A training that clips nothing says nothing of that.
#[test]
fn an_unfinished_training_is_read() {
    for max_gradient_norm in [None, Some(0.1)] {
        let mut model = model(LABELLED, PredictionType::X0);
        let count = model.network.parameters().count();
        let kind = PredictionType::X0;
        model.unfinished = Some(Unfinished {
            config: TrainingConfig { kind, max_gradient_norm, ..Default::default() },
            seed: u64::MAX,
            network: vec![0.5; count],
            moments: [vec![0.25; count], vec![1.5; count]],
        });
        let bytes = model.to_bytes();
        let said = String::from_utf8_lossy(&bytes).contains("max_gradient_norm");
        assert_eq!(said, max_gradient_norm.is_some());
        assert_eq!(<Model>::from_bytes(&bytes).unwrap(), model);
    }
}

/// Without a schedule, and with as many timesteps as a flow has.
#[test]
fn a_network_of_a_flow_is_read() {
    let config = NetworkConfig { steps: FlowPath::TIMESTEPS, ..in_the_plane(5) };
    let mut model = Model {
        path: ModelPath::Flow,
        ..model(NetworkConfig { steps: 10, ..config }, PredictionType::Flow)
    };
    model.network = Network::new(config, &mut generator(0));
    let bytes = model.to_bytes();
    assert_eq!(<Model>::from_bytes(&bytes).unwrap(), model);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert!(file.tensor("beta").is_err());
    let other =
        String::from_utf8_lossy(&bytes).replace(r#""path":"flow""#, r#""path":"flaw""#);
    assert!(matches!(
        <Model>::from_bytes(other.as_bytes()),
        Err(ModelError::Metadata("path") | ModelError::NotSafetensors(_))
    ));
}

/// The file with each of its numbers in another type: its header, and what becomes of
/// the bytes of a number.
fn converted(model: &Model, dtype: &str, convert: impl Fn(f64) -> Vec<u8>) -> Vec<u8> {
    let bytes = model.to_bytes();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let metadata = SafeTensors::read_metadata(&bytes).unwrap().1.metadata().clone();
    let mut header = json!({ "__metadata__": metadata });
    let mut data = Vec::new();
    for (name, tensor) in file.tensors() {
        let before = data.len();
        for number in tensor.data().chunks(tensor.dtype().bitsize() / 8) {
            data.extend(convert(match number.try_into() {
                Ok(number) => f64::from(f32::from_le_bytes(number)),
                Err(_) => f64::from_le_bytes(number.try_into().unwrap()),
            }));
        }
        header[name] = json!({
            "dtype": dtype, "shape": tensor.shape(), "data_offsets": [before, data.len()]
        });
    }
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

/// 1/2, -2, 65504, -2⁻²⁴ and 0 have the same value in all types but BF16, which rounds
/// the third.
#[test]
fn numbers_of_other_types_are_read() {
    let config = NetworkConfig { steps: 2, ..in_the_plane(3) };
    let mut model = model(config, PredictionType::Noise);
    let scheduler = NoiseScheduler::from_betas(vec![0.25, 0.5]).unwrap();
    model.path = ModelPath::Schedule(scheduler);
    for layer in &mut model.network.parameters.layers {
        layer.weights.fill(0.5);
        layer.bias.fill(-2.0);
    }
    let first = &mut model.network.parameters.layers[0];
    let small = -f32::from_bits((127 - 24) << 23);
    [first.bias[0], first.bias[1], first.bias[2]] = [65504.0, small, 0.0];
    let half = |number: f64| {
        let known = [
            (0.5, 0x3800),
            (0.25, 0x3400),
            (-2.0, 0xc000),
            (65504.0, 0x7bff),
            (f64::from(small), 0x8001),
            (0.0, 0x0000_u16),
        ];
        let bits = known.iter().find(|(known, _)| *known == number).unwrap().1;
        bits.to_le_bytes().to_vec()
    };
    let short = |number: f64| (number as f32).to_le_bytes()[2..].to_vec();
    let read = |bytes: &[u8]| <Model>::from_bytes(bytes).unwrap();
    assert!(read(&converted(&model, "F16", half)) == model);
    let single = |number: f64| (number as f32).to_le_bytes().to_vec();
    assert!(read(&converted(&model, "F32", single)) == model);
    let double = |number: f64| number.to_le_bytes().to_vec();
    assert!(read(&converted(&model, "F64", double)) == model);
    let cut = read(&converted(&model, "BF16", short));
    model.network.parameters.layers[0].bias[0] = 65280.0;
    assert!(cut == model);
}

#[test]
fn numbers_that_are_no_weights_are_refused() {
    let model = model(in_the_plane(2), PredictionType::Noise);
    let refused = |dtype: &str, convert: fn(f64) -> Vec<u8>| {
        <Model>::from_bytes(&converted(&model, dtype, convert)).unwrap_err().to_string()
    };
    let name = "its tensor 'layers.0.weight'";
    let infinite = "has a value that is infinite or no number";
    assert_eq!(
        refused("I64", |_| vec![0; 8]),
        format!("{name} is of type I64, and not of F16, BF16, F32 or F64")
    );
    assert_eq!(
        refused("F64", |_| 1e300_f64.to_le_bytes().to_vec()),
        format!("{name} has a value too large for F32, in which a network computes")
    );
    assert_eq!(refused("F16", |_| vec![0, 0xfc]), format!("{name} {infinite}"));
    assert_eq!(refused("BF16", |_| vec![0x80, 0x7f]), format!("{name} {infinite}"));
    let nan = |_| f64::NAN.to_le_bytes().to_vec();
    assert_eq!(refused("F64", nan), format!("{name} {infinite}"));
}

/// The layout that PyTorch has: each row of a matrix in one piece.
#[test]
fn the_file_is_one_that_others_read() {
    let model = model(LABELLED, PredictionType::Noise);
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
    let start =
        r#"{"__metadata__":{"data":"ä \"quoted\"\n name","fourier_features":"false","#;
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
    let refused = |bytes: &[u8]| <Model>::from_bytes(bytes).unwrap_err().to_string();
    let whole = model(LABELLED, PredictionType::Noise).to_bytes();
    for length in [0, 5, 8, 100, whole.len() - 1] {
        let error = <Model>::from_bytes(&whole[..length]);
        assert!(
            matches!(error, Err(ModelError::NotSafetensors(_))),
            "{length}: {error:?}"
        );
    }
    assert!(<Model>::from_bytes(&[&whole[..], &[0]].concat()).is_err());
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
    assert!(replaced("\"false\"", "\"maybe\"").contains("'fourier_features'"));
    assert!(replaced("layers.1.bias", "layers.9.bias").contains("layers.1.bias"));
    assert!(replaced("[7,7]", "[49] ").contains("layers.1.weight"));

    let with = |change: &dyn Fn(&mut Model)| {
        let mut model = model(LABELLED, PredictionType::Noise);
        change(&mut model);
        refused(&model.to_bytes())
    };
    let nan = with(&|model| model.network.parameters.layers[1].bias[2] = f32::NAN);
    assert!(
        nan.contains("'layers.1.bias' has a value that is infinite or no number"),
        "{nan}"
    );
}

/// The two networks of the book as they were saved before the keys had today's names.
#[test]
fn networks_saved_before_are_read() {
    let spiral =
        <Model>::from_bytes(include_bytes!("../saved_before/spiral.safetensors"));
    let spiral = spiral.unwrap();
    assert_eq!((spiral.kind, spiral.updates), (PredictionType::Noise, 4000));
    assert_eq!(*spiral.network.config(), in_the_plane(128));
    assert!(
        spiral.training.starts_with("4000 updates, batch 256"),
        "{}",
        spiral.training
    );
    let digits =
        <Model>::from_bytes(include_bytes!("../saved_before/digits.safetensors"));
    let digits = digits.unwrap();
    assert_eq!((digits.kind, digits.network.config().labels), (PredictionType::X0, 10));
    assert!(!digits.network.config().fourier_features && !digits.is_channels_first);
    // What is written now is the same network.
    let again = <Model>::from_bytes(&digits.to_bytes()).unwrap();
    assert_eq!(again, digits);
}

/// A network that has learned colour pictures with the colours of a pixel side by side
/// says the same of pictures whose colours are apart.
#[test]
fn a_network_for_pictures_of_before_is_put_in_order() {
    let config = NetworkConfig { values: 12, labels: 0, ..LABELLED };
    let mut before = model(config, PredictionType::X0);
    before.is_channels_first = false;
    let now = before.clone().into_channels_first();
    assert!(now.is_channels_first);
    assert_eq!(now.clone().into_channels_first(), now);
    let pixels = normal(3, 4, &mut generator(1));
    let level = NoiseLevel { t: 3.0, a: 0.8, b: 0.6 };
    let outputs = |model: &Model, x: &DMatrix<f32>| {
        model.network.outputs(x, &[level], &[None]).as_slice().to_vec()
    };
    let side_by_side = DMatrix::from_column_slice(12, 1, pixels.as_slice());
    let expected = outputs(&before, &side_by_side);
    let ours = outputs(&now, &channels_first(&pixels));
    let off = pixels_first(&ours) - DMatrix::from_column_slice(3, 4, &expected);
    // The sums of the first layer have another order.
    assert!(off.amax() < 1e-5, "{off}");
}

proptest! {
    /// Whatever is changed in a file, it is read or refused.
    #[test]
    fn changed_files_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_header: bool,
    ) {
        let mut file = model(LABELLED, PredictionType::Noise).to_bytes();
        let end = if in_header { 900 } else { file.len() };
        for (place, byte) in changes {
            file[place.index(end)] = byte;
        }
        let _ = <Model>::from_bytes(&file);
    }
}
