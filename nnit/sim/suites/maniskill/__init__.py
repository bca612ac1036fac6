"""Tasks of ManiSkill3 with a Panda arm. `mani-skill` itself is optional, see requirements-maniskill.txt."""
