"""Which device tensors live on, with how many threads and in which precision it computes, and how it repeats work."""

import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from nnit.cores import thread_count
from nnit.errors import UserError


def use_free_cores(shared_by: int = 1) -> None:
    """Let torch compute in this thread with as many threads as processors are free, or its share of them.

    Args:
        shared_by: how many threads of this process compute at once. Where each took all processors, their helpers
            would wait for each other, and spin while they do.
    """
    torch.set_num_threads(max(1, thread_count() // shared_by))


def choose_device(name: str | None = None) -> torch.device:
    """The device called `name`, else by NNIT_DEVICE, else CUDA where there is one, else the CPU.

    torch computes with as many threads as processors are free, as `use_free_cores` sets it.

    Raises:
        UserError: the name is no device, there is no such device here, or it computes nothing.
    """
    use_free_cores()
    name = name or os.environ.get("NNIT_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # "meta" has shapes and no numbers
    except (RuntimeError, AssertionError, ImportError) as error:
        raise UserError(f'there is no device "{name[:40]}" here; try NNIT_DEVICE=cpu') from error
    return device


def training_device() -> torch.device:
    """`choose_device`, with matrix products of full precision in TF32 on a GPU that has it."""
    device = choose_device()
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
    return device


def training_autocast(device: torch.device) -> torch.autocast:
    """bfloat16 products where the hardware has them, full precision elsewhere."""
    fast = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def sampling_autocast(device: torch.device) -> torch.autocast:
    """bfloat16 on a GPU; on the CPU full precision, so that a seed means the same on every machine."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


class Replayed:
    """A function that adds to the gradients of parameters, recorded once a key on a GPU and replayed.

    A training step of a small model is thousands of small operations, and Python takes far longer to ask for them
    than a GPU to do them. A CUDA graph asks once. On the CPU the function is just called.
    """

    _WARM_UPS = 3  # calls before recording, as PyTorch's notes on CUDA graphs ask for

    def __init__(
        self, function: Callable[..., Tensor], parameters: Iterable[torch.nn.Parameter]
    ) -> None:
        """Set up.

        Args:
            function: called with a key and with tensors whose shapes follow from the key; adds to the
                gradients of the parameters and never waits for the GPU.
            parameters: all that it differentiates by.
        """
        self._function, self._parameters = function, list(parameters)
        self._pool: Any = (
            None  # of memory, which all recordings share, since they never run at once
        )
        self._recorded: dict[Hashable, tuple[list[Tensor], torch.cuda.CUDAGraph, Tensor]] = {}

    def __call__(self, key: Hashable, tensors: Sequence[Tensor]) -> Tensor:
        """Set the gradients, and return what the function returns."""
        device = self._parameters[0].device
        gradients = self._gradients()
        if device.type != "cuda":
            torch._foreach_zero_(gradients)
            return self._function(key, *(tensor.to(device) for tensor in tensors))
        if key not in self._recorded:
            self._recorded[key] = self._record(key, [t.to(device) for t in tensors], gradients)
        inputs, graph, output = self._recorded[key]
        for mine, theirs in zip(inputs, tensors, strict=True):
            # From pinned memory, so that the copy need not wait for the steps before it.
            source = theirs.pin_memory() if theirs.device.type == "cpu" else theirs
            mine.copy_(source, non_blocking=True)
        graph.replay()
        return output.clone()

    def _gradients(self) -> list[Tensor]:
        """The gradients, which stay where they are."""
        for parameter in self._parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        return [parameter.grad for parameter in self._parameters if parameter.grad is not None]

    def _record(
        self, key: Hashable, tensors: Sequence[Tensor], gradients: list[Tensor]
    ) -> tuple[list[Tensor], torch.cuda.CUDAGraph, Tensor]:
        inputs = [tensor.clone() for tensor in tensors]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(self._WARM_UPS):
                self._function(key, *inputs)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        with torch.cuda.graph(graph, pool=self._pool):
            torch._foreach_zero_(gradients)
            output = self._function(key, *inputs)
        return inputs, graph, output
