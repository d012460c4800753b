"""A published U-Net in diffusers, without a pipeline: each line does one thing."""

import torch
from diffusers import DDIMScheduler, UNet2DModel
from safetensors.torch import save_file


# ANCHOR: load
def load(folder):
    unet = UNet2DModel.from_pretrained(folder, subfolder="unet", use_safetensors=True)
    scheduler = DDIMScheduler.from_pretrained(folder, subfolder="scheduler")
    return unet, scheduler
# ANCHOR_END: load


# ANCHOR: noise
def noise(unet, count, seed):
    size = unet.config.sample_size
    rows, columns = (size, size) if isinstance(size, int) else size
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, unet.config.in_channels, rows, columns, generator=generator)
# ANCHOR_END: noise


# ANCHOR: keep
def keep(x, path):
    save_file({"noise": x}, path)
# ANCHOR_END: keep


# ANCHOR: sample
@torch.no_grad()
def sample(unet, scheduler, x, steps, labels=None):
    scheduler.set_timesteps(steps)
    for t in scheduler.timesteps:
        outputs = unet(x, t, class_labels=labels).sample
        x = scheduler.step(outputs, t, x, eta=0.0).prev_sample
    return x
# ANCHOR_END: sample


# ANCHOR: pictures
def pictures(x):
    pixels = ((x + 1) * 127.5).clamp(0, 255).round().byte()
    return pixels.permute(0, 2, 3, 1).numpy()
# ANCHOR_END: pictures
