"""Write a folder of live robots that any web server can serve: `python -m app.make.gallery --out gallery`.

For each task a few networks, each in one HTML file that needs nothing else, and a page that leads to them.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

from app.engine.checkpoint import description, suite_of
from app.engine.folders import ASSETS
from app.engine.live import can_run_live
from app.engine.others import requests_to_take_along
from app.widgets.live.take_home import take_home
from nnit.checkpoint import DEFAULT_CHECKPOINT
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.writing import write_whole

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Robots whose networks were generated</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.5 ui-sans-serif, "Segoe UI", "Noto Sans", sans-serif; max-width: 60rem; margin: 0 auto;
  padding: 18px; background: light-dark(#fcfcfa, #101317); color: light-dark(#1c2024, #e4e7ea); }}
ul {{ list-style: none; padding: 0; display: grid; gap: 16px;
  grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); }}
li {{ border: 1px solid light-dark(#dfdfd8, #2d343c); border-radius: 7px; overflow: hidden; }}
img {{ width: 100%; aspect-ratio: 2; object-fit: cover; display: block; }}
h2 {{ font-size: 1rem; margin: 8px 12px 0; }} p.links {{ margin: 2px 12px 10px; }}
a {{ color: light-dark(#5b3fc4, #a594f9); margin-right: 12px; }}
</style></head><body><h1>Robots whose networks were generated</h1>
<p>A diffusion transformer wrote the weights of each of these networks. Your browser runs robot and network: drag the
goal, push the arm, look inside. Each page has 4 MB.</p><ul>{items}</ul></body></html>
"""


def write_gallery(
    policies: Sequence[Policy],
    folder: Path,
    others: Callable[[Policy], Mapping[str, Policy]],
    patch: int = 0,
) -> None:
    """Write a page for each policy, and one that leads to them.

    Args:
        policies: of tasks that browsers can run.
        folder: to write to.
        others: networks that may take over from a policy while the robot moves, see `take_home`.
        patch: side of the patches of the weights' pictures, in cells.
    """
    folder.mkdir(parents=True, exist_ok=True)
    items = []
    for task in dict.fromkeys(policy.task for policy in policies):
        own = [policy for policy in policies if policy.task == task]
        links = ""
        for policy in own:
            name = f"{task}_{policy.architecture}.html"
            page = take_home(policy, others=others(policy), patch=patch, address="index.html")
            write_whole(folder / name, page)
            links += f'<a href="{name}">{policy.architecture}</a>'
        picture = ASSETS / "tasks" / f"{task}.jpg"
        shown = ""
        if picture.is_file():
            write_whole(folder / picture.name, picture.read_bytes())
            shown = f'<img src="{picture.name}" alt="">'
        title = escape(suite_of(task).task(task).title)
        items.append(f'<li>{shown}<h2>{title}</h2><p class="links">{links}</p></li>')
    write_whole(folder / "index.html", _PAGE.format(items="".join(items)).encode())


def main() -> None:
    """Sample the networks and write the folder."""
    from nnit.baselines.memory import resized
    from nnit.dit.generator import Generator

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("gallery"), help="folder to write to")
    parser.add_argument("--arch", default="27-45,16-16", help="hidden widths, separated by commas")
    parser.add_argument("--seed", type=int, default=0, help="of the networks")
    asked = parser.parse_args()
    generator = Generator.load(DEFAULT_CHECKPOINT)
    tasks = [task for task in description().tasks if can_run_live(task)]
    shapes = [MLPArchitecture.parse(text) for text in asked.arch.split(",")]
    policies = [
        generator.sample(SampleRequest(task, shape, seed=asked.seed))[0].with_provenance(
            source="nnit"
        )
        for task in tasks
        for shape in shapes
    ]

    def others(policy: Policy) -> dict[str, Policy]:
        return {
            title: resized(generator.sample(request)[0], policy.architecture)
            for title, request in requests_to_take_along(policy).items()
        }

    write_gallery(policies, asked.out, others, generator.patch)


if __name__ == "__main__":
    main()
