//! What samples are to be.

use std::path::Path;

use clap::Args;
use diffusion_cli::RunError;
use diffusion_cli::arguments::whole;
use diffusion_cli::shown::Shown;

use super::DataSet;

/// The arguments of samples with labels.
#[derive(Args, Clone, Debug)]
pub struct LabelArguments {
    /// What the samples are to be, of data with labels [default: each label in turn]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 1_000_000))]
    label: Option<u64>,

    /// How much the label counts: 0 for not at all, 1 for as much as in the data
    /// [default: 1]
    #[arg(long, value_name = "SCALE", allow_hyphen_values = true, value_parser = scale)]
    guidance: Option<f32>,
}

impl LabelArguments {
    /// What the samples are to be, in turn: labels of the data, or none.
    ///
    /// # Errors
    ///
    /// If there is no such label.
    pub fn labels(&self, data_set: &DataSet) -> Result<Vec<Option<usize>>, RunError> {
        let name = Shown(Path::new(&data_set.name));
        let expected = format!("data with labels; '{name}' has none");
        self.of(data_set.label_count, &expected)
    }

    /// The same for so many labels. If there are none, the options are for something else
    /// that is `expected`.
    ///
    /// # Errors
    ///
    /// If there is no such label.
    pub fn of(
        &self,
        labels: usize,
        expected: &str,
    ) -> Result<Vec<Option<usize>>, RunError> {
        let refused = |sentence: String| Err(RunError::Argument(sentence));
        if let (0, Some(option)) = (labels, self.given()) {
            return refused(format!("{option} is for {expected}"));
        }
        match self.label.map(|label| label as usize) {
            None if labels == 0 => Ok(vec![None]),
            None => Ok((0..labels).map(Some).collect()),
            Some(label) if label < labels => Ok(vec![Some(label)]),
            Some(label) => refused(format!(
                "--label {label} is not there; expected one from 0 to {}",
                labels - 1
            )),
        }
    }

    /// How much a label counts.
    pub fn guidance(&self) -> f32 {
        self.guidance.unwrap_or(1.0)
    }

    /// An option that is given, if one is.
    pub fn given(&self) -> Option<&'static str> {
        let guidance = self.guidance.map(|_| "--guidance");
        self.label.map(|_| "--label").or(guidance)
    }
}

fn scale(text: &str) -> Result<f32, &'static str> {
    let scale = text.parse().ok().filter(|scale: &f32| (0.0..=100.0).contains(scale));
    scale.ok_or("expected a number from 0 to 100, such as 2")
}
