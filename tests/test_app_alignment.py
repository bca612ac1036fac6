"""The Alignment page through AppTest: what is on it, what bad input does, and that its numbers are the command's."""

import base64
import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mlp_files import as_onnx
from pages import MAIN, open_page, query_of, words
from patience import SECONDS
from streamlit import stop
from streamlit.testing.v1 import AppTest

from app.engine.checkpoint import default_task
from app.engine.jobs import Job
from app.views.alignment import controls as page_controls
from app.views.alignment import services as page_services
from app.views.alignment import uploads as page_uploads
from app.views.alignment.examination import Shown, examination_data, labels_of, parse_choice
from app.views.alignment.figure import View, figure_data
from app.views.alignment.measurements import (
    Drawn,
    draw,
    drive_line,
    fractions_for,
    measure_all,
)
from app.views.alignment.own import with_others
from app.views.alignment.request import KINDS, Comparison, parse_query
from app.views.alignment.services import AlignmentServices, alignment_services
from app.views.alignment.states import parse_drive
from app.views.alignment.take_away import command_of
from app.views.alignment.uploads import (
    MAX_FILES,
    STATES_FILE,
    Own,
    compared_with,
    examined_archive,
    read_uploads,
)
from nnit.__main__ import main
from nnit.alignment.examination import Question, examine
from nnit.alignment.files import OTHER_FILES
from nnit.alignment.neurons import Observations
from nnit.alignment.observations import read_observations
from nnit.alignment.symmetry import permute, random_permutations
from nnit.errors import UserError
from nnit.evaluation.alignment import kinds as library
from nnit.evaluation.alignment.kinds import shared_states
from nnit.evaluation.alignment.report import noise_spectrum
from nnit.evaluation.alignment.treatments import treat
from nnit.mlp import worker_files
from nnit.mlp.files import network_bytes, read_network
from nnit.mlp.formats import ENDINGS, format_words
from nnit.mlp.network import MLP, layer_sizes, tensors_of
from nnit.mlp.spec import MLPArchitecture
from strategies import random_policy

# Streamlit parses dates of browsers with these.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*")


def settled(test: AppTest) -> AppTest:
    """The page when nothing runs any more."""
    for _ in range(20):
        running = list(alignment_services()._jobs._jobs.values())
        for job in running:
            job.future.exception()  # waits
        test.run()
        if not any(
            any(word in s.label for word in ("measuring", "getting", "Comparing"))
            for s in test.status
        ):
            return test
    raise AssertionError("the page does not come to rest")


@pytest.fixture(autouse=True)
def fresh_services():
    """Services that no other test has used."""
    alignment_services.clear()
    yield
    alignment_services().close()
    alignment_services.clear()


@pytest.fixture
def no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page finds no checkpoint, and says so at once."""
    monkeypatch.setenv("NNIT_CHECKPOINT", str(tmp_path / "gone"))
    return tmp_path / "gone"


def examined():
    """What was found of the visitor's networks last."""
    jobs = alignment_services()._jobs._jobs
    return next(job for key, job in reversed(jobs.items()) if key[0] == "examined").future.result()


def networks_of(*architectures: str) -> list[MLP]:
    policies = [random_policy(MLPArchitecture.parse(a), i) for i, a in enumerate(architectures)]
    return [MLP(policy.weights, policy.biases) for policy in policies]


def test_the_first_paint_needs_no_torch():
    code = f"""
import sys
sys.path.insert(0, "tests")
from streamlit.testing.v1 import AppTest
from pages import go_to
from app.views.alignment.services import AlignmentServices
from app.engine.jobs import Job
from concurrent.futures import Future
AlignmentServices.networks = lambda self, kind, comparison: Job(Future())
test = AppTest.from_file({str(MAIN)!r}, default_timeout={SECONDS})
go_to(test, "alignment")
test.run()
assert not test.exception, test.exception
assert "Put hidden neurons in another order" in "".join(e.proto.body for e in test.get("html"))
assert not test.status, "nobody has asked for anything"
assert "torch" not in sys.modules
"""
    root = MAIN.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_process_waits_to_read_the_files_of_every_visitor(monkeypatch):
    monkeypatch.setattr(page_services, "_WARM_UP_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(page_services, "_READER_AFTER_SECONDS", 0.0)
    services = page_services.AlignmentServices()

    def waiting():
        end = time.monotonic() + SECONDS
        while not worker_files._waiting and time.monotonic() < end:
            time.sleep(0.05)
        return worker_files._waiting[0]

    services.warm_up()
    first = waiting()
    (network,) = networks_of("9")
    stream = io.BytesIO()
    tensors = {name: torch.from_numpy(one.copy()) for name, one in tensors_of(network).items()}
    torch.save(tensors, stream)
    job = services.uploads([("one", "a.pt", stream.getvalue())])
    assert job.future.result(SECONDS).names == ("a.pt",)
    second = waiting()
    assert second.pid != first.pid
    second.kill()
    second.wait()
    services.warm_up()  # the next visitor
    end = time.monotonic() + SECONDS
    while waiting().pid == second.pid and time.monotonic() < end:
        time.sleep(0.05)
    assert waiting().pid != second.pid
    services.close()


def test_the_kinds_are_those_of_the_library():
    assert set(KINDS) == set(get_args(library.Kind))


def test_networks_are_drawn_measured_and_shown(checkpoint):
    test = settled(
        open_page("alignment", task="reach-v3", arch="8,9", kinds="nnit,ghn", networks="2")
    )
    assert not test.exception
    assert not test.error
    assert not test.status
    assert len(test.get("bidi_component")) == 1
    assert [test.selectbox(key="align_task").value, test.text_input(key="align_arch").value] == [
        "reach-v3",
        "8, 9",
    ]
    test.number_input(key="align_networks").set_value(1)
    test = settled(test.run())
    assert not test.exception
    assert query_of(test)["networks"] == "1"


def test_the_numbers_are_those_of_the_command(tiny_checkpoint, capsys):
    comparison = Comparison("reach-v3", (MLPArchitecture((8,)),), ("nnit",), 3)
    drawn = draw("nnit", comparison, tiny_checkpoint)
    states = shared_states("reach-v3", tiny_checkpoint, 256)
    measured = measure_all(drawn, states, lambda done, total: None)
    half = measured.fractions.index(0.5)
    options = ["--task", "reach-v3", "--arch", "8", "--networks", "3", "--kinds", "nnit"]
    options += ["--shuffle", "0.5", "--checkpoint", str(tiny_checkpoint), "--json", "-"]
    assert main(["align", *options]) == 0
    rows = {row["treatment"]: row for row in json.loads(capsys.readouterr().out)["results"]}
    for treatment, reading, noise in (
        ("as it is", measured.shuffled[0], measured.noise),
        ("shuffled", measured.shuffled[half], measured.noise),
        ("realigned", measured.realigned[half], measured.noise_realigned),
    ):
        figures = rows[treatment]["metrics"]
        assert set(figures) == set(reading.values)
        for name, values in reading.values.items():
            assert values == pytest.approx(figures[name]["values"], abs=1e-6)
            assert noise[name] == pytest.approx(figures[name]["noise"], abs=1e-6)


def test_the_browser_gets_the_networks_that_were_measured():
    networks = networks_of("9-12", "10-7", "9-12")
    drawn = Drawn(tuple(networks), patch=8)
    measured = measure_all(drawn, None, lambda done, total: None)
    data = figure_data([View("uploaded", drawn, measured, ("a", "b", "c"))])
    json.dumps(data)
    (kind,) = data["kinds"]
    step = len(measured.fractions) // 2
    for treatment in ("shuffled", "realigned"):
        treated = treat(networks, treatment, fraction=measured.fractions[step])
        for index, network in enumerate(networks):
            texts = kind["measured"][treatment]["permutations"][step][index]
            order = np.frombuffer(base64.b64decode(texts), "<u2").astype(int)
            cuts = np.cumsum([len(bias) for bias in network.biases[:-1]])[:-1]
            moved = permute(network, np.split(order, cuts))
            for got, expected in zip(moved.weights, treated.networks[index].weights, strict=True):
                assert np.array_equal(got, expected)
    layer = kind["networks"][1]["layers"][1]
    cells = np.frombuffer(base64.b64decode(layer["cells"]), "<i2").reshape(7, 10)
    assert np.allclose(cells * layer["scale"], networks[1].weights[1], atol=layer["scale"])


def test_networks_of_the_task_are_compared_neuron_by_neuron(checkpoint):
    test = settled(
        open_page("alignment", task="reach-v3", arch="8,9", kinds="nnit,ghn", networks="2")
    )
    assert not any(key[0] == "examined" for key in alignment_services()._jobs._jobs)
    test.toggle(key="align_beside").set_value(True)
    test = settled(test.run())
    assert not test.exception
    assert [len(n.weights[0]) for n in examined().networks] == [8, 9, 8, 9]
    assert not test.get("download_button")  # there are no files to give back


def test_the_figure_shows_what_was_examined():
    first, other = networks_of("12-9", "12-9")
    rng = np.random.default_rng(0)
    shuffled = permute(first, random_permutations((12, 9), 1.0, rng))
    networks = (first, shuffled, other, *networks_of("7-20"))
    observed = Observations(rng.normal(size=(30, 39)).astype(np.float32), "tanh")
    examination = examine(networks, observations=observed)
    labels = labels_of(["a" * 80, "b", "c", "d"])
    for chosen in (1, 2, 3):
        shown = Shown(networks, labels, 0, chosen, examination.before, examination, observed)
        data = examination_data(shown)
        json.dumps(data, allow_nan=False)
        pair, hidden = data["pair"], data["pair"]["hidden"]
        assert [one["by"] for one in hidden[0]["similar"]] == ["weights", "activations"]
        partner = np.frombuffer(base64.b64decode(hidden[0]["partner"]), "<i4")
        layer = pair["layers"][0]
        cells = np.frombuffer(base64.b64decode(layer["aligned"]["cells"]), "<i2").reshape(12, 39)
        expected = networks[chosen].weights[0][partner]
        there, scale = partner >= 0, layer["aligned"]["scale"]
        assert np.allclose(cells[there] * scale, expected[there], atol=scale)
        assert (cells[~there] == -32768).all()
        assert pair["line"]["before"]["disagreement"][0] == 0
    assert data["said"][0]["clauses"][0]["text"].startswith("2 is a permutation of 1")
    earlier = examination_data(Shown(networks, labels, 0, 1, examination.before, None))
    assert earlier["said"] is None
    assert earlier["pair"]["layers"][0]["aligned"] is None


def test_the_command_says_what_the_page_was_asked():
    uploads = read_uploads([("a b.npz", network_bytes(networks_of("9")[0], "npz"))])
    question = Question(reference=1, activation="tanh", by_activations=True, second_group=(1, 3))
    assert command_of(uploads, question, ("my data.csv", "relu")) == (
        "python -m nnit align --files 'a b.npz' --reference 2 --activation tanh --observations 'my data.csv' "
        "--run-with relu --by-activations --second-group 2 4 --out aligned"
    )


def test_the_command_names_what_the_numbers_depend_on():
    library = Path(__file__).parent / "network_files" / "libraries"
    files = [(f"{i}.zip", (library / "stable_baselines3.zip").read_bytes()) for i in range(2)]
    actors = read_uploads(files, [0, 0])
    assert "--files 0.zip 1.zip --network actor --out" in command_of(actors, Question())
    # ONNX says its activation, which the command takes from there.
    (network,) = networks_of("9")
    said = read_uploads([("a.onnx", as_onnx(network)), ("b.onnx", as_onnx(network))])
    assert "--activation" not in command_of(said, Question(activation="tanh"))
    assert "--activation auto" in command_of(said, Question(activation="auto"))
    assert "--activation other" in command_of(said, Question(activation="other"))
    # Networks of the task stand in no file.
    own = Own(said, [], [])
    both = with_others(own, [("nnit 1", random_policy(MLPArchitecture.parse("9"), 0))])
    assert "nnit" in command_of(both.uploads, Question(activation="tanh"))
    assert command_of(both.uploads, Question(activation="tanh"), count=2).endswith(
        "--files a.onnx b.onnx --out aligned"
    )


def test_each_layer_has_a_colour_scale_of_its_own_that_networks_share():
    rng = np.random.default_rng(0)
    shapes = [(9, 784), (8, 9), (3, 8)]
    networks = tuple(
        MLP(
            tuple((rng.normal(size=s) / s[1] ** 0.5).astype(np.float32) for s in shapes),
            tuple(np.zeros(s[0], np.float32) for s in shapes),
        )
        for _ in range(2)
    )
    examination = examine(networks)
    data = examination_data(Shown(networks, ("a", "b"), 0, 1, examination.before, examination))
    view = figure_data([View("uploaded", Drawn(networks), None, ("a", "b"))])["kinds"][0]
    for limits in (data["pair"]["limits"], view["limits"]):
        for layer, limit in enumerate(limits):
            sizes = np.abs([network.weights[layer] for network in networks])
            assert (sizes > limit).mean() < 0.02 + 1 / sizes.size
            assert limit < 1.2 * sizes.max()


def test_states_of_a_task_are_taken_along():
    (network,) = networks_of("9-8")
    sizes = layer_sizes(network)
    rng = np.random.default_rng(0)
    inputs, actions = (rng.normal(size=(30, n)).astype(np.float32) for n in (sizes[0], sizes[-1]))
    states = Observations(inputs, "tanh", actions)
    files = [
        (f"{i}.npz", network_bytes(one, "npz")) for i, one in enumerate(networks_of("9-8", "9-8"))
    ]
    uploads = read_uploads(files)
    examination = examine(uploads.networks, observations=states)
    content = examined_archive(
        files, uploads.readings, examination, (), (STATES_FILE, "tanh"), states
    )
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        read, wanted = read_observations(STATES_FILE, zipped.read(STATES_FILE), sizes[0], sizes[-1])
        assert STATES_FILE in zipped.read("notebook.ipynb").decode()
    assert np.array_equal(read, inputs)
    assert np.array_equal(wanted, actions)


@pytest.mark.parametrize("asked", [None, True, -1, 4, "1", 1.0, [1], {}])
def test_only_networks_that_are_there_are_chosen(asked):
    assert parse_choice(asked, 4) is None
    assert parse_choice(3, 4) == 3


def test_large_matrices_are_drawn_with_neurons_left_out():
    rng = np.random.default_rng(0)
    shapes = [(600, 8), (2, 600)]
    networks = tuple(
        MLP(
            tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes),
            tuple(np.zeros(shape[0], np.float32) for shape in shapes),
        )
        for _ in range(2)
    )
    examination = examine(networks)
    data = examination_data(Shown(networks, ("a", "b"), 0, 1, examination.before, examination))
    first = data["pair"]["layers"][0]
    assert [first["rows"], first["columns"], first["steps"]] == [200, 8, [3, 1]]
    assert data["pair"]["hidden"][0]["width"] == 600
    assert data["pair"]["hidden"][0]["similar"][0]["rows"] == 200


def test_noise_has_the_spectrum_of_noise():
    networks = networks_of("64-64", "64-64")
    spectrum = noise_spectrum(networks, patch=4)
    assert spectrum.sum() == pytest.approx(1)
    assert spectrum.max() < 0.15


def test_large_sets_have_fewer_stops():
    small, large = (networks_of(*[arch] * 6) for arch in ("8", "128-128-128-128"))
    assert len(fractions_for(small)) == 21
    assert len(fractions_for(large)) < 21


def test_driving_the_line_between_two_networks():
    policies = [random_policy(MLPArchitecture((8,)), seed) for seed in range(2)]
    said = []
    solved = drive_line(policies, 0.5, True, 1, lambda done, total: said.append((done, total)))
    assert len(solved) == 5
    assert all(0 <= count <= 3 for count in solved)
    assert said[-1] == (5, 5)


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "x",
        {},
        {"kind": "uploaded", "step": 0, "pair": 1},
        {"kind": "nnit", "step": 99, "pair": 1},
        {"kind": "nnit", "step": "0", "pair": 1},
        {"kind": "nnit", "step": 0, "pair": 2},
        {"kind": "nnit", "step": 0, "pair": 0},
        {"kind": ["nnit"], "step": 0, "pair": 1},
    ],
)
def test_only_lines_that_are_there_are_driven(asked):
    drawn = Drawn(tuple(networks_of("8", "8")))
    measured = measure_all(drawn, None, lambda done, total: None)
    views = [View("nnit", drawn, measured, ("8", "8")), View("uploaded", drawn, measured, ("", ""))]
    assert parse_drive(asked, views) is None
    drive = parse_drive({"kind": "nnit", "step": 20, "pair": 1, "realigned": True}, views)
    assert drive is not None
    assert (drive.step, drive.pair, drive.realigned) == (20, 1, True)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"task": "no-such-task"}, 'there is no task "no-such-task"'),
        ({"arch": "64-x"}, '"64-x" is not an architecture'),
        ({"arch": "8,"}, "is not an architecture"),
        ({"arch": "0"}, "width 0 is outside"),
        ({"arch": "8,8-8"}, "the same number of hidden layers"),
        ({"arch": "8,9,10,11,12,13,14"}, "more than the 6"),
        ({"kinds": "nnit,magic"}, 'no kind of networks "magic"'),
        ({"kinds": ""}, "no kind of networks"),
        ({"kinds": "uploaded"}, "a link cannot carry them"),
        ({"networks": "7"}, "a whole number from 1 to 6"),
        ({"networks": "-1"}, "a whole number from 1 to 6"),
        ({"networks": "\u0664"}, "a whole number from 1 to 6"),
        ({"task": "<script>alert(1)</script>"}, "there is no task"),
    ],
)
def test_a_wrong_link_says_why_and_shows_the_defaults(no_checkpoint, query, said):
    test = open_page("alignment", **query)
    assert not test.exception
    assert said in words(test)
    assert test.selectbox(key="align_task").value == default_task()


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(["task", "arch", "kinds", "networks", "x"]), st.text()))
def test_no_address_is_ever_more_than_a_problem(query):
    comparison, problems = parse_query(query)
    assert len(problems) <= 4
    assert parse_query(comparison.to_query()) == (comparison, [])


def test_comparisons_survive_their_address():
    comparison = Comparison(
        "reach-v3", (MLPArchitecture((9,)), MLPArchitecture((64,))), ("ghn",), 6
    )
    assert parse_query(comparison.to_query()) == (comparison, [])


@pytest.mark.parametrize("text", ["", "64-x", "0", "10000", "8,8-8", "<b>[x](http://x)</b>"])
def test_wrong_widths_are_explained_and_keep_the_page(no_checkpoint, text):
    test = open_page("alignment")
    test.text_input(key="align_arch").set_value(text).run()
    assert not test.exception
    assert test.error
    test.text_input(key="align_arch").set_value("16").run()
    assert not any("architecture" in box.value for box in test.error)


def test_a_missing_checkpoint_is_said_once_and_can_be_tried_again(no_checkpoint):
    test = settled(open_page("alignment", kinds="zoo,ghn"))
    assert not test.exception
    assert "Zoo: there is nothing to show" in words(test)
    assert "Hypernetwork: there is nothing to show" in words(test)
    assert not test.status
    test = settled(test.button(key="align_again").click().run())
    assert not test.exception
    assert "nothing to show" in words(test)


def test_no_kind_at_all_is_an_empty_page(no_checkpoint):
    test = open_page("alignment")
    test.pills(key="align_kinds").set_value([]).run()
    assert not test.exception
    assert "Choose a kind of networks above" in words(test)


def test_uploads_are_read_or_refused_one_by_one():
    good, other_depth = networks_of("12-9", "12")
    files = [
        ("../../etc/x.safetensors", network_bytes(good, "safetensors")),
        ("b.npz", network_bytes(good, "npz")),
        ("deep.npz", network_bytes(other_depth, "npz")),
        ("broken.npz", b"PK nonsense"),
        ("c.txt", b""),
        ("d.onnx", b"\x00" * 50),
        ("seventh.npz", network_bytes(good, "npz")),
    ]
    uploads = read_uploads(files)
    assert [len(uploads.networks), len(uploads.names)] == [4, 4]
    assert len(uploads.problems) == 3


def test_uploads_too_large_for_the_page_are_refused(monkeypatch):
    (network,) = networks_of("9-8")
    content = network_bytes(network, "npz")
    monkeypatch.setattr(page_uploads, "MAX_WEIGHTS", 3 * sum(w.size for w in network.weights))
    uploads = read_uploads([(f"{i}.npz", content) for i in range(4)])
    assert len(uploads.networks) == 3
    assert "3.npz there would be" in uploads.problems[0]
    monkeypatch.setattr(page_uploads, "MAX_WIDTH", 8)
    assert "a layer of 9 neurons" in read_uploads([("wide.npz", content)]).problems[0]
    monkeypatch.setattr(page_uploads, "MAX_MIB", 2 * len(content) / 2**20)
    assert "together" in read_uploads([(f"{i}.npz", content) for i in range(3)]).problems[0]


def of_inputs(*inputs: int) -> list[tuple[str, bytes]]:
    """Files of networks that take so many inputs, named by their places and them."""
    rng = np.random.default_rng(0)
    files = []
    for place, count in enumerate(inputs):
        weights = (rng.normal(size=(5, count)), rng.normal(size=(2, 5)))
        network = MLP(weights, (np.zeros(5), np.zeros(2)))
        files.append((f"{place}-{count}.npz", network_bytes(network, "npz")))
    return files


def test_the_largest_group_of_uploads_that_can_be_compared_is_compared():
    uploads = read_uploads([*of_inputs(3, 4, 4, 3, 4, 6), ("broken.npz", b"")])
    assert uploads.names == ("1-4.npz", "2-4.npz", "4-4.npz")
    assert [one.name for one in uploads.elsewhere] == ["0-3.npz", "3-3.npz", "5-6.npz"]
    assert len(uploads.problems) == 1  # of the broken file alone
    chosen = compared_with(uploads, 3)
    assert [chosen.names, chosen.files] == [("0-3.npz", "3-3.npz"), (0, 3)]
    assert [one.inputs for one in chosen.elsewhere] == [4, 4, 4, 6]
    assert chosen.problems == uploads.problems
    assert compared_with(chosen).names == uploads.names
    assert read_uploads(of_inputs(3, 4)).names == ("0-3.npz",)  # of equal groups, the first file's


def test_uploads_of_other_inputs_are_named_together_and_can_be_chosen(no_checkpoint):
    test = open_page("alignment")
    test.pills(key="align_kinds").set_value([]).run()
    files = [(*file, "application/octet-stream") for file in of_inputs(3, *[4] * 4, *[5] * 2)]
    uploader = test.file_uploader(key="align_files")
    assert set(uploader.proto.type) == set(ENDINGS)
    assert any(format_words("or") in one.value for one in test.markdown)
    uploader.set_value(files)
    test = settled(test.run())
    assert not test.exception
    assert not test.error
    told = [info.value for info in test.info if "same inputs" in info.value]
    assert len(told) == 1
    assert "the 4 networks that take 4 inputs. 3 take another" in told[0]
    box = test.selectbox(key="align_reference")
    assert box.value == 0
    assert box.options[0] == "1 \u00b7 1-4.npz"
    assert box.options[-1] == "6-5.npz (5 inputs)"
    assert len(examined().sentences) == 3
    box.set_value(len(box.options) - 1)
    test = settled(test.run())
    assert not test.exception
    box = test.selectbox(key="align_reference")
    assert box.options[box.value] == "2 \u00b7 6-5.npz"
    assert "the 2 networks that take 5 inputs. 5 take another" in words(test)
    assert examined().question.reference == 1
    assert len(examined().sentences) == 1
    assert "--files 5-5.npz 6-5.npz --reference 2" in test.code[0].value


@pytest.mark.parametrize("file_format", ["safetensors", "npz"])
def test_matching_puts_shuffled_uploads_back_and_gives_them_in_their_own_files(file_format):
    (network,) = networks_of("24-17")
    rng = np.random.default_rng(3)
    shuffled = permute(network, random_permutations((24, 17), 1.0, rng))
    names = [f"../a.{file_format}", f"C:\\temp\\a.{file_format}"]
    contents = [network_bytes(one, file_format) for one in (network, shuffled)]
    files = list(zip(names, contents, strict=True))
    uploads = read_uploads(files)
    examination = examine(uploads.networks)
    content = examined_archive(files, uploads.readings, examination)
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        inside = [f"a.{file_format}", f"a (2).{file_format}"]
        assert zipped.namelist() == [*inside, "permutations.json", *OTHER_FILES]
        for name in inside:
            aligned = read_network(name, zipped.read(name))
            for got, expected in zip(aligned.weights, network.weights, strict=True):
                assert np.array_equal(got, expected)
        described = json.loads(zipped.read("permutations.json"))["networks"]
    assert [one["file"] for one in described] == inside
    moved = permute(shuffled, [np.array(layer) for layer in described[1]["permutations"]])
    assert all(map(np.array_equal, moved.weights, network.weights))


def test_of_too_many_files_the_first_are_used():
    (network,) = networks_of("9-8")
    content = network_bytes(network, "npz")
    more = MAX_FILES + 2
    uploads = read_uploads([(f"{i}.npz", content if i < MAX_FILES else b"") for i in range(more)])
    assert uploads.names == tuple(f"{i}.npz" for i in range(MAX_FILES))
    assert uploads.problems == (
        f"{more} files were uploaded and this page compares up to {MAX_FILES}: "
        f"it uses the first {MAX_FILES} and leaves out 64.npz and 65.npz",
    )


def two_networks(head: int = 2) -> bytes:
    """A file with an actor of the sizes 39-9-2 and a critic of 39-7-1, and an exploration deviation."""
    rng = np.random.default_rng(0)
    shapes = {"actor.0": (9, 39), "actor.2": (head, 9), "critic.0": (7, 39), "critic.2": (1, 7)}
    tensors = {f"{name}.weight": rng.normal(size=shape) for name, shape in shapes.items()}
    buffer = io.BytesIO()
    np.savez(buffer, log_std=np.zeros(2), **tensors)
    return buffer.getvalue()


def test_a_file_of_two_networks_waits_for_an_answer():
    files = [("both.npz", two_networks()), ("again.npz", two_networks())]
    asked = read_uploads(files)
    assert not asked.networks
    assert [question.file for question in asked.questions] == [0, 1]
    assert [title.split(":")[0] for title in asked.questions[0].titles] == ["actor", "critic"]
    answered = read_uploads(files, [1, 1])
    assert [len(network.weights[0]) for network in answered.networks] == [7, 7]
    assert len(answered.questions) == 2
    other = read_uploads(files, [0, 1])
    assert len(other.networks) == 2  # of other outputs: compared as far as they go


def test_the_page_asks_which_network_is_meant(no_checkpoint):
    test = open_page("alignment")
    test.pills(key="align_kinds").set_value([]).run()
    files = [(f"{n}.npz", two_networks(), "application/octet-stream") for n in ("a", "b")]
    test.file_uploader(key="align_files").set_value(files)
    test = settled(test.run())
    boxes = [box for box in test.selectbox if box.key.startswith("align_reading")]
    assert [box.label for box in boxes] == [
        f"{n}.npz can be read in 2 ways. Which network do you mean?" for n in ("a", "b")
    ]
    assert not test.get("download_button")
    for box in boxes:
        test.selectbox(key=box.key).set_value(0)
    test = settled(test.run())
    assert not test.exception
    assert examined().sentences[0].relation == "same"
    assert any("std" in caption.value for caption in test.caption)
    assert len(test.get("download_button")) == 8


def test_files_and_answers_stay_while_another_page_is_looked_at(no_checkpoint):
    test = open_page("alignment")
    test.pills(key="align_kinds").set_value([]).run()
    files = [(f"{n}.npz", two_networks(), "application/octet-stream") for n in ("a", "b")]
    test.file_uploader(key="align_files").set_value(files)
    test = settled(test.run())
    boxes = [box.key for box in test.selectbox if box.key.startswith("align_reading")]
    for key in boxes:
        test.selectbox(key=key).set_value(1)
    test = settled(test.run())
    test.switch_page("views/how/page.py").run()
    test = settled(test.switch_page("views/alignment/page.py").run())
    assert not test.exception
    assert "Still here from before: a.npz, b.npz." in words(test)
    assert [test.selectbox(key=key).value for key in boxes] == [1, 1]
    assert examined().sentences[0].relation == "same"
    test.file_uploader(key="align_files").set_value(("new.npz", b"no", "application/octet-stream"))
    test = settled(test.run())
    assert "new.npz is not a whole npz file" in words(test)
    test.button(key="align_forget").click()
    test = settled(test.run())
    assert "Still here" not in words(test)
    assert not [box for box in test.selectbox if box.key.startswith("align_reading")]
    test.switch_page("views/how/page.py").run()
    test = settled(test.switch_page("views/alignment/page.py").run())
    assert "Still here from before: new.npz." in words(test)


def test_what_is_asked_stays_while_another_page_is_looked_at(no_checkpoint, monkeypatch):
    def away_and_back(test: AppTest) -> AppTest:
        test.switch_page("views/how/page.py").run()
        return settled(test.switch_page("views/alignment/page.py").run())

    networks = networks_of("9-8", "9-8", "9-8")
    test = open_page("alignment")
    test.pills(key="align_kinds").set_value([]).run()
    test.file_uploader(key="align_files").set_value(
        [
            (f"{place}.npz", network_bytes(network, "npz"), "application/octet-stream")
            for place, network in enumerate(networks)
        ]
    )
    test = settled(test.run())
    rows = "\n".join(",".join(["0.5"] * 39) for _ in range(20)).encode()
    test.file_uploader(key="align_observations").set_value(("seen.csv", rows, "text/csv"))
    test.selectbox(key="align_undo").set_value("other")
    test.multiselect(key="align_group").set_value([2])
    test.segmented_control(key="align_activation").set_value("relu")
    test = settled(test.run())
    test.segmented_control(key="align_by").set_value("activations")
    test = settled(test.run())
    asked = examined().question
    command = test.code[0].value
    assert "--observations seen.csv --run-with relu --by-activations --second-group 3" in command
    test = away_and_back(away_and_back(test))
    assert not test.exception
    assert not test.warning
    assert "Still here from before: seen.csv." in words(test)
    assert examined().question == asked
    assert test.code[0].value == command
    with monkeypatch.context() as patch:
        # A run that ends before it has drawn what is asked.
        patch.setattr(page_controls, "comparison_controls", stop)
        test = away_and_back(test)
        assert not test.code
    test = settled(test.run())
    assert examined().question == asked
    assert test.code[0].value == command
    test.button(key="align_forget_observations").click()
    test = settled(away_and_back(settled(test.run())))
    assert "seen.csv" not in words(test)
    assert "--observations" not in test.code[0].value


def test_a_comparison_that_fails_is_told_and_not_begun_again(no_checkpoint, monkeypatch):
    begun = []

    def examined(*asked: Any) -> Job[Any]:
        begun.append(asked)
        job: Job[Any] = Job()
        job.future.set_exception(UserError("these networks cannot be compared today"))
        return job

    monkeypatch.setattr(AlignmentServices, "examined", examined)
    test = open_page("alignment")
    test.pills(key="align_kinds").set_value([]).run()
    names = ("one.npz", "two.npz")
    files = [
        (n, network_bytes(one, "npz"), "")
        for n, one in zip(names, networks_of("9-8", "9-8"), strict=True)
    ]
    test.file_uploader(key="align_files").set_value(files)
    for _ in range(3):
        test.run()
    assert not test.exception
    assert "cannot be compared today" in words(test)
    assert len(begun) == 1
    test.button(key="align_own_again").click().run()
    assert len(begun) == 2


def test_uploads_on_the_page(no_checkpoint):
    network, other = networks_of("9-8", "9-8")
    test = open_page("alignment")
    test.pills(key="align_kinds").set_value([]).run()
    files = [
        ("<b>one</b>.npz", network_bytes(network, "npz"), "application/octet-stream"),
        ("two.safetensors", network_bytes(other, "safetensors"), "application/octet-stream"),
        ("broken.npz", b"nonsense", "application/octet-stream"),
    ]
    test.file_uploader(key="align_files").set_value(files)
    test = settled(test.run())
    assert not test.exception
    assert "broken.npz is not a whole npz file" in words(test)
    assert examined().sentences[0].relation == "none"
    assert len(test.get("bidi_component")) == 2  # what was found, and the slider over both
    assert len(test.get("download_button")) == 8
    assert "--files '<b>one</b>.npz' two.safetensors" in test.code[0].value
    test.selectbox(key="align_undo").set_value("all")
    test.selectbox(key="align_reference").set_value(1)
    test.multiselect(key="align_group").set_value([0])  # two networks make no two groups to test
    test = settled(test.run())
    assert not test.exception
    assert examined().question.reference == 1
    assert [examined().symmetries.signs, examined().symmetries.scales] == [True, True]
    command = "--reference 2 --activation other --signs True --scales True"
    assert command in test.code[0].value
    test.file_uploader(key="align_files").set_value(files[:1])
    test = settled(test.run())
    assert not test.exception
    assert "nothing to be compared with" in words(test)
