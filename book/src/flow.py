"""A flow as you would write it in PyTorch."""

import torch


# ANCHOR: flow_loss
def flow_loss(network, x0, noise, t):
    x = (1 - t) * x0 + t * noise
    return torch.mean((network(x, t) - (noise - x0)) ** 2)
# ANCHOR_END: flow_loss


# ANCHOR: sample
@torch.no_grad()
def sample(network, x, steps, shift=1.0):
    t = torch.linspace(1, 0, steps + 1)
    t = shift * t / (1 + (shift - 1) * t)
    for here, there in zip(t, t[1:]):
        x = x + (there - here) * network(x, here)
    return x
# ANCHOR_END: sample


# ANCHOR: flow_of_noise
def flow_of_noise(network, alpha_bar):
    """The flow of a network that predicts the noise at the timesteps of a schedule."""
    a, b = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()

    def flow(x, t):
        timestep = torch.argmin((a / b - (1 - t) / t).abs())
        if t / (1 - t) > b[-1] / a[-1]:  # more noise than the schedule ends in
            scaled = b[-1] / t * x
            x0 = (scaled - b[-1] * network(scaled, timestep)) / a[-1]
        else:
            noise = network(x / torch.hypot(t, 1 - t), timestep)
            x0 = (x - t * noise) / (1 - t)
        return (x - x0) / t

    return flow
# ANCHOR_END: flow_of_noise
