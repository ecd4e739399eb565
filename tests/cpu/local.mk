# Tests of src/cpu: see tests/local.mk.
