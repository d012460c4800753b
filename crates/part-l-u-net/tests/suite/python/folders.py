"""What both scripts beside this one need: what diffusers complains of, and what a folder's README does."""

import contextlib
import logging
import os
import sys
import warnings

import torch
from diffusers.utils import logging as told
from lists import read, show

torch.set_grad_enabled(False)
torch.set_num_threads(1)
told.disable_progress_bar()
messages = []


class Keep(logging.Handler):
    def emit(self, record):
        messages.append(record.getMessage())


logging.getLogger("diffusers").addHandler(Keep(logging.WARNING))


def folders(given):
    """The number of each folder, its path, and the states and labels for it. A path is a list of bytes."""
    for i in range(int(given["folders"])):
        folder = bytes(given[f"{i}.path"].int().tolist()).decode()
        labels = given[f"{i}.labels"]
        yield i, folder, given[f"{i}.x"], labels.long() if len(labels) else None


@contextlib.contextmanager
def complaints():
    """Collects what diffusers says and warns of."""
    messages.clear()
    told.set_verbosity_warning()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield messages
    messages.extend(str(warning.message) for warning in caught)
    for message in messages:
        print(message, file=sys.stderr)


def show_size(i, pipeline):
    """Runs a pipeline, and prints how large its picture is."""
    pipeline.set_progress_bar_config(disable=True)
    show(f"{i}.pipeline", torch.tensor(pipeline().images[0].size))


def show_readme(i, folder):
    """Runs the code in a folder's README, from there, and prints how many pictures it has saved."""
    os.chdir(folder)
    told.set_verbosity_error()
    code = open("README.md").read().split("```python\n")[1].split("```")[0]
    exec(code.replace("PATH OF THIS FOLDER", folder), {})
    show(f"{i}.pictures", torch.tensor([len([name for name in os.listdir() if name.endswith(".png")])]))
