//! The arguments of learning, and what they mean for some data.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use diffusion_run::arguments::whole;
use diffusion_run::load;
use diffusion_run::shown::{Shown, escaped};
use diffusion_run::{DataArguments, RunError};
use part_h_learning_to_denoise::model_file::Model;
use part_h_learning_to_denoise::{Data, Settings, Shape, Target};

/// What stands for the data of the network that is loaded, or for the spiral.
pub const AUTO: &str = "auto";

/// What is learned from if nothing else is asked for.
const DATA: &str = "spiral";

/// The most values of a datum that a network learns.
const MAX_VALUES: usize = 4096;

/// The largest file of a network, in bytes.
const MAX_FILE: u64 = 1 << 28;

/// The most values of all samples together.
const MAX_SAMPLED: usize = 10_000_000;

/// One digit in so many is held out.
const HELD_OUT: usize = 10;

/// The arguments of learning.
#[derive(Args)]
pub struct LearningArguments {
    /// Number of updates [default: 4000; 8000 for pictures; 0 with --load]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 1_000_000))]
    pub updates: Option<u64>,

    /// Examples that are seen at each update [default: 256; 128 for pictures]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 4096))]
    pub batch: Option<u64>,

    /// Values of a hidden layer [default: 128]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1024))]
    pub hidden: Option<u64>,

    /// What the network is asked for [default: noise]
    #[arg(long, value_enum)]
    pub prediction: Option<PredictionArgument>,

    /// How far an update goes at most
    #[arg(long, value_name = "RATE", default_value_t = Settings::default().learning_rate)]
    #[arg(allow_hyphen_values = true, value_parser = rate)]
    pub learning_rate: f64,

    /// Network to start from, a file that --save has written; the optimizer starts anew
    #[arg(long, value_name = "PATH")]
    #[arg(conflicts_with_all = ["hidden", "prediction", "schedule", "steps"])]
    #[arg(conflicts_with_all = ["beta_start", "beta_end"])]
    pub load: Option<PathBuf>,

    /// Network to write, .safetensors
    #[arg(long, value_name = "PATH", value_parser = network, display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    pub save: Option<PathBuf>,
}

/// The arguments of sampling.
#[derive(Args)]
pub struct SamplingArguments {
    /// Number of samples [default: 2000; 100 pictures]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 100_000))]
    pub samples: Option<u64>,

    /// What the samples are to be, of data with labels [default: each label in turn]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 1000))]
    pub label: Option<u64>,

    /// How much the label counts: 0 for not at all, 1 for as much as in the data [default: 1]
    #[arg(long, value_name = "SCALE", allow_hyphen_values = true, value_parser = scale)]
    pub guidance: Option<f32>,
}

/// The predictions by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PredictionArgument {
    Noise,
    X0,
    Velocity,
}

impl From<PredictionArgument> for Target {
    fn from(prediction: PredictionArgument) -> Self {
        match prediction {
            PredictionArgument::Noise => Target::Noise,
            PredictionArgument::X0 => Target::X0,
            PredictionArgument::Velocity => Target::Velocity,
        }
    }
}

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse().ok().filter(|&rate: &f64| 0.0 < rate && rate <= 1000.0);
    rate.ok_or("expected a number above 0 and at most 1000, such as 0.004")
}

fn scale(text: &str) -> Result<f32, &'static str> {
    let scale = text.parse().ok().filter(|scale: &f32| (0.0..=100.0).contains(scale));
    scale.ok_or("expected a number from 0 to 100, such as 2")
}

fn network(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("safetensors") => Ok(path),
        _ => Err("expected a path that ends in .safetensors"),
    }
}

/// Data, and what is learned from them.
pub struct Material {
    /// What they are called, and look like.
    pub all: diffusion_run::Data,
    pub name: String,
    /// What is learned from.
    pub learned: Data,
    /// What is not.
    pub held_out: Option<Data>,
    pub label_count: usize,
}

/// Loads the data: those that are named, or those that the `loaded` network has learned from.
pub fn material(
    mut arguments: DataArguments,
    loaded: Option<(&Model, &Path)>,
) -> Result<Material, RunError> {
    if arguments.data == Path::new(AUTO) {
        arguments.data = match loaded {
            None => DATA.into(),
            Some((model, path)) => known(model, path)?.into(),
        };
    }
    let all = arguments.load()?;
    if all.x.nrows() > MAX_VALUES {
        return Err(RunError::Argument(format!(
            "--data '{}' has {} values in each datum, too many to learn; expected at most \
             {MAX_VALUES}, or a smaller --size",
            Shown(&arguments.data),
            all.x.nrows()
        )));
    }
    let name = arguments.data.to_string_lossy().into_owned();
    if name != "digits" {
        let learned = Data::unlabelled(all.x.clone());
        return Ok(Material { all, name, learned, held_out: None, label_count: 0 });
    }
    let labels = load::digit_labels()?.into_iter().map(usize::from).collect();
    let digits = Data { x: all.x.clone(), labels: Some(labels) };
    let (learned, held_out) = digits.hold_out(HELD_OUT);
    Ok(Material { all, name, learned, held_out: Some(held_out), label_count: 10 })
}

/// The data of a loaded network, if they are among those that have a name. A file or a folder that
/// only the network names is not touched.
fn known<'a>(model: &'a Model, path: &Path) -> Result<&'a str, RunError> {
    let names =
        ["mandrill-points", "spiral", "moons", "checkerboard", "mandrill", "digits"];
    if names.contains(&model.data.as_str()) {
        return Ok(&model.data);
    }
    Err(RunError::Argument(format!(
        "--load '{}' has learned from data of your own, '{}'; expected --data to say where \
         they are",
        Shown(path),
        Shown(Path::new(&model.data))
    )))
}

/// Loads a network.
pub fn load_model(path: &Path) -> Result<Model, RunError> {
    let refused = |reason: &dyn ToString| {
        let reason = escaped(&reason.to_string());
        let sentence = format!(
            "cannot load '{}': {reason}; expected a file that --save has written",
            Shown(path)
        );
        RunError::Lesson(sentence.into())
    };
    let bytes = read(path).map_err(|error| refused(&error))?;
    Model::from_bytes(&bytes).map_err(|error| refused(&error))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 <= MAX_FILE {
        true => Ok(bytes),
        false => Err(io::Error::other("it is larger than any")),
    }
}

impl LearningArguments {
    /// What a new network is asked for.
    pub fn target(&self) -> Target {
        self.prediction.unwrap_or(PredictionArgument::Noise).into()
    }

    /// The shape of a new network.
    pub fn shape(&self, material: &Material, steps: usize) -> Shape {
        Shape {
            values: material.all.x.nrows(),
            waves: !material.all.are_pictures(),
            steps,
            labels: material.label_count,
            hidden: self.hidden.unwrap_or(128) as usize,
            residual_layers: 2,
        }
    }

    /// How it learns `target`.
    pub fn settings(&self, target: Target, material: &Material) -> Settings {
        let (updates, batch) = match material.all.are_pictures() {
            true => (8000, 128),
            false => (4000, 256),
        };
        let updates = if self.load.is_some() { 0 } else { updates };
        Settings {
            target,
            updates: self.updates.map_or(updates, |updates| updates as usize),
            batch: self.batch.map_or(batch, |batch| batch as usize),
            learning_rate: self.learning_rate,
            ..Settings::default()
        }
    }
}

impl SamplingArguments {
    /// What the samples are to be, in turn.
    pub fn labels(
        &self,
        labels: usize,
        material: &Material,
    ) -> Result<Vec<Option<usize>>, RunError> {
        let refused = |option: &str| {
            Err(RunError::Argument(format!(
                "{option} is for data with labels; --data '{}' has none",
                Shown(Path::new(&material.name))
            )))
        };
        match self.label.map(|label| label as usize) {
            None if labels == 0 && self.guidance.is_some() => refused("--guidance"),
            None if labels == 0 => Ok(vec![None]),
            None => Ok((0..labels).map(Some).collect()),
            Some(_) if labels == 0 => refused("--label"),
            Some(label) if label < labels => Ok(vec![Some(label)]),
            Some(label) => Err(RunError::Argument(format!(
                "--label {label} is not there; expected one from 0 to {}",
                labels - 1
            ))),
        }
    }

    /// How many samples there are to be.
    pub fn count(&self, material: &Material) -> Result<usize, RunError> {
        let usual = if material.all.are_pictures() { 100 } else { 2000 };
        let count = self.samples.unwrap_or(usual) as usize;
        let values = material.all.x.nrows();
        if count * values <= MAX_SAMPLED {
            return Ok(count);
        }
        Err(RunError::Argument(format!(
            "{count} samples of {values} values each are too many; expected at most {} million \
             values, fewer --samples or a smaller --size",
            MAX_SAMPLED / 1_000_000
        )))
    }
}
