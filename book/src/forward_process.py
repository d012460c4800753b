"""Part I as you would write it in PyTorch."""

import math

import torch


# ANCHOR: normalize
def normalize(pixels):
    return 2 * pixels - 1


def denormalize(x):
    return (x + 1) / 2
# ANCHOR_END: normalize


# ANCHOR: part_a
def part_a(x, a, b):
    return a * x + b * torch.randn_like(x)
# ANCHOR_END: part_a


# ANCHOR: part_b
def part_b(x, beta):
    noise = torch.randn_like(x)
    return math.sqrt(1 - beta) * x + math.sqrt(beta) * noise
# ANCHOR_END: part_b


# ANCHOR: noise_scheduler
class NoiseScheduler:
    def __init__(self, steps, beta_start, beta_end):
        self.beta = torch.linspace(beta_start, beta_end, steps)
        self.alpha = 1 - self.beta
        self.alpha_bar = torch.cumprod(self.alpha, dim=0)

    def add_noise(self, x0, t):
        noise = torch.randn_like(x0)
        signal = self.alpha_bar[t].sqrt()
        return signal * x0 + (1 - self.alpha_bar[t]).sqrt() * noise
# ANCHOR_END: noise_scheduler


# ANCHOR: loss
def loss(network, scheduler, x0):
    t = torch.randint(0, len(scheduler.beta), (len(x0),))
    noise = torch.randn_like(x0)
    alpha_bar = scheduler.alpha_bar[t][:, None]
    x_t = alpha_bar.sqrt() * x0 + (1 - alpha_bar).sqrt() * noise
    return ((network(x_t, t) - noise) ** 2).mean()
# ANCHOR_END: loss
