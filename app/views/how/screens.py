"""The seven screens: each one sentence, a question, a figure without its answer and one with it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import lgamma, log

from app.engine.checkpoint import example_task, suite_of
from app.views.how import figures, first_layers
from app.views.how.networks import network, ours
from app.views.how.questions import Question
from app.widgets.words import in_words
from nnit.mlp.patches import token_layout


@dataclass(frozen=True)
class Screen:
    """One step of the walk.

    Attributes:
        title: one sentence.
        text: one or two more.
        question: what is asked before the answer is shown.
        before: draws what is seen with the question.
        after: draws what is seen with the answer.
        attempt: one thing to try with it.
        exercise: for readers, with paper or with the page.
        solution: of the exercise.
        minutes: that a lecture spends here.
        notes: for the lecturer.
        beside: draws what stands beside the figure; by default the robot of our network.
    """

    title: str
    text: str
    question: Question
    before: Callable[[], object]
    after: Callable[[], object]
    attempt: str
    exercise: str
    solution: str
    minutes: int
    notes: str
    beside: Callable[[], object] = figures.show_our_robot


def _first() -> Screen:
    suite, architecture = suite_of(example_task()), ours().architecture
    terms = [f"{rows}\u00b7{columns} + {rows}" for rows, columns in architecture.shapes]
    return Screen(
        title="A network is a function, and its matrices are pictures.",
        text=f"{suite.observation_size} numbers that describe the scene go in, {in_words(suite.action_size)} that "
        f"move the gripper come out. Between them stand {in_words(len(architecture.shapes))} matrices; a cell is "
        "one weight.",
        question=Question(
            "One of these drives the robot, the other is noise. Which one is noise?",
            ("A", "B"),
            0,
            "B has stripes and blocks: some inputs and some neurons have larger weights than others. In A no row, "
            "column or block differs from the rest.",
        ),
        before=figures.noise_or_network,
        after=figures.function,
        attempt="Move the hand and see the action change; then point at a cell.",
        exercise=f"How many weights and biases has a network of {architecture}?",
        solution=f"{' + '.join(terms)} = {architecture.parameter_count:,}: for each layer rows times columns, and "
        "one bias for each row.",
        minutes=6,
        notes="Let them vote before you turn. Then move one slider of the hand: all actions change at once, because "
        "every weight takes part. Say that a picture is only a way to look at numbers.",
    )


def _second() -> Screen:
    architecture = ours().architecture
    digits = sum(lgamma(width + 1) for width in architecture.hidden) / log(10)
    product = "\u00b7".join(f"{width}!" for width in architecture.hidden)
    odd = (
        f" As tanh(\u2212x) = \u2212tanh(x), each neuron may change its sign as well, if its readers do: 2^"
        f"{sum(architecture.hidden)} times as many."
        if architecture.activation == "tanh"
        else ""
    )
    return Screen(
        title="Put its hidden neurons in another order, and the function stays the same.",
        text="A neuron is a row of one matrix and a column of the next. Move both, and the picture is scrambled, but "
        "every action is what it was.",
        question=Question(
            "Both are ours. A moves only the rows of W1, B the columns of W2 as well. Which shuffle breaks the robot?",
            ("A", "B"),
            0,
            "In A the second layer reads the wrong neurons; in B each neuron keeps its readers.",
        ),
        before=figures.which_shuffle,
        after=figures.shuffled,
        attempt="Choose another order. The pictures change; the actions of B do not.",
        exercise=f"In how many orders can the hidden neurons of {architecture} stand, all with the same function?",
        solution=f"{product}, a number of {int(digits) + 1} digits.{odd}",
        minutes=8,
        notes="A looks less scrambled than B, and yet is the one that fails: say so after the vote. The table of "
        "actions answers, then the two robots; both are shown to one goal. Point at a row of W1: the column of W2 "
        "that reads this neuron is marked.",
    )


def _third() -> Screen:
    return Screen(
        title="So the weights of networks that were trained apart look unrelated.",
        text="Each training begins with other random numbers and ends in an order of its own. What stands at one "
        "place differs from network to network.",
        question=Question(
            "One of these is our network, shuffled. The other one was trained apart for the same task. Which one is "
            "ours?",
            ("A", "B"),
            0,
            "A still has stripes where ours has them, since no shuffle moves what is observed; B has none of them. But "
            "row by row neither has anything to do with ours. A model that compares places learns nothing from such "
            "networks.",
        ),
        before=figures.which_is_ours,
        after=figures.apart,
        attempt="Match the neurons: A becomes ours again, B only in part.",
        exercise="Matching brings A back to a correlation of 1, but not B. Why?",
        solution="A differs from ours only in the order of its neurons, and matching finds that order. B is another "
        "function, found by another training: its neurons have no exact counterparts, in any order.",
        minutes=7,
        notes="Who says A has seen the stripes: columns of W1 belong to what is observed, and keep their place. Switch "
        "matching on: that is what one can do afterwards. The next screen does it beforehand.",
    )


def _fourth() -> Screen:
    mine, wide = ours().architecture, network("ghn-wide").architecture
    shared = " and ".join(
        f"{min(a, b)} in layer {layer}"
        for layer, (a, b) in enumerate(zip(mine.hidden, wide.hidden, strict=True), 1)
    )
    return Screen(
        title="A graph hypernetwork writes all networks in one order.",
        text="It draws each matrix as one field, as wide as the widest layer, and cuts off what a narrower layer does "
        "not need. So neuron 5 does much the same work at every width.",
        question=Question(
            f"A graph hypernetwork (GHN) wrote a network of {wide} for the same task. Here it is twice, once "
            "shuffled. Which one has its neurons in the order of ours?",
            ("A", "B"),
            1,
            "Its corner repeats ours, at another width. Such networks are aligned.",
        ),
        before=figures.which_order,
        after=figures.one_order,
        attempt="Point at a cell: the neuron at the same place is marked in all three.",
        exercise=f"Which neurons of {wide} have a partner in {mine}, and which have none?",
        solution=f"Those at the same places: {shared}. The rest of the wider layers has no partner, and the "
        "correlation leaves it out.",
        minutes=7,
        notes="Here the eye sees the answer: that is the point. What was a search afterwards (matching) is now a "
        "property of how the networks were made.",
    )


def _fifth() -> Screen:
    architecture, side = ours().architecture, figures.patch()
    rows, columns = architecture.shapes[0]
    down, across = -(-rows // side), -(-columns // side)
    options = sorted({rows * columns // side**2, down * across, (down + 1) * (across + 1)})
    first, *rest = architecture.hidden
    other = suite_of(example_task()).architecture((first + side, *rest))
    return Screen(
        title="Cut into patches, a network of any width becomes a sequence.",
        text="A transformer reads sequences of any length. A wider network is a longer sequence, and nothing else.",
        question=Question(
            f"W1 has {rows} rows and {columns} columns, a patch has {side}\u00d7{side} cells. How many patches is "
            "W1 cut into?",
            tuple(map(str, options)),
            options.index(down * across),
            f"{down} down and {across} across; the last ones are only partly full. With the biases, the whole "
            f"network has {len(token_layout(architecture, side))} tokens.",
        ),
        before=figures.whole,
        after=figures.cut,
        attempt="Play it again, or drag; then change the widths and count the tokens.",
        exercise=f"How many more tokens has {other} than {architecture}?",
        solution=f"{len(token_layout(other, side)) - len(token_layout(architecture, side))}: layer 1 has one more "
        "row of patches in W1 and one more piece of biases, and W2 one more column of patches.",
        minutes=7,
        notes="The figure moves by itself after you turn. Stop it half-way with its button: patches keep what is in "
        "them, only their place changes. Ask what would happen if the neurons were shuffled first.",
    )


def _sixth() -> Screen:
    return Screen(
        title="A diffusion transformer writes the sequence, and a robot moves.",
        text="It learned to take noise away from sequences like ours. It never saw a robot; the network runs as it is.",
        question=Question(
            "Nobody tells it how wide the new network is to be. What does it write first?",
            ("The weights", "The shape", "Both at once"),
            1,
            "First depth and widths, one word after the other, then all patches together, out of noise. The shape "
            "says how many patches there are.",
        ),
        before=figures.on_the_way,
        after=figures.written,
        attempt="Scrub through the stages. Then take another number: another shape, another network for the task.",
        exercise="Why can it write a network of a shape that no network in training had?",
        solution="A token knows the place of its patch and what the tokens around it say, not the whole shape by "
        "heart; and widths are numbers that it has learned to read, also between those that it saw. Where this ends "
        "is measured: see Evidence.",
        minutes=10,
        notes="Before the answer: the three pictures are one network on its way. After it, let somebody choose the "
        "number. Evidence has what happens when the same transformer learns from shuffled networks (`unaligned`): "
        "show it last.",
    )


def _seventh() -> Screen:
    narrow, *_, wide = first_layers.WIDTHS
    return Screen(
        title="In networks that read digits, one sees what \u201cthe same order\u201d means.",
        text="The same method, another task: 28 by 28 pixels go in, one number for each digit comes out. A neuron of "
        "the first layer has a weight for every pixel, so its weights are a picture of what it looks for.",
        question=Question(
            f"Each row is a network, of {narrow} to {wide} neurons a layer; the pictures are its first neurons. Which "
            "three networks stand in one order?",
            ("A", "B"),
            1,
            "In B every column repeats one picture. Neuron 5 looks for the same at every width, so a patch of weights "
            "at one place means the same in every network.",
        ),
        before=first_layers.which_in_one_order,
        after=first_layers.all_orders,
        attempt="Point at a picture and run your eye down its column. Then draw a digit beside it.",
        exercise="Both networks with shuffled neurons and networks trained apart have no common order. Which of the "
        "two can be put in order again without a loss, and how?",
        solution="The shuffled ones: matching neurons finds the order that they had. Networks trained apart look for "
        "different things, so that no order makes their columns alike.",
        minutes=7,
        notes="Let somebody draw a digit while the question stands: the network at the right was generated, nobody "
        "trained it. After the answer point at one column of B, then at the same one of A and of the shuffled network.",
        beside=first_layers.show_reader,
    )


SCREENS: tuple[Screen, ...] = (
    _first(),
    _second(),
    _third(),
    _fourth(),
    _fifth(),
    _sixth(),
    _seventh(),
)


def lecture_notes() -> str:
    """Notes, questions, exercises and solutions of all screens, as Markdown."""
    total = sum(screen.minutes for screen in SCREENS)
    parts = [
        f"# How it works: a lecture of {total} minutes\n\nPresent shows a screen alone, in large type. Page Down, "
        "arrow right or Space first show the answer, then the next question; Page Up goes back. F is fullscreen, Q "
        "the QR code of the view, Esc leaves."
    ]
    start = 0
    for number, screen in enumerate(SCREENS, 1):
        options = " / ".join(screen.question.options)
        parts.append(
            f"## {number}. {screen.title}\n\nMinutes {start} to {start + screen.minutes}\n\n{screen.text}\n\n"
            f"**Ask:** {screen.question.text} ({options})\n\n"
            f"**Answer:** {screen.question.options[screen.question.right]}. {screen.question.because}\n\n"
            f"**Notes:** {screen.notes}\n\n**Try:** {screen.attempt}\n\n**Exercise:** {screen.exercise}\n\n"
            f"**Solution:** {screen.solution}"
        )
        start += screen.minutes
    return "\n\n".join(parts) + "\n"
