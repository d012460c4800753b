"""The way back as you would write it in PyTorch."""

import torch


# ANCHOR: ddpm_step
def ddpm_step(x, x0, t, beta, alpha_bar):
    left = alpha_bar[t - 1] if t > 0 else torch.tensor(1.0)
    variance = beta[t] * (1 - left) / (1 - alpha_bar[t])
    of_x0 = left.sqrt() * beta[t] / (1 - alpha_bar[t])
    of_x = (1 - beta[t]).sqrt() * (1 - left) / (1 - alpha_bar[t])
    return of_x0 * x0 + of_x * x + variance.sqrt() * torch.randn_like(x)
# ANCHOR_END: ddpm_step


# ANCHOR: sample
@torch.no_grad()
def sample(denoiser, beta, x):
    alpha_bar = torch.cumprod(1 - beta, dim=0)
    for t in reversed(range(len(beta))):
        x = ddpm_step(x, denoiser(x, t), t, beta, alpha_bar)
    return x
# ANCHOR_END: sample


# ANCHOR: ddim
@torch.no_grad()
def sample_with_ddim(denoiser, beta, timesteps, x):
    alpha_bar = torch.cumprod(1 - beta, dim=0)
    levels = [*alpha_bar[timesteps], torch.tensor(1.0)]
    for t, here, there in zip(timesteps, levels, levels[1:]):
        x0 = denoiser(x, t)
        noise = (x - here.sqrt() * x0) / (1 - here).sqrt()
        x = there.sqrt() * x0 + (1 - there).sqrt() * noise
    return x
# ANCHOR_END: ddim
