"""Which device computes: the one that was named, if PyTorch can use it here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from logotal.errors import InputError

if TYPE_CHECKING:
    import torch


def find_device(wanted: str | None = None) -> str:
    """The device of that name; if none is named, the first GPU of CUDA where there is one, and else the CPU.

    >>> find_device("cpu")
    'cpu'

    Raises:
        InputError: PyTorch knows no such device, or finds none here.
    """
    import torch  # noqa: PLC0415 - a help text needs none

    if wanted is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise InputError(
            f"expected a device such as cpu, cuda, cuda:1 or mps, found {wanted!r}; take one of those here: {_here()}"
        ) from error
    if device.type != "cpu" and (device.index or 0) >= count_devices(device.type):
        raise InputError(
            f"expected a device that PyTorch {torch.__version__} can use here, found {wanted!r}; take one of "
            f"{_here()}, or install the driver and the build of PyTorch for {device.type}"
        )
    return str(device)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Lets PyTorch compute in so many threads on a CPU, and in as many as before from then on."""
    import torch  # noqa: PLC0415

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def computes_in_bf16(device: "str | torch.device") -> bool:
    """Whether the hardware multiplies bf16 matrices by itself; elsewhere they are slower than fp32."""
    import torch  # noqa: PLC0415

    kind = torch.device(device).type
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if kind != "cpu" or not hasattr(torch.cpu, "get_capabilities"):  # older PyTorch does not tell
        return False
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))


def find_devices(wanted: str | Sequence[str] | None = None) -> tuple[str, ...]:
    """The devices of those names, or of the one name; that of `find_device` if none is named.

    >>> find_devices(["cpu", "cpu"])
    ('cpu', 'cpu')

    Raises:
        InputError: PyTorch knows no such device, or finds none here.
    """
    if isinstance(wanted, str):
        return (find_device(wanted),)
    return tuple(map(find_device, wanted)) if wanted else (find_device(),)


def count_devices(kind: str) -> int:
    """How many devices of a kind can be used here."""
    import torch  # noqa: PLC0415

    try:
        module = torch.get_device_module(kind)
    except RuntimeError:  # none that computes, or of a package that is not installed
        return 0
    return module.device_count() if module.is_available() else 0


def _here() -> str:
    counted = [(kind, count_devices(kind)) for kind in ("cuda", "mps", "xpu")]
    found = [f"{kind}:{index}" if count > 1 else kind for kind, count in counted for index in range(count)]
    return ", ".join(["cpu", *found])
