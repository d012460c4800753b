//! From chapter L's network to the engine's, and back: the numbers go as the file that
//! diffusers reads, under the same names.

use burn::store::{
    BurnToPyTorchAdapter, ModuleSnapshot, PyTorchToBurnAdapter, SafetensorsStore,
};
use burn::tensor::Device;
use part_h_learning_to_denoise::ParameterSet;
use part_h_learning_to_denoise::model_file::{ModelError, Stored, tensors_as_file};
use part_l_u_net::UNet as OwnUNet;
use part_l_u_net::initial::Zeros;

use crate::UNet;

// ANCHOR: weights
impl UNet {
    /// Chapter L's network, on a device, with the same numbers.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    pub fn of(network: &OwnUNet, device: &Device) -> Self {
        let mut ours = UNet::new(network.config(), device);
        ours.take_over(network);
        ours
    }

    /// Takes over the numbers of chapter L's network, which has the same config. They go
    /// where those of before were.
    fn take_over(&mut self, network: &OwnUNet) {
        let tensors = network.parameters.tensors().into_iter();
        let tensors = tensors.map(|it| (it.name, it.shape, it.numbers.to_vec()));
        let bytes = tensors_as_file(tensors.collect(), false, Vec::new());
        // PyTorch has the weights of a linear layer the other way round, and other names
        // for what a normalization learns. And it knows no variants of an enum.
        let bytes = bytes.expect("32 bits hold all numbers");
        let mut store = SafetensorsStore::from_bytes(Some(bytes))
            .with_from_adapter(PyTorchToBurnAdapter)
            .skip_enum_variants(true);
        self.load_from(&mut store).expect("the names and the shapes are the same");
    }

    /// The same as chapter L's network, with the same numbers.
    ///
    /// # Errors
    ///
    /// If one of them is infinite, or no number.
    pub fn to_own(&self) -> Result<OwnUNet, ModelError> {
        let mut store = SafetensorsStore::from_bytes(None)
            .with_to_adapter(BurnToPyTorchAdapter)
            .skip_enum_variants(true);
        self.save_into(&mut store).expect("memory takes all");
        let bytes = store.get_bytes().expect("it was written");
        let stored = Stored::read(&bytes)?;
        let mut own = OwnUNet::new(self.config().clone(), &mut Zeros);
        let tensors = own.parameters.tensors().into_iter();
        let names: Vec<String> = tensors.map(|tensor| tensor.name).collect();
        for (name, place) in names.iter().zip(own.parameters.slices_mut()) {
            stored.fill(name, place)?;
        }
        Ok(own)
    }
}
// ANCHOR_END: weights

impl UNet {
    /// Takes over these numbers, in the order of chapter L's parameters.
    ///
    /// # Panics
    ///
    /// If they are not as many.
    pub(crate) fn copy_from(&mut self, numbers: &[f32]) {
        let mut own = OwnUNet::new(self.config().clone(), &mut Zeros);
        own.parameters.copy_from(numbers);
        self.take_over(&own);
    }

    /// All numbers, in the order of chapter L's parameters.
    ///
    /// # Errors
    ///
    /// As [`to_own`](Self::to_own).
    pub(crate) fn numbers(&self) -> Result<Vec<f32>, ModelError> {
        Ok(self.to_own()?.parameters.slices().concat())
    }
}
