"""Inside Odoo: forks one process per job, for as long as somebody at the other end of a socket asks for it."""
import ctypes
import json
import os
import random
import signal
import socket
import time
import traceback

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

PR_SET_PDEATHSIG = 1


def run_job(dbname, job, arguments, pipe):
    """Do a job with a cursor of its own and write its outcome into the pipe."""
    outcome, began = {}, time.process_time()
    try:
        registry = Registry(dbname)
        registry._db = sql_db.db_connect(dbname)  # its connections bear the name of this process
        with registry.cursor() as cr:
            outcome["result"] = job(api.Environment(cr, SUPERUSER_ID, {}), **arguments)
    except Exception as error:
        outcome = {"error": type(error).__name__, "trace": traceback.format_exc()}
    outcome["cpu"], outcome["ended"] = time.process_time() - began, time.time()
    with os.fdopen(pipe, "w") as stream:
        json.dump(outcome, stream, default=str)


def serve(env, jobs):
    """Fork a process per request until the other end of the control socket is gone; ``jobs``: functions by name."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children leave no trace
    dbname, control = env.cr.dbname, socket.socket(fileno=int(os.environ["ACC_FAULTS_CONTROL"]))
    env.cr.close()
    sql_db.close_all()
    while True:
        message, fds, _flags, _address = socket.recv_fds(control, 65536, 1)
        if not message:
            break
        request = json.loads(message)
        job = jobs[request["job"]]
        if request.get("here"):  # in this process: what it loads is there for all that follow
            run_job(dbname, job, request["arguments"], fds[0])
            sql_db.close_all()
            control.send(b"0")
            continue
        child = os.fork()
        if not child:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody outlives the tests, not even stopped
            random.seed()
            try:
                run_job(dbname, job, request["arguments"], fds[0])
            finally:  # told to end (SIGTERM), it must not go on as a second server
                os._exit(0)
        os.close(fds[0])
        control.send(str(child).encode())
    os._exit(0)
