"""Writes reference.csv beside this file: a small network of convolutions, its outputs, its loss and its gradient by PyTorch,
with circular padding and with zeros, and what three updates of PyTorch's Adam make of it.

Needs torch (written with 2.15), on any processor. Everything is computed in float64, from weights and examples that
float32 holds exactly. A line is a name and numbers, in the order that they have in memory.
"""
import copy
import pathlib

import torch
from torch import nn
from torch.nn.functional import mse_loss, silu

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
lines = []


def write(name, numbers, digits=10):
    numbers = torch.as_tensor(numbers, dtype=torch.float64).detach().flatten().tolist()
    lines.append(",".join([name] + [f"{number:.{digits}g}" for number in numbers]))


def drawn(*shape):
    return torch.randn(*shape).float().double()


# Pictures of 8 x 8 pixels, 4 channels, 4 kernels of 3 x 3, 10 timesteps.
SIZE, CHANNELS, LAYERS, STEPS, N = 8, 4, 4, 10, 3


class Block(nn.Module):
    def __init__(self, padding_mode):
        super().__init__()
        self.time = nn.Linear(CHANNELS, 2 * CHANNELS)
        self.pointwise = nn.Conv2d(CHANNELS, CHANNELS, 1)
        self.kernel = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, padding_mode=padding_mode)

    def forward(self, h, time):
        return h + self.kernel(silu(self.pointwise(silu(modulated(h, self.time(time))))))


def modulated(h, told):
    scale, shift = told[:, :, None, None].chunk(2, dim=1)
    return (1 + scale) * h + shift


class Network(nn.Module):
    def __init__(self, padding_mode):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(32, CHANNELS), nn.SiLU(), nn.Linear(CHANNELS, CHANNELS), nn.SiLU())
        self.first = nn.Conv2d(3, CHANNELS, 3, padding=1, padding_mode=padding_mode)
        self.blocks = nn.ModuleList(Block(padding_mode) for _ in range(LAYERS - 2))
        self.last_time = nn.Linear(CHANNELS, 2 * CHANNELS)
        self.last = nn.Conv2d(CHANNELS, 3, 3, padding=1, padding_mode=padding_mode)

    def forward(self, x, t):
        angles = t[:, None] / STEPS * 2.0 ** (torch.arange(16) / 2)
        time = self.time(torch.cat([angles.sin(), angles.cos()], dim=1))
        h = self.first(x)
        for block in self.blocks:
            h = block(h, time)
        return self.last(silu(modulated(h, self.last_time(time))))


circular = Network("circular")
for parameter in circular.parameters():
    parameter.data = parameter.data.float().double()
zeros = Network("zeros")
zeros.load_state_dict(circular.state_dict())
x, targets = drawn(N, 3, SIZE, SIZE), drawn(N, 3, SIZE, SIZE)
t = torch.tensor([1.0, 9.0, 4.5])

write("x", x)
write("t", t)
write("targets", targets)
# The names of a file: what is called time.2 here is its time.1.
name_of = lambda name: name.replace("time.2.", "time.1.")
for name, parameter in circular.named_parameters():
    write(name_of(name), parameter)
for mode, network in [("circular", circular), ("zeros", zeros)]:
    outputs = network(x, t)
    loss = mse_loss(outputs, targets)
    loss.backward()
    write(f"{mode}.outputs", outputs)
    write(f"{mode}.loss", loss)
    for name, parameter in network.named_parameters():
        write(f"{mode}.{name_of(name)}", parameter.grad)

# Three updates of the circular one on the same examples: by how much each number changes.
before = copy.deepcopy(circular.state_dict())
optimizer = torch.optim.Adam(circular.parameters(), lr=0.01)
for update in range(3):
    optimizer.zero_grad()
    mse_loss(circular(x, t), targets).backward()
    optimizer.step()
for name, parameter in circular.named_parameters():
    write(f"adam.{name_of(name)}", parameter - before[name])

pathlib.Path(__file__).with_name("reference.csv").write_text("\n".join(lines) + "\n")
