"""What the environment of a kernel fixes: one thread for each library, the order of sets, no thread of Arrow's allocator."""

from __future__ import annotations

PINNED: dict[str, str] = {
    "OMP_NUM_THREADS": "1",  # several kernels share the cores
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # importing pandas would start one, and a thread must not be forked
    "PYTHONHASHSEED": "0",  # read when Python starts: forked kernels keep that of their parent
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
SEED = "EVALKIT_SEED"
"""Environment variable of a kernel: the text that seeds `random` and numpy before the first cell."""
