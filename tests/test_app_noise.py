"""The page "Noise to robot" through AppTest: from noise to a film, and what bad addresses do."""

from dataclasses import replace

import numpy as np
import pytest
from pages import open_page, parts, query_of, words
from patience import SECONDS

from app.engine import networks as networks_module
from app.engine.checkpoint import checkpoint_version
from app.engine.networks import Trial
from app.engine.request import default_request
from app.engine.services import Services, services
from app.engine.traces import trace_flow
from app.views.noise import figure as noise_figure
from app.views.noise.figure import distance_to_end, figure_data
from app.views.noise.shipped import load_flow, save_flow, shipped_flow
from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*")


@pytest.fixture(autouse=True)
def one_episode(fresh_services: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials of one episode."""
    monkeypatch.setattr(networks_module, "EPISODES", 1)


def settle(test) -> None:
    """Let everything that the page has begun come to an end, and draw it again."""
    for _ in range(12):
        known = set(services()._jobs._jobs.values())
        for job in known:
            job.future.exception(SECONDS)
        test.run()
        if set(services()._jobs._jobs.values()) == known:
            break
    assert not test.exception


def test_from_noise_to_a_film():
    link = {"task": "reach-v3", "arch": "13-21", "seed": "3", "steps": "2", "robot": "film"}
    test = open_page("noise", **link)
    assert not test.exception
    settle(test)
    assert not test.error
    assert len(test.get("bidi_component")) == 1
    assert len(test.get("video")) == 1
    assert query_of(test) == link
    assert "in " in " ".join(caption.value for caption in test.caption)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"task": "<script>"}, "there is no task"),
        ({"arch": "0-9"}, "Parts of this link"),
        ({"steps": "21"}, "at most 20 steps, not 21"),
        ({"steps": "1e9"}, "Parts of this link"),
        ({"seed": "-1"}, "Parts of this link"),
        ({"utm_source": "x", "tempo": "nan"}, ""),
    ],
)
def test_a_bad_address_is_answered_in_words(monkeypatch, query, said):
    def no_model(self, *_):
        raise UserError("there is no model here")

    monkeypatch.setattr(Services, "_load", no_model)
    test = open_page("noise", **query)
    assert not test.exception
    assert said in words(test)


def test_without_a_model_the_page_says_so_and_offers_to_try_again(monkeypatch):
    def no_model(self, *_):
        raise UserError("there is no model here")

    monkeypatch.setattr(Services, "_load", no_model)
    test = open_page("noise", arch="9")
    for job in services()._jobs._jobs.values():
        job.future.exception(60)
    test.run()
    assert "There is nothing to show: there is no model here." in words(test)
    assert [button.label for button in test.button] == ["Try again"]


def test_the_first_view_ships_whole(monkeypatch):
    test = open_page("noise")
    assert not test.exception
    assert (
        not services()._jobs._jobs
    )  # nothing was asked of the model, the simulator or the renderer
    assert not test.get("video")
    drawn = parts(test)
    assert [*drawn] == ["noise", "replay_noise"]
    trials = drawn["noise"]["trials"]
    assert [len(trials[kind]) for kind in ("noisy", "predicted")] == [8, 8]
    assert all(trials["noisy"]) and all(trials["predicted"])  # noqa: PT018


def test_in_3d_nothing_is_filmed():
    test = open_page("noise", task="reach-v3", arch="13-21", steps="2", robot="3d")
    settle(test)
    assert [*parts(test)] == ["noise", "replay_noise"]
    assert not test.get("video")
    assert "robot" not in query_of(test)
    assert not [key for key in services()._jobs._jobs if key[0] == "film"]


def test_without_gl_the_3d_view_takes_the_films_place(monkeypatch):
    from nnit.sim import gl

    monkeypatch.setattr(gl, "_tried", dict)
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)  # set where this process has drawn
    test = open_page("noise", task="reach-v3", arch="13-21", steps="2", robot="film")
    settle(test)
    assert [*parts(test)] == ["noise", "replay_noise"]
    assert "apt-get install" in words(test)
    assert "in " in " ".join(caption.value for caption in test.caption)


def test_another_checkpoint_gets_no_shipped_flow():
    request = default_request()
    assert shipped_flow(request, checkpoint_version()) is not None
    assert shipped_flow(request, "another") is None
    assert shipped_flow(replace(request, seed=1), checkpoint_version()) is None


def test_a_flow_that_is_saved_and_read_is_the_same_and_a_damaged_one_is_told(tmp_path):
    flow = load_flow()
    save_flow(flow, tmp_path)
    again = load_flow(tmp_path)
    assert again.trials == flow.trials
    assert [n.digest for n in again.trace.noisy] == [n.digest for n in flow.trace.noisy]
    (tmp_path / "noisy-3.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"make\.flow"):
        load_flow(tmp_path)


def test_a_style_is_part_of_the_link(monkeypatch):
    test = open_page("noise", task="reach-v3", arch="9", steps="1", tempo="0.3")
    assert test.slider(key="noise_tempo").value == 0.3
    assert query_of(test)["tempo"] == "0.3"
    (asked,) = [key[1] for key in services()._jobs._jobs if key[0] == "trace"]
    assert dict(asked.conditions) == {"tempo": 0.3}


def test_widths_that_are_none_leave_the_page_alive():
    test = open_page("noise", arch="9", steps="1")
    test.text_input(key="noise_arch").set_value("nine").run()
    assert not test.exception
    assert len(test.error) == 1


@pytest.mark.parametrize(
    ("rest", "step"),
    [
        (None, 7),
        ({"flow": "this", "step": 2}, 2),
        ({"flow": "another", "step": 2}, 7),
        ({"flow": "this", "step": 8}, 7),
        ({"flow": "this", "step": True}, 7),
        ({"flow": "this"}, 7),
        ("this", 7),
    ],
)
def test_a_scrubber_that_rests_on_another_flow_says_nothing_of_this_one(monkeypatch, rest, step):
    monkeypatch.setattr(noise_figure, "_component", lambda **_: {"rest": rest})
    assert noise_figure.show_figure({"key": "this", "times": [0.0] * 8}) == step


def test_the_figure_holds_every_step():
    request = SampleRequest("reach-v3", MLPArchitecture((9, 12)), seed=1, steps=3)
    trace = trace_flow(Generator.load(), request)
    trial = Trial((True, False), 50, 0.0, True, 50)
    data = figure_data(trace, {"noisy": [None] * 3, "predicted": [None, None, trial]})
    assert [(layer["rows"], layer["columns"]) for layer in data["layers"]] == [
        (9, 39),
        (12, 9),
        (4, 12),
    ]
    assert data["trials"]["predicted"][2]["text"].startswith("1/2 (50 %")
    distances = distance_to_end(trace)
    assert distances[-1] == 0
    assert distances[0] > distances[1] > 0
    for layer, weight in zip(data["layers"], trace.predicted[-1].policy.weights, strict=True):
        import base64

        cells = np.frombuffer(base64.b64decode(layer["steps"]["predicted"][-1]["cells"]), "<i2")
        np.testing.assert_allclose(
            cells.reshape(weight.shape) * layer["scale"], weight, atol=layer["scale"]
        )
