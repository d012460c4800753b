//! Folders that are read, and those that are refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor};

use part_e_schedules::beta_schedule::{BetaSchedule, Ends};
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::model_file::{Stored, tensors_as_file};
use part_h_learning_to_denoise::{
    ParameterSet, TrainableNetwork, TrainingConfig, Unfinished,
};
use part_l_u_net::model_folder::{
    Beginning, CONFIG, FolderError, FolderPath, Learned, ModelFolder, SCHEDULER,
    UNFINISHED, UnfinishedTraining, WEIGHTS, scheduler_config,
};
use part_l_u_net::{ClassEmbedding, NormConfig, TimeFeatures, UNetConfig};
use serde_json::{Map, Value, json};

use super::reference::network;
use super::{as_published, config};

pub type Files = BTreeMap<String, Vec<u8>>;

pub fn folder(config: UNetConfig) -> ModelFolder {
    let kind = PredictionType::Velocity;
    ModelFolder {
        network: network(config),
        scheduler: FolderPath::Schedule(
            scheduler_config(&BetaSchedule::Cosine, 1000, kind).unwrap(),
        ),
        learned: Learned::default(),
    }
}

pub fn small() -> ModelFolder {
    folder(config(&[8, 16], ["DA", "AD"]))
}

pub fn files(folder: &ModelFolder) -> Files {
    let files = folder.to_files(&[], false).unwrap().into_iter();
    files.map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

pub fn read(files: &Files) -> Result<ModelFolder, FolderError> {
    ModelFolder::read(|name| Ok(files.get(name).map(Cursor::new)))
}

pub fn change(
    files: &mut Files,
    file: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) {
    let mut keys: Map<String, Value> = serde_json::from_slice(&files[file]).unwrap();
    change(&mut keys);
    files.insert(file.to_owned(), serde_json::to_vec(&keys).unwrap());
}

/// With a key of the config that has another value.
fn with(key: &str, value: Value) -> Files {
    let mut files = files(&small());
    change(&mut files, CONFIG, |keys| _ = keys.insert(key.to_owned(), value));
    files
}

pub fn refused(files: &Files) -> String {
    read(files).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read() {
    let plain = config(&[8, 16], ["DA", "AD"]);
    let others = [
        plain.clone(),
        as_published(config(&[8, 16, 16], ["DAD", "DDA"])),
        UNetConfig {
            size: [4, 8],
            channels: [1, 2],
            blocks: 3,
            head_size: Some(4),
            middle_divisor: 1.25,
            time_values: Some(20),
            centers: true,
            classes: 5,
            ..plain.clone()
        },
        UNetConfig {
            norm: NormConfig { scale_shift: true, epsilon: 0.01, groups: 2 },
            middle_groups: None,
            ..plain.clone()
        },
        UNetConfig { middle_groups: Some(8), ..plain.clone() },
        UNetConfig { attention_in_the_middle: false, ..plain.clone() },
        UNetConfig { middle: false, ..plain.clone() },
        config(&[8, 16, 8], ["RDR", "DRR"]),
        UNetConfig {
            block_resampling: [vec![false, true, true], vec![true, true, false]],
            ..config(&[8, 8, 16], ["DAR", "AAD"])
        },
        UNetConfig { time_features: TimeFeatures::Fourier, ..plain.clone() },
        UNetConfig {
            time_features: TimeFeatures::Learned(1024),
            class_embedding: ClassEmbedding::Timestep,
            ..plain.clone()
        },
        UNetConfig { class_embedding: ClassEmbedding::Given, ..plain },
    ];
    for config in others {
        let folder = folder(config);
        assert_eq!(read(&files(&folder)).unwrap(), folder);
    }
}

#[test]
fn every_schedule_and_prediction() {
    let ends = Ends { beta_start: 0.001, beta_end: 0.03 };
    let list = BetaSchedule::Linear(ends).betas(100).unwrap();
    let schedules = [
        BetaSchedule::Linear(ends),
        BetaSchedule::ScaledLinear(ends),
        BetaSchedule::Sigmoid(ends),
        BetaSchedule::Cosine,
        BetaSchedule::Laplace,
        // serde_json reads some numbers as a neighbour of what they are.
        BetaSchedule::List(vec![0.25; list.len()]),
    ];
    for schedule in schedules {
        for kind in [PredictionType::Noise, PredictionType::X0, PredictionType::Velocity]
        {
            let config = UNetConfig { steps: 100, ..config(&[8], ["D", "D"]) };
            let scheduler = scheduler_config(&schedule, 100, kind).unwrap();
            assert_eq!((&scheduler.schedule, scheduler.prediction), (&schedule, kind));
            let scheduler = FolderPath::Schedule(scheduler);
            let folder = ModelFolder { scheduler, ..folder(config) };
            assert_eq!(read(&files(&folder)).unwrap(), folder);
        }
    }
    // Its betas are there, which the class has no name for.
    let exponential =
        scheduler_config(&BetaSchedule::Exponential, 100, PredictionType::X0).unwrap();
    let betas = BetaSchedule::Exponential.betas(100).unwrap();
    let read = exponential.betas().unwrap();
    assert!(
        betas.iter().zip(&read).all(|(one, other)| (one / other - 1.0).abs() < 1e-15)
    );
    assert_eq!(read.len(), betas.len());
    let flow = scheduler_config(&BetaSchedule::Cosine, 100, PredictionType::Flow);
    let sentence = flow.unwrap_err().to_string();
    assert!(sentence.contains("prediction_type is \"flow_prediction\""), "{sentence}");
}

/// All in one folder, with old names in attention, which is kept as convolutions.
#[test]
fn the_layout_of_old() {
    let folder = small();
    let mut files = files(&folder);
    let bytes = files.remove(WEIGHTS).unwrap();
    let stored = Stored::read(&bytes).unwrap();
    let tensors = stored.names().into_iter().map(|name| {
        let mut shape = stored.shape(&name).unwrap().to_vec();
        let mut numbers = vec![0.0; shape.iter().product()];
        stored.fill(&name, &mut numbers).unwrap();
        if name.contains("attentions") && shape.len() == 2 {
            shape.extend([1, 1]);
        }
        let name = name.replace("to_q", "query").replace("to_k", "key");
        let name = name.replace("to_v", "value").replace("to_out.0", "proj_attn");
        (name, shape, numbers)
    });
    let tensors = tensors.collect();
    let old = "diffusion_pytorch_model.safetensors";
    files.insert(old.to_owned(), tensors_as_file(tensors, false, vec![]).unwrap());
    for (name, old) in [(CONFIG, "config.json"), (SCHEDULER, "scheduler_config.json")] {
        let bytes = files.remove(name).unwrap();
        files.insert(old.to_owned(), bytes);
    }
    for key in ["_diffusers_version", "decay", "optimization_step", "inv_gamma", "power"]
    {
        change(&mut files, "config.json", |keys| {
            _ = keys.insert(key.into(), json!([{}]))
        });
    }
    assert_eq!(read(&files).unwrap(), folder);
}

/// What a config doesn't say is what diffusers takes; null is not missing.
#[test]
fn defaults() {
    let folder = small();
    let same = [
        "_class_name",
        "time_embedding_type",
        "mid_block_type",
        "act_fn",
        "downsample_type",
        "upsample_type",
        "class_embed_type",
        "norm_eps",
        "attn_norm_num_groups",
        "mid_block_scale_factor",
        "downsample_padding",
        "flip_sin_to_cos",
        "freq_shift",
        "time_embedding_dim",
        "center_input_sample",
        "num_class_embeds",
        "in_channels",
        "out_channels",
        "add_attention",
        "resnet_time_scale_shift",
        "attention_head_dim",
        "dropout",
        "num_train_timesteps",
    ];
    let mut without = files(&folder);
    change(&mut without, CONFIG, |keys| {
        same.iter().for_each(|key| _ = keys.remove(*key))
    });
    assert_eq!(read(&without).unwrap(), folder);
    let config = |key, value| read(&with(key, value)).unwrap().network.config().clone();
    let plain = folder.network.config().clone();
    let one_head = config("attention_head_dim", Value::Null);
    assert_eq!(one_head, UNetConfig { head_size: None, ..plain.clone() });
    for value in [json!(8), json!([8, 8]), json!(8.0)] {
        assert_eq!(config("sample_size", value), plain);
    }
    for key in ["time_embedding_dim", "downsample_type", "num_class_embeds"] {
        assert_eq!(config(key, Value::Null), plain, "{key}");
    }
    assert_eq!(config("act_fn", json!("swish")), plain);
    let first_names = json!(["UNetResDownBlock2D", "UNetResAttnDownBlock2D"]);
    assert_eq!(config("down_block_types", first_names), plain);
    assert_eq!(
        config("downsample_padding", json!(0)),
        UNetConfig { pads_all_round: false, ..plain }
    );

    for (key, error) in [
        (
            "block_out_channels",
            "down_block_types is [\"DownBlock2D\",\"AttnDownBlock2D\"]; expected 4 blocks",
        ),
        ("norm_num_groups", "norm_num_groups is 32, and there are 8 channels"),
        ("sample_size", "sample_size is missing; expected a number of pixels"),
        (
            "layers_per_block",
            "the tensor 'down_blocks.0.resnets.1.norm1.weight' is missing",
        ),
    ] {
        let mut without = files(&folder);
        change(&mut without, CONFIG, |keys| _ = keys.remove(key));
        let sentence = refused(&without);
        assert!(sentence.contains(error), "{key}: {sentence}");
    }
}

#[test]
fn configs_that_are_refused() {
    let cases = [
        (
            "_class_name",
            json!("UNet2DConditionModel"),
            "_class_name is \"UNet2DConditionModel\"; expected UNet2DModel",
        ),
        ("act_fn", json!("gelu"), "act_fn is \"gelu\"; expected silu or swish"),
        ("act_fn", json!("\u{1b}[2J"), r#"act_fn is "\u{1b}[2J"; expected"#),
        ("act_fn", json!("x".repeat(1000)), "act_fn is a long text; expected"),
        ("act_fn", Value::Null, "act_fn is null; expected"),
        (
            "time_embedding_type",
            json!("fourier"),
            "the tensor 'time_proj.weight' is missing",
        ),
        (
            "time_embedding_type",
            json!("learned"),
            "num_train_timesteps is null; expected a whole number from 1000 on, as time_embedding_type is \"learned\"",
        ),
        (
            "time_embedding_type",
            json!("sines"),
            "time_embedding_type is \"sines\"; expected positional or fourier or learned",
        ),
        (
            "mid_block_type",
            Value::Null,
            "there is a tensor 'mid_block.attentions.0.group_norm.bias'",
        ),
        (
            "mid_block_type",
            json!("UNetMidBlock2DCrossAttn"),
            "mid_block_type is \"UNetMidBlock2DCrossAttn\"; expected UNetMidBlock2D",
        ),
        (
            "class_embed_type",
            json!("timestep"),
            "the tensor 'class_embedding.linear_1.weight' is missing",
        ),
        (
            "class_embed_type",
            json!("projection"),
            "class_embed_type is \"projection\"; expected null or timestep or identity",
        ),
        (
            "down_block_types",
            json!(["ResnetDownsampleBlock2D", "AttnDownBlock2D"]),
            "the tensor 'down_blocks.0.downsamplers.0.norm1.weight' is missing",
        ),
        (
            "down_block_types",
            json!(["AttnDownBlock2D", "KirschDownBlock2D?"]),
            "down_block_types has \"KirschDownBlock2D?\", a block of k-diffusion",
        ),
        (
            "down_block_types",
            json!(["DownBlock2D", "CrossAttnDownBlock2D"]),
            "down_block_types has \"CrossAttnDownBlock2D\", a block of a network that sees a text, as",
        ),
        (
            "up_block_types",
            json!(["AttnSkipUpBlock2D", "UpBlock2D"]),
            "up_block_types has \"AttnSkipUpBlock2D\", a block of NCSN++",
        ),
        (
            "up_block_types",
            json!(["Up", "UpBlock2D"]),
            "up_block_types is [\"Up\",\"UpBlock2D\"]; expected a list of 1 to 10 of UpBlock2D or AttnUpBlock2D or ResnetUpsampleBlock2D",
        ),
        (
            "up_block_types",
            json!(["UpBlock2D"]),
            "up_block_types is [\"UpBlock2D\"]; expected 2 blocks",
        ),
        (
            "block_out_channels",
            json!([]),
            "block_out_channels is []; expected a list of 1 to 10 numbers",
        ),
        ("block_out_channels", json!(8), "block_out_channels is 8; expected a list"),
        (
            "block_out_channels",
            json!([9, 16]),
            "block_out_channels is [9,16]; expected an even number at first",
        ),
        (
            "block_out_channels",
            json!([8, 8000]),
            "bytes of numbers, and the config asks for more",
        ),
        (
            "norm_num_groups",
            json!(3),
            "norm_num_groups is 3, and there are 8 channels; expected groups",
        ),
        (
            "norm_num_groups",
            Value::Null,
            "norm_num_groups is null; expected a whole number from 1",
        ),
        (
            "attn_norm_num_groups",
            json!(3),
            "attn_norm_num_groups is 3, and there are 16 channels",
        ),
        (
            "attention_head_dim",
            json!(5),
            "attention_head_dim is 5, and there is attention over 16 channels",
        ),
        (
            "attention_head_dim",
            json!(0),
            "attention_head_dim is 0; expected null, or a whole number from 1",
        ),
        (
            "layers_per_block",
            json!(0),
            "layers_per_block is 0; expected a whole number from 1 to 16",
        ),
        (
            "layers_per_block",
            json!([1, 1]),
            "layers_per_block is [1,1]; expected a whole number",
        ),
        (
            "downsample_padding",
            json!(2),
            "downsample_padding is 2; expected a whole number from 0 to 1",
        ),
        ("flip_sin_to_cos", json!(1), "flip_sin_to_cos is 1; expected true or false"),
        ("freq_shift", json!(4), "freq_shift is 4; expected no half of the first"),
        ("sample_size", Value::Null, "sample_size is null; expected a number of pixels"),
        (
            "sample_size",
            json!(9),
            "sample_size is 9 x 9, and block_out_channels has 2 numbers; expected a size that can be halved 1 times",
        ),
        ("resnet_time_scale_shift", json!("spatial"), "expected default or scale_shift"),
        (
            "mid_block_scale_factor",
            json!(0),
            "mid_block_scale_factor is 0; expected a number from",
        ),
        (
            "norm_eps",
            json!("1e-5"),
            "norm_eps is \"1e-5\"; expected a number from 0 to 1",
        ),
        ("num_class_embeds", json!(3), "the tensor 'class_embedding.weight' is missing"),
        (
            "in_channels",
            json!(1),
            "the tensor 'conv_in.weight' has the shape [8, 3, 3, 3]; expected [8, 1, 3, 3]",
        ),
        (
            "add_attention",
            json!(false),
            "there is a tensor 'mid_block.attentions.0.group_norm.bias', which no network of this config has",
        ),
    ];
    for (key, value, expected) in cases {
        let sentence = refused(&with(key, value));
        assert!(sentence.contains(expected), "{key}: {sentence}");
        assert!(sentence.starts_with("unet/"), "{sentence}");
    }
}

#[test]
fn files_that_are_refused() {
    let whole = files(&small());
    let without = |name: &str| {
        let mut files = whole.clone();
        files.remove(name);
        refused(&files)
    };
    assert_eq!(
        without(CONFIG),
        "there is no unet/config.json, and no config.json; expected the folder of a network, as \
         diffusers writes it"
    );
    assert!(
        without(SCHEDULER)
            .starts_with("there is no scheduler/scheduler_config.json, and no")
    );
    assert!(
        without(WEIGHTS)
            .starts_with("there is no unet/diffusion_pytorch_model.safetensors;")
    );
    let damaged = |name: &str, bytes: &[u8]| {
        let mut files = whole.clone();
        files.insert(name.to_owned(), bytes.to_vec());
        refused(&files)
    };
    assert_eq!(
        damaged(CONFIG, b"{\n  x"),
        "unet/config.json is no JSON from line 2, column 3 on"
    );
    assert_eq!(damaged(CONFIG, b"[]"), "unet/config.json is JSON, but no object");
    let half = &whole[WEIGHTS][..1000];
    assert!(
        damaged(WEIGHTS, half)
            .starts_with("unet/diffusion_pytorch_model.safetensors: it is no")
    );
    let flow = br#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}"#;
    let sentence = damaged(SCHEDULER, flow);
    assert!(
        sentence.starts_with("scheduler/scheduler_config.json is of another flow"),
        "{sentence}"
    );

    let unreadable = |_: &str| Err::<Option<File>, _>(io::Error::other("it is on fire"));
    let unreadable = ModelFolder::read(unreadable);
    let sentence = unreadable.unwrap_err().to_string();
    assert_eq!(sentence, "model_index.json cannot be read: it is on fire");

    let mut infinite = small();
    infinite.network.parameters_mut().slices_mut()[3][0] = f32::INFINITY;
    let sentence = refused(&files(&infinite));
    assert!(sentence.contains("has a value that is infinite or no number"), "{sentence}");
    infinite.network.parameters_mut().slices_mut()[3][0] = 1e5;
    let sentence = infinite.to_files(&[], true).unwrap_err().to_string();
    assert!(
        sentence.contains("has a value too large for F16, which ends at 65504"),
        "{sentence}"
    );
}

/// For levels with attention only, and only there does it matter.
#[test]
fn types_of_the_way_to_the_next_size() {
    let way = |way: &str, kind: &str| {
        let folder = folder(config(&[8, 16], [way, "DD"]));
        let mut files = files(&folder);
        change(&mut files, CONFIG, |keys| {
            _ = keys.insert("downsample_type".into(), kind.into())
        });
        read(&files)
            .map(|read| assert_eq!(read, folder))
            .map_err(|error| error.to_string())
    };
    assert_eq!(way("DD", "resnet"), Ok(()));
    assert_eq!(way("DR", "a pool"), Ok(()));
    assert_eq!(way("AD", "conv"), Ok(()));
    let missing = way("AD", "resnet").unwrap_err();
    assert!(missing.contains("'down_blocks.0.downsamplers.0.norm1.weight'"), "{missing}");
    let unknown = way("AD", "a pool").unwrap_err();
    assert!(
        unknown.contains("downsample_type is \"a pool\"; expected conv or resnet"),
        "{unknown}"
    );
}

#[test]
fn networks_that_diffusers_has_not() {
    let two_ways = UNetConfig {
        block_resampling: [vec![true, false, false], vec![false; 3]],
        ..config(&[8; 3], ["AAD", "DDD"])
    };
    let sentence = folder(two_ways).to_files(&[], false).unwrap_err().to_string();
    assert!(sentence.ends_with("lead to the next size in two ways"), "{sentence}");
    let config = UNetConfig { middle_groups: None, ..config(&[8, 16], ["DA", "AD"]) };
    let sentence = folder(config).to_files(&[], false).unwrap_err().to_string();
    assert!(
        sentence.starts_with("diffusers has no such network: attention"),
        "{sentence}"
    );
}

/// Half of the digits are gone, and no more.
#[test]
fn numbers_in_16_bits() {
    let whole = small();
    let half = whole.to_files(&[], true).unwrap();
    let half: Files = half.into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
    assert!(half[WEIGHTS].len() < files(&whole)[WEIGHTS].len() * 6 / 10);
    let read = read(&half).unwrap();
    let ours = whole.network.parameters().slices().concat();
    let rounded = read.network.parameters().slices().concat();
    for (ours, rounded) in ours.into_iter().zip(rounded) {
        let error = (ours - rounded).abs();
        assert!(error <= (ours.abs() / 2048.0).max(2_f32.powi(-25)), "{ours} {rounded}");
    }
    assert_eq!(read.to_files(&[], true).unwrap(), whole.to_files(&[], true).unwrap());
}

#[test]
fn what_is_unfinished() {
    let mut folder = small();
    let count = folder.network.parameters().count();
    folder.learned = Learned {
        data: Some("digits".into()),
        updates: 12,
        training: "so".into(),
        unfinished: Some(UnfinishedTraining {
            training: Unfinished {
                config: TrainingConfig { updates: 30, ..TrainingConfig::default() },
                seed: 4,
                network: vec![0.25; count],
                moments: [vec![0.5; count], vec![1.5; count]],
            },
            updates: 5,
            from: Beginning::Learned,
            before: "before".into(),
            updates_before: 7,
            fingerprint: u64::MAX,
        }),
    };
    let mut files = files(&folder);
    assert_eq!(read(&files).unwrap(), folder);
    let bytes = files[UNFINISHED].clone();
    files.insert(UNFINISHED.into(), bytes[..bytes.len() - 4].to_vec());
    assert!(refused(&files).starts_with("training.safetensors: it is no whole"));
}

/// The bits of a number in 16 bits, as a file has them.
fn half_bits(numbers: Vec<f32>) -> Vec<u16> {
    let tensor = ("x".to_owned(), vec![numbers.len()], numbers);
    let file = tensors_as_file(vec![tensor.clone()], true, vec![]).unwrap();
    let bytes = &file[file.len() - 2 * tensor.1[0]..];
    bytes.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes)).collect()
}

#[test]
fn every_number_of_16_bits() {
    // All that are finite, from the smallest on.
    let all: Vec<u16> = (0..0x7c00).collect();
    let value = |bits: u16| match (bits >> 10, f64::from(bits & 0x3ff)) {
        (0, digits) => digits / 16_777_216.0,
        (exponent, digits) => {
            let power = 2_f64.powi(i32::from(exponent) - 15);
            power * (1.0 + digits / 1024.0)
        }
    };
    let values: Vec<f64> = all.iter().map(|&bits| value(bits)).collect();
    let singles = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
    assert_eq!(half_bits(singles(&values)), all);
    let negative: Vec<f64> = values.iter().map(|value| -value).collect();
    let signed: Vec<u16> = all.iter().map(|bits| bits | 1 << 15).collect();
    assert_eq!(half_bits(singles(&negative)), signed);
    // Half-way between two, the one whose last bit is 0 is taken, else the nearer one.
    let middle: Vec<f64> =
        values.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect();
    let even: Vec<u16> = all.windows(2).map(|pair| pair[pair[0] as usize % 2]).collect();
    assert_eq!(half_bits(singles(&middle)), even);
    let above: Vec<f32> = middle.iter().map(|&value| (value as f32).next_up()).collect();
    assert_eq!(half_bits(above), all[1..]);
    let below: Vec<f32> =
        middle.iter().map(|&value| (value as f32).next_down()).collect();
    assert_eq!(half_bits(below), all[..all.len() - 1]);
    // The largest is 65504; what would round up from it is too large.
    assert_eq!(half_bits(vec![65_519.0]), [0x7bff]);
    let too_large = ("x".to_owned(), vec![1], vec![65_520.0]);
    assert!(tensors_as_file(vec![too_large], true, vec![]).is_err());
}
