//! What the engine runs on, by name: this machine's processor or cards, or another machine.

use std::panic::{self, AssertUnwindSafe};

use burn::tensor::{Device, Tensor};
use thiserror::Error;

/// The back ends that there are, the fastest first.
pub const BACK_ENDS: [BackEnd; 6] = [
    BackEnd { name: "cuda", is_here: cfg!(feature = "cuda") },
    BackEnd { name: "rocm", is_here: cfg!(feature = "rocm") },
    BackEnd { name: "metal", is_here: cfg!(feature = "metal") },
    BackEnd { name: "vulkan", is_here: cfg!(feature = "vulkan") },
    BackEnd { name: "wgpu", is_here: cfg!(feature = "wgpu") },
    BackEnd { name: "flex", is_here: cfg!(feature = "flex") },
];

/// What may be at the beginning of another machine's name.
const REMOTE: &str = "ws://";

/// A back end of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackEnd {
    /// Its name, which is that of the feature that brings it.
    pub name: &'static str,
    /// Whether this build has it.
    pub is_here: bool,
}

/// Why there is no such device.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DeviceError {
    /// A name that no back end has.
    #[error(
        "'{0}' is no device; expected {known}, or another machine such as ws://192.168.0.7:3000",
        known = known()
    )]
    Unknown(
        /// The name.
        String,
    ),
    /// A back end that this build hasn't.
    #[error(
        "this program was built without {0}; expected it to be built with --features {0}"
    )]
    NotBuilt(
        /// The feature that brings it.
        &'static str,
    ),
    /// No back end at all.
    #[error(
        "this program can only compute on another machine; expected --device ws://… with its \
         address, or one more feature, such as flex"
    )]
    None,
    /// A device that doesn't answer.
    #[error("'{name}' can't be used: {reason}")]
    Unusable {
        /// Its name.
        name: String,
        /// What the engine says.
        reason: String,
    },
}

/// The names of all back ends, for the reader of an error.
fn known() -> String {
    let names = BACK_ENDS.map(|back_end| match back_end.name {
        "flex" => "flex".to_owned(),
        name => format!("{name}, {name}:1"),
    });
    names.join(", ")
}

/// The device of this name: `flex` for the processor, `cuda`, `rocm`, `metal`, `vulkan` or
/// `wgpu` for a card, with `:1` behind it for the second one, or `ws://address:port` for
/// the first device of another machine, with `/1` behind it for its second.
///
/// # Errors
///
/// If there is no such name, this build hasn't its back end, or it can't be used.
pub fn named(name: &str) -> Result<Device, DeviceError> {
    let unknown = || DeviceError::Unknown(name.to_owned());
    if name.starts_with(REMOTE) {
        return another_machine(name);
    }
    let (kind, number) = match name.split_once(':') {
        None => (name, 0),
        Some(("flex", _)) => return Err(unknown()),
        Some((kind, number)) => (kind, number.parse().map_err(|_| unknown())?),
    };
    let back_end = BACK_ENDS.into_iter().find(|known| known.name == kind);
    let back_end = back_end.ok_or_else(unknown)?;
    if !back_end.is_here {
        return Err(DeviceError::NotBuilt(back_end.name));
    }
    // An engine panics if there is no such card.
    tried(name, || of(back_end.name, number))
}

/// The fastest of this machine, as far as their kinds tell.
///
/// # Errors
///
/// If this build has none, or it can't be used.
pub fn fastest() -> Result<Device, DeviceError> {
    let here = BACK_ENDS.into_iter().find(|back_end| back_end.is_here);
    named(here.ok_or(DeviceError::None)?.name)
}

/// Whether this is the processor, which has no memory of its own.
pub fn is_processor(device: &Device) -> bool {
    named("flex").is_ok_and(|processor| processor == *device)
}

#[allow(unused_variables)] // a number is for cards
fn of(kind: &str, number: usize) -> Device {
    #[cfg(feature = "wgpu")]
    let card = match number {
        0 => burn::tensor::DeviceKind::DefaultDevice,
        _ => burn::tensor::DeviceKind::DiscreteGpu(number),
    };
    match kind {
        #[cfg(feature = "cuda")]
        "cuda" => Device::cuda(number),
        #[cfg(feature = "rocm")]
        "rocm" => Device::rocm(number),
        #[cfg(feature = "metal")]
        "metal" => Device::metal(card),
        #[cfg(feature = "vulkan")]
        "vulkan" => Device::vulkan(card),
        #[cfg(feature = "wgpu")]
        "wgpu" => Device::wgpu(card),
        #[cfg(feature = "flex")]
        "flex" => Device::flex(),
        _ => unreachable!("only what is here is asked for"),
    }
}

/// A device that has added one and one.
fn tried(name: &str, device: impl FnOnce() -> Device) -> Result<Device, DeviceError> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let device = panic::catch_unwind(AssertUnwindSafe(|| {
        let device = device();
        let two = Tensor::<1>::ones([1], &device) + 1.0;
        assert_eq!(two.into_scalar::<f32>(), 2.0, "one and one");
        device
    }));
    panic::set_hook(hook);
    device.map_err(|panic| {
        let reason = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let reason = reason.unwrap_or_else(|| "it gives no reason".to_owned());
        let first = reason.lines().next().unwrap_or_default().to_owned();
        DeviceError::Unusable { name: name.to_owned(), reason: first }
    })
}

#[cfg(feature = "remote")]
fn another_machine(name: &str) -> Result<Device, DeviceError> {
    use burn::remote::RemoteHost;

    let (host, number) = match name[REMOTE.len()..].split_once('/') {
        None => (name, 0_usize),
        Some((host, number)) => {
            let number = number.parse();
            let number = number.map_err(|_| DeviceError::Unknown(name.to_owned()))?;
            (&name[..REMOTE.len() + host.len()], number)
        }
    };
    let options = Device::remote_options(&RemoteHost::websocket(host));
    options.device_index(number).init().map_err(|error| DeviceError::Unusable {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(not(feature = "remote"))]
fn another_machine(_name: &str) -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuilt("remote"))
}
