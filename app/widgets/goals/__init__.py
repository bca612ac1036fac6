"""The goals of a trial: which were reached, where they are, and a button each that shows the robot there."""
