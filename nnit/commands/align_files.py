"""`python -m nnit align --files ...`: networks of the user's own, compared neuron by neuron."""

from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from nnit.commands.network_files import (
    check_no_other,
    content_of,
    print_notes,
    print_warnings,
    readings_of,
    write_files,
)
from nnit.commands.options import check_json, check_seed, check_writable, print_table, write_json
from nnit.errors import UserError

if TYPE_CHECKING:
    from nnit.alignment.examination import Examination
    from nnit.alignment.neurons import Observations
    from nnit.commands.align import Align
    from nnit.mlp.network import MLP


def align_files(options: "Align") -> None:
    """Read, examine and report.

    Raises:
        UserError: a file cannot be read, or does not go with the others.
    """
    from nnit.alignment.examination import Question, examine
    from nnit.alignment.files import examined_files, own_names
    from nnit.mlp.notes import warnings_of
    from nnit.mlp.readings import activation_said

    if options.task or options.arch:
        raise UserError("--files compares your own networks; leave out --task and --arch")
    check_json(options.json)
    check_seed(options.seed)
    if options.out is not None:
        check_writable(options.out / "probe.json")
    contents = [(str(path), content_of(path)) for path in options.files]
    readings = readings_of(contents, options.network)
    networks = [reading.network for reading in readings]
    activation = options.activation or activation_said(readings)
    question = Question(
        reference=options.reference - 1,
        activation=activation,
        signs=options.signs,
        scales=options.scales,
        by_activations=options.by_activations,
        second_group=tuple(number - 1 for number in options.second_group),
        seed=options.seed,
    )
    run_with = options.run_with or activation
    observations = _observations(options.observations, run_with, networks[0])
    run_on = None if options.observations is None else (options.observations.name, run_with)
    with tqdm(total=100, desc="comparing", unit="%", disable=None) as bar:

        def report(done: int, total: int) -> None:
            bar.update(100 * done // total - bar.n)

        examination = examine(networks, question, observations, report)
    names = own_names([name for name, _ in contents])
    print_warnings(names, readings)
    files: dict[str, bytes] = {}
    if options.out is not None:
        files = examined_files(contents, readings, examination, run_on=run_on)
        check_no_other(options.out, files)
    if options.json is not None:
        write_json(examination.as_json(names, warnings_of(names, readings)), options.json)
    else:
        _print(examination, names)
        print_notes(names, readings)
    if options.out is not None:
        write_files(options.out, files)


def _observations(path: Path | None, activation: str, network: "MLP") -> "Observations | None":
    if path is None:
        return None
    from nnit.alignment.neurons import Observations
    from nnit.alignment.observations import read_observations
    from nnit.mlp.network import ACTIVATION_FUNCTIONS, layer_sizes

    if activation not in ACTIVATION_FUNCTIONS:
        raise UserError("to run your networks, say with --run-with whether they have tanh or relu")
    sizes = layer_sizes(network)
    inputs, targets = read_observations(path.name, content_of(path), sizes[0], sizes[-1])
    return Observations(inputs, activation, targets)


def _print(examination: "Examination", names: list[str]) -> None:
    """The verdict in words, then one row a network and metric."""
    print(examination.text)
    print()
    table = []
    for row in examination.rows(names):
        if row["network"] == examination.question.reference + 1 and row["value"] == 0:
            continue
        value = f"{row['value']:.3f}" if isinstance(row["value"], float) else f"{row['value']:,}"
        noise = "" if row["noise"] is None else f"{row['noise']:.3f}"
        layer = str(row["layer"] or "")
        table.append((f"{row['network']} {row['file']}", layer, row["metric"], value, noise))
    if table:
        print_table(("network", "layer", "metric", "value", "noise"), table)
