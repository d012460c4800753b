//! What a folder says to who opens it.

use crate::config::UNetConfig;

/// How the network is used from Python.
pub fn written(config: &UNetConfig, label_names: &[String], is_flow: bool) -> String {
    let [rows, columns] = config.size;
    let [channels, _] = config.channels;
    let kind = if channels == 1 { "grey" } else { "colour" };
    let head = format!(
        "A diffusion model of {kind} pictures of {columns} x {rows} pixels, in the layout of diffusers \
         0.42: a `UNet2DModel` and a `{}`.\n",
        if is_flow { "FlowMatchEulerDiscreteScheduler" } else { "DDPMScheduler" }
    );
    let Some(none) = config.classes.checked_sub(1) else {
        // A flow is nearly straight.
        let steps = if is_flow { "20" } else { "100" };
        let code = PLAIN.replace("STEPS", steps);
        return format!("{head}\n```python\n{code}```\n");
    };
    let mut labels = format!(
        "The network is told a label, from 0 to {}; {none} stands for no label. diffusers calls labels \
         `class_labels`, and `DDPMPipeline` passes none, so the loop is written out. With a `guidance` \
         above 1, a label counts more than in the data.\n",
        none.saturating_sub(1)
    );
    let is_number = |(label, name): (usize, &String)| *name == label.to_string();
    if !label_names.iter().enumerate().all(is_number) {
        labels += "\n| label | |\n|---|---|\n";
        for (label, name) in label_names.iter().enumerate() {
            // A bar would end the cell, and a line the table.
            let clean = |letter: char| letter != '|' && !letter.is_control();
            let name: String = name.chars().filter(|&letter| clean(letter)).collect();
            labels += &format!("| {label} | {name} |\n");
        }
    }
    // Where it clips, DDIM goes on with the noise as it was, unless it is told this; and with
    // guidance nearly everything is clipped.
    let (class, clipped) = match is_flow {
        true => ("FlowMatchEulerDiscreteScheduler", ""),
        false => ("DDIMScheduler", ", use_clipped_model_output=True"),
    };
    let code = LABELLED
        .replace("DDIMScheduler", class)
        .replace("CLIPPED", clipped)
        .replace("NONE", &none.to_string())
        .replace("SHAPE", &format!("{channels}, {rows}, {columns}"));
    format!("{head}\n{labels}\n```python\n{code}```\n")
}

const PLAIN: &str = r#"from diffusers import DDPMPipeline

pipeline = DDPMPipeline.from_pretrained("PATH OF THIS FOLDER")
pipeline(num_inference_steps=STEPS).images[0].save("sample.png")
"#;

const LABELLED: &str = r#"import torch
from diffusers import DDIMScheduler, UNet2DModel
from diffusers.utils import numpy_to_pil

folder = "PATH OF THIS FOLDER"
unet = UNet2DModel.from_pretrained(folder, subfolder="unet")
scheduler = DDIMScheduler.from_pretrained(folder, subfolder="scheduler")
labels, guidance = torch.tensor([0, 0, 0, 0]), 1.0

scheduler.set_timesteps(20)
x = torch.randn(len(labels), SHAPE)
none = torch.full_like(labels, NONE)
with torch.no_grad():
    for t in scheduler.timesteps:
        output = unet(x, t, class_labels=labels).sample
        if guidance != 1:
            without = unet(x, t, class_labels=none).sample
            output = without + guidance * (output - without)
        x = scheduler.step(output, t, xCLIPPED).prev_sample
pictures = numpy_to_pil((x / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy())
for i, picture in enumerate(pictures):
    picture.save(f"sample-{i}.png")
"#;
