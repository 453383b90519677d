"""One thread a worker."""

from __future__ import annotations


def one_thread() -> None:
    """Let this process compute on one thread, with denormal numbers flushed to zero.

    Workers and the driver both do this, so that sums are taken in the same order wherever a candidate is
    trained, and so that workers do not fight for cores.

    Example:
        >>> import torch
        >>> one_thread()
        >>> torch.get_num_threads()
        1
    """
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    threadpool_limits(1)
