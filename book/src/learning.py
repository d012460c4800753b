"""Chapter H as you would write it in PyTorch: the network, and how it learns."""

import copy
import math

import torch
from torch import nn
from torch.nn import functional as F


# ANCHOR: network
class Network(nn.Module):
    def __init__(self, values, steps, labels, hidden, residual_layers):
        super().__init__()
        self.steps = steps
        self.first = nn.Linear(16 * values + 32, hidden)
        self.residual = nn.ModuleList(
            nn.Linear(hidden, hidden) for _ in range(residual_layers)
        )
        self.last = nn.Linear(hidden, values)
        self.labels = nn.Embedding(labels + 1, hidden)

    def features(self, x, t):
        position = (x[:, :, None] * 2.0 ** torch.arange(8) / 2).flatten(1)
        time = t[:, None] / self.steps * 2.0 ** (torch.arange(16) / 2)
        parts = [position.sin(), position.cos(), time.sin(), time.cos()]
        return torch.cat(parts, dim=1)

    def forward(self, x, t, labels):
        hidden = F.silu(self.first(self.features(x, t)) + self.labels(labels))
        for layer in self.residual:
            hidden = hidden + F.silu(layer(hidden))
        return self.last(hidden)
# ANCHOR_END: network


# ANCHOR: training
def train(network, draw, updates, peak):
    def rate(n):
        return min((n + 1) / 100, 1) * (1 + math.cos(math.pi * n / updates)) / 2

    optimizer = torch.optim.Adam(network.parameters(), lr=peak)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    ema = copy.deepcopy(network)
    for n in range(updates):
        x, t, labels, targets = draw()
        loss = F.mse_loss(network(x, t, labels), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        kept = min(0.999, (1 + n) / (10 + n))
        with torch.no_grad():
            for mean, parameter in zip(ema.parameters(), network.parameters()):
                mean.lerp_(parameter, 1 - kept)
    return ema
# ANCHOR_END: training
