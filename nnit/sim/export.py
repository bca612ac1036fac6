"""Taking a policy or its film elsewhere: ONNX, a script for gymnasium, GIF."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nnit import __version__
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.sim.suites import get_task
from nnit.sim.video import failure_of_ffmpeg, start_ffmpeg
from nnit.writing import temporary_folder, write_whole

# Pinned, and old enough for every runtime of the last years; all that is used has been there since 13.
ONNX_OPSET = 17
_ONNX_IR = 8
_ONNX_ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu"}
# The same in NumPy, for the exported program.
_SCRIPT_ACTIVATIONS = {"tanh": "np.tanh({x})", "relu": "np.maximum({x}, 0)"}

MAX_GIF_BYTES = 2 * 2**20
# Width in pixels, pictures a second and colours, the best first: the first that is small enough is taken.
_GIF_QUALITIES = ((360, 10, 128), (320, 10, 64), (240, 10, 48), (160, 5, 32))


def onnx_bytes(policy: Policy) -> bytes:
    """The policy as an ONNX file: `observation` (batch, size) in the environment's units to `action`.

    The observation's normaliser and the clipping to [-1, 1] are part of the graph.
    """
    architecture = policy.architecture
    constants = {
        "observation.mean": policy.observation_mean,
        "observation.scale": policy.observation_scale,
        "lowest": np.float32(-1),
        "highest": np.float32(1),
    }
    nodes = [
        helper.make_node("Sub", ["observation", "observation.mean"], ["centred"]),
        helper.make_node("Div", ["centred", "observation.scale"], ["hidden.0"]),
    ]
    activation = _ONNX_ACTIVATIONS[architecture.activation]
    last = len(policy.weights) - 1
    for layer, (weight, bias) in enumerate(zip(policy.weights, policy.biases, strict=True)):
        constants |= {f"weight.{layer}": weight, f"bias.{layer}": bias}
        sources = [f"hidden.{layer}", f"weight.{layer}", f"bias.{layer}"]
        nodes.append(helper.make_node("Gemm", sources, [f"sum.{layer}"], transB=1))
        if layer < last:
            nodes.append(helper.make_node(activation, [f"sum.{layer}"], [f"hidden.{layer + 1}"]))
    nodes.append(helper.make_node("Clip", [f"sum.{last}", "lowest", "highest"], ["action"]))

    def value(name: str, size: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size])

    graph = helper.make_graph(
        nodes,
        "policy",
        [value("observation", architecture.observation_size)],
        [value("action", architecture.action_size)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", ONNX_OPSET)],
        ir_version=_ONNX_IR,
        producer_name="nnit",
        producer_version=__version__,
    )
    helper.set_model_props(
        model,
        {
            "task": policy.task,
            "architecture": str(architecture),
            "provenance": json.dumps(dict(policy.provenance)),
        },
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


_SCRIPT = '''"""Let {file} do its task in {suite}: pip install {packages} safetensors."""

from pathlib import Path

{imports}
import numpy as np
from safetensors.numpy import load_file

net = load_file(Path(__file__).with_name("{file}"))  # the weights lie beside this program
layers = [(net[f"weight.{{i}}"].T, net[f"bias.{{i}}"]) for i in range({layers})]


def act(observation):
    x = (observation.astype(np.float32) - net["observation.mean"]) / net["observation.scale"]
    for weight, bias in layers[:-1]:
        x = {activation}
    return np.clip(x @ layers[-1][0] + layers[-1][1], -1, 1)


# The suite draws a goal of its own: the app's goals are others, so that its robot needs another number of steps.
# render_mode="human" opens a window on the robot.
env = {make}
observation, info = env.reset()
for step in range({horizon}):
    observation, reward, terminated, truncated, info = env.step(act(observation))
    if info["success"]:
        break
print("success" if info["success"] else "no success", "after", step + 1, "steps")
'''


def script(policy: Policy, file: str) -> str:
    """A Python program that runs a saved policy with nothing of this project.

    Args:
        policy: says the task and the number of layers.
        file: name of the policy's `.safetensors` file.

    Raises:
        UserError: the suite's environments cannot be made without this project.
    """
    task = get_task(policy.task)
    if task.script is None:
        raise UserError(f"there is no program for {policy.task} outside this project")
    return _SCRIPT.format(
        file=file,
        layers=len(policy.weights),
        suite=task.suite.title.split(" v")[0],
        packages=task.script.packages,
        imports=task.script.imports,
        make=task.script.make.format(task=policy.task, seed=int(policy.provenance.get("seed", 0))),
        activation=_SCRIPT_ACTIVATIONS[policy.architecture.activation].format(
            x="x @ weight + bias"
        ),
        horizon=task.suite.horizon,
    )


def gif_bytes(video: bytes) -> bytes:
    """A film as an endless GIF of at most `MAX_GIF_BYTES`.

    Args:
        video: an mp4, as `nnit.sim.render` makes them.

    Raises:
        UserError: ffmpeg cannot read it, or even the smallest GIF is too large.
    """
    with temporary_folder("nnit-gif-") as folder:
        source, target = Path(folder) / "clip.mp4", Path(folder) / "clip.gif"
        write_whole(source, video)
        for width, rate, colours in _GIF_QUALITIES:
            _convert(source, target, width, rate, colours)
            if target.stat().st_size <= MAX_GIF_BYTES:
                return target.read_bytes()
    raise UserError("the film is too long for a GIF")


def _convert(source: Path, target: Path, width: int, rate: int, colours: int) -> None:
    """One GIF with a palette of its own; patterned dithering, so that what stands still costs nothing."""
    drawing = (
        f"fps={rate},scale={width}:-2:flags=lanczos,split[a][b];"
        f"[a]palettegen=max_colors={colours}:stats_mode=diff[p];"
        "[b][p]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle"
    )
    process = start_ffmpeg(
        ["-i", str(source), "-filter_complex", drawing, "-loop", "0", str(target)]
    )
    _, said = process.communicate()
    if process.returncode != 0:
        raise failure_of_ffmpeg("make a GIF of the film", process.returncode, said)
