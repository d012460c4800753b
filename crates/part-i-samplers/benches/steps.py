"""How fast a step of diffusers is, the model aside: what `cargo bench -p part-i-samplers` measures, with its schedulers.

Needs Python with diffusers 0.42.1 and torch. Walks of 25 steps are timed with one thread and with two. Printed are
the fastest of all and the better of the two medians, in microseconds a call of `step`.
"""
import statistics
import time

import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
)

STEPS, WALKS = 25, 40
CLASSES = [
    DDPMScheduler,
    DDIMScheduler,
    EulerDiscreteScheduler,
    EulerAncestralDiscreteScheduler,
    HeunDiscreteScheduler,
    DPMSolverMultistepScheduler,
]


def walk(scheduler, noise):
    """Microseconds a step. What is predicted is there already."""
    scheduler.set_timesteps(STEPS)
    x = noise
    scheduler.scale_model_input(x, scheduler.timesteps[0])
    begin = time.perf_counter()
    for t in scheduler.timesteps:
        x = scheduler.step(noise, t, x).prev_sample
    return (time.perf_counter() - begin) / len(scheduler.timesteps) * 1e6


for shape in [(1, 4, 64, 64), (4000, 2)]:
    noise = torch.randn(shape)
    for scheduler_class in CLASSES:
        clip = {"clip_sample": False} if scheduler_class in (DDPMScheduler, DDIMScheduler) else {}
        scheduler = scheduler_class(timestep_spacing="trailing", **clip)
        fastest, medians = [], []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            times = [walk(scheduler, noise) for _ in range(WALKS)]
            fastest.append(min(times))
            medians.append(statistics.median(times))
        print(f"{scheduler_class.__name__:32} {shape}: {min(fastest):.1f}, median {min(medians):.1f}")
