from . import test_edge_cases, test_followup, test_outbox, test_run, test_security
