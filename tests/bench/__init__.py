"""The figures of DESIGN 11, measured in one run on one machine: ours beside its peers and floors."""
