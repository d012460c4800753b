"""Opens the folders whose paths stand on stdin, and prints what diffusers makes of the states there. A list has a name
and numbers a line; a path is a list of bytes."""

import logging
import os
import sys
import warnings

import torch
from diffusers import DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel
from diffusers.utils import logging as told
from lists import read, show

torch.set_grad_enabled(False)
torch.set_num_threads(1)
told.disable_progress_bar()
given = read()
messages = []


class Keep(logging.Handler):
    def emit(self, record):
        messages.append(record.getMessage())


logging.getLogger("diffusers").addHandler(Keep(logging.WARNING))
for i in range(int(given["folders"])):
    folder = bytes(given[f"{i}.path"].int().tolist()).decode()
    x, labels = given[f"{i}.x"], given.get(f"{i}.labels")
    steps = int(given["steps"])
    messages.clear()
    told.set_verbosity_warning()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Without accelerate, it would say that it can't do better.
        unet, report = UNet2DModel.from_pretrained(
            folder, subfolder="unet", output_loading_info=True, low_cpu_mem_usage=False)
        scheduler = DDIMScheduler.from_pretrained(folder, subfolder="scheduler", clip_sample=False)
        pipeline = None if len(labels) else DDPMPipeline.from_pretrained(folder, low_cpu_mem_usage=False)
    messages += [str(warning.message) for warning in caught]
    for message in messages:
        print(message, file=sys.stderr)
    show(f"{i}.complaints", torch.tensor([len(messages) + sum(len(found) for found in report.values())]))

    # As diffusers writes it.
    pipeline_of_both = DDPMPipeline(unet, DDPMScheduler.from_pretrained(folder, subfolder="scheduler"))
    pipeline_of_both.save_pretrained(os.path.join(folder, "again"))

    size = unet.config.sample_size
    size = (size, size) if isinstance(size, int) else size
    x = x.reshape(-1, unet.config.in_channels, *size)
    labels = labels.long() if len(labels) else None
    show(f"{i}.forward", unet(x, given["t"], class_labels=labels).sample)
    scheduler.set_timesteps(steps)
    for step, t in enumerate(scheduler.timesteps):
        x = scheduler.step(unet(x, t, class_labels=labels).sample, t, x).prev_sample
        show(f"{i}.ddim.{step}", x)
    if pipeline is not None:
        pipeline.set_progress_bar_config(disable=True)
        image = pipeline().images[0]
        show(f"{i}.pipeline", torch.tensor(image.size))
    else:
        # The loop in the folder's README, from there.
        os.chdir(folder)
        told.set_verbosity_error()
        code = open("README.md").read().split("```python\n")[1].split("```")[0]
        exec(code.replace("PATH OF THIS FOLDER", folder), {})
        show(f"{i}.pictures", torch.tensor([len([name for name in os.listdir() if name.endswith(".png")])]))
