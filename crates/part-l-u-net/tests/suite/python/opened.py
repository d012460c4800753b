"""Opens the folders whose paths stand on stdin, and prints what diffusers makes of the states there. A list has a name
and numbers a line."""

import os

import torch
from diffusers import DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel
from folders import complaints, folders, read, show, show_readme, show_size

given = read()
steps = int(given["steps"])
for i, folder, x, labels in folders(given):
    with complaints() as messages:
        # Without accelerate, it would say that it can't do better.
        unet, report = UNet2DModel.from_pretrained(
            folder, subfolder="unet", output_loading_info=True, low_cpu_mem_usage=False)
        scheduler = DDIMScheduler.from_pretrained(folder, subfolder="scheduler", clip_sample=False)
        pipeline = DDPMPipeline.from_pretrained(folder, low_cpu_mem_usage=False) if labels is None else None
    show(f"{i}.complaints", torch.tensor([len(messages) + sum(len(found) for found in report.values())]))

    # As diffusers writes it.
    pipeline_of_both = DDPMPipeline(unet, DDPMScheduler.from_pretrained(folder, subfolder="scheduler"))
    pipeline_of_both.save_pretrained(os.path.join(folder, "again"))

    size = unet.config.sample_size
    size = (size, size) if isinstance(size, int) else size
    x = x.reshape(-1, unet.config.in_channels, *size)
    show(f"{i}.forward", unet(x, given["t"], class_labels=labels).sample)
    scheduler.set_timesteps(steps)
    for step, t in enumerate(scheduler.timesteps):
        x = scheduler.step(unet(x, t, class_labels=labels).sample, t, x).prev_sample
        show(f"{i}.ddim.{step}", x)
    if pipeline is not None:
        show_size(i, pipeline)
    else:
        show_readme(i, folder)
