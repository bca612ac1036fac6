"""How much of an ONNX file is numbers of matrices, told from its bytes before anything is parsed.

Parsed messages take up to 75 times the room of the most wasteful file (measured), but the numbers of a stored tensor
are one run of bytes that is copied once. So a large file is parsed if little of it is anything else.
"""

from collections.abc import Iterator

from nnit.errors import UserError

# Of what is no run of numbers: nodes, names, shapes.
MAX_STRUCTURE_BYTES = 2**20
_MAX_FIELDS = 100_000
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5  # how the format stores a field
_GRAPH, _INITIALIZER = 7, 5
_NUMBERS = {4, 9, 10}  # of a tensor: float_data, raw_data, double_data


def check_size(name: str, content: bytes, most: int) -> None:
    """Refuse what would take much memory to parse.

    Args:
        name: of the file, for messages.
        content: of the file.
        most: bytes that it may have in all.

    Raises:
        UserError: it is too large, or so large without numbers that would explain it, or damaged.
    """
    if len(content) > most:
        raise UserError(f"{name} is larger than {most // 2**20} MiB")
    if len(content) <= MAX_STRUCTURE_BYTES:
        return
    try:
        numbers = _Numbers(content).total
    except (ValueError, IndexError) as error:
        raise UserError(f"{name} is not a whole ONNX file") from error
    if len(content) - numbers > MAX_STRUCTURE_BYTES:
        raise UserError(
            f"{name} has more than {MAX_STRUCTURE_BYTES // 2**20} MiB beside the numbers of its matrices, "
            "too much for an MLP in ONNX"
        )


class _Numbers:
    """Bytes of the numbers of all stored tensors."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._fields = 0
        self.total = sum(
            end - start
            for graph in self._inside((0, len(content)), {_GRAPH})
            for tensor in self._inside(graph, {_INITIALIZER})
            for start, end in self._inside(tensor, _NUMBERS)
        )

    def _inside(self, span: tuple[int, int], wanted: set[int]) -> Iterator[tuple[int, int]]:
        """Where the values of these fields of a message lie."""
        at, last = span
        while at < last:
            self._fields += 1
            if self._fields > _MAX_FIELDS:
                raise ValueError("too many fields")
            tag, at = self._varint(at)
            kind = tag & 7
            if kind == _VARINT:
                _, at = self._varint(at)
            elif kind == _BYTES:
                length, at = self._varint(at)
                if at + length > last:
                    raise ValueError("beyond its message")
                if tag >> 3 in wanted:
                    yield at, at + length
                at += length
            elif kind in (_EIGHT, _FOUR):
                at += 8 if kind == _EIGHT else 4
            else:
                raise ValueError("a kind of field that ONNX has not")
        if at != last:
            raise ValueError("beyond its message")

    def _varint(self, at: int) -> tuple[int, int]:
        """A number of seven bits a byte, and where it ends."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self._content[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
        raise ValueError("a number without end")
