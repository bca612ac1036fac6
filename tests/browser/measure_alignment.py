"""Time the page Alignment with networks of a visitor's own, in Chromium, from choosing files to the whole page.

`python tests/browser/measure_alignment.py [--kind npz] [--networks 6] [--widths 64-64] [--visitors 0] [--times 5]`
from the repository's folder, on an idle machine. The app is served as it ships; the clock is the browser's, and starts
when the files are chosen. `--visitors 25` lets as many others generate networks without pause meanwhile.
"""

import argparse
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

_ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(_ROOT), str(Path(__file__).parent), str(Path(__file__).parents[1])]

from chromium import DRAWS_IN_3D, launch, open_tab  # noqa: E402
from playwright.sync_api import Browser  # noqa: E402
from serving import serve  # noqa: E402

from nnit.checkpoint import DEFAULT_CHECKPOINT  # noqa: E402
from nnit.mlp.files import network_bytes  # noqa: E402
from nnit.mlp.network import MLP  # noqa: E402

_INPUTS, _OUTPUTS = 39, 4
# When each of these first holds, in milliseconds since the files were chosen.
_CLOCK = """
window.times = {};
// Parts that the browser draws stand in shadow roots of their own.
const find = (selector) => {
  for (const host of document.querySelectorAll('div'))
    if (host.shadowRoot?.querySelector(selector)) return host.shadowRoot.querySelector(selector);
  return document.querySelector(selector);
};
const rests = () =>
  document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
  && ![...document.querySelectorAll('summary')].some(({ textContent }) => /measuring|Comparing/.test(textContent))
  && !document.querySelector('[data-testid=stSpinner]');
const seen = {
  picture: () => find('.examination .layers canvas')?.width > 20,
  verdict: () => find('.examination[data-examined=true] .verdict button'),
  slider: () => find('.alignment[data-drawn*=uploaded]'),
};
document.addEventListener('change', () => {
  const start = performance.now();
  const look = () => {
    for (const [name, holds] of Object.entries(seen))
      if (!(name in window.times) && holds()) window.times[name] = performance.now() - start;
    if (window.times.verdict && rests()) window.times.whole ??= performance.now() - start;
    else delete window.times.whole;
    setTimeout(look, 20);
  };
  look();
}, { capture: true, once: true });
"""
_VISITORS = """
import sys, threading
sys.path[:0] = [{root!r}, {tests!r}, {browser!r}]
from sessions import visit
def go(number):
    turn = 0
    while True:
        query = {{"task": "reach-v3", "arch": ("9", "12-10", "16-11-8", "24", "13-17")[number % 5],
                 "seed": str(1000 * turn + number), "steps": "20"}}
        try:
            visit({address!r}, query)
        except Exception as error:
            print(error, file=sys.stderr)
        turn += 1
for number in range({count}):
    threading.Thread(target=go, args=(number,), daemon=True).start()
threading.Event().wait()
"""


@contextmanager
def visitors(count: int, address: str) -> Iterator[None]:
    """So many who generate networks without pause, in a process of their own."""
    if not count:
        yield
        return
    paths = {
        "root": str(_ROOT),
        "tests": str(_ROOT / "tests"),
        "browser": str(Path(__file__).parent),
    }
    text = _VISITORS.format(**paths, address=address, count=count)
    others = subprocess.Popen([sys.executable, "-c", text], stderr=subprocess.DEVNULL)
    time.sleep(15)
    try:
        yield
    finally:
        others.kill()
        others.wait()


def networks(count: int, widths: list[int], rng: np.random.Generator) -> list[MLP]:
    """The first network, and others that are it permuted with noise, or unrelated."""
    sizes = [_INPUTS, *widths, _OUTPUTS]

    def fresh() -> MLP:
        shapes = list(zip(sizes[1:], sizes, strict=False))
        return MLP(
            tuple((rng.normal(size=s) / np.sqrt(s[1])).astype(np.float32) for s in shapes),
            tuple(rng.normal(size=s[0]).astype(np.float32) * 0.1 for s in shapes),
        )

    from nnit.alignment.symmetry import permute

    first = fresh()
    found = [first]
    while len(found) < count:
        if len(found) % 2:
            one = permute(first, [rng.permutation(width) for width in widths])
            noisy = (
                w + rng.normal(size=w.shape).astype(np.float32) * 0.1 * w.std() for w in one.weights
            )
            found.append(MLP(tuple(noisy), one.biases))
        else:
            found.append(fresh())
    return found


def file_of(network: MLP, kind: str) -> bytes:
    """The network as a file of this kind."""
    if kind == "npz":
        return network_bytes(network, "npz")
    if kind == "safetensors":
        return network_bytes(network, "safetensors")
    if kind == "pt":
        import torch

        state = {}
        for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
            state[f"{2 * layer}.weight"], state[f"{2 * layer}.bias"] = (
                torch.from_numpy(weight.copy()),
                torch.from_numpy(bias.copy()),
            )
        stream = io.BytesIO()
        torch.save(state, stream)
        return stream.getvalue()
    raise SystemExit(f"no kind {kind}")


def once(browser: Browser, address: str, files: list[Path], patience: float) -> dict[str, float]:
    """Seconds of one visitor."""
    page = open_tab(browser, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(f"{address}/alignment")
    page.locator(".alignment[data-measured=true]").wait_for()
    page.get_by_text("Bring your own networks").click()
    chooser = page.locator("input[type=file]").first
    chooser.wait_for(state="attached")
    time.sleep(2)  # the page is still
    page.evaluate(_CLOCK)
    chooser.set_input_files(files)
    end = time.monotonic() + patience
    held = 0
    while held < 4 and time.monotonic() < end:
        held = held + 1 if page.evaluate("'whole' in window.times") else 0
        time.sleep(0.5)
    times = page.evaluate("window.times")
    page.context.close()
    return {name: value / 1000 for name, value in times.items()}


def most_memory(pid: int) -> float:
    """The largest resident memory of a process so far, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def server_of(address: str) -> int:
    """The process that serves an address."""
    port = address.rsplit(":", 1)[1]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if "--server.port" in words and words[words.index("--server.port") + 1] == port:
                return int(entry.name)
    raise SystemExit("the server is not there")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="npz", choices=("npz", "safetensors", "pt"))
    parser.add_argument("--networks", type=int, default=6)
    parser.add_argument("--widths", default="64-64")
    parser.add_argument("--visitors", type=int, default=0)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--patience", type=float, default=120)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    widths = [int(width) for width in asked.widths.split("-")]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(launch(*DRAWS_IN_3D))
        address = stack.enter_context(serve(DEFAULT_CHECKPOINT, folder / "log"))
        stack.enter_context(visitors(asked.visitors, address))
        for turn in range(asked.times):
            files = []
            for number, network in enumerate(networks(asked.networks, widths, rng), 1):
                files.append(folder / f"run_{turn}_{number}.{asked.kind}")
                files[-1].write_bytes(file_of(network, asked.kind))
            found = once(browser, address, files, asked.patience)
            words = ", ".join(f"{name} {value:.2f} s" for name, value in found.items())
            memory = most_memory(server_of(address))
            print(f"{words}; server at most {memory:.0f} MiB", flush=True)  # noqa: T201
            for file in files:
                file.unlink()


if __name__ == "__main__":
    main()
