"""Trains a network of a folder in PyTorch, as many updates as are said: chapter H's loop, on pictures of noise.

    python training.py FOLDER UPDATES [DEVICE]

What it prints: how many packages there are, and how many megabytes PyTorch takes on the disk; and, beside that, how many
updates it makes a second, without the first twenty.
"""

import pathlib
import sys
import time
from importlib import metadata

import torch
from diffusers import UNet2DModel

BATCH, WARM_UP = 32, 20

folder, updates = sys.argv[1], int(sys.argv[2])
device = sys.argv[3] if len(sys.argv) > 3 else "cpu"
torch.manual_seed(0)
network = UNet2DModel.from_pretrained(folder, subfolder="unet").to(device)
ema = [parameter.detach().clone() for parameter in network.parameters()]
adam = torch.optim.Adam(network.parameters(), lr=2e-3)
channels, side = network.config.in_channels, network.config.sample_size
for update in range(updates):
    if update == WARM_UP:
        begin = time.perf_counter()
    x, targets = torch.randn(2, BATCH, channels, side, side, device=device)
    timesteps = torch.randint(1000, (BATCH,), device=device)
    labels = torch.randint(10, (BATCH,), device=device) if network.config.num_class_embeds else None
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

if updates > WARM_UP:
    # What was computed is waited for at each finite loss.
    print(f"{(updates - WARM_UP) / (time.perf_counter() - begin):.2f} updates a second", file=sys.stderr)

place = pathlib.Path(torch.__file__).parent
size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
print(len(list(metadata.distributions())), size / 1e6)
