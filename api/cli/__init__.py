"""The command line: someone at a terminal says what to do. `python -m api.cli` lists the verbs."""
