from unit_tests.recorded import _behaviors, _hostile, _outcomes_of, _promises, _run_folder  # noqa: F401
