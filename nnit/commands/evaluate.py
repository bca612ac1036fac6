"""`python -m nnit evaluate`: episodes on fresh goals, counted, with nothing selected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import tyro
from tqdm import tqdm

from nnit.commands.options import (
    Count,
    Folder,
    JsonFile,
    OptionalCount,
    SamplingOptions,
    Widths,
    check_between,
    check_json,
    check_workers,
    checkpoint_folder,
    display_path,
    parse_partial_architectures,
    print_table,
    write_json,
)
from nnit.errors import UserError
from nnit.evaluation.source_words import EXPERT_WORDS, SOURCE_WORDS
from nnit.mlp.spec import PartialArchitecture
from nnit.request import PARAMETERS
from nnit.splits import HELD_OUT, SPLITS, Protocol

if TYPE_CHECKING:
    from nnit.mlp.policy import Policy
    from nnit.sim.rollout import Episode
    from nnit.sim.suites import Task


class _Outcome(NamedTuple):
    """Of one episode or test example: whether it succeeded, and whether it did so at its end."""

    success: bool
    at_end: bool


Row = dict[str, Any]
Progress = Callable[[int, int], None]
if TYPE_CHECKING:
    _Source = str
else:
    _Source = Literal[(*SOURCE_WORDS, "expert")]
_HELD_OUT = ",".join(HELD_OUT)
_GOAL_WORDS = {
    "own": "each network was asked for another goal, and tried there",
    "other": "each network was tried on the goal of the next one",
    "asked for": "each network was asked for the same goal, and tried there",
}
_SOURCE_HELP = "Where the networks come from. " + " ".join(
    f"{name}: {words}." for name, words in {**SOURCE_WORDS, "expert": EXPERT_WORDS}.items()
)


@dataclass(frozen=True)
class Evaluate:
    """Measure success on goals that no training ever used, unselected: every network counts.

    Where a task has labelled examples, all of its test examples are answered, and accuracy is measured.

    Goals follow from the seed, the task, the architecture and the numbers of network and episode, not
    from the source, so that sources of networks meet the same goals.
    """

    task: str
    """Tasks, comma-separated; mt10 stands for the ten of MT10. All are of one checkpoint."""

    arch: Widths = _HELD_OUT
    """Architectures, comma-separated; by default twelve that no training used. The expert has none: its
    results come once a task, with "-" for architecture and split."""

    source: Annotated[_Source, tyro.conf.arg(help=_SOURCE_HELP)] = "nnit"

    networks: Count = 3
    """Networks for each task and architecture."""

    episodes: Count = 10
    """Episodes of each network; of no matter where a task has examples."""

    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    """What is asked of the generator."""

    goals: Literal["own", "other"] = "own"
    """For tasks whose networks do not see the goal but are asked for it. Each network is asked for another
    goal, that no training used, unless options say the goal. own: it is tried there. other: it is tried on
    the goal of the next network, which says how much chance does."""

    to_end: bool = False
    """Go on after success until the horizon, and count as well how many episodes end in success."""

    workers: OptionalCount = None
    """Processes that run episodes; by default one a processor."""

    checkpoint: Folder = None
    """Checkpoint folder; by default the one in the repository, or NNIT_CHECKPOINT."""

    json: JsonFile = None
    """Write the results as JSON to this file, "-" for standard output, in place of a table."""

    def run(self) -> None:
        """Measure and report."""
        architectures = parse_partial_architectures(self.arch)
        self.sampling.check()
        if self.source == "expert":
            check_between("--networks", self.networks, 1)
        else:
            PARAMETERS["count"].check(self.networks, "--networks")
        check_between("--episodes", self.episodes, 1)
        check_workers(self.workers)
        check_json(self.json)
        from nnit.sim.suites import parse_tasks

        tasks = parse_tasks(self.task)
        self._check_goals(tasks)
        checkpoint = self._checkpoint(tasks)
        with tqdm(desc="episodes", dynamic_ncols=True, disable=None) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total * self.episodes
                bar.update(done * self.episodes - bar.n)

            if self.source == "expert":
                rows = self._expert_rows(tasks, progress)
            else:
                rows = self._network_rows(tasks, architectures, progress)
        results = {"results": rows, "mean_success_rate": _mean_rate(rows), **checkpoint}
        if self.json is not None:
            write_json(results, self.json)
        else:
            _print_results(rows)

    def _check_goals(self, tasks: Sequence["Task"]) -> None:
        """Raise a `UserError` where networks have no goals that differ."""
        if self.goals == "own":
            return
        for task in tasks:
            if not task.goal_conditions:
                raise UserError(f"networks for {task.name} see the goal: there is no other one")
            if all(getattr(self.sampling, c.name) is not None for c in task.goal_conditions):
                raise UserError("--goals other needs goals that differ; leave one of them open")
        check_between("--networks with --goals other", self.networks, 2)

    def _goals(self, task: str, architecture: str) -> list[list[int]]:
        """The environment seeds of each network's episodes on a task."""
        from nnit.splits import evaluation_goal

        return [
            [
                evaluation_goal(self.sampling.seed, task, architecture, network, episode)
                for episode in range(self.episodes)
            ]
            for network in range(self.networks)
        ]

    def _network_rows(
        self,
        tasks: Sequence["Task"],
        architectures: Sequence[PartialArchitecture],
        progress: Progress,
    ) -> list[Row]:
        from nnit.description import describe
        from nnit.evaluation.goals import on_goals_of_the_next, sample_with_goals

        folder = self._folder(tasks)
        protocol = describe(folder).protocol
        cells = [(task, architecture) for task in tasks for architecture in architectures]
        policies, goals = [], []
        for task, architecture in tqdm(cells, desc="networks", disable=None):
            request = self.sampling.request(task.name, architecture, self.networks)
            networks = sample_with_goals(self.source, request, folder)
            if self.goals == "other":
                names = [condition.name for condition in task.goal_conditions]
                networks = on_goals_of_the_next(networks, names)
            policies += networks
            goals += self._goals(task.name, str(architecture))
        outcomes = self._outcomes(policies, goals, progress)
        return [
            self._row(
                task,
                str(architecture),
                _split(architecture, protocol),
                outcomes[i * self.networks : (i + 1) * self.networks],
            )
            for i, (task, architecture) in enumerate(cells)
        ]

    def _outcomes(
        self, policies: "Sequence[Policy]", goals: Sequence[Sequence[int]], progress: Progress
    ) -> list[list[_Outcome]]:
        """Of each network, which episodes succeed; of those that classify, which test examples are right."""
        from nnit.sim.rollout import right_answers, run_many

        if policies[0].architecture.output == "actions":
            episodes = run_many(
                policies, goals, to_end=self.to_end, workers=self.workers, progress=progress
            )
            return [_outcomes_of(one) for one in episodes]
        found = []
        for policy in policies:
            found.append([_Outcome(bool(one), bool(one)) for one in right_answers(policy)])
            progress(len(found), len(policies))
        return found

    def _expert_rows(self, tasks: Sequence["Task"], progress: Progress) -> list[Row]:
        from nnit.evaluation.goals import goal_requests
        from nnit.sim.rollout import in_workers

        jobs = []
        for task in tasks:
            values: list[dict[str, float] | None] = [None] * self.networks
            if task.goal_conditions:
                request = self.sampling.request(task.name, PartialArchitecture(), self.networks)
                request.check([task.suite])
                wanted = [one.values(task.suite) for one in goal_requests(request, task.suite)]
                values = [wanted[index % len(wanted)] for index in range(self.networks)]
            tried = values[1:] + values[:1] if self.goals == "other" else values
            jobs += [
                (task.name, *one, self.to_end)
                for one in zip(self._goals(task.name, "-"), values, tried, strict=True)
            ]
        episodes = in_workers(_run_expert, jobs, self.workers, progress)
        return [
            self._row(
                task,
                "-",
                "-",
                [
                    _outcomes_of(one)
                    for one in episodes[i * self.networks : (i + 1) * self.networks]
                ],
            )
            for i, task in enumerate(tasks)
        ]

    def _row(self, task: "Task", arch: str, split: str, found: Sequence[Sequence[_Outcome]]) -> Row:
        from nnit.evaluation.statistics import wilson_interval

        outcomes = [one for network in found for one in network]
        successes = sum(one.success for one in outcomes)
        accuracy = {
            "accuracy": successes / len(outcomes),
            "correct": successes,
            "examples": len(outcomes),
        }
        goals = {c.name: getattr(self.sampling, c.name) for c in task.goal_conditions}
        asked = bool(goals) and None not in goals.values()
        return {
            "task": task.name,
            "arch": arch,
            "split": split,
            "source": self.source,
            "networks": self.networks,
            "episodes": len(outcomes),
            "successes": successes,
            "success_rate": successes / len(outcomes),
            "ci95": list(wilson_interval(successes, len(outcomes))),
            "seed": self.sampling.seed,
            **self._at_end([one.at_end for one in outcomes]),
            **({"goals": "asked for" if asked else self.goals} if goals else {}),
            **(accuracy if task.suite.classifies else {}),
        }

    def _at_end(self, succeed: Sequence[bool]) -> Row:
        """How many episodes end in success, where they were run to their end."""
        if not self.to_end:
            return {}
        count = sum(succeed)
        return {"successes_at_end": count, "success_rate_at_end": count / len(succeed)}

    def _folder(self, tasks: Sequence["Task"]) -> Path:
        """Where the networks come from."""
        return checkpoint_folder(self.checkpoint, *(task.name for task in tasks))

    def _checkpoint(self, tasks: Sequence["Task"]) -> dict[str, str | None]:
        """Which checkpoint the networks came from; the expert has none."""
        if self.source == "expert":
            return {"checkpoint": None, "version": None}
        from nnit.description import describe

        folder = self._folder(tasks)
        return {"checkpoint": display_path(folder), "version": describe(folder).version}


def _split(architecture: PartialArchitecture, protocol: Protocol) -> str:
    """The split of an architecture; "chosen" where the model fills it in."""
    return protocol.split_of(architecture.architecture()) if architecture.complete else "chosen"


def _outcomes_of(episodes: "Sequence[Episode]") -> list[_Outcome]:
    return [_Outcome(episode.success, episode.success_at_end) for episode in episodes]


def _run_expert(
    task_name: str,
    seeds: Sequence[int],
    values: dict[str, float] | None,
    tried: dict[str, float] | None,
    to_end: bool,
) -> list["Episode"]:
    """Episodes of a task's scripted expert, in a worker process.

    Args:
        task_name: what is done.
        seeds: of the environment, one an episode.
        values: of the conditions, where the expert does not see its goal.
        tried: values that say where the goal is.
        to_end: go on after success until the horizon.
    """
    from nnit.sim.rollout import goal_of, run_episode, worker_environment
    from nnit.sim.suites import get_task

    task = get_task(task_name)
    act, *_ = task.new_experts()
    if values is not None:
        act = task.expert(values)
    environment, goal = worker_environment(task_name), goal_of(task, tried or {})
    further = task.suite.horizon if to_end else 0
    return [
        run_episode(task, environment, act, seed, goal=goal, steps_after_success=further)
        for seed in seeds
    ]


def _mean_rate(rows: Sequence[Row]) -> float:
    """The mean over rows, each weighing the same; all rows have the same number of episodes."""
    return sum(row["success_rate"] for row in rows) / len(rows)


def _print_results(rows: Sequence[Row]) -> None:
    """A table of the rows, then the mean of each split and of all."""
    from nnit.evaluation.statistics import accuracy_text, success_text

    text_of = accuracy_text if "accuracy" in rows[0] else success_text
    table = [
        (r["task"], r["arch"], r["split"], text_of(r["successes"], r["episodes"])) for r in rows
    ]
    for split in [*SPLITS, "chosen", "all"]:
        chosen = [r for r in rows if split in (r["split"], "all")]
        if chosen:
            successes = sum(r["successes"] for r in chosen)
            text = text_of(successes, sum(r["episodes"] for r in chosen))
            table.append(("mean", "", split, text))
    tried = {row["goals"] for row in rows if "goals" in row}
    what = "accuracy" if "accuracy" in rows[0] else "success"
    print_table(("task", "arch", "split", f"{what}, {rows[0]['source']}"), table)
    if "successes_at_end" in rows[0]:
        successes = sum(row["successes_at_end"] for row in rows)
        print("At the end:", success_text(successes, sum(row["episodes"] for row in rows)))
    if tried:
        print(f"Where the goal is hidden: {_GOAL_WORDS[tried.pop()]}.")
