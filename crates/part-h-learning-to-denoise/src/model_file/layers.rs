//! The network of chapter H in a file.

use nalgebra::{DMatrix, DVector};

use super::{ModelError, Stored, StoredNetwork, Tensor};
use crate::layers::Linear;
use crate::network::Network;
use crate::parameters::{NetworkConfig, Parameters};

impl StoredNetwork for Network {
    const SAVED_BY: &str = "the command of chapter H or J";

    fn tensors(&self) -> Vec<Tensor> {
        let layers = self.parameters.layers.iter().enumerate();
        let mut tensors: Vec<Tensor> = layers
            .flat_map(|(i, layer)| linear_tensors(&format!("layers.{i}"), layer))
            .collect();
        if self.config().labels > 0 {
            let labels = &self.parameters.labels;
            let shape = vec![labels.ncols(), labels.nrows()];
            let numbers = labels.as_slice().to_vec();
            tensors.push(("labels.weight".to_owned(), shape, numbers));
        }
        tensors
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        vec![("fourier_features", self.config().fourier_features.to_string())]
    }

    fn read(stored: &Stored, steps: usize) -> Result<Self, ModelError> {
        let mut layers = Vec::new();
        while layers.is_empty() || stored.has(&weight_name(layers.len())) {
            layers.push(linear(stored, &format!("layers.{}", layers.len()))?);
        }
        let labels = match stored.has("labels.weight") {
            true => stored.matrix("labels.weight")?,
            false => DMatrix::zeros(layers[0].bias.len(), 0),
        };
        // The second is the name that it had before.
        let fourier_features = stored.find("fourier_features").or(stored.find("waves"));
        let fourier_features = fourier_features.and_then(|text| text.parse().ok());
        let config = NetworkConfig {
            values: layers[layers.len() - 1].bias.len(),
            fourier_features: fourier_features
                .ok_or(ModelError::Metadata("fourier_features"))?,
            steps,
            labels: labels.ncols().saturating_sub(1),
            hidden: layers[0].bias.len(),
            residual_layers: layers.len().saturating_sub(2),
        };
        let parameters = Parameters { layers, labels };
        check(&parameters, &config)?;
        Ok(Network::with(config, parameters))
    }
}

fn weight_name(layer: usize) -> String {
    format!("layers.{layer}.weight")
}

/// A linear layer as two tensors, as PyTorch has it.
pub fn linear_tensors(name: &str, layer: &Linear) -> [Tensor; 2] {
    let Linear { weights, bias } = layer;
    let (outputs, inputs) = weights.shape();
    let by_rows = weights.transpose().as_slice().to_vec();
    [
        (format!("{name}.weight"), vec![outputs, inputs], by_rows),
        (format!("{name}.bias"), vec![outputs], bias.as_slice().to_vec()),
    ]
}

/// A linear layer of a file.
///
/// # Errors
///
/// If it isn't there, or is none.
pub fn linear(stored: &Stored, name: &str) -> Result<Linear, ModelError> {
    let weights = stored.matrix(&format!("{name}.weight"))?.transpose();
    let ([_], bias) = stored.floats(&format!("{name}.bias"))?;
    Ok(Linear { weights, bias: DVector::from_vec(bias) })
}

/// Whether the tensors are those of a network with this config.
fn check(parameters: &Parameters, config: &NetworkConfig) -> Result<(), ModelError> {
    let wrong = |name: String| Err(ModelError::Tensor(name));
    let last = parameters.layers.len() - 1;
    if last == 0 || config.values == 0 || config.hidden == 0 {
        return wrong(weight_name(last));
    }
    for (i, layer) in parameters.layers.iter().enumerate() {
        let inputs = if i == 0 { config.inputs() } else { config.hidden };
        let outputs = if i == last { config.values } else { config.hidden };
        if layer.weights.shape() != (outputs, inputs) || layer.bias.len() != outputs {
            return wrong(weight_name(i));
        }
    }
    let columns = if config.labels == 0 { 0 } else { config.labels + 1 };
    if parameters.labels.shape() != (config.hidden, columns) {
        return wrong("labels.weight".to_owned());
    }
    Ok(())
}
