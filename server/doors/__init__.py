"""Every way in, one folder each: bytes in, operations or queries out, nothing else."""
