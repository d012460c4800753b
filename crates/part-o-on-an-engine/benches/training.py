"""Trains a network of a folder in PyTorch, as many updates as are said: chapter H's loop, on pictures of noise.

    python training.py FOLDER UPDATES

What it prints: how many packages there are, and how many megabytes PyTorch takes on the disk.
"""

import pathlib
import sys
from importlib import metadata

import torch
from diffusers import UNet2DModel

BATCH = 32

folder, updates = sys.argv[1], int(sys.argv[2])
torch.manual_seed(0)
network = UNet2DModel.from_pretrained(folder, subfolder="unet")
ema = [parameter.detach().clone() for parameter in network.parameters()]
adam = torch.optim.Adam(network.parameters(), lr=2e-3)
channels, side = network.config.in_channels, network.config.sample_size
for update in range(updates):
    x, targets = torch.randn(2, BATCH, channels, side, side)
    timesteps = torch.randint(1000, (BATCH,))
    labels = torch.randint(10, (BATCH,))
    outputs = network(x, timesteps, class_labels=labels).sample
    loss = torch.nn.functional.mse_loss(outputs, targets)
    adam.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    adam.step()
    kept = min(0.995, (1 + update) / (10 + update))
    with torch.no_grad():
        for mean, parameter in zip(ema, network.parameters()):
            mean.lerp_(parameter, 1 - kept)
    assert loss.isfinite()

place = pathlib.Path(torch.__file__).parent
size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
print(len(list(metadata.distributions())), size / 1e6)
