"""Writes reference.csv beside this file: walks of the flow samplers of diffusers, state by state.

Needs Python with diffusers 0.42.1, torch and numpy. Where the network would be, there is a formula, and where noise
would be drawn, there is a sine. So the tests can make the same walk.

A line is a walk: its sampler, its shift, its number of steps, and three lists with spaces between their numbers. They
are the sigmas of diffusers, that is the times of a flow, with the one at the end; what the network was told at each
evaluation; and the states. Each state has four values: two samples of two values. The first is the one at the
beginning, and each later one is what `step` returned: Heun's sampler has two for a step, but for the last.
"""

import itertools
import math
import pathlib

import torch
from diffusers import (
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
)
from diffusers.schedulers import scheduling_flow_match_euler_discrete

STEPS = [5, 10, 25]
SHIFTS = [1 / 3, 1.0, 3.0]


def values(seed):
    """Four values that look like noise. The seed is a number of a step, or -1 for the state at the beginning.

    Their shape is that of two pictures with two channels of one pixel."""
    return torch.tensor([[1.4 * math.sin(12.9898 * (4 * seed + i) + 1) for i in (k, k + 1)] for k in (0, 2)])[..., None]


def predict(x, t):
    """Stands for a network that predicts the flow. It bends a little."""
    u = float(t) / 1000
    return (1.3 * u - 0.2) * x - 0.6 * x / (1 + x * x)


drawn = itertools.count()


def randn_tensor(*_, **__):
    return values(next(drawn))


scheduling_flow_match_euler_discrete.randn_tensor = randn_tensor


def walk(scheduler):
    """What the network was told, and all states of a walk."""
    scheduler.set_begin_index(0)
    x = values(-1)
    told, states = [], [x]
    global drawn
    drawn = itertools.count()
    for t in scheduler.timesteps:
        x = scheduler.step(predict(x, t), t, x).prev_sample
        told.append(float(t))
        states.append(x)
    return told, states


lines = ["sampler,shift,steps,sigmas,told,states"]


def write(sampler, shift, steps, scheduler):
    # Heun's are there twice.
    sigmas = list(dict.fromkeys(scheduler.sigmas.tolist()))
    assert len(sigmas) == steps + 1, (sampler, shift, steps)
    told, states = walk(scheduler)
    # Nine digits are all that an f32 has.
    lists = [sigmas, told, [value for state in states for value in state.flatten().tolist()]]
    lists = [" ".join(f"{value:.9g}" for value in values) for values in lists]
    lines.append(",".join([sampler, shift, str(steps), *lists]))


def evenly(steps):
    """What the pipeline of Flux hands over."""
    return [1 - i / steps for i in range(steps)]


for (name, stochastic), steps in itertools.product([("euler", False), ("renoise", True)], STEPS):
    for shift in SHIFTS:
        # By their number, as Stable Diffusion 3's pipeline asks for them, and by their sigmas.
        scheduler = FlowMatchEulerDiscreteScheduler(shift=shift, stochastic_sampling=stochastic)
        scheduler.set_timesteps(steps)
        write(name, f"{shift:.3g} twice", steps, scheduler)
        scheduler.set_timesteps(sigmas=evenly(steps))
        write(name, f"{shift:.3g}", steps, scheduler)
    for kind, mu in [("exponential", 0.5), ("exponential", 1.15), ("linear", 2.0)]:
        scheduler = FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True, time_shift_type=kind, stochastic_sampling=stochastic
        )
        scheduler.set_timesteps(sigmas=evenly(steps), mu=mu)
        write(name, f"{kind} {mu}", steps, scheduler)
for steps, shift in itertools.product(STEPS, SHIFTS):
    scheduler = FlowMatchHeunDiscreteScheduler(shift=shift)
    scheduler.set_timesteps(steps)
    write("heun", f"{shift:.3g} twice", steps, scheduler)
    scheduler = DPMSolverMultistepScheduler(
        use_flow_sigmas=True, flow_shift=shift, prediction_type="flow_prediction", final_sigmas_type="zero"
    )
    scheduler.set_timesteps(steps)
    write("dpm-solver++", f"{shift:.3g}", steps, scheduler)
pathlib.Path(__file__).with_name("reference.csv").write_text("\n".join(lines) + "\n")
