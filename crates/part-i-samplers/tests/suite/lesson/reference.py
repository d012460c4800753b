"""Writes reference.csv beside this file: walks of six samplers of diffusers, state by state.

Needs Python with diffusers 0.42.1, torch and numpy. Where the network would be, there is a formula, and where noise
would be drawn, there is a sine. So the tests can make the same walk.

A line is a walk: what it is made with, and then its states, each with four values: two samples of two values. The
first state is the one at the beginning, and each later one is what `step` returned. They are written as diffusers has
them: in EulerDiscrete, EulerAncestralDiscrete and HeunDiscrete, they are sqrt(1 + sigma^2) times as large as in the
others.
"""
import itertools
import math
import pathlib

import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
)
from diffusers.schedulers import scheduling_ddpm, scheduling_euler_ancestral_discrete

PREDICTIONS = ["epsilon", "sample", "v_prediction"]
SPACINGS = ["leading", "linspace", "trailing"]
SCHEDULES = ["linear", "scaled_linear", "squaredcos_cap_v2"]
STEPS = [5, 10, 25, 50]


def values(seed):
    """Four values that look like noise. The seed is a number of a step, or -1 for the state at the beginning.

    Their shape is that of two pictures with two channels of one pixel."""
    return torch.tensor([[1.4 * math.sin(12.9898 * (4 * seed + i) + 1) for i in (k, k + 1)] for k in (0, 2)])[..., None]


def predict(x, t, prediction):
    """Stands for a network. It sees as much noise as there is, and bends a little."""
    u = (float(t) + 1) / 1000
    bent = x / (1 + x * x)
    if prediction == "epsilon":
        return u * x + 0.3 * (1 - u) * bent
    if prediction == "sample":
        return 0.6 * (1 - u) * x + 0.8 * bent
    return (u - 0.4) * x - 0.5 * bent


drawn = itertools.count()


def randn_tensor(*_, **__):
    return values(next(drawn))


scheduling_ddpm.randn_tensor = randn_tensor
scheduling_euler_ancestral_discrete.randn_tensor = randn_tensor
LATENT = dict(beta_start=0.00085, beta_end=0.012)


def walk(scheduler, steps, prediction, **arguments):
    """All states of a walk. Noise is counted by steps, from 0."""
    scheduler.set_timesteps(steps)
    if hasattr(scheduler, "set_begin_index"):
        # Otherwise, where Karras' first levels have the same timestep, the first one is skipped.
        scheduler.set_begin_index(0)
    x = values(-1) * scheduler.init_noise_sigma
    states = [x]
    global drawn
    drawn = itertools.count()
    for i, t in enumerate(scheduler.timesteps):
        guess = predict(scheduler.scale_model_input(x, t), t, prediction)
        more = dict(variance_noise=values(i)) if "eta" in arguments else {}
        x = scheduler.step(guess, t, x, **arguments, **more).prev_sample
        states.append(x)
    return states


lines = ["sampler,prediction,spacing,schedule,steps,option," + "states"]


def write(sampler, prediction, spacing, schedule, steps, option, states):
    cells = [f"{value:.6g}" for state in states for value in state.flatten().tolist()]
    assert all(math.isfinite(float(cell)) for cell in cells), (sampler, prediction, spacing, schedule, steps, option)
    lines.append(",".join([sampler, prediction, spacing, schedule, str(steps), option, *cells]))


def common(prediction, spacing, schedule):
    """The part of a config that all classes have."""
    betas = LATENT if schedule == "scaled_linear" else dict(beta_start=0.0001, beta_end=0.02)
    return dict(prediction_type=prediction, timestep_spacing=spacing, beta_schedule=schedule, **betas)


def make(sampler, option, config):
    """A scheduler, and what its `step` takes more."""
    zero = dict(rescale_betas_zero_snr=True) if option == "zero_snr" else {}
    offset = dict(steps_offset=1) if option == "offset" else {}
    clip = dict(clip_sample=option == "clip")
    threshold = dict(thresholding=True, dynamic_thresholding_ratio=0.7, sample_max_value=2.0)
    threshold = threshold if option == "threshold" else {}
    karras = dict(use_karras_sigmas=option == "karras")
    more = zero | offset
    if sampler == "ddpm":
        variance = "fixed_large" if option == "beta" else "fixed_small"
        return DDPMScheduler(**config, **more, **clip, **threshold, variance_type=variance), {}
    if sampler == "ddim":
        eta = float(option.removeprefix("eta_")) if option.startswith("eta_") else 0.0
        return DDIMScheduler(**config, **more, **clip, **threshold), dict(eta=eta)
    if sampler == "dpm-solver++":
        return DPMSolverMultistepScheduler(**config, **more, **threshold, **karras), {}
    if sampler == "euler":
        return EulerDiscreteScheduler(**config, **more, **karras), {}
    if sampler == "euler-ancestral":
        return EulerAncestralDiscreteScheduler(**config, **more), {}
    return HeunDiscreteScheduler(**config, **offset, **clip, **karras), {}


# Each of these with all predictions, spacings and schedules, and with the numbers of steps in turn.
GRID = [
    ("ddpm", "none"),
    ("ddim", "none"),
    ("ddim", "eta_0.5"),
    ("dpm-solver++", "none"),
    ("dpm-solver++", "karras"),
    ("euler", "none"),
    ("euler", "karras"),
    ("euler-ancestral", "none"),
    ("heun", "none"),
    ("heun", "karras"),
]
# Each of these with all predictions and spacings, and with schedules and numbers of steps in turn.
SOME = [
    ("ddpm", "beta"),
    ("ddpm", "clip"),
    ("ddpm", "threshold"),
    ("ddim", "eta_1"),
    ("ddim", "clip"),
    ("ddim", "threshold"),
    ("dpm-solver++", "threshold"),
    ("heun", "clip"),
]


def is_left_out(sampler, option, prediction, spacing, schedule):
    """What can't be compared.

    EulerAncestralDiscrete has no `sample`. And the last timestep of squaredcos_cap_v2 has a sigma of 20,291: where a
    state is kept at that scale, or divided by it, f32 loses more than what is to be compared.
    """
    if sampler == "euler-ancestral" and prediction == "sample":
        return True
    begins_at_last = spacing != "leading" or (sampler == "dpm-solver++" and option == "karras")
    is_lost = sampler not in ("ddpm", "ddim") and schedule == "squaredcos_cap_v2"
    return begins_at_last and is_lost


turn = itertools.count()
for sampler, option in GRID:
    for prediction, spacing, schedule in itertools.product(PREDICTIONS, SPACINGS, SCHEDULES):
        if not is_left_out(sampler, option, prediction, spacing, schedule):
            steps = STEPS[next(turn) % 4]
            scheduler, arguments = make(sampler, option, common(prediction, spacing, schedule))
            states = walk(scheduler, steps, prediction, **arguments)
            write(sampler, prediction, spacing, schedule, steps, option, states)
for sampler, option in SOME:
    for prediction, spacing in itertools.product(PREDICTIONS, SPACINGS):
        i = next(turn)
        steps, schedule = STEPS[i % 4], SCHEDULES[i % 3]
        # With an eta of 1, diffusers takes the root of a number that rounding has made negative there.
        if option == "eta_1" or is_left_out(sampler, option, prediction, spacing, schedule):
            schedule = SCHEDULES[i % 2]
        scheduler, arguments = make(sampler, option, common(prediction, spacing, schedule))
        states = walk(scheduler, steps, prediction, **arguments)
        write(sampler, prediction, spacing, schedule, steps, option, states)
for sampler in ["ddpm", "ddim", "dpm-solver++", "euler", "euler-ancestral"]:
    # Where diffusers puts 2^-24 in the place of 0, alpha_bar rises from 998 to 999 if the schedule is `linear`.
    schedules = ["linear", "scaled_linear"] if sampler in ("ddpm", "ddim") else ["scaled_linear"]
    for steps, schedule in itertools.product(STEPS, schedules):
        scheduler, arguments = make(sampler, "zero_snr", common("v_prediction", "trailing", schedule))
        states = walk(scheduler, steps, "v_prediction", **arguments)
        write(sampler, "v_prediction", "trailing", schedule, steps, "zero_snr", states)
for sampler in ["ddpm", "ddim", "dpm-solver++", "euler", "euler-ancestral", "heun"]:
    scheduler, arguments = make(sampler, "offset", common("epsilon", "leading", "scaled_linear"))
    states = walk(scheduler, 25, "epsilon", **arguments)
    write(sampler, "epsilon", "leading", "scaled_linear", 25, "offset", states)
pathlib.Path(__file__).with_name("reference.csv").write_text("\n".join(lines) + "\n")
