"""The page through AppTest: what is on it, what bad input does, and a network from end to end."""

import base64
import dataclasses
import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pages import MAIN, open_page, parts, query_of, words
from patience import SECONDS
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from app.engine import example as example_module
from app.engine import jobs as jobs_module
from app.engine import results
from app.engine import services as services_module
from app.engine.example import load_example, load_example_recording, shipped_example
from app.engine.networks import EPISODES, goal
from app.engine.request import to_query
from app.engine.services import services
from app.make.example import MakeExample
from app.views.generate import words as words_module
from app.views.generate.downloads import commands
from app.views.generate.robot_view import RobotView
from app.widgets import choice
from app.widgets.live.live import live_data
from app.widgets.weights.weights import pair_data, weights_data
from nnit.alignment.permute import shuffle
from nnit.checkpoint import DEFAULT_CHECKPOINT, load_json
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest
from nnit.sim import replay as replay_module
from nnit.sim.rollout import worker_environment
from strategies import assert_same_policy

# Streamlit parses dates of browsers with these.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    pytest.mark.usefixtures("fresh_services"),
]


@pytest.fixture
def policy() -> Policy:
    """A small network of random weights."""
    rng = np.random.default_rng(0)
    architecture = MLPArchitecture((9, 12))
    return Policy(
        task="reach-v3",
        architecture=architecture,
        weights=tuple(rng.normal(size=s).astype(np.float32) for s in architecture.shapes),
        biases=tuple(rng.normal(size=s[0]).astype(np.float32) for s in architecture.shapes),
        observation_mean=np.zeros(39, np.float32),
        observation_scale=np.ones(39, np.float32),
    )


def test_the_first_view_shows_the_example_before_torch_is_loaded():
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
from app.engine.services import Services
Services.warm_up = lambda self, task: None
test = AppTest.from_file({str(MAIN)!r}, default_timeout={SECONDS}).run()
assert not test.exception, test.exception
assert "example, made earlier" in "".join(e.proto.body for e in test.get("html"))
parts = [part.key for part in test.get("bidi_component")]
for name in ("replay_aligned_", "replay_unaligned_", "weights"):
    assert any(part.startswith(name) for part in parts), parts
assert not test.get("video")
assert not {{"torch", "metaworld", "mujoco"}} & sys.modules.keys()
"""
    root = MAIN.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_shipped_example_is_what_the_shipped_checkpoint_writes():
    example = shipped_example()
    assert example.network.version == load_json(DEFAULT_CHECKPOINT / "config.json")["version"]
    assert example.network.policy.architecture == example.request.architecture
    assert example.network.policy.provenance["checkpoint"] == example.network.version
    assert len(example.trial.successes) == EPISODES
    assert example.trial.difference < 1e-4
    assert example.contrast is not None
    assert example.contrast_trial is not None
    mine, theirs = example.network.policy, example.contrast.policy
    assert (mine.task, mine.architecture) == (theirs.task, theirs.architecture)
    same = {"seed", "steps", "index", "checkpoint"}
    assert {n: mine.provenance[n] for n in same} == {n: theirs.provenance[n] for n in same}
    assert theirs.provenance["source"] == "unaligned"
    assert len(example.trial.goals) == len(example.trial.every_steps) == EPISODES
    # Both meet the same goals.
    assert example.trial.goals == example.contrast_trial.goals
    assert sum(example.trial.successes) > sum(example.contrast_trial.successes)


def test_the_heading_is_sent_after_what_it_names_even_where_all_is_sent_at_once(monkeypatch):
    sent = []

    def forward_msgs(
        runner,
    ):  # nothing was sent before the run ended: all that can be put together has been
        sent[:] = runner.forward_msg_queue._queue
        return sent

    monkeypatch.setattr(LocalScriptRunner, "forward_msgs", forward_msgs)
    test = open_page()
    for task in ("drawer-close-v3", "reach-v3", "drawer-close-v3"):
        test.radio(key="task").set_value(task).run()
        assert not test.exception
        elements = [message.delta.new_element for message in sent]
        headings = [i for i, e in enumerate(elements) if f'data-of="{task} ' in e.html.body]
        named = {i: e.bidi_component.component_name for i, e in enumerate(elements)}
        drawn = [i for i, name in named.items() if name in {"nnit_replay", "nnit_weights"}]
        assert len(headings) == 1
        assert len(drawn) == 3
        assert max(drawn) < headings[0]


def test_live_the_browser_runs_both_robots_and_the_server_none(monkeypatch):
    monkeypatch.setattr(services_module.Services, "replay", None)  # is not called
    test = open_page(robot="live")
    assert not test.exception
    assert {"live_aligned", "live_unaligned"} <= parts(test).keys()
    assert not {"replay_aligned", "replay_unaligned"} & parts(test).keys()
    assert not test.get("video")
    assert query_of(test) == {"robot": "live"}


def test_the_browser_gets_network_and_start_of_the_episode_that_is_recorded():
    policy = shipped_example().network.policy
    data = live_data(policy, 0)
    assert data["network"]["activation"] == policy.architecture.activation
    assert len(data["network"]["layers"]) == len(policy.weights)
    environment = worker_environment(policy.task)
    environment.reset(seed=goal(policy, 0))
    assert data["start"]["draw"] == environment.unwrapped._last_rand_vec.tolist()
    assert live_data(policy, 1)["key"] != data["key"]


def test_where_a_task_cannot_run_in_a_browser_its_recording_is_shown(monkeypatch):
    monkeypatch.setattr(choice, "can_run_live", lambda task: False)
    test = open_page(robot="live")
    assert not test.exception
    assert {"replay_aligned", "replay_unaligned"} <= parts(test).keys()
    assert "cannot be run in a browser yet" in "".join(c.value for c in test.caption)


def test_a_missing_example_leaves_the_page_alive(monkeypatch, tmp_path):
    monkeypatch.setattr(example_module, "EXAMPLE", tmp_path)
    test = open_page()
    assert not test.exception
    assert "python -m app.make.example" in words(test)
    assert not test.button(key="generate").disabled


def test_a_network_from_click_to_film_and_trial(checkpoint, short_trials):
    test = open_page()
    test.radio(key="task").set_value("reach-v3")
    test.text_input(key="arch").set_value("13-21").run()
    test.number_input(key="seed").set_value(3)
    test.button(key="generate").click().run()
    assert not test.exception
    assert not test.error
    said = words(test)
    assert "Reach a point, with a network of 13-21" in said
    assert f"{MLPArchitecture((13, 21)).parameter_count:,}" in said
    assert "Success in" in said or "No success in" in said
    assert said.count("/2 (") == 2
    assert "the same function: actions differ by at most" in said
    assert "made earlier" not in said
    assert not test.get("video")
    assert not [key for key in services()._jobs._jobs if key[0] == "film"]
    assert {"replay_aligned", "replay_unaligned", "weights"} <= parts(test).keys()
    assert len(test.get("download_button")) == 6
    assert query_of(test) == to_query(SampleRequest("reach-v3", MLPArchitecture((13, 21)), 3))


def test_a_link_generates_at_once_and_a_later_failure_keeps_the_result(
    checkpoint, short_trials, monkeypatch
):
    test = open_page(task="drawer-close-v3", arch="10", seed="1")
    assert "Close the drawer, with a network of 10" in words(test)
    # An error beside what was there.
    whole = services_module.sample_together
    monkeypatch.setattr(
        services_module, "sample_together", lambda *_: [UserError("the model is away")]
    )
    test.radio(key="task").set_value("reach-v3")
    test.button(key="generate").click().run()
    assert not test.exception
    assert "the model is away" in words(test)
    assert "Close the drawer, with a network of 10" in words(test)
    monkeypatch.setattr(services_module, "sample_together", whole)
    test.button(key="generate").click().run()
    assert "Reach a point, with a network of 10" in words(test)


def test_a_link_to_a_task_that_the_checkpoint_lacks_shows_what_it_has(checkpoint):
    test = open_page(task="push-v3", arch="10")
    assert not test.exception
    assert 'there is no task "push-v3" here' in words(test)
    assert test.radio(key="task").options == ["Reach a point", "Close the drawer"]
    assert test.radio(key="task").value == "reach-v3"
    # The example ships; it is of a task that this checkpoint does not have.
    assert "Carry the puck to a point, with a network of 27-45" in words(test)


def test_the_first_press_of_generate_makes_another_network_than_the_example(short_trials):
    test = open_page()
    assert "example, made earlier" in words(test)
    test.button(key="generate").click().run()
    assert not test.exception
    assert query_of(test)["seed"] == "1"
    assert "example, made earlier" not in words(test)


def test_generate_and_surprise_take_one_press_each(checkpoint, short_trials):
    test = open_page(task="reach-v3", arch="10")
    # What is set is there already: another one.
    test.button(key="generate").click().run()
    assert test.number_input(key="seed").value == 1
    assert query_of(test) == to_query(SampleRequest("reach-v3", MLPArchitecture((10,)), 1))
    # What was changed together with the press is made as it is set.
    test.number_input(key="seed").set_value(7)
    test.button(key="generate").click().run()
    assert query_of(test)["seed"] == "7"
    test.button(key="surprise").click().run()
    assert not test.exception
    assert test.text_input(key="arch").value == "?"
    chosen = services().networks(test.session_state.requested).future.result()[0].policy
    said = words(test)
    assert "the model chose the architecture" in said
    assert f"the model chose {chosen.architecture}<" in said
    assert f"Reach a point, with a network of {chosen.architecture}" in said
    test.button(key="surprise").click().run()
    assert test.number_input(key="seed").value == 8


def test_a_change_alone_makes_the_network(checkpoint, short_trials):
    test = open_page()
    assert "example, made earlier" in words(test)
    test.radio(key="task").set_value("drawer-close-v3").run()
    assert "Close the drawer, with a network of 27-45" in words(test)
    test.text_input(key="arch").set_value("10-14").run()
    assert "Close the drawer, with a network of 10-14" in words(test)
    test.slider(key="width_scale").set_value(24).run()
    assert not test.exception
    assert test.text_input(key="arch").value == "20-28"
    assert "Close the drawer, with a network of 20-28" in words(test)
    assert f"{MLPArchitecture((20, 28)).parameter_count:,} parameters" in words(test)
    assert query_of(test)["arch"] == "20-28"


def test_both_models_write_for_the_same_request(checkpoint, short_trials):
    test = open_page(task="reach-v3", arch="10", seed="2", steps="2")
    assert not test.exception
    request = test.session_state.requested
    (ours,) = services().networks(request).future.result()
    (theirs,) = services().networks(request, "unaligned").future.result()
    assert ours.digest != theirs.digest
    assert ours.policy.architecture == theirs.policy.architecture
    trials = [services().trial(network).future.result() for network in (ours, theirs)]
    assert trials[0].goals == trials[1].goals
    for title in ("Learned from aligned networks", "Learned from shuffled networks"):
        assert f"<h3>{title}</h3>" in words(test)


def test_the_second_model_is_not_given_up_while_the_first_one_writes(
    checkpoint, short_trials, monkeypatch
):
    patience = 2.0
    monkeypatch.setattr(jobs_module, "_PATIENCE", patience)
    original = services_module.sample_together

    def slow(*args, **kwargs):
        until = time.monotonic() + 2 * patience
        report = args[2]
        while time.monotonic() < until:
            time.sleep(0.05)
            report(0, 1)
        return original(*args, **kwargs)

    monkeypatch.setattr(services_module, "sample_together", slow)
    test = open_page(task="reach-v3", arch="12", seed="3", steps="2")
    assert not test.exception
    assert "The second model wrote nothing" not in words(test)
    assert "<h3>Learned from shuffled networks</h3>" in words(test)


def test_without_the_second_model_one_robot_is_shown(
    tiny_checkpoint, short_trials, tmp_path, monkeypatch
):
    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    config = load_json(folder / "config.json")
    del config["unaligned"]
    (folder / "config.json").write_text(json.dumps(config))
    monkeypatch.setenv("NNIT_CHECKPOINT", str(folder))
    test = open_page(task="reach-v3", arch="10", steps="2")
    assert not test.exception
    assert not test.error
    assert "replay_aligned" in parts(test)
    assert "replay_unaligned" not in parts(test)
    assert "Learned from shuffled networks</h3>" not in words(test)


def test_a_goal_can_be_replayed_by_its_link(checkpoint, short_trials):
    link = {"task": "reach-v3", "arch": "10", "seed": "2", "steps": "2", "goal": "2"}
    test = open_page(**link)
    assert not test.exception
    assert query_of(test) == link
    shown = [key for key in services()._jobs._jobs if key[0] == "replay"]
    assert [key[2] for key in shown] == [1, 1]
    (network,) = services().networks(test.session_state.requested).future.result()
    recording = services().replay(network, 1).future.result()
    trial = services().trial(network).future.result()
    assert (recording.success, recording.steps) == (trial.successes[1], trial.every_steps[1])
    assert "Goal 2: " in words(test)


def test_the_first_numbers_are_those_that_were_measured(monkeypatch, tmp_path):
    measured = results.difference(load_json(DEFAULT_CHECKPOINT / "config.json")["version"])
    assert measured is not None
    said = words(open_page())
    for count in (measured.aligned, measured.shuffled):
        assert f"{count.successes:,}/{count.episodes:,} succeed" in said
    assert f"{measured.points:.1f} points apart" in said
    # Results of another checkpoint, or none, are not shown.
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    assert "points apart" not in words(open_page())


def test_the_difference_counts_what_both_models_were_measured_on(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "RESULTS", tmp_path)

    def ship(source, rows):
        (tmp_path / "splits").mkdir(exist_ok=True)
        body = {"version": "v", "results": rows}
        (tmp_path / "splits" / f"{source}.json").write_text(json.dumps(body))

    def row(task, arch, successes):
        return {"task": task, "arch": arch, "successes": successes, "episodes": 10}

    ship("nnit", [row("a", "8", 10), row("b", "8", 9), row("a", "200", 0)])
    assert results.difference("v") is None
    ship("unaligned", [row("a", "8", 1), row("b", "8", 0)])
    found = results.difference("v")
    assert (found.aligned, found.shuffled) == (results.Count(19, 20), results.Count(1, 20))
    assert (found.tasks, found.architectures) == (2, 1)
    assert found.points == pytest.approx(90)
    assert results.difference("another") is None


def test_several_networks_as_cards_one_shown_and_two_compared(short_trials):
    # With the shipped checkpoint: its robots succeed soon, so that most of the films are short.
    test = open_page(
        task="reach-v3", arch="10-?", count="3", tempo="0.3", max_params="1200", robot="film"
    )
    assert not test.exception
    assert not test.error
    networks = services().networks(test.session_state.requested).future.result()
    titles = [f"{i + 1}: {n.policy.architecture}" for i, n in enumerate(networks)]
    assert [test.button(key=f"show_{i}").label for i in range(3)] == [f"Show {t}" for t in titles]
    assert all(n.policy.architecture.parameter_count <= 1200 for n in networks)
    said = words(test)
    assert said.count("95 % CI") == 5 + 2  # also of what both models were measured on
    assert said.count("kB on disk") == 4
    assert "the model chose 10-" in said
    assert "Tempo, calm to brisk: 0.3 (from 0 to 1)" in said
    assert len(test.get("video")) == 5

    test.button(key="show_2").click().run()
    assert f"Reach a point, with a network of {networks[2].policy.architecture}" in words(test)
    assert not test.code
    test.session_state.commands = True  # as opening the expander sets it
    test.run()
    assert "_2.safetensors" in test.code[0].value

    test.button(key="compare_1").click().run()
    assert not test.exception
    assert len(test.get("video")) == 5
    assert parts(test).keys() == {"weights"}
    said = words(test)
    for index in (2, 1):
        assert f'<h3 class="side">{titles[index]}</h3>' in said
    assert "goals it never saw" in said
    test.button(key="compare_1").click().run()
    assert len(test.get("video")) == 5


def test_the_commands_make_the_networks_of_the_page(checkpoint, tmp_path):
    request = SampleRequest(
        "drawer-close-v3",
        PartialArchitecture(2, (12, None)),
        seed=5,
        count=2,
        steps=3,
        solver="heun",
        max_parameters=1500,
        conditions={"tempo": 0.35, "height": 0.8},
    )
    networks = services().networks(request).future.result()
    first, second = commands(request, networks[1]).splitlines()
    arguments = shlex.split(first.replace("--out networks", f"--out {tmp_path}"))
    arguments += ["--checkpoint", str(checkpoint)]
    done = subprocess.run([sys.executable, *arguments[1:]], cwd=MAIN.parent.parent, check=False)
    assert done.returncode == 0
    files = [shlex.split(commands(request, n).splitlines()[1])[5] for n in networks]
    assert files[1] in second
    for network, file in zip(networks, files, strict=True):
        made = Policy.load(tmp_path / Path(file).name)
        assert_same_policy(made, network.policy)


@pytest.mark.usefixtures("checkpoint")
def test_a_device_that_is_not_there_is_not_blamed_on_the_checkpoint(monkeypatch):
    monkeypatch.setenv("NNIT_DEVICE", "meta")
    test = open_page()
    test.button(key="generate").click().run()
    assert not test.exception
    assert 'there is no device "meta" here' in test.error[0].value
    assert "NNIT\\_DEVICE=cpu" in test.error[0].value  # as Markdown has it
    assert "checkpoint" not in test.error[0].value


@pytest.mark.parametrize("damage", ["missing", "truncated", "not JSON"])
def test_a_broken_checkpoint_is_a_card_that_names_the_remedy(
    damage, tiny_checkpoint, tmp_path, monkeypatch
):
    folder = tmp_path / "checkpoint"
    if damage != "missing":
        shutil.copytree(tiny_checkpoint, folder)
    if damage == "truncated":
        whole = (folder / "dit.safetensors").read_bytes()
        (folder / "dit.safetensors").write_bytes(whole[: len(whole) // 2])
    if damage == "not JSON":
        (folder / "config.json").write_text("{")
    monkeypatch.setenv("NNIT_CHECKPOINT", str(folder))
    test = open_page()
    test.button(key="generate").click().run()
    assert not test.exception
    assert len(test.error) == 1
    assert "make train" in words(test)
    assert "runs/cpu/checkpoint" in words(test)
    assert "example, made earlier" in words(test)


def test_without_a_gl_library_all_but_the_film_is_there(checkpoint, short_trials, monkeypatch):
    from nnit.sim import gl

    monkeypatch.setattr(gl, "_tried", dict)
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)  # set where this process has drawn
    test = open_page(task="reach-v3", arch="10", robot="film")
    assert not test.exception
    said = words(test)
    assert "apt-get install" in said
    assert "/2 (" in said
    assert {"replay_aligned", "replay_unaligned", "weights"} <= parts(test).keys()
    assert not test.get("video")


def test_where_neither_film_nor_trial_succeeds_nothing_pretends_to_run(checkpoint, monkeypatch):
    from nnit.sim import gl

    def no_trial(*_):
        raise UserError("there is no simulator")

    monkeypatch.setattr(gl, "_tried", dict)
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)  # set where this process has drawn
    monkeypatch.setattr(services_module, "run_trial", no_trial)
    monkeypatch.setattr(replay_module, "record", no_trial)
    test = open_page(task="reach-v3", arch="10", robot="film")
    assert not test.exception
    said = words(test)
    assert "there is no simulator" in said
    assert "Not tried" in said
    assert "<dd>not tried</dd>" in said
    assert "Running the robot" not in said
    assert "trying" not in said


def test_making_an_example_and_reading_it_again(checkpoint, short_trials, tmp_path):
    MakeExample(task="reach-v3", arch="10-14", seed=2, out=tmp_path).run()
    example = load_example(tmp_path)
    assert example.request == SampleRequest("reach-v3", MLPArchitecture((10, 14)), 2)
    assert example.network.version == load_json(checkpoint / "config.json")["version"]
    assert example.film.success == example.trial.successes[0]
    assert (tmp_path / "still.jpg").read_bytes().startswith(b"\xff\xd8")
    assert example.contrast is not None
    assert example.contrast.policy.provenance["source"] == "unaligned"
    recordings = [load_example_recording(tmp_path, contrast=which) for which in (False, True)]
    for recording, trial in zip(recordings, (example.trial, example.contrast_trial), strict=True):
        assert (recording.success, recording.steps) == (trial.successes[0], trial.steps)
    (tmp_path / "clip.mp4").unlink()
    with pytest.raises(UserError, match=r"make\.example"):
        load_example(tmp_path)


def test_the_picture_holds_the_weights_and_where_each_neuron_went(policy):
    data = weights_data(policy, shuffle(policy, 5), patch=8)
    aligned, shuffled = (panel["layers"] for panel in data["panels"])

    def matrix(layer):
        values = np.frombuffer(base64.b64decode(layer["weights"]), "<f4")
        return values.reshape(layer["rows"], layer["columns"])

    for index, weight in enumerate(policy.weights):
        assert np.array_equal(matrix(aligned[index]), weight)
        rows = shuffled[index]["neurons"] or list(range(4))
        columns = shuffled[index - 1]["neurons"] if index else list(range(39))
        assert np.array_equal(matrix(shuffled[index]), weight[rows][:, columns])
    largest = max(np.abs(weight).max() for weight in policy.weights + policy.biases)
    assert 0 < data["limit"] <= 1.05 * largest


def decoded(panel, index):
    layer = panel["layers"][index]
    values = np.frombuffer(base64.b64decode(layer["weights"]), "<f4")
    return values.reshape(layer["rows"], layer["columns"])


def test_two_networks_are_drawn_on_one_scale(policy):
    larger = dataclasses.replace(policy, weights=tuple(3 * weight for weight in policy.weights))
    data = pair_data((policy, larger), ("1: 9-12", "2: 9-12"), patch=8)
    other = pair_data((larger, policy), ("1: 9-12", "2: 9-12"), patch=8)
    assert [panel["title"] for panel in data["panels"]] == ["1: 9-12", "2: 9-12", "Difference"]
    for panel, weights in zip(data["panels"], (policy.weights, larger.weights), strict=False):
        assert np.array_equal(decoded(panel, 1), weights[1])
    np.testing.assert_allclose(decoded(data["panels"][2], 1), 2 * policy.weights[1], rtol=1e-5)
    assert data["limit"] == other["limit"]
    assert data["key"] != other["key"]


@pytest.mark.usefixtures("checkpoint", "short_trials")
def test_what_is_known_of_a_network_is_never_unknown_again(monkeypatch):
    test = open_page(task="reach-v3", arch="10", steps="1")
    assert "the same function" in words(test)
    said = []
    facts_html, goals_to_try = words_module.facts_html, RobotView.say_trial
    monkeypatch.setattr(
        words_module, "facts_html", lambda known: said.append(dict(known)) or facts_html(known)
    )
    monkeypatch.setattr(
        RobotView, "say_trial", lambda self, text: said.append(text) or goals_to_try(self, text)
    )
    test.run()
    assert not test.exception
    assert [one["Neurons shuffled"] for one in said if isinstance(one, dict)]
    assert all("the same function" in one["Neurons shuffled"] for one in said)


def test_what_stays_to_be_seen_is_told_from_what_is_made():
    shown = SampleRequest("door-open-v3", MLPArchitecture((27, 45)), seed=1)
    name = words_module.name_of(shown.task, shown.architecture)

    def named(**asked):
        return words_module.name_beside(dataclasses.replace(shown, **asked), shown, name)

    assert named(task="reach-v3") == named(architecture=MLPArchitecture((8,))) == name
    assert named(seed=2) == f"{name}, seed 1"
    assert named(steps=2) == f"{name}, steps 8"
    assert named(conditions={"tempo": 0.0}) == f"{name}, tempo 1"
    assert named(solver="heun") == f"{name}, made before"
