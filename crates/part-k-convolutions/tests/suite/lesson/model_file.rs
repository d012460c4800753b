//! Networks as files.

use std::fmt::Write;

use diffusion_core::generator;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::model_file::{
    Model, ModelError, ModelPath, StoredNetwork, Tensor,
};
use part_h_learning_to_denoise::{Network, ParameterSet};
use part_k_convolutions::model_file::padding_name;
use part_k_convolutions::{ConvolutionalNetwork, Padding};
use proptest::prelude::*;

use super::{PADDINGS, STEPS, config, network, scheduler};

fn model<N>(network: N) -> Model<N> {
    Model {
        network,
        kind: PredictionType::Velocity,
        path: ModelPath::Schedule(scheduler()),
        data: "mandrill".to_owned(),
        updates: 12,
        training: "any".to_owned(),
        is_channels_first: true,
        unfinished: None,
    }
}

fn read(bytes: &[u8]) -> Result<Model<ConvolutionalNetwork>, ModelError> {
    Model::from_bytes(bytes)
}

#[test]
fn what_is_written_is_read() {
    for padding in PADDINGS {
        for (layers, size) in [(2, [1, 1]), (3, [32, 32]), (13, [7, 4096])] {
            let model = model(network(config(padding, layers, size)));
            let bytes = model.to_bytes();
            assert_eq!(read(&bytes).unwrap(), model);
            assert_eq!(model.to_bytes(), bytes);
        }
    }
}

/// The names and the layout that modules of PyTorch have.
#[test]
fn the_file_is_one_that_others_read() {
    let network = network(config(Padding::Circular, 4, [5, 6]));
    let tensors = network.tensors();
    let find = |name: &str| {
        let tensor = tensors.iter().find(|(known, ..)| known == name);
        tensor.map(|(_, shape, numbers)| (shape.clone(), numbers.clone())).unwrap()
    };
    let weights = [
        ("time.0", vec![4, 32]),
        ("time.1", vec![4, 4]),
        ("first", vec![4, 3, 3, 3]),
        ("blocks.0.time", vec![8, 4]),
        ("blocks.0.pointwise", vec![4, 4, 1, 1]),
        ("blocks.1.kernel", vec![4, 4, 3, 3]),
        ("last_time", vec![8, 4]),
        ("last", vec![3, 4, 3, 3]),
    ];
    for (name, shape) in weights {
        assert_eq!(find(&format!("{name}.weight")).0, shape, "{name}");
        assert_eq!(find(&format!("{name}.bias")).0, [shape[0]], "{name}");
    }
    assert_eq!(tensors.len(), 2 * (3 + 2 * 3 + 2));
    let count: usize = tensors.iter().map(|(.., numbers)| numbers.len()).sum();
    assert_eq!(count, network.parameters.count());
    // Output 2, input 1, row 0, column 2.
    let kernel = &network.parameters.blocks[1].kernel;
    assert_eq!(
        find("blocks.1.kernel.weight").1[(2 * 4 + 1) * 9 + 2],
        kernel.weights[(9 + 2, 2)]
    );
    let time = &network.parameters.blocks[0].time;
    assert_eq!(find("blocks.0.time.weight").1[5 * 4 + 3], time.weights[(5, 3)]);
}

/// A file that is written by hand: the tensors of a network and its metadata, changed.
#[derive(Clone)]
struct File {
    tensors: Vec<Tensor>,
    metadata: Vec<(String, String)>,
}

impl File {
    fn of(network: &ConvolutionalNetwork) -> Self {
        let mut metadata: Vec<(String, String)> = network
            .metadata()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        let rest = [("prediction", "velocity"), ("data", "any"), ("updates", "1")];
        let rest = rest.into_iter().chain([("training", "any"), ("path", "flow")]);
        metadata.extend(rest.map(|(key, value)| (key.to_owned(), value.to_owned())));
        File { tensors: network.tensors(), metadata }
    }

    fn tensor(&mut self, name: &str) -> &mut Tensor {
        self.tensors.iter_mut().find(|(known, ..)| known == name).expect("it is there")
    }

    /// The same name, another shape, and as many numbers as it takes.
    fn with_shape(mut self, name: &str, shape: &[usize]) -> Self {
        let numbers = vec![0.5; shape.iter().product()];
        *self.tensor(name) = (name.to_owned(), shape.to_vec(), numbers);
        self
    }

    fn without(mut self, start: &str) -> Self {
        let before = self.tensors.len();
        self.tensors.retain(|(name, ..)| !name.starts_with(start));
        assert!(self.tensors.len() < before);
        self
    }

    fn saying(mut self, key: &str, value: Option<&str>) -> Self {
        self.metadata.retain(|(known, _)| known != key);
        self.metadata.extend(value.map(|value| (key.to_owned(), value.to_owned())));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut header = String::from(r#"{"__metadata__":{"#);
        for (i, (key, value)) in self.metadata.iter().enumerate() {
            write!(header, "{}\"{key}\":\"{value}\"", if i == 0 { "" } else { "," })
                .unwrap();
        }
        header += "}";
        let mut data: Vec<u8> = Vec::new();
        for (name, shape, numbers) in &self.tensors {
            let start = data.len();
            data.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            let end = data.len();
            write!(
                header,
                r#","{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
            )
            .unwrap();
        }
        header += "}";
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
    }

    #[track_caller]
    fn refused(&self) -> String {
        read(&self.bytes()).map(|_| ()).unwrap_err().to_string()
    }

    #[track_caller]
    fn refused_for_tensor(&self, name: &str) {
        let expected =
            format!("its tensor '{name}' is missing, or not one of a denoiser");
        assert_eq!(self.refused(), expected);
    }

    #[track_caller]
    fn refused_for_metadata(&self, key: &str) {
        let expected =
            format!("its metadata do not say '{key}' as those of a denoiser do");
        assert_eq!(self.refused(), expected);
    }
}

fn file() -> File {
    File::of(&network(config(Padding::Zeros, 4, [5, 6])))
}

#[test]
fn a_file_by_hand_is_read() {
    let expected = network(config(Padding::Zeros, 4, [5, 6]));
    let found = read(&file().bytes()).unwrap().network;
    assert_eq!(found.parameters, expected.parameters);
    // What else there is is none of its business.
    let mut more = file();
    more.tensors.push(("else".to_owned(), vec![2], vec![1.0; 2]));
    assert_eq!(read(&more.bytes()).unwrap().network, found);
}

#[test]
fn tensors_of_another_shape_are_refused() {
    for (name, shape) in [
        // Transposed, with too many or too few channels, with another kernel, flat, empty.
        ("time.0.weight", &[32, 4][..]),
        ("time.1.weight", &[5, 4]),
        ("time.1.weight", &[4, 5]),
        ("first.weight", &[4, 1, 3, 3]),
        ("first.weight", &[4, 3, 5, 5]),
        ("first.weight", &[4, 3, 3]),
        ("first.weight", &[5, 3, 3, 3]),
        ("first.weight", &[0, 3, 3, 3]),
        ("first.weight", &[4, 0, 3, 3]),
        ("blocks.0.time.weight", &[4, 8]),
        ("blocks.0.time.weight", &[4, 4]),
        ("blocks.1.pointwise.weight", &[4, 4]),
        ("blocks.1.pointwise.weight", &[4, 4, 3, 3]),
        ("blocks.1.pointwise.weight", &[4, 5, 1, 1]),
        ("blocks.1.kernel.weight", &[4, 4, 1, 1]),
        ("blocks.1.kernel.weight", &[4, 4, 1, 9]),
        ("blocks.1.kernel.weight", &[3, 4, 3, 3]),
        ("last_time.weight", &[6, 4]),
        ("last.weight", &[4, 4, 3, 3]),
        ("last.weight", &[1, 4, 3, 3]),
        ("time.0.bias", &[4, 1]),
        ("last.bias", &[3, 1]),
    ] {
        file().with_shape(name, shape).refused_for_tensor(name);
    }
    // A bias that doesn't fit its weights is told by their name.
    for name in ["time.0", "blocks.0.kernel", "blocks.1.time", "last"] {
        let file = file().with_shape(&format!("{name}.bias"), &[2]);
        file.refused_for_tensor(&format!("{name}.weight"));
    }
    // All of one size, but not that of the rest; and nothing at all.
    let other = file().with_shape("first.weight", &[5, 3, 3, 3]);
    other.with_shape("first.bias", &[5]).refused_for_tensor("time.0.weight");
    let none = file().with_shape("first.weight", &[0, 3, 3, 3]);
    none.with_shape("first.bias", &[0]).refused_for_tensor("first.weight");
}

#[test]
fn files_with_something_missing_are_refused() {
    let all: Vec<String> = file().tensors.into_iter().map(|(name, ..)| name).collect();
    for name in all {
        file().without(&name).refused_for_tensor(&name);
    }
    // A block of the two, and not the last one.
    file().without("blocks.0.").refused_for_tensor("blocks.0.time.weight");
    // Without the last of its blocks, or without any, it is another network.
    let read = |file: File| read(&file.bytes()).unwrap().network.config().layers;
    assert_eq!(read(file().without("blocks.1.")), 3);
    assert_eq!(read(file().without("blocks.")), 2);
}

#[test]
fn metadata_of_no_network_are_refused() {
    for key in ["size", "padding"] {
        file().saying(key, None).refused_for_metadata(key);
    }
    for size in [
        "0 x 8",
        "8 x 0",
        "8",
        "",
        "8x8",
        "8 x 8 x 8",
        "-8 x 8",
        "8 x 4097",
        "8.5 x 8",
        "99999999999999999999 x 8",
        "eight x eight",
    ] {
        file().saying("size", Some(size)).refused_for_metadata("size");
    }
    // What no command makes is not read either.
    for padding in ["zeros", "Circular", "", "reflect", padding_name(Padding::ZerosAfter)]
    {
        file().saying("padding", Some(padding)).refused_for_metadata("padding");
    }
    for key in ["prediction", "data", "updates", "training"] {
        file().saying(key, None).refused_for_metadata(key);
    }
}

#[test]
fn numbers_that_are_no_weights_are_refused() {
    for value in [f32::NAN, f32::INFINITY] {
        for name in ["first.weight", "blocks.1.kernel.bias", "last_time.weight"] {
            let mut file = file();
            file.tensor(name).2[2] = value;
            let expected =
                format!("its tensor '{name}' has a value that is infinite or no number");
            assert_eq!(file.refused(), expected);
        }
    }
}

/// A training can only go on with as many numbers as the network has.
#[test]
fn an_unfinished_training_of_another_network_is_refused() {
    for count in [0, 10, 100_000] {
        let mut file = file();
        for name in ["parameters", "mean", "square"] {
            file.tensors.push((
                format!("unfinished.{name}"),
                vec![count],
                vec![0.5; count],
            ));
        }
        for (key, value) in [
            ("of_updates", "9"),
            ("batch", "4"),
            ("learning_rate", "0.1"),
            ("ema_decay", "0.9"),
            ("label_dropout", "0"),
            ("seed", "3"),
        ] {
            file = file.saying(key, Some(value));
        }
        file.refused_for_tensor("unfinished.parameters");
    }
}

/// Each chapter's network says which tensor of its own is not in the other's file.
#[test]
fn networks_of_other_chapters_are_refused() {
    let of_h = part_h_learning_to_denoise::NetworkConfig {
        values: 3 * 30,
        fourier_features: false,
        steps: STEPS,
        labels: 0,
        hidden: 8,
        residual_layers: 2,
    };
    let of_h = model(Network::new(of_h, &mut generator(1))).to_bytes();
    assert_eq!(
        read(&of_h).unwrap_err().to_string(),
        "its tensor 'first.weight' is missing, or not one of a denoiser"
    );
    let of_k = model(network(config(Padding::Zeros, 4, [5, 6]))).to_bytes();
    assert_eq!(
        <Model>::from_bytes(&of_k).unwrap_err().to_string(),
        "its tensor 'layers.0.weight' is missing, or not one of a denoiser"
    );
    for (whole, length) in [(&of_k, 0), (&of_k, 100), (&of_k, of_k.len() - 1)] {
        assert!(matches!(read(&whole[..length]), Err(ModelError::NotSafetensors(_))));
    }
}

proptest! {
    /// Whatever is changed in a file, it is read or refused.
    #[test]
    fn changed_files_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_header: bool,
    ) {
        let mut file = model(network(config(Padding::Circular, 3, [5, 6]))).to_bytes();
        let end = if in_header { 1800 } else { file.len() };
        for (place, byte) in changes {
            file[place.index(end)] = byte;
        }
        let _ = read(&file);
    }
}
