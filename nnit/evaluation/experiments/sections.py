"""What docs/results.md says of each experiment: text, tables and a figure, all from its JSON files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nnit.evaluation.experiments import figures
from nnit.evaluation.experiments.ablations import VARIANTS
from nnit.evaluation.experiments.base import Row, pooled
from nnit.evaluation.experiments.budget import WIDTH_BINS
from nnit.evaluation.experiments.diversity import STYLE_KINDS
from nnit.evaluation.experiments.novelty import KINDS
from nnit.evaluation.experiments.splits import BANDS
from nnit.evaluation.experiments.tempo import measured_conditions
from nnit.evaluation.statistics import bootstrap_interval, mean_text, success_text

Parts = Mapping[str, Row]  # what each file of an experiment holds, by part
MEASURES = ("actions", "weights")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; nothing where there are no rows."""
    rows = list(rows)
    if not rows:
        return ""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def rows_of(parts: Parts) -> list[Row]:
    """The measured rows of all parts."""
    return [row for part in parts.values() for row in part["results"]]


def unique(rows: Iterable[Row], key: str) -> list[Any]:
    """The values of a label, in the order in which they come."""
    return list(dict.fromkeys(row[key] for row in rows))


def where(rows: Iterable[Row], **labels: Any) -> list[Row]:
    """The rows that have these labels."""
    return [row for row in rows if all(row[key] == value for key, value in labels.items())]


def success(rows: Sequence[Row]) -> str:
    """Pooled success of some rows for people."""
    if not rows:
        return "not defined"
    count = pooled(rows)
    return success_text(count["successes"], count["episodes"])


def splits(parts: Parts, figure: Path) -> str:
    """Tables by split, by architecture and by task."""
    rows = rows_of(parts)
    sources = [source for source in parts if parts[source]["results"]]
    bands = [band for band in BANDS if where(rows, band=band)]
    counts = {
        source: {
            band: pooled(found)
            for band in bands
            if (found := where(rows, source=source, band=band))
        }
        for source in sources
    }
    figures.success_by_group(counts, bands, figure)
    by_band = [
        [band, *(_where_defined(rows, source, band) for source in sources)] for band in bands
    ]
    by_arch = [
        [
            arch,
            where(rows, arch=arch)[0]["band"],
            *(success(where(rows, arch=arch, source=source)) for source in sources),
        ]
        for arch in unique(rows, "arch")
    ]
    trained = [row for row in rows if row["band"] in BANDS[:2]]
    by_task = [
        [task, *(success(where(trained, task=task, source=source)) for source in sources)]
        for task in unique(rows, "task")
    ]
    return "\n\n".join(
        [
            table(["split", *sources], by_band),
            "By architecture, all tasks together:",
            table(["architecture", "split", *sources], by_arch),
            f"By task, over the architectures of {BANDS[0]} and {BANDS[1]}:",
            table(["task", *sources], by_task),
        ]
    )


def _where_defined(rows: Sequence[Row], source: str, band: str) -> str:
    """Success, with a note where a source can make only some of the band's architectures."""
    mine, every = where(rows, source=source, band=band), where(rows, band=band)
    some, most = len(unique(mine, "arch")), len(unique(every, "arch"))
    note = f", {some} of {most} architectures" if 0 < some < most else ""
    return success(mine) + note


def steps(parts: Parts, figure: Path) -> str:
    """Success by solver and number of steps."""
    rows = rows_of(parts)
    solvers, numbers = unique(rows, "solver"), unique(rows, "steps")
    series = []
    for solver in solvers:
        evaluations = unique(where(rows, solver=solver), "evaluations")
        counts = [pooled(where(rows, solver=solver, evaluations=n)) for n in evaluations]
        series.append(figures.Series(solver, evaluations, counts))
    figures.success_lines(series, "evaluations of the transformer", numbers, figure)
    body = []
    for number in numbers:
        line = [str(number)]
        for solver in solvers:
            found = where(rows, solver=solver, steps=number)
            note = f", {found[0]['evaluations']} evaluations" if found else ""
            line.append(success(found) + note)
        body.append(line)
    return table(["steps", *solvers], body)


def budget(parts: Parts, figure: Path) -> str:
    """The frontier of success against parameters, shapes that keep to budgets, and free generation."""
    rows = rows_of({name: parts[name] for name in ("nnit", "bc") if name in parts})
    shapes = rows_of({name: parts[name] for name in ("shapes",) if name in parts})
    unmasked = rows_of({name: parts[name] for name in ("unmasked",) if name in parts})
    budgets = unique(rows, "budget")
    series = []
    for source in unique(rows, "source"):
        counts = [pooled(where(rows, source=source, budget=b)) for b in budgets]
        name = {"nnit": "generated", "bc": "the same shapes from scratch"}[source]
        series.append(figures.Series(name, budgets, counts))
    if series:
        figures.success_lines(series, "budget, parameters at most", budgets, figure)
    body = []
    for limit in budgets:
        line = [f"{limit:,}"]
        mine = where(rows, budget=limit, source="nnit")
        line.append(f"{np.mean([row['parameters'] for row in mine]):,.0f}" if mine else "-")
        for source in ("nnit", "bc"):
            found = where(rows, budget=limit, source=source)
            seconds = [row["seconds"] for row in found]
            line += [success(found), f"{np.mean(seconds):.2f}" if seconds else "-"]
        line.append(kept(where(shapes, budget=limit), "within_budget"))
        if unmasked:
            line.append(kept(where(unmasked, budget=limit), "within_budget"))
        body.append(line)
    header = ["budget", "mean parameters", "generated", "s a network", "from scratch"]
    header += ["s a network", "samples within the budget"]
    if unmasked:
        header.append("without the mask")
    text = [table(header, body)]
    if shapes:
        text.append(
            f"All budgets together: {kept(shapes, 'within_budget')} sampled architectures keep to the "
            f"budget, {kept(shapes, 'valid')} are of depths and widths that training has."
        )
    if unmasked:
        limited = [row for row in unmasked if row["budget"] is not None]
        text.append(
            "The mask rules out what cannot be completed within the budget. Without it the budget is only a "
            f"condition of the model: {kept(limited, 'within_budget')} keep to it."
        )
        free_rows = where(unmasked, budget=None)
        apart = {
            key: float(np.mean([row[key] for row in free_rows]))
            for key in free_rows[0]
            if key.endswith("_apart")
        }
        text.append(
            "Without a budget, sampled shapes against as many drawn as those of the training networks (total variation "
            f"distance, mean over tasks): depths {apart['sampled_depths_apart']:.2f}, widths in {WIDTH_BINS} bins "
            f"{apart['sampled_widths_apart']:.2f}; two such draws {apart['training_depths_apart']:.2f} and "
            f"{apart['training_widths_apart']:.2f}."
        )
    if "free" in parts and (free := parts["free"]["results"]):
        text.append(
            f"Architecture and weights sampled together without a budget: {success(free)}, "
            f"{len(unique(free, 'arch'))} different architectures among {len(free)} networks."
        )
    return "\n\n".join(piece for piece in text if piece)


def kept(shapes: Sequence[Row], key: str) -> str:
    """How many sampled architectures pass a check."""
    return success_text(sum(row[key] for row in shapes), sum(row["networks"] for row in shapes))


def tempo(parts: Parts, figure: Path) -> str:
    """Correlations by task, and success at each requested value."""
    conditions = measured_conditions()
    panels, text = {}, []
    there = [quality for quality in parts if parts[quality]["results"]]
    for quality in there:
        rows = parts[quality]["results"]
        lines = {}
        for task in unique(rows, "task"):
            requested = unique(rows, "asked")
            lines[task] = (
                requested,
                [_mean(rows, task, value, conditions[quality].key) for value in requested],
            )
        panels[f"{quality}: {conditions[quality].quantity}"] = lines
    if panels:
        figures.requested_and_measured(panels, figure)
        body = [
            [task, *(_number(parts[q]["correlation_by_task"].get(task)) for q in there)]
            for task in parts[there[0]]["correlation_by_task"]
        ]
        body.append(["all", *(_number(parts[q]["correlation_pooled"]) for q in there)])
        text = [
            "Pearson's correlation of the requested with the measured value, over values and "
            "architectures; for all tasks together each task's measurements are first brought to mean "
            "0 and standard deviation 1.",
            table(["task", *there], body),
        ]
    for quality in there:
        rows = parts[quality]["results"]
        body = [[f"{v:g}", success(where(rows, asked=v))] for v in unique(rows, "asked")]
        text.append(table([f"requested {quality}", "success"], body))
    return "\n\n".join(text)


def _mean(rows: Sequence[Row], task: str, value: float, key: str) -> float:
    return float(np.mean([row[key] for row in where(rows, task=task, asked=value)]))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def spread_ratios(
    rows: Sequence[Row], measure: str, source: str = "nnit"
) -> dict[str, tuple[float, float, float]]:
    """By task: spread of a source over the zoo's, (mean, least, greatest) over common architectures."""
    found = {}
    for task in unique(rows, "task"):
        values = [
            mine[measure] / zoo[0][measure]
            for mine in where(rows, task=task, source=source)
            if (zoo := where(rows, task=task, source="zoo", arch=mine["arch"]))
            and zoo[0][measure] > 0
        ]
        if values:
            found[task] = float(np.mean(values)), min(values), max(values)
    return found


def diversity(parts: Parts, figure: Path) -> str:
    """Spread of each source by task, and that of samples over the zoo's."""
    every = rows_of(parts)
    ratios = {
        f"{measure}, {kind}": found
        for styles, kind in STYLE_KINDS.items()
        for measure in MEASURES
        if (found := spread_ratios(where(every, styles=styles), measure))
    }
    if ratios:
        figures.ratios(ratios, figure)
    return "\n\n".join(
        f"With {kind}:\n\n{_spread_table(where(every, styles=styles))}"
        for styles, kind in STYLE_KINDS.items()
        if where(every, styles=styles)
    )


def _spread_table(rows: Sequence[Row]) -> str:
    """Spread of each source by task, and the ratios."""
    ratios = {measure: spread_ratios(rows, measure) for measure in MEASURES}
    sources, body = unique(rows, "source"), []
    for task in unique(rows, "task"):
        line = [task]
        for measure in MEASURES:
            for source in sources:
                found = [row[measure] for row in where(rows, task=task, source=source)]
                line.append(f"{np.mean(found):.3f}" if found else "-")
        line += [
            f"{one[task][0]:.2f} ({one[task][1]:.2f}-{one[task][2]:.2f})" if task in one else "-"
            for one in ratios.values()
        ]
        body.append(line)
    header = [f"{measure}, {source}" for measure in MEASURES for source in sources]
    return table(["task", *header, *(f"ratio, {name}" for name in ratios)], body)


def novelty(parts: Parts, figure: Path) -> str:
    """Distances of each kind to the nearest training network, beside its success."""
    rows = rows_of(parts)
    kinds = [
        (KINDS[kind] + (f" {level:g}" if level else ""), where(rows, kind=kind, level=level))
        for kind in unique(rows, "kind")
        for level in unique(where(rows, kind=kind), "level")
    ]
    panels: dict[str, list[tuple[str, np.ndarray, Row]]] = {}
    body = []
    for name, found in kinds:
        line = [name, str(len(found))]
        for measure, label in (
            ("actions", "difference of actions to the nearest"),
            ("weights", "distance of weights to the nearest"),
        ):
            values = np.array([row[measure] for row in found if row[measure] is not None])
            if len(values):
                panels.setdefault(label, []).append((name, values, pooled(found)))
                low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
                line.append(f"{middle:.3f} ({low:.3f}-{high:.3f})")
            else:
                line.append("-")
        body.append([*line, success(found)])
    if panels:
        figures.success_and_distance(panels, figure)
    return table(["networks", "number", "actions", "weights", "success"], body)


def grid(parts: Parts, figure: Path) -> str:
    """Success by the two widths, and by split."""
    grids = {task: part["results"] for task, part in parts.items() if part["results"]}
    if grids:
        figures.success_grid(grids, figure)
    every = unique(rows_of(parts), "split")
    body = [[task, *(success(where(rows, split=s)) for s in every)] for task, rows in grids.items()]
    return table(["task", *every], body)


def bands(parts: Parts, figure: Path) -> str:
    """Tables by band, and by band and task."""
    rows = rows_of(parts)
    sources = [source for source in parts if parts[source]["results"]]

    names = unique(rows, "band")
    found = {
        (band, source): where(parts[source]["results"], band=band)
        for band in names
        for source in sources
    }
    shapes = {key: len(unique(here, "arch")) for key, here in found.items()}
    all_shapes = {band: len(unique(where(rows, band=band), "arch")) for band in names}

    def rates(band: str, source: str) -> list[float]:
        return [row["success_rate"] for row in found[band, source]]

    def whole(band: str, source: str) -> bool:
        # What a source does at the few shapes that it can make says nothing of the band.
        return shapes[band, source] == all_shapes[band]

    def cells(band: str) -> list[str]:
        best = max(np.mean(rates(band, source)) for source in sources if whole(band, source))
        texts = []
        for source in sources:
            mine = rates(band, source)
            text = mean_text(mine)
            if not mine and not where(parts[source]["skipped"], band=band):
                text = "not measured"
            elif mine and not whole(band, source):
                text += f", at {shapes[band, source]} of {all_shapes[band]} shapes"
            elif mine and np.mean(mine) == best:
                text = f"**{text}**"
            texts.append(text)
        return texts

    figures.success_by_group(
        {
            source: {
                band: {
                    "success_rate": np.mean(rates(band, source)),
                    "ci95": bootstrap_interval(rates(band, source)),
                }
                for band in names
                if whole(band, source)
            }
            for source in sources
        },
        names,
        figure,
    )
    by_band = [[band, str(all_shapes[band]), *cells(band)] for band in names]
    first = sources[0]
    by_task = [
        [
            task,
            *(
                mean_text([row["success_rate"] for row in where(found[band, first], task=task)])
                for band in names
            ),
        ]
        for task in unique(rows, "task")
    ]
    pieces = [
        table(["band", "shapes", *(f"`{source}`" for source in sources)], by_band),
        f"### By task, `{first}`",
        table(["task", *names], by_task),
    ]
    return "\n\n".join(pieces)


def ablations(parts: Parts, figure: Path) -> str:
    """One line a variant, in the order of the experiment."""
    there = [name for name in VARIANTS if name in parts]
    by_source: dict[str, dict[str, Row]] = {"generated": {}, "GHN": {}}
    lines = []
    for name in there:
        body = parts[name]
        written = [row for row in body["results"] if row["source"] == "ghn"]
        by_source["generated"][name] = body
        if written:
            by_source["GHN"][name] = pooled(written)
        seconds = [body.get("ghn_seconds"), body["dit_seconds"]]
        lines.append(
            [
                f"`{name}`",
                VARIANTS[name].words,
                success_text(body["successes"], body["episodes"]),
                success(written) if written else "",
                f"{100 * body['zoo_success']:.0f} %",
                f"{body['total_variation']:.2f}",
                f"{body['morans_i']:.2f}",
                f"{body['errors']['cells']:.3f}",
                f"{body['errors']['actions']:.4f}",
                str(body["dit_steps"]),
                " + ".join(f"{one / 60:.1f}" for one in seconds if one is not None),
            ]
        )
    figures.success_by_line(there, {name: rows for name, rows in by_source.items() if rows}, figure)
    header = ["variant", "what it is", "generated", "GHN", "zoo", "total variation", "Moran's I"]
    more = ["error of weights", "error of actions", "steps", "minutes"]
    tasks = unique(rows_of(parts), "task")
    return "\n\n".join(
        [
            table([*header, *more], lines),
            "By task, generated networks:",
            table(
                ["variant", *tasks],
                [
                    [
                        f"`{name}`",
                        *(
                            success(
                                [
                                    row
                                    for row in parts[name]["results"]
                                    if row["task"] == task and row["source"] != "ghn"
                                ]
                            )
                            for task in tasks
                        ),
                    ]
                    for name in there
                ],
            ),
        ]
    )


SECTIONS: dict[str, tuple[str, str, Callable[[Parts, Path], str]]] = {
    "splits": (
        "Success by split and source",
        "All sources meet the same goals. Points are means over tasks and architectures.",
        splits,
    ),
    "bands": (
        "Success by bands of width and depth",
        "Shapes are drawn at random in each band, none of them from training; all sources meet the same goals. "
        "Means over tasks and shapes, with 95 % bootstrap intervals over tasks and shapes; the best source of "
        "each band is in bold.",
        bands,
    ),
    "test": (
        "The test: success at shapes that no development used",
        "Fifty shapes of each band, drawn from a seed that no development used, measured once for this checkpoint: "
        "the command refuses to write over what is there. Means over tasks and shapes, with 95 % bootstrap "
        "intervals over tasks and shapes; the best source of each band is in bold.",
        bands,
    ),
    "ablations": (
        "Small models without one part",
        "Each was trained on reach, push and pick-place, with one part of the method left out or another in its "
        "place, at about the same cost; numbers compare within this table alone. Success is that of generated "
        "networks, and, where a hypernetwork (GHN) of its own was trained, of the networks that it writes, on the "
        "twelve architectures of the first two splits. Total variation and Moran's I say how alike neighbouring "
        "neurons are in the training networks; noise has 1.13 and 0. Errors are relative to the mean square of "
        "weights, and to actions, at the end of training. Minutes are of processor time, of the GHN where it is "
        "trained, and of the transformer.",
        ablations,
    ),
    "steps": (
        "Success by flow steps",
        "Heun's method evaluates the transformer twice in every step but the last.",
        steps,
    ),
    "budget": (
        "Success by budget",
        "The model chooses the architecture itself; the same shapes are then trained from scratch.",
        budget,
    ),
    "tempo": (
        "Requested and measured style",
        "One part of the style is requested, the other is left at its default.",
        tempo,
    ),
    "diversity": (
        "Spread of samples",
        "Mean distance between networks for one task and architecture: root mean square "
        "difference of actions on shared states, and relative distance of weights after matching "
        "neurons. Ratios with the least and greatest over architectures.",
        diversity,
    ),
    "novelty": (
        "Success against novelty",
        "Distances to the nearest of the training networks that ship: the median, and the middle half.",
        novelty,
    ),
    "grid": (
        "Success over a grid of widths",
        "Two hidden layers. A dot marks pairs that training saw; reserved widths are printed bold.",
        grid,
    ),
}
