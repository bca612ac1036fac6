"""Compare what the commands give with recorded digests: `python -m tests.same_numbers [--record]`.

For changes that move or rename code and must not change a number. It runs requests of `generate`,
`evaluate` and `align` on the shipped checkpoint, loads what the pages show first, and trains the `smoke`
preset with its baselines. Floating point differs between processors and versions of torch, so digests
are kept for each kind in `digests.json`; on a kind that has none, record before the change and compare
after it. It takes two to four minutes. `--only generate` and the like run one group.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # sums of several threads are rounded differently
os.environ.pop("NNIT_CHECKPOINT", None)

_HERE = Path(__file__).resolve().parent
_DIGESTS = _HERE / "digests.json"

_GENERATE = {
    "plain": "--task door-open-v3 --arch 27-45",
    "several": "--task push-v3 --arch 64-64-64 --count 3 --seed 5",
    "one layer": "--task reach-v3 --arch 61 --steps 3",
    "partial": "--task pick-place-v3 --arch 64-? --count 2",
    "free": "--task drawer-open-v3 --arch ? --count 3 --seed 2",
    "budget": "--task window-open-v3 --arch ?-? --max-params 1200 --count 2",
    "style": "--task peg-insert-side-v3 --arch 40-19-61 --tempo 0.2 --height 0.9",
    "tempo alone": "--task button-press-topdown-v3 --arch 33 --tempo 0",
    "heun": "--task window-close-v3 --arch 12-20 --solver heun --steps 5 --count 2",
    "adams-bashforth": "--task drawer-close-v3 --arch 16-11 --solver adams-bashforth --seed 9",
}
_EVALUATE = {
    "nnit": "--task push-v3,reach-v3 --arch 27-45,? --networks 2 --episodes 2",
    "ghn": "--task push-v3 --arch 12-20 --networks 2 --episodes 2 --tempo 0.3",
    "zoo": "--task pick-place-v3 --arch 16-11 --networks 1 --episodes 2",
    "permuted": "--task push-v3 --arch 27-45 --networks 1 --episodes 2",
    "bc": "--task reach-v3 --arch 33 --networks 1 --episodes 2",
    "unaligned": "--task reach-v3 --arch 27-45 --networks 1 --episodes 2",
    "flat": "--task reach-v3 --arch 27-45 --networks 1 --episodes 2",
    "nearest": "--task reach-v3,push-v3 --arch 40-19-61 --networks 2 --episodes 2",
    "noise": "--task reach-v3,push-v3 --arch 40-19-61 --networks 2 --episodes 2",
    "expert": "--task peg-insert-side-v3 --networks 1 --episodes 3",
}
_ALIGN = {
    "three kinds": "--task push-v3 --arch 24-16,27-45 --networks 3 --kinds ghn,zoo,nnit",
    "line": "--task reach-v3 --arch 24-16 --networks 2 --kinds nnit,scratch --episodes 1",
}


def _digest(value: Any) -> str:
    """A short name of JSON values; keys in any order."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _digest_of_tensors(files: list[Path]) -> str:
    """A short name of the names, shapes and bytes of all tensors in safetensors files."""
    from safetensors import safe_open

    total = hashlib.sha256()
    for file in files:
        with safe_open(file, framework="numpy") as tensors:
            for name in sorted(tensors.keys()):
                array = tensors.get_tensor(name)
                total.update(f"{name}{array.shape}{array.dtype}".encode())
                total.update(array.tobytes())
    return total.hexdigest()[:16]


def _run(arguments: str, *more: str) -> None:
    from nnit.__main__ import main

    if main([*arguments.split(), *more]) != 0:
        raise SystemExit(f"failed: {arguments}")


def _commands(folder: Path) -> Iterator[tuple[str, str]]:
    """Digests of what `evaluate` and `align` write, and of the networks of `generate`."""
    for name, options in _GENERATE.items():
        out = folder / name.replace(" ", "-")
        _run(f"generate {options}", "--out", str(out))
        yield f"generate: {name}", _digest_of_tensors(sorted(out.glob("*.safetensors")))


def _results(command: str, table: dict[str, str], folder: Path) -> Iterator[tuple[str, str]]:
    for name, options in table.items():
        source = f" --source {name}" if command == "evaluate" else ""
        file = folder / "results.json"
        _run(f"{command} {options}{source}", "--json", str(file))
        found = json.loads(file.read_text())
        del found["checkpoint"]  # a path
        yield f"{command}: {name}", _digest(found)


def _pages(_: Path) -> Iterator[tuple[str, str]]:
    """Digests of every word and number on each page as it opens, from what ships."""
    from streamlit.testing.v1 import AppTest

    root = _HERE.parent.parent
    for page in ("", "noise", "widths", "alignment", "evidence", "how"):
        app = AppTest.from_file(str(root / "app" / "navigation.py"), default_timeout=120)
        app.run()
        if page:
            app.switch_page(_page_file(page)).run()
        assert not app.exception, app.exception
        words = [str(element.value) for element in (*app.markdown, *app.caption, *app.metric)]
        # The corner says what the server is doing at the moment; styles hold no numbers.
        html = [one.proto.body for one in app.get("html") if 'class="corner"' not in one.proto.body]
        words += [re.sub(r"<style>.*?</style>", "", body, flags=re.DOTALL) for body in html]
        yield f"page: {page or 'generate'}", _digest(words)


def _page_file(page: str) -> str:
    """The script of a page, below the folder of the main script."""
    candidates = (f"pages/{page}/page.py", f"views/{page}/page.py", f"app_pages/{page}.py")
    root = _HERE.parent.parent / "app"
    return next(path for path in candidates if (root / path).exists())


def _training(folder: Path) -> Iterator[tuple[str, str]]:
    """Digests of all that a `smoke` training with its baselines writes for use."""
    out = folder / "smoke"
    stages = "demonstrations ghn zoo dit unaligned flat one-step package"
    _run(f"train --preset smoke --stage {stages}", "--out", str(out))
    for file in sorted((out / "checkpoint").glob("*.safetensors")):
        yield f"smoke: {file.stem}", _digest_of_tensors([file])


_GROUPS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "generate": _commands,
    "evaluate": lambda folder: _results("evaluate", _EVALUATE, folder),
    "align": lambda folder: _results("align", _ALIGN, folder),
    "smoke": _training,
    "pages": _pages,  # last: the app gives torch more threads
}


def _kind() -> str:
    """What floating-point results depend on: the version of torch and the processor's instructions."""
    import torch

    bfloat16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    words = (torch.__version__, torch.backends.cpu.get_cpu_capability(), f"bf16 {bfloat16}")
    return ", ".join(words)


def main() -> int:
    """Run the groups and print what differs; the exit code says whether anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.same_numbers", description=__doc__)
    parser.add_argument("--record", action="store_true", help="keep what is found as expected")
    parser.add_argument("--only", choices=tuple(_GROUPS), action="append", help="run these groups")
    chosen = parser.parse_args()
    known = json.loads(_DIGESTS.read_text()) if _DIGESTS.exists() else {}
    expected = known.setdefault(_kind(), {})
    different = 0
    for group in chosen.only or _GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            for name, found in _GROUPS[group](Path(folder)):
                same = expected.get(name) == found
                if chosen.record:
                    expected[name] = found
                elif not same:
                    different += 1
                print(f"{'same' if same else 'DIFFERENT'}  {name}  {found}", flush=True)
    if chosen.record:
        _DIGESTS.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
        return 0
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
