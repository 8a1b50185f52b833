"""The device to compute on: named by a user, or the GPU where there is one."""

from logotal.errors import InputError

KNOWN = "cpu, cuda, cuda:1 or mps"


def choose_device(wanted: str | None = None) -> str:
    """The name of a device that is there; without a wish, the CUDA GPU where there is one, else the CPU.

    Raises:
        InputError: there is no such device on this machine.
    """
    import torch  # noqa: PLC0415 - a help text needs none

    if wanted is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise InputError(f"device: expected {KNOWN}, found {wanted!r}") from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise InputError(f"device: expected {KNOWN}, found {wanted!r}")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise InputError(f"device {wanted!r}: this PyTorch has no Apple GPU here; take --device cpu")
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            found = f"only {count}" if count else "no CUDA GPU"
            cure = "take --device cpu, or install a build of PyTorch with CUDA" if not count else "take another"
            raise InputError(f"device {wanted!r}: this PyTorch finds {found} here; {cure}")
    return wanted
