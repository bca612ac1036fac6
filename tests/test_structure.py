"""The library's modules: each is used by a command, a page, or is documented for users; its files are installed."""

import tomllib
from pathlib import Path

import grimp

from nnit.sim.suites import _OWN

# Documented for users in the README, and used by no command or page.
DOCUMENTED: frozenset[str] = frozenset()


def test_every_module_is_used() -> None:
    graph = grimp.build_graph("nnit", "app", include_external_packages=False)
    roots = {"nnit.__main__", "app.main", "app.navigation"}
    # Streamlit runs the pages' scripts by their paths; the makers of shipped files are commands.
    roots |= {name for name in graph.modules if name.endswith(".page") or ".make." in name}
    roots |= {"nnit.mlp.worker"}  # runs as a process of its own
    roots |= {"app.widgets.live.notebook"}  # `Policy.show` imports it by its name
    used = set(roots)
    for root in roots:
        used |= graph.find_upstream_modules(root)
    # A process of its own, started by its name.
    used |= {"nnit.mlp.worker"} | graph.find_upstream_modules("nnit.mlp.worker")
    for suite in _OWN:  # imported by their names
        used |= {suite} | graph.find_upstream_modules(suite)
    for name in list(used):  # a module is imported with the packages that hold it
        parts = name.split(".")
        used |= {".".join(parts[:end]) for end in range(1, len(parts))}
    assert graph.modules - used - DOCUMENTED == set()


def test_files_beside_the_modules_are_installed() -> None:
    root = Path(__file__).resolve().parents[1]
    declared = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    beside = {
        path
        for path in (root / "nnit").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    installed = {
        path
        for package, patterns in declared["package-data"].items()
        for pattern in patterns
        for path in root.joinpath(*package.split(".")).glob(pattern)
    }
    assert beside == installed
