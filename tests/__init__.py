from . import (
    test_browser,
    test_edge_cases,
    test_followup,
    test_letter,
    test_lifecycle,
    test_outbox,
    test_portal_link,
    test_run,
    test_security,
)
