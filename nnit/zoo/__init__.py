"""The data set of the diffusion transformer: thousands of trained networks of many shapes."""
