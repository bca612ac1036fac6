"""Meta-World v3: 50 manipulation tasks with a Sawyer arm."""
