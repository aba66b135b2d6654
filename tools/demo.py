"""./dev demo: a fresh database with demo data, mails captured, one follow-up run, a summary, then a server."""
import contextlib
import shutil
import signal
import socket
import subprocess
import time

from . import check, database, provision, server, testing
from .paths import CHECKOUT, DevError, checkout_dir, say

SMTP_PORT = 10025
MAIL_SERVER = """
env['ir.mail_server'].search([]).unlink()
env['ir.mail_server'].create({{
    'name': 'Captured mails', 'smtp_host': '127.0.0.1', 'smtp_port': {smtp}, 'smtp_encryption': 'none', 'sequence': 1,
}})
parameters = env['ir.config_parameter']
parameters.set_param('web.base.url', 'http://127.0.0.1:{port}')
parameters.set_param('web.base.url.freeze', 'True')
env.cr.commit()
"""


def _free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _smtp_port():
    return next(port for port in range(SMTP_PORT, SMTP_PORT + 100) if _free(port))


@contextlib.contextmanager
def smtp_sink():
    """The mail catcher; yields (port, folder of the .eml files, which starts empty)."""
    folder, port = checkout_dir() / "mails", _smtp_port()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    log = server.log_path("smtp_sink").open("w", encoding="utf-8")
    command = [provision.environment().python, CHECKOUT / "tools/smtp_sink.py", str(port), folder]
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 20
        while _free(port):
            if process.poll() is not None or time.monotonic() > until:
                raise DevError(f"the SMTP sink does not start; see {log.name}")
            time.sleep(0.1)
        yield port, folder
    finally:
        process.terminate()
        process.wait()
        log.close()


def main(exit_after, port):
    """Build, run, summarise and serve."""
    if not exit_after and not _free(port):
        raise DevError(f"port {port} is taken: choose another with --port")
    db = database.copy(testing.installed_database(demo=True), database.full_name("demo"))
    with smtp_sink() as (smtp, folder):
        if server.run_code(db, MAIL_SERVER.format(smtp=smtp, port=port), log="demo_setup"):
            raise DevError(f"see {server.log_path('demo_setup')}")
        say("one follow-up run over the demo data")
        if server.run_script(db, CHECKOUT / "tools/demo_run.py", [folder], log="demo_run"):
            raise DevError(f"the run failed; Odoo's log: {server.log_path('demo_run')}")
        print(f"{len(list(folder.glob('*.eml')))} mails captured in {folder}", flush=True)
        if exit_after:
            return check.report(db)
        return _serve(db, port)


def _serve(db, port):
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with server.start_server(db, port, workers=2, log="demo_server") as process:
        print(f"http://127.0.0.1:{port}/odoo  login admin, password admin  (Ctrl-C ends it)", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()
    return 0
