"""A task's compiled scene as one small XML without files, for the physics in the browser.

Meta-World's scenes are many files with meshes of some megabytes. What moves and what touches needs a fraction of
them: every number here is that of the compiled model, written so that reading it gives the same number again;
inertias are said outright; a mesh that may touch something is its convex hull, which is all that MuJoCo collides; a
mesh that touches nothing is a point that marks where it is drawn.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np

from nnit.sim.physics import mujoco

_GEOMS = ("plane", "hfield", "sphere", "capsule", "ellipsoid", "cylinder", "box", "mesh")
_SIZES = {"plane": 3, "sphere": 1, "capsule": 2, "ellipsoid": 3, "cylinder": 2, "box": 3}
_JOINTS = ("free", "ball", "slide", "hinge")
_SOLVERS = ("PGS", "CG", "Newton")
_INTEGRATORS = ("Euler", "RK4", "implicit", "implicitfast")
_WIDTH = 2  # among the five numbers of an impedance
_POINT = {"type": "sphere", "size": "0.001"}
_UNTOUCHABLE = {"contype": "0", "conaffinity": "0"}


@dataclass(frozen=True)
class FlatScene:
    """A scene as text.

    Attributes:
        xml: of MuJoCo, without any other file.
        drawn_at: for each geom of the model, the geom of the flat scene that has its place and turn.
    """

    xml: str
    drawn_at: tuple[int, ...]


def _text(values: Any) -> str:
    """Numbers so that reading them gives the same ones."""
    flat = np.atleast_1d(np.asarray(values, float)).ravel().tolist()
    return " ".join(repr(int(x)) if x == int(x) else repr(x) for x in flat)


def _add(parent: ElementTree.Element, tag: str, **said: str) -> ElementTree.Element:
    """A part of an element, with what is said of it."""
    return ElementTree.SubElement(parent, tag, said)


def _flag(value: Any) -> str:
    return "true" if value else "false"


class _Writer:
    """Writes one model; `write` does all."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._drawn_at: dict[int, int] = {}
        self._geoms = 0
        self._solid = frozenset(g for g in range(model.ngeom) if self._may_touch(g))

    def write(self) -> FlatScene:
        """The scene."""
        model = self._model
        if model.npair or model.ntendon or model.nsensor:
            raise ValueError("a scene with pairs, tendons or sensors is not known here")
        root = ElementTree.Element("mujoco")
        _add(
            root,
            "compiler",
            angle="radian",
            autolimits="false",
            inertiafromgeom="false",
            balanceinertia="false",
            fusestatic="false",
            alignfree="false",
        )
        self._options(root)
        self._meshes(root)
        self._body(_add(root, "worldbody"), 0)
        self._rest(root)
        drawn = tuple(self._drawn_at[geom] for geom in range(model.ngeom))
        return FlatScene(ElementTree.tostring(root, encoding="unicode"), drawn)

    def _may_touch(self, geom: int) -> bool:
        """Whether a geom may ever touch another one that does not move together with it."""
        m = self._model
        mine, theirs = (
            m.geom_contype[geom] & m.geom_conaffinity,
            m.geom_contype & m.geom_conaffinity[geom],
        )
        apart = m.body_weldid[m.geom_bodyid] != m.body_weldid[m.geom_bodyid[geom]]
        return bool((((mine != 0) | (theirs != 0)) & apart).any())

    def _touching_boxes(self) -> Iterator[tuple[int, int]]:
        """Pairs of boxes that may touch, none of them excluded."""
        m = self._model
        excluded = {(int(s) >> 16, int(s) & 0xFFFF) for s in m.exclude_signature}
        boxes = sorted(geom for geom in self._solid if _GEOMS[m.geom_type[geom]] == "box")
        for one, other in itertools.combinations(boxes, 2):
            bodies = int(m.geom_bodyid[one]), int(m.geom_bodyid[other])
            moved = [int(m.body_weldid[body]) for body in bodies]
            # What is fixed in the world may touch what hangs on it; elsewhere parent and child do not touch.
            parents = [int(m.body_weldid[m.body_parentid[body]]) for body in moved]
            related = moved[0] == parents[1] or moved[1] == parents[0]
            if moved[0] == moved[1] or (related and all(moved)):
                continue
            touch = m.geom_contype[one] & m.geom_conaffinity[other]
            touch |= m.geom_contype[other] & m.geom_conaffinity[one]
            if touch and bodies not in excluded and bodies[::-1] not in excluded:
                yield one, other

    def _half_as_deep(self, one: int, other: int) -> dict[str, str]:
        """The contact of two boxes as MuJoCo made it before 3.4, which took half their depth where faces meet.

        Half the stiffness, and twice the width over which the impedance rises, give the same forces at the whole
        depth. Everything else is mixed as MuJoCo mixes the parameters of two geoms.
        """
        m, both = self._model, [one, other]
        if m.geom_priority[one] != m.geom_priority[other] or (m.geom_solref[both] <= 0).any():
            raise ValueError(
                "boxes of other priorities or with stiffness of their own are not known here"
            )
        share = m.geom_solmix[one] / m.geom_solmix[both].sum()
        constant, ratio = share * m.geom_solref[one] + (1 - share) * m.geom_solref[other]
        impedance = share * m.geom_solimp[one] + (1 - share) * m.geom_solimp[other]
        impedance[_WIDTH] *= 2
        constant = max(constant, 2 * m.opt.timestep)
        slide, spin, roll = m.geom_friction[both].max(0)
        return {
            "geom1": self._geom_name(one),
            "geom2": self._geom_name(other),
            "condim": str(m.geom_condim[both].max()),
            "friction": _text([slide, slide, spin, roll, roll]),
            # Negative numbers are stiffness and damping themselves.
            "solref": _text([-0.5 / (constant * ratio) ** 2, -2 / constant]),
            "solimp": _text(impedance),
            "margin": _text(m.geom_margin[both].max()),
            "gap": _text(m.geom_gap[both].max()),
        }

    def _geom_name(self, geom: int) -> str:
        """A geom's own name, or one that says its number."""
        return self._name("GEOM", geom).get("name", f"box {geom}")

    def _name(self, kind: str, index: int) -> dict[str, str]:
        name = mujoco.mj_id2name(self._model, getattr(mujoco.mjtObj, f"mjOBJ_{kind}"), index)
        return {"name": name} if name else {}

    def _options(self, root: ElementTree.Element) -> None:
        o = self._model.opt
        _add(
            root,
            "option",
            timestep=_text(o.timestep),
            tolerance=_text(o.tolerance),
            ls_tolerance=_text(o.ls_tolerance),
            iterations=str(o.iterations),
            ls_iterations=str(o.ls_iterations),
            gravity=_text(o.gravity),
            wind=_text(o.wind),
            density=_text(o.density),
            viscosity=_text(o.viscosity),
            impratio=_text(o.impratio),
            cone=("pyramidal", "elliptic")[o.cone],
            solver=_SOLVERS[o.solver],
            integrator=_INTEGRATORS[o.integrator],
            jacobian=("dense", "sparse", "auto")[o.jacobian],
        )

    def _meshes(self, root: ElementTree.Element) -> None:
        """The hulls of the meshes that may touch something, in the axes of their geoms."""
        m = self._model
        assets = _add(root, "asset")
        for mesh in sorted({int(m.geom_dataid[g]) for g in self._solid} - {-1}):
            graph = m.mesh_graph[m.mesh_graphadr[mesh] :]
            # How many vertices the hull has; their numbers follow after as many offsets.
            count = int(graph[0])
            corners = graph[2 + count : 2 + 2 * count]
            places = m.mesh_vert[m.mesh_vertadr[mesh] + corners]
            vertices = " ".join(f"{x:.9g}" for x in places.ravel())  # 32-bit numbers
            _add(assets, "mesh", **self._name("MESH", mesh), vertex=vertices, inertia="convex")

    def _body(self, parent: ElementTree.Element, body: int) -> None:
        m, element = self._model, parent
        if body:
            said = {"pos": _text(m.body_pos[body]), "quat": _text(m.body_quat[body])}
            if m.body_mocapid[body] >= 0:
                said["mocap"] = "true"
            if m.body_gravcomp[body]:
                said["gravcomp"] = _text(m.body_gravcomp[body])
            element = _add(parent, "body", **self._name("BODY", body), **said)
            _add(
                element,
                "inertial",
                pos=_text(m.body_ipos[body]),
                quat=_text(m.body_iquat[body]),
                mass=_text(m.body_mass[body]),
                diaginertia=_text(m.body_inertia[body]),
            )
            for joint in np.flatnonzero(m.jnt_bodyid == body):
                self._joint(element, int(joint))
        geoms = [int(geom) for geom in np.flatnonzero(m.geom_bodyid == body)]
        for geom in geoms:
            self._geom(element, geom)
        for geom in geoms:
            # A hull has axes of its own, so the mesh is drawn at a point beside it.
            if geom in self._solid and _GEOMS[m.geom_type[geom]] == "mesh":
                place = {"pos": _text(m.geom_pos[geom]), "quat": _text(m.geom_quat[geom])}
                _add(element, "geom", **_POINT, **_UNTOUCHABLE, **place)
                self._drawn_at[geom] = self._geoms
                self._geoms += 1
        for site in np.flatnonzero(m.site_bodyid == body):
            _add(
                element,
                "site",
                **self._name("SITE", int(site)),
                pos=_text(m.site_pos[site]),
                quat=_text(m.site_quat[site]),
            )
        for child in range(body + 1, m.nbody):
            if m.body_parentid[child] == body:
                self._body(element, child)

    def _joint(self, body: ElementTree.Element, joint: int) -> None:
        m = self._model
        kind, dof, place = _JOINTS[m.jnt_type[joint]], m.jnt_dofadr[joint], m.jnt_qposadr[joint]
        said = {
            "type": kind,
            "limited": _flag(m.jnt_limited[joint]),
            "range": _text(m.jnt_range[joint]),
            "stiffness": _text(m.jnt_stiffness[joint]),
            "armature": _text(m.dof_armature[dof]),
            "damping": _text(m.dof_damping[dof]),
            "frictionloss": _text(m.dof_frictionloss[dof]),
            "margin": _text(m.jnt_margin[joint]),
            "solreflimit": _text(m.jnt_solref[joint]),
            "solimplimit": _text(m.jnt_solimp[joint]),
            "solreffriction": _text(m.dof_solref[dof]),
            "solimpfriction": _text(m.dof_solimp[dof]),
        }
        if kind != "free":
            said |= {"pos": _text(m.jnt_pos[joint])}
        if kind in ("slide", "hinge"):
            said |= {
                "axis": _text(m.jnt_axis[joint]),
                "ref": _text(m.qpos0[place]),
                "springref": _text(m.qpos_spring[place]),
            }
        _add(body, "joint", **self._name("JOINT", joint), **said)

    def _geom(self, body: ElementTree.Element, geom: int) -> None:
        m, kind = self._model, _GEOMS[self._model.geom_type[geom]]
        solid = geom in self._solid
        if kind != "mesh":
            shape = {"type": kind, "size": _text(m.geom_size[geom][: _SIZES[kind]])}
        elif solid:
            mesh = self._name("MESH", int(m.geom_dataid[geom]))["name"]
            shape = {"type": "mesh", "mesh": mesh}
        else:
            shape = _POINT
        place = {"pos": _text(m.geom_pos[geom]), "quat": _text(m.geom_quat[geom])}
        touch = _UNTOUCHABLE
        if solid:
            touch = {
                "contype": str(m.geom_contype[geom]),
                "conaffinity": str(m.geom_conaffinity[geom]),
                "condim": str(m.geom_condim[geom]),
                "priority": str(m.geom_priority[geom]),
                "friction": _text(m.geom_friction[geom]),
                "solmix": _text(m.geom_solmix[geom]),
                "solref": _text(m.geom_solref[geom]),
                "solimp": _text(m.geom_solimp[geom]),
                "margin": _text(m.geom_margin[geom]),
                "gap": _text(m.geom_gap[geom]),
            }
        name = self._name("GEOM", geom)
        if solid and kind == "box":
            name = {"name": self._geom_name(geom)}
        _add(body, "geom", **name, **shape, **place, **touch)
        self._drawn_at[geom] = self._geoms
        self._geoms += 1

    def _rest(self, root: ElementTree.Element) -> None:
        """What excludes contacts, the welds that lead the hand, and the motors of the fingers."""
        m = self._model
        contact = _add(root, "contact")
        for signature in map(int, m.exclude_signature):
            first, second = (
                self._name("BODY", body)["name"] for body in (signature >> 16, signature & 0xFFFF)
            )
            _add(contact, "exclude", body1=first, body2=second)
        for one, other in self._touching_boxes():
            _add(contact, "pair", **self._half_as_deep(one, other))
        equality = _add(root, "equality")
        for weld in range(m.neq):
            if m.eq_type[weld] != mujoco.mjtEq.mjEQ_WELD:
                raise ValueError("an equality other than a weld is not known here")
            bodies = (m.eq_obj1id[weld], m.eq_obj2id[weld])
            first, second = (self._name("BODY", int(body))["name"] for body in bodies)
            data = m.eq_data[weld]  # anchor, relative place and turn, share of the torque
            _add(
                equality,
                "weld",
                body1=first,
                body2=second,
                anchor=_text(data[:3]),
                relpose=_text(data[3:10]),
                torquescale=_text(data[10]),
                solref=_text(m.eq_solref[weld]),
                solimp=_text(m.eq_solimp[weld]),
            )
        motors = _add(root, "actuator")
        for motor in range(m.nu):
            _add(
                motors,
                "general",
                joint=self._name("JOINT", int(m.actuator_trnid[motor][0]))["name"],
                ctrllimited=_flag(m.actuator_ctrllimited[motor]),
                ctrlrange=_text(m.actuator_ctrlrange[motor]),
                forcelimited=_flag(m.actuator_forcelimited[motor]),
                forcerange=_text(m.actuator_forcerange[motor]),
                gear=_text(m.actuator_gear[motor]),
                gaintype="fixed",
                biastype="affine",
                gainprm=_text(m.actuator_gainprm[motor][:3]),
                biasprm=_text(m.actuator_biasprm[motor][:3]),
            )


def flatten(model: Any) -> FlatScene:
    """A compiled model as one XML without files.

    Args:
        model: MuJoCo's MjModel of a Meta-World task.

    Raises:
        ValueError: it has parts that are not known here.
    """
    return _Writer(model).write()
