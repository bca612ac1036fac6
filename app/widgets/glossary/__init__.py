"""What the field's words mean, where they are read."""
