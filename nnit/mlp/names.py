"""What the names of tensors say: kind, layer, place in the network, and network of several in one file.

Libraries write the same layer in different words. The words here are those of PyTorch, Flax, Haiku, Keras,
Equinox and scikit-learn, and of the reinforcement learning libraries Stable-Baselines3, CleanRL, rsl_rl
and rl_games.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["weight", "bias", "gain", ""]
Layout = Literal["out_in", "in_out"]
Words = tuple[str, ...]

_WEIGHT_LAYOUTS: dict[str, Layout | None] = {
    # PyTorch, Equinox and this project multiply from the left, Flax, Keras and scikit-learn from the right.
    "weight": "out_in",
    **dict.fromkeys(
        ("kernel", "kernels", "coef", "coefs", "coefficient", "coefficients"), "in_out"
    ),
    **dict.fromkeys(("weights", "w"), None),
}
_BIAS = {"bias", "biases", "b", "intercept", "intercepts"}
_GAIN = {"gain", "gamma", "beta", "scale", "g"}

# Where in a network a layer of this name stands. Words that are missing stand in the middle.
_RANKS = {
    **dict.fromkeys(("in", "inp", "input", "inputs", "first", "embed", "embedding"), -2.0),
    **dict.fromkeys(("encoder", "enc", "features", "extractor", "trunk", "base"), -1.0),
    **dict.fromkeys(("recognition", "inference"), -1.0),
    **dict.fromkeys(("body", "backbone", "torso", "shared", "common"), -1.0),
    **dict.fromkeys(("decoder", "dec", "generative", "generator"), 1.0),
    **dict.fromkeys(("out", "output", "outputs", "head", "heads", "last", "final"), 2.0),
    **dict.fromkeys(("classifier", "regressor", "logits", "mu", "loc", "mean", "readout"), 2.0),
    **dict.fromkeys(("prediction", "predictor", "action", "actions"), 2.0),
}
_ROLES = {
    **dict.fromkeys(("actor", "policy", "pi", "action", "actions"), "actor"),
    **dict.fromkeys(("critic", "value", "values", "vf", "v", "q", "qf", "baseline"), "critic"),
    **dict.fromkeys(("advantage", "adv"), "advantage"),
    **dict.fromkeys(("target", "tgt", "ema"), "target"),
    "generator": "generator",
    "discriminator": "discriminator",
    **dict.fromkeys(("std", "logstd", "sigma", "logsigma", "stddev"), "std"),
    **dict.fromkeys(("var", "logvar", "variance"), "std"),
}
_MEAN = {"mu", "mean", "loc"}
_LOGARITHM = {"log", "ln"}
# Variational autoencoders are also said to have a recognition, or inference, and a generative network.
_ENCODER = {"encoder", "enc", "recognition", "inference"}
_DECODER = {"decoder", "dec", "generative", "generator"}
_TABLE = {"embed", "embedding", "embeddings", "emb"}
_OPTIMIZER = {"optimizer", "optimizers", "optimiser", "optimisers", "optim"}
_ROLE_RANK = 0.5  # behind a trunk, before an output layer
_LAYER = {"fc", "linear", "lin", "dense", "layer", "layers", "hidden", "block", "blocks", "l", "h"}

_DEVIATION = {"std", "logstd", "sigma", "logsigma", "stddev", "temperature"}
_STATISTIC = {"mean", "var", "variance", "count", "min", "max"}
_RANGE = {
    "scale",
    "shift",
    "bias",
}  # of one piece with what they are of: `action_scale`, not `action.bias`
_MEASURED = {
    "obs",
    "observation",
    "observations",
    "rms",
    "normalizer",
    "normaliser",
    "input",
    "inputs",
}
_OF_OTHERS = {"action", "actions", "ret", "return", "returns", "reward", "rewards"}
_OF_OBSERVATIONS = frozenset(_MEASURED)
_MEASURED |= {"state", *_OF_OTHERS}
# Layers that hold a matrix but are none of an MLP; what tells more stands first.
_OTHER_LAYERS = (
    (r"weight_[ih]h_l\d", "a recurrent layer"),
    (r"weight_u$|parametrizations\.\w+\.\d+\._[uv]$", "a layer with spectral normalisation"),
    (r"(weight|bias)_mask$", "a pruned layer"),
    (r"weight_[gv]$|parametrizations\.\w+\.original[01]$", "a layer with weight normalisation"),
    (r"weight_orig$", "a pruned or spectrally normalised layer"),
    (r"parametrizations\.", "a layer whose weights are computed (parametrizations)"),
    (r"(^|[._/])lora_", "a low-rank adapter (LoRA) that is not merged into its layer"),
    (
        r"(^|[._/])(\w+_)?(gate(s|_?\d+)?(_up)?(_proj)?|gating|highway)[._/]",
        "a gated layer (gate times up)",
    ),
    (r"(^|[._/])\w*glu(_?\d+)?[._/]", "a gated linear unit (GLU)"),
    (r"in_proj_weight|(^|[._/])(q|k|v)_proj\b", "attention"),
    (r"(^|[._/])(lstm|gru|rnn)[\w]*[._/]", "a recurrent layer"),
)

# What scales the branch beside a skip connection: LayerScale, ReZero, SkipInit.
_BRANCH_SCALE = re.compile(
    r"(^|[._/])(layer_?scale|res(idual)?_?(scale|weight)|re_?zero|skip_?(init|scale|weight)|ls\d*)(_?\d+)?([._/]|$)",
    re.IGNORECASE,
)


def words_of(text: str) -> Words:
    """The words and numbers in a piece of a name: `linearHidden_2` has linear, hidden, 2."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    found = re.findall(r"[0-9]{1,9}|[^\W\d_]+", apart)
    return tuple(word.lower() for word in found) or ((text.lower(),) if text else ())


@dataclass(frozen=True)
class Part:
    """One piece of a layer's name, such as `linear_2` of `net.linear_2`.

    Attributes:
        words: its words and numbers.
    """

    words: Words

    @cached_property
    def text(self) -> Words:
        """The words alone."""
        return tuple(word for word in self.words if not word.isdecimal())

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The numbers alone."""
        return tuple(int(word) for word in self.words if word.isdecimal())

    @cached_property
    def is_numbered_layer(self) -> bool:
        """Whether it is one of a row of layers, such as `fc2`."""
        return bool(self.numbers) and bool(_LAYER & set(self.text) or not self.text)

    @cached_property
    def rank(self) -> float:
        """Where in a network it stands: negative for inputs, positive for outputs."""
        ranks = [_RANKS[word] for word in self.text if word in _RANKS]
        one_way = bool(ranks) and min(ranks) * max(ranks) > 0
        if one_way and not (self.is_numbered_layer and set(self.text) & set(_ROLES)):
            return ranks[0]
        return _ROLE_RANK if set(self.text) & set(_ROLES) else 0.0

    @cached_property
    def role(self) -> str:
        """Whose part it is: actor, critic 1, critic target, and so on; empty if nobody's."""
        roles = []
        for place, word in enumerate(self.words):
            role = _ROLES.get(word)
            if role is None or role in roles or (word == "v" and len(self.text) > 1):
                continue
            after = self.words[place + 1 : place + 2]
            roles.append(role + "".join(f" {number}" for number in after if number.isdecimal()))
        # `actor_critic` holds both, and is nobody's.
        return "" if {"actor", "critic"} <= set(roles) else " ".join(roles)


Stem = tuple[Part, ...]


@dataclass(frozen=True)
class TensorName:
    """What one tensor's name says.

    Attributes:
        key: the whole name.
        kind: what the tensor is by its name; empty where it does not say.
        layout: of a matrix, where the name says it.
        stem: the layer that it belongs to.
    """

    key: str
    kind: Kind
    layout: Layout | None
    stem: Stem

    @property
    def layer(self) -> str:
        """The layer's name, to be shown."""
        *_, last = re.split(r"[^\w]+", self.key.removesuffix(":0"))
        own = self.key.removesuffix(":0").removesuffix(last).rstrip("./")
        return own if own and _kind(last.lower()) else self.key


def parse_name(key: str) -> TensorName:
    """Read a tensor's name, such as `params/Dense_0/kernel:0` or `mlp_extractor.policy_net.2.bias`."""
    pieces = [words_of(piece) for piece in re.split(r"[^\w]+", key.removesuffix(":0")) if piece]
    kind: Kind = ""
    layout: Layout | None = None
    # The last such word is the tensor's own: in `net_b.0.weight` the b is a part of the layer's name.
    for index in reversed(range(len(pieces))):
        place = next(
            (i for i in reversed(range(len(pieces[index]))) if _kind(pieces[index][i])), None
        )
        if place is not None:
            word = pieces[index][place]
            kind, layout = _kind(word), _WEIGHT_LAYOUTS.get(word)
            pieces[index] = pieces[index][:place] + pieces[index][place + 1 :]
            break
    if not kind and "vars" in (word for piece in pieces for word in piece):
        layout = "in_out"  # Keras 3 writes `layers/dense/vars/0`
    return TensorName(key, kind, layout, tuple(Part(piece) for piece in pieces if piece))


def _kind(word: str) -> Kind:
    if word in _WEIGHT_LAYOUTS:
        return "weight"
    if word in _BIAS:
        return "bias"
    return "gain" if word in _GAIN else ""


def natural(key: str) -> list[tuple[int, int, str]]:
    """Sorts `layer.10` behind `layer.9`, and a bias behind its weight."""
    unified = re.sub(r"bias(es)?", "weight~", key, flags=re.IGNORECASE)
    pieces = re.split(r"([0-9]{1,9})", unified)
    return [(1, int(piece), "") if piece.isdecimal() else (0, 0, piece) for piece in pieces]


def is_no_layer(key: str) -> bool:
    """Whether a vector of this name is known to lie beside the layers: a deviation, or statistics.

    Such are the `log_std` of a policy's exploration, the moments of observations or returns (`obs_mean`,
    `running_mean_std.running_var`), and the range of actions (`action_scale`).
    """
    pieces = [words_of(piece) for piece in re.split(r"[^\w]+", key) if piece]
    own = set(pieces[-1]) if pieces else set()
    found = {word for piece in pieces for word in piece}
    of_measured = len(pieces) > 1 and set(pieces[-2]) <= _MEASURED and own <= {"scale", "shift"}
    if (
        of_measured
        or (found & _MEASURED and own & _STATISTIC)
        or (own & _MEASURED and own & _RANGE)
    ):
        return True
    if found & set(_WEIGHT_LAYOUTS) or found & _BIAS:
        return False
    if found & _DEVIATION or {"log", "alpha"} <= found:
        return True
    return len(found) == 1 and bool(found & {"mean", "var", "variance", "count"})


def is_statistic(key: str) -> bool:
    """Whether a tensor of this name is of the statistics of observations, such as `obs_rms.mean`."""
    pieces = [words_of(piece) for piece in re.split(r"[^\w]+", key) if piece]
    found = {word for piece in pieces for word in piece}
    of_observations = found & _OF_OBSERVATIONS and not found & _OF_OTHERS
    return bool(of_observations and set(pieces[-1]) & {"mean", "var", "variance", "std"})


def is_of_optimizer(key: str) -> bool:
    """Whether a tensor of this name is of the state of an optimizer, such as Adam's moments."""
    pieces = [set(words_of(piece)) for piece in re.split(r"[^\w]+", key) if piece]
    own = ({"exp", "avg"}, {"momentum", "buffer"}, {"opt", "state"})
    return any(piece & _OPTIMIZER or any(one <= piece for one in own) for piece in pieces)


def other_layer(keys: Collection[str], matrices: Collection[str]) -> tuple[str, str] | None:
    """A tensor whose name says that it is none of an MLP's, and what it belongs to; None where there is none.

    Args:
        keys: of all tensors.
        matrices: of those with two axes or more.
    """
    for pattern, what in _OTHER_LAYERS:
        for key in keys:
            if re.search(pattern, key, re.IGNORECASE):
                return key, what
    for key in matrices:
        if re.search(r"(^|[._/])(\w+_)?masks?$", key, re.IGNORECASE):
            return key, "a masked layer (weights times mask)"
    return None


def is_branch_scale(key: str) -> bool:
    """Whether a vector of this name scales what a branch adds to a skip connection."""
    return bool(_BRANCH_SCALE.search(key))


def is_embedding(stem: "Stem") -> bool:
    """Whether a matrix without bias of this name may be a table that is looked up."""
    return any(_TABLE & set(part.text) for part in stem)


def is_encoder(stem: "Stem") -> bool:
    """Whether a layer is of an encoder, by its name."""
    return any(_ENCODER & set(part.text) for part in stem)


def is_decoder(stem: "Stem") -> bool:
    """Whether a layer is of a decoder, by its name."""
    return any(_DECODER & set(part.text) for part in stem)


def are_siblings(a: "Stem", b: "Stem") -> bool:
    """Whether two layers take the same by their names, such as `fc_mu` and `fc_logvar`, or `fc21` and `fc22`."""
    if not a or not b or a[:-1] != b[:-1] or a == b:
        return False
    mine, theirs = a[-1], b[-1]
    if mine.text == theirs.text:
        return (
            bool(mine.text) and len(mine.numbers) > 1 and mine.numbers[:-1] == theirs.numbers[:-1]
        )
    deviations = {word for word, role in _ROLES.items() if role == "std"}
    own = [set(part.text) & deviations for part in (mine, theirs)]
    rest = [
        [w for w in part.words if w not in deviations | _MEAN | _LOGARITHM]
        for part in (mine, theirs)
    ]
    return bool(own[0]) != bool(own[1]) and rest[0] == rest[1]


def deviation_is_logarithm(stem: "Stem") -> bool:
    """Whether a deviation is given as its logarithm, by its name."""
    return any(
        word in _LOGARITHM or (word.startswith("log") and _ROLES.get(word) == "std")
        for word in stem[-1].text
    )


def comes_before(a: Stem, b: Stem) -> bool | None:
    """Whether layer a stands before layer b, as far as names say; None where they do not."""
    for mine, theirs in zip(a, b, strict=False):
        if mine.rank != theirs.rank:
            return mine.rank < theirs.rank
        if mine.text != theirs.text:
            return None
        if mine.numbers != theirs.numbers:
            return mine.numbers < theirs.numbers
    return None


def role_of(stem: Stem) -> Words:
    """The roles along a layer's name, outermost first, such as critic, critic 1; empty if it has none."""
    roles: list[str] = []
    for part in stem:
        if part.role and part.role not in roles:
            roles.append(part.role)
    return tuple(roles)


def without_common(stems: list[Stem]) -> list[Stem]:
    """The stems less the parts that all of them begin with, such as `module.` or `params/`."""
    common = 0
    while all(len(stem) > common for stem in stems) and len({stem[common] for stem in stems}) == 1:
        common += 1
    return [stem[common:] for stem in stems]


def with_sub_numbers(stems: list[Stem]) -> list[Stem]:
    """The stems with `fc21` and `fc22` as second layers, 2.1 and 2.2, where there is no `fc2` but an `fc3`."""
    rows: dict[tuple[Stem, Words], set[int]] = {}
    for stem in stems:
        for place, part in enumerate(stem):
            if part.text and len(part.numbers) == 1:
                rows.setdefault((stem[:place], part.text), set()).add(part.numbers[0])

    def apart(stem: Stem, place: int) -> Part:
        part = stem[place]
        numbers = rows.get((stem[:place], part.text), set())
        if not part.text or len(part.numbers) != 1 or not 10 < part.numbers[0] < 100:
            return part
        tens = part.numbers[0] // 10
        subs = sorted(number % 10 for number in numbers if number // 10 == tens)
        alone = tens not in numbers and any(tens < number < 10 for number in numbers)
        if len(subs) < 2 or subs != list(range(1, len(subs) + 1)) or not alone:
            return part
        number = str(part.numbers[0])
        return Part(
            tuple(w for word in part.words for w in ((*number,) if word == number else (word,)))
        )

    return [tuple(apart(stem, place) for place in range(len(stem))) for stem in stems]
