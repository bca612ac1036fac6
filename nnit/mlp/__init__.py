"""The thing that is generated: an MLP, its shape, its one forward pass, its patches, its files."""
