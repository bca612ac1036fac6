"""Which device tensors live on, and in which precision its matrix products run."""

import os

import torch

from nnit.errors import UserError


def choose_device(name: str | None = None) -> torch.device:
    """The device called `name`, else by NNIT_DEVICE, else CUDA where there is one, else the CPU.

    Raises:
        UserError: the name is no device, or there is no such device here.
    """
    name = name or os.environ.get("NNIT_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
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
