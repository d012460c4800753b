//! A run on an engine.

use std::net::SocketAddr;
use std::path::Path;

use burn::tensor::Device;
use diffusion_cli::{RunError, interrupt, progress};
use diffusion_core::cancellation::checkpoint;
use part_f_the_way_back::{Denoiser, PredictionType};
use part_h_learning_to_denoise::TrainingError;
use part_h_learning_to_denoise::model_file::ModelError;
use part_l_u_net::UNet as OwnUNet;
use part_l_u_net::command_line::{
    self, Begun, Computation, OwnKernels, Sheets, Start, UNetArguments, interrupted_note,
    loss_note, mean_of_last,
};
use part_l_u_net::model_folder::UnfinishedTraining;
use part_o_on_an_engine::UNet;
use part_o_on_an_engine::denoiser::EngineDenoiser;
use part_o_on_an_engine::device::{self, DeviceError};
use part_o_on_an_engine::precision::Precision;
use part_o_on_an_engine::training::Training;

use crate::DeviceArguments;

/// After so many updates each, the bar says what the loss is.
const TOLD: usize = 20;

/// What a run computes on.
struct Engine {
    devices: Vec<Device>,
    precision: Precision,
    /// In how many parts each device computes its share of a batch.
    parts: usize,
}

/// Serves other machines, or learns and samples as chapter L does.
pub fn run(arguments: UNetArguments, asked: &DeviceArguments) -> Result<(), RunError> {
    let named = |option: &str, name: &str| {
        let refused =
            |error: DeviceError| RunError::Argument(format!("{option}: {error}"));
        device::named(name).map_err(refused)
    };
    let devices = match (&asked.device, &asked.devices[..]) {
        (Some(name), _) => vec![named("--device", name)?],
        (None, []) => vec![
            device::fastest().map_err(|error| RunError::Argument(error.to_string()))?,
        ],
        (None, names) => {
            let devices = names.iter().map(|name| named("--devices", name));
            devices.collect::<Result<_, _>>()?
        }
    };
    if let Some(address) = asked.serve {
        return serve(devices[0].clone(), address);
    }
    let precision = match asked.precision.as_str() {
        "bf16" => Precision::Bf16,
        "f16" => Precision::F16,
        _ => Precision::F32,
    };
    let parts = asked.accumulate as usize;
    command_line::run(arguments, &Engine { devices, precision, parts })
}

impl Computation for Engine {
    /// As many as chapter L allows on the processor. How much memory a card has, only its
    /// own back end knows, and it says when that is too little.
    fn max_kept(&self) -> usize {
        match self.devices.iter().any(device::is_processor) {
            true => OwnKernels.max_kept(),
            false => usize::MAX,
        }
    }

    fn learn(
        &self,
        start: &mut Start,
        save: Option<&Path>,
        mut sheets: Option<Sheets>,
    ) -> Result<Vec<String>, RunError> {
        let Some(begun) = start.training.take() else { return Ok(Vec::new()) };
        let Begun { config, seed, mut rng, from, before, unfinished } = begun;
        let levels = start.levels()?;
        let data = start.data.as_ref().expect("who learns has data");
        let (precision, devices) = (self.precision, self.devices.clone());
        let mut training =
            Training::new(config, precision, devices, &start.model.network)
                .in_parts(self.parts);
        if let Some(UnfinishedTraining { training: unfinished, updates, .. }) = unfinished
        {
            training.resume(&unfinished, updates);
        }
        let mut losses = Vec::new();
        let progress = progress::bar_with_estimate(config.updates);
        let learned = interrupt::catch(|| -> Result<(), RunError> {
            // All that was drawn before an interrupt is drawn once more.
            for _ in 0..training.updates_done() {
                checkpoint();
                config.draw(&data.learned, &levels, &mut rng);
            }
            progress.set_position(training.updates_done() as u64);
            progress.reset_eta();
            while training.updates_done() < config.updates {
                checkpoint();
                let examples = config.draw(&data.learned, &levels, &mut rng);
                let loss = training.update(&examples);
                let update = training.updates_done();
                if !loss.is_finite() {
                    let diverged = TrainingError::Diverged { update: update - 1 };
                    return Err(RunError::Lesson(diverged.into()));
                }
                losses.push(loss);
                progress.inc(1);
                if update.is_multiple_of(TOLD) {
                    progress.set_message(format!("loss {:.4}", mean_of_last(&losses)));
                }
                if let Some(sheets) = &mut sheets
                    && sheets.after.contains(&update)
                {
                    sheets.pictures.save(&(sheets.draw)(&own(training.ema())?)?)?;
                }
            }
            Ok(())
        });
        let is_interrupted = learned.is_err();
        learned.unwrap_or(Ok(()))?;
        progress.finish_and_clear();

        let updates = training.updates_done();
        start.model.network = own(training.ema())?;
        let unfinished = (updates < config.updates).then(|| training.unfinished(seed));
        let unfinished = unfinished.transpose().map_err(lesson)?;
        start.conclude((config, seed), (from, before), updates, unfinished);
        let mut notes: Vec<String> = loss_note(&losses).into_iter().collect();
        if is_interrupted {
            interrupt::serve();
        }
        // An interrupt while the last sheet is drawn leaves nothing to learn.
        if start.model.learned.unfinished.is_some() {
            notes.push(interrupted_note(updates, config.updates, save));
        }
        Ok(notes)
    }

    fn denoiser(
        &self,
        network: OwnUNet,
        kind: PredictionType,
        labels: &[Option<usize>],
        guidance: f32,
    ) -> Result<Box<dyn Denoiser>, RunError> {
        let device = &self.devices[0];
        let network = UNet::of(&network, device);
        let labels = labels.to_vec();
        Ok(Box::new(EngineDenoiser::new(&network, device, kind, labels, guidance)))
    }
}

/// The same as chapter L's network.
fn own(network: &UNet) -> Result<OwnUNet, RunError> {
    network.to_own().map_err(lesson)
}

fn lesson(error: ModelError) -> RunError {
    RunError::Lesson(error.into())
}

/// Lets other machines compute on a device, until there is an interrupt.
#[cfg(feature = "remote-server")]
fn serve(device: Device, address: SocketAddr) -> Result<(), RunError> {
    use std::io::{self, Write};
    use std::net::TcpListener;

    use burn::server::{RemoteServer, WebSocketTransport};

    let refused = |reason: String| {
        RunError::Argument(format!(
            "--serve {address}: {reason}; expected another address"
        ))
    };
    let listener =
        TcpListener::bind(address).map_err(|error| refused(error.to_string()))?;
    let address = listener.local_addr().map_err(|error| refused(error.to_string()))?;
    // Whoever started this may have stopped reading.
    let _ = writeln!(
        io::stdout(),
        "Others compute here with --device ws://{address}, until an interrupt.\nNothing on the way \
         is encrypted, and whoever reaches it may use it."
    );
    let server = RemoteServer::new([device]);
    server
        .serve(WebSocketTransport::from_listener(listener))
        .map_err(|error| refused(error.to_string()))
}

#[cfg(not(feature = "remote-server"))]
fn serve(_device: Device, _address: SocketAddr) -> Result<(), RunError> {
    let error = DeviceError::NotBuilt("remote-server");
    Err(RunError::Argument(format!("--serve: {error}")))
}
