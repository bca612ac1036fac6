"""The library's modules: each is used by a command, a page, or is documented for users."""

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
