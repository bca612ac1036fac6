"""Labels and fitting: demonstrations of experts, DAgger, behaviour cloning."""
