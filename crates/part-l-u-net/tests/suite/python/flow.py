"""Opens the folders of flows whose paths stand on stdin, and prints what diffusers makes of the states there. A list has
a name and numbers a line."""

import os

import torch
from diffusers import DDPMPipeline, FlowMatchEulerDiscreteScheduler, UNet2DModel
from folders import complaints, folders, read, show, show_readme, show_size

given = read()
steps = int(given["steps"])
for i, folder, x, labels in folders(given):
    with complaints() as messages:
        # Without accelerate, it would say that it can't do better.
        pipeline = DDPMPipeline.from_pretrained(folder, low_cpu_mem_usage=False)
    show(f"{i}.complaints", torch.tensor([len(messages)]))
    unet, scheduler = pipeline.unet, pipeline.scheduler
    assert isinstance(unet, UNet2DModel) and isinstance(scheduler, FlowMatchEulerDiscreteScheduler)
    pipeline.save_pretrained(os.path.join(folder, "again"))

    x = x.reshape(-1, unet.config.in_channels, unet.config.sample_size, unet.config.sample_size)
    scheduler.set_timesteps(sigmas=[1 - step / steps for step in range(steps)])
    for step, t in enumerate(scheduler.timesteps):
        x = scheduler.step(unet(x, t, class_labels=labels).sample, t, x).prev_sample
        show(f"{i}.euler.{step}", x)
    if labels is None:
        show_size(i, pipeline)
    show_readme(i, folder)
