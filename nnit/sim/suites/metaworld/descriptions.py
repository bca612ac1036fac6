"""What people read about each Meta-World task, and the camera that shows it well."""

from typing import NamedTuple

from nnit.sim.suites.base import Camera

# Azimuth and elevation in degrees, distance in metres, and the point looked at.
DEFAULT_CAMERA: Camera = (150.0, -30.0, 1.15, (0.0, 0.66, 0.15))


class Description(NamedTuple):
    """Title, success in one sentence, and a camera where the default does not show the action."""

    title: str
    success: str
    camera: Camera | None = None


DESCRIPTIONS: dict[str, Description] = {
    # The ten tasks of MT10.
    "reach-v3": Description(
        "Reach a point",
        "The gripper is within 5 cm of the target.",
        (215.0, -22.0, 1.0, (0.0, 0.71, 0.18)),
    ),
    "push-v3": Description(
        "Push the puck to a point",
        "The puck is within 5 cm of the target on the table.",
        (215.0, -34.0, 0.95, (0.0, 0.66, 0.08)),
    ),
    "pick-place-v3": Description(
        "Carry the puck to a point",
        "The puck is within 7 cm of the target, which may be up in the air.",
        (215.0, -26.0, 0.98, (0.0, 0.69, 0.13)),
    ),
    "door-open-v3": Description(
        "Open the door",
        "The door's handle is within 8 cm of the target, measured left to right.",
        (145.0, -30.0, 1.15, (-0.1, 0.66, 0.16)),
    ),
    "drawer-open-v3": Description(
        "Open the drawer",
        "The drawer's handle is within 3 cm of the target, where the drawer is fully open.",
        (150.0, -32.0, 1.0, (-0.02, 0.65, 0.12)),
    ),
    "drawer-close-v3": Description(
        "Close the drawer",
        "The drawer's handle is within 6.5 cm of the target, where the drawer is closed.",
        (150.0, -32.0, 0.95, (-0.02, 0.66, 0.13)),
    ),
    "button-press-topdown-v3": Description(
        "Press the button from above",
        "The button's top is within 2.4 cm of the height where it is pressed all the way down.",
        (150.0, -26.0, 1.15, (0.0, 0.7, 0.2)),
    ),
    "peg-insert-side-v3": Description(
        "Insert the peg into the box from the side",
        "The peg's head is within 7 cm of the target in the hole, with errors across the hole "
        "counted twice (3.5 cm).",
        (215.0, -32.0, 1.1, (-0.12, 0.6, 0.08)),
    ),
    "window-open-v3": Description(
        "Open the window",
        "The window's handle is within 5 cm of its open position, along the slide.",
        (140.0, -30.0, 1.1, (0.0, 0.65, 0.16)),
    ),
    "window-close-v3": Description(
        "Close the window",
        "The window's handle is within 5 cm of its closed position, along the slide.",
        (28.0, -31.0, 1.1, (0.03, 0.64, 0.16)),
    ),
    # The other forty, in the suite's order.
    "assembly-v3": Description(
        "Put the ring on the peg",
        "The ring's centre is within 2 cm of the peg's axis and below the peg's top.",
    ),
    "basketball-v3": Description(
        "Put the ball through the hoop",
        "The ball is within 8 cm of the target in the hoop, with errors in height counted twice "
        "(4 cm).",
    ),
    "bin-picking-v3": Description(
        "Move the object from one bin to the other",
        "The object is within 5 cm of the centre of the other bin.",
    ),
    "box-close-v3": Description(
        "Put the lid on the box",
        "The lid is within 8 cm of its place on the box.",
    ),
    "button-press-topdown-wall-v3": Description(
        "Press the button from above, over a wall",
        "The button's top is within 2.4 cm of the height where it is pressed all the way down.",
    ),
    "button-press-v3": Description(
        "Press the button",
        "The button is within 2 cm of the depth where it is pressed all the way in.",
    ),
    "button-press-wall-v3": Description(
        "Press the button behind a wall",
        "The button is within 3 cm of the depth where it is pressed all the way in.",
    ),
    "coffee-button-v3": Description(
        "Press the coffee machine's button",
        "The button is within 2 cm of the depth where it is pressed all the way in.",
    ),
    "coffee-pull-v3": Description(
        "Pull the mug away from the coffee machine",
        "The mug is within 7 cm of the target.",
    ),
    "coffee-push-v3": Description(
        "Push the mug under the coffee machine",
        "The mug is within 7 cm of the target.",
    ),
    "dial-turn-v3": Description(
        "Turn the dial",
        "The dial's pointer is within 7 cm of the target.",
    ),
    "disassemble-v3": Description(
        "Take the ring off the peg",
        "The ring's handle is more than 15 cm above where it started.",
    ),
    "door-close-v3": Description(
        "Close the door",
        "The door's handle is within 8 cm of the target, where the door is closed.",
    ),
    "door-lock-v3": Description(
        "Lock the door",
        "The lock's lever is within 2 cm of the target's height.",
    ),
    "door-unlock-v3": Description(
        "Unlock the door",
        "The lock's lever is within 2 cm of the target, measured left to right.",
    ),
    "faucet-open-v3": Description(
        "Open the faucet",
        "The tip of the faucet's handle is within 7 cm of the target.",
    ),
    "faucet-close-v3": Description(
        "Close the faucet",
        "The tip of the faucet's handle is within 7 cm of the target.",
    ),
    "hammer-v3": Description(
        "Hammer in the nail",
        "The nail has been driven in by more than 9 cm.",
    ),
    "hand-insert-v3": Description(
        "Put the block into the hole in the table",
        "The block is within 5 cm of the target in the hole.",
    ),
    "handle-press-side-v3": Description(
        "Press the handle down, from the side",
        "The handle is within 2 cm of the height where it is pressed down.",
    ),
    "handle-press-v3": Description(
        "Press the handle down",
        "The handle is within 2 cm of the height where it is pressed down.",
    ),
    "handle-pull-side-v3": Description(
        "Pull the handle up, from the side",
        "The handle is within 8 cm of the target, where it is pulled up.",
    ),
    "handle-pull-v3": Description(
        "Pull the handle up",
        "The handle is within 5 cm of the height where it is pulled up.",
    ),
    "lever-pull-v3": Description(
        "Pull the lever up",
        "The lever is within 7.5 degrees of pointing straight up.",
    ),
    "peg-unplug-side-v3": Description(
        "Pull the peg out of the box, sideways",
        "The peg's end is within 7 cm of the target, 15 cm out from the hole.",
    ),
    "pick-out-of-hole-v3": Description(
        "Pick the puck out of the hole",
        "The puck is within 7 cm of the target above the table.",
    ),
    "pick-place-wall-v3": Description(
        "Carry the puck over a wall to a point",
        "The puck is within 7 cm of the target.",
    ),
    "plate-slide-back-side-v3": Description(
        "Slide the plate out of the goal, sideways",
        "The plate is within 7 cm of the target.",
    ),
    "plate-slide-back-v3": Description(
        "Slide the plate back out of the goal",
        "The plate is within 7 cm of the target.",
    ),
    "plate-slide-side-v3": Description(
        "Slide the plate into the goal, sideways",
        "The plate is within 7 cm of the target.",
    ),
    "plate-slide-v3": Description(
        "Slide the plate into the goal",
        "The plate is within 7 cm of the target.",
    ),
    "push-back-v3": Description(
        "Push the block back towards the robot",
        "The block is within 7 cm of the target on the table.",
    ),
    "push-wall-v3": Description(
        "Push the puck around a wall to a point",
        "The puck is within 7 cm of the target.",
    ),
    "reach-wall-v3": Description(
        "Reach a point behind a wall",
        "The gripper is within 5 cm of the target.",
    ),
    "shelf-place-v3": Description(
        "Put the block on the shelf",
        "The block is within 7 cm of the target on the shelf.",
    ),
    "soccer-v3": Description(
        "Push the ball into the goal",
        "The ball is within 7 cm of the target in the goal, with errors left to right counted "
        "three times (2.3 cm).",
    ),
    "stick-pull-v3": Description(
        "Pull the container with a stick",
        "The container's handle is within 12 cm of the target, with the stick through the handle.",
    ),
    "stick-push-v3": Description(
        "Push the container with a stick",
        "The container is within 12 cm of the target while the gripper holds the stick at least "
        "1 cm above where it lay.",
    ),
    "sweep-into-v3": Description(
        "Sweep the block into the hole",
        "The block is within 5 cm of the target, measured across the table.",
    ),
    "sweep-v3": Description(
        "Sweep the block to the table's edge",
        "The block is within 5 cm of the target at the edge.",
    ),
    # Tasks whose goal the observation hides.
    "reach-hidden-v3": Description(
        "Reach a hidden point",
        "The gripper is within 5 cm of a target that the network does not see.",
        (215.0, -22.0, 1.15, (0.0, 0.71, 0.18)),
    ),
    "push-hidden-v3": Description(
        "Push the puck to a hidden point",
        "The puck is within 5 cm of a target on the table that the network does not see.",
        (215.0, -34.0, 1.1, (0.0, 0.66, 0.08)),
    ),
    "pick-place-hidden-v3": Description(
        "Carry the puck to a hidden point",
        "The puck is within 7 cm of a target that the network does not see; it may be up in the air.",
        (215.0, -26.0, 1.12, (0.0, 0.69, 0.13)),
    ),
}
