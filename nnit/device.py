"""Which device tensors live on, with how many threads, and in which precision its matrix products run."""

import os

import torch

from nnit.cores import thread_count
from nnit.errors import UserError


def use_free_cores() -> None:
    """Let torch compute with as many threads as processors are free to this process."""
    torch.set_num_threads(thread_count())


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


def training_autocast(device: torch.device) -> torch.autocast:
    """bfloat16 products where the hardware has them, full precision elsewhere."""
    fast = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def sampling_autocast(device: torch.device) -> torch.autocast:
    """bfloat16 on a GPU; on the CPU full precision, so that a seed means the same on every machine."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
