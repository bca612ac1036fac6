"""`python -m app.make.pictures`: pictures of the checkpoint's tasks for the task picker."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from app.engine.checkpoint import covered_tasks
from app.engine.folders import ASSETS
from nnit.sim.render import Scene, SceneRenderer
from nnit.sim.rollout import goal_of, run_episode
from nnit.sim.suites import Task, get_task
from nnit.sim.video import encode_jpeg

_SEED = 2**31 + 5
_SIZE = (280, 210)
_STEPS_UNTIL_THEY_MEET = 46
_SMOOTHING = 4  # pictures are drawn this many times larger, then averaged


@dataclass(frozen=True)
class MakePictures:
    """Draw each task in the middle of the expert's episode, when hand and object meet."""

    task: Annotated[tuple[str, ...], tyro.conf.arg(metavar="TASK [TASK ...]")] = ()
    """Only these tasks; by default all that the checkpoint covers."""

    out: Annotated[Path, tyro.conf.arg(metavar="DIR")] = ASSETS / "tasks"
    """Folder to write to."""

    def run(self) -> None:
        """Draw, and write the files."""
        width, height = (_SMOOTHING * pixels for pixels in _SIZE)
        self.out.mkdir(parents=True, exist_ok=True)
        with SceneRenderer(width, height) as renderer:
            for name in self.task or covered_tasks():
                task = get_task(name)
                if task.suite.classifies:
                    (self.out / f"{name}.jpg").write_bytes(encode_jpeg(_examples(task), 82))
                    continue
                frames: list[np.ndarray] = []
                scene = renderer.scene(name)

                def on_step(frames: list[np.ndarray] = frames, scene: Scene = scene) -> None:
                    frames.append(scene.draw())

                expert, *_ = task.new_experts()
                values = {condition.name: condition.default for condition in task.conditions}
                if task.goal_conditions:
                    expert = task.expert(values)
                run_episode(
                    task,
                    scene.environment,
                    expert,
                    _SEED,
                    goal=goal_of(task, values),
                    on_step=on_step,
                    limit=min(_STEPS_UNTIL_THEY_MEET, task.suite.horizon // 3),
                )
                blocks = frames[-1].reshape(_SIZE[1], _SMOOTHING, _SIZE[0], _SMOOTHING, 3)
                picture = blocks.mean(axis=(1, 3)).round().astype(np.uint8)
                (self.out / f"{name}.jpg").write_bytes(encode_jpeg(picture, 82))


def _examples(task: Task) -> np.ndarray:
    """Four by two test pictures of a task, dark ink on light ground, (height, width, 3)."""
    assert task.examples is not None
    shown = task.examples("evaluate").observations[:8]
    rows, columns = task.suite.picture or (1, task.suite.observation_size)
    wall = shown.reshape(2, 4, rows, columns).swapaxes(1, 2).reshape(2 * rows, 4 * columns)
    scale = max(1, _SIZE[1] // wall.shape[0])
    grey = (255 - 225 * wall.repeat(scale, 0).repeat(scale, 1)).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, 2)


if __name__ == "__main__":
    tyro.cli(MakePictures).run()
