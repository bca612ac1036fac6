"""What the result files say, as claims that a reader can check: the first part of the report.

A claim is there only where its numbers are. Its words of comparison follow from the numbers: "about as
often as" means that the two 95 % intervals overlap.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from nnit.evaluation.experiments.base import Row, pooled
from nnit.evaluation.experiments.diversity import STYLE_KINDS
from nnit.evaluation.experiments.sections import (
    MEASURES,
    Parts,
    kept,
    rows_of,
    spread_ratios,
    success,
    unique,
    where,
)
from nnit.evaluation.experiments.splits import BANDS, RIVALS
from nnit.evaluation.experiments.tempo import measured_conditions
from nnit.evaluation.statistics import mean_text
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites import parse_tasks
from nnit.splits import HELD_OUT

Found = Mapping[str, Parts]  # the parts of each experiment

_NO_BASELINE = "none measured"
_DEFAULT_SOLVER = "euler"
_DEFAULT_STEPS = 8
_NARROW = 16  # neurons; a hidden layer below is called narrow
_SAME_NETWORKS = ("nnit", "permuted")  # not baselines: the generator's own networks


@dataclass(frozen=True)
class Claim:
    """A sentence, and what a reader needs to check it.

    Attributes:
        sentence: what is claimed, in numbers' favour or not.
        measured: the number, with its interval and how much it rests on.
        baseline: the strongest that was measured on the same architectures and goals, or the one that the
            sentence names, with its number.
        refuted_by: what would show the claim to be wrong.
        command: what measures the number again.
    """

    sentence: str
    measured: str
    baseline: str
    refuted_by: str
    command: str


_Builder = Callable[[Found], Iterable[Claim]]


@dataclass(frozen=True)
class Group:
    """Claims that are read together.

    Attributes:
        title: its heading.
        text: what its claims have in common.
        builders: each gives its claims where the results are there.
        note: what else there is to say of the results at hand.
    """

    title: str
    text: str
    builders: tuple[_Builder, ...]
    note: Callable[[Found], str] = lambda found: ""

    def claims(self, found: Found) -> list[Claim]:
        """Those that the results support a number for."""
        return [claim for build in self.builders for claim in build(found)]


def all_claims(found: Found) -> list[Claim]:
    """The claims of all groups."""
    return [claim for group in GROUPS for claim in group.claims(found)]


# --- Numbers ---------------------------------------------------------------------------------------


def _rows(found: Found, experiment: str, part: str) -> list[Row]:
    """The rows of one part of an experiment; none where it was not measured."""
    parts = found.get(experiment, {})
    return parts[part]["results"] if part in parts else []


def _splits(found: Found, source: str, *bands: str) -> list[Row]:
    """Rows of one source in some splits."""
    return [row for row in _rows(found, "splits", source) if row["band"] in bands]


def _rate(rows: Sequence[Row]) -> float:
    return float(pooled(rows)["success_rate"])


def _cell(row: Row) -> tuple[str, str]:
    return row["task"], row["arch"]


def _shared(rows: Iterable[Row], others: Iterable[Row]) -> list[Row]:
    """The rows whose task and architecture the others have too."""
    cells = set(map(_cell, others))
    return [row for row in rows if _cell(row) in cells]


def _often(mine: Sequence[Row], theirs: Sequence[Row]) -> str:
    """How success compares, in words that go before what it is compared with."""
    (low, high), (other_low, other_high) = pooled(mine)["ci95"], pooled(theirs)["ci95"]
    if low > other_high:
        return "more often than"
    return "less often than" if high < other_low else "about as often as"


def _other_order(mine: Sequence[Row], theirs: Sequence[Row]) -> str:
    """What would refute such a comparison."""
    if _often(mine, theirs) == "about as often as":
        return "Intervals that do not overlap, with other architectures or seeds"
    return "Intervals that overlap, with other architectures or seeds"


def _points(mine: Sequence[Row], theirs: Sequence[Row]) -> str:
    """The distance of a baseline's success, in points of percentage."""
    points = 100 * (_rate(theirs) - _rate(mine))
    if abs(points) < 0.05:
        return "the same to 0.1 points"
    return f"{abs(points):.1f} points {'higher' if points > 0 else 'lower'}"


def _beside(name: str, mine: Sequence[Row], theirs: Sequence[Row]) -> str:
    """A baseline's success, and how far it is from the number beside it."""
    both, note = _shared(mine, theirs), ""
    if len(both) < len(mine):
        note = f", where it is defined; generated networks there {success(both)}"
    return f"{name} {success(theirs)}, {_points(both, theirs)}{note}"


def _strongest(found: Found, mine: Sequence[Row]) -> str:
    """The baseline with the most success on the same tasks, architectures and goals."""
    candidates = []
    for source in found["splits"]:
        theirs = _shared(_rows(found, "splits", source), mine)
        if theirs and source not in _SAME_NETWORKS:
            whole = len(theirs) == len(mine)
            candidates.append((whole, _rate(theirs), len(theirs), source, theirs))
    if not candidates:
        return _NO_BASELINE
    *_, source, theirs = max(candidates, key=lambda candidate: candidate[:4])
    return _beside(f"`{source}`", mine, theirs)


def _unmeasured(found: Found) -> str:
    """Which rivals were not measured, in words."""
    lacking = [f"`{source}`" for source in RIVALS if not _rows(found, "splits", source)]
    if not lacking:
        return ""
    return f" Not measured, and nothing is claimed against them: {', '.join(lacking)}."


# --- Commands --------------------------------------------------------------------------------------


def _evaluate(part: Row, rows: Iterable[Row], source: str = "nnit", *more: str) -> str:
    """The command that measures some rows alone, or their experiment where they leave cells out."""
    rows = list(rows)
    tasks, architectures = unique(rows, "task"), unique(rows, "arch")
    if len(rows) != len(tasks) * len(architectures):
        return _reproduce(part["experiment"])
    settings = part["settings"]
    mt10 = tasks == [task.name for task in parse_tasks("mt10")]
    words = [
        f"--task {'mt10' if mt10 else ','.join(tasks)}",
        *([f"--arch {','.join(architectures)}"] if tuple(architectures) != HELD_OUT else []),
        f"--networks {settings['networks']} --episodes {settings['episodes']}",
        *([f"--seed {part['seed']}"] if part["seed"] else []),
        *([f"--source {source}"] if source != "nnit" else []),
        *more,
    ]
    return " ".join(["python -m nnit evaluate", *words])


def _reproduce(experiment: str) -> str:
    """The command that measures a whole experiment beside the files that are there."""
    return f"python -m nnit reproduce --only {experiment} --out runs/check"


# --- Architectures that training did not have ------------------------------------------------------


def _in_split(band: str, sentence: str, refuted_by: str) -> _Builder:
    """Success of generated networks in one split."""

    def build(found: Found) -> Iterator[Claim]:
        rows = _splits(found, "nnit", band)
        if rows:
            yield Claim(
                f"{sentence} (`{band}`)",
                success(rows),
                _strongest(found, rows),
                f"{refuted_by}; {_lists(rows)} chosen by hand",
                _evaluate(found["splits"]["nnit"], rows),
            )

    return build


def _lists(rows: Sequence[Row]) -> str:
    count = len(unique(rows, "arch"))
    return f"this {count} was" if count == 1 else f"these {count} were"


def _grid(found: Found) -> Iterator[Claim]:
    """Success over all pairs of some widths, of which nobody chose any."""
    rows = rows_of(found.get("grid", {}))
    if rows:
        rates = {task: _rate(where(rows, task=task)) for task in unique(rows, "task")}
        worst = min(rates, key=lambda task: rates[task])
        yield Claim(
            "Generated networks succeed over a grid of pairs of hidden widths",
            f"{success(rows)} over {len(unique(rows, 'arch'))} pairs; lowest in {worst}: "
            f"{success(where(rows, task=worst))}",
            _NO_BASELINE,
            "Lower success at pairs of widths between those of the grid",
            _reproduce("grid"),
        )


def _bands(found: Found) -> Iterator[Claim]:
    """Success at random shapes: over all, and in the band where it is lowest."""
    yield from _random_shapes(
        found,
        "bands",
        "Generated networks succeed at random shapes of each band of width and depth",
    )


def _test(found: Found) -> Iterator[Claim]:
    """The same at the shapes of the test, which no development used."""
    yield from _random_shapes(
        found,
        "test",
        "Generated networks succeed at random shapes that no development looked at (the test, measured once)",
    )


def _random_shapes(found: Found, experiment: str, sentence: str) -> Iterator[Claim]:
    parts = found.get(experiment, {})
    mine = _rows(found, experiment, "nnit")
    if not mine:
        return

    def rates(rows: Sequence[Row], band: str) -> list[float]:
        return [row["success_rate"] for row in where(rows, band=band)]

    means = {band: sum(rates(mine, band)) / len(rates(mine, band)) for band in unique(mine, "band")}
    worst = min(means, key=lambda band: means[band])
    others = {
        source: found_there
        for source, part in parts.items()
        if source not in _SAME_NETWORKS and (found_there := rates(part["results"], worst))
    }
    baseline = _NO_BASELINE
    if others:
        best = max(others, key=lambda source: sum(others[source]) / len(others[source]))
        baseline = f"`{best}` {mean_text(others[best])} there"
    yield Claim(
        sentence,
        f"{mean_text([row['success_rate'] for row in mine])} over {len(unique(mine, 'arch'))} shapes; lowest "
        f"for {worst}: {mean_text(rates(mine, worst))}",
        baseline,
        "Lower success at other random shapes",
        _reproduce(experiment),
    )


def _depth(found: Found) -> Iterator[Claim]:
    """One more layer than training had, against the depths that it had."""
    rows, trained = _splits(found, "nnit", BANDS[2]), _splits(found, "nnit", *BANDS[:2])
    if rows and trained:
        yield Claim(
            f"Generated networks of four hidden layers, one more than in training, succeed "
            f"{_often(rows, trained)} those of one to three (`{BANDS[2]}`)",
            success(rows),
            _strongest(found, rows),
            _other_order(rows, trained),
            _evaluate(found["splits"]["nnit"], rows),
        )


def _narrow(found: Found) -> Iterator[Claim]:
    """Architectures with a narrow layer against the others."""
    every = _splits(found, "nnit", *BANDS[:2])
    rows = [r for r in every if min(MLPArchitecture.parse(r["arch"]).hidden) < _NARROW]
    others = [r for r in every if r not in rows]
    if rows and others:
        yield Claim(
            f"Generated networks with a hidden layer of fewer than {_NARROW} neurons "
            f"({', '.join(unique(rows, 'arch'))}) succeed {_often(rows, others)} the other "
            f"{len(unique(others, 'arch'))} architectures of `{BANDS[0]}` and `{BANDS[1]}`",
            success(rows),
            _strongest(found, rows),
            _other_order(rows, others),
            _evaluate(found["splits"]["nnit"], rows),
        )


def _lowest(found: Found) -> Iterator[Claim]:
    """The worst task, and the worst task and architecture together."""
    every = _splits(found, "nnit", *BANDS[:2])
    if not every:
        return
    task = min(unique(every, "task"), key=lambda task: _rate(where(every, task=task)))
    weakest = min(every, key=lambda row: float(row["success_rate"]))
    for rows, what in (
        (where(every, task=task), task),
        ([weakest], f"{weakest['task']} at {weakest['arch']}"),
    ):
        yield Claim(
            f"Within `{BANDS[0]}` and `{BANDS[1]}`, success is lowest in {what}",
            success(rows),
            _strongest(found, rows),
            f"Lower success in another {'task' if len(rows) > 1 else 'task and architecture'}, "
            "with other seeds",
            _evaluate(found["splits"]["nnit"], rows),
        )


# --- Compared with other sources -------------------------------------------------------------------


def _against(source: str, words: str, refuted_by: str = "") -> _Builder:
    """Success beside that of one source, on what both can make."""

    def build(found: Found) -> Iterator[Claim]:
        theirs = _splits(found, source, *BANDS[:2])
        mine = _shared(_splits(found, "nnit", *BANDS[:2]), theirs)
        if mine:
            yield Claim(
                f"Generated networks succeed {_often(mine, theirs)} {words} (`{source}`)",
                success(mine) + _part_of(mine, _splits(found, "nnit", *BANDS[:2])),
                _beside(f"`{source}`", mine, theirs),
                _other_order(mine, theirs) + refuted_by,
                _evaluate(found["splits"][source], theirs, source),
            )

    return build


def _part_of(rows: Sequence[Row], every: Sequence[Row]) -> str:
    """A note where a comparison leaves cells out."""
    if len(rows) == len(every):
        return ""
    return f"; {len(rows)} of {len(every)} pairs of task and architecture"


def _steps(found: Found) -> Iterator[Claim]:
    """The default number of steps against the fewest and the most."""
    part = found.get("steps", {}).get(_DEFAULT_SOLVER)
    rows = where(part["results"], solver=_DEFAULT_SOLVER) if part else []
    mine = where(rows, steps=_DEFAULT_STEPS)
    others = {n: where(rows, steps=n) for n in unique(rows, "steps") if n != _DEFAULT_STEPS}
    if part is None or not mine or not others:
        return
    for steps in dict.fromkeys((min(others), max(others))):
        yield Claim(
            f"With {_DEFAULT_STEPS} steps of the flow, generated networks succeed "
            f"{_often(mine, others[steps])} with {_counted(steps, 'step')}",
            success(mine),
            _beside(_counted(steps, "step"), mine, others[steps]),
            _other_order(mine, others[steps]),
            _evaluate(part, mine, "nnit", f"--steps {_DEFAULT_STEPS}"),
        )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


# --- Architectures chosen by the model -------------------------------------------------------------


def _free(found: Found) -> Iterator[Claim]:
    """Architecture and weights sampled together."""
    rows = _rows(found, "budget", "free")
    if rows:
        yield Claim(
            "Networks succeed whose architecture the model chooses too",
            f"{success(rows)}; {len(unique(rows, 'arch'))} architectures among {len(rows)} networks",
            _NO_BASELINE,
            "Lower success with other seeds, or hardly any variety of architectures",
            _reproduce("budget"),
        )


def _unmasked(found: Found) -> Iterator[Claim]:
    """What the model has learned of budgets, where nothing rules out what exceeds them."""
    rows = [row for row in _rows(found, "budget", "unmasked") if row["budget"] is not None]
    if rows:
        low = min(unique(rows, "budget"), key=lambda b: _share_within(where(rows, budget=b)))
        yield Claim(
            "A budget is kept by the mask; the model alone keeps to it less often",
            f"{kept(rows, 'within_budget')}; lowest for {low:,} parameters: "
            f"{kept(where(rows, budget=low), 'within_budget')}",
            "with the mask all, by construction",
            "A smaller share with other seeds, or between these budgets",
            _reproduce("budget"),
        )


def _share_within(rows: Sequence[Row]) -> float:
    within = sum(int(row["within_budget"]) for row in rows)
    return within / sum(int(row["networks"]) for row in rows)


def _budgets(found: Found) -> Iterator[Claim]:
    """Generated to a budget against the same architectures trained from scratch."""
    mine, theirs = _rows(found, "budget", "nnit"), _rows(found, "budget", "bc")
    limits = [b for b in unique(mine, "budget") if where(theirs, budget=b)]
    if not limits:
        return
    pairs = {b: (where(mine, budget=b), where(theirs, budget=b)) for b in limits}
    for limit, (one, other) in pairs.items():
        if _often(one, other) != "about as often as":
            yield Claim(
                f"Within {limit:,} parameters, generated networks succeed {_often(one, other)} the same "
                "architectures trained from scratch",
                success(one),
                f"`bc` {success(other)}, {_points(one, other)}",
                _other_order(one, other),
                _reproduce("budget"),
            )
    alike = [b for b, pair in pairs.items() if _often(*pair) == "about as often as"]
    if alike:
        one, other = ([r for b in alike for r in pairs[b][side]] for side in (0, 1))
        together = _often(one, other)
        more = (
            ""
            if together == "about as often as"
            else f"; over these budgets together {together} they do"
        )
        yield Claim(
            f"Within {' or '.join(f'{b:,}' for b in alike)} parameters, each by itself, generated networks succeed "
            f"about as often as the same architectures trained from scratch{more}",
            f"{success(one)} together",
            f"`bc` {success(other)}, {_points(one, other)}",
            "Intervals that do not overlap at one of these budgets, with other seeds",
            _reproduce("budget"),
        )
    seconds, longer = (
        float(np.mean([r["seconds"] for b in limits for r in pairs[b][side]])) for side in (0, 1)
    )
    less = "less" if seconds < longer else "more"
    yield Claim(
        f"Generating a network takes {less} time than training it from scratch",
        f"{seconds:.2f} s a network, mean over {len(limits)} budgets; training the generator not counted",
        f"`bc` {longer:.2f} s a network",
        "Training that is as fast at the same success; the time of `ghn` is not measured",
        _reproduce("budget"),
    )


# --- Style -----------------------------------------------------------------------------------------


def _style(found: Found) -> Iterator[Claim]:
    """What was requested of a style, against what the robot did, and success meanwhile."""
    conditions = measured_conditions()
    for quality, part in found.get("tempo", {}).items():
        rows = part["results"]
        by_task = {t: r for t, r in part["correlation_by_task"].items() if r is not None}
        if not rows or not by_task:
            continue
        least = min(by_task, key=lambda task: by_task[task])
        yield Claim(
            f"The requested {quality} sets the {conditions[quality].quantity.split(',')[0]}",
            f"Pearson's correlation {_correlation(part['correlation_pooled'], len(rows))} over "
            f"{len(rows)} means of {rows[0]['episodes']} episodes; lowest in {least}: {by_task[least]:.2f}",
            _NO_BASELINE,
            "No correlation in another task or at other architectures",
            _reproduce("tempo"),
        )
        values = {value: where(rows, asked=value) for value in unique(rows, "asked")}
        worst = min(values, key=lambda value: _rate(values[value]))
        yield Claim(
            f"Generated networks succeed at each requested {quality}",
            f"lowest at {worst:g}: {success(values[worst])}",
            _NO_BASELINE,
            f"Lower success between the {len(values)} measured values, or at narrow architectures",
            _evaluate(part, values[worst], "nnit", f"--{quality} {worst:g}"),
        )


def _correlation(value: float, count: int) -> str:
    """With Fisher's interval, which takes the points as independent."""
    if count <= 3 or abs(value) >= 1:
        return f"{value:.2f}"
    low, high = np.tanh(np.arctanh(value) + np.array([-1.96, 1.96]) / np.sqrt(count - 3))
    return f"{value:.2f} (95 % CI {low:.2f}-{high:.2f})"


# --- Variety ---------------------------------------------------------------------------------------


def _spread(styles: str, measure: str) -> _Builder:
    """How far apart generated networks are, in units of how far apart the zoo's are."""

    def build(found: Found) -> Iterator[Claim]:
        rows = where(rows_of(found.get("diversity", {})), styles=styles)
        mine = [mean for mean, _, _ in spread_ratios(rows, measure).values()]
        theirs = [mean for mean, _, _ in spread_ratios(rows, measure, "ghn").values()]
        if mine:
            middle, low, high = _mean_interval(mine)
            more = "more than" if low > 1 else "less than" if high < 1 else "about as much as"
            yield Claim(
                f"With {STYLE_KINDS[styles]}, the {measure} of generated networks differ "
                f"from each other {more} those of the zoo",
                f"{_times(middle, low, high)}, {min(mine):.2f} to {max(mine):.2f} by task; "
                f"{_networks(rows)}",
                f"`ghn` {_times(*_mean_interval(theirs))}" if theirs else _NO_BASELINE,
                "A ratio of 1 outside its interval, or a test that tells the two sets apart"
                if more == "about as much as"
                else "A ratio of 1 with other architectures or seeds",
                _reproduce("diversity"),
            )

    return build


def _networks(rows: Sequence[Row]) -> str:
    cells = len({_cell(row) for row in rows})
    return f"{rows[0]['networks']} networks for each of {cells} tasks and architectures"


def _mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean, and Student's interval of it at 95 %; without one for a single value."""
    middle = float(np.mean(values))
    if len(values) < 2:
        return middle, middle, middle
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return middle, middle - half, middle + half


def _times(middle: float, low: float, high: float) -> str:
    return f"{middle:.2f} times the zoo's (95 % CI over tasks {low:.2f}-{high:.2f})"


def _memory(found: Found) -> Iterator[Claim]:
    """Distance to the nearest training network, beside what lies inside the training set and noise."""
    mine = _rows(found, "novelty", "nnit")
    zoo = _rows(found, "novelty", "zoo")
    noise = _rows(found, "novelty", "noise")
    for measure in MEASURES:
        distance = _median(mine, measure)
        if distance is None:
            continue
        among = _median(zoo, measure)
        if among:
            yield Claim(
                f"The {measure} of generated networks are {distance / among:.2f} times as far from the nearest "
                "training network as those of training networks are from the nearest other one",
                f"median distance {distance:.3f}; success {success(mine)}",
                f"training networks: {among:.3f}; success {success(zoo)}",
                "Nearer training networks among those that do not ship and were not compared",
                _reproduce("novelty"),
            )
        levels = {
            level: middle
            for level in unique(noise, "level")
            if (middle := _median(where(noise, level=level), measure)) is not None
        }
        if levels:
            level = min(levels, key=lambda level: abs(levels[level] - distance))
            noisy = where(noise, level=level)
            yield Claim(
                f"Generated networks succeed {_often(mine, noisy)} training networks with noise that "
                f"changes their {measure} about as much",
                f"{success(mine)}; median distance {distance:.3f}",
                f"noise {level:g}: {success(noisy)}; median distance {levels[level]:.3f}",
                _other_order(mine, noisy),
                _reproduce("novelty"),
            )


def _median(rows: Iterable[Row], measure: str) -> float | None:
    values = [row[measure] for row in rows if row[measure] is not None]
    return float(np.median(values)) if values else None


# --- What each part is worth -----------------------------------------------------------------------


def _without(variant: str, words: str) -> _Builder:
    """Success of a small generator that was trained otherwise, beside that of the main one."""

    def build(found: Found) -> Iterator[Claim]:
        parts = found.get("ablations", {})
        if {"main", variant} <= set(parts):
            mine, main = (
                [row for row in parts[name]["results"] if row["source"] != "ghn"]
                for name in (variant, "main")
            )
            yield Claim(
                f"Small generators succeed {_often(mine, main)} the main variant {words} (`{variant}`)",
                success(mine),
                _beside("`main`", mine, main),
                f"{_other_order(mine, main)}; or more training",
                _reproduce("ablations"),
            )

    return build


# --- True by construction --------------------------------------------------------------------------


def _by_construction(key: str, sentence: str, why: str) -> _Builder:
    """A check of sampled architectures that only a defect could fail."""

    def build(found: Found) -> Iterator[Claim]:
        rows = _rows(found, "budget", "shapes")
        if rows:
            yield Claim(sentence, kept(rows, key), "none possible", why, _reproduce("budget"))

    return build


def _shuffled(found: Found) -> Iterator[Claim]:
    """The same function with its neurons in another order."""
    theirs = _splits(found, "permuted", *BANDS[:2])
    mine = _shared(_splits(found, "nnit", *BANDS[:2]), theirs)
    if mine:
        yield Claim(
            "Shuffling the hidden neurons of generated networks does not change their success "
            "(`permuted`)",
            success(theirs),
            f"`nnit` {success(mine)}",
            "Nothing but rounding or a defect: the function is the same",
            _evaluate(found["splits"]["permuted"], theirs, "permuted"),
        )


_LONGER = "; or more training of `{}`"
_WIDER = (
    "Generated networks succeed with layers up to {} times as wide as the widest in training",
    "Lower success at other widths",
)

GROUPS: tuple[Group, ...] = (
    Group(
        "Architectures that training did not have",
        "Generated networks are `nnit` in the tables below. The baseline is the strongest that was measured on "
        "the same tasks, architectures and goals; its number comes from the same command with its name after "
        "`--source`. Without `--arch`, the command measures the twelve architectures of the first two splits.",
        (
            _in_split(
                BANDS[0],
                "Generated networks succeed for combinations of widths that training did not have",
                "Lower success at other combinations",
            ),
            _in_split(
                BANDS[1],
                "Generated networks succeed for hidden widths that training did not have",
                "Lower success at other lists with such widths",
            ),
            _narrow,
            _lowest,
            _depth,
            _in_split(BANDS[3], _WIDER[0].format("1.5"), _WIDER[1]),
            _in_split(BANDS[4], _WIDER[0].format("2"), _WIDER[1]),
            _grid,
            _bands,
            _test,
        ),
        _unmeasured,
    ),
    Group(
        "Compared with other sources of networks",
        f"On the architectures of {BANDS[0]} and {BANDS[1]} that both can make, on the same goals. The "
        "command measures the baseline; without `--source` it measures generated networks. Steps of the "
        "flow are compared on four architectures that are not narrow.",
        (
            _against(
                "zoo",
                "networks that the GHN writes and that are then fine-tuned one by one",
            ),
            _against("ghn", "networks that the GHN writes, without a generator"),
            _against("bc", "networks trained from scratch"),
            _against("nearest", "the nearest training networks, cut or padded"),
            _against(
                "flat", "networks from a generator of flattened weights", _LONGER.format("flat")
            ),
            _against(
                "unaligned",
                "networks from the same transformer trained on shuffled networks",
                _LONGER.format("unaligned"),
            ),
            _against(
                "one-step",
                "networks from a transformer of the same size that predicts them in one evaluation",
                _LONGER.format("one-step"),
            ),
            _against("ridge", "networks of which each weight is regressed linearly"),
            _against("crop", "corners of GHN networks with the widest trained layers"),
            _against(
                "crop-nearest", "GHN networks at widths rounded up to a multiple of 8, cropped"
            ),
            _against("mean", "the mean of training networks, cropped"),
            _against("interpolate", "the mean of two near training networks, cropped"),
            _steps,
        ),
    ),
    Group(
        "Architectures that the model chooses",
        "Within a budget of parameters, or without one.",
        (_free, _unmasked, _budgets),
    ),
    Group(
        "Style of motion",
        "One part of the style is requested, the other is left at its default.",
        (_style,),
    ),
    Group(
        "Variety and memory",
        "Actions are compared on shared states, weights after matching neurons. Equal spread does not "
        "mean equal distributions.",
        (*(_spread(styles, measure) for styles in STYLE_KINDS for measure in MEASURES), _memory),
    ),
    Group(
        "What each part is worth",
        "Small models, each trained once for a few minutes with one part of the method left out or another in its "
        "place, and measured on the same goals; the spread between training seeds is that of `seed-1` and `seed-2`.",
        (
            _without("seed-1", "where only the training seed differs"),
            _without("shuffled", "where every training network has an order of neurons of its own"),
            _without("matched", "where such networks were first matched again by weights"),
            _without(
                "one-order",
                "where one random order holds for all training networks, so that a neuron's place depends on the width",
            ),
            _without(
                "one-order-16",
                "where neurons keep their place at every width and their neighbours are unlike them",
            ),
            _without("apart", "where training networks were trained apart"),
            _without("apart-matched", "where such networks were matched to the GHN's"),
            _without("no-latent", "where it is not told the GHN's latents"),
            _without("no-actions", "where only weights count as errors, and not actions"),
            _without("one-step", "where a regression takes the place of the flow"),
            _without("cnn", "where a small GHN wrote the networks with a CNN alone"),
        ),
    ),
    Group(
        "True by construction",
        "These checks find defects; they say nothing about the quality of the model.",
        (
            _by_construction(
                "within_budget",
                "Sampled architectures keep to their budget",
                "A defect only: choices that exceed the budget are masked",
            ),
            _by_construction(
                "valid",
                "Sampled architectures have depths and widths that training has",
                "A defect only: there are no other choices",
            ),
            _shuffled,
        ),
    ),
)
