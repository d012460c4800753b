"""How fast PyTorch does what `cargo run --release -p part-n-to-order -- --compare` does, and with how much memory.

Needs Python with torch. The data are random, as many and as large as the digits. Printed are the seconds of the whole
process, from the import of torch on, and its peak of memory.
"""
import time

BEGIN = time.perf_counter()

import math
import resource

import torch

SAMPLES, STEPS, NOISES = 200, 50, [0.1, 0.3, 1.0, 3.0]
torch.manual_seed(0)
torch.set_num_threads(2)
DATA = torch.rand(1796, 64) * 2 - 1
SEEN = torch.arange(32)
SQUARES = DATA.square().sum(1)


def levels():
    """Trailing timesteps of the cosine schedule, as (a, b)."""
    f = lambda t: math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    bars, bar = [], 1.0
    for t in range(1000):
        bar *= 1 - min(1 - f((t + 1) / 1000) / f(t / 1000), 0.999)
        bars.append(bar)
    chosen = [round(1000 - i * 1000 / STEPS) - 1 for i in range(STEPS)]
    return [(math.sqrt(bars[t]), math.sqrt(1 - bars[t])) for t in chosen]


LEVELS = levels()
CLEAN = (1.0, 0.0)


def predict(x, a, b, more=None):
    logits = (a * x @ DATA.T - a * a / 2 * SQUARES) / (b * b)
    if more is not None:
        logits = logits + more
    return logits.softmax(1) @ DATA


def step(x, x0, at, to):
    (a, b), (c, d) = at, to
    if d == 0:
        return x0
    ratio = a / c
    std = d / b * math.sqrt(max(b * b - ratio * ratio * d * d, 0))
    return c * x0 + math.sqrt(max(d * d - std * std, 0)) * (x - a * x0) / b + std * torch.randn_like(x)


def put(x, y, at):
    x[:, SEEN] = at[0] * y + at[1] * torch.randn(SAMPLES, len(SEEN))
    return x


def pairs():
    return zip(LEVELS, LEVELS[1:] + [CLEAN])


@torch.no_grad()
def exact(x, y, noise):
    more = -(y - DATA[:, SEEN]).square().sum(1) / (2 * noise * noise)
    for at, to in pairs():
        x = step(x, predict(x, *at, more), at, to)
    return x


@torch.no_grad()
def replacement(x, y, noise):
    for at, to in pairs():
        x = put(step(x, predict(x, *at), at, to), y, to)
    return x


@torch.no_grad()
def repaint(x, y, noise, resamplings=10, jump=5):
    jumps = {t: resamplings - 1 for t in range(0, STEPS - jump, jump)}
    level = lambda t: LEVELS[STEPS - 1 - t] if t >= 0 else CLEAN
    t = STEPS - 1
    while t >= 0:
        if jumps.get(t, 0) > 0:
            jumps[t] -= 1
            (a, b), (c, d) = level(t), level(t + jump)
            x = c / a * x + math.sqrt(d * d - (c / a * b) ** 2) * torch.randn_like(x)
            t += jump
        else:
            x = put(step(x, predict(x, *level(t)), level(t), level(t - 1)), y, level(t - 1))
            t -= 1
    return x


@torch.no_grad()
def ddrm(x, y, noise, eta=0.85):
    for at, to in pairs():
        x0 = predict(x, *at)
        if to == CLEAN:
            return x0
        (a, b), (c, d) = at, to
        kept = math.sqrt(1 - eta * eta)
        x = c * x0 + d * kept * (x - a * x0) / b + d * eta * torch.randn_like(x)
        sigma, drawn = d / c, torch.randn(SAMPLES, len(SEEN))
        if sigma < noise:
            seen = x0[:, SEEN] + kept * sigma * (y - x0[:, SEEN]) / noise + eta * sigma * drawn
        else:
            seen = y + math.sqrt(sigma * sigma - noise * noise) * drawn
        x[:, SEEN] = c * seen
    return x


def dps(power):
    def run(x, y, noise):
        for at, to in pairs():
            x = x.detach().requires_grad_()
            x0 = predict(x, *at)
            miss = (y - x0[:, SEEN]).square().sum(1)
            loss = miss.sum() if power == 2 else miss.sqrt().sum()
            (slope,) = torch.autograd.grad(loss, x)
            x = step(x.detach(), x0.detach(), at, to) - slope
        return x

    return run


def pigdm(x, y, noise):
    for at, to in pairs():
        a, b = at
        x = x.detach().requires_grad_()
        x0 = predict(x, *at)
        pull = ((y - x0[:, SEEN]) / (b * b / (a * a + b * b) + noise * noise)).detach()
        (score,) = torch.autograd.grad((pull * x0[:, SEEN]).sum(), x)
        x = step(x.detach(), x0.detach() + b * b / a * score, at, to)
    return x


first = torch.randn(SAMPLES, 64)
for method in [exact, replacement, repaint, ddrm, dps(1), dps(2), pigdm]:
    for noise in NOISES:
        y = DATA[0, SEEN] + noise * torch.randn(len(SEEN))
        x = method(first, y, noise).detach()
        nearest = torch.cdist(x, DATA).argmin(1)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{time.perf_counter() - BEGIN:.2f} s, {peak:.0f} MB")
