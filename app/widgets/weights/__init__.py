"""Weight matrices as pictures."""
