"""What the neurons of a first layer look for, as pictures."""
