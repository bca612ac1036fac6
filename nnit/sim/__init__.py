"""Where policies are tried: suites of tasks, episodes, films and recordings."""
