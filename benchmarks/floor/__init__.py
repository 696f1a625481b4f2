"""The floor under load, as JSON lines: ``python -m benchmarks floor [--only NAME,...]``.

``claims``
    Claims a second with all rules on, at 10^4, 10^5 and 10^6 waiting tasks and 1, 8 and 32 claimers, beside an update of a known
    row and two job queues of others (``requirements-benchmarks.txt``).
``moves``
    20,000 tasks moved while claims go on, and the undo.
``http``
    Answer-and-next through the web application.
``page``
    The answer to a supervisor's floor page.
``streams``
    Live streams of one process.
``day``
    A day of the operation through the real services.
``policies``
    SLA attained by each order of work.
"""

from benchmarks.floor.main import main

__all__ = ["main"]
