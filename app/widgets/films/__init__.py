"""Films on all pages: still where the visitor wants no motion, in phase where two are compared."""
