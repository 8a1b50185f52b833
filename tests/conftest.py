"""What every test runs under: one thread, and shapes and types of the tensor code checked at every call.

The annotations (`Float[Tensor, "B C T"]`) are only documentation in the package; here jaxtyping and beartype hold
every call to them, an int where a float is asked for being as good as one. The hook has to be in place before the
modules are imported. It leaves out the engine, whose methods Lightning inspects, and the readers of formats, which
take what users bring.
"""

import torch
from jaxtyping import install_import_hook

CHECKED = (
    *(f"logotal.data.{name}" for name in ("batch", "crop", "dataset", "grid")),
    "logotal.inference",
    "logotal.model",
    *(f"logotal.training.{name}" for name in ("assign", "losses", "schedule")),
)

torch.set_num_threads(1)
install_import_hook(CHECKED, "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))")
