//! Folders as others publish them, and what is in the place of some.

use std::fs::{self, File};
use std::io::{self, Cursor};

use part_l_u_net::model_folder::{
    CONFIG, FolderConfig, FolderError, FolderPath, INDEX, ModelFolder, SCHEDULER, WEIGHTS,
};
use serde_json::{Map, Value, json};

use super::folder::{Files, change, files, read, refused, small};

const SHARDS: &str = "unet/diffusion_pytorch_model.safetensors.index.json";

/// The header of a file of tensors, and the tensors.
pub fn parts(file: &[u8]) -> (Map<String, Value>, &[u8]) {
    let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&file[8..8 + length]).unwrap(), &file[8 + length..])
}

fn file_of(header: &Map<String, Value>, tensors: &[u8]) -> Vec<u8> {
    let header = serde_json::to_vec(header).unwrap();
    [&(header.len() as u64).to_le_bytes(), &header[..], tensors].concat()
}

fn rename(files: &mut Files, from: &str, to: &str) {
    let bytes = files.remove(from).unwrap();
    files.insert(to.to_owned(), bytes);
}

fn configs(files: &Files) -> Result<FolderConfig, FolderError> {
    FolderConfig::read(|name| Ok(files.get(name).map(Cursor::new)))
}

#[test]
fn the_average_of_a_training() {
    let folder = small();
    let mut files = files(&folder);
    let config = files[CONFIG].clone();
    for file in ["config.json", "diffusion_pytorch_model.safetensors"] {
        rename(&mut files, &format!("unet/{file}"), &format!("unet_ema/{file}"));
    }
    for key in ["decay", "min_decay", "update_after_step", "use_ema_warmup"] {
        change(&mut files, "unet_ema/config.json", |keys| {
            _ = keys.insert(key.into(), json!(1))
        });
    }
    assert_eq!(read(&files).unwrap(), folder);
    assert_eq!(configs(&files).unwrap().unknown_keys, [""; 0]);
    // If there are both, it is not looked at.
    files.insert(CONFIG.into(), config);
    assert!(
        refused(&files)
            .starts_with("there is no unet/diffusion_pytorch_model.safetensors;")
    );
}

#[test]
fn numbers_of_every_type() {
    let folder = small();
    let whole = files(&folder);
    let (header, tensors) = parts(&whole[WEIGHTS]);
    let numbers = tensors.as_chunks::<4>().0;
    let as_type = |dtype: &str, bytes: Vec<u8>, size: usize| {
        let mut header = header.clone();
        for (_, tensor) in header.iter_mut().filter(|(name, _)| *name != "__metadata__") {
            tensor["dtype"] = json!(dtype);
            for offset in tensor["data_offsets"].as_array_mut().unwrap() {
                *offset = json!(offset.as_u64().unwrap() as usize / 4 * size);
            }
        }
        let mut files = whole.clone();
        files.insert(WEIGHTS.to_owned(), file_of(&header, &bytes));
        files
    };
    let doubles = numbers.iter().map(|&bytes| f64::from(f32::from_le_bytes(bytes)));
    let doubles: Vec<u8> = doubles.flat_map(f64::to_le_bytes).collect();
    assert_eq!(read(&as_type("F64", doubles.clone(), 8)).unwrap(), folder);
    // The upper half of the bits.
    let halves: Vec<u8> = numbers.iter().flat_map(|it| [it[2], it[3]]).collect();
    let mut files = as_type("BF16", halves, 2);
    let rounded = read(&files).unwrap();
    for (one, other) in rounded
        .network
        .parameters
        .tensors()
        .iter()
        .zip(folder.network.parameters.tensors())
    {
        for (&one, &other) in one.numbers.iter().zip(other.numbers) {
            assert_eq!(one.to_bits(), other.to_bits() >> 16 << 16);
        }
    }
    rename(&mut files, WEIGHTS, "unet/diffusion_pytorch_model.fp16.safetensors");
    assert_eq!(read(&files).unwrap(), rounded);

    let sentence = refused(&as_type("I64", doubles.clone(), 8));
    assert!(sentence.contains("is of type I64, and not of F16"), "{sentence}");
    let mut large = doubles;
    large[..8].copy_from_slice(&1e300_f64.to_le_bytes());
    let sentence = refused(&as_type("F64", large, 8));
    assert!(sentence.contains("has a value too large for F32"), "{sentence}");
}

#[test]
fn weights_in_several_files() {
    let folder = small();
    let mut files = files(&folder);
    let whole = files.remove(WEIGHTS).unwrap();
    let (header, tensors) = parts(&whole);
    let mut shards = [(Map::new(), Vec::new()), (Map::new(), Vec::new())];
    let mut map = Map::new();
    let names = ["a-1-of-2.safetensors", "a-2-of-2.safetensors"];
    for (i, (name, tensor)) in header.iter().enumerate() {
        if name == "__metadata__" {
            continue;
        }
        let offsets: [usize; 2] =
            serde_json::from_value(tensor["data_offsets"].clone()).unwrap();
        let (header, bytes) = &mut shards[i % 2];
        let mut tensor = tensor.clone();
        let begin = bytes.len();
        bytes.extend(&tensors[offsets[0]..offsets[1]]);
        tensor["data_offsets"] = json!([begin, bytes.len()]);
        header.insert(name.clone(), tensor);
        map.insert(name.clone(), json!(names[i % 2]));
    }
    for ((header, bytes), name) in shards.iter().zip(names) {
        files.insert(format!("unet/{name}"), file_of(header, bytes));
    }
    let index = |map: Value| serde_json::to_vec(&json!({ "weight_map": map })).unwrap();
    files.insert(SHARDS.into(), index(Value::Object(map.clone())));
    assert_eq!(read(&files).unwrap(), folder);

    let mut twice = files.clone();
    twice.insert("unet/a-2-of-2.safetensors".into(), whole.clone());
    let sentence = refused(&twice);
    assert!(
        sentence.starts_with("unet/a-2-of-2.safetensors: there is a tensor"),
        "{sentence}"
    );
    let mut without = files.clone();
    without.remove("unet/a-2-of-2.safetensors");
    assert!(refused(&without).starts_with("there is no unet/a-2-of-2.safetensors;"));
    for map in [json!({"a": "../a.safetensors"}), json!({"a": "a.bin"}), json!([])] {
        files.insert(SHARDS.into(), index(map));
        let sentence = refused(&files);
        assert!(sentence.contains("expected a safetensors file beside it"), "{sentence}");
    }
}

#[test]
fn names_of_two_ages() {
    let mut files = files(&small());
    let text = String::from_utf8_lossy(&files[WEIGHTS]).contains(".to_q.");
    assert!(text);
    let (mut header, tensors) = parts(&files[WEIGHTS]);
    let name = "mid_block.attentions.0.to_v.bias";
    let tensor = header.remove(name).unwrap();
    header.insert(name.replace("to_v", "value"), tensor);
    let mixed = file_of(&header, tensors);
    files.insert(WEIGHTS.into(), mixed);
    let sentence = refused(&files);
    assert!(sentence.contains("are named as in different versions"), "{sentence}");
}

#[test]
fn configs_alone() {
    let folder = small();
    let mut files = files(&folder);
    files.remove(WEIGHTS);
    let read_configs = configs(&files).unwrap();
    assert_eq!(&read_configs.network, folder.network.config());
    assert_eq!(read_configs.scheduler, Some(folder.scheduler));
    assert_eq!(read_configs.unknown_keys, [""; 0]);

    let config = files.remove(CONFIG).unwrap();
    let mut files = Files::from([("config.json".into(), config)]);
    for key in ["encoder\u{1b}", "_name_or_path", "power", "dropout"] {
        change(&mut files, "config.json", |keys| {
            _ = keys.insert(key.into(), Value::Null)
        });
    }
    let read_configs = configs(&files).unwrap();
    assert_eq!(read_configs.scheduler, None);
    assert_eq!(read_configs.network.steps, 1000);
    assert_eq!(read_configs.unknown_keys, [r"encoder\u{1b}"]);
    assert!(refused(&files).starts_with("there is no scheduler/scheduler_config.json"));
}

/// Every scheduler of betas is one of a folder.
#[test]
fn schedulers() {
    let mut files = files(&small());
    for name in part_e_schedules::config::class_names() {
        let schedule = match name {
            "UnCLIPScheduler" => "squaredcos_cap_v2",
            _ => "linear",
        };
        let config = json!({"_class_name": name, "beta_schedule": schedule});
        files.insert(SCHEDULER.into(), config.to_string().into_bytes());
        let FolderPath::Schedule(read) = read(&files).unwrap().scheduler else {
            panic!("{name}");
        };
        assert_eq!(read.class_name(), name);
    }
}

#[test]
fn what_else_a_folder_is() {
    let whole = files(&small());
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    let bin = "unet/diffusion_pytorch_model.bin";
    let flax = "unet/diffusion_flax_model.msgpack";
    let text_encoder = r#"{"_class_name": "StableDiffusionPipeline",
        "safety_checker": [null, null], "text_encoder": ["transformers", "CLIP"]}"#;
    let latent = r#"{"_class_name": "LDMPipeline", "vqvae": ["diffusers", "VQModel"]}"#;
    let class = |name: &str| format!("{{\"_class_name\": \"{name}\"}}");
    let variance = |name: &str| {
        format!("{{\"_class_name\": \"DDPMScheduler\", \"variance_type\": \"{name}\"}}")
    };
    let cases = [
        (
            WEIGHTS,
            pointer.to_owned(),
            "unet/diffusion_pytorch_model.safetensors is a pointer of git-LFS to the file, and not the file itself; expected what `git lfs pull` fetches",
        ),
        (CONFIG, pointer.to_owned(), "unet/config.json is a pointer"),
        (
            INDEX,
            text_encoder.to_owned(),
            "model_index.json: _class_name is \"StableDiffusionPipeline\"; expected DDPMPipeline, or another of a UNet2DModel and a scheduler alone; this one has a text_encoder: its network follows a text",
        ),
        (INDEX, latent.to_owned(), "this one has a vqvae: its network sees the latents"),
        (
            CONFIG,
            class("UNet2DConditionModel"),
            "expected UNet2DModel; this one follows a text",
        ),
        (CONFIG, class("SD3Transformer2DModel"), "this one is a transformer"),
        (CONFIG, class("AutoencoderKL"), "this one is a VAE"),
        (CONFIG, class("UNet1DModel"), "this one is another kind of U-Net"),
        (CONFIG, class("Prior"), "_class_name is \"Prior\"; expected UNet2DModel"),
        (
            CONFIG,
            r#"{"model_type": "bert"}"#.to_owned(),
            "a config of the library transformers",
        ),
        (CONFIG, " ".repeat(2 << 20), "unet/config.json is larger than a megabyte"),
        (
            SCHEDULER,
            variance("learned"),
            "variance_type is \"learned\"; expected fixed_small",
        ),
        (SCHEDULER, variance("learned_range"), "twice as many channels that come out"),
        (SCHEDULER, class("FlowMatchHeunDiscreteScheduler"), "is of another flow"),
    ];
    for (name, bytes, expected) in cases {
        let mut files = whole.clone();
        files.insert(name.to_owned(), bytes.into_bytes());
        let sentence = refused(&files);
        assert!(sentence.contains(expected), "{name}: {sentence}");
        assert!(sentence.contains(name), "{name}: {sentence}");
    }
    let mut files = whole;
    files.remove(WEIGHTS);
    for (name, expected) in [
        (flax, "has the weights for Flax, which are not read here"),
        (
            bin,
            "torch.load('unet/diffusion_pytorch_model.bin', 'cpu', weights_only=True), 'unet/diffusion_pytorch_model.safetensors', {'format': 'pt'})\"",
        ),
    ] {
        files.insert(name.to_owned(), vec![0; 100]);
        let sentence = refused(&files);
        assert!(sentence.contains(expected), "{sentence}");
    }
    assert_eq!(
        refused(&Files::new()),
        "there is no unet/config.json, and no config.json; expected the folder of a network, as \
         diffusers writes it"
    );
}

#[test]
fn headers_that_lie() {
    let whole = files(&small());
    let (header, tensors) = parts(&whole[WEIGHTS]);
    let with = |bytes: Vec<u8>| {
        let mut files = whole.clone();
        files.insert(WEIGHTS.to_owned(), bytes);
        refused(&files)
    };
    let name = "conv_in.weight";
    let [begin, end]: [usize; 2] =
        serde_json::from_value(header[name]["data_offsets"].clone()).unwrap();
    let big = 1_u64 << 40;
    for (key, value, expected) in [
        ("data_offsets", json!([begin - 4, end]), "no whole safetensors file"),
        ("data_offsets", json!([begin, end - 4]), "no whole safetensors file"),
        ("data_offsets", json!([end, begin]), "no whole safetensors file"),
        ("data_offsets", json!([0, u64::MAX]), "no whole safetensors file"),
        ("shape", json!([big, big, big]), "no whole safetensors file"),
        ("shape", json!([8, 3, 3]), "no whole safetensors file"),
        (
            "shape",
            json!([3, 8, 3, 3]),
            "has the shape [3, 8, 3, 3]; expected [8, 3, 3, 3]",
        ),
        ("dtype", json!("F16"), "no whole safetensors file"),
        ("dtype", json!("Pickle"), "no whole safetensors file"),
    ] {
        let mut header = header.clone();
        header[name][key] = value;
        let sentence = with(file_of(&header, tensors));
        assert!(sentence.contains(expected), "{key}: {sentence}");
    }
    let mut without = header.clone();
    let tensor = without.remove(name).unwrap();
    without.insert("conv_in.wait".to_owned(), tensor);
    let sentence = with(file_of(&without, tensors));
    assert!(sentence.contains("the tensor 'conv_in.weight' is missing"), "{sentence}");

    let file = &whole[WEIGHTS];
    let length = |length: u64| [&length.to_le_bytes(), &file[8..]].concat();
    for bytes in [
        length(0),
        length(u64::MAX),
        length(17 << 20),
        length(file.len() as u64 - 7),
        file[..7].to_vec(),
        file[..file.len() - 1].to_vec(),
        [&file[..], &[0]].concat(),
        Vec::new(),
    ] {
        let sentence = with(bytes);
        assert!(sentence.contains("no whole safetensors file"), "{sentence}");
    }
    let mut broken = file.clone();
    let place = file.len() - 4;
    broken[place..].copy_from_slice(&f32::NAN.to_le_bytes());
    let sentence = with(broken);
    assert!(sentence.contains("infinite or no number"), "{sentence}");
}

/// A file of zeros on disk takes no room there; nor does it take any in memory.
#[test]
fn a_gigabyte_of_zeros() {
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let whole = files(&small());
    for (name, bytes) in &whole {
        fs::create_dir_all(path(name).parent().unwrap()).unwrap();
        fs::write(path(name), bytes).unwrap();
    }
    let open = |name: &str| match File::open(path(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        file => file.map(Some),
    };
    ModelFolder::read(open).unwrap();
    for (name, expected) in [
        (INDEX, "is larger than a megabyte"),
        (CONFIG, "is larger than a megabyte"),
        (SCHEDULER, "is larger than a megabyte"),
        (WEIGHTS, "no whole safetensors file"),
    ] {
        File::create(path(name)).unwrap().set_len(1 << 30).unwrap();
        let sentence = ModelFolder::read(open).unwrap_err().to_string();
        assert!(sentence.contains(expected) && sentence.contains(name), "{sentence}");
        fs::write(path(name), &whole[name]).unwrap();
    }
}
