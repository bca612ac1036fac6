"""What the generator is compared with."""
